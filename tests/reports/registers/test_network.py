"""Organisations and sessions: when last met, who was there how often, which decisions are open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from reports.registers.listing import Listing
from reports.registers.network import Decision, listings
from reports.registers.reading import Registers, Scope

Asked = Callable[..., Scope]


def by_key(registers: Registers, scope: Scope) -> dict[str, Listing]:
    return {each.key: each for each in listings(registers, scope)}


def test_last_met_is_what_is_kept_or_a_session(registers: Registers, scope: Asked) -> None:
    rows = by_key(registers, scope())["organisations"].rows
    assert [row[3:] for row in rows] == [(dt.date(2019, 5, 1), dt.date(2024, 3, 12), 1, 3)]
    before = by_key(registers, scope(date=dt.date(2024, 3, 11)))["organisations"].rows
    assert [row[4:] for row in before] == [(dt.date(2024, 1, 15), 0, 0)]
    never = by_key(registers, scope(date=dt.date(2024, 1, 14)))["organisations"].rows
    assert [row[4:] for row in never] == [(None, 0, 0)]


def test_sessions_with_who_came_and_what_was_decided(registers: Registers, scope: Asked) -> None:
    made = by_key(registers, scope())
    assert [row[3:] for row in made["sessions"].rows] == [("Lenkungskreis", 12, 4, 2, 4)]
    assert [row[1:] for row in made["outcomes"].rows] == [(1, 4, 2, 3), (1, 4, 2, 3)]


def test_open_decisions_have_the_late_ones_first(registers: Registers, scope: Asked) -> None:
    found = by_key(registers, scope())["open_decisions"]
    assert [(row[0], row[4]) for row in found.rows] == [
        ("Frist verstrichen", "Wohnungen werden gesucht."), ("offen", "Der Bericht geht an den Gemeinderat."),
        ("vertagt", "Ein Fest wird geplant."),
    ]  # fmt: skip
    assert found.alerts == ("Beschlüsse, deren Frist verstrichen ist: 1.",)


@pytest.mark.parametrize(("outcome", "until", "done", "state"), [
    ("beschlossen", None, None, "open"), ("beschlossen", "2024-06-30", None, "open"),
    ("beschlossen", "2024-06-29", None, "late"), ("beschlossen", "2024-06-29", "2024-06-30", "done"),
    ("beschlossen", "2024-06-29", "2024-07-01", "late"), ("vertagt", None, None, "postponed"),
    ("abgelehnt", None, None, ""), ("kenntnis", None, None, ""),
])  # fmt: skip
def test_a_decision_is_open_until_it_is_said_to_be_done(
    outcome: str, until: str | None, done: str | None, state: str
) -> None:
    days = (dt.date.fromisoformat(text) if text else None for text in (until, done))
    assert Decision("", outcome, "", *days).state(dt.date(2024, 6, 30)) == state


def test_towards_the_public_no_sentence_and_no_organisation_alone(registers: Registers, scope: Asked) -> None:
    made = by_key(registers, scope(audience="public"))
    assert set(made) == {"kinds", "outcomes"}
    assert "gesucht" not in str(made)
    assert "Asyl" not in str(made)
