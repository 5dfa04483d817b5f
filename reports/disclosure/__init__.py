"""Counts in, tables that may be printed out.

`protect` is the one way from counts of persons to a SafeTable; `things` carries what counts no persons. In this first
shape a table is one-way: categories under the threshold go into a rest row, which takes in the next smallest category
until it tells nothing about any of them. Secondary suppression over several levels comes with `suppression.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from reports.disclosure.flows import protect_flows
from reports.disclosure.policy import Policy, read_policy
from reports.disclosure.safe import (
    Cell,
    Column,
    Row,
    SafeNumber,
    SafeTable,
    Value,
    difference,
    is_safe,
    ratio,
    share,
)
from validation.messages import say

__all__ = [
    "Cell",
    "Column",
    "Policy",
    "Row",
    "SafeNumber",
    "SafeTable",
    "beside",
    "difference",
    "is_safe",
    "protect",
    "protect_flows",
    "ratio",
    "read_policy",
    "share",
    "things",
]

REST = "_rest"
TOTAL = "total"


def protect(
    counts: Mapping[str, int],
    policy: Policy,
    *,
    key: str,
    title: str,
    labels: Mapping[str, str] | None = None,
    kind: str = "person",
    column: str = "",
    stub: str = "",
    language: str = "de",
    population: str = "",
    fixed: bool = False,
    public: Mapping[str, str] | None = None,
    known: Collection[str] = (),
    persons: Mapping[str, int] | None = None,
) -> SafeTable:
    """A one-way table of counts that may be printed.

    counts: category -> number of persons (or of things about single persons: goals, exits); ints >= 0.
    labels: category -> what the reader sees (the category itself where none).  kind: class of the table in the policy.
    fixed: the list of categories is known to the reader: rows keep the order given and a category of 0 prints 0;
    otherwise rows are sorted by size and categories of 0 are left out.  public: category (or "total") -> key of the
    publication which printed this very figure; such a cell stands.  persons: category -> distinct persons behind the
    count, where one person may be counted more than once; the threshold is then held against these.

    known: categories whose size the reader finds in another table of this report; they never help to hide others.

    A hidden category is at least 1, and the reader knows it: zero is never hidden on its own.
    Everything in the rest: only the total stands, and only when it is 0 or reaches the threshold; otherwise the sign.
    Where published figures leave a rest that is not safe, a total would tell it: it stands only if it is public, too.
    Raises ValueError for a count that is not an int >= 0.
    """
    _require_counts(counts)
    threshold = policy.threshold(kind)
    named, marks = dict(labels or {}), dict(public or {})
    behind = {category: min(n, (persons or counts).get(category, 0)) for category, n in counts.items()}
    hidden = _hidden(counts, behind, threshold, frozenset(marks), frozenset(known))
    whole = sum(counts.values())
    whole_safe = is_safe(whole, threshold) and (not persons or is_safe(max(behind.values(), default=0), threshold))
    everything = hidden >= {category for category, n in counts.items() if n}
    bare = bool(hidden) and not _rest_is_safe([behind[category] for category in hidden], threshold)
    whole_safe = whole_safe and (everything or not bare)
    total = Row(TOTAL, say("report.total", language), (_total_cell(whole, whole_safe, marks.get(TOTAL, "")),))
    columns = (Column(key, column or say("report.persons", language), threshold),)
    blank = SafeTable(key, title, columns, (), total, population, stub, policy.sign)
    if hidden and (everything or bare):
        note = "report.coarsened_withheld" if blank.number().hidden else "report.coarsened_total"
        return replace(blank, coarsened=(say(note, language, title=title),))
    shown = [category for category, n in counts.items() if category not in hidden and (n or fixed)]
    if not fixed:
        shown.sort(key=lambda category: (-counts[category], named.get(category, category)))
    rows = tuple(Row(c, named.get(c, c), (Cell(counts[c], marks.get(c, "")),)) for c in shown)
    if not hidden:
        return replace(blank, rows=rows)
    rest = _rest_row(counts, hidden, named, policy.rest_label(language))
    return replace(blank, rows=(*rows, rest), coarsened=(say("report.coarsened_rest", language, title=title),))


def _rest_row(counts: Mapping[str, int], hidden: Collection[str], named: Mapping[str, str], label: str) -> Row:
    """What is put together, its members by label: an order that tells nothing about their sizes."""
    members = tuple(sorted(hidden, key=lambda category: named.get(category, category)))
    rest = Cell(sum(counts[member] for member in members))
    return Row(REST, label, (rest,), members, tuple(named.get(member, member) for member in members))


def _hidden(
    counts: Mapping[str, int],
    behind: Mapping[str, int],
    threshold: int,
    public: Collection[str],
    known: Collection[str],
) -> frozenset[str]:
    """The categories of the rest row: all under the threshold, then the next smallest until the rest is safe.

    Categories of one size join together: which of two equals was taken would tell the size of the one under the
    threshold.
    """
    open_categories = [c for c, n in counts.items() if n and c not in public]
    primary = {category for category in open_categories if behind[category] < threshold}
    hidden = set(primary)
    while hidden and not _rest_is_safe([behind[c] for c in hidden], threshold):
        candidates = [category for category in open_categories if category not in hidden and category not in known]
        if not candidates:
            return frozenset(open_categories)
        smallest = min(counts[category] for category in candidates)
        hidden.update(category for category in candidates if counts[category] == smallest)
    return frozenset(hidden)


def _rest_is_safe(sizes: Sequence[int], threshold: int) -> bool:
    """Does the sum leave every member open? It reaches the threshold, and its members are neither all 1 nor all at
    the largest hidden value."""
    rest, largest = sum(sizes), threshold - 1
    return len(sizes) > 1 and rest >= threshold and rest not in (len(sizes), len(sizes) * largest)


def _total_cell(whole: int, safe: bool, source: str) -> Cell:
    return Cell(whole if safe or source else None, source)


def _require_counts(counts: Mapping[str, int]) -> None:
    for category, n in counts.items():
        if type(n) is not int or n < 0:
            raise ValueError(f"counts are ints from 0, category {category} is not")


def things(
    rows: Mapping[str, Mapping[str, Value | None]],
    *,
    key: str,
    title: str,
    columns: Mapping[str, str],
    labels: Mapping[str, str] | None = None,
    decimals: Mapping[str, int] | None = None,
    stub: str = "",
    total: bool = True,
    language: str = "de",
    sources: Mapping[tuple[str, str], str] | None = None,
) -> SafeTable:
    """A table of things: sites, flats, posts, full-time equivalents. Nothing is hidden in it, nothing about persons
    belongs in.

    rows: row -> {column: value}; a value None prints the sign.  columns: column -> heading.  sources: (row, column)
    -> publication.
    """
    named, marks = dict(labels or {}), dict(sources or {})
    heads = tuple(Column(name, head, 0, (decimals or {}).get(name, 0)) for name, head in columns.items())
    body = tuple(
        Row(row, named.get(row, row), tuple(Cell(values.get(c.key), marks.get((row, c.key), "")) for c in heads))
        for row, values in rows.items()
    )
    last = None
    if total:
        sums = [sum(value for values in rows.values() if (value := values.get(c.key)) is not None) for c in heads]
        cells = tuple(Cell(n, marks.get((TOTAL, c.key), "")) for c, n in zip(heads, sums, strict=True))
        last = Row(TOTAL, say("report.total", language), cells)
    return SafeTable(key, title, heads, body, last, stub=stub)


def beside(persons: SafeTable, other: SafeTable) -> SafeTable:
    """Persons and things of the same categories in one table; a rest row holds the sums of its members' things."""
    rows = []
    for row in persons.rows:
        parts = [found for member in (row.members or (row.key,)) if (found := other.row(member)) is not None]
        sums = [
            Cell(sum(v for p in parts if (v := p.cells[i].value) is not None) if parts else None)
            for i in range(len(other.columns))
        ]
        rows.append(replace(row, cells=(*row.cells, *sums)))
    total = persons.total
    if total is not None and other.total is not None:
        total = replace(total, cells=(*total.cells, *other.total.cells))
    return replace(persons, columns=(*persons.columns, *other.columns), rows=tuple(rows), total=total)
