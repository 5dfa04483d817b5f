"""A workbook as it was typed: sheets, columns and rows, each with its place, whatever the file format.

Reads .xlsx, .xlsm, .xls, .csv and .md (tables in Markdown). Cell text is what pyxform would see: numbers without a
needless '.0', TRUE and FALSE, dates as Python writes them. Row numbers are those a person sees: the row of the sheet
in a spreadsheet, the line of the file in .csv and .md. A file that cannot be read is a Problem, whatever is wrong
with it: spreadsheets come from strangers.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from validation.errors import FormError, Place, Problem

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".csv", ".md")
FILE_LIMIT = 20_000_000  # bytes of the file itself
UNPACKED_LIMIT = 100_000_000  # bytes inside an .xlsx
RATIO_LIMIT = 200  # unpacked to packed, looked at from 10 MB on
CELL_LIMIT = 1_000_000
EMPTY_ROWS = 1_000  # after so many the sheet is over: people format whole columns
EMPTY_COLUMNS = 50
SHEETS = frozenset({"survey", "choices", "settings", "external_choices", "osm", "entities"})

Grid = Iterable[tuple[int, list[str]]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file (from 1) and its cells by column as typed. Empty cells are left out."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: `title` as typed, its columns in order, its rows. Empty rows between others are kept."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    header: int = 1


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheets of a form by lower-case name, and the titles of all sheets in the file. `name` is the file's stem."""

    name: str
    sheets: Mapping[str, Sheet]
    titles: tuple[str, ...]


def read_workbook(path: Path) -> Workbook:
    """Read the sheets of an XLSForm. Sheets that are no part of one are named in `titles` only.

    A file with a single sheet has its survey there, whatever the sheet is called (as pyxform has it).
    FormError: no such file, a format we do not read, damaged, protected, too large, no table in it, a column or a
    sheet named twice, a character XML cannot hold.
    """
    data = read_bytes(path)
    try:
        grids = _grids(path, data)
        return _workbook(path, grids)
    except FormError:
        raise
    except Exception as error:  # openpyxl and xlrd fail in any way on a damaged file
        raise FormError([_problem("workbook.damaged", path, detail=type(error).__name__)]) from error


def form_id(workbook: Workbook) -> str:
    """The id of a form without converting it: the settings', else the file's name, as pyxform has it."""
    settings = workbook.sheets.get("settings")
    for row in settings.rows[:1] if settings else ():
        for column, text in row.cells.items():
            if "_".join(column.split()).lower() in {"form_id", "id_string", "set_form_id"}:
                return text
    return workbook.name


def read_bytes(path: Path) -> bytes:
    """The bytes of a file a form is read from. FormError when there is none, or it is larger than 20 MB."""
    try:
        if not path.is_file():
            raise FormError([_problem("workbook.not_there", path)])
        if path.stat().st_size > FILE_LIMIT:
            raise FormError([_problem("workbook.too_large", path)])
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise FormError([_problem("workbook.unreadable", path)]) from error


def read_list(path: Path) -> Sheet:
    """A choice list from a .csv file with a header row: name, label::…, and columns to filter by.

    The sheet's title is the path below the study ('lists/land.csv'). FormError as `read_workbook`.
    """
    text = _decoded(path, read_bytes(path))
    title = f"{path.parent.name}/{path.name}"
    try:
        return _sheet(title, _csv_rows(text), _Budget(path))
    except csv.Error as error:
        raise FormError([_problem("workbook.damaged", path, detail=type(error).__name__)]) from error


