"""What a form says about each node before anybody answers: its type, what may be chosen, who fills it in.

`validation.clashes` and `validation.reachable` judge expressions by it; both need to know which one node a path means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from validation.form import Control, Form
from validation.tree import Node
from validation.xpath.parser import Expression
from validation.xpath.syntax import Call, Filter, Literal, Path, Root, Step, Term, children

CHOOSING = frozenset({"select1", "select", "rank"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One node. `kind` is the element that asks for it ('' where none does), `values` what can be chosen there.

    `values` None is unknown: no choices, or choices from a file or from other answers. `open` says that something
    else than a person fills it in as well, so that it may hold anything.
    """

    type: str
    kind: str = ""
    values: frozenset[str] | None = None
    open: bool = False


def inventory(form: Form) -> Mapping[str, Asked]:
    """Every node that has a bind or a question, by nodeset."""
    set_by_actions = {action.ref for action in form.actions}
    controls: dict[str, list[Control]] = {}
    for control in form.controls():
        controls.setdefault(control.nodeset, []).append(control)
    lists: dict[tuple[Expression, str] | None, frozenset[str] | None] = {}
    found: dict[str, Asked] = {}
    for nodeset in [*form.binds, *(nodeset for nodeset in controls if nodeset not in form.binds)]:
        bind, asking = form.binds.get(nodeset), controls.get(nodeset, [])
        values = [choices_of(form, control, lists) if control.kind in CHOOSING else None for control in asking]
        known = frozenset().union(*[value for value in values if value is not None])
        found[nodeset] = Asked(
            type=bind.type if bind is not None else "string",
            kind=next((control.kind for control in asking), ""),
            values=known if values and None not in values else None,
            open=bool(bind is not None and (bind.calculate or bind.preload)) or nodeset in set_by_actions,
        )
    return found


def choices_of(
    form: Form, control: Control, lists: dict[tuple[Expression, str] | None, frozenset[str] | None]
) -> frozenset[str] | None:
    """All values a question can offer, whatever its filter says; None where only the interview knows them.

    `lists` remembers what was read: a form asks for one long list many times.
    """
    own = frozenset(item.value for item in control.items)
    key = (control.itemset.nodeset, control.itemset.value) if control.itemset is not None else None
    if key not in lists:
        lists[key] = _values(form, *key) if key is not None else frozenset()
    listed = lists[key]
    return (own | listed) or None if listed is not None else None


def _values(form: Form, expression: Expression, name: str) -> frozenset[str] | None:
    items = items_of(form, expression)
    found = [item.child(name) for item in items] if items is not None else [None]
    return frozenset(value.value.strip() for value in found if value is not None) if None not in found else None


def items_of(form: Form, expression: Expression) -> list[Node] | None:
    """The items of a list inside the form that an itemset selects from, unfiltered; None for any other itemset."""
    term = expression.tree
    if isinstance(term, Call) and term.name == "randomize" and term.arguments:
        term = term.arguments[0]
    if not isinstance(term, Path) or term.start is None:
        return None
    start = term.start.term if isinstance(term.start, Filter) else term.start
    if not (isinstance(start, Call) and start.name == "instance" and start.arguments):
        return None
    name = start.arguments[0]
    if not isinstance(name, Literal) or name.value not in form.instances:
        return None
    found = [form.instances[name.value]]
    # instance() is the root element of the list already, so that its first step names it or what is in it.
    for step in term.steps:
        if step.axis != "child" or step.test.kind != "name" or step.test.name == "*":
            return None
        found = [child for node in found for child in node.elements() if child.name == step.test.name]
    return found


def step_to(where: str, step: Step) -> str | None:
    """The nodeset one step away from another, without its predicates; None where a step may lead to several names."""
    if step.axis == "child" and step.test.kind == "name" and step.test.name != "*":
        return f"{where}/{step.test}"
    if step.axis == "attribute" and step.test.kind == "name" and step.test.name != "*":
        return f"{where}/@{step.test}"
    if step.axis == "self" and step.test.kind == "node":
        return where
    if step.axis == "parent" and step.test.kind == "node" and where.count("/") > 1:
        return where.rpartition("/")[0]
    return None


def nodeset_of(term: Term, context: str | None, current: str) -> str | None:
    """The nodeset a path means when it stands at `context`; None for other terms and for paths to several names."""
    if isinstance(term, Filter):
        return nodeset_of(term.term, context, current)
    if isinstance(term, Call):
        if term.name == "current" and not term.arguments:
            return current
        if term.name == "indexed-repeat" and term.arguments:
            return nodeset_of(term.arguments[0], context, current)
        if term.name == "instance" and term.arguments and isinstance(term.arguments[0], Literal):
            return f"instance('{term.arguments[0].value}')"
        return None
    if not isinstance(term, Path):
        return None
    where = "" if isinstance(term.start, Root) else context
    if term.start is not None and not isinstance(term.start, Root):
        where = nodeset_of(term.start, context, current)
    for step in term.steps:
        where = step_to(where, step) if where is not None else None
    return where


def terms(expression: Expression, nodeset: str) -> Iterator[tuple[Term, str | None]]:
    """Every term of an expression with the nodeset relative paths in it go out from; None where that is not known."""
    work: list[tuple[Term, str | None]] = [(expression.tree, nodeset)]
    while work:
        term, context = work.pop()
        yield term, context
        if isinstance(term, Filter):
            inside = nodeset_of(term.term, context, nodeset)
            work.append((term.term, context))
            work.extend((predicate, inside) for predicate in term.predicates)
        elif isinstance(term, Path):
            where = "" if isinstance(term.start, Root) else context
            if term.start is not None and not isinstance(term.start, Root):
                where = nodeset_of(term.start, context, nodeset)
                work.append((term.start, context))
            for step in term.steps:
                where = step_to(where, step) if where is not None else None
                work.extend((predicate, where) for predicate in step.predicates)
        else:
            work.extend((part, context) for part in children(term))
