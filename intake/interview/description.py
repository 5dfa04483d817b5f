"""What the browser draws: a form's structure, described once, and an instance's state, described after every answer.

The structure holds elements with short ids; the state of an element stands under its key: the id, or
'<entry>/<id>' inside a repeat entry, where `entry` is the stable id of the innermost entry. Keys therefore never
shift when an entry before them is removed. Nothing here judges: relevance, choices, labels and violations are the
instance's, and a label that depends on no answer is asked for once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

from validation.errors import XPathError
from validation.form import Control, Form, Group, Item, Itemset, Repeat, Text
from validation.instance import Instance, Violation, locate
from validation.labels import translations
from validation.messages import LANGUAGES, catalogue, say
from validation.xpath.evaluator import Value, to_boolean, to_string
from validation.xpath.parser import Expression, references

Json = dict[str, Any]

RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "prs", "ps", "sd", "ug", "ur", "yi"})
_CODE = re.compile(r"\(([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\)\s*$")
_NOT_ASKED = frozenset({"note", "output", "unsupported"})
_SCREEN = "screen."


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the form. `name` is what the form calls it ('Deutsch (de)'), '' in a form without translations.

    `code` is the text in its parentheses, 'und' where there is none; `catalogue` the language in which our own
    sentences are shown beside it.
    """

    name: str
    code: str
    direction: str
    catalogue: str

    def json(self) -> Json:
        return {"name": self.name, "code": self.code, "dir": self.direction}


def language_of(name: str) -> Language:
    """The language a form calls `name`; '' is German, the language of this program."""
    found = _CODE.search(name)
    code = found.group(1).lower() if found else name.lower() if re.fullmatch(r"[A-Za-z]{2,3}", name) else "und"
    if not name:
        code = "de"
    primary = code.split("-")[0]
    direction = "rtl" if primary in RIGHT_TO_LEFT or code.endswith("-arab") else "ltr"
    return Language(name, code, direction, primary if primary in LANGUAGES else "de")


@dataclass(frozen=True, slots=True)
class Element:
    """One thing on screen. `kind` is question, group or repeat; `control` names what draws a question.

    `nodeset` is None for a group that only draws. `missing` is the nodeset of the reason why there is no answer.
    """

    id: str
    kind: str
    nodeset: str | None
    control: str = ""
    type: str = ""
    label: Text | None = None
    hint: Text | None = None
    missing: str | None = None
    definition: Control | Group | Repeat | None = None
    children: tuple[Element, ...] = ()

    def json(self) -> Json:
        described: Json = {"id": self.id, "kind": self.kind}
        if self.kind == "question" and isinstance(self.definition, Control):
            described |= {
                "control": self.control,
                "name": (self.nodeset or "").rsplit("/", 1)[-1],
                "type": self.type,
                "appearance": list(self.definition.appearance),
                "attributes": dict(self.definition.attributes),
            }
        else:
            described["children"] = [child.json() for child in self.children]
        return described


@dataclass(slots=True)
class State:
    """What is on screen now: `nodes` {key: state}, `lists` {list id: [[value, label, …]]} and `paths` {key: path}."""

    nodes: dict[str, Json] = field(default_factory=dict)
    lists: dict[str, list[list[str]]] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)


def screen_texts(language: str) -> dict[str, str]:
    """Every text of the screen itself in a catalogue language: {name: text}."""
    return {
        code.removeprefix(_SCREEN): sentences.get(language) or sentences["de"]
        for code, sentences in catalogue().items()
        if code.startswith(_SCREEN)
    }


