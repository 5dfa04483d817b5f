from __future__ import annotations

import pytest

from intake.formdiff.meaning import Meaning, Reading, implies
from validation.xpath.parser import parse

READING = Reading(str, ["/data/kind"])


def meaning(text: str, here: str = "/data/a/x") -> Meaning:
    return READING.of(parse(text), here)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/data/a = 1 and /data/b = 2", "/data/b=2  and ((1 = /data/a))"),
        ("/data/a or /data/b or /data/c", "/data/c or (/data/b or /data/a)"),
        ("/data/a > 3", "3 < /data/a"),
        ("/data/a >= 3.0", "3 <= /data/a"),
        ("not(/data/a = 'x')", "/data/a != 'x'"),
        ("../y = 'z'", "/data/a/y = 'z'"),
        (". = ''", "/data/a/x = ''"),
        ("current()/../y", "../y"),
        ("if(/data/a=1,'b',\"c\")", "if( /data/a = 1, 'b', 'c')"),
        ("instance('l')/root/item[name = /data/b]/label", "instance('l')/root/item[ /data/b = name]/label"),
    ],
)
def test_the_same_said_in_another_way(one: str, other: str) -> None:
    assert meaning(one) == meaning(other)
    assert implies(meaning(one), meaning(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/data/a = 1", "/data/a = 2"),
        ("/data/a - /data/b", "/data/b - /data/a"),
        ("/data/a < 3", "3 < /data/a"),
        ("/data/a and /data/b", "/data/a or /data/b"),
        ("not(/data/a < 3)", "/data/a >= 3"),  # not so where there is no answer
        ("not(/data/kind/n = 'x')", "/data/kind/n != 'x'"),  # not so of several entries
        ("../n = 1", "/data/kind/n = 1"),  # in a repeat: this entry, every entry
        ("selected(/data/a, 'b')", "selected(/data/b, 'a')"),
        ("/data/kind[1]/n", "/data/kind[2]/n"),
        ("-/data/a", "/data/a"),
    ],
)
def test_not_the_same(one: str, other: str) -> None:
    assert meaning(one, "/data/kind/x") != meaning(other, "/data/kind/x")


def test_a_renamed_question_is_the_same_in_every_kind_of_path() -> None:
    renamed = Reading(lambda nodeset: nodeset.replace("/old", "/new"), [])
    for text in ("/data/old = 1", "../old + 1", "/data/old[. > 2]/x", "instance('l')/root/item[c = current()/../old]"):
        before = renamed.of(parse(text), "/data/x")
        assert before == renamed.of(parse(text.replace("old", "new")), "/data/x")
        assert before != meaning(text, "/data/x")


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("/data/a = 1 and /data/b = 2", "/data/a = 1"),
        ("/data/a = 1", "/data/a = 1 or /data/b = 2"),
        (". >= 5 and . <= 10", ". >= 0 and . < 11"),
        (". > 5", ". >= 5"),
        (". < -3", ". <= -2"),
        ("false()", "/data/a = 1"),
        ("/data/a = 1", "true()"),
        ("(/data/a or /data/b) and /data/c", "/data/b or /data/a"),
    ],
)
def test_one_asks_for_less_than_the_other(narrow: str, wide: str) -> None:
    assert implies(meaning(narrow), meaning(wide))
    assert not implies(meaning(wide), meaning(narrow))


@pytest.mark.parametrize(("one", "other"), [(". > 5", "/data/b > 4"), (". > 5", ". < 9"), ("/data/a", "/data/b")])
def test_where_neither_follows_nothing_is_claimed(one: str, other: str) -> None:
    assert not implies(meaning(one), meaning(other))
    assert not implies(meaning(other), meaning(one))
