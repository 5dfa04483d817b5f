"""Submissions -> typed DataFrames, one for the root and one for every repeat.

Names and keys are those of `validation.layout`: `KEY` first (in repeats KEY and PARENT_KEY), in the root table the
envelope columns `_version`, `_municipality`, `_subject`, `_received`, then the questions in the order of the form, each
missing reason (`<name>__missing`) beside its question.

Types. Columns have the dtype of `validation.datatypes`; no answer and not relevant are both NA. Dates are midnight,
date-times UTC (one without an offset is read in the study's zone). Nothing is coerced: a column in which a text is not
of its type stays text ('string') as a whole, and `validation.schema.check` names the records.

Versions of a form merge by nodeset: the newest form gives the order, a question that only earlier versions had is
appended to its table, a question a version did not have is NA in its records. A nodeset that changed its type, turned
from one choice to many or from a question to a repeat is a break: DataError, never a coercion. An answer to a question
that no version has is kept, as a text column named by its path after the others; the check reports it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import orjson
import pandas as pd

from intake.store import Store
from intake.submission import Record, Submission
from validation.datatypes import Value, dtype, read
from validation.errors import DataError, Place, Problem
from validation.form import Form
from validation.layout import (
    ENVELOPE,
    KEY,
    PARENT_KEY,
    RESERVED,
    Column,
    Table,
    column_name,
    layout,
    question_label,
    takes_many,
)
from validation.xform import read_form

if TYPE_CHECKING:
    from intake.study import Study

ZONE = "Europe/Berlin"


def tables(
    form: Form, submissions: Iterable[Submission], *, earlier: Sequence[Form] = (), zone: str = ZONE
) -> dict[str, pd.DataFrame]:
    """The tables of a form, by name; all of them, also the empty ones, with their dtypes.

    `submissions` are current versions of records of this form, one a record; `earlier` the forms some of them were
    collected with, newest first. Raises DataError naming the question where versions clash, and for a submission of
    another form.
    """
    merged = _merge(form, earlier)
    rows: dict[str, list[dict[str, str]]] = {table.nodeset: [] for table in merged.values()}
    received: list[dt.datetime | None] = []
    root = next(iter(merged.values()))
    for submission in submissions:
        if submission.form_id != form.id:
            raise DataError("tables.other_form", form=form.id, other=submission.form_id)
        received.append(submission.received)
        envelope = {
            KEY: submission.id,
            "_version": submission.form_version,
            "_municipality": submission.municipality,
            "_subject": submission.subject,
        }
        _collect(submission.record, root.nodeset, envelope, rows)
    made = {name: _frame(table, rows[table.nodeset], zone) for name, table in merged.items()}
    made[root.name].insert(len(ENVELOPE), "_received", _moments(received, ZoneInfo(zone)))
    return made


def study_tables(study: Study, *, known_at: dt.datetime | None = None) -> dict[str, pd.DataFrame]:
    """The tables of every form that was ever published in a study, together, as known at a time (None: now).

    The newest version of a form gives its tables, earlier ones merge into them. StoreError as the store; DataError
    as `tables`.
    """
    made: dict[str, pd.DataFrame] = {}
    with study.store() as store:
        for versions in published_forms(store).values():
            newest, *earlier = versions
            submissions = store.submissions(newest.id, known_at=known_at)
            made |= tables(newest, submissions, earlier=earlier, zone=study.zone)
    return made


def published_forms(store: Store) -> dict[str, list[Form]]:
    """Every published form by its id, newest version first."""
    found: dict[str, list[Form]] = {}
    for published in store.forms():
        found.setdefault(published.form_id, []).insert(0, read_form(published.xform))
    return found


def _merge(form: Form, earlier: Sequence[Form]) -> dict[str, Table]:
    merged = {table.nodeset: table for table in layout(form).values()}
    known = {nodeset: (kind, form) for nodeset, kind in _kinds(form).items()}
    problems = []
    for old in earlier:
        for nodeset, kind in _kinds(old).items():
            newer_kind, newer = known.setdefault(nodeset, (kind, old))
            if newer_kind != kind:
                problems.append(_clash(newer, old, nodeset))
        for table in layout(old).values():
            there = merged.setdefault(table.nodeset, replace(table, columns=()))
            merged[table.nodeset] = _with(there, table.columns)
    if problems:
        questions = ", ".join(dict.fromkeys(problem.fields["question"] for problem in problems))
        raise DataError("tables.clash", problems, form=form.id, questions=questions)
    by_name: dict[str, Table] = {}
    for table in merged.values():
        # A repeat that moved keeps its own table: the whole path tells the two apart.
        name = f"{form.id}-{table.nodeset.strip('/').replace('/', '-')}" if table.name in by_name else table.name
        by_name[name] = replace(table, name=name)
    return by_name


def _with(table: Table, columns: Iterable[Column]) -> Table:
    """A table and those columns of an earlier version whose questions it does not have."""
    for column in columns:
        if all(known.nodeset != column.nodeset for known in table.columns):
            taken = {*RESERVED, *(known.name for known in table.columns)}
            named = replace(column, name=column_name(column.nodeset, table.nodeset, taken))
            table = replace(table, columns=(*table.columns, named))
    return table


def _kinds(form: Form) -> dict[str, str]:
    """What each nodeset is: a group, a repeat, or a question of a type, of one value or many."""
    found = {}
    for table in layout(form).values():
        for column in table.columns:
            found[column.nodeset] = f"{column.type} many" if takes_many(form, column.nodeset) else column.type
            parent = column.nodeset.rpartition("/")[0]
            while parent.count("/") > 1:
                found.setdefault(parent, "repeat" if parent in form.repeats else "group")
                parent = parent.rpartition("/")[0]
    return found


def _clash(newer: Form, old: Form, nodeset: str) -> Problem:
    return Problem(
        "tables.clash_at",
        Place(nodeset=nodeset),
        {"question": question_label(newer, nodeset), "new": newer.version, "old": old.version},
    )


def _collect(record: Record, nodeset: str, keys: dict[str, str], rows: dict[str, list[dict[str, str]]]) -> None:
    """Add a record (or an entry) and, after it, the entries inside it. Keys of a row are column names or nodesets."""
    row = dict(keys)
    rows[nodeset].append(row)
    for name, value in record.items():
        if isinstance(value, list) and name in rows:
            for number, entry in enumerate(value, start=1):
                key = f"{keys[KEY]}{name.removeprefix(nodeset)}[{number}]"
                _collect(entry, name, {KEY: key, PARENT_KEY: keys[KEY]}, rows)
        elif isinstance(value, list):
            row[name] = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
        elif value and not _is_bookkeeping(name, nodeset):
            row[name] = value


def _is_bookkeeping(name: str, nodeset: str) -> bool:
    """Attributes, the order of children, and the meta block beside the instance's name: no answers."""
    name = re.sub(r"\{[^}]*\}", "", name)
    step = name.removeprefix(nodeset).split("/")
    return (
        "/@" in name
        or name.endswith("/order()")
        or (len(step) > 1 and step[1].rpartition(":")[2] == "meta" and step[-1].rpartition(":")[2] != "instanceName")
    )


