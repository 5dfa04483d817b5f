"""A goal that copies one of the Jobcenter's plan is pointed out where a follow-up makes it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from intake.crosscheck import run_rules
from intake.rules import read_rules

NAME = "ziel_doppelt_mit_jobcenter"
RULE = next(each for each in read_rules(Path(__file__).parents[2] / "data" / "rules.csv") if each.name == NAME)
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def hits(contact: str, **goal: str) -> list[str]:
    """The goals pointed out, of a person with this contact to the Jobcenter."""
    said = {"KEY": "uuid:f/ziel[1]", "PARENT_KEY": "uuid:f", "handlungsfeld": "arb", "verantwortlich": "person",
            "stelle": ""} | goal  # fmt: skip
    tables = {
        "erstgespraech": [{"KEY": "uuid:e", "fall-person": "P-1", "arbeit-jobcenter": contact},
                          {"KEY": "uuid:e2", "fall-person": "P-2", "arbeit-jobcenter": "plan"}],
        "fortschreibung": [{"KEY": "uuid:f", "fall-person": "P-1"}],
        "fortschreibung-ziel": [said],
    }  # fmt: skip
    frames = {name: pd.DataFrame(rows, dtype="string") for name, rows in tables.items()}
    return list(run_rules((RULE,), frames, now=NOW, zone="Europe/Berlin").hits["key"])


@pytest.mark.parametrize(
    ("contact", "goal", "found"),
    [
        ("plan", {"verantwortlich": "jc"}, True),
        ("plan", {"stelle": "jc"}, True),
        ("plan", {}, False),
        ("plan", {"verantwortlich": "jc", "handlungsfeld": "spr"}, False),
        ("gemeldet", {"verantwortlich": "jc"}, False),
        ("", {"verantwortlich": "jc"}, False),
    ],
)
def test_a_goal_on_work_that_the_jobcenter_is_in_charge_of(contact: str, goal: dict[str, str], *, found: bool) -> None:
    assert hits(contact, **goal) == (["uuid:f/ziel[1]"] if found else [])


def test_it_is_a_warning_for_who_manages_the_case() -> None:
    assert (RULE.severity, RULE.owner) == ("warning", "manager")
    assert "Jobcenter" in RULE.message("en")
