"""What operators do to two columns: the rules of `validation.xpath.operators`, over whole arrays."""

from __future__ import annotations

import operator as python
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any

import numpy as np

from validation.xpath.columns.column import Bits, Column, Floats, combined, constant, picked
from validation.xpath.moments import Moment
from validation.xpath.operators import COMPARISONS, arithmetic, compare
from validation.xpath.syntax import LEVELS

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": python.eq,
    "!=": python.ne,
    "<": python.lt,
    "<=": python.le,
    ">": python.gt,
    ">=": python.ge,
}
EQUALITIES = LEVELS[2]
_NEAR = 2e-8  # moments nearer to one another than this may be the same to the millisecond
_DIGITS = 8
_DAY = 86_400_000_000  # microseconds
_EXACT = 2**53  # whole numbers up to here are exact as floats


def compared(operator: str, left: Column, right: Column, zone: tzinfo) -> Column:
    """A comparison row by row, each value for itself (no lists of nodes from repeats)."""
    size = left.size
    if left.constant and right.constant:
        return constant(compare(operator, _single(left), _single(right), zone), size)
    return Column("boolean", size, truth=_truth(operator, left, right, zone))


def _single(column: Column) -> Any:
    return column.listed().value


def _truth(operator: str, left: Column, right: Column, zone: tzinfo) -> Bits:
    kinds = {left.kind, right.kind}
    if operator in EQUALITIES:
        if "boolean" in kinds and "any" not in kinds:
            same: Bits = left.truth() == right.truth()
            return same if operator == "=" else ~same
        if kinds == {"text"}:
            same = _same_text(left, right)
            return same if operator == "=" else ~same
        if "any" in kinds or ("date" in kinds and not _all_moments(left, right) and kinds <= {"date", "text"}):
            return _pairs(operator, left, right, zone)
    if "any" in kinds and not (_comparable(left) and _comparable(right)):
        return _pairs(operator, left, right, zone)
    a, b = left.numbers(zone), right.numbers(zone)
    found: Bits = _COMPARE[operator](a, b)
    return _rounded(operator, found, a, b) if "date" in kinds else found


def _all_moments(*columns: Column) -> bool:
    return all(column.dated_throughout for column in columns if column.kind == "date")


def _comparable(column: Column) -> bool:
    """No moments and no lists among what may be anything: as numbers they follow rules of their own."""
    return column.kind != "any" or not any(isinstance(value, list | Moment) for value in column.dictionary)


def _rounded(operator: str, found: Bits, a: Floats, b: Floats) -> Bits:
    """Where a date takes part numbers are compared to the millisecond."""
    with np.errstate(invalid="ignore"):
        near = np.flatnonzero((a != b) & (np.abs(a - b) <= _NEAR))
    if len(near):
        found = found.copy()
        decide = COMPARISONS[operator]
        for row in near.tolist():
            found[row] = decide(round(float(a[row]), _DIGITS), round(float(b[row]), _DIGITS))
    return found


def _same_text(left: Column, right: Column) -> Bits:
    if left.constant:
        left, right = right, left
    if right.constant and right.texts().value == "":
        return ~left.filled()
    codes, values = left.texts().coded()
    if right.constant:
        wanted = right.texts().value
        same: Bits = codes == values.index(wanted) if wanted in values else np.zeros(left.size, dtype=bool)
        return same
    places = {value: place for place, value in enumerate(values)}
    others, sought = right.texts().coded()
    place = np.array([places.get(value, -1) for value in sought], dtype=np.int32)
    return np.asarray(codes == place[others])


def _pairs(operator: str, left: Column, right: Column, zone: tzinfo) -> Bits:
    codes, pairs = combined((left.listed(), right.listed()))
    verdicts = [compare(operator, a, b, zone) for a, b in pairs]
    return np.full(left.size, verdicts[0]) if codes is None else picked(verdicts, codes)


def reckoned(operator: str, left: Column, right: Column, zone: tzinfo) -> Column:
    """+ - * div mod, row by row."""
    if left.constant and right.constant:
        return constant(arithmetic(operator, left.value, right.value, zone), left.size)
    with np.errstate(all="ignore"):
        made = _reckoned(operator, left.numbers(zone), right.numbers(zone))
        if operator == "-" and not {left.kind, right.kind} & {"number", "boolean"}:
            made = _difference(made, left, right, zone)
    return Column("number", left.size, numbers=made)


def _reckoned(operator: str, a: Floats, b: Floats) -> Floats:
    if operator == "+":
        return a + b
    if operator == "-":
        return a - b
    if operator == "*":
        return a * b
    return np.divide(a, b) if operator == "div" else np.fmod(a, b)


def _difference(made: Floats, left: Column, right: Column, zone: tzinfo) -> Floats:
    """Two dates subtract exactly, in whole microseconds."""
    a, is_a, no_a = left.micros(zone)
    b, is_b, no_b = right.micros(zone)
    dates = is_a & is_b
    if not dates.any():
        return made
    micros = a - b
    days = micros / _DAY
    for row in np.flatnonzero(dates & (np.abs(micros) >= _EXACT)).tolist():
        days[row] = int(micros[row]) / _DAY
    return np.where(dates, np.where(no_a | no_b, np.nan, days), made)
