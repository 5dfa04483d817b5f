"""SPSS (.sav) and Stata (.dta) files, back to texts: labels of values to codes, missing values to reasons.

A file of ours has a `<table>.variables.csv` beside it that says which column a variable is and which choice each
number; with it the way back is exact. In another's file a variable is a question by its name or label, a number the
choice whose label it carries, and a user-defined missing value the reason whose label it carries.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from intake.columns import VALUES
from intake.exchange import central
from intake.exchange.guard import unguarded
from intake.exchange.guards import Grid, text_of
from intake.exchange.headings import MISSING, labels_of, understood
from intake.exchange.rebuilt import Rows
from validation.datatypes import lexical
from validation.errors import DataError
from validation.form import Form
from validation.layout import KEY, PARENT_KEY, Column, Table, layout

if TYPE_CHECKING:
    import pandas as pd

_ENDINGS = (".sav", ".zsav", ".dta")
BESIDE = ".variables.csv"


@dataclass(frozen=True, slots=True)
class _Said:
    """What a file says of a variable: its column, {number: choice}, {number: reason} (numbers as texts)."""

    column: str
    values: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


def read(form: Form, files: Mapping[str, bytes]) -> Rows:
    """The rows of SPSS or Stata files, by path, with the lists of variables beside them. DataError 'import.damaged'
    for what is none, UsageError where pyreadstat is not installed."""
    grids: dict[str, Grid] = {}
    beside = {name.removesuffix(BESIDE): data for name, data in files.items() if name.endswith(BESIDE)}
    for name, data in files.items():
        path = PurePosixPath(name)
        if path.suffix.lower() in _ENDINGS:
            frame, meta = _opened(data, name)
            table = _table(form, path.stem, len(files))
            listed = beside.get(name.removesuffix(path.suffix))
            said = _listed(listed, name) if listed is not None else _labelled(form, table, frame, meta)
            grids[path.stem] = _grid(frame, said, table, path.name)
    return central.rows_of(form, grids)


def _opened(data: bytes, name: str) -> tuple[pd.DataFrame, Any]:
    from intake.exchange import spss

    pyreadstat = spss.library()
    reader = pyreadstat.read_dta if name.lower().endswith(".dta") else pyreadstat.read_sav
    try:
        frame, meta = reader(io.BytesIO(data), user_missing=True)
    except Exception as error:  # a damaged file fails in any way
        raise DataError("import.damaged", file=PurePosixPath(name).name) from error
    return frame, meta


def _table(form: Form, stem: str, count: int) -> Table:
    shapes = layout(form)
    if stem in shapes:
        return shapes[stem]
    if count > 1:
        raise DataError("import.unknown_kind", file=stem)
    return next(iter(shapes.values()))


def _listed(data: bytes, name: str) -> dict[str, _Said]:
    """{variable: what it is} of the list beside a file of ours."""
    columns: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(io.StringIO(text_of(data, name + BESIDE), newline="")):
        cells = {head: unguarded(text or "") for head, text in row.items()}
        columns[cells["variable"]] = cells["column"]
        if cells["number"]:
            values.setdefault(cells["variable"], {})[cells["number"]] = cells["value"]
    return {
        variable: _Said(
            column,
            {number: value for number, value in values.get(variable, {}).items() if not _is_reason(number, value)},
            {number: value for number, value in values.get(variable, {}).items() if _is_reason(number, value)},
        )
        for variable, column in columns.items()
    }


def _is_reason(number: str, value: str) -> bool:
    """Whether a number of ours is a missing value: a letter in Stata, -99 to -96 or with more nines in SPSS."""
    return value in VALUES["missing"] and (number.isalpha() or number.startswith("-9"))


def _labelled(form: Form, table: Table, frame: pd.DataFrame, meta: Any) -> dict[str, _Said]:
    """{variable: what it is} by the names and labels of another's file."""
    names = [str(head) for head in frame.columns]
    shown = {name: str(meta.column_names_to_labels.get(name) or name) for name in names}
    by_name = understood(form, table, names)
    free = {shown[name]: name for name in names if name not in by_name.used}
    by_label = understood(form, table, list(free))
    columns: dict[str, Column] = dict(by_name.questions)
    columns |= {free[label]: column for label, column in by_label.questions.items()}
    found = {}
    for name in names:
        column = columns.get(name)
        if column is None:
            found[name] = _Said(name)
            continue
        said = {_number(number): str(label) for number, label in meta.variable_value_labels.get(name, {}).items()}
        reasons = labels_of(form, f"{column.nodeset}{MISSING}") if not column.name.endswith(MISSING) else {}
        missing = {number for number in said if _is_missing(number, meta, name)}
        found[name] = _Said(
            column.name,
            {number: label for number, label in said.items() if number not in missing},  # `tabled` reads labels
            {number: reasons[said[number]] for number in missing if said[number] in reasons},
        )
    return found


def _is_missing(number: str, meta: Any, name: str) -> bool:
    if number in meta.missing_user_values.get(name, []):
        return True
    try:
        value = float(number)
    except ValueError:
        return False
    return any(float(each["lo"]) <= value <= float(each["hi"]) for each in meta.missing_ranges.get(name, []))


def _grid(frame: pd.DataFrame, said: Mapping[str, _Said], table: Table, name: str) -> Grid:
    """The table with its columns' names; a reason stands in the column of reasons."""
    types = {column.name: column.type for column in table.columns}
    columns: dict[str, list[str]] = {}
    for head in frame.columns:
        told = said.get(str(head), _Said(str(head)))
        plain = [_text(value, types.get(told.column, "string")) for value in frame[head]]
        reasons = [told.reasons.get(text, "") for text in plain]
        columns[told.column] = [
            "" if reason else told.values.get(text, text) for text, reason in zip(plain, reasons, strict=True)
        ]
        if any(reasons):
            columns[f"{told.column}{MISSING}"] = reasons
        elif told.reasons and f"{told.column}{MISSING}" not in columns:
            columns[f"{told.column}{MISSING}"] = [""] * len(plain)
    for own in (KEY, PARENT_KEY):
        if own in columns:
            columns[own] = [text.strip() for text in columns[own]]
    rows = tuple((number, cells) for number, cells in enumerate(zip(*columns.values(), strict=True), start=1))
    return Grid(name, tuple(columns), rows)


def _number(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _text(value: object, kind: str) -> str:
    """The text of a value: a day or moment as ISO 8601 (moments in UTC, as our files have them), '' for none."""
    import pandas as pd

    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, dt.datetime):
        moment = value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
        return lexical(moment.date()) if kind == "date" else lexical(moment.replace(tzinfo=dt.UTC), kind)
    if isinstance(value, dt.date | dt.time):
        return lexical(value, kind)
    return _number(value) if isinstance(value, float) and value.is_integer() else str(value)
