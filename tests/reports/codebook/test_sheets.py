from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from intake import excel
from intake.tables import published_forms
from reports.codebook.counts import figures
from reports.codebook.entries import codebook
from reports.codebook.sheets import sheets
from scenario.answered import SECRET, answered
from scenario.diffable import version
from scenario.xforms import survey


def by_head(rows: object) -> list[dict[str, str]]:
    heads, *below = [list(row) for row in rows]  # type: ignore[attr-defined]
    return [dict(zip(heads, row, strict=False)) for row in below]


def test_one_row_a_question_and_one_row_a_choice() -> None:
    made = sheets(codebook(version(), versions=[version()]))
    assert list(made) == ["Hinweise", "Fragen", "Auswahl"]
    questions = {row["Pfad"]: row for row in by_head(made["Fragen"])}
    assert len(questions) == len(made["Fragen"]) - 1 == len(codebook(version()).entries)
    age = questions["/data/a/alter"]
    assert (age["Nummer"], age["Name"], age["Typ"], age["Art"]) == ("2", "alter", "ganze Zahl", "Frage")
    assert age["Erlaubt, wenn (en)"] == "the answer is at least 0 and is at most 120"
    assert (age["constraint"], age["Fehlgründe"]) == (". >= 0 and . <= 120", "unknown refused")
    assert (age["Beschriftung: English (en)"], age["In den Versionen"]) == ("Age", "1")
    choices = by_head(made["Auswahl"])
    assert [row["Wert"] for row in choices if row["Pfad"] == "/data/a/land"] == ["de", "sy", "x"]
    assert [row["Beschriftung: Deutsch (de)"] for row in choices if row["Liste"] == "missing"] == [
        "weiß nicht", "keine Angabe",
    ]  # fmt: skip


def test_frequencies_are_marked_as_internal_and_tell_no_text(tmp_path: Path) -> None:
    store = answered(tmp_path)
    made = sheets(codebook(version()), figures(store, published_forms(store)["probe"]), demo="DEMO")
    assert "Nur für den internen Gebrauch" in " ".join(row[0] for row in made["Hinweise"])
    assert made["Hinweise"][1] == ["DEMO"]
    age = next(row for row in by_head(made["Fragen"]) if row["Pfad"] == "/data/a/alter")
    assert (age["Zeilen insgesamt (Intern)"], age["% fehlend unter den Gefragten (Intern)"]) == (
        "4",
        "25,0\N{NO-BREAK SPACE}%",
    )
    counted = [row for row in made["Häufigkeiten"] if row[1] == "/data/a/land"]
    assert ["3", "/data/a/land", "Land", "Antworten", "de", "Deutschland", "1", "50,0\N{NO-BREAK SPACE}%"] in counted
    assert SECRET not in repr(made)


@pytest.mark.parametrize("payload", ["=1+1", "+49", "-1", "@SUM(A1)", "\t=1", "=HYPERLINK('x')"])
def test_nothing_that_a_form_says_is_a_formula(payload: str, tmp_path: Path) -> None:
    form = survey(
        f"""
| survey | type | name | label |
|---|---|---|---|
| | select_one l | a | {payload} |
| choices | list_name | name | label |
|---|---|---|---|
| | l | x | {payload} |
"""
    )
    file = tmp_path / "c.xlsx"
    file.write_bytes(excel.write(sheets(codebook(form))))
    book = openpyxl.load_workbook(file)
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert payload.strip() in {str(cell.value).strip() for cell in cells}
