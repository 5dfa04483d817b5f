"""Files that were handed in, inside the SQLite store: with their draft while it is open, then with its submission.

Names and contents are sealed: with the draft's key, then under the person's key of the class that the question has
which names the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from intake.store import Attachment
from intake.store.connection import Connection, Value
from intake.store.events import File
from intake.store.rows import about_draft, about_file, head_of, head_text, named_by, nfc
from intake.store.sealing import seal
from intake.store.subjects import SqliteKeys
from intake.submission import Submission
from validation.errors import StoreError

_OF_DRAFT = """
    SELECT d.generation, d.wrapped, a.place, a.head
    FROM draft AS d JOIN draft_attachment AS a ON a.draft = d.id
    WHERE d.id = ? ORDER BY a.place"""

_OF_SUBMISSION = """
    SELECT e.version, e.subject, a.event, a.place, a.written_by, a.class, a.head, k.generation, k.wrapped
    FROM event AS e
    JOIN attachment AS a ON a.event = e.number
    LEFT JOIN person_key AS k ON k.subject = e.subject AND k.name = a.class AND k.since <= a.written_by
    WHERE e.kind = 'submission' AND e.submission = ?
      AND a.written_by = (SELECT max(b.written_by) FROM attachment AS b WHERE b.event = a.event AND b.place = a.place)
    ORDER BY a.event, a.place"""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose head was opened, and how to get at its content."""

    head: Attachment
    content: Callable[[], bytes]


class SqliteAttachments:
    """`intake.store.Attachments` in an encrypted SQLite file. Reached as `store.attachments`."""

    def __init__(self, connection: Connection, keys: SqliteKeys, stamp: Callable[[], str]) -> None:
        """`stamp` gives the time as it is stored."""
        self._connection = connection
        self._keys = keys
        self._stamp = stamp

    def put(self, draft_id: str, name: str, content: bytes) -> Attachment:
        name = nfc(name)
        made = Attachment(name, hashlib.sha256(content).hexdigest(), len(content))
        with self._connection.transaction():
            self._keys.refresh()
            rows = self._connection.execute("SELECT generation, wrapped FROM draft WHERE id = ?", (draft_id,))
            if not rows:
                raise StoreError("store.no_draft")
            known = [each.head for each in self._of_draft(draft_id)]
            for each in known:
                if each.name == name:
                    if each.sha256 != made.sha256:
                        raise StoreError("store.name_taken")
                    return each
            self.keep(draft_id, self._keys.draft(draft_id, *rows[0]), len(known) + 1, made, content)
        return made

    def listed(self, owner: str) -> tuple[Attachment, ...]:
        return tuple(each.head for each in self._owned(owner))

    def content(self, owner: str, name: str) -> bytes:
        name = nfc(name)
        for each in self._owned(owner):
            if each.head.name == name:
                return each.content()
        raise StoreError("store.no_attachment")

    # --- inside an open transaction of the journal

    def named(self, draft_id: str, submission: Submission) -> list[tuple[Attachment, bytes]]:
        """The files of a draft that the record names, without those that the submission has from an earlier version.

        StoreError 'store.name_taken' when another file has the name there.
        """
        named = named_by(submission)
        kept = {each.name: each.sha256 for each in self.listed(submission.id)}
        found = []
        for each in self._of_draft(draft_id):
            if each.head.name not in named:
                continue
            if each.head.name not in kept:
                found.append((each.head, each.content()))
            elif kept[each.head.name] != each.head.sha256:
                raise StoreError("store.name_taken")
        return found

    def following(
        self, submission: Submission, carried: Sequence[tuple[Attachment, bytes]]
    ) -> list[tuple[Attachment, bytes]]:
        """The files that a record names and that earlier versions left under the keys of somebody else, without those
        that are carried: they follow the record to the person it is about now."""
        wanted = named_by(submission) - {each.name for each, _ in carried}
        return [(each.head, each.content()) for each in self._of_submission(submission.id) if each.head.name in wanted]

    def lend(self, submission_id: str, draft_id: str, key: bytes) -> None:
        """Give a new draft the files of a submission; both have them."""
        for place, each in enumerate(self._of_submission(submission_id), start=1):
            self.keep(draft_id, key, place, each.head, each.content())

    def keep(self, draft_id: str, key: bytes, place: int, head: Attachment, content: bytes) -> None:
        """Write a file of a draft."""
        self._connection.execute(
            "INSERT INTO draft_attachment (draft, place, head, sealed, added) VALUES (?, ?, ?, ?, ?)",
            (
                draft_id,
                place,
                seal(key, head_text(head), about_draft(draft_id, f"attachment head {place!s}")),
                seal(key, content, about_draft(draft_id, f"attachment {place!s}")),
                self._stamp(),
            ),
        )

    def drop(self, draft_id: str) -> None:
        """Delete the files of a draft."""
        self._connection.execute("DELETE FROM draft_attachment WHERE draft = ?", (draft_id,))

    # --- within

    def _owned(self, owner: str) -> list[Opened]:
        self._keys.refresh()
        return self._of_draft(owner) + self._of_submission(owner)

    def _of_draft(self, draft_id: str) -> list[Opened]:
        found = []
        for generation, wrapped, place, head in self._connection.execute(_OF_DRAFT, (draft_id,)):
            key = self._keys.draft(draft_id, generation, wrapped)
            words = about_draft(draft_id, f"attachment head {place!s}")
            found.append(Opened(head_of(self._keys.unseal(key, head, words)), self._content(draft_id, place, key)))
        return found

    def _content(self, draft_id: str, place: Value, key: bytes) -> Callable[[], bytes]:
        def read() -> bytes:
            ((sealed,),) = self._connection.execute(
                "SELECT sealed FROM draft_attachment WHERE draft = ? AND place = ?", (draft_id, place)
            )
            return self._keys.unseal(key, sealed, about_draft(draft_id, f"attachment {place!s}"))

        return read

    def _of_submission(self, submission_id: str) -> list[Opened]:
        """Each name once, as it was kept last."""
        found: dict[str, Opened] = {}
        for row in self._connection.execute(_OF_SUBMISSION, (submission_id,)):
            version, subject, event, place, by, name, head, generation, wrapped = row
            key = self._keys.opened(str(subject), str(name), generation, wrapped)
            if key is not None:
                words = about_file(submission_id, int(version or 0), int(place or 0), str(subject))
                opened = head_of(self._keys.unseal(key, head, f"head {words}"))
                found[opened.name] = Opened(opened, self._kept(event, place, by, key, words))
        return list(found.values())

    def _kept(self, event: Value, place: Value, by: Value, key: bytes, words: str) -> Callable[[], bytes]:
        def read() -> bytes:
            ((sealed,),) = self._connection.execute(
                "SELECT sealed FROM attachment WHERE event = ? AND place = ? AND written_by = ?", (event, place, by)
            )
            return self._keys.unseal(key, sealed, words)

        return read


def sealed_file(key: bytes, place: int, name: str, head: Attachment, content: bytes, words: str) -> File:
    """A file of a version as its rows, under the key of class `name` and the words of `rows.about_file`."""
    return File(place, name, seal(key, head_text(head), f"head {words}"), seal(key, content, words))
