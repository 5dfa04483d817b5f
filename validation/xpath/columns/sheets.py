"""Tables as sheets: which row of one belongs to which row of another, and sets of nodes along a path over them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from validation.xpath.columns.column import Bits, Floats, Rows


class NoColumnForm(Exception):  # noqa: N818 - says what is so, is no fault
    """An expression has no form over columns; the text says why."""


@dataclass(eq=False, slots=True)
class Sheet:
    """The rows of a root table or of a repeat that belong to records. `up` is each row's row in the parent sheet."""

    nodeset: str
    size: int
    parent: Sheet | None = None
    up: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    _start: Rows | None = None
    _order: Rows | None = None
    _place: Floats | None = None
    _top: Rows | None = None

    def start(self) -> Rows:
        """Where the entries of each parent row begin in `order`, and at the end their number."""
        if self._start is None:
            assert self.parent is not None  # noqa: S101 - a root has no entries
            counts = np.bincount(self.up, minlength=self.parent.size)
            self._start = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
        return self._start

    def order(self) -> Rows | None:
        """The rows by their parent rows, in order of the table within one; None where they are already so."""
        if self._order is None and self.size and bool((np.diff(self.up) < 0).any()):
            self._order = np.argsort(self.up, kind="stable")
        return self._order

    def place(self) -> Floats:
        """The number of each entry among those of its parent, from 1."""
        if self._place is None:
            order, start = self.order(), self.start()
            sorted_up = self.up if order is None else self.up[order]
            numbers = np.arange(self.size, dtype=np.float64) - start[sorted_up] + 1
            if order is None:
                self._place = numbers
            else:
                self._place = np.empty(self.size, dtype=np.float64)
                self._place[order] = numbers
        return self._place

    def top(self) -> Rows:
        """The root row of each row."""
        if self._top is None:
            self._top = np.arange(self.size, dtype=np.intp) if self.parent is None else self.parent.top()[self.up]
        return self._top

    def level(self, nodeset: str) -> tuple[Sheet, int] | None:
        """The sheet at or above this one that is a nodeset's, and how many steps up."""
        sheet: Sheet | None = self
        steps = 0
        while sheet is not None:
            if sheet.nodeset == nodeset:
                return sheet, steps
            sheet, steps = sheet.parent, steps + 1
        return None


@dataclass(eq=False, slots=True)
class Nodes:
    """The nodes that a path gives in each of `size` contexts: `owner` is the context, `rows` the row of `sheet`.

    Owners ascend, the nodes of one stand in document order. `owner` None: exactly one node in every context, in their
    order; `rows` None: of every row of the sheet one. `absent` marks an entry that is not there (a repeat's count is
    written as seen from one): its row is the parent's.
    """

    size: int
    sheet: Sheet
    nodeset: str
    owner: Rows | None = None
    rows: Rows | None = None
    absent: bool = False

    @property
    def single(self) -> bool:
        return self.owner is None

    def owners(self) -> Rows:
        return np.arange(self.size, dtype=np.intp) if self.owner is None else self.owner

    def row(self) -> Rows:
        return np.arange(self.sheet.size, dtype=np.intp) if self.rows is None else self.rows

    def __len__(self) -> int:
        return self.size if self.owner is None else len(self.owner)

    def present(self) -> Bits:
        """In which contexts there is a node."""
        if self.owner is None:
            return np.ones(self.size, dtype=bool)
        return self.counts() > 0

    def counts(self) -> npt.NDArray[np.intp]:
        """How many nodes there are in each context."""
        if self.owner is None:
            return np.ones(self.size, dtype=np.intp)
        return np.bincount(self.owner, minlength=self.size)

    def firsts(self) -> tuple[Rows, Bits]:
        """The place of the first node of each context among all; where there is one."""
        owner = self.owners()
        place = np.searchsorted(owner, np.arange(self.size))
        there = self.present()
        return np.where(there, place, 0), there

    def kept(self, keep: Bits) -> Nodes:
        """Those of the nodes for which `keep` holds."""
        return Nodes(self.size, self.sheet, self.nodeset, self.owners()[keep], self.row()[keep])

    def within(self, nodeset: str) -> Nodes:
        """The child of each node that is no repeat."""
        return Nodes(self.size, self.sheet, nodeset, self.owner, self.rows)

    def entries(self, repeat: Sheet) -> Nodes:
        """The entries of a repeat in each of the nodes."""
        if self.owner is None and self.rows is None and repeat.order() is None:
            return Nodes(self.size, repeat, repeat.nodeset, repeat.up, None)
        start, rows = repeat.start(), self.row()
        first, counts = start[rows], start[rows + 1] - start[rows]
        owner = np.repeat(self.owners(), counts)
        before = np.cumsum(counts) - counts
        found = np.arange(len(owner), dtype=np.intp) - np.repeat(before - first, counts)
        order = repeat.order()
        return Nodes(self.size, repeat, repeat.nodeset, owner, found if order is None else order[found])

    def above(self) -> Nodes:
        """The parent of each node, once."""
        parent = self.nodeset.rpartition("/")[0]
        if not parent:
            raise NoColumnForm("the document itself")
        if self.nodeset != self.sheet.nodeset or self.sheet.parent is None or self.absent:
            if self.absent or self.owner is None:
                return Nodes(self.size, self.sheet, parent, self.owner, self.rows)
            return self._once(self.owner, self.row(), self.sheet, parent)
        rows = self.sheet.up if self.rows is None else self.sheet.up[self.rows]
        if self.owner is None:
            return Nodes(self.size, self.sheet.parent, parent, None, rows)
        return self._once(self.owner, rows, self.sheet.parent, parent)

    def _once(self, owner: Rows, rows: Rows, sheet: Sheet, nodeset: str) -> Nodes:
        new = np.ones(len(owner), dtype=bool)
        new[1:] = (np.diff(owner) != 0) | (np.diff(rows) != 0)
        return Nodes(self.size, sheet, nodeset, owner[new], rows[new])

    def root(self, top: Sheet) -> Nodes:
        """The root element, seen from each node of a set that has one a context."""
        rows = None if self.rows is None and self.sheet is top else self.sheet.top()[self.row()]
        return Nodes(self.size, top, top.nodeset, None, rows)


def linked(parents: npt.NDArray[np.object_], keys: npt.NDArray[np.object_]) -> tuple[Rows, Bits, Bits]:
    """For each parent key the row that has it (0 where none), where there is one, and which rows share a key."""
    import pandas as pd

    index = pd.Index(keys)
    shared = np.asarray(index.duplicated(keep=False))
    found = index.drop_duplicates().get_indexer(pd.Index(parents))
    first = np.flatnonzero(~np.asarray(index.duplicated(keep="first")))
    there = found >= 0
    rows = first[np.where(there, found, 0)] if len(first) else np.zeros(len(found), dtype=np.intp)
    return rows.astype(np.intp), np.asarray(there), shared
