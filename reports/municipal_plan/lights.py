"""The light of an indicator: how far it came from its baseline to its target, held against the time that went by.

The thresholds stand here and nowhere else. A straight line from the baseline to the target is the least that one can
assume: who is on the line or above it is on course. Half of the line still leaves the target within reach when the
pace doubles, so from there on an indicator is only behind; below half it is far behind. When the day of the target is
over, there is nothing left to catch up with: reached or missed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

BEHIND_FROM = Decimal("0.5")
"""Share of the straight line from which an indicator is behind, and no longer far behind."""

Direction = Literal["hoch", "runter"]
Code = Literal["reached", "kept", "on_course", "behind", "far", "missed", "lost", "break", "against", "open", "hidden"]

GOOD: tuple[Code, ...] = ("reached", "kept", "on_course")
MIDDLE: tuple[Code, ...] = ("behind",)
BAD: tuple[Code, ...] = ("far", "missed", "lost")
CODES: tuple[Code, ...] = (*GOOD, *MIDDLE, *BAD, "break", "against", "open", "hidden")


@dataclass(frozen=True, slots=True)
class Course:
    """From where to where an indicator shall go. `baseline` None: it was unknown when the plan was made;
    a target or its day is missing only in a record that the check finds fault with."""

    direction: str
    baseline: Decimal | None
    baseline_on: dt.date | None
    target: Decimal | None
    target_on: dt.date | None
    breaks: Sequence[dt.date] = ()


def progress(course: Course, now: Decimal) -> Decimal | None:
    """(now - baseline) / (target - baseline): 0 at the baseline, 1 at the target, less than 0 when it went the other
    way. None where there is no baseline or the target is the baseline."""
    if course.baseline is None or course.target is None or course.target == course.baseline:
        return None
    return (now - course.baseline) / (course.target - course.baseline)


def light(course: Course, now: Decimal | None, measured: dt.date | None) -> Code:
    """The light at the last measurement.

    open: no baseline, or nothing measured after it.  break: the way of counting changed in between (values from the day
    of a change on can't be compared with those before it).  against: the target lies against the direction.
    kept, lost: the target is the baseline, and the value is at least as good as it was, or not.
    """
    base, begun, target, until = course.baseline, course.baseline_on, course.target, course.target_on
    if now is None or measured is None or base is None or begun is None or target is None or until is None:
        return "open"
    if measured <= begun:
        return "open"
    if any(begun < day <= measured for day in course.breaks):
        return "break"
    up = course.direction == "hoch"
    if target == base:
        return "kept" if (now >= base if up else now <= base) else "lost"
    if (target > base) != up:
        return "against"
    return _on_the_way((now - base) / (target - base), (until - begun).days, (measured - begun).days)


def _on_the_way(done: Decimal, days: int, gone: int) -> Code:
    """done: share of the way, gone: of so many days."""
    if done >= 1:
        return "reached"
    if gone >= days:
        return "missed"
    line = Decimal(gone) / Decimal(days)
    if done >= line:
        return "on_course"
    return "behind" if done >= BEHIND_FROM * line else "far"
