"""When a correction needs a reason. Both stores ask `judge` whenever a version is appended, whatever way it came.

A reason is one of three that are said by a click, or anything a program or a person writes in words. None is needed
within 24 hours of the last version that has one (or of the first), by its author: who sees a slip at once mends it.
What counts is when the store received the versions, by its own clock.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from intake.submission import Submission
from validation.errors import StoreError
from validation.messages import say

REASONS = ("typo", "late", "changed")
"""A slip; something that was not known then; life went on."""
ELSEWHERE = "elsewhere"
"""Corrected at another computer, whose store asked for no reason, and brought here later (`intake.store.push`)."""
GRACE = timedelta(hours=24)


def judge(offered: Submission, received: datetime, history: Callable[[], Sequence[Submission]]) -> None:
    """Whether a version may be kept with the reason it has. StoreError 'store.no_reason'.

    `history` gives what is stored of the submission; it is asked only where no reason is given.
    """
    if offered.version == 1 or (offered.reason or "").strip():
        return
    earlier = [each for each in history() if each.version < offered.version]
    if needs_reason(offered.author, received, earlier):
        raise StoreError("store.no_reason", version=offered.version)


def needs_reason(author: str, moment: datetime, earlier: Sequence[Submission]) -> bool:
    """Whether this author must say why, who changes now what was kept in these versions, first to latest.

    An author that cannot be read (erased, not this login's) is nobody's. A clock that went back counts as one that went
    on: what is a day away in either direction needs a reason.
    """
    if not earlier:
        return False
    last = next((each for each in reversed(earlier) if (each.reason or "").strip()), earlier[0])
    if last.received is None or "staff" in last.unread:
        return True
    return _nfc(last.author) != _nfc(author) or abs(moment - last.received) > GRACE


def words_of(reason: str | None, language: str = "de") -> str:
    """A reason as people read it: a code in words of a catalogue language, words as they stand, '' for none."""
    if reason in (*REASONS, ELSEWHERE):
        return say(f"correction.{reason}", language)
    return reason or ""


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
