"""Which expression of a form depends on which node, and in which order expressions are evaluated.

The graph is made once per form, at the level of nodesets; `validation.instance` applies it to the nodes of a live
instance. A repeat's entry is told apart by where a reference goes out from: `../age` stays inside the entry, an
absolute path reads every entry. That is what keeps an answer in one entry from recalculating the others.

Rules (getodk/web-forms and JavaRosa, `CycleDetection`): a calculation that depends on itself, over other calculations
or relevances, is a cycle and refused; so is a relevance that reads its own node. Relevances that depend on one
another, choice filters and repeat counts may form circles: they settle, or stop after a bounded number of rounds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from validation.errors import Place, Problem
from validation.form import Bind, Control, Group, Itext, Repeat
from validation.tree import Node
from validation.xpath.parser import Expression
from validation.xpath.references import references_of
from validation.xpath.syntax import Call, Path, Step, Term, children

Kind = Literal["relevant", "calculate", "count", "items", "readonly", "required", "constraint", "warning", "text"]
EAGER: tuple[Kind, ...] = ("relevant", "calculate", "count", "items")

MOST_EDGES = 2_000_000
"""Nodes that all expressions of a form may read together: more is no form but a way to fill the memory."""

_SHOWN = 20  # nodes of a cycle that its Problem names: a longer sentence is not read

# Marks a repeat's step in a context, so that references which stay in the entry can be told from those that do not.
_MARK = "\x00"
_COUNTING = {"count": (0,), "position": (0,), "indexed-repeat": (1, 3, 5)}


@dataclass(frozen=True, slots=True)
class Computation:
    """One expression of the form and where it stands.

    `place` is the nodeset it is computed for, the node the entries hang in for a count; `steps` are its steps.

    Kinds that are evaluated at once when something they read changes: relevant, calculate, count (of a repeat), items
    (of a select whose answer must be among them). The others are evaluated when somebody asks; text is an output in a
    label or hint.
    """

    nodeset: str
    kind: Kind
    expression: Expression
    place: str
    steps: tuple[str, ...]

    @property
    def eager(self) -> bool:
        return self.kind in EAGER


class Trigger(NamedTuple):
    """A computation that reads a nodeset, by its number among them. `depth` is the number of steps that the node read
    and the node computed share for certain: the depth of the innermost repeat entry both stand in; 0 where any entry
    may be read.
    """

    number: int
    depth: int


@dataclass(frozen=True, slots=True)
class Graph:
    """All computations, eager ones first in the order of evaluation, and what each nodeset triggers.

    `structure` maps a repeat's nodeset to what is computed anew when entries come or go, `below` a nodeset with a
    relevance to what reads it or anything in it, `inside` a repeat's nodeset to the eager computations in an entry.
    """

    computations: tuple[Computation, ...]
    triggers: Mapping[str, tuple[Trigger, ...]]
    structure: Mapping[str, tuple[Trigger, ...]]
    below: Mapping[str, tuple[Trigger, ...]]
    inside: Mapping[str, tuple[int, ...]]
    eager: int


def build(
    binds: Mapping[str, Bind],
    body: Sequence[Control | Group | Repeat],
    repeats: Mapping[str, Repeat],
    nodes: Mapping[str, Node],
    itext: Itext,
) -> tuple[Graph, list[Problem]]:
    """The graph of a form and the cycles in it. `nodes` maps each nodeset of the primary instance to its node."""
    found = [*_computations(binds, body, repeats), *_texts(body, itext)]
    nodesets = _Nodesets(nodes)
    reads: list[set[tuple[str, int]]] = []
    edges = 0
    problems: list[Problem] = []
    for item in found:
        read = _reads(item, nodesets, repeats)
        edges += len(read)
        if edges > MOST_EDGES:
            at = Place(nodeset=item.nodeset, column=item.kind)
            problems = [Problem("form.entangled", at, {"most": str(MOST_EDGES)})]
            found, reads = [], []
            break
        reads.append(read)
    order, cycles = _order(found, reads)
    place = {old: new for new, old in enumerate(order)}
    computations = tuple(found[old] for old in order)
    triggers: dict[str, dict[Trigger, None]] = {}
    for old, read in enumerate(reads):
        made = {depth: Trigger(place[old], depth) for depth in {depth for _, depth in read}}
        for nodeset, depth in read:
            triggers.setdefault(nodeset, {})[made[depth]] = None
    eager = sum(item.eager for item in computations)
    frozen = {nodeset: tuple(hits) for nodeset, hits in triggers.items()}
    written = sorted(frozen)
    graph = Graph(
        computations=computations,
        triggers=frozen,
        structure={repeat: _structure(repeat, frozen, written) for repeat in repeats},
        below={item.nodeset: _below(item.nodeset, frozen, written) for item in found if item.kind == "relevant"},
        inside={repeat: _inside(repeat, computations[:eager]) for repeat in repeats},
        eager=eager,
    )
    return graph, [*problems, *cycles]


def _computations(
    binds: Mapping[str, Bind], body: Sequence[Control | Group | Repeat], repeats: Mapping[str, Repeat]
) -> Iterator[Computation]:
    kinds: tuple[Kind, ...] = ("relevant", "calculate", "readonly", "required", "constraint", "warning")
    for bind in binds.values():
        for kind in kinds:
            expression: Expression | None = getattr(bind, kind)
            if expression is not None:
                yield _computation(bind.nodeset, kind, expression)
    for repeat in repeats.values():
        if repeat.count is not None:
            yield _computation(repeat.nodeset, "count", repeat.count)
    for control in _controls(body):
        if control.itemset is not None:
            yield _computation(control.nodeset, "items", control.itemset.nodeset)


def _texts(body: Sequence[Control | Group | Repeat], itext: Itext) -> Iterator[Computation]:
    """The outputs in labels and hints: a screen must know which texts a change reaches."""
    work = list(body)
    for element in work:
        if not isinstance(element, Control):
            work.extend(element.children)
        if element.nodeset is None:
            continue
        texts = [element.label, None if isinstance(element, Repeat) else element.hint]
        found: dict[Expression, None] = {}
        for text in texts:
            if text is not None:
                found.update((part, None) for part in text.parts if isinstance(part, Expression))
                for values in itext.values.values():
                    value = values.get(text.itext or "")
                    parts = (*value.parts, *value.guidance) if value is not None else ()
                    found.update((part, None) for part in parts if isinstance(part, Expression))
        yield from (_computation(element.nodeset, "text", part) for part in found)


def _controls(elements: Iterable[Control | Group | Repeat]) -> Iterator[Control]:
    for element in elements:
        if isinstance(element, Control):
            yield element
        else:
            yield from _controls(element.children)


def _computation(nodeset: str, kind: Kind, expression: Expression) -> Computation:
    place = nodeset.rpartition("/")[0] if kind == "count" else nodeset
    return Computation(nodeset, kind, expression, place, tuple(place.split("/")[1:]))


class _Nodesets:
    """The nodesets of a form: which of them a reference can mean, and what is in a group. Asked once, then known."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self._nodes = nodes
        self._written = sorted(nodes)
        self._meant: dict[str, tuple[str, ...]] = {}
        self._inside: dict[str, tuple[str, ...]] = {}

    def meant(self, reference: str) -> tuple[str, ...]:
        """The nodesets an absolute reference can stand for; those of instance() are none of the form's."""
        if reference in self._nodes:
            return (reference,)
        if not ("*" in reference or "//" in reference or reference == "/"):
            return ()
        found = self._meant.get(reference)
        if found is None:
            found = tuple(nodeset for nodeset in self._nodes if _matches(nodeset.split("/")[1:], reference))
            self._meant[reference] = found
        return found

    def inside(self, nodeset: str) -> tuple[str, ...]:
        """The nodesets below a group whose text is part of the group's: attributes are not."""
        found = self._inside.get(nodeset)
        if found is None:
            found = tuple(below for below in _under(nodeset, self._written) if "@" not in below)
            self._inside[nodeset] = found
        return found


