"""Judges the files of a store before the engine opens them, so that a refusal changes no byte of them.

Two things the engine does not tell us. It answers a wrong key and a damaged first page with the same words, and on
the way out it may already have moved the log into the file. And after a crash it drops a damaged log from the first
bad frame on without a word, with every acknowledged commit behind it.

Formats: https://www.zetetic.net/sqlcipher/design/ (SQLCipher 4, defaults) and https://www.sqlite.org/walformat.html,
https://www.sqlite.org/fileformat2.html#the_rollback_journal.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import time
from collections.abc import Iterator
from pathlib import Path

from intake.store.connection import PLAIN_HEAD
from validation.errors import StoreError, WrongKey

PAGE = 4096
_SALT = 16
_MAC = 64
_LOG_HEADER = 32
_FRAME_HEADER = 24
_FRAME = _FRAME_HEADER + PAGE
_SECTOR = 512
_PAGES_TRIED = 8  # so many pages would have to be damaged at once before a right key is called wrong
_MASK = 0xFFFFFFFF
_JOURNAL = bytes.fromhex("d9d505f920a163d7")


def log_of(path: Path) -> Path:
    """The write-ahead log that belongs to a store file."""
    return path.with_name(path.name + "-wal")


def journal_of(path: Path) -> Path:
    """The rollback journal of a store file that has no log."""
    return path.with_name(path.name + "-journal")


def is_plain(path: Path, application: int) -> bool:
    """Whether a file is a database of this application that is not encrypted."""
    with path.open("rb") as file:
        head = file.read(100)
    return head.startswith(PLAIN_HEAD) and len(head) == 100 and struct.unpack_from(">I", head, 68) == (application,)


def check_files(path: Path, key: bytes) -> None:
    """Pass when `key` belongs to the file and its log has lost nothing acknowledged.

    WrongKey 'store.not_a_store' for an empty, short or unencrypted file, 'store.wrong_key' when no page answers to
    the key; StoreError 'store.damaged' when the first page or the log is damaged. Other damaged pages are found when
    they are read: each carries its own authentication code.
    """
    for attempt in range(3):
        try:
            _check(path, key)
            return
        except StoreError as error:  # another process may just be writing what was read
            if attempt == 2 or error.code == "store.not_a_store":
                raise
            time.sleep(0.02)


def _check(path: Path, key: bytes) -> None:
    with path.open("rb") as file:
        head = file.read(PAGE * _PAGES_TRIED)
    if len(head) < PAGE or head.startswith(PLAIN_HEAD):
        raise WrongKey("store.not_a_store", path=path)
    mac_key = _mac_key(key, head[:_SALT])
    pages = [(1 + start // PAGE, head[start : start + PAGE]) for start in range(0, len(head) - PAGE + 1, PAGE)]
    log = _read_log(path)
    logged = [
        (struct.unpack_from(">I", log, start)[0], log[start + _FRAME_HEADER : start + _FRAME])
        for start in _frames(log[: _LOG_HEADER + _PAGES_TRIED * _FRAME])
    ]
    before = _journalled(path)  # what a crash left half written is put back from there
    if not any(_authentic(page, number, mac_key) for number, page in pages + logged + before):
        raise WrongKey("store.wrong_key", path=path)
    if not log and not before and not _authentic(pages[0][1], 1, mac_key):
        raise StoreError("store.damaged", path=path)
    if _lost_commits(log):
        raise StoreError("store.damaged", path=path)


def _mac_key(key: bytes, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha512", key, bytes(byte ^ 0x3A for byte in salt), 2, 32)


def _authentic(page: bytes, number: int, mac_key: bytes) -> bool:
    """Whether a page carries the authentication code of this key. The first page begins with the salt of the file."""
    body = page[_SALT if number == 1 else 0 : -_MAC]
    code = hmac.digest(mac_key, body + struct.pack("<I", number), "sha512")
    return hmac.compare_digest(code, page[-_MAC:])


def _read_log(path: Path) -> bytes:
    """The log as it is at one moment: its header is the same before and after reading. Empty when there is none."""
    log = log_of(path)
    while True:
        try:
            with log.open("rb") as file:
                content = file.read()
                file.seek(0)
                if file.read(_LOG_HEADER) == content[:_LOG_HEADER]:
                    return content
        except FileNotFoundError:
            return b""


def _journalled(path: Path) -> list[tuple[int, bytes]]:
    """The first pages (number, content) that a hot rollback journal would put back; empty where there is none."""
    try:
        with journal_of(path).open("rb") as file:
            header = file.read(_LOG_HEADER)
            if len(header) < _LOG_HEADER or not header.startswith(_JOURNAL):
                return []
            sector, page = struct.unpack_from(">II", header, 20)
            if page != PAGE or not 512 <= sector <= 65536:
                return []
            file.seek(sector)
            content = file.read(_PAGES_TRIED * (PAGE + 8))
    except FileNotFoundError:
        return []
    starts = range(0, len(content) - PAGE - 7, PAGE + 8)
    return [(struct.unpack_from(">I", content, start)[0], content[start + 4 : start + 4 + PAGE]) for start in starts]


def _frames(log: bytes) -> Iterator[int]:
    """Where each whole frame of a log begins."""
    yield from range(_LOG_HEADER, len(log) - _FRAME + 1, _FRAME)


def _lost_commits(log: bytes) -> bool:
    """Whether a log holds an acknowledged commit that the engine would drop.

    A crash may leave the last transaction half written: it was never acknowledged. Each commit is on disk before the
    next one begins, so a commit frame before the last frame of this log's run was acknowledged; if it lies behind
    the first bad frame, or is it, something was lost. Damage inside the very last transaction looks like a crash.
    """
    if len(log) < _LOG_HEADER or not any(log):
        return False
    magic, _, page, _, *rest = struct.unpack_from(">8I", log)
    salts, sums = tuple(rest[:2]), tuple(rest[2:])
    order = ">" if magic & 1 else "<"
    state = _checksum(log[:24], (0, 0), order)
    if magic & ~1 != 0x377F0682 or page != PAGE or state != sums:
        return any(log[_LOG_HEADER:])
    good = True
    commits: list[int] = []
    last = 0
    for start in _frames(log):
        size, *marks = struct.unpack_from(">4xI2I2I", log, start)
        ours = tuple(marks[:2]) == salts
        if good:
            state = _checksum(log[start : start + 8], state, order)
            state = _checksum(log[start + _FRAME_HEADER : start + _FRAME], state, order)
            good = ours and state == tuple(marks[2:])
        if not good and ours:
            last = start
            if size and not _is_torn(log, start, order):
                commits.append(start)
    return any(start < last for start in commits)


def _is_torn(log: bytes, start: int, order: str) -> bool:
    """Whether a crash may have left what a frame says of itself (page, size) as it was before the frame was written.

    Both lie in one sector and the rest of the frame in the next ones; only the next ones may have reached the disk. It
    shows where the frame's sum, going on from that of the frame before, is another one.
    """
    if (start + 8) % _SECTOR:
        return False
    state = struct.unpack_from(">2I", log, start - _FRAME + 16)
    state = _checksum(log[start : start + 8], (state[0], state[1]), order)
    state = _checksum(log[start + _FRAME_HEADER : start + _FRAME], state, order)
    return state != struct.unpack_from(">2I", log, start + 16)


def _checksum(data: bytes, state: tuple[int, int], order: str) -> tuple[int, int]:
    first, second = state
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & _MASK
        second = (second + odd + first) & _MASK
    return first, second
