"""The functions of expressions: one table, put together from one file per group.

A function takes the context and its arguments as values; a lazy one takes its arguments as thunks and evaluates what
it needs. Unknown names and wrong numbers of arguments are found in this table, before anything is evaluated.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Result = Literal["string", "number", "boolean", "nodes", "date", "any"]


@dataclass(frozen=True, slots=True)
class Function:
    """One row of the table. `maximum` None is any number; `step` 2 lets the number grow by pairs only.

    `reference` names the specification: 'XPath 4.2' (XPath 1.0, section) or 'ODK fn:selected' (ODK XForms).
    `call` is `(context, *arguments) -> value`.
    """

    name: str
    minimum: int
    maximum: int | None
    result: Result
    reference: str
    call: Callable[..., Any]
    lazy: bool = False
    step: int = 1

    def takes(self, count: int) -> bool:
        """Whether it may be called with so many arguments."""
        if count < self.minimum or (self.maximum is not None and count > self.maximum):
            return False
        return (count - self.minimum) % self.step == 0

    def arity(self) -> str:
        """The allowed number of arguments as text: '2', '1–3', '≥ 1'."""
        if self.maximum is None:
            return f"≥ {self.minimum}"
        return str(self.minimum) if self.minimum == self.maximum else f"{self.minimum}–{self.maximum}"


@functools.cache
def table() -> Mapping[str, Function]:
    """Every function by name."""
    from validation.xpath.functions import core, dates, geo, nodes, numbers, odk, texts

    rows = (
        *core.FUNCTIONS,
        *texts.FUNCTIONS,
        *numbers.FUNCTIONS,
        *dates.FUNCTIONS,
        *nodes.FUNCTIONS,
        *odk.FUNCTIONS,
        *geo.FUNCTIONS,
    )
    return {row.name: row for row in rows}
