"""Functions on numbers: XPath 1.0, section 4.4, and what ODK adds. What has no result is NaN, as in IEEE 754."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from validation.xpath.functions import Function
from validation.xpath.moments import Moment, read_moment
from validation.xpath.values import NAN, Days, Value, nodes_of, text_number, text_of, to_string

if TYPE_CHECKING:
    from validation.xpath.evaluator import Context


_EPOCH = 719_163  # the ordinal of 1970-01-01


def _number(context: Context, *value: Value) -> float:
    """Of a date its days since 1970, which are written as whole days: those of the calendar where it has no time."""
    given: Value = value[0] if value else [context.node]
    if isinstance(given, bool | float):
        return float(given)
    moment = given if isinstance(given, Moment) else read_moment(to_string(given).strip(), context.tz)
    if moment is not None and moment.when is not None:
        days = moment.days()
        return Days(days, moment.when.date().toordinal() - _EPOCH if moment.is_date() else math.floor(days))
    return context.number(given)


def _sum(context: Context, nodes: Value) -> float:
    return math.fsum(numbers) if (numbers := _numbers(context, nodes_of(nodes))) else 0.0


def _numbers(context: Context, *values: Value) -> list[float]:
    found: list[float] = []
    for value in values:
        if isinstance(value, list):
            found.extend(text_number(text_of(node), context.tz) for node in value)
        else:
            found.append(context.number(value))
    return found


def _extreme(choose: Callable[[list[float]], float]) -> Callable[..., float]:
    def call(context: Context, *values: Value) -> float:
        """NaN where there is nothing, or something that is no number."""
        numbers = _numbers(context, *values)
        return NAN if not numbers or any(math.isnan(number) for number in numbers) else choose(numbers)

    return call


def _floor(context: Context, value: Value) -> float:
    return _whole(context.number(value), math.floor)


def _ceiling(context: Context, value: Value) -> float:
    return _whole(context.number(value), math.ceil)


def _int(context: Context, value: Value) -> float:
    """The whole part, towards zero."""
    return _whole(context.number(value), math.trunc)


def _whole(number: float, cut: Callable[[float], int]) -> float:
    if math.isnan(number) or math.isinf(number) or number == 0:
        return number
    return math.copysign(float(cut(number)), number)


# No float has digits further right or left.
_MOST_DIGITS = 340.0


def _round(context: Context, value: Value, *digits: Value) -> float:
    """Half away from zero, on the decimal digits a person sees: 2.15 to one digit is 2.2."""
    number = context.number(value)
    places = context.number(digits[0]) if digits else 0.0
    if math.isnan(number) or math.isinf(number) or number == 0 or math.isnan(places):
        return NAN if math.isnan(places) else number
    places = max(-_MOST_DIGITS, min(_MOST_DIGITS, math.trunc(places) if not math.isinf(places) else places))
    shown = Decimal(repr(number))
    exponent = -int(places)
    if shown.as_tuple().exponent >= exponent:  # type: ignore[operator] # a finite number has a number here
        return number
    scaled = shown.scaleb(-exponent).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return math.copysign(float(scaled.scaleb(exponent)), number)


def _real(function: Callable[..., float], *, pole: Callable[..., float] | None = None) -> Callable[..., float]:
    """A function of the math module with NaN where it has no result and infinity where it overflows."""

    def call(context: Context, *values: Value) -> float:
        numbers = [context.number(value) for value in values]
        if any(math.isnan(number) for number in numbers):
            return NAN
        try:
            return float(function(*numbers))
        except OverflowError:
            return -math.inf if function is math.pow and numbers[0] < 0 and numbers[1] % 2 == 1 else math.inf
        except ValueError:
            return pole(*numbers) if pole is not None else NAN

    return call


def _log_pole(number: float) -> float:
    return -math.inf if number == 0 else NAN


def _power_pole(base: float, exponent: float) -> float:
    if base == 0 and exponent < 0:
        return math.copysign(math.inf, base) if exponent % 2 == 1 else math.inf
    return NAN


def _exp10(number: float) -> float:
    return math.pow(10.0, number)


def _pi(_context: Context) -> float:
    return math.pi


FUNCTIONS = (
    Function("number", 0, 1, "number", "XPath 4.4", _number),
    Function("sum", 1, 1, "number", "XPath 4.4", _sum),
    Function("min", 1, None, "number", "ODK fn:min", _extreme(min)),
    Function("max", 1, None, "number", "ODK fn:max", _extreme(max)),
    Function("floor", 1, 1, "number", "XPath 4.4", _floor),
    Function("ceiling", 1, 1, "number", "XPath 4.4", _ceiling),
    Function("int", 1, 1, "number", "ODK fn:int", _int),
    Function("round", 1, 2, "number", "XPath 4.4, ODK fn:round", _round),
    Function("abs", 1, 1, "number", "ODK fn:abs", _real(abs)),
    Function("pow", 2, 2, "number", "ODK fn:pow", _real(math.pow, pole=_power_pole)),
    Function("sqrt", 1, 1, "number", "ODK fn:sqrt", _real(math.sqrt)),
    Function("exp", 1, 1, "number", "ODK fn:exp", _real(math.exp)),
    Function("exp10", 1, 1, "number", "ODK fn:exp10", _real(_exp10)),
    Function("log", 1, 1, "number", "ODK fn:log", _real(math.log, pole=_log_pole)),
    Function("log10", 1, 1, "number", "ODK fn:log10", _real(math.log10, pole=_log_pole)),
    Function("sin", 1, 1, "number", "ODK fn:sin", _real(math.sin)),
    Function("cos", 1, 1, "number", "ODK fn:cos", _real(math.cos)),
    Function("tan", 1, 1, "number", "ODK fn:tan", _real(math.tan)),
    Function("asin", 1, 1, "number", "ODK fn:asin", _real(math.asin)),
    Function("acos", 1, 1, "number", "ODK fn:acos", _real(math.acos)),
    Function("atan", 1, 1, "number", "ODK fn:atan", _real(math.atan)),
    Function("atan2", 2, 2, "number", "ODK fn:atan2", _real(math.atan2)),
    Function("pi", 0, 0, "number", "ODK fn:pi", _pi),
)
