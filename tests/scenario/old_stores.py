"""Stores as earlier releases left them: by the released scripts, with rows as those releases wrote them."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path
from unittest import mock

import sqlcipher3

from intake.store import migrations
from intake.store.connection import Connection
from intake.store.migrations import APPLICATION_ID
from intake.store.ways import founded_before
from intake.submission import Record, Submission, canonical
from scenario.promises import SCAN, corrected, sent
from scenario.stores import KEY, past_the_store, published

SCHEMAS = (1, 2, 3, 4, 5)
"""Every schema before the present one. Those from the fourth on, in which the answers are sealed, are made from the
third."""

_THEN = "2026-03-02T09:00:00.000000+00:00"
_DRAFT = "d" * 32
_PLAIN = 3
"""The last schema before the answers were sealed."""


def old_store(path: Path, schema: int, count: int) -> list[list[str]]:
    """Make a store of an earlier schema with so many submissions, and what was acknowledged (`scenario.promises`)."""
    if schema > _PLAIN:
        plain = old_store(path, _PLAIN, count)
        _bring_up(path, schema)
        return plain
    path.touch(mode=0o600)
    with past_the_store(path) as raw:
        raw.execute("PRAGMA journal_mode = WAL")
        scripts = sorted(each.name for each in files("intake.store").joinpath("sql").iterdir() if each.name[:1] == "0")
        for name in scripts[:schema]:
            raw.executescript(files("intake.store").joinpath("sql", name).read_text(encoding="utf-8"))
        raw.execute(f"PRAGMA user_version = {schema}")
        raw.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        raw.execute("BEGIN")
        _publish(raw)
        said: list[list[str]] = []
        for number in range(count):
            if number % 3 or schema > 1:  # files of an interview came with the second schema
                said += _hand_in(raw, number)
        said += _leave_open(raw, schema)
        raw.execute("COMMIT")
    return said


def _bring_up(path: Path, schema: int) -> None:
    """As the releases did that went so far and no further."""
    connection, first = Connection(path, KEY, wait=5), migrations.steps()[:schema]
    with mock.patch.object(migrations, "steps", return_value=first):
        migrations.migrate(connection, founded_before(KEY))
    connection.empty_log()
    connection.close()


def _publish(raw: sqlcipher3.Connection) -> None:
    form = published()
    raw.execute(
        "INSERT INTO form (hash, form_id, version, published, xform, workbook, workbook_name)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (form.hash, form.form_id, form.version, _THEN, form.xform, form.workbook, form.workbook_name),
    )
    for name, content in form.lists.items():
        raw.execute("INSERT INTO form_list (form, name, content) VALUES (?, ?, ?)", (form.hash, name, content))


def _hand_in(raw: sqlcipher3.Connection, number: int) -> list[list[str]]:
    first = sent("a", number)
    event = _version(raw, first)
    if number % 3 == 0:
        raw.execute(
            "INSERT INTO attachment (submission, name, event, sha256, size, content) VALUES (?, ?, ?, ?, ?, ?)",
            (first.id, f"{number}.png", event, hashlib.sha256(SCAN).hexdigest(), len(SCAN), SCAN),
        )
    if number % 5:
        return [["submitted", first.id]]
    _version(raw, corrected("a", number))
    return [["submitted", first.id], ["corrected", first.id]]


def _version(raw: sqlcipher3.Connection, one: Submission) -> int:
    """As `SqliteStore._append` did until the third schema."""
    subject = hashlib.sha256(one.subject.encode()).hexdigest()[:32]
    raw.execute("INSERT OR IGNORE INTO subject (key, person) SELECT ?, ? WHERE NOT EXISTS"
                " (SELECT 1 FROM subject WHERE person = ?)", (subject, one.subject, one.subject))  # fmt: skip
    envelope: Record = {"author": one.author, "started": one.started.isoformat(), "ended": one.ended.isoformat()}
    if one.reason is not None:
        envelope["reason"] = one.reason
    ((event,),) = raw.execute(
        "INSERT INTO event (kind, submission, version, form, municipality, subject, received, envelope)"
        " VALUES ('submission', ?, ?, ?, ?, ?, ?, ?) RETURNING number",
        (one.id, one.version, one.form_hash, one.municipality, subject, _THEN, canonical(envelope)),
    ).fetchall()
    raw.execute("INSERT INTO part (event, class, content) VALUES (?, 'whole', ?)", (event, canonical(one.record)))
    return int(event)


def _leave_open(raw: sqlcipher3.Connection, schema: int) -> list[list[str]]:
    """A draft that nobody has submitted yet."""
    raw.execute(
        "INSERT INTO draft (id, form, municipality, author, language, xml, started)"
        " VALUES (?, ?, '08235007', 'müller', 'de', '<data/>', ?)",
        (_DRAFT, published().hash, _THEN),
    )
    payload = b'{"op": "answer", "path": "/data/a", "value": "w"}'
    for step in (1, 2):
        raw.execute(
            "INSERT INTO operation (draft, sequence, op, payload, recorded) VALUES (?, ?, ?, ?, ?)",
            (_DRAFT, step, f"op-{step}", payload, _THEN),
        )
    said = [["kept", _DRAFT, "op-1"], ["kept", _DRAFT, "op-2"]]
    if schema > 1:
        raw.execute(
            "INSERT INTO draft_attachment (draft, name, sha256, size, content, added) VALUES (?, 'a.png', ?, ?, ?, ?)",
            (_DRAFT, hashlib.sha256(SCAN).hexdigest(), len(SCAN), SCAN, _THEN),
        )
        said.append(["attached", _DRAFT, "a.png"])
    return said
