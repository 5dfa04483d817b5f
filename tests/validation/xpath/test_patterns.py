"""validation/xpath/patterns.py: which patterns mean the same in every client."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation.xpath.patterns import dialect, refusal, whole


@pytest.mark.parametrize(
    "pattern",
    [
        "^a$",
        "^(a|b)$",
        "^a$|^b$",
        "(^a$|^b$)",
        "(?:^a$)",
        ".*a.*",
        "^a.*",
        ".*a$",
        r"^a\\$",
        "^[|]$",
        "^[$]$",
        r"^\|$",
        "^$",
    ],
)
def test_whole_patterns(pattern: str) -> None:
    assert whole(pattern)


@pytest.mark.parametrize("pattern", ["a", "^a", "a$", "^a|b$", "(a)$|^b$", r"^a\$", "(^a$)b", "", "^a$|b", "(^a)|(b$)"])
def test_patterns_that_are_searched_for(pattern: str) -> None:
    assert not whole(pattern)


@given(st.lists(st.sampled_from(["^", "$", "a", "b", "|", "(", ")", ".*", "[ab]"]), max_size=7).map("".join))
def test_what_counts_as_whole_finds_the_same_either_way(pattern: str) -> None:
    try:
        compiled = re.compile(pattern)
    except re.error:
        return
    if whole(pattern):
        for text in ("", "a", "b", "ab", "ba", "aab", "bab"):
            assert (compiled.search(text) is None) == (compiled.fullmatch(text) is None)


@pytest.mark.parametrize(
    ("pattern", "construct"),
    [
        (r"^\p{L}+$", r"\p"),
        (r"^[\p{L} ]+$", r"\p"),
        (r"\A\d+\z", r"\A"),
        ("(?i)abc", "(?i)"),
        ("(?>a+)b", "(?>…)"),
        ("(?P<x>a)", "(?P<…>)"),
        ("a++", "*+"),
        ("a{2,3}+", "*+"),
        (r"\x{1F600}", r"\x{…}"),
        ("[a-z&&[^b]]", "[…&&[…]]"),
        (r"^[+]+\++\d+[*]+$", ""),
        (r"^\w+([+.-]?\w+)*@\w+$", ""),
        ("^(?=.*a)(?!b)(?:c|d)(?<e>f)+?$", ""),
        (r"^\\p$", ""),
        ("^ü{1,3}[^)]$", ""),
    ],
)
def test_constructs_that_not_every_client_has(pattern: str, construct: str) -> None:
    assert dialect(pattern) == construct


@pytest.mark.parametrize(
    ("pattern", "code"), [("[a", "regex_wrong"), ("a{9999}{9999}", "regex_large"), ("^a$", None), ("", None)]
)
def test_patterns_no_text_can_be_compared_with(pattern: str, code: str | None) -> None:
    found = refusal(pattern)
    assert (found.code if found else None) == code


def test_very_many_brackets_do_no_harm() -> None:
    assert whole("(" * 15 + "^a$" + ")" * 15)
    for depth in (200, 400, 900):
        assert not whole("(" * depth + "a" + ")" * depth)


@given(st.text(alphabet="ab()[]{}|\\^$.*+?&-,19p", max_size=12))
def test_any_text_can_be_looked_at(pattern: str) -> None:
    assert whole(pattern) in (True, False)
    assert isinstance(dialect(pattern), str)
    assert refusal(pattern) is None or refusal(pattern).code  # type: ignore[union-attr]
