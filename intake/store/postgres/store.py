"""The store of a team, as one login sees it: a PostgreSQL that is given nothing it could read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from intake.publishing import ListsOnDemand, PublishedForm
from intake.store import Attachment, Clock, Entry, Event, Receipt
from intake.store.caselocks import judge_lock
from intake.store.chain import Anchor, Break, Link
from intake.store.corrections import judge
from intake.store.division import Division
from intake.store.postgres.attachments import TeamAttachments
from intake.store.postgres.connection import Connection, Row
from intake.store.postgres.events import TeamEvents
from intake.store.postgres.forgetting import Forgetting
from intake.store.postgres.journal import TeamJournal
from intake.store.postgres.officer import Officer
from intake.store.postgres.persons import Persons
from intake.store.postgres.reading import TeamReading
from intake.store.postgres.resealing import TeamResealing
from intake.store.ring import STUDY, Login
from intake.store.rows import Opened, about_file, about_part, as_stored, head_text, nfc, plaintexts, receipt_again
from intake.store.sealing import derive, seal
from intake.submission import Submission
from validation.errors import FormError, StoreError


class TeamStore:
    """`intake.store.Store` in PostgreSQL. Made by `intake.store.open_store`."""

    def __init__(
        self,
        connection: Connection,
        store_id: str,
        login: Login,
        private: bytes,
        clock: Clock,
        beside: Path | None = None,
    ) -> None:
        """`store_id` and `login` are what the server said, `private` is the login's key. The list of erasures is kept
        beside `beside`; None keeps none."""
        self._connection = connection
        self._id = store_id
        self._login = login
        self._private = private
        self._clock = clock
        self._persons = Persons(connection, login.id, private)
        self._reading = TeamReading(connection, self._persons)
        self._events = TeamEvents(connection, self._persons, self._stamp)
        self._attachments = TeamAttachments(connection, self._persons, self._stamp)
        self._journal = TeamJournal(connection, self._persons, self._attachments, self._stamp, self._append)
        self._officer = Officer(connection, self._persons, self._events, self._stamp)
        self._forgetting = Forgetting(
            connection, self._persons, self._events, self._officer, self._stamp, store_id, beside
        )
        self._forgetting.catch_up()
        self._resealing = TeamResealing(
            connection, self._persons, self._events, self._reading, self._officer, self._division
        )
        self._divisions: dict[str, Division | None] = {}

    @property
    def id(self) -> str:
        return self._id

    @property
    def login(self) -> Login:
        return self._login

    @property
    def classes(self) -> tuple[str, ...]:
        return self._persons.ring.classes

    @property
    def journal(self) -> TeamJournal:
        return self._journal

    @property
    def attachments(self) -> TeamAttachments:
        return self._attachments

    def publish(self, form: PublishedForm) -> None:
        names = sorted(form.lists)
        self._connection.call(
            "publish", form.hash, form.form_id, form.version, self._stamp(), form.xform, form.workbook,
            form.workbook_name, names, [form.lists[name] for name in names],
        )  # fmt: skip

    def form(self, hash: str) -> PublishedForm:  # noqa: A002 - the protocol's name
        found = self._connection.call("form_rows", hash)
        if not found:
            raise StoreError("store.unknown_form", hash=hash[:12])
        return self._form(found[0])

    def form_file(self, hash: str, name: str) -> bytes | None:  # noqa: A002 - the protocol's name
        rows = self._connection.call("form_file", hash, name)
        return bytes(rows[0][0]) if rows else None

    def forms(self) -> tuple[PublishedForm, ...]:
        return tuple(map(self._form, self._connection.call("form_rows", None)))

    def append(self, submission: Submission) -> Receipt:
        with self._connection.transaction():
            self._persons.begin()
            return self._append(submission)

    def append_many(self, submissions: Iterable[Submission]) -> list[Receipt]:
        with self._connection.transaction():
            self._persons.begin()
            return [self._append(submission) for submission in submissions]

    def submissions(
        self, form_id: str | None = None, *, municipality: str | None = None, known_at: datetime | None = None
    ) -> Iterator[Submission]:
        return self._reading.each(self._reading.chosen(form_id, municipality, known_at))

    def opened(self, form_id: str, *, after: int = 0) -> Iterator[Opened]:
        chosen = self._reading.chosen(form_id, None, None)
        return self._reading.opened([number for number in chosen if number > after])

    def visible(self, form_id: str) -> int | None:
        return self.count(form_id)

    def copy_key(self, name: str) -> bytes:
        self._persons.forget_ring()
        return derive(self._persons.ring.key(name) + self._private, "derived columns")

    def count(
        self, form_id: str | None = None, *, municipality: str | None = None, known_at: datetime | None = None
    ) -> int:
        return len(self._reading.chosen(form_id, municipality, known_at))

    def entries(self, after: int = 0) -> list[Entry]:
        return self._reading.entries(after)

    def history(self, submission_id: str) -> list[Submission]:
        numbers = [row[0] for row in self._connection.call("versions", submission_id)]
        return list(self._reading.each(numbers, gone=True))

    def last_received(self) -> datetime | None:
        ((latest,),) = self._connection.call("last_received")
        return None if latest is None else datetime.fromisoformat(latest)

    # --- who may come in

    def logins(self) -> list[Login]:
        return self._officer.logins()

    def add_login(
        self, name: str, role: str, *, account: str = "", municipalities: Iterable[str] = ()
    ) -> tuple[Login, bytes]:
        """As `intake.store.postgres.officer.Officer.add_login`."""
        return self._officer.add_login(name, role, account=account, municipalities=municipalities)

    def remove_login(self, login_id: str) -> None:
        self._officer.remove_login(login_id)

    def assign(self, login_id: str, municipalities: Iterable[str]) -> None:
        """As `intake.store.postgres.officer.Officer.assign`."""
        self._officer.assign(login_id, municipalities)

    # --- what happened

    def subject_of(self, person: str) -> str | None:
        return next(iter(self._persons.subjects_of(nfc(person))), None)

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
            self._persons.begin()
            return self._events.note(kind, municipality, subject, about, detail)

    def events(self, after: int = 0, *, kinds: Iterable[str] | None = None) -> list[Event]:
        return self._events.listed(after, kinds)

    def detail(self, number: int) -> Mapping[str, str]:
        return self._events.detail(number)

    def links(self, after: int = 0) -> Iterator[tuple[Link, bytes]]:
        return self._events.links(after)

    def heads(self) -> dict[str, tuple[int, bytes]]:
        return self._events.heads()

    def anchor(self) -> Anchor:
        return self._events.anchor(self.id)

    def verify(self, anchors: Iterable[Anchor] = ()) -> list[Break]:
        return self._events.verify(anchors, self.id)

    # --- what goes

    def erase(self, person: str, *, reason: str) -> Event:
        return self._forgetting.forget("erasure", nfc(person), reason)

    def withdraw(self, person: str, *, reason: str) -> Event:
        return self._forgetting.forget("withdrawal", nfc(person), reason)

    def reseal(self, form_hash: str) -> Event | None:
        return self._resealing.reseal(form_hash)

    def erased(self) -> list[tuple[str, tuple[str, ...], datetime]]:
        return self._forgetting.erased()

    # --- what may be shown outside

    def keep_table(self, name: str, content: bytes) -> int:
        """Keep a protected table for whoever publishes; its number. `content` is a `SafeTable` as it was written:
        nothing of a person is in it."""
        ((number,),) = self._connection.call("keep_table", name, content, self._stamp())
        return int(number)

    def safe_tables(self) -> list[tuple[int, str, datetime, bytes]]:
        """Every protected table that was kept: number, name, when, and what it was written as."""
        rows = self._connection.call("safe_tables")
        return [(number, name, datetime.fromisoformat(made), bytes(content)) for number, name, made, content in rows]

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- within

    def _append(self, submission: Submission, files: Sequence[tuple[Attachment, bytes]] = ()) -> Receipt:
        """Inside a transaction that has begun to write."""
        if submission.unread:
            raise StoreError("store.unread", submission=submission.id)
        form = self._reading.form_of(submission.form_hash)
        division = self._division(submission.form_hash)
        parts = plaintexts(submission, division)
        versions = self._connection.call("versions", submission.id)
        if form != (submission.form_id, submission.form_version) or (
            versions and versions[-1][3] != submission.form_id
        ):
            raise StoreError("store.other_form", form=submission.form_id, version=submission.form_version)
        if versions and not versions[-1][7]:
            raise StoreError("store.erased", submission=submission.id)
        latest = versions[-1][1] if versions else 0
        if submission.version != latest + 1:
            numbers = [row[0] for row in versions if row[1] == submission.version]
            stored = self._reading.each(numbers, gone=True)
            return receipt_again(stored, max(numbers, default=0), submission, division, latest)
        told = self._stamp()
        subject, keys = self._subject(submission, versions, told)
        if versions and versions[-1][5] != subject:
            files = [*files, *self._attachments.following(submission, files)]
        classes = division.attachments(submission.record) if division and files else {}
        named = [(classes.get(each.name, "identity"), each, content) for each, content in files]
        if not keys:
            keys = self._persons.keys_for(subject, {*parts, *(name for name, _, _ in named)})
        sealed = [
            seal(keys[name], text, about_part(submission.id, submission.version, name, subject))
            for name, text in parts.items()
        ]
        heads, contents = [], []
        for place, (name, each, content) in enumerate(named, start=1):
            about = about_file(submission.id, submission.version, place, subject)
            heads.append(seal(keys[name], head_text(each), f"head {about}"))
            contents.append(seal(keys[name], content, about))
        ((number, received),) = self._connection.call(
            "append", "submission", submission.id, submission.version, submission.form_hash, submission.municipality,
            subject, "", told, [0] * len(sealed), list(parts), sealed, [0] * len(named),
            list(range(1, len(named) + 1)), [name for name, _, _ in named], heads, contents,
        )  # fmt: skip
        moment = datetime.fromisoformat(received)
        judge(submission, moment, lambda: self.history(submission.id))  # by the server's clock
        judge_lock(submission, self)
        return Receipt(submission.id, submission.version, number, moment)

    def _subject(self, submission: Submission, versions: Sequence[Row], told: str) -> tuple[str, dict[str, bytes]]:
        """The random subject behind which this person stands, with its keys where it was just made; of a form about
        nobody that of the version before."""
        person = nfc(submission.subject)
        if person:
            known = self._persons.subjects_of(person)
            return (known[0], {}) if known else self._persons.new_subject(person, submission.municipality, told)
        if versions and not versions[-1][8]:
            return str(versions[-1][5]), {}
        return self._persons.new_subject("", submission.municipality, told)

    def _division(self, form: str) -> Division | None:
        """How the records of a form are divided; None for one that this program cannot read."""
        if form not in self._divisions:
            from validation.xform import read_form

            try:
                self._divisions[form] = Division(read_form(self.form(form).xform))
            except FormError:
                self._divisions[form] = None
        return self._divisions[form]

    def _form(self, row: Row) -> PublishedForm:
        form_id, version, hashed, xform, workbook, name, lists = row
        return PublishedForm(
            form_id=form_id, version=version, hash=hashed, xform=xform, workbook=bytes(workbook), workbook_name=name,
            lists=ListsOnDemand(tuple(lists), lambda wanted: self.form_file(hashed, wanted) or b""),
        )  # fmt: skip

    def _stamp(self) -> str:
        return as_stored(self._clock())
