"""Sealing anew in a team's store what a newer version of a form calls more sensitive than it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from intake.store import Event
from intake.store.division import Division, strictest
from intake.store.postgres.connection import Connection
from intake.store.postgres.events import ABOUT_THE_GONE, TeamEvents
from intake.store.postgres.officer import Officer
from intake.store.postgres.persons import Held, Persons
from intake.store.postgres.reading import TeamReading
from intake.store.raising import Part, losing, naming, raised
from intake.store.ring import CLASSES, DRAFT
from intake.store.rows import about_detail, about_file, about_part, as_stored, head_of
from intake.store.sealing import seal, unseal

File = tuple[int, int, str, bytes, bytes]
"""A sealed file: the event whose it is, its place, class, head and content."""


@dataclass(slots=True)
class _Told:
    """An event of a subject: the words its parts are sealed under, the parts opened, and as they will be."""

    event: Event
    before: dict[str, Part] = field(default_factory=dict)
    after: dict[str, Part] = field(default_factory=dict)

    def words(self, name: str) -> str:
        each = self.event
        if each.kind == "submission":
            return about_part(each.submission, each.version, name, each.subject)
        return about_detail(each.kind, each.about, as_stored(each.received), each.subject)


class TeamResealing:
    """Needs a login that sees and opens everything, and is in office: a manager of all municipalities."""

    def __init__(
        self, connection: Connection, persons: Persons, events: TeamEvents, reading: TeamReading, officer: Officer,
        division_of: Callable[[str], Division | None],
    ) -> None:  # fmt: skip
        """`division_of` gives how records of a form (by its hash) are divided."""
        self._connection = connection
        self._persons = persons
        self._events = events
        self._reading = reading
        self._officer = officer
        self._division_of = division_of

    def reseal(self, form_hash: str) -> Event | None:
        """One event for everybody whose answers lie lower than this form says; None when there is nobody.

        The persons concerned get new keys of the classes that lose something, and everything that lay under the old
        ones is sealed under the new. StoreError 'store.unknown_form', 'store.class_closed', 'store.not_allowed'.
        """
        form_id, _ = self._reading.form_of(form_hash)
        division = self._division_of(form_hash)
        with self._connection.transaction():
            self._persons.begin()
            for name in (*CLASSES, DRAFT):
                self._persons.ring.key(name)
            parts: list[tuple[int, str, bytes]] = []
            files: list[File] = []
            lost: set[str] = set()
            for subject, told in self._concerned(form_id, form_hash).items() if division is not None else ():
                gone = self._judged(subject, told, form_id, form_hash, division) if division is not None else set()
                if gone:
                    lost |= gone
                    made, kept = self._anew(subject, told, gone)
                    parts += made
                    files += kept
            if not lost:
                return None
            number = self._events.write("reseal", form=form_hash, parts=parts, files=files)
            self._officer.rotate(sorted(lost, key=CLASSES.index))
            return self._events.listed(number - 1, None, number)[0]

    def _concerned(self, form_id: str, form_hash: str) -> dict[str, list[_Told]]:
        """{subject: every event about it}, of who answered another version of the form."""
        found: dict[str, list[_Told]] = {}
        wanted: set[str] = set()
        for event in self._events.listed(0, None):
            if (
                event.kind == "submission"
                and event.form != form_hash
                and self._reading.form_of(event.form)[0] == form_id
            ):
                wanted.add(event.subject)
            if event.kind not in ABOUT_THE_GONE:
                found.setdefault(event.subject, []).append(_Told(event))
        return {subject: told for subject, told in found.items() if subject in wanted}

    def _judged(
        self, subject: str, told: Sequence[_Told], form_id: str, form_hash: str, division: Division
    ) -> set[str]:
        """Opens what is said about a subject; the classes that lose something."""
        held = self._persons.held([subject])
        by_number = {each.event.number: each for each in told}
        for number, *_, name, written_by, sealed in self._connection.call("content", list(by_number)):
            if name is not None and (key := held.key(subject, name, written_by)) is not None:
                each = by_number[number]
                each.before[name] = orjson.loads(unseal(key, sealed, each.words(name)))
        for each in told:
            form = each.event.form
            lower = each.event.kind == "submission" and form != form_hash and self._reading.form_of(form)[0] == form_id
            each.after = raised(division, each.before) if lower else each.before
        return losing((each.before, each.after) for each in told)

    def _anew(
        self, subject: str, told: Sequence[_Told], gone: set[str]
    ) -> tuple[list[tuple[int, str, bytes]], list[File]]:
        old = self._persons.held([subject])
        self._connection.call("forget", [subject], sorted(gone))
        keys = self._persons.keys_for(subject, CLASSES)
        parts = [
            (each.event.number, name, seal(keys[name], _text(part), each.words(name)))
            for each in told
            for name, part in each.after.items()
            if name in gone or part != each.before.get(name)
        ]
        return parts, [file for each in told for file in self._files(each, old, keys, gone)]

    def _files(self, told: _Told, old: Held, keys: Mapping[str, bytes], gone: set[str]) -> list[File]:
        """The files of a version that have to be sealed anew: under the new key of their class, or of the stricter one
        of what names them."""
        found: list[File] = []
        event = told.event
        for number, version, place, name, written_by, head, subject in self._connection.call(
            "files_of", event.submission
        ):
            key = old.key(subject, name, written_by)
            if number != event.number or key is None:
                continue
            words = about_file(event.submission, version, place, subject)
            opened = unseal(key, head, f"head {words}")
            target = strictest((name, *naming(told.after, head_of(opened).name)))
            if target != name or target in gone:
                ((sealed,),) = self._connection.call("file_content", number, place)
                new = keys[target]
                content = seal(new, unseal(key, sealed, words), words)
                found.append((number, place, target, seal(new, opened, f"head {words}"), content))
        return found


def _text(part: Part) -> bytes:
    return orjson.dumps(part, option=orjson.OPT_SORT_KEYS)
