"""The journal of a team's store: every answer is sealed, on the server and committed before it is acknowledged.

A draft has a key of its own, wrapped by the key of all drafts, so that it goes on at another computer.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from intake.store import Attachment, Draft, DraftInfo, Op, Receipt
from intake.store.journal import KINDS
from intake.store.postgres.attachments import TeamAttachments
from intake.store.postgres.connection import Connection, Row
from intake.store.postgres.persons import Persons
from intake.store.postgres.whom import changes_whom, whom
from intake.store.ring import DRAFT
from intake.store.rows import about_draft
from intake.store.sealing import new_key, seal, unseal
from intake.submission import Submission
from validation.errors import StoreError

_DRAFT_ID = re.compile("[0-9a-f]{32}")


class Appending(Protocol):
    """Keeps a submission with its files inside a transaction that has begun to write."""

    def __call__(self, submission: Submission, files: Sequence[tuple[Attachment, bytes]] = ()) -> Receipt: ...


class TeamJournal:
    """`intake.store.Journal` in PostgreSQL. Reached as `store.journal`."""

    def __init__(
        self,
        connection: Connection,
        persons: Persons,
        attachments: TeamAttachments,
        stamp: Callable[[], str],
        append: Appending,
    ) -> None:
        self._connection = connection
        self._persons = persons
        self._attachments = attachments
        self._stamp = stamp
        self._append = append

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
        draft_id, told, key = draft_id or secrets.token_hex(16), self._stamp(), new_key()
        given = [(secrets.token_hex(16), payload) for payload in operations]
        ops = [(op, _written(payload)) for op, payload in given]
        with self._connection.transaction():
            self._persons.begin()
            ring = self._persons.ring
            files = self._attachments.lent(files_of) if files_of is not None else []
            sealed = [
                self._attachments.sealed(draft_id, key, place, each, content)
                for place, (each, content) in enumerate(files, start=1)
            ]
            head = json.dumps({"author": author, "language": language, "xml": xml}).encode()
            self._connection.call(
                "draft_begin", draft_id, form_hash, municipality, told, ring.generation(DRAFT),
                seal(ring.key(DRAFT), key, about_draft(draft_id, "key")),
                seal(key, head, about_draft(draft_id, "head")), self._persons.codes(*whom(xml, given)),
                [op for op, _ in ops],
                [seal(key, text, _about(draft_id, number, op)) for number, (op, text) in enumerate(ops, start=1)],
                [head for head, _ in sealed], [content for _, content in sealed],
            )  # fmt: skip
            return self.draft(draft_id)

    def draft(self, draft_id: str) -> Draft:
        rows = self._connection.call("draft_rows", draft_id)
        if not rows:
            raise StoreError("store.no_draft")
        row = rows[0]
        head = self._head(row)
        return Draft(
            id=row[0],
            form_hash=row[1],
            municipality=row[2],
            author=head["author"],
            language=head["language"],
            xml=head["xml"],
            started=datetime.fromisoformat(row[4]),
            sequence=row[8],
        )

    def drafts(self) -> list[DraftInfo]:
        found = []
        for row in self._connection.call("draft_rows", None):
            head = self._head(row)
            found.append(
                DraftInfo(
                    id=row[0],
                    form_hash=row[1],
                    municipality=row[2],
                    author=head["author"],
                    language=head["language"],
                    started=datetime.fromisoformat(row[4]),
                    changed=datetime.fromisoformat(row[9]),
                    sequence=row[8],
                )
            )
        return found

    def open_by(self) -> dict[str, tuple[str, datetime]]:
        """{draft: the login that did the last thing in it, and when}."""
        rows = self._connection.call("draft_rows", None)
        return {row[0]: (row[10], datetime.fromisoformat(row[9])) for row in rows}

    def record(self, draft_id: str, op_id: str, sequence: int, payload: Mapping[str, object]) -> int:
        text = _written(payload)
        key = self._attachments.draft_key(draft_id)
        sealed = seal(key, text, _about(draft_id, sequence, op_id))
        about = self._about_after(draft_id, op_id, payload) if changes_whom(payload) else None
        ((kept, before),) = self._connection.call(
            "draft_record", draft_id, op_id, sequence, sealed, self._stamp(), about
        )
        if before is not None and unseal(key, before, _about(draft_id, kept, op_id)) != text:
            raise StoreError("store.op_reused")
        return int(kept)

    def replay(self, draft_id: str, after: int = 0) -> list[Op]:
        key = self._attachments.draft_key(draft_id)
        return [
            Op(
                op,
                number,
                json.loads(unseal(key, sealed, _about(draft_id, number, op))),
                datetime.fromisoformat(recorded),
            )
            for op, number, sealed, recorded in self._connection.call("draft_operations", draft_id, after)
        ]

    def submit(self, draft_id: str, submission: Submission, *, sequence: int | None = None) -> Receipt:
        with self._connection.transaction():
            self._persons.begin()
            if not self._connection.call("draft_rows", draft_id):
                if all(row[1] != submission.version for row in self._connection.call("versions", submission.id)):
                    raise StoreError("store.no_draft")
                return self._append(submission)
            ((last,),) = self._connection.call("draft_last", draft_id)
            if sequence is not None and sequence != last:
                raise StoreError("store.stale_draft", last=last, offered=sequence)
            receipt = self._append(submission, self._attachments.handed_over(draft_id, submission))
            self._connection.call("draft_close", draft_id, submission.id, self._stamp())
        return receipt

    def discard(self, draft_id: str) -> None:
        self._connection.call("draft_close", draft_id, None, self._stamp())

    def is_closed(self, draft_id: str) -> bool:
        return bool(self._connection.call("draft_closed", draft_id))

    def became(self, draft_id: str) -> str | None:
        rows = self._connection.call("draft_closed", draft_id)
        return rows[0][0] if rows else None

    def _about_after(self, draft_id: str, op_id: str, payload: Mapping[str, object]) -> list[bytes]:
        """The codes of whom a draft is about once this operation is kept."""
        before = [(op.op_id, op.payload) for op in self.replay(draft_id)]
        return self._persons.codes(*whom(self.draft(draft_id).xml, [*before, (op_id, payload)]))

    def _head(self, row: Row) -> dict[str, Any]:
        key = self._attachments.unwrapped(row[0], row[5], row[6])
        try:
            told = json.loads(unseal(key, row[7], about_draft(row[0], "head")))
        except ValueError as error:
            raise StoreError("store.damaged", path=self._connection.path) from error
        return {"author": told["author"], "language": told["language"], "xml": told["xml"]}


def _about(draft_id: str, sequence: int, op_id: str) -> str:
    return about_draft(draft_id, f"operation {sequence} {op_id}")


def _written(payload: Mapping[str, object]) -> bytes:
    """An operation as it is sealed. ValueError for an unknown kind."""
    if payload.get("op") not in KINDS:
        raise ValueError("an operation is one of " + ", ".join(sorted(KINDS)))
    return json.dumps(payload, sort_keys=True, allow_nan=False).encode("ascii")
