"""Submissions read from the rows of the SQLite store: many at a time, each opened as far as this login may."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from intake.store import Entry
from intake.store.connection import Connection, Value
from intake.store.ring import CLASSES
from intake.store.rows import Opened, Plain, about_part, as_stored
from intake.store.subjects import SqliteKeys
from intake.submission import Submission
from validation.errors import DataError, StoreError

_CHUNK = 400

# Up to 64 MiB of pages stay in memory, as many as hold the keys of some 100,000 persons. Subjects are random: each key
# is on another page than the one before, and a page that did not stay is read and decrypted again.
_PAGES = "PRAGMA cache_size = -65536"

# One statement, so that parts and keys are of the same moment. CROSS JOIN keeps the order of the numbers. Who the
# person is stands beside the 'general' part, which every version has.
_PARTS = """
    SELECT e.number, e.submission, e.version, e.form, e.municipality, e.subject, e.received,
           p.class, p.written_by, p.sealed, k.generation, k.wrapped, s.sealed, i.generation, i.wrapped
    FROM json_each(?) AS n
    CROSS JOIN event AS e ON e.number = n.value
    LEFT JOIN part AS p ON p.event = e.number
    LEFT JOIN person_key AS k ON k.subject = e.subject AND k.name = p.class AND k.since <= p.written_by
    LEFT JOIN person AS s ON s.subject = e.subject AND p.class = 'general'
    LEFT JOIN person_key AS i ON i.subject = s.subject AND i.name = 'identity'"""

# NOT INDEXED: by the number. In the order of random ids every event would be fetched, and decrypted, by itself. The
# form is asked without a join, or the subqueries would run before it, for the events of all forms.
_LATEST = """
    FROM event AS e NOT INDEXED
    WHERE e.kind = 'submission'
      AND (:form_id IS NULL OR e.form IN (SELECT f.hash FROM form AS f WHERE f.form_id = :form_id))
      AND (:municipality IS NULL OR e.municipality = :municipality)
      AND e.version = (
          SELECT max(v.version) FROM event AS v
          WHERE v.kind = 'submission' AND v.submission = e.submission
            AND (:known_at IS NULL OR v.received <= :known_at))"""

_KEPT = " AND EXISTS (SELECT 1 FROM person_key AS k WHERE k.subject = e.subject)"

_IN_ORDER = """ ORDER BY iif(e.version = 1, e.number, (
    SELECT o.number FROM event AS o WHERE o.kind = 'submission' AND o.submission = e.submission AND o.version = 1))"""

_ENTRIES = """
    SELECT e.number, e.submission, e.version, f.form_id, e.form, e.municipality, e.subject, e.received,
           s.sealed, i.generation, i.wrapped
    FROM event AS e
    JOIN form AS f ON f.hash = e.form
    LEFT JOIN person AS s ON s.subject = e.subject
    LEFT JOIN person_key AS i ON i.subject = e.subject AND i.name = 'identity'
    WHERE e.kind = 'submission' AND e.number > ? AND EXISTS (SELECT 1 FROM person_key AS k WHERE k.subject = e.subject)
    ORDER BY e.number"""

Row = tuple[Value, ...]


class SqliteReading:
    """What was submitted, as this login may see it."""

    def __init__(self, connection: Connection, keys: SqliteKeys) -> None:
        self._connection = connection
        self._keys = keys
        self._forms: dict[str, tuple[str, str]] = {}

    def chosen(
        self, form_id: str | None, municipality: str | None, known_at: datetime | None, after: int = 0
    ) -> list[int]:
        """The numbers of the latest versions in the order of their first ones, only those after a number. Some of them
        nobody can open any more: `opened`, which has their keys at hand, leaves these out."""
        self._connection.execute(_PAGES)
        values = _selection(form_id, municipality, known_at) | {"after": after}
        rows = self._connection.execute("SELECT e.number" + _LATEST + " AND e.number > :after" + _IN_ORDER, values)
        return [int(number or 0) for (number,) in rows]

    def count(self, form_id: str | None, municipality: str | None, known_at: datetime | None) -> int:
        """How many of these somebody can still open."""
        ((number,),) = self._connection.execute(
            "SELECT count(*)" + _LATEST + _KEPT, _selection(form_id, municipality, known_at)
        )
        return int(number or 0)

    def entries(self, after: int) -> list[Entry]:
        found = []
        for row in self._connection.execute(_ENTRIES, (after,)):
            number, submission, version, form_id, form, municipality, subject, received, sealed, generation, wrapped = (
                row
            )
            person = self._keys.person(str(subject), sealed, generation, wrapped)
            found.append(
                Entry(
                    int(number or 0), str(submission), int(version or 0), str(form_id), str(form), str(municipality),
                    person, datetime.fromisoformat(str(received)),
                )
            )  # fmt: skip
        return found

    def each(self, numbers: Sequence[int], *, gone: bool = False) -> Iterator[Submission]:
        """The versions with these event numbers in their order, without those that nobody can open any more; with
        `gone` these too, without any answer."""
        for version in self.opened(numbers, gone=gone):
            try:
                yield version.submission()
            except (DataError, ValueError, KeyError, TypeError, AttributeError) as error:
                raise StoreError("store.damaged", path=self._connection.path) from error

    def opened(self, numbers: Sequence[int], *, gone: bool = False) -> Iterator[Opened]:
        """The same, not put together. Events never change, so no cursor need stay open between the chunks."""
        for start in range(0, len(numbers), _CHUNK):
            grouped: dict[Value, list[Row]] = {}
            wanted = ",".join(map(str, numbers[start : start + _CHUNK]))
            for row in self._connection.execute(_PARTS, (f"[{wanted}]",)):
                grouped.setdefault(row[0], []).append(row)
            for rows in grouped.values():
                version, kept = self._version(rows)
                if gone or kept:
                    yield version

    def _version(self, rows: list[Row]) -> tuple[Opened, bool]:
        """A version, and whether anybody can open something of it."""
        number, submission, version, form, municipality, subject, received, *_ = rows[0]
        subject, plain = str(subject), self._plain(str(submission), version, str(form), str(municipality), received)
        texts: dict[str, bytes] = {}
        unread: list[str] = []
        kept = False
        for name, _, sealed, generation, wrapped in _newest(rows):
            kept = kept or wrapped is not None
            key = self._keys.opened(subject, str(name), generation, wrapped)
            if key is None:
                unread.append(str(name))
            else:
                about = about_part(plain.submission, plain.version, str(name), subject)
                texts[str(name)] = self._keys.unseal(key, sealed, about)
        named = next((row[12:] for row in rows if row[12] is not None), (None, None, None))
        person = self._keys.person(subject, *named) if kept else subject
        return Opened(int(number or 0), plain, person, texts, tuple(sorted(unread, key=CLASSES.index))), kept

    def _plain(self, submission: str, version: Value, form: str, municipality: str, received: Value) -> Plain:
        if form not in self._forms:
            ((form_id, form_version),) = self._connection.execute(
                "SELECT form_id, version FROM form WHERE hash = ?", (form,)
            )
            self._forms[form] = (str(form_id), str(form_version))
        return Plain(submission, int(version or 0), *self._forms[form], form, municipality, str(received))


def _newest(rows: Iterable[Row]) -> Iterable[Row]:
    """Of each class the part that was written last: class, event that wrote it, sealed, and the key's row."""
    found: dict[Value, Row] = {}
    for row in rows:
        part = row[7:12]
        if part[0] is not None and (part[0] not in found or int(found[part[0]][1] or 0) < int(part[1] or 0)):
            found[part[0]] = part
    return found.values()


def _selection(form_id: str | None, municipality: str | None, known_at: datetime | None) -> dict[str, Value]:
    moment = None if known_at is None else as_stored(known_at)
    return {"form_id": form_id, "municipality": municipality, "known_at": moment}
