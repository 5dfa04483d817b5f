"""Tables made row by row and cell by cell, as plainly as can be: what `intake.tables` must give, only slower."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import orjson
import pandas as pd

from intake.submission import Record, Submission
from validation.datatypes import Value, dtype, read
from validation.form import Form
from validation.layout import ENVELOPE, KEY, PARENT_KEY, RESERVED, Table, column_name, layout

Row = dict[str, str]


def tables_by_row(
    form: Form, submissions: Iterable[Submission], zone: str = "Europe/Berlin"
) -> dict[str, pd.DataFrame]:
    """As `intake.tables.tables`, for one version of a form."""
    shapes = layout(form)
    rows: dict[str, list[Row]] = {table.nodeset: [] for table in shapes.values()}
    received: list[dt.datetime | None] = []
    root = next(iter(shapes.values()))
    for submission in submissions:
        received.append(submission.received)
        envelope = {
            KEY: submission.id,
            "_version": submission.form_version,
            "_municipality": submission.municipality,
            "_subject": submission.subject,
        }
        _collect(submission.record, root.nodeset, envelope, rows)
    made = {name: _frame(table, rows[table.nodeset], zone) for name, table in shapes.items()}
    made[root.name].insert(len(ENVELOPE), "_received", _moments(received, ZoneInfo(zone)))
    return made


def _collect(record: Record, nodeset: str, keys: Row, rows: dict[str, list[Row]]) -> None:
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
    name = re.sub(r"\{[^}]*\}", "", name)
    step = name.removeprefix(nodeset).split("/")
    in_meta = len(step) > 1 and step[1].rpartition(":")[2] == "meta"
    return "/@" in name or name.endswith("/order()") or (in_meta and step[-1].rpartition(":")[2] != "instanceName")


def _frame(table: Table, rows: list[Row], zone: str) -> pd.DataFrame:
    keys = (KEY, *(name for name in ENVELOPE if name != "_received")) if table.parent is None else (KEY, PARENT_KEY)
    columns = {name: _typed([row.get(name) for row in rows], "string", zone) for name in keys}
    for column in table.columns:
        columns[column.name] = _typed([row.get(column.nodeset) for row in rows], column.type, zone)
    known = {*keys, *(column.nodeset for column in table.columns)}
    for name in sorted({name for row in rows for name in row if name not in known}):
        free = column_name(name, table.nodeset, {*RESERVED, *columns})
        columns[free] = _typed([row.get(name) for row in rows], "string", zone)
    return pd.DataFrame(columns)


def _typed(texts: list[str | None], kind: str, zone: str) -> pd.Series:
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
        return pd.Series([text or None for text in texts], dtype=target)
    if target == "Float64":
        return pd.Series([None if value is None else float(str(value)) for value in values], dtype=target)
    return pd.Series(values, dtype=target)


def _moments(values: list[dt.datetime | None], zone: ZoneInfo) -> pd.Series:
    aware = [value.replace(tzinfo=zone) if value and not value.tzinfo else value for value in values]
    return pd.Series([value and value.astimezone(dt.UTC) for value in aware], dtype=dtype("dateTime"))
