"""A form's tables cut by record, and the reports of the parts put together to the report of the whole. Pure.

A part holds whole records with all their entries, and everything that a verdict may look at beside them: records and
entries of one KEY stay together, so that what is there twice is found. So the parts say together what the whole says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from validation.form import Form
from validation.layout import KEY, PARENT_KEY, Table, layout
from validation.report import Fault, Report, report_of
from validation.rows import Fallback

Places: TypeAlias = npt.NDArray[np.int64]
"""Rows of a table by their position in it, ascending."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some records of a form: `places` says for every table which of its rows these are."""

    places: Mapping[str, Places]

    @property
    def rows(self) -> int:
        """How many rows it has in all tables."""
        return sum(map(len, self.places.values()))

    def of(self, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        """The tables with these rows alone, copied out of the whole."""
        return {name: tables[name].iloc[rows] for name, rows in self.places.items()}


def cut(form: Form, tables: Mapping[str, pd.DataFrame], rows: int) -> list[Part]:
    """The tables in parts of about so many rows, in the order of the records; at least one part.

    A record with more entries than that is a part of its own. Tables that the form does not have are in every part,
    without a row.
    """
    shapes = {name: table for name, table in layout(form).items() if name in tables}
    of_rows, count = _groups(shapes, tables)
    sizes = np.zeros(count, dtype=np.int64)
    for groups in of_rows.values():
        sizes += np.bincount(groups, minlength=count)
    numbers = (np.cumsum(sizes) - sizes) // max(rows, 1)
    numbers = np.unique(numbers, return_inverse=True)[1] if count else numbers
    parts = int(numbers.max(initial=0)) + 1
    divided = {name: _divided(numbers[groups], parts) for name, groups in of_rows.items()}
    none = np.zeros(0, dtype=np.int64)
    return [Part({name: divided[name][at] if name in divided else none for name in tables}) for at in range(parts)]


def faults_of(report: Report) -> list[Fault]:
    """What a report of a part found, without what the tables know: rules, columns and positions."""
    named = report.failures[["table", "rule", "column"]].astype("str")
    codes, kinds = pd.factorize(pd.MultiIndex.from_frame(named))
    found = []
    for number, (table, rule, column) in enumerate(kinds.tolist()):
        rows = report.rows[codes == number]
        found.append(Fault(str(table), str(rule), str(column), None if rows[0] < 0 else rows))
    return found


def together(parts: Iterable[Sequence[Fallback]]) -> tuple[Fallback, ...]:
    """What was judged row by row in all parts: each expression once, and of how many records in all."""
    found: dict[tuple[str, str, str], int] = {}
    for fallback in (each for part in parts for each in part):
        rest = fallback.why.lstrip("0123456789")
        number = fallback.why.removesuffix(rest)
        at = (fallback.nodeset, fallback.attribute, rest if not fallback.attribute else fallback.why)
        found[at] = found.get(at, 0) + int(number or 0)
    single = [Fallback(*at) for at in found if at[1]]
    return (*single, *(Fallback(at[0], "", f"{count or ''}{at[2]}") for at, count in found.items() if not at[1]))


def merged(
    form: Form,
    tables: Mapping[str, pd.DataFrame],
    found: Sequence[tuple[Part, Sequence[Fault]]],
    *,
    language: str = "de",
    fallbacks: tuple[Fallback, ...] = (),
) -> Report:
    """The report of the whole from the faults of all its parts: the same as `validation.schema.check` of the tables."""
    known = [name for name in layout(form) if name in tables]
    frames = {name: tables[name].loc[:, ~tables[name].columns.duplicated()].reset_index(drop=True) for name in known}
    rows: dict[tuple[str, str, str], list[Places] | None] = {}
    for part, faults in found:
        for fault in faults:
            at = (fault.table, fault.rule, fault.column)
            if fault.rows is None:
                rows[at] = None
            else:
                listed = rows.setdefault(at, [])
                if listed is not None:
                    listed.append(part.places[fault.table][fault.rows])
    whole = [
        Fault(table, rule, column, None if places is None else np.sort(np.concatenate(places)))
        for (table, rule, column), places in rows.items()
        # a column that came as text because of answers of one part is no second fault in another
        if rule != "dtype" or (table, "type", column) not in rows
    ]
    return report_of(form, frames, whole, language=language, fallbacks=fallbacks)


# --- within


def _groups(shapes: Mapping[str, Table], tables: Mapping[str, pd.DataFrame]) -> tuple[dict[str, Places], int]:
    """{table: for each row the number of what has to stay together}, numbered by first appearance, and how many."""
    of_rows: dict[str, Places] = {}
    keys: dict[str, pd.Index] = {}
    above: list[int] = []  # group -> a group it stays with, itself where it is the first

    def new(texts: npt.NDArray[np.object_]) -> Places:
        codes, found = pd.factorize(texts)
        first = len(above)
        above.extend(range(first, first + len(found)))
        return np.asarray(codes, dtype=np.int64) + first

    for name, table in shapes.items():
        own = _texts(tables[name], KEY)
        if table.parent is None:
            groups = new(own)
        else:
            parents = _texts(tables[name], PARENT_KEY)
            groups = _held(parents, keys.get(table.parent), of_rows.get(table.parent))
            lost = groups < 0
            groups[lost] = new(parents[lost])
            for one, other in _twice(own, groups):
                _join(above, one, other)
        of_rows[name] = groups
        keys[name] = pd.Index(own)
    first = np.array([_first(above, group) for group in range(len(above))], dtype=np.int64)
    numbers = np.unique(first, return_inverse=True)[1]
    return {name: numbers[groups] for name, groups in of_rows.items()}, int(numbers.max(initial=-1)) + 1


def _texts(frame: pd.DataFrame, column: str) -> npt.NDArray[np.object_]:
    """A column of keys as its verdicts see it: what is no text is ''."""
    if column not in frame:
        return np.full(len(frame), "", dtype=object)
    first = frame.iloc[:, list(frame.columns).index(column)]  # of a column that is there twice, the first is judged
    return np.array([value if isinstance(value, str) else "" for value in first.tolist()], dtype=object)


def _held(parents: npt.NDArray[np.object_], keys: pd.Index | None, groups: Places | None) -> Places:
    """The group of the record or entry that holds each row, -1 where it is not there."""
    if keys is None or groups is None or not len(keys):
        return np.full(len(parents), -1, dtype=np.int64)
    first = ~keys.duplicated()
    at = keys[first].get_indexer(pd.Index(parents))
    return np.where(at < 0, -1, groups[first][at])


def _twice(keys: npt.NDArray[np.object_], groups: Places) -> Iterator[tuple[int, int]]:
    """Pairs of groups that have an entry of the same KEY."""
    known: dict[str, int] = {}
    for at in np.flatnonzero(pd.Index(keys).duplicated(keep=False)).tolist():
        group = int(groups[at])
        other = known.setdefault(keys[at], group)
        if other != group:
            yield other, group


def _first(above: list[int], group: int) -> int:
    while above[group] != group:
        above[group] = above[above[group]]
        group = above[group]
    return group


def _join(above: list[int], one: int, other: int) -> None:
    low, high = sorted((_first(above, one), _first(above, other)))
    above[high] = low


def _divided(numbers: Places, parts: int) -> list[Places]:
    order = np.argsort(numbers, kind="stable").astype(np.int64)
    return np.split(order, np.searchsorted(numbers[order], np.arange(1, parts)))
