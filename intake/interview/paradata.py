"""How an interview went: time per section, changes, languages, interpreter. Never what was answered.

    collect(course, drawing, ended)     goes with the submission, where the study wants it
    table(submissions)                  the same as rows, for who reads them

Time is what lies between one operation and the next. A pause of more than five minutes counts as five, so that a night
between two halves of an interview is not taken for work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from intake.interview.course import LONGEST_PAUSE, Course, Step
from intake.interview.drawing import Drawing
from intake.submission import Submission

VERSION = 1
INTERPRETER = "interpreter"
INTERPRETERS = frozenset({"", "none", "professional", "volunteer", "relative", "phone"})

_POSITION = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Row:
    """The paradata of one submission as one row. `seconds` is all sections together, `by_section` {name: seconds};
    `changes` the number of changes to answers, `changed` {nodeset: number}."""

    submission: str
    form_id: str
    ended: datetime
    languages: tuple[str, ...]
    interpreter: str
    seconds: int
    by_section: dict[str, int]
    changes: int
    changed: dict[str, int]
    overrides: int


def collect(course: Course, drawing: Drawing, ended: datetime, *, overrides: int) -> dict[str, Any]:
    """What a submission carries: {languages, interpreter, seconds, changes, overrides, version}.

    `seconds` {name of the section: whole seconds} only of sections that were visited; `changes` {nodeset of a
    question: how often it was changed}, a run of key strokes counting once; `overrides` warnings that were kept.
    """
    names = {element.id: element.nodeset.rsplit("/", 1)[-1] or element.id for element in drawing.sections}
    seconds: dict[str, timedelta] = {}
    here = ""
    for step, after in _pairs(course.steps, ended):
        if step.op == "visit":
            here = names.get(str(step.payload["section"]), str(step.payload["section"]))
        if here:
            pause = max(timedelta(0), min(after - step.moment, LONGEST_PAUSE))
            seconds[here] = seconds.get(here, timedelta(0)) + pause
    return {
        "languages": [name for name in course.spoken if name],
        "interpreter": course.settings.get(INTERPRETER, ""),
        "seconds": {name: round(spent.total_seconds()) for name, spent in seconds.items()},
        "changes": _changes(course.steps),
        "overrides": overrides,
        "version": VERSION,
    }


def table(submissions: Iterable[Submission]) -> list[Row]:
    """The paradata of submissions as rows; those that carry none are left out."""
    return [
        Row(
            submission=each.id,
            form_id=each.form_id,
            ended=each.ended,
            languages=tuple(found.get("languages", ())),
            interpreter=found.get("interpreter", ""),
            seconds=sum(found.get("seconds", {}).values()),
            by_section=dict(found.get("seconds", {})),
            changes=sum(found.get("changes", {}).values()),
            changed=dict(found.get("changes", {})),
            overrides=found.get("overrides", 0),
        )
        for each in submissions
        if (found := each.paradata)
    ]


def _pairs(steps: list[Step], ended: datetime) -> Iterator[tuple[Step, datetime]]:
    """Each step with the moment of what came next."""
    moments = [step.moment for step in steps[1:]]
    return zip(steps, [*moments, ended], strict=False)


def _changes(steps: list[Step]) -> dict[str, int]:
    found: dict[str, int] = {}
    before: Step | None = None
    for step in steps:
        if step.op in ("answer", "attach") and not step.brought:
            again = (
                before is not None
                and (before.op, before.key) == (step.op, step.key)
                and step.moment - before.moment <= LONGEST_PAUSE
            )
            if not again:
                nodeset = _POSITION.sub("", step.payload["path"]).removesuffix("__missing")
                found[nodeset] = found.get(nodeset, 0) + 1
        before = step
    return found
