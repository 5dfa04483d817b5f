"""Texts that a language of the form lacks, each with its cell.

A form speaks the languages that its columns name ('label::Deutsch (de)'); a column that names none speaks the default
language. A column that is there for one language and not, or never filled, for another is told once; elsewhere it is
the single cell that is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from intake import columns
from intake.columns import base, cell, language
from intake.rewriting import MISSING_LIST, Rewritten
from intake.workbook import Row, Workbook
from validation.errors import Place, Problem

_MEDIA = frozenset({"image", "big-image", "audio", "video"})  # one picture often serves all: only columns are told
_UNSEEN = frozenset({"calculate", "hidden", "start", "end", "today", "deviceid", "username", "audit"})


@dataclass(slots=True)
class _Texts:
    """The texts of one sheet: the place of its column names and its rows."""

    header: Place
    rows: list[tuple[Mapping[str, str], Place]] = field(default_factory=list)


def untranslated(workbook: Workbook, made: Rewritten) -> Iterator[Problem]:
    """Every text that some but not all languages have; nothing in a form of one language."""
    sheets = [*_survey(workbook), *_choices(made)]
    default = next((cell(row, "default_language") for row in _settings(workbook)), "")
    used = {column for sheet in sheets for cells, _ in sheet.rows for column in cells}
    named = {language(column) for column in used if base(column) in columns.TRANSLATED}
    if named <= {""}:
        return
    # Labels that name no language are a language of their own; hints that name none have been forgotten.
    strays = "" in named and not default and not any(base(c) == "label" and not language(c) for c in used)
    if strays:
        first = min(named - {""})
        yield from _strays(sheets, first)
    spoken = sorted({name or default or "default" for name in named if name or not strays})
    for sheet in sheets if len(spoken) > 1 else ():
        yield from _sheet(sheet, spoken, default or "default", strays=strays)


def _strays(sheets: list[_Texts], first: str) -> Iterator[Problem]:
    for sheet in sheets:
        columns_there = dict.fromkeys(column for cells, _ in sheet.rows for column in cells)
        for column in columns_there:
            if base(column) in columns.TRANSLATED and not language(column):
                place = Place(sheet.header.sheet, sheet.header.row, column)
                fields = {"column": column, "suggestion": f"{column}::{first}"}
                yield Problem("workbook.column_without_language", place, fields)


def _settings(workbook: Workbook) -> tuple[Row, ...]:
    settings = workbook.sheets.get("settings")
    return settings.rows[:1] if settings else ()


def _survey(workbook: Workbook) -> Iterator[_Texts]:
    sheet = workbook.sheets["survey"]
    found = _Texts(Place(sheet.title, sheet.header))
    for row in sheet.rows:
        kind = columns.question_type(row)
        if kind and kind not in _UNSEEN and not columns.ends(row):
            cells = {_double(column, columns.doubled(sheet)): text for column, text in row.cells.items()}
            found.rows.append((cells, Place(sheet.title, row.number)))
    yield found


def _double(column: str, double: bool) -> str:
    return (
        column
        if double
        else "::".join(part for part in (base(column, double=False), language(column, double=False)) if part)
    )


def _choices(made: Rewritten) -> Iterable[_Texts]:
    """The choices of the workbook and those of each file in `lists/`."""
    found: dict[str, _Texts] = {}
    top = made.tops.get("choices", Place())
    for cells, place in zip(made.sheets.get("choices", []), made.rows.get("choices", []), strict=True):
        if place.sheet != MISSING_LIST:
            header = top if place.sheet == top.sheet else Place(place.sheet, 1)
            found.setdefault(place.sheet, _Texts(header)).rows.append((cells, place))
    return found.values()


def _sheet(sheet: _Texts, spoken: list[str], default: str, *, strays: bool) -> Iterator[Problem]:
    def said_in(cells: Iterable[str], kinds: frozenset[str]) -> dict[tuple[str, str], str]:
        """{(kind of text, language): column}"""
        texts = (column for column in cells if base(column) in kinds and not (strays and not language(column)))
        return {(base(column), language(column) or default): column for column in texts}

    written: dict[tuple[str, str], str] = {}
    for cells, _ in sheet.rows:
        written |= said_in(cells, columns.TRANSLATED | _MEDIA)
    for name in dict.fromkeys(name for name, _ in written):
        for missing in spoken:
            if (name, missing) not in written:
                place = Place(sheet.header.sheet, sheet.header.row, f"{name}::{missing}")
                yield Problem("workbook.untranslated_column", place, {"column": name, "spoken": missing})
    for cells, place in sheet.rows:
        texts = said_in(cells, columns.TRANSLATED)
        kinds = {name for name, _ in texts}
        for (name, missing), column in written.items():
            if name in kinds and (name, missing) not in texts:
                where = Place(place.sheet, place.row, column)
                yield Problem("lint.untranslated", where, {"spoken": missing})
