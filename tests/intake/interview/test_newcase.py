"""A new case whose pseudonym another case has is never taken for a new one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from intake.interview.newcase import NewCase
from intake.interview.session import Session
from intake.store import Store
from scenario.cases import answer, desk, office, person, rows, send
from scenario.interview import form
from scenario.xforms import live

PATTERN = """
| survey | type | name | label::Deutsch (de) | constraint |
|---|---|---|---|---|
| | text | person | Pseudonym | {constraint} |
| | text | fallnummer | Fallnummer | |
| | begin_repeat | kind | Kind | |
| | text | kindname | Kind | |
| | end_repeat | kind | | |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Fall | fall | 1 | Deutsch (de) |
"""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Store]:
    with office(tmp_path) as found:
        yield found


def problems(session: Session) -> list[dict[str, Any]]:
    """What is said at the pseudonym."""
    nodes = session.greeting()["state"].values()
    return next(node["problems"] for node in nodes if node.get("label") == ["Pseudonym"])


def test_a_pseudonym_that_another_case_has_is_said_at_once_and_not_handed_in(opened: Store) -> None:
    here = desk(opened)
    person(here, 1)
    session = here.begin("aufnahme")
    answer(session, gemeinde="08235007")
    assert problems(session)[0]["kind"] == "required"
    answer(session, person="P-000001")
    (problem,) = problems(session)
    assert problem["kind"] == "taken"
    assert "Meine Fälle" in problem["text"][0]
    assert send(session, "submit")["refused"] is True
    assert opened.count("aufnahme") == 1
    answer(session, person="P-000002")
    assert problems(session) == []
    assert send(session, "submit")["type"] == "submitted"


def test_it_is_said_also_the_next_day_and_when_the_other_case_came_later(opened: Store) -> None:
    here = desk(opened)
    session = here.begin("aufnahme")
    answer(session, gemeinde="08235007", person="P-000001")
    assert problems(session) == []
    assert session.draft is not None
    person(desk(opened), 1)
    assert send(session, "submit")["refused"] is True
    assert [each["kind"] for each in problems(desk(opened).resume(session.draft.id))] == ["taken"]


def test_what_is_begun_for_a_case_or_corrected_belongs_to_it(opened: Store) -> None:
    here = desk(opened)
    person(here, 1)
    (row,) = rows(here)
    begun = here.resume(here.begin_for(row["key"], "aufnahme"))
    assert begun.answers["/data/person"] == "P-000001"
    assert problems(begun) == []
    assert send(begun, "submit")["type"] == "submitted"
    (first, *_) = here.answer({"what": "case", "case": rows(here)[0]["key"]})["entries"]
    assert problems(here.resume(here.revise(first["submission"], "typo"))) == []


def test_a_form_without_case_numbers_makes_no_case(opened: Store) -> None:
    here = desk(opened)
    person(here, 1)
    contact = here.begin("kontakt")
    answer(contact, gemeinde="08235007", durch="im", mit="person", person="P-000001")
    kinds = [item["kind"] for node in contact.greeting()["state"].values() for item in node.get("problems", ())]
    assert "taken" not in kinds


@pytest.mark.parametrize("constraint", ["regex(., '^P-[0-9]{6}$')", 'regex(., "^P-[0-9]{6}$")'])
def test_a_free_pseudonym_of_the_pattern_is_offered_and_stays_the_same(constraint: str) -> None:
    made = form(PATTERN.format(constraint=constraint))
    asked: list[str] = []

    def is_taken(name: str) -> bool:
        asked.append(name)
        return len(set(asked)) < 3  # the first two that are drawn are taken

    watched = NewCase(made, is_taken)
    offered = watched.offer()
    assert re.fullmatch(r"P-[0-9]{6}", offered)
    assert offered == asked[2]
    assert watched.offer() == offered


@pytest.mark.parametrize("constraint", ["", "string-length(.) > 2", "regex(., '^P-[0-9]$')"])
def test_without_a_pattern_or_where_none_is_free_nothing_is_offered(constraint: str) -> None:
    made = form(PATTERN.format(constraint=constraint))
    watched = NewCase(made, lambda _: True)
    assert watched.offer() == ""
    instance = live(made)
    instance.answer("/data/person", "P-1")
    (text,) = watched.texts(instance, ["de"])
    assert "anderes" in text
    assert "P-" not in text
