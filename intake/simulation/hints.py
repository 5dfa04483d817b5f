"""The language of the `simulate` column: how a made-up answer is drawn, to be believable and not only permitted.

A hint has one or more parts, separated by ';':

    weights: ja=3 nein=1          choices (or texts) in this proportion; a choice that is not named is never wanted
    uniform(1, 9)                 a number between two, all equally likely
    normal(34, 12)                a number around a mean, with a standard deviation
    date(-5y, today)              a day between two: ISO, `today`, or a question's name, with an offset in d, w, m or y
    name                          an invented name: surname, first name
    text(20)                      plain words, about so many characters
    serial(P-000001)              counted up, record by record
    share(0.8)                    how often a question that is not required is answered
    entries(0, 3)                 how many entries a repeat gets (on `begin_repeat`)
    moves: agreed=running,done    in a follow-up round, what an answer may become; one that is not named stays

A hint wishes, the form decides: a value that breaks a rule of the form is not taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NoReturn, TypeAlias

from validation.errors import Place, Problem

COLUMN = "simulate"
PARTS = (
    "weights: a=3 b=1", "uniform(1, 9)", "normal(34, 12)", "date(-5y, today)", "name", "text(20)", "serial(P-0001)",
    "share(0.8)", "entries(0, 3)", "moves: a=b,c",
)  # fmt: skip
_LONGEST_TEXT = 10_000
_MOST_ENTRIES = 100
_CALL = re.compile(r"([a-z]+)\s*\((.*)\)", re.DOTALL)
_LIST = re.compile(r"([a-z]+)\s*:(.*)", re.DOTALL)
_DAY = re.compile(r"(today|\d{4}-\d{2}-\d{2}|[^\W\d]\w*)?\s*(?:([+-])\s*(\d{1,4})([dwmy]))?")
_SERIAL = re.compile(r"(.*?)(\d{1,18})(\D*)", re.DOTALL)
_KINDS = (
    ("select_one", re.compile(r"select[_ ]one\b|select1\b|select one\b")),
    ("select_multiple", re.compile(r"select[_ ](multiple|all)\b")),
    ("number", re.compile(r"(integer|int|decimal|range)$")),
    ("date", re.compile(r"(date|date ?time)$")),
    ("text", re.compile(r"(text|string)$")),
    ("repeat", re.compile(r"begin[_ ](repeat|loop)\b")),
    ("nothing", re.compile(r"(begin|end)[_ ]|(note|calculate|hidden|start|end|today|audit|deviceid|username)$")),
)
_WRITTEN = {
    "weights": "list", "moves": "list", "name": "word", "uniform": "call", "normal": "call", "date": "call",
    "text": "call", "serial": "call", "share": "call", "entries": "call",
}  # fmt: skip
_FITS = {
    "weights": {"select_one", "select_multiple", "text", "number"},
    "uniform": {"number"},
    "normal": {"number"},
    "date": {"date"},
    "name": {"text"},
    "text": {"text"},
    "serial": {"text"},
    "entries": {"repeat"},
    "moves": {"select_one"},
}


@dataclass(frozen=True, slots=True)
class Weights:
    """Values and their weights, in the order they are written."""

    of: Mapping[str, float] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Between:
    """A number between two; where `mean` is set `low` and `high` are mean and standard deviation."""

    low: Decimal
    high: Decimal
    mean: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """A day: `anchor` is 'today', an ISO date or the name of a question; `amount` of `unit` (d w m y) is added."""

    anchor: str
    amount: int = 0
    unit: str = "d"


@dataclass(frozen=True, slots=True)
class Days:
    """A day between two, both included."""

    first: Day
    last: Day


@dataclass(frozen=True, slots=True)
class Words:
    """Plain words of about this length, or an invented name (0)."""

    length: int


@dataclass(frozen=True, slots=True)
class Serial:
    """A counted text: what stands before the number, the first number, how many digits, what stands after it."""

    before: str
    first: int
    digits: int
    after: str


Draw: TypeAlias = Weights | Between | Days | Words | Serial


@dataclass(frozen=True, slots=True)
class Hint:
    """What a cell wishes. None, resp. empty, where it does not say."""

    draw: Draw | None = None
    share: float | None = None
    entries: tuple[int, int] | None = None
    moves: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)


class HintError(ValueError):
    """A part that is not understood; its text is the part."""


def parse_hint(text: str) -> Hint:
    """The hint in a cell. HintError with the part that is not understood."""
    hint = Hint()
    seen: set[str] = set()
    for part in filter(None, map(str.strip, text.split(";"))):
        found = part_name(part)
        if found in seen or (found in _DRAWING and not seen.isdisjoint(_DRAWING)):
            raise HintError(part)
        seen.add(found)
        hint = _with(hint, found, part)
    if not seen:
        raise HintError(text.strip())
    return hint


def part_name(part: str) -> str:
    """Which of the parts it is. HintError where it is none."""
    called, listed = _CALL.fullmatch(part), _LIST.fullmatch(part)
    match = called or listed
    name = match[1] if match else part
    written = "list" if listed else "call" if called else "word"
    return name if _WRITTEN.get(name) == written else _refuse(part)


def hint_problems(text: str, kind: str, place: Place) -> Iterator[Problem]:
    """What is wrong with the cell of a row of this question type (as in `intake.columns.question_type`)."""
    try:
        parse_hint(text)
    except HintError as error:
        yield Problem("simulate.hint_unknown", place, {"part": str(error), "known": ", ".join(PARTS)})
        return
    asked = next((name for name, pattern in _KINDS if pattern.match(kind)), "other")
    for part in filter(None, map(str.strip, text.split(";"))):
        name = part_name(part)
        fits = asked in _FITS[name] if name in _FITS else asked not in ("nothing", "repeat")
        if not fits:
            yield Problem("simulate.hint_not_here", place, {"part": part, "type": kind or "–"})


def _with(hint: Hint, name: str, part: str) -> Hint:
    match = _CALL.fullmatch(part) or _LIST.fullmatch(part)
    inside = match[2].strip() if match else ""
    try:
        if name == "share":
            return replace(hint, share=_share(inside))
        if name == "entries":
            return replace(hint, entries=_entries(inside))
        if name == "moves":
            return replace(hint, moves=_moves(inside))
        return replace(hint, draw=_DRAWING[name](inside))
    except (ValueError, InvalidOperation) as error:
        raise HintError(part) from error


def _weights(inside: str) -> Weights:
    found: dict[str, float] = {}
    for pair in inside.split():
        name, _, weight = pair.rpartition("=")
        if not name or name in found or not 0 <= float(weight) < 1e9:
            _refuse(pair)
        found[name] = float(weight)
    return Weights(found) if any(found.values()) else _refuse(inside)


def _two(inside: str) -> tuple[Decimal, Decimal]:
    first, second = (Decimal(number.strip()) for number in inside.split(","))
    return (first, second) if first.is_finite() and second.is_finite() else _refuse(inside)


def _uniform(inside: str) -> Between:
    low, high = _two(inside)
    return Between(low, high) if low <= high else _refuse(inside)


def _normal(inside: str) -> Between:
    mean, deviation = _two(inside)
    return Between(mean, deviation, mean=True) if deviation >= 0 else _refuse(inside)


def _days(inside: str) -> Days:
    first, last = (_day(part.strip()) for part in inside.split(","))
    return Days(first, last)


def _day(text: str) -> Day:
    match = _DAY.fullmatch(text)
    if not text or match is None:
        _refuse(text)
    anchor = match[1] or "today"
    if anchor[0].isdigit():
        date.fromisoformat(anchor)
    return Day(anchor, int(f"{match[2] or '+'}{match[3] or 0}"), match[4] or "d")


def _text(inside: str) -> Words:
    return Words(int(inside)) if inside.isdecimal() and 0 < int(inside) <= _LONGEST_TEXT else _refuse(inside)


def _name(inside: str) -> Words:
    return Words(len(inside))


def _serial(inside: str) -> Serial:
    match = _SERIAL.fullmatch(inside)
    return Serial(match[1], int(match[2]), len(match[2]), match[3]) if match else _refuse(inside)


def _share(inside: str) -> float:
    return float(inside) if 0 <= float(inside) <= 1 else _refuse(inside)


def _entries(inside: str) -> tuple[int, int]:
    least, most = (int(number) for number in inside.split(","))
    return (least, most) if 0 <= least <= most <= _MOST_ENTRIES else _refuse(inside)


def _moves(inside: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for pair in inside.split():
        before, _, after = pair.partition("=")
        if not before or before in found or not all(after.split(",")):
            _refuse(pair)
        found[before] = tuple(after.split(","))
    return found or _refuse(inside)


def _refuse(part: str) -> NoReturn:
    raise HintError(part)


_DRAWING: Mapping[str, Callable[[str], Draw]] = {
    "weights": _weights, "uniform": _uniform, "normal": _normal, "date": _days, "name": _name, "text": _text,
    "serial": _serial,
}  # fmt: skip
