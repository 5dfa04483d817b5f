"""What the operations of an interview make of it: the record, the languages shown, the warnings that were kept.

The same operations in the same order always make the same course. A draft resumed tomorrow is a replay of its journal,
and a change that is taken back is a replay without it. What the journal keeps of an operation:

    {"op": "answer", "path", "value"}              a reason for no answer is an answer to '<path>__missing'
    {"op": "attach", "path", "value", "hash"}      a file was handed in under this name
    {"op": "add_repeat" | "remove_repeat", "path"}
    {"op": "override", "path", "reason"}           a warning was looked at and kept; '' takes that back
                     … "brought": true             it came with a record that was opened again; nobody did it here
    {"op": "how", "path", "how"}                   of a follow-up: 'changed' or 'corrected'; '' takes that back
                     … "brought": true             it came with the record, or 'carried': nobody asked
    {"op": "undo", "of": [op id, …]}               these operations count no longer
    {"op": "language", "first", "second"}          '' is none; without "first" the first one stays
    {"op": "visit", "section"}, {"op": "setting", "name", "value"}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from validation.errors import AnswerError
from validation.form import Form
from validation.instance import Instance

CHANGES = frozenset({"answer", "attach", "add_repeat", "remove_repeat", "override", "how"})
"""The operations that can be taken back."""
LONGEST_PAUSE = timedelta(minutes=5)
"""A longer pause ends a run of key strokes, and counts as this long where time is measured."""

_POSITION = re.compile(r"\[\d+\]")
_LASTING = frozenset({"changed", "corrected", "new"})


@dataclass(frozen=True, slots=True)
class Step:
    """An operation that was done. `key` is the element it was done to, '' for none; `foreign` that it came from the
    journal and may be another window's; `moment` when it was done."""

    op_id: str
    payload: Mapping[str, Any]
    moment: datetime
    key: str = ""
    foreign: bool = False

    @property
    def op(self) -> str:
        return str(self.payload["op"])

    @property
    def brought(self) -> bool:
        """Whether it came with the record that the interview started from, so that nobody did it in this one."""
        return bool(self.payload.get("brought"))


