"""Who saw what: one event for each person whose answers somebody opened, and how the log of them reads.

    witness = Witness(store)
    witness.saw("P-000001", "interview")      the first time in this session an event, then nothing

It says who (the login), whose (the random subject), how (`VIEWS`) and when, never what was there. It is always on, and
written before anything is shown, so that nothing is seen without its line; it costs one commit for each person opened,
and none for what is done in it afterwards. There is no counting by login, here or anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from intake.store import Store
from intake.store.division import Division
from intake.store.ring import STUDY
from validation.form import Form

VIEWS = ("interview", "history", "disclosure", "export", "tables", "paper", "handover")
KINDS = ("access", "export", "erasure", "withdrawal", "restriction", "handover", "backup")
"""The kinds of event that the log tells of: what was seen, what went out, what was taken away."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A line of the log. `actor` is the name of the login, its id where it is gone; `subject` the random key, '' where
    it is about nobody in particular; `view` one of `VIEWS` or 'push', '' for others, whose `about` stands as it is."""

    number: int
    when: datetime
    actor: str
    kind: str
    view: str
    subject: str
    about: str
    municipality: str


class Witness:
    """Writes down whose answers are opened, once for each person and view while it lives: make one for a session."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: set[tuple[str, str, str]] = set()

    def saw(self, person: str, view: str, *, municipality: str = "") -> None:
        """Answers of a person are about to be shown. Nobody ('') and who is not in the store is no event.

        ValueError for a view there is not; what `Store.note` raises, and then nothing may be shown.
        """
        if view not in VIEWS:
            raise ValueError("a view is one of " + ", ".join(VIEWS))
        if not person or (person, view, municipality) in self._seen:
            return
        subject = self._store.subject_of(person)
        if subject is None:
            return
        self._store.note("access", municipality=municipality, subject=subject, about=view)
        self._seen.add((person, view, municipality))

    def saw_tables(self, forms: Sequence[Form]) -> None:
        """The answers of everybody to a form, in these versions of it, are about to be read: where some may be of the
        class 'special' and this login opens them, one event for all."""
        name = forms[0].id
        if ("", "tables", name) in self._seen or "special" not in self._store.classes:
            return
        if any("special" in Division(each).classes for each in forms):
            self._store.note("access", about=f"tables {name}")
        self._seen.add(("", "tables", name))


def log(
    store: Store, *, person: str | None = None, since: date | None = None, zone: tzinfo | None = None
) -> list[Sight]:
    """What was seen, given out and taken away, in its order; about one person, from a day on.

    What was read of everybody is about each person. A login that names nobody finds nobody: empty.
    """
    subject = None if person is None else store.subject_of(person)
    if person is not None and subject is None:
        return []
    names = {login.id: login.name for login in store.logins()}
    found = []
    for event in store.events(kinds=KINDS):
        everybody = event.subject == STUDY and event.kind in ("access", "export", "backup")
        if subject is not None and event.subject != subject and not everybody:
            continue
        if since is not None and event.received.astimezone(zone).date() < since:
            continue
        found.append(
            Sight(
                event.number, event.received, names.get(event.actor, event.actor), event.kind, _view(event.about),
                "" if event.subject == STUDY else event.subject, event.about, event.municipality,
            )
        )  # fmt: skip
    return found


def _view(about: str) -> str:
    first = about.partition(" ")[0]
    return first if first in (*VIEWS, "push") else ""


def told(sight: Sight) -> Mapping[str, str | int]:
    """A line as JSON has it."""
    return {
        "number": sight.number, "when": sight.when.isoformat(timespec="seconds"), "actor": sight.actor,
        "kind": sight.kind, "view": sight.view, "subject": sight.subject, "about": sight.about,
        "municipality": sight.municipality,
    }  # fmt: skip
