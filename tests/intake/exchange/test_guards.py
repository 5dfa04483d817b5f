"""intake.exchange.guards: what is refused before it is read, and texts that are read as exactly one thing."""

from __future__ import annotations

import datetime as dt
import io
import warnings
import zipfile
from pathlib import Path

import pytest

from intake import excel
from intake.exchange import guards
from intake.exchange.guards import cell_text, grid_of, members, read_file, sheets_of, text_of
from intake.exchange.openrosa_in import read_folder
from validation.errors import DataError


def packed(*files: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile tells of names that come twice
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files:
                archive.writestr(name, data)
    return target.getvalue()


# --- archives


def test_files_of_an_archive_come_by_their_paths() -> None:
    assert members(packed(("a/b.csv", b"x"), ("c.csv", b"")), "a.zip") == {"a/b.csv": b"x", "c.csv": b""}


def test_an_archive_that_would_unpack_to_gigabytes_is_refused_before_it_is() -> None:
    with pytest.raises(DataError) as raised:
        members(packed(("a.csv", b"0" * 20_000_000)), "a.zip")
    assert raised.value.code == "import.bomb"


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a.csv", "a\\b.csv", "c:a.csv", "x/../../a.csv"])
def test_a_name_that_leads_out_of_the_archive_is_refused(name: str) -> None:
    with pytest.raises(DataError) as raised:
        members(packed((name, b"x")), "a.zip")
    assert raised.value.code == "import.bad_member"


def test_an_archive_with_a_name_twice_or_damaged_is_refused() -> None:
    with pytest.raises(DataError) as raised:
        members(packed(("a.csv", b"x"), ("a.csv", b"y")), "a.zip")
    assert raised.value.code == "import.bad_member"
    for data in (b"PK\x03\x04rubbish", packed(("a.csv", b"abc" * 100))[:-30], b""):
        with pytest.raises(DataError) as raised:
            members(data, "a.zip")
        assert raised.value.code == "import.damaged"


def test_a_size_that_the_archive_lies_about_is_damage(tmp_path: Path) -> None:
    data = bytearray(packed(("a.csv", b"0" * 1_000)))
    at = data.rindex(b"PK\x01\x02") + 24
    data[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(DataError) as raised:
        members(bytes(data), "a.zip")
    assert raised.value.code == "import.damaged"
    with pytest.raises(DataError) as raised:
        read_file(tmp_path / "lost.csv")
    assert raised.value.code == "import.no_file"


def test_a_folder_with_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.xml").write_text("<a/>")
    assert read_folder(tmp_path / "in") == {"a.xml": b"<a/>"}
    (tmp_path / "in" / "b.xml").symlink_to("/etc/hostname")
    with pytest.raises(DataError) as raised:
        read_folder(tmp_path / "in")
    assert raised.value.code == "import.link"


def test_a_file_or_folder_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_bytes(b"0" * 100)
    monkeypatch.setattr(guards, "FILE_LIMIT", 99)
    with pytest.raises(DataError) as raised:
        read_file(tmp_path / "a.csv")
    assert raised.value.code == "import.too_large"


# --- encodings and delimiters

UMLAUTS = "Name;Ort\r\nJäger;Öhringen\r\n"


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (UMLAUTS.encode(), ""),
        (UMLAUTS.encode("utf-8-sig"), ""),
        (UMLAUTS.encode("utf-8-sig"), "windows-1252"),  # what the file says itself goes first
        (UMLAUTS.encode("utf-16"), ""),
        (b"\xfe\xff" + UMLAUTS.encode("utf-16-be"), ""),
        (UMLAUTS.encode("utf-32"), ""),
        (UMLAUTS.encode("windows-1252"), "windows-1252"),
    ],
)
def test_a_text_is_read_by_its_mark_or_by_what_was_named(data: bytes, named: str) -> None:
    assert grid_of(text_of(data, "a.csv", named), "a.csv").rows == ((2, ("Jäger", "Öhringen")),)


