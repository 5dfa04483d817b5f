"""Cells of Excel files: the only door to openpyxl and xlrd, and the guards in front of both.

Both libraries trust what they read: a small archive may unpack to gigabytes, entities may multiply, and a damaged
.xls whose sector chain bites its tail keeps xlrd reading until the memory is full. So all that is looked at before.
"""

from __future__ import annotations

import datetime as dt
import io
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from validation.errors import FormError, Place, Problem

UNPACKED_LIMIT = 100_000_000  # bytes inside an .xlsx
RATIO_LIMIT = 200  # unpacked to packed, looked at from 10 MB on
MEMBER_LIMIT = 10_000
EMPTY_ROWS = 1_000  # after so many the sheet is over: people format whole columns

Grid = Iterable[tuple[int, list[str]]]
Wanted = Callable[[str, int], bool]
Cell = str | int | float | dt.date | None

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


def grids(file: str, data: bytes, wanted: Wanted) -> Iterator[tuple[str, Grid]]:
    """(title, rows) of each sheet of an Excel file, new format or old; rows count from 1 and hold text.

    `wanted(title, number of sheets)` says whether a sheet is read; others come without rows. `file` is named in
    messages. FormError for a protected, too large or damaged file; openpyxl and xlrd may raise anything else.
    """
    if data.startswith(b"PK"):
        return _xlsx(file, data, wanted)
    if data.startswith(_OLE) and _ENCRYPTED in data:
        raise FormError([_problem("workbook.protected", file)])
    return _xls(file, data, wanted)


def _problem(code: str, file: str, **fields: str) -> Problem:
    return Problem(code, Place(), {"file": file, **fields})


