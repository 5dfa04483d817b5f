"""The rules between records, judged over the tables of a study: `run_rules(read_rules(path), tables) -> RuleRun`.

A hit names rule, table, key and column and never an answer, nor whose name sounds like whose. What a rule could not
judge (a table that is not there, no row with an answer that this login reads) is said in `counts`, so that silence is
never taken for a good result.
"""

from __future__ import annotations

import datetime as dt
import itertools
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from intake.duplicates import similar
from intake.outliers import far_out
from intake.rules import ROW, Rule
from validation.errors import StudyError, XPathError
from validation.form import Form
from validation.layout import KEY, layout
from validation.schema import FAILURE_COLUMNS
from validation.tree import Node
from validation.xpath.evaluator import Context, evaluate_tree, to_boolean, to_string
from validation.xpath.syntax import Call, Literal, Operation, Root, Term, children
from validation.xpath.syntax import Path as Steps

_Rows: TypeAlias = npt.NDArray[np.intp]

HIT_COLUMNS = (*FAILURE_COLUMNS, "severity", "owner")
"""Columns of the hits: those of `validation.schema.Report.failures`, with the rule's name as `rule` and 'rules.hit' as
`code`, and who must mend it."""

COUNT_COLUMNS = ("rule", "table", "severity", "owner", "judged", "hits", "skipped")
"""`judged` counts rows with an answer, `skipped` names the table that is not there ('' where none is missing)."""


@dataclass(frozen=True, slots=True)
class RuleRun:
    """What the rules found: `hits` (HIT_COLUMNS) in the order of rules and rows, `counts` (COUNT_COLUMNS) one row a
    rule."""

    hits: pd.DataFrame
    counts: pd.DataFrame


def run_rules(
    rules: Iterable[Rule],
    tables: Mapping[str, pd.DataFrame],
    *,
    now: dt.datetime,
    zone: str,
    lists: Mapping[str, pd.DataFrame] | None = None,
    forms: Iterable[Form] = (),
    language: str = "de",
) -> RuleRun:
    """Judge tables as `intake.tables` gives them. `now` is aware; `lists` are choice lists by name (`read_lists`), a
    table of the same name goes first; `forms` give the nodesets. StudyError naming the rule's row where it reads a
    column that is not there or an expression fails on a row."""
    world = _World(tables, lists or {}, now.astimezone(zoneinfo.ZoneInfo(zone)))
    nodesets = {
        (table.name, column.name): column.nodeset
        for form in forms
        for table in layout(form).values()
        for column in table.columns
    }
    hits, counts = [], []
    for rule in rules:
        lacking = next((name for name in (rule.table, *rule.looks) if name not in world.frames), "")
        rows, bad = (np.array([], dtype=int), np.array([], dtype=int)) if lacking else world.judged(rule)
        keys = [] if lacking else world.texts(rule.table, KEY)
        nodeset = nodesets.get((rule.table, rule.column), "")
        hits += [
            (rule.table, keys[row], nodeset, rule.column, rule.name, "rules.hit", rule.message(language),
             rule.severity, rule.owner)
            for row in bad
        ]  # fmt: skip
        counts.append((rule.name, rule.table, rule.severity, rule.owner, len(rows), len(bad), lacking))
    return RuleRun(
        pd.DataFrame(hits, columns=list(HIT_COLUMNS), dtype="string"),
        pd.DataFrame(counts, columns=list(COUNT_COLUMNS)),
    )


def read_lists(directory: Path) -> dict[str, pd.DataFrame]:
    """The choice lists of a study with all their columns, as text; empty cells are ''. StudyError for one that cannot
    be read."""
    found = {}
    for path in sorted((directory / "lists").glob("*.csv")):
        try:
            found[path.stem] = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        except (OSError, ValueError) as error:
            raise StudyError("rules.list_unreadable", file=path.name) from error
    return found


