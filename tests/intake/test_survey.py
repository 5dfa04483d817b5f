"""intake/survey.py: everything that is wrong with the rows is told at once, with its cell, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.xlsform import check_form, inspect_form
from scenario.workbooks import choice_list, markdown, spreadsheet

FAULTY = """
| survey | | | | | | | |
| | type | name | label | relevant | constraint | calculation | choice_filter |
| | integr | a | A | | | | |
| | integer | b b | B | ${a} = | | | |
| | select_one fruits | c | C ${nobody} | ${d} > 1 | | | name = ${aa |
| | select_one fruit | d | D | | sellected(., 'x') | | |
| | begin_group | g | G | | | | |
| | text | e | E | | regex(., 'x', 'y', 'z') | | |
| | text | e | E | | | | |
| | end_repeat | g | | | | | |
| | begin_repeat | r | R | | | | |
| | integer | | N | | | | |
| | calculate | f | | | | ${a} + ${b b} + ${last-saved#a} | |
| choices | | | |
| | list_name | name | label |
| | fruit | x | X |
| | fruit | x | Y |
| | fruit | | Z |
"""


def test_all_that_is_wrong_is_told_at_once_by_sheet_and_row(tmp_path: Path) -> None:
    found = check_form(markdown(tmp_path, FAULTY))
    assert [(item.code, item.place.row, item.place.column) for item in found] == [
        ("workbook.unknown_type", 3, "type"),
        ("workbook.bad_name", 4, "name"),
        ("xpath.unfinished", 4, "relevant"),
        ("workbook.bad_reference", 5, "choice_filter"),
        ("workbook.unknown_reference", 5, "label"),
        ("workbook.unknown_list", 5, "type"),
        ("xpath.unknown_function", 6, "constraint"),
        ("workbook.unmatched_begin", 7, ""),
        ("xpath.arity", 8, "constraint"),
        ("workbook.duplicate_name", 9, "name"),
        ("workbook.unmatched_end", 10, ""),
        ("workbook.unmatched_begin", 11, ""),
        ("workbook.no_name", 12, ""),
        ("workbook.bad_reference", 13, "calculation"),
        ("workbook.duplicate_choice", 17, ""),
        ("workbook.no_choice_name", 18, ""),
    ]
    for problem in found:
        assert problem.text("de") != problem.text("en")


def test_positions_are_those_of_the_cell_as_typed(tmp_path: Path) -> None:
    rows = "| | integr | a | A | |\n| | text | b | B | ${a} = 'x' and nosuch(${a}) |\n"
    found = check_form(markdown(tmp_path, f"| survey | | | | |\n| | type | name | label | relevant |\n{rows}"))
    assert [(item.code, item.place.position) for item in found][1:] == [("xpath.unknown_function", 16)]


def test_what_pyxform_knows_is_not_told_beside_what_it_does_not(tmp_path: Path) -> None:
    choice_list(tmp_path, "land", "name,label\nde,Deutschland\n")
    form = """
    | survey | | | | | | |
    | | type | name | label | relevant | required | repeat_count |
    | | nonsense | n | N | | | |
    | | start | start | | | | |
    | | select_one land | land | L | | yes | |
    | | select_multiple fruit or_other | many | M | ${land} = ‘de’ | TRUE | |
    | | select one from fruit | old | O | ${many} != '' | | |
    | | select_one_from_file towns.csv | town | T | | | |
    | | rank fruit | order | O | | | |
    | | select_one ${land} | again | A | | | |
    | | note | | A note ${land} | | | |
    | | begin group | g | G | | | |
    | | begin repeat | r | R | | | 2 + 1 |
    | | text | t | T | position(..) = 1 | | |
    | | end repeat | | | | | |
    | | end group | | | | | |
    | | get start time | s2 | | | | |
    | | osm | o | O | | | |
    | | | | | | | |
    | | text | gone | G | ${nobody} = 1 | | |
    | choices | | | |
    | | list_name | name | label |
    | | fruit | x | X |
    """
    found = check_form(markdown(tmp_path / "forms", form.replace("nobody", "land")))
    assert [item.code for item in found] == ["workbook.unknown_type"]


def test_a_form_that_pyxform_refuses_has_its_warnings_too(tmp_path: Path) -> None:
    form = """
    | survey | | | | |
    | | type | name | label::de | label::en | remark |
    | | nonsense | a | A | | |
    | choices | | | |
    | | list_name | name | label::de | label::en |
    | | l | x | X | |
    | | l | y | Y | Y |
    """
    checked = inspect_form(markdown(tmp_path, form))
    assert [item.code for item in checked.problems] == ["workbook.unknown_type"]
    assert [(item.code, item.place.sheet, item.place.row) for item in checked.warnings] == [
        ("workbook.untranslated_column", "survey", 2),
        ("workbook.ignored_column", "survey", 2),
        ("lint.untranslated", "choices", 6),
    ]


@pytest.mark.parametrize("allowed", ["yes", ""])
def test_duplicates_may_be_allowed(tmp_path: Path, allowed: str) -> None:
    sheets = {
        "survey": [["type", "name", "label"], ["select_one l", "a", "A"], ["nonsense", "b", "B"]],
        "choices": [["list_name", "name", "label"], ["l", "x", "X"], ["l", "x", "Y"]],
        "settings": [["allow_choice_duplicates"], [allowed]],
    }
    codes = [item.code for item in check_form(spreadsheet(tmp_path, sheets))]
    assert codes == ["workbook.unknown_type", *(["workbook.duplicate_choice"] if not allowed else [])]


def test_with_a_misspelt_column_the_rest_is_looked_at_as_it_is_meant(tmp_path: Path) -> None:
    form = """
    | survey | | | | | |
    | | type | nmae | label | relevent | missing |
    | | text | a | A | nosuch(1) | unknwon |
    | | text | b | B | ${a} = 'x' and today() > 2020 | |
    """
    checked = inspect_form(markdown(tmp_path, form))
    assert [(item.code, item.place.row, item.place.column) for item in checked.problems] == [
        ("workbook.misspelt_column", 2, "nmae"),
        ("workbook.misspelt_column", 2, "relevent"),
        ("workbook.unknown_value_near", 3, "missing"),
        ("xpath.unknown_function", 3, "relevent"),
    ]
    form = form.replace("nosuch(1)", "").replace("unknwon", "")
    checked = inspect_form(markdown(tmp_path, form))
    assert [item.code for item in checked.problems] == ["workbook.misspelt_column"] * 2
    assert [(item.code, item.place.row, item.place.column) for item in checked.warnings] == [
        ("lint.date_number", 4, "relevent")
    ]


MANY = """
    | survey | | | | | | | |
    | | type | name | label | relevant | constraint | calculation | choice_filter |
    | | integer | a | A | | | | |
    | | text | broken | B ${nobody} | ${a} > | regex(., 'a(?=b)') | | |
    | | calculate | c1 | | | | ${c2} + 1 | |
    | | calculate | c2 | | | | ${c1} + 1 | |
    | | select_one l | s | S | | | | regoin = 'x' |
    | | text | never | N | ${s} = 'zz' | | | |
    | | calculate | e | | | | fooo(${unknown}) | |
    | | txt | f | F | | | | |
    | | text | g | G ${f} | | | | |
    | choices | | | |
    | | list_name | name | label |
    | | l | x | X |
    """


def test_one_mistake_hides_no_other(tmp_path: Path) -> None:
    """pyxform refuses, expressions are broken, values go in circles, conditions never hold: told in one go."""
    checked = inspect_form(markdown(tmp_path, MANY.replace("| txt |", "| text |")))
    problems = {(item.place.row, item.place.column): item.code for item in checked.problems}
    assert problems[4, "label"] == "workbook.unknown_reference"
    assert problems[4, "relevant"].startswith("xpath.")
    assert problems[5, "calculation"] == "form.cycle"
    assert problems[9, "calculation"] in ("workbook.unknown_reference", "xpath.unknown_function")
    assert len(problems) == 4
    warnings = {(item.place.row, item.code) for item in checked.warnings}
    assert {(7, "workbook.unknown_filter"), (8, "lint.unreachable")} <= warnings


def test_a_question_of_an_unknown_type_is_there_for_others(tmp_path: Path) -> None:
    found = {(item.place.row, item.code) for item in inspect_form(markdown(tmp_path, MANY)).problems}
    assert (10, "workbook.unknown_type") in found
    assert not {row for row, _ in found} & {3, 7, 8, 11}
