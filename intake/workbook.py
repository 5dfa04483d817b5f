"""A workbook as it was typed: sheets, columns and rows, each with its place, whatever the file format.

Reads .xlsx, .xlsm, .xls, .csv and .md (tables in Markdown). Cell text is what pyxform would see: numbers without a
needless '.0', TRUE and FALSE, dates as Python writes them. Row numbers are those a person sees: the row of the sheet
in a spreadsheet, the line of the file in .csv and .md. A file that cannot be read is a Problem, whatever is wrong
with it: spreadsheets come from strangers.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from validation.errors import FormError, Place, Problem
from validation.tree import NOT_XML

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".csv", ".md")
FILE_LIMIT = 20_000_000  # bytes of the file itself
CELL_LIMIT = 1_000_000
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
    from intake import excel

    return excel.grids(path.name, data, _wanted)


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
    if NOT_XML.search(text):
        raise FormError([Problem("workbook.control_character", place)])


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
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
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
