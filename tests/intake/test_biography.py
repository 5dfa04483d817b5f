"""What the demo's people answer: consistent within a person and a household, and nothing a form would refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest

from intake import biography
from intake.population import Person, Population, plan_population

LEVELS = ["alph0", *biography.LEVELS]


@cache
def population() -> Population:
    return plan_population(2022)


def household(person: Person) -> list[Person]:
    return [each for each in population().people if each.head == person.head]


def interview(person: Person) -> biography.Answers:
    return biography.first_interview(person, household(person), population())


def sample() -> list[Person]:
    return list(population().people[::7])


def test_somebody_who_is_still_there_has_no_exit() -> None:
    staying = next(person for person in population().people if person.left is None)
    with pytest.raises(ValueError, match=staying.id):
        biography.leaving(staying, population())


def test_german_never_falls() -> None:
    for person in sample():
        days = [person.met + timedelta(90 * step) for step in range(16)]
        levels = [LEVELS.index(biography.level(person, population(), day)) for day in days]
        if person.age(days[0]) >= 15:
            assert levels == sorted(levels)


def test_a_household_shares_its_status_language_and_accommodation() -> None:
    for person in sample():
        answers = [interview(each) for each in household(person)]
        for shared in ("aufenthalt/status", "fall/gespraechssprache", "wohnen/unterkunft", "haushalt/haushaltstyp"):
            assert len({str(each[f"/data/{shared}"]) for each in answers}) == 1


def test_children_are_named_in_their_parents_interview_and_have_no_goals() -> None:
    for person in sample():
        answers = interview(person)
        minors = [each.id for each in household(person) if each.role == "child"]
        if person.role == "child":
            assert answers["/data/fall/plan_fuer"] == "mit_eltern"
            assert not any(path.startswith(("/data/ziele/", "/data/kinder/")) for path in answers)
        else:
            assert [value for path, value in answers.items() if path.endswith("/kind_id")] == minors
            assert "/data/ziele/ziel[1]/ziel" in answers


def test_one_goal_is_agreed_once() -> None:
    for person in sample():
        goals = [goal[1] for goal in biography.chosen_goals(person, population())]
        assert len(goals) == len(set(goals))
        assert 1 <= len(goals) <= 3


def test_goals_are_looked_at_again_while_the_person_is_there() -> None:
    seen = 0
    for person in population().people:
        again = biography.review(person, population())
        if again is None:
            continue
        seen += 1
        day, answers = again
        assert person.met < day <= date(2022, 12, 30)
        assert person.left is None or day < person.left
        assert all(person.met <= value <= day for value in answers.values() if isinstance(value, date))
    assert seen > 100


def test_the_post_in_charge_is_one_of_the_town_and_approved_that_day() -> None:
    posts = {(post.municipality, post.id): post for post in population().posts}
    for person in sample():
        post = posts[person.municipality, str(interview(person)["/data/fall/zustaendig"])]
        assert post.until is None or post.until >= person.met


def test_an_accommodation_without_residents_has_no_entry() -> None:
    answers = biography.accommodation(population().sites[0], [])
    assert answers["/data/belegung/bewohner"] is None
    assert not any("[" in path for path in answers)


def test_an_absence_is_said_only_once_it_has_begun() -> None:
    post = next(post for post in population().posts if post.absent)
    before, after = (biography.staff_post(post, absence=absence) for absence in (False, True))
    assert before["/data/abwesenheiten/abwesenheit_erfasst"] == "nein"
    assert after["/data/abwesenheiten/abwesenheit[1]/vertretung"] == "ja"
    assert biography.staff_post(replace(post, absent=None), absence=True) == before
