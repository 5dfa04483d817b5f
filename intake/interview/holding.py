"""Whose hands a draft is in, and since when; never more than that.

It belongs to whoever began it, until somebody takes it over by an explicit click, at any computer. That stands in the
draft's journal as a setting, so every window learns of it, and goes with the draft. It locks nobody out: what the one
before still types is kept (`intake.interview.conflict`), and both are told.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from intake.store import Journal, Op
from validation.errors import StoreError

HOLDER = "holder"
_TRIES = 5  # how often a take-over is offered to a journal in which somebody types at the same moment


@dataclass(frozen=True, slots=True)
class Held:
    """Who has a draft, '' where nobody said, and since when."""

    name: str
    since: datetime


def held_by(author: str, started: datetime, settings: Mapping[str, object]) -> Held:
    """Who has a draft that this author started, with these settings."""
    if HOLDER not in settings:
        return Held(author, started)
    since, name = str(settings[HOLDER]).split(" ", 1)
    return Held(name, datetime.fromisoformat(since))


def holder_of(author: str, started: datetime, operations: Iterable[Op]) -> Held:
    """Who has a draft that this author started, with these operations."""
    settings = {op.payload["name"]: op.payload["value"] for op in operations if op.payload.get("op") == "setting"}
    return held_by(author, started, {str(name): value for name, value in settings.items()})


def holding(journal: Journal, draft_id: str) -> Held | None:
    """Who has a draft; None where it is not open."""
    try:
        draft = journal.draft(draft_id)
        return holder_of(draft.author, draft.started, journal.replay(draft_id))
    except StoreError as error:
        if error.code != "store.no_draft":
            raise
        return None


def take_over(journal: Journal, draft_id: str, author: str, now: datetime) -> None:
    """Write into the journal that this author has the draft from now on; nothing where that is so already.

    StoreError as `Journal.record`.
    """
    op_id = secrets.token_hex(16)
    payload = {"op": "setting", "name": HOLDER, "value": f"{now.isoformat(timespec='seconds')} {author}"}
    for left in reversed(range(_TRIES)):
        draft = journal.draft(draft_id)
        if holder_of(draft.author, draft.started, journal.replay(draft_id)).name == author:
            return
        try:
            journal.record(draft_id, op_id, draft.sequence + 1, payload)
        except StoreError as error:
            if error.code != "store.stale_draft" or not left:
                raise
        else:
            return
