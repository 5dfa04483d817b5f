"""One connection to one file: key, settings, transactions, and the engine's errors as our refusals.

The only file that imports sqlcipher3. A study that says so keeps a file that is not encrypted, with the sqlite3 of
Python behind the same class.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal, NoReturn, TypeAlias

from validation.errors import StoreBusy, StoreError, StoreFull

if TYPE_CHECKING:
    import sqlite3

Value: TypeAlias = str | bytes | int | None

_BUSY, _LOCKED, _READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _NOTADB = 5, 6, 8, 10, 11, 13, 14, 26
_PERM, _AUTH = 3, 23
# What the engine calls a failed write when the system's reason is not plainly "no space" (quota, size limit).
_IOERR_WRITE, _IOERR_TRUNCATE, _IOERR_SHMSIZE = _IOERR | 3 << 8, _IOERR | 6 << 8, _IOERR | 19 << 8

# Never make a file, and say exactly which kind of input or output failed (SQLITE_OPEN_READWRITE | _EXRESCODE).
_FLAGS = 0x00000002 | 0x02000000

_SETTINGS = (
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

# A log needs memory that all programs share, which a network drive does not give; there a rollback journal holds what
# was, one program has the file for itself, and its directory is synced as well (EXTRA).
_LOCAL = ("PRAGMA synchronous = FULL",)
_SAFE = ("PRAGMA locking_mode = EXCLUSIVE", "PRAGMA synchronous = EXTRA")


PLAIN_HEAD = b"SQLite format 3\0"
"""How a database begins that is not encrypted."""

# POSIX drops every lock a process holds on a file as soon as it closes any handle of it, and a store without its lock
# may lose its log to another process. So nobody here may read a store file by hand while it is open here; the gate
# keeps one thread from reading while another one opens. Both are of the whole process, as the locks are.
gate = threading.RLock()
_open_here: weakref.WeakSet[Connection] = weakref.WeakSet()


def open_here(path: Path) -> Connection | None:
    """A connection by which this process has the file open, under whatever name, if any. Asked with `gate` held."""
    found = path.stat()
    return next((connection for connection in _open_here if connection.holds(found)), None)


def as_bytes(value: Value) -> bytes:
    """A value of a column of bytes; empty where there is none."""
    return value if isinstance(value, bytes) else b""


def is_unencrypted(path: Path) -> bool:
    """Whether a store file that is there is not encrypted, also while it is open here."""
    with gate:
        known = open_here(path)
        if known is not None:
            return known.plain
        with path.open("rb") as file:
            return file.read(len(PLAIN_HEAD)) == PLAIN_HEAD


def engine(*, encrypted: bool, path: Path) -> ModuleType:
    """The database: sqlcipher3, or Python's own for a file that is not encrypted. StoreError 'ways.no_engine'."""
    if not encrypted:
        import sqlite3

        return sqlite3
    try:
        import sqlcipher3
    except ImportError as error:
        raise StoreError("ways.no_engine", path=path) from error
    found: ModuleType = sqlcipher3
    return found


@functools.lru_cache(maxsize=64)
def _inserting(into: str, rows: int, columns: int) -> str:
    """The statement that writes so many rows."""
    places = f"({', '.join('?' * columns)})"
    return f"INSERT INTO {into} VALUES {', '.join([places] * rows)}"  # noqa: S608 - ours


