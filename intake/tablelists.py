"""Tables of questions (`table-list`) whose answers may be missing, laid out row by row.

pyxform makes a table of all selects of such a group and refuses those with another list, so also the questions that
take the reasons. Where a group has some, this does what pyxform would do with the rest: a group on one page, a row
with the choices as its head, and the questions without them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from intake.columns import base, begins, cell, question_type
from intake.workbook import Row
from validation.errors import FormError, Place, Problem

TABLE = "table-list"
_YES = frozenset({"yes", "true", "true()"})
_SELECT = re.compile(r"\s*(select[ _](?:one|multiple)|select1|select)\s+(\S+)", re.IGNORECASE)
_MOVED = frozenset({"label", "caption", "hint"})  # of the group; a note inside it says them, as pyxform has it

Line = tuple[dict[str, str], Place]


def laid_out(lines: Sequence[Line], is_reason: Callable[[str], bool]) -> Iterator[Line]:
    """The rows of a survey with those groups laid out. `is_reason(type)` tells the questions that take a reason.

    FormError 'workbook.table_lists' where the questions of such a table have different lists.
    """
    at, number = 0, 2  # as pyxform counts the rows of a survey, without those that take a reason
    while at < len(lines):
        end = _end(lines, at)
        inside = lines[at + 1 : end]
        if end > at and any(is_reason(cell(Row(0, cells), "type")) for cells, _ in inside):
            yield from _group(lines[at], inside, is_reason, number)
            passed = [lines[at], *inside]
        else:
            yield lines[at]
            passed = [lines[at]]
        at += len(passed)
        number += sum(1 for cells, _ in passed if not is_reason(cell(Row(0, cells), "type")))


def _end(lines: Sequence[Line], at: int) -> int:
    """Where the table that begins in a row ends; the row itself where none begins."""
    row = Row(0, lines[at][0])
    if not begins(row) or TABLE not in cell(row, "appearance").split():
        return at
    ends = (n for n in range(at + 1, len(lines)) if question_type(Row(0, lines[n][0])).startswith("end"))
    return next(ends, at)


def _group(line: Line, inside: Sequence[Line], is_reason: Callable[[str], bool], number: int) -> Iterator[Line]:
    cells, place = line
    appearance = _column(cells, "appearance")
    others = [word for word in cells[appearance].split() if word != TABLE]
    moved = {column: text for column, text in cells.items() if base(column) in _MOVED and text}
    yield (
        {c: t for c, t in cells.items() if c not in moved} | {appearance: " ".join(["field-list", *others])},
        place,
    )
    if moved:
        yield {"type": "note", "name": f"generated_table_list_label_{number}"} | moved, place
    shared = ""
    for row, where in inside:
        number += not is_reason(cell(Row(0, row), "type"))
        kind = cell(Row(0, row), "type") or cell(Row(0, row), "command")
        select = _SELECT.match(kind)
        if not select or is_reason(kind) or cell(Row(0, row), "disabled").lower() in _YES:
            yield row, where
            continue
        if not shared:
            shared = select[2]
            name = f"reserved_name_for_field_list_labels_{number}"
            yield {"type": f"{select[1]} {shared}", "name": name, appearance: "label"}, where
        if select[2] != shared:
            place = Place(where.sheet, where.row, "type")
            raise FormError([Problem("workbook.table_lists", place, {"list": shared, "other": select[2]})])
        yield row | {_column(row, "appearance", appearance): "list-nolabel"}, where


def _column(cells: dict[str, str], name: str, otherwise: str = "") -> str:
    return next((column for column in cells if base(column) == name), otherwise or name)
