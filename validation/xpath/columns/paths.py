"""Paths over sheets: the nodes that the steps of a path give in every context."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from validation.xpath.columns.column import Column
from validation.xpath.columns.evaluate import of_owners
from validation.xpath.columns.lookups import looked_up, reads_items
from validation.xpath.columns.sheets import NoColumnForm, Nodes
from validation.xpath.syntax import Filter, Path, Root, Step

if TYPE_CHECKING:
    from validation.xpath.columns.evaluate import Evaluator, Frame, Result


def walked(evaluator: Evaluator, term: Path | Filter, frame: Frame) -> Result:
    """The nodes of a path or of a term with predicates; of a secondary instance a list of them a context."""
    if reads_items(term):
        return looked_up(evaluator, term, frame)
    return _path(evaluator, term, frame) if isinstance(term, Path) else _filtered(evaluator, term, frame)


def _path(evaluator: Evaluator, term: Path, frame: Frame) -> Nodes:
    start = term.start
    if start is None:
        nodes = frame.nodes
    elif isinstance(start, Root):
        root = frame.nodes.root(evaluator.record.top)
        nodes = replace(root, nodeset="")
    else:
        found = evaluator.evaluate(start, frame)
        if isinstance(found, Column):
            raise NoColumnForm("a path from a value")
        nodes = found
    for step in term.steps:
        nodes = _step(evaluator, step, nodes, frame)
    return nodes


def _step(evaluator: Evaluator, step: Step, nodes: Nodes, frame: Frame) -> Nodes:
    if nodes.owner is None or not step.predicates:
        found = _stepped(evaluator, step, nodes)
        return evaluator.kept(found, step.predicates, frame) if step.predicates else found
    if step.axis == "parent":
        raise NoColumnForm("a predicate on the parents of several nodes")
    # What a predicate counts are the nodes below one, not those below all.
    owner = nodes.owner
    each = Nodes(len(nodes), nodes.sheet, nodes.nodeset, None, nodes.row())
    inner = replace(frame, nodes=each, current=of_owners(frame.current, owner), base=False)
    found = evaluator.kept(_stepped(evaluator, step, each), step.predicates, inner)
    return Nodes(nodes.size, found.sheet, found.nodeset, owner[found.owners()], found.row())


def _stepped(evaluator: Evaluator, step: Step, nodes: Nodes) -> Nodes:
    test = step.test
    if step.axis == "self" and test.kind == "node":
        return nodes
    if step.axis == "parent" and test.kind == "node":
        return nodes.above()
    if step.axis in ("child", "descendant") and test.kind == "name" and test.name != "*":
        return _child(evaluator, str(test), nodes) if step.axis == "child" else _below(evaluator, str(test), nodes)
    if step.axis == "attribute" and test.kind == "name" and test.name != "*" and nodes.nodeset:
        attribute = f"{nodes.nodeset}/@{test}"
        known = evaluator.record.is_leaf(attribute) is not None and not nodes.absent
        return nodes.within(attribute) if known else _nothing(nodes, attribute)
    raise NoColumnForm(f"the step {step.axis}::{step.test}")


def _child(evaluator: Evaluator, name: str, nodes: Nodes) -> Nodes:
    nodeset = f"{nodes.nodeset}/{name}"
    sheet = evaluator.record.sheets.get(nodeset)
    if nodes.absent or (nodes.nodeset and evaluator.record.is_leaf(nodeset) is None and sheet is None):
        return _nothing(nodes, nodeset)
    if sheet is not None and sheet.parent is not None:
        return nodes.entries(sheet)
    if not nodes.nodeset and nodeset != evaluator.record.top.nodeset:
        return _nothing(nodes, nodeset)
    return nodes.within(nodeset)


def _below(evaluator: Evaluator, name: str, nodes: Nodes) -> Nodes:
    found = evaluator.record.find(name, nodes.nodeset)
    if not found:
        return _nothing(nodes, f"{nodes.nodeset}//{name}")
    if len(found) > 1:
        raise NoColumnForm(f"several nodes called {name}")
    for step in found[0].removeprefix(nodes.nodeset).strip("/").split("/"):
        nodes = _child(evaluator, step, nodes)
    return nodes


def _nothing(nodes: Nodes, nodeset: str) -> Nodes:
    none = np.zeros(0, dtype=np.intp)
    return Nodes(nodes.size, nodes.sheet, nodeset, none, none)


def _filtered(evaluator: Evaluator, term: Filter, frame: Frame) -> Nodes:
    found = evaluator.evaluate(term.term, frame)
    if isinstance(found, Column):
        raise NoColumnForm("a predicate on a value")
    return evaluator.kept(found, term.predicates, frame)
