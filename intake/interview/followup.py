"""A follow-up: what is known of before, how it is shown again, and how the answers of now relate to it.

The column `follow_up` of a question decides:

    proactive     the answer of before is shown and asked about; one click confirms it
    reactive      asked blind; the answer of before is shown where the one of now differs
    independent   asked afresh, the answer of before is never shown
    carry         the answer of before is there already; where it is not, it is shown as with proactive

What follows from the two answers (confirmed, new, and changed where nobody said otherwise) is found out when it is
needed. Only what a person must say is an operation: that an earlier answer was wrong, or that life went on. Drawn as
`last` in the state of a question:

    mode       the column, or 'household' for what was taken over from the first person of it
    state      'open' (no answer yet), 'same', 'differs'
    text, on   the answer of before in each language shown, and of which day it is (ISO); empty for 'household'
    how        'changed' or 'corrected' where somebody said so
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import Any, Protocol

from intake.how import HOWS
from intake.interview.conflict import worded
from intake.interview.course import Course
from intake.interview.description import Element, Json
from intake.interview.drawing import Drawing, State
from validation.errors import AnswerError
from validation.form import Form
from validation.instance import Instance

HOUSEHOLD = "household"
CARRY = "carry"
CARRIED = "carried"
"""How the course of an interview marks what was taken over and not asked; a record never says it."""

_SAVE_TO = "{http://www.opendatakit.org/xforms/entities}saveto"
_NUMBERS = frozenset({"int", "decimal"})
_UNSAID = frozenset({"upload", "unsupported", "note", "output", "header"})


class Last(Protocol):
    """An answer of before and of which day it is."""

    @property
    def value(self) -> str: ...
    @property
    def on(self) -> date: ...


LastState = Mapping[str, Last] | Callable[[Instance], Mapping[str, Last]]
"""{path of a question: its answer of before}, or what gives it for a record as it is ('/data/ziel[2]/stand')."""


class FollowUp:
    """What an interview knows of before. None where it is no follow-up; then nothing is drawn, and of a record that was
    opened again what it says already stays."""

    def __init__(self, form: Form, last: LastState | None) -> None:
        self._last = last
        self._modes = {
            nodeset: bind.columns["follow_up"] for nodeset, bind in form.binds.items() if bind.columns.get("follow_up")
        }
        self._saved = {nodeset for nodeset, bind in form.binds.items() if _SAVE_TO in bind.attributes}

    @property
    def known(self) -> bool:
        """Whether anything may be known of before, sooner or later."""
        return self._last is not None

    def before(self, instance: Instance) -> Mapping[str, Last]:
        """The answers of before by path, for a record as it is."""
        if self._last is None:
            return {}
        found = self._last(instance) if callable(self._last) else self._last
        return {path: last for path, last in found.items() if last.value}

    def carried(self, instance: Instance) -> dict[str, str]:
        """{path: answer} of what is filled in at the start; '' where only the entry is needed in which it is asked."""
        found = {}
        for path, last in self.before(instance).items():
            mode = self._modes.get(nodeset_of(path), "independent")
            if mode == CARRY or (mode != "independent" and "[" in path):
                found[path] = last.value if mode == CARRY else ""
        return found

    def confirmable(self, path: str, instance: Instance) -> str:
        """The answer of before that a click may confirm; '' where none was shown."""
        last = self.before(instance).get(path)
        return last.value if last is not None and self._modes.get(nodeset_of(path)) in ("proactive", CARRY) else ""

    def draw(self, state: State, course: Course, drawing: Drawing) -> None:
        """Put `last` into the states of the questions that show it."""
        if self._last is None and not course.hows:
            return
        known = self.before(course.instance)
        for key, path, element in _questions(state, drawing):
            if shown := self._shown(key, path, element, known.get(path), course, drawing):
                state.nodes[key]["last"] = shown

    def hows(self, state: State, course: Course, drawing: Drawing) -> dict[str, str]:
        """{path: how} of every answer that is asked and has one."""
        known = self.before(course.instance)
        found = {}
        for key, path, element in _questions(state, drawing):
            value = course.instance.value(path)
            if value and (how := self._how(element, value, known, path, course, key)):
                found[path] = how
        return found

    # --- inside

    def _how(self, element: Element, value: str, known: Mapping[str, Last], path: str, course: Course, key: str) -> str:
        mode, last, said = self._modes.get(element.nodeset, ""), known.get(path), course.hows.get(key, "")
        if not known:  # no follow-up; a record that is opened again says what it said
            return said if said in HOWS else ""
        if not mode or said == CARRIED:
            return ""
        if last is None or mode == "independent":
            return "new" if last is not None or element.nodeset in self._saved else ""
        if is_same(element, value, last.value):
            return "confirmed" if mode != CARRY or said == "confirmed" or course.was_answered(key) else ""
        return said if said in ("changed", "corrected") else "changed"

    def _shown(
        self, key: str, path: str, element: Element, last: Last | None, course: Course, drawing: Drawing
    ) -> Json | None:
        said = course.hows.get(key, "")
        if said == CARRIED:
            return {"mode": HOUSEHOLD, "state": "same", "text": [], "on": "", "how": ""}
        mode = self._modes.get(element.nodeset, "")
        if last is None or mode in ("", "independent") or element.control in _UNSAID:
            return None
        value = course.instance.value(path)
        state = "open" if not value else "same" if is_same(element, value, last.value) else "differs"
        if mode == "reactive" and state != "differs":  # it is asked blind
            return None
        text = worded(course.instance, element, path, drawing, last.value, "")
        how = said if said in ("changed", "corrected") else ""
        return {"mode": mode, "state": state, "text": text, "on": last.on.isoformat(), "how": how}


def fill(course: Course, answers: Mapping[str, str], take: Callable[[Json], Any], how: str = "") -> None:
    """Put answers into a record that nobody gave in this interview, as far as they are asked, with the entries they
    need; `take` does each operation. A question that is answered already keeps its answer; `how` marks the others."""
    for path in answers:
        _open_entries(course, path, take)
    waiting = {path: value for path, value in answers.items() if value}
    taken = True
    while taken:  # an answer may make others asked
        taken = False
        for path in [each for each in waiting if _is_asked(course.instance, each)]:
            value = waiting.pop(path)
            taken = True
            if course.instance.value(path):
                continue
            take({"op": "answer", "path": path, "value": value, "brought": True})
            if how:
                take({"op": "how", "path": path, "how": how, "brought": True})


def is_same(element: Element, one: str, other: str) -> bool:
    """Whether two answers to a question say the same: in any order where several are chosen, numbers by their value."""
    if one == other:
        return True
    if element.control == "select":
        return set(one.split()) == set(other.split())
    if element.type in _NUMBERS:
        with suppress(ValueError):
            return float(one) == float(other)
    return False


def nodeset_of(path: str) -> str:
    """A path without the positions of entries."""
    return "/".join(step.partition("[")[0] for step in path.split("/"))


def _questions(state: State, drawing: Drawing) -> Iterator[tuple[str, str, Element]]:
    for key, path in state.paths.items():
        if "value" in state.nodes.get(key, {}):
            yield key, path, drawing.elements[key.rpartition("/")[2]]


def _open_entries(course: Course, path: str, take: Callable[[Json], Any]) -> None:
    """Add entries until there is the one that a path leads into; where their number is the form's, it stays."""
    steps = path.split("/")
    for length in range(2, len(steps)):
        step, _, place = steps[length].partition("[")
        repeat = "/".join([*steps[:length], step])
        if not place:
            continue
        with suppress(AnswerError):
            while len(course.instance.entries(repeat)) < int(place.rstrip("]")):
                take({"op": "add_repeat", "path": repeat, "brought": True})


def _is_asked(instance: Instance, path: str) -> bool:
    try:
        return instance.relevant(path) and not instance.readonly(path)
    except AnswerError:
        return False
