"""The quality report that a team leader reads: what was checked, what is wrong, who mends it, what is missing.

For internal use: it names cases, never an answer. `build` gathers the counts, runs the notebook over them and writes
one HTML page; the notebook calls the chapters of `QualityReport` and holds no logic.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intake.study import Study
from reports import charts
from reports.annual import notebook_path, write_together
from reports.blocks import Block, Chart, Heading, Listing, Note, Sentence, Table, Tile, Tiles
from reports.chapters import Chapter
from reports.disclosure.safe import SafeTable
from reports.factory.render import Frame
from reports.faults import LISTED, Faults, Progress, gather
from reports.wording import day
from validation.messages import say

NOTEBOOK = "data_quality.ipynb"
DRAWN = 12
"""Rows of a table that its chart shows."""


@dataclass(frozen=True, slots=True)
class QualityFrame(Frame):
    """What stands around the chapters of a quality report; `name` is the study's title, `state` when it was made."""

    state: str = ""

    @property
    def title(self) -> str:
        return say("quality.title", self.language)

    @property
    def subtitle(self) -> str:
        return self.name

    def words(self) -> dict[str, str]:
        return {**Frame.words(self), "key": say("quality.internal", self.language), "state": self.state, "anchor": ""}


def build(study: Study, *, now: dt.datetime, out: Path, language: str = "de", progress: Progress | None = None) -> Path:
    """Make the report and give the path of its page: `datenqualitaet.html`, with DEMO before it for the demo and `-en`
    behind it in English. StoreError, StudyError and ReportError as what it calls."""
    from reports.factory import engine, render

    faults = gather(study, now=now, language=language, progress=progress)
    with tempfile.TemporaryDirectory(prefix="lotsenbuch-") as directory:
        work = Path(directory)
        (work / "faults.json").write_text(faults.to_json(), encoding="utf-8")
        given = {"language": language, "faults": "faults.json"}
        executed = engine.execute(notebook_path(NOTEBOOK), given, work=work)
    page = render.to_html(executed, frame_of(faults, now), render.draw_charts(executed, language))
    name = "".join(("DEMO-" if faults.demo else "", "datenqualitaet", "" if language == "de" else f"-{language}"))
    path = out / f"{name}.html"
    write_together({path: page.encode()})
    return path


def frame_of(faults: Faults, now: dt.datetime) -> QualityFrame:
    """The frame of a page made at a moment."""
    made = day(dt.date.fromisoformat(faults.day), faults.language)
    last = say("quality.never", faults.language)
    if faults.as_of:
        last = f"{dt.datetime.fromisoformat(faults.as_of):%d.%m.%Y, %H:%M}"
    said = say("quality.state", faults.language, day=made, last=last)
    return QualityFrame(faults.title, "", now.year, faults.language, faults.demo, now, faults.plain, state=said)


def open_quality(faults: str | Path, *, language: str) -> QualityReport:
    """The report over a file of faults. ReportError when it is damaged."""
    return QualityReport(Faults.read(Path(faults)), language)


