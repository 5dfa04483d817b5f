"""The live nodes of one record and their recalculation: what changed is followed through the form's graph.

A change schedules the computations that read the changed node, for the node instances that can have read it, and
`settle` runs them in the graph's order until nothing changes. Values that are asked for rarely (required, readonly,
constraints, choices) are only forgotten here and computed again when somebody asks.
"""

from __future__ import annotations

import heapq
import math
import random as random_numbers
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Literal

from validation.choices import choice_label, item_values
from validation.dag import Computation, Kind, Trigger
from validation.datatypes import canonical, whole
from validation.errors import Problem, XPathError
from validation.form import Action, Control, Form, Text
from validation.labels import render_itext
from validation.records import insert
from validation.tree import Node
from validation.xpath.evaluator import Context, Value, evaluate_tree, to_boolean, to_number, to_string
from validation.xpath.parser import Expression, references

ViolationKind = Literal["required", "constraint", "type", "warning"]
Judgement = tuple[ViolationKind, Text | None, str]

ROUNDS = 100
"""How often one computation may run again before a circle of relevances, filters or counts is taken as settled."""

COUNT_ROUNDS = 3
"""The same for repeat counts: one that its own entries make grow would never stop ('until the answer is no')."""

MOST_ENTRIES = 1000
"""Entries that a repeat count may make: a mistyped number must not fill the memory."""

_STEP = re.compile(r"([^\[\]]+)(?:\[([0-9]{1,9})\])?")


def drawn(item: Computation) -> bool:
    """Whether chance alone decides a value: a record that is opened again keeps it."""
    source = item.expression.source
    return ("uuid(" in source or "random()" in source) and not references(item.expression, item.nodeset)


def _absent(parent: Node, nodeset: str) -> Node:
    """An entry that is not there, as the place from which its repeat's expressions are written."""
    prefix, _, name = nodeset.rpartition("/")[2].rpartition(":")
    place = Node.element(name, prefix=prefix)
    place.parent = parent
    return place


