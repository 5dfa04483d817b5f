"""A restriction holds from its event to the one that lifts it, and names what tables leave out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.store import Store
from intake.store.restriction import is_restricted, left_out, lift, restrict, restricted
from scenario.cases import desk, office, person, rows
from scenario.stores import new_store, submission
from validation.errors import StoreError

REASON = "Richtigkeit bestritten"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path / "store.db") as opened:
        for number in (1, 2):
            opened.append(submission(number, subject=f"P-{number:06d}"))
        yield opened


def test_a_restricted_person_is_left_out_until_it_is_lifted(store: Store) -> None:
    assert (restricted(store), left_out(store)) == (frozenset(), frozenset())
    event = restrict(store, "P-000001", reason=REASON)
    assert restricted(store) == {store.subject_of("P-000001")}
    assert left_out(store) == {"uuid:00000001"}
    assert (is_restricted(store, "P-000001"), is_restricted(store, "P-000002")) == (True, False)
    assert (event.municipality, store.detail(event.number)) == ("08235007", {"reason": REASON})
    lift(store, "P-000001", reason="geklärt")
    assert (restricted(store), left_out(store), is_restricted(store, "P-000001")) == (frozenset(), frozenset(), False)


def test_twice_is_refused_and_so_is_lifting_what_is_not_there(store: Store) -> None:
    with pytest.raises(StoreError, match="keine Einschränkung"):
        lift(store, "P-000001", reason=REASON)
    restrict(store, "P-000001", reason=REASON)
    with pytest.raises(StoreError, match="schon eingeschränkt"):
        restrict(store, "P-000001", reason=REASON)
    assert len(store.events(kinds=["restriction"])) == 1


def test_nobody_known_is_refused_without_repeating_the_name(store: Store) -> None:
    with pytest.raises(StoreError) as refusal:
        restrict(store, "P-999999", reason=REASON)
    assert refusal.value.code == "store.no_person"
    assert "P-999999" not in str(refusal.value)


def test_an_interview_about_a_restricted_person_says_so(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        worklist = desk(opened)
        person(worklist, 1)
        person(worklist, 2)
        restrict(opened, "P-000001", reason=REASON)
        said = []
        for number in (1, 2):
            (row,) = rows(worklist, f"P-{number:06d}")
            session = worklist.resume(worklist.begin_for(row["key"], "aufnahme"))
            said.append(session.greeting()["restricted"])
    assert said == ["Eingeschränkt (Art. 18 DSGVO): nur mit Zustimmung nutzen", ""]
