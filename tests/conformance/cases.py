"""What every conformance suite has: cases with names, what became of each, and the cases left out on purpose."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

State = Literal["passed", "failed", "skipped"]
MOST_SKIPS = 40
SKIPS = Path(__file__).with_name("skips.csv")


@dataclass(frozen=True, slots=True)
class Skip:
    """A reason to leave out the cases of a suite whose whole name matches a pattern (a regular expression)."""

    suite: str
    pattern: str
    reason: str

    def covers(self, suite: str, name: str) -> bool:
        return suite == self.suite and re.fullmatch(self.pattern, name, re.DOTALL) is not None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one case. `detail` says what came instead, or why it was left out."""

    name: str
    state: State
    detail: str = ""


@dataclass(slots=True)
class Suite:
    """The results of one suite, and the skips that no case needed."""

    name: str
    results: list[Result] = field(default_factory=list)

    def count(self, state: State) -> int:
        return sum(result.state == state for result in self.results)

    @property
    def run(self) -> int:
        return self.count("passed") + self.count("failed")

    @property
    def share(self) -> float:
        """Passed of those run, 0 to 1; 0 where none ran, so that an empty suite is no success."""
        return self.count("passed") / self.run if self.run else 0.0


def read_skips(path: Path = SKIPS) -> list[Skip]:
    """The skip list. ValueError where a line has no reason or there are more than `MOST_SKIPS`."""
    with path.open(encoding="utf-8", newline="") as file:
        found = [Skip(row["suite"], row["pattern"], row["reason"].strip()) for row in csv.DictReader(file)]
    if len(found) > MOST_SKIPS:
        raise ValueError(f"{path.name}: {len(found)} lines, at most {MOST_SKIPS}")
    for skip in found:
        if not skip.reason:
            raise ValueError(f"{path.name}: no reason for {skip.pattern}")
        re.compile(skip.pattern)
    return found


def reason_to_skip(skips: Iterable[Skip], suite: str, name: str) -> str:
    """The first reason to leave out a case; '' where it runs."""
    return next((skip.reason for skip in skips if skip.covers(suite, name)), "")
