"""The power goes, with the engine we ship: every call of a writing program that changes the disk is written down by a
preloaded library, the disk is laid out as it may look after a cut, and the store is opened as every day."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from intake.store import open_store
from scenario.disk import Did, Disk, cuts, lay
from scenario.promises import broken
from scenario.stores import KEY, files
from scenario.writelog import built, read_log, surroundings
from validation.errors import StoreError

WRITER = Path(__file__).parent / "writer.py"


def recorded(tmp_path: Path, steps: int, each: int) -> list[Did]:
    """What a program does to the disk that makes a store and hands in so many, opening it anew after `each`."""
    home, log = tmp_path / "home", tmp_path / "log"
    home.mkdir()
    given = surroundings(built(tmp_path), home, log)
    command = [sys.executable, str(WRITER), str(home / "store.db"), "a", "0", str(steps), str(each)]
    subprocess.run(command, env=given, check=True, stdout=subprocess.DEVNULL)
    return read_log(log)


def cut_power(tmp_path: Path, count: int, seed: int, record: list[Did]) -> int:
    """Cut so often, and say how many cuts lost something, were refused on opening, or left half a store."""
    bad = 0
    for left, said in cuts(record, None, count, seed):
        place = tmp_path / "after"
        lay(left, place)
        if not (place / "store.db").exists():
            bad += ["made"] in said
        else:
            try:
                with open_store(place / "store.db", key=KEY) as store:
                    bad += bool(broken(store, said))
            except StoreError:
                bad += 1
        shutil.rmtree(place)
    return bad


def without_syncs(record: list[Did]) -> list[Did]:
    """The same work on an engine that forgets to synchronise its log."""
    return [did for did in record if not (did.what == "sync" and did.name.endswith("-wal"))]


def test_20_power_cuts_of_the_real_engine(tmp_path: Path) -> None:
    record = recorded(tmp_path, steps=15, each=8)
    disk = Disk()
    for did in record:
        disk.do(did)
    assert disk.whole() == files(tmp_path / "home"), "the record is not complete"
    assert cut_power(tmp_path, 20, 1, record) == 0
    assert cut_power(tmp_path, 20, 1, without_syncs(record)) > 5, "these cuts would find nothing"


@pytest.mark.long
def test_200_power_cuts_of_the_real_engine(tmp_path: Path) -> None:
    record = recorded(tmp_path, steps=120, each=50)
    bad = cut_power(tmp_path, 200, 2, record)
    print(f"200 cuts in {len(record)} calls: {bad} bad")
    assert bad == 0
