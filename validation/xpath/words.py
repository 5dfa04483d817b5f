"""Conditions in words: what a person on paper, or in a codebook, reads instead of an expression.

    in_words(parse("/data/kurs != '' and /data/kurs != 'keiner'"), names)
    'Nur wenn Frage 21 (Sprachkurs) beantwortet und nicht „keiner“'

A condition is first brought into atoms (one subject, one relation, negated or not) joined by and/or, then said. What
has no words keeps its expression, with question numbers in the place of paths. Pure; the words are the catalogue's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from validation.messages import say
from validation.xpath.parser import Expression
from validation.xpath.references import references_of
from validation.xpath.syntax import Call, Filter, Literal, Negation, Number, Operation, Path, Root, Step, Term

_COMPARED = {"=": "is", "!=": "is", "<": "less", "<=": "at_most", ">": "more", ">=": "at_least"}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_LISTED = frozenset({"is", "ticked"})  # relations that take several values at once
_SAME = frozenset({"number", "string", "decimal-date-time", "date-time", "date", "boolean-from-string", "once"})
_MOMENTS = frozenset({"today", "now"})
_DATES = frozenset({"date", "dateTime"})
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
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


def in_words(expression: Expression, names: Mapping[str, Name], language: str = "de", *, here: str = "") -> str:
    """When a question is asked, as a sentence: 'Nur wenn …', or 'Entfällt, wenn …' where that says the same without
    a negation. 'Nur wenn: <expression>' where no part of the condition has words.

    `names` gives the names by nodeset, `here` is the nodeset the expression belongs to (for `.` and `..`). Never raises
    for what the parser has read. An expression that calls something unknown is not refused but written out.
    """
    found = _read(expression.tree, _Reader(names, here))
    if isinstance(found, _Atom) and found.relation == "raw":
        return say("words.only_if_raw", language, expression=_Speaker(names, language, here).plain(expression.tree))
    speaker = _Speaker(names, language, here)
    if isinstance(found, _Atom) and found.relation == "always":
        return say("words.asked_never" if found.negated else "words.asked_always", language)
    if _all_negated(found):
        return say("words.skip_if", language, condition=speaker.clause(_negated(found)))
    return say("words.only_if", language, condition=speaker.clause(found))


def condition_in_words(
    expression: Expression, names: Mapping[str, Name], language: str = "de", *, here: str = ""
) -> str:
    """The condition alone, to stand after a 'wenn' of the caller's."""
    return _Speaker(names, language, here).clause(_read(expression.tree, _Reader(names, here)))


@dataclass(frozen=True, slots=True)
class _Atom:
    """`subject` stands in a relation to `operands`; relation 'raw' is the subject itself, 'always' has no subject."""

    subject: Term
    relation: str
    operands: tuple[Term, ...] = ()
    negated: bool = False

    @property
    def key(self) -> tuple[str, str, bool]:
        return str(self.subject), self.relation, self.negated


@dataclass(frozen=True, slots=True)
class _Junction:
    """`word` is 'and' or 'or'."""

    word: str
    parts: tuple[_Condition, ...]


_Condition = _Atom | _Junction


def _negated(condition: _Condition) -> _Condition:
    if isinstance(condition, _Atom):
        return replace(condition, negated=not condition.negated)
    turned = {"and": "or", "or": "and"}[condition.word]
    return _joined(turned, [_negated(part) for part in condition.parts])


def _all_negated(condition: _Condition) -> bool:
    if isinstance(condition, _Atom):
        return condition.negated and condition.relation not in ("raw", "always")
    return condition.word == "and" and all(isinstance(p, _Atom) and _all_negated(p) for p in condition.parts)


