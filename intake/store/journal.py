"""The journal inside the SQLite store: every answer is on disk before it is acknowledged.

Drafts are the one thing in a store that goes away: submitted (the submission holds what was answered) or discarded.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from intake.store import Draft, DraftInfo, Op, Receipt
from intake.store.attachments import SqliteAttachments
from intake.store.connection import Connection, Value
from intake.submission import Submission
from validation.errors import StoreError

KINDS = frozenset(
    ("answer", "add_repeat", "remove_repeat", "attach", "undo", "override", "language", "visit", "setting")
)

_DRAFT_ID = re.compile("[0-9a-f]{32}")
_DRAFT = """
    SELECT d.id, d.form, d.municipality, d.author, d.language, d.started,
           coalesce((SELECT max(o.sequence) FROM operation AS o WHERE o.draft = d.id), 0)"""
_CHANGED = ", coalesce((SELECT max(o.recorded) FROM operation AS o WHERE o.draft = d.id), d.started)"


class SqliteJournal:
    """`intake.store.Journal` in an encrypted SQLite file. Reached as `store.journal`."""

    def __init__(
        self,
        connection: Connection,
        stamp: Callable[[], str],
        append: Callable[[Submission], Receipt],
        attachments: SqliteAttachments,
    ) -> None:
        """`append` keeps a submission inside an open transaction; `stamp` gives the time as it is stored."""
        self._connection = connection
        self._stamp = stamp
        self._append = append
        self._attachments = attachments

    def start(
        self,
        form_hash: str,
        municipality: str,
        author: str,
        language: str,
        xml: str | None = None,
        *,
        draft_id: str | None = None,
        operations: Iterable[Mapping[str, object]] = (),
        files_of: str | None = None,
    ) -> Draft:
        if draft_id is not None and not _DRAFT_ID.fullmatch(draft_id):
            raise ValueError("the id of a draft is 32 hexadecimal digits")
        draft_id, started = draft_id or secrets.token_hex(16), self._stamp()
        with self._connection.transaction():
            if not self._connection.execute("SELECT 1 FROM form WHERE hash = ?", (form_hash,)):
                raise StoreError("store.unknown_form", hash=form_hash[:12])
            there = self._connection.execute("SELECT form FROM draft WHERE id = ?", (draft_id,))
            if self.is_closed(draft_id) or (there and there[0][0] != form_hash):
                raise StoreError("store.no_draft")
            if there:
                return self.draft(draft_id)
            self._connection.execute(
                "INSERT INTO draft (id, form, municipality, author, language, xml, started)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (draft_id, form_hash, municipality, author, language, xml, started),
            )
            sequence = 0
            for sequence, payload in enumerate(operations, start=1):
                self._keep(draft_id, secrets.token_hex(16), sequence, _written(payload))
            if files_of is not None:
                self._attachments.lend(files_of, draft_id)
        moment = datetime.fromisoformat(started)
        return Draft(draft_id, form_hash, municipality, author, language, xml, moment, sequence)

    def draft(self, draft_id: str) -> Draft:
        rows = self._connection.execute(_DRAFT + ", d.xml FROM draft AS d WHERE d.id = ?", (draft_id,))
        if not rows:
            raise StoreError("store.no_draft")
        ((found, form, municipality, author, language, started, sequence, xml),) = rows
        return Draft(
            id=str(found),
            form_hash=str(form),
            municipality=str(municipality),
            author=str(author),
            language=str(language),
            xml=None if xml is None else str(xml),
            started=datetime.fromisoformat(str(started)),
            sequence=int(sequence or 0),
        )

    def drafts(self) -> list[DraftInfo]:
        rows = self._connection.execute(_DRAFT + _CHANGED + " FROM draft AS d ORDER BY d.started, d.id")
        return [
            DraftInfo(
                id=str(found),
                form_hash=str(form),
                municipality=str(municipality),
                author=str(author),
                language=str(language),
                started=datetime.fromisoformat(str(started)),
                changed=datetime.fromisoformat(str(changed)),
                sequence=int(sequence or 0),
            )
            for found, form, municipality, author, language, started, sequence, changed in rows
        ]

    def record(self, draft_id: str, op_id: str, sequence: int, payload: Mapping[str, object]) -> int:
        content = _written(payload)
        run = self._connection.execute
        with self._connection.transaction():
            last = self._last(draft_id)
            kept = run("SELECT sequence, payload FROM operation WHERE draft = ? AND op = ?", (draft_id, op_id))
            if kept:
                if kept[0][1] != content:
                    raise StoreError("store.op_reused")
                return int(kept[0][0] or 0)
            if sequence != last + 1:
                raise StoreError("store.stale_draft", last=last, offered=sequence)
            self._keep(draft_id, op_id, sequence, content)
        return sequence

    def replay(self, draft_id: str, after: int = 0) -> list[Op]:
        self.draft(draft_id)
        rows = self._connection.execute(
            "SELECT op, sequence, payload, recorded FROM operation WHERE draft = ? AND sequence > ? ORDER BY sequence",
            (draft_id, after),
        )
        return [self._op(row) for row in rows]

    def submit(self, draft_id: str, submission: Submission, *, sequence: int | None = None) -> Receipt:
        run = self._connection.execute
        with self._connection.transaction():
            if run("SELECT 1 FROM draft WHERE id = ?", (draft_id,)):
                last = self._last(draft_id)
                if sequence is not None and sequence != last:
                    raise StoreError("store.stale_draft", last=last, offered=sequence)
            elif not run(
                "SELECT 1 FROM event WHERE submission = ? AND version = ?", (submission.id, submission.version)
            ):
                raise StoreError("store.no_draft")
            receipt = self._append(submission)
            self._attachments.hand_over(draft_id, submission, receipt.number)
            self._close(draft_id, submission.id)
        return receipt

    def discard(self, draft_id: str) -> None:
        with self._connection.transaction():
            self._last(draft_id)
            self._close(draft_id, None)

    def is_closed(self, draft_id: str) -> bool:
        return bool(self._connection.execute("SELECT 1 FROM closed_draft WHERE draft = ?", (draft_id,)))

    def became(self, draft_id: str) -> str | None:
        rows = self._connection.execute("SELECT submission FROM closed_draft WHERE draft = ?", (draft_id,))
        return str(rows[0][0]) if rows and rows[0][0] is not None else None

    def _keep(self, draft_id: str, op_id: str, sequence: int, content: bytes) -> None:
        """Inside a transaction."""
        self._connection.execute(
            "INSERT INTO operation (draft, sequence, op, payload, recorded) VALUES (?, ?, ?, ?, ?)",
            (draft_id, sequence, op_id, content, self._stamp()),
        )

    def _last(self, draft_id: str) -> int:
        rows = self._connection.execute(_DRAFT + " FROM draft AS d WHERE d.id = ?", (draft_id,))
        if not rows:
            raise StoreError("store.no_draft")
        return int(rows[0][6] or 0)

    def _close(self, draft_id: str, submission: str | None) -> None:
        """Inside a transaction; closing again changes nothing."""
        if not self.is_closed(draft_id):
            self._connection.execute(
                "INSERT INTO closed_draft (draft, submission, closed) VALUES (?, ?, ?)",
                (draft_id, submission, self._stamp()),
            )
        self._attachments.drop(draft_id)
        self._connection.execute("DELETE FROM operation WHERE draft = ?", (draft_id,))
        self._connection.execute("DELETE FROM draft WHERE id = ?", (draft_id,))

    def _op(self, row: tuple[Value, ...]) -> Op:
        op_id, sequence, payload, recorded = row
        try:
            content = json.loads(payload if isinstance(payload, bytes) else b"")
        except ValueError as error:
            raise StoreError("store.damaged", path=self._connection.path) from error
        return Op(str(op_id), int(sequence or 0), content, datetime.fromisoformat(str(recorded)))


def _written(payload: Mapping[str, object]) -> bytes:
    """An operation as it is stored. ValueError for an unknown kind."""
    if payload.get("op") not in KINDS:
        raise ValueError("an operation is one of " + ", ".join(sorted(KINDS)))
    return json.dumps(payload, sort_keys=True, allow_nan=False).encode("ascii")
