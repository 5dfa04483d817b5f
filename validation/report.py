"""What a check of tables found: which rows are good, and every fault by table, record, question and rule.

Never an answer. A rule that millions of rows break costs a few bytes a row: what is the same for all of them (question,
rule, sentence) is a category, and the good rows are taken when they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
import numpy.typing as npt
import pandas as pd

from validation.form import Form
from validation.layout import ENVELOPE, KEY, PARENT_KEY, Table, layout, question_label, text_of
from validation.messages import say
from validation.rows import Fallback

Rows = npt.NDArray[np.int64]

FAILURE_COLUMNS = ("table", "key", "nodeset", "column", "rule", "code", "message")

TABLE_RULES = ("missing_table", "unknown_table", "missing_column", "unknown_column", "duplicate_column", "dtype",
               "unreadable")  # fmt: skip
"""Rules about a whole table or column; their failures have no key."""

ROW_RULES = ("no_key", "duplicate_key", "orphan", "type", "choice", "relevant", "required", "constraint")
"""Rules about a row: its keys, then its answers."""

RULES = (*TABLE_RULES, *ROW_RULES)
"""Every rule, in the order in which the failures of a column are named."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found.

    ok         {table: the rows nothing is wrong with}; a fault of a whole column or table takes no rows away. They are
               copied out of the tables each time they are asked for
    failures   one row a fault: table, key (KEY of the record or entry, '' for a fault of the table), nodeset ('' where
               it is no question), column, rule, code (of the sentence), message (German, or the language asked for).
               All but the key are categories. In the order of `in_order`
    counts     one row a table: table, rows, ok, failed (rows with a fault), failures
    rows       for every failure the position of its row in the table, -1 for a fault of the table or a column
    fallbacks  what of the form was judged row by row, because no expression over columns says it, and why
    """

    ok: Mapping[str, pd.DataFrame]
    failures: pd.DataFrame
    counts: pd.DataFrame
    rows: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    fallbacks: tuple[Fallback, ...] = ()

    @property
    def passed(self) -> bool:
        """True where nothing is wrong."""
        return self.failures.empty


class GoodRows(Mapping[str, pd.DataFrame]):
    """{table: its rows without a fault}, taken from the tables when asked for."""

    def __init__(self, frames: Mapping[str, pd.DataFrame], bad: Mapping[str, npt.NDArray[np.bool_]]) -> None:
        self._frames = frames
        self._bad = bad

    def __getitem__(self, name: str) -> pd.DataFrame:
        frame, bad = self._frames[name], self._bad[name]
        return frame[~bad] if bad.any() else frame.copy(deep=False)

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that is broken in a column. `rows` are positions in the table, ascending; None where it is the whole."""

    table: str
    rule: str
    column: str = ""
    rows: Rows | None = None


def report_of(
    form: Form,
    frames: Mapping[str, pd.DataFrame],
    faults: Iterable[Fault],
    *,
    language: str = "de",
    fallbacks: tuple[Fallback, ...] = (),
) -> Report:
    """The report of faults that were found in tables; each rule of a column may be among them once."""
    place = _places(form)
    ordered = sorted(faults, key=lambda fault: (place.of(fault.table, fault.column, fault.rule), fault.column))
    bad = {name: np.zeros(len(frame), dtype=bool) for name, frame in frames.items()}
    failures = dict.fromkeys(frames, 0)
    for fault in ordered:
        if fault.table in frames:
            failures[fault.table] += 1 if fault.rows is None else len(fault.rows)
        if fault.rows is not None:
            bad[fault.table][fault.rows] = True
    counts = [
        (name, len(mask), int((~mask).sum()), int(mask.sum()), failures[name]) for name, mask in bad.items()
    ]  # fmt: skip
    return Report(
        ok=GoodRows(frames, bad),
        failures=_failures(form, frames, ordered, language),
        counts=pd.DataFrame(counts, columns=["table", "rows", "ok", "failed", "failures"]),
        rows=_rows_of(ordered),
        fallbacks=fallbacks,
    )


def in_order(form: Form, failures: pd.DataFrame, rows: Rows) -> tuple[pd.DataFrame, Rows]:
    """Failures, and the positions of their rows, in the one order a report has, with the categories it has.

    Tables that are missing and tables the form does not know; then table by table as in `layout`: faults of whole
    columns, then those of rows, each column by column (keys first, unknown ones last), in it by `RULES`, in it by row.
    """
    place = _places(form)
    named = failures[["table", "column", "rule"]].astype("string")
    kinds, first = pd.factorize(pd.MultiIndex.from_frame(named))
    known = [(str(table), str(column), str(rule)) for table, column, rule in first.tolist()]
    ranked = sorted(range(len(known)), key=lambda at: (place.of(*known[at]), known[at][1]))
    ranks = np.empty(len(known), dtype=np.int64)
    ranks[ranked] = np.arange(len(known))
    order = np.lexsort((rows, ranks[kinds])) if len(rows) else np.zeros(0, dtype=np.int64)
    sorted_ones = failures.iloc[order].reset_index(drop=True)
    return sorted_ones.assign(**{name: _category(sorted_ones[name]) for name in _SHARED}), rows[order]


