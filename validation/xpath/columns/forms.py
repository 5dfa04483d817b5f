"""The column forms of functions of values. What is not in FORMS and stands in MAPPED is its row function, asked once
per distinct tuple of arguments."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from random import SystemRandom
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from validation.xpath.columns.column import Bits, Column, Floats, Kind, constant, merged, picked
from validation.xpath.columns.regexes import found_in
from validation.xpath.columns.sheets import NoColumnForm, Nodes
from validation.xpath.functions import table
from validation.xpath.functions.texts import compiled
from validation.xpath.moments import Moment
from validation.xpath.syntax import Call
from validation.xpath.values import Refusal, Value, to_string

if TYPE_CHECKING:
    from validation.xpath.columns.evaluate import Evaluator, Frame, Result

Form = Callable[["Evaluator", Call, "Frame"], "Result"]


def _true(_evaluator: Evaluator, _term: Call, frame: Frame) -> Column:
    return constant(True, frame.size)


def _false(_evaluator: Evaluator, _term: Call, frame: Frame) -> Column:
    return constant(False, frame.size)


def _boolean(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
    return Column("boolean", frame.size, truth=evaluator.truth(evaluator.evaluate(term.arguments[0], frame)))


def _not(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
    return Column("boolean", frame.size, truth=~evaluator.truth(evaluator.evaluate(term.arguments[0], frame)))


def _if(evaluator: Evaluator, term: Call, frame: Frame) -> Result:
    condition, yes, no = term.arguments
    holds = evaluator.truth(evaluator.evaluate(condition, frame))
    return merged(
        holds,
        _alone(evaluator.when(holds, yes, frame), evaluator),
        _alone(evaluator.when(~holds, no, frame), evaluator),
    )


def _alone(value: Result, evaluator: Evaluator) -> Column:
    """A value that may stand beside another: of several nodes there is no such column."""
    if isinstance(value, Nodes) and not value.single:
        raise NoColumnForm("several nodes as one of two values")
    return evaluator.values(value)


def _coalesce(evaluator: Evaluator, term: Call, frame: Frame) -> Result:
    *firsts, last = term.arguments
    open_: Bits = np.ones(frame.size, dtype=bool)
    parts: list[tuple[Bits, Column]] = []
    for argument in firsts:
        value = _alone(evaluator.when(open_, argument, frame), evaluator)
        given = _given(value)
        parts.append((given, value))
        open_ = open_ & ~given
    made = _alone(evaluator.when(open_, last, frame), evaluator)
    for given, value in reversed(parts):
        made = merged(given, value, made)
    return made


def _given(column: Column) -> Bits:
    codes, values = column.coded()
    return picked([to_string(value) not in ("", "NaN") for value in values], codes)


def _once(evaluator: Evaluator, term: Call, frame: Frame) -> Result:
    held = _own(evaluator, frame)
    empty = ~held.filled()
    value = _alone(evaluator.when(empty, term.arguments[0], frame), evaluator)
    plain = Column("text", frame.size, load=held.coded)
    return merged(empty, value, plain)


def _own(evaluator: Evaluator, frame: Frame) -> Column:
    """The text of the context node, also while it is being computed."""
    nodes = frame.nodes
    if not frame.base or nodes.absent:
        return evaluator.values(nodes)
    column = evaluator.record.itself(nodes.nodeset)
    return column if nodes.rows is None else column.take(nodes.rows)


def _now(evaluator: Evaluator, _term: Call, frame: Frame) -> Column:
    return evaluator.record.clock.now(_tops(frame))


def _today(evaluator: Evaluator, _term: Call, frame: Frame) -> Column:
    return evaluator.record.clock.today(_tops(frame))


def _tops(frame: Frame) -> npt.NDArray[np.intp] | None:
    sheet, rows = frame.nodes.sheet, frame.nodes.rows
    if rows is None:
        return None if sheet.parent is None else sheet.top()
    return sheet.top()[rows]


def _argument(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
    """The argument, or the context node where there is none."""
    return evaluator.column(term.arguments[0], frame) if term.arguments else _own(evaluator, frame)


def _number(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
    value = _argument(evaluator, term, frame)
    if value.kind in ("number", "boolean"):
        return Column("number", frame.size, numbers=value.numbers(evaluator.zone))
    if value.kind == "text" and value.only_numbers:
        return Column("number", frame.size, numbers=value.numbers(evaluator.zone))
    return _asked("number", evaluator, value, frame)


def _asked(name: str, evaluator: Evaluator, value: Column, frame: Frame) -> Column:
    function = table()[name]
    return evaluator.mapped(
        lambda each: function.call(evaluator.context, each), (value,), MAPPED.get(name, "number"), frame
    )


def _string(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
    return _argument(evaluator, term, frame).texts()


def _string_length(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
    return _asked("string-length", evaluator, _argument(evaluator, term, frame), frame)


def _normalize_space(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
    return _asked("normalize-space", evaluator, _argument(evaluator, term, frame), frame)


def _cut(name: str, cut: Callable[[Floats], Floats]) -> Form:
    def form(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
        value = evaluator.column(term.arguments[0], frame)
        if value.constant:
            return _asked(name, evaluator, value, frame)
        return Column("number", frame.size, numbers=cut(value.numbers(evaluator.zone)))

    return form


def _round(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
    columns = [evaluator.column(argument, frame) for argument in term.arguments]
    numbers = columns[0].numbers(evaluator.zone)
    if len(columns) == 1:
        fractions = np.flatnonzero((numbers != np.trunc(numbers)) & np.isfinite(numbers))
        if not len(fractions):
            return Column("number", frame.size, numbers=numbers)
    columns[0] = Column("number", frame.size, numbers=numbers)
    function = table()["round"]
    return evaluator.mapped(lambda *values: function.call(evaluator.context, *values), columns, "number", frame)


def _regex(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
    text, pattern = (evaluator.column(argument, frame) for argument in term.arguments)
    if pattern.constant and not text.constant:
        codes, values = text.texts().coded()
        try:
            found = found_in(compiled(to_string(pattern.value)).pattern, values)  # type: ignore[arg-type]  # texts
        except Refusal:
            found = None
        if found is not None:
            return Column("boolean", frame.size, truth=picked(found, codes))
    call = functools.partial(table()["regex"].call, evaluator.context)
    return evaluator.mapped(call, (text, pattern), "boolean", frame)


def _decimal_time(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
    """A clock time with an offset is moved to the zone as it is at the time of the record."""
    function, context = table()["decimal-time"], evaluator.context

    def call(value: Value, now: Value) -> Value:
        when = now.when if isinstance(now, Moment) else None
        return function.call(dataclasses.replace(context, now=when), value)  # type: ignore[no-any-return]

    columns = (evaluator.column(term.arguments[0], frame), evaluator.record.clock.now(_tops(frame)))
    return evaluator.mapped(call, columns, "number", frame)


def _random(_evaluator: Evaluator, _term: Call, frame: Frame) -> Column:
    chance = SystemRandom()
    return Column("number", frame.size, numbers=np.array([chance.random() for _ in range(frame.size)]))


def _uuid(evaluator: Evaluator, term: Call, frame: Frame) -> Column:
    chance = dataclasses.replace(evaluator.context, random=SystemRandom())
    lengths = [evaluator.column(argument, frame) for argument in term.arguments]
    each = Column("number", frame.size, numbers=np.arange(frame.size, dtype=np.float64))  # every row another
    function = table()["uuid"]
    return evaluator.mapped(lambda _, *length: function.call(chance, *length), (each, *lengths), "text", frame)


FORMS: Mapping[str, Form] = {
    "true": _true,
    "false": _false,
    "boolean": _boolean,
    "not": _not,
    "if": _if,
    "coalesce": _coalesce,
    "once": _once,
    "now": _now,
    "today": _today,
    "number": _number,
    "string": _string,
    "string-length": _string_length,
    "normalize-space": _normalize_space,
    "floor": _cut("floor", np.floor),
    "ceiling": _cut("ceiling", np.ceil),
    "int": _cut("int", np.trunc),
    "abs": _cut("abs", np.abs),
    "sqrt": _cut("sqrt", lambda numbers: np.sqrt(np.where(numbers < 0, np.nan, numbers))),
    "round": _round,
    "regex": _regex,
    "decimal-time": _decimal_time,
    "random": _random,
    "uuid": _uuid,
}

_TEXT: Kind = "text"
_NUMBER: Kind = "number"
_TRUTH: Kind = "boolean"
_DATE: Kind = "date"
MAPPED: Mapping[str, Kind] = {
    **dict.fromkeys(("substring-before", "substring-after", "substring", "substr", "translate", "normalize-space",
                     "digest", "base64-decode", "selected-at", "format-date", "format-date-time"), _TEXT),
    **dict.fromkeys(("starts-with", "ends-with", "contains", "selected", "boolean-from-string", "geofence",
                     "checklist", "weighted-checklist"), _TRUTH),
    **dict.fromkeys(("string-length", "count-selected", "decimal-date-time", "number", "pow", "exp", "exp10", "log",
                     "log10", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "pi", "area", "distance"), _NUMBER),
    **dict.fromkeys(("date", "date-time"), _DATE),
}  # fmt: skip
"""Row functions whose value depends on the values of their arguments alone, and of which kind it is."""


OF_LISTS = frozenset({"checklist", "weighted-checklist", "distance", "area", "geofence"})
"""Those of them to which each node of a node-set is a value of its own."""