def _filled(rows: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """The rows up to a long run of empty ones."""
    empty = 0
    for number, texts in rows:
        yield number, texts
        empty = 0 if any(texts) else empty + 1
        if empty > EMPTY_ROWS:
            return


# --- .xlsx ----------------------------------------------------------------------------------------------------------


def _xlsx(file: str, data: bytes, wanted: Wanted) -> Iterator[tuple[str, Grid]]:
    _check_archive(file, data)
    import openpyxl  # type: ignore[import-untyped]  # it ships no types

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # drawings, validations and print settings it does not keep: none of ours
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            sheets = book.worksheets  # chart sheets are none
            for sheet in sheets:
                sheet.reset_dimensions()  # what the file declares is often wrong
                rows = enumerate(sheet.iter_rows(values_only=True), start=1)
                texts = ((number, [_xlsx_text(cell) for cell in cells]) for number, cells in rows)
                yield sheet.title, list(_filled(texts)) if wanted(sheet.title, len(sheets)) else []
        finally:
            book.close()


def values(file: str, data: bytes) -> Iterator[tuple[str, Iterator[tuple[int, tuple[object, ...]]]]]:
    """(title, rows) of each sheet of an .xlsx with data, cells as they are: text, number, bool, date or None.

    Rows count from 1 and are read while they are asked for, also behind empty ones. FormError as `grids`.
    """
    if not data.startswith(b"PK"):
        raise FormError(
            [_problem("workbook.protected" if _ENCRYPTED in data else "workbook.damaged", file, detail="ZIP")]
        )
    _check_archive(file, data)
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as above
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            for sheet in book.worksheets:
                sheet.reset_dimensions()
                yield sheet.title, enumerate(sheet.iter_rows(values_only=True), start=1)
        finally:
            book.close()


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


def _check_archive(file: str, data: bytes) -> None:
    """Refuse an archive that would unpack to more than we can hold, or whose XML declares a document type."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise FormError([_problem("workbook.damaged", file, detail=type(error).__name__)]) from error
    with archive:
        members = archive.infolist()
        packed = sum(member.compress_size for member in members)
        unpacked = sum(member.file_size for member in members)
        bomb = unpacked > 10_000_000 and unpacked > RATIO_LIMIT * max(packed, 1)
        if unpacked > UNPACKED_LIMIT or bomb or len(members) > MEMBER_LIMIT:
            raise FormError([_problem("workbook.too_large", file)])
        for member in members:
            if member.flag_bits & 1:
                raise FormError([_problem("workbook.protected", file)])
            if member.filename.endswith((".xml", ".rels")):
                content = archive.read(member)  # never more than the size looked at above
                if any(mark in content for mark in _DOCTYPES):
                    raise FormError([_problem("workbook.doctype", file)])


# --- .xls -----------------------------------------------------------------------------------------------------------


def _xls(file: str, data: bytes, wanted: Wanted) -> Iterator[tuple[str, Grid]]:
    import xlrd  # type: ignore[import-untyped]  # it ships no types
    from xlrd.compdoc import CompDoc, CompDocError  # type: ignore[import-untyped]  # the same

    try:
        if data.startswith(_OLE):
            container = CompDoc(data, logfile=io.StringIO())
            if _bites_its_tail(container.SAT) or _bites_its_tail(container.SSAT):
                raise FormError([_problem("workbook.damaged", file, detail="OLE2")])
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), on_demand=True)
    except (xlrd.XLRDError, CompDocError) as error:
        code = "workbook.protected" if "ncrypt" in str(error) else "workbook.damaged"
        raise FormError([_problem(code, file, detail=type(error).__name__)]) from error
    try:
        titles = book.sheet_names()
        for title in titles:
            rows = _xls_rows(book, book.sheet_by_name(title)) if wanted(title, len(titles)) else ()
            yield title, list(_filled(rows))
    finally:
        book.release_resources()


def _bites_its_tail(sectors: list[int]) -> bool:
    """Whether a sector chain never ends. `sectors[n]` is the sector after n; negative numbers end a chain."""
    checked = bytearray(len(sectors))  # 1: on the chain being followed, 2: leads to an end
    for start in range(len(sectors)):
        chain = []
        sector = start
        while 0 <= sector < len(sectors) and not checked[sector]:
            checked[sector] = 1
            chain.append(sector)
            sector = sectors[sector]
        if 0 <= sector < len(sectors) and checked[sector] == 1:
            return True
        for sector in chain:
            checked[sector] = 2
    return False


def _xls_rows(book: Any, sheet: Any) -> Iterator[tuple[int, list[str]]]:
    for index in range(sheet.nrows):
        yield index + 1, [_xls_text(book, cell, Place(sheet.name, index + 1)) for cell in sheet.row(index)]


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


# --- writing --------------------------------------------------------------------------------------------------------


def write(sheets: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    """An .xlsx with a sheet per title and a row per sequence of texts, the first one frozen as the header.

    Every cell is text: one that begins with '=' is no formula.
    """
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for number, texts in enumerate(rows, start=1):
            for column, text in enumerate(texts, start=1):
                if text:
                    cell = sheet.cell(number, column, text)
                    cell.data_type = "s"
                    cell.font = openpyxl.styles.Font(bold=number == 1)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def write_cells(sheets: Mapping[str, Iterable[Sequence[Cell]]], literal: Callable[[str], bool]) -> bytes:
    """An .xlsx of typed cells, a sheet per title, the first row frozen as the header; for large tables.

    Texts are texts, numbers numbers and days days, never a formula or an error. `literal(text)` says which texts keep
    an apostrophe in front while somebody edits them (what Excel itself does for a text typed as '=1).
    """
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for number, cells in enumerate(rows, start=1):
            sheet.append([_cell(openpyxl, sheet, cell, number == 1, literal) for cell in cells])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(openpyxl: Any, sheet: Any, value: Cell, is_head: bool, literal: Callable[[str], bool]) -> Any:
    risky = isinstance(value, str) and (value[:1] in "=#" or literal(value))
    if not is_head and not isinstance(value, dt.date) and not risky:
        return value  # a plain number or text takes a third of the time
    cell = openpyxl.cell.WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = literal(value)
    elif isinstance(value, dt.date):
        cell.number_format = "yyyy-mm-dd"
    if is_head:
        cell.font = openpyxl.styles.Font(bold=True)
    return cell
