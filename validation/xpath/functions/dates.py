"""Functions on dates and times."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from validation.xpath.functions import Function
from validation.xpath.moments import INVALID, Moment, from_datetime, from_days, read_moment, read_time
from validation.xpath.values import Refusal, Value, text_number, to_string

if TYPE_CHECKING:
    from validation.xpath.evaluator import Context


def _now(context: Context) -> Moment:
    return _clock(context, timed=True)


def _today(context: Context) -> Moment:
    return _clock(context, timed=False)


def _clock(context: Context, *, timed: bool) -> Moment:
    if context.now is None:
        raise Refusal("no_clock")
    return from_datetime(context.now, context.tz, timed=timed)


def _date(context: Context, value: Value) -> Moment | str:
    """A moment from ISO text or days since 1970; the invalid date where it is neither, '' of ''."""
    if isinstance(value, Moment):
        return value
    if isinstance(value, bool):
        return INVALID
    if isinstance(value, float):
        return INVALID if math.isnan(value) or math.isinf(value) else from_days(value, context.tz)
    text = to_string(value).strip()
    if not text:
        return ""
    moment = read_moment(text, context.tz)
    if moment is not None:
        return moment
    number = text_number(text, context.tz)
    return INVALID if math.isnan(number) else from_days(number, context.tz)


def _decimal_date_time(context: Context, value: Value) -> float:
    made = _date(context, value)
    return made.days() if isinstance(made, Moment) else float("nan")


def _decimal_time(context: Context, value: Value) -> float:
    if isinstance(value, Moment):
        if value.when is None:
            return float("nan")
        when = value.when
        return ((when.hour * 60 + when.minute) * 60 + when.second + when.microsecond / 1_000_000) / 86_400
    return read_time(to_string(value), context.tz, context.now)


_NAMES = {
    "de": (
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
        "Mo Di Mi Do Fr Sa So",
    ),
    "en": (
        "January February March April May June July August September October November December",
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "Mon Tue Wed Thu Fri Sat Sun",
    ),
}


def _format_date(context: Context, value: Value, pattern: Value) -> str:
    """'' where the value is no date. Names of months and days in German where the language is, else in English."""
    made = _date(context, value)
    when = made.when if isinstance(made, Moment) else None
    if when is None:
        return ""
    language = (context.language or "").lower()
    german = language.startswith(("de", "ger")) or "(de" in language
    months, short_months, days = (names.split() for names in _NAMES["de" if german else "en"])
    texts = {
        "%": "%",
        "Y": f"{when.year:04d}",
        "y": f"{when.year % 100:02d}",
        "m": f"{when.month:02d}",
        "n": str(when.month),
        "B": months[when.month - 1],
        "b": short_months[when.month - 1],
        "d": f"{when.day:02d}",
        "e": str(when.day),
        "H": f"{when.hour:02d}",
        "h": str(when.hour),
        "M": f"{when.minute:02d}",
        "S": f"{when.second:02d}",
        "3": f"{when.microsecond // 1000:03d}",
        "a": days[when.weekday()],
    }
    out: list[str] = []
    written = iter(to_string(pattern))
    for char in written:
        if char != "%":
            out.append(char)
            continue
        letter = next(written, "")
        if letter not in texts:
            raise Refusal("date_format", letter=f"%{letter}", allowed=" ".join(f"%{known}" for known in texts))
        out.append(texts[letter])
    return "".join(out)


FUNCTIONS = (
    Function("now", 0, 0, "date", "ODK fn:now", _now),
    Function("today", 0, 0, "date", "ODK fn:today", _today),
    Function("date", 1, 1, "date", "ODK fn:date", _date),
    Function("date-time", 1, 1, "date", "ODK fn:date-time", _date),
    Function("decimal-date-time", 1, 1, "number", "ODK fn:decimal-date-time", _decimal_date_time),
    Function("decimal-time", 1, 1, "number", "ODK fn:decimal-time", _decimal_time),
    Function("format-date", 2, 2, "string", "ODK fn:format-date", _format_date),
    Function("format-date-time", 2, 2, "string", "ODK fn:format-date-time", _format_date),
)
