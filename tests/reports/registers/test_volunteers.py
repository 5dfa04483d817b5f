"""Volunteers: active on the day, by role and language, hours with their own case help, what they still need."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest

from reports.registers.listing import Listing
from reports.registers.reading import Registers, Scope
from reports.registers.volunteers import listings, volunteers
from scenario.lives import TOWN

Asked = Callable[..., Scope]


def by_key(registers: Registers, scope: Scope) -> dict[str, Listing]:
    return {each.key: each for each in listings(registers, scope)}


def test_active_by_role_and_interpreters_by_language(registers: Registers, scope: Asked) -> None:
    made = by_key(registers, scope())
    assert made["roles"].rows == (("Dolmetschen", 2), ("Patenschaft", 1))
    assert made["interpreters"].rows == (("Arabisch", 2), ("Englisch", 1))
    assert "Zusammen 2 Personen" in made["roles"].notes[0]
    before = by_key(registers, scope(date=dt.date(2024, 6, 29)))
    assert dict(before["roles"].rows)["Treff, Begegnung"] == 1  # type: ignore[arg-type]  # two cells a row
    assert dict(before["languages"].rows)["Deutsch"] == 1  # type: ignore[arg-type]  # two cells a row


def test_sponsorships_that_last(registers: Registers, scope: Asked) -> None:
    """Three wish one: the first is supported, the second was up to the day before, the third has nobody."""
    assert by_key(registers, scope())["supports"].rows == ((1, 1, 1, 3, 1, Decimal(100) / 3),)
    assert by_key(registers, scope(date=dt.date(2024, 6, 29)))["supports"].rows[0][:5] == (2, 1, 2, 4, 2)


def test_who_wishes_a_sponsor_is_in_care_on_the_day(registers: Registers, scope: Asked) -> None:
    """P-000004 left on the day; P-000005 said no later on; P-000006 comes only the day after."""
    at = {day: by_key(registers, scope(date=dt.date.fromisoformat(day)))["supports"].cell(0, "wishing")
          for day in ("2022-01-09", "2024-06-29", "2024-06-30", "2024-07-01")}  # fmt: skip
    assert at == {"2022-01-09": 0, "2024-06-29": 4, "2024-06-30": 3, "2024-07-01": 4}


def test_hours_of_the_year_with_their_own_help_and_contacts_beside(registers: Registers, scope: Asked) -> None:
    made = by_key(registers, scope())["hours"]
    assert made.rows == (("Althengstett", 1, 80, Decimal("30.5"), 1, Decimal("1.5")),)
    assert by_key(registers, scope(date=dt.date(2024, 5, 1)))["hours"].rows[0][4:] == (0, 0)
    assert by_key(registers, scope(date=dt.date(2023, 12, 31)))["hours"].rows[0][1:4] == (1, 200, 0)


def test_who_needs_training_or_a_certificate(registers: Registers, scope: Asked) -> None:
    rows = by_key(registers, scope())["needs"].rows
    assert [(row[1], row[2]) for row in rows] == [
        ("E-01", "Führungszeugnis älter als fünf Jahre"), ("E-02", "Schulung fehlt"),
    ]  # fmt: skip


@pytest.mark.parametrize(("day", "said"), [
    ("2024-03-31", ()), ("2024-04-01", ("Führungszeugnis in den nächsten 90 Tagen zu erneuern",)),
    ("2024-06-29", ("Führungszeugnis in den nächsten 90 Tagen zu erneuern",)),
    ("2024-06-30", ("Führungszeugnis älter als fünf Jahre",)),
])  # fmt: skip
def test_a_certificate_is_renewed_before_it_is_too_old(
    registers: Registers, scope: Asked, day: str, said: tuple[str, ...]
) -> None:
    rows = by_key(registers, scope(date=dt.date.fromisoformat(day)))["needs"].rows
    assert tuple(row[2] for row in rows if row[1] == "E-01") == said


def test_a_certificate_of_29_february_lasts_to_the_end_of_a_february() -> None:
    rows = [{"KEY": "v", "eignung-fuehrungszeugnis_am": "2020-02-29"}]
    (volunteer,) = volunteers(Registers({"ehrenamt": rows}))
    assert volunteer.certificate_ends() == dt.date(2025, 3, 1)


def many_of(count: int) -> Registers:
    rows = [
        {"KEY": f"v{at}", "ehrenamt-gemeinde": TOWN, "ehrenamt-id": f"E-{at}", "ehrenamt-rollen": "dolmetschen",
         "ehrenamt-sprachen": "ar" if at % 2 else "ar uk", "ehrenamt-aktiv_ab": "2020-01-01"}
        for at in range(count)
    ]  # fmt: skip
    hours = [{"KEY": f"h{at}", "PARENT_KEY": f"v{at}", "jahr": "2024", "stunden_jahr": "10"} for at in range(count)]
    return Registers({"ehrenamt": rows, "ehrenamt-stunden": hours})


@pytest.mark.parametrize(("count", "shown"), [(4, ["·"]), (5, ["·"]), (10, [10, 5])])
def test_towards_the_public_few_are_hidden(scope: Asked, count: int, shown: list[object]) -> None:
    made = by_key(many_of(count), scope(audience="public"))
    assert [row[1] for row in made["interpreters"].rows] == shown
    assert (f"{count} Personen" in made["interpreters"].notes[-1]) == (count >= 5)
    assert "needs" not in made
    assert ("hours" in made) == (count >= 5)
