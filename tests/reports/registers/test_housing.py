"""Accommodations counted by hand: half-open stays, usable places by day, who lives there apart, too many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest

from reports.registers.housing import listings
from reports.registers.listing import Listing
from reports.registers.reading import Registers, Scope
from reports.registers.site import sites

Asked = Callable[..., Scope]


def by_key(registers: Registers, scope: Scope) -> dict[str, Listing]:
    return {each.key: each for each in listings(registers, scope)}


def test_capacity_occupancy_and_free_places_on_the_day(registers: Registers, scope: Asked) -> None:
    """U-01: five moved in, one moved out on the day; 3 of 8 places usable. U-02: 5 of 6 usable, one person."""
    found = by_key(registers, scope())["sites"]
    assert found.title == "Unterkünfte in Nutzung: 2"
    assert [row[4:] for row in found.rows] == [
        (2, 8, 3, 4, 1, -1, Decimal("133.3")),
        (1, 6, 5, 1, 0, 4, Decimal("20.0")), (3, 14, 8, 5, 1, 3, Decimal("62.5")),
    ]  # fmt: skip


def test_too_many_are_named_for_the_house_and_the_unit(registers: Registers, scope: Asked) -> None:
    alerts = by_key(registers, scope())["sites"].alerts
    assert alerts == (
        "U-01 Haus Birke (Althengstett) ist überbelegt (Personen: 4, nutzbare Plätze: 3).",
        "U-01 Haus Birke (Althengstett), Wohneinheit W1, ist überbelegt (Personen: 2, Plätze: 1).",
    )


@pytest.mark.parametrize(("day", "people"), [
    ("2023-12-31", 0), ("2024-01-01", 5), ("2024-06-29", 5), ("2024-06-30", 4),
])  # fmt: skip
def test_a_stay_counts_from_the_day_of_the_move_in_to_the_day_before_the_move_out(
    registers: Registers, day: str, people: int
) -> None:
    birch, _ = sites(registers)
    assert len(birch.people(dt.date.fromisoformat(day))) == people


@pytest.mark.parametrize(("number", "day", "places"), [
    ("U-01", "2024-05-31", 8), ("U-01", "2024-06-01", 3), ("U-01", "2024-08-31", 3), ("U-01", "2024-09-01", 8),
    ("U-02", "2024-03-14", 0), ("U-02", "2024-03-15", 5),
])  # fmt: skip
def test_usable_places_go_by_the_day(registers: Registers, number: str, day: str, places: int) -> None:
    site = next(each for each in sites(registers) if each.number == number)
    assert site.usable_on(dt.date.fromisoformat(day)) == places


def test_somebody_entered_twice_takes_one_place() -> None:
    rows = {
        "unterkunft": [{"KEY": "u", "unterkunft-places": "2"}],
        "unterkunft-bewohner": [
            {"KEY": f"b{at}", "PARENT_KEY": "u", "person": "P-1", "von": f"2024-01-0{at}"} for at in (1, 2)
        ],
    }
    (site,) = sites(Registers(rows))
    assert len(site.people(dt.date(2024, 1, 5))) == 1


def test_the_series_has_twelve_days_of_which_the_day_is_the_last(registers: Registers, scope: Asked) -> None:
    series = by_key(registers, scope())["occupancy"]
    assert series.rows[0][0] == dt.date(2023, 7, 31)
    assert [row[1:5] for row in series.rows[-4:]] == [(2, 13, 5, 1), (2, 13, 6, 1), (2, 13, 6, 1), (2, 8, 5, 1)]


def test_where_there_is_room_comes_first_where_most_is(registers: Registers, scope: Asked) -> None:
    assert [row[::3] for row in by_key(registers, scope())["free"].rows] == [("U-02 Haus Linde", 4)]
    before = by_key(registers, scope(date=dt.date(2024, 5, 31)))["free"]
    assert [(row[0], *row[3:]) for row in before.rows] == [("U-02 Haus Linde", 4, ""), ("U-01 Haus Birke", 3, "ja")]


def test_towards_the_public_few_persons_in_a_district_are_hidden(registers: Registers, scope: Asked) -> None:
    (listing,) = listings(registers, scope(audience="public"))
    assert {head.key for head in listing.heads} == {"category", "districts", "sites", "units", "usable"}
    assert {row[1] for row in listing.rows} == {"·"}
