from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from intake.publishing import PublishedForm
from intake.store import migrations, open_store
from intake.store.connection import Connection
from intake.store.migrations import APPLICATION_ID, migrate, steps
from intake.store.ways import founded_before
from intake.submission import Override, Record, canonical
from scenario.stores import KEY, START, divided, new_store, past_the_store, published, submission
from validation.errors import StoreError

BROKEN = """
CREATE TABLE added (a);
CREATE TRIGGER t BEFORE DELETE ON added BEGIN
    SELECT 1;
END;
INSERT INTO nowhere VALUES (1);
"""


RECORD: Record = {"/data/a": "a.png", "/data/name": "Amina", "/data/kind": "s", "/data/note": "leise"}
ENVELOPE: dict[str, object] = {
    "author": "müller", "started": START.isoformat(), "ended": START.isoformat(), "replaces": "uuid:0",
    "overrides": [{"path": "/data/a", "reason": "asked"}], "paradata": '{"seconds": 3}',
}  # fmt: skip
SHA256 = hashlib.sha256(b"bytes").hexdigest()
OLD = [
    ("uuid:1", 1, "08235007", "11", "2026-01-01T00:00:00.000000+00:00"),
    ("uuid:2", 1, "08235085", "22", "2026-01-03T00:00:00.000000+00:00"),
    ("uuid:1", 2, "08235007", "11", "2026-01-02T00:00:00.000000+00:00"),
    ("uuid:3", 1, "08235007", None, "2026-01-04T00:00:00.000000+00:00"),
]


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


PLAIN = "2026-01-01T00:00:00.000000+00:00"
LATER = "2026-01-02T00:00:00.000000+00:00"


