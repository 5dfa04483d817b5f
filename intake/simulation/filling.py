"""Answers a live record until nothing is missing and nothing broken, or says what cannot be satisfied."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field

from intake.simulation.drawing import Answer, Drawing, Guide
from intake.simulation.walk import nodeset_of, open_repeats, questions
from validation.datatypes import valid
from validation.errors import AnswerError, FormError, Place, Problem, XPathError
from validation.form import Bind, Control, Form
from validation.instance import Instance, locate
from validation.layout import choice_labels, question_label
from validation.xpath.parser import Expression, references
from validation.xpath.values import to_boolean
from validation.xpath.words import Name, condition_in_words

ROUNDS = 12  # how often the form is gone through: one answer makes others relevant
REDRAWS = 8  # how often a question another one depends on gets a new value
TRIES = 60  # values drawn for one question before its missing reason, or giving up
OPTIONAL = 0.65  # how many optional questions a whole record answers
REASONS = 0.06  # how many required questions get a missing reason in a whole record
VARIED = 0.3  # how often a whole record does not keep an answer that the form gives itself
ASKED_AGAIN = 0.8  # the same in a later round
MOST_ENTRIES = 3  # of a repeat in a whole record
GROWS = 0.2  # how often a repeat has one more entry in the next round
BROKEN = frozenset({"required", "constraint", "type"})
_MARK = re.compile(r"\[\d+\]")


def give(instance: Instance, answers: Mapping[str, Answer]) -> None:
    """Puts answers into a record; see `intake.simulate.fill`."""
    for path, value in answers.items():
        if value is None and nodeset_of(path) in instance.form.repeats:
            for entry in reversed(instance.entries(path)):
                instance.remove_repeat(entry)
            continue
        for mark in _MARK.finditer(path):
            repeat, wanted = path[: mark.start()], int(mark[0][1:-1])
            if nodeset_of(repeat) in instance.form.repeats:
                for _ in range(wanted - len(instance.entries(repeat))):
                    instance.add_repeat(repeat)
        instance.answer(path, value)


def add_entries(filler: Filler) -> None:
    """Adds entries to every relevant repeat that the form does not count itself, inner ones included."""
    seen: set[str] = set()
    while found := [each for each in open_repeats(filler.instance) if each[0] not in seen]:
        for path, element in found:
            seen.add(path)
            there = len(filler.instance.entries(path))
            least, most = filler.guide.hint(element.nodeset).entries or (0, MOST_ENTRIES)
            if filler.followed and there:
                wanted = there + (there < most and filler.rng.random() < GROWS)
            else:
                wanted = filler.rng.randint(least, most)
            for _ in range(wanted - there):
                filler.instance.add_repeat(path)
            if filler.guide.hint(element.nodeset).entries is not None:  # a form may begin with one entry
                for entry in reversed(filler.instance.entries(path)[wanted:]):
                    filler.instance.remove_repeat(entry)


@dataclass(slots=True)
class Filler:
    """Draws answers for one record.

    `given` are the paths of answers that never change, `optional` is the probability of an answer nobody demands,
    `number` counts records, `forbidden` are texts a nodeset may not take, `followed` says that an earlier record of
    the same person is continued, and `wishes` are values to be tried first in it.
    """

    instance: Instance
    guide: Guide
    rng: random.Random
    number: int = 0
    given: frozenset[str] = frozenset()
    optional: float = 0.0
    forbidden: Mapping[str, Set[str]] = field(default_factory=dict)
    followed: bool = False
    wishes: dict[str, list[Answer]] = field(default_factory=dict)
    decided: set[str] = field(default_factory=set)
    drawing: Drawing = field(init=False)

    def __post_init__(self) -> None:
        self.drawing = Drawing(self.instance, self.guide, self.rng, self.number)

    @property
    def form(self) -> Form:
        """The form of the record."""
        return self.instance.form

    def run(self) -> Instance:
        """The record once nothing is broken. FormError with what cannot be satisfied, after a bounded search."""
        stuck: list[str] = []
        for _ in range(ROUNDS):
            changed = self.draw()
            stuck = self.broken()
            if not stuck and not changed:
                break
            for path in stuck:
                self.mend(path)
        else:
            stuck = self.broken()
        if stuck:
            raise FormError([self._unsatisfied(path) for path in stuck], code="simulate.stuck")
        return self.instance

    def broken(self) -> list[str]:
        """The paths of what may not be handed in."""
        return [violation.path for violation in self.instance.violations() if violation.kind in BROKEN]

    def draw(self) -> bool:
        """One pass through the questions: answers what is required, and some of the rest. Whether anything changed."""
        changed = False
        for path, control in list(questions(self.instance)):
            instance = self.instance
            if path in self.given or not self.asked(path) or instance.readonly(path):
                continue
            if instance.value(path):
                changed = self._vary(path, control) or changed
                continue
            if not instance.required(path):
                if path in self.decided:
                    continue
                self.decided.add(path)
                if self.rng.random() >= self._share(control.nodeset):
                    continue
            elif self.optional and self.rng.random() < REASONS and self._give_reason(path):
                self.decided.add(path)
                changed = True
                continue
            changed = self.choose(path, control, (path,)) or changed
        return changed

    def _vary(self, path: str, control: Control) -> bool:
        """In a whole record an answer that the form gives itself is another one now and then. Whether it changed."""
        if not self.optional or path in self.decided:
            return False
        self.decided.add(path)
        wished = self.guide.hint(control.nodeset).draw is not None
        if not wished and self.rng.random() >= (ASKED_AGAIN if self.followed else VARIED):
            return False
        before = self.instance.value(path)
        self.choose(path, control, (path,))
        return self.instance.value(path) != before

    def _share(self, nodeset: str) -> float:
        share = self.guide.hint(nodeset).share
        return share if share is not None and self.optional else self.optional

    def mend(self, path: str) -> None:
        """Another value for a broken question; if there is none, also others for those that its constraint reads."""
        control = self.guide.controls.get(nodeset_of(path))
        bind = self.form.binds.get(nodeset_of(path))
        if control is None or bind is None:
            return
        mine = path not in self.given and self._open(path)
        if mine and self.choose(path, control, (path,)):
            return
        read = references(bind.constraint, bind.nodeset) if bind.constraint is not None else frozenset()
        for nodeset in sorted(read - {bind.nodeset}):
            other, cause = self.guide.controls.get(nodeset), locate(nodeset, path) if nodeset in self.form.binds else ""
            if other is None or not cause or cause in self.given or not self._open(cause):
                continue
            for _ in range(REDRAWS):
                watched = (cause,) if mine else (cause, path)
                if self.choose(cause, other, watched) and (not mine or self.choose(path, control, (path,))):
                    return

    def _open(self, path: str) -> bool:
        return self.asked(path) and not self.instance.readonly(path)

    def choose(self, path: str, control: Control, watched: tuple[str, ...]) -> bool:
        """Draws values for a question until none of the watched paths is broken. Whether one was found.

        A value that only warns is taken when there is no better; a missing reason when there is no value at all.
        """
        self.decided.add(path)
        instance, bind = self.instance, self.form.binds.get(control.nodeset, Bind(control.nodeset))
        judged = len(watched) > 1 or bind.constraint is not None or bind.warning is not None
        before = instance.value(path)
        warned: Answer = None
        for value in itertools.islice(self._candidates(path, control, bind), TRIES):
            instance.answer(path, value)
            if not judged and instance.value(path):
                return True
            kinds = {kind for each in watched for kind in self._wrong(each)}
            if not kinds:
                return True
            if not kinds & BROKEN and warned is None:
                warned = value
        if warned is not None:
            instance.answer(path, warned)
            return True
        instance.answer(path, before or None)
        return not before and self._give_reason(path)

    def _candidates(self, path: str, control: Control, bind: Bind) -> Iterator[Answer]:
        taken = self.forbidden.get(control.nodeset, frozenset())
        drawn = self.drawing.candidates(path, control, bind)
        for value in itertools.chain(self.wishes.get(path, ()), drawn):
            if not taken or value not in taken:
                yield value

    def _wrong(self, path: str) -> Iterator[str]:
        """What `Instance.violations` says of one question, without asking all others."""
        nodeset = nodeset_of(path)
        bind, instance = self.form.binds.get(nodeset), self.instance
        if bind is None or not self.asked(path):
            return
        value = instance.value(path)
        if not value:
            yield from ("required",) if instance.required(path) else ()
        elif not valid(value, bind.type) or self._ranged(nodeset):
            yield from (each.kind for each in instance.violations() if each.path == path)
        else:
            for kind, rule in (("constraint", bind.constraint), ("warning", bind.warning)):
                if rule is not None and not self._holds(rule, path, otherwise=kind == "warning"):
                    yield kind

    def asked(self, path: str) -> bool:
        """Whether a question is there and relevant: a repeat that counts itself may have lost the entry."""
        try:
            return self.instance.relevant(path)
        except AnswerError:
            return False

    def _ranged(self, nodeset: str) -> bool:
        control = self.guide.controls.get(nodeset)
        return control is not None and control.kind == "range"

    def _holds(self, rule: Expression, path: str, *, otherwise: bool) -> bool:
        try:
            return to_boolean(self.instance.evaluate(rule, path))  # type: ignore[arg-type]
        except XPathError:
            return otherwise

    def _give_reason(self, path: str) -> bool:
        """Gives a reason instead of an answer, where the form knows reasons (see `intake.xlsform`)."""
        reason = f"{path}__missing"
        control = self.guide.controls.get(nodeset_of(reason))
        if control is None or nodeset_of(reason) not in self.form.binds:
            return False
        offered = self.guide.choices(self.instance, reason, control)
        if offered:
            self.instance.answer(reason, self.rng.choice(offered))
        return bool(offered)

    def _unsatisfied(self, path: str) -> Problem:
        """What cannot be satisfied, with the rule in words, as far as it has any."""
        nodeset = nodeset_of(path)
        bind = self.form.binds.get(nodeset)
        fields = {"question": self.instance.label(path) or path}
        if bind is not None and self._nothing_offered(path, bind):
            return Problem("simulate.no_choices", Place(nodeset=path), fields)
        if bind is None or bind.constraint is None:
            return Problem("simulate.no_value", Place(nodeset=path), fields)
        read = (nodeset, *references(bind.constraint, nodeset))
        for language in ("de", "en"):
            names = {each: _name(self.form, each, language) for each in read if each in self.form.binds}
            fields[f"rule_{language}"] = condition_in_words(bind.constraint, names, language, here=nodeset)
        return Problem("simulate.no_value_by_rule", Place(nodeset=path), fields)

    def _nothing_offered(self, path: str, bind: Bind) -> bool:
        """Whether nothing could be tried at all: there is no choice to take."""
        control = self.guide.controls.get(bind.nodeset)
        if control is None or control.kind not in ("select1", "select", "rank"):
            return False
        return not self.guide.choices(self.instance, path, control)


def _name(form: Form, nodeset: str, language: str) -> Name:
    kind = form.binds[nodeset].type
    return Name(question_label(form, nodeset, language), "", kind, choice_labels(form, nodeset, language))


def never_answered(form: Form, answered: Iterable[str]) -> list[str]:
    """The questions of the form that are not among the answered nodesets, in its order."""
    known = set(answered)
    return [control.nodeset for control in form.controls() if control.nodeset not in known]