class Description:
    """A form as the browser draws it. Made once per form and pair of languages; `state` is asked after each answer."""

    def __init__(self, form: Form, languages: Sequence[Language]) -> None:
        self.form = form
        self.languages = tuple(languages)
        self._number = 0
        self._texts: dict[tuple[str, str], list[str]] = {}
        self._lists: dict[str, tuple[str, list[list[str]]]] = {}
        self.sections = self._sections()
        self.elements = {element.id: element for element in _all(self.sections)}

    def json(self) -> list[Json]:
        return [section.json() for section in self.sections]

    # --- structure

    def _sections(self) -> tuple[Element, ...]:
        sections: list[Element] = []
        loose: list[Element] = []
        for part in (*self.form.body, None):
            if isinstance(part, Control):
                loose.extend(self._element(part))
                continue
            if loose:
                sections.append(Element(self._id("s"), "group", None, children=tuple(loose)))
                loose = []
            if part is not None:
                sections.extend(self._element(part))
        return tuple(sections)

    def _id(self, letter: str) -> str:
        self._number += 1
        return f"{letter}{self._number}"

    def _element(self, part: Control | Group | Repeat) -> Iterator[Element]:
        if isinstance(part, Control):
            if not self._is_reason(part.nodeset):
                yield self._question(part)
        elif isinstance(part, Repeat):
            yield self._repeat(part, part.label, None)
        elif (
            len(part.children) == 1
            and isinstance(part.children[0], Repeat)
            and (part.nodeset in (None, part.children[0].nodeset))
        ):
            yield self._repeat(part.children[0], part.label or part.children[0].label, part.hint)
        else:
            children = tuple(child for inner in part.children for child in self._element(inner))
            yield Element(
                self._id("g"),
                "group",
                part.nodeset,
                label=part.label,
                hint=part.hint,
                definition=part,
                children=children,
            )

    def _repeat(self, part: Repeat, label: Text | None, hint: Text | None) -> Element:
        children = tuple(child for inner in part.children for child in self._element(inner))
        return Element(
            self._id("r"), "repeat", part.nodeset, label=label, hint=hint, definition=part, children=children
        )

    def _question(self, control: Control) -> Element:
        bind = self.form.binds.get(control.nodeset)
        missing = f"{control.nodeset}__missing"
        has_reasons = bind is not None and bind.columns.get("missing") and missing in self.form.binds
        return Element(
            self._id("q"),
            "question",
            control.nodeset,
            control=control_of(self.form, control),
            type=type_of(self.form, control),
            label=control.label,
            hint=control.hint,
            missing=missing if has_reasons else None,
            definition=control,
        )

    def _is_reason(self, nodeset: str) -> bool:
        question = nodeset.removesuffix("__missing")
        bind = self.form.binds.get(question)
        return question != nodeset and bind is not None and bool(bind.columns.get("missing"))

    # --- state

    def state(self, instance: Instance) -> State:
        """The whole state of an instance as drawn from this description."""
        state = State()
        problems: dict[str, list[tuple[Violation, ...]]] = {}
        said = [instance.violations(item.name or None) for item in self.languages]
        for in_each_language in zip(*said, strict=True):
            problems.setdefault(in_each_language[0].path, []).append(in_each_language)
        for section in self.sections:
            asked, answered = self._walk(section, "", None, instance, problems, state)
            state.nodes[section.id] |= {"asked": asked, "answered": answered}
            if section.nodeset is None and section.definition is None:
                state.nodes[section.id]["label"] = [
                    say("interview.questions", item.catalogue) for item in self.languages
                ]
        return state

    def _walk(
        self,
        element: Element,
        entry: str,
        entry_path: str | None,
        instance: Instance,
        problems: Mapping[str, list[tuple[Violation, ...]]],
        state: State,
    ) -> tuple[int, int]:
        key = f"{entry}/{element.id}" if entry else element.id
        path = _placed(element.nodeset, entry_path)
        if element.kind == "question":
            assert path is not None
            return self._ask(element, key, path, instance, problems, state)
        if path is not None:
            state.paths[key] = path
        asked = answered = 0
        if element.kind == "repeat":
            assert path is not None and isinstance(element.definition, Repeat)
            entries = instance.entries(path)
            free = element.definition.count is None and not element.definition.fixed
            relevant = self._repeat_is_relevant(element, path, entries, instance)
            ids = [instance.entry_id(item) for item in entries] if relevant else []
            state.nodes[key] = {
                "relevant": relevant,
                "label": self._heading(element, "label", path, instance),
                "hint": self._heading(element, "hint", path, instance),
                "entries": ids,
                "can_add": free,
                "can_remove": free,
            }
            for item, name in zip(entries, ids, strict=False):
                state.paths[f"{name}/"] = item
                for child in element.children:
                    more = self._walk(child, name, item, instance, problems, state)
                    asked, answered = asked + more[0], answered + more[1]
            return asked, answered
        relevant = path is None or instance.relevant(path)
        state.nodes[key] = {
            "relevant": relevant,
            "label": self._heading(element, "label", path, instance),
            "hint": self._heading(element, "hint", path, instance),
        }
        if relevant:
            for child in element.children:
                more = self._walk(child, entry, entry_path, instance, problems, state)
                asked, answered = asked + more[0], answered + more[1]
            if element.children and path is None:
                shown = (state.nodes.get(f"{entry}/{child.id}" if entry else child.id) for child in element.children)
                state.nodes[key]["relevant"] = any(child and child["relevant"] for child in shown)
        return asked, answered

    def _ask(
        self,
        element: Element,
        key: str,
        path: str,
        instance: Instance,
        problems: Mapping[str, list[tuple[Violation, ...]]],
        state: State,
    ) -> tuple[int, int]:
        state.paths[key] = path
        if not instance.relevant(path):
            state.nodes[key] = {"relevant": False}
            return 0, 0
        value = instance.value(path)
        node: Json = {
            "relevant": True,
            "value": shown(value, element.type, self.languages[0].catalogue),
            "label": self._text(element, "label", path, instance),
            "hint": self._text(element, "hint", path, instance),
            "required": instance.required(path),
            "readonly": instance.readonly(path),
            "problems": [self._problem(element, item) for item in problems.get(path, ())],
        }
        if element.control in ("select1", "select"):
            node["list"] = self._list(element, path, instance, state)
        reason = ""
        if element.missing is not None:
            sibling = f"{path}__missing"
            open_ = instance.relevant(sibling)
            reason = instance.value(sibling) if open_ else ""
            node["reasons"] = {"value": reason, "open": open_, "list": self._reasons(element, sibling, instance, state)}
        state.nodes[key] = node
        if element.control in _NOT_ASKED or node["readonly"]:
            return 0, 0
        return 1, int(bool(value or reason))

    def _repeat_is_relevant(self, element: Element, path: str, entries: list[str], instance: Instance) -> bool:
        """Whether a repeat is shown; without entries its own condition is judged where they would hang."""
        if entries:
            return instance.relevant(entries[0])
        above = path.rpartition("/")[0]
        bind = self.form.binds.get(element.nodeset or "")
        if not instance.relevant(above):
            return False
        return bind is None or bind.relevant is None or _holds(instance, bind.relevant, above)

    def _text(self, element: Element, part: str, path: str, instance: Instance) -> list[str]:
        """Label or hint of a question in each language; asked for once where it depends on no answer."""
        known = self._texts.get((element.id, part))
        if known is not None:
            return known
        read = instance.label if part == "label" else instance.hint
        found = [read(path, item.name or None) for item in self.languages]
        text: Text | None = getattr(element, part)
        if text is None or _is_fixed(self.form, text):
            self._texts[element.id, part] = found
        return found

    def _heading(self, element: Element, part: str, path: str | None, instance: Instance) -> list[str]:
        """Label or hint of a group or repeat, which may have no node of its own; '' where it has none."""
        text: Text | None = getattr(element, part)
        known = self._texts.get((element.id, part))
        if known is not None or text is None:
            return known or [""] * len(self.languages)
        where = path.rpartition("/")[0] if path is not None else ""
        place = where or next(instance.root.elements()).path()
        found = [self._written(text, place, item.name or None, instance) for item in self.languages]
        if _is_fixed(self.form, text):
            self._texts[element.id, part] = found
        return found

    def _written(self, text: Text, place: str, language: str | None, instance: Instance) -> str:
        parts = text.parts
        if text.itext is not None:
            found = (value.parts for value in translations(self.form.itext, text.itext, language))
            parts = next((each for each in found if each not in ((), ("-",))), ())
        return "".join(part if isinstance(part, str) else _read(instance, part, place) for part in parts).strip()

    def _problem(self, element: Element, violations: tuple[Violation, ...]) -> Json:
        kind = violations[0].kind
        bind = self.form.binds[element.nodeset or ""]
        own = bind.required_message if kind == "required" else None
        if kind in ("required", "type") and own is None:
            code = f"interview.{kind}_{_family(element.control)}"
            if kind == "required" and element.missing is not None:
                code += "_or_reason"
            return {"kind": kind, "text": [say(code, item.catalogue) for item in self.languages]}
        return {"kind": kind, "text": [item.message for item in violations]}

    def _list(self, element: Element, path: str, instance: Instance, state: State) -> str:
        control = element.definition
        assert isinstance(control, Control)
        known = self._lists.get(element.id)
        if known is None:
            choices = self._choices(path, instance)
            known = (_name(choices), choices)
            if _has_fixed_choices(self.form, control):
                self._lists[element.id] = known
        state.lists[known[0]] = known[1]
        return known[0]

    def _reasons(self, element: Element, sibling: str, instance: Instance, state: State) -> str:
        known = self._lists.get(element.missing or "")
        if known is None:
            choices = self._choices(sibling, instance)
            known = self._lists[element.missing or ""] = (_name(choices), choices)
        state.lists[known[0]] = known[1]
        return known[0]

    def _choices(self, path: str, instance: Instance) -> list[list[str]]:
        columns = [instance.choices(path, item.name or None) for item in self.languages]
        return [[row[0][0], *(label for _, label in row)] for row in zip(*columns, strict=True)]


