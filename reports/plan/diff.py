"""What is different between two plans of a person: as values, and in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reports.plan.speech import Pair, Speech
from reports.plan.state import TEXTS, Goal, Item, PlanState

ENDED = {"reached": "reached", "partly": "partly", "not_reached": "missed", "cancelled": "given_up"}
"""What is said of a goal that has come to this status."""
_WITH_REASON = ("missed", "given_up")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `kind` names the sentence (`plan.diff_…`); `name` is the question of an item, `goal` the goal's
    text; `old` and `new` are what is stored: answers, days or a status."""

    kind: str
    name: str = ""
    goal: str = ""
    old: str = ""
    new: str = ""
    reason: str = ""


def changes(before: PlanState, now: PlanState) -> tuple[Change, ...]:
    """Goals first, in the order of the new plan, then those that are gone, then what is known of the person."""
    return (*_goals(before.goals, now.goals), *_items(before, now))


def _goals(before: Sequence[Goal], now: Sequence[Goal]) -> Iterator[Change]:
    left = list(before)
    for goal in now:
        old = _same(goal, left)
        if old is None:
            yield Change("added", goal=goal.goal)
            if goal.status in ENDED:
                yield _ended(goal)
            continue
        left.remove(old)
        yield from _of_goal(old, goal)
    for goal in left:
        yield Change("gone", goal=goal.goal)


def _same(goal: Goal, among: Sequence[Goal]) -> Goal | None:
    """The goal of the same id; where an earlier plan knew none yet, that of the same field and text."""
    by_id = next((each for each in among if each.id == goal.id), None)
    return by_id or next((each for each in among if (each.field, each.goal) == (goal.field, goal.goal)), None)


def _of_goal(old: Goal, new: Goal) -> Iterator[Change]:
    if new.status != old.status and new.status in ENDED:
        yield _ended(new)
    elif new.due != old.due and new.due:
        yield Change("moved", goal=new.goal, old=old.due, new=new.due)
    elif new.status != old.status:
        yield Change("status", goal=new.goal, old=old.status, new=new.status)
    rest = {"status": "", "due": "", "reached": "", "gas": "", "reason": "", "id": ""}
    if replace(old, **rest) != replace(new, **rest):
        yield Change("adapted", goal=new.goal)


def _ended(goal: Goal) -> Change:
    kind = ENDED[goal.status]
    return Change(kind, goal=goal.goal, new=goal.reached, reason=goal.reason if kind in _WITH_REASON else "")


def _items(before: PlanState, now: PlanState) -> Iterator[Change]:
    old = {item.name: item for item in before.items}
    for item in now.items:
        last = old.pop(item.name, None)
        if last is None:
            yield Change("rewritten" if item.name in TEXTS else "first", item.name, new=item.value)
        elif last.value != item.value:
            yield Change(_kind(last, item), item.name, old=last.value, new=item.value)
    for item in old.values():
        yield Change("lost", item.name, old=item.value)


def _kind(last: Item, now: Item) -> str:
    """A record that now says something else was mended, unless its reason says that life went on; another record says
    what has changed since, unless whoever answered said that the earlier one had been wrong."""
    if now.name in TEXTS:
        return "rewritten"
    mended = bool(now.origin) and last.origin == now.origin and now.how != "changed"
    return "corrected" if now.how == "corrected" or mended else "changed"


def in_words(change: Change, speech: Speech) -> Pair:
    """A change as a sentence in the languages of the sheet."""
    if change.name:
        return speech.own(
            f"diff_{change.kind}",
            label=speech.label(change.name),
            old=_said(change.name, change.old, speech),
            new=_said(change.name, change.new, speech),
        )
    told = {"old": speech.date(change.old), "new": speech.date(change.new)}
    if change.kind == "status":
        told = {"old": speech.choice("stand", change.old), "new": speech.choice("stand", change.new)}
    why = f"diff_{change.kind}_why" if change.reason else f"diff_{change.kind}"
    return speech.own(why, goal=change.goal, reason=change.reason, **told)


def _said(name: str, value: str, speech: Speech) -> Pair:
    """An answer within a sentence; one that is a sentence itself is not repeated."""
    return speech.plain("…") if name in TEXTS else speech.choice(name, value)
