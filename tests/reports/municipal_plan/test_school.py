"""What is compared at school entry, what is hidden, and what is said of a difference."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from reports.disclosure import Policy, SafeTable
from reports.municipal_plan.model import Programme, Result
from reports.municipal_plan.newcombe import difference as interval
from reports.municipal_plan.school import comparisons, difference, is_few, key_of, protected, share_of

PUBLIC = Policy("public", {"person": 5, "special": 10})
INTERNAL = Policy("internal", {"person": 0, "special": 0})
HEADS = {"examined": "untersucht", "need": "mit", "free": "ohne"}
KOLIBRI = Programme("Kita Sonnenhügel", "K1", "kolibri", "2021/22", 2022, 24)


def result(year: int = 2025, examined: int = 100, need: int = 40, **more: Any) -> Result:
    fields: dict[str, Any] = {
        "label": f"{year - 1}/{year % 100}", "year": year, "area": "gemeinde", "kita": "", "language": "de",
        "exposed": "nein", "programme": "", "examined": examined, "need": need, "recounted": False, "source": "",
    }  # fmt: skip
    return Result(**(fields | more))


def table(results: Sequence[Result], policy: Policy = PUBLIC) -> SafeTable:
    return protected(results, policy, title="", heads=HEADS)


BEFORE, OLDER = result(2021, 200, 80), result(2019, 190, 95)
WITH = result(2025, 60, 18, exposed="ja", programme="kolibri")
WITHOUT = result(2025, 120, 44)


def test_the_last_year_before_the_programme_is_held_beside_the_last_one_measured() -> None:
    (found,) = comparisons([WITHOUT, OLDER, WITH, BEFORE, result(2024)], [KOLIBRI])
    assert [(group.role, group.label, group.broken) for group in found.groups] == [
        ("before", "2020/21", False), ("exposed", "2024/25", False), ("unexposed", "2024/25", False),
    ]  # fmt: skip


def test_family_languages_are_never_added_up() -> None:
    other = [result(2021, language="andere"), result(2025, exposed="ja", language="andere")]
    found = comparisons([BEFORE, WITH, *other], [])
    assert [each.language for each in found] == ["de", "andere"]
    keys = [group.key for each in found for group in each.groups]
    assert keys == [key_of(each) for each in (BEFORE, WITH, *other)]


def test_without_a_programme_or_a_year_since_there_is_no_comparison() -> None:
    assert comparisons([BEFORE, result(2025)], []) == ()
    assert comparisons([BEFORE, OLDER], [KOLIBRI]) == ()
    (found,) = comparisons([WITH], [KOLIBRI])
    assert [group.role for group in found.groups] == ["exposed"]


def test_a_programme_counts_for_its_own_group_of_kitas() -> None:
    both = [result(year, kita=kita, area="kitagruppe") for kita in ("K1", "K2") for year in (2021, 2025)]
    assert [each.kita for each in comparisons(both, [KOLIBRI])] == ["K1"]


@pytest.mark.parametrize(("before", "after", "recounted", "broken"), [
    (2016, 2025, False, True), (2017, 2025, False, False), (2021, 2025, True, True), (2021, 2025, False, False),
])  # fmt: skip
def test_across_a_break_nothing_is_compared(before: int, after: int, recounted: bool, broken: bool) -> None:
    rows = [result(before), result(after, exposed="ja", recounted=recounted)]
    (found,) = comparisons(rows, [])
    assert [group.broken for group in found.groups] == [False, broken]


def test_the_difference_is_in_points_with_newcombes_interval() -> None:
    made = table([BEFORE, WITH])
    found = difference(made, key_of(BEFORE), key_of(WITH))
    lower, upper = interval(18, 60, 80, 200)
    assert found.points.value == -10
    assert [float(each.value or 0) for each in (found.lower, found.upper)] == pytest.approx([100 * lower, 100 * upper])
    assert share_of(made, key_of(WITH)).value == 30


@pytest.mark.parametrize("small", [result(need=9), result(need=91), result(need=100), result(examined=9, need=0)])
def test_a_small_group_hides_its_share_and_every_difference(small: Result) -> None:
    made = table([BEFORE, small])
    assert made.number(key_of(small), "need").hidden
    assert share_of(made, key_of(small)).hidden
    found = difference(made, key_of(BEFORE), key_of(small))
    assert all(each.hidden for each in (found.points, found.lower, found.upper))
    assert not difference(table([BEFORE, small], INTERNAL), key_of(BEFORE), key_of(small)).points.hidden


def test_nobody_with_need_is_told() -> None:
    none = result(need=0)
    assert share_of(table([none]), key_of(none)).value == 0


def test_the_town_less_its_groups_of_kitas_leaves_nothing_small() -> None:
    town = result(examined=100, need=40)
    for size, need in itertools.product((40, 60, 88, 95), (12, 20, 35)):
        group = result(examined=size, need=need, kita="K1", area="kitagruppe")
        made = table([town, group])
        rest = (100 - size, 40 - need, 60 - (size - need))
        told = not made.number(key_of(group), "examined").hidden
        assert told == all(n == 0 or n >= 10 for n in rest)


def test_two_groups_together_are_held_against_the_town_as_well() -> None:
    town = result(examined=100, need=40)
    groups = [result(examined=45, need=18, kita=kita, area="kitagruppe") for kita in ("K1", "K2")]
    made = table([town, *groups])
    assert all(made.number(key_of(group), name).hidden for group in groups for name in HEADS)
    assert made.number(key_of(town), "need").value == 40
    assert table([town, groups[0]]).number(key_of(groups[0]), "need").value == 18
    many = [result(examined=11, need=0, kita=f"K{n}", area="kitagruppe") for n in range(9)]
    assert table([result(examined=99, need=0), *many]).number(key_of(many[0])).hidden


def test_all_children_are_not_printed_beside_the_same_divided_by_language() -> None:
    divided = [result(examined=55, need=16), result(examined=40, need=20, language="andere")]
    together = result(examined=97, need=38, language="alle")
    made = table([*divided, together])
    assert made.number(key_of(together), "need").hidden
    assert made.number(key_of(divided[0]), "need").value == 16
    assert table([together]).number(key_of(together), "need").value == 38


def test_fewer_than_twenty_children_are_flagged() -> None:
    few, many = result(examined=19, need=0), result(examined=20, need=0, year=2024)
    made = table([few, many])
    assert is_few(made, key_of(few))
    assert not is_few(made, key_of(many))
