"""Questions that nobody can ever be asked: a relevance no combination of answers makes true.

A relevance, with those of the groups around it, becomes a formula over what single questions can hold. Comparisons
of a question with a literal, selected(), and, or, not and if are understood; whatever else may be true or false as it
likes. A question that is not relevant itself reads as empty. The formula is tried out; where that takes too long
the question counts as reachable. So everything that is reported holds, but not everything that holds is found.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from validation.datatypes import valid
from validation.errors import Place, Problem
from validation.form import Form
from validation.inventory import Asked, inventory, nodeset_of
from validation.xpath.operators import COMPARISONS
from validation.xpath.syntax import Call, Filter, Literal, Negation, Number, Operation, Path, Root, Term

_STEPS = 20_000  # evaluations of one formula; forms people write need some dozen
_LISTED = 300  # values of a list that are tried one by one where its values are compared as numbers
_OTHER = "\x00"  # any value that no comparison names
_MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_EMPTINESS = {("=", 0.0): True, ("<=", 0.0): True, ("<", 1.0): True}
_FILLED = {("!=", 0.0): True, (">", 0.0): True, (">=", 1.0): True}

_WORDS = 8  # words of a multiple choice that are named at once: all their combinations are tried

Value = str | float | bool | frozenset[str]


@dataclass(frozen=True, slots=True)
class _Atom:
    """True where the variable's value passes."""

    variable: str
    passes: Callable[[Value], bool]


@dataclass(frozen=True, slots=True)
class _Not:
    term: _Formula


@dataclass(frozen=True, slots=True)
class _All:
    terms: tuple[_Formula, ...]


@dataclass(frozen=True, slots=True)
class _Any:
    terms: tuple[_Formula, ...]


_Formula = bool | _Atom | _Not | _All | _Any


def unreachable(form: Form, known: Mapping[str, Asked] | None = None) -> Iterator[Problem]:
    """Each node whose relevance can never hold though that of the group around it can, in document order.

    A relevance that asks nothing, such as `false()`, switches a question off on purpose and is not reported.
    """
    known = inventory(form) if known is None else known
    dead: set[str] = set()
    for nodeset, bind in form.binds.items():
        if bind.relevant is None or any(nodeset.startswith(f"{above}/") for above in dead):
            continue
        reading = _Reading(form, known)
        own = reading.relevance(nodeset)
        names = sorted({name.rpartition("/")[2] for name in reading.asked})
        whole = _All((own, reading.above(nodeset), reading.implied()))
        if names and not _possible(whole, reading.domains()):
            dead.add(nodeset)
            yield Problem("lint.unreachable", Place(nodeset=nodeset, column="relevant"), {"names": ", ".join(names)})