class Connection:
    """An open file. It belongs to the thread and process that opened it; another thread opens its own."""

    def __init__(
        self,
        path: Path,
        key: bytes | None,
        wait: float,
        named: Path | None = None,
        *,
        safe: bool = False,
        closed: Callable[[], None] | None = None,
    ) -> None:
        """Open an existing file and unlock it; with no key, one that is not encrypted.

        `wait` is in seconds; `named` is what refusals call the file; `safe` is for network drives; `closed` is called
        once when the file was given free. StoreError, StoreBusy or StoreFull when that fails.
        """
        self.path = named or path
        self.plain = key is None
        self.safe = safe
        self._owner = (os.getpid(), threading.get_ident())
        self._raw: sqlite3.Connection | None = None
        self._wait = wait
        self._closed: weakref.finalize[[], Connection] | None = None
        self._engine = engine(encrypted=key is not None, path=self.path)
        with gate:
            with self._translated():
                self._raw = self._connected(path)
            self._file = path.stat()
            _open_here.add(self)
        try:
            if key is not None:
                self.execute("PRAGMA cipher_log_level = NONE")  # it would write its own words to stderr
                self.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            for setting in (*(_SAFE if safe else _LOCAL), *_SETTINGS):
                self.execute(setting)
            self.execute("SELECT count(*) FROM sqlite_schema")
        except BaseException:
            self.close()
            raise
        if closed is not None:
            self._closed = weakref.finalize(self, closed)

    def execute(self, statement: str, values: Sequence[Value] | Mapping[str, Value] = ()) -> list[tuple[Value, ...]]:
        """Run one statement and return all its rows; no cursor stays open."""
        raw = self._open()
        try:
            rows: list[tuple[Value, ...]] = raw.execute(statement, values).fetchall()
        except self._engine.Error as error:
            self._refuse(error)
        return rows

    def insert(self, into: str, rows: Sequence[Sequence[Value]]) -> None:
        """Write rows, few, in one statement; `into` names the table and its columns."""
        if rows:
            self.execute(_inserting(into, len(rows), len(rows[0])), [value for row in rows for value in row])

    def number(self, statement: str, values: Sequence[Value] = ()) -> int:
        """The one number a statement returns."""
        ((value,),) = self.execute(statement, values)
        if not isinstance(value, int):
            raise StoreError("store.damaged", path=self.path)
        return value

    @contextlib.contextmanager
    def transaction(self, kind: Literal["IMMEDIATE", "EXCLUSIVE"] = "IMMEDIATE") -> Iterator[None]:
        """Everything inside or nothing. The write lock is taken at the start, so that what is read inside stays true.

        When the block ends without an exception, it is on disk.
        """
        try:  # from here: an interrupted kernel may stop between any two lines
            self.execute(f"BEGIN {kind}")
            yield
            self.execute("COMMIT")
        except BaseException:
            if self._raw is not None and self._raw.in_transaction:  # after some errors it has rolled back by itself
                with contextlib.suppress(self._engine.Error):
                    self._raw.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """The file for oneself, and without a log. StoreBusy while anybody else has it open."""
        self.execute("PRAGMA locking_mode = EXCLUSIVE")
        try:
            if self.execute("PRAGMA journal_mode = DELETE") != [("delete",)]:
                raise StoreBusy("store.busy", path=self.path)
            with self.transaction("EXCLUSIVE"):
                pass
            yield
        finally:
            if not self.safe:
                self.execute("PRAGMA locking_mode = NORMAL")
                self.execute("PRAGMA journal_mode = WAL")
                self.execute("PRAGMA user_version")  # from the first read on nobody else gets the file alone

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
            if self._closed is not None:
                self._closed()

    def rekey(self, key: bytes) -> None:
        """Encrypt every page with another key, all or none. The caller has the file for itself, and no log."""
        self.execute(f"PRAGMA rekey = \"x'{key.hex()}'\"")

    def copy_into(self, target: Path) -> None:
        """A copy of all that is committed, encrypted with the same key, in a new file (0600); others may write on."""
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        self.execute("VACUUM INTO ?", (str(target),))

    def _connected(self, path: Path) -> sqlite3.Connection:
        """Never makes a file."""
        raw: sqlite3.Connection
        if self.plain:
            where = f"{path.absolute().as_uri()}?mode=rw"
            raw = self._engine.connect(where, uri=True, timeout=self._wait, isolation_level=None)
        else:
            where = str(path.absolute())
            raw = self._engine.connect(where, flags=_FLAGS, timeout=self._wait, isolation_level=None)
        return raw

    def _open(self) -> sqlite3.Connection:
        if self._raw is None:
            raise StoreError("store.closed", path=self.path)
        if self._owner != (os.getpid(), threading.get_ident()):
            raise RuntimeError("a store belongs to the thread and process that opened it; open another one here")
        return self._raw

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except self._engine.Error as error:
            self._refuse(error)

    def _refuse(self, error: sqlite3.Error) -> NoReturn:
        """Our refusal instead of the engine's; the engine's own where it can only be a mistake of this program."""
        refusal = self._refusal(getattr(error, "sqlite_errorcode", 0))
        if refusal is None:
            raise error
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
