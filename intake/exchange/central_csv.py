"""Tables as ODK Central and ODK Briefcase write them: one CSV file a table, KEY and PARENT_KEY, paths joined by '-'.

    documents(take)                       {"erstgespraech.csv": "…", "erstgespraech-ziel.csv": "…"}
    documents(take, BRIEFCASE)            the same as ODK Briefcase writes it

What both do: a column a question in the order of the form, a place in four columns (Latitude, Longitude, Altitude,
Accuracy), a select_multiple on demand also as one column a choice (`<name>/<value>`: 1, 0, or empty where nothing was
answered), the names of files as answers. What no version of the form has is left out.

Central's: lexical texts as they are, `SubmissionDate` in UTC, after KEY the columns about the submission. Who sent it
and from which device isn't given. What is ours stands last: `_municipality` and `_subject` of our envelope, then what
stands beside answers (`beside.py`), so that who reads by place or by Central's names finds everything. Briefcase's:
dates as an American Java writes them, `SET-OF-<repeat>`, its own rules of when an empty cell is quoted; nothing of
ours.

Cells of texts are guarded against formulas (`guard.py`) unless the caller turns it off.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd

from intake.exchange.beside import is_beside
from intake.exchange.extract import Extract
from intake.exchange.guard import NUMBER, guarded
from validation.datatypes import read
from validation.form import Form
from validation.layout import KEY, PARENT_KEY, Column, Table, children_of, choice_texts, root_of, takes_many, unprefixed
from validation.tree import Node

CENTRAL, BRIEFCASE = "central", "briefcase"

PLACE = ("Latitude", "Longitude", "Altitude", "Accuracy")
ABOUT = ("SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "Status", "ReviewState",
         "DeviceID", "Edits", "FormVersion")  # fmt: skip
"""Central's columns about a submission, after KEY."""

OURS = ("_municipality", "_subject")
_DATED = ("date", "time", "dateTime")
_NUMERIC = ("int", "decimal")


@dataclass(frozen=True, slots=True)
class Cells:
    """A column of a file: its name and its texts. `empty` is how an empty one is written."""

    name: str
    texts: Sequence[str]
    empty: str = ""


def documents(
    take: Extract, dialect: str = CENTRAL, *, split: bool = False, guard: bool = True, zone: str = "UTC"
) -> dict[str, str]:
    """{file name: content}, the root table's first. `split` adds the columns of choices; `zone` is the one in which
    Briefcase's times are told."""
    frames = take.texts()
    made = {}
    for name, table in take.layout.items():
        columns = _Columns(take, frames, dialect, split=split, guard=guard, zone=ZoneInfo(zone)).of(table)
        made[f"{safe(name)}.csv"] = written(columns)
    return made


def written(columns: Sequence[Cells]) -> str:
    """A CSV file: a header and a line a row, ended by line feeds."""
    lines = [",".join(_quoted(column.name) for column in columns)]
    cells = [[_quoted(text) or column.empty for text in column.texts] for column in columns]
    lines += [",".join(row) for row in zip(*cells, strict=True)]
    return "\n".join(lines) + "\n"


def safe(name: str) -> str:
    """A name that is one on every system."""
    return re.sub(r"[^\w.-]+", "_", name).strip(".") or "_"


def _quoted(text: str) -> str:
    if any(sign in text for sign in ',"\n\r'):
        return '"{}"'.format(text.replace('"', '""'))
    return text


