"""The rules between records, judged over the tables of a study: `run_rules(read_rules(path), tables) -> RuleRun`.

A hit names rule, table, key and column and never an answer, nor whose name sounds like whose. What a rule could not
judge (a table that is not there, no row with an answer that this login reads) is said in `counts`, so that silence is
never taken for a good result.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from intake.duplicates import similar
from intake.outliers import far_out
from intake.rowwise import Answers
from intake.rules import Rule
from validation.errors import StudyError, XPathError
from validation.form import Form
from validation.layout import KEY, layout
from validation.schema import FAILURE_COLUMNS
from validation.xpath.evaluator import to_boolean, to_string
from validation.xpath.values import Value

T = TypeVar("T")
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
        if rule.kind == "each":
            holds = self._said(rule, rows, to_boolean)
            return rows, rows[~np.array(holds, dtype=bool)]
        groups = self._said(rule, rows, to_string)
        if rule.kind == "similar":
            names = [answers[row] for row in rows]
            return rows, rows[np.array([*similar(names, groups, self._owners(rule, rows))], dtype=int)]
        numbers = pd.to_numeric(pd.Series([answers[row] for row in rows], dtype="object"), errors="coerce")
        return rows, rows[far_out(numbers.to_numpy(dtype="float64"), groups)]

    def count(self, table: str) -> int:
        return len(self.frames[table])

    def _said(self, rule: Rule, rows: _Rows, read: Callable[[Value], T]) -> list[T]:
        """What the rule's expression gives in some rows."""
        answers = Answers(rule.question, rule.table, self, self.now, read)
        try:
            return [answers.of(row) for row in rows.tolist()]
        except XPathError as error:
            raise rule.wrong("failed", "expression", position=error.position) from error

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
