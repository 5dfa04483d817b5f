"""Funding: 2,076 heads give 25 to 32 posts, towns below the threshold, parameters with their source, what is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest

from reports.registers.application import fundings
from reports.registers.funding import listings
from reports.registers.listing import Listing
from reports.registers.reading import Registers, Scope
from scenario.lives import OTHER, TOWN

Asked = Callable[..., Scope]


def by_key(registers: Registers, scope: Scope) -> dict[str, Listing]:
    return {each.key: each for each in listings(registers, scope)}


def test_2076_heads_give_25_to_32_posts_as_an_assumed_calculation(registers: Registers, scope: Asked) -> None:
    results = by_key(registers, scope())["results"]
    named = {head.key: value for head, value in zip(results.heads, results.rows[0], strict=True)}
    assert named | {"date": None} == {
        "funding": "F-2023 Althengstett", "applicant": "Landkreis", "date": None, "heads": 2076, "amount": 1652662,
        "least": 25, "most": 32, "approved": 1600000, "own_share": 25000,
    }  # fmt: skip
    assert "Rechenannahme" in results.title
    assert any("keine Bewilligung" in note for note in results.notes)


def test_each_parameter_says_its_source_and_its_state(registers: Registers, scope: Asked) -> None:
    rows = by_key(registers, scope())["parameters"].rows
    assert [(row[1], row[2]) for row in rows] == [
        (Decimal("796.08"), "abgeleitet"), (51000, "veröffentlicht"), (64000, "angenommen"), (51000, "veröffentlicht"),
    ]  # fmt: skip
    assert all(row[3] for row in rows)


def test_heads_and_amounts_by_town(registers: Registers, scope: Asked) -> None:
    heads = by_key(registers, scope())["heads"]
    assert [row[2:5] for row in heads.rows] == [(1000, 796080, "ja"), (60, 47765, "nein"), (1060, 843845, "")]
    assert heads.alerts == ()  # a district applies for all its towns


def pooled(*, together: bool) -> Registers:
    lead = {"verbund": "08235007"} if together else {}
    common = {"KEY": "f1", "foerderung-gemeinde": TOWN, "foerderung-id": "F-2017", "foerderung-stichtag": "2017-09-15",
              "foerderung-antragsteller": "verbund", "parameter-satz": "796.08", "parameter-schwelle": "51000",
              "parameter-kosten_unten": "51000", "parameter-kosten_oben": "64000"}  # fmt: skip
    heads = [{"KEY": "k1", "PARENT_KEY": "f1", "ags": TOWN, "heads": "40"},
             {"KEY": "k2", "PARENT_KEY": "f1", "ags": OTHER, "heads": "30"} | lead]  # fmt: skip
    return Registers({"foerderung": [common], "foerderung-kopf": heads})


@pytest.mark.parametrize(
    ("together", "amount", "reached"), [(False, (31843, 23882), "nein"), (True, (55726,) * 2, "ja")]
)
def test_towns_below_the_threshold_pool(
    scope: Asked, amount: tuple[int, int], reached: str, *, together: bool
) -> None:  # fmt: skip
    heads = by_key(pooled(together=together), scope())["heads"]
    assert [(row[6], row[7]) for row in heads.rows[:2]] == [(amount[0], reached), (amount[1], reached)]
    assert bool(heads.alerts) is not together


def test_p04_p05_p06_say_what_they_are_made_from(registers: Registers, scope: Asked) -> None:
    """P05 of Althengstett: (0.6 x 51,000 + 40,000) / (0.6 x 60,000 + 0.75 x 57,000)."""
    rows = by_key(registers, scope(TOWN))["indicators"].rows
    assert [(row[0], row[3], row[4]) for row in rows] == [
        ("P04", "770,71 EUR", "bewilligter Betrag"),
        ("P05", "89,7 %", "Stellenverzeichnis, nur Stellen mit Kosten und Zuschuss"),
        ("P06", "25 bis 32", "Rechenannahme"),
    ]


@pytest.mark.parametrize(("day", "states"), [
    ("2024-03-31", ["offen", "offen"]), ("2024-04-01", ["offen", "überfällig"]), ("2023-12-31", ["offen"]),
])  # fmt: skip
def test_the_proof_of_use_is_late_from_the_day_after(
    registers: Registers, scope: Asked, day: str, states: list[str]
) -> None:
    proofs = by_key(registers, scope(date=dt.date.fromisoformat(day)))["proofs"]
    assert [row[-1] for row in proofs.rows] == states
    assert bool(proofs.alerts) == ("überfällig" in states)


def test_an_earlier_day_has_the_earlier_reference_date(registers: Registers, scope: Asked) -> None:
    results = by_key(registers, scope(date=dt.date(2023, 9, 14)))["results"]
    assert [row[0] for row in results.rows] == ["F-2021 Althengstett"]
    assert by_key(registers, scope(date=dt.date(2021, 9, 14)))["results"].rows == ()


def test_a_town_in_two_fundings_of_one_day_is_named(registers: Registers, scope: Asked) -> None:
    rows = [dict(row) | {"foerderung-stichtag": "2023-09-15"} for row in registers.rows("foerderung")]
    heads = registers.rows("foerderung-kopf")
    (alert,) = by_key(Registers({"foerderung": rows, "foerderung-kopf": heads}), scope())["results"].alerts
    assert "Althengstett" in alert
    assert "F-2021, F-2023" in alert


def test_towards_the_public_few_heads_are_hidden_and_no_amount_tells_them(registers: Registers, scope: Asked) -> None:
    """Of 1,000 and 3 and 1,016 the 3 is hidden behind the 1,000, also where only one town was asked for."""
    few = [dict(row) | ({"heads": "3"} if row["ags"] == OTHER else {}) for row in registers.rows("foerderung-kopf")]
    small = Registers({"foerderung": registers.rows("foerderung"), "foerderung-kopf": few})
    for towns in ((), (TOWN,), (OTHER,)):
        made = by_key(small, scope(*towns, audience="public"))
        assert [head.key for head in made["heads"].heads] == ["category", "heads"]
        assert [row[1] for row in made["heads"].rows] == [1016, 1003, 2019]
        assert made["results"].cell(0, "heads") == 2019
        assert "indicators" not in made


def test_towards_the_public_an_application_of_few_heads_tells_nothing(scope: Asked) -> None:
    rows = {
        "foerderung": [
            {"KEY": "f1", "foerderung-gemeinde": TOWN, "foerderung-stichtag": "2017-09-15", "parameter-satz": "796.08"}
        ],
        "foerderung-kopf": [{"KEY": "k1", "PARENT_KEY": "f1", "ags": TOWN, "heads": "3"}],
    }
    made = by_key(Registers(rows), scope(audience="public"))
    assert made["results"].rows == made["parameters"].rows == ()
    assert [row[1] for row in made["heads"].rows] == ["·"]


def test_the_newest_comes_first(registers: Registers) -> None:
    assert [each.number for each in fundings(registers)] == ["F-2023", "F-2021"]
