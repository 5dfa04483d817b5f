"""A follow-up: a form with each mode, and what was known of one person before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from intake.interview.session import Session
from scenario.interview import NOW, form
from validation import Form

TEXT = Path(__file__).with_name("followup.md").read_text(encoding="utf-8")
DAY = date(2022, 3, 12)


@dataclass(frozen=True)
class Last:
    """An answer of before."""

    value: str
    on: date = DAY


KNOWN = {
    "/data/stand/deutsch": Last("b1"),
    "/data/stand/bis": Last("2026-12-31"),
    "/data/stand/telefon": Last("07051 4711"),
    "/data/stand/arbeit": Last("ja"),
    "/data/stand/wohnt": Last("Calw"),
    "/data/stand/sprachen": Last("ar ku"),
    "/data/stand/wohl": Last("3"),
    "/data/stand/einreise": Last("2015"),
    "/data/stand/arbeitgeber": Last("Bäckerei Maier"),
    "/data/stand/stunden": Last("19.5"),
    "/data/ziele/ziel[1]/was": Last("B1 abschließen"),
    "/data/ziele/ziel[1]/zielstand": Last("offen"),
    "/data/ziele/ziel[2]/was": Last("Arbeit finden"),
    "/data/ziele/ziel[2]/zielstand": Last("offen"),
}


def followup() -> Form:
    return form(TEXT)


def session(last: Mapping[str, Last] | None = KNOWN, **settings: Any) -> Session:
    """A follow-up without a study, begun with what was known."""
    opened = Session(followup(), now=lambda: NOW, last=last, **settings)
    opened.bring(opened.followup.carried(opened.instance))
    return opened
