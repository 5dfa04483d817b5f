from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.exchange import sheets
from intake.exchange.extract import extract_submissions
from intake.exchange.sheets import csv_labels, escaped, unescaped, workbook
from intake.submission import Submission
from scenario.exchanged import FULL, MISSING, TEXT, answered, form, sent
from scenario.formulas import PAYLOADS
from validation.errors import DataError


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def rows(content: bytes, title: str = "probe") -> list[dict[str, Any]]:
    head, *cells = opened(content)[title].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in cells]


def book(*submissions: Submission, language: str | None = None, split: bool = False) -> bytes:
    return workbook(extract_submissions(form(), submissions), language, split=split)


def test_cells_are_typed_where_that_says_the_same() -> None:
    content = book(sent(1, FULL | answered(alter="41")), sent(2, FULL | answered(geboren="1899-12-31")))
    first, second = rows(content)
    assert (first["alter"], first["vzae"], first["geboren"]) == (41, 0.75, pd.Timestamp("1980-02-29"))
    assert (second["alter"], second["geboren"]) == ("07", "1899-12-31")
    assert (first["name"], first["wann"], first["uhr"]) == (
        "Ayşe 🏠\nZeile", "2026-05-04T12:00:00.000+02:00", "08:30:00.000+02:00",
    )  # fmt: skip
    formats = {cell.number_format for cell in opened(content)["probe"][2] if cell.is_date}
    assert formats == {"yyyy-mm-dd"}
    assert [row["vorname"] for row in rows(content, "probe-kind")][:2] == ["A", 'B, "b"']


def test_every_payload_is_a_text_and_comes_back() -> None:
    content = book(*(sent(number, answered(notiz=text)) for number, text in enumerate(PAYLOADS)))
    sheet = opened(content)["probe"]
    at = [cell.value for cell in sheet[1]].index("notiz") + 1
    cells = [sheet.cell(number, at) for number in range(2, len(PAYLOADS) + 2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [unescaped(cell.value) for cell in cells] == list(PAYLOADS)
    assert all(cell.quotePrefix for cell in cells if cell.value.startswith("="))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_an_error_value_is_a_text_too() -> None:
    sheet = opened(book(sent(1, answered(notiz="#REF!"))))["probe"]
    assert [cell.data_type for cell in sheet[2] if cell.value == "#REF!"] == ["s"]


@given(st.text(alphabet=st.sampled_from("_x0D5F\r"), max_size=12) | st.text())
def test_escapes_come_back(text: str) -> None:
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize(
    ("language", "housing", "both"), [("de", "Unterkunft", "Arabisch; Deutsch"), ("ar", "ملجأ", "عربية; ألمانية")]
)
def test_labels_stand_in_any_language(language: str, housing: str, both: str) -> None:
    heads = {"de": ("Wohnen", "Sprachen"), "ar": ("سكن", "لغات")}[language]
    [row] = rows(book(sent(1, FULL), language=language))
    assert (row[heads[0]], row[heads[1]]) == (housing, both)
    take = extract_submissions(form(), [sent(1, FULL)])
    [read] = csv.DictReader(io.StringIO(csv_labels(take, language)["probe.csv"], newline=""))
    assert (read[heads[0]], read[heads[1]]) == (housing, both)


def test_heads_and_labels_that_are_shared_say_which() -> None:
    [row] = rows(book(sent(1, MISSING | answered(wohnen="unbekannt")), language="ar"))
    assert "اسم" in row
    assert row["سكن"] == "unbekannt"
    text = form_with_equal_labels()
    assert "Notiz [notiz]" in text.splitlines()[0]
    assert "Deutsch [ar]" in text


def form_with_equal_labels() -> str:
    same = form(TEXT.replace("| Wann |", "| Notiz |").replace("| Arabisch |", "| Deutsch |"))
    return csv_labels(extract_submissions(same, [sent(1, FULL)]), "de")["probe.csv"]


def test_a_reason_stands_beside_its_question() -> None:
    [row] = rows(book(sent(1, MISSING), language="en"))
    [head] = [name for name in row if name.startswith("Age –")]
    assert row[head] not in (None, "refused")


def test_choices_are_split_as_numbers() -> None:
    [row] = rows(book(sent(1, answered(sprachen="ar")), split=True))
    assert (row["sprachen/de"], row["sprachen/ar"]) == (0, 1)
    [row] = rows(book(sent(1, answered(sprachen="ar")), language="de", split=True))
    assert (row["Sprachen/Deutsch"], row["Sprachen/Arabisch"]) == (0, 1)


def test_what_a_cell_cannot_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rows(book(sent(1, answered(notiz="x" * 32_767))))[0]["notiz"] == "x" * 32_767
    with pytest.raises(DataError, match="notiz"):
        book(sent(1, answered(notiz="x" * 32_768)))
    with pytest.raises(DataError, match="notiz"):
        book(sent(1, answered(notiz="a\x0b")))
    monkeypatch.setattr(sheets, "MOST_ROWS", 2)
    assert book(sent(1, {}))
    with pytest.raises(DataError, match="probe"):
        book(sent(1, {}), sent(2, {}))


def test_titles_are_cut_and_stay_apart() -> None:
    assert sheets._title("a" * 40, {}) == "a" * 31
    assert sheets._title("A" * 40, {"a" * 31: 0}) == "A" * 29 + "~2"
    assert sheets._title("a:b/c[1]", {}) == "a_b_c_1_"


def test_formulas_in_csv_labels_are_guarded_and_numbers_stay() -> None:
    take = extract_submissions(form(), [sent(1, FULL | answered(alter="-5"))])
    [row] = csv.DictReader(io.StringIO(csv_labels(take, "de")["probe.csv"], newline=""))
    assert (row["Notiz"], row["Alter"]) == ("'=1+1", "-5")
