"""validation/clashes.py: what is told of two values, position by position (whole forms: see test_lint.py)."""

from __future__ import annotations

from validation.clashes import clashes, near, unlisted
from validation.inventory import Asked
from validation.xpath.parser import parse

FRUIT = frozenset({"apple", "pear"})
KNOWN = {
    "/data/day": Asked("date", "input"),
    "/data/age": Asked("int", "input"),
    "/data/one": Asked("string", "select1", FRUIT),
    "/data/many": Asked("string", "select", FRUIT),
    "/data/made": Asked("string", "select1", FRUIT, open=True),
    "/data/photo": Asked("binary", "upload"),
}


def told(expression: str) -> list[tuple[str, int]]:
    return [(found.code, found.place.position) for found in clashes(parse(expression), "/data/x", KNOWN)]


def test_positions_are_those_of_what_does_not_fit() -> None:
    assert told("/data/one = 'plum'") == [("lint.not_listed", 13)]
    assert told("1 + /data/many") == [("lint.arithmetic_list", 5)]
    assert told("-/data/photo") == [("lint.arithmetic", 2)]
    assert told("selected(/data/many, 'plum')") == [("lint.not_listed", 22)]


def test_both_sides_are_looked_at() -> None:
    assert told("/data/day > /data/age") == [("lint.date_number", 13)]
    assert told("/data/age > /data/day") == [("lint.date_number", 1)]
    assert told("'2020-01-01' < /data/day") == [("lint.date_as_text", 1)]
    assert told("'plum' = /data/one") == [("lint.not_listed", 1)]


def test_chains_of_comparisons_and_unknown_nodes_are_left_alone() -> None:
    assert told("1 < 2 < 3") == []
    assert told("/data/nobody > 2020 and /data/made = 'plum'") == []
    assert told("selected(/data/one, /data/many) or selected('a', 'b')") == []


def test_words_of_several_choices() -> None:
    assert unlisted(KNOWN["/data/many"], "apple plum pear") == "plum"
    assert unlisted(KNOWN["/data/many"], "pear apple") is None
    assert unlisted(KNOWN["/data/age"], "plum") is None


def test_the_nearest_value_is_named_where_there_are_few() -> None:
    assert near("aple", FRUIT) == " (apple?)"
    assert near("xyz", FRUIT) == ""
    assert near("v1x", frozenset(f"v{number}" for number in range(2_000))) == ""
