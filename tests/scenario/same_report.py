"""Whether two checks of the same tables say the same, to the last row."""

from __future__ import annotations

import numpy as np
import pandas as pd

from validation.report import Report


def assert_same(one: Report, other: Report) -> None:
    """Failures in the same order, counts, rows and what was judged row by row; the same good rows."""
    pd.testing.assert_frame_equal(one.failures, other.failures)
    pd.testing.assert_frame_equal(one.counts, other.counts)
    np.testing.assert_array_equal(one.rows, other.rows)
    assert one.fallbacks == other.fallbacks
    assert list(one.ok) == list(other.ok)
    for name, frame in one.ok.items():
        pd.testing.assert_frame_equal(frame, other.ok[name])
