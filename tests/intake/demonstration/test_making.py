"""The demo's records: each taken through its form without a violation, the same for a seed, in the order of time."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from intake.demonstration.district import plan_district
from intake.demonstration.making import AUTHOR, FORMS, make_records, record_id
from intake.how import how_of
from intake.population import LAST_DAY, plan_population
from intake.submission import Record, Submission, canonical
from scenario.plans import forms_of, kreis, shipped_forms, some

BERLIN = ZoneInfo("Europe/Berlin")
SMALL = (40, 3)


@cache
def sample(seed: int = 2022) -> tuple[Submission, ...]:
    """Records of a part of the small demo."""
    return tuple(make_records(shipped_forms(), some(plan_population(seed)), BERLIN))


@cache
def district() -> tuple[Submission, ...]:
    """Records of a small Kreis."""
    return tuple(make_records(forms_of(*SMALL), kreis(*SMALL), BERLIN))


def of(form: str) -> Iterator[Record]:
    return (each.record for each in district() if each.form_id == form)


def test_every_person_has_an_interview_and_who_left_an_exit() -> None:
    people = some(plan_population(2022)).people
    counted = Counter(each.form_id for each in sample() if each.version == 1)
    assert counted["erstgespraech"] == len(people)
    assert counted["austritt"] == sum(person.left is not None for person in people)
    assert (counted["unterkunft"], counted["stelle"]) == (17, 5)
    assert set(counted) <= set(FORMS)


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
    again = list(make_records(shipped_forms(), some(plan_population(2022)), BERLIN))
    assert [each.id for each in again] == [each.id for each in sample()]
    assert [canonical(each.record) for each in again] == [canonical(each.record) for each in sample()]
    assert {each.id for each in sample(7)}.isdisjoint(each.id for each in sample())


def test_the_length_of_the_whole_is_known_before() -> None:
    seen: list[tuple[str, int, int]] = []
    made = list(
        make_records(shipped_forms(), some(plan_population(3), 2), BERLIN, progress=lambda *step: seen.append(step))
    )
    assert [done for _, done, _ in seen] == list(range(1, len(made) + 1))
    assert {total for _, _, total in seen} == {len(made)}


def test_ids_depend_on_the_plan_the_form_and_what_the_record_is_about() -> None:
    ids = {record_id(plan, form, key) for plan in ("1", "2") for form in FORMS for key in ("P-000001", "P-000002")}
    assert len(ids) == 2 * len(FORMS) * 2


# --- a Kreis


def test_a_kreis_uses_all_forms() -> None:
    assert {each.form_id for each in district()} == set(FORMS)


def test_a_follow_up_confirms_changes_and_asks_afresh() -> None:
    form = forms_of(*SMALL)["fortschreibung"]
    said = Counter(how for record in of("fortschreibung") for how in how_of(record, form).values())
    assert set(said) == {"confirmed", "changed", "new"}
    assert said["confirmed"] > said["changed"] > 50
    levels = Counter(
        how_of(record, form).get("/data/veraenderung/sprache/deutsch_gesamt") for record in of("fortschreibung")
    )
    assert levels["changed"]
    assert levels["confirmed"]


def test_an_answer_is_confirmed_exactly_where_it_is_that_of_before() -> None:
    form = forms_of(*SMALL)["fortschreibung"]
    question = "/data/veraenderung/wohnen/wohnform"
    before: dict[str, str] = {}
    judged = 0
    for each in district():
        if each.form_id == "erstgespraech":
            before[each.subject] = str(each.record["/data/wohnen/wohnform"])
        elif each.form_id == "fortschreibung" and (now := str(each.record.get(question, ""))):
            expected = "confirmed" if now == before[each.subject] else "changed"
            assert how_of(each.record, form)[question] == expected
            before[each.subject], judged = now, judged + 1
    assert judged > 20


def test_goals_are_reached_moved_missed_and_added_and_none_is_open_after_an_exit() -> None:
    seen: Counter[str] = Counter()
    open_now: dict[str, int] = {}
    for each in district():
        goals = each.record.get("/data/ziele/ziel", ())
        if each.form_id == "fortschreibung":
            seen.update(str(goal["/data/ziele/ziel/stand"]) for goal in goals)
            seen.update(f"kind {goal['/data/ziele/ziel/ziel_art']}" for goal in goals)
        if each.form_id == "austritt":
            open_now[each.subject] = len(goals)
            assert all(goal["/data/ziele/ziel/endstand"] for goal in goals)
    assert {"reached", "running", "postponed", "not_reached", "adapted", "kind neu", "kind offen"} <= set(seen)
    assert any(open_now.values())


def test_somebody_moves_inside_the_kreis_and_begins_again_under_the_same_pseudonym() -> None:
    moves = [record for record in of("austritt") if str(record.get("/data/austritt/verbleib_ags", "")) in towns()]
    assert moves
    for move in moves:
        person = move["/data/fall/person"]
        began = [record for record in of("erstgespraech") if record["/data/fall/person"] == person]
        second = began[-1]
        assert len(began) == 2
        assert second["/data/fall/gemeinde"] == move["/data/austritt/verbleib_ags"] != began[0]["/data/fall/gemeinde"]
        assert second["/data/aufenthalt/zuweisung"] == move["/data/austritt/datum"]
        assert move["/data/austritt/grund"] == "umzug_de"


def towns() -> set[str]:
    return set(kreis(*SMALL).municipalities)


def test_who_lives_in_a_flat_of_their_own_is_no_longer_in_the_accommodation() -> None:
    moved = {each.id: each.private for each in kreis(*SMALL).people if each.private is not None}
    ends = {
        str(entry["/data/belegung/bewohner/person"]): str(entry["/data/belegung/bewohner/bis"])
        for record in of("unterkunft")
        for entry in record.get("/data/belegung/bewohner", ())
    }
    assert moved
    for person, day in moved.items():
        assert ends[person] == day.isoformat()
    assert any(record.get("/data/veraenderung/wohnen/wohnform") == "priv_miete" for record in of("fortschreibung"))


def test_a_printed_plan_says_what_was_known_that_day() -> None:
    followed = {
        (each.subject, each.started.date()): each.record for each in district() if each.form_id == "fortschreibung"
    }
    plans = list(of("integrationsplan"))
    assert plans
    for plan in plans:
        last = followed[str(plan["/data/fall/person"]), date.fromisoformat(str(plan["/data/fall/datum"]))]
        assert plan["/data/abschluss/naechster_termin"] == last["/data/abschluss/naechster_termin"]


def test_a_kreis_is_the_same_for_a_seed() -> None:
    again = make_records(forms_of(*SMALL), plan_district(*SMALL), BERLIN)
    for one, other in zip(itertools.islice(again, 60), district(), strict=False):
        assert (one.id, canonical(one.record)) == (other.id, canonical(other.record))


@pytest.mark.long
def test_the_whole_small_demo_goes_through_its_forms() -> None:
    made = Counter(each.form_id for each in make_records(shipped_forms(), plan_population(2022), BERLIN))
    assert made["erstgespraech"] > 548
    assert made["austritt"] == 353
    assert set(made) == set(FORMS)


@pytest.mark.long
def test_a_larger_kreis_goes_through_its_forms() -> None:
    made = Counter(each.form_id for each in make_records(forms_of(300, 10), kreis(300, 10), BERLIN))
    assert set(made) == set(FORMS)
    assert sum(made.values()) > 2500
