"""Public holidays of Baden-Württemberg against days that are known."""

from __future__ import annotations

import datetime as dt

import pytest

from intake.holidays import easter, holiday, holidays, working_day
from validation.messages import LANGUAGES, say

IN_2026 = {
    "2026-01-01": "Neujahr", "2026-01-06": "Heilige Drei Könige", "2026-04-03": "Karfreitag",
    "2026-04-06": "Ostermontag", "2026-05-01": "Tag der Arbeit", "2026-05-14": "Christi Himmelfahrt",
    "2026-05-25": "Pfingstmontag", "2026-06-04": "Fronleichnam", "2026-10-03": "Tag der Deutschen Einheit",
    "2026-11-01": "Allerheiligen", "2026-12-25": "1. Weihnachtstag", "2026-12-26": "2. Weihnachtstag",
}  # fmt: skip


def test_the_twelve_holidays_of_2026_by_name() -> None:
    assert {day.isoformat(): say(f"holiday.{code}") for day, code in holidays(2026).items()} == IN_2026


@pytest.mark.parametrize("day", ["1818-03-22", "1943-04-25", "1954-04-18", "1981-04-19", "2019-04-21", "2038-04-25"])
def test_easter_where_the_rule_has_exceptions(day: str) -> None:
    assert easter(int(day[:4])) == dt.date.fromisoformat(day)


def test_the_reformation_day_was_one_once() -> None:
    assert holiday(dt.date(2017, 10, 31)) == "reformation"
    assert holiday(dt.date(2018, 10, 31)) == ""
    assert len(holidays(2017)) == 13


def test_each_has_a_name_in_both_languages() -> None:
    for code in {*holidays(2026).values(), "reformation"}:
        assert len({say(f"holiday.{code}", language) for language in LANGUAGES}) == 2


@pytest.mark.parametrize(
    ("day", "next_one"),
    [("2026-04-02", "2026-04-02"), ("2026-04-03", "2026-04-07"), ("2026-12-25", "2026-12-28")],
)
def test_the_next_day_on_which_an_office_is_open(day: str, next_one: str) -> None:
    assert working_day(dt.date.fromisoformat(day)) == dt.date.fromisoformat(next_one)
