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

from intake.store import Store, connection, open_store
from intake.store.bringing import brought
from intake.store.drive import LOCAL, NETWORK, Drive
from intake.store.filecheck import log_of
from intake.store.opening import open_sqlite
from scenario.disk import Did, Disk, cuts, lay
from scenario.promises import broken, work
from scenario.recorder import other_engine, recorded
from scenario.stores import KEY, Clock, crashed_copy, files, new_store, published, submission
from validation.errors import StoreError

STEPS = 60


def opened(path: Path, drive: str) -> Store:
    """The store, opened as on a drive of this kind; whoever had its lock is gone."""
    there = path.exists()
    store = open_sqlite(
        path, brought(key=KEY), create=not there, clock=Clock(), wait=5, take_over=drive == NETWORK,
        drive=lambda _: Drive(drive),
    )  # fmt: skip
    if not there:
        store.publish(published())
    return store


def record_work(
    home: Path, before: Path, patch: pytest.MonkeyPatch, steps: int = STEPS, drive: str = LOCAL
) -> list[Did]:
    """Make a store in `home`, copy it to `before`, and write down what happens to the disk from then on."""
    home.mkdir()
    with other_engine(patch):
        opened(home / "store.db", drive).close()
    lay(files(home), before)
    with recorded(home, patch) as record:

        def say(*words: str) -> None:
            record.append(Did("said", "", data=" ".join(words).encode() + b"\n"))

        for first in range(0, steps, 40):  # closed and opened again now and then: the log goes and comes
            with opened(home / "store.db", drive) as store:
                for number in range(first, min(first + 40, steps)):
                    work(store, "a", number, say)
    return record


@dataclass(frozen=True)
class Outcome:
    """Of so many cuts: how many lost something acknowledged without a word (or left anything else wrong), how many
    were refused on opening because something acknowledged is gone, and how many lines were said in all."""

    losing: int
    refused: int
    lines: int


def cut_again(
    tmp_path: Path, patch: pytest.MonkeyPatch, left: dict[str, bytes], seed: int, drive: str
) -> dict[str, bytes]:
    """The power goes once more while the store is opened and closed: what is put in order is cut off as well."""
    for name in ("first", "again"):
        lay(left, tmp_path / name)
    with recorded(tmp_path / "again", patch) as record, opened(tmp_path / "again" / "store.db", drive):
        pass
    ((files_now, _),) = cuts(record, tmp_path / "first", 1, seed)
    for name in ("first", "again"):
        shutil.rmtree(tmp_path / name)
    return files_now


def cut_power(
    tmp_path: Path, patch: pytest.MonkeyPatch, count: int, seed: int, *, steps: int = STEPS, drive: str = LOCAL
) -> Outcome:
    record = record_work(tmp_path / "home", tmp_path / "before", patch, steps, drive)
    choose = random.Random(seed)
    losing = refused = lines = 0
    for number, (left, said) in enumerate(cuts(record, tmp_path / "before", count, seed)):
        place = tmp_path / "after"
        lines = len(said)
        try:
            found = left if number % 4 else cut_again(tmp_path, patch, left, number, drive)
            if choose.random() < 0.3:  # what is shared between processes lies in a file that nobody synchronises
                found = {**found, "store.db-shm": choose.randbytes(32768)}
            lay(found, place)
            with other_engine(patch), opened(place / "store.db", drive) as store:
                wrong = broken(store, said)
            losing += bool(wrong)
        except StoreError:
            refused += 1
        for name in ("first", "again", "after"):
            shutil.rmtree(tmp_path / name, ignore_errors=True)
    return Outcome(losing, refused, lines)


def weaken(patch: pytest.MonkeyPatch) -> None:
    """The setting that most programs take with a log, and none at all for a rollback journal (in the safe mode one
    program has the file for itself, and then FULL and NORMAL lose nothing either)."""
    for name, ours, theirs in (("_LOCAL", "FULL", "NORMAL"), ("_SAFE", "EXTRA", "OFF")):
        found = getattr(connection, name)
        weaker = tuple(setting.replace(f"synchronous = {ours}", f"synchronous = {theirs}") for setting in found)
        assert weaker != found
        patch.setattr(connection, name, weaker)


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


def test_40_power_cuts_lose_nothing_in_the_safe_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = cut_power(tmp_path, monkeypatch, 40, seed=3, steps=20, drive=NETWORK)
    assert (outcome.losing, outcome.refused) == (0, 0)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_500_power_cuts_lose_nothing_in_the_safe_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = cut_power(tmp_path, monkeypatch, 500, seed=4, drive=NETWORK)
    print(f"500 cuts in the safe mode: {outcome}")
    assert (outcome.losing, outcome.refused) == (0, 0)


def test_the_safe_mode_needs_its_setting_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weaken(monkeypatch)
    outcome = cut_power(tmp_path, monkeypatch, 40, seed=3, steps=20, drive=NETWORK)
    print(f"40 cuts in the safe mode with OFF: {outcome}")
    assert outcome.losing + outcome.refused > 20


def test_the_record_is_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written down leads to the very files that are there."""
    record = record_work(tmp_path / "home", tmp_path / "before", monkeypatch, steps=25)
    disk = Disk(tmp_path / "before")
    for did in record:
        disk.do(did)
    assert disk.whole() == files(tmp_path / "home")
    assert {"write", "sync", "syncdir", "create", "unlink", "truncate", "said"} == {did.what for did in record}


def test_a_frame_that_is_half_new_is_no_lost_commit(tmp_path: Path) -> None:
    """Of a transaction that was cut off one sector did not arrive, and there stands that a commit ended here once."""
    with new_store(tmp_path / "store.db") as store:
        store.append(submission(1))
        before = log_of(tmp_path / "store.db").stat().st_size
        store.append(submission(2, record={"/data/a": "x" * 64 * 4096}))
        place = crashed_copy(tmp_path / "store.db", tmp_path / "cut")
    log = bytearray(log_of(place).read_bytes())
    torn = next(start for start in range(before, len(log), 24 + 4096) if start % 512 == 504)
    log[torn : torn + 8] = bytes((0, 0, 0, 7, 0, 0, 0, 9))
    log_of(place).write_bytes(log)
    with open_store(place, key=KEY) as store:
        assert [one.id for one in store.submissions()] == [submission(1).id]


def test_what_the_other_engine_writes_opens_with_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = record_work(tmp_path / "home", tmp_path / "before", monkeypatch, steps=6)
    said = [did.data.decode().split() for did in record if did.what == "said"]
    with open_store(tmp_path / "home" / "store.db", key=KEY) as store:
        assert broken(store, said) == []
    with other_engine(monkeypatch), pytest.raises(StoreError):
        open_store(tmp_path / "home" / "store.db", key=bytes(32))
