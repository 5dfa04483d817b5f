"""intake.excel: what Excel files hold, and what is refused before a library opens it."""

from __future__ import annotations

import contextlib
import datetime as dt
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.workbook import read_workbook
from scenario.workbooks import archive, old_spreadsheet, spreadsheet
from validation.errors import FormError, Problem


def refusal(path: Path) -> Problem:
    with pytest.raises(FormError) as raised:
        read_workbook(path)
    [problem] = raised.value.problems
    assert problem.message != problem.text("en")
    return problem


def test_excel_cells_read_as_pyxform_reads_them(tmp_path: Path) -> None:
    cells = [" text ", 3, 2.0, 2.5, True, False, dt.datetime(2024, 1, 2), dt.time(8, 30), None]  # noqa: DTZ001 - a cell has no zone
    names = [f"c{number}" for number in range(len(cells))]
    book = read_workbook(spreadsheet(tmp_path, {"survey": [names, cells]}))
    expected = ["text", "3", "2", "2.5", "TRUE", "FALSE", "2024-01-02 00:00:00", "08:30:00"]
    assert list(book.sheets["survey"].rows[0].cells.values()) == expected


def test_an_old_excel_file_with_one_sheet_has_its_survey_there(tmp_path: Path) -> None:
    book = read_workbook(old_spreadsheet(tmp_path, [["type", "name"], ["text", 7], ["note", 1.5]]))
    rows = book.sheets["survey"].rows
    assert [row.cells for row in rows] == [{"type": "text", "name": "7"}, {"type": "note", "name": "1.5"}]


def test_a_file_of_the_new_format_under_the_old_name_is_read(tmp_path: Path) -> None:
    path = spreadsheet(tmp_path, {"survey": [["type"], ["note"]]})
    assert read_workbook(path.rename(tmp_path / "form.xls")).sheets["survey"].rows[0].cells == {"type": "note"}


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    assert refusal(archive(tmp_path, {"hello.txt": b"hello"})).code == "workbook.damaged"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = archive(tmp_path, {"xl/workbook.xml": b"0" * 50_000_000})
    assert path.stat().st_size < 100_000
    assert refusal(path).code == "workbook.too_large"
    assert refusal(archive(tmp_path, {f"{n}.xml": b"" for n in range(10_001)})).code == "workbook.too_large"


def test_entities_in_a_workbook_are_refused(tmp_path: Path) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><workbook>&b;</workbook>'
    assert refusal(archive(tmp_path, {"xl/workbook.xml": bomb})).code == "workbook.doctype"
    assert refusal(archive(tmp_path, {"xl/workbook.xml": bomb.decode().encode("utf-16")})).code == "workbook.doctype"


def test_a_sector_chain_that_never_ends_is_refused(tmp_path: Path) -> None:
    sectors = [struct.pack("<128i", -3, -2, 3, 2, *[-1] * 124)]  # the table itself, the directory, and a ring of two
    root = "Root Entry".encode("utf-16-le").ljust(64, b"\0") + struct.pack("<HBBiii", 22, 5, 1, -1, -1, 1)
    book = "Book".encode("utf-16-le").ljust(64, b"\0") + struct.pack("<HBBiii", 10, 2, 1, -1, -1, -1)
    entries = [(root, -2, 0), (book, 2, 9999)]
    directory = [entry.ljust(116, b"\0") + struct.pack("<iii", first, size, 0) for entry, first, size in entries]
    sectors.append(b"".join(directory).ljust(512, b"\0"))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0") + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    head = head.ljust(44, b"\0") + struct.pack("<iiiiiiii", 1, 1, 0, 4096, -2, 0, -2, 0)
    head += struct.pack("<109i", 0, *[-1] * 108)
    path = tmp_path / "ring.xls"
    path.write_bytes(head + b"".join(sectors) + bytes(1024))
    problem = refusal(path)
    assert (problem.code, problem.fields["detail"]) == ("workbook.damaged", "OLE2")


@given(st.data())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_excel_file_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    source = tmp_path / "form.xlsx"
    if not source.exists():  # its bytes hold the time at which it was written
        spreadsheet(tmp_path, {"survey": [["type", "name"], ["text", "a"]]})
    whole = bytearray(source.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    with contextlib.suppress(FormError):
        read_workbook(path)


def test_a_run_of_a_thousand_empty_rows_ends_the_sheet(tmp_path: Path) -> None:
    rows = [["type"], ["note"], *[[]] * 900, ["text"], *[[]] * 1_100, ["never"]]
    book = read_workbook(spreadsheet(tmp_path, {"survey": rows}))
    assert [row.number for row in book.sheets["survey"].rows if row.cells] == [2, 903]


def test_sheets_that_are_no_part_of_the_form_are_not_read(tmp_path: Path) -> None:
    sheets = {"survey": [["type"], ["note"]], "notes": [["a", "a"], ["\u00e4"]]}
    assert read_workbook(spreadsheet(tmp_path, sheets)).titles == ("survey", "notes")
