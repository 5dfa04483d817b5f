"""Bits that turn over on the disk: refused or harmless, never another answer."""

from __future__ import annotations

import random
import shutil
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from intake.store import open_store
from intake.store.bringing import brought
from intake.store.filecheck import log_of
from intake.store.opening import open_sqlite
from intake.store.wayfile import copy_of, ways_of
from intake.store.ways import Cost
from scenario.stores import KEY, Clock, crashed_copy, new_store, published, submission
from validation.errors import StoreError

FRAME = 24 + 4096
PASSPHRASE = "Kornblumen am Feldrand zählen"


def everything(path: Path, **by: Any) -> object:
    """All a store can say, opened with the key of the tests or something else."""
    with open_store(path, **(by or {"key": KEY})) as store:
        journal = store.journal
        latest = list(store.submissions())
        return (
            [replace(form, lists=dict(form.lists)) for form in store.forms()],
            latest,
            [store.history(one.id) for one in latest],
            store.count(),
            store.count("probe", municipality="08235007"),
            store.last_received(),
            journal.drafts(),
            [(journal.draft(info.id), journal.replay(info.id)) for info in journal.drafts()],
        )


def fill(path: Path) -> None:
    with new_store(path) as store:
        for number in range(30):
            store.append(submission(number, record={"/data/a": "x" * 300 * (number % 20)}))
        store.append_many(submission(number, version=2, reason="Tippfehler") for number in range(0, 30, 3))
        draft = store.journal.start(published().hash, "08235007", "müller", "de")
        for step in range(1, 20):
            store.journal.record(draft.id, f"op-{step}", step, {"op": "answer", "path": "/data/a", "value": "y" * 200})


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as it lies on the disk over night: no log."""
    path = tmp_path_factory.mktemp("closed") / "store.db"
    fill(path)
    assert not log_of(path).exists()
    return path


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store after a crash: nearly everything is still in the log."""
    directory = tmp_path_factory.mktemp("crashed")
    with open_store(directory / "store.db", key=KEY, create=True):
        fill(directory / "store.db")
        return crashed_copy(directory / "store.db", directory / "copy")


def flipped(source: Path, directory: Path, name: str, choose: random.Random, end: int) -> Path:
    """A copy with one bit turned over in the file `name`, somewhere before `end`."""
    shutil.copytree(source.parent, directory)
    content = bytearray((directory / name).read_bytes())
    content[choose.randrange(end)] ^= 1 << choose.randrange(8)
    (directory / name).write_bytes(content)
    return directory / source.name


def judge(path: Path, truth: object, **by: Any) -> bool:
    """Whether damage was refused; it fails when it went through as another answer."""
    try:
        answer = everything(path, **by)
    except StoreError:
        return True
    assert answer == truth
    return False


def runs(count: int) -> Iterator[random.Random]:
    for seed in range(count):
        yield random.Random(seed)


def flip_in_file(closed: Path, tmp_path: Path, count: int) -> None:
    truth = everything(closed)
    refused = [
        judge(flipped(closed, tmp_path / str(index), "store.db", choose, closed.stat().st_size), truth)
        for index, choose in enumerate(runs(count))
    ]
    assert sum(refused) > count / 2  # most pages of this file are read


def flip_in_log(crashed: Path, tmp_path: Path, count: int) -> None:
    """Before the last transaction: damage inside it cannot be told from a write that a crash cut off."""
    content = log_of(crashed).read_bytes()
    ends = [
        start + FRAME for start in range(32, len(content), FRAME) if struct.unpack_from(">I", content, start + 4)[0]
    ]
    shutil.copytree(crashed.parent, tmp_path / "whole")
    truth = everything(tmp_path / "whole" / crashed.name)
    refused = [
        judge(flipped(crashed, tmp_path / str(index), log_of(crashed).name, choose, ends[-2]), truth)
        for index, choose in enumerate(runs(count))
    ]
    assert sum(refused) > count / 2


def test_30_flips_in_the_file(closed: Path, tmp_path: Path) -> None:
    flip_in_file(closed, tmp_path, 30)


def test_30_flips_in_the_log(crashed: Path, tmp_path: Path) -> None:
    flip_in_log(crashed, tmp_path, 30)


@pytest.mark.long
def test_300_flips_in_the_file(closed: Path, tmp_path: Path) -> None:
    flip_in_file(closed, tmp_path, 300)


@pytest.mark.long
def test_300_flips_in_the_log(crashed: Path, tmp_path: Path) -> None:
    flip_in_log(crashed, tmp_path, 300)


@pytest.fixture(scope="module")
def by_passphrase(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that is opened with a passphrase (a cheap one: it is not what is tried here)."""
    path = tmp_path_factory.mktemp("ways") / "store.db"
    given = replace(brought(passphrase=PASSPHRASE), cost=Cost(passes=1, memory_kib=8, lanes=1))
    with open_sqlite(path, given, create=True, clock=Clock(), wait=5) as store:
        store.publish(published())
        store.append_many(submission(number) for number in range(5))
    return path


def flip_in_ways(made: Path, tmp_path: Path, count: int) -> None:
    """In one of the two files, where the other one helps; in both at different places, where nothing does."""
    truth = everything(made, passphrase=PASSPHRASE)
    files = (ways_of(made).name, copy_of(made).name)
    refused = 0
    for index, choose in enumerate(runs(count)):
        place = tmp_path / str(index)
        one = flipped(made, place, choose.choice(files), choose, ways_of(made).stat().st_size)
        assert not judge(one, truth, passphrase=PASSPHRASE)
        for name in files:
            one = flipped(one, tmp_path / f"{index} {name}", name, choose, ways_of(made).stat().st_size)
        refused += judge(one, truth, passphrase=PASSPHRASE)
        assert not is_open_by(one, "eine andere Passphrase als diese")
    assert refused > count / 2


def is_open_by(path: Path, passphrase: str) -> bool:
    try:
        open_store(path, passphrase=passphrase).close()
    except StoreError:
        return False
    return True


def test_20_flips_in_the_ways(by_passphrase: Path, tmp_path: Path) -> None:
    flip_in_ways(by_passphrase, tmp_path, 20)


@pytest.mark.long
def test_300_flips_in_the_ways(by_passphrase: Path, tmp_path: Path) -> None:
    flip_in_ways(by_passphrase, tmp_path, 300)


def test_lost_sectors_are_refused_or_harmless(closed: Path, tmp_path: Path) -> None:
    """A bad disk gives back zeros; the engine takes a page of zeros for an empty one."""
    truth = everything(closed)
    pages = closed.stat().st_size // 4096
    refused = 0
    for page in range(pages):
        directory = tmp_path / str(page)
        shutil.copytree(closed.parent, directory)
        with (directory / closed.name).open("r+b") as file:
            file.seek(page * 4096)
            file.write(bytes(4096))
        refused += judge(directory / closed.name, truth)
    assert refused > pages / 2


def test_pages_that_change_places_are_refused(closed: Path, tmp_path: Path) -> None:
    truth = everything(closed)
    content = closed.read_bytes()
    for page in range(2, len(content) // 4096, 3):
        swapped = bytearray(content)
        swapped[page * 4096 : (page + 1) * 4096] = content[(page - 1) * 4096 : page * 4096]
        path = tmp_path / f"{page}.db"
        path.write_bytes(swapped)
        judge(path, truth)
