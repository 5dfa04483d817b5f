"""A team's store with people in two municipalities, as new for each test."""

from __future__ import annotations

import functools

import pytest

from scenario.postgresql import Cluster
from scenario.stores import Clock, divided
from scenario.team import Team

HERE, THERE = "08235007", "08235085"


@functools.cache
def _people(cluster: Cluster) -> tuple[Team, dict[str, str]]:
    team = Team.new(cluster)
    people = {
        "head": team.add("manager", ["*"]),
        "here": team.add("manager", [HERE]),
        "there": team.add("manager", [THERE]),
        "evaluator": team.add("evaluator", ["*"]),
        "auditor": team.add("auditor"),
        "administrator": team.add("administrator"),
        "publisher": team.add("publisher"),
        "officer": team.officer,
    }
    with team.open(people["head"], Clock()) as store:
        store.publish(divided())
    team.remember()
    return team, people


@pytest.fixture
def people(postgresql: Cluster) -> dict[str, str]:
    """{who: account}: head (a manager of everything), here, there, evaluator, auditor, administrator, publisher,
    officer."""
    team, people = _people(postgresql)
    team.restore()
    return people


@pytest.fixture
def team(postgresql: Cluster, people: dict[str, str]) -> Team:
    assert people
    return _people(postgresql)[0]
