"""Whose time is over follows from exit and period, for nobody else; erasing them takes a second person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from intake.retention import is_alone, over, run, second_login
from intake.store import Store
from intake.store.admission import admitted
from intake.store.bringing import Brought
from intake.store.restriction import restrict
from intake.study import Study
from scenario.lives import interview, left, study_of, talk
from validation.errors import StoreError, StudyError, WrongKey

PERIODS = {"fall": 36, "identitaet": 24}
TODAY = date(2026, 3, 2)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return study_of(tmp_path / "study")


@pytest.fixture
def store(study: Study) -> Iterator[Store]:
    with study.store() as opened:
        yield opened


def given(study: Study, name: str = "store.key") -> Brought:
    return Brought(key_file=study.dir / name)


def second(study: Study, name: str, role: str = "manager") -> None:
    with admitted(study.store_path, given(study)) as desk:
        _, unlocked = desk.add_login(name, role)
        desk.add_key_file(study.dir / f"{name}.key", label=name, unlocked=unlocked)


def test_the_longest_class_counts_from_the_last_exit(store: Store) -> None:
    interview(store, "P-000001")
    left(store, "P-000001", "2023-03-01")
    (found,) = over(store, PERIODS, date(2026, 3, 2))
    assert (found.person, found.exit, found.until, found.classes) == (
        "P-000001", date(2023, 3, 1), date(2026, 3, 1), ("fall", "identitaet"),
    )  # fmt: skip
    assert over(store, PERIODS, date(2026, 3, 1)) == []  # the last day is still kept
    assert over(store, {**PERIODS, "identitaet": 37}, TODAY) == []


def test_the_last_day_of_a_month_stays_in_its_month(store: Store) -> None:
    interview(store, "P-000001")
    left(store, "P-000001", "2024-02-29")
    (found,) = over(store, {"fall": 12, "identitaet": 12}, date(2026, 1, 1))
    assert found.until == date(2025, 2, 28)


def test_who_is_still_there_or_came_back_is_not_over(store: Store) -> None:
    interview(store, "P-000001")
    interview(store, "P-000002")
    left(store, "P-000002", "2022-12-31")
    interview(store, "P-000002", came="2023-05-01", fall__datum="2023-05-02")
    assert over(store, PERIODS, date(2040, 1, 1)) == []
    left(store, "P-000002", "2024-01-01")
    assert [each.until for each in over(store, PERIODS, date(2040, 1, 1))] == [date(2027, 1, 1)]


def test_a_day_said_in_the_interview_goes_before_the_period(store: Store) -> None:
    interview(store, "P-000001", abschluss__loeschfrist="2025-05-05")
    left(store, "P-000001", "2022-12-31")
    (found,) = over(store, {}, TODAY)
    assert (found.until, found.exit) == (date(2025, 5, 5), None)


def test_who_came_back_after_the_day_said_in_the_interview_is_not_over(store: Store) -> None:
    interview(store, "P-000001", abschluss__loeschfrist="2025-05-05")
    left(store, "P-000001", "2022-12-31")
    interview(store, "P-000001", came="2023-05-01", fall__datum="2023-05-02")
    assert over(store, PERIODS, date(2040, 1, 1)) == []
    left(store, "P-000001", "2024-01-01")
    assert [(each.until, each.exit) for each in over(store, PERIODS, date(2040, 1, 1))] == [(date(2025, 5, 5), None)]


def test_a_class_without_a_period_is_named(store: Store) -> None:
    interview(store, "P-000001")
    left(store, "P-000001", "2022-12-31")
    with pytest.raises(StudyError, match="identitaet"):
        over(store, {"fall": 36}, TODAY)


def test_a_run_erases_whom_it_lists_but_nobody_whose_processing_is_restricted(store: Store) -> None:
    for person in ("P-000001", "P-000002", "P-000003"):
        interview(store, person)
        talk(store, person, "2022-07-01")
    for person in ("P-000001", "P-000002"):
        left(store, person, "2022-08-01")
    restrict(store, "P-000002", reason="Klage")
    due = over(store, PERIODS, TODAY)
    assert [(each.person, each.restricted) for each in due] == [("P-000001", False), ("P-000002", True)]
    events = run(store, due, confirmed="0123456789abcdef")
    assert [event.kind for event in events] == ["erasure", "review"]
    assert {each.subject for each in store.submissions()} == {"P-000002", "P-000003"}
    assert store.detail(events[-1].number) == {"persons": "1", "confirmed": "0123456789abcdef"}
    assert "0123456789abcdef" in store.detail(events[0].number)["reason"]
    assert store.verify() == []


def test_only_another_person_with_a_way_of_their_own_confirms(study: Study) -> None:
    with study.store() as store:
        assert is_alone(store)
    second(study, "Vertretung")
    second(study, "Auswertung", "evaluator")
    with study.store() as store:
        assert not is_alone(store)
        own = store.login.name
        assert second_login(store, study.store_path, "Vertretung", given(study, "Vertretung.key")).role == "manager"
        for name, key, code in (
            (own, "store.key", "retention.same_person"),
            ("Vertretung", "store.key", "retention.other_name"),
            ("Auswertung", "Auswertung.key", "retention.not_allowed"),
        ):
            with pytest.raises(StoreError) as refusal:
                second_login(store, study.store_path, name, given(study, key))
            assert refusal.value.code == code
        with pytest.raises(WrongKey):
            second_login(store, study.store_path, "Vertretung", Brought(key=bytes(32)))
