"""Files that were handed in, in a team's store: sealed with their draft while it is open, then with its submission."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from intake.store import Attachment
from intake.store.postgres.connection import Connection
from intake.store.postgres.persons import Persons
from intake.store.ring import DRAFT
from intake.store.rows import about_draft, about_file, head_of, head_text, named_by, nfc
from intake.store.sealing import seal, unseal
from intake.submission import Submission
from validation.errors import StoreError


class TeamAttachments:
    """`intake.store.Attachments` in PostgreSQL. Reached as `store.attachments`."""

    def __init__(self, connection: Connection, persons: Persons, stamp: Callable[[], str]) -> None:
        self._connection = connection
        self._persons = persons
        self._stamp = stamp

    def put(self, draft_id: str, name: str, content: bytes) -> Attachment:
        made = Attachment(nfc(name), hashlib.sha256(content).hexdigest(), len(content))
        with self._connection.transaction():
            self._connection.call("draft_last", draft_id)
            key = self.draft_key(draft_id)
            known = self._of_draft(draft_id, key)
            for _, each in known:
                if each.name == made.name:
                    if each.sha256 != made.sha256:
                        raise StoreError("store.name_taken")
                    return each
            place = max((place for place, _ in known), default=0) + 1
            head, sealed = self.sealed(draft_id, key, place, made, content)
            self._connection.call("draft_put", draft_id, place, head, sealed, self._stamp())
        return made

    def listed(self, owner: str) -> tuple[Attachment, ...]:
        if key := self._key_of(owner):
            return tuple(each for _, each in self._of_draft(owner, key))
        return tuple(each for _, _, each, _, _ in self._of_submission(owner))

    def content(self, owner: str, name: str) -> bytes:
        name = nfc(name)
        if key := self._key_of(owner):
            for place, each in self._of_draft(owner, key):
                if each.name == name:
                    ((sealed,),) = self._connection.call("draft_file", owner, place)
                    return unseal(key, sealed, about_draft(owner, f"attachment {place}"))
        for event, place, each, about, file_key in self._of_submission(owner):
            if each.name == name:
                ((sealed,),) = self._connection.call("file_content", event, place)
                return unseal(file_key, sealed, about)
        raise StoreError("store.no_attachment")

    # --- for the journal

    def draft_key(self, draft_id: str) -> bytes:
        """The key of an open draft. StoreError 'store.no_draft'."""
        key = self._key_of(draft_id)
        if key is None:
            raise StoreError("store.no_draft")
        return key

    def unwrapped(self, draft_id: str, generation: int, wrapped: bytes) -> bytes:
        """A draft's key from its row."""
        if self._persons.ring.generation(DRAFT) != generation:
            self._persons.forget_ring()
        return unseal(self._persons.ring.key(DRAFT), wrapped, about_draft(draft_id, "key"))

    def sealed(self, draft_id: str, key: bytes, place: int, file: Attachment, content: bytes) -> tuple[bytes, bytes]:
        """Head and content of a file under a draft's key."""
        return (
            seal(key, head_text(file), about_draft(draft_id, f"attachment head {place}")),
            seal(key, content, about_draft(draft_id, f"attachment {place}")),
        )

    def handed_over(self, draft_id: str, submission: Submission) -> list[tuple[Attachment, bytes]]:
        """The files of a draft that the record names and the submission has not yet. StoreError 'store.name_taken' when
        another file has the name in an earlier version of it."""
        named = named_by(submission)
        kept = {each.name: each.sha256 for _, _, each, _, _ in self._of_submission(submission.id)}
        found = []
        for each in self.listed(draft_id):
            if each.name in named and each.name in kept and kept[each.name] != each.sha256:
                raise StoreError("store.name_taken")
            if each.name in named and each.name not in kept:
                found.append((each, self.content(draft_id, each.name)))
        return found

    def following(
        self, submission: Submission, carried: Sequence[tuple[Attachment, bytes]]
    ) -> list[tuple[Attachment, bytes]]:
        """The files that a record names and that earlier versions left under the keys of somebody else, without those
        that are carried: they follow the record to the person it is about now."""
        wanted = named_by(submission) - {each.name for each, _ in carried}
        found = [each for _, _, each, _, _ in self._of_submission(submission.id) if each.name in wanted]
        return [(each, self.content(submission.id, each.name)) for each in found]

    def lent(self, submission_id: str) -> list[tuple[Attachment, bytes]]:
        """The files of a submission for a draft that begins with them."""
        return [(each, self.content(submission_id, each.name)) for each in self.listed(submission_id)]

    def _key_of(self, draft_id: str) -> bytes | None:
        for row in self._connection.call("draft_rows", draft_id) if self._persons.ring.holds(DRAFT) else ():
            return self.unwrapped(draft_id, row[5], row[6])
        return None

    def _of_draft(self, draft_id: str, key: bytes) -> list[tuple[int, Attachment]]:
        rows = self._connection.call("draft_files", draft_id)
        return [
            (place, head_of(unseal(key, head, about_draft(draft_id, f"attachment head {place}"))))
            for place, head in rows
        ]

    def _of_submission(self, submission_id: str) -> list[tuple[int, int, Attachment, str, bytes]]:
        """Event, place, head, the words its content is sealed under and the key, of what this login opens."""
        rows = self._connection.call("files_of", submission_id)
        held = self._persons.held({row[6] for row in rows})
        found: dict[str, tuple[int, int, Attachment, str, bytes]] = {}  # each name once, as it was kept last
        for event, version, place, name, written_by, head, subject in rows:
            if (key := held.key(subject, name, written_by)) is not None:
                about = about_file(submission_id, version, place, subject)
                told = head_of(unseal(key, head, f"head {about}"))
                found[told.name] = (event, place, told, about, key)
        return list(found.values())