def sentence(form: Form, nodeset: str, column: str, rule: str, language: str = "de") -> str:
    """What is wrong, in words, from the question's label and the form's own message where that quotes no answer."""
    bind = form.binds.get(nodeset)
    label = question_label(form, nodeset, language) if nodeset else column
    if bind is not None and rule in ("constraint", "required"):
        own = text_of(
            form, bind.constraint_message if rule == "constraint" else bind.required_message, language, exact=True
        )
        if own:
            return say("check.own_message", language, question=label, message=own)
    return say(f"check.{rule}", language, question=label, column=column)


# --- within

_SHARED = ("table", "nodeset", "column", "rule", "code", "message")
"""Columns of the failures that say the same of many rows."""


@dataclass(frozen=True, slots=True)
class _Places:
    """Where tables and their columns stand in the form."""

    tables: Mapping[str, int]
    columns: Mapping[tuple[str, str], int]

    def of(self, table: str, column: str, rule: str) -> tuple[int, int, str, bool, int, int]:
        """Sorts faults as `in_order` says."""
        group = {"missing_table": 0, "unknown_table": 1}.get(rule, 2)
        at = self.columns.get((table, column), -1 if not column else len(self.columns))
        return group, self.tables.get(table, len(self.tables)), table, rule in ROW_RULES, at, RULES.index(rule)


def _places(form: Form) -> _Places:
    shapes = layout(form)
    columns: dict[tuple[str, str], int] = {}
    for table in shapes.values():
        above = ENVELOPE if table.parent is None else (PARENT_KEY,)
        for name in (KEY, *above, *(column.name for column in table.columns)):
            columns[table.name, name] = len(columns)
    return _Places({name: at for at, name in enumerate(shapes)}, columns)


def _failures(form: Form, frames: Mapping[str, pd.DataFrame], faults: Sequence[Fault], language: str) -> pd.DataFrame:
    sizes = [1 if fault.rows is None else len(fault.rows) for fault in faults]
    nodesets = _nodesets(layout(form))
    shared = []
    for fault in faults:
        nodeset = nodesets.get((fault.table, fault.column), "")
        text = sentence(form, nodeset, fault.column or fault.table, fault.rule, language)
        shared.append((fault.table, nodeset, fault.column, fault.rule, f"check.{fault.rule}", text))
    made = {name: _repeated([row[at] for row in shared], sizes) for at, name in enumerate(_SHARED)}
    keys = [_keys(frames.get(table), list(some)) for table, some in groupby(faults, lambda fault: fault.table)]
    made["key"] = pd.concat(keys, ignore_index=True) if keys else pd.Series([], dtype="string")
    return pd.DataFrame({name: made[name] for name in FAILURE_COLUMNS})


def _nodesets(shapes: Mapping[str, Table]) -> dict[tuple[str, str], str]:
    return {(table.name, column.name): column.nodeset for table in shapes.values() for column in table.columns}


def _repeated(values: list[str], sizes: list[int]) -> pd.Series:
    """Each text as often as its size says, as a category."""
    found = sorted(set(values))
    codes = np.array([found.index(value) for value in values], dtype=np.min_scalar_type(-max(len(found), 1)))
    return pd.Series(pd.Categorical.from_codes(np.repeat(codes, sizes), pd.Index(found, dtype="str")))


def _category(values: pd.Series) -> pd.Series:
    texts = values.astype("string")
    return pd.Series(pd.Categorical(texts, pd.Index(sorted(texts.unique()), dtype="str")), index=values.index)


def _keys(frame: pd.DataFrame | None, faults: Sequence[Fault]) -> pd.Series:
    """The keys of the rows of a table that faults are in, one after the other; '' for a fault of the whole."""
    rows = _rows_of(faults)
    if frame is None or KEY not in frame or frame.empty:
        return pd.Series([""] * len(rows), dtype="string")
    found = frame[KEY].take(np.maximum(rows, 0)).astype("string").fillna("")
    return found.where(rows >= 0, "") if (rows < 0).any() else found


def _rows_of(faults: Iterable[Fault]) -> Rows:
    """The positions of the rows that faults are in, -1 for a fault of the whole."""
    whole = np.array([-1], dtype=np.int64)
    return np.concatenate(
        [np.zeros(0, dtype=np.int64), *(whole if each.rows is None else each.rows for each in faults)]
    )
