"""What a form is opened with at the desk: the last state of its person, nobody else's, the same tomorrow as today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from intake.how import how_of
from intake.interview.worklist import Worklist
from intake.store import Store
from scenario.cases import answer, send
from scenario.followed import TEXT
from scenario.interview import Talk, store

FIRST = {"gemeinde": "08235007", "fallnummer": "A/1", "deutsch": "b1", "wohnt": "Calw", "einreise": "2015", "wohl": "3"}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Store]:
    with store(tmp_path, TEXT) as made:
        yield made


def desk(opened: Store) -> Worklist:
    return Worklist(opened, zone=UTC, author="tester", form_id="fortschreibung")


def hand_in(opened: Store, person: str, **given: str) -> None:
    session = desk(opened).begin("fortschreibung")
    answer(session, person=person, **(FIRST | given))
    assert send(session, "submit")["type"] == "submitted"


def case_of(opened: Store, person: str) -> str:
    rows = desk(opened).start()["cases"]["rows"]
    return str(next(row["key"] for row in rows if row["person"] == person))


def begun(opened: Store, person: str = "P-000001") -> str:
    work = desk(opened)
    return str(work.answer({"what": "begin", "case": case_of(opened, person), "form": "fortschreibung"})["draft"])


def shown(talk: Talk, name: str) -> tuple[str, list[str]]:
    last: dict[str, Any] = talk[name].get("last", {})
    return last.get("state", ""), last.get("text", [])


def test_a_form_begun_for_a_case_knows_its_last_state_and_carries_over_at_once(opened: Store) -> None:
    hand_in(opened, "P-000001")
    hand_in(opened, "P-000002", deutsch="b2", wohnt="Nagold", einreise="2020")
    talk = Talk(desk(opened).resume(begun(opened)))
    assert shown(talk, "deutsch") == ("open", ["B1"])
    assert (talk["einreise"]["value"], shown(talk, "einreise")[0]) == ("2015", "same")
    assert (talk["person"]["value"], talk["gemeinde"]["value"]) == ("P-000001", "08235007")
    assert "Nagold" not in str(talk.form)
    assert "2020" not in str(talk.form)


def test_it_reads_the_same_when_it_is_continued_whatever_was_handed_in_meanwhile(opened: Store) -> None:
    hand_in(opened, "P-000001")
    draft, other = begun(opened), desk(opened).resume(begun(opened))
    answer(other, deutsch="b2")
    assert send(other, "submit")["type"] == "submitted"
    assert shown(Talk(desk(opened).resume(draft)), "deutsch") == ("open", ["B1"])
    assert shown(Talk(desk(opened).resume(begun(opened))), "deutsch") == ("open", ["B2"])


def test_it_is_kept_with_the_record_and_known_again_when_that_is_corrected(opened: Store) -> None:
    hand_in(opened, "P-000001")
    talk = Talk(desk(opened).resume(begun(opened)))
    talk.send("how", talk.key("deutsch"), "confirmed")
    talk.answer("wohnt", "Nagold")
    talk.send("how", talk.key("wohnt"), "corrected")
    talk.answer("wohl", "3")
    talk.answer("telefon", "4711")
    assert talk.send("submit")[-1]["type"] == "submitted"
    first, second = opened.submissions("fortschreibung")
    said = {"deutsch": "confirmed", "wohnt": "corrected", "wohl": "new", "telefon": "new"}
    expected = {f"/data/stand/{name}": how for name, how in said.items()}
    assert how_of(second.record, talk.session.form) == expected
    assert how_of(first.record, talk.session.form) == {}  # nothing was known: it was no follow-up
    again = Talk(desk(opened).resume(desk(opened).revise(second.id, "typo")))
    assert shown(again, "wohnt") == ("differs", ["Calw"])
    again.answer("deutsch", "b2")
    assert again.send("submit")[-1]["type"] == "submitted"
    latest = opened.history(second.id)[-1]
    assert how_of(latest.record, talk.session.form) == expected | {"/data/stand/deutsch": "changed"}


def test_a_pseudonym_that_is_typed_shows_nothing_of_whose_it_is(opened: Store) -> None:
    hand_in(opened, "P-000001")
    talk = Talk(desk(opened).begin("fortschreibung"))
    for person in ("P-000001", "P-000002"):
        talk.answer("person", person)
        talk.answer("deutsch", "a2")
        assert shown(talk, "deutsch") == ("", [])
