"""Weights that bring a sample to known margins of its population: raking (iterative proportional fitting), capped.

Deming and Stephan (1940). A weight of 1 is an answer that counts once; the mean of all weights is 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Margins = Mapping[str, Mapping[str, float]]
"""{question: {answer: people in the population}}"""

CAP = 4.0
"""No answer counts more than so often, nor less than one part in so many."""
ROUNDS = 500
NEAR = 1e-9

Vector: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True)
class Weights:
    """`values` in the order of the sample. `empty` names the cells (question, answer) of the population that nobody in
    the sample stands for: no weight can make up for them. `capped` counts weights at a bound; then margins are met as
    far as the bounds let them. `met`: whether every margin is."""

    values: tuple[float, ...]
    empty: tuple[tuple[str, str], ...] = ()
    capped: int = 0
    met: bool = True

    @property
    def effective(self) -> float:
        """The size of an unweighted sample of the same precision (Kish): 0 for an empty one."""
        whole = sum(self.values)
        return whole * whole / sum(each * each for each in self.values) if self.values else 0.0


def weigh(sample: Mapping[str, Sequence[str]], margins: Margins, *, cap: float = CAP) -> Weights:
    """Weights for a sample: {question: answer of each person, '' for none}, for each question of `margins`.

    Who did not answer a question of the margins keeps the share they have in the sample; the others are brought to the
    population's shares among themselves. Answers that the margins do not name are treated like none. Without margins,
    or in an empty sample, every weight is 1. ValueError for a cap under 1 or margins that are not positive as a whole.
    """
    if cap < 1:
        raise ValueError("a cap is at least 1")
    size = len(next(iter(sample.values()), ()))
    targets, empty = _targets(sample, margins, size)
    values = np.ones(size)
    for _ in range(ROUNDS if targets else 0):
        before = values.copy()
        for cells in targets:
            for who, wanted in cells:
                values[who] *= wanted / values[who].sum()
        values = _capped(values, cap)
        if np.abs(values - before).max() < NEAR:
            break
    met = all(abs(values[who].sum() - wanted) <= 1e-6 * max(size, 1) for cells in targets for who, wanted in cells)
    bound = int(((values >= cap - 1e-6) | (values <= 1 / cap + 1e-6)).sum()) if cap > 1 else 0
    return Weights(tuple(float(each) for each in values), tuple(empty), bound, met)


def _targets(
    sample: Mapping[str, Sequence[str]], margins: Margins, size: int
) -> tuple[list[list[tuple[Vector, float]]], list[tuple[str, str]]]:
    """For each question: who is in a cell, and what their weights are to sum to; and the cells with nobody in them."""
    targets: list[list[tuple[Vector, float]]] = []
    empty: list[tuple[str, str]] = []
    for question, margin in margins.items():
        if min(margin.values(), default=0) < 0 or sum(margin.values()) <= 0:
            raise ValueError(f"the margins of {question} are no population")
        answers = np.asarray(sample[question], dtype=object)
        groups = {answer: np.flatnonzero(answers == answer) for answer, people in margin.items() if people > 0}
        empty += [(question, answer) for answer, who in groups.items() if not len(who)]
        there = {answer: who for answer, who in groups.items() if len(who)}
        known = sum(margin[answer] for answer in there)
        counted = sum(len(who) for who in there.values())
        if there and size:
            cells = [(who, counted * margin[answer] / known) for answer, who in there.items()]
            rest = np.setdiff1d(np.arange(size), np.concatenate(list(there.values())))
            targets.append([*cells, *([(rest, float(len(rest)))] if len(rest) else [])])
    return targets, empty


def _capped(values: Vector, cap: float) -> Vector:
    """Within the bounds, with a mean of 1: what is cut off goes to those that are inside."""
    for _ in range(50):
        values = np.clip(values, 1 / cap, cap)
        inside = (values > 1 / cap) & (values < cap)
        lacking = len(values) - float(values.sum())
        if abs(lacking) < 1e-12 or not inside.any():
            break
        held = float(values[inside].sum())
        values = np.where(inside, values * max(held + lacking, 0.0) / held, values)
    return values
