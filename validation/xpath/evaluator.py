"""The row evaluator: a typed tree and a node give a value."""

from __future__ import annotations

import random as random_numbers
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import cast

from validation.errors import Place, Problem, XPathError
from validation.tree import MANY, XML_NAMESPACE, Node
from validation.xpath.axes import ORDERLY, REVERSE, NodeTest, along, in_order, siblings
from validation.xpath.functions import table
from validation.xpath.operators import COMPARISONS, arithmetic, compare
from validation.xpath.parser import NESTING_LIMIT, Expression
from validation.xpath.syntax import (
    Call,
    Filter,
    Literal,
    Negation,
    Number,
    Operation,
    Path,
    Root,
    Step,
    Term,
    Test,
)
from validation.xpath.values import (
    Refusal,
    Value,
    nodes_of,
    to_boolean,
    to_number,
    to_string,
)

__all__ = ["Context", "Value", "evaluate_tree", "to_boolean", "to_number", "to_string"]

# What forms use without always declaring it.
WELL_KNOWN: Mapping[str, str] = {
    "xml": XML_NAMESPACE,
    "h": "http://www.w3.org/1999/xhtml",
    "xhtml": "http://www.w3.org/1999/xhtml",
    "xf": "http://www.w3.org/2002/xforms",
    "xforms": "http://www.w3.org/2002/xforms",
    "ev": "http://www.w3.org/2001/xml-events",
    "jr": "http://openrosa.org/javarosa",
    "orx": "http://openrosa.org/xforms",
    "odk": "http://www.opendatakit.org/xforms",
    "entities": "http://www.opendatakit.org/xforms/entities",
}
_XHTML = WELL_KNOWN["h"]
_NO_NODES: Mapping[str, Node] = {}


@dataclass(slots=True)
class Context:
    """Where and when an expression is evaluated. Nothing is read from the outside: clock and chance are passed in.

    `node` is the context node, `root` what absolute paths go out from (a document node, or the `<instance>` element
    that holds the primary instance). `instances` are the secondary ones by id. `itext` gives the text (or the value
    nodes) of an itext id, `choice_label` the label of a value of the question at a path. `now` None makes now() and
    today() an error, `random` None random(), uuid() and unseeded randomize(). `current` is the node of current(),
    `spent` counts the nodes looked at.
    """

    node: Node
    root: Node
    now: datetime | None = None
    tz: tzinfo = UTC
    language: str | None = None
    instances: Mapping[str, Node] = field(default_factory=lambda: _NO_NODES)
    itext: Callable[[str], str | list[Node]] | None = None
    choice_label: Callable[[str, str], str] | None = None
    random: random_numbers.Random | None = None
    namespaces: Mapping[str, str] = field(default_factory=lambda: WELL_KNOWN)
    position: int = 1
    size: int = 1
    current: Node | None = None
    spent: int = 0

    def number(self, value: Value) -> float:
        """Number of a value, dates on this context's clock."""
        return to_number(value, self.tz)


def evaluate_tree(expression: Expression, context: Context) -> Value:
    """The value of an expression in a context. XPathError with position where it cannot be had, nothing else."""
    current, spent = context.current, context.spent
    if current is None:
        context.current = context.node
    try:
        return _evaluate(expression.tree, context)
    except Refusal as refusal:
        problem = Problem(f"xpath.{refusal.code}", Place(position=refusal.position), refusal.fields)
        raise XPathError(problem, expression.source) from None
    except RecursionError:
        raise XPathError(Problem("xpath.too_deep", fields={"limit": str(NESTING_LIMIT)}), expression.source) from None
    finally:
        context.current, context.spent = current, spent


def _evaluate(term: Term, context: Context) -> Value:
    return _READERS[type(term)](term, context)


def _constant(term: Number | Literal | _Held, _context: Context) -> Value:
    return term.value


def _root(_term: Root, context: Context) -> Value:
    return [context.root]


def _negation(term: Negation, context: Context) -> Value:
    return -context.number(_evaluate(term.operand, context))


# --- calls


def _call(term: Call, context: Context) -> Value:
    function = table().get(term.name)
    try:
        if function is None:
            raise Refusal("unknown_function")
        if not function.takes(len(term.arguments)):
            raise Refusal("arity", allowed=function.arity(), given=str(len(term.arguments)))
        if function.lazy:
            thunks = [_thunk(argument, context) for argument in term.arguments]
            result: Value = function.call(context, *thunks)
        else:
            result = function.call(context, *[_evaluate(argument, context) for argument in term.arguments])
    except Refusal as refusal:
        if not refusal.position:
            refusal.position = term.position
            refusal.fields.setdefault("name", term.name)
        raise
    return result


