"""What is wrong with the answers of a live record, question by question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from validation.datatypes import expected, valid
from validation.form import Bind, Control, Text
from validation.labels import code_of, render
from validation.messages import SPOKEN, say
from validation.state import MOST_ENTRIES, Judgement, State, ViolationKind
from validation.tree import Node

CHOOSING = ("select1", "select", "rank")
LISTS = frozenset({"select", "rank"})
"""Kinds of controls that choose among what is offered, and those of them that take several values."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong: the path of the node, the kind, and a sentence for the person who answers.

    'required', 'constraint' and 'type' forbid handing in, 'warning' asks to look again. The message never holds the
    answer itself, unless the form's author wrote an `<output>` into it.
    """

    path: str
    kind: ViolationKind
    message: str


def ui_language(language: str | None) -> str:
    """The language of our own sentences for a language of a form: 'English (en)' is 'en'; German where unknown."""
    primary = code_of(language or "").partition("-")[0]
    return primary if primary in SPOKEN else "de"


def violations(state: State, language: str | None) -> list[Violation]:
    """Everything that is wrong now, in document order. What is not relevant is not looked at."""
    found: list[Violation] = []
    work = list(state.root.elements())
    while work:
        node = work.pop()
        if not node.relevant:
            continue
        found.extend(_at(state, node, language))
        found.extend(hit for attribute in node.attribute_nodes() for hit in _at(state, attribute, language))
        work.extend(child for child in reversed(node.children) if child.kind == "element")
    return found


def _at(state: State, node: Node, language: str | None) -> Iterator[Violation]:
    hits = state.judged.get(node)
    if hits is None:
        hits = state.judged[node] = tuple(_wrong(state, node))
    for kind, text, code in hits:
        yield Violation(state.path(node), kind, _sentence(state, node, text, code, language))
    for parent, repeat in state.clamped:
        if parent is node:
            sentence = say("answer.too_many_entries", ui_language(language), most=MOST_ENTRIES)
            yield Violation(f"{state.path(node)}/{repeat.rpartition('/')[2]}", "constraint", sentence)


def _wrong(state: State, node: Node) -> Iterator[Judgement]:
    """Kind, the form's own text and the code of ours for each thing that is wrong at a node."""
    nodeset = state.nodesets.get(node, "")
    bind, controls = state.form.binds.get(nodeset), state.controls.get(nodeset)
    if bind is None and controls is None:
        return
    if any(child.kind == "element" for child in node.children):
        return
    value = node.value
    if not value:
        if bind is not None and bind.required is not None and state.truth("required", node, otherwise=False):
            yield "required", bind.required_message, "answer.required"
        return
    mistyped = _mistyped(state, node, value, bind, controls or [])
    if mistyped is not None:
        yield "type", None, mistyped
        return
    if bind is None:
        return
    if bind.constraint is not None and not state.truth("constraint", node, otherwise=False):
        yield "constraint", bind.constraint_message, "answer.constraint"
    if bind.warning is not None and not state.truth("warning", node, otherwise=True):
        yield "warning", bind.warning_message, "answer.warning"


def _mistyped(state: State, node: Node, value: str, bind: Bind | None, controls: list[Control]) -> str | None:
    """The code of the sentence that says what is expected, where the answer is not that."""
    choosing = [control for control in controls if control.kind in CHOOSING]
    if choosing:
        if state.nodesets[node] in state.unlisted:
            return None
        chosen = value.split() if all(control.kind in LISTS for control in choosing) else [value]
        return None if state.allowed(node).issuperset(chosen) else "answer.expected_choices"
    kind = bind.type if bind is not None else "string"
    if not valid(value, kind):
        return expected(kind)
    for control in controls:
        if control.kind == "range" and not in_range(value, control):
            return "answer.expected_range"
    return None


def in_range(value: str, control: Control) -> bool:
    """Whether a text is a number between the ends of a range question."""
    try:
        ends = sorted((float(control.attributes["start"]), float(control.attributes["end"])))
        return ends[0] <= float(value) <= ends[1]
    except ValueError:
        return False


def _sentence(state: State, node: Node, text: Text | None, code: str, language: str | None) -> str:
    written = render(text, state.form.itext, node, language, state)
    return written if written not in ("", "-") else say(code, ui_language(language))
