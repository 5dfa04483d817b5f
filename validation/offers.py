"""What choices are called, over columns: jr:choice-name() and jr:itext() where no answer is quoted in a label."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from validation.choices import value_of
from validation.form import Itemset, Itext, Text
from validation.labels import render, render_itext
from validation.tree import Node
from validation.xpath.columns.column import Column
from validation.xpath.columns.sheets import NoColumnForm, Nodes
from validation.xpath.evaluator import evaluate_tree
from validation.xpath.parser import Expression
from validation.xpath.values import Value, to_string

if TYPE_CHECKING:
    from validation.restored import Restored
    from validation.xpath.columns.evaluate import Evaluator


class _NoAnswers:
    """Stands where a text would read answers: such a text has no form over columns."""

    def evaluate(self, expression: Expression, node: Node, *, language: str | None = None) -> NoReturn:  # noqa: ARG002
        raise NoColumnForm("a label that quotes answers")


def plain_itext(itext: Itext, name: str) -> str:
    """The text of an id in the default language. NoColumnForm where it quotes answers."""
    return render_itext(name, itext, Node.element("x"), itext.default, _NoAnswers())


def _plain(itext: Itext, text: Text) -> str:
    return render(text, itext, Node.element("x"), itext.default, _NoAnswers())


def item_pairs(itemset: Itemset, items: object) -> list[tuple[str, Node]]:
    """Value and item of each choice, those without a value left out."""
    pairs = ((value_of(item, itemset.value), item) for item in items) if isinstance(items, list) else ()
    return [(value, item) for value, item in pairs if value]


def choice_names(restored: Restored, evaluator: Evaluator, value: Column, question: Nodes) -> Column:
    """The label of a value among the choices of a question, '' where it offers none such; `jr:choice-name`."""
    controls = restored.forms.controls.get(question.nodeset, [])
    itemsets = [control for control in controls if control.itemset is not None]
    columns = [value.texts(), *(restored.offered(control)[0].take(question.row()) for control in itemsets)]
    texts = restored.forms.form.itext
    written: dict[tuple[int, str], str] = {}
    for place, control in enumerate(controls):
        for item in control.items:
            written.setdefault((place, item.value), _plain(texts, item.label) or item.value)
    named = {
        id(items): _labels(evaluator, control.itemset, items)
        for control in itemsets
        for items in restored.offered(control)[0].dictionary
        if control.itemset is not None
    }

    def call(text: Value, *lists: Value) -> Value:
        given = iter(lists)
        for place, control in enumerate(controls):
            if (place, to_string(text)) in written:
                return written[place, to_string(text)]
            labels = named[id(next(given))] if control.itemset is not None else {}
            if text in labels:
                return labels[to_string(text)]
        return ""

    frame = evaluator.at(Nodes(question.size, question.sheet, question.nodeset, None, question.rows))
    return evaluator.mapped(call, columns, "text", frame)


def _labels(evaluator: Evaluator, itemset: Itemset, items: Value) -> dict[str, str]:
    found: dict[str, str] = {}
    context = evaluator.context
    for value, item in item_pairs(itemset, items):
        label = ""
        if itemset.label is not None:
            context.node, before = item, context.node
            try:
                label = to_string(evaluate_tree(itemset.label, context)).strip()
            finally:
                context.node = before
        found.setdefault(value, label or value)
    return found
