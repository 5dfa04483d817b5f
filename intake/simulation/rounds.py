"""Follow-up rounds: the same person is asked again, and what was said before goes on as the form's `follow_up` says.

    carry        the answer is taken over and never changes; so is the question that says whom the record is about
    reactive     asked and compared: it changes now and then
    proactive    the last answer is shown: it changes more often. Also where the form says nothing
    independent  asked afresh

Entries of repeats stay, and some come on top. A day in the past that was noted (a goal reached, a decision received)
is history: it stays, and so does the status that was the reason to ask for it. Other dates move on with the time. A
status whose hint has `moves` becomes what these allow. What a whole section hangs on stays.
"""

from __future__ import annotations

import contextlib
import random
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from intake.simulation.filling import Filler
from intake.simulation.walk import nodeset_of, open_repeats, questions, subject_of
from validation.errors import AnswerError
from validation.form import Bind, Form
from validation.instance import Instance, locate
from validation.xpath.parser import references

CHANGES: Mapping[str, float] = {"carry": 0.0, "reactive": 0.05, "proactive": 0.2, "independent": 1.0}
GAP = (120, 240)  # days between two rounds
MISSING = "__missing"
_PAST = re.compile(r"(?<![\w)\]])\.\s*<=?\s*(?:today|now)\(\)")


def round_times(now: datetime, rounds: int, rng: random.Random) -> Iterator[datetime]:
    """When the rounds of one person end: the last at `now`, each some months after the one before."""
    gaps = [rng.randint(*GAP) for _ in range(rounds - 1)]
    for number in range(rounds):
        yield now - timedelta(sum(gaps[number:]))


def following(filler: Filler, before: Instance) -> None:
    """Puts into a new record what the one before knew, and remembers what its answers would wish."""
    filler.followed = True
    for path, _ in open_repeats(before):
        for _ in range(len(before.entries(path)) - len(filler.instance.entries(path))):
            filler.instance.add_repeat(path)
    known = {path: before.value(path) for path, _ in questions(before) if before.value(path)}
    kept = _taken_over(filler, before, known)
    filler.given = frozenset(path for path in kept if _value(filler.instance, path) == known[path])


def _taken_over(filler: Filler, before: Instance, known: Mapping[str, str]) -> set[str]:
    """Answers as before what goes on. The paths of what never changes."""
    steering = _steering(filler.form)
    filler.decided.update(steering - set(known))  # what was left open and decides much is left open again
    history = {*_history(before, known), *steering}
    kept: set[str] = set()
    waiting: dict[str, str] = {}
    for path, text in known.items():
        changes = 0.0 if path in history else _changes(filler, nodeset_of(path.removesuffix(MISSING)))
        moved = filler.guide.hint(nodeset_of(path)).moves
        if moved and path not in history:
            waiting[path] = filler.rng.choice(moved.get(text, (text,)))
        elif filler.rng.random() >= changes:
            waiting[path] = text
            if changes == 0.0:
                kept.add(path)
        else:
            _wish(filler, before, path)
    # What is not asked yet gets no answer: it would stand in the record unseen. One answer makes others asked.
    while asked := [path for path in waiting if filler.asked(path)]:
        for path in asked:
            _put(filler.instance, path, waiting.pop(path))
            filler.decided.add(path)
    return kept


def _changes(filler: Filler, nodeset: str) -> float:
    """How often an answer is another one in the next round."""
    if nodeset == subject_of(filler.form):
        return 0.0
    bind = filler.form.binds.get(nodeset, Bind(nodeset))
    return CHANGES.get(bind.columns.get("follow_up", ""), CHANGES["proactive"])


def _history(before: Instance, known: Mapping[str, str]) -> Iterator[str]:
    """Paths of days in the past that were noted, and of the statuses, asked afresh, for which they were."""
    binds = before.form.binds
    for path in known:
        bind = binds.get(nodeset_of(path))
        dated = bind is not None and bind.type in ("date", "dateTime") and bind.constraint is not None
        if bind is None or not dated or bind.constraint is None or not _PAST.search(bind.constraint.source):
            continue
        yield path
        for cause in references(bind.relevant, bind.nodeset) if bind.relevant is not None else ():
            if cause in binds and binds[cause].columns.get("follow_up") == "independent":
                yield locate(cause, path)


def _steering(form: Form) -> set[str]:
    """Nodesets of what decides whether a whole section is asked: it stays, else a life would begin anew."""
    sections = {nodeset.rpartition("/")[0] for nodeset in form.binds} | set(form.repeats)
    read: set[str] = set()
    for nodeset in sections & set(form.binds):
        rule = form.binds[nodeset].relevant
        read |= references(rule, nodeset) if rule is not None else frozenset()
    return read


def _put(instance: Instance, path: str, text: str) -> None:
    with contextlib.suppress(AnswerError):  # read-only now, or of an entry that is not there any more
        instance.answer(path, text)


def _value(instance: Instance, path: str) -> str:
    try:
        return instance.value(path)
    except AnswerError:
        return ""


def _wish(filler: Filler, before: Instance, path: str) -> None:
    """A day that is asked again lies as much later as the time that has gone by, or a little more."""
    earlier = before.typed(path)
    if not isinstance(earlier, date):
        return
    passed = filler.instance.now - before.now
    for more in (filler.rng.randint(0, 60), 0, 1):
        try:
            filler.wishes.setdefault(path, []).append(earlier + passed + timedelta(more))
        except OverflowError:
            return
