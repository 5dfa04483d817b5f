"""Dates and times in expressions: reading ISO 8601 text, days since 1970, text again.

A date is midnight in the study's zone. As a number it is days since 1970-01-01T00:00Z, counted on the zone's clock
with the zone's offset of 1970: where the zone never changes its clock this is what ODK Web Forms counts; where it
does (Europe/Berlin), adding 10 to a date in October still gives a date and not 23:00 the day before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_ISO = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?", re.ASCII
)
_TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall clock on purpose, see above
_DAY = 86_400_000_000  # microseconds
_MILLISECOND = 1_000


@dataclass(frozen=True, slots=True)
class Moment:
    """A date or a point in time. `when` is aware, in the study's zone; None is the invalid date, whose number is NaN.

    `timed` makes the text carry the time even at midnight (now() does).
    """

    when: datetime | None
    timed: bool = False

    def days(self) -> float:
        """Days since 1970, see the module; NaN for the invalid date."""
        micros = self.micros()
        return float("nan") if micros is None else micros / _DAY

    def micros(self) -> int | None:
        """The same as whole microseconds, so that differences are exact."""
        if self.when is None:
            return None
        return (self.when.replace(tzinfo=None) - _EPOCH - _base_offset(self.when.tzinfo)) // timedelta(microseconds=1)

    def is_date(self) -> bool:
        """True where the text is a date alone: midnight that nobody asked to see."""
        when = self.when
        return when is not None and not self.timed and not (when.hour or when.minute or when.second or when.microsecond)

    def __str__(self) -> str:
        """'2024-06-15' at midnight, '2024-06-15T12:00:00.000-07:00' else, 'Invalid Date'."""
        when = self.when
        if when is None:
            return "Invalid Date"
        if self.is_date():
            return when.date().isoformat()
        minutes = round((when.utcoffset() or timedelta()).total_seconds() / 60)
        sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
        clock = f"{when:%H:%M:%S}.{when.microsecond // _MILLISECOND:03d}"
        return f"{when.date().isoformat()}T{clock}{sign}{minutes // 60:02d}:{minutes % 60:02d}"


INVALID = Moment(None)


def read_moment(text: str, zone: tzinfo) -> Moment | None:
    """The moment an ISO date or date-time names; INVALID where it has the shape but no such day; None where neither.

    Text without an offset is on the zone's clock.
    """
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        wall = datetime(  # noqa: DTZ001 - the zone is put on below
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "0").ljust(6, "0")[:6]),
        )
        when = wall.replace(tzinfo=_offset(offset)).astimezone(zone) if offset else wall.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        return INVALID
    return Moment(when)


def from_days(days: float, zone: tzinfo) -> Moment:
    """The moment of a number of days since 1970, to the millisecond; INVALID outside the years 1 to 9999."""
    try:
        micros = round(days * _DAY / _MILLISECOND) * _MILLISECOND
        wall = _EPOCH + _base_offset(zone) + timedelta(microseconds=micros)
        return Moment(wall.replace(tzinfo=zone))
    except (OverflowError, ValueError):
        return INVALID


def from_datetime(when: datetime, zone: tzinfo, *, timed: bool) -> Moment:
    """A point in time seen in a zone; with `timed` False its date there."""
    local = when.astimezone(zone)
    return Moment(local, timed=True) if timed else Moment(local.replace(hour=0, minute=0, second=0, microsecond=0))


def read_time(text: str, zone: tzinfo, at: datetime | None) -> float:
    """The part of the day (0 to below 1) of a clock time; with an offset it is moved to the zone as it is `at`."""
    match = _TIME.fullmatch(text)
    if match is None:
        return float("nan")
    hour, minute, second, fraction, offset = match.groups()
    seconds = int(hour) * 3600 + int(minute) * 60 + int(second or 0)
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59:
        return float("nan")
    micros = seconds * 1_000_000 + int((fraction or "0").ljust(6, "0")[:6])
    if offset:
        try:
            there = _offset(offset).utcoffset(None)
        except ValueError:
            return float("nan")
        here = (at or _EPOCH.replace(tzinfo=UTC)).astimezone(zone).utcoffset() or timedelta()
        micros = (micros + (here - there) // timedelta(microseconds=1)) % _DAY
    return micros / _DAY


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    if int(digits[2:]) > 59:
        raise ValueError(text)
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _base_offset(zone: tzinfo | None) -> timedelta:
    return (zone.utcoffset(_EPOCH) if zone is not None else None) or timedelta()
