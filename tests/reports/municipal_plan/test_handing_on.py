"""Tables and text blocks for another report: the same protection, heads in two languages."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from intake import excel
from reports.municipal_plan.content import Content
from reports.municipal_plan.handing_on import files_of, tables_of, texts_of
from scenario.town_plan import content


def rows(made: Content, name: str) -> list[dict[str, str]]:
    head, *lines = tables_of(made)[name]
    return [dict(zip(head, line, strict=True)) for line in lines]


def test_each_measurement_is_a_line_and_hidden_ones_have_the_sign_for_data() -> None:
    found = rows(content(), "indikatoren")
    line = next(
        row for row in found if row["Nr. / No."] == "I1" and row["Gemessen zum / Measured as of"] == "2025-12-31"
    )
    assert line["Zähler / Numerator"] == "88"
    assert line["Wert / Value"] == "55.0"
    assert line["Ampel / Light"] == "auf Kurs"
    assert line["Weg zum Ziel in Prozent / Way to the target in per cent"] == "83.3"
    hidden = next(row for row in found if row["Nr. / No."] == "I2")
    assert [hidden[name] for name in ("Zähler / Numerator", "Nenner / Denominator", "Wert / Value")] == ["x", "9", "x"]
    assert hidden["Weg zum Ziel in Prozent / Way to the target in per cent"] == ""
    count = next(row for row in found if row["Nr. / No."] == "I7")
    assert [count["Zähler / Numerator"], count["Wert / Value"]] == ["", "15"]
    unmeasured = replace(content(), entered=dict.fromkeys(content().entered, ()))
    assert len(rows(unmeasured, "indikatoren")) == 7


def test_school_entry_has_differences_where_the_page_has_them() -> None:
    found = rows(content(), "schuleingang")
    told = [(row["Jahr / Year"], row["mit Bedarf / with need"], row["Unterschied in Punkten / Difference in points"])
            for row in found]  # fmt: skip
    assert told == [
        ("2020/21", "26", ""), ("2024/25", "x", "x"), ("2024/25", "18", "0.5"),
        ("2020/21", "78", ""), ("2024/25", "37", "-11.2"), ("2024/25", "38", "2.6"),
    ]  # fmt: skip


def test_the_files_are_csv_with_a_mark_a_workbook_and_texts() -> None:
    made = content()
    plan = replace(made.plan, fields=(replace(made.plan.fields[0], aim="=1+1"), *made.plan.fields[1:]))
    files = files_of(replace(made, plan=plan))
    assert sorted(files) == [
        "felder.csv", "indikatoren.csv", "massnahmen.csv", "schuleingang.csv", "tabellen.xlsx", "textbausteine.md",
    ]  # fmt: skip
    text = files["felder.csv"].decode("utf-8")
    assert text.startswith("\ufeffGemeinde (AGS) / Municipality (AGS),")
    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert lines[1][0] == "08235007"
    assert lines[1][5] == "'=1+1"
    assert "-11.2" in files["schuleingang.csv"].decode("utf-8")
    sheets = dict(excel.grids("t.xlsx", files["tabellen.xlsx"], lambda *_: True))
    assert list(sheets) == ["Hinweise", "Handlungsfelder", "Maßnahmen", "Indikatoren", "Schuleingang"]
    assert [texts[3] for _, texts in list(sheets["Handlungsfelder"])[1:3]] == ["Sprache", "Bildung und Kita"]


def test_texts_say_whose_figures_they_are_and_nothing_hidden() -> None:
    text = texts_of(content())
    for words in (
        "# Gemeinsam in Althengstett", "eigene Angaben der Gemeinde", "Zahlen unter 5",
        "Maßnahmen: 3. Davon umgesetzt: 1, laufend: 2, offen: 0, verworfen: 0.",
        "Prüfung B1 bestanden: 55,0\N{NO-BREAK SPACE}% am 31.12.2025, nach 30,0\N{NO-BREAK SPACE}% am 31.12.2022; "
        "Zielwert 60,0\N{NO-BREAK SPACE}% bis 31.12.2026. Stand: auf Kurs.",
        "Kurse mit Kinderbetreuung: · am 31.12.2024", "Nicht messbar: Ob sich jemand willkommen fühlt",
    ):  # fmt: skip
        assert words in text
    assert "22,2" not in text
    assert "Nur für den internen Gebrauch" in texts_of(content("internal"))
    assert "DEMO" in texts_of(replace(content(), demo=True))
    plan = replace(content().plan, title="*Plan* <b>")
    assert "# \\*Plan\\* \\<b\\>" in texts_of(replace(content(), plan=plan))
