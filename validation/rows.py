"""The verdicts of the row engine over whole tables: every record is put back into an interview and judged there.

`masks` is the seam of the data contract: `validation.schema` asks it for one boolean array a column and rule and hands
them to pandera. A column compiler that reads the same expressions (`validation.xpath.columns`) replaces this source of
masks by giving the same `Masks`; this one stays the judge it is compared with.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import zoneinfo
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from validation.datatypes import lexical
from validation.errors import AnswerError, UsageError
from validation.form import Form
from validation.instance import Instance
from validation.layout import KEY, PARENT_KEY, Column, Table, children_of, layout, root_of
from validation.tree import NOT_XML, Node, serialize
from validation.xpath.parser import Expression
from validation.xpath.syntax import Call, Term, children

Bad = npt.NDArray[np.bool_]
Moments = dt.datetime | Mapping[str, dt.datetime] | None

_POSITION = re.compile(r"\[\d+\]")

RULES = ("type", "required", "constraint")
"""The violations of an interview that are verdicts, beside `choice` (an ill-typed answer to a question with choices)
and `relevant` (an answer where none belongs). Warnings are no verdict (the interview asked for a reason), calculated
values are not compared."""


@dataclass(frozen=True, slots=True)
class Fallback:
    """An expression that columns could not judge and the row engine did: where it stands, which it is, and why.

    `attribute` is the name of the bind's attribute, 'items' or 'count'; '' where it is no single expression (`why` says
    what else, and of how many records). `why` quotes no answer.
    """

    nodeset: str
    attribute: str
    why: str


@dataclass(frozen=True, slots=True)
class Masks:
    """Verdicts. `bad[table][column, rule]` is True where the row breaks the rule, by position in the table.

    Pairs without a broken row are left out. `orphans[table]` is True for an entry whose record is not there; it is
    judged by nothing else. `fallbacks` is what `validation.verdicts` left to the row engine.
    """

    bad: dict[str, dict[tuple[str, str], Bad]] = field(default_factory=dict)
    orphans: dict[str, Bad] = field(default_factory=dict)
    fallbacks: tuple[Fallback, ...] = ()

    def mark(self, table: str, column: str, rule: str, row: int, rows: int) -> None:
        """Note that a row breaks a rule."""
        verdicts = self.bad.setdefault(table, {})
        mask = verdicts.get((column, rule))
        if mask is None:
            mask = verdicts[column, rule] = np.zeros(rows, dtype=bool)
        mask[row] = True


def masks(
    form: Form,
    tables: Mapping[str, pd.DataFrame],
    *,
    default_now: Moments = None,
    zone: str,
    instances: Mapping[str, str] | None = None,
) -> Masks:
    """Judge every record of the tables by the form's own expressions.

    `instances` are the external choice files as `Instance` takes them; FormError where the form names one that is not
    there.

    now() and today() of a record are its own end time (the question that preloads `end`), in the zone; where it has
    none `default_now`, one time or one by KEY. Raises UsageError where the form asks for the time and there is none.
    Columns and tables that are missing read as unanswered.
    """
    found = Masks()
    records = _Records(form, tables, zone)
    if records.root.name not in records.frames:
        return found
    found.orphans.update(records.orphans())
    for row, cells, instance in records.opened(default_now, instances):
        for path, cell in cells.items():
            if cell.illegal:
                found.mark(cell.table, cell.column, "type", cell.row, len(records.frames[cell.table]))
            if cell.answered and not _is_relevant(instance, path):
                found.mark(cell.table, cell.column, "relevant", cell.row, len(records.frames[cell.table]))
            elif cell.answered and cell.chosen and not instance.value(path):
                # A filter that the engine has just applied took the answer away.
                found.mark(cell.table, cell.column, "choice", cell.row, len(records.frames[cell.table]))
        for violation in instance.violations():
            hit = cells.get(violation.path)
            if hit is None and _POSITION.sub("", violation.path) not in records.columns:
                hit = _Cell(records.root.name, row, KEY, answered=True)  # a group or repeat: a fault of the record
            if hit is not None and violation.kind in RULES:
                # The engine calls a choice that is not offered ill-typed; to who mends it, it is a choice.
                rule = "choice" if violation.kind == "type" and hit.chosen else violation.kind
                found.mark(hit.table, hit.column, rule, hit.row, len(records.frames[hit.table]))
    return found


def relevance(
    form: Form,
    tables: Mapping[str, pd.DataFrame],
    *,
    default_now: Moments = None,
    zone: str,
    instances: Mapping[str, str] | None = None,
) -> dict[str, Bad]:
    """As `validation.verdicts.relevance`, asked of an interview for every record."""
    records = _Records(form, tables, zone)
    found = {nodeset: np.zeros(len(texts), dtype=bool) for nodeset, texts in records.texts.items()}
    if records.root.name in records.frames:
        for _, cells, instance in records.opened(default_now, instances):
            for path, cell in cells.items():
                found[_POSITION.sub("", path)][cell.row] = _is_relevant(instance, path)
    return found


def _is_relevant(instance: Instance, path: str) -> bool:
    """Whether the interview asks a question; it has no entries beyond what the form counts."""
    try:
        return instance.relevant(path)
    except AnswerError:
        return False


@dataclass(frozen=True, slots=True)
class _Cell:
    table: str
    row: int
    column: str
    answered: bool
    chosen: bool = False
    illegal: bool = False  # holds a character that no submission can hold


class _Records:
    """The tables as lexical texts, ready to be put back into instances of the form."""

    def __init__(self, form: Form, tables: Mapping[str, pd.DataFrame], zone: str) -> None:
        shapes = layout(form)
        self.form = form
        self.zone = zone
        self.root = next(iter(shapes.values()))
        self.frames = {name: tables[name] for name in shapes if name in tables}
        self.tables = {table.nodeset: table for table in shapes.values()}
        self.columns = {column.nodeset: column for table in shapes.values() for column in table.columns}
        self.chosen = {control.nodeset for control in form.controls() if control.items or control.itemset}
        local = zoneinfo.ZoneInfo(zone)
        self.texts = {
            column.nodeset: [cell_text(value, column, local) for value in self.frames[table.name][column.name].tolist()]
            for table in shapes.values()
            for column in table.columns
            if table.name in self.frames and column.name in self.frames[table.name]
        }
        self.keys = {name: _texts_of(frame, KEY) for name, frame in self.frames.items()}
        self.parents = {name: _texts_of(frame, PARENT_KEY) for name, frame in self.frames.items()}
        self.entries: dict[str, dict[str, list[int]]] = {}
        for name, parents in self.parents.items():
            below = self.entries.setdefault(name, {})
            for row, parent in enumerate(parents):
                below.setdefault(parent, []).append(row)

    def orphans(self) -> dict[str, Bad]:
        """For every repeat, which entries belong to nothing."""
        found = {}
        for table in self.tables.values():
            if table.parent is not None and table.name in self.frames:
                known = set(self.keys.get(table.parent, ())) - {""}
                found[table.name] = np.array([parent not in known for parent in self.parents[table.name]], dtype=bool)
        return found

    def opened(
        self, default_now: Moments, instances: Mapping[str, str] | None
    ) -> Iterator[tuple[int, dict[str, _Cell], Instance]]:
        """Every record put back into an interview: its row, where its paths stand in the tables, the interview."""
        time = _Time(self.form, self, default_now, self.zone)
        for row in range(len(self.frames[self.root.name])):
            cells: dict[str, _Cell] = {}
            document = self.document(row, cells)
            yield row, cells, Instance(self.form, now=time.of(row), xml=serialize(document), instances=instances)

    def document(self, row: int, cells: dict[str, _Cell]) -> Node:
        """A record as an instance; `cells` is filled with where each of its paths stands in the tables."""
        top = root_of(self.form)
        path = f"/{top.qualified}"
        return Node.document(self._filled(top, path, path, self.root, row, cells))

    def _filled(self, node: Node, nodeset: str, path: str, table: Table, row: int, cells: dict[str, _Cell]) -> Node:
        made = node.shallow()
        for inner, child in children_of(self.form, node, nodeset):
            inner_path = f"{path}/{child.qualified}"
            if inner in self.tables:
                repeat = self.tables[inner]
                below = self.entries.get(repeat.name, {}).get(self.keys[table.name][row], [])
                for number, entry in enumerate(below, start=1):
                    made.append(self._filled(child, inner, f"{inner_path}[{number}]", repeat, entry, cells))
            elif any(True for _ in child.elements()):
                made.append(self._filled(child, inner, inner_path, table, row, cells))
            else:
                made.append(self._leaf(child, inner, inner_path, table, row, cells))
        return made

    def _leaf(self, node: Node, nodeset: str, path: str, table: Table, row: int, cells: dict[str, _Cell]) -> Node:
        made = node.shallow()
        if nodeset in self.texts:
            text = self.texts[nodeset][row]
            made.value = writable(text)
            cells[path] = _Cell(
                table.name,
                row,
                self.columns[nodeset].name,
                answered=bool(text),
                chosen=nodeset in self.chosen,
                illegal=made.value != text,
            )
        elif node.name == "instanceID":
            made.value = self.keys[self.root.name][row]
        return made


class _Time:
    """When each record was made, as its expressions see it."""

    def __init__(self, form: Form, records: _Records, default: Moments, zone: str) -> None:
        self.form = form
        self.default = default
        self.zone = zoneinfo.ZoneInfo(zone)
        self.keys = records.keys[records.root.name]
        end = next(
            (c for c in records.root.columns if (c.bind.preload, c.bind.preload_params) == ("timestamp", "end")), None
        )
        self.ends = records.texts.get(end.nodeset, []) if end else []
        self.needed = needs_time(form)

    def of(self, row: int) -> dt.datetime:
        """The time of a record; a fixed one where no expression of the form asks for it."""
        if self.ends and self.ends[row]:
            try:
                moment = dt.datetime.fromisoformat(self.ends[row])
            except ValueError:
                pass  # an ill-typed end is a failure of its own column
            else:
                return moment.astimezone(self.zone) if moment.tzinfo else moment.replace(tzinfo=self.zone)
        given = self.default.get(self.keys[row]) if isinstance(self.default, Mapping) else self.default
        if given is not None:
            return given.astimezone(self.zone) if given.tzinfo else given.replace(tzinfo=self.zone)
        if self.needed:
            raise UsageError("check.no_time", form=self.form.id)
        return dt.datetime(2000, 1, 1, tzinfo=self.zone)


def needs_time(form: Form) -> bool:
    """Whether an expression of the form asks for the time."""
    return any(_asks_time(expression.tree) for expression in _expressions(form))


def _expressions(form: Form) -> Iterator[Expression]:
    for bind in form.binds.values():
        for expression in (bind.relevant, bind.constraint, bind.required, bind.readonly, bind.calculate):
            if expression is not None:
                yield expression
    yield from (control.itemset.nodeset for control in form.controls() if control.itemset)
    yield from (repeat.count for repeat in form.repeats.values() if repeat.count)
    for action in form.actions:
        if action.value is not None:
            yield action.value


def _asks_time(term: Term) -> bool:
    return (isinstance(term, Call) and term.name in ("now", "today")) or any(map(_asks_time, children(term)))


def _texts_of(frame: pd.DataFrame, column: str) -> list[str]:
    if column not in frame:
        return [""] * len(frame)
    return [value if isinstance(value, str) else "" for value in frame[column].tolist()]


def writable(text: str) -> str:
    """A text as a record holds it: what XML cannot carry is replaced by the sign for that."""
    return NOT_XML.sub("\ufffd", text)


def cell_text(value: object, column: Column, zone: zoneinfo.ZoneInfo) -> str:
    """The text that the value of a cell has in a record; '' where it holds none."""
    if isinstance(value, str):
        return value
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, pd.Timestamp):
        try:
            moment = value.to_pydatetime()
            return lexical(moment.astimezone(zone) if moment.tzinfo else moment, column.type)
        except (ValueError, OverflowError):  # numpy holds years that Python's calendar does not
            return str(value)
    if isinstance(value, bool | int | float | dt.date | dt.time) and value not in (math.inf, -math.inf):
        return lexical(value, column.type)
    return str(value)
