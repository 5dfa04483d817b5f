"""What is on screen now: the state of every element, drawn from an instance after every answer.

The state of an element stands under its key: its id, or '<entry>/<id>' inside a repeat, where `entry` is the stable id
of the innermost entry. Keys therefore never shift when an entry before them is removed. Nothing here judges:
relevance, choices, texts and violations are the instance's; what depends on no answer is asked for once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from intake.interview.controls import WITH_CHOICES
from intake.interview.description import Element, Json, Language, sections_of, with_all_below
from intake.interview.entry import shown
from intake.interview.lists import Lists, Rows
from intake.interview.texts import Texts, Words
from validation.form import Form
from validation.instance import Instance, Violation, locate
from validation.messages import say

_NOT_ASKED = frozenset({"note", "output", "header", "unsupported"})


@dataclass(slots=True)
class State:
    """What is on screen: `nodes` {key: state}, `lists` {list id: [[value, label, …]]} and `paths` {key: path}.

    The path of a repeat entry stands under '<entry>/'. `in_sight` are the ids of the lists a question shows as a whole.
    """

    nodes: dict[str, Json] = field(default_factory=dict)
    lists: dict[str, Rows] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    in_sight: set[str] = field(default_factory=set)

    def new_lists(self, before: State) -> dict[str, Rows | int]:
        """What a screen that was sent `before` must be told of lists: their rows, or how many rows it may ask for."""
        return {
            name: rows if name in self.in_sight else len(rows)
            for name, rows in self.lists.items()
            if name not in before.lists or (name in self.in_sight and name not in before.in_sight)
        }


@dataclass(frozen=True, slots=True)
class Count:
    """How many questions are asked, and how many of them have an answer or a reason why not."""

    asked: int = 0
    answered: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.asked + other.asked, self.answered + other.answered)


class Drawing:
    """A form drawn in one or two languages. `state` may be asked as often as answers come."""

    def __init__(self, form: Form, languages: Sequence[Language]) -> None:
        self.form = form
        self.languages = tuple(languages)
        self.sections = sections_of(form)
        self.elements = {element.id: element for element in with_all_below(self.sections)}
        self.texts = Texts(form, self.languages)
        self.lists = Lists(form, self.languages)

    def state(self, instance: Instance, overrides: Mapping[str, str] | None = None) -> State:
        """The whole state of an instance. `overrides` {key: reason} are the warnings that were looked at and kept."""
        return _Walk(self, instance, overrides or {}).walked()


class _Walk:
    """One way through the form, filling a state."""

    def __init__(self, drawing: Drawing, instance: Instance, overrides: Mapping[str, str]) -> None:
        self.drawing = drawing
        self.instance = instance
        self.overrides = overrides
        self.state = State()
        self.problems: dict[str, list[tuple[Violation, ...]]] = {}
        self.messages: dict[str, dict[tuple[str, str], str]] = {}
        said = [instance.violations(item.name or None) for item in drawing.languages]
        for in_each_language in zip(*said, strict=True):
            self.problems.setdefault(in_each_language[0].path, []).append(in_each_language)

    def said(self, language: str | None, violation: Violation) -> str:
        """What the form says of a violation in a language other than those shown; '' where it may in none (None)."""
        if language is None:
            return ""
        if language not in self.messages:
            found = self.instance.violations(language)
            self.messages[language] = {(each.path, each.kind): each.message for each in found}
        return self.messages[language].get((violation.path, violation.kind), violation.message)

    def walked(self) -> State:
        for section in self.drawing.sections:
            count = self.element(section, "", "")
            node = self.state.nodes[section.id]
            node |= {"asked": count.asked, "answered": count.answered}
            if not any(node["label"]):
                node["label"] = [say("interview.questions", item.catalogue) for item in self.drawing.languages]
        return self.state

    def element(self, element: Element, entry: str, entry_path: str) -> Count:
        key = f"{entry}/{element.id}" if entry else element.id
        path = locate(element.nodeset, entry_path) if element.nodeset and entry_path else element.nodeset
        self.state.paths[key] = path
        match element.kind:
            case "question":
                return self.question(element, key, path)
            case "repeat":
                return self.repeat(element, key, path)
            case _:
                return self.group(element, key, path, entry, entry_path)

    def group(self, element: Element, key: str, path: str, entry: str, entry_path: str) -> Count:
        relevant = not path or self.instance.relevant(path)
        self.state.nodes[key] = {"relevant": relevant, **self.heading(element, path)}
        if not relevant:
            return Count()
        count = sum((self.element(child, entry, entry_path) for child in element.children), Count())
        if not path:
            keys = (f"{entry}/{child.id}" if entry else child.id for child in element.children)
            self.state.nodes[key]["relevant"] = any(self.state.nodes[each]["relevant"] for each in keys)
        return count

    def repeat(self, element: Element, key: str, path: str) -> Count:
        entries = self.instance.entries(path)
        relevant = self.instance.relevant(entries[0] if entries else path)
        ids = [self.instance.entry_id(item) for item in entries] if relevant else []
        self.state.nodes[key] = {
            "relevant": relevant,
            **self.heading(element, path),
            "entries": ids,
            "can_add": element.free,
            "can_remove": element.free,
        }
        count = Count()
        for item, name in zip(entries, ids, strict=False):
            self.state.paths[f"{name}/"] = item
            count = sum((self.element(child, name, item) for child in element.children), count)
        return count

    def question(self, element: Element, key: str, path: str) -> Count:
        instance, drawing = self.instance, self.drawing
        if not instance.relevant(path):
            self.state.nodes[key] = {"relevant": False}
            return Count()
        value, reason = instance.value(path), ""
        node: Json = {
            "relevant": True,
            "value": shown(value, element.type, drawing.languages[0].catalogue, instance.now.tzinfo),
            "label": drawing.texts.text(element, "label", path, instance),
            "hint": drawing.texts.text(element, "hint", path, instance),
            "required": instance.required(path),
            "readonly": instance.readonly(path),
            "problems": self.wrong(element, key, path),
        }
        if guidance := drawing.texts.guidance(element, path, instance):
            node["guidance"] = guidance
        if media := drawing.texts.media(element, path, instance):
            node["media"] = {"label": media}
        if element.control in WITH_CHOICES:
            node |= self.offered(element, path, value)
        if element.missing is not None:
            sibling = f"{path}__missing"
            is_open = instance.relevant(sibling)
            reason = instance.value(sibling)
            reasons = drawing.lists.choices(element.missing, sibling, instance, lasting=True)
            node["reasons"] = {"value": reason, "open": is_open, "list": self.listed(*reasons, searched=False)}
        self.state.nodes[key] = node
        if element.control in _NOT_ASKED or node["readonly"]:
            return Count()
        return Count(1, int(bool(value or reason)))

    def wrong(self, element: Element, key: str, path: str) -> list[Json]:
        """What is wrong with an answer as it is shown; a warning says with which reason it was kept, '' for none."""
        found = [self.drawing.texts.problem(element, item, self.said) for item in self.worst(path)]
        return [one | ({"reason": self.overrides.get(key, "")} if one["kind"] == "warning" else {}) for one in found]

    def worst(self, path: str) -> list[tuple[Violation, ...]]:
        """What is wrong with an answer; doubts about it are not worth a word while it is wrong anyway."""
        found = self.problems.get(path, [])
        return [item for item in found if item[0].kind != "warning"] or found

    def offered(self, element: Element, path: str, value: str) -> Json:
        """The list of a question; and the rows of what is chosen, where the screen may not have the list."""
        name, rows = self.drawing.lists.choices(element.nodeset, path, self.instance, lasting=element.lasting)
        searched = len(rows) > element.in_sight
        offer: Json = {"list": self.listed(name, rows, searched=searched)}
        if searched and value:
            chosen = set(value.split(" "))
            offer["chosen"] = [row for row in rows if row[0] in chosen]
        return offer

    def listed(self, name: str, rows: Rows, *, searched: bool) -> str:
        self.state.lists[name] = rows
        if not searched:
            self.state.in_sight.add(name)
        return name

    def heading(self, element: Element, path: str) -> dict[str, list[Words]]:
        place = path.rpartition("/")[0] or next(self.instance.root.elements()).path()
        return {part: self.drawing.texts.text(element, part, place, self.instance) for part in ("label", "hint")}
