"""Tables as blocks of whole records: which row belongs to which record, and when each record was made."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from validation.errors import UsageError
from validation.form import Form
from validation.layout import KEY, PARENT_KEY, Table
from validation.rows import Bad, Moments, needs_time
from validation.xpath.columns.cells import stored
from validation.xpath.columns.clock import instant
from validation.xpath.columns.column import Bits, Rows
from validation.xpath.columns.sheets import Sheet, linked

_UNASKED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


class Links:
    """How the rows of a form's tables hang together. Tables are named by their nodeset.

    `orphans` as in Masks, by name of the table. `odd` marks root rows whose records cannot be told apart: two rows
    share a key that entries name.
    """

    def __init__(self, shapes: Mapping[str, Table], frames: Mapping[str, pd.DataFrame]) -> None:
        self.shapes = {table.nodeset: table for table in shapes.values()}
        self.root = next(iter(shapes.values()))
        self.frames = {table.nodeset: frames[table.name] for table in shapes.values() if table.name in frames}
        self.size = len(self.frames[self.root.nodeset])
        self.up: dict[str, Rows] = {}
        self.top: dict[str, Rows] = {self.root.nodeset: np.arange(self.size, dtype=np.intp)}
        self.orphans: dict[str, Bad] = {}
        self.odd: Bits = np.zeros(self.size, dtype=bool)
        self.parents = {table.nodeset: shapes[table.parent].nodeset for table in shapes.values() if table.parent}
        for nodeset in self.parents:
            self._link(nodeset)
        self._order: dict[str, tuple[Rows, Rows]] = {}

    def _link(self, nodeset: str) -> None:
        parent = self.parents[nodeset]
        if nodeset not in self.frames:
            self.up[nodeset] = self.top[nodeset] = np.zeros(0, dtype=np.intp)
            return
        named = keys_of(self.frames[nodeset], PARENT_KEY)
        keys = keys_of(self.frames[parent], KEY) if parent in self.frames else np.zeros(0, dtype=object)
        up, there, shared = linked(named, keys)
        above = self.top[parent]
        top = np.where(there, above[up], -1) if len(above) else np.full(len(up), -1)
        self.up[nodeset], self.top[nodeset] = up, top.astype(np.intp)
        self.orphans[self.shapes[nodeset].name] = ~there | (named == "")
        if shared.any():
            wanted = np.unique(named[there & shared[up]])
            tops = above[np.isin(keys, wanted) & shared]
            self.odd[tops[tops >= 0]] = True

    def rows(self, nodeset: str, first: int, last: int) -> Rows:
        """The rows of a table in the records first to last (that one excluded), in order of the table."""
        if nodeset == self.root.nodeset:
            return np.arange(first, last, dtype=np.intp)
        known = self._order.get(nodeset)
        if known is None:
            order = np.argsort(self.top[nodeset], kind="stable").astype(np.intp)
            known = self._order[nodeset] = (order, self.top[nodeset][order])
        order, tops = known
        return np.sort(order[np.searchsorted(tops, first) : np.searchsorted(tops, last)])

    def of_records(self, nodeset: str, chosen: Bits) -> Rows:
        """The rows of a table in the chosen records."""
        top = self.top[nodeset]
        return np.flatnonzero((top >= 0) & chosen[np.maximum(top, 0)]) if len(top) else top

    def blocks(self, most: int) -> Iterator[Block]:
        """The records in blocks of at most so many."""
        for first in range(0, self.size, most):
            yield Block(self, first, min(first + most, self.size))


class Block:
    """Some records: their rows in each table (`rows`), their frames and their sheets, all by nodeset."""

    def __init__(self, links: Links, first: int, last: int) -> None:
        self.first, self.last = first, last
        self.rows: dict[str, Rows] = {}
        self.frames: dict[str, pd.DataFrame] = {}
        self.sheets: dict[str, Sheet] = {}
        for nodeset in links.shapes:
            rows = self.rows[nodeset] = links.rows(nodeset, first, last)
            frame = links.frames.get(nodeset)
            if frame is not None:
                whole = len(rows) == len(frame)
                self.frames[nodeset] = frame if whole else frame.iloc[_slice(rows)]
            parent = links.parents.get(nodeset)
            if parent is None:
                self.sheets[nodeset] = Sheet(nodeset, len(rows))
            else:
                up = np.searchsorted(self.rows[parent], links.up[nodeset][rows]).astype(np.intp)
                self.sheets[nodeset] = Sheet(nodeset, len(rows), self.sheets[parent], up)


def _slice(rows: Rows) -> slice | Rows:
    """Rows that follow one another are a view, not a copy."""
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


def keys_of(frame: pd.DataFrame, column: str) -> npt.NDArray[np.object_]:
    """The keys in a column, '' where there is none."""
    if column not in frame:
        return np.full(len(frame), "", dtype=object)
    keys = frame[column].to_numpy(dtype=object)
    return np.array([key if isinstance(key, str) else "" for key in keys], dtype=object)


def instants(
    form: Form, table: Table, frame: pd.DataFrame, default: Moments, zone: zoneinfo.ZoneInfo
) -> npt.NDArray[np.int64]:
    """The time of each record in microseconds since 1970 UTC: its own end, else the default.

    UsageError where the form asks for the time and a record has none.
    """
    found = np.zeros(len(frame), dtype=np.int64)
    known = np.zeros(len(frame), dtype=bool)
    end = next((c for c in table.columns if (c.bind.preload, c.bind.preload_params) == ("timestamp", "end")), None)
    if end is not None and end.name in frame:
        series = frame[end.name]
        if isinstance(series.dtype, pd.DatetimeTZDtype) and end.type == "dateTime":
            known = series.notna().to_numpy()
            ends = series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[us]")
            found = np.where(known, ends.astype(np.int64) // 1000 * 1000, 0)
        else:
            codes, values = stored(series, end, zone)[0].coded()
            times = [_instant(str(value), zone) for value in values]
            known = np.array([time is not None for time in times], dtype=bool)[codes]
            found = np.array([time or 0 for time in times], dtype=np.int64)[codes]
    missing = np.flatnonzero(~known)
    if not len(missing):
        return found
    if isinstance(default, Mapping):
        keys = keys_of(frame, KEY)
        given = {key: instant(_aware(time, zone)) for key, time in default.items()}
        times = [given.get(key) for key in keys[missing]]
    else:
        times = [None if default is None else instant(_aware(default, zone))] * len(missing)
    if None in times and needs_time(form):
        raise UsageError("check.no_time", form=form.id)
    unasked = instant(_UNASKED)
    found[missing] = [unasked if time is None else time for time in times]
    return found


def _instant(text: str, zone: zoneinfo.ZoneInfo) -> int | None:
    if not text:
        return None
    try:
        return instant(_aware(dt.datetime.fromisoformat(text), zone))
    except ValueError:
        return None  # an ill-typed end is a failure of its own column


def _aware(time: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    return time if time.tzinfo else time.replace(tzinfo=zone)


def spread(rows: Rows, hits: Bits, size: int, into: Bad | None) -> Bad:
    """A mask of a whole table with those of some rows put in."""
    mask = np.zeros(size, dtype=bool) if into is None else into
    at = _slice(rows)
    if isinstance(at, slice):
        mask[at] |= hits
    else:
        mask[rows[hits]] = True
    return mask