def _frame(table: Table, rows: list[dict[str, str]], zone: str) -> pd.DataFrame:
    keys = (KEY, *(name for name in ENVELOPE if name != "_received")) if table.parent is None else (KEY, PARENT_KEY)
    columns = {name: _typed([row.get(name) for row in rows], "string", zone) for name in keys}
    for column in table.columns:
        columns[column.name] = _typed([row.get(column.nodeset) for row in rows], column.type, zone)
    known = {*keys, *(column.nodeset for column in table.columns)}
    for name in dict.fromkeys(name for row in rows for name in row if name not in known):
        free = column_name(name, table.nodeset, {*RESERVED, *columns})
        columns[free] = _typed([row.get(name) for row in rows], "string", zone)
    return pd.DataFrame(columns)


def _typed(texts: list[str | None], kind: str, zone: str) -> pd.Series:
    """A column of lexical texts (None, '' are NA) in the dtype of its type, or as text where one is not of the type."""
    target = dtype(kind)
    values: list[Value | None] = [*texts]
    if target != "string":
        try:
            values = [read(text, kind) if text else None for text in texts]
        except ValueError:
            target = "string"
    if kind == "dateTime" and target != "string":
        return _moments([value for value in values if value is None or isinstance(value, dt.datetime)], ZoneInfo(zone))
    if target == "string":
        return pd.Series([value or None for value in values], dtype=target)
    if target == "Float64":
        return pd.Series([None if value is None else float(str(value)) for value in values], dtype=target)
    return pd.Series(values, dtype=target)


def _moments(values: list[dt.datetime | None], zone: ZoneInfo) -> pd.Series:
    """Times in UTC; one without an offset is of the zone."""
    aware = [value.replace(tzinfo=zone) if value and not value.tzinfo else value for value in values]
    return pd.Series([value and value.astimezone(dt.UTC) for value in aware], dtype=dtype("dateTime"))
