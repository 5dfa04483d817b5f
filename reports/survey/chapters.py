"""The chapters of a survey's report, in the order of the page; called by `notebooks/survey.ipynb`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reports import charts
from reports.blocks import Block, Chart, Heading, Listing, Note, Sentence, Table, Tile, Tiles
from reports.chapters import Chapter
from reports.disclosure.safe import SafeTable, share
from reports.survey.counting import Survey
from validation.messages import say


def open_survey(figures: str | Path, *, language: str) -> SurveyReport:
    """The report over a file of figures. ReportError when it is damaged."""
    return SurveyReport(Survey.read(Path(figures)), language)


@dataclass(frozen=True)
class SurveyReport:
    """One chapter a method."""

    survey: Survey
    language: str = "de"

    def response(self) -> Chapter:
        """Who was invited and who answered, all together and by group."""
        table = self._table("response")
        invited, taken = table.number("invited"), table.number("taken_part")
        tiles = [Tile(self._say("row_invited"), invited), Tile(self._say("row_taken_part"), taken)]
        tiles.append(Tile(self._say("heading_response"), share(taken, invited), decimals=1, unit="%"))
        groups = [Table(each, self.language) for key, each in self.survey.tables.items() if key.startswith("response-")]
        shown = [each for each in tiles if not each.value.hidden]
        return Chapter(
            (
                Tiles(tuple(shown), self.language),
                Heading(self._say("heading_response"), key="ruecklauf"),
                Table(table, self.language, self._say("note_response")),
                *groups,
            )
        )

    def weighting(self) -> Chapter:
        """What the weights make up for, and what they cannot."""
        heading = Heading(self._say("heading_weights"), key="gewichtung")
        if not self.survey.weighting:
            return Chapter((heading, Sentence((("survey.not_weighted", {}),), self.language)))
        return Chapter((heading, *(Note(each) for each in self.survey.weighting)))

    def results(self) -> Chapter:
        """Every question with answers to choose from, by the sections of the form."""
        blocks: list[Block] = []
        for number, (title, names) in enumerate(self.survey.sections, start=1):
            blocks.append(Heading(title, key=f"abschnitt-{number}"))
            for name in names:
                table = self._table(name)
                blocks += self._drawn(table)
                blocks.append(Table(table, self.language))
        return Chapter(tuple(blocks))

    def texts(self) -> Chapter:
        """What people wrote: for internal use only; else which questions are left out."""
        heading = Heading(self._say("heading_texts"), key="texte")
        if not self.survey.texts:
            said = self.survey.notes or [self._say("no_texts")]
            return Chapter((heading, *(Note(each) for each in said)))
        blocks: list[Block] = [heading, Note(self._say("texts_internal"))]
        for label, texts in self.survey.texts.items():
            blocks += [Heading(label, 3), *_lines(texts)]
        return Chapter(tuple(blocks))

    def method(self) -> Chapter:
        """How it was asked and counted."""
        terms = tuple(
            (self._say(f"method_{name}"), self._say(f"method_{name}_text"))
            for name in ("asked", "share", "small", "weights")
        )
        return Chapter((Heading(self._say("heading_method"), key="methode"), Listing(terms)))

    # --- what the chapters share

    def _say(self, code: str) -> str:
        return say(f"survey.{code}", self.language)

    def _table(self, key: str) -> SafeTable:
        return self.survey.tables[key]

    def _drawn(self, table: SafeTable) -> list[Block]:
        """Bars of the rows that are printed; none where fewer than two are, or where several answers were possible."""
        shown = [row for row in table.rows if row.cells[0].value is not None]
        if table.total is None or table.total.cells[0].value is None or len(shown) < 2:
            return []
        mark = say("report_frame.demo", self.language) if self.survey.demo else ""
        said = "; ".join(f"{row.label}: {row.cells[0].value}" for row in shown)
        alt = f"{say('survey.alt', self.language)} {said}."
        return [Chart(table, charts.bars(table, self.language, mark=mark), table.title, alt)]


def _lines(texts: Sequence[str]) -> list[Block]:
    """Texts in alphabetical order, so that their order tells nothing."""
    return [Note(f"– {each}") for each in texts]