@dataclass(slots=True)
class _Reading:
    """Turns relevances into formulas and collects what their variables can hold."""

    form: Form
    known: Mapping[str, Asked]
    texts: dict[str, set[str]] = field(default_factory=dict)
    numbers: dict[str, set[float]] = field(default_factory=dict)
    words: dict[str, set[str]] = field(default_factory=dict)
    free: set[str] = field(default_factory=set)
    asked: dict[str, None] = field(default_factory=dict)
    numeric: set[str] = field(default_factory=set)

    def relevance(self, nodeset: str) -> _Formula:
        bind = self.form.binds.get(nodeset)
        if bind is None or bind.relevant is None:
            return True
        made = self.formula(bind.relevant.tree, nodeset)
        # What is switched off for good says nothing about the questions that depend on it.
        return made if _asks(made) else True

    def above(self, nodeset: str) -> _Formula:
        parts = nodeset.split("/")
        return _All(tuple(self.relevance("/".join(parts[:count])) for count in range(2, len(parts))))

    def implied(self) -> _Formula:
        """What has an answer is relevant itself, and so is every group around it."""
        rules: list[_Formula] = []
        done: set[str] = set()
        while todo := [nodeset for nodeset in self.asked if nodeset not in done]:
            for nodeset in todo:
                done.add(nodeset)
                rules.append(_Any((self.empty(nodeset), _All((self.relevance(nodeset), self.above(nodeset))))))
        return _All(tuple(rules))

    def formula(self, term: Term, context: str) -> _Formula:
        if isinstance(term, Operation):
            operator = term.rest[0].operator
            sides = [term.first, *(operand.term for operand in term.rest)]
            if operator == "and":
                return _All(tuple(self.formula(side, context) for side in sides))
            if operator == "or":
                return _Any(tuple(self.formula(side, context) for side in sides))
            if operator in COMPARISONS and len(sides) == 2:
                found = self.comparison(operator, sides[0], sides[1], context)
                if found is None:
                    found = self.comparison(_MIRRORED[operator], sides[1], sides[0], context)
                return found if found is not None else self.unknown(term, context)
        elif isinstance(term, Call):
            found = self.call(term, context)
            return found if found is not None else self.unknown(term, context)
        elif isinstance(term, Number | Literal):
            return bool(term.value)
        return self.unknown(term, context)

    def unknown(self, term: Term, context: str) -> _Formula:
        """A condition that may be true or false; the same words in the same place mean the same."""
        name = f"?{context} {term}"
        self.free.add(name)
        return _Atom(name, bool)

    def call(self, term: Call, context: str) -> _Formula | None:
        arguments = term.arguments
        if term.name in ("true", "false") and not arguments:
            return term.name == "true"
        if term.name == "not" and len(arguments) == 1:
            return _Not(self.formula(arguments[0], context))
        if term.name == "boolean" and len(arguments) == 1 and isinstance(arguments[0], Call | Operation):
            return self.formula(arguments[0], context)
        if term.name == "if" and len(arguments) == 3:
            condition, then, otherwise = (self.formula(argument, context) for argument in arguments)
            return _Any((_All((condition, then)), _All((_Not(condition), otherwise))))
        if term.name == "selected" and len(arguments) == 2 and isinstance(arguments[1], Literal):
            nodeset = self.single(arguments[0], context)
            return self.chosen(nodeset, arguments[1].value.strip()) if nodeset is not None else None
        return None

    def chosen(self, nodeset: str, value: str) -> _Formula | None:
        asked = self.known[nodeset]
        if not value or len(value.split()) > 1:
            return None
        if asked.kind == "select":
            return self.word(nodeset, value)
        if asked.kind == "select1":
            return self.text(nodeset, value)
        return None

    def comparison(self, operator: str, left: Term, right: Term, context: str) -> _Formula | None:
        """A question compared with a literal or a number, or the length of its answer with 0 or 1."""
        number = _constant(right)
        if isinstance(left, Call) and left.name in ("string-length", "count-selected") and len(left.arguments) == 1:
            nodeset = self.single(left.arguments[0], context)
            if nodeset is None or number is None:
                return None
            if (operator, number) in _EMPTINESS:
                return self.empty(nodeset)
            return _Not(self.empty(nodeset)) if (operator, number) in _FILLED else None
        nodeset = self.single(left, context)
        if nodeset is None:
            return None
        if isinstance(right, Literal):
            return self.with_text(operator, nodeset, right.value)
        if number is not None:
            return self.with_number(operator, nodeset, number)
        return None

    def with_text(self, operator: str, nodeset: str, value: str) -> _Formula | None:
        asked = self.known[nodeset]
        if operator not in ("=", "!="):
            return self.with_number(operator, nodeset, float(value)) if valid(value, "decimal") else None
        if not value:
            equal = self.empty(nodeset)
        elif asked.kind == "select":
            self.asked.setdefault(nodeset)
            self.words.setdefault(nodeset, set()).update(value.split())
            equal = _Atom(nodeset, lambda held: held == frozenset(value.split()))
        elif _is_number(asked):
            return None  # compared as texts, and a number has several
        else:
            equal = self.text(nodeset, value)
        return equal if operator == "=" else _Not(equal)

    def with_number(self, operator: str, nodeset: str, number: float) -> _Formula | None:
        asked = self.known[nodeset]
        compare = COMPARISONS[operator]
        if _is_number(asked):
            self.asked.setdefault(nodeset)
            self.numbers.setdefault(nodeset, set()).add(number)
            return _Atom(nodeset, lambda held: isinstance(held, float) and compare(held, number))
        listed = asked.values is not None and len(asked.values) <= _LISTED and not asked.open
        if asked.kind == "select1" and listed:
            self.asked.setdefault(nodeset)
            self.numeric.add(nodeset)
            self.texts.setdefault(nodeset, set())
            return _Atom(nodeset, lambda held: compare(_as_number(str(held)), number))
        return None

    def text(self, nodeset: str, value: str) -> _Formula:
        self.asked.setdefault(nodeset)
        self.texts.setdefault(nodeset, set()).add(value)
        return _Atom(nodeset, lambda held: held == value)

    def word(self, nodeset: str, value: str) -> _Formula:
        self.asked.setdefault(nodeset)
        self.words.setdefault(nodeset, set()).add(value)
        return _Atom(nodeset, lambda held: isinstance(held, frozenset) and value in held)

    def empty(self, nodeset: str) -> _Formula:
        self.asked.setdefault(nodeset)
        asked = self.known[nodeset]
        if asked.kind == "select":
            self.words.setdefault(nodeset, set())
            return _Atom(nodeset, lambda held: not held)
        if _is_number(asked):
            self.numbers.setdefault(nodeset, set())
            return _Atom(nodeset, lambda held: isinstance(held, float) and math.isnan(held))
        self.texts.setdefault(nodeset, set())
        return _Atom(nodeset, lambda held: held == "")

    def single(self, term: Term, context: str) -> str | None:
        """The nodeset of a path that means one node: outside of repeats, or in the entry where it is written."""
        if isinstance(term, Filter) or not isinstance(term, Path) or any(step.predicates for step in term.steps):
            return None
        nodeset = nodeset_of(term, context, context)
        if nodeset is None or nodeset not in self.known or "@" in nodeset:
            return None
        asked = self.known[nodeset]
        if asked.kind == "rank" or (_is_number(asked) and asked.open):
            return None
        around = [repeat for repeat in self.form.repeats if nodeset.startswith(f"{repeat}/")]
        if around:
            innermost = max(around, key=len)
            up = sum(step.axis == "parent" for step in term.steps)
            lowest = "/".join(context.split("/")[: len(context.split("/")) - up])
            if isinstance(term.start, Root) or not f"{lowest}/".startswith(f"{innermost}/"):
                return None
        return nodeset

    def domains(self) -> dict[str, Sequence[Value]]:
        """What each variable can hold."""
        found: dict[str, Sequence[Value]] = dict.fromkeys(self.free, (True, False))
        for nodeset, named in self.texts.items():
            found[nodeset] = self._texts(nodeset, named)
        for nodeset, mentioned in self.numbers.items():
            found[nodeset] = _points(mentioned, whole=self.known[nodeset].type == "int")
        for nodeset, named in self.words.items():
            found[nodeset] = self._subsets(nodeset, named)
        return found

    def _texts(self, nodeset: str, named: set[str]) -> Sequence[Value]:
        asked = self.known[nodeset]
        if asked.values is None or asked.open:
            return ["", *sorted(named), _OTHER]
        if nodeset in self.numeric:
            return ["", *sorted(asked.values)]
        return ["", *sorted(named & asked.values), *([_OTHER] if asked.values - named else [])]

    def _subsets(self, nodeset: str, named: set[str]) -> Sequence[Value]:
        """All combinations of the named words and one that stands for any other; none where they are too many."""
        asked = self.known[nodeset]
        closed = asked.values is not None and not asked.open
        words = sorted(named & asked.values if asked.values is not None and closed else named)
        if not closed or (asked.values or frozenset()) - named:
            words.append(_OTHER)
        if len(words) > _WORDS:
            return ()
        return [frozenset(chosen) for count in range(len(words) + 1) for chosen in combinations(words, count)]


