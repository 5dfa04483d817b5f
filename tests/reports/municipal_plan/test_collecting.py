"""No small figure of an indicator leaves, and nothing that is made from it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from reports.disclosure import Policy
from reports.municipal_plan.collecting import collect, content_of, policy_of, value_of
from reports.municipal_plan.content import Content
from reports.municipal_plan.lights import Course
from reports.municipal_plan.model import Figures, Measurement, Plan
from reports.municipal_plan.reading import Read
from scenario.lives import TOWN
from scenario.town_plan import DAY, content, town_plan
from validation.errors import ReportError, UsageError

PUBLIC = Policy("public", {"person": 5, "special": 10})
INTERNAL = Policy("internal", {"person": 0, "special": 0})
BEGIN, NOW, END = dt.date(2022, 12, 31), dt.date(2024, 12, 31), dt.date(2026, 12, 31)
PLAN = Plan("KIP-2023", "Plan", None, BEGIN, None, "", (), ())


def told(numerator: str, denominator: str | None, unit: str, policy: Policy = PUBLIC, base: str = "20") -> Content:
    course = Course("hoch", Decimal(base), BEGIN, Decimal(60), END)
    of = Decimal(denominator) if denominator else None
    figures = Figures(course, unit, (Measurement(NOW, Decimal(numerator), of, "Bericht", ""),))
    return collect(Read(PLAN, {"I1": figures}, (), ()), policy, language="de")


@pytest.mark.parametrize(("numerator", "denominator", "unit", "shown"), [
    ("40", "100", "prozent", True), ("5", "100", "prozent", True), ("4", "100", "prozent", False),
    ("0", "100", "prozent", True), ("96", "100", "prozent", False), ("95", "100", "prozent", True),
    ("100", "100", "prozent", True), ("0", "4", "prozent", False), ("4", None, "anzahl", False),
    ("5", None, "anzahl", True), ("0", None, "anzahl", True), ("30", "4", "verhaeltnis", False),
    ("30", "28", "verhaeltnis", True), ("3.5", "28", "verhaeltnis", False),
])  # fmt: skip
def test_a_small_count_hides_share_and_light(numerator: str, denominator: str | None, unit: str, shown: bool) -> None:
    found = told(numerator, denominator, unit)
    assert (not found.number("series-I1", NOW.isoformat(), "value").hidden) == shown
    assert (not found.number("course-I1", "now", "value").hidden) == shown
    assert (found.lights["I1"] != "hidden") == shown
    assert not found.number("course-I1", "now", "target").hidden
    within = told(numerator, denominator, unit, INTERNAL)
    assert not within.number("course-I1", "now", "value").hidden
    assert within.lights["I1"] != "hidden"


def test_a_small_baseline_of_a_count_is_hidden_and_its_light_too() -> None:
    found = told("44", None, "anzahl", base="3")
    assert found.number("course-I1", "now", "baseline").hidden
    assert found.lights["I1"] == "hidden"
    assert told("44", "100", "prozent", base="3").number("course-I1", "now", "baseline").value == 3


def test_a_baseline_whose_own_measurement_is_hidden_is_hidden() -> None:
    course = Course("hoch", Decimal(2), BEGIN, Decimal(60), END)
    measured = (
        Measurement(BEGIN, Decimal(2), Decimal(100), "", ""),
        Measurement(NOW, Decimal(40), Decimal(100), "", ""),
    )
    found = collect(Read(PLAN, {"I1": Figures(course, "prozent", measured)}, (), ()), PUBLIC, language="de")
    assert found.number("course-I1", "now", "baseline").hidden
    assert found.lights["I1"] == "hidden"
    negative = replace(course, baseline=Decimal(-2))
    found = collect(Read(PLAN, {"I1": Figures(negative, "prozent", ())}, (), ()), INTERNAL, language="de")
    assert found.number("course-I1", "now", "baseline").hidden
    assert found.lights["I1"] == "open"


def test_values_are_rounded_as_the_form_does() -> None:
    third = Measurement(NOW, Decimal(1), Decimal(3), "", "")
    assert [value_of(third, unit) for unit in ("prozent", "verhaeltnis", "anzahl")] == [
        Decimal("33.3"), Decimal("0.33"), Decimal(1),
    ]  # fmt: skip
    assert value_of(replace(third, denominator=None), "prozent") is None


def test_the_lights_of_the_scenario() -> None:
    expected = {
        "I1": "on_course",
        "I2": "hidden",
        "I3": "break",
        "I4": "behind",
        "I5": "kept",
        "I6": "missed",
        "I7": "far",
    }
    assert content().lights == expected
    assert content("internal").lights == expected | {"I2": "far"}


def test_measures_done_of_all_by_field() -> None:
    found = content()
    rows = [(row.label, *(cell.value for cell in row.cells)) for row in found.tables["fields"].rows]
    assert rows[2] == ("Arbeitsmarkt", 2, 2, 0, 0, 1, 1, 0, 2)
    assert [found.number("fields", "total", name).value for name in ("umgesetzt", "measures", "late")] == [4, 9, 1]


def test_who_may_read_what(tmp_path: Path) -> None:
    study = town_plan(tmp_path)
    assert {policy_of(study, audience).threshold("special") for audience in ("public", "council")} == {10}
    assert policy_of(study, "internal").threshold("special") == 0
    assert content("council").programmes
    with pytest.raises(UsageError, match="presse"):
        content_of(study, TOWN, DAY, audience="presse", language="de")
    with pytest.raises(ReportError, match="08999999"):
        content_of(study, "08999999", DAY, audience="public", language="de")
