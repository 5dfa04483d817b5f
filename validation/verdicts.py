"""The verdicts of the columns over whole tables: what `validation.rows.masks` says, without opening a record.

A form's expressions are evaluated once per table (`validation.restored`, `validation.xpath.columns`), block by block of
records, so that what they need beside the tables stays small. Records that columns cannot judge go to the row engine,
and that is reported.
"""

from __future__ import annotations

import zoneinfo
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from validation import rows
from validation.blocks import Block, Links, instants, spread
from validation.datatypes import INT_MAX, INT_MIN, canonical, dtype, valid
from validation.form import Bind, Control, Form
from validation.layout import KEY, PARENT_KEY, Table, layout
from validation.layout import Column as Definition
from validation.restored import Definitions, Restored
from validation.rows import Fallback, Masks, Moments
from validation.secondary import external_instances, unlisted
from validation.violations import CHOOSING, LISTS, in_range
from validation.xpath.columns.clock import Clock
from validation.xpath.columns.column import Bits, Column, Rows, combined, picked
from validation.xpath.columns.sheets import NoColumnForm
from validation.xpath.syntax import Call, Filter, Path, Root, Term, children
from validation.xpath.values import to_number

BLOCK = 262_144
"""Records that are judged together."""


def masks(
    form: Form,
    tables: Mapping[str, pd.DataFrame],
    *,
    default_now: Moments = None,
    zone: str,
    instances: Mapping[str, str] | None = None,
) -> Masks:
    """Judge every record of the tables by the form's own expressions: meaning and errors as `validation.rows.masks`."""
    if form.id not in tables:
        return Masks()
    given = _Opened(form, tables, default_now, zone, instances)
    links = given.links
    found = Masks(orphans=dict(links.orphans))
    odd = given.odd()
    unknown = unlisted(form, instances)
    for block, restored in given.blocks():
        _Judge(restored, block, links, found, unknown).run(odd)
    fallbacks = [Fallback(nodeset, attribute, reason) for (nodeset, attribute), reason in given.why.items()]
    if odd.any():
        fallbacks.append(Fallback(links.root.nodeset, "", f"{int(odd.sum())} records judged one by one"))
        _by_rows(found, links, odd, form, default_now, zone, instances)
    bad = {
        name: kept for name, verdicts in found.bad.items()
        if (kept := {pair: mask for pair, mask in verdicts.items() if mask.any()})
    }  # fmt: skip
    return Masks(bad, found.orphans, tuple(fallbacks))


def relevance(
    form: Form,
    tables: Mapping[str, pd.DataFrame],
    *,
    default_now: Moments = None,
    zone: str,
    instances: Mapping[str, str] | None = None,
) -> dict[str, Bits]:
    """Whether a question is relevant, by nodeset, in every row of its table; arguments and errors as `masks`.

    Questions without a column are left out. An entry whose record is not there is asked nothing.
    """
    if form.id not in tables:
        return {}
    given = _Opened(form, tables, default_now, zone, instances)
    links, odd = given.links, given.odd()
    found = {
        column.nodeset: np.zeros(len(links.frames[nodeset]), dtype=bool)
        for nodeset, table in links.shapes.items() if nodeset in links.frames
        for column in table.columns if column.name in links.frames[nodeset]
    }  # fmt: skip
    home = {column.nodeset: nodeset for nodeset, table in links.shapes.items() for column in table.columns}
    for block, restored in given.blocks():
        here = slice(block.first, block.last)
        try:
            restored.count_entries()
            for nodeset, rows_of in found.items():
                relevant = restored.relevant(nodeset)
                rows_of[block.rows[home[nodeset]]] = True if relevant is None else relevant
        except (NoColumnForm, RecursionError):  # so long a chain of calculations is not worth a second try
            odd[here] = True
        odd[here] |= restored.refused
    if odd.any():
        chosen, judged = _alone(links, odd)
        relevant_rows = rows.relevance(form, judged, default_now=default_now, zone=zone, instances=instances)
        for nodeset, mask in relevant_rows.items():
            found[nodeset][chosen[home[nodeset]]] = mask
    return found


