"""The column forms of functions of node-sets: counting, adding up, joining over the entries of repeats."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from validation.xpath.columns.column import Column, Floats, constant
from validation.xpath.columns.lookups import choice_name, itext, looked_up, pulldata, reads_items
from validation.xpath.columns.sheets import NoColumnForm, Nodes
from validation.xpath.functions import table
from validation.xpath.syntax import Call

if TYPE_CHECKING:
    from validation.xpath.columns.evaluate import Evaluator, Frame, Result

_EXACT = 2**53  # whole numbers up to here add up exactly as floats


def _current(_evaluator: Evaluator, _term: Call, frame: Frame) -> Nodes:
    return frame.current


def _last(_evaluator: Evaluator, _term: Call, frame: Frame) -> Column:
    return frame.last if frame.last is not None else constant(1.0, frame.size)


def _position(evaluator: Evaluator, term: Call, frame: Frame) -> Result:
    if not term.arguments:
        return frame.position if frame.position is not None else constant(1.0, frame.size)
    nodes = evaluator.evaluate(term.arguments[0], frame)
    if not isinstance(nodes, Nodes):
        raise NoColumnForm("the position of what is no node of the record")
    if nodes.nodeset != nodes.sheet.nodeset or nodes.sheet.parent is None or nodes.absent:
        places = np.ones(len(nodes))
    else:
        places = nodes.sheet.place()[nodes.row()]
    if nodes.single:
        return Column("number", frame.size, numbers=places)
    if not len(nodes):
        return constant(math.nan, frame.size)
    first, there = nodes.firsts()
    return Column("number", frame.size, numbers=np.where(there, places[first], np.nan))


def _nodes(evaluator: Evaluator, term: Call, frame: Frame) -> Result:
    found = evaluator.evaluate(term.arguments[0], frame)
    if isinstance(found, Column) and found.kind != "any":
        raise NoColumnForm(f"{term.name}() of a value")
    return found


def _of_list(evaluator: Evaluator, term: Call, value: Column, frame: Frame) -> Column:
    """The row function of nodes of a look-up."""
    function = table()[term.name]
    return evaluator.mapped(lambda each: function.call(evaluator.context, each), (value.listed(),), "number", frame)


def _count(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
    found = _nodes(evaluator, term, frame)
    if isinstance(found, Column):
        return _of_list(evaluator, term, found, frame)
    return Column("number", frame.size, numbers=found.counts().astype(np.float64))


def _count_non_empty(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
    found = _nodes(evaluator, term, frame)
    if isinstance(found, Column):
        return _of_list(evaluator, term, found, frame)
    filled = evaluator.held(found).filled()
    counts = np.bincount(found.owners()[filled], minlength=frame.size)
    return Column("number", frame.size, numbers=counts.astype(np.float64))


def _sum(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
    found = _nodes(evaluator, term, frame)
    if isinstance(found, Column):
        return _of_list(evaluator, term, found, frame)
    numbers = evaluator.held(found).numbers(evaluator.zone)
    return Column("number", frame.size, numbers=_sums(numbers, found) + 0.0)


def _sums(numbers: Floats, nodes: Nodes) -> Floats:
    """Exactly rounded sums, as `math.fsum` gives them."""
    if nodes.single:
        return numbers
    owner = nodes.owners()
    known = np.where(np.isnan(numbers), 0.0, numbers)
    if bool((known == np.trunc(known)).all()) and float(np.abs(known).sum()) < _EXACT:
        sums = np.bincount(owner, weights=known, minlength=nodes.size).astype(np.float64)
        sums[owner[np.isnan(numbers)]] = np.nan
        return sums
    ends = np.cumsum(nodes.counts())
    starts = ends - nodes.counts()
    several = np.flatnonzero(ends > starts)
    sums = np.zeros(nodes.size)
    for row in several.tolist():
        sums[row] = math.fsum(numbers[starts[row] : ends[row]].tolist())
    return sums


def _extreme(reduce: np.ufunc) -> Callable[[Evaluator, Call, Frame], Column]:
    def form(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
        made: Floats | None = None
        given = np.zeros(frame.size, dtype=bool)
        values = [evaluator.evaluate(argument, frame) for argument in term.arguments]
        if any(isinstance(value, Column) and value.kind == "any" for value in values):
            if any(isinstance(value, Nodes) and not value.single for value in values):
                raise NoColumnForm(f"{term.name}() of entries and a look-up")
            call = functools.partial(table()[term.name].call, evaluator.context)
            return evaluator.mapped(call, [evaluator.values(value).listed() for value in values], "number", frame)
        for value in values:
            if isinstance(value, Column) or value.single:
                numbers, there = evaluator.values(value).numbers(evaluator.zone), np.ones(frame.size, dtype=bool)
            else:
                numbers, there = _reduced(evaluator.held(value).numbers(evaluator.zone), value, reduce)
            made = numbers if made is None else _both(reduce, made, given, numbers, there)
            given = given | there
        assert made is not None  # noqa: S101 - it takes one argument at least
        return Column("number", frame.size, numbers=np.where(given, made, np.nan))

    return form


def _both(reduce: np.ufunc, a: Floats, has_a: np.ndarray, b: Floats, has_b: np.ndarray) -> Floats:
    found: Floats = np.where(has_a & has_b, reduce(a, b), np.where(has_b, b, a))
    return found


def _reduced(numbers: Floats, nodes: Nodes, reduce: np.ufunc) -> tuple[Floats, np.ndarray]:
    counts = nodes.counts()
    there = counts > 0
    made = np.full(nodes.size, np.nan)
    if there.any():
        starts = np.cumsum(counts) - counts
        made[there] = reduce.reduceat(numbers, starts[there])
    return made, there


def _joined(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
    """join(glue, …) and concat(…): of node-sets every node."""
    arguments = term.arguments[1:] if term.name == "join" else term.arguments
    glue = evaluator.column(term.arguments[0], frame).texts() if term.name == "join" else constant("", frame.size)
    values = [evaluator.evaluate(argument, frame) for argument in arguments]
    if not any(isinstance(value, Nodes) and not value.single for value in values):
        columns = [glue, *(evaluator.values(value) for value in values)]
        function, context = table()["join"], evaluator.context
        return evaluator.mapped(lambda *each: function.call(context, *each), columns, "text", frame)
    parts: list[list[str]] = [[] for _ in range(frame.size)]
    for value in values:
        if isinstance(value, Nodes) and not value.single:
            for owner, text in zip(value.owners().tolist(), _texts(evaluator.held(value)), strict=True):
                parts[owner].append(text)
        else:
            for part, text in zip(parts, _texts(evaluator.values(value)), strict=True):
                part.append(text)
    made = [sign.join(part) for sign, part in zip(_texts(glue), parts, strict=True)]
    return Column("text", frame.size, codes=np.arange(frame.size, dtype=np.int32), values=made or [""])


def _texts(column: Column) -> list[str]:
    if column.kind == "any" and any(isinstance(value, list) for value in column.dictionary):
        raise NoColumnForm("entries joined with a look-up")
    codes, values = column.texts().coded()
    return [str(values[code]) for code in codes.tolist()]


def _indexed_repeat(evaluator: Evaluator, term: Call, frame: Frame) -> Result:
    """The target inside the entries that (repeat, index) pairs choose."""
    target = evaluator.evaluate(term.arguments[0], frame)
    if not isinstance(target, Nodes):
        raise NoColumnForm("indexed-repeat() of a value")
    owner, rows = target.owners(), target.row()
    for repeat, index in zip(term.arguments[1::2], term.arguments[2::2], strict=True):
        entries = evaluator.evaluate(repeat, frame)
        wanted = evaluator.column(index, frame).numbers(evaluator.zone)[owner]
        level = target.sheet.level(entries.nodeset) if isinstance(entries, Nodes) else None
        if level is None or not isinstance(entries, Nodes) or level[0].parent is None:
            raise NoColumnForm("indexed-repeat() of something else than a repeat and what is in it")
        sheet, above = level
        up, at = rows, target.sheet
        for _ in range(above):
            assert at.parent is not None  # noqa: S101 - `level` went the same way
            up, at = at.up[up], at.parent
        among = np.isin(owner * sheet.size + up, entries.owners() * sheet.size + entries.row())
        kept = np.where(among, sheet.place()[up], 0.0) == wanted
        owner, rows = owner[kept], rows[kept]
    found = Nodes(target.size, target.sheet, target.nodeset, owner, rows)
    if bool((found.counts() > 1).any()):
        raise NoColumnForm("indexed-repeat() that leaves several entries")
    return found


def _randomize(evaluator: Evaluator, term: Call, frame: Frame) -> Result:
    if not reads_items(term):
        raise NoColumnForm("entries in an order by chance")
    return looked_up(evaluator, term, frame)


def _instance(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
    return looked_up(evaluator, term, frame)


NODE_FORMS: Mapping[str, Callable[[Evaluator, Call, Frame], Result]] = {
    "current": _current,
    "position": _position,
    "last": _last,
    "count": _count,
    "count-non-empty": _count_non_empty,
    "sum": _sum,
    "min": _extreme(np.minimum),
    "max": _extreme(np.maximum),
    "join": _joined,
    "concat": _joined,
    "indexed-repeat": _indexed_repeat,
    "instance": _instance,
    "pulldata": pulldata,
    "jr:choice-name": choice_name,
    "jr:itext": itext,
    "randomize": _randomize,
}
