"""Dataclasses to JSON and back, by their types."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from reports.municipal_plan.travel import plain, rebuilt


@dataclass(frozen=True)
class Leaf:
    name: str
    day: dt.date | None


@dataclass(frozen=True)
class Tree:
    leaves: tuple[Leaf, ...]
    pairs: tuple[tuple[dt.date, str], ...]
    by_name: Mapping[str, Mapping[str, int]]
    wet: bool


DAY = dt.date(2025, 12, 31)
TREE = Tree((Leaf("a", DAY), Leaf("b", None)), ((DAY, "x"),), {"a": {"b": 1}}, wet=True)


def test_there_and_back() -> None:
    assert rebuilt(Tree, json.loads(json.dumps(plain(TREE)))) == TREE


@pytest.mark.parametrize("change", [
    {"leaves": 1}, {"leaves": [{"name": 1, "day": None}]}, {"pairs": [["2025-12-31"]]}, {"by_name": []},
    {"wet": "ja"}, {"pairs": [["gestern", "x"]]},
])  # fmt: skip
def test_what_does_not_fit_is_refused(change: Mapping[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a Tree"):
        rebuilt(Tree, plain(TREE) | change)
