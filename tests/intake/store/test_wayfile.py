"""The file of the ways is there twice: one may be lost or damaged, and no write leaves less than what was there."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from intake.store.wayfile import (
    are_mended,
    copy_of,
    create_ways,
    mend_ways,
    read_ways,
    remove_ways,
    ways_of,
    write_ways,
)
from intake.store.ways import FILE, Secret, Unlocked, Ways, new_way
from scenario.stores import files
from validation.errors import StoreError, StoreFull

UNLOCKED = Unlocked("00112233445566aa", bytes(range(32)), bytes(32))
WAY = new_way(Secret(FILE, material=bytes(32)), UNLOCKED, label="ana", made="2026-11-22")
FIRST = Ways().with_way(WAY, UNLOCKED.database)
SECOND = FIRST.offering(UNLOCKED.database)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def test_a_store_without_ways_has_none(path: Path) -> None:
    assert read_ways(path) is None


def test_they_lie_beside_the_store_twice_for_their_owner_only(path: Path) -> None:
    old = os.umask(0)
    try:
        assert create_ways(path, FIRST)
    finally:
        os.umask(old)
    assert sorted(files(path.parent)) == ["store.db.ways", "store.db.ways.copy"]
    assert read_ways(path) == FIRST
    if os.name == "posix":
        assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


@pytest.mark.parametrize("which", [ways_of, copy_of])
@pytest.mark.parametrize("harm", ["gone", "damaged", "empty", "older"])
def test_one_of_both_is_enough_and_the_other_is_mended(path: Path, which: object, harm: str) -> None:
    create_ways(path, FIRST)
    write_ways(path, SECOND)
    file: Path = which(path)  # type: ignore[operator]
    if harm == "gone":
        file.unlink()
    else:
        content = {"damaged": file.read_bytes()[:200], "empty": b"", "older": FIRST.written()}
        file.write_bytes(content[harm])
    assert read_ways(path) == SECOND
    assert not are_mended(path, SECOND)
    mend_ways(path, SECOND)
    assert are_mended(path, SECOND)
    assert ways_of(path).read_bytes() == copy_of(path).read_bytes() == SECOND.written()


def test_both_damaged_is_refused_with_the_remedy(path: Path) -> None:
    create_ways(path, FIRST)
    for file in (ways_of(path), copy_of(path)):
        file.write_bytes(b"{")
    with pytest.raises(StoreError, match="Sicherung") as caught:
        read_ways(path)
    assert caught.value.code == "ways.damaged"


def test_who_was_quicker_keeps_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert create_ways(path, FIRST)
    assert not create_ways(path, SECOND)
    assert read_ways(path) == FIRST

    def no_links(*_: object) -> None:
        raise PermissionError(1, "no hard links here")

    monkeypatch.setattr(os, "link", no_links)
    assert not create_ways(path, SECOND)
    remove_ways(path)
    assert create_ways(path, SECOND)
    assert read_ways(path) == SECOND


@pytest.mark.parametrize("number", range(4))
def test_a_full_disk_leaves_what_was_there(path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """At each of the four syncs before and around the renames."""
    create_ways(path, FIRST)
    calls = []
    sync = os.fsync

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == number + 1 and not stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.ENOSPC, "no space")
        sync(handle)

    monkeypatch.setattr(os, "fsync", full)
    if number < 2:  # the two files; then come directories, which some systems cannot sync
        with pytest.raises(StoreFull):
            write_ways(path, SECOND)
        assert read_ways(path) == FIRST
    else:
        write_ways(path, SECOND)
        assert read_ways(path) == SECOND
    assert sorted(files(path.parent)) == ["store.db.ways", "store.db.ways.copy"]


def test_a_crash_between_the_two_leaves_the_new_ones(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create_ways(path, FIRST)
    rename = Path.replace

    def crash(self: Path, target: Path) -> Path:
        if target == copy_of(path):
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        write_ways(path, SECOND)
    monkeypatch.undo()
    assert read_ways(path) == SECOND


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Verzeichnis"):
        write_ways(tmp_path / "nowhere" / "store.db", FIRST)
