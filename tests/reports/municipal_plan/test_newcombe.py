"""Published intervals come out again; an interval holds its difference and turns with the groups."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.municipal_plan.newcombe import difference, wilson

# R. G. Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10.
PUBLISHED = [
    ((56, 70, 48, 80), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ((0, 10, 0, 10), (-0.2775, 0.2775)),
    ((10, 10, 0, 20), (0.6791, 1.0000)),
    ((10, 10, 0, 10), (0.6075, 1.0000)),
]
# R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3.
SHARES = [
    ((81, 263), (0.2553, 0.3662)),
    ((15, 148), (0.0624, 0.1605)),
    ((0, 20), (0.0, 0.1611)),
    ((1, 29), (0.0061, 0.1718)),
]


@pytest.mark.parametrize(("counts", "bounds"), PUBLISHED)
def test_published_intervals_of_differences(counts: tuple[int, int, int, int], bounds: tuple[float, float]) -> None:
    assert [round(bound, 4) for bound in difference(*counts)] == pytest.approx(bounds, abs=1e-9)


@pytest.mark.parametrize(("counts", "bounds"), SHARES)
def test_published_intervals_of_shares(counts: tuple[int, int], bounds: tuple[float, float]) -> None:
    assert [round(bound, 4) for bound in wilson(*counts)] == pytest.approx(bounds, abs=1e-9)


@pytest.mark.parametrize(("count", "of"), [(-1, 5), (6, 5), (0, 0)])
def test_what_is_no_share_is_refused(count: int, of: int) -> None:
    with pytest.raises(ValueError, match="share"):
        wilson(count, of)


groups = st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@given(groups, groups)
def test_an_interval_holds_the_difference_and_turns_with_the_groups(one: tuple[int, int], two: tuple[int, int]) -> None:
    lower, upper = difference(*one, *two)
    assert -1 <= lower <= one[0] / one[1] - two[0] / two[1] <= upper <= 1
    back = difference(*two, *one)
    assert (-back[1], -back[0]) == pytest.approx((lower, upper), abs=1e-12)


@given(groups, groups)
def test_more_children_of_the_same_shares_give_a_narrower_interval(one: tuple[int, int], two: tuple[int, int]) -> None:
    lower, upper = difference(*one, *two)
    closer = difference(*(4 * n for n in one), *(4 * n for n in two))
    assert closer[1] - closer[0] < upper - lower
