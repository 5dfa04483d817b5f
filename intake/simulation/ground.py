"""Tables without faults as ground to plant faults in: cells as texts, whose record a row is, what is asked there.

A record takes one fault at most, so that each fault stands alone; `breaks_nothing_else` asks the row engine whether a
fault has side effects, never whether it is one.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from intake.record import xml_from_record
from intake.simulation.limits import Limit, limits
from intake.simulation.texts import ZONE, text_column
from intake.submission import Record
from validation.form import Control, Form
from validation.instance import Instance
from validation.layout import KEY, PARENT_KEY, Column, Table, layout
from validation.rows import masks
from validation.xpath.parser import references

LOOKS = 4000  # cells looked at for one kind before giving up
REFUSALS = 6  # of one column for one kind before it is left alone


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell that is to hold another text; None empties it."""

    table: str
    row: int
    column: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell: table and column of the form, and the row by position."""

    table: Table
    column: Column
    row: int


@dataclass(slots=True)
class Ground:
    """The tables, and what has been planted in them."""

    form: Form
    frames: dict[str, pd.DataFrame]
    rng: random.Random
    instances: Mapping[str, str] | None
    now: dt.datetime | None
    shapes: dict[str, Table] = field(init=False)
    cells: dict[str, dict[str, list[str | None]]] = field(init=False)
    below: dict[str, dict[str, list[int]]] = field(init=False)
    roots: dict[str, list[int]] = field(init=False)
    rows: dict[str, dict[int, list[int]]] = field(init=False)
    at: dict[str, dict[str, int]] = field(init=False)
    controls: dict[str, Control] = field(init=False)
    readers: dict[str, set[str]] = field(init=False)
    spoilt: set[int] = field(default_factory=set)
    taken: set[tuple[str, str]] = field(default_factory=set)  # columns that have a fault of their own
    hopeless: set[tuple[str, str]] = field(default_factory=set)
    changes: dict[tuple[str, str], dict[int, str | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.shapes = {name: table for name, table in layout(self.form).items() if name in self.frames}
        self.cells = {name: _cells(table, self.frames[name]) for name, table in self.shapes.items()}
        self.controls = {}
        for control in self.form.controls():
            self.controls.setdefault(control.nodeset, control)
        self.readers = _readers(self.form)
        self.below, self.roots, self.rows = {}, {}, {}
        self.at = {name: {key or "": row for row, key in enumerate(cells[KEY])} for name, cells in self.cells.items()}
        for name, table in self.shapes.items():
            if table.parent is None:
                self.roots[name] = list(range(len(self.frames[name])))
                continue
            by_parent: dict[str, list[int]] = {}
            for row, parent in enumerate(self.cells[name][PARENT_KEY]):
                by_parent.setdefault(parent or "", []).append(row)
            self.below[name] = by_parent
            above = {key: self.roots[table.parent][row] for key, row in self.at[table.parent].items()}
            self.roots[name] = [above.get(parent or "", -1) for parent in self.cells[name][PARENT_KEY]]
        for name, roots in self.roots.items():
            self.rows[name] = {}
            for row, root in enumerate(roots):
                self.rows[name].setdefault(root, []).append(row)

    @property
    def root(self) -> Table:
        return next(iter(self.shapes.values()))

    # --- looking for a place

    def columns(self, fits: Callable[[Column], object] = bool) -> list[tuple[Table, Column]]:
        """The questions a person answers (nothing calculated or preloaded) of which something is true."""
        return [
            (table, column)
            for table in self.shapes.values()
            for column in table.columns
            if column.nodeset in self.controls
            and column.bind.calculate is None
            and not column.bind.preload
            and column.name in self.frames[table.name]
            and (table.name, column.name) not in self.taken
            and fits(column)
        ]

    def spots(self, columns: Sequence[tuple[Table, Column]], *, filled: bool) -> Iterator[Spot]:
        """Cells of these columns in records without a fault, with resp. without an answer, at random."""
        columns = [each for each in columns if self.frames[each[0].name].shape[0]]
        for _ in range(LOOKS if columns else 0):
            table, column = self.rng.choice(columns)
            if (table.name, column.name) in self.hopeless:
                continue
            row = self.rng.randrange(len(self.frames[table.name]))
            if (self.text(table, column.name, row) is not None) == filled and self.free(table, row):
                yield Spot(table, column, row)

    def free(self, table: Table, row: int) -> bool:
        """Whether the record of a row has no fault yet."""
        root = self.roots[table.name][row]
        return root >= 0 and root not in self.spoilt

    def text(self, table: Table, column: str, row: int) -> str | None:
        """What a cell says; None where it is empty."""
        return self.cells[table.name][column][row]

    def limits(self, column: Column) -> list[Limit]:
        """What the constraint of a question demands."""
        return limits(column.bind.constraint, column.nodeset)

    def other(self, spot: Spot, nodeset: str) -> Spot | None:
        """The cell of another question of the same entry or of what holds it; None where there is none."""
        table, row = spot.table, spot.row
        while True:
            column = next((each for each in table.columns if each.nodeset == nodeset), None)
            if column is not None:
                return Spot(table, column, row) if column.name in self.frames[table.name] else None
            if table.parent is None:
                return None
            parent = self.text(table, PARENT_KEY, row)
            table = self.shapes[table.parent]
            row = self.at[table.name][parent or ""]

    def column_of(self, nodeset: str) -> tuple[Table, Column] | None:
        """Where a question stands."""
        for table in self.shapes.values():
            for column in table.columns:
                if column.nodeset == nodeset and column.name in self.frames[table.name]:
                    return table, column
        return None

    def entries(self, table: Table, row: int) -> list[int]:
        """The rows of a repeat's table that belong to a record."""
        return self.rows[table.name].get(row, [])

    def end_of(self, spot: Spot) -> dt.datetime:
        """When the record of a cell ended, as its expressions see it."""
        for column in self.root.columns:
            if (column.bind.preload, column.bind.preload_params) == ("timestamp", "end") and column.name in self.frames[
                self.root.name
            ]:
                text = self.text(self.root, column.name, self.roots[spot.table.name][spot.row])
                if text:
                    return dt.datetime.fromisoformat(text).astimezone(ZoneInfo(ZONE))
        return self._moment()

    # --- one record

    def live(self, spot: Spot) -> tuple[Instance, str]:
        """The record of a cell as a live interview, and the path of the cell."""
        root = self.roots[spot.table.name][spot.row]
        record = self._record(self.root, root)
        instance = Instance(
            self.form, now=self.end_of(spot), xml=xml_from_record(record, self.form), instances=self.instances
        )
        return instance, self._path(spot)

    def _moment(self) -> dt.datetime:
        return self.now or dt.datetime.now(ZoneInfo(ZONE))

    def _path(self, spot: Spot) -> str:
        """The path of a cell: its KEY holds the positions of the entries."""
        if spot.table.parent is None:
            return spot.column.nodeset
        entry = "/" + (self.text(spot.table, KEY, spot.row) or "").partition("/")[2]
        top = self.root.nodeset
        return f"{top}{entry}{spot.column.nodeset.removeprefix(spot.table.nodeset)}"

    def _record(self, table: Table, row: int) -> Record:
        record: Record = {}
        for column in table.columns:
            text = self.cells[table.name].get(column.name, [None] * (row + 1))[row]
            if text is not None:
                record[column.nodeset] = text
        for name, inner in self.shapes.items():
            if inner.parent == table.name:
                found = self.below[name].get(self.text(table, KEY, row) or "", [])
                if found:
                    record[inner.nodeset] = [self._record(inner, entry) for entry in found]
        return record

    def breaks_nothing_else(self, fault: Fault, rule: str) -> bool:
        """Whether the record, spoilt in this cell, breaks no other rule than the one that is meant."""
        root = self.roots[fault.table][fault.row]
        rows = {name: self.entries(table, root) for name, table in self.shapes.items()}
        made: dict[str, dict[str, list[str | None]]] = {
            name: {column: [cells[number] for number in numbers] for column, cells in self.cells[name].items()}
            for name, numbers in rows.items()
        }
        at = rows[fault.table].index(fault.row)
        made[fault.table][fault.column][at] = fault.text
        frames = {name: pd.DataFrame(columns, dtype="string") for name, columns in made.items()}
        found = masks(self.form, frames, default_now=self.now, zone=ZONE, instances=self.instances)
        meant = (fault.table, fault.column, rule, at)
        return all(
            (table, column, broken, int(row)) == meant
            for table, verdicts in found.bad.items()
            for (column, broken), mask in verdicts.items()
            for row in mask.nonzero()[0]
        )

    # --- planting

    def plant(self, fault: Fault) -> str:
        """Notes the change; `apply` makes it. The KEY of the row."""
        self.spoilt.add(self.roots[fault.table][fault.row])
        self.changes.setdefault((fault.table, fault.column), {})[fault.row] = fault.text
        return self.cells[fault.table][KEY][fault.row] or ""

    def apply(self, frames: dict[str, pd.DataFrame]) -> None:
        """Makes the noted changes. A column in which a text is not of its type becomes text, as `intake.tables` has
        it."""
        for (name, label), cells in self.changes.items():
            column = self.shapes[name].column(label)
            series, kind = frames[name][label], column.type if column else ""
            typed = _typed(cells, series.dtype, kind)
            series = text_column(series, kind).copy() if typed is None else series.copy()
            for row, text in cells.items():
                series.iloc[row] = pd.NA if text is None else text if typed is None else typed[row]
            frames[name][label] = series


