"""What is different between two plans."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports.plan.diff import Change, changes
from reports.plan.state import Goal, Item, PlanState

GOAL = Goal("1", "spr", "Prüfung B1", due="2026-07-31", status="agreed", target="B1")
PLAN = PlanState("P-000001", "08235007", items=(Item("deutsch_gesamt", "a2", "uuid:1"),), goals=(GOAL,))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, []),
        ({"status": "reached", "reached": "2026-06-01"}, [Change("reached", goal="Prüfung B1", new="2026-06-01")]),
        ({"status": "partly"}, [Change("partly", goal="Prüfung B1")]),
        (
            {"status": "not_reached", "reason": "Kurs fiel aus."},
            [Change("missed", goal="Prüfung B1", reason="Kurs fiel aus.")],
        ),
        ({"status": "cancelled"}, [Change("given_up", goal="Prüfung B1")]),
        (
            {"status": "postponed", "due": "2026-12-31"},
            [Change("moved", goal="Prüfung B1", old="2026-07-31", new="2026-12-31")],
        ),
        ({"status": "running"}, [Change("status", goal="Prüfung B1", old="agreed", new="running")]),
        ({"target": "B2"}, [Change("adapted", goal="Prüfung B1")]),
        ({"status": "reached", "due": "2026-12-31"}, [Change("reached", goal="Prüfung B1")]),
    ],
)
def test_a_goal_is_followed_from_plan_to_plan(more: dict[str, str], expected: list[Change]) -> None:
    assert [*changes(PLAN, replace(PLAN, goals=(replace(GOAL, **more),)))] == expected


def test_goals_come_and_go() -> None:
    other = Goal("2", "woh", "Wohnung", status="reached")
    found = changes(PLAN, replace(PLAN, goals=(other,)))
    assert found == (
        Change("added", goal="Wohnung"),
        Change("reached", goal="Wohnung"),
        Change("gone", goal="Prüfung B1"),
    )


def test_a_goal_that_got_an_id_since_is_the_same_goal() -> None:
    before = replace(PLAN, goals=(replace(GOAL, id="spr/prüfung b1"),))
    assert changes(before, PLAN) == ()


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        (Item("deutsch_gesamt", "b1", "uuid:2"), "changed"),
        (Item("deutsch_gesamt", "b1", "uuid:2", "corrected"), "corrected"),
        (Item("deutsch_gesamt", "b1", "uuid:1"), "corrected"),
        (Item("deutsch_gesamt", "b1", "uuid:1", "changed"), "changed"),
    ],
)
def test_a_correction_is_told_from_a_change(item: Item, kind: str) -> None:
    assert changes(PLAN, replace(PLAN, items=(item,))) == (Change(kind, "deutsch_gesamt", old="a2", new="b1"),)


def test_what_is_new_lost_or_written_anew_is_told() -> None:
    now = replace(PLAN, items=(Item("isced", "isced3"), Item("entwicklung", "Ein Satz.")))
    assert [change.kind for change in changes(PLAN, now)] == ["first", "rewritten", "lost"]
