"""intake/entitysheet.py: wrong declarations of entities are told by cell; right ones come through."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.publishing import freeze
from intake.record import record_from_xml, xml_from_record
from intake.xlsform import check_form, inspect_form, read_xlsform
from scenario.workbooks import markdown, spreadsheet
from scenario.xforms import NOW, live
from validation.errors import FormError
from validation.form import Form

ONE = [
    ["type", "name", "label", "save_to"],
    ["text", "name", "Name", "nachname"],
    ["integer", "alter", "Age", ""],
]
SEVERAL = """
| survey | type | name | label | save_to | required |
|---|---|---|---|---|---|
| | text | person | Person | | |
| | begin_group | lage | State | | |
| | text | deutsch | German | person#deutsch | |
| | end_group | | | | |
| | begin_repeat | ziele | Goals | | |
| | text | ziel | Goal | ziel#was | |
| | begin_repeat | schritt | Steps | | |
| | text | wer | Who | schritt#wer | |
| | end_repeat | | | | |
| | end_repeat | | | | |
| entities | list_name | label | entity_id | create_if | update_if |
|---|---|---|---|---|---|
| | person | ${person} | ${person} | true() | true() |
| | ziel | ${ziel} | | ${ziel} != '' | |
| | schritt | ${wer} | | | |
| settings | form_id | version |
|---|---|---|
| | plan | 1 |
"""
FAULTY = """
| survey | type | name | label | save_to |
|---|---|---|---|---|
| | text | a | A | person#name |
| | text | b | B | persn#x |
| | text | c | C | y |
| | begin_group | g | G | person#z |
| | text | d | D | person#__x |
| | text | e | E | person#q |
| | text | f | F | person#q |
| | text | h | H | person#a b |
| | intger | i | I | |
| | end_group | | | |
| entities | list_name | label | entity_id | create_if | update_if | repeat |
|---|---|---|---|---|---|---|
| | person | ${nobody} | | | true() | |
| | | x | | | | |
| | per.son | x | | | | |
| | person | x | | | | |
| | zwei | | | | | |
| | drei | ${a} | ${a} | true( | | |
"""


def test_each_cell_that_is_wrong_is_told_with_the_rest_of_the_form(tmp_path: Path) -> None:
    found = check_form(markdown(tmp_path, FAULTY))
    assert [(each.code.removeprefix("workbook."), each.place.row, each.place.column) for each in found] == [
        ("save_to_name", 3, "save_to"),
        ("save_to_unknown", 4, "save_to"),
        ("save_to_which", 5, "save_to"),
        ("save_to_section", 6, "save_to"),
        ("save_to_name", 7, "save_to"),
        ("save_to_twice", 9, "save_to"),
        ("save_to_name", 10, "save_to"),
        ("unknown_type", 11, "type"),
        ("entity_column", 13, "repeat"),
        ("entity_no_id", 15, "entity_id"),
        ("unknown_reference", 15, "label"),
        ("entity_no_list", 16, "list_name"),
        ("entity_bad_list", 17, "list_name"),
        ("entity_twice", 18, "list_name"),
        ("entity_no_label", 19, "label"),
        ("entity_no_update", 20, "update_if"),
        ("xpath.unfinished", 20, "create_if"),
    ]
    assert "person?" in next(each.text("en") for each in found if each.code == "workbook.save_to_unknown")
    assert all(each.text("de") != each.text("en") for each in found)


@pytest.mark.parametrize(
    ("rows", "entities", "code", "row"),
    [
        ("| | text | a | A | x |\n", "", "workbook.save_to_nowhere", 3),
        (
            "| | text | a | A | eins#x |\n| | text | b | B | zwei#x |\n",
            "| entities | list_name | label |\n|---|---|---|\n| | eins | ${a} |\n| | zwei | ${b} |\n",
            "workbook.entity_no_place", 8,
        ),
        (
            "| | text | a | A | eins#x |\n| | begin_repeat | r | R | |\n| | text | b | B | eins#y |\n"
            "| | end_repeat | | | |\n",
            "| entities | list_name | label |\n|---|---|---|\n| | eins | ${a} |\n",
            "workbook.entity_scope", 3,
        ),
    ],
)  # fmt: skip
def test_what_only_the_whole_form_tells(tmp_path: Path, rows: str, entities: str, code: str, row: int) -> None:
    head = "| survey | type | name | label | save_to |\n|---|---|---|---|---|\n"
    found = check_form(markdown(tmp_path, head + rows + entities))
    assert [(each.code, each.place.row) for each in found] == [(code, row)]


def test_one_entity_comes_through_from_excel(tmp_path: Path) -> None:
    path = spreadsheet(tmp_path, {"survey": ONE, "entities": [["list_name", "label"], ["personen", "${name}"]]})
    assert inspect_form(path).problems == inspect_form(path).warnings == ()
    record = live(read_xlsform(path))
    record.answer("/data/name", "Ayşe")
    made = record_from_xml(record.to_xml(), record.form)
    about = {key.rpartition("/")[2]: text for key, text in made.items() if "/entity/" in key}
    assert about.pop("@id")
    assert about == {"@dataset": "personen", "@create": "1", "label": "Ayşe"}


def several(folder: Path) -> Form:
    return read_xlsform(markdown(folder, SEVERAL))


def test_several_entities_stand_in_their_group_and_in_each_entry(tmp_path: Path) -> None:
    record = live(several(tmp_path))
    record.answer("/data/person", "P-1")
    for entry, text in (("/data/ziele[1]", "Arbeit"), ("/data/ziele[2]", "Wohnung")):
        if entry not in record.entries("/data/ziele"):
            record.add_repeat("/data/ziele")
        record.answer(f"{entry}/ziel", text)
    record.add_repeat("/data/ziele[2]/schritt")
    made = record_from_xml(record.to_xml(), record.form)
    assert (made["/data/lage/meta/entity/@id"], made["/data/lage/meta/entity/label"]) == ("P-1", "P-1")
    goals = made["/data/ziele"]
    assert isinstance(goals, list)
    assert [goal["/data/ziele/meta/entity/label"] for goal in goals] == ["Arbeit", "Wohnung"]
    steps = [step["/data/ziele/schritt/meta/entity/@id"] for goal in goals for step in goal["/data/ziele/schritt"]]  # type: ignore[index]
    ids = [*(goal["/data/ziele/meta/entity/@id"] for goal in goals), *steps]
    assert len({str(each) for each in ids}) == len(ids) == 4
    assert all(ids)

    xml = xml_from_record(made, record.form)
    assert record_from_xml(xml, record.form) == made
    again = live(record.form, xml=xml)
    assert record_from_xml(again.to_xml(), record.form) == made  # no id is drawn anew


def test_a_list_of_another_form_of_the_study_needs_no_file(tmp_path: Path) -> None:
    reads = """
    | survey | type | name | label |
    |---|---|---|---|
    | | select_one_from_file schritt.csv | welcher | Which |
    | | csv-external | ziel | |
    | settings | form_id | version |
    |---|---|---|
    | | liest | 1 |
    """
    path = markdown(tmp_path / "forms", reads, "liest.md")
    markdown(tmp_path / "forms", SEVERAL, "plan.md")
    markdown(tmp_path / "forms", "nothing of a form", "kaputt.md")
    assert [each.code for each in inspect_form(path).warnings] == ["workbook.missing_file"]  # no study around it
    with pytest.raises(FormError):
        freeze(path)
    (tmp_path / "study.toml").write_text("", encoding="utf-8")
    assert inspect_form(path).problems == inspect_form(path).warnings == ()
    assert freeze(path).lists == {}
    assert read_xlsform(path).entity_lists == {"schritt", "ziel"}
    assert live(read_xlsform(path), now=NOW).takes_any_choice("/data/welcher")
