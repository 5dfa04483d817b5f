"""Conditions taken apart: atoms (one subject, one relation, negated or not) joined by and/or.

A reader of conditions (`validation.xpath.words`) need not know the grammar, nor that `not(x = 'a')`, `x != 'a'` and
`string-length(x) = 0` are ways to write the same few things.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from validation.xpath.references import references_of
from validation.xpath.syntax import Call, Literal, Negation, Number, Operation, Path, Term

_COMPARED = {"=": "is", "!=": "is", "<": "less", "<=": "at_most", ">": "more", ">=": "at_least"}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
LISTED = frozenset({"is", "ticked"})  # relations that take several values at once
SAME = frozenset({"number", "string", "decimal-date-time", "date-time", "date", "boolean-from-string", "once"})
MOMENTS = frozenset({"today", "now"})
_PREFIX_LIMIT = 6  # choices that a starts-with is spelt out into


@dataclass(frozen=True, slots=True)
class Name:
    """What a person calls a question, a calculated value or a repeat.

    `number` is the question's on paper, '' where it has none; `type` its bind type ('string', 'date', …); `choices`
    the labels of its choices by value. `made_of` are the numbers of the questions a calculated value is made of.
    """

    label: str
    number: str = ""
    type: str = "string"
    choices: Mapping[str, str] = field(default_factory=dict, hash=False)
    made_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Atom:
    """`subject` stands in a relation to `operands`; relation 'raw' is the subject itself, 'always' has no subject."""

    subject: Term
    relation: str
    operands: tuple[Term, ...] = ()
    negated: bool = False

    @property
    def key(self) -> tuple[str, str, bool]:
        """What atoms have in common whose operands can be listed together."""
        return str(self.subject), self.relation, self.negated


@dataclass(frozen=True, slots=True)
class Junction:
    """`word` is 'and' or 'or'."""

    word: str
    parts: tuple[Condition, ...]


Condition = Atom | Junction


def opposite(condition: Condition) -> Condition:
    """The condition that holds exactly where this one does not. Orders are kept: an empty answer is neither less than
    a number nor at least it, so 'not less' stays 'not less'."""
    if isinstance(condition, Atom):
        return replace(condition, negated=not condition.negated)
    turned = {"and": "or", "or": "and"}[condition.word]
    return _joined(turned, [opposite(part) for part in condition.parts])


def is_all_negated(condition: Condition) -> bool:
    """Whether a condition only says what must not be: its opposite is then the plainer thing to say."""
    if isinstance(condition, Atom):
        return condition.negated and condition.relation not in ("raw", "always")
    return condition.word == "and" and all(isinstance(p, Atom) and is_all_negated(p) for p in condition.parts)


def _joined(word: str, parts: Iterable[Condition]) -> Condition:
    """One junction of all parts: those of the same word dissolved, values of one question put together."""
    flat: list[Condition] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Junction) and part.word == word else [part])
    found: dict[object, Condition] = {}
    for number, part in enumerate(flat):
        gathers = isinstance(part, Atom) and part.relation in LISTED and part.negated == (word == "and")
        key: object = part.key if isinstance(part, Atom) and gathers else number
        known = found.get(key)
        if isinstance(part, Atom) and isinstance(known, Atom):
            new = tuple(operand for operand in part.operands if operand not in known.operands)
            found[key] = replace(known, operands=known.operands + new)
        else:
            found[key] = part
    gathered = tuple(found.values())
    return gathered[0] if len(gathered) == 1 else Junction(word, gathered)


@dataclass(frozen=True, slots=True)
class Reader:
    """What the atoms are read with: whose names are known, and where the expression stands."""

    names: Mapping[str, Name]
    here: str

    def nodeset(self, term: Term) -> str | None:
        """The question a term stands for, through functions that only change its type; None for anything else."""
        while isinstance(term, Call) and term.name in SAME and len(term.arguments) == 1:
            term = term.arguments[0]
        found = nodeset_of(term, self.here)
        return found if found in self.names or (found and found == self.here) else None


def nodeset_of(term: Term, here: str) -> str | None:
    """The one nodeset a path without predicates leads to, else None."""
    if not isinstance(term, Path) or any(step.predicates for step in term.steps):
        return None
    found = references_of(term, here)
    only = next(iter(found)) if len(found) == 1 else ""
    return only if only.startswith("/") and "*" not in only and "//" not in only else None


def read(term: Term, reader: Reader) -> Condition:
    """The condition a term states. What no atom can hold stays whole, as an atom of relation 'raw'."""
    if isinstance(term, Operation):
        operator = term.rest[0].operator
        if operator in ("and", "or"):
            return _joined(operator, [read(part, reader) for part in (term.first, *(o.term for o in term.rest))])
        if operator in _COMPARED and len(term.rest) == 1:
            return _comparison(term, reader)
    if isinstance(term, Call):
        return _call(term, reader)
    return Atom(term, "raw")


def _call(term: Call, reader: Reader) -> Condition:
    arguments = term.arguments
    if term.name in ("true", "false") and not arguments:
        return Atom(term, "always", negated=term.name == "false")
    if term.name in ("not", "boolean") and len(arguments) == 1:
        inner = read(arguments[0], reader)
        if isinstance(inner, Atom) and inner.relation == "raw":
            return Atom(term, "raw")
        return opposite(inner) if term.name == "not" else inner
    if len(arguments) != 2 or reader.nodeset(arguments[0]) is None:
        return Atom(term, "raw")
    subject, value = arguments
    if not isinstance(value, Literal):
        return Atom(term, "raw")
    if term.name in ("selected", "contains"):
        return Atom(subject, "ticked" if term.name == "selected" else "contains", (value,))
    if term.name == "starts-with":
        return _starting(subject, value, reader)
    return Atom(term, "raw")


def _starting(subject: Term, prefix: Literal, reader: Reader) -> Atom:
    """The choices whose values begin so, by name: whoever fills in paper sees no values."""
    name = reader.names.get(reader.nodeset(subject) or "")
    values = [value for value in (name.choices if name else {}) if value.startswith(prefix.value)]
    if 1 <= len(values) <= _PREFIX_LIMIT:
        return Atom(subject, "is", tuple(Literal(value) for value in values))
    return Atom(subject, "starts", (prefix,))


def _comparison(term: Operation, reader: Reader) -> Atom:
    left, operator, right = term.first, term.rest[0].operator, term.rest[0].term
    if is_value(left) and not is_value(right):
        left, right, operator = right, left, _TURNED.get(operator, operator)
    if not _is_sayable(left, reader) or not (is_value(right) or _is_sayable(right, reader)):
        return Atom(term, "raw")
    negated = operator == "!="
    emptiness = _emptiness(left, operator, right)
    if emptiness is not None:
        return Atom(emptiness[0], "answered", negated=emptiness[1])
    return Atom(left, _COMPARED[operator], (right,), negated)


def _emptiness(left: Term, operator: str, right: Term) -> tuple[Term, bool] | None:
    """Subject, and whether it is to be empty, where a comparison asks just that: `x = ''`, `string-length(x) > 0`."""
    if isinstance(right, Literal) and not right.value and operator in ("=", "!="):
        return left, operator == "="
    counted = isinstance(left, Call) and left.name in ("string-length", "count-selected") and len(left.arguments) == 1
    if counted and isinstance(left, Call) and isinstance(right, Number):
        asked = (operator, right.value)
        if asked in ((">", 0.0), ("!=", 0.0), (">=", 1.0)):
            return left.arguments[0], False
        if asked in (("=", 0.0), ("<", 1.0), ("<=", 0.0)):
            return left.arguments[0], True
    return None


def is_value(term: Term) -> bool:
    """A text, number, date or moment, which stands right in a sentence."""
    if isinstance(term, Negation):
        return isinstance(term.operand, Number)
    if isinstance(term, Call):
        is_moment = term.name in MOMENTS and not term.arguments
        return is_moment or (term.name in SAME and len(term.arguments) == 1 and is_value(term.arguments[0]))
    return isinstance(term, Literal | Number)


def _is_sayable(term: Term, reader: Reader) -> bool:
    """Whether a term can be named: a question, how much of it there is, or a sum of such and of numbers."""
    if reader.nodeset(term) is not None:
        return True
    if isinstance(term, Call) and len(term.arguments) == 1:
        counting = term.name in ("count-selected", "string-length", "count", "int", "round")
        return counting and reader.nodeset(term.arguments[0]) is not None
    if isinstance(term, Operation) and term.rest[0].operator in ("+", "-", "*", "div"):
        parts = (term.first, *(operand.term for operand in term.rest))
        return all(isinstance(part, Number) or _is_sayable(part, reader) for part in parts)
    return False
