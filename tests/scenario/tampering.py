"""Somebody with the key of the database, but none of the keys above it, changes the past of a store.

Triggers are dropped first: they hold back a mistake, not an attacker. All is done past the store, row by row, and
taken back again, so that one store serves a thousand changes.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlcipher3

from intake.store.chain import START, Link, digest_of
from intake.store.ring import CLASSES
from intake.store.rows import file_labelled, part_label

TABLES = ("event", "part", "attachment")

Row = tuple[object, ...]


@dataclass(frozen=True)
class Edit:
    """One value that was changed: what it was, what it is, and the events whose rows it is part of."""

    table: str
    column: str
    before: object
    after: object
    events: frozenset[int]


def drop_triggers(raw: sqlcipher3.Connection) -> None:
    raw.execute("PRAGMA foreign_keys = OFF")
    for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        raw.execute(f"DROP TRIGGER {name}")


def columns(raw: sqlcipher3.Connection, table: str) -> list[str]:
    return [str(row[1]) for row in raw.execute(f"PRAGMA table_info({table})")]


def content(raw: sqlcipher3.Connection, tables: Sequence[str] = TABLES) -> dict[str, list[Row]]:
    """Every row of what the chain is about."""
    return {table: raw.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall() for table in tables}


@contextlib.contextmanager
def restored(raw: sqlcipher3.Connection, tables: Sequence[str] = TABLES) -> Iterator[None]:
    """Whatever is changed inside is as before afterwards."""
    before = content(raw, tables)
    try:
        yield
    finally:
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        raw.execute("BEGIN")
        for table, rows in before.items():
            now = set(raw.execute(f"SELECT * FROM {table}").fetchall())
            for row in now - set(rows):
                delete(raw, table, row)
            marks = ", ".join("?" * len(columns(raw, table)))
            for row in set(rows) - now:
                raw.execute(f"INSERT INTO {table} VALUES ({marks})", row)
        raw.execute("COMMIT")
        assert content(raw, tables) == before


def delete(raw: sqlcipher3.Connection, table: str, row: Row) -> None:
    """Take out the row that has these values."""
    there = " AND ".join(f"{name} IS ?" for name in columns(raw, table))
    raw.execute(f"DELETE FROM {table} WHERE {there}", row)


def edit(raw: sqlcipher3.Connection, choose: random.Random) -> Edit:
    """Change one value of one row to another one that the table takes."""
    while True:
        table = choose.choice(TABLES)
        names = columns(raw, table)
        place = choose.randrange(len(names))
        rows = raw.execute(f"SELECT * FROM {table}").fetchall()
        row = choose.choice(rows)
        value = _changed(row[place], [other[place] for other in rows], choose)
        if value == row[place]:
            continue
        there = " AND ".join(f"{name} IS ?" for name in names)
        try:
            raw.execute(f"UPDATE {table} SET {names[place]} = ? WHERE {there}", (value, *row))
        except (sqlcipher3.IntegrityError, OverflowError):
            continue  # the table itself does not take it
        events = [row[0]] + ([value] if place == 0 else [])
        if names[place] == "written_by":
            events += [row[place], value]
        if "written_by" in names:
            events.append(row[names.index("written_by")])
        return Edit(table, names[place], row[place], value, frozenset(int(str(one)) for one in events))


def _changed(value: object, others: Sequence[object], choose: random.Random) -> object:
    if value in CLASSES:  # the table takes no other word
        return choose.choice(CLASSES)
    if choose.random() < 0.25:
        return choose.choice(others)
    match value:
        case int():
            return value + choose.choice((-1, 1, choose.randrange(-1000, 1000)))
        case bytes():
            return _changed_bytes(value, choose)
        case str():
            at = choose.randrange(len(value) + 1)
            letter = choose.choice("abcxyz019 äß\x00\x1f\u200b")
            return choose.choice(
                (value[:at] + letter + value[at:], value[:at] + letter + value[at + 1 :], value[:-1], "")
            )
    return choose.choice(others)


def _changed_bytes(value: bytes, choose: random.Random) -> bytes:
    if not value:
        return b"\x00"
    at = choose.randrange(len(value))
    flipped = bytes((value[at] ^ 1 << choose.randrange(8),))
    return choose.choice((value[:at] + flipped + value[at + 1 :], value[:-1], value + b"\x00", b""))


def links(raw: sqlcipher3.Connection) -> list[Link]:
    """Every event as it stands there."""
    rows = raw.execute(
        "SELECT number, municipality, place, kind, submission, version, form, subject, about, actor, received, digest,"
        " previous, hash FROM event ORDER BY number"
    )
    return [Link(*row) for row in rows]


def recompute(raw: sqlcipher3.Connection, municipality: str) -> None:
    """Make a municipality's chain hold again from its first event to its last, as anybody can: there is no secret in
    it. Places are given anew, and digests."""
    previous = START
    mine = [link for link in links(raw) if link.municipality == municipality]
    for place, link in enumerate(mine):  # out of the way: places are unique
        raw.execute("UPDATE event SET place = ? WHERE number = ?", (1_000_000 + place, link.number))
    for place, link in enumerate(mine, 1):
        values = {name: getattr(link, name) for name in Link.__slots__}
        values |= {"place": place, "previous": previous, "digest": carried(raw, link.number)}
        made = Link(**values)
        previous = made.linked()
        raw.execute(
            "UPDATE event SET place = ?, previous = ?, digest = ?, hash = ? WHERE number = ?",
            (place, made.previous, made.digest, previous, link.number),
        )


def carried(raw: sqlcipher3.Connection, number: int) -> bytes:
    """The digest of what an event carries now."""
    parts = raw.execute("SELECT event, class, written_by, sealed FROM part WHERE written_by = ?", (number,))
    carries = [(part_label(event, name, by), sealed) for event, name, by, sealed in parts]
    files = raw.execute(
        "SELECT event, place, class, written_by, sealed, head FROM attachment WHERE written_by = ?", (number,)
    )
    for row in files:
        carries += file_labelled(*row)
    return digest_of(carries)
