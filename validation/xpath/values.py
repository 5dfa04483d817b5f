"""The values of expressions and their conversions (XPath 1.0, section 4; dates as ODK Web Forms reads them)."""

from __future__ import annotations

import math
import re
from datetime import UTC, tzinfo
from decimal import Decimal

from validation.tree import Node
from validation.xpath.moments import Moment, read_moment

# A node-set is a list without duplicates in document order (randomize() alone gives another order).
Value = str | float | bool | list[Node] | Moment

NAN = math.nan
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", re.ASCII)
_SPACE = " \t\r\n"


class Days(float):
    """A date as a number: reckons with its time of day, is written as whole days (ODK Web Forms)."""

    __slots__ = ("whole",)

    def __new__(cls, days: float, whole: int) -> Days:
        made = super().__new__(cls, days)
        made.whole = whole
        return made

    whole: int


class Refusal(Exception):  # noqa: N818 - turned into an XPathError where the expression is known
    """A function or operator cannot go on. `position` is filled in by the nearest call."""

    def __init__(self, code: str, **fields: str) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields
        self.position = 0


def text_of(node: Node) -> str:
    """The text of a node as an expression sees it: empty where it, or what is above it, is not relevant."""
    if not node.is_relevant():
        return ""
    children = node.children
    if not children or (len(children) == 1 and children[0].kind == "text"):
        return node.string_value()
    parts: list[str] = []
    stack = children[::-1]
    while stack:
        item = stack.pop()
        if item.kind == "text":
            parts.append(item.content)
        elif item.relevant:
            stack.extend(item.children[::-1])
    return "".join(parts)


def to_string(value: Value) -> str:
    """Text of a value; of a node-set the text of its first node, '' where it is empty."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, list):
        return text_of(value[0]) if value else ""
    return str(value)


def number_text(value: float) -> str:
    """A number without exponent, as short as it reads back: '3', '0.1', 'NaN', 'Infinity'; minus zero is '0'."""
    if isinstance(value, Days):
        return str(value.whole)
    if value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_number(value: Value, zone: tzinfo = UTC) -> float:
    """Number of a value; NaN where it is none. ISO dates are days since 1970 on the clock of `zone`."""
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if isinstance(value, float):
        return value
    if isinstance(value, Moment):
        return value.days()
    text = value if isinstance(value, str) else to_string(value)
    return text_number(text, zone)


def to_moment(value: Value, zone: tzinfo) -> Moment | None:
    """The moment a value is or names as a text; None where it is neither. Numbers are no moments."""
    if isinstance(value, Moment):
        return value
    if isinstance(value, float | bool):
        return None
    text = to_string(value)
    return read_moment(text, zone) if len(text) > 7 else None


def text_number(text: str, zone: tzinfo) -> float:
    """Number of a text: decimal without exponent, or an ISO date or date-time; NaN else."""
    text = text.strip(_SPACE)
    if _NUMBER.fullmatch(text):
        return float(text)
    moment = read_moment(text, zone) if len(text) > 7 else None
    return NAN if moment is None else moment.days()


def to_boolean(value: Value) -> bool:
    """Truth of a value: not zero, not NaN, not empty, a valid date."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return not (value == 0 or math.isnan(value))
    if isinstance(value, Moment):
        return value.when is not None
    return bool(value)


def nodes_of(value: Value) -> list[Node]:
    """The nodes of a value. Refusal 'nodes_expected' where it is none."""
    if isinstance(value, list):
        return value
    raise Refusal("nodes_expected")
