"""What only the file can show: append-only by trigger, and which columns are plain."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlcipher3

from intake.store import open_store
from scenario.stores import KEY, new_store, past_the_store, published, submission
from validation.errors import StoreError

APPEND_ONLY = {
    "form": "hash",
    "form_list": "name",
    "subject": "added",
    "event": "received",
    "part": "sealed",
    "attachment": "sealed",
    "closed_draft": "closed",
    "person": "sealed",
    "person_key": "wrapped",
    "class_key": "wrapped",
    "login": "name",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    with new_store(path) as store:
        store.append(submission(1))
        store.append(submission(1, version=2, reason="Tippfehler"))
        draft = store.journal.start(published().hash, "", "", "de").id
        store.attachments.put(draft, "pass.png", b"bytes")
        store.journal.submit(draft, submission(9, record={"/data/a": "pass.png"}))
        store.attachments.put(store.journal.start(published().hash, "", "", "de").id, "offen.png", b"bytes")
    return path


@pytest.mark.parametrize(("table", "column"), APPEND_ONLY.items())
def test_nothing_is_changed_or_removed_even_past_the_store(path: Path, table: str, column: str) -> None:
    with past_the_store(path) as raw:
        before = raw.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
        assert before
        for statement in (
            f"UPDATE {table} SET {column} = {column}",
            f"DELETE FROM {table}",
            f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
            f"INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT DO UPDATE SET {column} = {column}",
        ):
            with pytest.raises(sqlcipher3.IntegrityError, match="append-only"):
                raw.execute(statement)
        assert raw.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() == before


def test_every_table_is_append_only_but_the_drafts(path: Path) -> None:
    with past_the_store(path) as raw:
        tables = {name for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert tables == {*APPEND_ONLY, "draft", "operation", "draft_attachment", "setting"}


def test_plain_columns_hold_no_person_no_author_and_no_reason(path: Path) -> None:
    with past_the_store(path) as raw:
        columns = [name for _, name, *_ in raw.execute("PRAGMA table_info(event)")]
        rows = raw.execute("SELECT * FROM event").fetchall()
    assert columns == [
        "number", "kind", "submission", "version", "form", "municipality", "subject", "about", "actor", "received",
        "place", "digest", "previous", "hash",
    ]  # fmt: skip
    for word in ("P-000001", "müller", "Tippfehler"):
        assert word not in repr(rows)


def test_a_person_has_one_random_subject_in_a_study(path: Path) -> None:
    with open_store(path, key=KEY) as store:
        store.append(submission(2, municipality="08235085"))
        store.append(submission(3, subject="P-000002"))
        store.append(submission(4, subject=""))
    with past_the_store(path) as raw:
        subjects = [key for (key,) in raw.execute("SELECT subject FROM event ORDER BY number")]
    assert subjects[0] == subjects[1] == subjects[2] == subjects[3]
    assert len(set(subjects)) == 3, subjects
    assert {len(subject) for subject in subjects} == {32}


def test_no_column_of_any_table_holds_what_was_said(path: Path) -> None:
    with past_the_store(path) as raw:
        tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        rows = b"".join(
            value if isinstance(value, bytes) else str(value).encode()
            for table in tables
            if table not in ("form", "form_list")
            for row in raw.execute(f"SELECT * FROM {table}")
            for value in row
        )
    for word in ("P-000001", "müller", "Tippfehler", "pass.png", "offen.png", "/data/a", "bytes"):
        assert word.encode() not in rows, word


@pytest.mark.parametrize("table", ["part", "attachment", "person_key", "person"])
def test_what_cannot_be_opened_is_damage_not_an_answer(path: Path, table: str) -> None:
    column = "wrapped" if table == "person_key" else "sealed"
    with past_the_store(path) as raw:
        raw.execute(f"DROP TRIGGER {table}_no_update")
        raw.execute(f"UPDATE {table} SET {column} = x'7b'")

    def read() -> None:
        with open_store(path, key=KEY) as store:
            list(store.submissions())
            store.attachments.content(submission(9).id, "pass.png")

    with pytest.raises(StoreError) as caught:
        read()
    assert caught.value.code == "store.damaged"


def test_a_closed_draft_leaves_no_rows(path: Path) -> None:
    with open_store(path, key=KEY) as store:
        for info in store.journal.drafts():
            store.journal.record(info.id, "a", 1, {"op": "answer", "path": "/data/a", "value": "x"})
            store.journal.discard(info.id)
    with past_the_store(path) as raw:
        assert raw.execute("SELECT (SELECT count(*) FROM draft), (SELECT count(*) FROM operation)").fetchone() == (0, 0)
