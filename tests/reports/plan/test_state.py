"""The state of a plan: from the first interview alone, from everything that was said since, and back from a goal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from intake.entities import Entity
from intake.submission import Record, Submission
from reports.plan.state import Item, from_entities, from_interview, goal_of, told
from validation.errors import DataError

BEGUN = datetime(2026, 3, 2, 10, tzinfo=UTC)
GOAL = "/data/ziele/ziel"


def record(id: str, form: str, said: Record, days: int = 0, reason: str | None = None) -> Submission:  # noqa: A002
    moment = BEGUN + timedelta(days=days)
    return Submission(id, form, "1", "h", "08235007", "P-000001", said, moment, moment, "x", reason=reason)


FIRST = record("uuid:1", "erstgespraech", {
    "/data/fall/fallnummer": "F-1", "/data/person/name": "Muster", "/data/sprache/deutsch_gesamt": "a2",
    "/data/bildung/isced": "isced3", "/data/fall/gespraechssprache": "ar",
    GOAL: [{f"{GOAL}/handlungsfeld": "spr", f"{GOAL}/ziel": "Prüfung  B1", f"{GOAL}/stand": "agreed",
            f"{GOAL}/erreicht_am": "2026-01-01", f"{GOAL}/grund": "alt"}],
})  # fmt: skip


def test_the_first_interview_is_a_plan() -> None:
    state = from_interview([FIRST])
    assert (state.name, state.number, state.language, state.day) == ("Muster", "F-1", "ar", "2026-03-02")
    assert state.items == (Item("deutsch_gesamt", "a2", "uuid:1"), Item("isced", "isced3", "uuid:1"))
    (goal,) = state.goals
    assert (goal.id, goal.reached, goal.reason) == ("spr/prüfung b1", "", "")
    with pytest.raises(DataError, match="Erstgespräch"):
        from_interview([record("uuid:2", "kontakt", {})])


def test_what_was_said_since_stands_on_the_plan_with_where_and_how_it_was_said() -> None:
    mark = "/data/veraenderung/sprache/deutsch_gesamt/@lb:how"
    later = record("uuid:2", "fortschreibung", {mark: "corrected"}, 90)
    confirmed = record("uuid:3", "fortschreibung", {mark: "confirmed"}, 180)
    origin = {"deutsch_gesamt": ("uuid:3", confirmed.ended)}
    person = Entity(
        "person", "P-000001", "", {"deutsch_gesamt": "b1", "isced": ""}, FIRST.ended, confirmed.ended, origin
    )
    goal = Entity("ziel", "g-1", "", {"handlungsfeld": "woh", "stand": "reached"}, FIRST.ended, FIRST.ended, {})
    state = from_entities(person, [goal], [FIRST, later, confirmed])
    assert state.items == (Item("deutsch_gesamt", "b1", "uuid:3", "corrected"), Item("isced", "isced3", "uuid:1"))
    assert state.goals[0].id == "g-1"
    assert (state.name, state.day) == ("Muster", "2026-08-29")


def test_a_record_changed_because_life_went_on_is_no_correction() -> None:
    changed = record("uuid:1", "erstgespraech", FIRST.record, reason="changed")
    assert {item.how for item in from_interview([changed]).items} == {"changed"}


def test_a_goal_says_why_and_when_only_in_the_states_it_belongs_to() -> None:
    said = {"ziel": "Wohnung", "stand": "not_reached", "grund": "Kein Angebot", "erreicht_am": "2026-01-01"}
    goal = goal_of("1", said)
    assert (goal.reason, goal.reached) == ("Kein Angebot", "")
    assert told(goal) == {"ziel": "Wohnung", "stand": "not_reached", "grund": "Kein Angebot"}
    assert goal_of("1", told(goal)) == goal
