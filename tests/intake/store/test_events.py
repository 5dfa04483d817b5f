"""What only the file can show of the chain: whoever changes it with a database tool and the key is found out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.store.chain import Break
from intake.store.connection import Connection
from intake.store.events import _FILES, _PARTS, _WITH_FILES
from intake.store.sqlite import SqliteStore
from scenario.stores import divided, new_store, submission

FORM = divided()
EVENT = (
    "kind", "submission", "version", "form", "municipality", "subject", "about", "actor", "received", "place",
    "digest", "previous", "hash",
)  # fmt: skip
OTHER = {"version": 7, "place": 70, "digest": bytes(32), "previous": bytes(31), "hash": bytes(32)}


def test_what_events_wrote_is_found_by_indexes(store: SqliteStore) -> None:
    """An index with a condition is passed over without a word by a statement that does not say the condition."""
    for statement, values in ((_PARTS, (1, 500)), (_WITH_FILES, (1, 500)), (_FILES, (1,))):
        plan = [str(step[3]) for step in store._connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
        assert not [step for step in plan if step.startswith("SCAN")]
        assert any("_written " in step for step in plan)


class UndoneError(Exception):
    """Takes a tampering back."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """Six events in two municipalities; the third carries a file, the last one wrote parts of others anew."""
    with new_store(tmp_path / "store.db") as opened:
        assert isinstance(opened, SqliteStore)
        opened.publish(FORM)
        opened.append(submission(1, form=FORM))
        opened.append(submission(2, form=FORM, municipality="08235085", subject="P-000002"))
        draft = opened.journal.start(FORM.hash, "08235007", "müller", "de").id
        opened.attachments.put(draft, "pass.png", b"bytes")
        opened.journal.submit(draft, submission(3, form=FORM, record={"/data/a": "pass.png"}))
        opened.append(submission(1, form=FORM, version=2, reason="Tippfehler"))
        opened.note("export", municipality="08235007", detail={"to": "Kreis"})
        opened.publish(newer := divided("2", a="special"))
        assert opened.reseal(newer.hash) is not None
        yield opened


def tampered(store: SqliteStore, *statements: str, values: tuple[object, ...] = ()) -> list[Break]:
    """What is found after these statements, which are taken back."""
    connection: Connection = store._connection
    anchor = store.anchor()
    found: list[Break] = []
    try:
        with connection.transaction():
            triggers = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
            for (name,) in triggers:
                connection.execute(f"DROP TRIGGER {name!s}")
            connection.execute("PRAGMA defer_foreign_keys = ON")
            for statement in statements:
                connection.execute(statement, values)  # type: ignore[arg-type]
            found = store.verify([anchor])
            raise UndoneError
    except UndoneError:
        return found


def test_what_was_written_by_the_store_holds(store: SqliteStore) -> None:
    assert store.verify([store.anchor()]) == []
    assert tampered(store) == []
    assert len(list(store.links())) == 6


@pytest.mark.parametrize("column", EVENT)
@pytest.mark.parametrize("number", range(1, 7))
def test_every_changed_column_of_every_event_is_found(store: SqliteStore, column: str, number: int) -> None:
    if column == "subject":
        found = tampered(
            store,
            "UPDATE event SET subject = (SELECT key FROM subject WHERE key <> event.subject LIMIT 1)"
            f" WHERE number = {number}",
        )
    else:
        value = OTHER.get(column, "other")
        found = tampered(store, f"UPDATE event SET {column} = ? WHERE number = {number}", values=(value,))
    assert number in {each.number for each in found} or any(each.kind == "missing" for each in found)


@pytest.mark.parametrize("number", range(1, 7))
def test_every_event_that_is_taken_out_is_missed(store: SqliteStore, number: int) -> None:
    found = tampered(
        store,
        f"DELETE FROM part WHERE {number} IN (event, written_by)",
        f"DELETE FROM attachment WHERE {number} IN (event, written_by)",
        f"DELETE FROM event WHERE number = {number}",
    )
    assert found


def test_every_changed_moved_or_missing_part_and_file_is_found(store: SqliteStore) -> None:
    connection = store._connection
    for table, column in (("part", "sealed"), ("attachment", "sealed"), ("attachment", "head")):
        rows = [int(str(row)) for (row,) in connection.execute(f"SELECT rowid FROM {table}")]
        assert rows
        for row in rows:
            changed = f"UPDATE {table} SET {column} = CAST({column} || x'00' AS BLOB) WHERE rowid = {row}"
            assert [each.kind for each in tampered(store, changed)] == ["content"]
            assert tampered(store, f"DELETE FROM {table} WHERE rowid = {row}")
            assert tampered(store, f"UPDATE {table} SET event = 6 WHERE rowid = {row}")
            assert tampered(store, f"UPDATE {table} SET class = 'staff', event = 6 WHERE rowid = {row}")


def test_a_part_that_belongs_to_no_event_is_found(store: SqliteStore) -> None:
    connection = store._connection
    connection.execute("PRAGMA foreign_keys = OFF")
    stray = "INSERT INTO part (event, class, written_by, sealed) VALUES ({}, 'general', {}, x'00')"
    assert [each.kind for each in tampered(store, stray.format(1, 99))] == ["content"]
    assert tampered(store, stray.format(99, 1))


def test_events_in_another_order_are_found(store: SqliteStore) -> None:
    moves = ((1, 200), (2, 1), (200, 2))
    found = tampered(
        store, *(f"UPDATE event SET place = {to} WHERE place = {at} AND municipality = '08235007'" for at, to in moves)
    )
    assert {each.kind for each in found} >= {"order"}


def test_truncation_is_found_with_an_anchor_only(store: SqliteStore) -> None:
    cut = [f"DELETE FROM {table} WHERE 6 IN (event, written_by)" for table in ("part", "attachment")]
    found = tampered(store, *cut, "DELETE FROM event WHERE number = 6")
    assert {each.kind for each in found} == {"missing", "keys"}  # what it had sealed anew opens no more