def replaced(spot: Spot, text: str | None) -> Fault:
    """Another text in a cell."""
    return Fault(spot.table.name, spot.row, spot.column.name, text)


def _cells(table: Table, frame: pd.DataFrame) -> dict[str, list[str | None]]:
    kinds = {column.name: column.type for column in table.columns}
    keys = [KEY] if table.parent is None else [KEY, PARENT_KEY]
    found: dict[str, list[str | None]] = {}
    for name in (*keys, *kinds):
        if name in frame:
            texts = text_column(frame[name], kinds.get(name, "")).astype(object)
            found[name] = texts.where(texts.notna(), None).tolist()
    return found


def _typed(cells: Mapping[int, str | None], target: Any, kind: str) -> dict[int, Any] | None:
    """The values for a typed column; None where the column is text, or one of the texts is not of its type."""
    from validation.datatypes import read

    if isinstance(target, pd.StringDtype):
        return None
    try:
        values = {row: None if text is None else read(text, kind) for row, text in cells.items()}
        if kind in ("date", "dateTime"):
            moments = {row: pd.Timestamp(value) for row, value in values.items() if value is not None}  # type: ignore[arg-type]
            return {row: _utc(value) if kind == "dateTime" else value for row, value in moments.items()}
    except (ValueError, OverflowError):
        return None
    return {
        row: float(str(value)) if kind == "decimal" and value is not None else value for row, value in values.items()
    }


def _utc(moment: pd.Timestamp) -> pd.Timestamp:
    return (moment if moment.tzinfo else moment.tz_localize(ZONE)).tz_convert("UTC")


def _readers(form: Form) -> dict[str, set[str]]:
    """{nodeset: what reads it}: other questions' rules, calculations and choices."""
    found: dict[str, set[str]] = {}
    for nodeset, bind in form.binds.items():
        rules = (bind.relevant, bind.constraint, bind.required, bind.readonly, bind.calculate)
        for rule in rules:
            for read in references(rule, nodeset) if rule is not None else ():
                found.setdefault(read, set()).add(nodeset)
    for control in form.controls():
        if control.itemset is not None:
            for read in references(control.itemset.nodeset, control.nodeset):
                found.setdefault(read, set()).add(control.nodeset)
    for nodeset, repeat in form.repeats.items():
        for read in references(repeat.count, nodeset) if repeat.count is not None else ():
            found.setdefault(read, set()).add(nodeset)
    return found
