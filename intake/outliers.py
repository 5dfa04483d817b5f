"""Numbers that lie far from all others: worth a look, not wrong.

The distance is the robust z score (Iglewicz and Hoaglin 1993): 0.6745 times the distance from the median, by the median
of all such distances; where more than half of the numbers are equal, the interquartile range by 1.349 stands for it.
Half of the numbers may be wrong without hiding the others, which a mean and a standard deviation cannot promise.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FEWEST = 20
"""Numbers that a group must have; of fewer nothing is said."""

FAR = 5.0
"""The score above which a number lies far out; of normally distributed ones 6 in 10 million do."""


def far_out(values: npt.NDArray[np.float64], groups: Sequence[str]) -> npt.NDArray[np.bool_]:
    """True where a number lies far from the others of its group. NaN is no number; groups without spread have none."""
    found = np.zeros(len(values), dtype=bool)
    names = np.asarray(groups, dtype=object)
    there = ~np.isnan(values)
    for name in dict.fromkeys(groups):
        rows = np.flatnonzero(there & (names == name))
        if len(rows) >= FEWEST:
            found[rows] = scores(values[rows]) > FAR
    return found


def scores(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The robust z score of each number, without sign; 0 for all where there is no spread."""
    away = np.abs(values - np.median(values))
    spread = float(np.median(away)) / 0.6745
    if spread == 0:
        low, high = np.percentile(values, [25, 75])
        spread = float(high - low) / 1.349
    return away / spread if spread else np.zeros_like(away)
