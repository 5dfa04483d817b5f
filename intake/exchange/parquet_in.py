"""Parquet as `intake.exchange.parquet` writes it, back to texts.

A file holds values, not the texts they were written as: a moment comes back in UTC, a number without needless zeros.
What it says is the same, and where a text differs the plan of the import names the question as changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from intake.exchange import central
from intake.exchange.guards import Grid
from intake.exchange.profiles import FULL
from intake.exchange.rebuilt import Rows
from validation.datatypes import lexical
from validation.errors import DataError
from validation.form import Form
from validation.layout import layout

if TYPE_CHECKING:
    import pandas as pd


def read(form: Form, files: Mapping[str, bytes]) -> Rows:
    """The rows of Parquet files, by path. DataError 'import.damaged' for what is none, 'import.not_whole' for
    an extract made for other purposes."""
    from intake.exchange import parquet

    grids: dict[str, Grid] = {}
    for name, data in files.items():
        if not name.lower().endswith(".parquet"):
            continue
        try:
            frame, told = parquet.read(data, beside=True)
        except DataError as error:
            raise DataError("import.damaged", file=PurePosixPath(name).name) from error
        if told.get("profile", FULL) != FULL:
            raise DataError("import.not_whole", file=PurePosixPath(name).name, profile=told["profile"])
        table = told.get("table", PurePosixPath(name).stem)
        grids[table] = grid_of_frame(form, table, frame, PurePosixPath(name).name)
    return central.rows_of(form, grids)


def grid_of_frame(form: Form, table: str, frame: pd.DataFrame, name: str) -> Grid:
    """A typed frame as a table of texts, rows counted from 1."""
    types = {
        column.name: column.type for each in layout(form).values() for column in each.columns if each.name == table
    }
    columns = [
        [text_of_value(value, types.get(str(head), "string")) for value in frame[head]] for head in frame.columns
    ]
    rows = tuple((number, cells) for number, cells in enumerate(zip(*columns, strict=True), start=1))
    return Grid(name, tuple(str(head) for head in frame.columns), rows)


def text_of_value(value: object, kind: str) -> str:
    """The lexical text of a value of a typed column; '' for none."""
    import numpy as np
    import pandas as pd

    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, pd.Timestamp):
        return lexical(value.to_pydatetime(), kind)
    if isinstance(value, bool | np.bool_):
        return lexical(bool(value), kind)
    if isinstance(value, int | float | np.integer):
        number = float(value)
        return str(int(value)) if number.is_integer() else lexical(number, kind)
    return str(value)