class _World:
    """All tables as texts, column by column, when a rule asks for one."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], lists: Mapping[str, pd.DataFrame], now: dt.datetime) -> None:
        self.frames = {**lists, **tables}
        self.now = now
        self._texts: dict[tuple[str, str], list[str]] = {}

    def texts(self, table: str, column: str) -> list[str]:
        found = self._texts.get((table, column))
        if found is None:
            found = self._texts[table, column] = _texts(self.frames[table][column], self.now)
        return found

    def judged(self, rule: Rule) -> tuple[_Rows, _Rows]:
        """The rows a rule looks at, and those of them that break it."""
        for table, columns in ((rule.table, rule.reads), *rule.looks.items()):
            for column in columns:
                if column not in self.frames[table].columns:
                    raise rule.wrong("unknown_column", "expression", name=column, table=table)
        answers = self.texts(rule.table, rule.column)
        rows: _Rows = np.flatnonzero(np.array([bool(text) for text in answers], dtype=bool) & self._in_force(rule))
        reader = _Reader(rule, self)
        if rule.kind == "each":
            return rows, np.array([row for row in rows.tolist() if not reader.value(row)], dtype=int)
        groups = [str(reader.value(row)) for row in rows.tolist()]
        if rule.kind == "similar":
            names = [answers[row] for row in rows]
            return rows, rows[np.array([*similar(names, groups, self._owners(rule, rows))], dtype=int)]
        numbers = pd.to_numeric(pd.Series([answers[row] for row in rows], dtype="object"), errors="coerce")
        return rows, rows[far_out(numbers.to_numpy(dtype="float64"), groups)]

    def _owners(self, rule: Rule, rows: _Rows) -> list[str]:
        """Whose each row is: the person's id where the table has it, else the row itself."""
        owner = "_subject" if "_subject" in self.frames[rule.table].columns else KEY
        subjects = self.texts(rule.table, owner)
        return [subjects[row] for row in rows]

    def _in_force(self, rule: Rule) -> npt.NDArray[np.bool_]:
        """Where the record was received while the rule holds; one that was not received (yet) counts as of today."""
        count = len(self.frames[rule.table])
        if rule.since is None and rule.until is None:
            return np.ones(count, dtype=bool)
        received: dict[str, dt.date] = {}
        for frame in self.frames.values():
            if "_received" in frame.columns and KEY in frame.columns:
                moments = frame["_received"].dt.tz_convert(self.now.tzinfo).dt.date
                received |= {key: day for key, day in zip(frame[KEY], moments, strict=True) if not pd.isna(day)}
        today = self.now.date()
        days = [received.get(key.split("/")[0], today) for key in self.texts(rule.table, KEY)]
        first, last = rule.since or dt.date.min, rule.until or dt.date.max
        return np.array([first <= day <= last for day in days], dtype=bool)


class _Reader:
    """The expression of one rule, row by row."""

    def __init__(self, rule: Rule, world: _World) -> None:
        self._rule = rule
        self._now = world.now
        self._cells = {name: world.texts(rule.table, name) for name in rule.reads}
        self._looks = [_Look(rule, table, columns, world) for table, columns in rule.looks.items()]
        self._known: dict[tuple[str, ...], bool | str] = {}

    def value(self, row: int) -> bool | str:
        """The value in a row; found once for rows that say the same."""
        said = tuple(texts[row] for texts in self._cells.values())
        if said not in self._known:
            self._known[said] = self._evaluated(row)
        return self._known[said]

    def _evaluated(self, row: int) -> bool | str:
        top = Node.element("row")
        here = top
        for name, texts in self._cells.items():
            cell = Node.element(name, texts[row])
            top.append(cell)
            if name == self._rule.column:
                here = cell
        context = Context(
            node=here, root=Node.document(top), now=self._now, tz=self._now.tzinfo or dt.UTC,
            instances={look.table: look.document(self._cells, row) for look in self._looks},
        )  # fmt: skip
        try:
            value = evaluate_tree(self._rule.expression, context)
            return to_boolean(value) if self._rule.kind == "each" else to_string(value)
        except XPathError as error:
            raise self._rule.wrong("failed", "expression", position=error.position) from error


