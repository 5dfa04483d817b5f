"""One live record: answers go in; relevance, calculations, choices, texts and what is wrong come out.

The definitions are in `Form`, frozen; everything that changes is in here. A path names one node: '/data/name',
'/data/child[2]/name'. Positions count from 1; a step without one means the first. Every method that takes a path
raises AnswerError `answer.unknown_path` where the record has no such node.
"""

from __future__ import annotations

import datetime as dt
import random as random_numbers
import re
from collections.abc import Callable, Mapping
from typing import NoReturn

from validation import events
from validation.choices import choice_media, choices
from validation.datatypes import Value, lexical, read
from validation.errors import AnswerError, Problem, XPathError
from validation.form import Control, Form, Group, Repeat, Text
from validation.labels import media, pieces, render, render_guidance
from validation.markdown import Mark, formatted
from validation.records import meta, new_record, restored_record, written
from validation.secondary import external_instances, unlisted
from validation.state import State
from validation.tree import Node
from validation.violations import Violation, violations
from validation.xpath.parser import Expression

__all__ = ["Instance", "Violation", "locate"]

# What XML 1.0 cannot carry; such characters come from broken pasting and are never meant.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def locate(nodeset: str, entry_path: str) -> str:
    """A nodeset with the positions of an entry: ('/data/child/name', '/data/child[2]') is '/data/child[2]/name'."""
    steps = nodeset.strip("/").split("/")
    for number, (step, placed) in enumerate(zip(list(steps), entry_path.strip("/").split("/"), strict=False)):
        if placed.partition("[")[0] != step:
            break
        steps[number] = placed
    return "/" + "/".join(steps)


