"""The journal inside the SQLite store: every answer is on disk before it is acknowledged.

Drafts are the one thing in a store that goes away: submitted (the submission holds what was answered), discarded, or
erased with their person. What is said in a draft is sealed under a key of its own, undivided.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from intake.store import Attachment, Draft, DraftInfo, Op, Receipt
from intake.store.attachments import SqliteAttachments
from intake.store.connection import Connection, Value
from intake.store.ring import DRAFT
from intake.store.rows import about_draft
from intake.store.sealing import seal
from intake.store.subjects import SqliteKeys
from intake.submission import Submission
from validation.errors import StoreError

KINDS = frozenset(
    ("answer", "add_repeat", "remove_repeat", "attach", "undo", "override", "how", "language", "visit", "setting")
)

_DRAFT_ID = re.compile("[0-9a-f]{32}")
_DRAFT = """
    SELECT d.id, d.form, d.municipality, d.started, d.generation, d.wrapped, d.head,
           coalesce((SELECT max(o.sequence) FROM operation AS o WHERE o.draft = d.id), 0),
           coalesce((SELECT max(o.recorded) FROM operation AS o WHERE o.draft = d.id), d.started)
    FROM draft AS d"""
_LAST = """
    SELECT d.generation, d.wrapped, coalesce((SELECT max(o.sequence) FROM operation AS o WHERE o.draft = d.id), 0)
    FROM draft AS d WHERE d.id = ?"""

Append = Callable[[Submission, Callable[[], Sequence[tuple[Attachment, bytes]]]], Receipt]


class SqliteJournal:
    """`intake.store.Journal` in an encrypted SQLite file. Reached as `store.journal`."""

    def __init__(
        self,
        connection: Connection,
        keys: SqliteKeys,
        stamp: Callable[[], str],
        prepare: Callable[[Submission], object],
        append: Append,
        attachments: SqliteAttachments,
    ) -> None:
        """`append` keeps a submission inside an open transaction, with the files that it asks for when it is new, and
        `prepare` does before what takes long; `stamp` gives the time as it is stored."""
        self._connection = connection
        self._keys = keys
        self._stamp = stamp
        self._prepare = prepare
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
        head = {"author": author, "language": language, "xml": xml}
        with self._connection.transaction():
            self._keys.refresh()
            if not self._connection.execute("SELECT 1 FROM form WHERE hash = ?", (form_hash,)):
                raise StoreError("store.unknown_form", hash=form_hash[:12])
            there = self._connection.execute("SELECT form FROM draft WHERE id = ?", (draft_id,))
            if self.is_closed(draft_id) or (there and there[0][0] != form_hash):
                raise StoreError("store.no_draft")
            if there:
                return self.draft(draft_id)
            key, generation, wrapped = self._keys.new_draft(draft_id)
            self._connection.execute(
                "INSERT INTO draft (id, form, municipality, actor, started, generation, wrapped, head)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    draft_id, form_hash, municipality, self._keys.login.id, started, generation, wrapped,
                    seal(key, json.dumps(head).encode("ascii"), about_draft(draft_id, "head")),
                ),
            )  # fmt: skip
            sequence = 0
            for sequence, payload in enumerate(operations, start=1):
                self._keep(draft_id, key, secrets.token_hex(16), sequence, _written(payload))
            if files_of is not None:
                self._attachments.lend(files_of, draft_id, key)
        moment = datetime.fromisoformat(started)
        return Draft(draft_id, form_hash, municipality, author, language, xml, moment, sequence)

    def draft(self, draft_id: str) -> Draft:
        self._keys.refresh()
        rows = self._connection.execute(_DRAFT + " WHERE d.id = ?", (draft_id,))
        if not rows:
            raise StoreError("store.no_draft")
        found, form, municipality, started, generation, wrapped, sealed, sequence, _ = rows[0]
        head = self._head(str(found), self._keys.draft(str(found), generation, wrapped), sealed)
        return Draft(
            str(found), str(form), str(municipality), head["author"] or "", head["language"] or "", head["xml"],
            datetime.fromisoformat(str(started)), int(sequence or 0),
        )  # fmt: skip

    def drafts(self) -> list[DraftInfo]:
        self._keys.refresh()
        if not self._keys.ring.holds(DRAFT):
            return []
        listed = []
        for row in self._connection.execute(_DRAFT + " ORDER BY d.started, d.id"):
            found, form, municipality, started, generation, wrapped, sealed, sequence, changed = row
            head = self._head(str(found), self._keys.draft(str(found), generation, wrapped), sealed)
            listed.append(
                DraftInfo(
                    str(found), str(form), str(municipality), head["author"] or "", head["language"] or "",
                    datetime.fromisoformat(str(started)), datetime.fromisoformat(str(changed)), int(sequence or 0),
                )
            )  # fmt: skip
        return listed

    def record(self, draft_id: str, op_id: str, sequence: int, payload: Mapping[str, object]) -> int:
        content = _written(payload)
        run = self._connection.execute
        with self._connection.transaction():
            key, last = self._last(draft_id)
            kept = run("SELECT sequence, sealed FROM operation WHERE draft = ? AND op = ?", (draft_id, op_id))
            for known, sealed in kept:
                if self._opened(draft_id, key, f"operation {known!s} {op_id}", sealed) != content:
                    raise StoreError("store.op_reused")
                return int(known or 0)
            if sequence != last + 1:
                raise StoreError("store.stale_draft", last=last, offered=sequence)
            self._keep(draft_id, key, op_id, sequence, content)
        return sequence

    def replay(self, draft_id: str, after: int = 0) -> list[Op]:
        key, _ = self._last(draft_id)
        rows = self._connection.execute(
            "SELECT op, sequence, sealed, recorded FROM operation WHERE draft = ? AND sequence > ? ORDER BY sequence",
            (draft_id, after),
        )
        return [self._op(draft_id, key, row) for row in rows]

    def submit(self, draft_id: str, submission: Submission, *, sequence: int | None = None) -> Receipt:
        run = self._connection.execute
        self._prepare(submission)
        with self._connection.transaction():
            if run("SELECT 1 FROM draft WHERE id = ?", (draft_id,)):
                _, last = self._last(draft_id)
                if sequence is not None and sequence != last:
                    raise StoreError("store.stale_draft", last=last, offered=sequence)
            elif not run(
                "SELECT 1 FROM event WHERE kind = 'submission' AND submission = ? AND version = ?",
                (submission.id, submission.version),
            ):
                raise StoreError("store.no_draft")
            receipt = self._append(submission, lambda: self._attachments.named(draft_id, submission))
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

    def _keep(self, draft_id: str, key: bytes, op_id: str, sequence: int, content: bytes) -> None:
        """Inside a transaction."""
        sealed = seal(key, content, about_draft(draft_id, f"operation {sequence!s} {op_id}"))
        self._connection.execute(
            "INSERT INTO operation (draft, sequence, op, sealed, recorded) VALUES (?, ?, ?, ?, ?)",
            (draft_id, sequence, op_id, sealed, self._stamp()),
        )

    def _last(self, draft_id: str) -> tuple[bytes, int]:
        """The key of a draft and its last sequence."""
        self._keys.refresh()
        rows = self._connection.execute(_LAST, (draft_id,))
        if not rows:
            raise StoreError("store.no_draft")
        generation, wrapped, last = rows[0]
        return self._keys.draft(draft_id, generation, wrapped), int(last or 0)

    def _opened(self, draft_id: str, key: bytes, what: str, sealed: Value) -> bytes:
        return self._keys.unseal(key, sealed, about_draft(draft_id, what))

    def _head(self, draft_id: str, key: bytes, sealed: Value) -> dict[str, str | None]:
        told: dict[str, str | None] = json.loads(self._opened(draft_id, key, "head", sealed))
        return told

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

    def _op(self, draft_id: str, key: bytes, row: tuple[Value, ...]) -> Op:
        op_id, sequence, sealed, recorded = row
        content = json.loads(self._opened(draft_id, key, f"operation {sequence!s} {op_id!s}", sealed))
        return Op(str(op_id), int(sequence or 0), content, datetime.fromisoformat(str(recorded)))


def _written(payload: Mapping[str, object]) -> bytes:
    """An operation as it is stored. ValueError for an unknown kind."""
    if payload.get("op") not in KINDS:
        raise ValueError("an operation is one of " + ", ".join(sorted(KINDS)))
    return json.dumps(payload, sort_keys=True, allow_nan=False).encode("ascii")
