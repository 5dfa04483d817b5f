"""Paths into secondary instances, as maps: what one gives is found once per distinct tuple of the answers it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from validation.errors import XPathError
from validation.tree import Node
from validation.xpath.columns.column import Column
from validation.xpath.columns.sheets import NoColumnForm, Nodes
from validation.xpath.evaluator import evaluate_tree
from validation.xpath.parser import Expression, parse
from validation.xpath.syntax import Call, Filter, Literal, Negation, Number, Operation, Path, Root, Step, Term
from validation.xpath.values import Refusal, Value, text_of, to_string

if TYPE_CHECKING:
    from validation.xpath.columns.evaluate import Evaluator, Frame

# Calls that without argument read the node a predicate is asked of.
_OF_THE_NODE = frozenset({"position", "last", "string", "number", "string-length", "normalize-space", "name",
                          "local-name", "namespace-uri"})  # fmt: skip


def reads_items(term: Term | None) -> bool:
    """Whether a term gives nodes of a secondary instance."""
    if isinstance(term, Path):
        return reads_items(term.start)
    if isinstance(term, Filter):
        return reads_items(term.term)
    if isinstance(term, Call) and term.name == "randomize" and term.arguments:
        return reads_items(term.arguments[0])
    return isinstance(term, Call) and term.name == "instance"


def looked_up(evaluator: Evaluator, term: Term, frame: Frame) -> Column:
    """The nodes that a path into a secondary instance gives, a list of them a context."""
    found = _by_index(evaluator, term, frame)
    if found is not None:
        return found
    parameters: list[Column] = []
    bound = _bound(term, evaluator, frame, parameters)
    context = replace(evaluator.context)

    def nodes(*values: Value) -> Value:
        return evaluate_tree(Expression("", _filled(bound, values)), context)

    return evaluator.mapped(nodes, parameters, "any", frame)


class _Hole(Literal):
    """Stands in a term for the value of a parameter; its position is the parameter's number."""

    __slots__ = ()


def _bound(term: Term, evaluator: Evaluator, frame: Frame, parameters: list[Column]) -> Term:
    """The term with everything that belongs to the record, not to the items, replaced by parameters."""

    def part(inner: Term) -> Term:
        if isinstance(inner, Number | Literal):
            return inner
        if not fixed(inner):
            return _rebuilt(inner, part)
        value = evaluator.evaluate(inner, frame)
        if isinstance(value, Nodes) and not value.single:
            raise NoColumnForm("entries of a repeat in a look-up")
        parameters.append(evaluator.values(value).listed())
        return _Hole("", len(parameters) - 1)

    def items(inner: Term) -> Term:
        if not reads_items(inner):
            return part(inner)
        if isinstance(inner, Call) and inner.name == "instance":
            if not isinstance(inner.arguments[0], Literal):
                raise NoColumnForm("instance() of a name that is not written there")
            return inner
        if isinstance(inner, Call):
            if len(inner.arguments) < 2:
                raise NoColumnForm("an order by chance")
            return Call(inner.name, (items(inner.arguments[0]), *map(part, inner.arguments[1:])), inner.position)
        return _rebuilt(inner, items, part)

    return items(term)


def _rebuilt(term: Term, terms: Callable[[Term], Term], predicate: Callable[[Term], Term] | None = None) -> Term:
    """The term with each term directly inside it replaced; predicates by `predicate`."""
    predicate = predicate or terms
    if isinstance(term, Operation):
        rest = tuple(replace(operand, term=terms(operand.term)) for operand in term.rest)
        return Operation(terms(term.first), rest, term.position)
    if isinstance(term, Negation):
        return Negation(terms(term.operand), term.position)
    if isinstance(term, Call):
        return Call(term.name, tuple(map(terms, term.arguments)), term.position)
    if isinstance(term, Path):
        steps = tuple(replace(step, predicates=tuple(map(predicate, step.predicates))) for step in term.steps)
        return Path(None if term.start is None else terms(term.start), steps, term.position)
    if isinstance(term, Filter):
        return Filter(terms(term.term), tuple(map(predicate, term.predicates)), term.position)
    return term


def _filled(term: Term, values: Sequence[Value]) -> Term:
    """The term with the values of its parameters in their places."""
    if isinstance(term, _Hole):
        return Literal(cast("Any", values[term.position]))  # a literal is evaluated to what it holds
    return _rebuilt(term, lambda part: _filled(part, values))


def fixed(term: Term) -> bool:
    """Whether a part of a predicate has the same value for every candidate: it reads the record, not the item."""
    if isinstance(term, Path):
        start = term.start
        if start is None:
            return False
        return isinstance(start, Root) or reads_items(start) or fixed(start)
    if isinstance(term, Call):
        if not term.arguments and term.name in _OF_THE_NODE:
            return False
        return term.name != "once" and all(map(fixed, term.arguments))
    if isinstance(term, Filter):
        return reads_items(term) or fixed(term.term)
    if isinstance(term, Operation):
        return fixed(term.first) and all(fixed(operand.term) for operand in term.rest)
    return fixed(term.operand) if isinstance(term, Negation) else True


