"""Two writers, killed in the middle: nothing acknowledged is lost, nothing is there twice."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from intake.store import open_store
from scenario.promises import broken, sent
from scenario.stores import KEY, new_store, past_the_store, published
from scenario.writelog import plain_surroundings

HERE = Path(__file__).parent
NAMES = ("a", "b")


class Writer:
    """A process that writes, and every line it has finished saying."""

    def __init__(self, path: Path, name: str, first: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "writer.py"), str(path), name, str(first)],
            stdout=subprocess.PIPE,
            text=True,
            env=plain_surroundings(),
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


def kill_rounds(directory: Path, rounds: int, seed: int) -> int:
    """So many rounds of two kills; how many submissions were acknowledged."""
    path = directory / "store.db"
    new_store(path).close()
    choose = random.Random(seed)
    acknowledged = dict.fromkeys(NAMES, 0)
    lines: list[list[str]] = []
    for _ in range(rounds):
        writers = [Writer(path, name, acknowledged[name]) for name in NAMES]
        for writer in choose.sample(writers, len(writers)):
            patience = len(writer.lines) + choose.randint(1, 25)
            wait_for(lambda writer=writer, patience=patience: len(writer.lines) >= patience, [writer])
            time.sleep(choose.random() * 0.004)
            writer.kill()
        for writer, name in zip(writers, NAMES, strict=True):
            acknowledged[name] += len(writer.said("submitted"))
        lines += [line for writer in writers for line in writer.lines]
        with open_store(path, key=KEY) as store:
            assert broken(store, lines) == []
            found = [one.id for one in store.submissions()]
        for name in NAMES:
            numbers = [int(one.split("-")[1]) for one in found if one.startswith(f"{name}-")]
            assert numbers == list(range(len(numbers)))
            assert acknowledged[name] <= len(numbers) <= acknowledged[name] + 1
        check_file(path)
    return sum(acknowledged.values())


def check_file(path: Path) -> None:
    """The engine itself finds nothing wrong, and events are numbered without gaps."""
    with past_the_store(path) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert raw.execute("PRAGMA cipher_integrity_check").fetchall() == []
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
        numbers = [number for (number,) in raw.execute("SELECT number FROM event ORDER BY number")]
    assert numbers == list(range(1, len(numbers) + 1))


def test_20_kills_lose_nothing_acknowledged(tmp_path: Path) -> None:
    kill_rounds(tmp_path, rounds=10, seed=1)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_1000_kills_lose_nothing_acknowledged(tmp_path: Path) -> None:
    """In 25 stores, so that what is looked through after each kill stays small."""
    acknowledged = 0
    for seed in range(25):
        (tmp_path / str(seed)).mkdir()
        acknowledged += kill_rounds(tmp_path / str(seed), rounds=20, seed=seed)
    print(f"1000 kills, {acknowledged} submissions acknowledged, 0 lost, 0 twice")


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    new_store(path).close()
    writers = [Writer(path, name, 0) for name in NAMES]
    wait_for(lambda: all(len(writer.said("submitted")) >= 100 for writer in writers), writers)
    for writer in writers:
        writer.kill()
    with open_store(path, key=KEY) as store:
        assert broken(store, [line for writer in writers for line in writer.lines]) == []
    check_file(path)


def test_a_line_that_was_never_true_is_found_missing(tmp_path: Path) -> None:
    with new_store(tmp_path / "store.db") as store:
        draft = store.journal.start(published().hash, "", "", "de").id
        for line in (["submitted", "a-0"], ["corrected", "a-0"], ["kept", draft, "op-1"], ["attached", draft, "0.png"]):
            assert broken(store, [line]) != []
        store.append(replace(sent("a", 1), record={"/data/a": "2"}))
        assert broken(store, []) == ["other a-1"]
