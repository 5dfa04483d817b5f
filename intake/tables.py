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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from intake.columnar import Gathering, Head, Sheets, keys, nodesets, received, texts, together, used, without
from intake.latest import latest
from intake.store import Store
from intake.store.audit import Witness
from intake.store.derived import FOLDER
from intake.store.restriction import left_out
from intake.submission import Submission
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

_Values: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
_HEAD = {KEY: "#id", **dict(zip(ENVELOPE, ("#version", "#municipality", "#subject"), strict=False))}


def tables(
    form: Form, submissions: Iterable[Submission], *, earlier: Sequence[Form] = (), zone: str = ZONE
) -> dict[str, pd.DataFrame]:
    """The tables of a form, by name; all of them, also the empty ones, with their dtypes.

    `submissions` are current versions of records of this form, one a record; `earlier` the forms some of them were
    collected with, newest first. Raises DataError naming the question where versions clash, and for a submission of
    another form.
    """
    merged = _merge(form, earlier)
    root, *repeats = (table.nodeset for table in merged.values())
    gathering = Gathering(root, repeats)
    for submission in submissions:
        if submission.form_id != form.id:
            raise DataError("tables.other_form", form=form.id, other=submission.form_id)
        gathering.add(
            Head(
                submission.id, submission.form_version, submission.form_hash, submission.municipality,
                submission.subject, submission.ended.isoformat(), submission.received,
            ),
            submission.record,
        )  # fmt: skip
    return _frames(merged, together([gathering.sheets()]), ZoneInfo(zone))


def study_tables(study: Study, *, known_at: dt.datetime | None = None) -> dict[str, pd.DataFrame]:
    """The tables of every form that was ever published in a study, together, as known at a time (None: now).

    The newest version of a form gives its tables, earlier ones merge into them. What the study's login may not open,
    or nobody any more, is NA; whose processing is restricted is not in them. StoreError as the store; DataError as
    `tables`.
    """
    made: dict[str, pd.DataFrame] = {}
    with study.store() as store:
        witness, gone = Witness(store), left_out(store)
        for versions in published_forms(store).values():
            newest, *earlier = versions
            witness.saw_tables(versions)
            if known_at is None:
                sheets = without(latest(store, versions, study.dir / FOLDER), gone)
                made |= sheet_tables(newest, sheets, earlier=earlier, zone=study.zone)
            else:
                known = store.submissions(newest.id, known_at=known_at)
                submissions = (each for each in known if each.id not in gone)
                made |= tables(newest, submissions, earlier=earlier, zone=study.zone)
    return made


def sheet_tables(
    form: Form, sheets: Sheets, *, earlier: Sequence[Form] = (), zone: str = ZONE
) -> dict[str, pd.DataFrame]:
    """As `tables`, of records that were gathered already (`intake.latest`)."""
    return _frames(_merge(form, earlier), sheets, ZoneInfo(zone))


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


def _frames(merged: Mapping[str, Table], sheets: Sheets, zone: ZoneInfo) -> dict[str, pd.DataFrame]:
    """Typed tables by name."""
    return {name: _frame(table, sheets, zone) for name, table in merged.items()}


def _frame(table: Table, sheets: Sheets, zone: ZoneInfo) -> pd.DataFrame:
    columns: dict[str, pd.Series | ExtensionArray]
    if table.parent is None:
        columns = {name: _text(texts(sheets, table.nodeset, ours)) for name, ours in _HEAD.items()}
        columns[ENVELOPE[-1]] = _utc(received(sheets))
    else:
        columns = dict(zip((KEY, PARENT_KEY), map(_text, keys(sheets, table.nodeset)), strict=True))
    for column in table.columns:
        columns[column.name] = _typed(sheets, table.nodeset, column.nodeset, column.type, zone)
    known = {column.nodeset for column in table.columns}
    for name in nodesets(sheets, table.nodeset):
        if name not in known:
            free = column_name(name, table.nodeset, {*RESERVED, *columns})
            columns[free] = _text(texts(sheets, table.nodeset, name))
    return pd.DataFrame(columns)


def _typed(sheets: Sheets, table: str, name: str, kind: str, zone: ZoneInfo) -> ExtensionArray | pd.Series:
    """A column in the dtype of its type, or as text where one of its texts is not of the type. Each different text is
    read once."""
    target = dtype(kind)
    if target == "string":
        return _text(texts(sheets, table, name))
    found, codes = used(sheets, table, name)
    try:
        values = [read(text, kind) for text in found]
        if kind == "dateTime":
            return _utc(_spread([_instant(value, zone) for value in values], codes, "datetime64[us]"))
    except (ValueError, OverflowError):  # the first and the last day of the calendar have no UTC everywhere
        return _text(texts(sheets, table, name))
    if target == "datetime64[us]":
        return pd.Series(_spread(values, codes, target))
    missing = codes < 0
    if target == "Float64":
        numbers = _spread([float(str(value)) for value in values], codes, "float64")
        return pd.arrays.FloatingArray(numbers, missing)
    if target == "Int64":
        return pd.arrays.IntegerArray(_spread(values, codes, "int64"), missing)
    return pd.arrays.BooleanArray(_spread(values, codes, "bool"), missing)


def _spread(values: Sequence[object], codes: _Values, kind: str) -> _Values:
    """The value of each row; where there is none (-1), NaT resp. anything: what stands at the end."""
    empty = np.array(["NaT" if kind.startswith("datetime") else 0], dtype=kind)
    return np.concatenate([np.array(values, dtype=kind), empty])[codes]


def _instant(value: Value, zone: ZoneInfo) -> dt.datetime:
    """A moment in UTC, without saying so; one without an offset is of the zone."""
    if not isinstance(value, dt.datetime):
        raise TypeError(value)
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(dt.UTC).replace(tzinfo=None)


def _utc(moments: _Values) -> pd.Series:
    return pd.Series(pd.DatetimeIndex(moments).tz_localize("UTC"))


def _text(found: Any) -> ExtensionArray:
    return pd.arrays.ArrowStringArray(found, dtype=pd.StringDtype("pyarrow"))  # type: ignore[call-arg]  # as of pandas 3
