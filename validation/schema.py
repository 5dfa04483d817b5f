"""The data contract: Form -> pandera schemas, and check(tables) -> report. The only door to pandera.

A verdict is computed once, as a boolean mask, and handed to pandera as a column check, so that pandera's own report
and ours cannot differ: ours is read off the errors that pandera raises. Where the masks come from is one function,
`validation.rows.masks(form, tables) -> Masks`; the column compiler replaces it and nothing here changes.

Our report names table, record, question and rule and never an answer. pandera's own (`SchemaErrors.failure_cases`)
quotes answers; it stays inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError, SchemaErrorReason, SchemaErrors

from validation.form import Form
from validation.layout import (
    ENVELOPE,
    KEY,
    PARENT_KEY,
    Column,
    Table,
    choice_values,
    layout,
    question_label,
    takes_many,
    text_of,
)
from validation.messages import say
from validation.rows import Masks, Moments, masks

LIMIT = 100
"""Failure cases that pandera keeps of one check. Our report names all records, pandera's quotes this many."""

ZONE = "Europe/Berlin"

FAILURE_COLUMNS = ("table", "key", "nodeset", "column", "rule", "code", "message")

TABLE_RULES = ("missing_table", "missing_column", "unknown_table", "unknown_column", "duplicate_column", "dtype",
               "unreadable")  # fmt: skip
"""Rules about a whole table or column; their failures have no key."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found.

    ok        {table: the rows nothing is wrong with}; a fault of a whole column or table takes no rows away
    failures  one row a fault: table, key (KEY of the record or entry, '' for a fault of the table), nodeset ('' where
              it is no question), column, rule, code (of the sentence), message (German, or the language asked for)
    counts    one row a table: table, rows, ok, failed (rows with a fault), failures
    """

    ok: dict[str, pd.DataFrame]
    failures: pd.DataFrame
    counts: pd.DataFrame

    @property
    def passed(self) -> bool:
        """True where nothing is wrong."""
        return self.failures.empty


def compile_schemas(form: Form, verdicts: Masks | None = None) -> dict[str, pa.DataFrameSchema]:
    """One pandera schema a table (names as in `validation.layout`): dtypes, choices, keys, columns that must be there.

    Without `verdicts` it holds for any tables of the form: a question is not nullable where it is required and shown
    whatever is answered elsewhere. With the masks of given tables, it holds for those and says everything the form
    says, one check a column and rule. Schemas are strict: an unknown column is a fault; envelope columns may be there.
    """
    shapes = layout(form)
    return {name: _schema(form, table, verdicts or Masks()) for name, table in shapes.items()}


def check(
    form: Form,
    tables: Mapping[str, pd.DataFrame],
    *,
    default_now: Moments = None,
    zone: str = ZONE,
    language: str = "de",
    instances: Mapping[str, str] | None = None,
) -> Report:
    """Judge the tables of a form. Faults of any kind are rows of the report, never exceptions.

    now() and today() are each record's own end time in the zone; `default_now` (one time, or one by KEY) where it has
    none. `instances` are external choice files as `Instance` takes them. Tables of other forms are left alone. Raises
    UsageError where an expression needs a time and there is none, FormError where an external file is missing.
    """
    shapes = layout(form)
    given = {name: tables[name].reset_index(drop=True) for name in shapes if name in tables}
    frames = {name: frame.loc[:, ~frame.columns.duplicated()] for name, frame in given.items()}
    schemas = compile_schemas(form, masks(form, frames, default_now=default_now, zone=zone, instances=instances))
    found: list[_Fault] = [_Fault(name, "missing_table") for name in shapes if name not in tables]
    found.extend(
        _Fault(name, "unknown_table") for name in tables if name.startswith(f"{form.id}-") and name not in shapes
    )
    ok, counts = {}, []
    for name, frame in frames.items():
        twice = given[name].columns[given[name].columns.duplicated()].unique()
        faults = [_Fault(name, "duplicate_column", str(column)) for column in twice]
        faults.extend(_faults(schemas[name], name, frame))
        bad = np.zeros(len(frame), dtype=bool)
        for fault in faults:
            if fault.row is not None:
                bad[fault.row] = True
        found.extend(faults)
        ok[name] = frame[~bad]
        counts.append((name, len(frame), int((~bad).sum()), int(bad.sum()), len(faults)))
    return Report(
        ok=ok,
        failures=_failures(form, shapes, frames, found, language),
        counts=pd.DataFrame(counts, columns=["table", "rows", "ok", "failed", "failures"]),
    )


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


# --- schemas


def _schema(form: Form, table: Table, verdicts: Masks) -> pa.DataFrameSchema:
    bad = verdicts.bad.get(table.name, {})

    def checks(column: str) -> list[pa.Check]:
        return [_masked(rule, mask) for (name, rule), mask in bad.items() if name == column]

    columns = {KEY: pa.Column("string", checks(KEY), unique=True, nullable=False)}
    if table.parent is not None:
        orphans = verdicts.orphans.get(table.name)
        found = [_masked("orphan", orphans)] if orphans is not None and orphans.any() else []
        columns[PARENT_KEY] = pa.Column("string", found, nullable=orphans is not None)
    else:
        for name in ENVELOPE:
            kind = "datetime64[us, UTC]" if name == "_received" else "string"
            columns[name] = pa.Column(kind, nullable=True, required=False)
    for column in table.columns:
        columns[column.name] = pa.Column(
            column.dtype,
            [*_choice_checks(form, column), *checks(column.name)],
            nullable=not _always_required(form, column),
            title=question_label(form, column.nodeset),
        )
    return pa.DataFrameSchema(columns, name=table.name, strict=True)


