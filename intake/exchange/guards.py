"""What stands before every reader of other programs' files: sizes, archives, encodings, delimiters.

A file comes from strangers: an archive may unpack to gigabytes, a table may have a million columns, a text may be in an
encoding that reads as nonsense without a complaint. Here it is refused with the remedy, or read as exactly one thing:
nothing is guessed that could be guessed wrong.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import itertools
import math
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from validation.datatypes import lexical
from validation.errors import DataError, FormError

FILE_LIMIT = 500_000_000  # bytes of a file, and of what an archive unpacks to
RATIO_LIMIT = 200  # unpacked to packed, looked at from 10 MB on
MEMBER_LIMIT = 200_000
COLUMN_LIMIT = 16_384  # what a spreadsheet can have; no form comes near
CELL_LIMIT = 1_000_000  # characters
DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8", "utf-16", "windows-1252", "iso-8859-1", "iso-8859-15")
"""What may be named; a file without a mark of its own is UTF-8 unless one is."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOKED_AT = 200  # rows by which a delimiter is told


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as it stands in a file: its name (of the file or sheet), its columns, its rows with their numbers.

    Rows have a text for each column; '' is an empty cell. Numbers are those a person sees: of the sheet's row, or of
    the record in a text file, the header being 1. Empty rows are left out.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_file(path: Path) -> bytes:
    """The bytes of a file. DataError where there is none, it cannot be read, or it is too large."""
    try:
        if not path.is_file():
            raise DataError("import.no_file", file=path.name)
        if path.stat().st_size > FILE_LIMIT:
            raise DataError("import.too_large", file=path.name, limit=FILE_LIMIT // 1_000_000)
        return path.read_bytes()
    except OSError as error:
        raise DataError("import.unreadable", file=path.name) from error


def members(data: bytes, file: str) -> dict[str, bytes]:
    """{path: content} of the files in a ZIP archive. DataError, before anything is unpacked, for one that is damaged or
    protected, would unpack to too much, or names a file twice or outside of itself."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = [item for item in archive.infolist() if not item.is_dir()]
            _judge(found, file)
            return {item.filename: archive.read(item) for item in found}
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise DataError("import.damaged", file=file) from error


def _judge(found: Sequence[zipfile.ZipInfo], file: str) -> None:
    packed = sum(item.compress_size for item in found)
    unpacked = sum(item.file_size for item in found)
    bomb = unpacked > 10_000_000 and unpacked > RATIO_LIMIT * max(packed, 1)
    if unpacked > FILE_LIMIT or bomb or len(found) > MEMBER_LIMIT:
        raise DataError("import.bomb", file=file, limit=FILE_LIMIT // 1_000_000)
    if any(item.flag_bits & 1 for item in found):
        raise DataError("import.protected", file=file)
    names = [item.filename for item in found]
    strange = [name for name in names if not _is_inside(name)]
    if strange or len({unicodedata.normalize("NFC", name) for name in names}) < len(names):
        raise DataError("import.bad_member", file=file)


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not (path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or "\0" in name)


def text_of(data: bytes, file: str, encoding: str = "") -> str:
    """The text of a file: by its own mark, else by the encoding that a person named, else UTF-8.

    DataError where it is not in that encoding, and then nothing is guessed, or holds a NUL.
    """
    named = next((name for mark, name in _MARKS if data.startswith(mark)), encoding or "utf-8")
    try:
        text = data.decode(named)
    except (UnicodeDecodeError, LookupError) as error:
        raise DataError("import.encoding", file=file, encoding=named, known=", ".join(ENCODINGS)) from error
    if "\0" in text:
        raise DataError("import.encoding", file=file, encoding=named, known=", ".join(ENCODINGS))
    return text


def grid_of(text: str, file: str, delimiter: str = "") -> Grid:
    """The table in a delimited text. DataError for a delimiter that cannot be told, a header with an empty or doubled
    name, too many columns, a row that has more or fewer cells than the header, an enormous cell, an open quote."""
    return grid(file, _csv_rows(text, file, delimiter or _delimiter(text, file)))


def grid(name: str, rows: Iterator[tuple[int, Sequence[str]]]) -> Grid:
    """Numbered rows, the header first, as a table. Empty columns and cells after the last named one are no columns.
    DataError as `grid_of`."""
    _, head = next(rows, (1, ()))
    columns = _columns(name, head)
    width, kept = len(columns), []
    for number, cells in rows:
        if not any(cells):
            continue
        if any(len(cell) > CELL_LIMIT for cell in cells):
            raise DataError("import.enormous_cell", file=name, row=number, limit=CELL_LIMIT)
        if any(cells[width:]) or len(cells) < width:
            raise DataError("import.ragged", file=name, row=number, found=len(cells), columns=width)
        kept.append((number, tuple(cells[:width])))
    return Grid(name, columns, tuple(kept))


def _columns(name: str, head: Sequence[str]) -> tuple[str, ...]:
    columns = [text.strip() for text in head]
    while columns and not columns[-1]:
        columns.pop()
    if not columns:
        raise DataError("import.no_header", file=name)
    if len(columns) > COLUMN_LIMIT:
        raise DataError("import.too_wide", file=name, columns=len(columns), limit=COLUMN_LIMIT)
    if "" in columns:
        raise DataError("import.unnamed_column", file=name, column=columns.index("") + 1)
    seen: set[str] = set()
    for column in columns:
        if column in seen:
            raise DataError("import.same_column", file=name, column=column)
        seen.add(column)
    return tuple(columns)


def _csv_rows(text: str, file: str, delimiter: str) -> Iterator[tuple[int, Sequence[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, cells
    except csv.Error as error:
        raise DataError("import.bad_csv", file=file, row=number + 1) from error


def _delimiter(text: str, file: str) -> str:
    """The one delimiter with which the beginning of the text is a table of several columns; a comma for one column."""
    fitting = []
    for delimiter in DELIMITERS:
        widths = set()
        try:
            for number, cells in _csv_rows(text, file, delimiter):
                if cells:
                    widths.add(len(cells))
                if number > _LOOKED_AT:
                    break
        except DataError:
            continue
        if len(widths) == 1 and widths != {1}:
            fitting.append(delimiter)
    if len(fitting) > 1:
        raise DataError("import.delimiter", file=file)
    if fitting:
        return fitting[0]
    head = text.partition("\n")[0]  # no delimiter fits: say where the likeliest one does not
    return max(DELIMITERS, key=head.count)


def sheets_of(data: bytes, file: str) -> tuple[Grid, ...]:
    """The tables of an .xlsx, one a sheet, cells as texts that lose nothing; sheets without a cell are left out.

    DataError as `grid_of` and for whatever else is wrong with the file.
    """
    from intake import excel

    found = []
    try:
        for title, rows in excel.values(file, data):
            texts = _rectangular((number, [cell_text(cell) for cell in cells]) for number, cells in rows)
            first = next(texts, None)
            if first is not None:
                found.append(grid(title, itertools.chain((first,), texts)))
    except DataError:
        raise
    except FormError as error:
        raise DataError("import.bad_workbook", file=file, cause=error.problems[0].message) from error
    except Exception as error:  # openpyxl fails in any way on a damaged file
        raise DataError("import.damaged", file=file) from error
    return tuple(found)


def _rectangular(rows: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """The rows with something in them, as wide as the first one at least: a spreadsheet keeps no empty cells."""
    width = 0
    for number, cells in rows:
        if any(cells):
            width = width or len(cells)
            yield number, cells + [""] * (width - len(cells))


def cell_text(value: object) -> str:
    """The text of a cell: numbers without a needless '.0', a day or a moment as ISO 8601, true and false as words."""
    from intake.exchange.sheets import unescaped

    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return lexical(value) if math.isfinite(value) else str(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return unescaped(str(value))
