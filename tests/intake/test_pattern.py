"""Texts for patterns: what comes out matches, what is not known gives nothing."""

from __future__ import annotations

import random
import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.pattern import matching

KNOWN = [
    "^P-[0-9]{6}$",
    r"[A-Z]{2,3}\d+",
    "(ab|cd)*x?",
    r"^[^@]+@[a-z]+\.[a-z]{2,}$",
    r"^\+?[0-9 ]{5,12}$",
    "a{3}",
    "[]a]",
    "(?:ja|nein)",
    "x{2,}",
    r"\w\s\d",
    "",
]


@pytest.mark.parametrize("pattern", KNOWN)
@given(seed=st.integers(0, 10_000))
def test_what_is_drawn_matches(pattern: str, seed: int) -> None:
    text = matching(pattern, random.Random(seed))
    assert text is not None
    assert re.fullmatch(pattern, text)


@pytest.mark.parametrize("pattern", ["[", "(a", "a)", "(?=x)y", r"\bx", r"(a)\1", "*a", "\\"])
def test_what_is_wrong_or_not_known_gives_nothing(pattern: str) -> None:
    assert matching(pattern, random.Random(1)) is None


@given(pattern=st.text(alphabet="ab[]()|*+?{}2,\\d^$.-", max_size=12), seed=st.integers(0, 100))
def test_no_pattern_breaks_it(pattern: str, seed: int) -> None:
    text = matching(pattern, random.Random(seed))
    if text is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            assert re.search(f"^(?:{pattern})$", text)


def test_the_same_seed_draws_the_same() -> None:
    assert matching("[a-z]{20}", random.Random(3)) == matching("[a-z]{20}", random.Random(3))
