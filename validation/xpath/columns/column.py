"""A column of expression values: one value a row, as dictionary codes or as numbers; each view is made once.

A value is what the row evaluator knows (text, number, truth, moment, list of nodes). Texts and look-ups are held as a
dictionary of distinct values and one small integer a row; numbers and truths as numpy arrays; a constant is a
dictionary of one value without codes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, tzinfo
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from validation.tree import Node
from validation.xpath.moments import Moment
from validation.xpath.values import Days, Value, to_boolean, to_moment, to_number, to_string

Kind = Literal["text", "number", "boolean", "date", "any"]
Bits = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.signedinteger[Any]]
Rows = npt.NDArray[np.intp]
Coded = tuple[Codes, Sequence[Value]]

_DAY = 86_400_000_000  # microseconds
_SOUGHT = 4  # values that are sought for in the rows; of more it is looked up, row by row
_PRODUCT = 512  # combinations of dictionary values that are simply all evaluated


class Column:
    """`size` values of one kind. `node` says that a node of the record holds each: it is true whatever its text.

    `distinct` says that the dictionary holds no value twice.

    `kind` 'date' holds moments and '' (date('')), 'any' whatever row values there are, lists of nodes included.
    """

    __slots__ = ("_codes", "_filled", "_load", "_micros", "_numbers", "_texts", "_truth", "_values", "distinct", "kind",
                 "node", "size")  # fmt: skip

    def __init__(
        self,
        kind: Kind,
        size: int,
        *,
        codes: Codes | None = None,
        values: Sequence[Value] | None = None,
        numbers: Floats | None = None,
        truth: Bits | None = None,
        filled: Bits | None = None,
        load: Callable[[], Coded] | None = None,
        node: bool = False,
        distinct: bool = False,
    ) -> None:
        self.kind: Kind = kind
        self.size = size
        self.node = node
        self.distinct = distinct
        self._codes = codes
        self._values = values
        self._numbers = numbers
        self._truth = truth
        self._filled = filled
        self._load = load
        self._micros: tuple[npt.NDArray[np.int64], Bits, Bits] | None = None
        self._texts: Column | None = None

    # --- what it holds

    @property
    def constant(self) -> bool:
        """True where all rows hold one value, known without looking at a row."""
        return self._values is not None and self._codes is None

    @property
    def value(self) -> Value:
        """The value of a constant."""
        assert self._values is not None  # noqa: S101 - asked of constants only
        return self._values[0]

    def coded(self) -> Coded:
        """(code of each row, dictionary). The dictionary may hold values that no row has, or one value twice."""
        if self._values is None:
            self._codes, self._values = self._load() if self._load is not None else self._factorized()
            self._load = None
        if self._codes is None:
            return np.zeros(self.size, dtype=np.int8), self._values
        return self._codes, self._values

    def _factorized(self) -> Coded:
        if self.kind == "boolean":
            return self.truth().astype(np.int8), (False, True)
        assert self._numbers is not None  # noqa: S101 - there is no other way to make a column
        codes, found = pd.factorize(self._numbers, use_na_sentinel=False)
        return narrow(codes, len(found)), [float(value) for value in found]

    @property
    def dictionary(self) -> Sequence[Value]:
        return self.coded()[1]

    @property
    def dated_throughout(self) -> bool:
        """True where every value is a moment, none ''."""
        if self.kind != "date" or self._values is None:
            return self.kind == "date"
        return all(isinstance(value, Moment) for value in self._values)

    @property
    def plain(self) -> bool:
        """True where a column of numbers holds none that is written otherwise (`Days`)."""
        return self._values is None or not any(isinstance(value, Days) for value in self._values)

    @property
    def only_numbers(self) -> bool:
        """True of texts that came as numbers: none is a date."""
        return self.kind == "text" and self._numbers is not None and self._load is not None and self._micros is None

    @property
    def dates(self) -> bool:
        """True of texts that came as moments: each is one or ''."""
        return self.kind == "text" and self._micros is not None and self._load is not None

    # --- views

    def numbers(self, zone: tzinfo) -> Floats:
        """Each value as a number, dates on the clock of `zone`."""
        if self._numbers is None:
            if self.kind == "boolean" and self._truth is not None:
                return self._truth.astype(np.float64)
            codes, values = self.coded()
            of_each = np.array([to_number(value, zone) for value in values], dtype=np.float64)
            if self.constant:
                return np.full(self.size, of_each[0])
            self._numbers = of_each.take(codes)
        return self._numbers

    def truth(self) -> Bits:
        """Each value as a truth value."""
        if self.node:
            return np.ones(self.size, dtype=bool)
        if self._truth is None:
            if self._values is None and self._load is None and self._numbers is not None:
                self._truth = (self._numbers != 0) & ~np.isnan(self._numbers)
            else:
                codes, values = self.coded()
                self._truth = picked([to_boolean(value) for value in values], codes)
        return self._truth

    def texts(self) -> Column:
        """Each value as text; the dictionary holds each text once."""
        if self._texts is None:
            codes, values = self.coded()
            if self.kind == "text" and self.distinct:
                self._texts = (
                    self
                    if not self.node
                    else Column("text", self.size, codes=None if self.constant else codes, values=values, distinct=True)
                )
                return self._texts
            written = [value if isinstance(value, str) else to_string(value) for value in values]
            place = {text: number for number, text in enumerate(dict.fromkeys(written))}
            if self.constant:
                made: Codes | None = None
            elif len(place) == len(written):
                made = codes
            else:
                made = narrow(np.array([place[text] for text in written], dtype=np.int32)[codes], len(place))
            self._texts = Column("text", self.size, codes=made, values=list(place), distinct=True)
        return self._texts

    def filled(self) -> Bits:
        """Where the text of a value is not empty."""
        if self._filled is None:
            codes, values = self.coded()
            if self.kind == "text" and self.distinct:
                place = _place_of_nothing(values)
                self._filled = np.ones(self.size, dtype=bool) if place is None else codes != place
            else:
                self._filled = picked([bool(to_string(value)) for value in values], codes)
        return self._filled

    def micros(self, zone: tzinfo) -> tuple[npt.NDArray[np.int64], Bits, Bits]:
        """The microseconds of moments and of their texts, anything elsewhere; where there is one; where no real day."""
        if self._micros is None:
            if self.kind in ("number", "boolean"):
                nothing = np.zeros(self.size, dtype=bool)
                return np.zeros(self.size, dtype=np.int64), nothing, nothing
            codes, values = self.coded()
            moments = [to_moment(value, zone) for value in values]
            micros = [moment.micros() if moment is not None else None for moment in moments]
            self._micros = (
                np.array([each or 0 for each in micros], dtype=np.int64)[codes],
                picked([moment is not None for moment in moments], codes),
                picked([a is not None and b is None for a, b in zip(moments, micros, strict=True)], codes),
            )
        return self._micros

    def dated(self, micros: npt.NDArray[np.int64], there: Bits) -> None:
        """Say beforehand what `micros` and `numbers` would find: moments where `there` holds, nothing elsewhere."""
        self._micros = (micros, there, np.broadcast_to(False, (self.size,)))
        self._numbers = micros / _DAY
        self._numbers[~there] = np.nan

    # --- other columns of it

    def take(self, rows: Rows) -> Column:
        """The column of the values at some rows."""
        if self.constant:
            return Column(self.kind, len(rows), values=self._values, node=self.node, distinct=self.distinct)

        def load() -> Coded:
            codes, values = self.coded()
            return codes[rows], values

        made = Column(self.kind, len(rows), load=load, node=self.node, distinct=self.distinct)
        if self._values is not None:
            made._codes, made._values = load()
            made._load = None
        if self._numbers is not None:
            made._numbers = self._numbers[rows]
            if self._load is None and self._values is None:
                made._load = None
        if self._truth is not None:
            made._truth = self._truth[rows]
            if self._load is None and self._values is None:
                made._load = None
        if self._filled is not None:
            made._filled = self._filled[rows]
        if self._micros is not None:
            micros, there, invalid = self._micros
            made._micros = (micros[rows], there[rows], invalid[rows])
        return made

    def where(self, kept: Bits) -> Column:
        """The texts where `kept` holds, '' elsewhere."""

        def load() -> Coded:
            codes, values = self.coded()
            place = _place_of_nothing(values)
            if place is None:
                place, values = len(values), [*values, ""]
            return np.where(kept, narrow(codes, len(values)), narrow(np.array(place), len(values))), values

        made = Column("text", self.size, load=load, node=self.node, distinct=self.distinct)
        if self._numbers is not None:
            made._numbers = np.where(kept, self._numbers, np.nan)
        if self._filled is not None:
            made._filled = self._filled & kept
        if self._micros is not None:
            micros, there, invalid = self._micros
            made._micros = (micros, there & kept, invalid & kept)
        return made

    def as_node(self) -> Column:
        """The same texts, held by a node of the record."""
        made = Column(self.kind, self.size, codes=self._codes, values=self._values, numbers=self._numbers,
                      filled=self._filled, load=self.coded if self._values is None else None,
                      node=True, distinct=self.distinct)  # fmt: skip
        made._micros, made._texts = self._micros, self._texts
        return made

    def listed(self) -> Column:
        """The same column with each text in a node, so that it can stand beside values that no node holds."""
        if not self.node:
            return self
        codes, values = self.coded()
        nodes: list[Value] = [[Node.element("x", to_string(value))] for value in values]
        return Column("any", self.size, codes=None if self.constant else codes, values=nodes)


def constant(value: Value, size: int) -> Column:
    """A column of one value."""
    return Column(kind_of(value), size, values=(value,))


def kind_of(value: Value) -> Kind:
    """The kind a value would have as a column."""
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, float):
        return "number"
    return "date" if isinstance(value, Moment) else "any"


def narrow(codes: npt.NDArray[Any], count: int) -> Codes:
    """Codes in the smallest integers that hold so many different ones."""
    kind = np.int8 if count <= 127 else np.int16 if count <= 32_767 else np.int32
    return codes.astype(kind, copy=False)


def picked(holds: Sequence[bool] | Bits, codes: Codes) -> Bits:
    """Whether it holds in each row, from whether it does of each value of the dictionary."""
    of_each = np.array(holds, dtype=bool)
    for wanted in (True, False):
        places = np.flatnonzero(of_each == wanted).tolist()
        if len(places) <= _SOUGHT:
            found: Bits = np.zeros(len(codes), dtype=bool)
            for place in places:
                found |= codes == place
            return found if wanted else ~found
    return of_each.take(codes)


def of_values(values: Sequence[Value], codes: Codes | None, size: int, kind: Kind) -> Column:
    """A column of a dictionary; truths become an array at once."""
    if kind == "boolean" and codes is not None:
        return Column("boolean", size, truth=picked([value is True for value in values], codes))
    return Column(kind, size, codes=codes, values=values)


def combined(columns: Sequence[Column]) -> tuple[Codes | None, list[tuple[Value, ...]]]:
    """The distinct tuples of values that stand in the same row, and which each row has; None where all have the one.

    A few tuples that no row has may be among them.
    """
    varying = [column for column in columns if not column.constant]
    if not varying:
        return None, [tuple(column.value for column in columns)]
    codes, first = varying[0].coded()
    found: list[tuple[Value, ...]] = [(value,) for value in first]
    for column in varying[1:]:
        others, values = column.coded()
        joint = codes.astype(np.int64) * len(values) + others
        if len(found) * len(values) <= _PRODUCT:
            codes, found = joint, [(*known, value) for known in found for value in values]
        else:
            short, seen = pd.factorize(joint)
            codes = short
            found = [(*found[each // len(values)], values[each % len(values)]) for each in seen.tolist()]
    places = {id(column): place for place, column in enumerate(varying)}
    return codes, [
        tuple(column.value if column.constant else known[places[id(column)]] for column in columns) for known in found
    ]


def merged(choice: Bits, yes: Column, no: Column) -> Column:
    """One column or the other, row by row."""
    if yes.node != no.node:
        yes, no = yes.listed(), no.listed()
    node = yes.node and no.node
    kind: Kind = yes.kind if yes.kind == no.kind else "any"
    if kind == "boolean":
        return Column("boolean", len(choice), truth=np.where(choice, yes.truth(), no.truth()))
    if kind == "number" and yes.plain and no.plain:
        return Column("number", len(choice), numbers=np.where(choice, yes.numbers(UTC), no.numbers(UTC)))
    a, first = yes.coded()
    b, second = no.coded()
    codes = np.where(choice, a.astype(np.int32), b.astype(np.int32) + len(first))
    return Column(kind, len(choice), codes=narrow(codes, len(first) + len(second)), values=[*first, *second], node=node)


def _place_of_nothing(values: Sequence[Value]) -> int | None:
    """Where '' stands in a dictionary of texts."""
    try:
        return values.index("")
    except ValueError:
        return None
