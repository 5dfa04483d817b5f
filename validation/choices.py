"""The choices of a question: which values are offered, and how each is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validation.form import Control, Itemset
from validation.labels import media, render
from validation.layout import item_text
from validation.tree import Node
from validation.xpath.evaluator import to_string

if TYPE_CHECKING:
    from validation.state import State


def item_values(state: State, itemset: Itemset, node: Node) -> list[tuple[str, Node]]:
    """Value and item of each choice an itemset selects at a node, those without a value left out. XPathError."""
    found = state.evaluate(itemset.nodeset, node)
    items = found if isinstance(found, list) else []
    pairs = ((value_of(item, itemset.value), item) for item in items)
    return [(value, item) for value, item in pairs if value]


def value_of(item: Node, path: str) -> str:
    """The value of an item: the text of a child, or of a child's child where its reference has several steps."""
    found: Node | None = item
    for step in path.split("/"):
        if found is None or step in ("", "."):
            continue
        if step.startswith("@"):
            return found.attributes.get(step[1:], "")
        found = found.child(step)
    return found.value.strip() if found is not None else ""


def choices(state: State, control: Control, node: Node, language: str | None) -> list[tuple[str, str]]:
    """(value, label) of each choice of a question at a node; a choice without label is called by its value."""
    itext = state.form.itext
    found = [(item.value, render(item.label, itext, node, language, state)) for item in control.items]
    found.extend(
        (value, _item_label(state, control, item, node, language)) for value, item in state.offered(control, node)
    )
    return [(value, label or value) for value, label in found]


def _item_label(state: State, control: Control, item: Node, node: Node, language: str | None) -> str:
    if control.itemset is None or control.itemset.label is None:
        return ""
    expression = control.itemset.label
    # jr:itext(itextId) is what pyxform writes: the id stands in the item, outputs in the text belong to the question.
    return to_string(state.evaluate(expression, item, language=language, texts_at=node)).strip()


def choice_media(state: State, control: Control, node: Node, language: str | None) -> dict[str, dict[str, str]]:
    """{value: {form: address}} of the choices offered at a node that have a picture, a sound or a video."""
    texts = [(item.value, item.label) for item in control.items]
    texts.extend((value, text) for value, item in state.offered(control, node) if (text := item_text(control, item)))
    found = {value: media(text, state.form.itext, language) for value, text in texts}
    return {value: each for value, each in found.items() if each}


def choice_label(state: State, path: str, value: str, language: str | None) -> str:
    """The label of a value of the question at a path (jr:choice-name); '' where it offers none such."""
    node = state.locate(path)
    if node is None:
        return ""
    for control in state.controls.get(state.nodesets[node], ()):
        for offered, label in choices(state, control, node, language):
            if offered == value:
                return label
    return ""