def brought_up(path: Path, schema: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bring a store to a schema, not further."""
    old = Connection(path, KEY, wait=1)
    with monkeypatch.context() as patch:
        first = steps()[:schema]
        patch.setattr(migrations, "steps", lambda: first)
        migrate(old, founded_before(KEY))
    assert old.number("PRAGMA user_version") == schema
    old.close()


def schema_of(path: Path) -> set[tuple[str, ...]]:
    """Every table, index and trigger with its text."""
    with past_the_store(path) as raw:
        return set(raw.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema"))


def old_store(path: Path, schema: int, monkeypatch: pytest.MonkeyPatch) -> PublishedForm:
    """A store as a released version with that schema left it: two people, two municipalities, one correction."""
    path.touch(mode=0o600)
    if schema > 3:  # its rows are sealed, by the step that brings them there
        form = old_store(path, 3, monkeypatch)
        brought_up(path, schema, monkeypatch)
        return form
    brought_up(path, schema, monkeypatch)
    form = divided()
    with past_the_store(path) as raw:
        raw.execute(
            "INSERT INTO form (hash, form_id, version, published, xform, workbook, workbook_name)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (form.hash, form.form_id, form.version, PLAIN, form.xform, form.workbook, form.workbook_name),
        )
        raw.execute("INSERT INTO form_list (form, name, content) SELECT hash, ?, ? FROM form", *form.lists.items())
        raw.execute("INSERT INTO subject (key, person) VALUES ('11', 'P-1'), ('22', 'P-2')")
        for number, (submission_id, version, place, subject, moment) in enumerate(OLD, start=1):
            said = {**ENVELOPE, **({"reason": "Tippfehler"} if version > 1 else {})}
            raw.execute(
                "INSERT INTO event (number, kind, submission, version, form, municipality, subject, received, envelope)"
                " VALUES (?, 'submission', ?, ?, ?, ?, ?, ?, ?)",
                (number, submission_id, version, form.hash, place, subject, moment, canonical(said)),
            )
            raw.execute("INSERT INTO part (event, class, content) VALUES (?, 'whole', ?)", (number, canonical(RECORD)))
        raw.execute(
            "INSERT INTO draft (id, form, municipality, author, language, xml, started)"
            " VALUES ('d', ?, '08235007', 'müller', 'de', '<data/>', ?)",
            (form.hash, PLAIN),
        )
        raw.execute("INSERT INTO operation (draft, sequence, op, payload, recorded) VALUES ('d', 1, 'o', ?, ?)",
                    (b'{"op": "answer", "path": "/data/a", "value": "x"}', LATER))  # fmt: skip
        if schema > 1:
            raw.execute("INSERT INTO attachment VALUES ('uuid:1', 'a.png', 1, ?, 5, ?)", (SHA256, b"bytes"))
            raw.execute("INSERT INTO draft_attachment VALUES ('d', 'b.png', ?, 5, ?, ?)", (SHA256, b"bytes", PLAIN))
        if schema > 2:
            raw.execute("INSERT INTO closed_draft VALUES ('gone', 'uuid:1', ?)", (PLAIN,))
    return form


RELEASED = [1, 2, 3, 4, 5]


@pytest.mark.parametrize("schema", RELEASED)
def test_every_way_up_ends_in_the_same_schema(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch, schema: int
) -> None:
    old_store(tmp_path / "old.db", schema, monkeypatch)
    assert schema_of(tmp_path / "old.db") != schema_of(path)
    migrated = Connection(tmp_path / "old.db", KEY, wait=1)
    migrate(migrated, founded_before(KEY))
    assert migrated.execute("PRAGMA foreign_key_check") == []
    assert migrated.number("PRAGMA foreign_keys") == 1, "one step lets go of references"
    migrated.close()
    assert schema_of(tmp_path / "old.db") == schema_of(path)
    with past_the_store(path) as raw:
        told = [
            set(raw.execute(f"SELECT * FROM pragma_foreign_key_list('{each}')")) for each in ("event", "person_key")
        ]
    assert [{row[2] for row in rows} for rows in told] == [{"subject"}, {"subject"}]


@pytest.mark.parametrize("schema", RELEASED)
def test_every_released_schema_comes_up_with_everything_in_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, schema: int
) -> None:
    path = tmp_path / "old.db"
    form = old_store(path, schema, monkeypatch)
    for _ in range(2):
        with open_store(path, key=KEY) as store:
            assert store.forms() == (form,)
            found = [(each.number, each.submission, each.version, each.municipality, each.subject, each.received)
                     for each in store.entries()]  # fmt: skip
            assert found == [
                (number, *told[:3], {"11": "P-1", "22": "P-2"}.get(told[3] or "", ""), datetime.fromisoformat(told[4]))
                for number, told in enumerate(OLD, start=1)
            ]
            first, second = store.history("uuid:1")
            assert (first.record, first.author, first.reason, second.reason) == (RECORD, "müller", None, "Tippfehler")
            assert first.overrides == (Override("/data/a", "asked"),)
            assert (first.paradata, first.started, first.replaces) == ({"seconds": 3}, START, "uuid:0")
            assert store.verify() == []
            assert [(each.id, each.author, each.sequence) for each in store.journal.drafts()] == [("d", "müller", 1)]
            assert store.journal.draft("d").xml == "<data/>"
            assert [(op.payload["value"], op.recorded) for op in store.journal.replay("d")] == [
                ("x", datetime.fromisoformat(LATER))
            ]
            assert store.journal.is_closed("gone") == (schema > 2)
            if schema > 1:
                assert store.attachments.content("uuid:1", "a.png") == b"bytes"
                assert store.attachments.content("d", "b.png") == b"bytes"
            again = replace(second, received=None)
            assert store.append(again).number == 3, "what came before the step is still the same submission"
    with past_the_store(path) as raw:
        classes = raw.execute("SELECT class FROM part WHERE event = 1 ORDER BY class").fetchall()
        assert classes == [("general",), ("identity",), ("special",), ("staff",)]
        assert not raw.execute("SELECT name FROM sqlite_schema WHERE name LIKE 'old%'").fetchall()


@pytest.mark.parametrize(("table", "column"), [("part", "sealed"), ("attachment", "head")])
def test_the_fifth_step_keeps_what_was_sealed_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, column: str
) -> None:
    """Parts and a file that a later event wrote are found by it before and after, and so is one that was changed."""
    path, newer = tmp_path / "old.db", divided("2", a="special")
    old_store(path, 4, monkeypatch)
    with monkeypatch.context() as patch:
        four = steps()[:4]
        patch.setattr(migrations, "steps", lambda: four)
        patch.setattr("intake.store.opening.steps", lambda: four)
        with open_store(path, key=KEY) as store:
            store.publish(newer)
            event = store.reseal(newer.hash)
            before = list(store.links())
    assert event is not None
    with open_store(path, key=KEY) as store:
        assert store.verify() == []
        assert list(store.links()) == before
        assert store.attachments.content("uuid:1", "a.png") == b"bytes"
    with past_the_store(path) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (len(steps()),)
        raw.execute(f"DROP TRIGGER {table}_no_update")
        raw.execute(
            f"UPDATE {table} SET {column} = zeroblob(40) WHERE rowid ="
            f" (SELECT rowid FROM {table} WHERE written_by = ? AND event <> written_by LIMIT 1)",
            (event.number,),
        )
    with open_store(path, key=KEY) as store:
        assert [(each.number, each.kind) for each in store.verify()] == [(event.number, "content")]


def test_a_store_of_an_old_schema_goes_on_with_its_drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    form = old_store(tmp_path / "old.db", 1, monkeypatch)
    with open_store(tmp_path / "old.db", key=KEY) as store:
        store.attachments.put("d", "pass.png", b"bytes")
        sent = submission(9, form=form, record={"/data/a": "pass.png"}, subject="P-2")
        receipt = store.journal.submit("d", sent)
        assert store.attachments.content(receipt.submission, "pass.png") == b"bytes"
        assert store.journal.is_closed("d")
        assert store.subject_of("P-2") == "22", "a person stays the same subject"


def test_a_crash_while_everything_is_sealed_leaves_the_schema_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.db"
    old_store(path, 3, monkeypatch)
    run, left = Connection.execute, 0

    def broken(self: Connection, statement: str, *values: object) -> object:
        nonlocal left
        left -= statement.startswith(("INSERT", "DROP TABLE"))
        if left == 0:
            raise KeyboardInterrupt
        return run(self, statement, *values)  # type: ignore[arg-type]

    for stop in (1, 15, 30, 40):
        left = stop
        with monkeypatch.context() as patch:
            patch.setattr(Connection, "execute", broken)
            with pytest.raises(KeyboardInterrupt):
                open_store(path, key=KEY)
        with past_the_store(path) as raw:
            assert raw.execute("PRAGMA user_version").fetchone() == (3,)
            assert raw.execute("SELECT count(*) FROM event WHERE length(envelope) > 0").fetchone() == (len(OLD),)
    with open_store(path, key=KEY) as store:
        assert store.count() == 3


def test_a_step_that_breaks_leaves_the_step_before(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "steps", lambda: (*steps(), BROKEN))
        connection = Connection(path, KEY, wait=1)
        with pytest.raises(Exception, match="nowhere"):
            migrate(connection, founded_before(KEY))
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
