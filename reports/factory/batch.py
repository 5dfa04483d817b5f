"""Many reports, one after the other: a failure is a row of the result, not the end of the run."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.annual import AnnualParameters, Built, build
from validation.errors import LotsenbuchError
from validation.messages import say

if TYPE_CHECKING:
    from intake.study import Study
    from reports.sources import Tables

Progress = Callable[[int, int, str], None]
"""Called before each report with how many are done, how many there are, and the town's name."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One town's row: the files, or the error that stopped it."""

    municipality: str
    name: str
    built: Built | None = None
    error: LotsenbuchError | None = None
    unexpected: str = ""

    @property
    def ok(self) -> bool:
        return self.built is not None

    def message(self, language: str = "de") -> str:
        """The file's name, or what went wrong in one sentence."""
        if self.built is not None:
            return self.built.html.name
        if self.error is not None:
            return self.error.text(language)
        return say("report.unexpected", language, kind=self.unexpected)


@dataclass(frozen=True, slots=True)
class BatchResult:
    """All rows, in the order they were asked for."""

    year: int
    outcomes: tuple[Outcome, ...]

    @property
    def ok(self) -> bool:
        """True when every report was made."""
        return all(outcome.ok for outcome in self.outcomes)

    def to_json(self, language: str = "de") -> dict[str, Any]:
        """Plain data for programs."""
        rows = [
            {
                "municipality": outcome.municipality,
                "name": outcome.name,
                "ok": outcome.ok,
                "html": str(outcome.built.html) if outcome.built else None,
                "pdf": str(outcome.built.pdf) if outcome.built else None,
                "error": None if outcome.ok else outcome.message(language),
            }
            for outcome in self.outcomes
        ]
        return {"year": self.year, "ok": self.ok, "reports": rows}


def run_batch(
    study: Study,
    *,
    year: int,
    language: str = "de",
    municipalities: Sequence[str] | None = None,
    out: Path,
    known_at: dt.datetime | None = None,
    progress: Progress | None = None,
) -> BatchResult:
    """The reports of many towns; `municipalities` None takes all of the study.

    Parameters that are wrong for every town raise UsageError before anything runs. Whatever stops one report becomes
    its row, and the next one is made. The study is read once: all reports know the same.
    """
    from reports.as_of import followed_tables

    read = functools.cache(lambda: followed_tables(study, known_at=known_at))
    towns = list(study.municipalities) if municipalities is None else list(municipalities)
    asked = [AnnualParameters(ags, year, language) for ags in towns]
    outcomes = []
    for done, parameters in enumerate(asked):
        name = study.municipalities.get(parameters.municipality, parameters.municipality)
        if progress is not None:
            progress(done, len(asked), name)
        outcomes.append(_one(study, parameters, name, out, known_at, read))
    return BatchResult(year, tuple(outcomes))


def _one(
    study: Study,
    parameters: AnnualParameters,
    name: str,
    out: Path,
    known_at: dt.datetime | None,
    read: Callable[[], Tables],
) -> Outcome:
    try:
        built = build(study, parameters, out=out, known_at=known_at, read=read)
    except LotsenbuchError as error:
        return Outcome(parameters.municipality, name, error=error)
    except Exception as error:  # noqa: BLE001 - one broken report must not cost the others theirs; the row says so
        return Outcome(parameters.municipality, name, unexpected=type(error).__name__)
    return Outcome(parameters.municipality, name, built=built)
