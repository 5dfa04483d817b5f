"""Two windows on one interview: whether a change meets one that its window did not know of, and what both say.

    clash(course, drawing, message, path)      None: it may be done; else the message that shows both versions

A window says with each change what it knew: `base`, the number of operations, and `was`, the answer and the reason
that stood there. Only where another window changed the same question since, and to something else, is a person asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import tzinfo
from typing import Any

from intake.interview.controls import WITH_CHOICES
from intake.interview.course import Course
from intake.interview.description import Element, Json, Language
from intake.interview.drawing import Drawing
from intake.interview.entry import entered, shown
from validation.errors import AnswerError
from validation.instance import Instance

ANSWERS = frozenset({"answer", "reason"})


def clash(course: Course, drawing: Drawing, message: Mapping[str, Any], path: str | None) -> Json | None:
    """The message that shows both versions of an answer; None where the change may be done.

    `path` is where the question is now, None where its entry was taken away.
    """
    key = str(message.get("key") or "")
    element = drawing.elements.get(key.rpartition("/")[2])
    if message.get("op") not in ANSWERS or element is None:
        return None
    if path is None:
        return _both(message, worded(course.instance, element, "", drawing, *_mine(message)), None)
    if not overtaken(course, message, key):
        return None
    now = standing(course.instance, path)
    value, reason = _mine(message)
    zone = course.instance.now.tzinfo
    after = ("", reason) if reason else (_lexical(value, element, drawing, zone), "" if value else now[1])
    was = message.get("was")
    known = None
    if isinstance(was, list) and len(was) == 2:
        known = (_lexical(str(was[0]), element, drawing, zone), str(was[1]))
    if now in (after, known):
        return None
    theirs = worded(course.instance, element, path, drawing, *now)
    return _both(message, worded(course.instance, element, path, drawing, value, reason), theirs)


def overtaken(course: Course, message: Mapping[str, Any], key: str | None = None) -> bool:
    """Whether another window did something since this one knew: to an element, an entry ('<entry>/') or at all."""
    base = message.get("base")
    since = course.steps[base:] if isinstance(base, int) and base >= 0 else []
    return any(
        step.foreign and (key is None or step.key == key or (key.endswith("/") and step.key.startswith(key)))
        for step in since
    )


def _mine(message: Mapping[str, Any]) -> tuple[str, str]:
    value = str(message.get("value") or "")
    return ("", value) if message.get("op") == "reason" else (value, "")


def standing(instance: Instance, path: str) -> tuple[str, str]:
    """The answer and the reason for none that stand at a question."""
    reason = ""
    with suppress(AnswerError):  # most questions have no place for a reason
        reason = instance.value(f"{path}__missing")
    return instance.value(path), reason


def _lexical(value: str, element: Element, drawing: Drawing, zone: tzinfo | None) -> str:
    return entered(value, element.type, drawing.languages[0].catalogue, zone)


def _both(message: Mapping[str, Any], mine: list[str], theirs: list[str] | None) -> Json:
    return {
        "type": "conflict",
        "op_id": message["op_id"],
        "op": message["op"],
        "key": str(message.get("key") or ""),
        "value": message.get("value"),
        "mine": mine,
        "theirs": theirs,  # None: the entry is not there any more
    }


def worded(instance: Instance, element: Element, path: str, drawing: Drawing, value: str, reason: str) -> list[str]:
    """An answer in each language shown, as a person reads it; '' for none."""
    return [_in(language, instance, element, path, value, reason) for language in drawing.languages]


def _in(language: Language, instance: Instance, element: Element, path: str, value: str, reason: str) -> str:
    place, given = (f"{path}__missing", reason) if reason else (path, value)
    if not reason and element.control not in WITH_CHOICES:
        return shown(value, element.type, language.catalogue, instance.now.tzinfo)
    labels: dict[str, str] = {}
    with suppress(AnswerError):
        labels = dict(instance.choices(place, language.name or None))
    return ", ".join(labels.get(each, each) for each in given.split())
