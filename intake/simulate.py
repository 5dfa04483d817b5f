"""Records that obey a form, made up: for the demo, for trying out a form before anybody is asked, for tests.

    fill(form, answers, rng=…, now=…) -> Instance        the given answers, then every other required question
    simulate(form, n, seed, now) -> Iterator[Submission] whole records, optional questions and repeats included

Nothing here knows a particular form. Values are drawn from what the form itself says: the choices that are offered,
numbers, dates and patterns in the constraint. What is drawn is believable only where the caller gives the answers.
"""

from __future__ import annotations

import itertools
import random
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from intake.pattern import matching, patterns_in
from intake.submission import Submission
from validation.errors import AnswerError, FormError, Place, Problem
from validation.form import Bind, Control, Form, Group, Repeat
from validation.instance import Instance, locate
from validation.xpath.parser import references

Answer: TypeAlias = str | int | float | Decimal | bool | date | datetime | list[str] | None

ROUNDS = 12  # how often the form is gone through: one answer makes others relevant
REDRAWS = 8  # how often a question another one depends on gets a new value
TRIES = 60  # values drawn for one question before its missing reason, or giving up
OPTIONAL = 0.65  # how many optional questions `simulate` answers
REASONS = 0.06  # how many required questions get a missing reason in `simulate`
MOST_ENTRIES = 3  # of a repeat in `simulate`
BROKEN = frozenset({"required", "constraint", "type"})
_MARK = re.compile(r"\[\d+\]")
_NUMBER = re.compile(r"(?<![\w.'])-?\d+(?:\.\d+)?(?![\w.'])")
_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_WORDS = "Dies ist eine erfundene Angabe, die nur zeigt, wie das Formular arbeitet. "


def fill(
    form: Form,
    answers: Mapping[str, Answer],
    *,
    rng: random.Random,
    now: datetime,
    optional: float = 0.0,
    xml: str | None = None,
    instances: Mapping[str, str] | None = None,
) -> Instance:
    """A live instance without violations of its constraints that holds the given answers.

    `answers` maps paths ('/data/child[2]/name') to values and is taken in its order; entries of repeats are added as
    far as it names them, and None for a repeat removes its entries. Then every relevant required question without an
    answer gets a permitted one, and each optional one with the probability `optional`. Given answers are never
    changed. Warnings are avoided where that is possible. `xml` continues an earlier record, `instances` are the files
    of the form's external lists by name.

    FormError (code 'simulate.stuck') names the questions for which no permitted value was found, AnswerError a path
    the form does not have.
    """
    instance = Instance(form, now=now, xml=xml, instances=instances, random=rng)
    _give(instance, answers)
    return _Filler(instance, frozenset(answers), rng, optional).run()


def simulate(
    form: Form, n: int, seed: int, now: datetime, *, instances: Mapping[str, str] | None = None
) -> Iterator[Submission]:
    """`n` records that obey the form, each ended at `now`. Equal arguments give equal records, ids included.

    `now` carries its zone. About two in three optional questions are answered, repeats have up to three entries.
    FormError as `fill`, when a record cannot be made.
    """
    for number in range(n):
        rng = random.Random(f"{seed}/{form.id}/{number}")  # noqa: S311 - synthetic data, no secret
        instance = Instance(form, now=now, instances=instances, random=rng)
        filler = _Filler(instance, frozenset(), rng, OPTIONAL)
        filler.draw()
        _add_entries(instance, rng)
        name = f"uuid:{uuid.UUID(int=rng.getrandbits(128), version=4)}"
        yield submit(filler.run(), name, started=now, ended=now, author="simulate")


def submit(instance: Instance, name: str, *, started: datetime, ended: datetime, author: str) -> Submission:
    """A filled instance as a submission with a given id ('uuid:…'), so that a seed gives the same records again."""
    from intake.submission import submission_from_instance

    made = submission_from_instance(instance, author=author, started=started, ended=ended)
    record = {key: name if key.endswith("/instanceID") else value for key, value in made.record.items()}
    return replace(made, id=name, record=record)


def questions(instance: Instance) -> Iterator[tuple[str, Control]]:
    """Every relevant question of a live instance with its path, in the order of the form, entry by entry."""
    for path, element in _live(instance, instance.form.body, ""):
        if isinstance(element, Control):
            yield path, element


