"""Stock, movement and bridge taken together, against a reader who tries every town that would print the same."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict

import pytest

from reports.disclosure import Policy
from reports.disclosure.ledger import Ledger
from reports.movement import person_tables
from reports.snapshot import episodes
from reports.task import Marks, Task
from scenario.town import Town

POLICY = Policy("public", {"person": 3})
PARTS = ("opening", "came", "independent", "other", "private")
Vector = tuple[int, ...]


def printed(vector: Vector) -> str:
    """Every number of the town's first year that the report shows or works out from: all tables of persons."""
    opening, came, independent, other, private = vector
    town = Town("08999009")
    town.arrive(opening, 2017)
    town.leave(independent, 2018)
    town.leave(other, 2018, "untergetaucht")
    town.arrive(came, 2018)
    town.arrive(private, 2018, "privat_ua", "UA")
    task = Task(POLICY, "de", dt.date(2018, 12, 31), Marks(Ledger(), town.ags, "de", {}), {})
    tables, folded = person_tables(task, episodes(town.tables()), Ledger())
    return f"{folded} {[str(table) for table in tables]}"


def told(*ranges: range) -> list[tuple[str, Vector]]:
    """Small counts with one possible value among the towns that print the same. Views that touch the edge of what was
    tried may be incomplete and are left out."""
    views: dict[str, list[Vector]] = defaultdict(list)
    for vector in itertools.product(*ranges):
        views[printed(vector)].append(vector)
    complete = [same for same in views.values() if not any(map(_at_the_edge, ranges, zip(*same, strict=True)))]
    assert len(complete) > 3
    return [
        (part, same[0])
        for same in complete
        for part, values in zip(PARTS, zip(*same, strict=True), strict=True)
        if len(set(values)) == 1 and 0 < values[0] < 3
    ]


def _at_the_edge(tried: range, values: Vector) -> bool:
    if len(tried) == 1:
        return False
    return max(values) == tried[-1] or 0 < tried[0] == min(values)


def test_exits_stay_closed() -> None:
    assert told(range(9, 10), range(3, 4), range(7), range(7), range(1)) == []


def test_entries_stay_closed() -> None:
    assert told(range(6, 13), range(7), range(3, 4), range(1), range(1)) == []


def test_a_small_private_group_stays_closed() -> None:
    assert told(range(6, 11), range(5), range(3, 4), range(1), range(5)) == []


@pytest.mark.long
def test_all_of_it_together_stays_closed() -> None:
    assert told(range(7, 11), range(5), range(5), range(5), range(4)) == []
