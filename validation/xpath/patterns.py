"""What is wrong with the pattern of a regex(): patterns that no engine reads, and those that clients read differently.

JavaRosa (Collect) demands that the whole text matches, Web Forms, Enketo and we search in it: only a pattern that says
'^…$' means the same everywhere. JavaRosa has Java's regular expressions, the others JavaScript's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from validation.xpath.functions import table
from validation.xpath.values import Refusal

_NESTED = 20  # brackets around the whole pattern that are looked through
# What only one of Java and JavaScript knows, outside of brackets; in JavaScript it is an error or means letters.
_JAVA_ONLY = (
    (re.compile(r"\(\?[idmsux-]+[:)]"), "(?i)"),
    (re.compile(r"\(\?>"), "(?>…)"),
    (re.compile(r"\(\?P[<=>]"), "(?P<…>)"),
    (re.compile(r"(?:[*+?]|\{\d+(?:,\d*)?\})\+"), "*+"),
)
_JAVA_ESCAPES = {letter: f"\\{letter}" for letter in "AGZzQEXRhHpPVN"} | {"x{": "\\x{…}"}


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a pattern is made of: its top-level alternatives and the escapes and constructs outside of brackets."""

    alternatives: tuple[str, ...]
    plain: str
    escapes: tuple[str, ...]
    intersection: bool


def refusal(pattern: str) -> Refusal | None:
    """Why no text can be compared with a pattern: it is none, or too large; None where it can be used."""
    try:
        table()["regex"].call(None, "", pattern)
    except Refusal as found:
        return found
    return None


def dialect(pattern: str) -> str:
    """The first construct that clients do not read alike, '' where there is none."""
    found = _scan(pattern)
    for letter in found.escapes:
        if letter in _JAVA_ESCAPES:
            return _JAVA_ESCAPES[letter]
    if found.intersection:
        return "[…&&[…]]"
    return next((name for construct, name in _JAVA_ONLY if construct.search(found.plain)), "")


def whole(pattern: str) -> bool:
    """Whether it makes no difference if a pattern is searched for or compared with the whole text."""
    return _whole(pattern, 0)


def _whole(pattern: str, depth: int) -> bool:
    return depth < _NESTED and all(_held(alternative, depth) for alternative in _scan(pattern).alternatives)


def _held(alternative: str, depth: int) -> bool:
    opened = alternative.startswith(("^", ".*"))
    closed = alternative.endswith(".*") or (alternative.endswith("$") and not _escaped(alternative, -1))
    inner = alternative[1:-1]
    if (
        not (opened and closed)
        and alternative.startswith("(")
        and alternative.endswith(")")
        and _one_group(alternative)
    ):
        return _whole(inner.removeprefix("?:"), depth + 1)
    return opened and closed


def _escaped(text: str, place: int) -> bool:
    before = text[:place]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _one_group(text: str) -> bool:
    """Whether the bracket that opens a text closes at its end."""
    depth = 0
    for place, char in _outside(text):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth == 0:
            return place == len(text) - 1
    return False


def _outside(text: str) -> list[tuple[int, str]]:
    """The characters with their places; '_' stands for an escaped one and for all in square brackets."""
    found: list[tuple[int, str]] = []
    place, inside = 0, False
    while place < len(text):
        char = text[place]
        if inside:
            inside = char != "]"
        else:
            inside = char == "["
            found.append((place, "_" if char in "\\[" else char))
        place += 2 if char == "\\" else 1
    return found


def _scan(pattern: str) -> Pattern:
    outside = _outside(pattern)
    cuts, depth = [-1], 0
    for place, char in outside:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "|" and depth == 0:
            cuts.append(place)
    cuts.append(len(pattern))
    alternatives = tuple(pattern[a + 1 : b] for a, b in pairwise(cuts))
    escapes = tuple(match[1] for match in re.finditer(r"\\(x\{|.)", pattern, re.DOTALL))
    plain = "".join(char for _, char in outside)
    return Pattern(alternatives, plain, escapes, bool(re.search(r"\[[^\]]*&&\[", pattern)))