def _live(
    instance: Instance, elements: Sequence[Control | Group | Repeat], entry: str
) -> Iterator[tuple[str, Control | Repeat]]:
    """Relevant questions and repeats; the path of a repeat is that of its nodeset in the entry it lies in."""
    for element in elements:
        path = "" if element.nodeset is None else locate(element.nodeset, entry) if entry else element.nodeset
        if isinstance(element, Repeat):
            entries = instance.entries(path)
            if entries and not instance.relevant(entries[0]):
                continue
            yield path, element
            for each in entries:
                yield from _live(instance, element.children, each)
        elif path and element.nodeset not in instance.form.repeats and not instance.relevant(path):
            continue  # a group around a repeat has the repeat's nodeset, which has no node of its own
        elif isinstance(element, Group):
            yield from _live(instance, element.children, entry)
        else:
            yield path, element


def _add_entries(instance: Instance, rng: random.Random) -> None:
    """Adds entries to every relevant repeat that the form does not count itself, inner ones included."""
    seen: set[str] = set()
    while True:
        found = [
            (path, element)
            for path, element in _live(instance, instance.form.body, "")
            if isinstance(element, Repeat) and path not in seen and element.count is None and not element.fixed
        ]
        if not found:
            return
        for path, _ in found:
            seen.add(path)
            for _ in range(rng.randint(0, MOST_ENTRIES) - len(instance.entries(path))):
                instance.add_repeat(path)


def _give(instance: Instance, answers: Mapping[str, Answer]) -> None:
    for path, value in answers.items():
        if value is None and _MARK.sub("", path) in instance.form.repeats:
            for entry in reversed(instance.entries(path)):
                instance.remove_repeat(entry)
            continue
        for mark in _MARK.finditer(path):
            repeat, wanted = path[: mark.start()], int(mark[0][1:-1])
            if _MARK.sub("", repeat) in instance.form.repeats:
                for _ in range(wanted - len(instance.entries(repeat))):
                    instance.add_repeat(repeat)
        instance.answer(path, value)


