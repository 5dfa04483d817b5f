"""System barriers of a year without the persons: what the plan coordinator gets.

Two things on one page. How often a barrier was named in which field is a table that passed `protect` for the audience.
The sentences themselves are free text, in which somebody may be named: only who works in the office gets them, in an
order that tells nothing of whose they are, with the warning to read each before it leaves. Whose processing is
restricted is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from intake.document import Block, Document, Heading, Paragraph, Table, write
from intake.store.restriction import left_out
from intake.submission import Record, Submission
from reports.disclosure import SafeTable, protect, read_policy
from reports.disclosure.policy import AUDIENCES
from reports.plan.making import marks
from reports.plan.state import plain_answers
from validation.errors import ReportError, UsageError
from validation.layout import choice_labels
from validation.messages import say
from validation.xform import read_form

if TYPE_CHECKING:
    from intake.store import Store
    from intake.study import Study

BARRIER, FIELD = "systembarriere", "handlungsfeld"
INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Barrier:
    """A sentence about a barrier, the code of the field of the goal it stands at, and whose it is."""

    field: str
    text: str
    person: str


def make_barriers(
    study: Study,
    municipality: str,
    year: int,
    *,
    audience: str = INTERNAL,
    language: str = "de",
    out: Path | None = None,
) -> Path:
    """The page on disk, for its owner only. UsageError for an audience there is not, ReportError 'plan.no_town'."""
    if audience not in (INTERNAL, *AUDIENCES):
        raise UsageError("plan.unknown_audience", audience=audience, known=", ".join((INTERNAL, *AUDIENCES)))
    if municipality not in study.municipalities:
        raise ReportError("plan.no_town", municipality=municipality, known=", ".join(study.municipalities))
    policy = read_policy(study.dir / "disclosure.toml", "public" if audience == INTERNAL else audience)
    with study.store() as store:
        found = tuple(barriers(store, study, municipality, year))
        labels = _labels(store, language)
        store.note("export", municipality=municipality, about=f"barriers {year}")
    counts = {field: sum(each.field == field for each in found) for field in labels}
    persons = {field: len({each.person for each in found if each.field == field}) for field in labels}
    title = say("plan.barriers_counts", language)
    table = protect(
        counts, policy, key="barriers", title=title, labels=labels, persons=persons, fixed=True, language=language,
        column=say("plan.barriers_named", language),
    )  # fmt: skip
    town = study.municipalities[municipality]
    page = Document(
        say("plan.barriers_title", language, year=year, town=town),
        tuple(_blocks(found if audience == INTERNAL else (), table, labels, audience, language)),
        language,
        marks(study),
    )
    mark = "DEMO-" if study.demo else ""
    path = (out or Path()) / f"{mark}{say('plan.barriers_file', language)}-{municipality}-{year}-{audience}.html"
    if not path.parent.is_dir():
        raise UsageError("paper.no_directory", path=path.parent)
    write(path, page.html())
    return path


def barriers(store: Store, study: Study, municipality: str, year: int) -> Iterator[Barrier]:
    """Every barrier named in a year in a town, each sentence of a person once, in the order of the sentences."""
    held = left_out(store)
    found = {
        Barrier(field, text, submission.subject)
        for submission in store.submissions(municipality=municipality)
        if submission.id not in held and submission.ended.astimezone(study.tz).year == year
        for field, text in _named(submission)
    }
    yield from sorted(found, key=lambda each: (each.text.casefold(), each.person))


def _named(submission: Submission) -> Iterator[tuple[str, str]]:
    for entries in submission.record.values():
        yield from _of_entries(entries if isinstance(entries, list) else [])


def _of_entries(entries: list[Record]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        said = dict(plain_answers(entry))
        if text := " ".join(said.get(BARRIER, "").split()):
            yield said.get(FIELD, ""), text


def _labels(store: Store, language: str) -> Mapping[str, str]:
    """The fields of action with their labels, as the last published form that asks for barriers has them."""
    for frozen in reversed(store.forms()):
        form = read_form(frozen.xform)
        asked = {control.nodeset.rpartition("/")[2]: control.nodeset for control in form.controls()}
        if BARRIER in asked and FIELD in asked:
            return choice_labels(form, asked[FIELD], language)
    return {}


def _blocks(
    found: tuple[Barrier, ...], table: SafeTable, labels: Mapping[str, str], audience: str, language: str
) -> Iterator[Block]:
    if audience == INTERNAL:
        yield Paragraph(say("plan.barriers_warning", language), note=True)
    yield _table(table)
    for note in table.coarsened:
        yield Paragraph(note)
    for field in (*labels, *sorted({each.field for each in found} - set(labels))):
        texts = [each.text for each in found if each.field == field]
        if texts:
            yield Heading(labels.get(field, field or "–"))
            yield Paragraph("\n".join(f"• {text}" for text in texts))
    if audience == INTERNAL and not found:
        yield Paragraph(say("plan.barriers_none", language))


def _table(table: SafeTable) -> Table:
    rows = [*table.rows, *([table.total] if table.total else [])]
    cells = tuple(
        (f"{row.label} ({', '.join(row.member_labels)})" if row.members else row.label,
         table.sign if row.cells[0].value is None else str(row.cells[0].value))
        for row in rows
    )  # fmt: skip
    return Table(("", table.columns[0].label), cells, table.title)
