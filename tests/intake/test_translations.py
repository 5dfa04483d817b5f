"""intake/translations.py: texts that a language lacks, by cell; nothing in forms of one language."""

from __future__ import annotations

from pathlib import Path

from intake.xlsform import inspect_form
from scenario.workbooks import choice_list, markdown, spreadsheet

TOLD = {"lint.untranslated", "workbook.untranslated_column", "workbook.column_without_language"}


def told(path: Path) -> list[tuple[str, str, int, str]]:
    checked = inspect_form(path)
    assert checked.problems == ()
    for problem in checked.warnings:
        assert problem.text("de") != problem.text("en")
    return [
        (item.code, item.place.sheet, item.place.row, item.place.column)
        for item in checked.warnings
        if item.code in TOLD
    ]


def test_each_empty_cell_is_told_with_its_language(tmp_path: Path) -> None:
    choice_list(tmp_path, "land", "name,label::Deutsch (de),label::English (en)\nde,Deutschland,\nfr,,France\n")
    form = """
    | survey | | | | | | |
    | | type | name | label::Deutsch (de) | label::English (en) | hint::Deutsch (de) | hint::English (en) |
    | | text | a | A | | Hinweis | Hint |
    | | select_one land | b | B | B | | |
    | | select_one l | c | C | C | | Hint |
    | | calculate | d | D | | | |
    | | begin_group | g | | G | | |
    | | text | e | E | E | | |
    | | end_group | g | G | | | |
    | choices | | | | |
    | | list_name | name | label::Deutsch (de) | label::English (en) |
    | | l | x | X | |
    """
    form = form.replace("| | calculate | d | D | | | |\n", "")
    assert told(markdown(tmp_path / "forms", form)) == [
        ("lint.untranslated", "survey", 3, "label::English (en)"),
        ("lint.untranslated", "survey", 5, "hint::Deutsch (de)"),
        ("lint.untranslated", "survey", 6, "label::Deutsch (de)"),
        ("workbook.untranslated_column", "choices", 10, "label::English (en)"),
        ("lint.untranslated", "lists/land.csv", 2, "label::English (en)"),
        ("lint.untranslated", "lists/land.csv", 3, "label::Deutsch (de)"),
    ]


def test_a_column_that_no_language_has_filled_is_told_once(tmp_path: Path) -> None:
    rows = [
        ["type", "name", "label::de", "label::en", "image::de", "constraint", "constraint_message::de"],
        *(["integer", f"a{n}", "A", "A", None, ". > 0", "größer als 0"] for n in range(5)),
    ]
    assert told(spreadsheet(tmp_path, {"survey": rows})) == [
        ("workbook.untranslated_column", "survey", 1, "constraint_message::en")
    ]


def test_a_column_that_forgot_its_language(tmp_path: Path) -> None:
    rows = [["type", "name", "label::de", "label::en", "hint"], ["text", "a", "A", "A", "Hinweis"]]
    assert told(spreadsheet(tmp_path, {"survey": rows})) == [("workbook.column_without_language", "survey", 1, "hint")]
    spoken = {"survey": rows, "settings": [["default_language"], ["de"]]}
    assert told(spreadsheet(tmp_path, spoken)) == [("workbook.untranslated_column", "survey", 1, "hint::en")]


def test_labels_without_a_language_are_a_language(tmp_path: Path) -> None:
    rows = [["type", "name", "label", "label::en"], ["text", "a", "A", None], ["text", "b", "B", "B"]]
    assert told(spreadsheet(tmp_path, {"survey": rows})) == [("lint.untranslated", "survey", 2, "label::en")]


def test_a_form_of_one_language_lacks_nothing(tmp_path: Path) -> None:
    rows = [["type", "name", "label::de", "hint::de"], ["text", "a", "A", None], ["text", "b", "B", "B"]]
    assert told(spreadsheet(tmp_path, {"survey": rows})) == []
    rows = [["type", "name", "label", "hint"], ["text", "a", "A", None], ["text", "b", "B", "B"]]
    assert told(spreadsheet(tmp_path, {"survey": rows})) == []


def test_old_forms_separate_languages_by_one_colon(tmp_path: Path) -> None:
    rows = [["type", "name", "label:German", "label:English"], ["text", "a", "A", None], ["text", "b", "B", "B"]]
    assert told(spreadsheet(tmp_path, {"survey": rows})) == [("lint.untranslated", "survey", 2, "label::English")]
