"""Opens or makes the file of a store: the checks, and what a refusal leaves behind (nothing)."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from intake.store import Clock
from intake.store.bringing import Brought, Tried, found_ways, try_ways
from intake.store.connection import Connection, engine, gate, open_here
from intake.store.drive import CLOUD, NETWORK, Drive, drive_of
from intake.store.filecheck import check_files, is_plain, journal_of, log_of
from intake.store.lock import take_lock
from intake.store.migrations import APPLICATION_ID, migrate, steps
from intake.store.place import full_or_closed
from intake.store.sqlite import SqliteStore
from intake.store.wayfile import (
    are_mended,
    copy_of,
    create_ways,
    mend_ways,
    read_ways,
    sync_directory,
    ways_of,
    write_ways,
)
from intake.store.ways import Unlocked
from validation.errors import StoreBusy, StoreError, StoreFull, WrongKey


def open_sqlite(
    path: Path,
    given: Brought,
    *,
    create: bool,
    clock: Clock,
    wait: float,
    plaintext: bool = False,
    take_over: bool = False,
    drive: Callable[[Path], Drive] = drive_of,
) -> SqliteStore:
    """Open, or with `create` make, the store in a file. See `intake.store.open_store`; `drive` tells where it lies."""
    store, _ = open_as(
        path, given, create=create, clock=clock, wait=wait, plaintext=plaintext, take_over=take_over, drive=drive
    )
    return store


def open_as(
    path: Path,
    given: Brought,
    *,
    create: bool,
    clock: Clock,
    wait: float,
    plaintext: bool = False,
    take_over: bool = False,
    drive: Callable[[Path], Drive] = drive_of,
) -> tuple[SqliteStore, Unlocked]:
    """The store, and as whom: what opens it again without asking anybody, here or in a process of the same person."""
    connection, unlocked = connect_sqlite(
        path, given, create=create, wait=wait, plaintext=plaintext, take_over=take_over, drive=drive
    )
    try:
        return SqliteStore(connection, clock, unlocked), unlocked
    except BaseException:
        connection.close()
        raise


def connect_sqlite(
    path: Path,
    given: Brought,
    *,
    create: bool,
    wait: float,
    plaintext: bool = False,
    take_over: bool = False,
    drive: Callable[[Path], Drive] = drive_of,
) -> tuple[Connection, Unlocked]:
    """The file of a store, open and of the present schema, and as whom: for the store, and for changing its ways."""
    try:
        there = path.exists()
        if path.is_dir():
            raise WrongKey("store.not_a_store", path=path)
        if not there and not create:
            raise StoreError("store.missing", path=path)
        if not path.parent.is_dir():
            raise StoreError("store.no_directory", path=path.parent)
        lies = drive(path)
        if lies.kind == CLOUD:
            raise StoreError("ways.cloud", path=path, service=lies.name)
        plain = _is_plain(path, there=there, plaintext=plaintext)
        engine(encrypted=not plain, path=path)
        safe = lies.kind == NETWORK
        give_back = take_lock(path, take_over=take_over) if safe else None
        try:
            mode = _Mode(plain, safe, wait, give_back)
            return _opened(path, try_ways(path, given), mode) if there else _made(path, given, mode)
        except BaseException:
            if give_back is not None:
                give_back()
            raise
    except OSError as error:
        raise full_or_closed(error, path) from error


@dataclass(frozen=True, slots=True)
class _Mode:
    """How a file is opened: not encrypted, on a network drive, how long to wait, and what gives the lock back."""

    plain: bool
    safe: bool
    wait: float
    give_back: Callable[[], None] | None


def _is_plain(path: Path, *, there: bool, plaintext: bool) -> bool:
    """Whether the store is or will be unencrypted. Refused unless the study says so."""
    if not there:
        return plaintext
    with gate:
        known = open_here(path)
        plain = known.plain if known is not None else is_plain(path, APPLICATION_ID)
    if plain and not plaintext:
        raise StoreError("ways.not_encrypted", path=path)
    return plain


def _made(path: Path, given: Brought, mode: _Mode) -> tuple[Connection, Unlocked]:
    tried, take_back = found_ways(path, given)
    try:
        _create(path, tried.candidates[0], mode)
    except BaseException:
        take_back()
        raise
    return _opened(path, tried, mode)


def _opened(path: Path, tried: Tried, mode: _Mode) -> tuple[Connection, Unlocked]:
    connection, unlocked = _connect_any(path, tried, mode)
    try:
        with contextlib.suppress(StoreBusy, StoreFull):  # then at the next opening
            unlocked = _settle(connection, path, tried, unlocked)
    except BaseException:
        connection.close()
        raise
    return connection, unlocked


def _connect_any(path: Path, tried: Tried, mode: _Mode) -> tuple[Connection, Unlocked]:
    """Open with whichever database key fits.

    A crash while the key was being changed leaves pages of both and a journal that puts the ones before back at the
    first try, whichever key that uses; so the first is tried once more at the end.
    """
    again = tried.candidates[:1] if tried.ways is not None and tried.ways.changing else ()
    refusals: list[StoreError] = []
    for unlocked in (*tried.candidates, *again):
        try:
            return _connect(path, unlocked, mode), unlocked
        except StoreError as error:
            if error.code not in ("store.wrong_key", "store.damaged"):
                raise
            refusals.append(error)
    said = next((refusal for refusal in refusals if refusal.code == "store.damaged"), refusals[-1])
    if said.code == "store.wrong_key" and tried.adopt is not None:
        raise WrongKey("ways.missing_key", path=path) from said
    if said.code == "store.wrong_key" and tried.ways is not None:
        raise WrongKey("ways.other_state", path=path) from said
    raise said


def _settle(connection: Connection, path: Path, tried: Tried, unlocked: Unlocked) -> Unlocked:
    """Bring the ways in order: to one database key after a crash, to both files, to a store that had none. Returns what
    opens it then.

    Whoever writes ways holds the write lock of the database, and whoever changes its key has it alone.
    """
    if tried.adopt is not None:
        with connection.transaction():
            if read_ways(path) is None:
                create_ways(path, tried.adopt(unlocked))
        return unlocked
    if tried.ways is None:
        return unlocked
    tried.ways.proven(unlocked.database)
    first, last = tried.candidates[0].database, tried.candidates[-1].database
    if tried.ways.changing and unlocked.database == first != last:
        return _change(connection, path, unlocked, last)
    if tried.ways.changing or not are_mended(path, tried.ways):
        with connection.transaction():
            ways = read_ways(path)
            if ways is not None and ways.changing:
                write_ways(path, ways.offering(unlocked.database))
            elif ways is not None:
                mend_ways(path, ways)
    return unlocked


def _change(connection: Connection, path: Path, unlocked: Unlocked, key: bytes) -> Unlocked:
    """End a change of the database key that a crash ended before its first page: a way that was taken away with it
    knows the key that still holds. StoreBusy while anybody else has the store open, StoreFull."""
    with connection.alone():
        ways = read_ways(path)
        if ways is None or not ways.changing:
            return unlocked  # somebody else was quicker, and left this key
        write_ways(path, ways.proven(unlocked.database).offering(unlocked.database, key))
        if not connection.plain:
            connection.rekey(key)
        with contextlib.suppress(StoreFull):  # both keys stand there
            write_ways(path, ways.offering(key))
        return replace(unlocked, database=key)


def _create(path: Path, unlocked: Unlocked, mode: _Mode) -> None:
    """Make an empty store beside its place and move it there whole, so that a crash leaves no half of one."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        connection = Connection(unfinished, _key(unlocked, mode), mode.wait, named=path, safe=mode.safe)
        try:
            _keep_log(connection)
            migrate(connection, unlocked)
        finally:
            connection.close()
        _move(unfinished, path)
    finally:
        shared = unfinished.with_name(unfinished.name + "-shm")
        for leftover in (unfinished, log_of(unfinished), journal_of(unfinished), shared):
            leftover.unlink(missing_ok=True)


