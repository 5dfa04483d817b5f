"""validation/xpath/values.py: conversions between the types."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation.tree import parse
from validation.xpath.moments import INVALID, read_moment
from validation.xpath.values import UTC, Days, Value, number_text, text_of, to_boolean, to_number, to_string


@pytest.mark.parametrize(
    ("value", "text", "number", "truth"),
    [
        ("", "", None, False),
        (" 12 ", " 12 ", 12.0, True),
        ("-.5", "-.5", -0.5, True),
        ("1e3", "1e3", None, True),
        ("+1", "+1", None, True),
        ("0x10", "0x10", None, True),
        ("1,5", "1,5", None, True),
        ("٣", "٣", None, True),
        ("2024-01-02", "2024-01-02", 19724.0, True),
        (True, "true", 1.0, True),
        (False, "false", 0.0, False),
        (0.0, "0", 0.0, False),
        (-0.0, "0", 0.0, False),
        (math.nan, "NaN", None, False),
        (math.inf, "Infinity", math.inf, True),
        (-math.inf, "-Infinity", -math.inf, True),
        (0.1, "0.1", 0.1, True),
        (1e21, "1000000000000000000000", 1e21, True),
        (1e-7, "0.0000001", 1e-7, True),
        ([], "", None, False),
        (Days(3.25, 3), "3", 3.25, True),
        (INVALID, "Invalid Date", None, False),
        (read_moment("1970-01-03", UTC), "1970-01-03", 2.0, True),
    ],
)
def test_conversions(value: Value, text: str, number: float | None, truth: bool) -> None:
    assert to_string(value) == text
    assert to_boolean(value) is truth
    found = to_number(value)
    assert math.isnan(found) if number is None else found == number


@given(st.floats())
def test_numbers_survive_their_text(number: float) -> None:
    text = number_text(number)
    assert "e" not in text.replace("Infinity", "")
    if math.isfinite(number):
        assert to_number(text) == number


def test_text_of_what_is_not_relevant_is_empty() -> None:
    document = parse("<a><b>1</b><c>2<d>3</d></c></a>")
    data = document.child("a")
    assert data is not None
    inner = data.child("c")
    assert inner is not None
    inner.children[1].relevant = False
    assert text_of(data) == "12"
    inner.relevant = False
    assert (text_of(data), text_of(inner), text_of(inner.children[0])) == ("1", "", "")
    data.relevant = False
    assert text_of(document) == ""
    assert to_string([data.children[0]]) == ""
    assert inner.string_value() == "23"
