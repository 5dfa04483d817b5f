"""A program is cut off while it changes a whole store: brings up an earlier schema, changes the key, erases a person.

Killed before the n-th change of the disk, for many n; and the power is cut at as many places. Then the store opens (it
goes on where it was, or begins again), nothing is lost, and what was acknowledged as erased stays so.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from intake.store import Store, erasures, open_store
from intake.store.bringing import Brought, brought
from intake.store.opening import open_sqlite
from intake.store.restoring import drill
from intake.store.ways import Cost
from scenario.disk import cuts, lay
from scenario.old_stores import SCHEMAS, old_store
from scenario.promises import broken, work
from scenario.stores import KEY, Clock, new_store, published
from scenario.writelog import built, read_log, surroundings

OPENER = Path(__file__).parent / "opener.py"
PASSPHRASE = "Kornblumen am Feldrand zählen"
ERASED = "a-3"  # of submissions 3, 10 and 17
Lines = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Change:
    """What `opener.py` is told to do to the store in a directory, and what must hold then, cut off or not."""

    words: tuple[str, ...]
    store: Path
    opened: Callable[[Path], Store]
    check: Callable[[Store, Lines, Path], list[str]]

    def run(self, place: Path, library: Path, *, log: Path | None = None, kill: int = 0) -> int:
        """In a process of its own; its code, negative when it was killed."""
        return subprocess.run(
            [sys.executable, str(OPENER), str(place / "store.db"), *self.words],
            env=surroundings(library, place, log, kill), check=False, stdout=subprocess.DEVNULL,
        ).returncode  # fmt: skip

    def whole(self, place: Path, lines: Lines) -> None:
        """The store opens, twice, holds what it must, and its chain is whole."""
        for _ in range(2):
            with self.opened(place / "store.db") as store:
                assert self.check(store, lines, place) == []
                assert store.verify() == []


def cut_off(tmp_path: Path, change: Change, kills: int, power: int, seed: int) -> int:
    """So many kills and power cuts; in how many changes of the disk."""
    library = built(tmp_path)
    shutil.copytree(change.store.parent, tmp_path / "home")
    assert change.run(tmp_path / "home", library, log=tmp_path / "log") == 0
    change.whole(tmp_path / "home", [change.words])
    record = read_log(tmp_path / "log")
    changes = sum(did.what != "said" for did in record)
    choose = random.Random(seed)
    for _ in range(kills):
        place = tmp_path / "killed"
        shutil.copytree(change.store.parent, place)
        assert change.run(place, library, kill=choose.randrange(1, changes + 1)) == -9
        change.whole(place, [])
        shutil.rmtree(place)
    for left, lines in cuts(record, change.store.parent, power, seed):
        place = tmp_path / "cut"
        lay(left, place)
        change.whole(place, lines)
        shutil.rmtree(place)
    return changes


def bringing_up(directory: Path, schema: int) -> Change:
    directory.mkdir()
    said = old_store(directory / "store.db", schema, 20)
    return Change(
        ("open",), directory / "store.db", lambda path: open_store(path, key=KEY), lambda store, *_: broken(store, said)
    )


def filled(store: Store) -> list[list[str]]:
    said: list[list[str]] = []
    for number in range(20):
        work(store, "a", number, lambda *words: said.append(list(words)))
    return said


def changing_the_key(directory: Path) -> Change:
    """A store that is opened with a passphrase (a cheap one: it is not what is tried here)."""
    directory.mkdir()
    path = directory / "store.db"
    given = replace(brought(passphrase=PASSPHRASE), cost=Cost(passes=1, memory_kib=8, lanes=1))
    with open_sqlite(path, given, create=True, clock=Clock(), wait=5) as store:
        store.publish(published())
        said = filled(store)
    return Change(
        ("rekey", PASSPHRASE), path, lambda path: open_store(path, passphrase=PASSPHRASE),
        lambda store, *_: broken(store, said),
    )  # fmt: skip


def erasing(directory: Path) -> Change:
    directory.mkdir()
    path = directory / "store.db"
    with new_store(path) as store:
        said = filled(store)
        gone = {one.id for one in store.submissions() if one.subject == ERASED}
    kept = [line for line in said if line[0] in ("submitted", "corrected") and line[1] not in gone]
    assert len(gone) == 3

    def check(store: Store, lines: Lines, place: Path) -> list[str]:
        """Before the answer all or nothing of the person, afterwards nothing, and a backup would forget as well."""
        there = gone & {one.id for one in store.submissions()}
        if there == gone and ["erase"] not in [list(line[:1]) for line in lines]:
            return broken(store, said)
        if len(erasures.read(erasures.list_of(place / path.name))) != 1:
            return ["lost the list of erasures"]
        lost = [line for line in kept if line[1] not in {one.id for one in store.submissions()}]
        return [f"half erased {sorted(there)}"] * bool(there) + [f"lost {line}" for line in lost]

    return Change(("erase", ERASED), path, lambda path: open_store(path, key=KEY), check)


def backing_up(directory: Path) -> Change:
    directory.mkdir()
    path = directory / "store.db"
    with new_store(path) as store:
        said = filled(store)

    def check(store: Store, lines: Lines, place: Path) -> list[str]:
        """Once acknowledged the backup is there; wherever there is one it can be restored."""
        backup = place / "backup"
        if not backup.exists():
            return ["lost the backup"] * bool(lines) + broken(store, said)
        restored = drill(backup, place / path.name, lambda _: Brought(key=KEY))
        return broken(store, said) + ["half a backup"] * (restored.submissions != 20)

    return Change(("backup", "backup"), path, lambda path: open_store(path, key=KEY), check)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_few_cuts_while_an_old_store_is_brought_up(tmp_path: Path, schema: int) -> None:
    cut_off(tmp_path, bringing_up(tmp_path / "old", schema), kills=2, power=3, seed=schema)


def test_a_few_cuts_while_the_key_is_changed(tmp_path: Path) -> None:
    cut_off(tmp_path, changing_the_key(tmp_path / "old"), kills=5, power=5, seed=1)


def test_a_few_cuts_while_a_person_is_erased(tmp_path: Path) -> None:
    cut_off(tmp_path, erasing(tmp_path / "old"), kills=5, power=5, seed=1)


def test_a_few_cuts_while_a_backup_is_made(tmp_path: Path) -> None:
    cut_off(tmp_path, backing_up(tmp_path / "old"), kills=3, power=5, seed=1)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("schema", SCHEMAS)
def test_100_cuts_while_an_old_store_is_brought_up(tmp_path: Path, schema: int) -> None:
    """34 of each kind for each schema."""
    changes = cut_off(tmp_path, bringing_up(tmp_path / "old", schema), kills=34, power=34, seed=10 + schema)
    print(f"schema {schema}: {changes} changes of the disk, 34 kills and 34 power cuts, 0 lost")


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_100_cuts_while_the_key_is_changed(tmp_path: Path) -> None:
    changes = cut_off(tmp_path, changing_the_key(tmp_path / "old"), kills=100, power=100, seed=20)
    print(f"rekey: {changes} changes of the disk, 100 kills and 100 power cuts, 0 lost")


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_100_cuts_while_a_person_is_erased(tmp_path: Path) -> None:
    changes = cut_off(tmp_path, erasing(tmp_path / "old"), kills=100, power=100, seed=30)
    print(f"erasure: {changes} changes of the disk, 100 kills and 100 power cuts, 0 half, 0 come back")


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_50_cuts_while_a_backup_is_made(tmp_path: Path) -> None:
    changes = cut_off(tmp_path, backing_up(tmp_path / "old"), kills=50, power=50, seed=40)
    print(f"backup: {changes} changes of the disk, 50 kills and 50 power cuts, 0 half, 0 lost")
