"""Another engine under our own store, which writes down everything it does to the disk.

sqlcipher3 cannot be given a file system made in Python; apsw-sqlite3mc can. It is another build of SQLite with another
implementation of the same cipher (its files are the same: either opens the other's). Our code above it (statements,
settings, checks, migrations) is the one that runs every day.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import apsw
import pytest
import sqlcipher3

from intake.store import connection, opening
from scenario.disk import Did

Tell = Callable[[Did], None]

_numbers = itertools.count()
_JOURNALS = apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_WAL


@contextlib.contextmanager
def recorded(directory: Path, patch: pytest.MonkeyPatch) -> Iterator[list[Did]]:
    """While this is open, stores below a directory are opened with the other engine and the list grows."""
    record: list[Did] = []
    recorder = _Recorder(directory, record.append)
    try:
        with other_engine(patch, f"multipleciphers-{recorder.vfs_name}"):
            yield record
    finally:
        recorder.unregister()


@contextlib.contextmanager
def other_engine(patch: pytest.MonkeyPatch, vfs: str | None = None) -> Iterator[None]:
    """While this is open, every store is opened with the other engine."""

    def connect(path: str, *, flags: int, timeout: float, isolation_level: None) -> _Raw:
        assert isolation_level is None
        return _Raw(path, flags, timeout, vfs)

    def engine(*, encrypted: bool, path: Path) -> SimpleNamespace:  # noqa: ARG001 - as theirs
        assert encrypted
        return SimpleNamespace(connect=connect, Error=sqlcipher3.Error)

    with patch.context() as here:
        here.setattr(connection, "engine", engine)
        here.setattr(opening, "engine", engine)
        yield


class _Raw:
    """A connection of apsw that looks like one of sqlcipher3 to `intake.store.connection`."""

    def __init__(self, path: str, flags: int, timeout: float, vfs: str | None) -> None:
        with _as_theirs():
            self._real = apsw.Connection(path, flags=flags, vfs=vfs)
            self._real.set_busy_timeout(int(timeout * 1000))
            for setting in ("PRAGMA cipher = 'sqlcipher'", "PRAGMA legacy = 4"):  # the format of SQLCipher 4
                self._real.execute(setting)

    def execute(self, statement: str, values: object = ()) -> SimpleNamespace:
        with _as_theirs():
            rows = self._real.execute(statement, values).fetchall()  # type: ignore[arg-type]
        return SimpleNamespace(fetchall=lambda: rows)

    @property
    def in_transaction(self) -> bool:
        return self._real.in_transaction

    def close(self) -> None:
        with _as_theirs():
            self._real.close()


@contextlib.contextmanager
def _as_theirs() -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        theirs = sqlcipher3.OperationalError(str(error))
        theirs.sqlite_errorcode = getattr(error, "extendedresult", 0)
        raise theirs from error


class _Recorder(apsw.VFS):
    """The system's files, with everything that is done to them told."""

    def __init__(self, directory: Path, tell: Tell) -> None:
        self._directory, self._tell = directory.resolve(), tell
        self.vfs_name = f"recorder{next(_numbers)}"  # never one again: the engine remembers what lay below a name
        super().__init__(self.vfs_name, "unix")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - theirs
        path = Path(name.filename() if isinstance(name, apsw.URIFilename) else name or "")
        assert name is not None, "a temporary file would not be encrypted"
        inside = path.resolve().relative_to(self._directory).as_posix()
        return _RecordedFile(name, flags, self._tell, inside, path.exists())

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: N802 - theirs
        super().xDelete(name, syncdir)
        inside = Path(name).resolve().relative_to(self._directory).as_posix()
        self._tell(Did("unlink", inside))
        if syncdir:
            self._tell(Did("syncdir", inside.rpartition("/")[0]))


class _RecordedFile(apsw.VFSFile):
    def __init__(self, name: str | apsw.URIFilename, flags: list[int], tell: Tell, inside: str, there: bool) -> None:
        super().__init__("unix", name, flags)
        self._tell, self._name = tell, inside
        # The system's VFS synchronises the directory with the first sync of a log it made (os_unix.c, DIRSYNC).
        self._unsure = bool(flags[0] & _JOURNALS and flags[0] & apsw.SQLITE_OPEN_CREATE)
        if not there:
            tell(Did("create", inside))

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - theirs
        super().xWrite(data, offset)
        self._tell(Did("write", self._name, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - theirs
        super().xTruncate(newsize)
        self._tell(Did("truncate", self._name, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802 - theirs
        super().xSync(flags)
        self._tell(Did("sync", self._name))
        if self._unsure:
            self._tell(Did("syncdir", self._name.rpartition("/")[0]))
            self._unsure = False
