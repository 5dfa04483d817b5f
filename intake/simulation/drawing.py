"""Values worth trying for a question: what its hint wishes first, then what the form itself says.

The form says which choices it offers, and its rules name numbers, dates, patterns and lengths.
"""

from __future__ import annotations

import calendar
import itertools
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from intake.pattern import matching, patterns_in
from intake.simulation.hints import COLUMN, Between, Day, Days, Hint, HintError, Serial, Weights, Words, parse_hint
from intake.simulation.limits import compared
from intake.simulation.walk import questions
from validation.errors import FormError, Place, Problem, XPathError
from validation.form import Bind, Control, Form
from validation.instance import Instance
from validation.layout import choice_values
from validation.xpath.parser import Expression, references
from validation.xpath.syntax import Literal, Number
from validation.xpath.values import to_number, to_string

Answer: TypeAlias = str | int | float | Decimal | bool | date | datetime | list[str] | None

PATIENCE = 30  # values drawn before those are tried that the constraint compares with
WISHES = 20  # values drawn as the hint wishes before the form alone decides
_NUMBER = re.compile(r"(?<![\w.'])-?\d+(?:\.\d+)?(?![\w.'])")
_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_WORDS = "Dies ist eine erfundene Angabe, die nur zeigt, wie das Formular arbeitet. "
_SURNAMES = ("Muster", "Beispiel", "Probst", "Lindner", "Sahin", "Haddad", "Kovalenko", "Rahimi", "Tesfay", "Diallo")
_FORENAMES = ("Alex", "Amal", "Dana", "Ilir", "Kim", "Mina", "Noor", "Olena", "Robin", "Sami", "Yonas", "Zahra")
_MOVING = ("now()", "today()", "random", "uuid", "position", "jr:choice-name")  # may differ from record to record


@dataclass(slots=True)
class Guide:
    """What is the same for all records of a form: its hints by nodeset, and the choices that nothing filters.

    Made once for many records. FormError where a hint is not understood, or names a choice that the question has not.
    """

    form: Form
    hints: Mapping[str, Hint] = field(default_factory=dict)
    offered: dict[str, tuple[str, ...]] = field(default_factory=dict)
    controls: dict[str, Control] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.hints = _hints(self.form)
        for control in self.form.controls():
            self.controls.setdefault(control.nodeset, control)

    def hint(self, nodeset: str) -> Hint:
        """The hint of a nodeset; one that wishes nothing where it has none."""
        return self.hints.get(nodeset, _NONE)

    def choices(self, instance: Instance, path: str, control: Control) -> list[str]:
        """The values that a question offers now."""
        known = self.offered.get(control.nodeset)
        if known is None:
            known = tuple(value for value, _ in instance.choices(path))
            if _is_fixed(control):
                self.offered[control.nodeset] = known
        return list(known)


_NONE = Hint()


def _is_fixed(control: Control) -> bool:
    if control.itemset is None:
        return True
    expression = control.itemset.nodeset
    read = references(expression, control.nodeset)
    moving = any(word in expression.source for word in _MOVING) or control.itemset.randomize is not None
    return not moving and all(path.startswith("instance(") for path in read)


def _hints(form: Form) -> dict[str, Hint]:
    found: dict[str, Hint] = {}
    problems: list[Problem] = []
    names = {nodeset.rpartition("/")[2] for nodeset in form.binds}
    for nodeset, bind in form.binds.items():
        text = bind.columns.get(COLUMN, "")
        if not text:
            continue
        try:
            hint = found[nodeset] = parse_hint(text)
        except HintError as error:
            problems.append(Problem("simulate.hint_bad", Place(nodeset=nodeset), {"part": str(error)}))
            continue
        values = choice_values(form, nodeset)
        named = [*(hint.draw.of if isinstance(hint.draw, Weights) else ()), *hint.moves]
        named += [value for values_after in hint.moves.values() for value in values_after]
        days = (hint.draw.first, hint.draw.last) if isinstance(hint.draw, Days) else ()
        anchors = [day.anchor for day in days if day.anchor != "today" and not day.anchor[0].isdigit()]
        unknown = [name for name in named if values is not None and name not in values]
        unknown += [anchor for anchor in anchors if anchor not in names]
        problems += [
            Problem("simulate.hint_bad", Place(nodeset=nodeset), {"part": name}) for name in dict.fromkeys(unknown)
        ]
    if problems:
        raise FormError(problems, code="simulate.hints")
    return found


