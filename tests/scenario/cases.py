"""An office: a form about persons, one about no person, the shipped contact, and a few records of each."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from intake.interview.description import sections_of, with_all_below
from intake.interview.session import Session
from intake.interview.worklist import Worklist
from intake.publishing import publish
from intake.store import Store, open_store
from scenario.interview import KEY, workbook

TOWNS = {"08235007": "Althengstett", "08999001": "Schönhöfen"}
_ids = itertools.count(1)
BEGUN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SHIPPED = Path(__file__).parents[2] / "data" / "forms"

CASE = """
| survey | type | name | label::Deutsch (de) | required | warning | warning_message::Deutsch (de) | sensitivity |
|---|---|---|---|---|---|---|---|
| | text | gemeinde | Gemeinde | yes | | | general |
| | text | person | Pseudonym | yes | | | {pseudonym} |
| | text | fallnummer | Fallnummer | | | | {number} |
| | text | name | Name | | | | identity |
| | integer | alter | Alter | | . < 100 | Stimmt das Alter? | general |
| | image | ausweis | Ausweis | | | | general |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Aufnahme | aufnahme | 1 | Deutsch (de) |
"""
HOUSE = """
| survey | type | name | label::Deutsch (de) |
|---|---|---|---|
| | text | gemeinde | Gemeinde |
| | text | strasse | Straße |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Unterkunft | unterkunft | 1 | Deutsch (de) |
"""


class Clock:
    """A second later each time the store looks at it."""

    def __init__(self) -> None:
        self.now = BEGUN

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def office(
    directory: Path,
    *,
    pseudonym: str = "general",
    number: str = "general",
    contact: bool = True,
    clock: Callable[[], datetime] | None = None,
) -> Store:
    """A new store with the forms published. `pseudonym` and `number` are the classes of these answers."""
    opened = open_store(directory / "store.db", key=KEY, create=True, clock=clock or Clock())
    publish(opened, workbook(directory, CASE.format(pseudonym=pseudonym, number=number), "aufnahme.md"))
    publish(opened, workbook(directory, HOUSE, "unterkunft.md"))
    if contact:
        publish(opened, SHIPPED / "kontakt.md")
    return opened


def desk(store: Store, author: str = "tester") -> Worklist:
    return Worklist(store, zone=UTC, author=author, form_id="aufnahme", municipalities=TOWNS)


def answer(session: Session, **given: str) -> None:
    """Answer questions by name; every one must be acknowledged."""
    ids = {each.nodeset.rsplit("/", 1)[-1]: each.id for each in with_all_below(sections_of(session.form))}
    for name, value in given.items():
        assert send(session, "answer", ids[name], value)["type"] == "ack"


def send(session: Session, op: str, key: str = "", value: object = None) -> dict[str, Any]:
    """One operation, and the last that is said to it."""
    return session.receive({"type": "op", "op_id": f"case-op-{next(_ids)}", "op": op, "key": key, "value": value})[-1]


def hand_in(worklist: Worklist, form: str = "aufnahme", **given: str) -> None:
    """A record of a form with these answers."""
    session = worklist.begin(form)
    answer(session, **given)
    assert send(session, "submit")["type"] == "submitted"


def person(worklist: Worklist, number: int, municipality: str = "08235007", **given: str) -> None:
    """A person's record; pseudonym P- and six digits, case number A/ and the number."""
    hand_in(worklist, gemeinde=municipality, person=f"P-{number:06d}", fallnummer=f"A/{number}", **given)


def rows(worklist: Worklist, words: str = "", **wanted: object) -> list[dict[str, Any]]:
    """The cases found for some words, as the browser gets them."""
    found: list[dict[str, Any]] = worklist.answer({"what": "list", "words": words, **wanted})["cases"]["rows"]
    return found
