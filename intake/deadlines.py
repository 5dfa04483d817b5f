"""What is due: rows of `deadlines.csv`, in the language of the forms, judged over a store's records and entities.

    tables = TextTables(store, form_of, zone=study.tz)
    due(read_deadlines(study.dir / FILE), tables, now=now)      # tuple[Due, ...]

A row stands on a table (`intake.texttables`: a form, a repeat, a dataset of entities) and is judged for each row of it:
`day` gives a date ('' for none), `after` moves it (`P90D`, `P6M`, `P3Y`; ends of months stay ends of months), and where
`open` is true the row is due on that day. It shows from `lead_days` before. `owner` gives who has to do it: a name from
the records, or '' for nobody known. Expressions are those of `rules.csv`: `${column}` of the row and
`instance('table')/root/item[...]` for any other table.

Kinds: `due` (to be done by the day), `appointment` (on the day; one on a public holiday says so), `since` (a matter
that is open since the day; it has no end and goes into no calendar).

A row whose table, or a table it looks into, the study does not have is skipped (`lacking` says which); a column that is
not there is refused. Messages are the same for all rows: nothing from a record stands in them.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

from intake.edited import edited_rows
from intake.holidays import holiday
from intake.rowwise import Answers, Question, Refuse, Tables, read_question
from intake.texttables import About
from validation.errors import StudyError, XPathError
from validation.xpath.evaluator import to_boolean, to_string

FILE = "deadlines.csv"
COLUMNS = ("name", "table", "kind", "day", "after", "open", "lead_days", "owner", "message_de", "message_en")
KINDS = ("due", "appointment", "since")

State = Literal["overdue", "coming", "since"]
_STATES: tuple[State, ...] = ("overdue", "coming", "since")
_NEEDED = ("name", "table", "kind", "day", "open", "lead_days", "message_de", "message_en")
_ASKED = ("day", "open", "owner")
_PERIOD = re.compile(r"P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?")


class Sheets(Tables, Protocol):
    """The tables deadlines are judged over (`intake.texttables.TextTables`)."""

    def has(self, table: str) -> bool:
        """Whether there is such a table."""
        ...

    def columns(self, table: str, /) -> frozenset[str]:
        """Its columns."""
        ...

    def about(self, table: str) -> Sequence[About]:
        """Whose its rows are."""
        ...

    def numbers(self) -> Mapping[str, str]:
        """{pseudonym: case number}."""
        ...

    def restricted(self) -> Collection[str]:
        """The pseudonyms of those whose processing is restricted."""
        ...

    def sensitivity(self, table: str, column: str, /) -> str:
        """The class of a column."""
        ...


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar months and days to go on from a day."""

    months: int = 0
    days: int = 0

    def after(self, day: dt.date) -> dt.date:
        """The day that follows; of a month that is too short, the last one. OverflowError or ValueError past 9999."""
        month = day.month - 1 + self.months
        year, month = day.year + month // 12, month % 12 + 1
        last = calendar.monthrange(year, month)[1]
        return day.replace(year=year, month=month, day=min(day.day, last)) + dt.timedelta(self.days)


@dataclass(frozen=True, slots=True)
class Deadline:
    """One row. `asked` holds the expressions of 'day', 'open' and 'owner'; `lead` counts days. `file` and `row` say
    where it is written."""

    name: str
    table: str
    kind: str
    asked: Mapping[str, Question]
    after: Period
    lead: int
    messages: Mapping[str, str]
    file: str = FILE
    row: int = 0

    def message(self, language: str = "de") -> str:
        """What is to be done; German where the language has none."""
        return self.messages.get(language) or self.messages["de"]

    def wrong(self, code: str, column: str, **fields: object) -> StudyError:
        """The refusal that names file, row and column."""
        return StudyError(f"rules.{code}", file=self.file, row=self.row, rule=self.name, column=column, **fields)


@dataclass(frozen=True, slots=True)
class Due:
    """Something to do. `key` is that of the record or entry it comes from, `number` the case's number ('' where it has
    none), `person` the pseudonym ('' for what is about nobody), `owner` who has to do it ('' where nobody is said).

    `special`: what it is about hangs on an answer that is not of the class general or staff, so it must not be named
    outside. `holiday` is the code of the public holiday an appointment is on (`intake.holidays`), else ''.
    `restricted`: processing is restricted (Art. 18 GDPR), it may be seen and goes nowhere.
    """

    name: str
    kind: str
    key: str
    number: str
    person: str
    municipality: str
    day: dt.date
    state: State
    owner: str
    messages: Mapping[str, str]
    special: bool = False
    holiday: str = ""
    restricted: bool = False

    def message(self, language: str = "de") -> str:
        """What is to be done."""
        return self.messages.get(language) or self.messages["de"]