def _reads(item: Computation, nodesets: _Nodesets, repeats: Mapping[str, Repeat]) -> set[tuple[str, int]]:
    """(nodeset, depth shared) of everything an expression reads; wildcards become the nodesets they can stand for."""
    marked = _marked(item, repeats)
    found: set[tuple[str, int]] = set()
    for reference in references_of(item.expression.tree, marked):
        depth = _shared(reference)
        found.update((nodeset, depth) for nodeset in nodesets.meant(reference.replace(_MARK, "")))
    for reference in _whole(item.expression.tree, marked):
        depth = _shared(reference)
        for nodeset in nodesets.meant(reference.replace(_MARK, "")):
            found.update((leaf, depth) for leaf in nodesets.inside(nodeset) if leaf != item.nodeset)
    return found


def _shared(reference: str) -> int:
    """How many steps of a reference stay in the innermost repeat entry of its context."""
    return reference[: reference.rfind(_MARK) + 1].count("/")


def _marked(item: Computation, repeats: Mapping[str, Repeat]) -> str:
    marked, path = "", ""
    for step in item.nodeset.split("/")[1:]:
        path += f"/{step}"
        # The number of entries is asked for where the entries hang, not in one of them.
        inside = path in repeats and not (item.kind == "count" and path == item.nodeset)
        marked += f"/{step}{_MARK}" if inside else f"/{step}"
    return marked


