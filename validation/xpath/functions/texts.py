"""Functions on text: XPath 1.0, section 4.2, and what ODK adds."""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import math
import re
from typing import TYPE_CHECKING

from validation.xpath.functions import Function
from validation.xpath.values import Refusal, Value, text_of, to_string

if TYPE_CHECKING:
    import regex  # type: ignore[import-untyped]  # ships no types

    from validation.xpath.evaluator import Context

_SPACE = " \t\r\n"
# A pattern that has not answered by then never will: the one written by mistake needs minutes, not longer.
REGEX_SECONDS = 0.2
_PATTERN_LENGTH = 2_000
_REPETITIONS = 10_000
_COUNTS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]|[()]|\{(?:(?P<least>\d+),)?(?P<most>\d*)\}|[^\\]", re.DOTALL)


def _string(context: Context, *value: Value) -> str:
    return to_string(value[0]) if value else text_of(context.node)


def _concat(_context: Context, *values: Value) -> str:
    """Node-sets give the text of all their nodes (ODK)."""
    return "".join(_all(value) for value in values)


def _all(value: Value) -> str:
    return "".join(text_of(node) for node in value) if isinstance(value, list) else to_string(value)


def _join(_context: Context, glue: Value, *values: Value) -> str:
    parts: list[str] = []
    for value in values:
        parts.extend([text_of(node) for node in value] if isinstance(value, list) else [to_string(value)])
    return to_string(glue).join(parts)


def _starts_with(_context: Context, text: Value, start: Value) -> bool:
    return to_string(text).startswith(to_string(start))


def _ends_with(_context: Context, text: Value, end: Value) -> bool:
    return to_string(text).endswith(to_string(end))


def _contains(_context: Context, text: Value, part: Value) -> bool:
    return to_string(part) in to_string(text)


def _substring_before(_context: Context, text: Value, mark: Value) -> str:
    before, found, _ = to_string(text).partition(to_string(mark) or "\0")
    return before if found else ""


def _substring_after(_context: Context, text: Value, mark: Value) -> str:
    whole, sought = to_string(text), to_string(mark)
    _, found, after = whole.partition(sought) if sought else ("", "x", whole)
    return after if found else ""


def _substring(context: Context, text: Value, start: Value, *length: Value) -> str:
    """Positions from 1, rounded; NaN gives nothing (XPath 1.0)."""
    first = _round(context.number(start))
    end = first + _round(context.number(length[0])) if length else math.inf
    return "".join(c for place, c in enumerate(to_string(text), start=1) if first <= place < end)


def _round(value: float) -> float:
    return value if math.isnan(value) or math.isinf(value) else math.floor(value + 0.5)


def _substr(context: Context, text: Value, start: Value, *end: Value) -> str:
    """Positions from 0, the end excluded, negative ones from the end (ODK)."""
    whole = to_string(text)
    first = _index(context.number(start), len(whole))
    last = _index(context.number(end[0]), len(whole)) if end else len(whole)
    return whole[first:last]


def _index(value: float, length: int) -> int:
    if math.isnan(value):
        return 0
    bounded = int(max(min(value, length), -length))
    return bounded + length if bounded < 0 else bounded


def _string_length(context: Context, *text: Value) -> float:
    return float(len(to_string(text[0]) if text else text_of(context.node)))


def _normalize_space(context: Context, *text: Value) -> str:
    whole = to_string(text[0]) if text else text_of(context.node)
    return " ".join(word for word in re.split(r"[ \t\r\n]+", whole) if word)


def _translate(_context: Context, text: Value, old: Value, new: Value) -> str:
    replacement = to_string(new)
    table: dict[int, str | None] = {}
    for place, char in enumerate(to_string(old)):
        table.setdefault(ord(char), replacement[place] if place < len(replacement) else None)
    return to_string(text).translate(table)


def _regex(_context: Context, text: Value, pattern: Value) -> bool:
    """Whether a pattern is found anywhere in the text (ODK Web Forms; JavaRosa wants the whole text)."""
    try:
        return compiled(to_string(pattern)).search(to_string(text), timeout=REGEX_SECONDS) is not None
    except TimeoutError:
        raise Refusal("regex_slow") from None


