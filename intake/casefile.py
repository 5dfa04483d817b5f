"""What a store holds about one person: nothing is read that is about somebody else.

A record that was filed under the wrong person and corrected since is about whom its latest version names, and about
nobody else any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from intake.store import Entry, Store
    from intake.submission import Submission


def latest_entries(entries: Iterable[Entry]) -> list[Entry]:
    """The latest version of each submission, in the order of the first ones."""
    return list({each.submission: each for each in entries}.values())


def records_about(store: Store, person: str, among: Iterable[Entry] | None = None) -> list[Submission]:
    """The latest version of every record about a person that can still be opened, in the order of their first
    versions. `among` are the latest entries of the store, for whoever asks about several persons."""
    known = latest_entries(store.entries()) if among is None else among
    mine = [each.submission for each in known if each.subject == person]
    return [latest for each in mine if (latest := store.history(each)[-1]).record]