def _matches(steps: list[str], pattern: str) -> bool:
    """Whether a nodeset can be meant by a pattern with `*` and `//`."""
    if pattern == "/":
        return True
    head, separator, tail = pattern.partition("//")
    wanted = [step for step in head.split("/") if step]
    if len(steps) < len(wanted) or any(w not in ("*", s) for w, s in zip(wanted, steps, strict=False)):
        return False
    rest = steps[len(wanted) :]
    if not separator:
        return not rest
    return any(_matches(rest[start:], f"/{tail}") for start in range(len(rest)))


def _whole(term: Term, context: str) -> Iterator[str]:
    """References to nodes whose text is used, not only counted: a group's text changes with what is in it."""
    work: list[tuple[Term, bool]] = [(term, True)]
    while work:
        item, used = work.pop()
        if isinstance(item, Path):
            ends = frozenset() if used else references_of(_bare(item), context)
            yield from references_of(item, context) - ends
        elif isinstance(item, Call):
            counted = _COUNTING.get(item.name, ())
            work.extend((part, number not in counted) for number, part in enumerate(item.arguments))
        else:
            work.extend((part, True) for part in children(item))


def _bare(path: Path) -> Path:
    return Path(path.start, tuple(Step(step.axis, step.test) for step in path.steps))


def _under(nodeset: str, written: Sequence[str]) -> Iterator[str]:
    """The nodesets below one, of a sorted sequence."""
    for index in range(bisect_left(written, f"{nodeset}/"), len(written)):
        if not written[index].startswith(f"{nodeset}/"):
            return
        yield written[index]


def _structure(repeat: str, triggers: Mapping[str, tuple[Trigger, ...]], written: Sequence[str]) -> tuple[Trigger, ...]:
    """What entries that come or go change: positions in the repeat, and whatever reads into it from outside."""
    depth = repeat.count("/")
    kept = dict.fromkeys(Trigger(hit.number, min(hit.depth, depth - 1)) for hit in triggers.get(repeat, ()))
    for nodeset in _under(repeat, written):
        kept.update((hit, None) for hit in triggers[nodeset] if hit.depth < depth)
    return tuple(kept)


def _below(nodeset: str, triggers: Mapping[str, tuple[Trigger, ...]], written: Sequence[str]) -> tuple[Trigger, ...]:
    """What reads a node or anything in it: all of it reads otherwise when the node's relevance changes."""
    depth = nodeset.count("/")
    kept = dict.fromkeys(triggers.get(nodeset, ()))
    for read in _under(nodeset, written):
        kept.update((Trigger(hit.number, min(hit.depth, depth)), None) for hit in triggers[read])
    return tuple(kept)


def _inside(repeat: str, eager: Sequence[Computation]) -> tuple[int, ...]:
    """The eager computations of one entry, its own number among its siblings not being one of them."""
    return tuple(
        index
        for index, item in enumerate(eager)
        if item.nodeset.startswith(f"{repeat}/") or (item.nodeset == repeat and item.kind != "count")
    )


