"""Which nodes an expression reads: the edges of the dependency graph, and the instances a form must provide."""

from __future__ import annotations

from validation.xpath.syntax import Call, Filter, Literal, Operation, Path, Root, Step, Term, children

_EVERYTHING = "//*"
# Functions that give back (some of) the nodes of their first argument.
_PASSING = frozenset({"randomize"})


def references_of(term: Term, context: str) -> frozenset[str]:
    """The absolute nodesets a term reads when `context` is the nodeset where it stands.

    Positions and predicates are dropped, but what predicates read is included. `..` and `current()` are resolved.
    Steps that name no child keep a wildcard: '/data/*', '/data//x'; an axis that leaves the branch reads '//*'. Nodes
    of secondary instances are written "instance('towns')/root/item/name". Attributes end in '/@name'.
    """
    found: set[str] = set()
    _walk(term, context, context, found)
    return frozenset(found)


def instances_of(term: Term) -> frozenset[str]:
    """Names of secondary instances: literal first arguments of instance() and pulldata()."""
    found: set[str] = set()
    work: list[Term] = [term]
    while work:
        item = work.pop()
        if isinstance(item, Call) and item.name in ("instance", "pulldata") and item.arguments:
            name = item.arguments[0]
            if isinstance(name, Literal):
                found.add(name.value)
        work.extend(children(item))
    return frozenset(found)


def _walk(term: Term, here: str, current: str, found: set[str]) -> frozenset[str]:
    """Collect what a term reads; return the nodesets it stands for, none where it is no path."""
    if isinstance(term, Root):
        found.add("/")
        return frozenset({"/"})
    if isinstance(term, Path):
        starts = frozenset({here}) if term.start is None else _start(term.start, here, current, found)
        ends = frozenset(end for start in starts for end in _steps(term.steps, start, current, found))
        found.update(ends)
        return ends
    if isinstance(term, Filter):
        nodes = _walk(term.term, here, current, found)
        for node in nodes:
            for predicate in term.predicates:
                _walk(predicate, node, current, found)
        return nodes
    if isinstance(term, Call):
        return _call(term, here, current, found)
    parts = [_walk(part, here, current, found) for part in children(term)]
    if isinstance(term, Operation) and term.rest[0].operator == "|":
        return frozenset().union(*parts)
    return frozenset()


def _start(term: Term, here: str, current: str, found: set[str]) -> frozenset[str]:
    if isinstance(term, Root):
        return frozenset({""})
    nodes = _walk(term, here, current, set() if isinstance(term, Call) and term.name == "current" else found)
    return nodes or frozenset({_EVERYTHING})


def _call(term: Call, here: str, current: str, found: set[str]) -> frozenset[str]:
    if term.name == "current":
        found.add(current)
        return frozenset({current})
    if term.name == "instance" and term.arguments and isinstance(term.arguments[0], Literal):
        return frozenset({f"instance('{term.arguments[0].value}')"})
    results = [_walk(argument, here, current, found) for argument in term.arguments]
    if term.name in _PASSING and results:
        return results[0]
    return frozenset()


def _steps(steps: tuple[Step, ...], start: str, current: str, found: set[str]) -> frozenset[str]:
    where = start
    for step in steps:
        name = str(step.test) if step.test.kind == "name" else "*"
        if step.axis == "child":
            if step.test.kind not in ("text", "comment", "processing-instruction"):
                where = f"{where}/{name}"
        elif step.axis == "attribute":
            where = f"{where}/@{name}"
        elif step.axis == "parent":
            where = _parent(where)
        elif step.axis in ("descendant", "descendant-or-self"):
            where = f"{where}/" if step.test.kind == "node" else f"{where}//{name}"
        elif step.axis != "self":
            where = _EVERYTHING
        where = where.replace("///", "//")
        for predicate in step.predicates:
            _walk(predicate, where.rstrip("/") or "/", current, found)
    if where.endswith("/"):
        where += "/*"
    return frozenset({where.replace("///", "//") or "/"})


def _parent(where: str) -> str:
    if "//" in where:
        return _EVERYTHING
    above, _, _ = where.rpartition("/")
    return above
