"""Files that were handed in, inside the SQLite store: with their draft while it is open, then with its submission."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from intake.store import Attachment
from intake.store.connection import Connection
from intake.submission import Submission
from validation.errors import StoreError

_LISTED = "SELECT name, sha256, size FROM {table} WHERE {owner} = ? ORDER BY rowid"
_TABLES = (("draft_attachment", "draft"), ("attachment", "submission"))


class SqliteAttachments:
    """`intake.store.Attachments` in an encrypted SQLite file. Reached as `store.attachments`."""

    def __init__(self, connection: Connection, stamp: Callable[[], str]) -> None:
        """`stamp` gives the time as it is stored."""
        self._connection = connection
        self._stamp = stamp

    def put(self, draft_id: str, name: str, content: bytes) -> Attachment:
        name = unicodedata.normalize("NFC", name)
        made = Attachment(name, hashlib.sha256(content).hexdigest(), len(content))
        run = self._connection.execute
        with self._connection.transaction():
            if not run("SELECT 1 FROM draft WHERE id = ?", (draft_id,)):
                raise StoreError("store.no_draft")
            for known in run("SELECT sha256 FROM draft_attachment WHERE draft = ? AND name = ?", (draft_id, name)):
                if known[0] != made.sha256:
                    raise StoreError("store.name_taken")
                return made
            run(
                "INSERT INTO draft_attachment (draft, name, sha256, size, content, added) VALUES (?, ?, ?, ?, ?, ?)",
                (draft_id, name, made.sha256, made.size, content, self._stamp()),
            )
        return made

    def listed(self, owner: str) -> tuple[Attachment, ...]:
        rows = [
            row
            for table, column in _TABLES
            for row in self._connection.execute(_LISTED.format(table=table, owner=column), (owner,))
        ]
        return tuple(Attachment(str(name), str(sha256), int(size or 0)) for name, sha256, size in rows)

    def content(self, owner: str, name: str) -> bytes:
        name = unicodedata.normalize("NFC", name)
        for table, column in _TABLES:
            statement = f"SELECT content FROM {table} WHERE {column} = ? AND name = ?"  # noqa: S608 - names of ours
            for (found,) in self._connection.execute(statement, (owner, name)):
                if isinstance(found, bytes):
                    return found
        raise StoreError("store.no_attachment")

    # --- inside an open transaction of the journal

    def hand_over(self, draft_id: str, submission: Submission, event: int) -> None:
        """Give the files that the record names to the submission. StoreError 'store.name_taken' when another file has
        the name in an earlier version of it."""
        run = self._connection.execute
        named = set(_texts(submission.record))
        kept = {each.name: each.sha256 for each in self.listed(submission.id)}
        for each in self.listed(draft_id):
            if each.name not in named:
                continue
            if each.name in kept:
                if kept[each.name] != each.sha256:
                    raise StoreError("store.name_taken")
                continue
            run(
                "INSERT INTO attachment (submission, name, event, sha256, size, content)"
                " SELECT ?, name, ?, sha256, size, content FROM draft_attachment WHERE draft = ? AND name = ?",
                (submission.id, event, draft_id, each.name),
            )

    def lend(self, submission_id: str, draft_id: str) -> None:
        """Give a new draft the files of a submission; both have them."""
        self._connection.execute(
            "INSERT INTO draft_attachment (draft, name, sha256, size, content, added)"
            " SELECT ?, name, sha256, size, content, ? FROM attachment WHERE submission = ? ORDER BY rowid",
            (draft_id, self._stamp(), submission_id),
        )

    def drop(self, draft_id: str) -> None:
        """Delete the files of a draft."""
        self._connection.execute("DELETE FROM draft_attachment WHERE draft = ?", (draft_id,))


def _texts(record: Mapping[str, object]) -> Iterator[str]:
    """Every text of a record, in NFC."""
    for value in record.values():
        if isinstance(value, str):
            yield unicodedata.normalize("NFC", value)
        elif isinstance(value, list):
            for inner in value:
                yield from _texts(inner)