def _order(found: list[Computation], reads: list[set[tuple[str, int]]]) -> tuple[list[int], list[Problem]]:
    """Indexes in the order of evaluation (eager first), and the cycles that are not allowed."""
    writers: dict[str, list[int]] = {}
    for index, item in enumerate(found):
        if item.eager:
            writers.setdefault(item.nodeset, []).append(index)
    changed_by: dict[str, tuple[int, ...]] = {}
    before: dict[int, list[int]] = {}
    for index, item in enumerate(found):
        if item.eager:
            sources: set[int] = set()
            for nodeset, _ in reads[index]:
                known = changed_by.get(nodeset)
                if known is None:
                    known = changed_by[nodeset] = tuple(_sources(nodeset, writers, found))
                sources.update(known)
            before[index] = sorted(sources)
    order: list[int] = []
    for component in _components(before):
        order.extend(sorted(component))
    strict = {
        index: [source for source in known_before if found[source].kind in ("relevant", "calculate")]
        for index, known_before in before.items()
        if found[index].kind in ("relevant", "calculate")
    }
    problems: list[Problem] = []
    for component in _components(strict):
        members = set(component)
        loops = [index for index in component if _reads_itself(found[index])]
        if loops or (len(component) > 1 and any(found[index].kind == "calculate" for index in component)):
            start = loops[0] if loops else min(component)
            problems.append(_cycle(found, _circle(start, members, strict)))
    order.extend(index for index, item in enumerate(found) if not item.eager)
    return order, problems


def _sources(nodeset: str, writers: Mapping[str, list[int]], found: list[Computation]) -> Iterator[int]:
    """What can change what a nodeset reads as: its own computations, relevance and number of all that is above."""
    yield from writers.get(nodeset, ())
    above = nodeset.rpartition("/")[0]
    while above:
        yield from (index for index in writers.get(above, ()) if found[index].kind in ("relevant", "count"))
        above = above.rpartition("/")[0]


def _reads_itself(item: Computation) -> bool:
    """Whether a computation uses the value of its own nodeset; counting its siblings or its position is no use."""
    return any(reference == item.nodeset for reference in _whole(item.expression.tree, item.nodeset))


def _circle(start: int, members: set[int], before: Mapping[int, list[int]]) -> list[int]:
    """A shortest way from a computation back to itself, in the order in which each depends on the next."""
    came: dict[int, int] = {start: start}
    work = [start]
    for index in work:
        for source in before[index]:
            if source == start:
                path = [index]
                while path[-1] != start:
                    path.append(came[path[-1]])
                return path[::-1]
            if source in members and source not in came:
                came[source] = index
                work.append(source)
    return [start]


def _cycle(found: list[Computation], circle: list[int]) -> Problem:
    first = found[circle[0]]
    path = [found[index].nodeset for index in circle] + [first.nodeset]
    if len(path) > _SHOWN:
        path[_SHOWN // 2 : -_SHOWN // 2] = ["…"]
    return Problem("form.cycle", Place(nodeset=first.nodeset, column=first.kind), {"path": " → ".join(path)})


def _components(before: Mapping[int, list[int]]) -> Iterator[list[int]]:
    """Strongly connected components, sources first (Tarjan, without recursion)."""
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    for start in before:
        if start in number:
            continue
        work: list[tuple[int, Iterator[int]]] = [(start, iter(before[start]))]
        number[start] = low[start] = len(number)
        stack.append(start)
        on_stack.add(start)
        while work:
            index, sources = work[-1]
            for source in sources:
                if source not in number:
                    number[source] = low[source] = len(number)
                    stack.append(source)
                    on_stack.add(source)
                    work.append((source, iter(before[source])))
                    break
                if source in on_stack:
                    low[index] = min(low[index], number[source])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[index])
                if low[index] == number[index]:
                    component: list[int] = []
                    while not component or component[-1] != index:
                        component.append(stack.pop())
                        on_stack.discard(component[-1])
                    yield component