@pytest.mark.parametrize("data", [UMLAUTS.encode("windows-1252"), UMLAUTS.encode("utf-16-le"), b"a;b\n\0;1\n"])
def test_another_encoding_is_asked_for_never_guessed(data: bytes) -> None:
    with pytest.raises(DataError) as raised:
        text_of(data, "a.csv")
    assert raised.value.code == "import.encoding"
    assert "windows-1252" in str(raised.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_delimiter_is_told_by_the_table(delimiter: str) -> None:
    text = f'a{delimiter}b\n"1{delimiter}2"{delimiter}"x\ny"\n'
    assert grid_of(text, "a.csv").rows == ((2, (f"1{delimiter}2", "x\ny")),)


def test_two_delimiters_that_fit_are_asked_about() -> None:
    with pytest.raises(DataError) as raised:
        grid_of("a,b;c\n1,2;3\n", "a.csv")
    assert raised.value.code == "import.delimiter"
    assert grid_of("a,b;c\n1,2;3\n", "a.csv", ";").columns == ("a,b", "c")
    assert grid_of("a\n1\n", "a.csv").rows == ((2, ("1",)),)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "import.no_header"),
        ("a;;c\n1;2;3\n", "import.unnamed_column"),
        ("a;a\n1;2\n", "import.same_column"),
        ("a;b\n1;2;3\n", "import.ragged"),
        ("a;b;c\n1;2\n", "import.ragged"),
        ('a;b\n"1;2\n', "import.bad_csv"),
        ("a;b\n" + "x" * 200_000 + ";2\n", "import.bad_csv"),
        (";".join(f"c{n}" for n in range(1_000_000)) + "\n", "import.too_wide"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_row(text: str, code: str) -> None:
    with pytest.raises(DataError) as raised:
        grid_of(text, "a.csv", ";")
    assert raised.value.code == code
    assert raised.value.text() != raised.value.text("en")


def test_empty_rows_are_none_and_rows_keep_their_numbers() -> None:
    assert grid_of("a;b;\n1;2;\n\n;;\n3;4;\n", "a.csv", ";").rows == ((2, ("1", "2")), (5, ("3", "4")))


# --- workbooks


def test_cells_of_a_workbook_are_texts_that_lose_nothing() -> None:
    values = [True, 5, 5.0, 2.5, 1e-5, dt.datetime(2026, 5, 4), dt.datetime(2026, 5, 4, 8, 30), dt.time(8, 30), None]  # noqa: DTZ001 - a cell has no zone
    assert [cell_text(value) for value in values] == [
        "true", "5", "5", "2.5", "0.00001", "2026-05-04", "2026-05-04T08:30:00", "08:30:00", "",
    ]  # fmt: skip
    data = excel.write({"Blatt": [("a", "b"), (" vorn", ""), ("0012", "=1+1")], "leer": []})
    (grid,) = sheets_of(data, "a.xlsx")
    assert (grid.name, grid.columns) == ("Blatt", ("a", "b"))
    assert grid.rows == ((2, (" vorn", "")), (3, ("0012", "=1+1")))


def test_rows_behind_many_empty_ones_are_read_too() -> None:
    rows: list[tuple[str, ...]] = [("a",), *[("",)] * 1_500, ("unten",)]
    (grid,) = sheets_of(excel.write({"Blatt": rows}), "a.xlsx")
    assert grid.rows == ((1_502, ("unten",)),)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, b"a;b"])
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(DataError) as raised:
        sheets_of(data, "a.xlsx")
    assert raised.value.code in ("import.bad_workbook", "import.damaged")


def test_a_workbook_that_is_a_bomb_is_refused() -> None:
    data = packed(("xl/worksheets/sheet1.xml", b"<c/>" * 6_000_000), ("[Content_Types].xml", b"<Types/>"))
    with pytest.raises(DataError) as raised:
        sheets_of(data, "a.xlsx")
    assert raised.value.code == "import.bad_workbook"
