"""The power goes, with the engine we ship: every call of a writing program that changes the disk is written down by a
preloaded library, the disk is laid out as it may look after a cut, and the store is opened as every day.

The store is opened by a key file, which lies in another directory, so that its ways have to be there again as well.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from intake.store import open_store
from scenario.disk import Did, Disk, cuts, lay
from scenario.promises import broken
from scenario.stores import files
from scenario.writelog import built, read_log, surroundings
from validation.errors import StoreError

WRITER = Path(__file__).parent / "writer.py"
STORE, KEY_FILE = "study/store.db", "keys/store.key"


def recorded(tmp_path: Path, steps: int, each: int) -> list[Did]:
    """What a program does to the disk that makes a store and hands in so many, opening it anew after `each`."""
    home, log = tmp_path / "home", tmp_path / "log"
    for name in (STORE, KEY_FILE):
        (home / name).parent.mkdir(parents=True)
    given = surroundings(built(tmp_path), home, log)
    command = [sys.executable, str(WRITER), str(home / STORE), "a", "0", str(steps), str(each), str(home / KEY_FILE)]
    subprocess.run(command, env=given, check=True, stdout=subprocess.DEVNULL)
    return read_log(log)


def cut_power(tmp_path: Path, count: int, seed: int, record: list[Did]) -> list[str]:
    """Cut so often, and say what was wrong afterwards: something lost, refused, or half a store."""
    bad: list[str] = []
    for left, said in cuts(record, None, count, seed):
        place = tmp_path / "after"
        lay(left, place)
        for name in (STORE, KEY_FILE):
            (place / name).parent.mkdir(exist_ok=True)
        made = ["made"] in said
        if made and not all((place / name).exists() for name in (STORE, KEY_FILE)):
            bad.append("lost the store or its key")
        else:
            try:  # who was cut off while making a store begins again
                with open_store(place / STORE, key_file=place / KEY_FILE, create=not made) as store:
                    bad += broken(store, said)
            except StoreError as error:
                bad.append(f"{error.code} after {len(said)} lines")
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
    assert cut_power(tmp_path, 20, 1, record) == []
    assert len(cut_power(tmp_path, 20, 1, without_syncs(record))) > 5, "these cuts would find nothing"


def test_40_power_cuts_while_a_store_is_made(tmp_path: Path) -> None:
    record = recorded(tmp_path, steps=0, each=1)
    assert cut_power(tmp_path, 40, 3, record) == []


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_200_power_cuts_of_the_real_engine(tmp_path: Path) -> None:
    record = recorded(tmp_path, steps=120, each=50)
    bad = cut_power(tmp_path, 200, 2, record)
    print(f"200 cuts in {len(record)} calls: {bad}")
    assert bad == []


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_400_power_cuts_while_a_store_is_made(tmp_path: Path) -> None:
    record = recorded(tmp_path, steps=0, each=1)
    bad = cut_power(tmp_path, 400, 4, record)
    print(f"400 cuts in {len(record)} calls: {bad}")
    assert bad == []
