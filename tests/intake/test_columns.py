"""intake.columns: misspelt columns and values are named; nothing is dropped without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake import columns
from intake.columns import base, language
from intake.workbook import read_workbook
from scenario.workbooks import markdown, spreadsheet
from validation.errors import Place, Problem


def found(path: Path) -> list[Problem]:
    return list(columns.problems(read_workbook(path)))


def survey(folder: Path, header: str, *rows: str) -> Path:
    lines = ["| survey |" + " |" * header.count("|"), f"| | {header} |", *(f"| | {row} |" for row in rows)]
    return markdown(folder, "\n".join(lines))


@pytest.mark.parametrize(
    ("column", "name", "spoken"),
    [
        ("label::Deutsch (de)", "label", "Deutsch (de)"),
        ("Label :: English (en)", "label", "English (en)"),
        ("Constraint Message", "constraint_message", ""),
        ("bind::lb:warning", "bind", "lb:warning"),
    ],
)
def test_column_names_are_compared_as_pyxform_compares_them(column: str, name: str, spoken: str) -> None:
    assert (base(column), language(column)) == (name, spoken)


def test_single_colons_separate_in_old_sheets() -> None:
    assert (base("label:English", double=False), language("label:English", double=False)) == ("label", "English")
    assert base("jr:count", double=False) == "jr:count"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("relevent", "relevant"),
        ("requried", "required"),
        ("lable::Deutsch (de)", "label::Deutsch (de)"),
        ("constrain", "constraint"),
        ("warnings", "warning"),
        ("warning_mesage::Deutsch (de)", "warning_message::Deutsch (de)"),
        ("mising", "missing"),
        ("sensitvity", "sensitivity"),
        ("followup", "follow_up"),
        ("retension", "retention"),
        ("hnit", "hint"),
        ("comment", ""),
        ("remark", ""),
        ("note", ""),
        ("$kuid", ""),
    ],
)
def test_a_misspelt_column_is_refused_with_what_is_meant(tmp_path: Path, typed: str, meant: str) -> None:
    problems = found(survey(tmp_path, f"type | name | {typed}", "text | a | x"))
    if meant:
        [problem] = problems
        assert problem.code == "workbook.misspelt_column"
        assert problem.fields["suggestion"] == meant
        assert problem.place == Place("survey", 2, typed)
        assert meant in problem.message
    else:
        assert problems == []
        [warning] = columns.ignored(read_workbook(tmp_path / "form.md"))
        assert warning.place == Place("survey", 2, typed)


def test_every_documented_column_passes(tmp_path: Path) -> None:
    for sheet in ("survey", "choices", "settings"):
        names = sorted(columns.KNOWN[sheet])
        book = read_workbook(
            spreadsheet(tmp_path, {"survey": [["type"], ["note"]], sheet: [names, ["x"] * len(names)]})
        )
        assert [p for p in columns.ignored(book) if p.code == "workbook.ignored_column"] == []
        assert [p for p in columns.problems(book) if p.code == "workbook.misspelt_column"] == []


def test_further_columns_of_choices_are_for_filters_unless_a_needed_one_is_missing(tmp_path: Path) -> None:
    form = "| survey | |\n| | type |\n| | note |\n| choices | | | | |\n| | {} | valid_from |\n| | l | x | X | |\n"
    assert found(markdown(tmp_path, form.format("list_name | name | label | labels"))) == []
    [problem] = found(markdown(tmp_path, form.format("list_name | name | lable")))
    assert problem.fields["suggestion"] == "label"


@pytest.mark.parametrize(
    ("column", "value", "suggestion"),
    [
        ("sensitivity", "secret", ""),
        ("sensitivity", "Special", "special"),
        ("follow_up", "proaktive", "proactive"),
        ("layer", "plaan", "plan"),
        ("missing", "unknown refusd", "refused"),
        ("missing", "unknown,refused", ""),
    ],
)
def test_values_of_our_columns_are_checked(tmp_path: Path, column: str, value: str, suggestion: str) -> None:
    [problem] = found(survey(tmp_path, f"type | name | label | {column}", f"text | a | A | {value}"))
    assert problem.place == Place("survey", 3, column)
    assert problem.code.startswith("workbook.unknown_value")
    if suggestion:
        assert problem.fields["suggestion"] == suggestion


def test_good_values_pass_and_purpose_and_retention_are_free(tmp_path: Path) -> None:
    rows = [f"text | a{n} | A | {value} | any words | 3 years" for n, value in enumerate(columns.VALUES["sensitivity"])]
    assert found(survey(tmp_path, "type | name | label | sensitivity | purpose | retention", *rows)) == []


def test_sensitivity_of_choices_is_checked(tmp_path: Path) -> None:
    survey = "| survey | |\n| | type |\n| | note |\n"
    form = survey + "| choices | | | |\n| | list_name | name | sensitivity |\n| | l | x | {} |\n"
    assert found(markdown(tmp_path, form.format("special"))) == []
    [problem] = found(markdown(tmp_path, form.format("speciel")))
    assert problem.place == Place("choices", 6, "sensitivity")


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("begin_group", "missing"),
        ("note", "missing"),
        ("calculate", "missing"),
        ("end_group", "layer"),
        ("note", "warning"),
    ],
)
def test_our_columns_are_refused_where_they_have_no_effect(tmp_path: Path, kind: str, column: str) -> None:
    value = {"missing": "unknown", "layer": "plan", "warning": "1 = 1"}[column]
    problems = found(survey(tmp_path, f"type | name | label | {column}", f"{kind} | a | A | {value}"))
    assert [problem.code for problem in problems] == ["workbook.column_not_here"]


def test_a_message_needs_its_warning_and_a_reason_its_question(tmp_path: Path) -> None:
    [problem] = found(survey(tmp_path, "type | name | label | warning_message", "text | a | A | Really?"))
    assert problem.code == "workbook.message_without_warning"
    [problem] = found(survey(tmp_path, "type | name | label | missing", "text | | A | unknown"))
    assert problem.code == "workbook.missing_without_name"


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    path = survey(tmp_path, "type | name | lable | layer | missing", "text | a | A | x | y", "begin_score | b | B | |")
    assert len(found(path)) == 4


@pytest.mark.parametrize(
    ("given", "default", "problems"),
    [
        ("uk", "Deutsch (de)", []),
        ("ar  uk", "Deutsch (de)", []),
        ("AR", "Deutsch (de)", []),
        ("", "", []),
        ("ukr", "Deutsch (de)", [("workbook.unreviewed_unknown", "ukr")]),
        (
            "Українська (uk)",
            "",
            [("workbook.unreviewed_unknown", "Українська"), ("workbook.unreviewed_unknown", "(uk)")],
        ),
        ("de", "", [("workbook.unreviewed_default", "de")]),
        ("ar", "ar", [("workbook.unreviewed_default", "ar")]),
    ],
)
def test_unreviewed_languages_are_those_of_the_form_but_not_the_first(
    tmp_path: Path, given: str, default: str, problems: list[tuple[str, str]]
) -> None:
    form = f"""
        | survey | type | name | label::Deutsch (de) | label::Українська (uk) | label::ar |
        |---|---|---|---|---|---|
        | | text | a | A | A | A |

        | settings | form_id | default_language | Unreviewed |
        |---|---|---|---|
        | | f | {default} | {given} |
        """
    said = found(markdown(tmp_path, form))
    assert [(problem.code, problem.fields["value"]) for problem in said] == problems
    assert all(problem.place == Place("settings", 7, "Unreviewed") for problem in said)


def test_what_is_kept_to_reviewed_languages_is_a_part_of_the_question(tmp_path: Path) -> None:
    assert (
        found(
            survey(tmp_path, "type | name | label | reviewed_only", "text | a | A | label hint", "note | b | B | yes")
        )
        == []
    )
    (problem,) = found(survey(tmp_path, "type | name | label | reviewed_only", "text | a | A | no"))
    assert (problem.code, problem.fields["column"]) == ("workbook.unknown_value", "reviewed_only")
