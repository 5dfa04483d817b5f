"""How an answer came about stands with it in the record: in entries too, through XML and sealed in its class."""

from __future__ import annotations

from intake.how import how_of, kept, mark_of, with_how
from intake.record import record_from_xml, xml_from_record
from intake.store.division import Division, merged
from intake.submission import Record, answer_named
from scenario.followed import followup

SAID = {
    "/data/stand/deutsch": "confirmed",
    "/data/stand/arbeit": "corrected",
    "/data/stand/telefon": "new",
    "/data/ziele/ziel[2]/zielstand": "changed",
}
RECORD: Record = {
    "/data/stand/deutsch": "b1",
    "/data/stand/arbeit": "nein",
    "/data/stand/telefon": "4711",
    "/data/stand/wohnt": "",
    "/data/ziele/ziel": [
        {"/data/ziele/ziel/was": "B1", "/data/ziele/ziel/zielstand": "offen"},
        {"/data/ziele/ziel/was": "Arbeit", "/data/ziele/ziel/zielstand": "erreicht"},
    ],
}


def test_it_comes_back_as_it_went_in_and_is_no_answer() -> None:
    made = with_how(RECORD, SAID, followup())
    assert made["/data/stand/deutsch/@lb:how"] == "confirmed"
    assert how_of(made, followup()) == SAID
    assert with_how(made, {}, followup()) == RECORD
    assert answer_named(made, "how") == ""


def test_where_there_is_no_answer_nothing_is_said() -> None:
    made = with_how(RECORD, {"/data/stand/wohnt": "changed", "/data/stand/wohl": "new"}, followup())
    assert made == RECORD


def test_through_xml_and_back_nothing_is_lost() -> None:
    made = with_how(RECORD, SAID, followup())
    xml = xml_from_record(made, followup())
    assert 'how="corrected"' in xml
    again = record_from_xml(xml, followup())
    assert how_of(again, followup()) == SAID


def test_it_lies_in_the_class_of_its_question() -> None:
    parts = Division(followup()).split(with_how(RECORD, SAID, followup()))
    mark = mark_of(followup())
    found = {name: set(how_of(part, followup()).values()) for name, part in parts.items()}
    assert found == {"general": {"confirmed", "changed"}, "special": {"corrected"}, "identity": {"new"}}
    assert f"/data/stand/telefon{mark}" in parts["identity"]
    assert how_of(merged(parts.values()), followup()) == SAID


def test_what_comes_back_without_it_keeps_what_was_said_of_the_same_answers() -> None:
    before = with_how(RECORD, SAID, followup())
    assert kept(RECORD, before, followup()) == before
    other = kept({**RECORD, "/data/stand/deutsch": "b2", "/data/ziele/ziel": []}, before, followup())
    assert how_of(other, followup()) == {"/data/stand/arbeit": "corrected", "/data/stand/telefon": "new"}
    own = with_how(RECORD, {"/data/stand/deutsch": "changed"}, followup())
    assert kept(own, before, followup()) == own
