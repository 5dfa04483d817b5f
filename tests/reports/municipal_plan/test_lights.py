"""The light of an indicator, from its baseline and target, its direction and the time that went by."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.municipal_plan.lights import BAD, CODES, GOOD, MIDDLE, Code, Course, light, progress

BEGIN, END = dt.date(2022, 1, 1), dt.date(2026, 1, 1)
HALF = dt.date(2024, 1, 1)
UP = Course("hoch", Decimal(20), BEGIN, Decimal(60), END)
RANKS: tuple[Code, ...] = ("missed", "far", "behind", "on_course", "reached")


@pytest.mark.parametrize(("now", "measured", "expected"), [
    (60, HALF, "reached"), (75, HALF, "reached"), (40, HALF, "on_course"), ("39.9", HALF, "behind"),
    (30, HALF, "behind"), ("29.9", HALF, "far"), (10, HALF, "far"), (20, BEGIN, "open"), (59, END, "missed"),
    (60, END, "reached"), (0, END, "missed"), (50, dt.date(2030, 1, 1), "missed"),
])  # fmt: skip
def test_the_way_done_is_held_against_the_time_gone(now: object, measured: dt.date, expected: str) -> None:
    assert light(UP, Decimal(str(now)), measured) == expected


@pytest.mark.parametrize(("direction", "now", "expected"), [
    ("hoch", 20, "kept"), ("hoch", 21, "kept"), ("hoch", 19, "lost"),
    ("runter", 20, "kept"), ("runter", 19, "kept"), ("runter", 21, "lost"),
])  # fmt: skip
def test_a_target_that_is_the_baseline_is_kept_or_lost(direction: str, now: int, expected: str) -> None:
    course = replace(UP, direction=direction, target=Decimal(20))
    assert light(course, Decimal(now), HALF) == expected
    assert progress(course, Decimal(now)) is None


@pytest.mark.parametrize(("day", "expected"), [
    (BEGIN, "on_course"), (BEGIN + dt.timedelta(1), "break"), (HALF, "break"), (HALF + dt.timedelta(1), "on_course"),
])  # fmt: skip
def test_a_change_in_the_way_of_counting_between_them_is_a_break(day: dt.date, expected: str) -> None:
    assert light(replace(UP, breaks=(day,)), Decimal(45), HALF) == expected


def test_without_what_is_needed_there_is_no_light() -> None:
    for course in (replace(UP, baseline=None), replace(UP, baseline_on=None), replace(UP, target=None),
                   replace(UP, target_on=None)):  # fmt: skip
        assert light(course, Decimal(40), HALF) == "open"
    assert light(UP, None, None) == "open"
    assert light(replace(UP, direction="runter"), Decimal(40), HALF) == "against"
    assert progress(replace(UP, baseline=None), Decimal(40)) is None


def test_each_code_has_a_colour_or_none() -> None:
    assert len(set(CODES)) == len(CODES)
    assert {*GOOD, *MIDDLE, *BAD} < set(CODES)
    assert not {"break", "against", "open", "hidden"} & {*GOOD, *MIDDLE, *BAD}


values = st.decimals(-1000, 1000, places=2)
days = st.dates(BEGIN + dt.timedelta(1), END + dt.timedelta(400))


@given(values, values, values, days)
def test_a_better_value_never_has_a_worse_light(base: Decimal, one: Decimal, two: Decimal, measured: dt.date) -> None:
    course = replace(UP, baseline=base, target=base + 40)
    worse, better = sorted((one, two))
    assert RANKS.index(light(course, worse, measured)) <= RANKS.index(light(course, better, measured))


@given(values, values, values, days, st.sampled_from(("hoch", "runter")))
def test_up_and_down_are_mirror_images(
    base: Decimal, target: Decimal, now: Decimal, measured: dt.date, direction: str
) -> None:
    course = replace(UP, baseline=base, target=target, direction=direction)
    other = "runter" if direction == "hoch" else "hoch"
    mirrored = replace(course, baseline=-base, target=-target, direction=other)
    assert light(course, now, measured) == light(mirrored, -now, measured)
    assert progress(course, now) == progress(mirrored, -now)
