"""Restricted processing (Art. 18 GDPR): what is about a person stays stored, and nothing else is done with it.

A restriction is an event; the last one about a person counts. Tables and reports leave such records out and say so;
the retention run does not erase them, because the person may need them. A restriction is lifted by another event.
"""

from __future__ import annotations

from collections.abc import Iterable

from intake.store import Event, Store
from validation.errors import StoreError

RESTRICTED, LIFTED = "restricted", "lifted"
"""What the events of kind 'restriction' are about."""


def restrict(store: Store, person: str, *, reason: str) -> Event:
    """Restrict the processing of what is about a person. StoreError 'store.no_person', 'restriction.already'."""
    return _note(store, person, RESTRICTED, reason)


def lift(store: Store, person: str, *, reason: str) -> Event:
    """End a restriction. StoreError 'store.no_person', 'restriction.none'."""
    return _note(store, person, LIFTED, reason)


def restricted(store: Store) -> frozenset[str]:
    """The random keys of everybody whose processing is restricted now."""
    state: dict[str, str] = {}
    for event in store.events(kinds=["restriction"]):
        state[event.subject] = event.about
    return frozenset(subject for subject, about in state.items() if about == RESTRICTED)


def left_out(store: Store) -> frozenset[str]:
    """The ids of the submissions about somebody whose processing is restricted: not for tables and reports."""
    subjects = restricted(store)
    if not subjects:
        return frozenset()
    return frozenset(each.submission for each in store.events(kinds=["submission"]) if each.subject in subjects)


def is_restricted(store: Store, person: str) -> bool:
    """Whether the processing of what is about a person is restricted now."""
    subjects = restricted(store)
    return bool(subjects) and store.subject_of(person) in subjects


def _municipality(events: Iterable[Event], subject: str) -> str:
    return next((each.municipality for each in reversed([*events]) if each.subject == subject), "")


def _note(store: Store, person: str, about: str, reason: str) -> Event:
    subject = store.subject_of(person)
    if subject is None:
        raise StoreError("store.no_person")
    if (subject in restricted(store)) == (about == RESTRICTED):
        raise StoreError("restriction.already" if about == RESTRICTED else "restriction.none")
    town = _municipality(store.events(kinds=["submission"]), subject)
    return store.note("restriction", municipality=town, subject=subject, about=about, detail={"reason": reason})