class _Opened:
    """The records of tables that have a root table, before they are judged. `why` as `Masks.fallbacks` has it."""

    def __init__(
        self, form: Form, tables: Mapping[str, pd.DataFrame], default_now: Moments, zone: str,
        instances: Mapping[str, str] | None,
    ) -> None:  # fmt: skip
        shapes = layout(form)
        self.zone = zoneinfo.ZoneInfo(zone)
        self.links = Links(shapes, {name: tables[name] for name in shapes if name in tables})
        root = self.links.root
        self.times = instants(form, root, self.links.frames[root.nodeset], default_now, self.zone)
        self.secondary = {**form.instances, **external_instances(form, instances)}
        self.definitions = Definitions(form, shapes)
        self.why = _not_by_columns(form, self.definitions)
        self.by_columns = not self.why

    def odd(self) -> Bits:
        """The records that are left to the row engine from the beginning."""
        return self.links.odd.copy() if self.by_columns else np.ones(self.links.size, dtype=bool)

    def blocks(self) -> Iterator[tuple[Block, Restored]]:
        """Block by block, where records can be judged by columns at all."""
        for block in self.links.blocks(BLOCK) if self.by_columns else ():
            clock = Clock(self.times[block.first : block.last], self.zone)
            yield block, Restored(
                self.definitions, block.frames, block.sheets, block.sheets[self.links.root.nodeset], self.zone, clock,
                self.secondary, self.why,
            )  # fmt: skip


def _by_rows(
    found: Masks,
    links: Links,
    odd: Bits,
    form: Form,
    default_now: Moments,
    zone: str,
    instances: Mapping[str, str] | None,
) -> None:
    """Have the row engine judge some records, whatever was found about them before."""
    chosen, tables = _alone(links, odd)
    judged = rows.masks(form, tables, default_now=default_now, zone=zone, instances=instances)
    for nodeset, at in chosen.items():
        name, size = links.shapes[nodeset].name, len(links.frames[nodeset])
        verdicts = found.bad.setdefault(name, {})
        for mask in verdicts.values():
            mask[at] = False
        for pair, mask in judged.bad.get(name, {}).items():
            verdicts[pair] = spread(at, mask, size, verdicts.get(pair))


def _alone(links: Links, odd: Bits) -> tuple[dict[str, Rows], dict[str, pd.DataFrame]]:
    """Some records by themselves: their rows in each table by nodeset, and their tables by name."""
    chosen = {nodeset: links.of_records(nodeset, odd) for nodeset in links.frames}
    return chosen, {links.shapes[nodeset].name: links.frames[nodeset].iloc[at] for nodeset, at in chosen.items()}


# --- what no column can judge


def _not_by_columns(form: Form, definitions: Definitions) -> dict[tuple[str, str], str]:
    """Where a form does what only an interview can follow: then all records go to the row engine."""
    why: dict[tuple[str, str], str] = {}
    for action in form.actions:
        if "odk-instance-load" in action.events and action.kind == "setvalue":
            why[action.ref, action.kind] = "happens when a record is opened"
    for bind in form.binds.values():
        leaf = definitions.leaves.get(bind.nodeset)
        elsewhere = (leaf and bind.nodeset not in definitions.columns) or "/@" in bind.nodeset
        if elsewhere and (bind.constraint or bind.required or _demanding(bind)):
            why[bind.nodeset, "constraint"] = "a rule of what is no question"
    for nodeset in form.repeats:
        if definitions.leaves.get(nodeset):
            why[nodeset, ""] = "a repeat that holds nothing"
    graph = form.graph
    for index, item in enumerate(graph.computations[: graph.eager]):
        if item.kind in ("relevant", "calculate"):
            hits = graph.triggers.get(item.nodeset, ()) if item.kind == "calculate" else graph.below[item.nodeset]
            if any(hit.number <= index for hit in hits):
                why[item.nodeset, item.kind] = "expressions that depend on one another in a circle"
    return why


def _demanding(bind: Bind) -> bool:
    return dtype(bind.type) != "string" or canonical(bind.type) in _SHAPED


_SHAPED = frozenset({"time", "geopoint", "geotrace", "geoshape"})
"""Types held as text that not every text is of."""


# --- judging