def _joined(word: str, parts: Iterable[_Condition]) -> _Condition:
    """One junction of all parts: those of the same word dissolved, values of one question put together."""
    flat: list[_Condition] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, _Junction) and part.word == word else [part])
    found: dict[object, _Condition] = {}
    for number, part in enumerate(flat):
        gathers = isinstance(part, _Atom) and part.relation in _LISTED and part.negated == (word == "and")
        key: object = part.key if isinstance(part, _Atom) and gathers else number
        known = found.get(key)
        if isinstance(part, _Atom) and isinstance(known, _Atom):
            new = tuple(operand for operand in part.operands if operand not in known.operands)
            found[key] = replace(known, operands=known.operands + new)
        else:
            found[key] = part
    gathered = tuple(found.values())
    return gathered[0] if len(gathered) == 1 else _Junction(word, gathered)


# --- from terms to atoms


@dataclass(frozen=True, slots=True)
class _Reader:
    """What the atoms are read with: whose names are known, and where the expression stands."""

    names: Mapping[str, Name]
    here: str

    def nodeset(self, term: Term) -> str | None:
        """The question a term stands for, through functions that only change its type; None for anything else."""
        while isinstance(term, Call) and term.name in _SAME and len(term.arguments) == 1:
            term = term.arguments[0]
        found = _nodeset(term, self.here)
        return found if found in self.names or (found and found == self.here) else None


def _nodeset(term: Term, here: str) -> str | None:
    """The one nodeset a path without predicates leads to, else None."""
    if not isinstance(term, Path) or any(step.predicates for step in term.steps):
        return None
    found = references_of(term, here)
    only = next(iter(found)) if len(found) == 1 else ""
    return only if only.startswith("/") and "*" not in only and "//" not in only else None


def _read(term: Term, reader: _Reader) -> _Condition:
    if isinstance(term, Operation):
        operator = term.rest[0].operator
        if operator in ("and", "or"):
            return _joined(operator, [_read(part, reader) for part in (term.first, *(o.term for o in term.rest))])
        if operator in _COMPARED and len(term.rest) == 1:
            return _comparison(term, reader)
    if isinstance(term, Call):
        return _call(term, reader)
    return _Atom(term, "raw")


def _call(term: Call, reader: _Reader) -> _Condition:
    arguments = term.arguments
    if term.name in ("true", "false") and not arguments:
        return _Atom(term, "always", negated=term.name == "false")
    if term.name in ("not", "boolean") and len(arguments) == 1:
        inner = _read(arguments[0], reader)
        if isinstance(inner, _Atom) and inner.relation == "raw":
            return _Atom(term, "raw")
        return _negated(inner) if term.name == "not" else inner
    if len(arguments) != 2 or reader.nodeset(arguments[0]) is None:
        return _Atom(term, "raw")
    subject, value = arguments
    if not isinstance(value, Literal):
        return _Atom(term, "raw")
    if term.name in ("selected", "contains"):
        return _Atom(subject, "ticked" if term.name == "selected" else "contains", (value,))
    if term.name == "starts-with":
        return _starting(subject, value, reader)
    return _Atom(term, "raw")


def _starting(subject: Term, prefix: Literal, reader: _Reader) -> _Atom:
    """The choices whose values begin so, by name: whoever fills in paper sees no values."""
    name = reader.names.get(reader.nodeset(subject) or "")
    values = [value for value in (name.choices if name else {}) if value.startswith(prefix.value)]
    if 1 <= len(values) <= _PREFIX_LIMIT:
        return _Atom(subject, "is", tuple(Literal(value) for value in values))
    return _Atom(subject, "starts", (prefix,))


def _comparison(term: Operation, reader: _Reader) -> _Atom:
    left, operator, right = term.first, term.rest[0].operator, term.rest[0].term
    if _is_value(left) and not _is_value(right):
        left, right, operator = right, left, _TURNED.get(operator, operator)
    if not _is_sayable(left, reader) or not (_is_value(right) or _is_sayable(right, reader)):
        return _Atom(term, "raw")
    negated = operator == "!="
    emptiness = _emptiness(left, operator, right)
    if emptiness is not None:
        return _Atom(emptiness[0], "answered", negated=emptiness[1])
    return _Atom(left, _COMPARED[operator], (right,), negated)


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