class _Look:
    """One table that a rule looks into. Where every look-up compares a column with one of the row, only those rows
    that any of them can find are put before the expression; it still chooses among them itself."""

    def __init__(self, rule: Rule, table: str, columns: Sequence[str], world: _World) -> None:
        self.table = table
        self._columns = {name: world.texts(table, name) for name in columns}
        self._rows = len(world.frames[table])
        self._whole: Node | None = None
        pairs = [_equality(predicates) for predicates in _look_ups(rule.expression.tree, table)]
        self._pairs = sorted({pair for pair in pairs if pair is not None}) if None not in pairs else []
        self._index: dict[str, dict[str, list[int]]] = {}
        for theirs, _ in self._pairs:
            places = self._index.setdefault(theirs, {})
            if not places:
                for row, text in enumerate(self._columns[theirs]):
                    places.setdefault(text, []).append(row)

    def document(self, cells: Mapping[str, list[str]], row: int) -> Node:
        if not self._pairs:
            if self._whole is None:
                self._whole = self._made(range(self._rows))
            return self._whole
        found = {at for theirs, ours in self._pairs for at in self._index[theirs].get(cells[ours][row], ())}
        return self._made(sorted(found))

    def _made(self, rows: Iterable[int]) -> Node:
        root = Node.element("root")
        for row in rows:
            item = Node.element("item")
            for name, texts in self._columns.items():
                item.append(Node.element(name, texts[row]))
            root.append(item)
        return Node.document(root)


def _look_ups(term: Term, table: str) -> Iterator[Sequence[Term]]:
    """The predicates of each `instance('table')/root/item[...]` in a term; none for any other use of the table."""
    if isinstance(term, Steps) and _names(term.start, table):
        yield term.steps[1].predicates if len(term.steps) > 1 else ()
        inside: Iterable[Term] = (each for step in term.steps for each in step.predicates)
    elif _names(term, table):
        yield ()
        return
    else:
        inside = children(term)
    for each in inside:
        yield from _look_ups(each, table)


def _names(term: Term | None, table: str) -> bool:
    return (
        isinstance(term, Call)
        and term.name == "instance"
        and len(term.arguments) == 1
        and isinstance(term.arguments[0], Literal)
        and term.arguments[0].value == table
    )


def _equality(predicates: Sequence[Term]) -> tuple[str, str] | None:
    """(column of the item, column of the row) that the first predicate wants equal, None where it wants none so."""
    term = predicates[0] if predicates else None
    parts: list[Term] = [] if term is None else [term]
    if isinstance(term, Operation) and term.rest[0].operator == "and":
        parts = [term.first, *(operand.term for operand in term.rest)]
    for part in parts:
        if isinstance(part, Operation) and len(part.rest) == 1 and part.rest[0].operator == "=":
            for one, other in itertools.permutations((part.first, part.rest[0].term)):
                theirs, ours = _child(one), _of_row(other)
                if theirs and ours:
                    return theirs, ours
    return None


def _child(term: Term) -> str:
    """The column a path of one step names, '' for any other term."""
    if not isinstance(term, Steps) or term.start is not None or len(term.steps) != 1:
        return ""
    return term.steps[0].test.name if _is_plain(term) else ""


def _of_row(term: Term) -> str:
    """The column that '/row/column' names, '' for any other term."""
    if not isinstance(term, Steps) or not isinstance(term.start, Root) or len(term.steps) != 2:
        return ""
    return term.steps[1].test.name if _is_plain(term) and f"/{term.steps[0].test.name}" == ROW else ""


def _is_plain(path: Steps) -> bool:
    return all(
        step.axis == "child" and step.test.kind == "name" and step.test.name != "*" and not step.predicates
        for step in path.steps
    )


def _texts(series: pd.Series, now: dt.datetime) -> list[str]:
    """A column as an expression reads it: dates as ISO text, moments in the study's zone, no answer as ''."""
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        moments = series.dt.tz_convert(now.tzinfo)
        return ["" if pd.isna(each) else each.isoformat(timespec="milliseconds") for each in moments]
    if pd.api.types.is_datetime64_dtype(series):
        return ["" if pd.isna(each) else each.date().isoformat() for each in series]
    return [_text(each) for each in series.tolist()]


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    return str(value)
