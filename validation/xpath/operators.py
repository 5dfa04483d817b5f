"""What operators do to two values: arithmetic and comparison (XPath 1.0, sections 3.4 and 3.5), dates as ODK does."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import tzinfo

from validation.tree import Node
from validation.xpath.moments import Moment
from validation.xpath.values import NAN, Value, text_number, text_of, to_boolean, to_moment, to_number

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
# A hundred-millionth of a day is a millisecond: what two ways to the same date may differ by in floats.
_DATE_DIGITS = 8


def arithmetic(operator: str, left: Value, right: Value, zone: tzinfo) -> float:
    """+ - * div mod on numbers (XPath 1.0, section 3.5); the difference of two dates is exact."""
    if operator == "-":
        exact = _days_between(left, right, zone)
        if exact is not None:
            return exact
    a, b = to_number(left, zone), to_number(right, zone)
    try:
        if operator == "+":
            return a + b
        if operator == "-":
            return a - b
        if operator == "*":
            return a * b
        if operator == "div":
            return a / b
        return math.fmod(a, b)
    except ZeroDivisionError:
        return NAN if a == 0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1.0, b)
    except ValueError:  # fmod of an infinity or by zero
        return NAN


def _days_between(left: Value, right: Value, zone: tzinfo) -> float | None:
    """Two dates subtract exactly: days since 1970 as floats would leave 30.000000000004 days."""
    a, b = to_moment(left, zone), to_moment(right, zone)
    if a is None or b is None:
        return None
    first, second = a.micros(), b.micros()
    return NAN if first is None or second is None else (first - second) / 86_400_000_000


def compare(operator: str, left: Value, right: Value, zone: tzinfo) -> bool:
    """A comparison by section 3.4 of XPath 1.0; where a date takes part both sides are numbers of days."""
    # With a truth value a node-set is one too, but only where the question is whether they are equal.
    whole = operator in ("=", "!=")
    if isinstance(left, list) and not (whole and isinstance(right, bool)):
        if isinstance(right, list):
            return _compare_nodes(operator, left, right, zone)
        return any(_compare_one(operator, text_of(node), right, zone) for node in left)
    if isinstance(right, list) and not (whole and isinstance(left, bool)):
        mirrored = _MIRRORED[operator]
        return any(_compare_one(mirrored, text_of(node), left, zone) for node in right)
    return _compare_one(operator, left, right, zone)


def _compare_nodes(operator: str, left: list[Node], right: list[Node], zone: tzinfo) -> bool:
    """Whether some pair compares so; found without looking at every pair."""
    lefts, rights = {text_of(node) for node in left}, {text_of(node) for node in right}
    if operator == "=":
        return not lefts.isdisjoint(rights)
    if operator == "!=":
        return bool(lefts and rights) and not (len(lefts) == 1 and lefts == rights)
    a = [number for text in lefts if not math.isnan(number := text_number(text, zone))]
    b = [number for text in rights if not math.isnan(number := text_number(text, zone))]
    if not a or not b:
        return False
    return COMPARISONS[operator](*((min(a), max(b)) if operator in ("<", "<=") else (max(a), min(b))))


def _compare_one(operator: str, left: Value, right: Value, zone: tzinfo) -> bool:
    if operator in ("=", "!="):
        if isinstance(left, bool) or isinstance(right, bool):
            return (to_boolean(left) == to_boolean(right)) == (operator == "=")
        if isinstance(left, str) and isinstance(right, str):
            return (left == right) == (operator == "=")
    a, b = to_number(left, zone), to_number(right, zone)
    if isinstance(left, Moment) or isinstance(right, Moment):
        a, b = round(a, _DATE_DIGITS), round(b, _DATE_DIGITS)
    return COMPARISONS[operator](a, b)
