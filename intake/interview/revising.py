"""A record that was handed in, opened again: a draft that starts from it and becomes its next version.

What the draft revises and why stands in its journal as a setting, so that a draft resumed tomorrow still knows. The
record keeps its id, as all versions of a submission do. Nothing is overwritten: whoever is second is refused by the
store ('store.stale') and keeps the draft.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from intake.how import how_of
from intake.record import xml_from_record
from intake.store import Op, Store
from intake.store.corrections import REASONS, needs_reason
from intake.submission import Submission
from validation.errors import AnswerError, StoreError
from validation.form import Form

SETTING = "revises"


@dataclass(frozen=True, slots=True)
class Revision:
    """What a draft revises: version `version` of a submission, for one of `REASONS`, or '' where none was needed."""

    submission: str
    version: int
    reason: str

    def payload(self) -> dict[str, object]:
        """How the journal of the draft keeps it."""
        return {"op": "setting", "name": SETTING, "value": f"{self.version} {self.reason} {self.submission}"}

    def next_version(self, made: Submission) -> Submission:
        """A submission as the next version of what was revised."""
        return replace(made, id=self.submission, version=self.version + 1, reason=self.reason or None)


def revision_of(operations: Iterable[Op]) -> Revision | None:
    """What a draft with these operations revises; None for a new record."""
    found = None
    for operation in operations:  # the last one counts: a draft may go on from a newer version
        if operation.payload.get("op") == "setting" and operation.payload.get("name") == SETTING:
            found = _read(operation.payload["value"])
    return found


def revision_in(settings: Mapping[str, object]) -> Revision | None:
    """What an interview with these settings revises; None for a new record."""
    return _read(settings[SETTING]) if SETTING in settings else None


def _read(value: object) -> Revision:
    version, reason, submission = str(value).split(" ", 2)
    return Revision(submission, int(version), "late" if reason == "later" else reason)  # drafts of before


def brought(latest: Submission, form: Form) -> list[dict[str, object]]:
    """What comes with a record into the draft of its next version: kept warnings, and how its answers came about."""
    kept = [{"op": "override", "path": each.path, "reason": each.reason, "brought": True} for each in latest.overrides]
    said = how_of(latest.record, form).items()
    return [*kept, *({"op": "how", "path": path, "how": how, "brought": True} for path, how in said)]


def open_again(store: Store, form: Form, submission_id: str, reason: str, author: str, now: datetime) -> str:
    """A draft of the latest version of a submission, with its files and the warnings that were kept; the draft's id. It
    is made in one piece: without the mark of what it revises a draft could never be handed in.

    `form` is the one it was made with. AnswerError for another reason than those of `REASONS`, or none where one is
    needed; StoreError 'store.no_draft' when there is no such submission.
    """
    versions = store.history(submission_id)
    if not versions:
        raise StoreError("store.no_draft")
    if reason not in REASONS and (reason or needs_reason(author, now, versions)):
        raise AnswerError("interview.unreadable")
    latest = versions[-1]
    steps = [Revision(latest.id, latest.version, reason).payload()]
    steps += brought(latest, form)
    xml = xml_from_record(latest.record, form)
    return store.journal.start(
        latest.form_hash, latest.municipality, author, "", xml, operations=steps, files_of=submission_id
    ).id
