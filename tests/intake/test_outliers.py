"""Numbers far from all others of their group are found; who has no others or no spread has none."""

from __future__ import annotations

import numpy as np

from intake.outliers import FEWEST, far_out, scores


def test_a_number_far_from_the_others_is_found_also_among_many_wrong_ones() -> None:
    values = np.array([30.0, 31, 29, 32, 28, 30, 33, 27, 31, 30] * 3 + [300, 301, 302])
    assert np.flatnonzero(far_out(values, [""] * len(values))).tolist() == [30, 31, 32]


def test_groups_are_judged_apart_and_small_ones_not_at_all() -> None:
    values = np.array([float(at % 5) for at in range(FEWEST)] + [1000.0] * (FEWEST - 1) + [5000.0])
    assert not far_out(values, ["a"] * FEWEST + ["b"] * FEWEST)[:FEWEST].any()
    assert not far_out(values[:FEWEST], ["a"] * (FEWEST - 1) + ["b"]).any()


def test_without_spread_nothing_lies_far_and_nan_is_no_number() -> None:
    assert not scores(np.full(30, 4.0)).any()
    assert not scores(np.array([4.0] * 29 + [9.0])).any()
    assert not far_out(np.array([np.nan] * 30), [""] * 30).any()


def test_where_most_numbers_are_equal_the_middle_half_says_how_wide_they_lie() -> None:
    values = np.array([5.0] * 11 + [1.0, 2, 3, 8, 9, 10, 12, 13, 14, 400])
    assert far_out(values, [""] * len(values)).tolist() == [False] * 20 + [True]
