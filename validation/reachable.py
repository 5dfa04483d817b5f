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

_LOOKS = 100_000  # at single comparisons, for one formula; forms people write need some hundred
_LOOKS_A_FORM = 1_000_000
_READING = 25  # comparisons that could be looked at in the time it takes to put one more question into a formula
_ASKED = 20  # questions a relevance depends on, over however many others
_VARIABLES = 240
_LISTED = 300  # values of a list that are tried one by one where its values are compared as numbers
_OTHER = "\x00"  # any value that no comparison names
_MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_EMPTINESS = frozenset({("=", 0.0), ("<=", 0.0), ("<", 1.0)})  # what a length is compared with
_FILLED = frozenset({("!=", 0.0), (">", 0.0), (">=", 1.0)})
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
    parts: dict[str, tuple[_Formula, _Reading]] = {}
    dead: set[str] = set()
    left = _LOOKS_A_FORM
    for nodeset, bind in form.binds.items():
        if left <= 0:
            return
        if bind.relevant is None or any(nodeset.startswith(f"{above}/") for above in dead):
            continue
        reading = _Reading(form, known, parts)
        own = reading.relevance(nodeset)
        names = sorted({name.rpartition("/")[2] for name in reading.asked})
        whole = _All((own, reading.above(nodeset), reading.implied()))
        if not names:
            continue
        search = _Search(whole, reading.domains(), min(left, _LOOKS))
        possible, left = search.possible(), left - search.looks - _READING * len(reading.asked)
        if not possible:
            dead.add(nodeset)
            yield Problem("lint.unreachable", Place(nodeset=nodeset, column="relevant"), {"names": ", ".join(names)})


@dataclass(slots=True)
class _Reading:
    """Turns relevances into formulas and collects what their variables can hold."""

    form: Form
    known: Mapping[str, Asked]
    parts: dict[str, tuple[_Formula, _Reading]]
    texts: dict[str, set[str]] = field(default_factory=dict)
    numbers: dict[str, set[float]] = field(default_factory=dict)
    words: dict[str, set[str]] = field(default_factory=dict)
    free: set[str] = field(default_factory=set)
    asked: dict[str, None] = field(default_factory=dict)
    numeric: set[str] = field(default_factory=set)

    def relevance(self, nodeset: str) -> _Formula:
        """The formula of one node's own relevance. `parts` keeps it with what it asks, for all that depend on it."""
        bind = self.form.binds.get(nodeset)
        if bind is None or bind.relevant is None:
            return True
        if nodeset not in self.parts:
            part = _Reading(self.form, self.known, self.parts)
            made = part.formula(bind.relevant.tree, nodeset)
            # What is switched off for good says nothing about the questions that depend on it.
            self.parts[nodeset] = (made if _variables(made) else True, part)
        formula, part = self.parts[nodeset]
        self.take(part)
        return formula

    def take(self, part: _Reading) -> None:
        """What another reading has found is asked here too."""
        self.asked |= part.asked
        self.free |= part.free
        self.numeric |= part.numeric
        for nodeset, values in (*part.texts.items(), *part.words.items()):
            own = self.words if nodeset in part.words else self.texts
            own.setdefault(nodeset, set()).update(values)
        for nodeset, numbers in part.numbers.items():
            self.numbers.setdefault(nodeset, set()).update(numbers)

    def above(self, nodeset: str) -> _Formula:
        parts = nodeset.split("/")
        return _All(tuple(self.relevance("/".join(parts[:count])) for count in range(2, len(parts))))

    def implied(self) -> _Formula:
        """What has an answer is relevant itself, and so is every group around it."""
        rules: list[_Formula] = []
        done: set[str] = set()
        # What is left out here can only make more seem possible.
        while (todo := [nodeset for nodeset in self.asked if nodeset not in done]) and len(done) < _ASKED:
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
        listed = sorted(named & asked.values)
        return ["", *listed, *([_OTHER] if len(listed) < len(asked.values) else [])]

    def _subsets(self, nodeset: str, named: set[str]) -> Sequence[Value]:
        """All combinations of the named words and one that stands for any other; none where they are too many."""
        asked = self.known[nodeset]
        closed = asked.values is not None and not asked.open
        words = sorted(named & asked.values if asked.values is not None and closed else named)
        if asked.values is None or not closed or len(words) < len(asked.values):
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


def _variables(formula: _Formula) -> frozenset[str]:
    """What a formula depends on."""
    if isinstance(formula, bool):
        return frozenset()
    if isinstance(formula, _Atom):
        return frozenset({formula.variable})
    inside = (formula.term,) if isinstance(formula, _Not) else formula.terms
    return frozenset().union(*map(_variables, inside))


def _conditions(formula: _Formula) -> Iterator[_Formula]:
    """The formulas that must all hold for one to hold."""
    if isinstance(formula, _All):
        for term in formula.terms:
            yield from _conditions(term)
    else:
        yield formula


@dataclass(slots=True)
class _Search:
    """Tries out values one variable after the other. `looks` counts how many comparisons were looked at.

    Of the conditions that must all hold only those are looked at that the last variable takes part in.
    """

    formula: _Formula
    domains: Mapping[str, Sequence[Value]]
    limit: int
    looks: int = 0
    held: dict[str, Value] = field(default_factory=dict)
    concerned: dict[str, list[_Formula]] = field(default_factory=dict)

    def possible(self) -> bool:
        """Whether some choice of values makes the formula true; True as well where it takes too long to know."""
        if not all(self.domains.values()) or len(self.domains) > _VARIABLES:
            return True
        for condition in _conditions(self.formula):
            if self.judge(condition) is False:
                return False
            for name in _variables(condition):
                self.concerned.setdefault(name, []).append(condition)
        return self.choose(list(self.concerned), 0)

    def choose(self, order: list[str], place: int) -> bool:
        if place == len(order) or self.looks > self.limit:
            return True
        name = order[place]
        for value in self.domains[name]:
            self.held[name] = value
            fits = all(self.judge(condition) is not False for condition in self.concerned[name])
            if fits and self.choose(order, place + 1):
                return True
        del self.held[name]
        return False

    def judge(self, formula: _Formula) -> bool | None:
        """The truth of a formula as far as values are chosen; None where it is still open."""
        if isinstance(formula, bool):
            return formula
        if isinstance(formula, _Atom):
            self.looks += 1
            return formula.passes(self.held[formula.variable]) if formula.variable in self.held else None
        if isinstance(formula, _Not):
            inner = self.judge(formula.term)
            return None if inner is None else not inner
        decisive = isinstance(formula, _Any)
        still_open = False
        for term in formula.terms:
            verdict = self.judge(term)
            if verdict is decisive:
                return decisive
            still_open = still_open or verdict is None
        return None if still_open else not decisive
