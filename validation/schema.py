"""The data contract: Form -> pandera schemas, and check(tables) -> report. The only door to pandera.

A verdict is computed once, as a boolean mask (`validation.verdicts`). `compile_schemas` hands the masks to pandera
as column checks, for who works with pandera. `check` asks pandera about the tables as such (columns, dtypes) and reads
the masks themselves: pandera takes longer to word its errors than the verdicts take, and says the same of them.

Our report names table, record, question and rule and never an answer. pandera's own (`SchemaErrors.failure_cases`)
quotes answers.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrorReason, SchemaErrors

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
)
from validation.report import (
    FAILURE_COLUMNS,
    ROW_RULES,
    RULES,
    TABLE_RULES,
    Fault,
    Report,
    in_order,
    report_of,
    sentence,
)
from validation.rows import Bad, Masks, Moments
from validation.verdicts import masks

__all__ = [
    "FAILURE_COLUMNS", "LIMIT", "ROW_RULES", "RULES", "TABLE_RULES", "ZONE", "Report", "check", "compile_schemas",
    "in_order", "judged", "sentence",
]  # fmt: skip

LIMIT = 100
"""Failure cases that pandera keeps of one check. Our report names all records, pandera's quotes this many."""

ZONE = "Europe/Berlin"


def compile_schemas(
    form: Form, verdicts: Masks | None = None, *, language: str = "de"
) -> dict[str, pa.DataFrameSchema]:
    """One pandera schema a table (names as in `layout`): dtypes, choices, keys, columns that must be there.

    Without `verdicts` it holds for any tables of the form: every choice is one of the list, whatever a filter says, and
    a question is not nullable where it is required and shown whatever is answered elsewhere. These are pandera's own
    checks, which can be written as YAML or code. With the verdicts on given tables (`judged`), it holds for those and
    says everything the form says: one check a column and rule, named by the rule, with the form's own message in a
    language as its error. Such checks are arrays and cannot be written.

    Schemas are strict: an unknown column is a fault; envelope columns may be there.
    """
    return {name: _schema(form, table, verdicts, language) for name, table in layout(form).items()}


def judged(
    form: Form,
    tables: Mapping[str, pd.DataFrame],
    *,
    default_now: Moments = None,
    zone: str = ZONE,
    instances: Mapping[str, str] | None = None,
) -> Masks:
    """The verdicts on tables: those of the form's expressions, and those on keys. Arguments and errors as `check`."""
    found = masks(form, tables, default_now=default_now, zone=zone, instances=instances)
    for name, table in layout(form).items():
        if name not in tables:
            continue
        frame, bad = tables[name], found.bad.setdefault(name, {})
        orphans = found.orphans.get(name)
        if orphans is not None and PARENT_KEY in frame:
            bad[PARENT_KEY, "orphan"] = orphans
        if KEY in frame:
            bad |= _key_faults(frame[KEY])
        found.bad[table.name] = {pair: mask for pair, mask in bad.items() if mask.any()}
    return found


