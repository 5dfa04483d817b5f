"""Locked cases and periods take no corrections, on every path and in every store, until they are unlocked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date
from pathlib import Path

import pytest

from intake.review import lock_case, lock_period
from intake.store import Event, Store
from intake.store.caselocks import about_case, about_period, held
from scenario.cases import answer, desk, office, person, send
from scenario.stores import START, Clock, Opener, published, refused, submission
from validation.errors import UsageError

FORM = published()
TOWN = submission().municipality
PERSON = submission().subject
DAY = START.astimezone(UTC).date()


@pytest.fixture
def store(opener: Opener) -> Iterator[Store]:
    with opener() as opened:
        opened.publish(FORM)
        opened.append(submission())
        yield opened


def test_a_locked_case_takes_no_correction_until_it_is_unlocked(store: Store) -> None:
    lock_case(store, PERSON, reason="Bericht abgegeben")
    before = store.events()
    with refused("store.locked_case"):
        store.append(submission(version=2, record={"/data/a": "2"}))
    assert store.events() == before
    assert len(store.history(submission().id)) == 1
    assert store.verify() == []
    lock_case(store, PERSON, unlock=True)
    assert store.append(submission(version=2, record={"/data/a": "2"})).version == 2


def test_what_was_sent_already_and_what_is_new_is_taken(store: Store) -> None:
    first = store.append(submission())
    lock_case(store, PERSON)
    assert store.append(submission()) == first
    assert store.append(submission(2)).version == 1


def test_a_record_can_not_be_moved_into_a_locked_case(store: Store) -> None:
    store.append(submission(2, subject="P-000777"))
    lock_case(store, PERSON)
    with refused("store.locked_case"):
        store.append(submission(2, subject=PERSON, version=2, record={"/data/a": "2"}))


def test_a_period_locks_what_was_first_received_in_it_both_days_included(store: Store, clock: Clock) -> None:
    clock.move(days=1)
    store.append(submission(2))
    lock_period(store, TOWN, DAY, DAY)
    with refused("store.locked_period"):
        store.append(submission(version=2, reason="late", record={"/data/a": "2"}))
    assert store.append(submission(2, version=2, record={"/data/a": "2"})).version == 2
    lock_period(store, TOWN, DAY, DAY, unlock=True)
    assert store.append(submission(version=2, reason="late", record={"/data/a": "2"})).version == 2


def test_another_town_is_not_locked(store: Store) -> None:
    store.note("review", about=about_period("lock", DAY, DAY))
    assert store.append(submission(version=2, record={"/data/a": "2"})).version == 2


@pytest.mark.parametrize("unlock", [False, True])
def test_locking_twice_and_unlocking_what_is_not_locked_is_refused(store: Store, *, unlock: bool) -> None:
    if not unlock:
        lock_case(store, PERSON)
        lock_period(store, TOWN, DAY, DAY)
    for again in (
        lambda: lock_case(store, PERSON, unlock=unlock),
        lambda: lock_period(store, TOWN, DAY, DAY, unlock=unlock),
    ):
        with pytest.raises(UsageError) as error:
            again()
        assert error.value.code == ("review.not_locked" if unlock else "review.locked_already")
    with pytest.raises(UsageError, match="letzte Tag"):
        lock_period(store, TOWN, date(2026, 2, 1), date(2026, 1, 1))
    with refused("store.no_person"):
        lock_case(store, "P-999999")


def test_the_screen_says_so_and_keeps_the_draft(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        person(here, 1, name="Layla", alter="30")
        submission = here.answer({"what": "case", "case": here.start()["cases"]["rows"][0]["key"]})["entries"][0]
        draft = here.revise(submission["submission"], "late")
        session = here.resume(draft)
        answer(session, alter="31")
        lock_case(opened, "P-000001")
        reply = send(session, "submit")
        assert reply["type"] == "refused"
        assert "gesperrt" in str(reply)
        assert [each.id for each in opened.journal.drafts()] == [draft]
        lock_case(opened, "P-000001", unlock=True)
        assert send(session, "submit")["type"] == "submitted"


def test_what_the_events_say_is_all_there_is() -> None:
    def event(about: str, number: int = 1, *, town: str = "", kind: str = "review") -> Event:
        return Event(number, kind, "", 0, "", town, "s" * 32, about, "", START)

    first, last = date(2026, 1, 1), date(2026, 3, 31)
    period = about_period("lock", first, last)
    assert [lock.first for lock in held([event(period, town=TOWN)])] == [first]
    assert held([event(period), event(about_period("unlock", first, last))]) == []
    assert len(held([event(period, town=TOWN), event(about_period("unlock", first, last))])) == 1, "of another town"
    assert (
        held([event(about_case("lock"), kind="query"), event("lock"), event("lock period x y"), event("retention")])
        == []
    )