def _thunk(argument: Term, context: Context) -> Callable[[], Value]:
    return lambda: _evaluate(argument, context)


# --- operators


def _operation(term: Operation, context: Context) -> Value:
    operator = term.rest[0].operator
    if operator == "or":
        return to_boolean(_evaluate(term.first, context)) or any(
            to_boolean(_evaluate(operand.term, context)) for operand in term.rest
        )
    if operator == "and":
        return to_boolean(_evaluate(term.first, context)) and all(
            to_boolean(_evaluate(operand.term, context)) for operand in term.rest
        )
    value = _evaluate(term.first, context)
    if operator == "|":
        return _union(value, term, context)
    for operand in term.rest:
        right = _evaluate(operand.term, context)
        if operand.operator in COMPARISONS:
            if isinstance(value, list) and isinstance(right, list):
                _spend(context, _AXIS_COST * (len(value) + len(right)))
            value = compare(operand.operator, value, right, context.tz)
        else:
            value = arithmetic(operand.operator, value, right, context.tz)
    return value


def _union(first: Value, term: Operation, context: Context) -> Value:
    nodes: list[Node] = []
    try:
        nodes.extend(nodes_of(first))
        for operand in term.rest:
            nodes.extend(nodes_of(_evaluate(operand.term, context)))
    except Refusal as refusal:
        if not refusal.position:
            refusal.position = term.position
            refusal.fields.setdefault("name", "|")
        raise
    return in_order(nodes)


# --- paths


def _path(term: Path, context: Context) -> Value:
    start = term.start
    if start is None:
        nodes = [context.node]
    elif isinstance(start, Root):
        nodes = [context.root]
    else:
        value = _evaluate(start, context)
        if not isinstance(value, list):
            refusal = Refusal("path_from_value")
            refusal.position = term.position
            raise refusal
        nodes = value
    disjoint = len(nodes) < 2  # none of the nodes contains another
    for step in term.steps:
        if not nodes:
            break
        test, looked = step.test, len(nodes)
        if step.axis == "child" and test.kind == "name" and not test.prefix and not step.predicates and disjoint:
            name = test.name
            if name == "*":
                nodes = [child for node in nodes for child in node.children if child.kind == "element"]
            elif len(nodes) == 1:
                nodes = [child for child in nodes[0].named(name) if not child.prefix and child.namespace != _XHTML]
            else:
                nodes = [
                    child
                    for node in nodes
                    for child in (node.children if len(node.children) < MANY else node.named(name))
                    if child.name == name and child.kind == "element" and not child.prefix and child.namespace != _XHTML
                ]
            _spend(context, looked + len(nodes))
        else:
            nodes = _step(step, nodes, context, orderly=disjoint and step.axis in ORDERLY)
            disjoint = (
                len(nodes) < 2 or (step.axis in ORDERLY and disjoint) or (step.axis == "parent" and siblings(nodes))
            )
    return nodes


# Nodes looked at in one evaluation: far more than a form needs, and a second or two of work. What compares every node
# with every other in a large document meets this instead of standing still.
_BUDGET = 20_000_000
_AXIS_COST = 4  # what looking at a node along any axis costs, in children looked at


def _spend(context: Context, nodes: int) -> None:
    context.spent += nodes
    if context.spent > _BUDGET:
        raise Refusal("too_much_work")


def _step(step: Step, nodes: list[Node], context: Context, *, orderly: bool) -> list[Node]:
    """`orderly`: the nodes do not contain one another, and the axis keeps what it gives in document order."""
    try:
        passes = _node_test(step.test, step.axis, context)
    except Refusal as refusal:
        refusal.position = step.position
        raise
    if step.axis == "parent" and not step.predicates:
        _spend(context, len(nodes))
        return in_order(node.parent for node in nodes if node.parent is not None and passes(node.parent))
    found: list[Node] = []
    for node in nodes:
        if step.axis == "descendant":
            candidates = _descendants(node, step.test, passes, context)
        else:
            seen = list(along(step.axis, node))
            _spend(context, _AXIS_COST * len(seen))
            candidates = [candidate for candidate in seen if passes(candidate)]
        for predicate in step.predicates:
            candidates = _filter(predicate, candidates, context)
        found.extend(candidates)
    if len(nodes) == 1:
        return found[::-1] if step.axis in REVERSE else found
    return found if orderly else in_order(found)


