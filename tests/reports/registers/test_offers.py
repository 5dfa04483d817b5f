"""Offers: what runs, what ended, what lacks; participation counted, in religious offers without the person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from reports.registers.listing import Listing
from reports.registers.offers import listings, offers
from reports.registers.reading import Registers, Scope
from scenario.lives import OTHER

Asked = Callable[..., Scope]


def by_key(registers: Registers, scope: Scope) -> dict[str, Listing]:
    return {each.key: each for each in listings(registers, scope)}


def test_what_runs_what_ended_what_lacks_by_field(registers: Registers, scope: Asked) -> None:
    fields = by_key(registers, scope())["fields"]
    counted = {row[0]: row[1:] for row in fields.rows}
    assert {name: counts for name, counts in counted.items() if any(counts)} == {
        "Sprache": (1, 0, 0, 0), "Arbeit": (1, 0, 0, 0), "Bildung": (0, 0, 0, 1), "Soziale Integration": (1, 0, 1, 0),
    }  # fmt: skip
    assert "Bildung, Wohnen" in fields.notes[1]
    assert {"Sprache", "Arbeit"}.isdisjoint(fields.notes[1].removesuffix(".").split(": ")[1].split(", "))


def test_an_offer_runs_up_to_its_last_day_and_is_planned_before_its_first(registers: Registers) -> None:
    women = next(each for each in offers(registers) if each.number == "A-03")
    days = [dt.date(2022, 12, 31), dt.date(2023, 1, 1), dt.date(2024, 6, 29), dt.date(2024, 6, 30)]
    assert [women.state(on) for on in days] == ["planned", "runs", "runs", "ended"]


def test_the_status_analysis_of_the_municipal_plan_stands_beside_it(registers: Registers, scope: Asked) -> None:
    assert by_key(registers, scope())["status"].rows == (
        ("Althengstett", "Sprache", "Sprachtreff", "", "Kurs am Abend", "", None),
    )
    assert by_key(registers, scope(OTHER))["status"].rows == ()


def test_persons_count_once_and_people_without_names_as_many_as_came(registers: Registers, scope: Asked) -> None:
    found = by_key(registers, scope())["attendances"]
    assert [row[2:] for row in found.rows] == [(2, 1, 2, 7), (1, 0, 0, 12), (3, 1, 2, 19)]
    before = by_key(registers, scope(date=dt.date(2024, 2, 13)))["attendances"]
    assert [row[2:] for row in before.rows] == [(1, 1, 1, 0)]


def test_in_a_religious_offer_a_pseudonym_is_one_person_more_and_nothing_else() -> None:
    rows = {
        "angebot": [{"KEY": "a", "angebot-id": "A-01", "zielgruppe-religioes": "ja"}],
        "angebot-teilnahme": [{"KEY": "t", "PARENT_KEY": "a", "person": "P-000001", "teilnahme_datum": "2024-01-01"}],
    }
    (offer,) = offers(Registers(rows))
    assert [(each.person, each.count) for each in offer.attendances] == [("", 1)]


def test_no_output_tells_which_offer_is_religious(registers: Registers, scope: Asked) -> None:
    said = " ".join(str(each) for each in by_key(registers, scope()).values()).casefold()
    assert "religi" not in said
    assert "P-0000" not in said


def test_towards_the_public_religious_offers_are_not_counted(registers: Registers, scope: Asked) -> None:
    made = by_key(registers, scope(audience="public"))
    assert set(made) == {"fields", "attendances"}
    assert [row[1] for row in made["attendances"].rows] == [9, 9]


def test_who_may_not_know_which_offers_are_religious_publishes_no_participation(
    registers: Registers, scope: Asked
) -> None:
    closed = Registers({"angebot": registers.rows("angebot")}, closed=["special"])
    assert set(by_key(closed, scope(audience="public"))) == {"fields"}
