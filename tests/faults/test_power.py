"""The power goes: whatever was acknowledged is there again, however the disk's cache forgot the rest.

Simulated: a recorded work is cut at places of chance, and a disk is laid out as it may look then (`scenario.disk`). The
engine that writes is apsw-sqlite3mc, for it takes a file system made in Python; `test_power_real.py` does the same with
fewer cuts and sqlcipher3, which we ship.
"""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from intake.store import connection, open_store
from scenario.disk import Did, Disk, cuts, lay
from scenario.promises import broken, work
from scenario.recorder import other_engine, recorded
from scenario.stores import KEY, files, new_store
from validation.errors import StoreError

STEPS = 60


def record_work(home: Path, before: Path, patch: pytest.MonkeyPatch, steps: int = STEPS) -> list[Did]:
    """Make a store in `home`, copy it to `before`, and write down what happens to the disk from then on."""
    home.mkdir()
    with other_engine(patch):
        new_store(home / "store.db").close()
    lay(files(home), before)
    with recorded(home, patch) as record:

        def say(*words: str) -> None:
            record.append(Did("said", "", data=" ".join(words).encode() + b"\n"))

        for first in range(0, steps, 20):  # closed and opened again now and then: the log goes and comes
            with open_store(home / "store.db", key=KEY) as store:
                for number in range(first, min(first + 20, steps)):
                    work(store, "a", number, say)
    return record


@dataclass(frozen=True)
class Outcome:
    """Of so many cuts: how many lost something acknowledged without a word, how many were refused on opening because
    something acknowledged is gone, and how many lines were said in all."""

    losing: int
    refused: int
    lines: int


def cut_power(tmp_path: Path, patch: pytest.MonkeyPatch, count: int, seed: int, steps: int = STEPS) -> Outcome:
    record = record_work(tmp_path / "home", tmp_path / "before", patch, steps)
    choose = random.Random(seed)
    losing = refused = lines = 0
    for number, (left, said) in enumerate(cuts(record, tmp_path / "before", count, seed)):
        place = tmp_path / "after" / str(number)
        place.parent.mkdir(exist_ok=True)
        if choose.random() < 0.3:  # what is shared between processes lies in a file that nobody synchronises
            lay({**left, "store.db-shm": choose.randbytes(32768)}, place)
        else:
            lay(left, place)
        lines = len(said)
        try:
            with other_engine(patch), open_store(place / "store.db", key=KEY) as store:
                wrong = broken(store, said)
            assert not [each for each in wrong if not each.startswith("lost")], wrong
            losing += bool(wrong)
        except StoreError:
            refused += 1
        shutil.rmtree(place)
    return Outcome(losing, refused, lines)


def weaken(patch: pytest.MonkeyPatch) -> None:
    """The setting most programs take with a write-ahead log."""
    found = tuple(setting.replace("synchronous = FULL", "synchronous = NORMAL") for setting in connection._SETTINGS)
    assert found != connection._SETTINGS
    patch.setattr(connection, "_SETTINGS", found)


def test_60_power_cuts_lose_nothing_acknowledged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = cut_power(tmp_path, monkeypatch, 60, seed=1)
    assert (outcome.losing, outcome.refused) == (0, 0)
    assert outcome.lines > STEPS


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_2000_power_cuts_lose_nothing_acknowledged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = cut_power(tmp_path, monkeypatch, 2000, seed=2, steps=120)
    print(f"2000 cuts: {outcome}")
    assert (outcome.losing, outcome.refused) == (0, 0)


def test_the_same_cuts_lose_much_without_our_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weaken(monkeypatch)
    outcome = cut_power(tmp_path, monkeypatch, 60, seed=1)
    print(f"60 cuts with NORMAL: {outcome}")
    assert outcome.losing + outcome.refused > 30


def test_the_record_is_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written down leads to the very files that are there."""
    record = record_work(tmp_path / "home", tmp_path / "before", monkeypatch, steps=25)
    disk = Disk(tmp_path / "before")
    for did in record:
        disk.do(did)
    assert disk.whole() == files(tmp_path / "home")
    assert {"write", "sync", "syncdir", "create", "unlink", "truncate", "said"} == {did.what for did in record}


def test_what_the_other_engine_writes_opens_with_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = record_work(tmp_path / "home", tmp_path / "before", monkeypatch, steps=6)
    said = [did.data.decode().split() for did in record if did.what == "said"]
    with open_store(tmp_path / "home" / "store.db", key=KEY) as store:
        assert broken(store, said) == []
    with other_engine(monkeypatch), pytest.raises(StoreError):
        open_store(tmp_path / "home" / "store.db", key=bytes(32))
