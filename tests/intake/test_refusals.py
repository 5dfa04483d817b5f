"""intake/refusals.py: what pyxform notes is told in our words, with its place (its refusals: see test_xlsform.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.xlsform import check_form, convert
from scenario.workbooks import spreadsheet

LIST = [["list_name", "name", "label::en"], ["l", "x", "X"], ["l", "y", None]]


@pytest.mark.parametrize(
    ("row", "code", "number"),
    [
        (["text", "a", "A", "A"], "workbook.language_code", 0),
        (["image", "a", "A", "A"], "workbook.no_max_pixels", 2),
        (["select_one l", "a", "A", "A"], "workbook.choice_without_label", 3),
        (["select_one l or_other", "a", "A", "A"], "workbook.or_other_translated", 0),
        (["begin_repeat", "a", None, None], "workbook.section_without_label", 2),
        (["simserial", "a", "A", "A"], "workbook.old_type", 2),
        (["text", "Z", "A", "A"], "workbook.name_but_for_case", 3),
    ],
)
def test_notes_in_our_words(tmp_path: Path, row: list[str], code: str, number: int) -> None:
    rows = [["type", "name", "label::en", "label::Klingon"], row, ["text", "z", "Z", "Z"]]
    if row[0].startswith("begin"):
        rows.append(["end_repeat", None, None, None])
    choices = LIST[: 2 if "or_other" in row[0] else 3]
    found = {item.code: item for item in convert(spreadsheet(tmp_path, {"survey": rows, "choices": choices})).warnings}
    assert found[code].place.row == number
    assert found[code].text("de") != found[code].text("en")
    assert not any(word in found[code].message for word in ("Learn more", "http"))


def test_what_is_said_of_missing_translations_is_said_once_and_in_our_words(tmp_path: Path) -> None:
    rows = [["type", "name", "label::de (de)", "label::en (en)", "image::de (de)", "hint::de (de)"], ["text", "a"]]
    rows[1] += ["A", "A", "a.png", "H"]
    found = convert(spreadsheet(tmp_path, {"survey": rows})).warnings
    assert {item.code for item in found} == {"workbook.untranslated_column"}


def test_a_missing_sheet_of_external_choices_is_told_at_the_question(tmp_path: Path) -> None:
    rows = [
        ["type", "name", "label", "choice_filter"],
        ["select_one_from_file t.csv", "a", "A", None],
        ["select_one_external l", "b", "B", "name != ''"],
    ]
    (found,) = check_form(spreadsheet(tmp_path, {"survey": rows}))
    assert (found.code, found.place.sheet, found.place.row) == ("workbook.no_external_choices", "survey", 3)
