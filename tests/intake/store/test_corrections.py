"""Why a record was changed is asked on every path, and order is never the clock's: for every store there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from intake.store import Store
from intake.store.corrections import ELSEWHERE, REASONS, needs_reason, words_of
from scenario.stores import START, Clock, Opener, published, refused, submission

FORM = published()


class TestReason:
    @pytest.mark.parametrize("hours", [0, 24])
    def test_none_is_needed_for_a_day_by_the_same_author(self, store: Store, clock: Clock, hours: int) -> None:
        store.append(submission())
        clock.move(hours=hours)
        store.append(submission(version=2, record={"/data/a": "2"}))
        assert [each.reason for each in store.history(submission().id)] == [None, None]

    def test_after_a_day_one_is_needed_and_nothing_of_the_attempt_stays(self, store: Store, clock: Clock) -> None:
        store.append(submission())
        before = store.events()
        clock.move(hours=24, microseconds=1)
        with refused("store.no_reason"):
            store.append(submission(version=2, record={"/data/a": "2"}))
        assert len(store.history(submission().id)) == 1
        assert store.events() == before
        assert store.verify() == []
        assert store.append(submission(version=2, reason="late")).version == 2

    def test_corrections_without_a_reason_do_not_prolong_the_day(self, store: Store, clock: Clock) -> None:
        store.append(submission())
        clock.move(hours=20)
        store.append(submission(version=2, record={"/data/a": "2"}))
        clock.move(hours=20)
        with refused("store.no_reason"):
            store.append(submission(version=3, record={"/data/a": "3"}))

    def test_a_reason_begins_a_new_day_for_who_gave_it(self, store: Store, clock: Clock) -> None:
        store.append(submission())
        clock.move(days=400)
        store.append(submission(version=2, reason="changed", author="b"))
        with refused("store.no_reason"):
            store.append(submission(version=3, record={"/data/a": "3"}))
        store.append(submission(version=3, record={"/data/a": "3"}, author="b"))

    def test_a_journal_obeys_too(self, store: Store, clock: Clock) -> None:
        store.append(submission())
        clock.move(days=2)
        draft = store.journal.start(FORM.hash, "08235007", "m\u00fcller", "de")
        with refused("store.no_reason"):
            store.journal.submit(draft.id, submission(version=2))
        assert [each.id for each in store.journal.drafts()] == [draft.id]
        with refused("store.no_reason"):
            store.append_many([submission(2), submission(version=2)])
        assert store.count() == 1

    def test_the_same_version_again_asks_nothing_however_late(self, store: Store, clock: Clock) -> None:
        store.append(submission())
        second = store.append(submission(version=2))
        clock.move(days=9)
        assert store.append(submission(version=2)) == second

    def test_who_cannot_be_read_is_nobody(self) -> None:
        known = replace(submission(author=""), received=START, unread=("staff",))
        assert needs_reason("", START, [known])
        assert not needs_reason("", START, [replace(known, unread=("special",))])


class TestSecondWriter:
    def test_is_told_both_versions_and_finds_the_other_one(self, store: Store, opener: Opener) -> None:
        store.append(submission())
        with opener() as other:
            other.append(submission(version=2, reason="typo", record={"/data/a": "theirs"}, author="b"))
            with refused("store.stale") as caught:
                store.append(submission(version=2, reason="late", record={"/data/a": "mine"}))
            told = caught.value.fields
            theirs = store.history(told["submission"])[int(told["latest"]) - 1]
            assert (theirs.record, theirs.author) == ({"/data/a": "theirs"}, "b")
            decided = submission(version=int(told["latest"]) + 1, reason="late", record={"/data/a": "mine"})
            assert store.append(decided).version == 3


class TestClock:
    def test_one_that_runs_backwards_reorders_nothing(self, store: Store, clock: Clock) -> None:
        for number in (1, 2, 3):
            store.append(submission(number, subject=f"P-{number}"))
            clock.move(hours=-5)
        store.append(submission(1, version=2, subject="P-1", reason="typo", record={"/data/a": "new"}))
        numbers = [each.number for each in store.events(kinds=["submission"])]
        assert numbers == sorted(numbers)
        assert [(each.submission[-1], each.version) for each in store.entries()] == [
            ("1", 1), ("2", 1), ("3", 1), ("1", 2),
        ]  # fmt: skip
        assert [each.id[-1] for each in store.submissions()] == ["1", "2", "3"]
        assert [each.version for each in store.history(submission(1).id)] == [1, 2]
        assert next(store.submissions()).record == {"/data/a": "new"}
        assert store.verify() == []
        # what was received by 4 o'clock, as the clock said then, and each in its latest version of those
        known = list(store.submissions(known_at=START - timedelta(hours=5)))
        assert [(each.id[-1], each.version) for each in known] == [("1", 2), ("2", 1), ("3", 1)]
        assert [each.version for each in store.submissions(known_at=START)] == [2, 1, 1]
        assert store.count(known_at=START - timedelta(hours=5)) == 3

    def test_a_day_backwards_asks_for_a_reason_a_little_does_not(self, store: Store, clock: Clock) -> None:
        store.append(submission())
        clock.move(minutes=-3)
        store.append(submission(version=2, record={"/data/a": "2"}))
        clock.move(days=-30)
        with refused("store.no_reason"):
            store.append(submission(version=3, record={"/data/a": "3"}))


def test_codes_are_read_in_both_languages_and_words_as_they_stand() -> None:
    for code in (*REASONS, ELSEWHERE):
        assert words_of(code, "de") != code != words_of(code, "en")
        assert words_of(code, "de") != words_of(code, "en")
    assert (words_of("Angabe berichtigt"), words_of(None)) == ("Angabe berichtigt", "")
