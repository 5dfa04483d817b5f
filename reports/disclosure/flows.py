"""Stock and flow over the years: stock_start + in - out = stock_end is linear, so one hidden cell would be no secret.

Instead of hiding, neighbouring years are put together until every flow is 0 or reaches the threshold.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.disclosure.policy import Policy
from reports.disclosure.safe import Cell, Column, Row, SafeTable, is_safe
from validation.messages import say

COLUMNS = ("stock_start", "entries", "exits", "stock_end")


@dataclass(frozen=True, slots=True)
class YearFlow:
    """One year's movement: stock_start + entries - exits = stock_end. Counts of persons."""

    year: int
    stock_start: int
    entries: int
    exits: int
    stock_end: int

    def __post_init__(self) -> None:
        if self.stock_start + self.entries - self.exits != self.stock_end:
            raise ValueError(f"year {self.year}: the stock identity fails")


def protect_flows(
    years: Sequence[YearFlow],
    policy: Policy,
    *,
    key: str,
    title: str,
    columns: Mapping[str, str],
    stub: str = "",
    language: str = "de",
    population: str = "",
    public: Mapping[tuple[int, str], str] | None = None,
) -> SafeTable:
    """The flows that may be printed: a row a year, or a row a period where single years would tell too much.

    years: consecutive, each starting where the last one ended (ValueError otherwise).  columns: heading of each of
    `COLUMNS`. public: (year, column) -> publication which printed the figure of that year (stocks and single years'
    flows carry it). The total row covers all years.
    Where not even the whole period is safe (or its first or last stock) no row and no total is printed.
    """
    for before, after in itertools.pairwise(years):
        if after.year != before.year + 1 or after.stock_start != before.stock_end:
            raise ValueError(f"the years {before.year} and {after.year} do not join")
    threshold = policy.threshold("person")
    heads = tuple(Column(name, columns[name], threshold) for name in COLUMNS)
    groups = _merged(list(years), threshold)
    if not groups or not all(_safe(group, threshold) for group in groups):
        note = (say("report.coarsened_withheld", language, title=title),) if years else ()
        return SafeTable(key, title, heads, (), None, population, stub, policy.sign, coarsened=note)
    marks = dict(public or {})
    rows = tuple(_row(group, _name(group), _name(group), marks) for group in groups)
    total = _row(list(years), "total", say("report.total", language), marks)
    merged = [_name(group) for group in groups if len(group) > 1]
    notes = tuple(say("report.coarsened_years", language, title=title, years=name) for name in merged)
    return SafeTable(key, title, heads, rows, total, population, stub, policy.sign, coarsened=notes)


def _merged(years: list[YearFlow], threshold: int) -> list[list[YearFlow]]:
    """Neighbouring years together, from the left, until each group is safe; what is left over joins the ones before
    it."""
    groups: list[list[YearFlow]] = []
    current: list[YearFlow] = []
    for year in years:
        current.append(year)
        if _safe(current, threshold):
            groups.append(current)
            current = []
    while current and groups and not _safe(current, threshold):
        current = groups.pop() + current
    return [*groups, current] if current else groups


def _safe(group: Sequence[YearFlow], threshold: int) -> bool:
    return all(is_safe(value, threshold) for value in _values(group))


def _values(group: Sequence[YearFlow]) -> tuple[int, int, int, int]:
    return (
        group[0].stock_start,
        sum(year.entries for year in group),
        sum(year.exits for year in group),
        group[-1].stock_end,
    )


def _name(group: Sequence[YearFlow]) -> str:
    return str(group[0].year) if len(group) == 1 else f"{group[0].year}–{group[-1].year}"


def _row(group: Sequence[YearFlow], key: str, label: str, marks: Mapping[tuple[int, str], str]) -> Row:
    first, last = group[0].year, group[-1].year
    known = {"stock_start": marks.get((first, "stock_start"), ""), "stock_end": marks.get((last, "stock_end"), "")}
    if first == last:
        known |= {name: marks.get((first, name), "") for name in ("entries", "exits")}
    cells = tuple(Cell(value, known.get(name, "")) for name, value in zip(COLUMNS, _values(group), strict=True))
    return Row(key, label, cells)