@dataclass(eq=False, slots=True)
class _Judge:
    """Judges the records of a block; what is wrong goes into `found`. Any value may answer `unlisted` questions."""

    restored: Restored
    block: Block
    links: Links
    found: Masks
    unlisted: frozenset[str] = frozenset()
    _failed: bool = field(default=False)

    def run(self, odd: Bits) -> None:
        """`odd` is told which records must be judged otherwise."""
        here = slice(self.block.first, self.block.last)
        try:
            try:
                self._columns()
            except RecursionError:  # calculations of calculations of calculations: from the first to the last
                self.restored.in_order()
                self._columns()
        except NoColumnForm:
            odd[here] = True
        odd[here] |= self.restored.refused

    def _columns(self) -> None:
        self.restored.count_entries()
        for nodeset, table in self.links.shapes.items():
            if nodeset in self.block.frames:
                for column in table.columns:
                    if column.name in self.block.frames[nodeset]:
                        self._column(table, column)
                        self.restored.let_go(column.nodeset)

    def _mark(self, table: Table, column: Definition, rule: str, hits: Bits) -> None:
        if hits.any():
            verdicts = self.found.bad.setdefault(table.name, {})
            pair, size = (column.name, rule), len(self.links.frames[table.nodeset])
            verdicts[pair] = spread(self.block.rows[table.nodeset], hits, size, verdicts.get(pair))

    def _column(self, table: Table, column: Definition) -> None:
        restored, nodeset = self.restored, column.nodeset
        bind, controls = restored.forms.bind(nodeset), restored.forms.controls.get(nodeset)
        answered, relevant = restored.stored(nodeset).filled(), restored.relevant(nodeset)
        if nodeset in restored.illegal:
            self._mark(table, column, "type", restored.illegal[nodeset])
        if relevant is not None:
            self._mark(table, column, "relevant", answered & ~relevant)
        if not controls and (bind is None or not (bind.required or bind.constraint or _demanding(bind))):
            return
        text = restored.final(nodeset)
        filled = text.filled()
        live = filled if relevant is None else filled & relevant
        chosen = any(control.items or control.itemset for control in controls or ())
        if chosen and text is not restored.stored(nodeset):
            taken = answered & ~filled
            self._mark(table, column, "choice", taken if relevant is None else taken & relevant)
        if bind is not None and bind.required is not None:
            asked = ~filled if relevant is None else ~filled & relevant
            if asked.any():
                hits = restored.truth(nodeset, "required", bind.required, asked)
                self._mark(table, column, "required", asked & hits)
        wrong = None if nodeset in self.unlisted else _mistyped(restored, text, bind, controls or [])
        if wrong is not None:
            self._mark(table, column, "choice" if chosen else "type", wrong & live)
            live = live & ~wrong
        if bind is not None and bind.constraint is not None and live.any():
            hits = restored.truth(nodeset, "constraint", bind.constraint, live)
            self._mark(table, column, "constraint", live & ~hits)


def _mistyped(restored: Restored, text: Column, bind: Bind | None, controls: list[Control]) -> Bits | None:
    """Which texts are not of their type, or not among what is offered; None where none can be. '' may be either."""
    choosing = [control for control in controls if control.kind in CHOOSING]
    if choosing:
        return _not_offered(restored, text, choosing)
    kind = canonical(bind.type) if bind is not None else "string"
    wrong = _ill_typed(restored, text, kind or "string")
    ranges = [control for control in controls if control.kind == "range"]
    if ranges:
        outside = _each(text, lambda value: not all(in_range(value, control) for control in ranges))
        wrong = outside if wrong is None else wrong | outside
    return wrong


def _ill_typed(restored: Restored, text: Column, kind: str) -> Bits | None:
    if dtype(kind) == "string" and kind not in _SHAPED:
        return None
    if text.only_numbers and kind in ("int", "decimal"):
        numbers, filled = text.numbers(restored.zone), text.filled()
        if kind == "decimal":
            return np.asarray(filled & np.isnan(numbers))
        wrong: Bits = numbers != np.trunc(numbers)
        if np.fmin.reduce(numbers, initial=0.0) < INT_MIN or np.fmax.reduce(numbers, initial=0.0) > INT_MAX:
            wrong |= (numbers < INT_MIN) | (numbers > INT_MAX)
        return wrong & filled
    if text.dates and kind in ("date", "dateTime"):
        return None
    return _each(text, lambda value: bool(value) and not valid(value, kind))


