"""intake.xlsform: workbooks become forms; every refusal has a place, a sentence and a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake import xlsform
from intake.xlsform import FormCheck, check_form, convert, inspect_form, read_xlsform
from scenario import registers
from scenario.workbooks import markdown, old_spreadsheet, spreadsheet
from validation.errors import FormError, Place, Problem

ROOT = Path(__file__).parents[2]


def only(path: Path) -> Problem:
    """The one problem of a workbook, which must read well in both languages."""
    [problem] = check_form(path)
    assert problem.message != problem.text("en")
    assert not set("{}") & set(problem.message.replace("${ und }", "").replace("${", ""))
    return problem


@pytest.mark.parametrize("name", ["erstgespraech", "kontakt", "austritt", *registers.FORMS])
def test_the_shipped_forms_are_good_and_nothing_in_them_is_ignored(name: str) -> None:
    path = ROOT / "data" / "forms" / f"{name}.md"
    assert check_form(path) == []
    assert convert(path).warnings == ()
    form = read_xlsform(path)
    assert form.id == name
    assert form.languages[:2] == ("Deutsch (de)", "English (en)")


def test_all_formats_give_the_same_form(tmp_path: Path) -> None:
    rows = [["type", "name", "label"], ["integer", "age", "Age"], ["text", "name", "Name"]]
    lines = ["| survey | | | |", *("| | " + " | ".join(row) + " |" for row in rows)]
    commas = "\n".join(["survey,,,", *("," + ",".join(row) for row in rows)])
    files = [
        markdown(tmp_path, "\n".join(lines), "form.md"),
        markdown(tmp_path, commas, "form.csv"),
        spreadsheet(tmp_path, {"survey": rows}, "form.xlsx"),
        old_spreadsheet(tmp_path, rows, "form.xls"),
    ]
    first, *others = [read_xlsform(file) for file in files]
    assert set(first.binds) >= {"/data/age", "/data/name"}
    assert first.id == "form"
    assert [form.hash for form in others] == [first.hash] * 3


def test_our_own_namespace_is_all_that_differs_from_pyxform(tmp_path: Path) -> None:
    from pyxform.xls2xform import convert as pyxform

    path = markdown(
        tmp_path,
        """
        | survey | | | | | | | |
        | | type | name | label::en | label::de | relevant | constraint | constraint_message::de |
        | | begin_group | g | Group | Gruppe | | | |
        | | integer | a | A | Ä | | . > 0 | zu klein |
        | | select_one l or_other | b | B | B | ${a} > 3 | | |
        | | end_group | | | | | | |
        | | note | | Note ${a} | Hinweis ${a} | | | |
        | | begin_repeat | r | R | R | | | |
        | | text | t | T | T | ${a} = 1 | | |
        | | end_repeat | | | | | | |
        | choices | | | | |
        | | list_name | name | label::en | label::de |
        | | l | x | X | X |
        """,
    )
    ours = convert(path).xform.replace(' xmlns:lb="https://lotsenbuch.example/xform"', "")
    assert ours == pyxform(str(path)).xform


def test_typographic_quotes_and_hard_spaces_stay_in_texts_and_go_from_expressions(tmp_path: Path) -> None:
    path = markdown(
        tmp_path,
        """
        | survey | | | | |
        | | type | name | label | relevant |
        | | text | a | „Titel“ – 1\u00a0000 ’s | |
        | | text | b | \ue000 | ${a} = ‘x’ |
        """,
    )
    xform = convert(path).xform
    assert "„Titel“ – 1\u00a0000 ’s" in xform
    assert "\ue000" in xform
    assert "= 'x'" in xform


@pytest.mark.parametrize(
    ("rows", "code", "row", "column"),
    [
        ("| | integr | a | A | | |", "workbook.unknown_type", 3, "type"),
        ("| | integer | | A | | |", "workbook.no_name", 3, ""),
        ("| | | a | A | | |", "workbook.no_type", 3, ""),
        ("| | integer | 1a | A | | |", "workbook.bad_name", 3, "name"),
        ("| | integer | a | A | ${b} = 1 | |", "workbook.unknown_reference", 3, "relevant"),
        ("| | integer | a | A | ${a | |", "workbook.bad_reference", 3, "relevant"),
        ("| | integer | a | A | | |\n| | integer | a | A | | |", "workbook.duplicate_name", 4, "name"),
        ("| | begin_group | a | A | | |", "workbook.unmatched_begin", 3, ""),
        ("| | integer | a | A | | |\n| | end_group | | | | |", "workbook.unmatched_end", 4, ""),
        ("| | calculate | a | | | |", "workbook.no_calculation", 3, ""),
        ("| | select_one x | a | A | | |", "workbook.no_choices", 3, "type"),
        ("| | begin_kobomatrix | a | A | | |", "workbook.unsupported", 3, "type"),
        ("| | begin_score | a | A | | |", "workbook.unsupported", 3, "type"),
        ("| | begin rank | a | A | | |", "workbook.unsupported", 3, "type"),
        ("| | text | a | A | | search('x') |", "workbook.unsupported", 3, "appearance"),
        ("| | include other.xls | a | A | | |", "workbook.unsupported", 3, "type"),
    ],
)
def test_what_is_wrong_with_a_row_is_named_with_its_place(
    tmp_path: Path, rows: str, code: str, row: int, column: str
) -> None:
    path = markdown(tmp_path, f"| survey | | | | | |\n| | type | name | label | relevant | appearance |\n{rows}\n")
    problem = only(path)
    assert problem.code == code, problem
    assert problem.place == Place("survey", row, column)


@pytest.mark.parametrize(
    ("choices", "code", "row"),
    [
        ("| | l | x | X |\n| | l | x | Y |", "workbook.duplicate_choice", 7),
        ("| | l | | X |", "workbook.no_choice_name", 6),
        ("| | m | x | X |", "workbook.unknown_list", 3),
    ],
)
def test_what_is_wrong_with_the_choices(tmp_path: Path, choices: str, code: str, row: int) -> None:
    survey = "| survey | | | |\n| | type | name | label |\n| | select_one l | a | A |\n"
    problem = only(markdown(tmp_path, f"{survey}| choices | | | |\n| | list_name | name | label |\n{choices}\n"))
    assert (problem.code, problem.place.row) == (code, row)


def test_a_column_that_is_missing_is_told_at_the_column_names(tmp_path: Path) -> None:
    problem = only(markdown(tmp_path, "# Form\n\n| survey | | |\n| | name | label |\n| | a | A |\n"))
    assert (problem.code, problem.place) == ("workbook.no_column", Place("survey", 4))
    assert "'type'" in problem.message


def test_each_of_several_duplicates_is_a_problem_of_its_own(tmp_path: Path) -> None:
    survey = "| survey | | | |\n| | type | name | label |\n| | select_one l | a | A |\n| choices | | | |\n"
    choices = "| | list_name | name | label |\n| | l | x | X |\n| | l | x | Y |\n| | l | x | Z |\n"
    assert [problem.place.row for problem in check_form(markdown(tmp_path, survey + choices))] == [7, 8]


def test_a_suggestion_is_made_where_something_is_near(tmp_path: Path) -> None:
    form = "| survey | | | | |\n| | type | name | label | relevant |\n| | text | alter | A | |\n"
    assert "(alter?)" in only(markdown(tmp_path, form + "| | text | b | B | ${altr} = 1 |\n")).message
    assert "?" not in only(markdown(tmp_path, form + "| | text | b | B | ${xyz} = 1 |\n")).message


def test_problems_of_the_xform_get_the_cell_they_come_from(tmp_path: Path) -> None:
    path = spreadsheet(
        tmp_path,
        {
            "Survey": [
                ["type", "name", "label", "Relevance", "constraint"],
                ["integer", "a", "A", None, ". > 0 and"],
                [],
                ["integer", "b", "B", "count(1, 2) = 1", None],
                ["begin repeat", "r", "R", None, None],
                ["integer", "c", "C", "${a} = = 1", None],
                ["end repeat", None, None, None, None],
            ]
        },
    )
    places = [problem.place for problem in check_form(path)]
    assert Place("Survey", 2, "constraint", "/data/a", 10) in places
    assert Place("Survey", 6, "Relevance", "/data/r/c", 0) in places  # what pyxform makes of ${} moves positions


def test_an_unknown_function_is_named_with_its_cell(tmp_path: Path) -> None:
    path = markdown(tmp_path, "| survey | | | |\n| | type | name | calculation |\n| | calculate | a | nosuch(1) |\n")
    problem = only(path)
    assert problem.code.startswith("xpath.")
    assert "nosuch" in problem.message
    assert (problem.place.sheet, problem.place.row, problem.place.column) == ("survey", 3, "calculation")


def test_a_cycle_is_named_with_its_rows(tmp_path: Path) -> None:
    rows = "| | calculate | a | ${b} + 1 |\n| | calculate | b | ${a} + 1 |\n"
    found = check_form(markdown(tmp_path, "| survey | | | |\n| | type | name | calculation |\n" + rows))
    assert {problem.code for problem in found} == {"form.cycle"}
    assert {problem.place.row for problem in found} <= {3, 4}


def test_the_survey_must_be_there(tmp_path: Path) -> None:
    assert only(spreadsheet(tmp_path, {"survy": [["type"]], "choices": [["name"]]})).fields["found"] == "survy"
    assert only(spreadsheet(tmp_path, {"A": [["type"]], "B": [["x"]]})).code == "workbook.no_survey"
    assert only(spreadsheet(tmp_path, {"survey": [["type", "name"]]})).code == "workbook.no_questions"
    assert only(spreadsheet(tmp_path, {"survey": []})).code == "workbook.no_questions"


def test_a_survey_without_end_is_refused_before_it_is_converted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = markdown(tmp_path, "| survey | | | |\n| | type | name | label |\n" + "| | note | | N |\n" * 30)
    assert check_form(path) == []
    monkeypatch.setattr(xlsform, "ROW_LIMIT", 29)
    assert only(path).code == "workbook.too_many_rows"


def test_groups_nested_beyond_reason_are_a_problem(tmp_path: Path) -> None:
    begin = "".join(f"| | begin_group | g{n} | G |\n" for n in range(2_000))
    end = "| | end_group | | |\n" * 2_000
    path = markdown(tmp_path, f"| survey | | | |\n| | type | name | label |\n{begin}| | text | a | A |\n{end}")
    assert only(path).code in {"workbook.not_convertible", "form.too_deep"}


def test_encrypted_forms_are_refused_by_name(tmp_path: Path) -> None:
    survey = "| survey | | | |\n| | type | name | label |\n| | text | a | A |\n"
    form = survey + "| settings | |\n| | public_key |\n| | MIIB |\n"
    problem = only(markdown(tmp_path, form))
    assert problem.place == Place("settings", 6, "public_key")


def test_a_prefix_that_means_something_else_is_refused(tmp_path: Path) -> None:
    form = (
        "| survey | | | |\n| | type | name | label |\n| | text | a | A |\n| settings | |\n| | namespaces |\n| | {} |\n"
    )
    assert only(markdown(tmp_path, form.format('lb="http://other"'))).code == "workbook.namespace_taken"
    good = form.format('x="http://other" lb="https://lotsenbuch.example/xform"')
    assert check_form(markdown(tmp_path, good)) == []
    assert 'xmlns:x="http://other"' in convert(tmp_path / "form.md").xform


def test_what_pyxform_trips_over_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyxform import xls2xform

    path = markdown(tmp_path, "| survey | | | |\n| | type | name | label |\n| | text | a | A |\n")

    def fails(*_: object, **__: object) -> None:
        raise KeyError("inside")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xls2xform, "convert", fails)
    assert only(path).code == "workbook.not_convertible"
    monkeypatch.setattr(xls2xform, "convert", full)
    assert only(path).code == "workbook.disk"


def test_warnings_name_their_place(tmp_path: Path) -> None:
    path = markdown(
        tmp_path,
        """
        | survey | | | | |
        | | type | name | label | remark |
        | | text | a | A | for me |
        | | | | | a comment |
        | settings | |
        | | form_id |
        | | f |
        | | g |
        """,
    )
    found = [(problem.code, problem.place.sheet, problem.place.row) for problem in convert(path).warnings]
    assert ("workbook.ignored_column", "survey", 2) in found
    assert ("workbook.second_settings_row", "settings", 8) in found
    assert ("workbook.skipped_row", "survey", 4) in found


def test_a_reference_to_nothing_is_a_warning_with_its_cell(tmp_path: Path) -> None:
    form = "| survey | | | | |\n| | type | name | label | relevant |\n| | text | a | A | /data/nosuch = 1 |\n"
    checked = inspect_form(markdown(tmp_path, form))
    assert checked.problems == ()
    [warning] = checked.warnings
    assert warning.code == "form.unknown_reference"
    assert warning.place == Place("survey", 3, "relevant", "/data/a", warning.place.position)


@pytest.mark.parametrize(
    ("column", "hint"), [("regoin", " (region?)"), ("xyzzy", ""), ("region", None), ("empty", None)]
)
def test_a_filter_by_a_column_no_list_has_is_a_warning(tmp_path: Path, column: str, hint: str | None) -> None:
    form = f"""
    | survey | | | | |
    | | type | name | label | choice_filter |
    | | text | where | Where | |
    | | select_one l | a | A | {column} = ${{where}} |
    | choices | | | | | |
    | | list_name | name | label | region | empty |
    | | l | x | X | asia | |
    """
    found = inspect_form(markdown(tmp_path, form)).warnings
    expected = (
        [] if hint is None else [("workbook.unknown_filter", Place("survey", 4, "choice_filter", "/data/a"), hint)]
    )
    assert [(warning.code, warning.place, warning.fields["hint"]) for warning in found] == expected


def test_a_good_form_has_neither_problems_nor_warnings() -> None:
    assert inspect_form(ROOT / "data" / "forms" / "stelle.md") == FormCheck()


def test_what_the_form_says_is_told_at_its_cell(tmp_path: Path) -> None:
    form = """
    | survey | | | | | | |
    | | type | name | label | Relevance | default | warning |
    | | select_one l | a | A | | z | |
    | | integer | b | B | ${a} = 'y' | | ${a} = 'x' |
    | | text | c | C | regex(${a}, '[') | | |
    | choices | | | |
    | | list_name | name | label |
    | | l | x | X |
    """
    checked = inspect_form(markdown(tmp_path, form), clients=["collect"])
    assert [(item.code, item.place.row, item.place.column) for item in checked.problems] == [
        ("xpath.regex_wrong", 5, "Relevance")
    ]
    assert [(item.code, item.place.row, item.place.column) for item in checked.warnings] == [
        ("lint.not_listed", 3, "default"),
        ("lint.not_listed", 4, "Relevance"),
        ("lint.unreachable", 4, "Relevance"),
    ]


def test_functions_a_client_lacks_are_told_when_it_is_named(tmp_path: Path) -> None:
    form = "| survey | | | |\n| | type | name | calculation |\n| | calculate | a | floor(1.5) |\n"
    path = markdown(tmp_path, form)
    assert inspect_form(path).warnings == ()
    assert [item.place.row for item in inspect_form(path, clients=["collect", "enketo"]).warnings] == [3]


def test_convert_raises_and_check_returns_the_same(tmp_path: Path) -> None:
    path = markdown(tmp_path, "| survey | | |\n| | type | nmae |\n| | text | a |\n")
    with pytest.raises(FormError) as raised:
        convert(path)
    assert list(raised.value.problems) == check_form(path)
    assert check_form(tmp_path / "none.md")[0].code == "workbook.not_there"


def test_places_name_the_row_of_every_nodeset(tmp_path: Path) -> None:
    path = markdown(
        tmp_path,
        """
        | survey | | | | |
        | | type | name | label | repeat_count |
        | | begin_group | g | G | |
        | | begin_repeat | r | R | 2 + 1 |
        | | text | t | T | |
        | | end_repeat | | | |
        | | end_group | | | |
        | settings | |
        | | name |
        | | form |
        """,
    )
    converted = convert(path)
    rows = {nodeset: place.row for nodeset, place in converted.places.items() if place.sheet == "survey"}
    assert rows == {"/form/g": 3, "/form/g/r": 4, "/form/g/r/t": 5}
    generated = converted.locate(Problem("form.cycle", Place(nodeset="/form/g/r_count", column="calculate")))
    assert generated.place.row == 4
    inside = converted.locate(Problem("form.cycle", Place(nodeset="/form/g/r[2]/t[1]")))
    assert inside.place.row == 5


TYPES = (
    *("text", "integer", "select_one l", "select_multiple l", "rank l", "select_one ${a}", "select_one l or_other"),
    *("begin_group", "end_group", "begin repeat", "end repeat", "begin loop over l", "calculate", "note", "range"),
    *(
        "geopoint",
        "audit",
        "image",
        "csv-external",
        "select_one_from_file l.csv",
        "background-audio",
        "",
        "?",
        "form_id",
    ),
)
WORDS = (
    "a",
    "b",
    "${a}",
    "${b}",
    ". > 1",
    "yes",
    "${a",
    "'",
    "(",
    "x y",
    "concat(${a}, 'x')",
    "-",
    "😀",
    "start=1 end=2",
)
HEADERS = (
    *("label", "label::de", "hint::de", "relevant", "required", "constraint", "constraint_message::de", "calculation"),
    *("default", "choice_filter", "parameters", "appearance", "repeat_count", "trigger", "missing", "warning", "media"),
    *(
        "warning_message",
        "warning_message::de",
        "image",
        "bind::lb:x",
        "bind::",
        "::",
        "body::x",
        "instance::y",
        "layer",
    ),
)


@st.composite
def surveys(draw: st.DrawFn) -> list[list[str]]:
    headers = draw(st.lists(st.sampled_from(HEADERS), unique=True, max_size=4))
    row = st.tuples(
        st.sampled_from(TYPES),
        st.sampled_from(["a", "b", "c", "", "1", "meta", "a b"]),
        *[st.sampled_from(["", "", *WORDS, "unknown", "plan"]) for _ in headers],
    )
    return [["type", "name", *headers], *map(list, draw(st.lists(row, min_size=1, max_size=6)))]


@given(
    surveys(),
    st.sampled_from(["", "name", "default_language", "instance_name", "version", "namespaces", "style", "flat"]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_workbook_says_it_is_a_form_or_problems(tmp_path: Path, rows: list[list[str]], setting: str) -> None:
    choices = [["list_name", "name", "label"], ["l", "x", "X"], ["l", "1", "One"]]
    sheets = {"survey": rows, "choices": choices, "settings": [["form_id", setting or "title"], ["f", "yes"]]}
    for problem in check_form(spreadsheet(tmp_path, sheets)):
        assert str(problem)
        assert problem.text("en")
