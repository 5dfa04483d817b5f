"""validation/xpath/functions/geo.py: lengths, areas, inside or outside."""

from __future__ import annotations

import math

import pytest

from validation.errors import XPathError
from validation.xpath import evaluate

SQUARE = "0 0 0 0;0 1 0 0;1 1 0 0;1 0 0 0;0 0 0 0"


def test_a_quarter_of_the_equator() -> None:
    assert evaluate("distance('0 0;0 90')").number() == pytest.approx(6_378_100 * math.pi / 2, abs=0.01)


def test_lines_may_be_given_point_by_point() -> None:
    document = "<d><p>48.7 8.7</p><p>48.8 8.7</p><p>48.8 8.9</p></d>"
    whole = evaluate("distance('48.7 8.7;48.8 8.7;48.8 8.9')").number()
    assert evaluate("distance(/d/p)", document).number() == whole
    assert evaluate("distance('48.7 8.7', '48.8 8.7', '48.8 8.9')").number() == whole
    assert evaluate("distance('48.7 8.7')").number() == 0.0


def test_an_octant_of_the_globe() -> None:
    radius = 6_378_100
    assert evaluate("area('0 0;0 90;90 90;90 0')").number() == pytest.approx(math.pi * radius**2 / 2, rel=1e-9)


def test_the_direction_does_not_matter_to_an_area() -> None:
    assert evaluate("area('0 0;0 1;1 1;1 0')").number() == evaluate("area('1 0;1 1;0 1;0 0')").number() > 1e10


@pytest.mark.parametrize("text", ["''", "'x'", "'1 2'", "'1 2;3 4'", "'nan nan;1 1;2 2'", "'1;2;3'"])
def test_what_is_no_shape_has_no_area(text: str) -> None:
    assert evaluate(f"area({text})").number() == 0.0


@pytest.mark.parametrize("text", ["''", "'x'", "'91 0;0 0'", "'0 181;0 0'", "'1 2 3 4 5'"])
def test_what_is_no_place_has_no_distance(text: str) -> None:
    with pytest.raises(XPathError) as caught:
        evaluate(f"distance({text})")
    assert caught.value.problems[0].code == "xpath.no_points"


@pytest.mark.parametrize(
    ("point", "shape", "inside"),
    [
        ("0.5 0.5", SQUARE, True),
        ("0.5 1.5", SQUARE, False),
        ("-0.5 0.5", SQUARE, False),
        ("0.5 0.5", "0 0;0 1;1 1;1 0", False),
        ("", SQUARE, False),
        ("0.5 0.5", "", False),
    ],
)
def test_geofence(point: str, shape: str, inside: bool) -> None:
    assert evaluate(f"geofence('{point}', '{shape}')").boolean() is inside
