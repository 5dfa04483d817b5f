"""How much room an answer gets, and of what kind: boxes, cells, lines; and the lists that move into the annex."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from reports.paper.page import Annex, Answer
from reports.paper.texts import FormTexts, Listed, Said
from validation.datatypes import canonical
from validation.form import Bind, Control
from validation.messages import say
from validation.xpath.parser import Expression
from validation.xpath.syntax import Call, Number, Operation, Term, children

TICKED = 15  # choices that stand under their question; more go into the annex
LISTED = 80  # choices that the annex holds; of a longer list only the name is told
SCALE = 11  # steps of a range that are drawn as circles
CELLS = 5  # digits of a number that has no upper limit
CHARACTERS = 85  # that a person writes on a line
MULTILINE, MOST_LINES = 4, 6


class Spaces:
    """The room for the answers of one form. Lists that are too long to tick are gathered while it is asked."""

    def __init__(self, texts: FormTexts) -> None:
        self.texts = texts
        self._annexes: dict[tuple[str, tuple[Said, ...]], list[str]] = {}

    def annexes(self) -> tuple[Annex, ...]:
        """The lists that questions have been pointed to so far, each once."""
        return tuple(
            Annex(self.texts.own("paper.annex_list", number=number, questions=", ".join(questions)), labels)
            for number, ((_, labels), questions) in enumerate(self._annexes.items(), start=1)
        )

    def of(self, control: Control | None, bind: Bind) -> Answer:
        """The space for an answer, by the type of the question and what it allows."""
        if control is None or bind.calculate is not None or _is_closed(bind):
            return Answer("computed")
        if control.kind in ("select1", "select", "rank"):
            return self._choice(control)
        kind = canonical(bind.type) or "string"
        if control.kind == "range":
            return self._range(control, kind)
        if control.kind in ("trigger", "upload"):
            return Answer("tick" if control.kind == "trigger" else "enclosed")
        if kind in ("int", "decimal"):
            decimals = 2 if kind == "decimal" else 0
            return Answer("digits", cells=_digits(bind.constraint), decimals=decimals)
        if kind in ("date", "time", "dateTime"):
            return Answer(_date_kind(kind, control.appearance))
        if kind in ("geopoint", "geotrace", "geoshape"):
            return Answer("place", lines=1 if kind == "geopoint" else 3)
        if kind == "boolean":
            return Answer("tick")
        return Answer("written", lines=_lines(control, bind.constraint))

    def _choice(self, control: Control) -> Answer:
        listed = self.texts.choices(control)
        several = control.kind != "select1"
        if listed is None or not listed.items:
            return Answer("written", lines=2 if several else 1)
        labels = tuple(label for _, label in listed.items)
        if len(labels) <= TICKED:
            return Answer({"select1": "one", "select": "many", "rank": "rank"}[control.kind], labels)
        if len(labels) <= LISTED:
            code = "paper.numbers_from" if several else "paper.number_from"
            note = self.texts.own(code, list=self._annexed(control, listed, labels))
            return Answer("annex", note=note, several=several)
        return Answer("open", note=self.texts.own("paper.long_list", list=listed.name), several=several)

    def _range(self, control: Control, kind: str) -> Answer:
        try:
            start, end, step = (float(control.attributes[name]) for name in ("start", "end", "step"))
            steps = round(abs(end - start) / abs(step))
        except (KeyError, ValueError, ZeroDivisionError, OverflowError):
            steps = SCALE
        if steps + 1 > SCALE:
            return Answer("digits", cells=CELLS, decimals=2 if kind == "decimal" else 0)
        way = math.copysign(abs(step), end - start)
        return Answer("scale", tuple(self._number(start + number * way) for number in range(steps + 1)))

    def _number(self, value: float) -> Said:
        point = say("words.point", self.texts.languages[0].catalogue)
        return self.texts.plain(f"{value:g}".replace(".", point))

    def _annexed(self, control: Control, listed: Listed, labels: tuple[Said, ...]) -> str:
        """The number of the list in the annex, where it stands once."""
        key = (listed.name, labels)
        self._annexes.setdefault(key, []).append(self.texts.numbers[control.nodeset])
        return str(list(self._annexes).index(key) + 1)


def _is_closed(bind: Bind) -> bool:
    return bind.readonly is not None and bind.readonly.source.replace(" ", "") == "true()"


def _date_kind(kind: str, appearance: Sequence[str]) -> str:
    if kind == "date" and "year" in appearance:
        return "year"
    if kind == "date" and "month-year" in appearance:
        return "month"
    return kind.lower()


def _digits(constraint: Expression | None) -> int:
    """As many digits as the largest number allowed has."""
    limits = list(_limits(constraint.tree, ".")) if constraint is not None else []
    return max(1, len(str(int(min(limits))))) if limits and 1 <= min(limits) < 10**9 else CELLS


def _lines(control: Control, constraint: Expression | None) -> int:
    limits = list(_limits(constraint.tree, "string-length")) if constraint is not None else []
    if limits:
        return max(1, min(MOST_LINES, math.ceil(min(limits) / CHARACTERS)))
    return MULTILINE if "multiline" in control.appearance else 1


def _limits(term: Term, of: str) -> Iterator[float]:
    """The numbers that the answer ('.') or its length ('string-length') may not exceed."""
    if isinstance(term, Operation) and term.rest[0].operator in ("<", "<=") and isinstance(term.rest[0].term, Number):
        first = term.first
        if of == "string-length" and isinstance(first, Call) and first.name == of and len(first.arguments) == 1:
            of, first = ".", first.arguments[0]
        if of == "." and str(first) == "self::node()":
            yield term.rest[0].term.value
    if isinstance(term, Operation) and term.rest[0].operator == "and":
        for part in children(term):
            yield from _limits(part, of)
