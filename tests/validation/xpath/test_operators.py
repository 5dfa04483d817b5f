"""validation/xpath/operators.py: arithmetic and comparison, of numbers, texts, truth, dates and node-sets."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation.tree import parse
from validation.xpath import evaluate
from validation.xpath.operators import arithmetic, compare

FORM = parse(
    "<data><age>34</age><none/><born>2001-02-28</born><kid><n>1</n></kid><kid><n>5</n></kid><kid><n>9</n></kid></data>"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7.0),
        ("10 - 4 - 3", 3.0),
        ("7 mod 3", 1.0),
        ("-7 mod 3", -1.0),
        ("7 mod -3", 1.0),
        ("5 mod 2.5", 0.0),
        ("1 div 0", math.inf),
        ("-1 div 0", -math.inf),
        ("1 div -0", -math.inf),
        ("5 mod (1 div 0)", 5.0),
        ("'6' * '7'", 42.0),
        ("true() + 1", 2.0),
        ("/data/age + 1", 35.0),
        ("-/data/age", -34.0),
        ("- - 3", 3.0),
        ("'a' = 'a'", True),
        ("'a' < 'b'", False),
        ("'10' > '9'", True),
        ("'' = 0", False),
        ("true() = 'x'", True),
        ("/data/none = ''", True),
        ("/data/nope = ''", False),
        ("/data/nope != ''", False),
        ("/data/kid/n = 5", True),
        ("/data/kid/n != 5", True),
        ("/data/kid/n > 8", True),
        ("8 < /data/kid/n", True),
        ("9 < /data/kid/n", False),
        ("/data/kid/n = /data/kid[2]/n", True),
        ("/data/age > /data/kid/n", True),
        ("/data/kid = true()", True),
        ("/data/nope = false()", True),
        ("/data/nope < true()", False),
        ("0.1 + 0.2 = 0.3", False),
        ("/data/born = '2001-02-28'", True),
        ("/data/born < today()", True),
        ("/data/born + 1 = date('2001-03-01')", True),
        ("date('2024-03-01') - date('2024-02-01')", 29.0),
        ("'2024-03-01' - '2024-02-01'", 29.0),
        ("date('x') - date('2024-02-01')", math.nan),
    ],
)
def test_values(text: str, expected: object) -> None:
    value = evaluate(text, FORM, now=datetime(2024, 6, 15, 12, tzinfo=UTC)).raw
    if isinstance(expected, float) and math.isnan(expected):
        assert isinstance(value, float)
        assert math.isnan(value)
    else:
        assert value == expected
        assert type(value) is type(expected)


_NODE_TEXTS = st.lists(st.sampled_from(["", "1", "2", "3.5", "x", "y", "2024-01-01"]), max_size=4)


@given(_NODE_TEXTS, _NODE_TEXTS, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]))
def test_node_sets_compare_as_every_pair_would(left: list[str], right: list[str], operator: str) -> None:
    document = "<d>" + "".join(f"<a>{text}</a>" for text in left) + "".join(f"<b>{text}</b>" for text in right) + "</d>"
    pairs = (f"'{one}' {operator} '{other}'" for one in left for other in right)
    expected = any(evaluate(pair).boolean() for pair in pairs)
    assert evaluate(f"/d/a {operator} /d/b", document).boolean() == expected


_FLOATS = st.floats(allow_subnormal=False)


@given(_FLOATS, _FLOATS)
def test_numbers_add_and_compare_as_ieee_says(one: float, other: float) -> None:
    assert compare("<", one, other, UTC) == (one < other)
    assert compare("=", one, other, UTC) == (one == other)
    assert compare("!=", one, other, UTC) == (one != other)
    both = arithmetic("+", one, other, UTC), arithmetic("+", other, one, UTC)
    assert both[0] == both[1] or all(math.isnan(value) for value in both)


@given(_FLOATS, _FLOATS)
def test_division_and_remainder_never_fail(one: float, other: float) -> None:
    quotient, rest = arithmetic("div", one, other, UTC), arithmetic("mod", one, other, UTC)
    if math.isfinite(one) and math.isfinite(other) and other:
        assert abs(rest) < abs(other)
        assert math.copysign(1.0, rest) == math.copysign(1.0, one)
    if other == 0:
        assert math.isnan(rest)
        assert math.isnan(quotient) or math.isinf(quotient)