@functools.lru_cache(maxsize=512)
def compiled(pattern: str) -> regex.Pattern[str]:
    """A pattern of regex(), written as Python's `regex` reads it. Refusal where it is none, or too large."""
    import regex  # an interview without a pattern does without it

    if len(pattern) > _PATTERN_LENGTH or _repetitions(pattern) > _REPETITIONS:
        raise Refusal("regex_large", limit=str(_REPETITIONS))
    try:
        return regex.compile(_portable(pattern))
    except (regex.error, ValueError, OverflowError, RecursionError, MemoryError):
        raise Refusal("regex_wrong") from None


def _repetitions(pattern: str) -> int:
    """The most often anything is demanded by counts inside counts: 6 of `(a{2}){1,3}`.

    Compiling such a pattern takes memory in proportion, and no time limit holds while compiling.
    """
    inner = [1]  # per open bracket: the largest product inside so far
    last = 1  # the same for what stands just before a count
    for found in _COUNTS.finditer(pattern):
        if found.group() == "(":
            inner.append(1)
            last = 1
        elif found.group() == ")":
            last = inner.pop() if len(inner) > 1 else 1
            inner[-1] = max(inner[-1], last)
        elif found.group("most") is not None:
            last *= max(1, int(found.group("most")[:9] or 1), int((found.group("least") or "1")[:9]))
            inner[-1] = max(inner[-1], last)
        else:
            last = 1
    return max(inner)


# What JavaScript and Java mean by these; Python would take the digits and letters of every script.
_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_"}


def _portable(pattern: str) -> str:
    """The pattern as JavaScript reads it: `$` is the very end, `\\d` and `\\w` are ASCII."""
    out: list[str] = []
    inside = False
    chars = iter(pattern)
    for char in chars:
        if char == "\\":
            letter = next(chars, "")
            ranges = _CLASSES.get(letter.lower())
            if ranges is None or (inside and letter.isupper()):
                out.append(char + letter)
            elif inside:
                out.append(ranges)
            else:
                out.append(f"[{'^' if letter.isupper() else ''}{ranges}]")
        elif char == "$" and not inside:
            out.append(r"\Z")
        else:
            if char in "[]":
                inside = char == "["
            out.append(char)
    return "".join(out)


_ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def _digest(_context: Context, text: Value, algorithm: Value, *encoding: Value) -> str:
    wanted = to_string(algorithm).upper()
    if wanted not in _ALGORITHMS:
        raise Refusal("digest", allowed=", ".join(_ALGORITHMS))
    written = to_string(encoding[0]).lower() if encoding else "base64"
    if written not in ("base64", "hex"):
        raise Refusal("digest", allowed="base64, hex")
    made = hashlib.new(_ALGORITHMS[wanted], _bytes(to_string(text)), usedforsecurity=False)
    return made.hexdigest() if written == "hex" else base64.b64encode(made.digest()).decode("ascii")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _base64_decode(_context: Context, text: Value) -> str:
    """The UTF-8 text behind base64; '' where it is none."""
    try:
        return base64.b64decode(_bytes(to_string(text).strip(_SPACE)), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""


FUNCTIONS = (
    Function("string", 0, 1, "string", "XPath 4.2", _string),
    Function("concat", 0, None, "string", "XPath 4.2, ODK fn:concat", _concat),
    Function("join", 1, None, "string", "ODK fn:join", _join),
    Function("starts-with", 2, 2, "boolean", "XPath 4.2", _starts_with),
    Function("ends-with", 2, 2, "boolean", "ODK fn:ends-with", _ends_with),
    Function("contains", 2, 2, "boolean", "XPath 4.2", _contains),
    Function("substring-before", 2, 2, "string", "XPath 4.2", _substring_before),
    Function("substring-after", 2, 2, "string", "XPath 4.2", _substring_after),
    Function("substring", 2, 3, "string", "XPath 4.2", _substring),
    Function("substr", 2, 3, "string", "ODK fn:substr", _substr),
    Function("string-length", 0, 1, "number", "XPath 4.2", _string_length),
    Function("normalize-space", 0, 1, "string", "XPath 4.2", _normalize_space),
    Function("translate", 3, 3, "string", "XPath 4.2", _translate),
    Function("regex", 2, 2, "boolean", "ODK fn:regex", _regex),
    Function("digest", 2, 3, "string", "ODK fn:digest", _digest),
    Function("base64-decode", 1, 1, "string", "ODK fn:base64-decode", _base64_decode),
)