class _Filler:
    """Draws answers until nothing is missing and nothing broken."""

    def __init__(self, instance: Instance, given: frozenset[str], rng: random.Random, optional: float) -> None:
        self.instance = instance
        self.form = instance.form
        self.given = given
        self.rng = rng
        self.optional = optional
        self.decided: set[str] = set()

    def run(self) -> Instance:
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
            problems = [
                Problem("simulate.no_value", Place(nodeset=path), {"question": self.instance.label(path) or path})
                for path in stuck
            ]
            raise FormError(problems, code="simulate.stuck")
        return self.instance

    def broken(self) -> list[str]:
        return [violation.path for violation in self.instance.violations() if violation.kind in BROKEN]

    def draw(self) -> bool:
        """One pass through the questions: answers what is required, and some of the rest. Whether anything changed."""
        changed = False
        for path, control in list(questions(self.instance)):
            instance = self.instance
            if path in self.given or not instance.relevant(path) or instance.readonly(path) or instance.value(path):
                continue
            if not instance.required(path):
                if path in self.decided:
                    continue
                self.decided.add(path)
                if self.rng.random() >= self.optional:
                    continue
            elif self.optional and self.rng.random() < REASONS and self._give_reason(path):
                self.decided.add(path)
                changed = True
                continue
            changed = self.choose(path, control, (path,)) or changed
        return changed

    def mend(self, path: str) -> None:
        """Another value for a broken question; if there is none, also others for those that its constraint reads."""
        control = self.form.control(_MARK.sub("", path))
        bind = self.form.binds.get(_MARK.sub("", path))
        if control is None or bind is None:
            return
        mine = path not in self.given and self._open(path)
        if mine and self.choose(path, control, (path,)):
            return
        read = references(bind.constraint, bind.nodeset) if bind.constraint is not None else frozenset()
        for nodeset in sorted(read - {bind.nodeset}):
            other, cause = self.form.control(nodeset), locate(nodeset, path) if nodeset in self.form.binds else ""
            if other is None or not cause or cause in self.given or not self._open(cause):
                continue
            for _ in range(REDRAWS):
                watched = (cause,) if mine else (cause, path)
                if self.choose(cause, other, watched) and (not mine or self.choose(path, control, (path,))):
                    return

    def _open(self, path: str) -> bool:
        try:
            return self.instance.relevant(path) and not self.instance.readonly(path)
        except AnswerError:  # the constraint reads an entry that is not there
            return False

    def choose(self, path: str, control: Control, watched: tuple[str, ...]) -> bool:
        """Draws values for a question until none of the watched paths is broken. Whether one was found.

        A value that only warns is taken when there is no better; a missing reason when there is no value at all.
        """
        instance, bind = self.instance, self.form.binds.get(control.nodeset, Bind(control.nodeset))
        judged = len(watched) > 1 or bind.constraint is not None or bind.warning is not None
        before = instance.value(path)
        warned: Answer = None
        for value in itertools.islice(self.candidates(path, control, bind), TRIES):
            instance.answer(path, value)
            if not judged and instance.value(path):
                return True
            kinds = {violation.kind for violation in instance.violations() if violation.path in watched}
            if not kinds:
                return True
            if not kinds & BROKEN and warned is None:
                warned = value
        if warned is not None:
            instance.answer(path, warned)
            return True
        instance.answer(path, before or None)
        return not before and self._give_reason(path)

    def _give_reason(self, path: str) -> bool:
        """Gives a reason instead of an answer, where the form knows reasons (see `intake.xlsform`)."""
        reason = f"{path}__missing"
        if _MARK.sub("", reason) not in self.form.binds:
            return False
        offered = self.instance.choices(reason)
        if offered:
            self.instance.answer(reason, self.rng.choice(offered)[0])
        return bool(offered)

    def candidates(self, path: str, control: Control, bind: Bind) -> Iterator[Answer]:
        """Values worth trying, the likely ones first, without end for numbers, dates and texts."""
        rules = " ".join(rule.source for rule in (bind.constraint, bind.warning) if rule is not None)
        if control.kind in ("select1", "select", "rank"):
            offered = [value for value, _ in self.instance.choices(path)]
            self.rng.shuffle(offered)
            if control.kind == "select1":
                yield from offered
            elif control.kind == "rank":
                yield offered
            else:
                yield sorted(offered[: self.rng.randint(1, 2)])
                yield from ([value] for value in offered)
                yield offered
        elif control.kind == "trigger":
            yield "OK"
        elif control.kind == "upload":
            yield "beispiel.bin"
        elif bind.type in ("int", "decimal"):
            yield from self._numbers(control, rules, whole=bind.type == "int")
        elif bind.type in ("date", "dateTime"):
            yield from self._dates(bind.type)
        else:
            yield from self._texts(bind.type, rules)

    def _numbers(self, control: Control, rules: str, *, whole: bool) -> Iterator[Answer]:
        if "start" in control.attributes:
            start, end, step = (Decimal(control.attributes.get(name, "1")) for name in ("start", "end", "step"))
            steps = int((end - start) / step) if step else 0
            while True:
                value = start + step * self.rng.randint(0, max(steps, 0))
                yield int(value) if whole else value
        marks = [Decimal(number) for number in _NUMBER.findall(rules)] or [Decimal(0), Decimal(10)]
        low, high = min(marks), max(marks)
        while True:
            share = Decimal(self.rng.randint(0, 100)) / 100
            value = low + (high - low) * share
            value = self.rng.choice((value, value, self.rng.choice(marks) + self.rng.randint(-2, 2), Decimal(1)))
            yield int(value) if whole else value.quantize(Decimal("0.01"))

    def _dates(self, kind: str) -> Iterator[Answer]:
        now = self.instance.now
        known = [now.date()]
        for path, control in questions(self.instance):
            bind = self.form.binds.get(control.nodeset)
            if bind is not None and bind.type in ("date", "dateTime"):
                value = self.instance.typed(path)
                known += [value.date() if isinstance(value, datetime) else value] if isinstance(value, date) else []
        while True:
            spread = self.rng.choice((1, 60, 1500, 20000, 20000))
            day = self.rng.choice(known) + timedelta(self.rng.choice((-1, -1, 1)) * self.rng.randint(0, spread))
            yield day if kind == "date" else datetime.combine(day, now.time(), now.tzinfo)

    def _texts(self, kind: str, rules: str) -> Iterator[Answer]:
        fixed = {"time": "10:30:00.000", "geopoint": "48.72 8.81 0 0", "boolean": "true", "barcode": "4006381333931"}
        fixed |= {"geotrace": "48.72 8.81 0 0;48.73 8.82 0 0"}
        fixed |= {"geoshape": "48.72 8.81 0 0;48.73 8.82 0 0;48.72 8.83 0 0;48.72 8.81 0 0"}
        if kind in fixed:
            yield fixed[kind]
        patterns = patterns_in(rules)
        quoted = [single or double for single, double in _QUOTED.findall(rules)]
        lengths = [int(number) for number in _NUMBER.findall(rules) if number.isdigit() and int(number) < 10_000]
        while True:
            for pattern in patterns:
                yield matching(pattern, self.rng)
            yield f"Beispiel {self.rng.randint(1, 999)}"
            for length in lengths:
                longer = max(1, length + self.rng.choice((0, 1, 20, -1)))
                yield (_WORDS * (longer // len(_WORDS) + 1))[:longer].strip()
            yield from (text for text in quoted if text and text not in patterns)
            yield str(self.rng.randint(0, 999))