def _is_number(asked: Asked) -> bool:
    return asked.type in ("int", "decimal") and asked.kind not in ("select1", "select", "rank")


def _constant(term: Term) -> float | None:
    if isinstance(term, Number):
        return term.value
    if isinstance(term, Negation) and isinstance(term.operand, Number):
        return -term.operand.value
    return None


def _as_number(text: str) -> float:
    return float(text) if valid(text, "decimal") else math.nan


def _points(mentioned: set[float], *, whole: bool) -> Sequence[Value]:
    """No answer, each number mentioned, and one number from each interval between and around them."""
    marks = sorted(mentioned) or [0.0]
    points: list[Value] = [math.nan, math.floor(marks[0]) - 1.0, math.ceil(marks[-1]) + 1.0]
    points.extend(mark for mark in marks if not whole or mark == math.floor(mark))
    for low, high in pairwise(marks):
        between = math.floor(low) + 1.0 if whole else (low + high) / 2
        if low < between < high:
            points.append(between)
    return points


# --- trying out -----------------------------------------------------------------------------------------------------


def _asks(formula: _Formula) -> bool:
    """Whether a formula depends on anything."""
    if isinstance(formula, bool):
        return False
    if isinstance(formula, _Atom):
        return True
    return _asks(formula.term) if isinstance(formula, _Not) else any(map(_asks, formula.terms))


def _possible(formula: _Formula, domains: Mapping[str, Sequence[Value]]) -> bool:
    """Whether some choice of values makes a formula true; True as well where it takes too long to know."""
    if not all(domains.values()):
        return True
    order = list(domains)
    held: dict[str, Value] = {}
    budget = _STEPS

    def search(place: int) -> bool:
        nonlocal budget
        budget -= 1
        if budget < 0:
            return True
        verdict = _judge(formula, held)
        if verdict is not None:
            return verdict
        name = order[place]
        for value in domains[name]:
            held[name] = value
            if search(place + 1):
                return True
        del held[name]
        return False

    return search(0)


def _judge(formula: _Formula, held: Mapping[str, Value]) -> bool | None:
    """The truth of a formula as far as values are chosen; None where it is still open."""
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, _Atom):
        return formula.passes(held[formula.variable]) if formula.variable in held else None
    if isinstance(formula, _Not):
        inner = _judge(formula.term, held)
        return None if inner is None else not inner
    decisive = isinstance(formula, _Any)
    verdicts = [_judge(term, held) for term in formula.terms]
    if decisive in verdicts:
        return decisive
    return None if None in verdicts else not decisive
