"""When plans are looked at again, and how much is talked in between."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from intake.demonstration import course, registers, talks, townplan
from intake.demonstration.known import Known
from intake.population import ALTHENGSTETT, LAST_DAY, plan_population
from scenario.plans import kreis


def test_follow_ups_come_every_half_year_while_somebody_is_accompanied() -> None:
    gaps = []
    for person in kreis(300, 10).people:
        days = [person.met, *(due.day for due in course.rounds(person, kreis(300, 10)) if not due.occasion)]
        gaps += [(after - before).days for before, after in itertools.pairwise(days)]
        assert days[-1] < (person.left or LAST_DAY)
        assert days == sorted(days)
    assert min(gaps) > 120
    assert 160 < sum(gaps) / len(gaps) < 200


def test_a_move_into_a_flat_of_ones_own_is_an_occasion() -> None:
    moved = [each for each in kreis(300, 10).people if each.private is not None]
    assert moved
    for person in moved:
        occasions = [due for due in course.rounds(person, kreis(300, 10)) if due.occasion]
        assert all(person.private and due.day > person.private for due in occasions)
    assert any(due.occasion for person in moved for due in course.rounds(person, kreis(300, 10)))


def test_there_are_about_five_talks_a_year_with_everybody() -> None:
    population = kreis(3000, 40)
    people = [each for each in population.people if each.municipality in population.names]
    count = sum(len(talks.talk_days(each, population)) for each in people if each.role != "child")
    years = sum(((each.left or LAST_DAY) - each.met) / timedelta(365.25) for each in people)
    assert 2.5 < count / years < 5.5
    for person in people[:200]:
        days = talks.talk_days(person, population)
        assert len(set(days)) == len(days)
        assert all(person.met < day < (person.left or LAST_DAY) for day in days)


def test_who_is_still_there_closes_no_goals() -> None:
    staying = next(person for person in kreis().people if person.left is None)
    with pytest.raises(ValueError, match=staying.id):
        course.closing_goals(staying, kreis(), Known())


def test_every_proof_of_use_is_handed_in_in_time() -> None:
    for _, _, answers in registers.funding(ALTHENGSTETT, plan_population(2022)):
        ends = answers["/data/nachweis/zeitraum_bis"]
        assert str(answers["/data/nachweis/vn_eingereicht"]) <= str(ends).replace("-09-30", "-12-30")


def test_the_plan_of_the_published_town_has_its_four_fields() -> None:
    ((_, _, answers),) = townplan.town_plan(ALTHENGSTETT, plan_population(2022))
    fields = [value for path, value in answers.items() if path.endswith("/feld")]
    assert fields == ["bil", "soz", "spr", "arb"]
    goals = {value for path, value in answers.items() if path.endswith("/ziel_nr")}
    assert goals == {value for path, value in answers.items() if path.endswith("/indikator_ziel")}
