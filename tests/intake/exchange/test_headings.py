"""intake.exchange.headings: which question a head is, and codes and labels under it."""

from __future__ import annotations

import pytest

from intake.exchange.headings import coder, labels_of, understood
from intake.xlsform import read_xlsform
from scenario.exchanged import form
from scenario.workbooks import markdown
from validation.layout import layout

TWINS = """
| survey | type | name | label::Deutsch (de) | label::English (en) |
|---|---|---|---|---|
| | begin_group | a | A | A |
| | text | name | Name | Name |
| | select_one janein | ja | Frage | Question |
| | end_group | | | |
| | begin_group | b | B | B |
| | text | name | Name | Name |
| | select_multiple viele | viele | Viele | Many |
| | end_group | | | |
| choices | list_name | name | label::Deutsch (de) | label::English (en) |
|---|---|---|---|---|
| | janein | 1 | Ja | Yes |
| | janein | 2 | Ja | No |
| | viele | x | rot | red |
| | viele | y | rot blau | red blue |
| | viele | z | blau | blue |
| settings | form_id |
|---|---|
| | zwillinge |
"""


def names(heads: list[str]) -> dict[str, str]:
    table = layout(form())["probe"]
    return {head: column.name for head, column in understood(form(), table, heads).questions.items()}


def test_names_paths_and_labels_in_any_language_are_questions() -> None:
    assert names(["alter", "Wohnen", "صورة"]) == {"alter": "alter", "Wohnen": "wohnen", "صورة": "bild"}
    assert names(["Alter – Grund für fehlende Angabe", "fremd"]).keys() <= {"Alter – Grund für fehlende Angabe"}


def test_what_could_be_two_questions_is_none(tmp_path_factory: pytest.TempPathFactory) -> None:
    twins = read_xlsform(markdown(tmp_path_factory.mktemp("form"), TWINS))
    table = layout(twins)["zwillinge"]
    found = understood(twins, table, ["name", "Name", "a/name", "b-name", "A/Name", "Frage", "Question"])
    assert {head: column.name for head, column in found.questions.items()} == {"a/name": "a-name", "b-name": "b-name"}
    assert understood(twins, table, ["A/Name", "Name [b-name]"]).questions.keys() == {"A/Name", "Name [b-name]"}


def test_labels_that_two_choices_have_or_that_split_in_two_ways_stay_as_they_are(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    twins = read_xlsform(markdown(tmp_path_factory.mktemp("form"), TWINS))
    table = layout(twins)["zwillinge"]
    one, many = table.column("a-ja"), table.column("b-viele")
    assert one is not None
    assert many is not None
    assert labels_of(twins, one.nodeset) == {"Yes": "1", "No": "2", "Ja [1]": "1", "Ja [2]": "2", "Yes [1]": "1",
                                             "No [2]": "2"}  # fmt: skip
    texts = ["Ja", "Yes", "Ja [2]", ""]
    code = coder(twins, one, texts, labelled=True)
    assert [code(text) for text in texts] == ["Ja", "1", "2", ""]
    texts = ["rot blau", "rot; blau", "blau", "rot blau; blau", "blau, rot blau", "grün"]
    code = coder(twins, many, texts, labelled=True)
    assert [code(text) for text in texts] == ["rot blau", "x z", "z", "y z", "blau, rot blau", "grün"]


def test_cells_that_are_codes_stay_codes() -> None:
    column = layout(form())["probe"].column("wohnen")
    assert column is not None
    assert coder(form(), column, ["wg", "gu"], labelled=True)("wg") == "wg"
    assert coder(form(), column, ["Wohnung", "شقة"], labelled=False)("شقة") == "wg"
    assert coder(form(), column, ["Wohnung", "gu"], labelled=True)("gu") == "gu"