def _each(text: Column, holds: Callable[[str], bool]) -> Bits:
    codes, values = text.coded()
    return picked([holds(str(value)) for value in values], codes)


def _not_offered(restored: Restored, text: Column, choosing: list[Control]) -> Bits:
    """Which answers are not among the choices, whatever the filter says in their row."""
    several = all(control.kind in LISTS for control in choosing)
    allowed = frozenset(item.value for control in choosing for item in control.items)
    filters: list[tuple[Column, list[frozenset[str]]]] = []
    for control in choosing:
        if control.itemset is not None:
            lists, values = restored.offered(control)
            if lists.constant:
                allowed |= values[0]
            else:
                filters.append((lists, values))

    def outside(value: str, offered: frozenset[str]) -> bool:
        return not offered.issuperset(value.split() if several else (value,))

    if not filters:
        return _each(text, lambda value: outside(value, allowed))
    numbered = [
        Column("number", lists.size, codes=lists.coded()[0], values=[float(n) for n in range(len(values))])
        for lists, values in filters
    ]
    codes, tuples = combined((text, *numbered))
    verdicts = []
    for value, *numbers in tuples:
        offered = (filters[place][1][int(to_number(number))] for place, number in enumerate(numbers))
        verdicts.append(outside(str(value), allowed.union(*offered)))
    return np.full(text.size, verdicts[0]) if codes is None else picked(verdicts, codes)


# --- how much of a form has a column form


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many expressions there are of each kind that are not constants, and how many have a form over columns.

    Kinds: relevant, constraint, required, calculate, items (choice filters), count. `missing` says of the others why.
    """

    total: Mapping[str, int]
    column: Mapping[str, int]
    missing: tuple[Fallback, ...] = ()


_KINDS = ("relevant", "constraint", "required", "calculate", "items", "count")


def coverage(form: Form, instances: Mapping[str, str] | None = None) -> Coverage:
    """How much of a form is judged over columns: its expressions are tried on tables without rows.

    `instances` as for `masks`; external lists that are not given count as empty.
    """
    shapes = layout(form)
    definitions = Definitions(form, shapes)
    links = Links(shapes, {name: _no_rows(table) for name, table in shapes.items()})
    block = Block(links, 0, 0)
    given = {name: _EMPTY_LISTS.get(source.rpartition(".")[2], "<root/>") for name, source in form.external.items()}
    secondary = {**form.instances, **external_instances(form, given | dict(instances or {}))}
    zone = zoneinfo.ZoneInfo("UTC")
    why: dict[tuple[str, str], str] = {}
    restored = Restored(
        definitions, block.frames, block.sheets, block.sheets[definitions.root], zone,
        Clock(np.zeros(0, dtype=np.int64), zone), secondary, why,
    )  # fmt: skip
    total: Counter[str] = Counter()
    column: Counter[str] = Counter()
    missing = _not_by_columns(form, definitions)
    for item in form.graph.computations:
        if item.kind not in _KINDS or not _varies(item.expression.tree):
            continue
        total[item.kind] += 1
        reason = missing.get((item.nodeset, item.kind))
        try:
            restored.tried(item)
        except NoColumnForm as refusal:
            reason = reason or str(refusal)
        if reason is None:
            column[item.kind] += 1
        else:
            missing[item.nodeset, item.kind] = reason
    fallbacks = (Fallback(nodeset, kind, reason) for (nodeset, kind), reason in missing.items())
    return Coverage(dict(total), dict(column), tuple(fallbacks))


_EMPTY_LISTS = {"csv": "name,label\n", "geojson": '{"type": "FeatureCollection", "features": []}'}


def _no_rows(table: Table) -> pd.DataFrame:
    keys = [KEY] if table.parent is None else [KEY, PARENT_KEY]
    return pd.DataFrame({name: pd.Series([], dtype="string") for name in keys}).assign(
        **{column.name: pd.Series([], dtype=column.dtype) for column in table.columns}
    )


def _varies(term: Term) -> bool:
    """Whether a term is more than a constant: it reads something, or asks for time or chance."""
    if isinstance(term, Path | Root | Filter):
        return True
    if isinstance(term, Call) and term.name in ("now", "today", "random", "uuid", "position", "instance", "pulldata"):
        return True
    return any(map(_varies, children(term)))
