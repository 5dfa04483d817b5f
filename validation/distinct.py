"""Expressions without a form over columns: the row evaluator, once per distinct tuple of the answers they read.

The record is made small: the form's structure with the entry an expression stands in, and in it only the answers that
it reads. What reads the entries of a repeat has no such tuple and is left to the interview.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from validation.layout import children_of, root_of
from validation.records import meta
from validation.tree import Node
from validation.xpath.columns.column import Column, Rows
from validation.xpath.columns.sheets import NoColumnForm, Nodes, Sheet
from validation.xpath.evaluator import evaluate_tree
from validation.xpath.moments import Moment
from validation.xpath.parser import Expression
from validation.xpath.syntax import Call, Term, calls_in, children
from validation.xpath.values import Value, text_of

if TYPE_CHECKING:
    from validation.restored import Restored

_NOT_ALONE = frozenset({"random", "uuid", "position", "indexed-repeat", "jr:choice-name"})
"""Functions whose value depends on more than the answers that an expression reads."""

_OF_ITSELF = frozenset({"string", "number", "string-length", "normalize-space"})
"""Functions that without argument read the node they are computed for, as it was."""


def by_tuples(restored: Restored, nodeset: str, kind: str, expression: Expression) -> Column:
    """The value of an expression at every node of a nodeset. NoColumnForm where it reads entries of a repeat."""
    calls = calls_in(expression.tree)
    if calls & _NOT_ALONE:
        raise NoColumnForm("depends on more than the answers it reads")
    sheet = restored.sheet(nodeset)
    read = [leaf for leaf in _read(restored, nodeset, kind) if leaf != nodeset or kind != "calculate"]
    if _reads_itself(expression.tree):
        if kind == "relevant":
            raise NoColumnForm("reads the node whose relevance it is")
        read = [*(leaf for leaf in read if leaf != nodeset), nodeset]
    columns = [restored.itself(leaf).texts() if leaf == nodeset else _of_rows(restored, leaf, sheet) for leaf in read]
    nodes, document = _record(restored, sheet)
    if calls & {"now", "today"}:
        columns.append(restored.clock.now(sheet.top()))
    context = replace(restored.evaluator.context, node=nodes[nodeset], root=document)

    def value(*values: Value) -> Value:
        for leaf, text in zip(read, values, strict=False):
            nodes[leaf].value = str(text)
        last = values[-1] if values else None
        context.now = last.when if isinstance(last, Moment) else None
        return _kept(evaluate_tree(expression, context))

    frame = restored.evaluator.at(Nodes(sheet.size, sheet, nodeset))
    return restored.evaluator.mapped(value, columns, "any", frame)


def _reads_itself(term: Term) -> bool:
    """Whether a function reads the node that the expression stands at without naming it."""
    if isinstance(term, Call) and (term.name == "once" or (not term.arguments and term.name in _OF_ITSELF)):
        return True
    return any(map(_reads_itself, children(term)))


def _read(restored: Restored, nodeset: str, kind: str) -> list[str]:
    """The questions an expression reads, all of them in the entry it stands in or around it."""
    forms = restored.forms
    graph, sheet = forms.form.graph, restored.sheet(nodeset)
    index = next(n for n, item in enumerate(graph.computations) if item.nodeset == nodeset and item.kind == kind)
    read = {where: hit.depth for where, hits in graph.triggers.items() for hit in hits if hit.number == index}
    found: list[str] = []
    for where, depth in read.items():
        home = forms.sheet_of.get(where)
        if "/@" in where and forms.bind(where) is None:
            continue  # written in the form, the same in every record
        around = home is not None and sheet.level(home) is not None
        own = home == forms.root or (home is not None and depth >= home.count("/"))
        if "/@" in where or not around or not own or where in forms.form.repeats:
            raise NoColumnForm("reads the entries of a repeat, or what is no question")
        inside = [where] if forms.leaves.get(where) else restored.inside(where)
        if any(forms.sheet_of[leaf] != home for leaf in inside):
            raise NoColumnForm("reads a group with entries in it")
        found.extend(inside)
    return list(dict.fromkeys(found))


def _of_rows(restored: Restored, leaf: str, sheet: Sheet) -> Column:
    """The text of a question of this or an outer sheet, in each row of this one."""
    column = restored.seen(leaf)
    home = restored.sheet(leaf)
    if home is sheet:
        return column.texts()
    rows: Rows = np.arange(sheet.size, dtype=np.intp)
    at = sheet
    while at is not home and at.parent is not None:
        rows, at = at.up[rows], at.parent
    return column.take(rows).texts()


def _record(restored: Restored, sheet: Sheet) -> tuple[Mapping[str, Node], Node]:
    """An empty record with one entry of each repeat around the sheet's rows: its nodes by nodeset, the document."""
    form = restored.forms.form
    top = root_of(form)
    made = top.shallow()
    nodes = {restored.forms.root: made}
    work = [(top, made, restored.forms.root)]
    while work:
        model, node, where = work.pop()
        for below, child in children_of(form, model, where):
            if below in form.repeats and sheet.level(below) is None:
                continue
            nodes[below] = child.shallow()
            node.append(nodes[below])
            work.append((child, nodes[below], below))
    document = Node.document(made)
    number = meta(document, "instanceID", make=True)  # which an interview makes where the form has none
    if number is not None and not number.value:
        number.value = "uuid:"
    return nodes, document


def _kept(value: Value) -> Value:
    """The value, its nodes being the record's no more: the next tuple changes them."""
    if isinstance(value, list):
        return [Node.element(node.name, text_of(node)) for node in value]
    return value