# --- items by the text of one child


def _by_index(evaluator: Evaluator, term: Term, frame: Frame) -> Column | None:
    """`instance('list')/root/item[name = …]/label`, found by an index of the items; None where it is not so written."""
    if not isinstance(term, Path) or not isinstance(term.start, Call) or term.start.name != "instance":
        return None
    places = [place for place, step in enumerate(term.steps) if step.predicates]
    if len(places) != 1 or len(term.steps[places[0]].predicates) != 1:
        return None
    at = places[0]
    key, sought = _equation(term.steps[at].predicates[0])
    if key is None or sought is None:
        return None
    value = evaluator.evaluate(sought, frame)
    if isinstance(value, Nodes) and not value.single:
        return None
    column = evaluator.values(value)
    if column.kind != "text":
        return None
    step = term.steps[at]
    before = Path(term.start, (*term.steps[:at], Step(step.axis, step.test)))
    index = _index(evaluator, before, key)
    after = term.steps[at + 1 :]

    def nodes(text: Value) -> Value:
        items = index.get(to_string(text), [])
        if not after or not items:
            return items
        return evaluate_tree(Expression("", Path(Literal(cast("Any", items)), after)), evaluator.context)

    return evaluator.mapped(nodes, (column.texts(),), "any", frame)


def _equation(predicate: Term) -> tuple[str | None, Term | None]:
    """The child and what it must equal, of `name = …` or `… = name`."""
    if not isinstance(predicate, Operation) or len(predicate.rest) != 1 or predicate.rest[0].operator != "=":
        return None, None
    for child, other in ((predicate.first, predicate.rest[0].term), (predicate.rest[0].term, predicate.first)):
        if isinstance(child, Path) and child.start is None and len(child.steps) == 1:
            step = child.steps[0]
            plain = step.axis == "child" and step.test.kind == "name" and not step.test.prefix and not step.predicates
            if plain and step.test.name != "*" and fixed(other):
                return step.test.name, other
    return None, None


def _index(evaluator: Evaluator, path: Path, key: str) -> Mapping[str, list[Node]]:
    """The items a path gives by the text of a child."""
    known = evaluator.indexes.get((path, key))
    if known is None:
        try:
            items = evaluate_tree(Expression("", path), evaluator.context)
        except XPathError:
            raise NoColumnForm("an instance that is not there") from None
        found: dict[str, list[Node]] = {}
        for item in items if isinstance(items, list) else []:
            texts = dict.fromkeys(text_of(child) for child in item.named(key) if not child.prefix)
            for text in texts:
                found.setdefault(text, []).append(item)
        known = evaluator.indexes[path, key] = found
    return known


def pulldata(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
    """pulldata('list', 'column', 'key column', key): the cell of the first item that has the key."""
    columns = [evaluator.column(argument, frame).texts() for argument in term.arguments]

    def cell(name: Value, column: Value, key_column: Value, key: Value) -> Value:
        name, key_column = to_string(name), to_string(key_column)
        top = evaluator.context.instances.get(name)
        if top is None:
            raise Refusal("unknown_instance")
        items = evaluator.pulled.get((name, key_column))
        if items is None:
            items = evaluator.pulled[name, key_column] = {}
            root = next(top.elements(), None)
            for item in root.elements() if root is not None else ():
                held = item.child(key_column)
                if held is not None:
                    items.setdefault(text_of(held), item)
        item_found = items.get(to_string(key))
        found = item_found.child(to_string(column)) if item_found is not None else None
        return text_of(found) if found is not None else ""

    return evaluator.mapped(cell, columns, "text", frame)


def choice_name(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
    """The label of a choice of the question that a path, written as text, names."""
    value, question = term.arguments
    if not isinstance(question, Literal):
        raise NoColumnForm("jr:choice-name() of a question that is not written there")
    found = evaluator.evaluate(parse(question.value.strip()).tree, frame)
    if not isinstance(found, Nodes) or not found.single:
        raise NoColumnForm("jr:choice-name() of several questions")
    return evaluator.record.label(evaluator, evaluator.column(value, frame), found)


def itext(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
    """The text of an itext id, where no answer is quoted in it."""
    if evaluator.context.itext is None:
        raise NoColumnForm("jr:itext()")
    render = evaluator.context.itext
    column = evaluator.column(term.arguments[0], frame).texts()
    return evaluator.mapped(lambda name: cast("Value", render(to_string(name))), (column,), "text", frame)
