"""How people fill in a form by themselves, as `[self]` in study.toml says it; used by the interview and by reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

UNFINISHED = ("discard", "incomplete")
AUTHOR = "self"
WHOLE, PART = "ganz", "teil"


@dataclass(frozen=True, slots=True)
class SelfCompletion:
    """`idle_minutes`: without input for so long, a kiosk goes back to its start. `unfinished`: what somebody left in
    the middle is thrown away ('discard') or handed in as it is ('incomplete'). `link_days`: how many days a one-time
    link can be gone on with. `mark`: the question that then says 'ganz' or 'teil'; '' where the forms have none."""

    idle_minutes: int = 5
    unfinished: str = "discard"
    link_days: int = 21
    mark: str = ""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """From what `fits`."""
        return cls(**settings)

    @classmethod
    def fits(cls, value: Any) -> bool:
        """Whether a table of study.toml can be read as this."""
        if not isinstance(value, dict) or set(value) - set(cls.__slots__):
            return False
        given = {"idle_minutes": 5, "unfinished": "discard", "link_days": 21, "mark": "", **value}
        return (
            type(given["idle_minutes"]) is int
            and 1 <= given["idle_minutes"] <= 120
            and given["unfinished"] in UNFINISHED
            and type(given["link_days"]) is int
            and 1 <= given["link_days"] <= 366
            and isinstance(given["mark"], str)
        )
