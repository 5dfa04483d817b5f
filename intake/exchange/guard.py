"""Formulas in a CSV file: how a text is kept from being one, and how it is itself again.

A spreadsheet takes a cell that begins with a sign like '=' for a formula, quoted or not. Such a text gets an apostrophe
in front, and so does one that has apostrophes before the sign already; an import takes one apostrophe away from where
it stands before such a sign (maybe after more of them). Every text comes back as it was: what is guarded begins with an
apostrophe and a sign, and what is not guarded never does.

The signs are = + - @ | %, their full-width forms, tab, carriage return and line feed, also after blanks. Numbers in
columns of numbers are left alone: '-5' is a number. A file of ours that is guarded says so in its `lotsenbuch.json`.
"""

from __future__ import annotations

import re

_BLANKS = "[ \\u00a0\\u1680\\u2000-\\u200f\\u2028\\u2029\\u202f\\u205f\\u2060\\u3000\\ufeff]*"
_SIGN = "[=+\\-@|%＝＋－＠｜％\\u2212\\t\\r\\n\\v\\f]"
_RISKY = re.compile(f"'*{_BLANKS}{_SIGN}")
_GUARDED = re.compile(f"'+{_BLANKS}{_SIGN}")
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
"""What is a number wherever a column is one of numbers."""


def guarded(text: str) -> str:
    """A text as a CSV cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _RISKY.match(text) else text


def unguarded(text: str) -> str:
    """The inverse of `guarded`."""
    return text[1:] if _GUARDED.match(text) else text
