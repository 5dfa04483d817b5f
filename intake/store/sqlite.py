"""The store of one office: a single encrypted SQLite file, in which what is said about people is sealed once more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from intake.publishing import ListsOnDemand, PublishedForm
from intake.store import Attachment, Clock, Entry, Event, Receipt
from intake.store.attachments import SqliteAttachments, sealed_file
from intake.store.caselocks import judge_lock
from intake.store.chain import Anchor, Break, Link
from intake.store.connection import Connection, Value, as_bytes
from intake.store.corrections import judge
from intake.store.division import Division
from intake.store.erasing import SqliteErasing
from intake.store.events import Part, SqliteEvents
from intake.store.journal import SqliteJournal
from intake.store.logins import SqliteLogins
from intake.store.reading import SqliteReading
from intake.store.ring import STUDY, Login
from intake.store.rows import Opened, about_file, about_part, as_stored, nfc, plaintexts, receipt_again
from intake.store.sealing import seal_all
from intake.store.standing import standing
from intake.store.subjects import SqliteKeys
from intake.store.ways import Unlocked
from intake.submission import Submission
from validation.errors import FormError, StoreError
from validation.xform import read_form

Files = Callable[[], Sequence[tuple[Attachment, bytes]]]


class SqliteStore:
    """`intake.store.Store` in an encrypted SQLite file. Made by `intake.store.open_store`."""

    def __init__(self, connection: Connection, clock: Clock, unlocked: Unlocked) -> None:
        """WrongKey 'store.no_login' when the login was removed."""
        self._connection = connection
        self._clock = clock
        self._divisions: dict[str, Division | None] = {}
        self._names: dict[str, tuple[str, str]] = {}
        self._keys = SqliteKeys(connection, unlocked.login, unlocked.private)
        self._events = SqliteEvents(connection, self._keys, self._stamp)
        self._reading = SqliteReading(connection, self._keys)
        self._attachments = SqliteAttachments(connection, self._keys, self._stamp)
        self._journal = SqliteJournal(
            connection, self._keys, self._stamp, self._division, self._append, self._attachments
        )
        self._logins = SqliteLogins(connection, self._keys, self._events, self._stamp)
        self._erasing = SqliteErasing(connection, self._keys, self._events, self._division_of, self.id)
        self._erasing.catch_up()

    @property
    def id(self) -> str:
        ((value,),) = self._connection.execute("SELECT value FROM setting WHERE name = 'store'")
        return str(value)

    @property
    def login(self) -> Login:
        return self._keys.login

    @property
    def classes(self) -> tuple[str, ...]:
        return self._keys.ring.classes

    @property
    def journal(self) -> SqliteJournal:
        return self._journal

    @property
    def attachments(self) -> SqliteAttachments:
        return self._attachments

    def publish(self, form: PublishedForm) -> None:
        run = self._connection.execute
        with self._connection.transaction():
            if run("SELECT 1 FROM form WHERE hash = ?", (form.hash,)):
                return
            if run("SELECT 1 FROM form WHERE form_id = ? AND version = ?", (form.form_id, form.version)):
                raise StoreError("store.version_taken", form=form.form_id, version=form.version)
            run(
                "INSERT INTO form (hash, form_id, version, published, xform, workbook, workbook_name)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (form.hash, form.form_id, form.version, self._stamp(), form.xform, form.workbook, form.workbook_name),
            )
            for name, content in sorted(form.lists.items()):
                run("INSERT INTO form_list (form, name, content) VALUES (?, ?, ?)", (form.hash, name, content))

    def form(self, hash: str) -> PublishedForm:  # noqa: A002 - the protocol's name
        found = self._forms("WHERE hash = ?", (hash,))
        if not found:
            raise StoreError("store.unknown_form", hash=hash[:12])
        return found[0]

    def form_file(self, hash: str, name: str) -> bytes | None:  # noqa: A002 - the protocol's name
        rows = self._connection.execute("SELECT content FROM form_list WHERE form = ? AND name = ?", (hash, name))
        return as_bytes(rows[0][0]) if rows else None

    def forms(self) -> tuple[PublishedForm, ...]:
        return self._forms("ORDER BY number", ())

    def append(self, submission: Submission) -> Receipt:
        self._division(submission)
        with self._connection.transaction():
            return self._append(submission)

    def append_many(self, submissions: Iterable[Submission]) -> list[Receipt]:
        with self._connection.transaction():
            return [self._append(submission) for submission in submissions]

    def submissions(
        self, form_id: str | None = None, *, municipality: str | None = None, known_at: datetime | None = None
    ) -> Iterator[Submission]:
        self._keys.refresh()
        return self._reading.each(self._reading.chosen(form_id, municipality, known_at))

    def opened(self, form_id: str, *, after: int = 0) -> Iterator[Opened]:
        self._keys.refresh()
        return self._reading.opened(self._reading.chosen(form_id, None, None, after))

    def visible(self, form_id: str) -> int | None:  # noqa: ARG002 - the protocol's
        return None

    def copy_key(self, name: str) -> bytes:
        self._keys.refresh()
        return self._keys.copy_key(name)

    def count(
        self, form_id: str | None = None, *, municipality: str | None = None, known_at: datetime | None = None
    ) -> int:
        return self._reading.count(form_id, municipality, known_at)

    def entries(self, after: int = 0) -> list[Entry]:
        self._keys.refresh()
        return self._reading.entries(after)

    def history(self, submission_id: str) -> list[Submission]:
        self._keys.refresh()
        return list(self._reading.each(self._versions(submission_id), gone=True))

    def last_received(self) -> datetime | None:
        ((latest,),) = self._connection.execute("SELECT max(received) FROM event NOT INDEXED WHERE kind = 'submission'")
        return None if latest is None else datetime.fromisoformat(str(latest))

    # --- who may come in

    def logins(self) -> list[Login]:
        return self._keys.logins()

    def add_login(self, name: str, role: str) -> tuple[Login, bytes]:
        return self._logins.add(name, role)

    def remove_login(self, login_id: str) -> None:
        self._logins.remove(login_id)

    # --- what happened

    def subject_of(self, person: str) -> str | None:
        self._keys.refresh()
        return self._keys.subject_of(nfc(person))

    def note(
        self,
        kind: str,
        *,
        municipality: str = "",
        subject: str = STUDY,
        about: str = "",
        detail: Mapping[str, str] = {},
    ) -> Event:
        with self._connection.transaction():
            self._keys.refresh()
            return self._events.note(kind, municipality, subject, about, detail)

    def events(self, after: int = 0, *, kinds: Iterable[str] | None = None) -> list[Event]:
        return self._events.listed(after, kinds)

    def detail(self, number: int) -> Mapping[str, str]:
        self._keys.refresh()
        return self._events.detail(number)

    def links(self, after: int = 0) -> Iterator[tuple[Link, bytes]]:
        return self._events.links(after)

    def heads(self) -> dict[str, tuple[int, bytes]]:
        return self._events.heads()

    def anchor(self) -> Anchor:
        self._keys.refresh()
        return self._events.anchor(self.id)

    def verify(self, anchors: Iterable[Anchor] = ()) -> list[Break]:
        self._keys.refresh()
        return self._events.verify(anchors, self.id)

    # --- what goes

    def erase(self, person: str, *, reason: str) -> Event:
        return self._erasing.erase(nfc(person), reason)

    def withdraw(self, person: str, *, reason: str) -> Event:
        return self._erasing.withdraw(nfc(person), reason)

    def reseal(self, form_hash: str) -> Event | None:
        return self._erasing.reseal(form_hash)

    def erased(self) -> list[tuple[str, tuple[str, ...], datetime]]:
        return self._erasing.erased()

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- within

    def _append(self, submission: Submission, files: Files = tuple) -> Receipt:
        """Inside a transaction."""
        person = nfc(submission.subject)
        tag = self._keys.tag(person) if person else b""
        now = standing(self._connection, submission.municipality, submission.id, tag)
        self._keys.refresh(now.rotations)
        if submission.unread:
            raise StoreError("store.unread", submission=submission.id)
        division = self._division(submission)
        texts = plaintexts(submission, division)
        form, last, number = self._published(submission.form_hash), now.latest, now.number
        if form != (submission.form_id, submission.form_version) or (last and last.form_id != submission.form_id):
            raise StoreError("store.other_form", form=submission.form_id, version=submission.form_version)
        if last and not last.has_keys:
            raise StoreError("store.erased", submission=submission.id)
        latest = last.version if last else 0
        if submission.version != latest + 1:
            return self._again(submission, latest)
        received = self._stamp()
        judge(submission, datetime.fromisoformat(received), lambda: self.history(submission.id))
        judge_lock(submission, self)
        if person:
            subject, keys = self._keys.subject_for(person, tag, now.person, received, number)
        elif last and not last.is_person:  # about nobody: a subject of the submission's own
            subject, keys = last.subject, {}
        else:
            subject, keys = self._keys.new_subject(received, number)
        carried = [*files()]
        if last and last.subject != subject:
            carried += self._attachments.following(submission, carried)
        classes = division.attachments(submission.record) if division and carried else {}
        placed = {head.name: classes.get(head.name, "identity") for head, _ in carried}
        keys = keys or self._keys.needed(subject, {*texts, *placed.values()}, number)
        words = (submission.id, submission.version)
        sealed = seal_all([(keys[name], text, about_part(*words, name, subject)) for name, text in texts.items()])
        event = self._events.write(
            "submission",
            municipality=submission.municipality,
            subject=subject,
            submission=submission.id,
            version=submission.version,
            form=submission.form_hash,
            received=received,
            number=number,
            head=now.head,
            parts=list(map(Part, texts, sealed)),
            files=[
                sealed_file(
                    keys[placed[head.name]], place, placed[head.name], head, content, about_file(*words, place, subject)
                )
                for place, (head, content) in enumerate(carried, start=1)
            ],
        )
        return Receipt(submission.id, submission.version, event.number, event.received)

    def _again(self, submission: Submission, latest: Value) -> Receipt:
        """The receipt of a version that is there already with this content; refused otherwise."""
        numbers = self._versions(submission.id, submission.version)
        stored = self._reading.each(numbers, gone=True)
        return receipt_again(stored, max(numbers, default=0), submission, self._division(submission), latest)

    def _versions(self, submission_id: str, version: int | None = None) -> list[int]:
        """The event numbers of a submission's versions, or of one of them."""
        rows = self._connection.execute(
            "SELECT number FROM event WHERE kind = 'submission' AND submission = ? AND (?2 IS NULL OR version = ?2)"
            " ORDER BY version",
            (submission_id, version),
        )
        return [int(number or 0) for (number,) in rows]

    def _published(self, form_hash: str) -> tuple[str, str]:
        """Id and version of a frozen form, which stay what they are."""
        if form_hash not in self._names:
            rows = self._connection.execute("SELECT form_id, version FROM form WHERE hash = ?", (form_hash,))
            if not rows:
                raise StoreError("store.unknown_form", hash=form_hash[:12])
            self._names[form_hash] = (str(rows[0][0]), str(rows[0][1]))
        return self._names[form_hash]

    def _division(self, submission: Submission) -> Division | None:
        return self._division_of(submission.form_hash)

    def _division_of(self, form_hash: str) -> Division | None:
        """How records of a frozen form are divided; None when the form is unknown or cannot be read."""
        if form_hash not in self._divisions:
            rows = self._connection.execute("SELECT xform FROM form WHERE hash = ?", (form_hash,))
            if not rows:
                return None
            try:
                self._divisions[form_hash] = Division(read_form(str(rows[0][0])))
            except FormError:
                self._divisions[form_hash] = None
        return self._divisions[form_hash]

    def _forms(self, which: str, values: tuple[str, ...]) -> tuple[PublishedForm, ...]:
        rows = self._connection.execute(
            f"SELECT form_id, version, hash, xform, workbook, workbook_name FROM form {which}",  # noqa: S608 - ours
            values,
        )
        return tuple(
            PublishedForm(
                form_id=str(form_id),
                version=str(version),
                hash=str(hashed),
                xform=str(xform),
                workbook=as_bytes(workbook),
                workbook_name=str(name),
                lists=self._lists(hashed),
            )
            for form_id, version, hashed, xform, workbook, name in rows
        )

    def _lists(self, form: Value) -> Mapping[str, bytes]:
        rows = self._connection.execute("SELECT name FROM form_list WHERE form = ? ORDER BY name", (form,))
        return ListsOnDemand(tuple(str(name) for (name,) in rows), lambda name: self.form_file(str(form), name) or b"")

    def _stamp(self) -> str:
        return as_stored(self._clock())