class State:
    """The nodes of one record. `instances` are the secondary ones, `random` is all chance there is.

    `failures` holds what could not be computed, by computation and node: such a value reads as empty, a relevance as
    true. `unlisted` are questions whose choices nobody knows here. `judged` remembers what `validation.violations`
    found until it may be otherwise. `clamped` holds parent and nodeset of repeats whose count asked for more than
    `MOST_ENTRIES`.
    """

    def __init__(
        self,
        form: Form,
        root: Node,
        *,
        now: datetime,
        language: str | None,
        instances: Mapping[str, Node],
        random: random_numbers.Random,
        unlisted: frozenset[str] = frozenset(),
    ) -> None:
        self.form = form
        self.root = root
        self.now = now
        self.language = language
        self.instances = instances
        self.random = random
        self.unlisted = unlisted
        self.nodesets: dict[Node, str] = {}
        self._single: dict[str, Node] = {}
        self._several: set[str] = set()
        self.judged: dict[Node, tuple[Judgement, ...]] = {}
        self.failures: dict[tuple[int, Node], Problem] = {}
        self.refused_actions: dict[Action, Problem] = {}
        self.clamped: set[tuple[Node, str]] = set()
        self.touched: dict[Node, None] = {}
        self.controls: dict[str, list[Control]] = {}
        for control in form.controls():
            self.controls.setdefault(control.nodeset, []).append(control)
        self.index = {(item.nodeset, item.kind): n for n, item in enumerate(form.graph.computations)}
        self._items = {
            (item.nodeset, item.expression): n for n, item in enumerate(form.graph.computations) if item.kind == "items"
        }
        self._filtered = frozenset(nodeset for nodeset, _ in self._items)
        self._triggering = frozenset(action.trigger for action in form.actions if action.trigger is not None)
        self._known: dict[tuple[int, Node], object] = {}
        self._offered: dict[Node, frozenset[str]] = {}  # where there is an answer: what was offered when it was given
        self._begun = False
        self._kept: dict[Node, str] = {}
        self._shrunk: dict[tuple[Node, str], list[Node]] = {}
        self._queue: list[int] = []
        self._waiting: dict[int, dict[Node, None]] = {}
        self._entries = 0
        self.fired: dict[Node, None] = {}
        self.created: list[Node] = []
        for child in root.elements():
            self.register(child, f"/{child.qualified}")

    # --- evaluation

    def evaluate(
        self, expression: Expression, node: Node, *, language: str | None = None, texts_at: Node | None = None
    ) -> Value:
        """The value of an expression at a node. XPathError where it cannot be had.

        `texts_at` is where outputs in texts are read, if that is not the same node.
        """
        language = language or self.language
        place = texts_at or node
        context = Context(
            node=node,
            root=self.root,
            now=self.now,
            tz=self.now.tzinfo or UTC,
            language=language,
            instances=self.instances,
            itext=lambda name: render_itext(name, self.form.itext, place, language, self),
            choice_label=lambda path, value: choice_label(self, path, value, language),
            random=self.random,
            namespaces=self.form.namespaces,
        )
        return evaluate_tree(expression, context)

    def try_evaluate(self, index: int, node: Node, where: Node | None = None) -> Value | None:
        """The value of a computation; None where it cannot be had, which is noted in `failures`."""
        try:
            value = self.evaluate(self.form.graph.computations[index].expression, where or node)
        except XPathError as error:
            self.failures[index, node] = error.problems[0]
            return None
        self.failures.pop((index, node), None)
        return value

    def truth(self, kind: Kind, node: Node, *, otherwise: bool) -> bool:
        """A condition of a node, computed when asked for and remembered until something it reads changes.

        `otherwise` stands where the node has none of this kind, or where it cannot be computed.
        """
        index = self.index.get((self.nodesets[node], kind))
        if index is None:
            return otherwise
        known = self._known.get((index, node))
        if known is None:
            value = self.try_evaluate(index, node)
            known = self._known[index, node] = otherwise if value is None else to_boolean(value)
        return known is True

    # --- nodes

    def register(self, node: Node, nodeset: str) -> None:
        """Take a node and all below it into the record; repeat entries get their stable ids."""
        repeats = self.form.repeats
        work = [(node, nodeset, not any(nodeset.startswith(f"{repeat}/") for repeat in repeats))]
        while work:
            item, where, single = work.pop()
            self.nodesets[item] = where
            if where in repeats:
                single = False
                if item.entry is None:
                    self._entries += 1
                    item.entry = str(self._entries)
            # Outside repeats a nodeset is one node, unless a foreign record holds it twice: then it is looked for.
            if single and self._single.setdefault(where, item) is not item:
                self._several.add(where)
            for attribute in item.attribute_nodes():
                self.nodesets[attribute] = f"{where}/@{attribute.qualified}"
            work.extend((child, f"{where}/{child.qualified}", single) for child in item.elements())
        for where in self._several:
            self._single.pop(where, None)

    def forget(self, node: Node) -> None:
        """Let go of a node and all below it."""
        for item in (node, *node.descendants()):
            for one in (item, *item.attribute_nodes()):
                self.nodesets.pop(one, None)
                self._offered.pop(one, None)
                self.touched.pop(one, None)
                self.judged.pop(one, None)
                self.fired.pop(one, None)

    def at(self, nodeset: str) -> list[Node]:
        """All nodes of a nodeset."""
        node = self._single.get(nodeset)
        return [node] if node is not None else self.find(nodeset.strip("/").split("/"), self.root)

    def find(self, steps: Iterable[str], start: Node) -> list[Node]:
        """All nodes that steps lead to from a node."""
        nodes = [start]
        for step in steps:
            if step.startswith("@"):
                nodes = [a for node in nodes for a in node.attribute_nodes() if a.qualified == step[1:]]
            elif ":" in step:
                nodes = [child for node in nodes for child in node.children if child.qualified == step]
            else:
                nodes = [child for node in nodes for child in node.named(step) if not child.prefix]
        return nodes

    def locate(self, path: str) -> Node | None:
        """The node at a path; a step without position means the first. None where there is none."""
        single = self._single.get(path)
        if single is not None:
            return single
        node = self.root
        for step in path.removeprefix("/").split("/"):
            if step.startswith("@"):
                found = self.find((step,), node)
                return found[0] if found else None
            match = _STEP.fullmatch(step)
            if match is None:
                return None
            nodes = self.find((match[1],), node)
            position = int(match[2] or 1)
            if not 1 <= position <= len(nodes):
                return None
            node = nodes[position - 1]
        return node if node in self.nodesets else None

    def path(self, node: Node) -> str:
        """The path of a node, with positions at entries and wherever siblings share a name (as `Node.path`)."""
        nodeset = self.nodesets[node]
        if nodeset in self._single or node.parent is None or node.kind == "attribute":
            return nodeset if nodeset in self._single else node.path()
        above = self.path(node.parent) if node.parent in self.nodesets else ""
        same = self.find((node.qualified,), node.parent)
        place = f"[{same.index(node) + 1}]" if len(same) > 1 or node.entry is not None else ""
        return f"{above}/{node.qualified}{place}"

    # --- changes

    def set_text(self, node: Node, text: str) -> bool:
        """Put a text into a node, composed (NFC), and schedule what reads it. False where it was there already."""
        text = unicodedata.normalize("NFC", text)
        if node.value == text:
            return False
        node.value = text
        self.touched[node] = None
        self.judged.pop(node, None)
        nodeset = self.nodesets[node]
        if text and self._begun and node not in self._offered and nodeset in self._filtered:
            self._offered[node] = self.allowed(node)
        self.fire(self.form.graph.triggers.get(nodeset, ()), node, nodeset.count("/"))
        if nodeset in self._triggering:
            self.fired[node] = None
        return True

    def answer_text(self, node: Node, text: str) -> bool:
        """The same for an answer somebody gave: what a filter had taken from the old one is forgotten."""
        self._kept.pop(node, None)
        return self.set_text(node, text)

    def fire(self, hits: Iterable[Trigger], node: Node, depth: int) -> None:
        """Schedule computations for every node that shares the triggers' depth with a node `depth` steps down."""
        computations = self.form.graph.computations
        for hit in hits:
            scope = node
            for _ in range(depth - min(hit.depth, depth)):
                if scope.parent is not None:
                    scope = scope.parent
            item = computations[hit.number]
            found = self.at(item.place) if scope is self.root else self.find(item.steps[min(hit.depth, depth) :], scope)
            for target in found:
                self.schedule(hit.number, target)

    def schedule(self, index: int, node: Node) -> None:
        """Have a computation run for a node, or its remembered value forgotten."""
        self._known.pop((index, node), None)
        self.judged.pop(node, None)
        if index >= self.form.graph.eager:
            self.touched[node] = None
            return
        waiting = self._waiting.get(index)
        if waiting is None:
            self._waiting[index] = {node: None}
            heapq.heappush(self._queue, index)
        else:
            waiting[node] = None

    def schedule_all(self, *, keep_drawn: bool = False) -> None:
        """Have every eager computation run for every node it stands at.

        `keep_drawn` spares values that chance alone decided (uuid(), random() and nothing else): a record that is
        opened again keeps its ids.
        """
        for index, item in enumerate(self.form.graph.computations[: self.form.graph.eager]):
            spared = keep_drawn and item.kind == "calculate" and drawn(item)
            for node in self.at(item.place):
                if not (spared and node.value):
                    self.schedule(index, node)

    def settle(self) -> None:
        """Run what is scheduled, in the graph's order, until nothing is."""
        rounds: dict[int, int] = {}
        computations = self.form.graph.computations
        while self._queue:
            index = heapq.heappop(self._queue)
            waiting = self._waiting.pop(index)
            rounds[index] = rounds.get(index, 0) + 1
            if rounds[index] > (COUNT_ROUNDS if computations[index].kind == "count" else ROUNDS):
                continue
            for node in waiting:
                if node in self.nodesets:
                    self._run(index, computations[index], node)
        self._begun = True

    def _run(self, index: int, item: Computation, node: Node) -> None:
        if item.kind == "calculate":
            self.set_text(node, self._calculated(index, item, node))
        elif item.kind == "relevant":
            value = self.try_evaluate(index, node)
            relevant = True if value is None else to_boolean(value)
            if node.relevant != relevant:
                node.relevant = relevant
                self.touched[node] = None
                self.fire(self.form.graph.below[item.nodeset], node, item.nodeset.count("/"))
        elif item.kind == "count":
            self._count(index, item, node)
        else:
            self._filter(node)

    def _calculated(self, index: int, item: Computation, node: Node) -> str:
        value = self.try_evaluate(index, node)
        if value is None:
            return ""
        bind = self.form.binds[item.nodeset]
        if isinstance(value, float) and not math.isfinite(value):
            return ""
        text = to_string(value)
        return whole(text) if canonical(bind.type) == "int" else text

    # --- choices

    def offered(self, control: Control, node: Node) -> list[tuple[str, Node]]:
        """Value and item of each choice of an itemset, remembered until something it reads changes."""
        if control.itemset is None:
            return []
        key = (self._items[control.nodeset, control.itemset.nodeset], node)
        known = self._known.get(key)
        if not isinstance(known, list):
            try:
                known = item_values(self, control.itemset, node)
            except XPathError as error:
                self.failures[key] = error.problems[0]
                known = []
            self._known[key] = known
        return known

    def allowed(self, node: Node) -> frozenset[str]:
        """The values that the choices of a question offer now."""
        found: set[str] = set()
        for control in self.controls.get(self.nodesets[node], ()):
            found.update(item.value for item in control.items)
            if control.itemset is not None:
                found.update(value for value, _ in self.offered(control, node))
        return frozenset(found)

    def _filter(self, node: Node) -> None:
        """Take out of an answer what a changed filter offers no more; give back what it offers again."""
        self.touched[node] = None
        if not node.value and node not in self._kept:
            self._offered.pop(node, None)  # nothing to take away; most questions of most records are empty
            return
        allowed = self.allowed(node)
        before = self._offered.get(node)
        self._offered[node] = allowed
        if before is None or before == allowed:
            return
        whole = self._kept.get(node, node.value)
        single = all(control.kind == "select1" for control in self.controls[self.nodesets[node]])
        values = [whole] if single else whole.split()
        text = " ".join(value for value in values if value in allowed)
        if text == whole:
            self._kept.pop(node, None)
        else:
            self._kept[node] = whole
        self.set_text(node, text)

    # --- repeats

    def entries(self, parent: Node, nodeset: str) -> list[Node]:
        """The entries of a repeat that hang in a node."""
        return self.find((nodeset.rpartition("/")[2],), parent)

    def repeat_relevant(self, parent: Node, nodeset: str) -> bool:
        """Whether an entry would be relevant, in a repeat that has none yet."""
        bind = self.form.binds.get(nodeset)
        if not parent.is_relevant() or bind is None or bind.relevant is None:
            return parent.is_relevant()
        try:
            return to_boolean(self.evaluate(bind.relevant, _absent(parent, nodeset)))
        except XPathError:
            return True

    def add_entry(self, parent: Node, nodeset: str) -> Node:
        """A new last entry. Its computations are scheduled; `created` remembers it for odk-new-repeat."""
        entry = self.form.repeat_templates[nodeset].copy()
        self._hang(parent, nodeset, entry)
        self.created.append(entry)
        return entry

    def _hang(self, parent: Node, nodeset: str, entry: Node) -> None:
        insert(self.form, parent, nodeset, entry)
        self.register(entry, nodeset)
        depth = nodeset.count("/")
        for number in self.form.graph.inside[nodeset]:
            for node in self.find(self.form.graph.computations[number].steps[depth:], entry):
                self.schedule(number, node)
        self.fire(self.form.graph.structure[nodeset], parent, depth - 1)
        self.touched[parent] = None

    def remove_entry(self, entry: Node) -> None:
        """Take an entry away; those after it move up."""
        nodeset, parent = self.nodesets[entry], entry.parent
        if parent is None:
            return
        parent.remove(entry)
        self.forget(entry)
        self.fire(self.form.graph.structure[nodeset], parent, nodeset.count("/") - 1)
        self.touched[parent] = None

    def _count(self, index: int, item: Computation, parent: Node) -> None:
        """Make as many entries as a count asks for. Entries it takes away come back when it grows again."""
        # A reference in a count is written as seen from an entry, and there may be none yet.
        value = self.try_evaluate(index, parent, _absent(parent, item.nodeset))
        number = 0.0 if value is None else to_number(value)
        wanted = 0 if math.isnan(number) else int(max(0.0, min(number, MOST_ENTRIES)))
        key = (parent, item.nodeset)
        if number > MOST_ENTRIES:
            self.clamped.add(key)
        else:
            self.clamped.discard(key)
        present = self.entries(parent, item.nodeset)
        for entry in reversed(present[wanted:]):
            self.remove_entry(entry)
            self._shrunk.setdefault(key, []).append(entry)
        for _ in range(wanted - len(present)):
            shrunk = self._shrunk.get(key)
            if shrunk:
                self._hang(parent, item.nodeset, shrunk.pop())
            else:
                self.add_entry(parent, item.nodeset)
