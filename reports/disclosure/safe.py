"""What may be printed: a table whose small cells are gone, and numbers taken from one.

A SafeTable checks itself: no cell that counts persons can hold a value between 1 and the threshold, unless the very
figure is already public. So it cannot be built from raw counts by accident, neither here nor out of a file.
Numbers outside of tables are `SafeNumber`s; they come out of a SafeTable or out of other SafeNumbers, and a number that
depends on a hidden one is hidden itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

Value = int | Decimal


@dataclass(frozen=True, slots=True)
class SafeNumber:
    """A number that may be printed. `value` None means hidden. `origin` names the cells it comes from.

    `source` is the key of the publication that already printed this figure, empty when it comes from records only.
    """

    value: Value | None
    origin: str
    source: str = ""

    def __post_init__(self) -> None:
        if not self.origin:
            raise ValueError("a SafeNumber says where it comes from")

    @property
    def hidden(self) -> bool:
        return self.value is None


def difference(left: SafeNumber, right: SafeNumber) -> SafeNumber:
    """left - right; hidden when either is."""
    origin = f"{left.origin} - {right.origin}"
    if left.value is None or right.value is None:
        return SafeNumber(None, origin)
    return SafeNumber(left.value - right.value, origin)


def ratio(part: SafeNumber, whole: SafeNumber, *, scale: int = 1) -> SafeNumber:
    """scale * part / whole, exact to 10 digits; hidden when either is hidden or the whole is 0."""
    origin = f"{part.origin} / {whole.origin}"
    if part.value is None or not whole.value:
        return SafeNumber(None, origin)
    return SafeNumber((Decimal(part.value) * scale / Decimal(whole.value)).quantize(Decimal("1e-10")), origin)


def share(part: SafeNumber, whole: SafeNumber) -> SafeNumber:
    """Part of the whole in per cent; hidden when either is hidden or the whole is 0."""
    return ratio(part, whole, scale=100)


@dataclass(frozen=True, slots=True)
class Cell:
    """One printed cell. `value` None: hidden. `source`: the publication that already printed this figure."""

    value: Value | None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of numbers. `threshold` 0: things, nothing is hidden. `decimals`: digits after the comma."""

    key: str
    label: str
    threshold: int = 0
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a category, the rest row (`members` name what is in it, in an order that tells nothing) or the total."""

    key: str
    label: str
    cells: tuple[Cell, ...]
    members: tuple[str, ...] = ()
    member_labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SafeTable:
    """The only thing that can be printed.

    key: name of the table in the report.  title: its caption.  population: what the total counts, e.g.
    "stock@2022-12-31"; tables of one population have one total.  rows: categories, largest first or in the order
    given.  total: its row or None. sign: what a hidden cell prints.  notes: sentences without numbers.  coarsened:
    what was put together, for the method chapter. Raises ValueError when a cell of persons lies under its threshold
    and is not public.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None
    population: str = ""
    stub: str = ""
    sign: str = "·"
    notes: tuple[str, ...] = ()
    coarsened: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        for row in (*self.rows, *((self.total,) if self.total else ())):
            if len(row.cells) != len(self.columns):
                raise ValueError(
                    f"table {self.key}, row {row.key}: {len(row.cells)} cells, {len(self.columns)} columns"
                )
            for column, cell in zip(self.columns, row.cells, strict=True):
                if not is_safe(cell.value, column.threshold) and not cell.source:
                    raise ValueError(f"table {self.key}, row {row.key}, column {column.key}: the cell is not safe")

    def number(self, row: str = "total", column: str = "") -> SafeNumber:
        """The number of a cell. A category that stands in the rest row, or nowhere, is hidden. Column: the first one.

        A column that the table does not have raises KeyError.
        """
        index = 0 if not column else self._index(column)
        origin = f"{self.key}[{row},{self.columns[index].key}]"
        for candidate in (*self.rows, *((self.total,) if self.total else ())):
            if candidate.key == row:
                cell = candidate.cells[index]
                return SafeNumber(cell.value, origin, cell.source)
        return SafeNumber(None, origin)

    def row(self, key: str) -> Row | None:
        """The row of this key, or None when it is not printed on its own."""
        return next((row for row in self.rows if row.key == key), None)

    @property
    def rest(self) -> Row | None:
        """The rest row, or None when nothing was put together."""
        return next((row for row in self.rows if row.members), None)

    def _index(self, column: str) -> int:
        for index, candidate in enumerate(self.columns):
            if candidate.key == column:
                return index
        raise KeyError(column)

    def to_json(self) -> dict[str, Any]:
        """Plain data for `json.dumps`; decimals travel as {"decimal": text}."""
        return {
            "key": self.key,
            "title": self.title,
            "columns": [[c.key, c.label, c.threshold, c.decimals] for c in self.columns],
            "rows": [_row_to_json(row) for row in self.rows],
            "total": _row_to_json(self.total) if self.total else None,
            "population": self.population,
            "stub": self.stub,
            "sign": self.sign,
            "notes": list(self.notes),
            "coarsened": list(self.coarsened),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The table back; ValueError when it is not safe or not one of ours."""
        try:
            return cls(
                key=data["key"],
                title=data["title"],
                columns=tuple(Column(*column) for column in data["columns"]),
                rows=tuple(_row_from_json(row) for row in data["rows"]),
                total=_row_from_json(data["total"]) if data["total"] else None,
                population=data["population"],
                stub=data["stub"],
                sign=data["sign"],
                notes=tuple(data["notes"]),
                coarsened=tuple(data["coarsened"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a SafeTable: {error}") from error

    def __str__(self) -> str:
        return json.dumps(self.to_json(), ensure_ascii=False, sort_keys=True)


def is_safe(value: Value | None, threshold: int) -> bool:
    """A cell may be printed when it is hidden, 0, or at least the threshold."""
    return value is None or value == 0 or value >= threshold


def _row_to_json(row: Row) -> dict[str, Any]:
    cells = [[_value_to_json(cell.value), cell.source] for cell in row.cells]
    return {
        "key": row.key,
        "label": row.label,
        "cells": cells,
        "members": list(row.members),
        "labels": list(row.member_labels),
    }


def _row_from_json(data: dict[str, Any]) -> Row:
    cells = tuple(Cell(_value_from_json(value), source) for value, source in data["cells"])
    return Row(data["key"], data["label"], cells, tuple(data["members"]), tuple(data["labels"]))


def _value_to_json(value: Value | None) -> int | dict[str, str] | None:
    return {"decimal": str(value)} if isinstance(value, Decimal) else value


def _value_from_json(value: Any) -> Value | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, dict) and set(value) == {"decimal"}:
        return Decimal(value["decimal"])
    raise TypeError(f"no number: {type(value).__name__}")