class Course:
    """An interview as its steps made it.

    `make` gives the record as it was before the first of them, the same one each time; `ids` {nodeset: element id}.
    `shown` are the languages on screen, the first one first; `overrides` {key: reason}; `hows` {key: how an answer came
    about, as far as somebody said it}; `settings` {name: value}.
    """

    def __init__(
        self, form: Form, ids: Mapping[str, str], make: Callable[[], Instance], languages: Sequence[str]
    ) -> None:
        self.form = form
        self.steps: list[Step] = []
        self._ids = ids
        self._make = make
        self._languages = tuple(languages)
        self._undone: set[str] = set()
        self._begin()

    def _begin(self) -> None:
        self.instance = self._make()
        self.shown = list(self._languages)
        self.spoken = dict.fromkeys(self._languages)  # every language that was ever shown, in order
        self.overrides: dict[str, str] = {}
        self.hows: dict[str, str] = {}
        self.settings: dict[str, str] = {}

    def take(self, op_id: str, payload: Mapping[str, Any], moment: datetime, *, foreign: bool = False) -> Step:
        """Do an operation. AnswerError, and nothing is changed, where it cannot be done; also where anything else goes
        wrong nothing is, so that the same can be tried again."""
        step = Step(op_id, payload, moment, self._key_of(payload), foreign)
        if step.op == "undo":
            self._take_back(step)
            return step
        try:
            self._apply(payload)
        except AnswerError:
            raise
        except Exception:
            self._again()  # half of it may be done
            raise
        self.steps.append(step)
        return step

    def _take_back(self, step: Step) -> None:
        before = dict(vars(self))  # a replay makes everything anew and changes nothing in place
        try:
            self._undone = self._undone | set(step.payload["of"])
            self.steps = [*self.steps, step]
            self._again()
        except Exception:
            vars(self).update(before)
            raise

    def restore(
        self, done: Iterable[tuple[str, Mapping[str, Any], datetime]], mine: Container[str] = frozenset()
    ) -> None:
        """Do what the journal holds, from the beginning. `mine` are the ids of this window's own operations."""
        self.steps = [Step(op_id, payload, moment, "", op_id not in mine) for op_id, payload, moment in done]
        self._undone = {op_id for step in self.steps if step.op == "undo" for op_id in step.payload["of"]}
        self._again()

    def own(self, op_ids: Container[str]) -> None:
        """Say of steps from the journal that they are this window's own."""
        self.steps = [replace(step, foreign=step.foreign and step.op_id not in op_ids) for step in self.steps]

    def last_change(self) -> list[Step]:
        """The steps that taking back the last change takes back, the latest first; empty where there is none.

        Answers to one question in a row are one change, until something else is done or a long pause is made.
        """
        run: list[Step] = []
        for step in reversed(self.steps):
            if step.op_id in self._undone or step.op not in CHANGES or step.brought:
                if run:
                    break
                continue
            if run and (step.op != "answer" or step.key != run[-1].key):
                break
            if run and run[-1].moment - step.moment > LONGEST_PAUSE:
                break
            run.append(step)
            if step.op != "answer":
                break
        return run

    @property
    def place(self) -> str:
        """The key of what was last done something to; '' before the first, and for what is drawn no more."""
        return next((step.key for step in reversed(self.steps) if step.key and not step.brought), "")

    def was_answered(self, key: str) -> bool:
        """Whether somebody gave the answer that stands at a question in this interview: it was not there already."""
        steps = (step for step in reversed(self.steps) if step.key == key and step.op_id not in self._undone)
        return next((not step.brought for step in steps if step.op in ("answer", "attach")), False)

    def key_of(self, path: str) -> str:
        """The key of the question, group or repeat at a path; '' where nothing is drawn for it.

        AnswerError where an entry above it is not there.
        """
        nodeset = _POSITION.sub("", path)
        name = self._ids.get(nodeset) or self._ids.get(nodeset.removesuffix("__missing"), "")
        steps = path.split("/")
        for length in range(len(steps) - 1, 1, -1):
            above = "/".join(steps[:length])
            if _POSITION.sub("", above) in self.form.repeats:
                return f"{self.instance.entry_id(above)}/{name}" if name else ""
        return name

    def _key_of(self, payload: Mapping[str, Any]) -> str:
        if payload["op"] == "undo":
            taken = set(payload["of"])
            return next((step.key for step in reversed(self.steps) if step.op_id in taken), "")
        try:
            return self.key_of(payload["path"]) if "path" in payload else ""
        except AnswerError:  # of an entry whose making was taken back
            return ""

    def _again(self) -> None:
        self._begin()
        done, self.steps = self.steps, []
        for step in done:
            key = step.key or self._key_of(step.payload)
            if step.op != "undo" and step.op_id not in self._undone:
                self._apply(step.payload)
            self.steps.append(replace(step, key=key))

    def _apply(self, payload: Mapping[str, Any]) -> None:
        match payload["op"]:
            case "answer" | "attach":
                if self.overrides or self.hows:
                    self._forget(payload["path"], payload["value"])
                self.instance.answer(payload["path"], payload["value"])
            case "add_repeat":
                self.instance.add_repeat(payload["path"])
            case "remove_repeat":
                self.instance.remove_repeat(payload["path"])
            case "override":
                _set(self.overrides, self.key_of(payload["path"]), payload["reason"])
            case "how":
                _set(self.hows, self.key_of(payload["path"]), payload["how"])
            case "language":
                self._show(payload.get("first"), payload.get("second"))
            case "setting":
                self.settings[payload["name"]] = payload["value"]

    def _forget(self, path: str, value: object) -> None:
        """A warning was kept for the answer that was there, not for the next one. How an answer came about holds on
        where a person said that the one of before changed or was wrong."""
        if self.instance.value(path) == value:
            return
        key = self.key_of(path)
        self.overrides.pop(key, None)
        if not value or self.hows.get(key) not in _LASTING:
            self.hows.pop(key, None)

    def _show(self, first: object, second: object) -> None:
        if isinstance(first, str) and first in self.form.languages and first != self.shown[0]:
            self.instance.set_language(first)
            self.shown[0] = first
        wanted = isinstance(second, str) and second in self.form.languages and second != self.shown[0]
        self.shown = [self.shown[0], *([str(second)] if wanted else [])]
        self.spoken |= dict.fromkeys(self.shown)


def _set(kept: dict[str, str], key: str, said: str) -> None:
    if said:
        kept[key] = said
    else:
        kept.pop(key, None)
