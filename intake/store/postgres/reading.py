"""Reads what was handed in to a team's store: fetched sealed, in batches, opened here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from intake.store import Entry
from intake.store.postgres.connection import Connection, Row
from intake.store.postgres.persons import Held, Persons
from intake.store.ring import CLASSES
from intake.store.rows import Opened, Plain, about_part, as_stored
from intake.store.sealing import unseal
from intake.submission import Submission
from validation.errors import DataError, StoreError

_BATCH = 200


class TeamReading:
    """Submissions as far as this login sees and opens them."""

    def __init__(self, connection: Connection, persons: Persons) -> None:
        self._connection = connection
        self._persons = persons
        self._known: dict[str, tuple[str, str]] = {}

    def chosen(self, form_id: str | None, municipality: str | None, known_at: datetime | None) -> list[int]:
        """The numbers of the latest versions that somebody can still open, in the order of their first ones."""
        moment = None if known_at is None else as_stored(known_at)
        return [row[0] for row in self._connection.call("chosen", form_id, municipality, moment)]

    def entries(self, after: int) -> list[Entry]:
        rows = self._connection.call("entries", after)
        subjects = {row[6] for row in rows}
        shown = self._shown(subjects, self._persons.held(subjects))
        return [
            Entry(
                number, submission, version, form_id, form, municipality, shown[subject],
                datetime.fromisoformat(received),
            )
            for number, submission, version, form_id, form, municipality, subject, received in rows
        ]  # fmt: skip

    def each(self, numbers: Sequence[int], *, gone: bool = False) -> Iterator[Submission]:
        """The versions with these event numbers, without those that nobody can open any more; with `gone` these too,
        without any answer."""
        for version in self.opened(numbers, gone=gone):
            try:
                yield version.submission()
            except (DataError, ValueError, KeyError, TypeError, AttributeError) as error:
                raise StoreError("store.damaged", path=self._connection.path) from error

    def opened(self, numbers: Sequence[int], *, gone: bool = False) -> Iterator[Opened]:
        """The same, not put together. Events never change, so nothing need stay open between the batches."""
        for start in range(0, len(numbers), _BATCH):
            wanted = numbers[start : start + _BATCH]
            rows = self._connection.call("content", list(wanted))
            subjects = {row[5] for row in rows}
            held = self._persons.held(subjects)
            shown = self._shown(subjects, held)
            carried: dict[int, list[Row]] = {number: [] for number in wanted}
            for row in rows:
                carried[row[0]].append(row)
            for found in carried.values():
                version, kept = self._version(found, held, shown)
                if gone or kept:
                    yield version

    def form_of(self, form: str) -> tuple[str, str]:
        """Id and version of a frozen form. StoreError 'store.unknown_form'."""
        if form not in self._known:
            rows = self._connection.call("form_rows", form)
            if not rows:
                raise StoreError("store.unknown_form", hash=form[:12])
            self._known[form] = (rows[0][0], rows[0][1])
        return self._known[form]

    def _shown(self, subjects: set[str], held: Held) -> dict[str, str]:
        """How subjects are called: by the person's id, '' for nobody; by the random key where this login names none."""
        if not self._persons.ring.holds("identity"):
            return {subject: subject for subject in subjects}
        named = self._persons.named(subjects, held)
        return {subject: named.get(subject, "") for subject in subjects}

    def _version(self, rows: Sequence[Row], held: Held, shown: Mapping[str, str]) -> tuple[Opened, bool]:
        """A version from its parts, one row each, and whether anybody can open something of it."""
        number, submission, version, form, municipality, subject, received = rows[0][:7]
        texts: dict[str, bytes] = {}
        for *_, name, written_by, sealed in rows:
            key = None if name is None else held.key(subject, name, written_by)
            if key is not None:
                texts[name] = unseal(key, sealed, about_part(submission, version, name, subject))
        there = {row[7] for row in rows} | (set(CLASSES) - set(self._persons.ring.classes))
        unread = tuple(name for name in CLASSES if name in there and name not in texts) if texts else CLASSES
        plain = Plain(submission, version, *self.form_of(form), form, municipality, received)
        return Opened(number, plain, shown[subject] if texts else subject, texts, unread), bool(texts)
