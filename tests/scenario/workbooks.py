"""Workbooks for tests: a form written as a Markdown table in the test, in any of the formats we read."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent

import openpyxl

Cells = Sequence[Sequence[object]]


def markdown(folder: Path, text: str, name: str = "form.md") -> Path:
    """Write a form given as Markdown table; the first line of the text is line 1 of the file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return path


def spreadsheet(folder: Path, sheets: Mapping[str, Cells], name: str = "form.xlsx") -> Path:
    """Write an .xlsx with these sheets, rows from row 1; None leaves a cell empty."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    path = folder / name
    book.save(path)
    return path


def old_spreadsheet(folder: Path, rows: Cells, name: str = "form.xls") -> Path:
    """Write an .xls of Excel 2 (BIFF2), which knows one sheet: texts and numbers only."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    out = [record(0x0009, struct.pack("<HH", 2, 0x10))]
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            place = struct.pack("<HH", y, x) + bytes(3)
            if isinstance(value, (int, float)):
                out.append(record(0x0003, place + struct.pack("<d", value)))
            elif value:
                text = str(value).encode("latin-1")
                out.append(record(0x0004, place + bytes([len(text)]) + text))
    path = folder / name
    path.write_bytes(b"".join([*out, record(0x000A, b"")]))
    return path


def archive(folder: Path, members: Mapping[str, bytes], name: str = "form.xlsx") -> Path:
    """Write a zip file with these members, packed as tightly as it goes."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for member, data in members.items():
            packed.writestr(member, data)
    return path


def choice_list(folder: Path, name: str, text: str) -> Path:
    """Write `lists/<name>.csv` in a folder."""
    path = folder / "lists" / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return path
