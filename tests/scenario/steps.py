"""A scenario on a live instance: getodk/web-forms' Scenario calls over our public surface.

The positional calls (`next`, `atQuestion`, …) walk the relevant questions, groups, entries and "add another" prompts
in the record's order, as Scenario does. Two things are read differently here, because the engine decides them
differently on purpose: an ill-typed answer stays in the record and is a violation of kind 'type', so as an *answer*
it counts as none; and a number keeps the spelling it was given.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from validation import Instance
from validation.datatypes import canonical
from validation.form import Bind, Control, Form, Group, Repeat
from validation.messages import say
from validation.tree import Node
from validation.violations import Violation, ui_language

Opener = Callable[..., Instance]


class StepFailedError(AssertionError):
    """A step did not give what the scenario says."""


class UnknownStepError(Exception):
    """A call, property or matcher the interpreter does not know: the scenario fails, it is never passed over."""


@dataclass(frozen=True, slots=True)
class Event:
    """One stop on the way through a form. `kind` is QUESTION, GROUP, REPEAT, PROMPT_NEW_REPEAT or END_OF_FORM."""

    kind: str
    path: str = ""


class Scenario:
    """One instance with a position in it. `open_instance` makes instances, so that a test can put in another one."""

    def __init__(
        self,
        form: Form,
        *,
        open_instance: Opener = Instance,
        files: Mapping[str, str] | None = None,
        location: Callable[[], str] | None = None,
        xml: str | None = None,
        edit: bool = False,
    ) -> None:
        self.form = form
        self.open_instance = open_instance
        self.files = dict(files or {})
        self.location = location
        self.position = 0
        now = dt.datetime.now(dt.UTC).astimezone()
        self.instance = open_instance(
            form, now=now, language=None, instances=self.files, xml=xml, edit=edit, location=location
        )
        self.elements: dict[str, Control | Group | Repeat] = {}
        work: list[Control | Group | Repeat] = list(form.body)
        for element in work:
            if element.nodeset is not None and not isinstance(self.elements.get(element.nodeset), Repeat):
                self.elements[element.nodeset] = element
            if not isinstance(element, Control):
                work.extend(element.children)

    # --- the way through the form

    def events(self) -> list[Event]:
        """Every relevant stop, with the beginning before and the end after them."""
        top = next(self.form.template.elements())
        nodeset = f"/{top.qualified}"
        return [Event("BEGINNING_OF_FORM"), *self._inside(nodeset, nodeset), Event("END_OF_FORM")]

    def _inside(self, path: str, nodeset: str) -> Iterator[Event]:
        places = self.form.order
        below = [name for name in places if name.rpartition("/")[0] == nodeset]
        for child in sorted(below, key=places.__getitem__):
            where = f"{path}/{child.rpartition('/')[2]}"
            element = self.elements.get(child)
            if isinstance(element, Repeat):
                yield from self._entries(where, child, element)
            elif self.instance.relevant(where):
                if isinstance(element, Control):
                    yield Event("QUESTION", where)
                elif element is not None:
                    yield Event("GROUP", where)
                yield from self._inside(where, child)

    def _entries(self, path: str, nodeset: str, repeat: Repeat) -> Iterator[Event]:
        entries = self.instance.entries(path)
        for entry in entries:
            if self.instance.relevant(entry):
                yield Event("REPEAT", entry)
                yield from self._inside(entry, nodeset)
        if self.addable(repeat) and self.range_relevant(path, nodeset, entries):
            yield Event("PROMPT_NEW_REPEAT", path)

    def addable(self, repeat: Repeat) -> bool:
        return repeat.count is None and not repeat.fixed

    def range_relevant(self, path: str, nodeset: str, entries: Sequence[str]) -> bool:
        """Whether a repeat is to be seen, with or without entries."""
        if self.form.binds.get(nodeset, Bind(nodeset)).relevant is None:
            return self.instance.relevant(path.rpartition("/")[0])
        return any(self.instance.relevant(place) for place in entries or [path])

    def event(self) -> Event:
        events = self.events()
        if not 0 <= self.position < len(events):
            raise StepFailedError("there is no stop at this position")
        return events[self.position]

    def move(self, position: int, wanted: str) -> Event:
        self.position = position
        found = self.event()
        if wanted not in (found.path, found.kind):
            raise StepFailedError(f"the next stop is {found.path or found.kind}, not {wanted}")
        return found

    def stand_at(self, path: str) -> Event:
        for number, event in enumerate(self.events()):
            if event.path == path:
                return self.move(number, path)
        raise StepFailedError(f"{path} is nowhere on the way")

    def here(self, wanted: Mapping[str, str]) -> str:
        """The path of the current stop, which must be the one the scenario names."""
        return self.move(self.position, wanted["assertCurrentReference"]).path

    # --- acting

    def answer(self, path: str, value: Any) -> Answer:
        nodeset = self.nodeset(path)
        element = self.elements.get(nodeset)
        self.instance.answer(path, _given(value, element))
        return Answer(self, path)

    def add(self, path: str) -> None:
        if self.stand_at(path).kind != "PROMPT_NEW_REPEAT":
            raise StepFailedError(f"no entry can be added at {path}")
        self.stand_at(self.instance.add_repeat(path))

    def again(self, *, edit: bool) -> Scenario:
        """The same record, written as a submission and opened again."""
        return Scenario(
            self.form,
            open_instance=self.open_instance,
            files=self.files,
            location=self.location,
            xml=self.instance.to_xml(),
            edit=edit,
        )

    # --- looking

    def node(self, path: str) -> Spot | None:
        """What stands at a path: a node, or a repeat as a whole; None where there is neither."""
        nodeset = self.nodeset(path)
        if nodeset in self.form.repeats and not path.endswith("]"):
            above = path.rpartition("/")[0]
            return Spot(self, path) if self.find(above) is not None else None
        return Spot(self, path) if self.find(path) is not None else None

    def find(self, path: str) -> Node | None:
        """The node at a path; a step without a position is the only one of its name."""
        node = self.instance.root
        for step in path.strip("/").split("/"):
            name, _, position = step.rstrip("]").partition("[")
            if name.startswith("@"):
                return next((item for item in node.attribute_nodes() if item.qualified == name[1:]), None)
            same = [child for child in node.elements() if child.qualified == name]
            if not 0 < int(position or 1) <= len(same):
                return None
            node = same[int(position or 1) - 1]
        return node

    @staticmethod
    def nodeset(path: str) -> str:
        return "/".join(step.partition("[")[0] for step in path.split("/"))

    def violations(self, path: str) -> list[Violation]:
        return [found for found in self.instance.violations() if found.path == path]

    def bind(self, path: str) -> Bind:
        nodeset = self.nodeset(path)
        return self.form.binds.get(nodeset, Bind(nodeset))


def _given(value: Any, element: Control | Group | Repeat | None) -> Any:
    """A value of a scenario as one of ours: booleans are '1' and '0' but at a trigger, a place is its text."""
    if isinstance(value, bool) and not (isinstance(element, Control) and element.kind == "trigger"):
        return "1" if value else "0"
    if isinstance(value, Mapping):
        if not {"latitude", "longitude"} <= value.keys():
            raise UnknownStepError(f"answer of {sorted(value)}")
        parts = [value.get(name) for name in ("latitude", "longitude", "altitude", "accuracy")]
        return " ".join(str(part) for part in parts if part is not None)
    return value


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer at a path, as it is when it is looked at."""

    scenario: Scenario
    path: str

    @property
    def text(self) -> str:
        """The text of the answer; '' also where it is ill-typed, which must then be a violation."""
        instance = self.scenario.instance
        text = instance.value(self.path)
        ill_typed = any(found.kind == "type" for found in self.scenario.violations(self.path))
        return "" if ill_typed else text

    def look(self, name: str) -> Any:
        if name == "value":
            return self.typed()
        if name == "stringValue":
            return self.text
        raise UnknownStepError(f"answer.{name}")

    def typed(self) -> Any:
        kind = canonical(self.scenario.bind(self.path).type)
        text = self.text
        if kind == "string":
            return text
        value = self.scenario.instance.typed(self.path) if text else None
        if kind == "geopoint" and isinstance(value, str):
            parts: list[float | None] = [float(part) for part in value.split()]
            names = ("latitude", "longitude", "altitude", "accuracy")
            return dict(zip(names, [*parts, None, None][:4], strict=True))
        if isinstance(value, dt.time):
            return text
        return float(value) if isinstance(value, Decimal) else value

    def message(self, kind: str) -> str | None:
        return next((found.message for found in self.scenario.violations(self.path) if found.kind == kind), None)

    def default_message(self, kind: str) -> str:
        return say(f"answer.{kind}", ui_language(self.scenario.instance.language))