def _masked(rule: str, bad: np.ndarray) -> pa.Check:
    good = ~bad
    return pa.Check(
        lambda series: pd.Series(good, index=series.index),
        name=rule,
        error=f"check.{rule}",
        ignore_na=False,
        n_failure_cases=LIMIT,
    )


def _choice_checks(form: Form, column: Column) -> Iterator[pa.Check]:
    values = choice_values(form, column.nodeset)
    if values is None or column.dtype != "string":
        return
    if takes_many(form, column.nodeset):
        yield pa.Check(
            lambda series: pd.Series(
                [set(str(text).split()) <= values for text in series], index=series.index, dtype=bool
            ),
            name="choice",
            error="check.choice",
            n_failure_cases=LIMIT,
        )
    else:
        yield pa.Check.isin(sorted(values), error="check.choice", n_failure_cases=LIMIT)


def _always_required(form: Form, column: Column) -> bool:
    """Required by `true()`, with nothing on it or above it that could hide it."""
    if column.bind.required is None or column.bind.required.source.strip() not in ("true()", "1"):
        return False
    steps = column.nodeset.split("/")
    above = ["/".join(steps[:end]) for end in range(2, len(steps) + 1)]
    return all(nodeset not in form.binds or form.binds[nodeset].relevant is None for nodeset in above)


# --- pandera's errors as faults


@dataclass(frozen=True, slots=True)
class _Fault:
    """`row` is the position in the table, None for a fault of the column or table."""

    table: str
    rule: str
    column: str = ""
    row: int | None = None


_RULES = {
    SchemaErrorReason.COLUMN_NOT_IN_DATAFRAME: "missing_column",
    SchemaErrorReason.COLUMN_NOT_IN_SCHEMA: "unknown_column",
    SchemaErrorReason.WRONG_DATATYPE: "dtype",
    SchemaErrorReason.CHECK_ERROR: "unreadable",
    SchemaErrorReason.SERIES_CONTAINS_DUPLICATES: "duplicate_key",
}


def _faults(schema: pa.DataFrameSchema, table: str, frame: pd.DataFrame) -> Iterator[_Fault]:
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        seen: dict[_Fault, None] = {}
        for error in errors.schema_errors:
            for fault in _translated(error, table):
                seen.setdefault(fault)
        ill_typed = {fault.column for fault in seen if fault.rule == "type"}
        # A column that came as text because of these records is no second fault.
        yield from (fault for fault in seen if not (fault.rule == "dtype" and fault.column in ill_typed))


def _translated(error: SchemaError, table: str) -> Iterator[_Fault]:
    column = str(error.column_name or "")
    reason = error.reason_code
    if reason in (SchemaErrorReason.COLUMN_NOT_IN_DATAFRAME, SchemaErrorReason.COLUMN_NOT_IN_SCHEMA):
        yield _Fault(table, _RULES[reason], str(error.failure_cases))
    elif reason is SchemaErrorReason.DATAFRAME_CHECK:
        rule = "choice" if error.check.error == "check.choice" else str(error.check.name)
        output = error.check_output
        yield from (_Fault(table, rule, column, int(row)) for row in output.index[~output.to_numpy(dtype=bool)])
    elif reason is SchemaErrorReason.SERIES_CONTAINS_NULLS:
        rule = "no_key" if column in (KEY, PARENT_KEY) else "required"
        yield from (_Fault(table, rule, column, int(row)) for row in error.failure_cases["index"])
    elif reason is SchemaErrorReason.SERIES_CONTAINS_DUPLICATES:
        yield from (_Fault(table, _RULES[reason], column, int(row)) for row in error.failure_cases["index"])
    else:
        yield _Fault(table, _RULES.get(reason, "unreadable"), column)


def _failures(
    form: Form, shapes: Mapping[str, Table], frames: Mapping[str, pd.DataFrame], found: list[_Fault], language: str
) -> pd.DataFrame:
    rows = []
    sentences: dict[tuple[str, str, str], str] = {}
    nodesets = {(table.name, column.name): column.nodeset for table in shapes.values() for column in table.columns}
    for fault in found:
        nodeset = nodesets.get((fault.table, fault.column), "")
        text = sentences.setdefault(
            (fault.table, fault.column, fault.rule),
            sentence(form, nodeset, fault.column or fault.table, fault.rule, language),
        )
        frame = frames.get(fault.table)
        key = "" if fault.row is None or frame is None or KEY not in frame else frame[KEY].iloc[fault.row]
        rows.append(
            (fault.table, "" if pd.isna(key) else str(key), nodeset, fault.column, fault.rule,
             f"check.{fault.rule}", text)
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(FAILURE_COLUMNS), dtype="string")
