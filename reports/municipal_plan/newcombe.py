"""Intervals for a share and for the difference of two shares of separate groups.

Wilson's score interval for one share; for the difference Newcombe's hybrid of two of them (method 10 of R. G. Newcombe,
"Interval estimation for the difference between independent proportions: comparison of eleven methods", Statistics in
Medicine 17, 1998, 873-890). It stays within -1 and +1 and holds also where a count is 0.
"""

from __future__ import annotations

import math
from statistics import NormalDist

LEVEL = 0.95


def wilson(count: int, of: int, level: float = LEVEL) -> tuple[float, float]:
    """Lower and upper bound of the share count/of, between 0 and 1. ValueError unless 0 <= count <= of and of >= 1."""
    if not 0 <= count <= of or of < 1:
        raise ValueError("a share is of at least one, and no more than all")
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle = 2 * count + z * z
    reach = z * math.sqrt(z * z + 4 * count * (of - count) / of)
    whole = 2 * (of + z * z)
    # At the ends the bound is the share itself; the square root misses it by a rounding.
    lower = 0.0 if count == 0 else (middle - reach) / whole
    upper = 1.0 if count == of else (middle + reach) / whole
    return lower, upper


def difference(count: int, of: int, other: int, other_of: int, level: float = LEVEL) -> tuple[float, float]:
    """Lower and upper bound of count/of - other/other_of, between -1 and 1. ValueError as `wilson`."""
    lower, upper = wilson(count, of, level)
    other_lower, other_upper = wilson(other, other_of, level)
    share, other_share = count / of, other / other_of
    below = math.hypot(share - lower, other_upper - other_share)
    above = math.hypot(upper - share, other_share - other_lower)
    return share - other_share - below, share - other_share + above
