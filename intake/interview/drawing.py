"""What is on screen now: the state of every element, drawn from an instance after every answer.

The state of an element stands under its key: its id, or '<entry>/<id>' inside a repeat, where `entry` is the stable id
of the innermost entry. Keys therefore never shift when an entry before them is removed. Nothing here judges:
relevance, choices, texts and violations are the instance's; what depends on no answer is asked for once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

from intake.interview.controls import WITH_CHOICES
from intake.interview.description import Element, Json, Language, is_lasting, sections_of, with_all_below
from intake.interview.entry import shown
from validation.errors import XPathError
from validation.form import Control, Form, Text
from validation.instance import Instance, Violation, locate
from validation.labels import translations
from validation.messages import say
from validation.xpath.evaluator import Value, to_string
from validation.xpath.parser import Expression

_NOT_ASKED = frozenset({"note", "output", "unsupported"})
_FAMILIES = {
    "integer": "integer", "decimal": "decimal", "range": "decimal", "date": "date", "select1": "select",
    "select": "select", "acknowledge": "acknowledge",
}  # fmt: skip

Choices = list[list[str]]


@dataclass(slots=True)
class State:
    """What is on screen: `nodes` {key: state}, `lists` {list id: [[value, label, …]]} and `paths` {key: path}.

    The path of a repeat entry stands under '<entry>/'.
    """

    nodes: dict[str, Json] = field(default_factory=dict)
    lists: dict[str, Choices] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)


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
        self._texts: dict[tuple[str, str], list[str]] = {}
        self._sources = {control.nodeset: _source(form, control) for control in form.controls()}
        self._lists: dict[tuple[str, ...], tuple[str, Choices]] = {}

    def state(self, instance: Instance, overrides: Mapping[str, str] | None = None) -> State:
        """The whole state of an instance. `overrides` {key: reason} are the warnings that were looked at and kept."""
        return _Walk(self, instance, overrides or {}).walked()

    # --- texts and choices, remembered where no answer changes them

    def text(self, element: Element, part: str, path: str, instance: Instance) -> list[str]:
        """Label or hint in each language; '' where a group or repeat has none."""
        known = self._texts.get((element.id, part))
        if known is not None:
            return known
        text: Text | None = getattr(element, part)
        names = [item.name or None for item in self.languages]
        if element.kind == "question":
            read = instance.label if part == "label" else instance.hint
            found = [read(path, name) for name in names]
        elif text is None:
            found = [""] * len(names)
        else:
            found = [_written(self.form, text, path, name, instance) for name in names]
        if text is None or is_lasting(self.form, text):
            self._texts[element.id, part] = found
        return found

    def choices(self, name: str, path: str, instance: Instance, *, lasting: bool) -> tuple[str, Choices]:
        """The choices of the question at a path with the id of the list; the same choices have the same id."""
        source = self._sources.get(name, (name,))
        known = self._lists.get(source)
        if known is not None:
            return known
        columns = [instance.choices(path, item.name or None) for item in self.languages]
        rows = [[row[0][0], *(label for _, label in row)] for row in zip(*columns, strict=True)]
        made = (_list_id(rows), rows)
        if lasting:
            self._lists[source] = made
        return made

    def problem(self, element: Element, violations: tuple[Violation, ...]) -> Json:
        """A violation as it is shown: the form's own words, else what this kind of question expects."""
        kind = violations[0].kind
        bind = self.form.binds[element.nodeset]
        if kind == "type" or (kind == "required" and bind.required_message is None):
            code = f"interview.{kind}_{_FAMILIES.get(element.control, 'text')}"
            if kind == "required" and element.missing is not None:
                code += "_or_reason"
            return {"kind": kind, "text": [say(code, item.catalogue) for item in self.languages]}
        return {"kind": kind, "text": [item.message for item in violations]}


