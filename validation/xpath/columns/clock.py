"""When each record was made, as its expressions see it: now() and today() of every row."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from validation.xpath.columns.column import Coded, Column, Rows, narrow
from validation.xpath.moments import Moment, from_datetime

_DAY = 86_400_000_000  # microseconds
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Clock:
    """The times of the root rows, in microseconds since 1970 UTC, seen in a zone."""

    def __init__(self, instants: npt.NDArray[np.int64], zone: zoneinfo.ZoneInfo) -> None:
        self._instants = instants
        self._zone = zone
        moments = pd.DatetimeIndex(instants.astype("datetime64[us]"), tz="UTC").tz_convert(zone).tz_localize(None)
        self._wall = moments.to_numpy().astype("datetime64[us]").astype(np.int64)
        self._now: Column | None = None
        self._today: Column | None = None

    def now(self, rows: Rows | None) -> Column:
        """now() of each root row, or of the root rows named."""
        if self._now is None:
            size = len(self._wall)
            self._now = Column("date", size, truth=np.ones(size, dtype=bool), load=self._moments)
            base = self._zone.utcoffset(dt.datetime(1970, 1, 1)) or dt.timedelta()  # noqa: DTZ001 - as `moments`
            self._now.dated(self._wall - base // dt.timedelta(microseconds=1), np.ones(size, dtype=bool))
        return self._now if rows is None else self._now.take(rows)

    def today(self, rows: Rows | None) -> Column:
        """today() of each root row, or of the root rows named."""
        if self._today is None:
            codes, days = pd.factorize(self._wall // _DAY)
            values = [self._midnight(int(day)) for day in days]
            self._today = Column("date", len(codes), codes=narrow(codes, len(days)), values=values)
        return self._today if rows is None else self._today.take(rows)

    def _midnight(self, day: int) -> Moment:
        wall = dt.datetime.min.replace(tzinfo=self._zone) + dt.timedelta(days=day + _EPOCH.toordinal() - 1)
        return Moment(wall)

    def _moments(self) -> Coded:
        codes, found = pd.factorize(self._instants)
        times = (_EPOCH + dt.timedelta(microseconds=int(each)) for each in found)
        return narrow(codes, len(found)), [from_datetime(time, self._zone, timed=True) for time in times]


def instant(time: dt.datetime) -> int:
    """Microseconds since 1970 UTC of an aware time."""
    return (time - _EPOCH) // dt.timedelta(microseconds=1)
