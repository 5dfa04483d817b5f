"""The demo's plan: sums that were published come out exactly, whatever the seed."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from intake.population import (
    ALTHENGSTETT,
    COHORTS,
    LAST_DAY,
    LINDENHAIN,
    OTHER_EXITS,
    SOMMERAU,
    Person,
    Population,
    plan_population,
)

SEEDS = (2022, 1, 7, 42)
DEMO = Path(__file__).parents[2] / "data" / "demo"
plan = cache(plan_population)


def assigned(population: Population) -> list[Person]:
    return [each for each in population.people if each.municipality == ALTHENGSTETT and each.kind == "lra"]


def stock(population: Population, year: int) -> list[Person]:
    return [each for each in population.stock(ALTHENGSTETT, date(year, 12, 31)) if each.kind == "lra"]


@cache
def published() -> dict[tuple[str, str, str], float]:
    with (DEMO / "published.csv").open(encoding="utf-8", newline="") as file:
        return {(row["municipality"], row["date"], row["figure"]): float(row["value"]) for row in csv.DictReader(file)}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_published_sum_comes_out(seed: int) -> None:
    population = plan(seed)
    here, everybody = assigned(population), population.stock(ALTHENGSTETT, LAST_DAY)
    independent = [each for each in here if each.reason and each.reason.startswith("selbst_")]
    other = [each for each in here if each.reason and not each.reason.startswith("selbst_")]
    nations = Counter(each.nationality for each in everybody)
    named = sum(nations[code] for code in ("SY", "PS", "AF", "UA"))
    used = {each.site for each in everybody}
    sites = [site for site in population.sites if site.municipality == ALTHENGSTETT and site.id in used]
    posts = [
        float(post.approved)
        for post in population.posts
        if post.municipality == ALTHENGSTETT
        and post.since <= LAST_DAY
        and (post.until is None or post.until >= LAST_DAY)
    ]
    found = {
        "assigned_total": len(here),
        "independent": len(independent),
        "other_exits": len(other),
        "still_housed": len(stock(population, 2022)),
        "housed": len(everybody),
        "nations_further": len(nations) - 4,
        "other_nations": len(everybody) - named,
        "sites": len(sites),
        "districts": len({site.district for site in sites}),
        "posts_approved": sum(posts),
        "assigned_since_2018": sum(each.came >= date(2018, 1, 1) for each in here),
        "extension_months": max(post.extension for post in population.posts if post.municipality == ALTHENGSTETT),
        "absence_covered_until": max(post.absent[1].year for post in population.posts if post.absent),
        **{f"nationality.{code}": nations[code] for code in ("SY", "PS", "AF", "UA")},
    }
    expected = {
        figure: value
        for (town, day, figure), value in published().items()
        if (town, day) == (ALTHENGSTETT, "2022-12-31")
    }
    assert found == expected
    assert 100 + 260 - 250 - 18 == 92
    assert max(count for code, count in nations.items() if code not in ("SY", "PS", "AF", "UA")) < 5


@pytest.mark.parametrize("seed", SEEDS)
def test_the_series_of_years_comes_out(seed: int) -> None:
    population = plan(seed)
    assert [len(stock(population, year)) for year in range(2017, 2023)] == [100, 95, 91, 88, 85, 92]
    for (town, day, figure), value in published().items():
        if figure == "stock" and town == ALTHENGSTETT:
            assert len(stock(population, int(day[:4]))) == value
        elif figure == "stock":
            assert len(population.stock(town, date.fromisoformat(day))) == value
        elif figure.startswith("stock_nationality."):
            there = [each for each in stock(population, int(day[:4])) if each.nationality == figure[-2:]]
            assert len(there) == value
    left = Counter(each.reason for each in assigned(population) if each.left and each.left.year == 2019)
    assert (left["abschiebung"], left["untergetaucht"]) == (3, 3)
    assert len({each.nationality for each in stock(population, 2021)}) == 1 + 10


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("town", "first"), [(ALTHENGSTETT, 2018), (LINDENHAIN, 2020), (SOMMERAU, 2020)])
def test_every_year_closes_and_has_no_tiny_flow(seed: int, town: str, first: int) -> None:
    people = [each for each in plan(seed).people if each.municipality == town]
    before = len(plan(seed).stock(town, date(first - 1, 12, 31)))
    for year in range(first, 2023):
        came = sum(each.came.year == year for each in people)
        left = sum(each.left is not None and each.left.year == year for each in people)
        now = len(plan(seed).stock(town, date(year, 12, 31)))
        assert before + came - left == now
        assert min(came, left) >= 5
        before = now


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_lives_where_there_is_no_place(seed: int) -> None:
    population = plan(seed)
    for site in population.sites:
        living = [p for p in population.people if (p.municipality, p.site) == (site.municipality, site.id)]
        for day in {person.came for person in living} | {LAST_DAY}:
            assert sum(person.present(day) for person in living) <= site.places
        assert all(person.came >= site.opened for person in living)
        if site.closed is not None:
            assert not any(person.present(site.closed) for person in living)


@pytest.mark.parametrize("seed", SEEDS)
def test_lives_are_possible(seed: int) -> None:
    people = plan(seed).people
    assert len({person.id for person in people}) == len(people)
    heads = {person.id: person for person in people if person.role == "head"}
    for person in people:
        assert person.born <= (person.entered or person.came) <= person.came <= person.met <= LAST_DAY
        assert person.left is None or person.met < person.left <= LAST_DAY
        assert (person.left is None) == (person.reason is None)
        assert (person.age(person.met) < 18) == (person.role == "child")
        head = heads[person.head]
        assert (head.household, head.came, head.left, head.site) == (
            person.household,
            person.came,
            person.left,
            person.site,
        )
        if person.role == "child":
            assert person.born - head.born >= timedelta(365 * 18)


def test_a_seed_gives_the_same_plan_and_another_one_another() -> None:
    assert plan_population(5) == plan_population(5)
    assert plan_population(5) != plan_population(6)


def test_other_exits_that_find_nobody_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OTHER_EXITS, LINDENHAIN, {2021: ("umzug_de",) * 7})  # six people left that year
    with pytest.raises(ValueError, match="08999001 2021"):
        plan_population(1)


def test_every_cohort_left_after_it_came() -> None:
    for cohorts in COHORTS.values():
        assert all(cohort.left is None or cohort.left >= cohort.came for cohort in cohorts)


def test_every_figure_says_where_it_comes_from() -> None:
    with (DEMO / "published.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({(row["municipality"], row["date"], row["figure"]) for row in rows}) == len(rows)
    for row in rows:
        assert row["source"]
        assert row["status"] in {"published", "derived", "assumed", "invented"}
        assert (row["status"] == "invented") == (row["municipality"] != ALTHENGSTETT)
        assert row["reading"] == ("" if row["status"] == "published" else row["status"])
