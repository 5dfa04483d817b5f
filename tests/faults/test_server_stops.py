"""The server of a team's store stops in the middle of everything, as if its power had gone, and comes back.

Whoever writes tries each thing again until it is acknowledged, as the screen does. Afterwards everything that was
acknowledged is there once, in its order, and the chain holds. Figures stand in `README.md`.
"""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from intake.store import Receipt, utc_now
from intake.store.postgres.store import TeamStore
from intake.submission import Submission
from scenario.postgresql import REMEDY, Cluster, programs, running
from scenario.stores import divided, submission
from scenario.team import Team
from validation.errors import StoreBusy

pytestmark = pytest.mark.postgresql

FORM = divided()
T = TypeVar("T")


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A server of its own: this one is not treated well."""
    if programs() is None:
        pytest.skip(f"PostgreSQL 15 or newer is missing; install it with: {REMEDY}")
    with running() as cluster:
        yield cluster


class Writer(threading.Thread):
    """Interviews one after the other, each step tried until it is acknowledged. `done` receives a mark for each."""

    def __init__(self, team: Team, account: str, first: int) -> None:
        super().__init__(daemon=True)
        self.team = team
        self.account = account
        self.first = first
        self.done: queue.Queue[None] = queue.Queue()
        self.up = threading.Event()
        self.enough = threading.Event()
        self.receipts: list[Receipt] = []
        self.refused = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            with self.team.open(self.account, utc_now) as store:
                number = self.first
                while not self.enough.is_set():
                    self.receipts.append(self.interview(store, number))
                    number += 1
        except BaseException as error:  # noqa: BLE001 - the test shows it
            self.failure = error
        finally:
            self.done.put(None)

    def interview(self, store: TeamStore, number: int) -> Receipt:
        draft = f"{number:032x}"
        self.tried(lambda: store.journal.start(FORM.hash, "08235007", "müller", "de", draft_id=draft))
        for sequence in (1, 2, 3):
            payload = {"op": "answer", "path": "/data/a", "value": f"{number} {sequence}"}
            self.tried(lambda s=sequence, p=payload: store.journal.record(draft, f"op-{s}", s, p))  # type: ignore[misc]
        self.tried(lambda: store.attachments.put(draft, "pass.png", b"bytes"))
        replayed = [op.payload["value"] for op in self.tried(lambda: store.journal.replay(draft))]
        assert replayed == [f"{number} {sequence}" for sequence in (1, 2, 3)]
        return self.tried(lambda: store.journal.submit(draft, sent(number)))

    def tried(self, step: Callable[[], T]) -> T:
        while True:
            try:
                answer = step()
            except StoreBusy:
                self.refused += 1
                self.up.wait()
            else:
                self.done.put(None)
                return answer


def sent(number: int) -> Submission:
    record = {"/data/a": str(number), "/data/name": "pass.png"}
    return submission(number, form=FORM, subject=f"P-{number % 7}", record=record)


def stopped(cluster: Cluster, times: int) -> None:
    team = Team.new(cluster, clock="server")
    account = team.add("manager", ["*"])
    with team.open(account, utc_now) as store:
        store.publish(FORM)
    writers = [Writer(team, account, first) for first in (1_000, 2_000)]
    chance = random.Random(5)
    for writer in writers:
        writer.up.set()
        writer.start()
    for _ in range(times):
        for _ in range(chance.randint(1, 9)):
            writers[0].done.get(timeout=120)
        for writer in writers:
            writer.up.clear()
        cluster.stop("immediate")
        cluster.start()
        for writer in writers:
            writer.up.set()
    for writer in writers:
        writer.enough.set()
        writer.join(timeout=120)
        assert writer.failure is None, writer.failure
    assert sum(writer.refused for writer in writers) >= times
    with team.open(account, utc_now) as store:
        acknowledged = {(each.submission, each.number) for writer in writers for each in writer.receipts}
        there = {(each.submission, each.number) for each in store.entries()}
        assert acknowledged == there, "lost, doubled or renumbered"
        assert len({submission_id for submission_id, _ in there}) == len(there) > times
        for found in store.submissions():
            assert found.record == sent(int(found.id[5:])).record
            assert store.attachments.content(found.id, "pass.png") == b"bytes"
        assert store.journal.drafts() == []
        assert store.verify() == []
        numbers = [event.number for event in store.events()]
        assert numbers == list(range(1, len(numbers) + 1))


def test_a_server_that_stops_loses_and_doubles_nothing(cluster: Cluster) -> None:
    stopped(cluster, 5)


@pytest.mark.long
def test_a_server_that_stops_50_times_loses_and_doubles_nothing(cluster: Cluster) -> None:
    stopped(cluster, 50)
