"""The records of tables as an interview that opens them again would see them: relevance, calculations, what is offered.

The rules are those of `validation.instance` on a restored record; every value is a column over all rows of a table.
"""

from __future__ import annotations

import math
import unicodedata
import weakref
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from validation.dag import Computation
from validation.datatypes import canonical, whole
from validation.distinct import by_tuples
from validation.form import Bind, Control, Form
from validation.layout import KEY, Table, children_of, root_of
from validation.layout import Column as Definition
from validation.offers import choice_names, item_pairs, plain_itext
from validation.state import MOST_ENTRIES, drawn
from validation.tree import Node
from validation.xpath.columns.cells import stored
from validation.xpath.columns.clock import Clock
from validation.xpath.columns.column import Bits, Column, Floats, Rows, combined, constant, narrow
from validation.xpath.columns.evaluate import Evaluator, Frame
from validation.xpath.columns.sheets import NoColumnForm, Nodes, Sheet
from validation.xpath.parser import Expression
from validation.xpath.syntax import Call, Operation, Term, children
from validation.xpath.values import Value, to_string


class Definitions:
    """What of a form does not change from table to table: its nodes, its questions, the terms it writes twice."""

    def __init__(self, form: Form, shapes: Mapping[str, Table]) -> None:
        self.form = form
        self.tables = {table.nodeset: table for table in shapes.values()}
        self.columns: dict[str, Definition] = {}
        self.sheet_of: dict[str, str] = {}
        self.leaves: dict[str, bool] = {}
        self.attributes: dict[str, str] = {}
        for table in shapes.values():
            self.columns.update({column.nodeset: column for column in table.columns})
        top = root_of(form)
        self.root = f"/{top.qualified}"
        self._walk(top, self.root, self.root)
        self.leaves.update(dict.fromkeys(self.attributes, True))
        self.controls: dict[str, list[Control]] = {}
        for control in form.controls():
            self.controls.setdefault(control.nodeset, []).append(control)
        self.computations = {(item.nodeset, item.kind): item for item in form.graph.computations}
        computations = form.graph.computations
        self.read_elsewhere = frozenset(
            nodeset for nodeset, hits in form.graph.triggers.items()
            if any(computations[hit.number].nodeset != nodeset for hit in hits)
        )  # fmt: skip
        self.repeated = _repeated(item.expression.tree for item in form.graph.computations)
        self.indexes: dict[tuple[Term, str], Mapping[str, list[Node]]] = {}
        self.pulled: dict[tuple[str, str], dict[str, Node]] = {}

    def _walk(self, node: Node, nodeset: str, sheet: str) -> None:
        work = [(node, nodeset, sheet)]
        while work:
            item, where, table = work.pop()
            table = where if where in self.form.repeats else table
            self.sheet_of[where] = table
            for attribute in item.attribute_nodes():
                self.attributes[f"{where}/@{attribute.qualified}"] = attribute.value
                self.sheet_of[f"{where}/@{attribute.qualified}"] = table
            inner = children_of(self.form, item, where)
            self.leaves[where] = not inner
            work.extend((child, below, table) for below, child in reversed(inner))

    def bind(self, nodeset: str) -> Bind | None:
        return self.form.binds.get(nodeset)

    def itext(self, name: str) -> str:
        """The text of an id in the form's own language."""
        return plain_itext(self.form.itext, name)


def _repeated(terms: Iterator[Term]) -> frozenset[Term]:
    """Calls and operations that stand in more than one place."""
    seen: set[Term] = set()
    twice: set[Term] = set()
    for term in terms:
        work = [term]
        while work:
            item = work.pop()
            if isinstance(item, Call | Operation):
                (twice if item in seen else seen).add(item)
            work.extend(children(item))
    return frozenset(twice)


