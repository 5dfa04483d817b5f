"""Records of the registers as rows of texts, and what they are asked for: day, towns, audience.

This is the only place here that reads a store. A form that was never published has no rows; a question that this login
may not open has none of its answers.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from intake.columnar import identities, keys, texts, without
from intake.latest import latest
from intake.store import Store
from intake.store.derived import FOLDER
from intake.store.restriction import left_out
from intake.study import Study
from intake.tables import published_forms
from intake.texttables import read_choices
from intake.versions import RENAMES, merge, read_renames
from reports.disclosure import Policy
from reports.wording import number as worded
from validation.form import Form
from validation.layout import KEY, PARENT_KEY, Table, choice_labels
from validation.messages import say

Row = Mapping[str, str]
MONTHS = 12
"""Points of a monthly series, the day asked for being the last."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What figures are asked for.

    `date`: the day they hold for. `towns`: AGS -> name of those chosen, `names` of all that the study knows. `policy`:
    thresholds, all 0 where exact figures are due. `outward`: for the council or the public, so that nothing about
    single posts, sites and persons is in them.
    """

    date: dt.date
    towns: Mapping[str, str]
    policy: Policy
    outward: bool = False
    language: str = "de"
    names: Mapping[str, str] = field(default_factory=dict)

    def say(self, code: str, **fields: object) -> str:
        return say(f"registers.{code}", self.language, **fields)

    def name(self, ags: str) -> str:
        """What a town is called, its AGS where the study does not know it."""
        return self.towns.get(ags) or self.names.get(ags) or ags

    def number(self, value: Decimal, decimals: int = 0) -> str:
        """A number as it reads in a sentence."""
        return worded(value, self.language, decimals)

    def months(self) -> tuple[dt.date, ...]:
        """The last days of the eleven months before, and the day itself."""
        first = self.date.replace(day=1)
        ends = []
        for _ in range(MONTHS - 1):
            last = first - dt.timedelta(days=1)
            ends.append(last)
            first = last.replace(day=1)
        return (*reversed(ends), self.date)


class Registers:
    """Rows of every table by its name, what rows belong to one of them, and what choices are called."""

    def __init__(
        self,
        rows: Mapping[str, Sequence[Row]],
        tables: Mapping[str, tuple[Form, Table]] | None = None,
        closed: Iterable[str] = (),
        lists: Mapping[str, Sequence[Row]] | None = None,
    ) -> None:
        self._rows = rows
        self._tables = tables or {}
        self._below: dict[str, dict[str, list[Row]]] = {}
        self.closed = frozenset(closed)
        """Classes of answers that this login may not open."""
        self.lists = lists or {}
        """Choice lists with all their columns, by name."""

    def rows(self, table: str) -> Sequence[Row]:
        return self._rows.get(table, ())

    def below(self, table: str, key: str) -> Sequence[Row]:
        """The entries of a repeat that belong to one record."""
        if table not in self._below:
            found: dict[str, list[Row]] = {}
            for row in self.rows(table):
                found.setdefault(row[PARENT_KEY], []).append(row)
            self._below[table] = found
        return self._below[table].get(key, ())

    def labels(self, table: str, column: str, language: str) -> Mapping[str, str]:
        """{code: label} of a question, in the order of its list; empty where the form is not published."""
        if table not in self._tables:
            return {}
        form, shape = self._tables[table]
        known = shape.column(column)
        return choice_labels(form, known.nodeset, language) if known else {}


PEOPLE: Mapping[str, frozenset[str]] = {
    "erstgespraech": frozenset(
        ("fall-person", "fall-gemeinde", "aufenthalt-zuweisung", "teilhabe-patenschaft_gewuenscht")
    ),
    "austritt": frozenset(("fall-person", "fall-gemeinde", "austritt-datum")),
}
"""Of forms about people only these columns are read, and no repeats."""


def read_registers(study: Study, store: Store, forms: Iterable[str]) -> Registers:
    """The latest records of some forms as far as this login may open them; whose processing is restricted is not in
    them. StoreError as the store, DataError as `intake.versions`."""
    rows: dict[str, list[Row]] = {}
    tables: dict[str, tuple[Form, Table]] = {}
    published, gone = published_forms(store), left_out(store)
    closed = {"general", "staff", "special"} - set(store.classes)
    for name in forms:
        if name not in published:
            continue
        newest, *earlier = published[name]
        merged = merge(newest, earlier, read_renames(study.dir / RENAMES, name))
        sheets = merged.arranged(without(latest(store, published[name], study.dir / FOLDER), gone))
        for title, table in merged.tables.items():
            if name in PEOPLE and table.parent is not None:
                continue
            tables[title] = (newest, table)
            if table.parent is None:
                heads = {KEY: identities(sheets)}
            else:
                own, above = keys(sheets, table.nodeset)
                heads = {KEY: own.to_pylist(), PARENT_KEY: above.to_pylist()}
            wanted = [each for each in table.columns if name not in PEOPLE or each.name in PEOPLE[name]]
            columns = heads | {each.name: texts(sheets, table.nodeset, each.nodeset).to_pylist() for each in wanted}
            rows[title] = list(_rows(columns))
    return Registers(rows, tables, closed, read_choices(study.dir))


def _rows(columns: Mapping[str, Sequence[str | None]]) -> Iterator[Row]:
    for values in zip(*columns.values(), strict=True):
        yield {name: value for name, value in zip(columns, values, strict=True) if value}


def in_care(registers: Registers, towns: Collection[str], on: dt.date) -> dict[tuple[str, str], Row]:
    """Who is looked after in some towns on a day: (AGS, person) -> the last first interview there until the day. The
    day of the exit is none of them (R1); the n-th exit of a person from a town closes the n-th entry."""
    came: dict[tuple[str, str], list[tuple[dt.date, Row]]] = {}
    for row in registers.rows("erstgespraech"):
        begun, whose = day(row, "aufenthalt-zuweisung"), (text(row, "fall-gemeinde"), text(row, "fall-person"))
        if begun is not None and begun <= on and whose[0] in towns:
            came.setdefault(whose, []).append((begun, row))
    went = Counter(
        (text(row, "fall-gemeinde"), text(row, "fall-person"))
        for row in registers.rows("austritt")
        if (ended := day(row, "austritt-datum")) is not None and ended <= on
    )
    last = {whose: max(rows, key=lambda each: each[0])[1] for whose, rows in came.items()}
    return {whose: row for whose, row in last.items() if len(came[whose]) > went[whose]}


# --- answers as what they are


def text(row: Row, name: str) -> str:
    """An answer as it stands; '' where there is none."""
    return row.get(name, "")


def day(row: Row, name: str) -> dt.date | None:
    """A day; None where there is none, or what stands there is none."""
    try:
        return dt.date.fromisoformat(row.get(name, "")[:10])
    except ValueError:
        return None


def number(row: Row, name: str) -> Decimal | None:
    """A number; None where there is none, or what stands there is none."""
    try:
        found = Decimal(row.get(name, ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def whole(row: Row, name: str) -> int | None:
    """A whole number; None where there is none."""
    found = number(row, name)
    return None if found is None else int(found)


def many(row: Row, name: str) -> tuple[str, ...]:
    """The choices of a multiple choice."""
    return tuple(row.get(name, "").split())


def holds(start: dt.date | None, end: dt.date | None, on: dt.date) -> bool:
    """Whether a period covers a day: from its first to its last day, open where there is none."""
    return (start is None or start <= on) and (end is None or on <= end)


def stays(start: dt.date | None, end: dt.date | None, on: dt.date) -> bool:
    """The same where `end` is the first day that no longer counts (a move out)."""
    return start is not None and start <= on and (end is None or on < end)
