"""A column of a table as expressions see it: the text each answer has in a record, and as a number without its text."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from validation.layout import Column as Definition
from validation.rows import cell_text, writable
from validation.tree import NOT_XML
from validation.xpath.columns.column import Bits, Coded, Column, narrow

_MILLISECOND = 1_000
_DAY = 86_400_000_000
_FIRST, _LAST, _NO_TIME = (
    int(np.datetime64(day, "us").astype(np.int64)) for day in ("0002-01-01", "9998-12-31", "NaT")
)


def stored(series: pd.Series, definition: Definition, zone: zoneinfo.ZoneInfo) -> tuple[Column, Bits | None]:
    """The texts of a column, and where one held what no submission can hold (None: nowhere)."""
    dtype = series.dtype
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype):
        return _numbers(series, definition, zone), None
    usual = dtype.kind == "M" and _in_calendar(series)
    if usual and isinstance(dtype, pd.DatetimeTZDtype) and definition.type == "dateTime":
        return _moments(series, definition, zone, wall_micros(series, zone)), None
    if usual and definition.type == "date" and not isinstance(dtype, pd.DatetimeTZDtype):
        micros = series.to_numpy().astype("datetime64[us]", copy=False).view(np.int64)
        return _moments(series, definition, zone, micros // _DAY * _DAY - base_micros(zone)), None
    if isinstance(dtype, pd.StringDtype):
        codes, found = pd.factorize(series, use_na_sentinel=False)
        texts = found.to_numpy(dtype=object, na_value="").tolist()
        return _clean(codes, texts, len(series), distinct=texts.count("") < 2)
    if pd.api.types.is_object_dtype(dtype) and pd.api.types.infer_dtype(series, skipna=True) not in ("string", "empty"):
        texts = [cell_text(value, definition, zone) for value in series.tolist()]
        codes, values = pd.factorize(np.array(texts, dtype=object))
        return _clean(codes, list(values), len(series), distinct=True)
    codes, found = pd.factorize(series)
    return _clean(codes, [cell_text(value, definition, zone) for value in found.tolist()], len(series), distinct=False)


def _in_calendar(series: pd.Series) -> bool:
    """Whether all moments lie well inside the years 1 to 9999: others have texts of their own."""
    micros = series.to_numpy(dtype="datetime64[us]").view(np.int64)
    return bool((((micros > _FIRST) & (micros < _LAST)) | (micros == _NO_TIME)).all())


def _clean(codes: npt.NDArray[np.intp], values: list[str], size: int, *, distinct: bool) -> tuple[Column, Bits | None]:
    illegal = None
    together = "".join(values)
    if not together.isprintable() and NOT_XML.search(together):
        written = [writable(value) for value in values]
        bad = np.array([a != b for a, b in zip(written, values, strict=True)], dtype=bool)
        illegal, values, distinct = np.append(bad, False)[codes], written, False
    if not values:
        return Column("text", size, values=("",), distinct=True), illegal
    small = narrow(codes, len(values) + 1)
    missing = small < 0
    if missing.any():
        nothing = values.index("") if "" in values else len(values)
        small = np.where(missing, small.dtype.type(nothing), small)
        values = values if nothing < len(values) else [*values, ""]
    return Column("text", size, codes=small, values=values, distinct=distinct), illegal


def _numbers(series: pd.Series, definition: Definition, zone: zoneinfo.ZoneInfo) -> Column:
    numbers = series.to_numpy(dtype=np.float64, na_value=np.nan)
    filled = ~np.isnan(numbers)

    def load() -> Coded:
        codes, found = pd.factorize(series)
        values = [cell_text(value, definition, zone) for value in found.tolist()]
        return narrow(np.where(codes < 0, len(values), codes), len(values) + 1), [*values, ""]

    if pd.api.types.is_float_dtype(series.dtype):
        infinite = np.isinf(numbers)  # whose text is no number
        numbers = (np.where(infinite, np.nan, numbers) if infinite.any() else numbers) + 0.0
    return Column("text", len(series), numbers=numbers, filled=filled, load=load)


def _moments(
    series: pd.Series, definition: Definition, zone: zoneinfo.ZoneInfo, micros: npt.NDArray[np.int64]
) -> Column:
    there = series.notna().to_numpy()

    def load() -> Coded:
        codes, found = pd.factorize(series)
        if definition.type == "date":
            values = np.datetime_as_string(found.to_numpy(), unit="D").tolist()
        else:
            values = [cell_text(value, definition, zone) for value in found]
        return narrow(np.where(codes < 0, len(values), codes), len(values) + 1), [*values, ""]

    made = Column("text", len(series), filled=there, load=load)
    made.dated(micros, there)
    return made


def wall_micros(series: pd.Series, zone: zoneinfo.ZoneInfo) -> npt.NDArray[np.int64]:
    """What `Moment.micros` counts, of moments in UTC that are written to the millisecond."""
    wall = series.dt.tz_convert(zone).dt.tz_localize(None).astype("datetime64[us]")
    micros: npt.NDArray[np.int64] = wall.to_numpy().astype(np.int64) // _MILLISECOND * _MILLISECOND
    return micros - base_micros(zone)


def base_micros(zone: zoneinfo.ZoneInfo) -> int:
    """The zone's offset of 1970, from which its days are counted."""
    base = zone.utcoffset(dt.datetime(1970, 1, 1)) or dt.timedelta()  # noqa: DTZ001 - wall clock, as `moments`
    return base // dt.timedelta(microseconds=1)
