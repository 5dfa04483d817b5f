"""What goes to a colleague: open cases only, what is open in them, and an event that names who got it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.handover import Goal, hand_over, listed, written_by
from intake.store import Store
from intake.store.restriction import restrict
from scenario.lives import TOWN, interview, left, study_of, talk
from scenario.planned import PERSON, planned
from validation.errors import DataError, UsageError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with study_of(tmp_path / "study").store() as opened:
        interview(opened, "P-000001", person__kontaktweg="telefon")
        talk(opened, "P-000001", "2022-07-04", kontakt__themen="wohnen kinder")
        talk(opened, "P-000001", "2022-06-20")
        interview(opened, "P-000002")
        left(opened, "P-000002", "2022-12-31")
        yield opened


def test_a_case_has_its_open_goals_and_the_last_contact_in_words(store: Store) -> None:
    (case,) = hand_over(store, ["P-000001"], to="Vertretung")
    assert (case.name, case.phone, case.number) == ("Zuname 01", "07051 123456", f"{TOWN}-P-000001-202206")
    assert case.goals == (Goal("Sprache", "Deutschprüfung A2 bestanden", "Kurs suchen", "2022-12-01", "läuft"),)
    assert case.talk is not None
    assert (case.talk.day, case.talk.channel, case.talk.topics) == (
        "2022-07-04", "im Büro", ("Wohnen", "Kinder und Familie"),
    )  # fmt: skip
    assert case.next_day == "2022-09-15"
    assert case.reach == "Anruf"


def test_goals_and_the_next_appointment_are_those_of_the_last_follow_up(tmp_path: Path) -> None:
    with planned(tmp_path).store() as store:
        (before,) = store.submissions("erstgespraech")
        (case,) = hand_over(store, [PERSON], to="Vertretung")
    assert before.record["/data/abschluss/naechster_termin"] != case.next_day == "2026-10-01"
    moved, new = case.goals
    assert (moved.state, moved.due) == ("verschoben", "2027-02-01")
    assert new.goal == "Frau Al-Hassan arbeitet in einer Apotheke."


def test_each_handover_is_an_event_about_the_person_and_names_the_login(store: Store) -> None:
    login, _ = store.add_login("Vertretung", "manager")
    hand_over(store, ["P-000001"], to="Vertretung")
    (event,) = store.events(kinds=["handover"])
    assert (event.subject, event.about, event.municipality) == (store.subject_of("P-000001"), login.id, TOWN)
    assert store.detail(event.number) == {"to": "Vertretung"}


def test_closed_cases_stay_and_restricted_ones_go_without_content(store: Store) -> None:
    restrict(store, "P-000001", reason="Antrag")
    (case,) = hand_over(store, ["P-000001", "P-000002"], to="Vertretung")
    assert (case.person, case.restricted, case.name, case.goals, case.talk) == ("P-000001", True, "", (), None)


def test_an_unknown_pseudonym_is_counted_not_repeated_and_nothing_goes(store: Store) -> None:
    with pytest.raises(DataError) as refusal:
        hand_over(store, ["P-000001", "P-777777"], to="Vertretung")
    assert ("2" in str(refusal.value), "P-777777" in str(refusal.value)) == (True, False)
    assert store.events(kinds=["handover"]) == []


def test_a_colleagues_cases_are_those_last_written_by_them(store: Store) -> None:
    assert written_by(store, store.login.id) == ["P-000001", "P-000002"]
    login, _ = store.add_login("Vertretung", "manager")
    assert written_by(store, "Vertretung") == []
    assert login.id != store.login.id
    with pytest.raises(UsageError, match="keinen Zugang"):
        written_by(store, "niemand")


def test_a_list_is_a_pseudonym_a_line(tmp_path: Path) -> None:
    (tmp_path / "l.txt").write_text("\ufeffP-000001\n\n# alle\n P-000002  # Montag\n", "utf-8")
    assert listed(tmp_path / "l.txt") == ["P-000001", "P-000002"]
    with pytest.raises(UsageError):
        listed(tmp_path / "none.txt")
