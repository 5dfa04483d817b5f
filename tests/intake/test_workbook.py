"""intake.workbook: cells as typed, with the row a person sees; every bad file a Problem."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake import workbook
from intake.workbook import Row, form_id, read_list, read_workbook
from scenario.workbooks import choice_list, markdown, spreadsheet
from validation.errors import FormError, Place, Problem

FORM = """
    # A form

    | survey | | |
    |---|:--|---|
    | | type | name |
    | | text | a \\| b |

    | | integer | c |
    | settings | |
    | | form_id |
    | | f1 |
    """


def refusal(path: Path) -> Problem:
    with pytest.raises(FormError) as raised:
        read_workbook(path)
    [problem] = raised.value.problems
    assert problem.message != problem.text("en")
    return problem


def test_markdown_rows_are_lines_of_the_file(tmp_path: Path) -> None:
    book = read_workbook(markdown(tmp_path, FORM))
    survey = book.sheets["survey"]
    assert survey.columns == ("type", "name")
    assert survey.header == 5
    assert survey.rows == (Row(6, {"type": "text", "name": "a | b"}), Row(8, {"type": "integer", "name": "c"}))
    assert book.name == "form"
    assert form_id(book) == "f1"


def test_the_form_id_falls_back_to_the_name_of_the_file(tmp_path: Path) -> None:
    assert form_id(read_workbook(markdown(tmp_path, "| survey | |\n| | type |\n| | note |", "abc.md"))) == "abc"


def test_csv_has_all_sheets_in_one_file_and_cells_may_hold_line_breaks(tmp_path: Path) -> None:
    text = 'survey\n,type,label\n,text,"two\nlines"\n,note,x\nsettings\n,form_id\n,f1\n'
    book = read_workbook(markdown(tmp_path, text, "form.csv"))
    assert book.sheets["survey"].rows == (
        Row(3, {"type": "text", "label": "two\nlines"}),
        Row(5, {"type": "note", "label": "x"}),
    )
    assert book.sheets["settings"].rows == (Row(8, {"form_id": "f1"}),)


def test_empty_rows_between_others_keep_the_numbers_right(tmp_path: Path) -> None:
    book = read_workbook(spreadsheet(tmp_path, {"survey": [["type", None, "name"], [], ["text", "?", "a"], []]}))
    assert book.sheets["survey"].columns == ("type", "name")
    assert book.sheets["survey"].rows == (Row(2, {}), Row(3, {"type": "text", "name": "a"}))


def test_sheet_names_are_read_in_any_case_and_other_sheets_are_named_only(tmp_path: Path) -> None:
    book = read_workbook(spreadsheet(tmp_path, {"SURVEY": [["type"]], "Changelog": [["x"]]}))
    assert set(book.sheets) == {"survey"}
    assert book.sheets["survey"].title == "SURVEY"
    assert book.titles == ("SURVEY", "Changelog")


def test_a_choice_list_is_a_csv_with_a_header(tmp_path: Path) -> None:
    sheet = read_list(choice_list(tmp_path, "land", "name,label::Deutsch (de)\nSY,Syrien\n\nAF,Afghanistan\n"))
    assert sheet.title == "lists/land.csv"
    assert [(row.number, row.cells["name"]) for row in sheet.rows] == [(2, "SY"), (4, "AF")]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("form.ods", b"PK", "workbook.unknown_format"),
        ("form", b"", "workbook.unknown_format"),
        ("form.xlsx", b"", "workbook.damaged"),
        ("form.xlsx", b"PK\x03\x04 broken", "workbook.damaged"),
        ("form.xlsx", b"| survey | |", "workbook.damaged"),
        ("form.xls", b"", "workbook.damaged"),
        ("form.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken", "workbook.damaged"),
        (
            "form.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "workbook.protected",
        ),
        ("form.md", b"only prose", "workbook.no_table"),
        ("form.md", b"", "workbook.no_table"),
        ("form.md", "| survey | Straße |".encode("latin-1"), "workbook.not_utf8"),
        ("form.csv", b"\x00\xff", "workbook.not_utf8"),
        ("form.csv", b"", "workbook.no_table"),
        ("form.csv", b'survey\n,"never closed', "workbook.damaged"),
    ],
)
def test_a_file_that_is_none_is_a_problem(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    problem = refusal(path)
    assert problem.code == code
    assert name in problem.message


def test_no_such_file_and_a_directory(tmp_path: Path) -> None:
    (tmp_path / "folder.xlsx").mkdir()
    assert refusal(tmp_path / "none.xlsx").code == "workbook.not_there"
    assert refusal(tmp_path / "folder.xlsx").code == "workbook.not_there"
    assert refusal(tmp_path / "nul\0.xlsx").code in {"workbook.not_there", "workbook.unreadable"}


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = markdown(tmp_path, FORM)
    path.chmod(0)
    assert refusal(path).code == "workbook.unreadable"


def test_too_many_cells_or_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = spreadsheet(tmp_path, {"survey": [["type", "name"], *([["text", f"q{n}"] for n in range(60)])]})
    monkeypatch.setattr(workbook, "CELL_LIMIT", 100)
    assert refusal(path).code == "workbook.too_large"
    monkeypatch.setattr(workbook, "FILE_LIMIT", 100)
    assert refusal(path).code == "workbook.too_large"


def test_a_column_typed_twice_is_named_with_its_place(tmp_path: Path) -> None:
    problem = refusal(markdown(tmp_path, "| survey | | |\n| | type | type |\n| | note | note |"))
    assert problem.code == "workbook.duplicate_column"
    assert problem.place == Place("survey", 2, "type")


def test_a_sheet_that_occurs_twice(tmp_path: Path) -> None:
    text = "| survey | |\n| | type |\n| | note |\n| Survey | |\n| | type |\n| | note |"
    assert refusal(markdown(tmp_path, text)).code == "workbook.duplicate_sheet"


def test_a_control_character_is_named_with_its_cell(tmp_path: Path) -> None:
    problem = refusal(markdown(tmp_path, "| survey | |\n| | label |\n| | a\x0bb |"))
    assert problem == Problem("workbook.control_character", Place("survey", 3, "label"))
    problem = refusal(markdown(tmp_path, "survey\n,label\n,a\x08b\n", "form.csv"))
    assert problem == Problem("workbook.control_character", Place("survey", 3, "label"))


@given(st.binary(max_size=300), st.sampled_from(workbook.SUFFIXES), st.sampled_from([b"", b"PK\x03\x04", b"\x09\x00"]))
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_holds_it_is_read_or_refused(tmp_path: Path, data: bytes, suffix: str, head: bytes) -> None:
    path = tmp_path / f"form{suffix}"
    path.write_bytes(head + data)
    with contextlib.suppress(FormError):
        read_workbook(path)