@dataclass(frozen=True)
class QualityReport:
    """One chapter a method, in the order of the page. A chapter with nothing to say says so in a sentence."""

    faults: Faults
    language: str = "de"

    def at_a_glance(self) -> Chapter:
        """Records, records with faults, hits, open queries: four tiles and what they mean."""
        records, owners, ages = (self._table(key) for key in ("records", "owners", "ages"))
        tiles = [
            Tile(self._say("tile_records"), records.number(column="records")),
            Tile(self._say("tile_failed"), records.number(column="failed")),
            Tile(self._say("tile_errors"), owners.number(column="error"), unit="")
            if owners.total
            else Tile(self._say("tile_errors"), records.number(column="failures")),
            Tile(self._say("tile_open"), ages.number(column="open")),
        ]
        code = "quality.lead_bad" if owners.total else "quality.lead_good"
        return Chapter((Tiles(tuple(tiles), self.language), Sentence(((code, {}),), self.language, lead=True)))

    def records(self) -> Chapter:
        """What was checked, by form and version."""
        heading = Heading(self._say("heading_records"), key="geprueft")
        blocks: list[Block] = [heading, Table(self._table("records"), self.language, self._say("note_records"))]
        if self.faults.not_judged:
            blocks.append(Note(say("quality.not_judged", self.language, rules=", ".join(self.faults.not_judged))))
        return Chapter(tuple(blocks))

    def hits(self) -> Chapter:
        """What is wrong: by what it is, by question, by who mends it."""
        heading, table = Heading(self._say("heading_hits"), key="beanstandungen"), self._table("hits")
        if not table.rows:
            return Chapter((heading, Sentence((("quality.no_hits", {}),), self.language)))
        return Chapter(
            (
                heading,
                Table(self._table("owners"), self.language),
                self._chart("questions", "questions"),
                Table(table, self.language, self._say("note_hits")),
            )
        )

    def queries(self) -> Chapter:
        """Open queries by age, those that wait longest, waivers, and what was closed how."""
        heading, ages = Heading(self._say("heading_queries"), key="rueckfragen"), self._table("ages")
        blocks: list[Block] = [heading]
        if ages.number(column="open").value:
            note = say("quality.listed", self.language, count=LISTED)
            blocks += [self._chart("ages", "ages"), Table(self._table("waiting"), self.language, note)]
        else:
            blocks.append(Sentence((("quality.no_queries", {}),), self.language))
        if self._table("closed").rows:
            blocks.append(Table(self._table("closed"), self.language, self._say("note_closed")))
        if self._table("waivers").rows:
            blocks.append(Table(self._table("waivers"), self.language))
        return Chapter(tuple(blocks))

    def completeness(self) -> Chapter:
        """What is missing, by form and question, with the reason that was given."""
        blocks: list[Block] = [Heading(self._say("heading_missing"), key="vollstaendigkeit")]
        tables = [table for key, table in self.faults.tables.items() if key.startswith("missing-")]
        if not tables:
            blocks.append(Sentence((("quality.nothing_missing", {}),), self.language))
        for table in tables:
            blocks += [self._drawn(table), Table(table, self.language)]
        if tables:
            blocks.append(Note(self._say("note_missing")))
        return Chapter(tuple(blocks))

    def method(self) -> Chapter:
        """How it was counted, and what to do next."""
        terms = tuple((self._say(f"method_{name}"), self._say(f"method_{name}_text"))
                      for name in ("form", "rules", "queries", "missing", "mend"))  # fmt: skip
        return Chapter((Heading(self._say("heading_method"), key="methode"), Listing(terms)))

    # --- what the chapters share

    def _say(self, code: str) -> str:
        return say(f"quality.{code}", self.language)

    def _table(self, key: str) -> SafeTable:
        return self.faults.tables[key]

    @property
    def _mark(self) -> str:
        return say("report_frame.demo", self.language) if self.faults.demo else ""

    def _chart(self, key: str, alt: str) -> Chart:
        table = self._table(key)
        spec = charts.bars(table, self.language, mark=self._mark)
        return Chart(table, spec, table.title, _alt(table, say(f"quality.alt_{alt}", self.language)))

    def _drawn(self, table: SafeTable) -> Chart:
        """The questions with the greatest share of missing answers, by reason."""
        fewer: dict[str, Any] = table.to_json()
        fewer |= {"key": f"{table.key}-bild", "rows": fewer["rows"][:DRAWN]}
        top = SafeTable.from_json(fewer)
        names = [column.key for column in table.columns[2:]]
        spec = charts.shares(top, names, "asked", self.language, mark=self._mark)
        alt = _alt(top, self._say("alt_missing"), "share")
        return Chart(top, spec, say("quality.caption_missing", self.language, title=table.title), alt)


def _alt(table: SafeTable, said: str, column: str = "") -> str:
    """What a chart shows, row by row."""
    at = next((n for n, each in enumerate(table.columns) if each.key == column), 0)
    rows: Mapping[str, object] = {row.label: row.cells[at].value for row in table.rows}
    return f"{said} {'; '.join(f'{label}: {value}' for label, value in rows.items())}."
