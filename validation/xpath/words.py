"""Conditions in words: what a person on paper, or in a codebook, reads instead of an expression.

    in_words(parse("/data/kurs != '' and /data/kurs != 'keiner'"), names)
    'Nur wenn Frage 21 (Sprachkurs) beantwortet und nicht „keiner“'

What has no words keeps its expression, with question numbers in the place of paths. Pure; the words are those of the
catalogue.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping

from validation.messages import say
from validation.xpath.conditions import (
    LISTED,
    MOMENTS,
    SAME,
    Atom,
    Condition,
    Junction,
    Name,
    Reader,
    is_all_negated,
    is_value,
    nodeset_of,
    opposite,
    read,
)
from validation.xpath.parser import Expression
from validation.xpath.syntax import Call, Filter, Literal, Negation, Number, Operation, Path, Root, Step, Term

__all__ = ["Name", "condition_in_words", "in_words"]

_DATES = frozenset({"date", "dateTime"})
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def in_words(expression: Expression, names: Mapping[str, Name], language: str = "de", *, here: str = "") -> str:
    """When a question is asked, as a sentence: 'Nur wenn …', or 'Entfällt, wenn …' where that says the same without
    a negation. 'Nur wenn: <expression>' where no part of the condition has words.

    `names` gives the names by nodeset, `here` is the nodeset the expression belongs to (for `.` and `..`). Never raises
    for what the parser has read. An expression that calls something unknown is not refused but written out.
    """
    found = read(expression.tree, Reader(names, here))
    if isinstance(found, Atom) and found.relation == "raw":
        return say("words.only_if_raw", language, expression=_Speaker(names, language, here).plain(expression.tree))
    speaker = _Speaker(names, language, here)
    if isinstance(found, Atom) and found.relation == "always":
        return say("words.asked_never" if found.negated else "words.asked_always", language)
    if is_all_negated(found):
        return say("words.skip_if", language, condition=speaker.clause(opposite(found)))
    return say("words.only_if", language, condition=speaker.clause(found))


def condition_in_words(
    expression: Expression, names: Mapping[str, Name], language: str = "de", *, here: str = ""
) -> str:
    """The condition alone, to stand after a 'wenn' of the caller's."""
    return _Speaker(names, language, here).clause(read(expression.tree, Reader(names, here)))


def _answered_first(parts: tuple[Condition, ...]) -> Iterator[Condition]:
    """What is asked of one question one after the other, that it is answered first: 'beantwortet und nicht „keine“'."""
    for _, group in itertools.groupby(parts, lambda part: str(part.subject) if isinstance(part, Atom) else ""):
        yield from sorted(group, key=lambda part: not (isinstance(part, Atom) and part.relation == "answered"))


# --- from atoms to words


class _Speaker:
    """Says conditions in a language. A question is introduced with its label once, then called by its number."""

    def __init__(self, names: Mapping[str, Name], language: str, here: str) -> None:
        self.reader = Reader(names, here)
        self.language = language
        self.introduced: set[str] = set()

    def say(self, code: str, **fields: object) -> str:
        return say(f"words.{code}", self.language, **fields)

    def clause(self, condition: Condition, within: str = "") -> str:
        """A condition; in brackets where it would be misread within a junction of the other word."""
        if isinstance(condition, Junction):
            text = self._parts(condition)
            return f"({text})" if within else text
        text = self._subject(condition) + self._predicate(condition)
        listed = condition.relation in LISTED and len(condition.operands) > 1 and not condition.negated
        return f"({text})" if listed and within == "and" else text

    def _parts(self, junction: Junction) -> str:
        """The parts of a junction; after 'und' the subject of the part before is not named again."""
        said: list[str] = []
        before = ""
        for part in _answered_first(junction.parts):
            subject = str(part.subject) if isinstance(part, Atom) and part.relation not in ("raw", "always") else ""
            several = isinstance(part, Atom) and len(part.operands) > 1 and not part.negated
            # After 'oder' the next value would read as one of the list before it.
            if isinstance(part, Atom) and subject and subject == before and not several and junction.word == "and":
                said.append(self._predicate(part))
            else:
                said.append(self.clause(part, junction.word))
            before = subject if not several else ""
        return f" {self.say(junction.word)} ".join(said)

    def _subject(self, atom: Atom) -> str:
        if atom.relation in ("raw", "always"):
            return ""
        return self.operand(atom.subject) + " "

    def _predicate(self, atom: Atom) -> str:
        if atom.relation == "raw":
            text = self.plain(atom.subject)
            return self.say("holds", expression=f"not({text})" if atom.negated else text)
        sign = "not_" if atom.negated else ""
        if atom.relation in ("always", "answered"):
            return self.say(f"{sign}{atom.relation}")
        name = self._name(atom.subject)
        values = [self.operand(operand, name) for operand in atom.operands]
        if atom.relation in LISTED and atom.negated and len(values) > 1:
            listed = self._listed(values, "nor")
            return self.say(f"neither_{atom.relation}", values=listed)
        is_date = any(self._is_date(term) for term in (atom.subject, *atom.operands))
        relation = f"date_{atom.relation}" if is_date and atom.relation not in LISTED else atom.relation
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
            return term.name in MOMENTS or any(self._is_date(argument) for argument in term.arguments)
        return isinstance(term, Literal) and _DATE.fullmatch(term.value) is not None

    def operand(self, term: Term, beside: Name | None = None) -> str:
        """A subject or value in words; a text is the label of a choice where `beside` offers one of that value."""
        if isinstance(term, Literal):
            return self._text(term.value, beside)
        if isinstance(term, Number | Negation) and is_value(term):
            return self._number(str(term))
        nodeset = self.reader.nodeset(term)
        if nodeset is not None:
            return self.named(nodeset)
        if isinstance(term, Call):
            if term.name in MOMENTS:
                return self.say(term.name)
            inner = self.operand(term.arguments[0], beside)
            if term.name in SAME:
                return inner
            if inner == self.say("this_answer") and term.name not in ("int", "round"):
                inner = self.say("in_this_answer")
            return self.say(term.name.replace("-", "_"), what=inner)
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
            nodeset = nodeset_of(term, self.reader.here)
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
