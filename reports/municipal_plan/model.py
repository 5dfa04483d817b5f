"""What a municipal plan says: texts and days. Its figures stand apart (`Figures`): only protected ones travel on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from reports.municipal_plan.lights import Course

STATES = ("offen", "laeuft", "umgesetzt", "verworfen")
"""Codes of what became of a measure, in the order in which it goes."""
DONE = "umgesetzt"


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure. status: one of `STATES`.  late: its end is over and it is neither done nor dropped."""

    number: str
    text: str
    lead: str
    partners: str
    begin: dt.date | None
    end: dt.date | None
    status: str
    reason: str
    late: bool


@dataclass(frozen=True, slots=True)
class Indicator:
    """What an indicator counts, without a figure. unit: prozent | anzahl | verhaeltnis.  breaks: (day from which it is
    counted in another way, what changed)."""

    number: str
    name: str
    numerator: str
    denominator: str
    unit: str
    direction: str
    source: str
    baseline_on: dt.date | None
    target_on: dt.date | None
    breaks: tuple[tuple[dt.date, str], ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """An operative goal. unmeasured: why it can't be measured, where an entry says so; it may be empty."""

    number: str
    text: str
    due: dt.date | None
    measures: tuple[Measure, ...]
    indicators: tuple[Indicator, ...]
    unmeasured: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field of action. code: the plan's own.  district: code of the Kreis's field it belongs to.  rating: label.

    runs, exists, lacks, rating, source, as_of: the status analysis; what it does not say is empty or None.
    """

    code: str
    name: str
    district: str
    aim: str
    runs: str
    exists: str
    lacks: str
    rating: str
    source: str
    as_of: dt.date | None
    goals: tuple[Goal, ...]

    def measures(self) -> Iterator[Measure]:
        """All measures of the field."""
        return (measure for goal in self.goals for measure in goal.measures)


@dataclass(frozen=True, slots=True)
class Plan:
    """A municipal plan as its newest version says it. adopted None: a draft.  absent: names of the default fields that
    it has nothing for."""

    id: str
    title: str
    adopted: dt.date | None
    begin: dt.date
    end: dt.date | None
    vision: str
    fields: tuple[Field, ...]
    absent: tuple[str, ...]

    def goals(self) -> Iterator[Goal]:
        """All goals, field by field."""
        return (goal for field in self.fields for goal in field.goals)

    def indicators(self) -> Iterator[Indicator]:
        """All measurable indicators, goal by goal."""
        return (indicator for goal in self.goals() for indicator in goal.indicators)


@dataclass(frozen=True, slots=True)
class Measurement:
    """A measurement as it was entered. denominator: None for a plain number.  evidence: the document behind it."""

    day: dt.date
    numerator: Decimal
    denominator: Decimal | None
    evidence: str
    by: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The raw figures of an indicator; they don't leave `reports.municipal_plan.collecting`. measurements: by day."""

    course: Course
    unit: str
    measurements: tuple[Measurement, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """One line of a school-entry measurement, raw. year: the second of the two years of the label.  area: gemeinde |
    kitagruppe, kita: which group.  exposed: ja | nein | '' (not known).  recounted: counted in another way than the
    year before."""

    label: str
    year: int
    area: str
    kita: str
    language: str
    exposed: str
    programme: str
    examined: int
    need: int
    recounted: bool
    source: str


@dataclass(frozen=True, slots=True)
class Programme:
    """A language programme of a Kita in one Kita year. year: the second of the two.  children: raw, None: not said."""

    kita: str
    group: str
    kind: str
    label: str
    year: int
    children: int | None
