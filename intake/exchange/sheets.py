"""Tables for people: CSV and XLSX, with codes or with labels in any language of the form.

    csv_labels(take, "de")                {"erstgespraech.csv": "…"}: labels of questions and choices
    workbook(take)                        an .xlsx, a sheet a table: names and codes
    workbook(take, "ar")                  the same with labels in Arabic

With labels a column is headed by the question's label, followed by its name in brackets where several share it; the
reason for a missing answer stands beside it as `<label> – <label of the reason>`. Several choices are joined by '; '.
A value that is in no list stays as it is, and so does one whose label another choice has too: `Ja [1]`.

In a workbook a whole number or decimal is a number and a day is a day where that says the same: where the text is the
one a number would be written as (at most 15 digits, no leading zero), resp. a date from 1900-03-01. All else is text,
never a formula; a carriage return and what looks like an escape (`_x000D_`) are escaped as Excel does. What a sheet
cannot hold (rows, columns, long texts) is refused, never cut.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from intake.excel import Cell, write_cells
from intake.exchange.beside import HOW, column_label, how_head, how_labels
from intake.exchange.central_csv import Cells, chosen, safe, written
from intake.exchange.extract import Extract
from intake.exchange.guard import NUMBER, guarded
from validation.datatypes import lexical
from validation.errors import DataError
from validation.layout import Column, Table, choice_labels, takes_many
from validation.tree import NOT_XML

MOST_ROWS, MOST_COLUMNS, LONGEST_TEXT, LONGEST_TITLE = 1_048_576, 16_384, 32_767, 31
"""What a sheet of an .xlsx holds; characters of a text and of a title."""

_FIRST_DAY = dt.date(1900, 3, 1)  # before, Excel counts a day that never was
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"_x(000D|005F)_")


@dataclass(frozen=True, slots=True)
class _Part:
    """A column of a table for people: its head, its bind type ('string' for keys) and its texts."""

    head: str
    kind: str
    texts: Sequence[str]


def csv_labels(take: Extract, language: str, *, split: bool = False, guard: bool = True) -> dict[str, str]:
    """{file name: content} with labels in a language. Texts are guarded against formulas (`guard.py`)."""
    made = {}
    sign = guarded if guard else str
    for table, parts in _tables(take, language, split=split):
        cells = []
        for part in parts:
            is_number = part.kind in ("int", "decimal")
            texts = [text if is_number and NUMBER.fullmatch(text) else sign(text) for text in part.texts]
            cells.append(Cells(sign(part.head), texts))
        made[f"{safe(table.name)}.csv"] = written(cells)
    return made


def workbook(take: Extract, language: str | None = None, *, split: bool = False) -> bytes:
    """The tables as .xlsx, with codes, or with labels in a language. DataError 'export.sheet_limit' for what a sheet
    cannot hold, 'export.not_text' for a character that XML has not."""
    made: dict[str, list[list[Cell]]] = {}
    for table, parts in _tables(take, language, split=split):
        typed = [[_value(text, part.kind) for text in part.texts] for part in parts]
        _within_limits(table, parts)
        head: list[Cell] = [escaped(part.head) for part in parts]
        made[_title(table.name, made)] = [head, *map(list, zip(*typed, strict=True))]
    return write_cells(made, lambda text: guarded(text) != text)


def escaped(text: str) -> str:
    """A text as a cell of an .xlsx carries it."""
    return _ESCAPE.sub("_x005F_", text).replace("\r", "_x000D_")


def unescaped(text: str) -> str:
    """The inverse of `escaped`."""
    return _ESCAPED.sub(lambda found: "\r" if found[1] == "000D" else "_", text)


def _tables(take: Extract, language: str | None, *, split: bool) -> Iterator[tuple[Table, list[_Part]]]:
    frames = take.texts()
    for name, table in take.layout.items():
        frame = frames[name].fillna("")
        known = {column.name: column for column in table.columns}
        heads = _heads(take, table, language) if language else {}
        parts = []
        for head in frame.columns:
            texts: list[str] = frame[head].tolist()
            if head not in known:
                parts.append(_Part(head, "string", texts))
                continue
            column = known[head]
            labels = _labels(take, column, language) if language else {}
            many = takes_many(*take.home(column.nodeset))
            shown = [_labelled(text, labels, many=many) for text in texts] if labels else texts
            parts.append(_Part(heads.get(head, head), column.type, shown))
            if split and many:
                known_values = choice_labels(*take.home(column.nodeset))
                for cells in chosen(head, texts, known_values):
                    value = cells.name.removeprefix(f"{head}/")
                    parts.append(_Part(f"{heads.get(head, head)}/{labels.get(value, value)}", "int", cells.texts))
        yield table, parts


def _heads(take: Extract, table: Table, language: str) -> dict[str, str]:
    """{column: label}, each once. That of `__how` follows its question's: beside it stands not always one."""
    labels = {
        column.name: column_label(*take.home(column.nodeset), language)
        for column in table.columns
        if not column.nodeset.endswith(HOW)
    }
    count = Counter(labels.values())
    heads = {name: label if count[label] == 1 else f"{label} [{name}]" for name, label in labels.items()}
    named = {column.nodeset: heads[column.name] for column in table.columns if column.name in heads}
    return heads | {
        column.name: how_head(named[column.nodeset.removesuffix(HOW)], language)
        for column in table.columns
        if column.nodeset.endswith(HOW)
    }