def _key(unlocked: Unlocked, mode: _Mode) -> bytes | None:
    return None if mode.plain else unlocked.database


def _move(unfinished: Path, path: Path) -> None:
    """Give a file its name; a file that has the name already stays."""
    try:
        os.link(unfinished, path)
    except FileExistsError:
        return  # another process was quicker, and its store is as good
    except OSError:  # a file system without hard links
        unfinished.rename(path)
    sync_directory(path.parent)


def _connect(path: Path, unlocked: Unlocked, mode: _Mode) -> Connection:
    with gate:
        known = open_here(path) is not None
        if not known and not mode.plain:
            check_files(path, unlocked.database)
        _tighten(path)
        logged = log_of(path).exists()
        try:
            connection = Connection(path, _key(unlocked, mode), mode.wait, safe=mode.safe, closed=mode.give_back)
        except StoreError as error:
            if known and error.code == "store.damaged":  # it is good: it is in use
                raise WrongKey("store.wrong_key", path=path) from error
            raise
    try:
        if connection.number("PRAGMA application_id") != APPLICATION_ID:
            raise WrongKey("store.not_a_store", path=path)
        schema = connection.number("PRAGMA user_version")
        if schema > len(steps()):
            raise StoreError("store.newer", path=path, found=schema, known=len(steps()))
        _keep_log(connection)
        migrate(connection, unlocked)
        if logged:  # an emptied log has no remains that a later check could take for lost commits
            connection.empty_log()
    except BaseException:
        connection.close()
        raise
    return connection


def _keep_log(connection: Connection) -> None:
    """A log, or on a network drive a rollback journal."""
    wanted = "delete" if connection.safe else "wal"
    if connection.execute(f"PRAGMA journal_mode = {wanted}") != [(wanted,)]:
        raise StoreError("store.no_log", path=connection.path)


def _tighten(path: Path) -> None:
    """Take a copied file's rights away from others; the engine gives its own files the rights of this one."""
    if os.name == "posix":
        for file in (path, log_of(path), ways_of(path), copy_of(path)):
            with contextlib.suppress(FileNotFoundError, PermissionError):
                if stat.S_IMODE(file.stat().st_mode) & 0o077:
                    file.chmod(0o600)
