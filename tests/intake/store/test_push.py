"""A laptop's store is brought home: exactly once, whenever it is killed; conflicts wait until a person decides."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from intake.store import Store, open_store
from intake.store.corrections import ELSEWHERE
from intake.store.push import MINE, THEIRS, Outcome, push
from scenario.stores import KEY, Clock, Opener, published, submission
from validation.errors import StoreBusy, StoreError

FORM = published()
ROOT = Path(__file__).parents[3]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
LAPTOP_KEY = bytes(range(1, 33))


@pytest.fixture
def laptop(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    with open_store(tmp_path / "laptop.db", key=LAPTOP_KEY, create=True, clock=clock) as opened:
        opened.publish(FORM)
        yield opened


@pytest.fixture
def home(opener: Opener) -> Iterator[Store]:
    with opener() as opened:
        yield opened


def with_file(store: Store, number: int, name: str) -> None:
    draft = store.journal.start(FORM.hash, "08235007", "müller", "de")
    store.attachments.put(draft.id, name, PNG + bytes([number]))
    store.journal.submit(draft.id, submission(number, record={"/data/a": name}, subject=f"P-{number}"))


def same(laptop: Store, home: Store) -> bool:
    """Whether the home has everything of the laptop, by its content."""
    there = {each.id: each for each in home.submissions()}
    return all(
        replace(there[each.id], received=None, reason=None) == replace(each, received=None, reason=None)
        for each in laptop.submissions()
    )


class TestSending:
    def test_forms_versions_and_files_arrive_once(self, laptop: Store, home: Store, clock: Clock) -> None:
        laptop.append(submission(1))
        laptop.append(submission(1, version=2, record={"/data/a": "2"}))  # within a day: no reason
        laptop.append(submission(1, version=3, record={"/data/a": "3"}, reason="changed"))
        with_file(laptop, 2, "pass.png")
        clock.move(days=3)  # the visit was on Friday
        found = push(laptop, home)
        assert found == Outcome(
            ((submission(1).id, 1), (submission(1).id, 2), (submission(1).id, 3), (submission(2).id, 1)),
            0, (), (FORM.hash,), (),
        )  # fmt: skip
        assert [each.hash for each in home.forms()] == [FORM.hash]
        assert [each.reason for each in home.history(submission(1).id)] == [None, ELSEWHERE, "changed"]
        assert home.attachments.content(submission(2).id, "pass.png") == PNG + bytes([2])
        assert same(laptop, home)
        assert home.journal.drafts() == []
        before = home.entries()
        assert push(laptop, home) == Outcome((), 0, (), (), ())
        assert home.entries() == before
        assert home.verify() == laptop.verify() == []

    def test_only_what_is_new_is_looked_at_and_both_stores_tell_of_it(self, laptop: Store, home: Store) -> None:
        laptop.append(submission(1))
        push(laptop, home)
        laptop.append(submission(2, subject="P-2"))
        seen: list[tuple[int, int]] = []
        found = push(laptop, home, progress=lambda at, of: seen.append((at, of)))
        assert (found.sent, seen) == (((submission(2).id, 1),), [(1, 1)])
        assert [each.about for each in home.events(kinds=["export"])] == [f"push {laptop.id}"] * 2
        last = laptop.events(kinds=["export"])[-1]
        assert (last.about, laptop.detail(last.number)["sent"]) == (f"push {home.id}", "1")

    def test_the_home_goes_on_by_itself(self, laptop: Store, home: Store) -> None:
        laptop.append(submission(1))
        push(laptop, home)
        home.append(submission(1, version=2, record={"/data/a": "home"}, reason="typo", author="b"))
        assert push(laptop, home).left == ()
        with_file(laptop, 2, "pass.png")
        assert push(laptop, home).left == ()
        assert home.history(submission(1).id)[-1].record == {"/data/a": "home"}

    def test_drafts_move_where_that_is_wanted(self, laptop: Store, home: Store) -> None:
        draft = laptop.journal.start(FORM.hash, "08235007", "müller", "de")
        laptop.attachments.put(draft.id, "pass.png", PNG)
        steps = [("a", {"op": "answer", "path": "/data/a", "value": "x"}), ("b", {"op": "undo", "of": ["a"]})]
        for at, (op, payload) in enumerate(steps, start=1):
            laptop.journal.record(draft.id, op, at, payload)
        assert push(laptop, home).drafts == ()
        assert push(laptop, home, drafts=True).drafts == (draft.id,)
        assert laptop.journal.drafts() == []
        assert [(op.op_id, op.payload) for op in home.journal.replay(draft.id)] == steps
        assert home.attachments.content(draft.id, "pass.png") == PNG
        assert push(laptop, home, drafts=True) == Outcome((), 0, (), (), ())

    def test_a_store_is_not_brought_to_itself(self, laptop: Store) -> None:
        with pytest.raises(StoreError) as caught:
            push(laptop, laptop)
        assert caught.value.code == "push.itself"

    def test_what_is_erased_at_home_does_not_come_back(self, laptop: Store, home: Store) -> None:
        laptop.append(submission(1))
        push(laptop, home)
        home.erase("P-000001", reason="Antrag")
        laptop.append(submission(1, version=2, reason="typo", record={"/data/a": "2"}))
        laptop.append(submission(2, subject="P-2"))
        found = push(laptop, home)
        assert [each.why for each in found.left] == ["store.erased"]
        assert found.sent == ((submission(2).id, 1),)
        assert [each.id for each in home.submissions()] == [submission(2).id]


class TestConflicts:
    @pytest.fixture
    def torn(self, laptop: Store, home: Store, clock: Clock) -> str:
        """A submission that both have, corrected at both ends; another one that waits behind it."""
        laptop.append(submission(1))
        push(laptop, home)
        clock.move(hours=1)
        laptop.append(submission(1, version=2, reason="typo", record={"/data/a": "laptop"}))
        clock.move(hours=1)
        home.append(submission(1, version=2, reason="late", record={"/data/a": "home"}, author="b"))
        laptop.append(submission(1, version=3, reason="typo", record={"/data/a": "laptop again"}))
        laptop.append(submission(2, subject="P-2"))
        return submission(1).id

    def test_one_is_listed_with_both_times_and_the_others_go(self, laptop: Store, home: Store, torn: str) -> None:
        for _ in range(2):  # until somebody decides
            found = push(laptop, home)
            (left,) = found.left
            assert (left.submission, left.version, left.why) == (torn, 2, "push.conflict")
            assert left.there is not None
            assert (left.there - left.here).total_seconds() == 3600
        assert [each.record for each in home.history(torn)] == [{"/data/a": "1"}, {"/data/a": "home"}]
        assert home.count() == 2

    def test_mine_becomes_the_next_version_at_home(self, laptop: Store, home: Store, torn: str) -> None:
        assert push(laptop, home, take={torn: MINE}).left == ()
        assert [each.record["/data/a"] for each in home.history(torn)] == ["1", "home", "laptop again"]
        assert push(laptop, home, take={torn: MINE}) == Outcome((), 0, (), (), ())
        assert len(home.history(torn)) == 3

    def test_theirs_stays_and_is_not_asked_again(self, laptop: Store, home: Store, torn: str) -> None:
        assert push(laptop, home, take={torn: THEIRS}).left == ()
        assert [each.record["/data/a"] for each in home.history(torn)] == ["1", "home"]
        assert push(laptop, home).left == ()
        laptop.append(submission(1, version=4, reason="typo", record={"/data/a": "later"}))
        assert [each.version for each in push(laptop, home).left] == [4]  # what comes later is asked about

    def test_a_later_correction_of_what_was_given_up_does_not_go_over_theirs(self, laptop: Store, home: Store) -> None:
        laptop.append(submission(1))
        push(laptop, home)
        laptop.append(submission(1, version=2, reason="typo", record={"/data/a": "laptop"}))
        home.append(submission(1, version=2, reason="late", record={"/data/a": "home"}))
        torn = submission(1).id
        push(laptop, home, take={torn: THEIRS})
        laptop.append(submission(1, version=3, reason="typo", record={"/data/a": "laptop again"}))
        for _ in range(2):
            assert [(each.version, each.why) for each in push(laptop, home).left] == [(3, "push.conflict")]
        assert [each.record["/data/a"] for each in home.history(torn)] == ["1", "home"]
        push(laptop, home, take={torn: MINE})
        assert [each.record["/data/a"] for each in home.history(torn)] == ["1", "home", "laptop again"]
        laptop.append(submission(1, version=4, reason="typo", record={"/data/a": "on"}))
        assert push(laptop, home).left == ()
        assert len(home.history(torn)) == 4

    def test_a_decision_about_nothing_is_refused(self, laptop: Store, home: Store, torn: str) -> None:
        for take in ({"uuid:nobody": MINE}, {torn: "both"}):
            with pytest.raises(StoreError) as caught:
                push(laptop, home, take=take)
            assert caught.value.code == "push.unknown"


class Cut(Exception):  # noqa: N818 - the line, not an error of ours
    """The program ended here."""


class Failing:
    """Passes calls on to a store, and ends the program before the n-th of them."""

    def __init__(self, store: object, calls: list[int]) -> None:
        self._store = store
        self._calls = calls

    def __getattr__(self, name: str) -> object:
        found = getattr(self._store, name)
        if name in ("journal", "attachments"):
            return Failing(found, self._calls)
        if not callable(found):
            return found

        def call(*given: object, **named: object) -> object:
            self._calls[0] -= 1
            if self._calls[0] == 0:
                raise Cut
            return found(*given, **named)

        return call


def filled(laptop: Store) -> None:
    laptop.append(submission(1))
    laptop.append(submission(1, version=2, record={"/data/a": "2"}))
    with_file(laptop, 2, "pass.png")
    draft = laptop.journal.start(FORM.hash, "08235007", "müller", "de")
    laptop.journal.record(draft.id, "a", 1, {"op": "answer", "path": "/data/a", "value": "x"})


@pytest.mark.parametrize("of_home", [False, True])
def test_cut_off_at_any_call_and_again_everything_is_there_once(tmp_path: Path, *, of_home: bool) -> None:
    cuts = 0
    for at in range(1, 200):
        clock = Clock()
        place = tmp_path / str(at)
        place.mkdir()
        with (
            open_store(place / "l.db", key=LAPTOP_KEY, create=True, clock=clock) as laptop,
            open_store(place / "h.db", key=KEY, create=True, clock=clock) as home,
        ):
            laptop.publish(FORM)
            filled(laptop)
            calls = [at]
            ends: list[Store] = [laptop, home]
            ends[of_home] = Failing(ends[of_home], calls)  # type: ignore[call-overload]
            try:
                push(*ends, drafts=True)
            except Cut:
                cuts += 1
            else:
                break
            push(laptop, home, drafts=True)
            assert [(each.submission, each.version) for each in home.entries()] == [
                (submission(1).id, 1), (submission(1).id, 2), (submission(2).id, 1),
            ]  # fmt: skip
            assert same(laptop, home)
            assert [len(home.journal.replay(each.id)) for each in home.journal.drafts()] == [1]
            assert laptop.journal.drafts() == []
    assert cuts > 8


KILLED = """
import os, signal, sys
from pathlib import Path
from intake.store import open_store
from intake.store.push import push
place, at = Path(sys.argv[1]), int(sys.argv[2])
def progress(done, of):
    if done == at:
        os.kill(os.getpid(), signal.SIGKILL)