def control_of(form: Form, control: Control) -> str:
    """What draws a question; 'unsupported' for what this version does not draw yet."""
    bind = form.binds.get(control.nodeset)
    kind = type_of(form, control)
    if control.kind in ("select1", "select"):
        return control.kind
    if control.kind == "trigger":
        return "acknowledge"
    if control.kind == "range" and kind in ("int", "decimal"):
        return "range"
    if control.kind != "input":
        return "unsupported"
    if bind is not None and bind.calculate is not None:
        return "output"
    if bind is not None and bind.readonly is not None and bind.readonly.source.replace(" ", "") == "true()":
        return "note"
    if kind == "string":
        return "textarea" if "multiline" in control.appearance else "text"
    return {"int": "integer", "decimal": "decimal", "date": "date"}.get(kind, "unsupported")


def type_of(form: Form, control: Control) -> str:
    """The kind of a question as its author knows it: the bind's type, or the control's where it says more."""
    bind = form.binds.get(control.nodeset)
    kind = bind.type if bind is not None else "string"
    return control.kind if control.kind in ("rank", "upload", "secret") else kind


def shown(value: str, kind: str, language: str) -> str:
    """A lexical value as it is written in a language: a decimal has its comma in German."""
    return value.replace(".", ",") if kind == "decimal" and language == "de" else value