def _labels(take: Extract, column: Column, language: str) -> dict[str, str]:
    """{value: label} of a question's choices, each label once."""
    if column.nodeset.endswith(HOW):
        return how_labels(language)
    form, nodeset = take.home(column.nodeset)
    labels = choice_labels(form, nodeset, language)
    count = Counter(labels.values())
    return {value: label if count[label] == 1 else f"{label} [{value}]" for value, label in labels.items()}


def _labelled(text: str, labels: Mapping[str, str], *, many: bool) -> str:
    if not many:
        return labels.get(text, text)
    return "; ".join(labels.get(value, value) for value in text.split())


def _value(text: str, kind: str) -> Cell:
    """What a cell holds."""
    if not text:
        return None
    if kind == "int" and re.fullmatch(r"-?[1-9][0-9]{0,14}|0", text):
        return int(text)
    if kind == "decimal" and NUMBER.fullmatch(text) and len(text) <= 15 and lexical(float(text)) == text:
        return float(text)
    if kind == "date" and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            day = dt.date.fromisoformat(text)
        except ValueError:
            return text
        return day if day >= _FIRST_DAY else text
    return escaped(text)


def _within_limits(table: Table, parts: Sequence[_Part]) -> None:
    if len(parts) > MOST_COLUMNS or (parts and len(parts[0].texts) >= MOST_ROWS):
        raise DataError("export.sheet_limit", table=table.name, rows=MOST_ROWS - 1, columns=MOST_COLUMNS)
    for part in parts:
        if any(len(text) > LONGEST_TEXT and len(escaped(text)) > LONGEST_TEXT for text in part.texts):
            raise DataError("export.sheet_text", table=table.name, column=part.head, characters=LONGEST_TEXT)
        if any(NOT_XML.search(text) for text in part.texts):
            raise DataError("export.not_text", table=table.name, column=part.head)


def _title(name: str, taken: Mapping[str, object]) -> str:
    """The title of a sheet: the name of the table without what titles cannot hold, cut and numbered where needed."""
    whole = re.sub(r"[\[\]:*?/\\]", "_", name).strip("'") or "_"
    for number in itertools.count(1):
        mark = "" if number == 1 else f"~{number}"
        title = f"{whole[: LONGEST_TITLE - len(mark)]}{mark}"
        if title.casefold() not in {each.casefold() for each in taken}:
            break
    return title