class Instance:
    """A record of a form being filled in.

    `now` is the clock; it may be set again later. `language` is one of the form's, or its code ('de'); None is the
    form's default. `instances` gives the text of external choice files by instance id or file name. `xml` restores a
    record; with `edit` one that was handed in gets a new id and names the old one as deprecatedID. `properties` are
    the device's and user's metadata (username, deviceid, …), `random` all chance, `location` answers setgeopoint.
    FormError where an external file is missing or `xml` is no record of this form.
    """

    def __init__(
        self,
        form: Form,
        *,
        now: dt.datetime,
        language: str | None = None,
        instances: Mapping[str, str] | None = None,
        xml: str | bytes | None = None,
        edit: bool = False,
        properties: Mapping[str, str] | None = None,
        random: random_numbers.Random | None = None,
        location: Callable[[], str] | None = None,
    ) -> None:
        self.form = form
        self._location = location
        self._groups = _groups(form)
        root = new_record(form) if xml is None else restored_record(form, xml)
        self._state = State(
            form,
            root,
            now=now,
            language=_language(form, language),
            instances={**form.instances, **external_instances(form, instances)},
            unlisted=unlisted(form, instances),
            random=random or random_numbers.SystemRandom(),
        )
        if xml is None:
            events.preload(self._state, properties or {})
        self._identify(edit=edit)
        self._state.schedule_all(keep_drawn=xml is not None)
        self._state.settle()
        events.load(self._state, first=xml is None, location=location)
        self._state.touched.clear()

    def _identify(self, *, edit: bool) -> None:
        """Give the record its id; an edited one names the record it replaces."""
        state = self._state
        node = meta(state.root, "instanceID", make=True)
        if node is None:
            return
        if edit and node.value:
            old = meta(state.root, "deprecatedID", make=True)
            if old is not None:
                old.value = node.value
            node.value = ""
        if not node.value:
            node.value = events.new_id(state)
        made = (node, meta(state.root, "deprecatedID"))
        if any(item is not None and item not in state.nodesets for item in made):
            top = next(state.root.elements())
            state.register(top, f"/{top.qualified}")

    # --- the record

    @property
    def root(self) -> Node:
        """The document node. Read it; change it only through this class."""
        return self._state.root

    @property
    def now(self) -> dt.datetime:
        return self._state.now

    @now.setter
    def now(self, value: dt.datetime) -> None:
        self._state.now = value

    @property
    def id(self) -> str:
        """The instanceID, 'uuid:…'."""
        node = meta(self._state.root, "instanceID")
        return node.value if node is not None else ""

    def to_xml(self, *, draft: bool = False) -> str:
        """The record as XML. What is not relevant is left out; a draft keeps it, so that it can be restored.

        Without `draft` this is handing in: the end of the interview (preload end) is set to `now`.
        """
        if not draft:
            events.finish(self._state)
            self._settle()
        return written(self._state.root, draft=draft)

    # --- answers

    def answer(self, path: str, value: Value | None) -> None:
        """Put an answer in and compute what depends on it. '' or None clears.

        The text is kept even where it is ill-typed; `violations` tells. AnswerError, and nothing changed, where there
        is no such question, it is read-only, or the value is of a kind that no question takes.
        """
        node = self._node(path)
        nodeset = self._state.nodesets[node]
        if any(child.kind == "element" for child in node.children) or nodeset in self.form.repeats:
            raise AnswerError("answer.no_question", path=path)
        if self._readonly(node):
            raise AnswerError("answer.readonly", path=path)
        text = self._text(nodeset, value, path)
        events.refuse_ambiguous(self._state, node)
        self._state.answer_text(node, text)
        self._settle()

    def _text(self, nodeset: str, value: Value | None, path: str) -> str:
        bind = self.form.binds.get(nodeset)
        controls = self._state.controls.get(nodeset, [])
        if isinstance(value, bool) and any(control.kind == "trigger" for control in controls):
            return "OK" if value else ""
        try:
            text = lexical(value, bind.type if bind is not None else "string")
        except (TypeError, ValueError):
            raise AnswerError("answer.bad_value", path=path, kind=type(value).__name__) from None
        return _UNWRITABLE.sub("", text)

    def value(self, path: str) -> str:
        """The text of an answer; '' where there is none or the question is not relevant."""
        node = self._node(path)
        return node.value if node.is_relevant() else ""

    def typed(self, path: str) -> Value | None:
        """The answer as a Python value by its data type; None where it is empty, not relevant or ill-typed."""
        text = self.value(path)
        if not text:
            return None
        nodeset = self._state.nodesets[self._node(path)]
        if any(control.kind in ("select", "rank") for control in self._state.controls.get(nodeset, ())):
            return text.split()
        bind = self.form.binds.get(nodeset)
        try:
            return read(text, bind.type if bind is not None else "string")
        except ValueError:
            return None

    def relevant(self, path: str) -> bool:
        """Whether a node and all above it are relevant; for a repeat without entries, whether one would be."""
        node = self._state.locate(path)
        if node is not None:
            return node.is_relevant()
        parent = self._state.locate(path.rpartition("/")[0])
        if parent is not None:
            nodeset = f"{self._state.nodesets[parent]}/{path.rpartition('/')[2]}"
            if nodeset in self.form.repeats and not self._state.entries(parent, nodeset):
                return self._state.repeat_relevant(parent, nodeset)
        return self._node(path).is_relevant()

    def readonly(self, path: str) -> bool:
        """Whether an answer cannot be changed: by its own or an outer expression, or because it is computed."""
        return self._readonly(self._node(path))

    def required(self, path: str) -> bool:
        """Whether an answer is demanded now."""
        return self._state.truth("required", self._node(path), otherwise=False)

    def _readonly(self, node: Node) -> bool:
        state = self._state
        nodeset = state.nodesets[node]
        bind = self.form.binds.get(nodeset)
        if bind is not None and bind.calculate is not None and nodeset not in state.controls:
            return True
        above: Node | None = node
        while above is not None and above in state.nodesets:
            if state.truth("readonly", above, otherwise=False):
                return True
            above = above.parent
        return False

    def violations(self, language: str | None = None) -> list[Violation]:
        """What is wrong now, in document order, in the instance's language or another of the form's."""
        return violations(self._state, _language(self.form, language) if language else self._state.language)

    def problems(self) -> list[Problem]:
        """What of the form could not be computed for this record: such a calculation reads as empty."""
        return [*self._state.failures.values(), *self._state.refused_actions.values()]

    def changed(self) -> list[str]:
        """Paths of the nodes that may look different since the last call (value, state, choices, entries)."""
        touched, self._state.touched = self._state.touched, {}
        return [self._state.path(node) for node in touched if node in self._state.nodesets]

    # --- repeats

    def add_repeat(self, path: str) -> str:
        """A new last entry of the repeat at a path; gives the entry's path. AnswerError where entries are fixed."""
        parent, nodeset = self._repeat(path)
        self._refuse_fixed(nodeset, path)
        entry = self._state.add_entry(parent, nodeset)
        self._settle()
        return self._state.path(entry)

    def remove_repeat(self, path: str) -> None:
        """Take an entry away; those after it move up and keep their ids. AnswerError where entries are fixed."""
        node = self._node(path)
        nodeset = self._state.nodesets[node]
        if nodeset not in self.form.repeats:
            raise AnswerError("answer.no_repeat", path=path)
        self._refuse_fixed(nodeset, path)
        self._state.remove_entry(node)
        self._settle()

    def entries(self, path: str) -> list[str]:
        """The paths of a repeat's entries: '/data/child', '/data/child[2]/toy'."""
        parent, nodeset = self._repeat(path)
        return [self._state.path(entry) for entry in self._state.entries(parent, nodeset)]

    def entry_id(self, path: str) -> str:
        """The stable id of an entry: the same while the instance lives, whatever happens to its siblings."""
        node = self._node(path)
        if node.entry is None:
            raise AnswerError("answer.no_repeat", path=path)
        return node.entry

    def _repeat(self, path: str) -> tuple[Node, str]:
        above, _, last = path.rstrip("/").rpartition("/")
        parent = self._state.locate(above)
        if parent is None:
            raise AnswerError("answer.unknown_path", path=path)
        nodeset = f"{self._state.nodesets[parent]}/{last.partition('[')[0]}"
        if nodeset not in self.form.repeats:
            raise AnswerError("answer.no_repeat", path=path)
        return parent, nodeset

    def _refuse_fixed(self, nodeset: str, path: str) -> None:
        repeat = self.form.repeats[nodeset]
        if repeat.fixed or repeat.count is not None:
            raise AnswerError("answer.fixed_repeat", path=path)

    # --- texts and choices

    @property
    def language(self) -> str | None:
        """The language of labels and messages, as the form names it; None where the form has none."""
        return self._state.language

    def set_language(self, name: str) -> None:
        """Change the language: one of the form's, or its code. AnswerError where the form does not have it."""
        self._state.language = _language(self.form, name)
        for index, item in enumerate(self.form.graph.computations[: self.form.graph.eager]):
            if "jr:" in item.expression.source:
                for node in self._state.at(item.place):
                    self._state.schedule(index, node)
        self._settle()

    def choices(self, path: str, language: str | None = None) -> list[tuple[str, str]]:
        """(value, label) of what a question offers now, in order. AnswerError where it offers no choices."""
        node = self._node(path)
        control = self._control(node)
        if control is None or control.kind not in ("select1", "select", "rank"):
            raise AnswerError("answer.no_choices", path=path)
        return choices(self._state, control, node, self._wanted(language))

    def takes_any_choice(self, path: str) -> bool:
        """Whether a question chooses from a list of entities that is not here: any value may be right."""
        return self._state.nodesets[self._node(path)] in self._state.unlisted

    def label(self, path: str, language: str | None = None) -> str:
        """The label of a question, group or repeat; its name where the form gives none in any language."""
        node = self._node(path)
        return self._render(node, self._texts(node)[0], language) or node.name

    def hint(self, path: str, language: str | None = None) -> str:
        """The hint of a question or group; '' where there is none."""
        node = self._node(path)
        return self._render(node, self._texts(node)[1], language)

    def guidance(self, path: str, language: str | None = None) -> str:
        """The guidance for interviewers; '' where there is none."""
        node = self._node(path)
        text = self._texts(node)[1]
        return render_guidance(text, self.form.itext, node, self._wanted(language), self._state)

    def styled_label(self, path: str, language: str | None = None) -> tuple[Mark, ...]:
        """The label as a tree of elements (`validation.markdown`), answers in it shown as they are."""
        node = self._node(path)
        return self._styled(node, self._texts(node)[0], language) or (node.name,)

    def styled_hint(self, path: str, language: str | None = None) -> tuple[Mark, ...]:
        """The hint as a tree of elements; () where there is none."""
        node = self._node(path)
        return self._styled(node, self._texts(node)[1], language)

    def media(self, path: str, language: str | None = None) -> dict[str, str]:
        """The addresses of a label's media by form: {'image': 'jr://images/a.png'}."""
        return media(self._texts(self._node(path))[0], self.form.itext, self._wanted(language))

    def choice_media(self, path: str, language: str | None = None) -> dict[str, dict[str, str]]:
        """The same of the choices a question offers now, by value; choices without media are left out."""
        node = self._node(path)
        control = self._control(node)
        return choice_media(self._state, control, node, self._wanted(language)) if control is not None else {}

    def evaluate(self, expression: Expression, path: str) -> object:
        """The value of an expression of the form at a node. XPathError where it cannot be had."""
        return self._state.evaluate(expression, self._node(path))

    def _render(self, node: Node, text: Text | None, language: str | None) -> str:
        try:
            return render(text, self.form.itext, node, self._wanted(language), self._state)
        except XPathError as error:
            return f"[{error.problems[0].message}]"

    def _styled(self, node: Node, text: Text | None, language: str | None) -> tuple[Mark, ...]:
        try:
            return formatted(pieces(text, self.form.itext, node, self._wanted(language), self._state))
        except XPathError as error:
            return (f"[{error.problems[0].message}]",)

    def _wanted(self, language: str | None) -> str | None:
        return self._state.language if language is None else _language(self.form, language)

    def _control(self, node: Node) -> Control | None:
        return next(iter(self._state.controls.get(self._state.nodesets[node], ())), None)

    def _texts(self, node: Node) -> tuple[Text | None, Text | None]:
        control = self._control(node)
        if control is not None:
            return control.label, control.hint
        nodeset = self._state.nodesets[node]
        repeat = self.form.repeats.get(nodeset)
        if repeat is not None and repeat.label is not None:
            return repeat.label, None
        group = self._groups.get(nodeset)
        return (group.label, group.hint) if group is not None else (None, None)

    # --- inside

    def _node(self, path: str) -> Node:
        node = self._state.locate(path)
        return node if node is not None else _unknown(path)

    def _settle(self) -> None:
        self._state.settle()
        events.follow(self._state, self._location)


def _unknown(path: str) -> NoReturn:
    raise AnswerError("answer.unknown_path", path=path)


def _language(form: Form, name: str | None) -> str | None:
    """The form's name of a language given by name or code; its default for None. AnswerError for an unknown one."""
    if name is None:
        return form.itext.default
    if name in form.languages:
        return name
    for known in form.languages:
        if known.rpartition("(")[2].strip(") ").lower() == name.lower():
            return known
    if not form.languages:
        return None
    raise AnswerError("answer.unknown_language", name=name)


def _groups(form: Form) -> dict[str, Group]:
    """The first group of each nodeset."""
    found: dict[str, Group] = {}
    work: list[Control | Group | Repeat] = list(form.body)
    for element in work:
        if isinstance(element, Group) and element.nodeset is not None:
            found.setdefault(element.nodeset, element)
        if not isinstance(element, Control):
            work.extend(element.children)
    return found
