"""Snapshots of a plan in the store: records of the form `integrationsplan`, filled through the form like any other.

What is read back is always the first version: whoever changes a snapshot later changes no plan that was signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from intake.submission import Record, Submission, answer_named, submission_from_instance
from reports.plan.speech import Speech
from reports.plan.state import Item, PlanState, goal_of, plain_answers, told
from validation.errors import DataError
from validation.instance import Instance

if TYPE_CHECKING:
    from intake.store import Store
    from intake.study import Study

FORM = "integrationsplan"
ROOT = "/data"
_ITEM, _GOAL = f"{ROOT}/angaben/angabe", f"{ROOT}/ziele/ziel"


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan that was kept. `number` counts those of the case from 1, `day` is an ISO date, `id` the submission's."""

    id: str
    number: int
    day: str
    state: PlanState


def kept_of(store: Store, records: Sequence[Submission]) -> tuple[Kept, ...]:
    """The plans among the records of a person, first to last."""
    firsts = [store.history(each.id)[0] for each in records if each.form_id == FORM]
    return tuple(
        Kept(each.id, number, answer_named(each.record, "datum"), _state(each))
        for number, each in enumerate(firsts, start=1)
    )


def record_plan(study: Study, store: Store, state: PlanState, speech: Speech, before: Kept | None) -> Kept | None:
    """Keep a plan as it is today; None where the last one kept says the same.

    It goes through the published form; DataError 'plan.not_kept' names the questions that do not take what is known.
    """
    if before is not None and _comparable(before.state) == _comparable(state):
        return None
    form = study.published(FORM, store)
    if form is None:
        from intake.publishing import publish

        publish(store, study.forms()[FORM])
        form = study.form(FORM, store)
    now = datetime.now(study.tz)
    instance = Instance(form, now=now)
    _fill(instance, state, speech, now.date(), before)
    if found := instance.violations():
        names = dict.fromkeys(each.path.rpartition("/")[2] for each in found)
        raise DataError("plan.not_kept", questions=", ".join(names))
    made = submission_from_instance(instance, author=store.login.name, started=now, ended=now)
    store.append(made)
    return Kept(made.id, (before.number if before else 0) + 1, now.date().isoformat(), _state(made))


def _fill(instance: Instance, state: PlanState, speech: Speech, day: date, before: Kept | None) -> None:
    said = {
        "fall/gemeinde": state.municipality, "fall/person": state.person, "fall/fallnummer": state.number,
        "fall/datum": day.isoformat(), "fall/zustaendig": state.manager, "fall/plan_fuer": state.household,
        "fall/plan_sprache": state.language, "fall/vorgaenger": before.id if before else "",
        "abschluss/naechster_termin": state.next_day,
    }  # fmt: skip
    for name, text in said.items():
        if text:
            instance.answer(f"{ROOT}/{name}", text)
    for number, item in enumerate(state.items, start=1):
        _entry(instance, _ITEM, number)
        words = {"merkmal": item.name, "wert": item.value, "herkunft": item.origin}
        if speech.offers(item.name):
            words["anzeige"] = speech.choice(item.name, item.value)[0]
        for name, text in words.items():
            instance.answer(f"{_ITEM}[{number}]/{name}", text)
    for number, goal in enumerate(state.goals, start=1):
        _entry(instance, _GOAL, number)
        for name, text in {"ziel_id": goal.id, **told(goal)}.items():
            instance.answer(f"{_GOAL}[{number}]/{name}", text)


def _entry(instance: Instance, repeat: str, number: int) -> None:
    while len(instance.entries(repeat)) < number:
        instance.add_repeat(repeat)


def _state(submission: Submission) -> PlanState:
    record = submission.record
    said = dict(plain_answers(record))
    items = (dict(plain_answers(entry)) for entry in _entries(record, _ITEM))
    goals = (dict(plain_answers(entry)) for entry in _entries(record, _GOAL))
    return PlanState(
        person=submission.subject,
        municipality=submission.municipality,
        number=said.get("fallnummer", ""),
        manager=said.get("zustaendig", ""),
        language=said.get("plan_sprache", ""),
        household=said.get("plan_fuer", ""),
        next_day=said.get("naechster_termin", ""),
        day=said.get("datum", ""),
        items=tuple(Item(each.get("merkmal", ""), each.get("wert", ""), each.get("herkunft", "")) for each in items),
        goals=tuple(goal_of(each.get("ziel_id", ""), each) for each in goals if any(each.values())),
    )


def _entries(record: Record, nodeset: str) -> Iterator[Record]:
    entries = record.get(nodeset, [])
    yield from entries if isinstance(entries, list) else ()


def _comparable(state: PlanState) -> tuple[object, ...]:
    items = tuple((item.name, item.value) for item in state.items)
    return items, state.goals, state.next_day, state.manager, state.household
