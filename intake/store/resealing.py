"""Sealing anew in a SQLite store what a newer version of a form calls more sensitive than it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import orjson

from intake.store import Event, raising
from intake.store.attachments import sealed_file
from intake.store.connection import Connection, Value, as_bytes
from intake.store.division import Division, strictest
from intake.store.events import File, Part, SqliteEvents
from intake.store.ring import CLASSES
from intake.store.rows import about_detail, about_file, about_part, head_of
from intake.store.sealing import seal, unseal
from intake.store.subjects import SqliteKeys
from validation.errors import StoreError

_PARTS = """
    SELECT e.number, e.kind, e.submission, e.version, e.about, e.received, p.class, p.sealed, k.generation, k.wrapped,
           f.form_id, e.form
    FROM event AS e
    JOIN part AS p ON p.event = e.number
    JOIN person_key AS k ON k.subject = e.subject AND k.name = p.class AND k.since <= p.written_by
    LEFT JOIN form AS f ON f.hash = e.form
    WHERE e.subject = ?1 AND e.kind NOT IN ('erasure', 'withdrawal')
      AND p.written_by = (SELECT max(w.written_by) FROM part AS w WHERE w.event = p.event AND w.class = p.class)
    ORDER BY e.number"""

_FILES = """
    SELECT e.number, e.submission, e.version, a.place, a.class, a.head, a.sealed, k.generation, k.wrapped
    FROM event AS e
    JOIN attachment AS a ON a.event = e.number
    JOIN person_key AS k ON k.subject = e.subject AND k.name = a.class AND k.since <= a.written_by
    WHERE e.subject = ?1
      AND a.written_by = (SELECT max(w.written_by) FROM attachment AS w WHERE w.event = a.event AND w.place = a.place)
    ORDER BY e.number, a.place"""


@dataclass(slots=True)
class _Opened:
    """An event of a subject: its parts as they are opened, those that change, and the words to seal them under."""

    words: Callable[[str], str]
    parts: dict[str, raising.Part]
    after: dict[str, raising.Part] = field(default_factory=dict)


class SqliteResealing:
    """Works inside the transaction of whoever calls, with a login that holds all classes."""

    def __init__(
        self,
        connection: Connection,
        keys: SqliteKeys,
        events: SqliteEvents,
        division_of: Callable[[str], Division | None],
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._events = events
        self._division_of = division_of

    def reseal(self, form_hash: str) -> Event | None:
        """One event for everybody whose answers lie lower than this form says; None when there is nobody.

        The persons concerned get new keys of the classes that lose something, and everything that lay under the old
        ones is sealed under the new: who kept the old ones cannot open what is in the store.
        StoreError 'store.unknown_form'.
        """
        rows = self._connection.execute("SELECT form_id FROM form WHERE hash = ?", (form_hash,))
        division = self._division_of(form_hash)
        if not rows or division is None:
            raise StoreError("store.unknown_form", hash=form_hash[:12])
        number = self._events.next()
        parts: list[Part] = []
        files: list[File] = []
        lost: set[str] = set()
        for (subject,) in self._connection.execute(
            "SELECT DISTINCT e.subject FROM event AS e JOIN form AS f ON f.hash = e.form"
            " WHERE e.kind = 'submission' AND f.form_id = ? AND e.form <> ?",
            (rows[0][0], form_hash),
        ):
            events = self._opened(str(subject), str(rows[0][0]), form_hash, division)
            gone = raising.losing((each.parts, each.after) for each in events.values())
            if gone:
                lost |= gone
                parts_, files_ = self._anew(str(subject), events, gone, number)
                parts += parts_
                files += files_
        if not lost:
            return None
        event = self._events.write("reseal", form=form_hash, number=number, parts=parts, files=files)
        with self._keys.permitted():
            self._keys.rotate(sorted(lost, key=CLASSES.index))
        return event

    def _opened(self, subject: str, form_id: str, form_hash: str, division: Division) -> dict[int, _Opened]:
        """Everything that is said about a subject, by event, with what the form raises in its own records."""
        found: dict[int, _Opened] = {}
        concerned: set[int] = set()
        for row in self._connection.execute(_PARTS, (subject,)):
            number, kind, submission, version, about, received, name, sealed, generation, wrapped, form, by = row
            key = self._keys.opened(subject, str(name), generation, wrapped) or b""
            told = _Opened(_words(kind, submission, version, about, received, subject), {})
            each = found.setdefault(int(number or 0), told)
            each.parts[str(name)] = orjson.loads(self._keys.unseal(key, sealed, each.words(str(name))))
            if kind == "submission" and form == form_id and by != form_hash:
                concerned.add(int(number or 0))
        for number, each in found.items():
            each.after = raising.raised(division, each.parts) if number in concerned else each.parts
        return found

    def _anew(
        self, subject: str, events: Mapping[int, _Opened], gone: set[str], number: int
    ) -> tuple[list[Part], list[File]]:
        files = self._connection.execute(_FILES, (subject,))
        old = {str(row[4]): self._keys.opened(subject, str(row[4]), row[7], row[8]) or b"" for row in files}
        with self._keys.permitted():
            for name in gone:
                self._connection.execute("DELETE FROM person_key WHERE subject = ? AND name = ?", (subject, name))
        keys = self._keys.needed(subject, CLASSES, number)
        parts = [
            Part(name, seal(keys[name], orjson.dumps(part, option=orjson.OPT_SORT_KEYS), each.words(name)), event)
            for event, each in events.items()
            for name, part in each.after.items()
            if name in gone or part != each.parts.get(name)
        ]
        return parts, [
            file
            for row in files
            if (file := _file_anew(row, subject, old, keys, gone, events[int(row[0] or 0)])) is not None
        ]


def _file_anew(
    row: tuple[Value, ...],
    subject: str,
    old: Mapping[str, bytes],
    keys: Mapping[str, bytes],
    gone: set[str],
    event: _Opened,
) -> File | None:
    """A file under the new key of its class, or of the stricter one of what names it; None if it may stay."""
    number, submission, version, place, name, head, sealed, *_ = row
    words = about_file(str(submission), int(version or 0), int(place or 0), subject)
    opened = head_of(unseal(old[str(name)], as_bytes(head), f"head {words}"))
    target = strictest((str(name), *raising.naming(event.after, opened.name)))
    if target == name and target not in gone:
        return None
    content = unseal(old[str(name)], as_bytes(sealed), words)
    made = sealed_file(keys[target], int(place or 0), target, opened, content, words)
    return File(made.place, made.name, made.head, made.sealed, int(number or 0))


def _words(
    kind: Value, submission: Value, version: Value, about: Value, received: Value, subject: str
) -> Callable[[str], str]:
    if kind == "submission":
        return lambda name: about_part(str(submission), int(version or 0), name, subject)
    return lambda _: about_detail(str(kind), str(about), str(received), subject)