@dataclass(frozen=True, slots=True)
class Spot:
    """A node of the record, or a repeat as a whole, as it is when it is looked at."""

    scenario: Scenario
    path: str

    @property
    def relevant(self) -> bool:
        instance, nodeset = self.scenario.instance, self.scenario.nodeset(self.path)
        if nodeset in self.scenario.form.repeats and not self.path.endswith("]"):
            return self.scenario.range_relevant(self.path, nodeset, instance.entries(self.path))
        return instance.relevant(self.path)

    @property
    def element(self) -> Control | Group | Repeat | None:
        return self.scenario.elements.get(self.scenario.nodeset(self.path))

    def look(self, name: str) -> Any:
        element = self.element
        if name in ("currentState", "node"):
            return self
        if name == "reference":
            return self.path
        if name == "value":
            return Answer(self.scenario, self.path).text
        if name == "nodeType" and isinstance(element, Group):
            return "group"
        if name == "nodeOptions" and isinstance(element, Control) and element.kind == "upload":
            accept = element.attributes.get("mediatype", "*")
            kind, _, below = accept.partition("/")
            return {"media": {"accept": accept, "type": kind if below else None, "subtype": below or None}}
        if name == "validationState":
            answer = Answer(self.scenario, self.path)
            return {kind: {"message": {"asString": answer.message(kind)}} for kind in ("required", "constraint")}
        raise UnknownStepError(f"node.{name}")
