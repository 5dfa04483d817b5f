"""Posts counted by hand: shares, absence, advertised and filled, entitled and employed apart, cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from reports.registers.listing import Listing, Value
from reports.registers.post import posts
from reports.registers.posts import VOLUMES, listings
from reports.registers.reading import Registers, Scope
from scenario.lives import OTHER, TOWN

Asked = Callable[..., Scope]


def by_key(registers: Registers, scope: Scope) -> dict[str, Listing]:
    return {each.key: each for each in listings(registers, scope)}


def _number(value: Value) -> float | None:
    return None if value is None else float(str(value))


def test_a_shared_post_counts_with_its_share_in_each_town(registers: Registers, scope: Asked) -> None:
    """Althengstett: 0.6 of S-01, S-02 with 0.75, 0.4 of S-04; Schönhöfen: 0.4 of S-01, 0.5 of S-04."""
    found = by_key(registers, scope())["volumes"]
    im, ib = "Integrationsmanagement", "Integrationsbeauftragte/r"
    assert [found.cell(place, "town") for place in range(3)] == ["Althengstett", "Althengstett", "Schönhöfen"]
    assert [found.cell(place, "role") for place in range(3)] == [im, ib, im]
    by_column = {key: [*map(_number, (found.cell(place, key) for place in range(3)))] for key in VOLUMES}
    assert by_column == {
        "entitled": [1.75, 0.5, 0.9], "approved": [1.75, 0.5, 0.9], "funded": [None, None, None],
        "held": [1.75, 0, 0.9], "filled": [1.15, 0, 0.5], "own": [1.75, 0, 0],
    }  # fmt: skip
    assert [found.cell(3, key) for key in ("approved", "held", "filled", "rate")] == [
        Decimal("3.15"), Decimal("2.65"), Decimal("1.65"), Decimal("52.4"),
    ]  # fmt: skip
    assert found.total


def test_shares_that_do_not_make_a_hundred_are_named(registers: Registers, scope: Asked) -> None:
    (alert,) = by_key(registers, scope(OTHER))["volumes"].alerts
    assert "S-04 (Schönhöfen)" in alert
    assert "90 statt 100" in alert
    assert by_key(registers, scope(TOWN, audience="public"))["volumes"].alerts == ()


def test_entitled_and_employed_are_apart() -> None:
    """Geislingen 2018: four posts by entitlement, none of its own, served by the district."""
    town = "08117024"
    rows = [
        {"KEY": f"s{at}", "stelle-gemeinde": town, "stelle-id": f"S-0{at}", "stelle-rolle": "im",
         "stelle-traeger": "kreis", "stelle-status": "besetzt", "stelle-vzae_anspruch": "1",
         "stelle-vzae_bewilligt": "1", "stelle-vzae_besetzt": "1",
         "stelle-vzae_eigen": "0", "stelle-von": "2018-01-01"}
        for at in range(1, 5)
    ]  # fmt: skip
    asked = Scope(dt.date(2018, 2, 1), {town: "Geislingen"}, policy=None)  # type: ignore[arg-type]  # not needed here
    volumes = by_key(Registers({"stelle": rows}), asked)["volumes"]
    assert [volumes.cell(0, key) for key in ("entitled", "held", "own")] == [4, 4, 0]


def test_what_nobody_stated_is_not_nothing() -> None:
    """A post of the district is none of the town's own, even where nobody says so; of another, nobody knows."""
    common = {"stelle-gemeinde": TOWN, "stelle-rolle": "im", "stelle-vzae_bewilligt": "1", "stelle-vzae_besetzt": "1"}
    asked = Scope(dt.date(2018, 2, 1), {TOWN: "Althengstett"}, policy=None)  # type: ignore[arg-type]  # not needed here
    for employer, own in (("kreis", 0), ("gemeinde", None), ("", None)):
        made = by_key(Registers({"stelle": [common | {"KEY": "s", "stelle-traeger": employer}]}), asked)
        assert [made["volumes"].cell(0, key) for key in ("entitled", "funded", "own", "held")] == [None, None, own, 1]
        assert [made["costs"].cell(0, key) for key in ("cost", "grant", "own_share")] == [None, None, None]


def test_an_absence_without_cover_is_nobody_there_and_its_kind_is_nowhere(registers: Registers, scope: Asked) -> None:
    made = by_key(registers, scope())
    away = made["absences"]
    assert [row[1:] for row in away.rows] == [
        ("S-01", "Abwesenheit", dt.date(2024, 5, 15), None, "nein"),
        ("S-02", "Abwesenheit", dt.date(2024, 6, 1), dt.date(2024, 12, 31), "teilweise"),
    ]
    said = " ".join(str(each) for each in made.values()).casefold()
    assert not any(word in said for word in ("krank", "mutterschutz", "elternzeit", "m-01"))


def test_months_show_when_somebody_was_away(registers: Registers, scope: Asked) -> None:
    months = by_key(registers, scope())["months"]
    assert [row[0] for row in months.rows][-2:] == [dt.date(2024, 5, 31), dt.date(2024, 6, 30)]
    assert len(months.rows) == 12
    assert {row[2] for row in months.rows} == {Decimal("2.65")}
    assert [row[3] for row in months.rows][-3:] == [Decimal("2.65"), Decimal("1.65"), Decimal("1.65")]
    assert "93,7 %" in months.notes[0]  # ten times 2.65 and twice 1.65 of twelve times 2.65


@pytest.mark.parametrize(
    ("day", "held", "advertised"),
    [("2023-01-09", 0, False), ("2023-01-10", 0, True), ("2023-02-28", 0, True), ("2023-03-01", 1, False),
     ("2025-12-31", 1, False), ("2026-01-01", 0, False)],
)  # fmt: skip
def test_a_post_is_advertised_until_somebody_has_it(
    registers: Registers, day: str, held: int, *, advertised: bool
) -> None:
    post = next(each for each in posts(registers) if each.number == "S-01")
    on = dt.date.fromisoformat(day)
    assert (post.held_on(on), post.is_advertised(on)) == (held, advertised)


def test_a_post_that_ended_without_a_last_day_counts_nowhere(registers: Registers) -> None:
    post = next(each for each in posts(registers) if each.number == "S-02")
    assert post.exists(dt.date(2024, 1, 1))
    ended = replace(post, status="beendet", end=None)
    assert not ended.exists(dt.date(2024, 1, 1))


def test_cost_by_pay_group_says_what_is_assumed_and_from_where(registers: Registers, scope: Asked) -> None:
    """Althengstett: 0.6 x 60,000 stated; S-02: 57,000 of the table x 0.75."""
    costs = by_key(registers, scope(TOWN))["costs"]
    by_group = {row[0]: row[3:] for row in costs.rows}
    assert by_group["EG 10"] == (36000, 0, Decimal("30600.0"), Decimal("5400.0"))
    assert by_group["S 12"] == (Decimal("42750.00"), Decimal("42750.00"), 40000, Decimal("2750.00"))
    assert by_group["Insgesamt"] == (Decimal("78750.00"), Decimal("42750.00"), Decimal("70600.0"), Decimal("8150.00"))
    assert any("S 12: angenommen; Annahme des Programms" in note for note in costs.notes)
    assert any("89,7 %" in note for note in costs.notes)


def test_towards_the_public_no_absence_no_single_post_no_money(registers: Registers, scope: Asked) -> None:
    made = by_key(registers, scope(audience="public"))
    assert set(made) == {"volumes", "months"}
    assert "filled" not in {head.key for each in made.values() for head in each.heads}
