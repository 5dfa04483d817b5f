"""One connection to one encrypted file: key, settings, transactions, and the engine's errors as our refusals.

The only file that imports sqlcipher3.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import sqlcipher3

from validation.errors import StoreBusy, StoreError, StoreFull

Value: TypeAlias = str | bytes | int | None

_BUSY, _LOCKED, _READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _NOTADB = 5, 6, 8, 10, 11, 13, 14, 26
_PERM, _AUTH = 3, 23
# What the engine calls a failed write when the system's reason is not plainly "no space" (quota, size limit).
_IOERR_WRITE, _IOERR_TRUNCATE, _IOERR_SHMSIZE = _IOERR | 3 << 8, _IOERR | 6 << 8, _IOERR | 19 << 8

# Never make a file, and say exactly which kind of input or output failed (SQLITE_OPEN_READWRITE | _EXRESCODE).
_FLAGS = 0x00000002 | 0x02000000

_SETTINGS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",  # on macOS a plain fsync does not reach the disk
    "PRAGMA checkpoint_fullfsync = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",  # a sorter's spill file would not be encrypted
    "PRAGMA recursive_triggers = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",
)


# POSIX drops every lock a process holds on a file as soon as it closes any handle of it, and a store without its lock
# may lose its log to another process. So nobody here may read a store file by hand while it is open here; the gate
# keeps one thread from reading while another one opens. Both are of the whole process, as the locks are.
gate = threading.RLock()
_open_here: weakref.WeakSet[Connection] = weakref.WeakSet()


def is_open_here(path: Path) -> bool:
    """Whether this process has the file open as a store, under whatever name. Asked with `gate` held."""
    found = path.stat()
    return any(connection.holds(found) for connection in _open_here)


class Connection:
    """An open file. It belongs to the thread and process that opened it; another thread opens its own."""

    def __init__(self, path: Path, key: bytes, wait: float, named: Path | None = None) -> None:
        """Open an existing file and unlock it. `wait` is in seconds; `named` is what refusals call the file.

        StoreError, StoreBusy or StoreFull when that fails.
        """
        self.path = named or path
        self._owner = (os.getpid(), threading.get_ident())
        self._raw: sqlcipher3.Connection | None = None
        self._wait = wait
        with gate:
            with self._translated():
                self._raw = sqlcipher3.connect(str(path.absolute()), flags=_FLAGS, timeout=wait, isolation_level=None)
            self._file = path.stat()
            _open_here.add(self)
        try:
            self.execute("PRAGMA cipher_log_level = NONE")  # it would write its own words to stderr
            self.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            for setting in _SETTINGS:
                self.execute(setting)
            self.execute("SELECT count(*) FROM sqlite_schema")
        except BaseException:
            self.close()
            raise

    def execute(self, statement: str, values: Sequence[Value] | Mapping[str, Value] = ()) -> list[tuple[Value, ...]]:
        """Run one statement and return all its rows; no cursor stays open."""
        with self._translated():
            rows: list[tuple[Value, ...]] = self._open().execute(statement, values).fetchall()
            return rows

    def number(self, statement: str, values: Sequence[Value] = ()) -> int:
        """The one number a statement returns."""
        ((value,),) = self.execute(statement, values)
        if not isinstance(value, int):
            raise StoreError("store.damaged", path=self.path)
        return value

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside or nothing. The write lock is taken at the start, so that what is read inside stays true.

        When the block ends without an exception, it is on disk.
        """
        try:  # from here: an interrupted kernel may stop between any two lines
            self.execute("BEGIN IMMEDIATE")
            yield
            self.execute("COMMIT")
        except BaseException:
            if self._raw is not None and self._raw.in_transaction:  # after some errors it has rolled back by itself
                with contextlib.suppress(sqlcipher3.Error):
                    self._raw.execute("ROLLBACK")
            raise

    def empty_log(self) -> None:
        """Move the log into the file and cut it off, if nobody else is at it and there is space; else later."""
        self.execute("PRAGMA busy_timeout = 0")
        with contextlib.suppress(StoreBusy, StoreFull):
            self.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.execute(f"PRAGMA busy_timeout = {int(self._wait * 1000)}")

    def holds(self, file: os.stat_result) -> bool:
        """Whether this is an open connection to that file."""
        return self._raw is not None and os.path.samestat(self._file, file)

    def close(self) -> None:
        """Give the file free; twice is allowed."""
        raw = self._raw
        if raw is not None:
            with gate, self._translated():
                raw.close()
                self._raw = None

    def _open(self) -> sqlcipher3.Connection:
        if self._raw is None:
            raise StoreError("store.closed", path=self.path)
        if self._owner != (os.getpid(), threading.get_ident()):
            raise RuntimeError("a store belongs to the thread and process that opened it; open another one here")
        return self._raw

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlcipher3.Error as error:
            refusal = self._refusal(getattr(error, "sqlite_errorcode", 0))
            if refusal is None:
                raise
            raise refusal from error

    def _refusal(self, code: int) -> StoreError | None:
        """Our refusal for an extended result code of SQLite; None where it can only be a mistake of this program."""
        primary = code & 0xFF
        if primary in (_BUSY, _LOCKED):
            return StoreBusy("store.busy", path=self.path)
        if primary in (_CORRUPT, _NOTADB):
            return StoreError("store.damaged", path=self.path)
        if primary == _FULL or code in (_IOERR_WRITE, _IOERR_TRUNCATE, _IOERR_SHMSIZE):
            return StoreFull("store.full", path=self.path)
        if primary == _CANTOPEN and all(os.access(place, os.W_OK) for place in (self.path.parent, self.path)):
            if shutil.disk_usage(self.path.parent).free < 1 << 16:  # no room for the log's own files
                return StoreFull("store.full", path=self.path)
            return StoreError("store.disk", path=self.path)
        if primary in (_READONLY, _CANTOPEN, _PERM, _AUTH):
            return StoreError("store.read_only", path=self.path)
        if primary == _IOERR:
            return StoreError("store.disk", path=self.path)
        return None
