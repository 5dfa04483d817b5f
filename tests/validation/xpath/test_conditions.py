"""Conditions taken apart: the many ways to write one thing give one atom."""

from __future__ import annotations

import pytest

from validation.xpath.conditions import (
    Atom,
    Condition,
    Junction,
    Name,
    Reader,
    is_all_negated,
    nodeset_of,
    opposite,
    read,
)
from validation.xpath.parser import parse
from validation.xpath.syntax import Literal

READER = Reader({"/d/a": Name("A", choices={"v1": "eins", "v2": "zwei"}), "/d/b": Name("B")}, "/d/c")


def taken(expression: str) -> Condition:
    return read(parse(expression).tree, READER)


def shape(condition: Condition) -> object:
    """Relation, operands and sign of an atom; word and parts of a junction."""
    if isinstance(condition, Atom):
        values = tuple(term.value if isinstance(term, Literal) else str(term) for term in condition.operands)
        return ("not " if condition.negated else "") + condition.relation, *values
    return condition.word, *(shape(part) for part in condition.parts)


@pytest.mark.parametrize(
    ("expressions", "expected"),
    [
        (("/d/a != ''", "string-length(/d/a) > 0", "not(/d/a = '')", "count-selected(/d/a) >= 1"), ("answered",)),
        (("/d/a = ''", "string-length(/d/a) = 0", "count-selected(/d/a) < 1"), ("not answered",)),
        (("/d/a = 'x'", "'x' = /d/a", "not(/d/a != 'x')", "not(not(/d/a = 'x'))", "../a = 'x'"), ("is", "x")),
        (("/d/a = 'x' or /d/a = 'y'", "not(/d/a != 'x' and /d/a != 'y')"), ("is", "x", "y")),
        (("/d/a = 'x' or /d/a = 'x'",), ("is", "x")),
        (("/d/a != 'x' and /d/a != 'y'", "not(/d/a = 'x' or /d/a = 'y')"), ("not is", "x", "y")),
        (("/d/a > 1", "1 < /d/a", "number(/d/a) > 1"), ("more", "1")),
        (("not(/d/a > 1)",), ("not more", "1")),
        (("starts-with(/d/a, 'v')",), ("is", "v1", "v2")),
        (("starts-with(/d/b, 'v')",), ("starts", "v")),
        (("/d/zz = 1", "/d/a[1] = 2", "/d/a = 1 = 2", "f(/d/a)", "selected(/d/a, /d/b)", "/d/a"), ("raw",)),
        (("/d/a = 'x' and /d/a = 'y'",), ("and", ("is", "x"), ("is", "y"))),
        (("/d/a != 'x' or /d/a != 'y'",), ("or", ("not is", "x"), ("not is", "y"))),
        (("/d/a = 'x' and (/d/b = 'y' and /d/b != '')",), ("and", ("is", "x"), ("is", "y"), ("answered",))),
    ],
)
def test_ways_to_write_one_thing_are_one(expressions: tuple[str, ...], expected: object) -> None:
    assert {shape(taken(expression)) for expression in expressions} == {expected}


def test_the_opposite_of_the_opposite_is_the_same() -> None:
    condition = taken("(/d/a = 'x' or /d/b > 1) and not(/d/b = '')")
    assert isinstance(condition, Junction)
    assert opposite(opposite(condition)) == condition


def test_only_what_must_not_be_is_known_as_such() -> None:
    assert is_all_negated(taken("/d/a != 'x' and not(/d/b < 2)"))
    for expression in ("/d/a != 'x' and /d/b = 'y'", "/d/a != 'x' or /d/b != 'y'", "not(f(1))", "false()"):
        assert not is_all_negated(taken(expression))


@pytest.mark.parametrize(
    ("path", "nodeset"), [("../b", "/d/b"), (".", "/d/c"), ("//b", None), ("../*", None), ("1", None)]
)
def test_a_path_leads_to_one_nodeset_or_to_none(path: str, nodeset: str | None) -> None:
    assert nodeset_of(parse(path).tree, "/d/c") == nodeset