@dataclass(eq=False)
class Restored:
    """The records of some root rows. `frames` are the tables by nodeset, their rows as in `sheets`.

    `refused` holds the root rows that columns cannot judge: an interview would have met an error there, or the form
    counts other entries than there are. `why` collects which expressions have no form over columns, and why.
    """

    forms: Definitions
    frames: Mapping[str, pd.DataFrame]
    sheets: Mapping[str, Sheet]
    top: Sheet
    zone: zoneinfo.ZoneInfo
    clock: Clock
    instances: Mapping[str, Node]
    why: dict[tuple[str, str], str] = field(default_factory=dict)
    refused: Bits = field(init=False)

    def __post_init__(self) -> None:
        self.refused = np.zeros(self.top.size, dtype=bool)
        self.language = self.forms.form.itext.default
        self.repeated = self.forms.repeated
        self.illegal: dict[str, Bits] = {}
        self._stored: dict[str, Column] = {}
        self._final: dict[str, Column] = {}
        self._seen: dict[str, Column] = {}
        self._relevant: dict[str, Bits | None] = {}
        self._offered: dict[Expression, tuple[Column, list[frozenset[str]]]] = {}
        self._open: set[tuple[str, str]] = set()
        self.evaluator = Evaluator(weakref.proxy(self))  # a block's columns go when it does, not when garbage is sought
        self.evaluator.indexes, self.evaluator.pulled = self.forms.indexes, self.forms.pulled
        self.evaluator.context.itext = self.forms.itext

    # --- what expressions read

    def is_leaf(self, nodeset: str) -> bool | None:
        return self.forms.leaves.get(nodeset)

    def inside(self, nodeset: str) -> Sequence[str]:
        return [
            leaf for leaf, alone in self.forms.leaves.items()
            if alone and leaf.startswith(f"{nodeset}/") and "/@" not in leaf
        ]  # fmt: skip

    def find(self, name: str, below: str) -> Sequence[str]:
        return [
            nodeset for nodeset in self.forms.leaves
            if nodeset.rpartition("/")[2] == name and nodeset.startswith(f"{below}/")
        ]  # fmt: skip

    def label(self, evaluator: Evaluator, value: Column, question: Nodes) -> Column:
        return choice_names(self, evaluator, value, question)

    def refuse(self, tops: Rows) -> None:
        self.refused[tops] = True

    def seen(self, nodeset: str) -> Column:
        known = self._seen.get(nodeset)
        if known is None:
            relevant, final = self.relevant(nodeset), self.final(nodeset)
            known = self._seen[nodeset] = (final if relevant is None else final.where(relevant)).as_node()
        return known

    def itself(self, nodeset: str) -> Column:
        if ("calculate", nodeset) not in self._open:
            return self.seen(nodeset)
        relevant, held = self.relevant(nodeset), self.stored(nodeset)
        return (held if relevant is None else held.where(relevant)).as_node()

    # --- what the record holds

    def sheet(self, nodeset: str) -> Sheet:
        return self.sheets[self.forms.sheet_of[nodeset]]

    def frame(self, nodeset: str) -> Frame:
        """All nodes of a nodeset as context nodes."""
        sheet = self.sheet(nodeset)
        return self.evaluator.at(Nodes(sheet.size, sheet, nodeset))

    def stored(self, nodeset: str) -> Column:
        """The text of each cell; of no answers where the table has no such column."""
        known = self._stored.get(nodeset)
        if known is None:
            definition, table = self.forms.columns.get(nodeset), self.forms.sheet_of[nodeset]
            frame = self.frames.get(table)
            if definition is not None and frame is not None and definition.name in frame:
                known, illegal = stored(frame[definition.name], definition, self.zone)
                if illegal is not None:
                    self.illegal[nodeset] = illegal
            elif definition is None and nodeset.rpartition("/")[2].rpartition(":")[2] == "instanceID":
                known = self._keys()
            else:
                known = constant(self.forms.attributes.get(nodeset, ""), self.sheet(nodeset).size)
            self._stored[nodeset] = known
        return known

    def _keys(self) -> Column:
        frame = self.frames[self.top.nodeset]
        texts = [value if isinstance(value, str) else "" for value in frame[KEY]] if KEY in frame else []
        codes, found = pd.factorize(np.array(texts or [""] * self.top.size, dtype=object))
        return Column("text", self.top.size, codes=narrow(codes, len(found)), values=list(found) or [""])

    def relevant(self, nodeset: str) -> Bits | None:
        """Whether a node and all above it are relevant, in every row of its sheet; None where all are."""
        if nodeset in self._relevant:
            return self._relevant[nodeset]
        above = nodeset.rpartition("/")[0]
        found = self.relevant(above) if above else None
        sheet = self.sheet(nodeset)
        if found is not None and sheet.nodeset == nodeset and sheet.parent is not None:
            found = found[sheet.up]
        bind = self.forms.bind(nodeset)
        if bind is not None and bind.relevant is not None:
            own = self.truth(nodeset, "relevant", bind.relevant)
            found = own if found is None else found & own
        if found is not None and bool(found.all()):
            found = None
        self._relevant[nodeset] = found
        return found

    def truth(self, nodeset: str, attribute: str, expression: Expression, asked: Bits | None = None) -> Bits:
        """A condition at every node of a nodeset; what it refuses matters only where it is `asked`."""
        value = self._computed(nodeset, attribute, expression, asked)
        return self.evaluator.truth(value)

    def _computed(
        self, nodeset: str, attribute: str, expression: Expression, asked: Bits | None = None
    ) -> Column | Nodes:
        step = (attribute, nodeset)
        if step in self._open:
            raise NoColumnForm("expressions that depend on one another in a circle")
        self._open.add(step)
        try:
            frame = self.frame(nodeset)
            if asked is None:
                return self.evaluator.evaluate(expression.tree, frame)
            return self.evaluator.when(asked, expression.tree, frame)
        except NoColumnForm as reason:
            self.why.setdefault((nodeset, attribute), str(reason))
            if attribute == "items":  # items are told by what they are, not by their texts
                raise
            return by_tuples(self, nodeset, attribute, expression)
        finally:
            self._open.discard(step)

    def final(self, nodeset: str) -> Column:
        """The text of a node after calculation, relevant or not."""
        known = self._final.get(nodeset)
        if known is None:
            known = self.stored(nodeset)
            bind = self.forms.bind(nodeset)
            if bind is not None and bind.calculate is not None:
                known = self._calculated(bind, bind.calculate, known)
            self._final[nodeset] = known
        return known

    def let_go(self, nodeset: str) -> None:
        """Forget the answers to a question that was judged, where no other expression reads them."""
        if nodeset not in self.forms.read_elsewhere:
            for known in (self._stored, self._final, self._seen):
                known.pop(nodeset, None)

    def in_order(self) -> None:
        """Make every calculation, each after those it reads."""
        graph = self.forms.form.graph
        for item in graph.computations[: graph.eager]:
            if item.kind == "calculate":
                self.final(item.nodeset)

    def _calculated(self, bind: Bind, calculate: Expression, before: Column) -> Column:
        keep = before.filled() if drawn(self.forms.computations[bind.nodeset, "calculate"]) else None
        if keep is not None and bool(keep.all()):
            return before
        value = self._computed(bind.nodeset, "calculate", calculate)
        made = _written(self.evaluator.values(value), canonical(bind.type) == "int")
        return made if keep is None else _either(keep, before, made)

    def tried(self, item: Computation) -> None:
        """Evaluate one expression of the form; NoColumnForm where it, or what it reads, has no form over columns."""
        if item.kind == "count":
            self._count(item.nodeset, item.expression)
        elif item.kind == "items":
            self._items(self.forms.controls[item.nodeset][0], item.expression)
        else:
            self.evaluator.column(item.expression.tree, self.frame(item.nodeset))

    # --- repeats and choices

    def count_entries(self) -> None:
        """Refuse the records in which a repeat has other entries than its count asks for."""
        for nodeset, repeat in self.forms.form.repeats.items():
            if repeat.count is not None:
                sheet, numbers = self.sheets[nodeset], self._count(nodeset, repeat.count)
                assert sheet.parent is not None  # noqa: S101 - a repeat is in something
                wanted = np.floor(np.clip(np.nan_to_num(numbers, nan=0.0), 0, MOST_ENTRIES))
                odd = (wanted != np.diff(sheet.start())) | (numbers > MOST_ENTRIES)
                self.refuse(sheet.parent.top()[odd])

    def _count(self, nodeset: str, count: Expression) -> Floats:
        """How many entries a repeat should have, in every row of the sheet above."""
        parent = self.sheets[nodeset].parent
        assert parent is not None  # noqa: S101 - a repeat is in something
        nodes = Nodes(parent.size, parent, nodeset, absent=True)
        try:
            return self.evaluator.column(count.tree, self.evaluator.at(nodes)).numbers(self.zone)
        except NoColumnForm as reason:
            self.why.setdefault((nodeset, "count"), str(reason))
            raise

    def offered(self, control: Control) -> tuple[Column, list[frozenset[str]]]:
        """What an itemset offers at each node of its question: lists of items, and the values of each list."""
        assert control.itemset is not None  # noqa: S101 - asked of itemsets only
        known = self._offered.get(control.itemset.nodeset)
        if known is None or known[0].size != self.sheet(control.nodeset).size:
            found = self._items(control, control.itemset.nodeset)
            _, lists = found.coded()
            values = [frozenset(value for value, _ in item_pairs(control.itemset, items)) for items in lists]
            known = self._offered[control.itemset.nodeset] = (found, values)
        return known

    def _items(self, control: Control, expression: Expression) -> Column:
        tree = expression.tree
        if isinstance(tree, Call) and tree.name == "randomize" and tree.arguments:
            expression = Expression(str(tree.arguments[0]), tree.arguments[0])  # in which order is no verdict
        found = self._computed(control.nodeset, "items", expression)
        if isinstance(found, Nodes):
            self.why.setdefault((control.nodeset, "items"), "choices taken from a repeat")
            raise NoColumnForm("choices taken from a repeat")
        return found


def _written(value: Column, is_whole: bool) -> Column:
    """A calculated value as the text of its node."""
    if value.kind == "number" and value.plain and not is_whole and not value.constant:
        numbers = value.numbers(zoneinfo.ZoneInfo("UTC"))
        there = np.isfinite(numbers)

        def load() -> tuple[np.ndarray, Sequence[Value]]:
            codes, found = value.coded()
            return codes, [_text(each, is_whole) for each in found]

        return Column("text", value.size, numbers=np.where(there, numbers, np.nan) + 0.0, filled=there, load=load)
    codes, found = value.coded()
    texts: list[Value] = [_text(each, is_whole) for each in found]
    return Column("text", value.size, codes=None if value.constant else codes, values=texts)


def _text(value: Value, is_whole: bool) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    text = unicodedata.normalize("NFC", to_string(value))
    return whole(text) if is_whole else text


def _either(keep: Bits, yes: Column, no: Column) -> Column:
    codes, pairs = combined((Column("boolean", len(keep), truth=keep), yes.texts(), no.texts()))
    texts: list[Value] = [a if kept else b for kept, a, b in pairs]
    return Column("text", len(keep), codes=codes, values=texts)