def read_deadlines(path: Path | str) -> tuple[Deadline, ...]:
    """The rows of a table, in its order; none where there is no such file. StudyError naming file, row and column for
    whatever is wrong with it."""
    found: dict[str, Deadline] = {}
    for number, row in edited_rows(path, COLUMNS):
        made = _deadline(row, Path(path).name, number)
        if made.name in found:
            raise made.wrong("twice", "name")
        found[made.name] = made
    return tuple(found.values())


def due(
    deadlines: Iterable[Deadline],
    tables: Sheets,
    *,
    now: dt.datetime,
    until: dt.date | None = None,
    municipality: str | None = None,
) -> tuple[Due, ...]:
    """What is due: overdue first, then what comes, then what is open since a day, each by day and case.

    `now` is aware, in the study's zone; today is its day. `until`: everything up to that day instead of what its lead
    time shows. StudyError naming the row where a column is not there or an expression cannot be evaluated.
    """
    judged = [each for each in deadlines if not lacking(each, tables)]
    found = [
        each
        for deadline in judged
        for each in _due(deadline, tables, now, until)
        if municipality in (None, each.municipality)
    ]
    return tuple(sorted(found, key=lambda each: (_STATES.index(each.state), each.day, each.number, each.name)))


def lacking(deadline: Deadline, tables: Sheets) -> str:
    """The table that a row needs and the study does not have; '' where none is lacking."""
    looked = (name for question in deadline.asked.values() for name in question.looks)
    return next((name for name in (deadline.table, *looked) if not tables.has(name)), "")


# --- reading


def _deadline(row: Mapping[str, str], file: str, number: int) -> Deadline:
    messages = {"de": row["message_de"], "en": row["message_en"]}
    made = Deadline(row["name"], row["table"], row["kind"], {}, Period(), 0, messages, file, number)
    for column in _NEEDED:
        if not row[column]:
            raise made.wrong("empty", column)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", made.name):
        raise made.wrong("name", "name")
    if made.kind not in KINDS:
        raise made.wrong("unknown_word", "kind", word=made.kind, known=", ".join(KINDS))
    if not re.fullmatch(r"\d{1,4}", row["lead_days"]):
        raise made.wrong("lead", "lead_days")
    refusals: dict[str, Refuse] = {column: partial(made.wrong, column=column) for column in _ASKED}
    asked = {column: read_question(row[column] or "''", refusals[column]) for column in _ASKED}
    return Deadline(
        made.name, made.table, made.kind, asked, _period(made, row["after"]), int(row["lead_days"]), messages, file,
        number,
    )  # fmt: skip


def _period(made: Deadline, text: str) -> Period:
    found = _PERIOD.fullmatch(text or "P0D")
    if found is None:
        raise made.wrong("period", "after")
    years, months, weeks, days = (int(part or 0) for part in found.groups())
    return Period(12 * years + months, 7 * weeks + days)


# --- judging


def _due(deadline: Deadline, tables: Sheets, now: dt.datetime, until: dt.date | None) -> Iterator[Due]:
    numbers, restricted = tables.numbers(), tables.restricted()
    for table, column in _read_by(deadline):
        if column not in tables.columns(table):
            raise deadline.wrong("unknown_column", "day", name=column, table=table)
    today = now.date()
    special = any(tables.sensitivity(*each) not in ("general", "staff") for each in _read_by(deadline))
    days, is_open, owners = (
        Answers(deadline.asked["day"], deadline.table, tables, now, to_string),
        Answers(deadline.asked["open"], deadline.table, tables, now, to_boolean),
        Answers(deadline.asked["owner"], deadline.table, tables, now, to_string),
    )
    for row, about in enumerate(tables.about(deadline.table)):
        try:
            day = _moved(days.of(row), deadline.after)
            latest = until or today + dt.timedelta(deadline.lead)
            if day is None or day > (min(latest, today) if deadline.kind == "since" else latest):
                continue
            if not is_open.of(row):
                continue
            owner = owners.of(row)
        except XPathError as error:
            raise deadline.wrong("failed", "day", position=error.position) from error
        state: State = "since" if deadline.kind == "since" else "overdue" if day < today else "coming"
        yield Due(
            deadline.name, deadline.kind, about.key, about.number or numbers.get(about.person, ""), about.person,
            about.municipality, day, state, owner, deadline.messages, special,
            holiday(day) if deadline.kind == "appointment" else "", about.person in restricted,
        )  # fmt: skip


def _read_by(deadline: Deadline) -> list[tuple[str, str]]:
    """Every (table, column) that a row of deadlines reads, but for who has to do it."""
    asked = [deadline.asked[name] for name in ("day", "open")]
    own = {(deadline.table, name) for question in asked for name in question.reads}
    looks = {(table, name) for question in asked for table, names in question.looks.items() for name in names}
    return sorted(own | looks)


def _moved(text: str, period: Period) -> dt.date | None:
    """The day of a text moved by a period; None where it is none."""
    try:
        return period.after(dt.date.fromisoformat(text[:10]))
    except (ValueError, OverflowError):
        return None
