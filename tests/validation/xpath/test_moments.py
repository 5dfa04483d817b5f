"""validation/xpath/moments.py: dates as text, as days, and across the change of the clocks."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation.xpath.moments import INVALID, Moment, from_datetime, from_days, read_moment, read_time

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2024-06-15", "2024-06-15"),
        ("2024-6-5", "2024-06-05"),
        ("2024-06-15T00:00:00", "2024-06-15"),
        ("2024-06-15T12:30:00Z", "2024-06-15T14:30:00.000+02:00"),
        ("2024-01-15T12:30:05.25Z", "2024-01-15T13:30:05.250+01:00"),
        ("2024-01-15T12:30:05-05:30", "2024-01-15T19:00:05.000+01:00"),
        ("2024-02-30", "Invalid Date"),
        ("2024-01-15T25:00:00", "Invalid Date"),
        ("0000-01-01", "Invalid Date"),
        ("2024-01-15T12:30:05+99:99", "Invalid Date"),
        ("0001-01-01T00:00:00+14:00", "Invalid Date"),
    ],
)
def test_reading_and_writing(text: str, shown: str) -> None:
    assert str(read_moment(text, BERLIN)) == shown


@pytest.mark.parametrize(
    "text", ["", "15.06.2024", "2024-06", "2024-06-15 12:00", "20240615", "x2024-06-15", "٢٠٢٤-٠٦-١٥"]
)
def test_other_text_is_no_date(text: str) -> None:
    assert read_moment(text, BERLIN) is None


def test_days_are_counted_from_1970() -> None:
    assert read_moment("1970-01-02", UTC) == Moment(datetime(1970, 1, 2, tzinfo=UTC))
    assert Moment(datetime(1970, 1, 2, 12, tzinfo=UTC)).days() == 1.5
    west = timezone(timedelta(hours=-6))
    assert Moment(datetime(1970, 1, 1, tzinfo=west)).days() == 0.25
    assert math.isnan(INVALID.days())


def test_days_beyond_the_calendar_are_no_date() -> None:
    assert from_days(1e9, UTC) is not None
    assert str(from_days(1e9, UTC)) == "Invalid Date"
    assert str(from_days(-1e300, UTC)) == "Invalid Date"


@pytest.mark.parametrize("zone", [UTC, BERLIN, ZoneInfo("America/Phoenix")])
@given(
    day=st.dates(min_value=date(1900, 1, 2), max_value=date(2200, 1, 1)),
    days=st.integers(min_value=-20_000, max_value=20_000),
)
def test_adding_days_gives_the_date_so_many_days_later(zone: ZoneInfo, day: date, days: int) -> None:
    start = read_moment(day.isoformat(), zone)
    assert start is not None
    assert str(from_days(start.days() + days, zone)) == (day + timedelta(days=days)).isoformat()


@given(st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - wall clock
def test_text_reads_back(when: datetime) -> None:
    moment = Moment(when.replace(microsecond=when.microsecond // 1000 * 1000, tzinfo=UTC), timed=True)
    again = read_moment(str(moment), UTC)
    assert again is not None
    assert again.when == moment.when


def test_today_and_now_of_a_point_in_time() -> None:
    late = datetime(2022, 12, 31, 23, 30, tzinfo=UTC)
    assert str(from_datetime(late, BERLIN, timed=False)) == "2023-01-01"
    midnight = datetime(2022, 12, 31, 23, 0, tzinfo=UTC)
    assert str(from_datetime(midnight, BERLIN, timed=True)) == "2023-01-01T00:00:00.000+01:00"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("06:00", 0.25),
        ("06:00:00.000+01:00", 0.25),
        ("23:00Z", 0.0),
        ("24:00", None),
        ("6:00", None),
        ("a", None),
        ("06:00+99:99", None),
    ],
)
def test_clock_times_are_parts_of_the_day(text: str, part: float | None) -> None:
    found = read_time(text, BERLIN, datetime(2024, 1, 15, tzinfo=UTC))
    assert math.isnan(found) if part is None else found == part
