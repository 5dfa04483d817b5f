"""validation/xpath/functions/numbers.py."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation.xpath import evaluate

DOCUMENT = "<d><n>3</n><n>-17</n><n>32</n><e/><t>x</t><date>1970-01-03</date></d>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("number('12.5')", 12.5),
        ("number('x')", math.nan),
        ("number(true())", 1.0),
        ("number(/d/date)", 2.0),
        ("sum(/d/n)", 18.0),
        ("sum(/nope)", 0.0),
        ("sum(/d/*)", math.nan),
        ("min(/d/n)", -17.0),
        ("max(/d/n)", 32.0),
        ("max(1, /d/n, '99')", 99.0),
        ("max(/d/n, /d/e)", math.nan),
        ("min(/nope)", math.nan),
        ("floor(-3.5)", -4.0),
        ("ceiling(3.2)", 4.0),
        ("floor('x')", math.nan),
        ("ceiling(1 div 0)", math.inf),
        ("int(3.9)", 3.0),
        ("int(-3.9)", -3.0),
        ("int('')", math.nan),
        ("round(2.5)", 3.0),
        ("round(-2.5)", -3.0),
        ("round(2.15, 1)", 2.2),
        ("round(1.005, 2)", 1.01),
        ("round(1234.5, -2)", 1200.0),
        ("round(1250, -2)", 1300.0),
        ("round(7, 3)", 7.0),
        ("round(99999999999999999999, 2)", 1e20),
        ("round(1.5, 400)", 1.5),
        ("round(1.5, -400)", 0.0),
        ("round(1.5, 1 div 0)", 1.5),
        ("round(1.5, 'x')", math.nan),
        ("round('x')", math.nan),
        ("round(1 div 0)", math.inf),
        ("abs(-2)", 2.0),
        ("pow(2, 10)", 1024.0),
        ("pow(-8, 1 div 3)", math.nan),
        ("pow(0, -1)", math.inf),
        ("pow(-0, -1)", -math.inf),
        ("pow(0, -2)", math.inf),
        ("pow(10, 999)", math.inf),
        ("pow(-10, 999)", -math.inf),
        ("sqrt(9)", 3.0),
        ("sqrt(-9)", math.nan),
        ("exp(0)", 1.0),
        ("exp(9999)", math.inf),
        ("exp10(2)", 100.0),
        ("log(1)", 0.0),
        ("log(0)", -math.inf),
        ("log(-1)", math.nan),
        ("log10(1000)", 3.0),
        ("sin(0)", 0.0),
        ("cos(0)", 1.0),
        ("tan(0)", 0.0),
        ("asin(2)", math.nan),
        ("acos(1)", 0.0),
        ("atan(0)", 0.0),
        ("atan2(0, 1)", 0.0),
        ("sin(1 div 0)", math.nan),
        ("sin('x')", math.nan),
        ("pi()", math.pi),
    ],
)
def test_values(text: str, expected: float) -> None:
    value = evaluate(text, DOCUMENT).number()
    assert math.isnan(value) if math.isnan(expected) else value == expected


def test_without_argument_number_reads_the_context() -> None:
    assert evaluate("number()", DOCUMENT, "/d/n[2]").number() == -17.0


def test_sums_are_exact() -> None:
    document = "<d>" + "<n>0.1</n>" * 10 + "</d>"
    assert evaluate("sum(/d/n)", document).number() == 1.0


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("number('2024-06-15')", "19889"),
        ("number('2024-06-15T18:00:00Z')", "19889"),
        ("number('2024-06-15') + 0", "19888.958333333332"),
    ],
)
def test_a_date_as_number_is_written_as_whole_days(text: str, written: str) -> None:
    assert evaluate(text, tz="Europe/Berlin").string() == written


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12), st.integers(-3, 6))
def test_rounding_moves_by_half_a_digit_at_most(number: float, digits: int) -> None:
    rounded = evaluate(f"round('{number:f}', {digits})").number()
    shown = float(f"{number:f}")
    assert abs(rounded - shown) <= 10.0**-digits / 2 * (1 + 1e-9) + abs(shown) * 1e-12
    assert evaluate(f"round(-'{number:f}', {digits})").number() == -rounded