class _Columns:
    """The columns of the files of one extract."""

    def __init__(
        self, take: Extract, frames: dict[str, pd.DataFrame], dialect: str, *, split: bool, guard: bool, zone: ZoneInfo
    ) -> None:
        self._take = take
        self._frames = frames
        self._briefcase = dialect == BRIEFCASE
        self._split = split
        self._guard: Callable[[str], str] = guarded if guard else str
        self._zone = zone

    def of(self, table: Table) -> list[Cells]:
        frame = self._frames[table.name]
        parts = {column.nodeset: column for column in table.columns if not is_beside(column.nodeset)}
        found = [*self._first(table, frame)]
        for kind, nodeset in _order(self._take.form, table):
            if kind == "instance":
                found.append(Cells("-".join(_steps(nodeset, table.nodeset)), _texts(frame, KEY)))
            elif kind == "repeat":
                found += self._set_of(table, frame, nodeset)
            elif nodeset in parts:
                found += self._question(frame, parts.pop(nodeset))
        for column in parts.values():  # of earlier versions only
            found += self._question(frame, column)
        return [*found, *self._last(table, frame)]

    def _first(self, table: Table, frame: pd.DataFrame) -> Iterator[Cells]:
        if table.parent is None:
            received = _texts(frame, "_received")
            if self._briefcase:
                received = [_java(text, "dateTime", self._zone) for text in received]
            yield Cells("SubmissionDate", received, '""' if self._briefcase else "")

    def _last(self, table: Table, frame: pd.DataFrame) -> Iterator[Cells]:
        if table.parent is not None:
            yield Cells(PARENT_KEY, _texts(frame, PARENT_KEY))
        yield Cells(KEY, _texts(frame, KEY))
        if table.parent is not None and self._briefcase:
            texts = [re.sub(r"\[\d+\]$", "", key) for key in _texts(frame, KEY)]
            yield Cells(f"SET-OF-{_steps(table.nodeset, '')[-1]}", texts)
        if table.parent is None and not self._briefcase:
            for name in ABOUT:
                yield Cells(name, _texts(frame, "_version") if name == "FormVersion" else [""] * len(frame))
            for name in OURS:
                yield Cells(name, [self._guard(text) for text in _texts(frame, name)])
        if not self._briefcase:
            for column in table.columns:
                if is_beside(column.nodeset):
                    yield Cells(column.name, [self._guard(text) for text in _texts(frame, column.name)])

    def _set_of(self, table: Table, frame: pd.DataFrame, nodeset: str) -> Iterator[Cells]:
        """Briefcase's column that says where the entries of a repeat are, for rows that have some."""
        inner = next((each for each in self._take.layout.values() if each.nodeset == nodeset), None)
        if inner is None or not self._briefcase:
            return
        filled = set(_texts(self._frames[inner.name], PARENT_KEY))
        steps = _steps(nodeset, table.nodeset)
        texts = [f"{key}/{'/'.join(steps)}" if key in filled else "" for key in _texts(frame, KEY)]
        yield Cells(f"SET-OF-{'-'.join(steps)}", texts)

    def _question(self, frame: pd.DataFrame, column: Column) -> Iterator[Cells]:
        texts = _texts(frame, column.name)
        if column.type == "geopoint":
            parts = [text.split(" ", 3) for text in texts]
            for at, name in enumerate(PLACE):
                cut = [part[at] if at < len(part) else "" for part in parts]
                yield Cells(f"{column.name}-{name}", [self._cell(text, "decimal") for text in cut])
            return
        dated = self._briefcase and column.type in _DATED
        if dated:
            texts = [_java(text, column.type, self._zone) for text in texts]
        empty = '""' if self._briefcase and not dated and not column.name.startswith("meta") else ""
        yield Cells(column.name, [self._cell(text, column.type) for text in texts], empty)
        form, nodeset = self._take.home(column.nodeset)
        if self._split and takes_many(form, nodeset):
            yield from chosen(column.name, texts, choice_texts(form, nodeset))

    def _cell(self, text: str, kind: str) -> str:
        return text if kind in _NUMERIC and NUMBER.fullmatch(text) else self._guard(text)


def chosen(name: str, texts: Iterable[str], known: Iterable[str]) -> Iterator[Cells]:
    """A column of 1 and 0 for each choice of a list, then for each other value that was given; empty where there is no
    answer."""
    given = [text.split() for text in texts]
    values = dict.fromkeys((*known, *sorted({value for each in given for value in each})))
    for value in values:
        yield Cells(f"{name}/{value}", [str(int(value in each)) if each else "" for each in given])


def _texts(frame: pd.DataFrame, name: str) -> list[str]:
    """A column as texts, '' for nothing and for a column that a profile leaves out."""
    return frame[name].fillna("").tolist() if name in frame else [""] * len(frame)


def _steps(nodeset: str, above: str) -> list[str]:
    """The names from below `above` to a nodeset, without prefixes."""
    return unprefixed(nodeset.removeprefix(f"{above}/").strip("/")).split("/")


def _order(form: Form, table: Table) -> list[tuple[str, str]]:
    """What stands in a table in the form's order: ('question', nodeset), ('repeat', nodeset), ('instance', nodeset)."""
    root = root_of(form)
    start = form.repeat_templates.get(table.nodeset) or (root if table.nodeset == f"/{root.qualified}" else None)
    found: list[tuple[str, str]] = []

    def walk(node: Node, nodeset: str) -> None:
        for inner, child in children_of(form, node, nodeset):
            steps = _steps(inner, "")
            if inner in form.repeats:
                found.append(("repeat", inner))
            elif any(True for _ in child.elements()):
                walk(child, inner)
            elif steps[1:] == ["meta", "instanceID"]:
                found.append(("instance", inner))
            else:
                found.append(("question", inner))

    if start is not None:
        walk(start, table.nodeset)
    return found


# --- as Java writes dates


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _java(text: str, kind: str, zone: ZoneInfo) -> str:
    """A date, time or date-time as Java's medium style writes it in American English; '' for none, and what is no such
    thing as it is."""
    if not text:
        return ""
    try:
        value = read(text, kind)
    except ValueError:
        return text
    if isinstance(value, dt.datetime):
        there = value.astimezone(zone) if value.tzinfo else value
        return f"{_day(there)} {_clock(there)}"
    if isinstance(value, dt.time):
        moved = dt.datetime.combine(dt.date(1970, 1, 1), value)
        return _clock(moved.astimezone(zone) if moved.tzinfo else moved)
    return _day(value) if isinstance(value, dt.date) else text


def _day(value: dt.date) -> str:
    return f"{_MONTHS[value.month - 1]} {value.day}, {value.year}"


def _clock(value: dt.datetime) -> str:
    return f"{value.hour % 12 or 12}:{value.minute:02}:{value.second:02} {'AM' if value.hour < 12 else 'PM'}"