with open_store(place / "laptop.db", key=bytes(range(1, 33))) as laptop:
    with open_store(place / "home.db", key=bytes(range(32))) as home:
        push(laptop, home, progress=progress)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_killed_in_earnest_again_and_again_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    with (
        open_store(tmp_path / "laptop.db", key=LAPTOP_KEY, create=True) as laptop,
        open_store(tmp_path / "home.db", key=KEY, create=True) as home,
    ):
        laptop.publish(FORM)
        laptop.append_many(submission(number, subject=f"P-{number}") for number in range(12))
        for at in (1, 4, 11):
            done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(at)], cwd=ROOT, check=False)
            assert done.returncode == -9
            assert home.count() == at
        found = push(laptop, home)
        assert (len(found.sent), found.known) == (1, 11)
        assert same(laptop, home)
        assert len(home.entries()) == 12


def test_a_home_that_is_busy_is_said_and_what_was_sent_is_sent(tmp_path: Path, laptop: Store) -> None:
    laptop.append(submission(1))
    with open_store(tmp_path / "h.db", key=KEY, create=True, wait=0.05) as home, open_store(
        tmp_path / "h.db", key=KEY
    ) as other:  # fmt: skip
        with other._connection.transaction(), pytest.raises(StoreBusy):  # type: ignore[attr-defined]
            push(laptop, home)
        assert push(laptop, home).sent == ((submission(1).id, 1),)
