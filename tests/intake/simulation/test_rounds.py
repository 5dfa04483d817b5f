"""A person who is asked again says what is consistent with what was said before."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from intake.record import xml_from_record
from intake.simulate import simulate
from intake.simulation.rounds import GAP
from intake.submission import Record, Submission
from intake.xlsform import read_xlsform
from scenario.workbooks import markdown
from validation.form import Form
from validation.instance import Instance

NOW = dt.datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("Europe/Berlin"))
SHIPPED = Path(__file__).parents[3] / "data" / "forms"

ROUNDS = """
| survey | type | name | label | required | missing | relevant | constraint | default | follow_up | simulate |
| | text | person | Person | yes | | | regex(., '^P-[0-9]{6}$') | | | |
| | date | born | Born | yes | | | . <= today() | | carry | date(-60y, -20y) |
| | select_one way | status | Status | yes | unknown | | | | proactive | |
| | integer | mood | Mood | yes | | | . >= 0 and . <= 1000 | | independent | |
| | date | next | Next | yes | | | . > today() | | independent | date(today + 1d, today + 30d) |
| | begin_group | more | More | | | ${mood} < 900 | | | | |
| | begin_repeat | goal | Goal | | | | | | | entries(1, 3) |
| | text | what | What | yes | | | | | carry | |
| | select_one state | state | State | yes | | | | agreed | independent | moves: agreed=running,reached running=reached |
| | date | reached | Reached | yes | | ../state = 'reached' | . <= today() | | independent | |
| | end_repeat | | | | | | | | | |
| | end_group | | | | | | | | | |
| choices | list_name | name | label |
| | way | a | A |
| | way | b | B |
| | way | c | C |
| | state | agreed | Agreed |
| | state | running | Running |
| | state | reached | Reached |
"""  # noqa: E501 - a table is read across


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Form:
    return read_xlsform(markdown(tmp_path_factory.mktemp("rounds"), ROUNDS))


@pytest.fixture(scope="module")
def lives(form: Form) -> list[list[Submission]]:
    made = list(simulate(form, 25, 1, NOW, rounds=3))
    return [made[start : start + 3] for start in range(0, len(made), 3)]


def said(life: list[Submission], name: str) -> list[str]:
    return [str(each.record.get(f"/data/{name}", "")) for each in life]


def goals(submission: Submission) -> list[Record]:
    found = submission.record.get("/data/more/goal", [])
    assert isinstance(found, list)
    return found


def test_each_round_is_a_record_of_the_same_person_later(lives: list[list[Submission]]) -> None:
    assert len({each.id for life in lives for each in life}) == 75
    assert len({life[0].subject for life in lives}) == 25
    for life in lives:
        assert len({each.subject for each in life}) == 1
        gaps = [(later.ended - earlier.ended).days for earlier, later in itertools.pairwise(life)]
        assert all(GAP[0] <= gap <= GAP[1] for gap in gaps)
        assert life[-1].ended == NOW


def test_what_is_carried_stays_and_what_is_asked_again_changes_now_and_then(lives: list[list[Submission]]) -> None:
    changes: Counter[str] = Counter()
    for life in lives:
        for name in ("born", "status", "mood"):
            texts = said(life, name)
            changes[name] += sum(earlier != later for earlier, later in itertools.pairwise(texts))
    assert changes["born"] == 0
    assert 2 <= changes["status"] <= 25
    assert changes["mood"] <= 5  # a whole section hangs on it


def test_days_ahead_move_on(lives: list[list[Submission]]) -> None:
    for life in lives:
        days = said(life, "next")
        assert days == sorted(days)


def test_goals_stay_and_are_reached_or_moved_never_undone(lives: list[list[Submission]]) -> None:
    order = ["agreed", "running", "reached"]
    moved = 0
    for life in lives:
        for earlier, later in itertools.pairwise(life):
            assert len(goals(earlier)) <= len(goals(later))
            for before, after in zip(goals(earlier), goals(later), strict=False):
                assert before["/data/more/goal/what"] == after["/data/more/goal/what"]
                was, now = (order.index(str(each["/data/more/goal/state"])) for each in (before, after))
                assert was <= now
                moved += was < now
                if was == 2:
                    assert before["/data/more/goal/reached"] == after["/data/more/goal/reached"]
    assert moved > 20


def test_every_round_obeys_the_form(form: Form, lives: list[list[Submission]]) -> None:
    for life in lives:
        for each in life:
            again = Instance(form, now=each.ended, xml=xml_from_record(each.record, form))
            assert again.violations() == []


def test_first_interviews_are_followed_up() -> None:
    form = read_xlsform(SHIPPED / "erstgespraech.md")
    for first, second in zip(*[simulate(form, 3, 4, NOW, rounds=2)] * 2, strict=True):
        for name in ("fall/fallnummer", "fall/person", "person/geschlecht"):
            assert first.record.get(f"/data/{name}") == second.record.get(f"/data/{name}")
        again = Instance(form, now=second.ended, xml=xml_from_record(second.record, form))
        assert [each for each in again.violations() if each.kind != "warning"] == []


def test_rounds_are_the_same_again(form: Form) -> None:
    first, again = (list(simulate(form, 4, 7, NOW, rounds=2)) for _ in range(2))
    assert [each.record for each in first] == [each.record for each in again]
