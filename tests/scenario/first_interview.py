"""The shipped forms, and a first interview begun on a day that stands still."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from intake.xlsform import convert, read_converted
from validation.form import Form
from validation.instance import Instance

FORMS = Path(__file__).parents[2] / "data" / "forms"
NOW = dt.datetime(2022, 6, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))
TODAY = NOW.date()


@cache
def form(name: str) -> Form:
    return read_converted(convert(FORMS / f"{name}.md"))


def begun(**answers: object) -> Instance:
    """A first interview in which the case, a date of birth and what is given is answered. Keys: section__question."""
    instance = Instance(form("erstgespraech"), now=NOW)
    given = {"fall__gemeinde": "08235007", "fall__person": "P-000001", "fall__datum": TODAY} | answers
    for name, value in given.items():
        instance.answer("/data/" + name.replace("__", "/", 1), value)
    return instance


def kinds(instance: Instance, question: str) -> set[str]:
    """What is wrong with a question: required, constraint, warning."""
    return {each.kind for each in instance.violations() if each.path == f"/data/{question}"}
