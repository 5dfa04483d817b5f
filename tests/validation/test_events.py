"""Actions and metadata: what happens by itself, and when."""

from __future__ import annotations

import pytest

from scenario.xforms import form, inputs, live
from validation.errors import AnswerError

REPEAT = '<repeat nodeset="/data/r">{}<input ref="/data/r/a"/><input ref="/data/r/b"/></repeat>'
FIRST = '<setvalue event="odk-instance-first-load" ref="/data/{}" value="{}"/>'


def test_1_a_first_load_happens_once_in_the_life_of_a_record() -> None:
    record = live(form("<a/>", FIRST.format("a", "4 * 4"), inputs("a")))
    assert record.value("/data/a") == "16"
    record.answer("/data/a", "5")
    assert live(record.form, xml=record.to_xml()).value("/data/a") == "5"


def test_2_a_load_happens_every_time() -> None:
    model = FIRST.format("a", "4 * 4").replace("first-load", "load")
    record = live(form("<a/>", model, inputs("a")))
    record.answer("/data/a", "5")
    assert live(record.form, xml=record.to_xml()).value("/data/a") == "16"


def test_3_a_load_action_sees_what_was_computed_and_is_followed() -> None:
    record = live(
        form(
            "<a>2</a><b/><c/><d/>",
            f"""<bind nodeset="/data/b" calculate="/data/a * 2"/>{FIRST.format("c", "/data/b")}
                <bind nodeset="/data/d" calculate="/data/c + 1"/>""",
            inputs("a", "c"),
        )
    )
    assert (record.value("/data/c"), record.value("/data/d")) == ("4", "5")
    record.answer("/data/a", 5)
    assert record.value("/data/c") == "4"


def test_4_a_default_in_a_repeat_is_set_in_each_entry_once() -> None:
    """As pyxform writes a dynamic default in a repeat: at first load for the first, at odk-new-repeat for the rest."""
    record = live(
        form(
            "<r jr:template=''><a/><b/></r><r><a/><b/></r>",
            FIRST.format("r/a", "concat('erster', position(..))"),
            REPEAT.format('<setvalue event="odk-new-repeat" ref="/data/r/a" value="concat(\'neu\', position(..))"/>'),
        )
    )
    record.add_repeat("/data/r")
    record.add_repeat("/data/r")
    assert [record.value(f"{path}/a") for path in record.entries("/data/r")] == ["erster1", "neu2", "neu3"]


def test_5_entries_that_a_count_makes_get_their_defaults_too() -> None:
    record = live(
        form(
            "<n>2</n><r jr:template=''><a/><b/></r>",
            "",
            inputs("n")
            + REPEAT.format('<setvalue event="odk-new-repeat" ref="/data/r/a">neu</setvalue>').replace(
                "<repeat", '<repeat jr:count="/data/n"'
            ),
        )
    )
    record.answer("/data/n", 3)
    assert [record.value(f"{path}/a") for path in record.entries("/data/r")] == ["neu"] * 3


def test_6_a_change_sets_after_everything_is_computed() -> None:
    record = live(
        form(
            "<a/><b/><c/>",
            '<bind nodeset="/data/b" calculate="/data/a * 2"/>',
            """<input ref="/data/a"><setvalue event="xforms-value-changed" ref="/data/c" value="/data/b"/></input>""",
        )
    )
    record.answer("/data/a", 12)
    assert record.value("/data/c") == "24"


def test_7_a_change_in_an_entry_sets_in_that_entry() -> None:
    record = live(
        form(
            "<r><a/><b/></r>",
            "",
            """<repeat nodeset="/data/r"><input ref="/data/r/a"><setvalue event="xforms-value-changed" ref="/data/r/b"
               value="concat(../a, '!')"/></input><input ref="/data/r/b"/></repeat>""",
        )
    )
    record.add_repeat("/data/r")
    record.answer("/data/r[2]/a", "x")
    assert (record.value("/data/r[1]/b"), record.value("/data/r[2]/b")) == ("", "x!")


def test_8_changes_trigger_changes_and_circles_stop() -> None:
    record = live(
        form(
            "<a/><b/>",
            "",
            """<input ref="/data/a"><setvalue event="xforms-value-changed" ref="/data/b" value="concat(/data/a, .)"/>
               </input><input ref="/data/b"><setvalue event="xforms-value-changed" ref="/data/a"
               value="concat(/data/b, .)"/></input>""",
        )
    )
    record.answer("/data/a", "x")
    assert 1 < len(record.value("/data/b")) < 100_000


def test_9_a_change_from_outside_that_could_mean_several_entries_is_refused() -> None:
    record = live(
        form(
            "<a/><r><a/><b/></r>",
            "",
            """<input ref="/data/a"><setvalue event="xforms-value-changed" ref="/data/r/a" value="1"/></input>"""
            + REPEAT.format(""),
        )
    )
    record.answer("/data/a", "eins")
    assert record.value("/data/r[1]/a") == "1"
    record.add_repeat("/data/r")
    with pytest.raises(AnswerError) as caught:
        record.answer("/data/a", "zwei")
    assert caught.value.code == "answer.ambiguous_target"
    assert record.value("/data/a") == "eins"


def test_10_a_predicate_picks_the_entry() -> None:
    record = live(
        form(
            "<a/><r><a/><b/></r>",
            "",
            """<input ref="/data/a"><setvalue event="xforms-value-changed" ref="/data/r[position() = 2]/a"
               value="/data/a"/></input>"""
            + REPEAT.format(""),
        )
    )
    record.add_repeat("/data/r")
    record.answer("/data/a", "hier")
    assert (record.value("/data/r[1]/a"), record.value("/data/r[2]/a")) == ("", "hier")


def test_11_a_readonly_question_is_set_all_the_same() -> None:
    record = live(form("<a/>", f'<bind nodeset="/data/a" readonly="true()"/>{FIRST.format("a", "7")}', inputs("a")))
    assert record.value("/data/a") == "7"


def test_12_a_place_is_asked_of_whoever_knows_it() -> None:
    read = form("<a/>", '<odk:setgeopoint event="odk-instance-first-load" ref="/data/a"/>', inputs("a"))
    assert live(read).value("/data/a") == ""
    assert live(read, location=lambda: "48.7 8.8 0 0").value("/data/a") == "48.7 8.8 0 0"


def test_13_an_action_that_cannot_be_computed_is_named() -> None:
    record = live(form("<a/>", FIRST.format("a", "digest('x', 'kein Verfahren')"), inputs("a")))
    assert record.value("/data/a") == ""
    assert record.problems()


def test_a_recording_is_left_to_clients_that_can() -> None:
    read = form("<a/>", "<odk:recordaudio event='odk-instance-first-load' ref='/data/a'/>", "<upload ref='/data/a'/>")
    record = live(read)
    assert record.value("/data/a") == ""
    assert record.problems() == []
    record.answer("/data/a", "gespraech.m4a")
    assert record.value("/data/a") == "gespraech.m4a"


def test_a_trigger_whose_target_cannot_be_found_does_not_stop_an_answer() -> None:
    record = live(
        form(
            "<a/><r><a/><b/></r>",
            "",
            """<input ref="/data/a"><setvalue event="xforms-value-changed" ref="/data/r[regex(., '(')]/a" value="1"/>
               </input>"""
            + REPEAT.format(""),
        )
    )
    record.answer("/data/a", "eins")
    assert (record.value("/data/a"), record.value("/data/r[1]/a")) == ("eins", "")
