"""The plan as a sheet of paper: frozen nouns that the template `plan.typ` draws. Texts are data, never markup."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reports.paper.page import drawable
from reports.plan.diff import Change, in_words
from reports.plan.speech import Pair, Speech
from reports.plan.state import DEMANDED, ITEMS, TEXTS, Goal, PlanState

_WORDS = (
    *("page", "lost", "about", "goals", "no_goals", "column_field", "column_goal", "column_action", "column_state"),
    *("sign_head", "sign_person", "sign_manager", "sign_date", "two_pages"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A name and what is said under it."""

    label: Pair
    value: Pair


@dataclass(frozen=True, slots=True)
class GoalRow:
    """A goal in words. `picture` is the code of its field, `picture_text` what a screen reader says of it; `measure`
    says from where to where; `notes` are the day it was reached, the level attained, the reason."""

    picture: str
    picture_text: str
    field: Pair
    goal: str
    measure: Pair
    action: str
    who: Pair
    due: Pair
    status: Pair
    notes: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """A sheet. `languages` are (code, direction) pairs; `since` is what changed, with its heading in `since_head` (()
    for none); `signed` whether there are lines for signatures; `demo` marks every page."""

    title: Pair
    languages: tuple[tuple[str, str], ...]
    words: Mapping[str, Pair]
    head: tuple[Line, ...]
    remarks: tuple[Pair, ...] = ()
    items: tuple[Line, ...] = ()
    texts: tuple[Line, ...] = ()
    goals: tuple[GoalRow, ...] = ()
    goals_head: Pair = ()
    since_head: Pair = ()
    since: tuple[Pair, ...] = ()
    signed: bool = True
    demo: str = ""

    def json(self) -> str:
        """The sheet for the template. ReportError 'paper.no_font' for a script that no shipped font has."""
        written = dataclasses.asdict(self)
        return drawable(written, (written[name] for name in ("head", "items", "texts", "goals")))


def plan_sheet(
    state: PlanState,
    speech: Speech,
    *,
    town: str = "",
    since: tuple[str, Sequence[Change]] | None = None,
    unspoken: str = "",
    demo: str = "",
) -> PlanSheet:
    """The plan as it is signed. `since` is the day of the last plan (ISO) with what changed; `unspoken` the language of
    the person where the form does not have it."""
    changed = tuple(in_words(change, speech) for change in since[1]) if since else ()
    return PlanSheet(
        title=speech.own("title"),
        languages=tuple((language.code, language.direction) for language in speech.languages),
        words=words_of(speech),
        head=tuple(_head(state, speech, town)),
        remarks=tuple(_remarks(speech, unspoken)),
        items=tuple(_items(state, speech)),
        texts=tuple(Line(speech.label(name), speech.plain(text)) for name in TEXTS if (text := state.value(name))),
        goals=tuple(goal_row(goal, speech) for goal in state.goals),
        goals_head=speech.own("goals"),
        since_head=speech.own("since", day=speech.date(since[0])) if since else (),
        since=(changed or (speech.own("unchanged"),)) if since else (),
        demo=demo,
    )


def words_of(speech: Speech) -> dict[str, Pair]:
    """What the template says itself."""
    return {name: speech.own(name, page="{page}", pages="{pages}") for name in _WORDS}


def _head(state: PlanState, speech: Speech, town: str) -> Iterator[Line]:
    """Who, where, when; the next appointment comes last, where the eye looks for it."""
    said = {
        "name": speech.plain(state.name), "person": speech.plain(state.person), "number": speech.plain(state.number),
        "town": speech.plain(town or state.municipality), "manager": speech.plain(state.manager),
        "household": speech.choice("plan_fuer", state.household), "day": speech.date(state.day),
        "next": speech.date(state.next_day),
    }  # fmt: skip
    for name, value in said.items():
        if value[0]:
            yield Line(speech.own(name), value)


def _remarks(speech: Speech, unspoken: str) -> Iterator[Pair]:
    if len(speech.languages) > 1:
        yield speech.own("written")
    if speech.unreviewed:
        yield speech.whole("paper.unreviewed")
    if unspoken:
        yield speech.own("no_language", name=unspoken)


def _items(state: PlanState, speech: Speech) -> Iterator[Line]:
    for name in ITEMS:
        value = state.value(name)
        if value:
            yield Line(speech.label(name), speech.choice(name, value))
        elif name in DEMANDED:
            yield Line(speech.label(name), speech.own("unknown"))


def goal_row(goal: Goal, speech: Speech) -> GoalRow:
    """A goal in words."""
    field = speech.choice("handlungsfeld", goal.field)
    who = [speech.choice(name, code) for name, code in (("verantwortlich", goal.who), ("stelle", goal.agency)) if code]
    notes = []
    if goal.reached:
        notes.append(speech.own("reached_on", day=speech.date(goal.reached)))
    if goal.gas:
        notes.append(speech.own("gas", level=speech.choice("gas_ist", goal.gas)))
    if goal.reason:
        notes.append(speech.own("reason", reason=goal.reason))
    return GoalRow(
        picture=goal.field,
        picture_text=speech.own("field_picture", field=field)[0],
        field=field,
        goal=goal.goal,
        measure=_measured(goal, speech),
        action=goal.action,
        who=_joined(list(dict.fromkeys(who)), speech),
        due=speech.own("due", day=speech.date(goal.due)) if goal.due else speech.plain(""),
        status=speech.choice("stand", goal.status),
        notes=tuple(notes),
    )


def _measured(goal: Goal, speech: Speech) -> Pair:
    """What is measured, from the baseline to the target; codes of the question that is measured are said in words."""
    measure = speech.choice("messgroesse", goal.measure)
    if not (goal.baseline or goal.target):
        return measure
    old, new = (
        speech.choice(goal.measure, text) if speech.knows(goal.measure, text) else speech.plain(text or "–")
        for text in (goal.baseline, goal.target)
    )
    said = speech.own("measured", measure=measure, old=old, new=new)
    return said if any((*old[1:], *new[1:])) else (said[0], *measure[1:])  # values of one language are said once


def _joined(parts: Sequence[Pair], speech: Speech) -> Pair:
    """Texts one after another, language by language; '' where no part has a second text of its own."""
    found = []
    for at, _ in enumerate(speech.languages):
        own = at == 0 or any(part[at] for part in parts)
        found.append(speech.comma(at).join(part[at] or part[0] for part in parts) if own else "")
    return tuple(found)
