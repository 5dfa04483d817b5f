"""intake/entities.py: what records say of people and goals, in every order and after every correction."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from intake.entities import Last, entity_lists, last_state, read_entities, read_with_lost
from intake.store import open_store
from intake.store.restriction import restrict
from intake.store.ways import Unlocked
from scenario.office import TOWN, Office
from scenario.stores import KEY, START


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_a_later_record_changes_what_it_answers_and_nothing_else(office: Office) -> None:
    first = office.person("P-1", 0, deutsch="A2", gesundheit="gut", ziel="Arbeit", stand="offen")
    goal = office.goal("P-1")
    again = office.sent("folge", 24, {"/data/person": "P-1", "/data/stand/sprache": "B1"})
    entities = office.read()
    person = entities["person"]["P-1"]
    assert dict(person.properties) == {"deutsch": "B1", "gesundheit": "gut"}
    assert person.origin == {"deutsch": (again.id, again.ended), "gesundheit": (first.id, first.ended)}
    assert (person.since, person.changed, person.people) == (first.ended, again.ended, frozenset(["P-1"]))
    assert entities["ziel"][goal].properties == {"ziel": "Arbeit", "stand": "offen"}
    assert (entities["ziel"][goal].label, entities["ehrenamt"]) == ("Arbeit", {})

    lists = entity_lists(office.forms["folge"], entities, person="P-1")
    answers = {"/data/person": "P-1", "/data/am_ziel/ziel_id": goal, "/data/am_ziel/neu": "erreicht"}
    office.sent("folge", 48, answers, lists)
    entities = office.read()
    assert entities["ziel"][goal].properties == {"ziel": "Arbeit", "stand": "erreicht"}
    assert entities["person"]["P-1"].properties["deutsch"] == "B1"  # not asked this time


def test_a_correction_replaces_what_the_wrong_version_said_in_its_place(office: Office) -> None:
    first = office.person("P-1", 0, deutsch="A2", gesundheit="gut")
    office.sent("folge", 24, {"/data/person": "P-1", "/data/stand/sprache": "B1"})
    late = START + dt.timedelta(hours=72)
    record = {**first.record, "/data/fall/deutsch": "A1", "/data/fall/gesundheit": ""}
    office.store.append(replace(first, version=2, reason="typo", record=record, started=late, ended=late))
    person = office.read()["person"]["P-1"]
    assert dict(person.properties) == {"deutsch": "B1", "gesundheit": ""}
    assert (person.since, person.changed) == (first.ended, late)
    assert office.german("P-1", until=first.ended) == "A1"


def test_the_order_is_that_of_the_interviews_and_then_of_the_store(office: Office) -> None:
    office.sent("folge", 24, {"/data/person": "P-1", "/data/stand/sprache": "B1"})
    office.person("P-1", 0, deutsch="A2")
    assert office.german("P-1") == "B1"
    office.sent("folge", 24, {"/data/person": "P-1", "/data/stand/sprache": "B2"})
    assert office.german("P-1") == "B2"
    assert office.german("P-1", person="P-1") == "B2"


def test_a_goal_is_created_first_even_where_the_clock_was_wrong(office: Office) -> None:
    office.person("P-1", 48, ziel="Arbeit", stand="offen")
    goal = office.goal("P-1")
    office.sent("folge", 24, {"/data/person": "P-1", "/data/am_ziel/ziel_id": goal, "/data/am_ziel/neu": "erreicht"})
    assert office.read()["ziel"][goal].properties["stand"] == "erreicht"


def test_an_update_of_what_nobody_created_makes_nothing(office: Office) -> None:
    office.sent("folge", 0, {"/data/person": "P-9", "/data/stand/sprache": "B1", "/data/am_ziel/ziel_id": "nirgends"})
    found, lost = read_with_lost(office.store, office.form_of)
    assert found == {"person": {}, "ziel": {}, "ehrenamt": {}}
    assert lost == {"person": 1, "ziel": 1}


def test_who_is_erased_is_gone_and_restricted_ones_are_left_out(office: Office) -> None:
    for name in ("P-1", "P-2", "P-3"):
        office.person(name, 0, deutsch="A2", ziel="Arbeit")
    office.store.erase("P-1", reason="x")
    assert list(office.read()["person"]) == ["P-2", "P-3"]
    restrict(office.store, "P-2", reason="x")
    assert [list(found) for found in office.read(datasets=["person", "ziel"]).values()] == [
        ["P-3"], [office.goal("P-3")],
    ]  # fmt: skip
    assert list(office.read(person="P-2")["person"]) == ["P-2"]


def test_of_one_person_only_their_records_are_read_and_registers_whole(office: Office) -> None:
    for name in ("P-1", "P-2"):
        office.person(name, 0, deutsch="A2", ziel="Arbeit")
    office.sent("ehrenamt", 0, {"/data/id": "7", "/data/sprache": "ar"})
    found = office.read(person="P-2")
    assert {name: list(each) for name, each in found.items()} == {
        "person": ["P-2"], "ziel": [office.goal("P-2")], "ehrenamt": [f"{TOWN}-7"],
    }  # fmt: skip
    assert office.read(person="P-9")["person"] == {}
    assert office.read(municipality="01001000")["ehrenamt"] == {}
    assert list(office.read(datasets=["ehrenamt"])) == ["ehrenamt"]


def test_whom_a_class_is_closed_to_sees_entities_without_it(office: Office, tmp_path: Path) -> None:
    office.person("P-1", 0, deutsch="A2", gesundheit="gut", ziel="Arbeit")
    goal = office.goal("P-1")
    login, private = office.store.add_login("Weber", "evaluator")
    subject = office.store.subject_of("P-1")
    with open_store(tmp_path / "store.db", unlocked=Unlocked(login.id, private, KEY)) as store:
        entities = read_entities(store, office.form_of)
    assert list(entities["person"]) == [subject]  # the random key instead of the pseudonym
    person = entities["person"][subject or ""]
    assert (dict(person.properties), person.label) == ({"deutsch": "A2"}, "")
    assert entities["ziel"][goal].people == {subject}


def test_lists_hold_a_persons_own_and_registers_whole(office: Office) -> None:
    for name in ("P-1", "P-2"):
        office.person(name, 0, deutsch="A2, fast B1", ziel="Arbeit")
    entities = office.read()
    lists = entity_lists(office.forms["folge"], entities, person="P-1")
    assert lists["person"] == 'name,label,deutsch,gesundheit\nP-1,P-1,"A2, fast B1",\n'
    assert lists["ziel"].count("\n") == 2
    assert entity_lists(office.forms["folge"], entities)["ziel"].count("\n") == 3
    assert entity_lists(office.forms["folge"], {"ziel": {}}) == {"ziel": "name,label\n"}


def test_the_last_state_of_each_question_that_saves(office: Office) -> None:
    office.person("P-1", 0, deutsch="A2", ziel="Arbeit", stand="offen")
    entities, form = office.read(), office.forms["folge"]
    day = START.date()
    assert last_state(form, entities, {"/data/person": "P-1"}) == {"/data/stand/sprache": Last("A2", day)}
    known = {"/data/person": "P-1", "/data/am_ziel/ziel_id": office.goal("P-1")}
    assert last_state(form, entities, known)["/data/am_ziel/neu"] == Last("offen", day)
    assert last_state(form, entities, {"/data/person": "P-9"}) == {}
    said = {"/data/ziele[2]/meta/entity/@id": office.goal("P-1")}
    assert last_state(office.forms["erst"], entities, said) == {
        "/data/ziele[2]/ziel": Last("Arbeit", day), "/data/ziele[2]/stand": Last("offen", day),
    }  # fmt: skip
