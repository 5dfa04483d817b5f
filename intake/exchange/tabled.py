"""From a table as a file has it to one in the names of the layout: heads to questions, labels to codes."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from intake.exchange.guards import Grid
from intake.exchange.headings import Heads, coder, joined, place_of, understood
from validation.errors import Place, Problem
from validation.form import Form
from validation.layout import KEY, PARENT_KEY, Table

if TYPE_CHECKING:
    import pandas as pd


def cells_of(grid: Grid, head: str) -> list[str]:
    """The cells under a head; empty texts where the table has no such column."""
    if head not in grid.columns:
        return [""] * len(grid.rows)
    at = grid.columns.index(head)
    return [cells[at] for _, cells in grid.rows]


def tabled(
    form: Form,
    table: Table,
    grid: Grid,
    *,
    keys: Sequence[str],
    parents: Sequence[str] | None = None,
    aside: Collection[str] = (),
) -> tuple[pd.DataFrame, list[Problem]]:
    """A table of `rebuilt.Rows`, and rows that contradict themselves. `aside` are columns that are no questions; a head
    that is nothing the form knows keeps its name."""
    import pandas as pd

    heads = understood(form, table, [head for head in grid.columns if head not in aside])
    columns: dict[str, Sequence[str]] = {KEY: keys} if parents is None else {KEY: keys, PARENT_KEY: parents}
    for head, column in heads.questions.items():
        cells = cells_of(grid, head)
        code = coder(form, column, cells, labelled=heads.labelled)
        columns[column.name] = [code(text) for text in cells]
    problems = _put_together(grid, heads, columns)
    columns |= {head: cells_of(grid, head) for head in grid.columns if head not in aside and head not in heads.used}
    numbers = [number for number, _ in grid.rows]
    return pd.DataFrame(columns, index=pd.Index(numbers, dtype="int64"), dtype="string"), problems


def _put_together(grid: Grid, heads: Heads, columns: dict[str, Sequence[str]]) -> list[Problem]:
    """Choices and places that lie in several columns."""
    problems: list[Problem] = []
    wholes: Mapping[str, str] = {column.name: head for head, column in heads.questions.items()}
    for name, split in heads.splits.items():
        parts = {code: cells_of(grid, head) for code, head in split.items()}
        whole = columns.get(name)
        if whole is not None and not _are_codes(whole, parts):
            whole = None  # labels in a row that cannot be told apart: the columns of the choices can
        texts, found = joined(whole, parts, functools.partial(_place, grid, name))
        columns[name] = texts
        problems += found
    for name, parts_of_place in heads.places.items():
        cells = [cells_of(grid, head) for head in parts_of_place]
        places = [place_of(row) for row in zip(*cells, strict=True)]
        if name in wholes:
            said = columns[name]
            problems += [
                Problem("import.split_differs", _place(grid, name, at), {})
                for at, place in enumerate(places)
                if place and place.split() != said[at].split()[: len(place.split())]
            ]
        else:
            columns[name] = places
    return problems


def _are_codes(texts: Sequence[str], parts: Mapping[str, object]) -> bool:
    return all(set(text.split()) <= set(parts) for text in texts)


def _place(grid: Grid, column: str, at: int) -> Place:
    return Place(grid.name, grid.rows[at][0], column)
