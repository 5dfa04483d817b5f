"""Numbered steps from every released schema to the present one: `sql/0001_first.sql` and so on.

A step runs in one transaction with the number it leaves behind, so that a crash in the middle leaves the step before.
Where rows have to be read and written anew, a function runs after the script, in the same transaction. A released step
is never edited.
"""

from __future__ import annotations

import contextlib
import functools
import sqlite3
from collections.abc import Iterator
from importlib.resources import files

from intake.store import utc_now
from intake.store.connection import Connection
from intake.store.rows import as_stored
from intake.store.ways import Unlocked

APPLICATION_ID = 0x4C4F5453  # "LOTS"

_SEALED = 4
"""The step that moves rows, and has to know who is the first to come in."""

_REMADE = 6
"""The step that makes a table anew that others refer to. References cannot be let go of inside a transaction."""


@functools.cache
def steps() -> tuple[str, ...]:
    """The scripts in their order; step n makes schema n. Their names are numbered without gaps from 0001."""
    found = sorted(
        (entry for entry in files("intake.store").joinpath("sql").iterdir() if entry.name.endswith(".sql")),
        key=lambda entry: entry.name,
    )
    return tuple(entry.read_text(encoding="utf-8") for entry in found)


def migrate(connection: Connection, unlocked: Unlocked) -> None:
    """Bring an open store to the present schema; nothing is done when it is there. A newer schema is the caller's.

    `unlocked` becomes the first login of a store that has none.
    """
    while (here := connection.number("PRAGMA user_version")) < len(steps()):
        with _unlinked(connection) if here + 1 == _REMADE else contextlib.nullcontext(), connection.transaction():
            version = connection.number("PRAGMA user_version")
            if version == here:  # else another process was quicker
                for statement in _statements(steps()[version]):
                    connection.execute(statement)
                if version + 1 == _SEALED:
                    _seal(connection, unlocked)
                connection.execute(f"PRAGMA user_version = {version + 1}")
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


@contextlib.contextmanager
def _unlinked(connection: Connection) -> Iterator[None]:
    """Inside, references between tables are not looked at."""
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


def _seal(connection: Connection, unlocked: Unlocked) -> None:
    from intake.store.upgrade import seal_everything

    seal_everything(connection, unlocked, as_stored(utc_now()))


def _statements(script: str) -> list[str]:
    """A script as single statements: running it whole would commit what is open."""
    found: list[str] = []
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            found.append(pending)
            pending = ""
    return found
