"""The column evaluator: a typed tree and a set of context nodes give a column, or the nodes of a path."""

from __future__ import annotations

import functools
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from validation.errors import XPathError
from validation.tree import Node
from validation.xpath import evaluator as rows
from validation.xpath.columns.clock import Clock
from validation.xpath.columns.column import Bits, Codes, Column, Kind, Rows, combined, constant, of_values
from validation.xpath.columns.operators import compared, reckoned
from validation.xpath.columns.sheets import NoColumnForm, Nodes, Sheet
from validation.xpath.functions import table
from validation.xpath.operators import COMPARISONS
from validation.xpath.syntax import Call, Filter, Literal, Negation, Number, Operation, Path, Root, Term
from validation.xpath.values import Refusal, Value

Result = Column | Nodes
_MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Record(Protocol):
    """What expressions read: the nodes of all records at once, and where and when they are."""

    zone: zoneinfo.ZoneInfo
    language: str | None
    top: Sheet
    sheets: Mapping[str, Sheet]
    clock: Clock
    instances: Mapping[str, Node]
    repeated: frozenset[Term]

    def seen(self, nodeset: str) -> Column:
        """The text of a leaf in every row of its sheet, '' where it is not relevant."""

    def itself(self, nodeset: str) -> Column:
        """The same of the node whose own value is being computed: what it held before."""

    def is_leaf(self, nodeset: str) -> bool | None:
        """True of a question, False of what holds others; None where the form has no such node."""

    def inside(self, nodeset: str) -> Sequence[str]:
        """The leaves in a group, in document order."""

    def sheet(self, nodeset: str) -> Sheet:
        """The sheet in whose rows a node stands."""

    def find(self, name: str, below: str) -> Sequence[str]:
        """The nodesets of that name below one."""

    def refuse(self, tops: Rows) -> None:
        """Say that the records of these root rows cannot be judged by columns."""

    def label(self, evaluate: Evaluator, value: Column, question: Nodes) -> Column:
        """jr:choice-name of a value at a question."""


@dataclass(frozen=True, eq=False, slots=True)
class Frame:
    """The context nodes, one a context, and those of current(); inside a predicate place and number of candidates."""

    nodes: Nodes
    current: Nodes
    position: Column | None = None
    last: Column | None = None
    base: bool = True

    @property
    def size(self) -> int:
        return self.nodes.size


