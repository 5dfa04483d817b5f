"""Between what is typed and shown on screen and what the record holds.

The record holds ASCII digits with a decimal point, and a time with its offset; a screen in German, Ukrainian or Arabic
shows a decimal comma, an Arabic keyboard types other digits, and a person types a time as it is on the wall.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime, tzinfo

from validation.datatypes import datetime_text, read, valid

WITH_COMMA = frozenset({"de", "uk", "ar"})
"""The languages of the screen whose decimals have a comma."""

_NUMBERS = frozenset({"int", "decimal"})
_MOMENTS = frozenset({"time", "dateTime"})
_MEASURED = _NUMBERS | _MOMENTS | {"date", "geopoint", "geotrace", "geoshape"}
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫−", "01234567890123456789,-")
_SPACES = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")
_GROUPED = {",": re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?"), ".": re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")}
_PLAIN = {",": re.compile(r"[+-]?\d*,\d*"), ".": re.compile(r"[+-]?\d*\.\d*")}


def shown(value: str, kind: str, language: str, zone: tzinfo | None = None) -> str:
    """A lexical value as it is written on a screen in a language, a moment as the clock in `zone` shows it.

    A value that is not of its kind is shown as it is.
    """
    if kind == "decimal" and language in WITH_COMMA and _PLAIN["."].fullmatch(value):
        return value.replace(".", ",")
    if kind in _MOMENTS and value and valid(value, kind):
        if kind == "time":
            return value[:5]
        moment = read(value, kind)
        if isinstance(moment, datetime):
            local = moment.astimezone(zone) if moment.tzinfo is not None and zone is not None else moment
            return local.strftime("%Y-%m-%dT%H:%M")
    return value


def entered(text: str, kind: str, language: str, zone: tzinfo | None = None) -> str:
    """What was typed as the lexical value it means; text that means nothing of its kind is kept as it is.

    A date with a time gets the offset of `zone` at that moment; without a zone it has none.
    """
    if kind not in _MEASURED:
        return text if kind == "string" else text.strip()
    typed = text.strip().translate(_DIGITS)
    if kind in _NUMBERS:
        return _number(typed, kind, "," if language in WITH_COMMA else ".")
    if kind == "dateTime":
        return _moment(typed, zone)
    if kind == "time":
        return f"{typed}:00.000" if re.fullmatch(r"\d{2}:\d{2}", typed) and valid(typed, kind) else typed
    return typed


def _number(typed: str, kind: str, sign: str) -> str:
    """Groups of thousands are taken out: 12.000 is twelve thousand where decimals have a comma."""
    closed = _SPACES.sub("", typed)
    if _GROUPED[sign].fullmatch(closed):
        closed = closed.replace("." if sign == "," else ",", "")
    if kind == "decimal" and sign == "," and _PLAIN[","].fullmatch(closed):
        closed = closed.replace(",", ".")
    return closed if valid(closed, kind) else typed


def _moment(typed: str, zone: tzinfo | None) -> str:
    if valid(typed, "dateTime"):
        with suppress(ValueError):  # a year that has no moment in the zone
            moment = read(typed, "dateTime")
            if isinstance(moment, datetime):
                return datetime_text(moment if moment.tzinfo is not None else moment.replace(tzinfo=zone))
    return typed
