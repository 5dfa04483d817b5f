"""What a constraint forbids, as far as it can be read off: comparisons that must hold, one by one.

    limits(constraint of /data/leaving) with ". <= today() and (${came} = '' or . >= ${came})"
    Limit('value', '<=', Call today()), Limit('value', '>=', '/data/came')

Only what must hold whatever else is answered counts: parts joined by `and`, and those behind "or it is empty". The
planter of faults breaks them on purpose; it reads the rule itself instead of asking a judge what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from validation.xpath.conditions import MOMENTS, nodeset_of
from validation.xpath.parser import Expression
from validation.xpath.syntax import Call, Literal, Negation, Number, Operation, Term, children

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Limit:
    """`subject` is 'value' or 'length' (of the text); `bound` a number, a text, a nodeset, 'today' or ('sum', nodeset).

    `kind` says which of them: 'number', 'text', 'question', 'today', 'sum'; a pattern is kind 'pattern' with relation
    '', and kind 'alone' names a choice that stands for itself.
    """

    subject: str
    relation: str
    kind: str
    bound: float | str


def limits(rule: Expression | None, here: str) -> list[Limit]:
    """What a constraint at a nodeset demands, as it is written; empty where there is none or it says it otherwise."""
    return list(_parts(rule.tree, here)) if rule is not None else []


def compared(rule: Expression | None, here: str) -> Iterator[tuple[str, Term]]:
    """What the value itself is compared with, wherever that stands in a constraint: ('=', sum(/data/item/amount))."""
    work = [rule.tree] if rule is not None else []
    while work:
        term = work.pop(0)
        work.extend(children(term))
        if isinstance(term, Operation) and len(term.rest) == 1 and term.rest[0].operator in _TURNED:
            left, sign, right = term.first, term.rest[0].operator, term.rest[0].term
            if _subject(left, here) == "value":
                yield sign, right
            elif _subject(right, here) == "value":
                yield _TURNED[sign], left


def _parts(term: Term, here: str) -> Iterator[Limit]:
    if isinstance(term, Operation):
        operator = term.rest[0].operator
        parts = (term.first, *(operand.term for operand in term.rest))
        if operator == "and":
            for part in parts:
                yield from _parts(part, here)
        elif operator == "or":
            demanding = [part for part in parts if not _is_emptiness(part, here)]
            if len(demanding) == 1:
                yield from _parts(demanding[0], here)
        elif operator in _TURNED and len(term.rest) == 1:
            yield from _comparison(term.first, operator, term.rest[0].term, here)
    elif isinstance(term, Call) and term.name == "regex" and len(term.arguments) == 2:
        pattern = term.arguments[1]
        if nodeset_of(term.arguments[0], here) == here and isinstance(pattern, Literal):
            yield Limit("value", "", "pattern", pattern.value)
    elif isinstance(term, Call) and term.name == "not" and len(term.arguments) == 1:
        yield from _alone(term.arguments[0], here)


def _is_emptiness(term: Term, here: str) -> bool:
    """`${other} = ''`"""
    if not isinstance(term, Operation) or term.rest[0].operator != "=" or len(term.rest) != 1:
        return False
    right = term.rest[0].term
    return isinstance(right, Literal) and not right.value and nodeset_of(term.first, here) not in (None, here)


def _comparison(left: Term, relation: str, right: Term, here: str) -> Iterator[Limit]:
    for subject, sign, bound in ((left, relation, right), (right, _TURNED[relation], left)):
        what = _subject(subject, here)
        found = _bound(bound, here)
        if what and found is not None:
            yield Limit(what, sign, *found)
            return


def _subject(term: Term, here: str) -> str:
    if nodeset_of(term, here) == here:
        return "value"
    if isinstance(term, Call) and term.name == "string-length" and len(term.arguments) == 1:
        return "length" if nodeset_of(term.arguments[0], here) == here else ""
    return ""


def _bound(term: Term, here: str) -> tuple[str, float | str] | None:
    if isinstance(term, Number):
        return "number", term.value
    if isinstance(term, Negation) and isinstance(term.operand, Number):
        return "number", -term.operand.value
    if isinstance(term, Literal):
        return "text", term.value
    if isinstance(term, Call) and term.name in MOMENTS and not term.arguments:
        return "today", "today"
    if isinstance(term, Call) and term.name == "sum" and len(term.arguments) == 1:
        added = nodeset_of(term.arguments[0], here)
        return ("sum", added) if added is not None else None
    other = nodeset_of(term, here)
    return ("question", other) if other is not None and other != here else None


def _alone(term: Term, here: str) -> Iterator[Limit]:
    """`not(selected(., 'none') and count-selected(.) > 1)`"""
    if not isinstance(term, Operation) or term.rest[0].operator != "and" or len(term.rest) != 1:
        return
    chosen, counted = term.first, term.rest[0].term
    if not isinstance(chosen, Call) or chosen.name != "selected" or len(chosen.arguments) != 2:
        return
    value = chosen.arguments[1]
    several = isinstance(counted, Operation) and "count-selected" in str(counted)
    if several and isinstance(value, Literal) and nodeset_of(chosen.arguments[0], here) == here:
        yield Limit("value", "", "alone", value.value)