class Evaluator:
    """Evaluates terms over the records. A term that the form repeats is evaluated once."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.zone = record.zone
        self._known: dict[tuple[Term, str, str], Result] = {}
        self.indexes: dict[tuple[Term, str], Mapping[str, list[Node]]] = {}
        self.pulled: dict[tuple[str, str], dict[str, Node]] = {}
        self._refusals = 0
        self._asked: Bits | None = None
        dummy = Node.element("x")
        Node.document(dummy)
        self.context = rows.Context(
            node=dummy, root=dummy, tz=record.zone, language=record.language, instances=record.instances
        )

    def at(self, nodes: Nodes) -> Frame:
        """The frame of nodes, one a context."""
        return Frame(nodes, nodes)

    def evaluate(self, term: Term, frame: Frame) -> Result:
        """The value of a term in every context."""
        if not (frame.base and isinstance(term, Call | Operation) and term in self.record.repeated):
            return _READERS[type(term)](self, term, frame)
        key = (term, frame.nodes.nodeset, frame.nodes.sheet.nodeset if not frame.nodes.absent else "")
        known = self._known.get(key)
        if known is None:
            before = self._refusals
            known = _READERS[type(term)](self, term, frame)
            if self._refusals == before:
                self._known[key] = known
        return known

    def column(self, term: Term, frame: Frame) -> Column:
        """The same as values: of nodes the text of the first, '' where there is none."""
        return self.values(self.evaluate(term, frame))

    def values(self, result: Result) -> Column:
        if isinstance(result, Column):
            return result
        if result.single:
            return self.held(result).as_node()
        place, there = result.firsts()
        if not len(result):
            return constant("", result.size)
        return self.held(result).take(place).where(there)

    def held(self, nodes: Nodes) -> Column:
        """The text of each node."""
        leaf = self.record.is_leaf(nodes.nodeset)
        if nodes.absent or leaf is None:
            return Column("text", len(nodes), values=("",))
        column = self.record.seen(nodes.nodeset) if leaf else self._whole(nodes.nodeset, nodes.sheet)
        return column if nodes.rows is None else column.take(nodes.rows)

    def _whole(self, nodeset: str, sheet: Sheet) -> Column:
        """The text of a group: of all that is in it."""
        inside = self.record.inside(nodeset)
        columns = [self.record.seen(leaf) for leaf in inside]
        if any(self.record.sheet(leaf) is not sheet for leaf in inside):
            raise NoColumnForm("the text of a group with entries in it")
        codes, tuples = combined(columns) if columns else (None, [()])
        texts: list[Value] = ["".join(map(str, texts)) for texts in tuples]
        return Column("text", sheet.size, codes=codes, values=texts)

    def truth(self, result: Result) -> Bits:
        return result.truth() if isinstance(result, Column) else result.present()

    # --- functions asked once per distinct value

    def mapped(self, function: Callable[..., Value], columns: Sequence[Column], kind: Kind, frame: Frame) -> Column:
        """A row function of the values of each context; asked once for values that occur together."""
        varying = [place for place, column in enumerate(columns) if not column.constant]
        if varying == [0]:
            some, values = columns[0].coded()
            codes: Codes | None = some
            found, refused = _each(function, values, tuple(column.value for column in columns[1:]))
        else:
            codes, tuples = combined(columns) if columns else (None, [()])
            found, refused = _each(lambda given: function(*given), tuples, ())
        if refused:
            self._refused(frame, None if codes is None else np.isin(codes, refused))
        if kind == "boolean" and codes is None:
            return constant(found[0] is True, frame.size)
        return of_values(found, codes, frame.size, kind)

    def _refused(self, frame: Frame, where: Bits | None) -> None:
        """An interview would have refused here: those records are left to it."""
        if where is not None and self._asked is not None and len(self._asked) == len(where):
            where = where & self._asked
        elif where is None and self._asked is not None and len(self._asked) == frame.size:
            where = self._asked
        if where is not None and not where.any():
            return
        self._refusals += 1
        tops = frame.nodes.sheet.top()
        tops = tops if frame.nodes.rows is None else tops[frame.nodes.rows]
        self.record.refuse(tops if where is None else tops[where])

    def when(self, asked: Bits, term: Term, frame: Frame) -> Result:
        """A term that is asked in some contexts only: what it refuses in others is nobody's fault."""
        outer = self._asked
        self._asked = asked if outer is None or len(outer) != len(asked) else outer & asked
        try:
            return self.evaluate(term, frame)
        finally:
            self._asked = outer

    # --- predicates

    def kept(self, nodes: Nodes, predicates: Sequence[Term], frame: Frame) -> Nodes:
        """The nodes for which the predicates hold, one after the other."""
        for predicate in predicates:
            owner, counts = nodes.owners(), nodes.counts()
            first = np.cumsum(counts) - counts
            place = np.arange(len(nodes), dtype=np.float64) - first[owner] + 1
            inner = Frame(
                Nodes(len(nodes), nodes.sheet, nodes.nodeset, None, nodes.row()),
                of_owners(frame.current, owner),
                Column("number", len(nodes), numbers=place),
                Column("number", len(nodes), numbers=counts[owner].astype(np.float64)),
                base=False,
            )
            outer, self._asked = self._asked, None
            try:
                value = self.evaluate(predicate, inner)
            finally:
                self._asked = outer
            nodes = nodes.kept(_holds(value, place, self))
        return nodes


def _each(
    function: Callable[..., Value], values: Sequence[Any], rest: tuple[Value, ...]
) -> tuple[list[Value], list[int]]:
    """What a function makes of each value, and the places where it refuses."""
    try:
        return [function(value, *rest) for value in values], []
    except (Refusal, XPathError):
        pass
    found: list[Value] = []
    refused: list[int] = []
    for place, value in enumerate(values):
        try:
            found.append(function(value, *rest))
        except (Refusal, XPathError):
            refused.append(place)
            found.append("")
    return found, refused


def _holds(value: Result, place: Any, evaluator: Evaluator) -> Bits:
    if isinstance(value, Column) and value.kind == "number":
        return np.asarray(value.numbers(evaluator.zone) == place)
    if isinstance(value, Column) and value.kind == "any" and any(isinstance(v, float) for v in value.dictionary):
        raise NoColumnForm("a predicate that is a place or a condition, row by row")
    return evaluator.truth(value)


