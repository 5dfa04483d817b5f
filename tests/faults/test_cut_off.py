"""A program is cut off while it brings a store to another form: from an earlier schema, or to another key.

Killed before the n-th change of the disk, for many n; and the power is cut at as many places. Then the store opens
(it goes on where it was, or begins again), and nothing is lost.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from intake.store import open_store
from scenario.disk import cuts, lay
from scenario.old_stores import SCHEMAS, old_store
from scenario.promises import broken
from scenario.stores import KEY, past_the_store
from scenario.writelog import built, read_log, surroundings

OPENER = Path(__file__).parent / "opener.py"


def run(place: Path, library: Path, *, log: Path | None = None, kill: int = 0, what: str = "open") -> int:
    """Open the store in a process of its own; its code, negative when it was killed."""
    return subprocess.run(
        [sys.executable, str(OPENER), str(place / "store.db"), what],
        env=surroundings(library, place, log, kill), check=False, stdout=subprocess.DEVNULL,
    ).returncode  # fmt: skip


def whole(place: Path, said: Sequence[Sequence[str]]) -> None:
    """The store opens, holds everything, and the engine finds nothing wrong."""
    with open_store(place / "store.db", key=KEY) as store:
        assert broken(store, said) == []
        assert store.verify() == []
    with past_the_store(place / "store.db") as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []


def cut_off_migration(tmp_path: Path, schema: int, kills: int, power: int) -> None:
    library = built(tmp_path)
    (tmp_path / "old").mkdir()
    said = old_store(tmp_path / "old" / "store.db", schema, 20)
    shutil.copytree(tmp_path / "old", tmp_path / "home")
    assert run(tmp_path / "home", library, log=tmp_path / "log") == 0
    whole(tmp_path / "home", said)
    record = read_log(tmp_path / "log")
    changes = sum(did.what != "said" for did in record)
    choose = random.Random(schema)
    for _ in range(kills):
        place = tmp_path / "killed"
        shutil.copytree(tmp_path / "old", place)
        assert run(place, library, kill=choose.randrange(1, changes)) == -9
        whole(place, said)
        shutil.rmtree(place)
    for left, _ in cuts(record, tmp_path / "old", power, seed=schema):
        place = tmp_path / "cut"
        lay(left, place)
        whole(place, said)
        shutil.rmtree(place)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_few_cuts_while_an_old_store_is_brought_up(tmp_path: Path, schema: int) -> None:
    cut_off_migration(tmp_path, schema, kills=2, power=4)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("schema", SCHEMAS)
def test_100_cuts_while_an_old_store_is_brought_up(tmp_path: Path, schema: int) -> None:
    """Of each schema a third of the kills, and as many power cuts."""
    cut_off_migration(tmp_path, schema, kills=34, power=34)
