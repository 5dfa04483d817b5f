"""Two writers, killed in the middle: nothing acknowledged is lost, nothing is there twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from intake.store import open_store
from scenario.stores import KEY, new_store, past_the_store, submission

HERE = Path(__file__).parent
NAMES = ("a", "b")


class Writer:
    """A process that writes, and every line it has finished saying."""

    def __init__(self, path: Path, name: str, first: int) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent.parent), str(HERE.parent)])}
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "writer.py"), str(path), name, str(first)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.lines: list[list[str]] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith("\n"):
                self.lines.append(line.split())

    def kill(self) -> None:
        """SIGKILL (TerminateProcess on Windows), then everything that was still in the pipe."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def said(self, word: str) -> list[list[str]]:
        return [line[1:] for line in self.lines if line[0] == word]


def wait_for(condition: Callable[[], bool], writers: list[Writer]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        assert all(writer.process.poll() is None for writer in writers), "a writer ended by itself"
        time.sleep(0.002)


def kill_rounds(directory: Path, rounds: int, seed: int) -> None:
    path = directory / "store.db"
    new_store(path).close()
    choose = random.Random(seed)
    acknowledged = dict.fromkeys(NAMES, 0)
    for _ in range(rounds):
        writers = [Writer(path, name, acknowledged[name]) for name in NAMES]
        for writer in choose.sample(writers, len(writers)):
            patience = len(writer.lines) + choose.randint(1, 25)
            wait_for(lambda writer=writer, patience=patience: len(writer.lines) >= patience, [writer])
            time.sleep(choose.random() * 0.004)
            writer.kill()
        for writer, name in zip(writers, NAMES, strict=True):
            acknowledged[name] += len(writer.said("submitted"))
        with open_store(path, key=KEY) as store:
            found = [one.id for one in store.submissions()]
            assert len(found) == len(set(found)) == store.count()
            for name in NAMES:
                numbers = [int(one.split("-")[1]) for one in found if one.startswith(f"{name}-")]
                assert numbers == list(range(len(numbers)))
                assert acknowledged[name] <= len(numbers) <= acknowledged[name] + 1
            for one in store.submissions():
                assert one.record == submission(int(one.id.split("-")[1])).record
            kept = {(info.id, op.op_id) for info in store.journal.drafts() for op in store.journal.replay(info.id)}
            for writer in writers:
                closing = {draft for (draft,) in writer.said("closing")}
                assert {(draft, op) for draft, op in writer.said("kept") if draft not in closing} <= kept
        with past_the_store(path) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert raw.execute("PRAGMA cipher_integrity_check").fetchall() == []
            assert raw.execute("PRAGMA foreign_key_check").fetchall() == []


def test_20_kills_lose_nothing_acknowledged(tmp_path: Path) -> None:
    kill_rounds(tmp_path, rounds=10, seed=1)


@pytest.mark.long
def test_300_kills_lose_nothing_acknowledged(tmp_path: Path) -> None:
    kill_rounds(tmp_path, rounds=150, seed=2)


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    new_store(path).close()
    writers = [Writer(path, name, 0) for name in NAMES]
    wait_for(lambda: all(len(writer.said("submitted")) >= 100 for writer in writers), writers)
    for writer in writers:
        writer.kill()
    with open_store(path, key=KEY) as store:
        found = [one.id for one in store.submissions()]
    for writer in writers:
        assert {one for (one,) in writer.said("submitted")} <= set(found)
    with past_the_store(path) as raw:
        numbers = [number for (number,) in raw.execute("SELECT number FROM event ORDER BY number")]
    assert numbers == list(range(1, len(found) + 1))
