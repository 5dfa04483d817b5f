"""Opens or makes the file of a store: the checks, and what a refusal leaves behind (nothing)."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from intake.store import Clock
from intake.store.connection import Connection, gate, is_open_here
from intake.store.filecheck import check_files, log_of
from intake.store.keys import KEY_BYTES, create_key_file, read_key_file
from intake.store.migrations import APPLICATION_ID, migrate, steps
from intake.store.place import full_or_closed
from intake.store.sqlite import SqliteStore
from validation.errors import StoreError, WrongKey


def open_sqlite(
    path: Path, *, key: bytes | None, key_file: Path | None, create: bool, clock: Clock, wait: float
) -> SqliteStore:
    """Open, or with `create` make, the store in a file. See `intake.store.open_store`."""
    if (key is None) == (key_file is None):
        raise TypeError("open_store takes either key or key_file")
    try:
        there = path.exists()
        if path.is_dir():
            raise WrongKey("store.not_a_store", path=path)
        if not there and not create:
            raise StoreError("store.missing", path=path)
        made_key = not there and key_file is not None and not key_file.exists()
        if key_file is not None:
            key = create_key_file(key_file) if made_key else read_key_file(key_file)
        if key is None or len(key) != KEY_BYTES:
            raise WrongKey("store.key_length", path=path, expected=KEY_BYTES)
        if not there:
            try:
                _create(path, key, wait)
            except BaseException:
                if made_key and key_file is not None:
                    key_file.unlink(missing_ok=True)
                raise
        return SqliteStore(_connect(path, key, wait), clock)
    except OSError as error:
        raise full_or_closed(error, path) from error


def _create(path: Path, key: bytes, wait: float) -> None:
    """Make an empty store beside its place and move it there whole, so that a crash leaves no half of one."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        connection = Connection(unfinished, key, wait, named=path)
        try:
            _keep_log(connection)
            migrate(connection)
        finally:
            connection.close()
        _move(unfinished, path)
    finally:
        for leftover in (unfinished, log_of(unfinished), unfinished.with_name(unfinished.name + "-shm")):
            leftover.unlink(missing_ok=True)


def _move(unfinished: Path, path: Path) -> None:
    """Give a file its name; a file that has the name already stays."""
    try:
        os.link(unfinished, path)
    except FileExistsError:
        return  # another process was quicker, and its store is as good
    except OSError:  # a file system without hard links
        unfinished.rename(path)
    if os.name == "posix":
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            with contextlib.suppress(OSError):  # some file systems cannot sync a directory
                os.fsync(directory)
        finally:
            os.close(directory)


def _connect(path: Path, key: bytes, wait: float) -> Connection:
    with gate:
        known = is_open_here(path)
        if not known:
            check_files(path, key)
        _tighten(path)
        logged = log_of(path).exists()
        try:
            connection = Connection(path, key, wait)
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
        migrate(connection)
        if logged:  # an emptied log has no remains that a later check could take for lost commits
            connection.empty_log()
    except BaseException:
        connection.close()
        raise
    return connection


def _keep_log(connection: Connection) -> None:
    if connection.execute("PRAGMA journal_mode = WAL") != [("wal",)]:
        raise StoreError("store.no_log", path=connection.path)


def _tighten(path: Path) -> None:
    """Take a copied file's rights away from others; the engine gives its own files the rights of this one."""
    if os.name == "posix":
        for file in (path, log_of(path)):
            with contextlib.suppress(FileNotFoundError, PermissionError):
                if stat.S_IMODE(file.stat().st_mode) & 0o077:
                    file.chmod(0o600)
