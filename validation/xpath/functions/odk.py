"""ODK's functions of choice and chance: conditions, multiple choices, labels, checklists, random values."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from validation.errors import XPathError
from validation.xpath.functions import Function
from validation.xpath.values import Refusal, Value, text_of, to_boolean, to_string

if TYPE_CHECKING:
    from validation.xpath.evaluator import Context

Thunk = Callable[[], Value]


def _if(_context: Context, condition: Thunk, then: Thunk, otherwise: Thunk) -> Value:
    """Only the branch that is taken is evaluated."""
    return then() if to_boolean(condition()) else otherwise()


def _coalesce(_context: Context, *values: Thunk) -> Value:
    """The first value that is not empty, else the last. NaN is empty."""
    value: Value = ""
    for thunk in values:
        value = thunk()
        text = to_string(value)
        if text and text != "NaN":
            break
    return value


def _words(value: Value) -> list[str]:
    return to_string(value).split()


def _selected(_context: Context, value: Value, choice: Value) -> bool:
    return to_string(choice).strip() in _words(value)


def _selected_at(context: Context, value: Value, place: Value) -> str:
    words, index = _words(value), context.number(place)
    return words[int(index)] if not math.isnan(index) and 0 <= index < len(words) else ""


def _count_selected(_context: Context, value: Value) -> float:
    return float(len(_words(value)))


def _choice_name(context: Context, value: Value, question: Value) -> str:
    """The label of a choice of the question that a path, written as text, names."""
    from validation.xpath.evaluator import evaluate_tree
    from validation.xpath.parser import parse

    if context.choice_label is None:
        raise Refusal("no_choices")
    path = to_string(question).strip()
    try:
        found = evaluate_tree(parse(path), context)
    except XPathError:
        raise Refusal("choice_path") from None
    if isinstance(found, list) and found:
        path = found[0].path()
    return context.choice_label(path, to_string(value))


def _itext(context: Context, name: Value) -> Value:
    if context.itext is None:
        raise Refusal("no_itext")
    return context.itext(to_string(name))


def _checklist(context: Context, least: Value, most: Value, *answers: Value) -> bool:
    """Whether the number of true answers lies between two bounds; -1 is no bound."""
    return _between(context, least, most, float(sum(_truths(answers))))


def _weighted_checklist(context: Context, least: Value, most: Value, *pairs: Value) -> bool:
    """The same with a weight after each answer; node-sets give several answers and weights."""
    total = 0.0
    for answer, weight in zip(pairs[::2], pairs[1::2], strict=True):
        weights = [text_of(node) for node in weight] if isinstance(weight, list) else [weight]
        for holds, own in zip(_truths((answer,)), weights, strict=False):
            if holds:
                total += context.number(own)
    return _between(context, least, most, total)


def _truths(answers: tuple[Value, ...]) -> list[bool]:
    """Each node of a node-set counts for itself: true where it holds text."""
    found: list[bool] = []
    for answer in answers:
        found.extend([bool(text_of(node)) for node in answer] if isinstance(answer, list) else [to_boolean(answer)])
    return found


def _between(context: Context, least: Value, most: Value, count: float) -> bool:
    low, high = context.number(least), context.number(most)
    return (low < 0 or count >= low) and (high < 0 or count <= high)


def _boolean_from_string(_context: Context, value: Value) -> bool:
    return to_string(value) in ("1", "true")


def _random(context: Context) -> float:
    if context.random is None:
        raise Refusal("no_random")
    return context.random.random()


_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TOKEN_LENGTH = 10_000


def _uuid(context: Context, *length: Value) -> str:
    """A random UUID (version 4); with a length a random token of so many letters and digits."""
    if context.random is None:
        raise Refusal("no_random")
    if not length:
        return str(uuid.UUID(int=context.random.getrandbits(128), version=4))
    count = context.number(length[0])
    if math.isnan(count) or not 0 <= count <= _TOKEN_LENGTH:
        raise Refusal("token_length", limit=str(_TOKEN_LENGTH))
    return "".join(context.random.choice(_ALPHABET) for _ in range(int(count)))


FUNCTIONS = (
    Function("if", 3, 3, "any", "ODK fn:if", _if, lazy=True),
    Function("coalesce", 2, None, "any", "ODK fn:coalesce", _coalesce, lazy=True),
    Function("selected", 2, 2, "boolean", "ODK fn:selected", _selected),
    Function("selected-at", 2, 2, "string", "ODK fn:selected-at", _selected_at),
    Function("count-selected", 1, 1, "number", "ODK fn:count-selected", _count_selected),
    Function("jr:choice-name", 2, 2, "string", "ODK fn:jr:choice-name", _choice_name),
    Function("jr:itext", 1, 1, "string", "ODK fn:jr:itext", _itext),
    Function("checklist", 2, None, "boolean", "ODK fn:checklist", _checklist),
    Function("weighted-checklist", 4, None, "boolean", "ODK fn:weighted-checklist", _weighted_checklist, step=2),
    Function("boolean-from-string", 1, 1, "boolean", "ODK fn:boolean-from-string", _boolean_from_string),
    Function("random", 0, 0, "number", "ODK fn:random", _random),
    Function("uuid", 0, 1, "string", "ODK fn:uuid", _uuid),
)
