"""What a workbook declares as entities (sheet `entities`, column `save_to`), and what is wrong with it.

One row declares one data set; a question goes into a property of it by `save_to` (`property`, or `dataset#property`
where the form declares several). The rules are those of pyxform, which tells of one mistake only and in English.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from intake.columns import base, begins, cell, ends, question_type
from intake.survey import broken_texts, names_of
from intake.workbook import SUFFIXES, Row, Sheet, Workbook, read_workbook
from validation.errors import FormError, Place, Problem

SHEET, COLUMN = "entities", "save_to"
SETTINGS = "study.toml"
_COLUMNS = ("list_name", "label", "entity_id", "create_if", "update_if")
_NAMES = ("list_name", "dataset")
_NAME = re.compile(r"[^\W\d][\w.\-]*")
_RESERVED = frozenset({"name", "label"})


def datasets(workbook: Workbook) -> tuple[str, ...]:
    """The data sets that a workbook declares, in its order."""
    return tuple(dict.fromkeys(name for row in _rows(workbook) if (name := _dataset(row))))


class Declared:
    """The data sets that the forms of a study declare. Each of its workbooks is read once: one of these is for one run.

    `forms` is the folder of the study's forms, for workbooks that lie elsewhere; None: the study a workbook lies in.
    """

    def __init__(self, forms: Path | None = None) -> None:
        self._forms = forms
        self._read: dict[Path, tuple[str, ...]] = {}

    def around(self, path: Path) -> frozenset[str]:
        """The data sets of the forms around a workbook; none where it lies in no study. A workbook that cannot be read
        declares none here: whoever checks it is told why."""
        folder = self._forms or path.absolute().parent
        if not (folder.parent / SETTINGS).is_file():
            return frozenset()
        return frozenset(
            name
            for beside in sorted(folder.glob("*"))
            if beside.suffix.lower() in SUFFIXES and not beside.name.startswith((".", "~$"))
            for name in self._of(beside)
        )

    def _of(self, workbook: Path) -> tuple[str, ...]:
        if workbook not in self._read:
            try:
                self._read[workbook] = datasets(read_workbook(workbook))
            except FormError:
                self._read[workbook] = ()
        return self._read[workbook]


def without(workbook: Workbook) -> Workbook:
    """The workbook as if it declared nothing, to look for what else is wrong with it."""
    sheets = {name: sheet for name, sheet in workbook.sheets.items() if name != SHEET}
    survey = sheets["survey"]
    rows = tuple(
        Row(row.number, {c: text for c, text in row.cells.items() if base(c) != COLUMN}) for row in survey.rows
    )
    sheets["survey"] = replace(survey, columns=tuple(c for c in survey.columns if base(c) != COLUMN), rows=rows)
    return replace(workbook, sheets=sheets)


def problems(workbook: Workbook) -> Iterator[Problem]:
    """What is wrong with the sheet and the column, each with its place."""
    sheet = workbook.sheets.get(SHEET)
    survey = workbook.sheets["survey"]
    if sheet is not None:
        yield from _heads(sheet)
        known = {name for row in survey.rows for name in names_of(row)}
        seen: dict[str, int] = {}
        for row in _rows(workbook):
            yield from _declared(sheet, row, seen)
            yield from broken_texts(sheet, row, known, (), _COLUMNS[1:])
    yield from _saved(survey, datasets(workbook))


def _rows(workbook: Workbook) -> list[Row]:
    sheet = workbook.sheets.get(SHEET)
    return [row for row in sheet.rows if row.cells] if sheet is not None else []


def _dataset(row: Row) -> str:
    return next((text for name in _NAMES if (text := cell(row, name))), "")


def _heads(sheet: Sheet) -> Iterator[Problem]:
    for column in sheet.columns:
        if base(column) not in (*_COLUMNS, *_NAMES):
            fields = {"column": column, "allowed": ", ".join(_COLUMNS)}
            yield Problem("workbook.entity_column", Place(sheet.title, sheet.header, column), fields)


def _place(sheet: Sheet, row: Row, *names: str) -> Place:
    """The cell of a row under the first of these columns that the sheet has."""
    return Place(sheet.title, row.number, next((c for c in sheet.columns if base(c) in names), names[0]))


def _declared(sheet: Sheet, row: Row, seen: dict[str, int]) -> Iterator[Problem]:
    """What is wrong with a row that declares a data set; `seen` are the rows of those before."""
    name, place = _dataset(row), _place(sheet, row, *_NAMES)
    fields = {"name": name}
    if not name:
        yield Problem("workbook.entity_no_list", place)
    elif name.startswith("__") or "." in name or not _NAME.fullmatch(name):
        yield Problem("workbook.entity_bad_list", place, fields)
    elif name in seen:
        yield Problem("workbook.entity_twice", place, {**fields, "row": str(seen[name])})
    seen.setdefault(name, row.number)
    has_id, creates, updates = (bool(cell(row, column)) for column in ("entity_id", "create_if", "update_if"))
    if updates and not has_id:
        yield Problem("workbook.entity_no_id", _place(sheet, row, "entity_id"), fields)
    elif has_id and creates and not updates:
        yield Problem("workbook.entity_no_update", _place(sheet, row, "update_if"), fields)
    elif not has_id and not cell(row, "label"):
        yield Problem("workbook.entity_no_label", _place(sheet, row, "label"), fields)


def _saved(survey: Sheet, declared: Collection[str]) -> Iterator[Problem]:
    """What is wrong with the cells of the column `save_to`."""
    seen: dict[tuple[str, str], int] = {}
    for row in survey.rows:
        text = cell(row, COLUMN)
        if not text or not question_type(row):
            continue
        place = _place(survey, row, COLUMN)
        if not declared:
            yield Problem("workbook.save_to_nowhere", place)
            continue
        dataset, _, name = text.rpartition("#") if "#" in text else ("", "", text)
        if begins(row) or ends(row):
            yield Problem("workbook.save_to_section", place)
        elif not dataset and len(declared) > 1:
            fields = {"name": name, "known": ", ".join(declared), "example": f"{next(iter(declared))}#{name}"}
            yield Problem("workbook.save_to_which", place, fields)
        elif dataset and dataset not in declared:
            near = difflib.get_close_matches(dataset, declared, n=1, cutoff=0.6)
            hint = f" ({near[0]}?)" if near else ""
            yield Problem("workbook.save_to_unknown", place, {"name": dataset, "hint": hint})
        elif name.lower() in _RESERVED or name.startswith("__") or not _NAME.fullmatch(name):
            yield Problem("workbook.save_to_name", place, {"name": name})
        elif (dataset, name) in seen:
            yield Problem("workbook.save_to_twice", place, {"name": name, "row": str(seen[dataset, name])})
        seen.setdefault((dataset, name), row.number)