class _Walk:
    """One way through the form, filling a state."""

    def __init__(self, drawing: Drawing, instance: Instance, overrides: Mapping[str, str]) -> None:
        self.drawing = drawing
        self.instance = instance
        self.overrides = overrides
        self.state = State()
        self.problems: dict[str, list[tuple[Violation, ...]]] = {}
        said = [instance.violations(item.name or None) for item in drawing.languages]
        for in_each_language in zip(*said, strict=True):
            self.problems.setdefault(in_each_language[0].path, []).append(in_each_language)

    def walked(self) -> State:
        for section in self.drawing.sections:
            count = self.element(section, "", "")
            node = self.state.nodes[section.id]
            node |= {"asked": count.asked, "answered": count.answered}
            if not section.nodeset and not any(node["label"]):
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
            "value": shown(value, element.type, drawing.languages[0].catalogue),
            "label": drawing.text(element, "label", path, instance),
            "hint": drawing.text(element, "hint", path, instance),
            "required": instance.required(path),
            "readonly": instance.readonly(path),
            "problems": self.wrong(element, key, path),
        }
        if element.control in WITH_CHOICES:
            node["list"] = self.listed(*drawing.choices(element.nodeset, path, instance, lasting=element.lasting))
        if element.missing is not None:
            sibling = f"{path}__missing"
            is_open = instance.relevant(sibling)
            reason = instance.value(sibling)
            reasons = drawing.choices(element.missing, sibling, instance, lasting=True)
            node["reasons"] = {"value": reason, "open": is_open, "list": self.listed(*reasons)}
        self.state.nodes[key] = node
        if element.control in _NOT_ASKED or node["readonly"]:
            return Count()
        return Count(1, int(bool(value or reason)))

    def wrong(self, element: Element, key: str, path: str) -> list[Json]:
        """What is wrong with an answer as it is shown; a warning says with which reason it was kept, '' for none."""
        found = [self.drawing.problem(element, item) for item in self.worst(path)]
        return [one | ({"reason": self.overrides.get(key, "")} if one["kind"] == "warning" else {}) for one in found]

    def worst(self, path: str) -> list[tuple[Violation, ...]]:
        """What is wrong with an answer; doubts about it are not worth a word while it is wrong anyway."""
        found = self.problems.get(path, [])
        return [item for item in found if item[0].kind != "warning"] or found

    def listed(self, name: str, rows: Choices) -> str:
        self.state.lists[name] = rows
        return name

    def heading(self, element: Element, path: str) -> dict[str, list[str]]:
        place = path.rpartition("/")[0] or next(self.instance.root.elements()).path()
        return {part: self.drawing.text(element, part, place, self.instance) for part in ("label", "hint")}


def _written(form: Form, text: Text, place: str, language: str | None, instance: Instance) -> str:
    """A text of the form at a node that need not be its own; what cannot be computed is left out."""
    parts = text.parts
    if text.itext is not None:
        found = (value.parts for value in translations(form.itext, text.itext, language))
        parts = next((each for each in found if each not in ((), ("-",))), ())
    return "".join(part if isinstance(part, str) else _read(instance, part, place) for part in parts).strip()


def _read(instance: Instance, expression: Expression, path: str) -> str:
    with suppress(XPathError):
        return to_string(cast("Value", instance.evaluate(expression, path)))
    return ""


def _source(form: Form, control: Control) -> tuple[str, ...]:
    """Where the choices of a question come from: questions with the same source share what no answer changes.

    Where a question says which languages its choices may be shown in, that belongs to it.
    """
    itemset = control.itemset
    if itemset is None or control.items:
        return (control.nodeset,)
    label = itemset.label.source if itemset.label is not None else ""
    bind = form.binds.get(control.nodeset)
    reviewed = bind.columns.get("reviewed_only", "") if bind is not None else ""
    return (itemset.nodeset.source, itemset.value, label, reviewed)


def _list_id(rows: Choices) -> str:
    written = "\0".join("\1".join(row) for row in rows)
    return hashlib.blake2s(written.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
