"""The store of one office: a single encrypted SQLite file."""

from __future__ import annotations

import json
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from intake.publishing import PublishedForm
from intake.store import Clock, Entry, Receipt
from intake.store.attachments import SqliteAttachments
from intake.store.connection import Connection, Value
from intake.store.journal import SqliteJournal
from intake.store.ways import Unlocked
from intake.submission import Override, RecordValue, Submission, canonical, parse_record
from validation.errors import DataError, StoreError

_EVENT = """
    SELECT e.submission, f.form_id, f.version, e.form, e.municipality, s.person, e.version, e.received, e.envelope,
           p.content, e.number
    FROM event AS e
    JOIN form AS f ON f.hash = e.form
    LEFT JOIN subject AS s ON s.key = e.subject
    JOIN part AS p ON p.event = e.number AND p.class = 'whole'
    WHERE e.kind = 'submission' AND """

_LATEST = """
    FROM event AS e
    JOIN form AS f ON f.hash = e.form
    WHERE e.kind = 'submission'
      AND (:form_id IS NULL OR f.form_id = :form_id)
      AND (:municipality IS NULL OR e.municipality = :municipality)
      AND e.version = (
          SELECT max(v.version) FROM event AS v
          WHERE v.submission = e.submission AND (:known_at IS NULL OR v.received <= :known_at))"""

_IN_ORDER = " ORDER BY (SELECT o.number FROM event AS o WHERE o.submission = e.submission AND o.version = 1)"


_PLAIN = """
    SELECT e.number, e.submission, e.version, f.form_id, e.form, e.municipality, s.person, e.received
    FROM event AS e
    JOIN form AS f ON f.hash = e.form
    LEFT JOIN subject AS s ON s.key = e.subject
    WHERE e.kind = 'submission' AND e.number > ?
    ORDER BY e.number"""


