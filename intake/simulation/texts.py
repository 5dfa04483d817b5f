"""Typed tables as the texts they were made of, so that anything can stand in a cell."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd

from validation.datatypes import lexical
from validation.form import Form
from validation.layout import layout

ZONE = "Europe/Berlin"


def as_texts(form: Form, name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """A table of the form with every column as text; NA where there is no answer. Moments get the study's offset."""
    table = layout(form).get(name)
    kinds = {column.name: column.type for column in table.columns} if table else {}
    made = [text_column(frame.iloc[:, place], kinds.get(str(label), "")) for place, label in enumerate(frame.columns)]
    return pd.concat(made, axis=1) if made else frame.copy()


def text_column(column: pd.Series, kind: str) -> pd.Series:
    """One column as text. `kind` is its bind type, '' for one that is no question."""
    if isinstance(column.dtype, pd.StringDtype):
        return column
    filled = column.notna()
    texts = pd.Series(pd.NA, index=column.index, dtype="string", name=column.name)
    if filled.any():
        texts[filled] = [_text(value, kind or "dateTime") for value in column[filled].tolist()]
    return texts


def _text(value: object, kind: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, pd.Timestamp):
        moment = value.to_pydatetime()
        return lexical(moment.astimezone(ZoneInfo(ZONE)) if moment.tzinfo else moment, kind)
    if isinstance(value, bool | int | float | dt.date | dt.time):
        return lexical(value, kind)
    return str(value)
