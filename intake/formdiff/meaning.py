"""When two expressions say the same, and when one asks for less than the other.

Expressions are compared as trees, not as texts: blanks, brackets that change nothing, the order of the parts of `and`,
`or`, `=` and `!=`, `not(a = b)` for `a != b`, which side of `<` something stands on, and whether a path outside of
repeats is absolute or relative make no difference. What follows from arithmetic or from several conditions together is
not looked for: then the answer is that they differ.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from typing import TypeAlias

from validation.xpath.conditions import nodeset_of
from validation.xpath.parser import Expression
from validation.xpath.syntax import Call, Filter, Literal, Negation, Number, Operation, Path, Root, Step, Term

Meaning: TypeAlias = tuple[Hashable, ...]
"""A form of an expression that is equal where the meaning is. The first item says what it is."""

ALWAYS: Meaning = ("call", "true", ())
NEVER: Meaning = ("call", "false", ())

_TURNED = {">": "<", ">=": "<="}
_OPPOSITE = {"=": "!=", "!=": "="}
_SINGLE = frozenset({"node", "text", "number"})
_INSIDE = "lb-item"  # where relative paths of a predicate start: at what it is about, which is no node of the form


@dataclass(frozen=True, slots=True)
class Reading:
    """What meanings are read with: what nodesets are called now, and which lie in repeats (there an absolute path means
    every entry, a relative one this entry)."""

    name: Callable[[str], str]
    repeats: Collection[str]

    def of(self, expression: Expression, here: str) -> Meaning:
        """The meaning of an expression that belongs to a nodeset."""
        return self._term(expression.tree, here, here)

    def _term(self, term: Term, here: str, current: str) -> Meaning:
        match term:
            case Path():
                return self._path(term, here, current)
            case Filter():
                inner = self._term(term.term, here, current)
                return ("filter", inner, tuple(self._term(each, _INSIDE, current) for each in term.predicates))
            case Operation():
                return self._operation(term, here, current)
            case Call(name="not", arguments=(only,)):
                return self._denied(self._term(only, here, current))
            case Call():
                if term.name in ("true", "false", "current") or not term.arguments:
                    return ("call", term.name, ())
                return ("call", term.name, tuple(self._term(each, here, current) for each in term.arguments))
            case Negation():
                return ("minus", self._term(term.operand, here, current))
            case Number():
                return ("number", term.value)
            case Literal():
                return ("text", term.value)
        return ("root",)

    def _denied(self, meaning: Meaning) -> Meaning:
        """`not(a = b)` is `a != b` where each is one value: of several nodes the two say different things."""
        inner = meaning[1] if len(meaning) > 1 else None
        if meaning[0] in _OPPOSITE and isinstance(inner, frozenset) and all(part[0] in _SINGLE for part in inner):
            return (_OPPOSITE[str(meaning[0])], inner)
        return ("call", "not", (meaning,))

    def _operation(self, term: Operation, here: str, current: str) -> Meaning:
        parts = [term.first, *(operand.term for operand in term.rest)]
        operators = [operand.operator for operand in term.rest]
        said = [self._term(part, here, current) for part in parts]
        first = operators[0]
        if first in ("and", "or"):
            flat = [inner for each in said for inner in (_parts(each) if each[0] == first else (each,))]
            return (first, frozenset(flat))
        if len(operators) == 1 and first in ("=", "!="):
            return (first, frozenset(said))
        if len(operators) == 1 and first in _TURNED:
            return (_TURNED[first], said[1], said[0])
        if len(operators) == 1:
            return (first, *said)
        return ("chain", tuple(operators), tuple(said))

    def _path(self, term: Path, here: str, current: str) -> Meaning:
        outside = isinstance(term.start, Call) and term.start.name == "current"
        nodeset = nodeset_of(term, current if outside else here)
        if nodeset is not None:
            in_repeat = any(nodeset == each or nodeset.startswith(f"{each}/") for each in self.repeats)
            kind = "absolute" if in_repeat and isinstance(term.start, Root) else "node"
            return (kind, self.name(nodeset))
        start: Meaning = ("here",)
        if term.start is not None:
            start = ("root",) if isinstance(term.start, Root) else self._term(term.start, here, current)
        steps = []
        known = "" if isinstance(term.start, Root) else None
        for step in term.steps:
            known = f"{known}/{step.test.name}" if known is not None and _is_child(step) else None
            name = self.name(known) if known is not None else f"{step.axis}::{step.test}"
            inside = known or _INSIDE
            steps.append((name, tuple(self._term(each, inside, current) for each in step.predicates)))
        return ("path", start, tuple(steps))


def _is_child(step: Step) -> bool:
    return step.axis == "child" and step.test.kind == "name" and step.test.name != "*" and not step.test.prefix


def _parts(meaning: Meaning) -> tuple[Meaning, ...]:
    """The parts of an `and` or `or`."""
    inner = meaning[1]
    return tuple(each for each in inner if isinstance(each, tuple)) if isinstance(inner, frozenset) else ()


def both(meanings: Collection[Meaning]) -> Meaning:
    """What holds where all of these hold; always where there is none."""
    flat = {part for each in meanings for part in (_parts(each) if each[0] == "and" else (each,))}
    if len(flat) == 1:
        return next(iter(flat))
    return ("and", frozenset(flat)) if flat else ALWAYS


def implies(first: Meaning, then: Meaning) -> bool:
    """Whether wherever `first` holds, `then` certainly holds too. False may also mean that it is not known."""
    if first in (then, NEVER) or then == ALWAYS:
        return True
    if then[0] == "and":
        return all(implies(first, part) for part in _parts(then))
    if first[0] == "or":
        return all(implies(part, then) for part in _parts(first))
    if first[0] == "and" and any(implies(part, then) for part in _parts(first)):
        return True
    if then[0] == "or":
        return any(implies(first, part) for part in _parts(then))
    return _within(first, then)


def _within(first: Meaning, then: Meaning) -> bool:
    """Whether two bounds of one thing by a number lie one in the other: `. >= 5` in `. > 3`."""
    narrow, wide = _bound(first), _bound(then)
    if narrow is None or wide is None or narrow[:2] != wide[:2]:
        return False
    (_, is_upper, number, is_open), (_, _, limit, limit_open) = narrow, wide
    if number == limit:
        return is_open or not limit_open
    return number < limit if is_upper else number > limit


def _bound(meaning: Meaning) -> tuple[Hashable, bool, float, bool] | None:
    """(what is bounded, whether from above, the number, whether without it)."""
    if meaning[0] not in ("<", "<=") or len(meaning) != 3:
        return None
    left, right = _number(meaning[1]), _number(meaning[2])
    is_open = meaning[0] == "<"
    if right is not None and left is None:
        return meaning[1], True, right, is_open
    if left is not None and right is None:
        return meaning[2], False, left, is_open
    return None


def _number(meaning: Hashable) -> float | None:
    match meaning:
        case ("number", float(value)):
            return value
        case ("minus", ("number", float(value))):
            return -value
    return None
