"""Taking away what may no longer be read in a team's store: erasure (Art. 17 GDPR) and withdrawn consent.

The list of what was taken away is kept beside the ways at the computers of those in office, so that an older dump that
is put back on the server forgets again as soon as one of them comes in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from intake.store import Event, erasures
from intake.store.erasures import Erasure
from intake.store.postgres.connection import Connection
from intake.store.postgres.events import TeamEvents
from intake.store.postgres.losses import GONE
from intake.store.postgres.officer import Officer
from intake.store.postgres.persons import Persons
from intake.store.ring import CLASSES, DRAFT
from intake.store.rows import as_stored
from validation.errors import StoreError


class Forgetting:
    """Each act is one transaction, an event for each subject, and fresh class keys. The server refuses who is not in
    office."""

    def __init__(
        self, connection: Connection, persons: Persons, events: TeamEvents, officer: Officer, stamp: Callable[[], str],
        store: str, beside: Path | None,
    ) -> None:  # fmt: skip
        """`store` is the store's id; the list is kept beside `beside`, nowhere where that is None."""
        self._connection = connection
        self._persons = persons
        self._events = events
        self._officer = officer
        self._stamp = stamp
        self._store = store
        self._list = None if beside is None else erasures.list_of(beside)

    def forget(self, kind: str, person: str, reason: str) -> Event:
        """Take the keys of a person away: all of them with the drafts about the person ('erasure'), or those of what
        needs consent ('withdrawal').

        One person may be several subjects, when municipalities entered the same id without knowing of each other: an
        event each, the last one is returned. StoreError 'store.no_person', 'store.open_draft'.
        """
        listed = self._listed()
        try:
            with self._connection.transaction():
                self._persons.begin()
                subjects = self._persons.subjects_of(person)
                if not subjects:
                    raise StoreError("store.no_person")
                concerned = [*self._mistaken(subjects), *subjects]
                events = self._take(kind, dict.fromkeys(concerned, ""), {"reason": reason})
                self._keep([*listed, *map(self._entry, events)])
        except BaseException:
            self._keep(listed)
            raise
        return events[-1]

    def erased(self) -> list[tuple[str, tuple[str, ...], datetime]]:
        """Every erasure and withdrawal: the subject, the classes that went, and when."""
        return [(each.subject, GONE[each.kind], each.received) for each in self._events.listed(0, GONE)]

    def catch_up(self) -> None:
        """Forget again what the list knows of and the server does not, because it is an older copy; and list what the
        list lacks. Nothing for a login that is not in office."""
        ((office,),) = self._connection.call("in_office")
        if not office or self._list is None or set(self._persons.ring.classes) != set(CLASSES):
            return
        events = self._events.listed(0, GONE)
        done = {(each.subject, moment) for each in events for moment in (as_stored(each.received), each.about)}
        listed = self._listed()
        for each in listed:
            if each.store == self._store and (each.subject, each.received) not in done and self._has_keys(each):
                kind = "erasure" if set(each.classes) == set(CLASSES) else "withdrawal"
                with self._connection.transaction():
                    self._persons.begin()
                    self._take(kind, {each.subject: each.received}, {})
        known = [
            *listed,
            *(entry for event in events if (entry := self._entry(event)) not in listed),
        ]
        if known != listed:
            self._keep(known)

    def _take(self, kind: str, subjects: Mapping[str, str], detail: Mapping[str, str]) -> list[Event]:
        """Inside a transaction that has begun to write. A subject comes with the time of its first erasure, where an
        older copy came back, else with ''."""
        for name in (*CLASSES, DRAFT):
            self._persons.ring.key(name)
        found = sorted(subjects)
        named = self._persons.named(found, self._persons.held(found))
        handed_in = self._connection.call("submissions_of", found)
        codes = self._persons.codes(named.values(), [submission for _, submission, _, _ in handed_in])
        drafts = [draft for (draft,) in self._connection.call("drafts_about", codes)]
        if kind == "withdrawal" and drafts and not any(subjects.values()):
            raise StoreError("store.open_draft")
        places = {subject: place for _, _, place, subject in reversed(handed_in)}
        events = [
            self._events.note(kind, places.get(subject, ""), subject, first, detail)
            for subject, first in subjects.items()
        ]
        self._connection.call("forget", found, list(GONE[kind]))
        if kind == "erasure":
            self._connection.call("drop_drafts", drafts, self._stamp())
        self._officer.rotate((*GONE[kind], DRAFT) if kind == "erasure" else GONE[kind])
        return events

    def _mistaken(self, subjects: Sequence[str]) -> list[str]:
        """Subjects of nobody else: all that was ever said under them was later corrected to be about these."""
        latest: dict[str, str] = {}
        said: dict[str, set[str]] = {}
        for event in self._events.listed(0, ("submission",)):
            latest[event.submission] = event.subject
            said.setdefault(event.subject, set()).add(event.submission)
        found = [
            subject for subject, submissions in said.items()
            if subject not in subjects and all(latest[each] in subjects for each in submissions)
        ]  # fmt: skip
        return sorted({row[0] for row in self._connection.call("person_keys", found)}) if found else []

    def _has_keys(self, erasure: Erasure) -> bool:
        rows = self._connection.call("person_keys", [erasure.subject])
        return bool({row[1] for row in rows} & set(erasure.classes))

    def _entry(self, event: Event) -> Erasure:
        """What the list says of an event; of one that was done again, what it said of the first."""
        moment = event.about or as_stored(event.received)
        return erasures.entry(self._persons.ring, self._store, event.subject, GONE[event.kind], moment)

    def _listed(self) -> list[Erasure]:
        return [] if self._list is None else erasures.read_vouched(self._list, self._store, self._persons.ring)

    def _keep(self, entries: Sequence[Erasure]) -> None:
        if self._list is not None and entries != self._listed():
            self._list.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            erasures.write(self._list, entries)
