"""The public holidays of Baden-Württemberg: days on which no appointment can be kept.

By the state's law on Sundays and holidays (Feiertagsgesetz, §1): seven fixed days, five that follow Easter, and once
31.10.2017. Considered: the package `holidays`; a dependency that is to be kept up to date, for twelve rules.
"""

from __future__ import annotations

import datetime as dt
import functools

_FIXED = {(1, 1): "new_year", (1, 6): "epiphany", (5, 1): "labour_day", (10, 3): "unity_day", (11, 1): "all_saints",
          (12, 25): "christmas", (12, 26): "second_christmas"}  # fmt: skip
_AFTER_EASTER = {-2: "good_friday", 1: "easter_monday", 39: "ascension", 50: "whit_monday", 60: "corpus_christi"}
_ONCE = {dt.date(2017, 10, 31): "reformation"}


def easter(year: int) -> dt.date:
    """Easter Sunday of a year of the Gregorian calendar (after Gauss, with Lichtenberg's rule for the exceptions)."""
    century = year // 100
    moon = 15 + (3 * century + 3) // 4 - (8 * century + 13) // 25
    sun = 2 - (3 * century + 3) // 4
    cycle = year % 19
    seed = (19 * cycle + moon) % 30
    late = (seed + cycle // 11) // 29
    full = 21 + seed - late
    first_sunday = 7 - (year + year // 4 + sun) % 7
    return dt.date(year, 3, 1) + dt.timedelta(full + 7 - (full - first_sunday) % 7 - 1)


@functools.lru_cache(maxsize=32)
def holidays(year: int) -> dict[dt.date, str]:
    """{day: code of its name in the catalogue, without the area} of a year."""
    found = {dt.date(year, month, day): name for (month, day), name in _FIXED.items()}
    found |= {easter(year) + dt.timedelta(days): name for days, name in _AFTER_EASTER.items()}
    return dict(sorted({**found, **{day: name for day, name in _ONCE.items() if day.year == year}}.items()))


def holiday(day: dt.date) -> str:
    """The code of the holiday a day is, '' where it is none."""
    return holidays(day.year).get(day, "")


def working_day(day: dt.date) -> dt.date:
    """The day, or the next one that is neither at a weekend nor a holiday."""
    while day.weekday() >= 5 or holiday(day):
        day += dt.timedelta(1)
    return day