def _is_value(term: Term) -> bool:
    """A text, number, date or moment, which stands right in a sentence."""
    if isinstance(term, Negation):
        return isinstance(term.operand, Number)
    if isinstance(term, Call):
        is_moment = term.name in _MOMENTS and not term.arguments
        return is_moment or (term.name in _SAME and len(term.arguments) == 1 and _is_value(term.arguments[0]))
    return isinstance(term, Literal | Number)


def _is_sayable(term: Term, reader: _Reader) -> bool:
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


# --- from atoms to words


class _Speaker:
    """Says conditions in a language. A question is introduced with its label once, then called by its number."""

    def __init__(self, names: Mapping[str, Name], language: str, here: str) -> None:
        self.reader = _Reader(names, here)
        self.language = language
        self.introduced: set[str] = set()

    def say(self, code: str, **fields: object) -> str:
        return say(f"words.{code}", self.language, **fields)

    def clause(self, condition: _Condition, within: str = "") -> str:
        """A condition; in brackets where it would be misread within a junction of the other word."""
        if isinstance(condition, _Junction):
            text = self._parts(condition)
            return f"({text})" if within else text
        text = self._subject(condition) + self._predicate(condition)
        listed = condition.relation in _LISTED and len(condition.operands) > 1 and not condition.negated
        return f"({text})" if listed and within == "and" else text

    def _parts(self, junction: _Junction) -> str:
        """The parts of a junction; after 'und' the subject of the part before is not named again."""
        said: list[str] = []
        before = ""
        for part in junction.parts:
            subject = str(part.subject) if isinstance(part, _Atom) and part.relation not in ("raw", "always") else ""
            several = isinstance(part, _Atom) and len(part.operands) > 1 and not part.negated
            # After 'oder' the next value would read as one of the list before it.
            if isinstance(part, _Atom) and subject and subject == before and not several and junction.word == "and":
                said.append(self._predicate(part))
            else:
                said.append(self.clause(part, junction.word))
            before = subject if not several else ""
        return f" {self.say(junction.word)} ".join(said)

    def _subject(self, atom: _Atom) -> str:
        if atom.relation in ("raw", "always"):
            return ""
        return self.operand(atom.subject) + " "

    def _predicate(self, atom: _Atom) -> str:
        if atom.relation == "raw":
            text = self.plain(atom.subject)
            return self.say("holds", expression=f"not({text})" if atom.negated else text)
        sign = "not_" if atom.negated else ""
        if atom.relation in ("always", "answered"):
            return self.say(f"{sign}{atom.relation}")
        name = self._name(atom.subject)
        values = [self.operand(operand, name) for operand in atom.operands]
        if atom.relation in _LISTED and atom.negated and len(values) > 1:
            listed = self._listed(values, "nor")
            return self.say(f"neither_{atom.relation}", values=listed)
        is_date = any(self._is_date(term) for term in (atom.subject, *atom.operands))
        relation = f"date_{atom.relation}" if is_date and atom.relation not in _LISTED else atom.relation
        return self.say(f"{sign}{relation}", value=self._listed(values, "or"))

    def _listed(self, values: list[str], word: str) -> str:
        if len(values) == 1:
            return values[0]
        return f"{', '.join(values[:-1])} {self.say(word)} {values[-1]}"

    def _name(self, term: Term) -> Name | None:
        return self.reader.names.get(self.reader.nodeset(term) or "")

    def _is_date(self, term: Term) -> bool:
        name = self._name(term)
        if name is not None:
            return name.type in _DATES
        if isinstance(term, Call):
            return term.name in _MOMENTS or any(self._is_date(argument) for argument in term.arguments)
        return isinstance(term, Literal) and _DATE.fullmatch(term.value) is not None

    def operand(self, term: Term, beside: Name | None = None) -> str:
        """A subject or value in words; a text is the label of a choice where `beside` offers one of that value."""
        if isinstance(term, Literal):
            return self._text(term.value, beside)
        if isinstance(term, Number | Negation) and _is_value(term):
            return self._number(str(term))
        nodeset = self.reader.nodeset(term)
        if nodeset is not None:
            return self.named(nodeset)
        if isinstance(term, Call):
            if term.name in _MOMENTS:
                return self.say(term.name)
            inner = self.operand(term.arguments[0], beside)
            return inner if term.name in _SAME else self.say(term.name.replace("-", "_"), what=inner)
        if isinstance(term, Operation):
            signs = {"*": "×", "div": "/", "-": "−"}
            rest = (f" {signs.get(o.operator, o.operator)} {self.operand(o.term)}" for o in term.rest)
            return self.operand(term.first) + "".join(rest)
        return self.plain(term)

    def _text(self, value: str, beside: Name | None) -> str:
        if beside is not None and value in beside.choices:
            return self.say("quoted", text=beside.choices[value])
        date = _DATE.fullmatch(value)
        if date:
            return self.say("date", year=date[1], month=date[2], day=date[3])
        if beside is not None and beside.type in ("int", "decimal") and re.fullmatch(r"[+-]?[0-9.]+", value):
            return self._number(value)
        return self.say("quoted", text=value)

    def _number(self, text: str) -> str:
        return text.replace(".", self.say("point")).replace("-", "−")

    def named(self, nodeset: str) -> str:
        """A question by number and label, the second time by its number; others by their label."""
        if nodeset == self.reader.here:
            return self.say("this_answer")
        name = self.reader.names[nodeset]
        again = nodeset in self.introduced
        self.introduced.add(nodeset)
        if name.number and (again or not name.label):
            return self.say("question_again", number=name.number)
        if name.number:
            return self.say("question", number=name.number, label=name.label)
        if name.made_of and not again:
            questions = self.say("questions" if len(name.made_of) > 1 else "one_question")
            return self.say(
                "computed", label=name.label, questions=f"{questions} {self._listed(list(name.made_of), 'and')}"
            )
        return self.say("quoted", text=name.label)

    # --- expressions that have no words

    def plain(self, term: Term) -> str:
        """An expression as written, with numbers of questions in the place of paths."""
        if isinstance(term, Path | Filter):
            nodeset = _nodeset(term, self.reader.here)
            name = self.reader.names.get(nodeset or "")
            if name is not None:
                return self.say("question_again", number=name.number) if name.number else name.label
            return self._path(term)
        if isinstance(term, Call):
            return f"{term.name}({', '.join(self.plain(argument) for argument in term.arguments)})"
        if isinstance(term, Negation):
            return f"-{self._inner(term.operand)}"
        if isinstance(term, Operation):
            rest = "".join(f" {operand.operator} {self._inner(operand.term)}" for operand in term.rest)
            return self._inner(term.first) + rest
        return str(term)

    def _inner(self, term: Term) -> str:
        return f"({self.plain(term)})" if isinstance(term, Operation) else self.plain(term)

    def _path(self, term: Path | Filter) -> str:
        if isinstance(term, Filter):
            return self._inner(term.term) + self._predicates(term.predicates)
        steps = "/".join(self._step(step) for step in term.steps)
        if term.start is None:
            return steps
        return f"/{steps}" if isinstance(term.start, Root) else f"{self._inner(term.start)}/{steps}"

    def _step(self, step: Step) -> str:
        short = {"child": "", "attribute": "@"}.get(step.axis, f"{step.axis}::")
        text = f"{short}{step.test}"
        if step.test.kind == "node" and step.axis in ("self", "parent"):
            text = "." if step.axis == "self" else ".."
        return text + self._predicates(step.predicates)

    def _predicates(self, predicates: tuple[Term, ...]) -> str:
        return "".join(f"[{self.plain(predicate)}]" for predicate in predicates)
