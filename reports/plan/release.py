"""Towards which agencies a person has released the integration management from confidentiality, and until when.

What counts is the newest record of a person in which the question was answered; a refusal is an answer, too. The forms
ask for the agencies, for one last day that holds for all of them, and in a repeat for the last day of an agency that
has its own. Records of older forms have no repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from intake.submission import Record, Submission, answer_named
from reports.plan.state import plain_answers

RELEASE, UNTIL = "schweigepflicht", "schweigepflicht_bis"
ASKED_ANEW = "entbindung_neu"
"""A follow-up's question whether releases are to be entered anew; then what stands there replaces all of before."""
_REPEATS = ("entbindung", "frist")


@dataclass(frozen=True, slots=True)
class Release:
    """A release towards an agency (its code). `until` is its last day, None where none was set."""

    agency: str
    until: date | None

    def holds(self, day: date) -> bool:
        """Whether it is valid on a day."""
        return self.until is None or day <= self.until


def releases(records: Iterable[Submission]) -> tuple[Release, ...]:
    """The releases that the newest answer among the records of a person gives; none where nobody was asked."""
    asked = [each for each in records if _was_answered(each.record)]
    if not asked:
        return ()
    record = max(asked, key=lambda each: each.ended).record
    until, own = _day(answer_named(record, UNTIL)), dict(_own_ends(record))
    return tuple(Release(agency, own.get(agency, until)) for agency in answer_named(record, RELEASE).split())


def _was_answered(record: Record) -> bool:
    said = answer_named(record, RELEASE) or answer_named(record, f"{RELEASE}__missing")
    return bool(said) or answer_named(record, ASKED_ANEW) == "ja"


def _own_ends(record: Record) -> Iterator[tuple[str, date | None]]:
    """The agencies that have a last day of their own, from whichever repeat says so."""
    for key, entries in record.items():
        if not isinstance(entries, list) or key.rpartition("/")[2] not in _REPEATS:
            continue
        for entry in entries:
            said = {name.removeprefix("frist_"): text for name, text in plain_answers(entry)}
            if said.get("stelle") and said.get("bis"):
                yield said["stelle"], _day(said["bis"])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