class SqliteStore:
    """`intake.store.Store` in an encrypted SQLite file. Made by `intake.store.open_store`."""

    def __init__(self, connection: Connection, clock: Clock, unlocked: Unlocked) -> None:
        """`unlocked` says as whom; the first one of a store founds its logins."""
        self._connection = connection
        self._unlocked = unlocked
        self._clock = clock
        self._attachments = SqliteAttachments(connection, self._stamp)
        self._journal = SqliteJournal(connection, self._stamp, self._append, self._attachments)

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
        return _bytes(rows[0][0]) if rows else None

    def forms(self) -> tuple[PublishedForm, ...]:
        return self._forms("ORDER BY number", ())

    def append(self, submission: Submission) -> Receipt:
        with self._connection.transaction():
            return self._append(submission)

    def append_many(self, submissions: Iterable[Submission]) -> list[Receipt]:
        with self._connection.transaction():
            return [self._append(submission) for submission in submissions]

    def submissions(
        self, form_id: str | None = None, *, municipality: str | None = None, known_at: datetime | None = None
    ) -> Iterator[Submission]:
        chosen = self._chosen("SELECT e.number" + _LATEST + _IN_ORDER, form_id, municipality, known_at)
        return self._each(number for (number,) in chosen)

    def count(
        self, form_id: str | None = None, *, municipality: str | None = None, known_at: datetime | None = None
    ) -> int:
        ((number,),) = self._chosen("SELECT count(*)" + _LATEST, form_id, municipality, known_at)
        return int(number or 0)

    def entries(self, after: int = 0) -> list[Entry]:
        return [
            Entry(
                int(number or 0), str(submission), int(version or 0), str(form_id), str(form), str(municipality),
                str(person or ""), datetime.fromisoformat(str(received)),
            )
            for number, submission, version, form_id, form, municipality, person, received in self._connection.execute(
                _PLAIN, (after,)
            )
        ]  # fmt: skip

    def history(self, submission_id: str) -> list[Submission]:
        rows = self._connection.execute(_EVENT + "e.submission = ? ORDER BY e.version", (submission_id,))
        return [self._submission(row) for row in rows]

    def last_received(self) -> datetime | None:
        ((latest,),) = self._connection.execute("SELECT max(received) FROM event")
        return None if latest is None else datetime.fromisoformat(str(latest))

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _append(self, submission: Submission) -> Receipt:
        """Inside a transaction."""
        run = self._connection.execute
        offered = _row(submission)
        form = run("SELECT form_id, version FROM form WHERE hash = ?", (submission.form_hash,))
        if not form:
            raise StoreError("store.unknown_form", hash=submission.form_hash[:12])
        versions = run(
            "SELECT e.version, f.form_id FROM event AS e JOIN form AS f ON f.hash = e.form"
            " WHERE e.submission = ? ORDER BY e.version DESC LIMIT 1",
            (submission.id,),
        )
        if form[0] != (submission.form_id, submission.form_version) or (
            versions and versions[0][1] != submission.form_id
        ):
            raise StoreError("store.other_form", form=submission.form_id, version=submission.form_version)
        latest = versions[0][0] if versions else 0
        if submission.version != int(latest or 0) + 1:
            return self._again(submission, offered, latest)
        if submission.version > 1 and not (submission.reason or "").strip():
            raise StoreError("store.no_reason", version=submission.version)
        received = self._stamp()
        subject = self._subject(_nfc(submission.subject))
        ((number,),) = run(
            "INSERT INTO event (kind, submission, version, form, municipality, subject, received, envelope)"
            " VALUES ('submission', ?, ?, ?, ?, ?, ?, ?) RETURNING number",
            (*offered[:4], subject, received, offered[5]),
        )
        run("INSERT INTO part (event, class, content) VALUES (?, 'whole', ?)", (number, offered[6]))
        return Receipt(submission.id, submission.version, int(number or 0), datetime.fromisoformat(received))

    def _again(self, submission: Submission, offered: tuple[Value, ...], latest: Value) -> Receipt:
        """The receipt of a version that is there already with this content; refused otherwise."""
        rows = self._connection.execute(
            _EVENT + "e.submission = ? AND e.version = ?", (submission.id, submission.version)
        )
        for row in rows:
            stored = (row[0], row[6], row[3], row[4], row[5] or "", row[8], row[9])
            if stored == offered:
                return Receipt(
                    submission.id, submission.version, int(row[10] or 0), datetime.fromisoformat(str(row[7]))
                )
        if submission.version == 1:
            raise StoreError("store.conflict", submission=submission.id)
        raise StoreError("store.stale", submission=submission.id, latest=latest, offered=submission.version)

    def _subject(self, person: str) -> str | None:
        """The random key of a person in this study; None for a form about no person."""
        if not person:
            return None
        known = self._connection.execute("SELECT key FROM subject WHERE person = ?", (person,))
        if known:
            return str(known[0][0])
        key = secrets.token_hex(16)
        self._connection.execute("INSERT INTO subject (key, person) VALUES (?, ?)", (key, person))
        return key

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
                workbook=_bytes(workbook),
                workbook_name=str(name),
                lists=self._lists(hashed),
            )
            for form_id, version, hashed, xform, workbook, name in rows
        )

    def _lists(self, form: Value) -> Mapping[str, bytes]:
        rows = self._connection.execute("SELECT name FROM form_list WHERE form = ? ORDER BY name", (form,))
        return _Lists(tuple(str(name) for (name,) in rows), lambda name: self.form_file(str(form), name) or b"")

    def _chosen(
        self, statement: str, form_id: str | None, municipality: str | None, known_at: datetime | None
    ) -> list[tuple[Value, ...]]:
        moment = None if known_at is None else _text(known_at)
        return self._connection.execute(
            statement, {"form_id": form_id, "municipality": municipality, "known_at": moment}
        )

    def _each(self, numbers: Iterable[Value]) -> Iterator[Submission]:
        """Row by row: events never change, so no cursor need stay open between them."""
        for number in numbers:
            yield from map(self._submission, self._connection.execute(_EVENT + "e.number = ?", (number,)))

    def _submission(self, row: tuple[Value, ...]) -> Submission:
        submission, form_id, form_version, form, municipality, person, version, received, envelope, content, _ = row
        try:
            told = parse_record(_bytes(envelope))
            said = {name: text for name, text in told.items() if isinstance(text, str)}
            return Submission(
                id=str(submission),
                form_id=str(form_id),
                form_version=str(form_version),
                form_hash=str(form),
                municipality=str(municipality),
                subject=str(person or ""),
                record=parse_record(_bytes(content)),
                started=datetime.fromisoformat(said["started"]),
                ended=datetime.fromisoformat(said["ended"]),
                author=said["author"],
                version=int(version or 0),
                reason=said.get("reason"),
                replaces=said.get("replaces"),
                received=datetime.fromisoformat(str(received)),
                overrides=_overrides(told.get("overrides", [])),
                paradata=json.loads(said.get("paradata", "{}")),
            )
        except (DataError, KeyError, ValueError) as error:
            raise StoreError("store.damaged", path=self._connection.path) from error

    def _stamp(self) -> str:
        return _text(self._clock())


class _Lists(Mapping[str, bytes]):
    """The lists of a frozen form, each read when it is asked for: beside choices there are pictures and films."""

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


def _row(submission: Submission) -> tuple[Value, ...]:
    """What a version says, as it is stored: id, version, form, municipality, person, envelope, content."""
    envelope = {
        "author": submission.author,
        "started": submission.started.isoformat(),
        "ended": submission.ended.isoformat(),
        "reason": submission.reason,
        "replaces": submission.replaces,
        "overrides": [{"path": kept.path, "reason": kept.reason} for kept in submission.overrides] or None,
        "paradata": json.dumps(dict(submission.paradata), sort_keys=True) if submission.paradata else None,
    }
    return (
        submission.id,
        submission.version,
        submission.form_hash,
        submission.municipality,
        _nfc(submission.subject),
        canonical({name: text for name, text in envelope.items() if text is not None}),
        canonical(submission.record),
    )


def _overrides(told: RecordValue) -> tuple[Override, ...]:
    rows = told if isinstance(told, list) else []
    return tuple(Override(str(row["path"]), str(row["reason"])) for row in rows)


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _bytes(value: Value) -> bytes:
    return value if isinstance(value, bytes) else b""


def _text(moment: datetime) -> str:
    """A moment as it is stored: UTC with microseconds, so that texts sort like moments. ValueError when naive."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
