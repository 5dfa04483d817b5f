"""What the files say before the engine sees them. The engine itself is the judge of what is right here."""

from __future__ import annotations

import hashlib
import shutil
import struct
from pathlib import Path

import pytest

from intake.store import open_store
from intake.store.filecheck import check_files, log_of
from scenario.stores import KEY, crashed_copy, new_store, submission
from validation.errors import StoreError, WrongKey

FRAME = 24 + 4096


@pytest.fixture
def crashed(tmp_path: Path) -> Path:
    """A store of which the log holds everything: five submissions, one transaction each."""
    with new_store(tmp_path / "store.db") as store:
        for number in range(5):
            store.append(submission(number))
        return crashed_copy(tmp_path / "store.db", tmp_path / "crashed")


def commits(log: Path) -> list[int]:
    """The numbers of the frames that end a transaction, from 0."""
    content = log.read_bytes()
    starts = range(32, len(content), FRAME)
    return [index for index, start in enumerate(starts) if struct.unpack_from(">I", content, start + 4)[0]]


def flip(file: Path, position: int, bit: int = 0) -> None:
    content = bytearray(file.read_bytes())
    content[position] ^= 1 << bit
    file.write_bytes(content)


def test_a_whole_log_passes(crashed: Path) -> None:
    check_files(crashed, KEY)
    with open_store(crashed, key=KEY) as store:
        assert store.count() == 5


def test_a_log_that_ends_in_the_middle_of_a_transaction_passes(crashed: Path) -> None:
    log = log_of(crashed)
    ends = commits(log)
    log.write_bytes(log.read_bytes()[: 32 + ends[-2] * FRAME + FRAME + 100])
    check_files(crashed, KEY)
    with open_store(crashed, key=KEY) as store:
        assert store.count() == 4


def test_a_last_transaction_written_in_the_wrong_order_passes(crashed: Path) -> None:
    """A power cut may keep the commit frame and lose an earlier one of the same, never acknowledged transaction."""
    log = log_of(crashed)
    ends = commits(log)
    content = bytearray(log.read_bytes())
    start = 32 + (ends[-2] + 1) * FRAME
    content[start : start + FRAME] = bytes(FRAME)
    log.write_bytes(content)
    check_files(crashed, KEY)
    with open_store(crashed, key=KEY) as store:
        assert store.count() == 4


def test_old_frames_behind_the_present_ones_pass(tmp_path: Path) -> None:
    with new_store(tmp_path / "store.db") as store:
        store.append_many(submission(number) for number in range(200))
        store._connection.execute("PRAGMA wal_checkpoint(RESTART)")  # type: ignore[attr-defined]
        size = log_of(tmp_path / "store.db").stat().st_size
        store.append(submission(1000))
        assert log_of(tmp_path / "store.db").stat().st_size == size
        copy = crashed_copy(tmp_path / "store.db", tmp_path / "crashed")
    check_files(copy, KEY)
    with open_store(copy, key=KEY) as store:
        assert store.count() == 201


@pytest.mark.parametrize("part", ["number", "salt", "checksum", "page"])
def test_damage_before_the_last_transaction_is_refused(crashed: Path, part: str) -> None:
    log = log_of(crashed)
    where = {"number": 3, "salt": 9, "checksum": 17, "page": 24 + 2000}[part]
    ends = commits(log)
    flip(log, 32 + (ends[1] + 1) * FRAME + where)
    before = log.read_bytes()
    with pytest.raises(StoreError) as caught:
        open_store(crashed, key=KEY)
    assert caught.value.code == "store.damaged"
    assert log.read_bytes() == before


def test_damage_in_the_commit_frame_of_the_transaction_before_the_last_is_refused(crashed: Path) -> None:
    log = log_of(crashed)
    flip(log, 32 + commits(log)[-2] * FRAME + 24 + 7)
    with pytest.raises(StoreError, match="beschädigt"):
        check_files(crashed, KEY)


@pytest.mark.parametrize("position", [0, 11, 17, 25])
def test_a_damaged_header_of_the_log_is_refused(crashed: Path, position: int) -> None:
    flip(log_of(crashed), position)
    with pytest.raises(StoreError, match="beschädigt"):
        check_files(crashed, KEY)


@pytest.mark.parametrize("content", [b"", bytes(10), bytes(32), bytes(32 + 3 * FRAME)])
def test_a_log_in_which_nothing_was_written_passes(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "store.db"
    new_store(path).close()
    log_of(path).write_bytes(content)
    with open_store(path, key=KEY) as store:
        assert len(store.forms()) == 1


def test_a_first_page_torn_while_the_log_was_moved_in_is_healed_from_the_log(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with new_store(path) as store:
        store.append_many(submission(number) for number in range(200))
        copy = crashed_copy(path, tmp_path / "crashed")
    content = bytearray(copy.read_bytes())
    content[2048:4096] = bytes(2048)
    copy.write_bytes(content)
    with open_store(copy, key=KEY) as store:
        assert store.count() == 200


def test_a_damaged_first_page_is_damage_and_a_wrong_key_is_a_wrong_key(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    new_store(path).close()
    with pytest.raises(WrongKey):
        check_files(path, hashlib.sha256(KEY).digest())
    flip(path, 3000)
    with pytest.raises(StoreError, match="beschädigt"):
        check_files(path, KEY)
    with pytest.raises(WrongKey):
        check_files(path, hashlib.sha256(KEY).digest())


def test_a_cut_file_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with new_store(path) as store:
        store.append_many(submission(number) for number in range(200))
    for pages in (2, 5):
        cut = tmp_path / f"{pages}.db"
        shutil.copy(path, cut)
        with cut.open("r+b") as file:
            file.truncate(pages * 4096)
        with pytest.raises(StoreError, match="beschädigt"), open_store(cut, key=KEY) as store:
            list(store.submissions())
