"""What an operation of a browser means for the journal: keys become paths, what was typed what the record holds.

Paths are those of the moment, so that a replay finds the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any

from intake.interview.conflict import ANSWERS, overtaken
from intake.interview.course import Course
from intake.interview.description import Element
from intake.interview.drawing import Drawing, State
from intake.interview.entry import entered
from intake.interview.paradata import INTERPRETER, INTERPRETERS
from intake.store import Attachment
from validation.errors import AnswerError
from validation.instance import locate

KEPT = frozenset({"", "asked", "as_told", "later"})
"""Why a warning was kept: asked again and confirmed, as the person said it, will be checked later; '' is not kept."""

SAID = frozenset({"", "changed", "corrected"})
"""What a person says of an earlier answer: life went on since, or it was wrong; '' takes that back."""

Keep = Callable[[str, str, object], Attachment]


class Orders:
    """Reads operations against an interview as it is: `state` is what the screen knows, `keep` puts a file by,
    `last` gives the answer of before that may be confirmed, '' for none."""

    def __init__(
        self,
        course: Course,
        drawing: Drawing,
        state: State,
        zone: tzinfo | None,
        keep: Keep,
        last: Callable[[str], str],
    ) -> None:
        self.course = course
        self.drawing = drawing
        self.state = state
        self._zone = zone
        self._keep = keep
        self._last = last

    def path(self, key: str) -> str | None:
        """Where an element is now; None where the entry it belongs to is not there any more, or nothing is meant."""
        if key in self.state.paths:
            return self.state.paths[key]
        entry, _, name = key.rpartition("/")
        element = self.drawing.elements.get(name)
        if element is None or not element.nodeset:
            return None
        if not entry:  # below something that is not asked now, so nobody drew it
            return element.nodeset
        place = self.state.paths.get(f"{entry}/")
        return locate(element.nodeset, place) if place is not None else None

    def question(self, key: str) -> tuple[Element, str]:
        """The question that stands under a key, and its path. AnswerError when none does."""
        path = self._there(key)
        element = self.drawing.elements.get(key.rsplit("/", 1)[-1])
        if element is None or element.kind != "question":
            raise AnswerError("interview.unreadable")
        return element, path

    def refuse_overtaken(self, message: Mapping[str, Any], key: str | None = None) -> None:
        """Handing in, taking back, taking away and files are for who has seen what another window did. AnswerError."""
        if overtaken(self.course, message, key):
            raise AnswerError("interview.elsewhere")

    def payload(self, op_id: str, op: str, key: str, message: Mapping[str, Any]) -> Mapping[str, object] | None:
        """What the journal is to keep (`intake.interview.course`); None where there is nothing to do.

        AnswerError for what makes no sense here.
        """
        value = message.get("value")
        match op:
            case "answer" | "reason":
                path, text = self._there(key), self._text(key, op, value)
                return {"op": "answer", "path": f"{path}__missing" if op == "reason" else path, "value": text}
            case "attach":
                self.refuse_overtaken(message, key)
                path, kept = self.question(key)[1], self._keep(op_id, key, value)
                return {"op": "attach", "path": path, "value": kept.name, "hash": kept.sha256}
            case "detach":
                self.refuse_overtaken(message, key)
                return {"op": "answer", "path": self.question(key)[1], "value": ""}
            case "add_repeat":
                return {"op": "add_repeat", "path": self._there(key)}
            case "remove_repeat":
                self.refuse_overtaken(message, f"{value}/")
                return {"op": "remove_repeat", "path": self._there(f"{value}/")}
            case "override":
                path = self.question(key)[1]
                return {"op": "override", "path": path, "reason": _one_of(value, KEPT)}
            case "how" if value == "confirmed":
                self.refuse_overtaken(message, key)
                return {"op": "answer", "path": (path := self.question(key)[1]), "value": self._before(path)}
            case "how":
                return {"op": "how", "path": self.question(key)[1], "how": _one_of(value, SAID)}
            case "undo":
                self.refuse_overtaken(message)
                change = self.course.last_change()
                return {"op": "undo", "of": [step.op_id for step in change]} if change else None
            case "language":
                chosen = value if isinstance(value, Mapping) else {"second": value}
                return {"op": "language", **{name: str(chosen.get(name) or "") for name in ("first", "second")}}
            case "visit" if key in self.drawing.elements:
                return {"op": "visit", "section": key}
            case "setting" if key == INTERPRETER:
                return {"op": "setting", "name": key, "value": _one_of(value, INTERPRETERS)}
        raise AnswerError("interview.unreadable")

    def _before(self, path: str) -> str:
        if not (last := self._last(path)):
            raise AnswerError("interview.unreadable")
        return last

    def _there(self, key: str) -> str:
        path = self.path(key)
        if path is None:
            raise AnswerError("interview.unreadable")
        return path

    def _text(self, key: str, op: str, value: object) -> str:
        element = self.drawing.elements[key.rsplit("/", 1)[-1]]
        if not isinstance(value, str) or (op in ANSWERS and element.kind != "question"):
            raise AnswerError("interview.unreadable")
        if op == "reason":
            if element.missing is None:
                raise AnswerError("interview.unreadable")
            return value
        return entered(value, element.type, self.drawing.languages[0].catalogue, self._zone)


def _one_of(value: object, known: frozenset[str]) -> str:
    if not isinstance(value, str) or value not in known:
        raise AnswerError("interview.unreadable")
    return value