class Drawing:
    """Draws values for the questions of one live record. `number` counts the records, for `serial`."""

    def __init__(self, instance: Instance, guide: Guide, rng: random.Random, number: int = 0) -> None:
        self.instance = instance
        self.guide = guide
        self.rng = rng
        self.number = number

    def candidates(self, path: str, control: Control, bind: Bind) -> Iterator[Answer]:
        """Values worth trying, the likely ones first, without end for numbers, dates and texts."""
        hint = self.guide.hint(control.nodeset)
        if hint.draw is not None:
            yield from self._wished(path, control, bind, hint)
        yield from self._aimed(path, bind, ("=",))
        drawn = self._drawn(path, control, bind)
        yield from itertools.islice(drawn, PATIENCE)
        yield from self._aimed(path, bind, ("<", "<=", ">", ">="))
        yield from drawn

    def _drawn(self, path: str, control: Control, bind: Bind) -> Iterator[Answer]:
        rules = " ".join(rule.source for rule in (bind.constraint, bind.warning) if rule is not None)
        if control.kind in ("select1", "select", "rank"):
            yield from self._chosen(path, control)
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

    def _chosen(self, path: str, control: Control) -> Iterator[Answer]:
        offered = self.guide.choices(self.instance, path, control)
        if self.instance.takes_any_choice(path):  # an entity that some other record makes
            offered = [f"E-{self.rng.randrange(1_000_000):06d}"]
        self.rng.shuffle(offered)
        if control.kind == "select1":
            yield from offered
        elif control.kind == "rank":
            yield offered
        else:
            yield sorted(offered[: self.rng.randint(1, 2)])
            yield from ([value] for value in offered)
            yield offered

    def _aimed(self, path: str, bind: Bind, signs: tuple[str, ...]) -> Iterator[Answer]:
        """What the constraint compares with, computed now, and the next value to its good side."""
        for sign, term in compared(bind.constraint, bind.nodeset):
            if sign not in signs or (sign == "=" and isinstance(term, Literal | Number)):
                continue
            try:
                found = self.instance.evaluate(Expression(str(term), term), path)
            except XPathError:
                continue
            value = _as_answer(found, bind.type)
            more = {"<": -1, ">": 1}.get(sign, 0)
            if isinstance(value, date) and not isinstance(value, datetime):
                yield value + timedelta(more)
            elif isinstance(value, int | Decimal):
                yield value + more
            elif value is not None and not more:
                yield value

    # --- as the hint wishes

    def _wished(self, path: str, control: Control, bind: Bind, hint: Hint) -> Iterator[Answer]:
        draw = hint.draw
        made: Callable[[], Answer]
        if isinstance(draw, Weights):
            yield from self._weighed(path, control, bind, draw)
            return
        if isinstance(draw, Serial):
            text = f"{draw.before}{draw.first + self.number:0{draw.digits}d}{draw.after}"
            yield text
            return
        if isinstance(draw, Between):
            made = lambda: self._between(draw, bind.type)  # noqa: E731 - the shortest way to say it
        elif isinstance(draw, Days):
            made = lambda: self._day(path, draw, bind.type)  # noqa: E731
        elif isinstance(draw, Words):
            made = lambda: self._words(draw)  # noqa: E731
        else:
            return
        for _ in range(WISHES):
            if (value := made()) is not None:
                yield value

    def _weighed(self, path: str, control: Control, bind: Bind, weights: Weights) -> Iterator[Answer]:
        named = {name: weight for name, weight in weights.of.items() if weight > 0}
        if control.kind in ("select1", "select", "rank"):
            offered = set(self.guide.choices(self.instance, path, control))
            named = {name: weight for name, weight in named.items() if name in offered}
        drawn: list[str] = []
        while named:
            (name,) = self.rng.choices(list(named), list(named.values()))
            drawn.append(name)
            del named[name]
        if control.kind == "select":
            yield sorted(drawn[: self.rng.randint(1, 2)])
            yield from ([name] for name in drawn)
        elif control.kind == "select1" or bind.type not in ("int", "decimal"):
            yield from drawn
        else:
            yield from (int(name) if bind.type == "int" else Decimal(name) for name in drawn)

    def _between(self, draw: Between, kind: str) -> Answer:
        if draw.mean:
            value = Decimal(repr(self.rng.gauss(float(draw.low), float(draw.high))))
        elif kind == "int":
            return self.rng.randint(int(draw.low), int(draw.high))
        else:
            value = draw.low + (draw.high - draw.low) * Decimal(repr(self.rng.random()))
        return int(value.to_integral_value()) if kind == "int" else value.quantize(Decimal("0.01"))

    def _day(self, path: str, draw: Days, kind: str) -> Answer:
        ends = [self._at(path, day) for day in (draw.first, draw.last)]
        if ends[0] is None or ends[1] is None or ends[0] > ends[1]:
            return None
        day = ends[0] + timedelta(self.rng.randint(0, (ends[1] - ends[0]).days))
        return day if kind == "date" else self._moment(day)

    def _at(self, path: str, day: Day) -> date | None:
        """The day that is meant; None where it hangs on a question without an answer."""
        start: object = self.instance.now.date()
        if day.anchor[0].isdigit():
            start = date.fromisoformat(day.anchor)
        elif day.anchor != "today":
            found = [(place, control) for place, control in questions(self.instance)
                     if control.nodeset.rpartition("/")[2] == day.anchor]  # fmt: skip
            found.sort(
                key=lambda each: each[0].rpartition("/")[0] != path.rpartition("/")[0]
            )  # of the same entry first
            start = self.instance.typed(found[0][0]) if found else None
        if isinstance(start, datetime):
            start = start.date()
        try:
            return shifted(start, day.amount, day.unit) if isinstance(start, date) else None
        except (ValueError, OverflowError):
            return None

    def _words(self, draw: Words) -> Answer:
        if not draw.length:
            return f"{self.rng.choice(_SURNAMES)}, {self.rng.choice(_FORENAMES)}"
        length = max(1, round(draw.length * self.rng.uniform(0.7, 1.3)))
        return (_WORDS * (length // len(_WORDS) + 1))[:length].strip()

    def _moment(self, day: date) -> datetime:
        return datetime.combine(day, self.instance.now.time(), self.instance.now.tzinfo)

    # --- as the form says

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
            bind = self.guide.form.binds.get(control.nodeset)
            if bind is not None and bind.type in ("date", "dateTime"):
                value = self.instance.typed(path)
                known += [value.date() if isinstance(value, datetime) else value] if isinstance(value, date) else []
        while True:
            spread = self.rng.choice((1, 60, 1500, 20000, 20000))
            near, way = self.rng.choice(known), self.rng.choice((-1, -1, 1))
            try:
                day = near + timedelta(way * self.rng.randint(0, spread))
            except OverflowError:  # an answer at the end of the calendar
                continue
            yield day if kind == "date" else self._moment(day)

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


def _as_answer(found: object, kind: str) -> Answer:
    """The value of an expression as an answer of a type; None where it is none."""
    try:
        if kind in ("int", "decimal"):
            number = Decimal(repr(to_number(found)))  # type: ignore[arg-type]
            whole = kind == "int" or number == number.to_integral_value()
            return int(number) if whole else number
        text = to_string(found)  # type: ignore[arg-type]
        return date.fromisoformat(text[:10]) if kind == "date" else text or None
    except (ValueError, ArithmeticError):
        return None


def shifted(day: date, amount: int, unit: str) -> date:
    """A day later (earlier where negative) by days, weeks, months or years; the last of a month stays inside it."""
    if unit in "dw":
        return day + timedelta(amount * (7 if unit == "w" else 1))
    months = day.year * 12 + day.month - 1 + amount * (12 if unit == "y" else 1)
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
