"""What the tables of one report have in common: policy, language, day, labels, and which figures are published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from reports.disclosure import Policy, Row, SafeTable, protect
from reports.disclosure.ledger import Ledger
from reports.sources import MISSING
from reports.wording import day as day_text
from validation.messages import area, say

Labels = Mapping[str, Mapping[str, str]]
"""Category column -> {code: label}, see `reports.sources.labels`."""


class Marks:
    """Footnote signs: a figure that equals a published one gets the sign of its source, in order of appearance."""

    def __init__(self, ledger: Ledger, municipality: str, language: str, labels: Labels) -> None:
        self._ledger, self._municipality, self._language, self._labels = ledger, municipality, language, labels
        self.sources: dict[str, str] = {}
        self.differs: list[str] = []

    def sign(self, figure: str, date: dt.date, value: int | Decimal | None) -> str:
        """The sign, or empty when nothing was published or another value was."""
        found = self._ledger.find(self._municipality, date, figure)
        if found is None or value is None:
            return ""
        if found.value != value:
            self.differs.append(f"{self._name(figure)} ({day_text(date, self._language)})")
            return ""
        text = found.source
        if found.status == "derived":
            text = say("report_method.derived", self._language, source=found.source)
        for sign, known in self.sources.items():
            if known == text:
                return sign
        self.sources[str(len(self.sources) + 1)] = text
        return str(len(self.sources))

    def _name(self, figure: str) -> str:
        """What a published figure is called in the report; its key where it has no name."""
        kind, _, code = figure.partition(".")
        if code:
            found = self._labels.get(kind, {}).get(code, code)
            return say("report_figure.nationality", self._language, label=found)
        named = f"report_figure.{kind}" in area("report_figure")
        return say(f"report_figure.{kind}", self._language) if named else figure

    def of(self, figures: Mapping[str, tuple[str, dt.date, int]]) -> dict[str, str]:
        """{category: (figure, date, value)} -> {category: sign} for those that are public."""
        signs = {category: self.sign(*spec) for category, spec in figures.items()}
        return {category: sign for category, sign in signs.items() if sign}


def in_reading_order(
    tables: Mapping[str, SafeTable], sources: Mapping[str, str], order: Iterable[str]
) -> tuple[dict[str, SafeTable], dict[str, str]]:
    """Tables and sources with the footnote signs numbered as a reader meets them: tables of `order` first, then the
    rest. A source that no printed cell refers to is left out."""
    signs: dict[str, str] = {"": ""}

    def renumbered(row: Row) -> Row:
        for cell in row.cells:
            signs.setdefault(cell.source, str(len(signs)))
        return replace(row, cells=tuple(replace(cell, source=signs[cell.source]) for cell in row.cells))

    made = {}
    for key in dict.fromkeys((*order, *tables)):
        table = tables[key]
        rows = tuple(renumbered(row) for row in table.rows)
        made[key] = replace(table, rows=rows, total=renumbered(table.total) if table.total else None)
    return made, {new: sources[old] for old, new in signs.items() if old}


@dataclass(frozen=True, slots=True)
class Task:
    """What the tables of one report have in common."""

    policy: Policy
    language: str
    day: dt.date
    marks: Marks
    labels: Labels

    def title(self, code: str, **names: object) -> str:
        return say(f"report_title.{code}", self.language, **{"day": day_text(self.day, self.language), **names})

    def column(self, name: str) -> str:
        return say(f"report_column.{name}", self.language)

    def label(self, area: str, codes: Iterable[str]) -> dict[str, str]:
        known = self.labels.get(area, {})
        return {c: self.column("missing") if c == MISSING else known.get(c, c) for c in codes}

    def count(self, counts: Mapping[str, int], key: str, title: str, stub: str, **more: Any) -> SafeTable:
        return protect(counts, self.policy, key=key, title=title, stub=stub, language=self.language, **more)
