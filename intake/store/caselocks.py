"""Locked cases and periods: what was received stays as it is until somebody unlocks it.

A lock is an event of kind 'review' that everybody with the store can read: of a case (a person's random key, all
records about the person), or of a period (a municipality and two days: records first received on those days, both
included, in UTC). Both stores ask `judge_lock` whenever a version is appended, whatever way it came: from the screen,
an import, a push.

Not covered: new records (a late contact about a locked case is taken, with its own time of receipt), erasure,
withdrawal and resealing (the law goes first), drafts (they are kept; handing in is refused), and whoever writes to the
database past these programs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date
from typing import Protocol

from intake.store import Event
from intake.submission import Submission
from validation.errors import StoreError

KIND = "review"
LOCK, UNLOCK = "lock", "unlock"
CASE, PERIOD = "case", "period"


@dataclass(frozen=True, slots=True)
class Lock:
    """What is locked, by which event: a case has a `subject`, a period `municipality`, `first` and `last`."""

    event: Event
    subject: str = ""
    municipality: str = ""
    first: date = date.min
    last: date = date.max

    @property
    def is_case(self) -> bool:
        return bool(self.subject)


class Asked(Protocol):
    """What is asked of a store: `intake.store.Store` has it."""

    def events(self, after: int = 0, *, kinds: Iterable[str] | None = None) -> list[Event]: ...

    def history(self, submission_id: str) -> list[Submission]: ...

    def subject_of(self, person: str) -> str | None: ...


def about_case(act: str) -> str:
    """What the event of locking or unlocking a case is about."""
    return f"{act} {CASE}"


def about_period(act: str, first: date, last: date) -> str:
    """The same of a period."""
    return f"{act} {PERIOD} {first.isoformat()} {last.isoformat()}"


def held(events: Iterable[Event]) -> list[Lock]:
    """The locks that hold after these events, in the order in which they were set."""
    found: dict[tuple[str, str], Lock] = {}
    for event in events:
        act, _, what = event.about.partition(" ")
        if event.kind != KIND or act not in (LOCK, UNLOCK) or not (lock := _lock(event, what)):
            continue
        name = (event.subject if lock.is_case else event.municipality, what)
        if act == UNLOCK:
            found.pop(name, None)
        else:
            found.setdefault(name, lock)
    return [*found.values()]


def judge_lock(offered: Submission, store: Asked) -> None:
    """Whether a version may be appended. StoreError 'store.locked_case', 'store.locked_period'."""
    if offered.version == 1 or not (locks := held(store.events(kinds=[KIND]))):
        return
    kept = [each for each in store.history(offered.id) if each.version < offered.version]
    persons = {each.subject for each in (*kept, offered)} - {""}
    subjects = {store.subject_of(person) for person in persons} | persons
    if any(lock.subject in subjects for lock in locks if lock.is_case):
        raise StoreError("store.locked_case")
    first = kept[0] if kept else None
    if first is None or first.received is None:
        return
    day, towns = first.received.astimezone(UTC).date(), {first.municipality, kept[-1].municipality}
    for lock in locks:
        if not lock.is_case and lock.municipality in towns and lock.first <= day <= lock.last:
            raise StoreError("store.locked_period", first=lock.first.isoformat(), last=lock.last.isoformat())


def _lock(event: Event, what: str) -> Lock | None:
    """None for what is not written as these programs write it."""
    kind, *days = what.split() or [""]
    if kind == CASE and not days:
        return Lock(event, subject=event.subject)
    try:
        first, last = (date.fromisoformat(day) for day in days)
    except ValueError:
        return None
    return Lock(event, municipality=event.municipality, first=first, last=last) if kind == PERIOD else None
