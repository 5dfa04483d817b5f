"""The store of a team, as one login sees it: a PostgreSQL that is given nothing it could read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from intake.publishing import PublishedForm
from intake.store import Attachment, Clock, Entry, Receipt
from intake.store.corrections import judge
from intake.store.division import Division
from intake.store.postgres.attachments import TeamAttachments, head_text
from intake.store.postgres.connection import Connection, Row
from intake.store.postgres.journal import TeamJournal
from intake.store.postgres.officer import Officer
from intake.store.postgres.persons import Held, Persons
from intake.store.ring import CLASSES, Login
from intake.store.rows import Plain, about_file, about_part, is_same, nfc, plaintexts, submission_of
from intake.store.sealing import seal, unseal
from intake.submission import Submission
from validation.errors import DataError, FormError, StoreError

_BATCH = 200


class TeamStore:
    """`intake.store.Store` in PostgreSQL. Made by `intake.store.open_store`."""

    def __init__(self, connection: Connection, login: Login, private: bytes, clock: Clock) -> None:
        self._connection = connection
        self._login = login
        self._clock = clock
        self._persons = Persons(connection, login.id, private)
        self._attachments = TeamAttachments(connection, self._persons, self._stamp)
        self._journal = TeamJournal(connection, self._persons, self._attachments, self._stamp, self._append)
        self._officer = Officer(connection, self._persons, self._stamp)
        self._known: dict[str, tuple[str, str]] = {}
        self._divisions: dict[str, Division | None] = {}

    @property
    def journal(self) -> TeamJournal:
        return self._journal

    @property
    def attachments(self) -> TeamAttachments:
        return self._attachments

    @property
    def login(self) -> Login:
        """As whom the store was opened."""
        return self._login

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of sensitivity that this login opens, strictest first."""
        return self._persons.ring.classes

    def logins(self) -> list[Login]:
        return self._officer.logins()

    def add_login(
        self, name: str, role: str, *, account: str = "", municipalities: Iterable[str] = ()
    ) -> tuple[Login, bytes]:
        """As `intake.store.postgres.officer.Officer.add_login`."""
        return self._officer.add_login(name, role, account=account, municipalities=municipalities)

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
        chosen = self._chosen(form_id, municipality, known_at)
        return (found for found in self._each(chosen) if set(found.unread) != set(CLASSES))

    def count(
        self, form_id: str | None = None, *, municipality: str | None = None, known_at: datetime | None = None
    ) -> int:
        return len(self._chosen(form_id, municipality, known_at))

    def entries(self, after: int = 0) -> list[Entry]:
        rows = self._connection.call("entries", after)
        subjects = {row[6] for row in rows}
        if self._persons.ring.holds("identity"):
            named = self._persons.named(subjects, self._persons.held(subjects))
            shown = {subject: named.get(subject, "") for subject in subjects}
        else:
            shown = {subject: subject for subject in subjects}
        return [
            Entry(number, submission, version, form_id, form, municipality, shown[subject], _moment(received))
            for number, submission, version, form_id, form, municipality, subject, received in rows
        ]

    def history(self, submission_id: str) -> list[Submission]:
        return list(self._each([row[0] for row in self._connection.call("versions", submission_id)]))

    def last_received(self) -> datetime | None:
        ((latest,),) = self._connection.call("last_received")
        return None if latest is None else _moment(latest)

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _append(self, submission: Submission, files: Sequence[tuple[Attachment, bytes]] = ()) -> Receipt:
        """Inside a transaction that has begun to write."""
        if submission.unread:
            raise StoreError("store.unread", classes=", ".join(submission.unread))
        told = self._stamp()
        form_id, form_version = self._form_of(submission.form_hash)
        division = self._division(submission.form_hash)
        parts = plaintexts(submission, division)
        versions = self._connection.call("versions", submission.id)
        if (form_id, form_version) != (submission.form_id, submission.form_version) or (
            versions and versions[-1][3] != submission.form_id
        ):
            raise StoreError("store.other_form", form=submission.form_id, version=submission.form_version)
        latest = versions[-1][1] if versions else 0
        if submission.version != latest + 1:
            return self._again(submission, versions, latest)
        if versions and not self._persons.held([versions[-1][5]]).keys:
            raise StoreError("store.erased")
        subject = self._subject(submission, versions, told)
        classes = {} if division is None else division.attachments(submission.record)
        named = [(classes.get(each.name, "identity"), each, content) for each, content in files]
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
        judge(submission, _moment(received), lambda: self.history(submission.id))  # by the server's clock
        return Receipt(submission.id, submission.version, number, _moment(received))

    def _again(self, submission: Submission, versions: Sequence[Row], latest: int) -> Receipt:
        """The receipt of a version that is there already with this content; refused otherwise."""
        for number, version, *_, received in versions:
            if version == submission.version:
                (stored,) = self._each([number])
                if set(stored.unread) == set(CLASSES):
                    raise StoreError("store.erased")
                if is_same(stored, submission):
                    return Receipt(submission.id, version, number, _moment(received))
        if submission.version == 1:
            raise StoreError("store.conflict", submission=submission.id)
        raise StoreError("store.stale", submission=submission.id, latest=latest, offered=submission.version)

    def _subject(self, submission: Submission, versions: Sequence[Row], told: str) -> str:
        """The random key behind which this person stands; of a form about nobody that of its first version."""
        person = nfc(submission.subject)
        if person:
            known = self._persons.subjects_of(person)
            return known[0] if known else self._persons.new_subject(person, submission.municipality, told)
        return versions[0][5] if versions else self._persons.new_subject("", submission.municipality, told)

    def _chosen(self, form_id: str | None, municipality: str | None, known_at: datetime | None) -> list[int]:
        moment = None if known_at is None else _text(known_at)
        return [row[0] for row in self._connection.call("chosen", form_id, municipality, moment)]

    def _each(self, numbers: Sequence[int]) -> Iterator[Submission]:
        """In batches: events never change, so nothing need stay open between them."""
        for start in range(0, len(numbers), _BATCH):
            wanted = numbers[start : start + _BATCH]
            rows = self._connection.call("content", list(wanted))
            subjects = {row[5] for row in rows}
            held = self._persons.held(subjects)
            named = self._persons.named(subjects, held)
            carried: dict[int, list[Row]] = {number: [] for number in wanted}
            for row in rows:
                carried[row[0]].append(row)
            yield from (self._submission(found, held, named) for found in carried.values() if found)

    def _submission(self, rows: Sequence[Row], held: Held, named: Mapping[str, str]) -> Submission:
        """A version from its parts, one row each."""
        _, submission, version, form, municipality, subject, received = rows[0][:7]
        form_id, form_version = self._form_of(form)
        texts = {}
        for *_, name, written_by, sealed in rows:
            key = None if name is None else held.key(subject, name, written_by)
            if key is not None:
                texts[name] = unseal(key, sealed, about_part(submission, version, name, subject))
        there = {row[7] for row in rows} | (set(CLASSES) - set(self.classes))
        plain = Plain(submission, version, form_id, form_version, form, municipality, received)
        shown = named.get(subject, "") if self._persons.ring.holds("identity") else subject
        unread = [name for name in CLASSES if name in there and name not in texts] if texts else CLASSES
        try:
            return submission_of(plain, shown, texts.values(), unread)
        except (DataError, KeyError, TypeError, ValueError) as error:
            raise StoreError("store.damaged", path=self._connection.path) from error

    def _form_of(self, form: str) -> tuple[str, str]:
        """Id and version of a frozen form."""
        if form not in self._known:
            rows = self._connection.call("form_rows", form)
            if not rows:
                raise StoreError("store.unknown_form", hash=form[:12])
            self._known[form] = (rows[0][0], rows[0][1])
        return self._known[form]

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
            lists=_Lists(tuple(lists), lambda wanted: self.form_file(hashed, wanted) or b""),
        )  # fmt: skip

    def _stamp(self) -> str:
        return _text(self._clock())


class _Lists(Mapping[str, bytes]):
    """The lists of a frozen form, each fetched when it is asked for."""

    def __init__(self, names: tuple[str, ...], read: Callable[[str], bytes]) -> None:
        self._names = names
        self._read = read

    def __getitem__(self, name: str) -> bytes:
        if name not in self._names:
            raise KeyError(name)
        return self._read(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _moment(text: Any) -> datetime:
    return datetime.fromisoformat(text)


def _text(moment: datetime) -> str:
    """A moment as it is stored: UTC with microseconds, so that texts sort like moments. ValueError when naive."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
