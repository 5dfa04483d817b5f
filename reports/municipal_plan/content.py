"""What a report on a municipal plan prints: texts, lights and protected tables. It travels to the notebook as JSON."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from reports.disclosure import SafeNumber, SafeTable
from reports.municipal_plan.model import Plan
from reports.municipal_plan.school import Comparison
from reports.municipal_plan.travel import plain, rebuilt
from validation.errors import ReportError

INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Entered:
    """What stands beside a measurement: when, the document it is from, who took it."""

    day: dt.date
    evidence: str
    by: str


@dataclass(frozen=True, slots=True)
class Taught:
    """A language programme of a Kita; its number of children is a row of the table `programmes`."""

    key: str
    kita: str
    group: str
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class Content:
    """One report. day: what is known on it.  threshold, special: smallest counts that are printed (0: internal).

    lights: number of the indicator -> code.  entered: the same -> its measurements, as the rows of its table.
    labels: kind -> code -> label.  tables: `fields` (things), `series-<number>` and `course-<number>` of each
    indicator, `school`, `programmes`.
    """

    municipality: str
    name: str
    day: dt.date
    language: str
    audience: str
    demo: bool
    plain: bool
    threshold: int
    special: int
    sign: str
    data_sign: str
    plan: Plan
    lights: Mapping[str, str]
    entered: Mapping[str, tuple[Entered, ...]]
    comparisons: tuple[Comparison, ...]
    programmes: tuple[Taught, ...]
    labels: Mapping[str, Mapping[str, str]]
    tables: Mapping[str, SafeTable]

    def number(self, table: str, row: str, column: str) -> SafeNumber:
        """A number of a table."""
        return self.tables[table].number(row, column)

    def label(self, kind: str, code: str) -> str:
        """The label of a code; the code itself where it has none."""
        return self.labels[kind].get(code, code)

    def to_json(self) -> str:
        """The content as text; the same content gives the same bytes."""
        return json.dumps(plain(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The content in a file; ReportError when it is damaged or another program's."""
        try:
            return rebuilt(cls, json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise ReportError("report.bundle", path=path.name) from error