def of_owners(nodes: Nodes, owner: Rows) -> Nodes:
    """The nodes of contexts, one each, as those of the contexts named."""
    return Nodes(len(owner), nodes.sheet, nodes.nodeset, None, nodes.row()[owner], nodes.absent)


# --- readers of terms


def _constant(_evaluator: Evaluator, term: Number | Literal, frame: Frame) -> Result:
    return constant(term.value, frame.size)


def _root(_evaluator: Evaluator, _term: Root, _frame: Frame) -> Result:
    raise NoColumnForm("the document itself")


def _negation(evaluator: Evaluator, term: Negation, frame: Frame) -> Result:
    value = evaluator.column(term.operand, frame)
    if value.constant:
        return constant(-float(value.numbers(evaluator.zone)[0]) if frame.size else 0.0, frame.size)
    return Column("number", frame.size, numbers=-value.numbers(evaluator.zone))


def _operation(evaluator: Evaluator, term: Operation, frame: Frame) -> Result:
    operator = term.rest[0].operator
    if operator == "|":
        raise NoColumnForm("a union of paths")
    if operator in ("or", "and"):
        return _logic(evaluator, term, frame, stop=operator == "or")
    value = evaluator.evaluate(term.first, frame)
    for operand in term.rest:
        right = evaluator.evaluate(operand.term, frame)
        if operand.operator in COMPARISONS:
            value = _comparison(evaluator, operand.operator, value, right)
        else:
            value = reckoned(operand.operator, evaluator.values(value), evaluator.values(right), evaluator.zone)
    return value


def _logic(evaluator: Evaluator, term: Operation, frame: Frame, *, stop: bool) -> Column:
    found = evaluator.truth(evaluator.evaluate(term.first, frame))
    for operand in term.rest:
        more = evaluator.truth(evaluator.when(found != stop, operand.term, frame))
        found = found | more if stop else found & more
    return Column("boolean", frame.size, truth=found)


def _comparison(evaluator: Evaluator, operator: str, left: Result, right: Result) -> Column:
    several = [isinstance(side, Nodes) and not side.single for side in (left, right)]
    if not any(several):
        return compared(operator, evaluator.values(left), evaluator.values(right), evaluator.zone)
    if all(several):
        raise NoColumnForm("entries compared with entries")
    if several[1]:
        left, right, operator = right, left, _MIRRORED[operator]
    assert isinstance(left, Nodes)  # noqa: S101 - the one of several nodes
    other = evaluator.values(right)
    if operator in ("=", "!=") and other.kind == "boolean":
        nodes = Column("boolean", left.size, truth=left.present())
        return compared(operator, nodes, other, evaluator.zone)
    if other.kind == "any":
        raise NoColumnForm("entries compared with values of several kinds")
    held = evaluator.held(left)
    hits = compared(operator, held, other.take(left.owners()), evaluator.zone).truth()
    found = np.zeros(left.size, dtype=bool)
    found[left.owners()[hits]] = True
    return Column("boolean", left.size, truth=found)


def _call(evaluator: Evaluator, term: Call, frame: Frame) -> Result:
    from validation.xpath.columns.forms import FORMS, MAPPED, OF_LISTS
    from validation.xpath.columns.nodesets import NODE_FORMS

    function = table().get(term.name)
    if function is None or not function.takes(len(term.arguments)):
        raise NoColumnForm(f"{term.name}() is not known so")
    form = FORMS.get(term.name) or NODE_FORMS.get(term.name)
    if form is not None:
        return form(evaluator, term, frame)
    kind = MAPPED.get(term.name)
    if kind is None:
        raise NoColumnForm(f"{term.name}()")
    results = [evaluator.evaluate(argument, frame) for argument in term.arguments]
    if term.name in OF_LISTS and any(isinstance(result, Nodes) and not result.single for result in results):
        raise NoColumnForm(f"{term.name}() of several nodes")
    columns = [evaluator.values(result) for result in results]
    return evaluator.mapped(functools.partial(function.call, evaluator.context), columns, kind, frame)


def _read_path(evaluator: Evaluator, term: Path | Filter, frame: Frame) -> Result:
    from validation.xpath.columns.paths import walked

    return walked(evaluator, term, frame)


_READERS: Mapping[type, Callable[[Evaluator, Any, Frame], Result]] = {
    Number: _constant,
    Literal: _constant,
    Root: _root,
    Negation: _negation,
    Call: _call,
    Operation: _operation,
    Path: _read_path,
    Filter: _read_path,
}
