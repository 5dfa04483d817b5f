"""The plan of a Kreis: as large as asked for, possible lives, believable sums, the published town unchanged in it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache

import pytest

from intake.demonstration.district import CASELOAD, MOST_TOWNS, plan_district
from intake.population import ALTHENGSTETT, LAST_DAY, Person, Population, plan_population

SIZES = ((60, 4, 2022), (300, 10, 7), (3000, 40, 2022))
plan = cache(plan_district)


def firsts(population: Population) -> list[Person]:
    return [each for each in population.people if each.before is None]


@pytest.mark.parametrize("size", SIZES)
def test_it_is_as_large_as_asked_for(size: tuple[int, int, int]) -> None:
    people = firsts(plan(*size))
    assert len(people) == len({each.id for each in people}) == size[0]
    assert len(plan(*size).municipalities) == size[1]
    assert {town for town, _ in plan(*size).names.items()} <= set(plan(*size).municipalities)


@pytest.mark.parametrize("size", SIZES)
def test_lives_are_possible(size: tuple[int, int, int]) -> None:
    for person in plan(*size).people:
        assert person.born <= (person.entered or person.came) <= person.came <= person.met <= LAST_DAY
        assert person.left is None or person.met < person.left <= LAST_DAY
        assert (person.left is None) == (person.reason is None)
        assert person.private is None or person.met < person.private < (person.left or LAST_DAY)
        if person.left is not None and person.municipality in plan(*size).names:
            assert (person.left - person.came).days <= 1461


@pytest.mark.parametrize("size", SIZES)
def test_nobody_lives_where_there_is_no_place(size: tuple[int, int, int]) -> None:
    for site in plan(*size).sites:
        living = [p for p in plan(*size).people if (p.municipality, p.site) == (site.municipality, site.id)]
        for day in {person.came for person in living}:
            assert sum(each.present(day) and (each.private is None or each.private > day) for each in living) <= (
                site.places
            )
        assert all(person.came >= site.opened for person in living)


@pytest.mark.parametrize("size", SIZES)
def test_a_move_inside_the_kreis_is_an_exit_and_an_episode(size: tuple[int, int, int]) -> None:
    moved = [each for each in plan(*size).people if each.before is not None]
    assert moved
    for person in moved:
        before = person.before
        assert before is not None
        assert (before.id, before.left, before.next_town) == (person.id, person.came, person.municipality)
        assert before.reason == "umzug_de"
        assert person.municipality != before.municipality
        assert (person.episode, person.first) == (2, before)


def test_the_towns_of_the_small_demo_are_in_a_large_kreis_unchanged() -> None:
    large, small = plan(3000, 40, 2022), plan_population(2022)
    assert large.people[: len(small.people)] == small.people
    assert [site for site in large.sites if site.municipality == ALTHENGSTETT] == [
        site for site in small.sites if site.municipality == ALTHENGSTETT
    ]
    assert [post for post in large.posts if post.municipality == ALTHENGSTETT] == [
        post for post in small.posts if post.municipality == ALTHENGSTETT
    ]
    assert ALTHENGSTETT not in plan(300, 10, 7).municipalities


def test_sums_look_like_those_that_towns_publish() -> None:
    population = plan(3000, 40, 2022)
    people = [each for each in firsts(population) if each.municipality in population.names]
    minors = sum(each.age(each.met) < 18 for each in people) / len(people)
    women = sum(each.sex == "w" for each in people) / len(people)
    gone = [each for each in people if each.left is not None]
    stays = sorted((each.left - each.came).days / 30.4 for each in gone if each.left)
    independent = sum((each.reason or "").startswith("selbst_") for each in gone) / len(gone)
    nations = Counter(each.nationality for each in people)
    assert 0.3 < minors < 0.46
    assert 0.38 < women < 0.52
    assert 20 < stays[len(stays) // 2] < 30
    assert 0.6 < independent < 0.8
    assert nations.most_common(1)[0][0] == "SY"
    assert nations["UA"] == sum(each.kind == "privat_ua" for each in people)
    posts = sum(float(post.approved) for post in population.posts if post.municipality in population.names)
    stock = [sum(each.present(date(year, 7, 1)) for each in people) for year in range(2018, 2023)]
    assert CASELOAD * 0.5 < sum(stock) / len(stock) / posts < CASELOAD * 1.3


def test_every_name_says_that_it_is_invented_and_its_key_is_no_towns() -> None:
    for ags, name in plan(3000, 40, 2022).names.items():
        assert name.endswith(" (erfunden)")
        assert ags.startswith("08999")
    assert len(set(plan(3000, 40, 2022).names.values())) == 37


def test_shares_of_a_post_make_a_whole() -> None:
    shared = [post for post in plan(3000, 40, 2022).posts if post.shares]
    assert shared
    for post in shared:
        assert sum(post.shares.values()) == 100
        assert post.municipality in post.shares


def test_a_seed_gives_the_same_plan_and_another_one_another() -> None:
    assert plan_district(60, 4, 5) == plan_district(60, 4, 5)
    assert plan_district(60, 4, 5) != plan_district(60, 4, 6)
    assert len({plan(*size).key for size in SIZES} | {plan_population(2022).key}) == 4


@pytest.mark.parametrize("size", [(60, 1), (3, 4), (900, MOST_TOWNS + 1)])
def test_a_kreis_that_cannot_be_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="towns"):
        plan_district(*size)