def _key_faults(keys: pd.Series) -> dict[tuple[str, str], Bad]:
    if pd.api.types.is_object_dtype(keys.dtype):
        texts = np.array([isinstance(key, str) for key in keys], dtype=bool)
        keys = keys.where(texts)  # what is no text may not even be comparable
    missing = keys.isna().to_numpy() | (keys == "").fillna(False).to_numpy(dtype=bool)
    # Looking whether there is any costs less than looking which.
    twice = np.zeros(len(keys), dtype=bool) if keys.is_unique else keys.duplicated(keep=False).to_numpy() & ~missing
    return {(KEY, "no_key"): missing, (KEY, "duplicate_key"): twice}


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
    none. `instances` are external choice files as `Instance` takes them. Tables of other forms are left alone; a text
    column may be a category. Raises UsageError where an expression needs a time and there is none, FormError where an
    external file is missing.
    """
    shapes = layout(form)
    given = {name: tables[name].reset_index(drop=True) for name in shapes if name in tables}
    frames = {name: frame.loc[:, ~frame.columns.duplicated()] for name, frame in given.items()}
    verdicts = judged(form, frames, default_now=default_now, zone=zone, instances=instances)
    faults = [Fault(name, "missing_table") for name in shapes if name not in tables]
    faults.extend(
        Fault(name, "unknown_table") for name in tables if name.startswith(f"{form.id}-") and name not in shapes
    )
    for name, frame in frames.items():
        twice = given[name].columns[given[name].columns.duplicated()].unique()
        faults.extend(Fault(name, "duplicate_column", str(column)) for column in twice)
        bad = verdicts.bad.get(name, {})
        faults.extend(Fault(name, rule, column, np.flatnonzero(mask)) for (column, rule), mask in bad.items())
        # A column that came as text because of ill-typed records is no second fault.
        faults.extend(
            fault for fault in _of_the_table(shapes[name], frame)
            if fault.rule != "dtype" or (fault.column, "type") not in bad
        )  # fmt: skip
    return report_of(form, frames, faults, language=language, fallbacks=verdicts.fallbacks)


# --- schemas


def _schema(form: Form, table: Table, verdicts: Masks | None, language: str) -> pa.DataFrameSchema:
    bad = verdicts.bad.get(table.name, {}) if verdicts else {}

    def checks(column: str, nodeset: str = "") -> list[pa.Check]:
        found = sorted((rule for name, rule in bad if name == column), key=RULES.index)
        return [_masked(rule, bad[column, rule], sentence(form, nodeset, column, rule, language)) for rule in found]

    keyed = verdicts is None
    columns = {KEY: pa.Column("string", checks(KEY), unique=keyed, nullable=not keyed)}
    if table.parent is not None:
        columns[PARENT_KEY] = pa.Column("string", checks(PARENT_KEY), nullable=not keyed)
    else:
        columns |= _envelope()
    for column in table.columns:
        always = _choice_checks(form, column, language) if verdicts is None else ()
        columns[column.name] = pa.Column(
            column.dtype,
            [*always, *checks(column.name, column.nodeset)],
            nullable=verdicts is not None or not _always_required(form, column),
            title=question_label(form, column.nodeset, language),
        )
    return pa.DataFrameSchema(columns, name=table.name, strict=True)


def _masked(rule: str, bad: Bad, error: str) -> pa.Check:
    def good(series: pd.Series) -> pd.Series:
        return pd.Series(~bad, index=series.index)

    return pa.Check(good, name=rule, error=error, ignore_na=False, n_failure_cases=LIMIT)


def _choice_checks(form: Form, column: Column, language: str) -> Iterator[pa.Check]:
    values = choice_values(form, column.nodeset)
    if values is None or column.dtype != "string":
        return
    error = sentence(form, column.nodeset, column.name, "choice", language)
    if takes_many(form, column.nodeset):
        one = "|".join(re.escape(value) for value in sorted(values))
        pattern = rf"^\s*(?:(?:{one})(?:\s+|$))*$"
        yield pa.Check.str_matches(pattern, name="choice", error=error, n_failure_cases=LIMIT)
    else:
        yield pa.Check.isin(sorted(values), name="choice", error=error, n_failure_cases=LIMIT)


def _always_required(form: Form, column: Column) -> bool:
    """Required by `true()`, with nothing on it or above it that could hide it."""
    if column.bind.required is None or column.bind.required.source.strip() not in ("true()", "1"):
        return False
    steps = column.nodeset.split("/")
    above = ["/".join(steps[:end]) for end in range(2, len(steps) + 1)]
    return all(nodeset not in form.binds or form.binds[nodeset].relevant is None for nodeset in above)


def _envelope() -> dict[str, pa.Column]:
    return {name: pa.Column(kind, nullable=True, required=False) for name, kind in _ENVELOPE.items()}


_ENVELOPE = dict.fromkeys(ENVELOPE, "string") | {"_received": "datetime64[us, UTC]"}


def _accepted(kind: str, frame: pd.DataFrame, name: str) -> object:
    given = frame.dtypes.get(name)
    if kind == "string" and isinstance(given, pd.CategoricalDtype):
        return given if pd.api.types.infer_dtype(given.categories) in ("string", "empty") else kind
    return kind


_RULES = {
    SchemaErrorReason.COLUMN_NOT_IN_DATAFRAME: "missing_column",
    SchemaErrorReason.COLUMN_NOT_IN_SCHEMA: "unknown_column",
    SchemaErrorReason.WRONG_DATATYPE: "dtype",
}


def _of_the_table(table: Table, frame: pd.DataFrame) -> Iterator[Fault]:
    """pandera's errors about a table as such: its columns and their dtypes; a text column may be a category of texts.

    pandera takes half a millisecond a column, so it is asked only about those that are not just as they should be.
    """
    kinds = {KEY: "string"} | ({PARENT_KEY: "string"} if table.parent is not None else {})
    kinds |= {column.name: column.dtype for column in table.columns}
    wanted = {kind: pd.api.types.pandas_dtype(kind) for kind in {*kinds.values(), *_ENVELOPE.values()}}
    envelope = _ENVELOPE if table.parent is None else {}
    usual: dict[Hashable, object] = {name: wanted[kind] for name, kind in (envelope | kinds).items()}
    asked = [name for name, dtype in frame.dtypes.items() if dtype != usual.get(name)]
    columns = {
        name: pa.Column(_accepted(kind, frame, name), nullable=True)
        for name, kind in kinds.items() if name not in frame or name in asked
    }  # fmt: skip
    if not asked and not columns:
        return
    schema = pa.DataFrameSchema(columns | (_envelope() if envelope else {}), name=table.name, strict=True)
    try:
        schema.validate(frame.iloc[:0][asked], lazy=True)  # columns and dtypes are the same without rows
    except SchemaErrors as errors:
        for error in errors.schema_errors:
            rule = _RULES.get(error.reason_code, "unreadable")
            column = error.failure_cases if rule in ("missing_column", "unknown_column") else error.column_name
            yield Fault(table.name, rule, str(column))
