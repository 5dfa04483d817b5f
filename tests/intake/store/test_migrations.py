from __future__ import annotations

from pathlib import Path

import pytest

from intake.store import migrations, open_store
from intake.store.connection import Connection
from intake.store.migrations import APPLICATION_ID, migrate, steps
from scenario.stores import KEY, new_store, past_the_store, published, submission
from validation.errors import StoreError

BROKEN = """
CREATE TABLE added (a);
CREATE TRIGGER t BEFORE DELETE ON added BEGIN
    SELECT 1;
END;
INSERT INTO nowhere VALUES (1);
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    with new_store(path) as store:
        store.append(submission())
    return path


def test_a_new_store_has_the_present_schema(path: Path) -> None:
    with past_the_store(path) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (len(steps()),)
        assert raw.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


def test_steps_are_numbered_without_gaps() -> None:
    names = sorted(file.name for file in (Path(migrations.__file__).parent / "sql").glob("*.sql"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    assert len(steps()) == len(names)


def test_a_later_step_is_taken_on_opening_and_keeps_what_is_there(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later = (*steps(), "CREATE TABLE added (a);\n-- a comment; with a semicolon\nINSERT INTO added VALUES (';');\n")
    monkeypatch.setattr(migrations, "steps", lambda: later)
    monkeypatch.setattr("intake.store.opening.steps", lambda: later)
    for _ in range(2):
        with open_store(path, key=KEY) as store:
            assert store.count() == 1
            assert store.forms() == (published(),)
    with past_the_store(path) as raw:
        assert raw.execute("SELECT * FROM added").fetchall() == [(";",)]
        assert raw.execute("PRAGMA user_version").fetchone() == (len(later),)


def test_a_store_of_the_first_schema_keeps_its_data_and_takes_attachments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = steps()[:1]
    (tmp_path / "old.db").touch(mode=0o600)
    old = Connection(tmp_path / "old.db", KEY, wait=1)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "steps", lambda: first)
        migrate(old)
    old.close()
    with past_the_store(tmp_path / "old.db") as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (1,)
        form = published()
        raw.execute(
            "INSERT INTO form (hash, form_id, version, published, xform, workbook, workbook_name)"
            " VALUES (?, ?, ?, '2026-01-01T00:00:00.000000+00:00', ?, ?, ?)",
            (form.hash, form.form_id, form.version, form.xform, form.workbook, form.workbook_name),
        )
        raw.execute("INSERT INTO form_list (form, name, content) SELECT hash, ?, ? FROM form", *form.lists.items())
        raw.execute(
            "INSERT INTO draft (id, form, municipality, author, language, started)"
            " SELECT 'd', hash, '', '', 'de', '2026-01-01T00:00:00.000000+00:00' FROM form"
        )
        raw.execute(
            "INSERT INTO operation (draft, sequence, op, payload, recorded)"
            " VALUES ('d', 1, 'o', ?, '2026-01-01T00:00:00.000000+00:00')",
            (b'{"op": "answer", "path": "/data/a", "value": "x"}',),
        )
    with open_store(tmp_path / "old.db", key=KEY) as store:
        assert store.forms() == (form,)
        assert [each.id for each in store.journal.drafts()] == ["d"]
        assert [op.payload["value"] for op in store.journal.replay("d")] == ["x"]
        store.attachments.put("d", "pass.png", b"bytes")
        receipt = store.journal.submit("d", submission(record={"/data/a": "pass.png"}))
        assert store.attachments.content(receipt.submission, "pass.png") == b"bytes"
        assert store.journal.is_closed("d")


def test_a_step_that_breaks_leaves_the_step_before(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "steps", lambda: (*steps(), BROKEN))
        connection = Connection(path, KEY, wait=1)
        with pytest.raises(Exception, match="nowhere"):
            migrate(connection)
        connection.close()
    with past_the_store(path) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (len(steps()),)
        assert raw.execute("SELECT count(*) FROM sqlite_schema WHERE name IN ('added', 't')").fetchone() == (0,)
    with open_store(path, key=KEY) as store:
        assert store.count() == 1


def test_a_newer_schema_is_not_touched(path: Path) -> None:
    with past_the_store(path) as raw:
        raw.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="99"):
        open_store(path, key=KEY)
