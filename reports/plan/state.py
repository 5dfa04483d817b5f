"""The state of a plan on a day: who, what is known of the person, which goals. A noun that every sheet is made of.

It is read from the entities `person` and `ziel` where the forms of the case declare them, else from the latest first
interview; and from a snapshot, so that two plans can be compared.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.how import HOWS, answers_at
from intake.submission import Record, Submission, answer_named
from validation.errors import DataError
from validation.form import Form
from validation.xform import read_form

if TYPE_CHECKING:
    from intake.entities import Entity

INTERVIEW = "erstgespraech"
PERSON, GOAL = "person", "ziel"
DEMANDED = ("deutsch_gesamt", "isced", "berufsausbildung", "erwerbsstatus")
"""Questions that a plan has a line for even where nothing is known."""
ITEMS = (
    *("deutsch_gesamt", "kurs", "kursstatus", "sprachziel", "isced", "schulbesuch", "berufsausbildung"),
    *("erlernter_beruf", "anerkennung", "berufswunsch", "erwerbsstatus", "wohnform"),
)
"""Questions of the first interview that a plan says in a few words, in the order of the sheet."""
TEXTS = ("kompetenzen", "fehlende_qualifikation", "entwicklung")
"""Questions that are answered in sentences."""
_GOAL_NAMES = {
    "field": "handlungsfeld", "goal": "ziel", "measure": "messgroesse", "baseline": "ausgangswert",
    "target": "zielwert", "action": "massnahme", "who": "verantwortlich", "agency": "stelle", "due": "faellig",
    "status": "stand", "reached": "erreicht_am", "gas": "gas_ist", "reason": "grund",
}  # fmt: skip

_ONLY_IN = {"reached": ("reached",), "reason": ("not_reached", "partly", "cancelled")}
"""What is said of a goal in these states only; left over from an earlier state it says nothing."""


@dataclass(frozen=True, slots=True)
class Item:
    """An answer about the person as it is stored. `origin` is the submission it comes from, '' where nobody knows.

    `how` is 'corrected' where whoever gave it said that the earlier one had been wrong, 'changed' where its record was
    changed because life went on, '' where nobody said.
    """

    name: str
    value: str
    origin: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal: codes and texts as they are stored, dates as ISO 8601, '' for nothing. `id` is the same from plan to
    plan; goals of forms without entities are known by field and text."""

    id: str
    field: str = ""
    goal: str = ""
    measure: str = ""
    baseline: str = ""
    target: str = ""
    action: str = ""
    who: str = ""
    agency: str = ""
    due: str = ""
    status: str = ""
    reached: str = ""
    gas: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PlanState:
    """A plan. `items` are those of `ITEMS` and `TEXTS` that were answered, in that order. `name` is '' for a login that
    may not read it; `language` a code of the list of languages or ''; `next_day` and `day` are ISO dates or ''."""

    person: str
    municipality: str
    number: str = ""
    name: str = ""
    manager: str = ""
    language: str = ""
    household: str = ""
    next_day: str = ""
    day: str = ""
    items: tuple[Item, ...] = ()
    goals: tuple[Goal, ...] = ()

    def value(self, name: str) -> str:
        """The stored answer to an item; '' where there is none."""
        return next((item.value for item in self.items if item.name == name), "")


@functools.lru_cache(maxsize=32)
def read_once(xform: str) -> Form:
    """A published form; read once in a process, because a plan needs every form that speaks of the person."""
    return read_form(xform)


def goal_of(id: str, properties: Mapping[str, str]) -> Goal:  # noqa: A002 - it is called id everywhere else
    """A goal of what is stored under the names of the questions."""
    said = {field: properties.get(name, "") for field, name in _GOAL_NAMES.items()}
    for field, states in _ONLY_IN.items():
        if said["status"] not in states:
            said[field] = ""
    return Goal(id or f"{said['field']}/{' '.join(said['goal'].casefold().split())}", **said)


def told(goal: Goal) -> dict[str, str]:
    """The answers of a goal by the names of their questions, without empty ones; the inverse of `goal_of`."""
    return {name: text for field, name in _GOAL_NAMES.items() if (text := getattr(goal, field))}


def from_interview(records: Sequence[Submission]) -> PlanState:
    """The plan as the last first interview among the records of a person has it. DataError 'plan.no_interview'."""
    interview = last_interview(records)
    record = interview.record
    how = _how(records)
    items = (Item(name, answer_named(record, name), interview.id, how(interview.id, name)) for name in (*ITEMS, *TEXTS))
    entries = next(
        (value for key, value in record.items() if key.endswith("/ziele/ziel") and isinstance(value, list)), []
    )
    return state_of(
        dict(plain_answers(record)),
        interview,
        items,
        (goal_of("", dict(plain_answers(entry))) for entry in entries),
    )


def from_entities(person: Entity, goals: Sequence[Entity], records: Sequence[Submission]) -> PlanState:
    """The plan as every record of a person together has it. What no property says is taken from the last first
    interview. DataError 'plan.no_interview'."""
    interview = last_interview(records)
    first = dict(plain_answers(interview.record))
    said = {**first, **{name: text for name, text in person.properties.items() if text}}
    how = _how(records)
    changed = max((person.changed, *(goal.changed for goal in goals)))

    def items() -> Iterator[Item]:
        for name in (*ITEMS, *TEXTS):
            origin = person.origin[name][0] if name in person.origin else interview.id
            yield Item(name, said.get(name, ""), origin, how(origin, name))

    found = (goal_of(goal.id, goal.properties) for goal in goals)
    return state_of(said, interview, items(), found, max(changed, interview.ended).date().isoformat())


def last_interview(records: Sequence[Submission]) -> Submission:
    """The last first interview among these. DataError 'plan.no_interview'."""
    found = [each for each in records if each.form_id == INTERVIEW]
    if not found:
        raise DataError("plan.no_interview")
    return found[-1]


def state_of(
    said: Mapping[str, str], interview: Submission, items: Iterator[Item], goals: Iterator[Goal], day: str = ""
) -> PlanState:
    """A plan of answers by the names of their questions. `interview` says whose it is."""
    return PlanState(
        person=interview.subject,
        municipality=interview.municipality,
        number=said.get("fallnummer", ""),
        name=said.get("name", ""),
        manager=said.get("zustaendig", ""),
        language=said.get("plan_sprache") or said.get("gespraechssprache", ""),
        household=said.get("plan_fuer", ""),
        next_day=said.get("naechster_termin", ""),
        day=day or interview.ended.date().isoformat(),
        items=tuple(item for item in items if item.value),
        goals=tuple(goals),
    )


def _how(records: Sequence[Submission]) -> Callable[[str, str], str]:
    """How the answer to a question came about, by the submission it comes from and its name. What was only confirmed
    came about as it did before."""
    said: dict[str, str] = {}
    for each in sorted(records, key=lambda record: record.ended):
        for key, _, text in answers_at(each.record):
            nodeset, _, mark = key.rpartition("/@")
            if mark.endswith("how") and text in HOWS and text != "confirmed":
                said[nodeset.rpartition("/")[2]] = text
    reasons = {each.id: each.reason for each in records}

    def how(submission: str, name: str) -> str:
        if said.get(name) == "corrected":
            return "corrected"
        return "changed" if reasons.get(submission) == "changed" else ""

    return how


def plain_answers(record: Record) -> Iterator[tuple[str, str]]:
    """(local name, text) of the answers of a record outside of its repeats, in its order."""
    for key, value in record.items():
        if isinstance(value, str) and value and "@" not in key and "()" not in key:
            yield re.split(r"[/:}]", key)[-1], value
