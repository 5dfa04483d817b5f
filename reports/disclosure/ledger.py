"""What has been published already: figures a reader may hold beside a new report.

First shape: the figures a town has printed itself, read from a file of the study. A cell that equals such a figure
stands as published, with its source, whatever its size; and what is printed besides must not tell more together with
it. The ledger of our own releases joins here.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from reports.disclosure.safe import Value
from validation.errors import ReportError

COLUMNS = ("municipality", "date", "figure", "value", "status", "source")
PUBLIC = ("published", "derived")
"""Status of a figure that readers have or can work out; `assumed` and `invented` ones are not public."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One published figure. status: `published` stands in the source, `derived` is arithmetic on published ones."""

    municipality: str
    date: dt.date
    figure: str
    value: Value
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """All figures that are public. Empty when nothing is."""

    figures: tuple[Figure, ...] = ()

    def find(self, municipality: str, date: dt.date, figure: str) -> Figure | None:
        """The published figure of a town and day, or None."""
        wanted = (municipality, date, figure)
        return next((f for f in self.figures if (f.municipality, f.date, f.figure) == wanted), None)

    def of(self, municipality: str) -> Ledger:
        """The figures of one town."""
        return Ledger(tuple(figure for figure in self.figures if figure.municipality == municipality))


def read_published(path: Path) -> Ledger:
    """The public figures of a CSV file with at least `COLUMNS`; an absent file is an empty ledger.

    ReportError names the file, the row (the first one below the heading is 2) and the column of what cannot be read.
    """
    if not path.exists():
        return Ledger()
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            if not set(COLUMNS) <= set(reader.fieldnames or ()):
                raise ReportError("report.published_unreadable", path=path, columns=", ".join(COLUMNS))
            return Ledger(tuple(_figures(path, reader)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ReportError("report.published_unreadable", path=path, columns=", ".join(COLUMNS)) from error


def _figures(path: Path, rows: Iterable[dict[str, str]]) -> Iterable[Figure]:
    for number, row in enumerate(rows, start=2):
        if row["status"] not in PUBLIC:
            continue
        column = "date"
        try:
            date = dt.date.fromisoformat(row["date"])
            column = "value"
            value = Decimal(row["value"])
        except (ValueError, InvalidOperation, TypeError) as error:
            raise ReportError("report.published_row", path=path, row=number, column=column) from error
        if not value.is_finite() or not row["figure"] or not row["source"]:
            raise ReportError("report.published_row", path=path, row=number, column="value, figure, source")
        exact: Value = int(value) if value == value.to_integral_value() else value
        yield Figure(row["municipality"], date, row["figure"], exact, row["status"], row["source"])
