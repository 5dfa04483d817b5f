"""The demo's records: each taken through its form without a violation, stored once, the same for a seed."""

from __future__ import annotations

import itertools
from collections import Counter
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from intake import demo
from intake.demo import AUTHOR, FORMS, demo_submissions, fill_demo, record_id
from intake.population import ALTHENGSTETT, LAST_DAY, Population, plan_population
from intake.study import Study, create_study
from intake.submission import Submission, canonical
from intake.xlsform import read_xlsform
from validation.errors import FormError, StudyError
from validation.form import Form

SHIPPED = Path(__file__).parents[2] / "data" / "forms"
BERLIN = ZoneInfo("Europe/Berlin")


@cache
def forms() -> dict[str, Form]:
    return {name: read_xlsform(SHIPPED / f"{name}.md") for name in FORMS}


def some(population: Population, households: int = 12) -> Population:
    """A part of the plan: every so many households, with their accommodations and posts."""
    wanted = {(person.municipality, person.household) for person in population.people}
    kept = set(itertools.islice(sorted(wanted), 0, None, max(1, len(wanted) // households)))
    people = tuple(each for each in population.people if (each.municipality, each.household) in kept)
    return Population(population.seed, people, population.sites, population.posts)


@cache
def sample(seed: int = 2022) -> tuple[Submission, ...]:
    return tuple(demo_submissions(forms(), some(plan_population(seed)), BERLIN))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fills with a part of the plan, so that a test of the store takes a second."""
    monkeypatch.setattr(demo, "plan_population", lambda seed: some(plan_population(seed), 3))


@pytest.fixture
def study(tmp_path: Path, small: None) -> Study:  # noqa: ARG001 - it changes what is filled in
    return create_study(tmp_path / "demo", demo=True)


def test_every_form_gets_records_and_every_person_an_interview() -> None:
    people = some(plan_population(2022)).people
    counted = Counter(each.form_id for each in sample() if each.version == 1)
    assert counted == {
        "erstgespraech": len(people),
        "austritt": sum(person.left is not None for person in people),
        "unterkunft": 17,
        "stelle": 5,
    }


def test_records_come_in_the_order_of_time_and_none_from_after_the_last_day() -> None:
    days = [each.started.date() for each in sample()]
    assert days == sorted(days)
    assert max(days) <= LAST_DAY
    assert all(each.started < each.ended for each in sample())


def test_a_later_version_says_why_and_keeps_the_earlier_answers() -> None:
    later = [each for each in sample() if each.form_id == "erstgespraech" and each.version == 2]
    assert later
    for each in later:
        first = next(other for other in sample() if other.id == each.id and other.version == 1)
        assert each.reason
        assert first.ended < each.started
        kept = {key for key in first.record if key.startswith("/data/person/")}
        assert {key: each.record[key] for key in kept} == {key: first.record[key] for key in kept}
        assert len(each.record["/data/ziele/ziel"]) == len(first.record["/data/ziele/ziel"])


def test_goals_are_in_various_states() -> None:
    states = Counter(
        goal["/data/ziele/ziel/stand"]
        for each in sample()
        for goal in each.record.get("/data/ziele/ziel", ())
        if each.form_id == "erstgespraech"
    )
    assert len(states) >= 5
    assert states["reached"]


def test_names_are_numbers_and_nothing_else_tells_who_somebody_is() -> None:
    for each in sample():
        assert each.author == AUTHOR
        if each.form_id == "erstgespraech":
            assert each.record["/data/person/name"] == f"Demo-Person {each.subject[-4:]}"


def test_one_person_has_one_id_across_forms() -> None:
    residents = {
        str(entry["/data/belegung/bewohner/person"])
        for each in sample()
        if each.form_id == "unterkunft"
        for entry in each.record.get("/data/belegung/bewohner", ())
    } - {""}
    interviewed = {each.subject for each in sample() if each.form_id == "erstgespraech"}
    left = {each.subject for each in sample() if each.form_id == "austritt"}
    assert residents == interviewed
    assert left < interviewed


def test_the_same_seed_gives_the_same_bytes() -> None:
    again = list(demo_submissions(forms(), some(plan_population(2022)), BERLIN))
    assert [each.id for each in again] == [each.id for each in sample()]
    assert [canonical(each.record) for each in again] == [canonical(each.record) for each in sample()]
    assert {each.id for each in sample(7)}.isdisjoint(each.id for each in sample())


def test_the_length_of_the_whole_is_known_before() -> None:
    seen: list[tuple[str, int, int]] = []
    made = list(
        demo_submissions(forms(), some(plan_population(3), 2), BERLIN, progress=lambda *step: seen.append(step))
    )
    assert [done for _, done, _ in seen] == list(range(1, len(made) + 1))
    assert {total for _, _, total in seen} == {len(made)}


def test_the_demo_is_stored_once_and_received_when_it_was_taken(study: Study) -> None:
    first = fill_demo(study)
    second = fill_demo(study)
    assert (first.created, second.created) == (True, False)
    assert first.records == second.records
    with study.store() as store:
        assert store.count() == first.total
        stored = list(store.submissions("erstgespraech", municipality=ALTHENGSTETT))
        assert stored
        assert all(each.received == each.ended for each in stored)
        assert {frozen.form_id for frozen in store.forms()} == set(study.forms())


def test_a_store_with_other_records_is_left_alone(study: Study) -> None:
    fill_demo(study, seed=1)
    with study.store() as store:
        before = store.count()
    with pytest.raises(StudyError, match="--dir"):
        fill_demo(study, seed=2)
    with study.store() as store:
        assert store.count() == before


def test_a_study_that_is_no_demo_is_left_alone(tmp_path: Path) -> None:
    study = create_study(tmp_path / "real")
    with pytest.raises(StudyError, match="Demo"):
        fill_demo(study)
    with study.store() as store:
        assert store.count() == 0
        assert store.forms() == ()


def test_a_form_that_no_longer_fits_the_plan_stores_nothing(study: Study) -> None:
    path = study.dir / "forms" / "austritt.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(". <= today()", ". < '1990-01-01'"), encoding="utf-8")
    with pytest.raises(FormError) as caught:
        fill_demo(study)
    assert caught.value.problems[0].place.nodeset == "/data/austritt/datum"
    with study.store() as store:
        assert store.count() == 0
        assert store.forms() == ()


def test_ids_depend_on_seed_form_and_subject() -> None:
    ids = {record_id(seed, form, subject) for seed in (1, 2) for form in FORMS for subject in ("P-000001", "P-000002")}
    assert len(ids) == 2 * 4 * 2


@pytest.mark.long
def test_the_whole_demo_goes_through_its_forms() -> None:
    made = Counter(each.form_id for each in demo_submissions(forms(), plan_population(2022), BERLIN))
    assert made["erstgespraech"] > 548
    assert made["austritt"] == 353
