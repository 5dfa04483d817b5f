"""A table that is given out: heads, rows of values, notes. It knows nothing of registers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from reports.disclosure import SafeTable
from reports.wording import day, number

Value = int | Decimal | dt.date | str | None
"""None: nobody said."""

EMPTY = "–"


@dataclass(frozen=True, slots=True)
class Head:
    """A column: what it is called in JSON, what people read, decimals of its numbers, and whether it holds numbers."""

    key: str
    label: str
    decimals: int = 0
    numeric: bool = True


@dataclass(frozen=True, slots=True)
class Listing:
    """`rows` have a value for each head; with `total` the last of them is the sum. `notes` are sentences below,
    `alerts` those that somebody has to act on. `empty` is what is said where there are no rows."""

    key: str
    title: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    total: bool = False
    empty: str = ""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.heads):
                raise ValueError(f"listing {self.key}: {len(row)} values, {len(self.heads)} heads")

    def cell(self, row: int, head: str) -> Value:
        """A value by the place of its row and the key of its head. KeyError for a head there is not."""
        names = [each.key for each in self.heads]
        if head not in names:
            raise KeyError(head)
        return self.rows[row][names.index(head)]

    def texts(self, language: str) -> Iterable[tuple[str, ...]]:
        """The rows as people read them."""
        for place, row in enumerate(self.rows, start=1):
            empty = "" if self.total and place == len(self.rows) else EMPTY
            yield tuple(shown(value, head, language) or empty for value, head in zip(row, self.heads, strict=True))


def shown(value: Value, head: Head, language: str) -> str:
    """A value as people read it, '' where there is none."""
    if value is None or isinstance(value, str):
        return value or ""
    return day(value, language) if isinstance(value, dt.date) else number(value, language, head.decimals)


def text_head(key: str, label: str) -> Head:
    return Head(key, label, 0, numeric=False)


def of_safe(table: SafeTable, notes: tuple[str, ...] = ()) -> Listing:
    """A table that passed `protect`, hidden cells as its sign, rest rows with the names of what they hold."""
    rows = [*table.rows, *([table.total] if table.total else [])]
    heads = (text_head("category", table.stub), *(Head(c.key, c.label, c.decimals) for c in table.columns))
    made = tuple(
        (
            f"{row.label} ({', '.join(row.member_labels)})" if row.members else row.label,
            *(table.sign if cell.value is None else cell.value for cell in row.cells),
        )
        for row in rows
    )
    return Listing(table.key, table.title, heads, made, (*table.coarsened, *notes), total=table.total is not None)
