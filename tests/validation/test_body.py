"""The body: what controls, groups, repeats and actions become."""

from __future__ import annotations

import pytest

from scenario.xforms import codes, form, inputs, problems
from validation.form import Group, Repeat


@pytest.mark.parametrize("kind", ["input", "secret", "upload", "trigger", "select", "select1", "odk:rank"])
def test_1_each_control_is_known(kind: str) -> None:
    (control,) = form("<a/>", "", f'<{kind} ref="/data/a" rows="3"/>').controls()
    assert control.kind == kind.removeprefix("odk:")
    assert control.attributes == {"rows": "3"}


def test_2_a_range_has_three_numbers() -> None:
    (control,) = form("<a/>", "", '<range ref="/data/a" start="1" end="5" step="0.5"/>').controls()
    assert dict(control.attributes) == {"start": "1", "end": "5", "step": "0.5"}
    assert codes("<a/>", "", '<range ref="/data/a" start="eins" end="5" step="1"/>') == ["form.range"]


def test_3_appearances_are_words_but_for_those_with_arguments() -> None:
    (one,) = form("<a/>", "", '<input ref="/data/a" appearance="w1  multiline"/>').controls()
    assert one.appearance == ("w1", "multiline")
    (two,) = form("<a/>", "", """<input ref="/data/a" appearance="ex:org.app(x='a b')"/>""").controls()
    assert two.appearance == ("ex:org.app(x='a b')",)


@pytest.mark.parametrize(
    ("kind", "written", "read"),
    [
        ("select1", "search minimal", ("autocomplete", "search", "minimal")),
        ("select", "autocomplete search", ("autocomplete", "search")),
        ("input", "search", ("search",)),
    ],
)
def test_3a_search_is_the_old_name_of_autocomplete(kind: str, written: str, read: tuple[str, ...]) -> None:
    (control,) = form("<a/>", "", f'<{kind} ref="/data/a" appearance="{written}"/>').controls()
    assert control.appearance == read


def test_4_references_may_be_relative_or_by_bind() -> None:
    read = form(
        "<g><a/></g><b/>",
        '<bind id="here" nodeset="/data/b"/>',
        '<group ref="/data/g"><input ref="a"/></group><input bind="here"/>',
    )
    assert [control.nodeset for control in read.controls()] == ["/data/g/a", "/data/b"]
    assert codes("<a/>", "", '<input bind="nowhere"/>') == ["form.unknown_bind"]


def test_5_a_group_may_only_draw() -> None:
    (group,) = form("<a/>", "", f"<group><label>Nur Rahmen</label>{inputs('a')}</group>").body
    assert isinstance(group, Group)
    assert group.nodeset is None
    assert len(group.children) == 1


def test_6_a_repeat_knows_count_and_fixing() -> None:
    read = form(
        "<r><a/></r><s><a/></s>",
        "",
        """<repeat nodeset="/data/r" jr:count="3"><input ref="/data/r/a"/></repeat>
           <repeat nodeset="/data/s" jr:noAddRemove="true()"><input ref="/data/s/a"/></repeat>""",
    )
    r, s = read.body
    assert isinstance(r, Repeat)
    assert isinstance(s, Repeat)
    assert (str(r.count), r.fixed, s.count, s.fixed) == ("3", False, None, True)


def test_7_a_repeat_drawn_twice_is_refused() -> None:
    body = '<repeat nodeset="/data/r"><input ref="/data/r/a"/></repeat>'
    assert codes("<r><a/></r>", "", body + body) == ["form.two_repeats"]


def test_8_foreign_elements_are_named() -> None:
    found = problems("<a/>", "", '<x:video xmlns:x="urn:x" ref="/data/a"/>')
    assert [(p.code, p.fields["what"]) for p in found] == [("form.unsupported", "<x:video>")]


def test_9_an_event_nobody_knows_beside_one_that_is_known_is_left_out() -> None:
    read = form("<a/>", '<setvalue event="wobble odk-instance-first-load" ref="/data/a">1</setvalue>', inputs("a"))
    assert [action.events for action in read.actions] == [("odk-instance-first-load",)]


def test_10_a_setvalue_to_nothing_is_refused() -> None:
    assert codes("<a/>", '<setvalue event="odk-instance-load" ref="/data/b">1</setvalue>') == ["form.unknown_reference"]
    assert codes("<a/>", '<setvalue event="odk-instance-load">1</setvalue>') == ["form.no_reference"]


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ("<x:y xmlns:x='urn:x'/>", "form.unsupported"),
        ("<item><value>1</value><copy/></item>", "form.unsupported"),
        ("<itemset nodeset='/data/a'><value ref='name'/><sort ref='name'/></itemset>", "form.unsupported"),
        ("<itemset nodeset='/data/a'/>", "form.choice_without_value"),
        ("<itemset><value ref='name'/></itemset>", "form.no_reference"),
        ("<label><output/></label>", "form.no_reference"),
    ],
)
def test_10a_what_a_select_cannot_hold_is_named(inside: str, code: str) -> None:
    assert codes("<a/>", "", f'<select1 ref="/data/a">{inside}</select1>') == [code]


@pytest.mark.parametrize("kind", ["background-geopoint", "audit", "start-geopoint"])
def test_11_meta_questions_of_xlsforms_are_read(kind: str) -> None:
    from scenario.xforms import survey

    trigger = "${a}" if kind == "background-geopoint" else ""
    read = survey(
        f"""
        | survey |
        |        | type   | name  | label | trigger   |
        |        | text   | a     | A     |           |
        |        | {kind} | audit |       | {trigger} |
        """
    )
    assert read.control("/data/a") is not None
