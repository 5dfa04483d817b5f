"""intake.rewriting: our columns, missing reasons and choice lists arrive in the form that is read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from intake.columns import OURS
from intake.xlsform import check_form, convert, read_xlsform
from scenario.workbooks import choice_list, markdown
from validation.form import Form
from validation.instance import Instance

NOW = dt.datetime(2024, 3, 1, 9, tzinfo=dt.UTC)


def start(form: Form, language: str | None = None) -> Instance:
    return Instance(form, now=NOW, language=language)


def messages(instance: Instance) -> list[tuple[str, str, str]]:
    return [(found.path, found.kind, found.message) for found in instance.violations()]


OWN = """
    | survey | | | | | | | | | | | | | |
    | | type | name | label::Deutsch (de) | label::English (en) | warning | warning_message::Deutsch (de) | warning_message::English (en) | sensitivity | follow_up | layer | purpose | retention | reviewed_only | simulate | shared |
    | | begin_group | g | G | G | | | | general | | plan | bericht | fall | |
    | | integer | age | Alter | Age | . < 100 | „Wirklich“ ${age} Jahre? | Really ${age} years? | special | proactive | anlegen | beratung bericht | 3 years | hint | uniform(1, 99) | household |
    | | end_group | | | | | | | | | | | | |
    """  # noqa: E501 - a table is read across


def test_each_own_column_arrives_in_the_form(tmp_path: Path) -> None:
    form = read_xlsform(markdown(tmp_path, OWN))
    bind = form.binds["/data/g/age"]
    assert set(OURS) - set(bind.columns) == {"missing"}
    assert (
        dict(bind.columns).items()
        >= {
            "sensitivity": "special",
            "follow_up": "proactive",
            "layer": "anlegen",
            "purpose": "beratung bericht",
            "retention": "3 years",
            "reviewed_only": "hint",
            "simulate": "uniform(1, 99)",
            "shared": "household",
        }.items()
    )
    assert bind.warning is not None
    assert bind.warning.source.strip() == ". < 100"
    assert bind.warning_message is not None
    assert bind.warning_message.itext == "/data/g/age:lb:warning_message"
    assert dict(form.binds["/data/g"].columns) == {
        "sensitivity": "general",
        "layer": "plan",
        "purpose": "bericht",
        "retention": "fall",
    }


def test_a_warning_speaks_in_the_language_of_the_interview_and_names_answers(tmp_path: Path) -> None:
    instance = start(read_xlsform(markdown(tmp_path, OWN)), "Deutsch (de)")
    instance.answer("/data/g/age", 120)
    assert messages(instance) == [("/data/g/age", "warning", "„Wirklich“ 120 Jahre?")]
    instance.set_language("English (en)")
    assert messages(instance) == [("/data/g/age", "warning", "Really 120 years?")]
    instance.answer("/data/g/age", 99)
    assert messages(instance) == []


@pytest.mark.parametrize("message", ["Really?", "Really ${age}?"])
def test_an_untranslated_message_arrives_too(tmp_path: Path, message: str) -> None:
    form = f"""
    | survey | | | | | |
    | | type | name | label | warning | warning_message |
    | | integer | age | Age | . < 100 | {message} |
    """
    instance = start(read_xlsform(markdown(tmp_path, form)))
    instance.answer("/data/age", 120)
    assert messages(instance) == [("/data/age", "warning", message.replace("${age}", "120"))]


def test_a_column_for_other_messages_of_the_old_kind_is_refused(tmp_path: Path) -> None:
    form = """
    | survey | | | | | | |
    | | type | name | label | warning | warning_message | no_app_error_string |
    | | integer | age | Age | . < 100 | Really? | x |
    """
    [problem] = check_form(markdown(tmp_path, form))
    assert problem.code == "workbook.message_conflict"


def test_sensitivity_of_choices_lands_in_the_list(tmp_path: Path) -> None:
    form = """
    | survey | | | |
    | | type | name | label |
    | | select_one l | a | A |
    | choices | | | | |
    | | list_name | name | label | sensitivity |
    | | l | x | X | special |
    | | l | y | Y | |
    """
    items = list(next(read_xlsform(markdown(tmp_path, form)).instances["l"].elements()).elements())
    values = [item.child("sensitivity") for item in items]
    assert values[0] is not None
    assert values[0].value == "special"
    assert values[1] is None


MISSING = """
    | survey | | | | | | | | |
    | | type | name | label::Deutsch (de) | label::English (en) | required | relevant | missing | sensitivity |
    | | text | name | Name | Name | yes | | unknown refused | identity |
    | | begin_repeat | child | Kind | Child | | | | |
    | | integer | age | Alter | Age | ${name} != '' | ${name} != 'x' or ${name} = 'y' | unknown refused not_applicable not_recorded | |
    | | end_repeat | | | | | | | |
    | | text | free | Frei | Free | no | | refused | |
    """  # noqa: E501 - a table is read across


def test_a_missing_reason_is_a_question_beside_the_question(tmp_path: Path) -> None:
    form = read_xlsform(markdown(tmp_path, MISSING))
    names = [node.name for node in next(form.template.elements()).elements() if node.name != "meta"]
    assert [name for name in names if name != "child"] == ["name", "name__missing", "free", "free__missing"]
    assert form.binds["/data/name"].columns["missing"] == "unknown refused"
    sibling = form.binds["/data/name__missing"]
    assert sibling.columns["sensitivity"] == "identity"
    assert "missing" not in sibling.columns


def test_required_means_a_value_or_a_reason(tmp_path: Path) -> None:
    instance = start(read_xlsform(markdown(tmp_path, MISSING)))
    assert [found.kind for found in instance.violations() if found.path == "/data/name"] == ["required"]
    instance.answer("/data/name__missing", "refused")
    assert [found.kind for found in instance.violations() if found.path == "/data/name"] == []
    instance.answer("/data/name", "Q")
    assert not instance.relevant("/data/name__missing")
    assert "refused" not in instance.to_xml()
    assert not instance.required("/data/free")


def test_reasons_follow_the_question_into_repeats_and_out_of_relevance(tmp_path: Path) -> None:
    instance = start(read_xlsform(markdown(tmp_path, MISSING)))
    first = instance.add_repeat("/data/child") if not instance.entries("/data/child") else "/data/child[1]"
    second = instance.add_repeat("/data/child")
    instance.answer("/data/name", "z")
    assert instance.required(f"{first}/age")
    instance.answer(f"{second}/age__missing", "not_recorded")
    assert not instance.required(f"{second}/age")
    assert instance.required(f"{first}/age")
    instance.answer("/data/name", "x")
    assert not instance.relevant(f"{first}/age__missing")


def test_the_reasons_offered_are_those_of_the_question_in_both_languages(tmp_path: Path) -> None:
    instance = start(read_xlsform(markdown(tmp_path, MISSING)), "Deutsch (de)")
    assert instance.choices("/data/name__missing") == [("unknown", "weiß nicht"), ("refused", "keine Angabe")]
    assert instance.choices("/data/name__missing", "English (en)")[0] == ("unknown", "does not know")
    assert [value for value, _ in instance.choices("/data/free__missing")] == ["refused"]
    entry = instance.entries("/data/child") or [instance.add_repeat("/data/child")]
    assert instance.choices(f"{entry[0]}/age__missing")[2:] == [
        ("not_applicable", "trifft nicht zu"),
        ("not_recorded", "bei Übernahme nicht erhoben"),
    ]


def test_a_form_may_bring_its_own_words_for_the_reasons(tmp_path: Path) -> None:
    form = """
    | survey | | | | |
    | | type | name | label | missing |
    | | text | a | A | unknown |
    | choices | | | |
    | | list_name | name | label |
    | | lb_missing | unknown | no idea |
    """
    instance = start(read_xlsform(markdown(tmp_path, form)))
    assert instance.choices("/data/a__missing") == [("unknown", "no idea")]


def test_choice_lists_come_from_files_beside_the_forms(tmp_path: Path) -> None:
    choice_list(
        tmp_path,
        "land",
        """
        name,label::Deutsch (de),label::English (en),region
        SY,Syrien,Syria,asia
        DE,Deutschland,Germany,europe
        """,
    )
    choice_list(tmp_path, "unused", "name,label\nx,X\n")
    choice_list(tmp_path, "rates", "name,label,rate\na,A,7\n")
    path = markdown(
        tmp_path / "forms",
        """
        | survey | | | | | |
        | | type | name | label::Deutsch (de) | label::English (en) | choice_filter | calculation |
        | | select_one land | country | Land | Country | region = 'asia' | |
        | | select_one own | own | Eigen | Own | | |
        | | calculate | rate | | | | instance('rates')/root/item[name = 'a']/rate |
        | choices | | | |
        | | list_name | name | label::Deutsch (de) |
        | | own | x | X |
        """,
    )
    converted = convert(path)
    assert set(converted.lists) == {"land.csv", "rates.csv"}
    instance = start(read_xlsform(path), "English (en)")
    assert instance.choices("/data/country") == [("SY", "Syria")]
    assert instance.value("/data/rate") == "7"


def test_a_list_on_the_choices_sheet_wins_over_the_file(tmp_path: Path) -> None:
    choice_list(tmp_path, "l", "name,label\nfile,File\n")
    form = """
    | survey | | | |
    | | type | name | label |
    | | select_one l | a | A |
    | choices | | | |
    | | list_name | name | label |
    | | l | sheet | Sheet |
    """
    converted = convert(markdown(tmp_path / "forms", form))
    assert converted.lists == {}
    assert "<name>sheet</name>" in converted.xform


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ("code,label\nx,X\n", "workbook.list_without_name", 1),
        ("list_name,name,label\nl,x,X\n", "workbook.list_with_list_name", 1),
        ("name,label\nx,X\n\nx,Y\n", "workbook.duplicate_choice", 4),
        ("name,label,label\nx,X,X\n", "workbook.duplicate_column", 1),
    ],
)
def test_what_is_wrong_with_a_list_is_named_with_its_file(tmp_path: Path, text: str, code: str, row: int) -> None:
    choice_list(tmp_path, "l", text)
    form = "| survey | | | |\n| | type | name | label |\n| | select_one l | a | A |\n"
    [problem] = check_form(markdown(tmp_path / "forms", form))
    assert (problem.code, problem.place.sheet, problem.place.row) == (code, "lists/l.csv", row)


def test_lists_of_other_folders_cannot_be_named(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("name,label\nx,X\n", encoding="utf-8")
    choice_list(tmp_path, "l", "name,label\nx,X\n")
    form = "| survey | | | |\n| | type | name | label |\n| | select_one ../secret | a | A |\n"
    [problem] = check_form(markdown(tmp_path / "forms", form))
    assert problem.code != "form.refused"
    assert problem.place.row == 3


def test_old_sheets_with_single_colons_keep_their_languages(tmp_path: Path) -> None:
    form = """
    | survey | | | | | |
    | | type | name | label:Deutsch | label:English | missing |
    | | text | a | Ä | A | unknown |
    """
    instance = start(read_xlsform(markdown(tmp_path, form)), "English")
    assert instance.label("/data/a") == "A"
    assert instance.choices("/data/a__missing", "Deutsch") == [("unknown", "weiß nicht")]


def test_notes_without_name_are_called_as_pyxform_calls_them(tmp_path: Path) -> None:
    form = """
    | survey | | | | |
    | | type | name | label | missing |
    | | text | a | A | unknown |
    | | note | | N | |
    """
    assert "/data/generated_note_name_3" in read_xlsform(markdown(tmp_path, form)).binds


def test_reasons_in_a_row_that_is_switched_off_make_no_question(tmp_path: Path) -> None:
    form = """
    | survey | | | | | |
    | | type | name | label | missing | disabled |
    | | text | a | A | unknown | yes |
    | | text | b | B | | |
    """
    assert "/data/a__missing" not in read_xlsform(markdown(tmp_path, form)).binds


@pytest.mark.parametrize("relevant", ["Relevance", "Relevant", "bind::relevant"])
def test_generated_rows_use_the_columns_as_they_are_spelled(tmp_path: Path, relevant: str) -> None:
    choice_list(tmp_path, "l", "name,label\nx,X\n")
    form = f"""
    | survey | | | | | | | |
    | | Type | Name | Label | {relevant} | Choice Filter | Required | Missing |
    | | text | a | A | | | | |
    | | select_one l | b | B | ${{a}} = 1 | | Yes | unknown |
    | | select_one own | c | C | | name != '' | | |
    | choices | | | |
    | | list name | value | caption |
    | | own | y | Y |
    """
    instance = start(read_xlsform(markdown(tmp_path / "forms", form)))
    assert not instance.relevant("/data/b__missing")
    instance.answer("/data/a", "1")
    assert instance.relevant("/data/b__missing")
    assert instance.choices("/data/b") == [("x", "X")]
    assert instance.choices("/data/b__missing") == [("unknown", "weiß nicht")]
    assert instance.required("/data/b")
    instance.answer("/data/b__missing", "unknown")
    assert not instance.required("/data/b")


LIST = "name,label::Deutsch (de),label::English (en),label::Українська (uk),group\nx,Ein X,An X,Ікс,1\n"


@pytest.mark.parametrize(
    ("labels", "default", "languages", "said"),
    [
        (("Deutsch (de)", "English (en)"), "", ("Deutsch (de)", "English (en)"), {"Ein X", "An X"}),
        (("en", "uk"), "", ("en", "uk"), {"An X", "Ікс"}),
        (("Français (fr)",), "", ("Français (fr)", "Deutsch (de)"), {"Ein X"}),
        (("",), "", (), {"Ein X"}),
        (("",), "English (en)", ("English (en)",), {"An X"}),
    ],
)
def test_a_form_takes_only_its_own_languages_from_a_list(
    tmp_path: Path, labels: tuple[str, ...], default: str, languages: tuple[str, ...], said: set[str]
) -> None:
    choice_list(tmp_path, "l", LIST)
    head = " | ".join(f"label::{name}" if name else "label" for name in labels)
    form = f"""
        | survey | type | name | {head} | choice_filter |
        |---|---|---|{"---|" * len(labels)}---|
        | | select_one l | q | {" | ".join("Q" for _ in labels)} | group = 1 |

        | settings | form_id | version | default_language |
        |---|---|---|---|
        | | f | 1 | {default} |
        """
    made = read_xlsform(markdown(tmp_path, form, "forms/f.md"))
    assert set(made.languages) == set(languages)
    instance = start(made)
    assert {label for name in made.languages or (None,) for _, label in instance.choices("/data/q", name)} - {
        "x"
    } == said
