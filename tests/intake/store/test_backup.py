"""A backup is one sealed file that says which store it is of and nothing of what is in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from intake.store import open_store
from intake.store.backup import ABOUT_DRILL, Manifest, is_of_a_backup, make_backup, read_head, unpack
from intake.store.bringing import Brought
from scenario.stores import KEY, Clock, new_store, past_the_store, published, submission
from validation.errors import StoreError, StoreFull

WORD = "Wörterbuch-der-Geheimnisse"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    with new_store(tmp_path / "store.db") as store:
        store.append(submission(record={"/data/a": WORD}))
    return tmp_path / "store.db"


def backed_up(place: Path) -> Path:
    file = place.with_name("b")
    make_backup(place, Brought(key=KEY), file, clock=Clock())
    return file


def test_the_head_names_the_store_and_the_file_holds_no_answer(place: Path) -> None:
    file = backed_up(place)
    head = read_head(file)
    with open_store(place, key=KEY) as store:
        assert (head.store, set(head.keys)) == (store.id, {store.login.id})
        assert store.events(kinds=["backup"])[0].about == head.id
    content = file.read_bytes()
    assert WORD.encode() not in content
    assert b"P-000001" not in content
    assert b"08235007" not in content


def test_a_plain_store_is_sealed_in_its_backup_all_the_same(tmp_path: Path) -> None:
    place = tmp_path / "store.db"
    key_file = tmp_path / "store.key"
    with open_store(place, key_file=key_file, create=True, plaintext=True, clock=Clock()) as store:
        store.publish(published())
        store.append(submission())
    assert b"CREATE TABLE event" in place.read_bytes()
    make_backup(place, Brought(key_file=key_file), tmp_path / "b", plaintext=True)
    assert b"CREATE TABLE event" not in (tmp_path / "b").read_bytes()


def test_a_manifest_comes_back_as_it_was(place: Path) -> None:
    manifest, _ = make_backup(place, Brought(key=KEY), place.with_name("b"), clock=Clock())
    assert Manifest.read(manifest.written()) == manifest
    assert manifest.events == 1
    assert manifest.anchor.holds()


def test_what_is_no_backup_is_refused_by_name(tmp_path: Path) -> None:
    for content, code in (
        (b"", "backup.none"),
        (os.urandom(200), "backup.none"),
        (b"lotsenbuch backup 2\n....", "backup.newer_format"),
        (b"lotsenbuch backup 1\n\0\0\0\x05abc", "backup.damaged"),
    ):
        (tmp_path / "b").write_bytes(content)
        with pytest.raises(StoreError) as refusal:
            read_head(tmp_path / "b")
        assert refusal.value.code == code
    with pytest.raises(StoreError) as refusal:
        read_head(tmp_path / "none")
    assert refusal.value.code == "backup.missing"


def test_a_store_whose_chain_is_broken_is_kept_and_said(place: Path) -> None:
    with past_the_store(place) as raw:
        raw.execute("DROP TRIGGER part_no_update")
        raw.execute("UPDATE part SET sealed = zeroblob(40)")
    manifest, found = make_backup(place, Brought(key=KEY), place.with_name("b"), clock=Clock())
    assert [each.number for each in found] == [1]
    assert manifest.broken == 1


def test_where_it_cannot_be_written_nothing_is_left(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("intake.store.backup.os.fsync", full)
    there = {file.name for file in place.parent.iterdir()}
    with pytest.raises(StoreFull):
        make_backup(place, Brought(key=KEY), place.with_name("b"), clock=Clock())
    assert {file.name for file in place.parent.iterdir()} - {"store.db.erased"} <= there
    with open_store(place, key=KEY) as store:
        assert store.events(kinds=["backup"]) == []


def test_drills_and_restores_are_no_backups(place: Path) -> None:
    with open_store(place, key=KEY, clock=Clock()) as store:
        assert not is_of_a_backup(store.note("backup", about=f"{ABOUT_DRILL}x"))
        assert is_of_a_backup(store.note("backup", about="x"))
        assert not is_of_a_backup(store.note("anchor", about="x"))


def blocks_of(content: bytes) -> list[bytes]:
    """The pieces of a backup: its first line with the head, then each sealed chunk, with their lengths."""
    found, at = [], len(b"lotsenbuch backup 1\n")
    start = 0
    while at < len(content):
        at += 4 + int.from_bytes(content[at : at + 4], "big")
        found.append(content[start:at])
        start = at
    return found


def test_chunks_cannot_be_left_out_moved_or_cut_off(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.store.backup._CHUNK", 1 << 14)
    head, manifest, *chunks = blocks_of(backed_up(place).read_bytes())
    assert len(chunks) > 5
    edited = [
        [head, manifest, *chunks[:-1]],
        [head, manifest],
        [head],
        [head, manifest, *chunks[1:]],
        [head, manifest, chunks[1], chunks[0], *chunks[2:]],
        [head, manifest, *chunks, chunks[-1]],
    ]
    for number, pieces in enumerate(edited):
        (place.parent / "c").write_bytes(b"".join(pieces))
        directory = place.parent / str(number)
        directory.mkdir()
        with pytest.raises(StoreError) as refusal:
            unpack(place.parent / "c", directory, "store.db", lambda _: Brought(key=KEY))
        assert refusal.value.code == "backup.damaged"
    (place.parent / "whole").mkdir()
    whole = unpack(place.with_name("b"), place.parent / "whole", "store.db", lambda _: Brought(key=KEY))
    assert whole.manifest.events == 1
