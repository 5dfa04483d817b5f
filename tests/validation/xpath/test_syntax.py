"""validation/xpath/syntax.py: terms are values, and their text is canonical."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation.xpath.parser import parse
from validation.xpath.syntax import Call, Literal, Number, Operand, Operation, calls_in, children


@given(st.floats(min_value=0, allow_nan=False, allow_infinity=False))
def test_numbers_read_back_exactly(value: float) -> None:
    number = Number(value)
    assert parse(str(number)).tree == number


def test_positions_do_not_tell_terms_apart() -> None:
    assert Number(1.0, 3) == Number(1.0, 9)
    assert hash(Literal("a", 1)) == hash(Literal("a", 2))


@pytest.mark.parametrize(
    ("text", "count"), [("1", 0), ("-a", 1), ("1 + 2 - 3", 3), ("f(1, 2)", 2), ("a[1]/b[2][3]", 3), ("(a)[1]", 2)]
)
def test_children_are_what_stands_inside(text: str, count: int) -> None:
    assert len(children(parse(text).tree)) == count


def test_a_union_binds_tighter_than_multiplication() -> None:
    union = Operation(Call("f", ()), (Operand("|", Call("g", ())),))
    product = Operation(Number(2.0), (Operand("*", union),))
    assert str(product) == "2 * f() | g()"
    assert parse(str(product)).tree == product


def test_calls_are_found_at_any_depth() -> None:
    assert calls_in(parse("f(a[g(-h())]/b | (i())[j()])").tree) == {"f", "g", "h", "i", "j"}