def entered(text: str, kind: str, language: str) -> str:
    """What was typed as the lexical value it means; text that means no number is kept as it is."""
    text = text if kind == "string" else text.strip()
    if kind == "decimal" and language == "de" and re.fullmatch(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)?,\d*", text):
        return text.replace(".", "").replace(",", ".")
    return text


def _read(instance: Instance, expression: Expression, path: str) -> str:
    """The text of an expression in a heading; what cannot be computed is left empty, as the instance does."""
    with suppress(XPathError):
        return to_string(cast(Value, instance.evaluate(expression, path)))
    return ""


def _holds(instance: Instance, expression: Expression, path: str) -> bool:
    """Whether a condition holds at a node; one that cannot be computed hides nothing."""
    with suppress(XPathError):
        return to_boolean(cast(Value, instance.evaluate(expression, path)))
    return True


def _placed(nodeset: str | None, entry_path: str | None) -> str | None:
    return nodeset if nodeset is None or entry_path is None else locate(nodeset, entry_path)


def _all(elements: Sequence[Element]) -> Iterator[Element]:
    for element in elements:
        yield element
        yield from _all(element.children)


def _family(control: str) -> str:
    return {
        "integer": "integer",
        "decimal": "decimal",
        "range": "decimal",
        "date": "date",
        "select1": "select",
        "select": "select",
        "acknowledge": "acknowledge",
    }.get(control, "text")


def _is_fixed(form: Form, text: Text) -> bool:
    if text.itext is None:
        return all(isinstance(part, str) for part in text.parts)
    values = (translation.get(text.itext) for translation in form.itext.values.values())
    return all(isinstance(part, str) for value in values if value is not None for part in value.parts)


def _has_fixed_choices(form: Form, control: Control) -> bool:
    """Whether no answer can change the choices: no itemset, or one that reads its own instance only."""
    itemset: Itemset | None = control.itemset
    if itemset is None:
        items: Sequence[Item] = control.items
        return all(_is_fixed(form, item.label) for item in items)
    read = references(itemset.nodeset, control.nodeset)
    return itemset.randomize is None and all(name.startswith("instance(") for name in read)


def _name(choices: list[list[str]]) -> str:
    written = "\0".join("\1".join(row) for row in choices)
    return hashlib.blake2s(written.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