class _Budget:
    """Counts cells over all sheets, so that no workbook fills the memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.left = CELL_LIMIT

    def spend(self, cells: int) -> None:
        self.left -= cells
        if self.left < 0:
            raise FormError([_problem("workbook.too_large", self.path)])


def _problem(code: str, path: Path, **fields: str) -> Problem:
    return Problem(code, Place(), {"file": path.name, **fields})


def _grids(path: Path, data: bytes) -> Iterator[tuple[str, Grid]]:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise FormError([_problem("workbook.unknown_format", path, formats=", ".join(SUFFIXES))])
    if suffix == ".md":
        return _markdown(path, _decoded(path, data))
    if suffix == ".csv":
        return _csv(path, _decoded(path, data))
    if data.startswith(b"PK"):
        return _xlsx(path, data)
    if suffix == ".xls":
        return _xls(path, data)
    if data.startswith(b"\xd0\xcf\x11\xe0") and "EncryptedPackage".encode("utf-16-le") in data:
        raise FormError([_problem("workbook.protected", path)])
    raise FormError([_problem("workbook.damaged", path, detail=suffix)])


def _workbook(path: Path, grids: Iterator[tuple[str, Grid]]) -> Workbook:
    found = list(grids)
    budget = _Budget(path)
    sheets: dict[str, Sheet] = {}
    for title, grid in found:
        if not _wanted(title, len(found)):
            continue
        name = title.strip().lower()
        name = name if name in SHEETS else "survey"
        if name in sheets:
            raise FormError([Problem("workbook.duplicate_sheet", Place(sheet=title), {"name": title})])
        sheets[name] = _sheet(title, grid, budget)
    return Workbook(path.stem, sheets, tuple(title for title, _ in found))


def _wanted(title: str, sheets: int) -> bool:
    return sheets == 1 or title.strip().lower() in SHEETS


def _sheet(title: str, grid: Grid, budget: _Budget) -> Sheet:
    rows = iter(grid)
    header, typed = next(rows, (1, []))
    columns = _columns(title, header, typed)
    kept: list[Row] = []
    last = 0  # how many rows up to the last that holds something
    for number, cells in rows:
        named = {column: text for column, text in zip(columns, cells, strict=False) if column and text}
        budget.spend(len(named) or 1)
        for column, text in named.items():
            _check_characters(text, Place(title, number, column))
        kept.append(Row(number, named))
        if named:
            last = len(kept)
        elif len(kept) - last >= EMPTY_ROWS:
            break
    return Sheet(title, tuple(column for column in columns if column), tuple(kept[:last]), header)


def _columns(title: str, number: int, typed: list[str]) -> list[str]:
    columns: list[str] = []
    empty = 0
    for text in typed:
        column = " ".join(text.split())
        _check_characters(column, Place(title, number))
        if column and column in columns:
            raise FormError([Problem("workbook.duplicate_column", Place(title, number, column), {"column": column})])
        columns.append(column)
        empty = 0 if column else empty + 1
        if empty >= EMPTY_COLUMNS:
            break
    return columns


def _check_characters(text: str, place: Place) -> None:
    if _NOT_XML.search(text):
        raise FormError([Problem("workbook.control_character", place)])


_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _decoded(path: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormError([_problem("workbook.not_utf8", path)]) from error


# --- Markdown -------------------------------------------------------------------------------------------------------

_MD_LINE = re.compile(r"\s*\|(.*)\|")
_MD_BAR = re.compile(r"(?<!\\)\|")
_MD_RULE = re.compile(r"[\s|:-]*-[\s|:-]*")


def _markdown(path: Path, text: str) -> Iterator[tuple[str, Grid]]:
    """Tables whose first column names the sheet. Lines that begin with # and lines without bars are prose."""
    sheets: list[tuple[str, list[tuple[int, list[str]]]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        match = None if line.lstrip().startswith("#") else _MD_LINE.match(line)
        if match is None or _MD_RULE.fullmatch(match[1]):
            continue
        first, *cells = (cell.strip().replace(r"\|", "|") for cell in _MD_BAR.split(match[1]))
        if first:
            sheets.append((first, []))
        if sheets and any(cells):
            sheets[-1][1].append((number, cells))
    if not sheets:
        raise FormError([_problem("workbook.no_table", path)])
    yield from sheets


# --- CSV ------------------------------------------------------------------------------------------------------------


def _csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield line, [cell.strip() for cell in cells]
        line = reader.line_num + 1


def _csv(path: Path, text: str) -> Iterator[tuple[str, Grid]]:
    """One file with all sheets: the first column names the sheet, the row below it holds the columns."""
    sheets: list[tuple[str, list[tuple[int, list[str]]]]] = []
    for number, (first, *cells) in _csv_rows(text):
        if first:
            sheets.append((first, []))
        if sheets and any(cells):
            sheets[-1][1].append((number, cells))
    if not any(rows for _, rows in sheets):
        raise FormError([_problem("workbook.no_table", path)])
    yield from sheets


# --- Excel ----------------------------------------------------------------------------------------------------------


def _xlsx(path: Path, data: bytes) -> Iterator[tuple[str, Grid]]:
    _check_archive(path, data)
    import openpyxl  # type: ignore[import-untyped]  # it ships no types

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # drawings, validations and print settings it does not keep: none of ours
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            for sheet in book.worksheets:  # chart sheets are no worksheets
                sheet.reset_dimensions()  # what the file declares is often wrong
                wanted = _wanted(sheet.title, len(book.worksheets))
                yield sheet.title, list(_xlsx_rows(sheet.iter_rows(values_only=True))) if wanted else []
        finally:
            book.close()


def _xlsx_rows(rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[int, list[str]]]:
    empty = 0
    for number, cells in enumerate(rows, start=1):
        texts = [_xlsx_text(cell) for cell in cells]
        yield number, texts
        empty = 0 if any(texts) else empty + 1
        if empty > EMPTY_ROWS:
            return


def _xlsx_text(value: object) -> str:
    if value is None:
        return ""
    if value is True:
        return "TRUE"
    if value is False:
        return "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _check_archive(path: Path, data: bytes) -> None:
    """Refuse an archive that would unpack to more than we can hold, or whose XML declares a document type."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise FormError([_problem("workbook.damaged", path, detail=type(error).__name__)]) from error
    with archive:
        members = archive.infolist()
        packed = sum(member.compress_size for member in members)
        unpacked = sum(member.file_size for member in members)
        bomb = unpacked > 10_000_000 and unpacked > RATIO_LIMIT * max(packed, 1)
        if unpacked > UNPACKED_LIMIT or bomb or len(members) > 10_000:
            raise FormError([_problem("workbook.too_large", path)])
        for member in members:
            if member.flag_bits & 1:
                raise FormError([_problem("workbook.protected", path)])
            if member.filename.endswith((".xml", ".rels")):
                content = archive.read(member)  # never more than the size looked at above
                if any(mark in content for mark in _DOCTYPES):
                    raise FormError([_problem("workbook.doctype", path)])


_DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


def _xls(path: Path, data: bytes) -> Iterator[tuple[str, Grid]]:
    import xlrd  # type: ignore[import-untyped]  # it ships no types

    try:
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), on_demand=True)
    except xlrd.XLRDError as error:
        code = "workbook.protected" if "ncrypt" in str(error) or _protected(data) else "workbook.damaged"
        raise FormError([_problem(code, path, detail="xls")]) from error
    try:
        titles = book.sheet_names()
        for title in titles:
            yield title, list(_xls_rows(book, book.sheet_by_name(title))) if _wanted(title, len(titles)) else []
    finally:
        book.release_resources()


def _protected(data: bytes) -> bool:
    return "EncryptedPackage".encode("utf-16-le") in data


def _xls_rows(book: Any, sheet: Any) -> Iterator[tuple[int, list[str]]]:
    empty = 0
    for index in range(sheet.nrows):
        texts = [_xls_text(book, cell, Place(sheet.name, index + 1)) for cell in sheet.row(index)]
        yield index + 1, texts
        empty = 0 if any(texts) else empty + 1
        if empty > EMPTY_ROWS:
            return


def _xls_text(book: Any, cell: Any, place: Place) -> str:
    import xlrd

    kind, value = cell.ctype, cell.value
    if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK, xlrd.XL_CELL_ERROR):
        return ""
    if kind == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if value else "FALSE"
    if kind == xlrd.XL_CELL_NUMBER:
        return str(int(value)) if value == int(value) else str(value)
    if kind == xlrd.XL_CELL_DATE:
        try:
            parts = xlrd.xldate_as_tuple(value, book.datemode)
        except xlrd.XLDateError as error:
            raise FormError([Problem("workbook.bad_date", place)]) from error
        return str(dt.datetime(*parts)) if any(parts[:3]) else str(dt.time(*parts[3:]))  # noqa: DTZ001 - a cell has no zone
    return str(value).strip()
