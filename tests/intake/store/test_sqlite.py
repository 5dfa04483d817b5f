"""What only the file can show: append-only by trigger, and which columns are plain."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlcipher3

from intake.store import open_store
from intake.submission import canonical
from scenario.stores import KEY, new_store, past_the_store, published, submission
from validation.errors import StoreError

APPEND_ONLY = {
    "form": "hash",
    "form_list": "name",
    "subject": "person",
    "event": "received",
    "part": "content",
    "attachment": "content",
    "closed_draft": "closed",
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
    assert tables == {*APPEND_ONLY, "draft", "operation", "draft_attachment"}


def test_plain_columns_hold_no_person_no_author_and_no_reason(path: Path) -> None:
    with past_the_store(path) as raw:
        columns = [name for _, name, *_ in raw.execute("PRAGMA table_info(event)")]
        rows = raw.execute("SELECT * FROM event").fetchall()
    assert columns == [
        "number",
        "kind",
        "submission",
        "version",
        "form",
        "municipality",
        "subject",
        "received",
        "envelope",
    ]
    plain = repr([row[:-1] for row in rows])
    for word in ("P-000001", "müller", "Tippfehler"):
        assert word not in plain


def test_a_person_has_one_random_subject_in_a_study(path: Path) -> None:
    with open_store(path, key=KEY) as store:
        store.append(submission(2, municipality="08235085"))
        store.append(submission(3, subject="P-000002"))
        store.append(submission(4, subject=""))
    with past_the_store(path) as raw:
        subjects = [key for (key,) in raw.execute("SELECT subject FROM event ORDER BY number")]
    assert subjects[0] == subjects[1] == subjects[2] == subjects[3]
    assert len(set(subjects)) == 3
    assert subjects[5] is None
    assert len(subjects[0]) == 32


def test_the_record_is_kept_as_canonical_json(path: Path) -> None:
    with past_the_store(path) as raw:
        found = raw.execute("SELECT class, content FROM part ORDER BY event").fetchall()
    assert found[:2] == [("whole", canonical(submission(1).record))] * 2


def test_a_record_that_cannot_be_read_is_damage_not_an_answer(path: Path) -> None:
    with past_the_store(path) as raw:
        raw.execute("DROP TRIGGER part_no_update")
        raw.execute("UPDATE part SET content = x'7b'")
    with open_store(path, key=KEY) as store, pytest.raises(StoreError, match="beschädigt"):
        list(store.submissions())


def test_a_closed_draft_leaves_no_rows(path: Path) -> None:
    with open_store(path, key=KEY) as store:
        for info in store.journal.drafts():
            store.journal.record(info.id, "a", 1, {"op": "answer", "path": "/data/a", "value": "x"})
            store.journal.discard(info.id)
    with past_the_store(path) as raw:
        assert raw.execute("SELECT (SELECT count(*) FROM draft), (SELECT count(*) FROM operation)").fetchone() == (0, 0)
