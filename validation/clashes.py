"""Values that do not go together: a date compared with a number, a choice with what its list does not hold.

Only what can be told for certain is reported: an operand that is one question of the form, and a literal, a function
or a question of another type on the other side. What a person meant by an unusual comparison is not guessed.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from validation.datatypes import valid
from validation.errors import Place, Problem
from validation.inventory import CHOOSING, Asked, nodeset_of, terms
from validation.xpath.functions import table
from validation.xpath.operators import COMPARISONS
from validation.xpath.parser import Expression
from validation.xpath.syntax import Call, Literal, Negation, Number, Operation, Term

AS_TEXT = "lint.date_as_text"
"""A date compared with one written as text: JavaRosa (Collect) makes a number of the text, and there is none in it."""

DATES = frozenset({"date", "dateTime", "time"})
NUMBERS = frozenset({"int", "decimal"})
_NO_NUMBERS = frozenset({"geopoint", "geotrace", "geoshape", "binary"})
_COMPARED = 1_000  # values: finding the nearest of more takes longer than a hint is worth
_ARITHMETIC = frozenset({"+", "-", "*", "div", "mod"})


def clashes(expression: Expression, nodeset: str, known: Mapping[str, Asked]) -> Iterator[Problem]:
    """What does not go together in an expression that stands at a nodeset; places hold the position only."""
    for term, context in terms(expression, nodeset):
        if isinstance(term, Operation):
            operators = {operand.operator for operand in term.rest}
            sides = [term.first, *(operand.term for operand in term.rest)]
            if operators <= _ARITHMETIC:
                for side in sides:
                    yield from _no_number(side, _question(side, context, nodeset, known))
            elif len(sides) == 2 and operators <= COMPARISONS.keys():
                left, right = ((side, _question(side, context, nodeset, known)) for side in sides)
                yield from _pair(left, right, operators <= {"=", "!="})
                yield from _pair(right, left, operators <= {"=", "!="})
        elif isinstance(term, Negation):
            yield from _no_number(term.operand, _question(term.operand, context, nodeset, known))
        elif isinstance(term, Call) and term.name == "selected" and len(term.arguments) == 2:
            side, choice = term.arguments
            question = _question(side, context, nodeset, known)
            if question and isinstance(choice, Literal):
                yield from _not_listed(question, choice.value.strip(), choice.position)


def unlisted(asked: Asked, value: str) -> str | None:
    """The first word of a value that a question does not offer; None where all are offered or nothing is known."""
    if asked.values is None or asked.open or asked.kind not in CHOOSING:
        return None
    words = value.split() if asked.kind != "select1" else [value]
    # Careful authors compare with 'NaN' for clients in which an empty number reads so.
    return next((word for word in words if word not in ("", "NaN") and word not in asked.values), None)


def near(value: str, values: frozenset[str]) -> str:
    """' (x?)' with the value that was probably meant, '' where none is near or there are very many."""
    if len(values) > _COMPARED:
        return ""
    found = difflib.get_close_matches(value, sorted(values), n=1, cutoff=0.6)
    return f" ({found[0]}?)" if found else ""


_Question = tuple[str, Asked]


def _question(term: Term, context: str | None, current: str, known: Mapping[str, Asked]) -> _Question | None:
    nodeset = nodeset_of(term, context, current)
    if nodeset is None or nodeset not in known:
        return None
    return nodeset.rpartition("/")[2], known[nodeset]


def _pair(
    left: tuple[Term, _Question | None], right: tuple[Term, _Question | None], equality: bool
) -> Iterator[Problem]:
    """A question on the left with whatever stands right of it."""
    question, other = left[1], right[0]
    if question is None:
        if _gives_date(left[0]) and isinstance(other, Number) and other.value:
            yield _problem("lint.date_number", other.position, name=f"{getattr(left[0], 'name', '')}()")
        return
    name, asked = question
    number = other.operand if isinstance(other, Negation) else other
    if asked.type in DATES:
        if isinstance(number, Number) and number.value:
            yield _problem("lint.date_number", number.position, name=name)
        elif isinstance(other, Literal) and other.value.strip() and not _any_date(other.value.strip()):
            yield _problem("lint.date_text", other.position, name=name)
        elif isinstance(other, Literal) and other.value.strip() and not equality:
            yield _problem(AS_TEXT, other.position, name=name)
        elif right[1] is not None and right[1][1].type in NUMBERS and asked.kind and right[1][1].kind:
            yield _problem("lint.date_number", other.position, name=name)
    elif asked.type in NUMBERS and asked.kind:
        text = other.value.strip() if isinstance(other, Literal) else ""
        if text not in ("", "NaN") and not valid(text, "decimal"):
            yield _problem("lint.number_text", other.position, name=name)
        elif _gives_date(other):
            yield _problem("lint.number_date", other.position, name=name)
    elif equality and isinstance(other, Literal):
        yield from _not_listed(question, other.value.strip(), other.position)
    elif equality and isinstance(number, Number) and asked.values is not None and asked.kind == "select1":
        value = -number.value if number is not other else number.value
        if not asked.open and not any(_number(listed) == value for listed in asked.values):
            written = str(number) if number is other else f"-{number}"
            yield _problem("lint.not_listed", number.position, name=name, value=written, hint="")


def _not_listed(question: _Question, value: str, position: int) -> Iterator[Problem]:
    name, asked = question
    word = unlisted(asked, value)
    if word is not None:
        hint = near(word, asked.values or frozenset())
        yield _problem("lint.not_listed", position, name=name, value=word, hint=hint)


def _no_number(term: Term, question: _Question | None) -> Iterator[Problem]:
    if question is None:
        return
    name, asked = question
    if asked.kind in ("select", "rank"):
        yield _problem("lint.arithmetic_list", term.position, name=name)
    elif asked.type in _NO_NUMBERS:
        yield _problem("lint.arithmetic", term.position, name=name)
    elif asked.kind == "select1" and asked.values and not asked.open and not any(map(_has_number, asked.values)):
        yield _problem("lint.arithmetic_choice", term.position, name=name)


def _gives_date(term: Term) -> bool:
    if not isinstance(term, Call):
        return False
    function = table().get(term.name)
    return function is not None and function.result == "date"


def _any_date(text: str) -> bool:
    return any(valid(text, kind) for kind in DATES)


def _has_number(text: str) -> bool:
    return _number(text) is not None or _any_date(text)


def _number(text: str) -> float | None:
    return float(text) if valid(text, "decimal") else None


def _problem(code: str, position: int, **fields: str) -> Problem:
    return Problem(code, Place(position=position), fields)