def _descendants(node: Node, test: Test, passes: NodeTest, context: Context) -> list[Node]:
    if test.kind != "name" or test.prefix or test.name == "*":
        seen = list(node.descendants())
        _spend(context, _AXIS_COST * len(seen))
        return [item for item in seen if passes(item)]
    found: list[Node] = []
    name, stack = test.name, node.children[::-1]
    seen_nodes = 0
    while stack:
        item = stack.pop()
        seen_nodes += 1
        if item.name == name and passes(item):
            found.append(item)
        if item.children:
            stack.extend(item.children[::-1])
    _spend(context, _AXIS_COST * seen_nodes)
    return found


def _node_test(test: Test, axis: str, context: Context) -> NodeTest:
    kind, name = test.kind, test.name
    if kind == "node":
        return lambda node: True  # noqa: ARG005 - a test takes a node
    if kind == "processing-instruction":
        return lambda node: node.kind == "instruction" and name in ("", node.name)
    if kind != "name":
        return lambda node: node.kind == kind
    principal = "attribute" if axis == "attribute" else "element"
    if test.prefix:
        uri = _namespace(test.prefix, context)
        return lambda node: node.namespace == uri and name in ("*", node.name) and node.kind == principal
    if name == "*":
        return lambda node: node.kind == principal
    return lambda node: node.name == name and node.kind == principal and _bare(node)


def _bare(node: Node) -> bool:
    """A name without prefix is one written without prefix, whatever the default namespace: forms mean it so.

    XHTML around a form is not meant.
    """
    return not node.prefix and node.namespace != _XHTML


def _namespace(prefix: str, context: Context) -> str:
    uri = context.namespaces.get(prefix) or context.node.namespaces_in_scope().get(prefix) or WELL_KNOWN.get(prefix)
    if uri is None:
        raise Refusal("prefix", prefix=prefix)
    return uri


def _filtered(term: Filter, context: Context) -> Value:
    value = _evaluate(term.term, context)
    if not isinstance(value, list):
        refusal = Refusal("path_from_value")
        refusal.position = term.position
        raise refusal
    for predicate in term.predicates:
        value = _filter(predicate, value, context)
    return value


def _filter(predicate: Term, nodes: list[Node], context: Context) -> list[Node]:
    """The nodes for which a predicate holds; a number is a position (section 2.4)."""
    if isinstance(predicate, Number):
        index = predicate.value
        return [nodes[int(index) - 1]] if index.is_integer() and 1 <= index <= len(nodes) else []
    if len(nodes) > MANY:
        predicate = _prepared(predicate, context)
    node, position, size = context.node, context.position, context.size
    kept: list[Node] = []
    try:
        context.size = len(nodes)
        for number, candidate in enumerate(nodes, start=1):
            context.node, context.position = candidate, number
            value = _evaluate(predicate, context)
            if value == number if isinstance(value, float) else to_boolean(value):
                kept.append(candidate)
    finally:
        context.node, context.position, context.size = node, position, size
    return kept


@dataclass(frozen=True, slots=True)
class _Held:
    """A part of a predicate that has the same value for every candidate."""

    value: Value


def _prepared(term: Term, context: Context) -> Term:
    """A predicate in which paths from the root or current() are evaluated once: a filter asks them of every choice."""
    if isinstance(term, Operation):
        rest = tuple(replace(operand, term=_prepared(operand.term, context)) for operand in term.rest)
        return Operation(_prepared(term.first, context), rest, term.position)
    if isinstance(term, Path) and _fixed(term):
        return cast("Term", _Held(_path(term, context)))
    return term


def _fixed(path: Path) -> bool:
    start = path.start
    if not (isinstance(start, Root) or (isinstance(start, Call) and start.name == "current" and not start.arguments)):
        return False
    return not any(step.predicates or step.test.prefix for step in path.steps)


_READERS: Mapping[type, Callable[..., Value]] = {
    Number: _constant,
    Literal: _constant,
    _Held: _constant,
    Root: _root,
    Negation: _negation,
    Call: _call,
    Operation: _operation,
    Path: _path,
    Filter: _filtered,
}
