"""Many processes at one store: nothing lost, nothing doubled, no number twice, and a store that is held is said."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from intake.store import open_store
from scenario.promises import broken
from scenario.stores import KEY, new_store, past_the_store, published, submission
from scenario.writelog import plain_surroundings
from validation.errors import StoreBusy

WRITER = Path(__file__).parent / "writer.py"


class Crowd:
    """Processes that each hand in so many, at the same time."""

    def __init__(self, path: Path, names: list[str], appends: int) -> None:
        self.names = names
        self._running = [
            subprocess.Popen(
                [sys.executable, str(WRITER), str(path), name, "0", str(appends)],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=plain_surroundings(),
            )
            for name in names
        ]  # fmt: skip
        self._told: dict[int, tuple[str, str]] = {}
        self._threads = [
            threading.Thread(target=lambda one=one: self._told.update({one.pid: one.communicate()}))
            for one in self._running
        ]
        for thread in self._threads:
            thread.start()

    @property
    def is_at_it(self) -> bool:
        return any(one.poll() is None for one in self._running)

    def lines(self) -> list[list[str]]:
        """What was acknowledged, once all have ended well."""
        for thread in self._threads:
            thread.join()
        assert [one.returncode for one in self._running] == [0] * len(self._running), [
            error for _, error in self._told.values()
        ]
        return [line.split() for said, _ in self._told.values() for line in said.splitlines()]


def write_together(path: Path, processes: int, appends: int) -> None:
    new_store(path).close()
    crowd = Crowd(path, [f"w{number}" for number in range(processes)], appends)
    lines = crowd.lines()
    with open_store(path, key=KEY) as store:
        assert broken(store, lines, crowd.names) == []
        assert store.count() == processes * appends == sum(line[0] == "submitted" for line in lines)
        assert store.journal.drafts() == []
        assert store.verify() == []
    numbered_without_gaps(path)


def numbered_without_gaps(path: Path) -> None:
    with past_the_store(path) as raw:
        numbers = [number for (number,) in raw.execute("SELECT number FROM event ORDER BY number")]
    assert numbers == list(range(1, len(numbers) + 1))


def erase_meanwhile(path: Path, appends: int) -> int:
    """Erase one person after the other while two processes write; how many. Every erasure exchanges all class keys,
    and nobody may seal anything under one that is gone."""
    persons = [f"gone-{number}" for number in range(60)]
    with new_store(path, wait=30) as store:
        store.append_many(submission(number, subject=person) for number, person in enumerate(persons))
        crowd = Crowd(path, ["w0", "w1"], appends)
        while crowd.is_at_it and store.count() == len(persons):
            time.sleep(0.01)
        erased = 0
        while crowd.is_at_it and erased < len(persons):
            store.erase(persons[erased], reason="Antrag")
            erased += 1
        lines = crowd.lines()
        for person in persons[erased:]:
            store.erase(person, reason="Antrag")
    with open_store(path, key=KEY) as store:
        assert broken(store, lines, crowd.names) == []
        assert store.count() == 2 * appends
        assert store.verify() == []
    numbered_without_gaps(path)
    return erased


def test_4_processes_with_50_appends_each(tmp_path: Path) -> None:
    write_together(tmp_path / "store.db", 4, 50)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_8_processes_with_500_appends_each(tmp_path: Path) -> None:
    write_together(tmp_path / "store.db", 8, 500)


def test_erasures_while_two_write_lose_nothing_of_theirs(tmp_path: Path) -> None:
    assert erase_meanwhile(tmp_path / "store.db", 60) > 0


def test_a_store_that_is_held_is_said_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with new_store(path, wait=0.05) as store:
        draft = store.journal.start(published().hash, "", "", "de").id
        answer = {"op": "answer", "path": "/data/a", "value": "1"}
        store.journal.record(draft, "op-1", 1, answer)
        with past_the_store(path) as raw:
            raw.execute("BEGIN IMMEDIATE")
            for refused in (
                lambda: store.append(submission(1)),
                lambda: store.append_many([submission(1)]),
                lambda: store.publish(published("other")),
                lambda: store.journal.record(draft, "op-2", 2, answer),
                lambda: store.journal.submit(draft, submission(1)),
                lambda: store.journal.discard(draft),
                lambda: store.attachments.put(draft, "a.png", b"a"),
                lambda: store.journal.start(published().hash, "", "", "de"),
            ):
                with pytest.raises(StoreBusy):
                    refused()
            assert store.count() == 0  # reading goes on
            assert [op.op_id for op in store.journal.replay(draft)] == ["op-1"]
            raw.execute("ROLLBACK")
        assert store.journal.submit(draft, submission(1)) == store.append(submission(1))
        assert store.count() == 1


def test_who_waits_gets_in_once_the_store_is_free(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    new_store(path).close()
    held = threading.Event()
    done: list[int] = []

    def wait() -> None:
        with open_store(path, key=KEY, wait=60) as store:
            held.set()
            done.append(store.append(submission(1)).number)

    waiting = threading.Thread(target=wait)
    with past_the_store(path) as raw:
        raw.execute("BEGIN IMMEDIATE")
        waiting.start()
        held.wait()
        waiting.join(0.1)
        assert waiting.is_alive()
        assert done == []
        raw.execute("ROLLBACK")
    waiting.join()
    assert len(done) == 1
