"""School entry before and after a language programme: which groups are held beside each other, and what may be said.

A group is the children examined in one year and area, of one family language, with or without a programme. Groups of
different family language are never added up: a share of all would rise or fall with who moved in. The difference to the
last year before the programme is in percentage points, with Newcombe's interval. All children are counted, nobody was
drawn; the interval says how much such shares move from year to year by chance, and nothing about causes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from reports.disclosure import Cell, Column, Policy, Row, SafeNumber, SafeTable, is_safe, protect
from reports.municipal_plan import newcombe
from reports.municipal_plan.model import Programme, Result

TOWN, GROUP = "gemeinde", "kitagruppe"
UNDIVIDED = "alle"
BREAK_YEAR = 2017
"""From the examinations of 2016/17 on "intensive need" is coded in another way in Baden-Württemberg (indicator B3.1 of
the state's Gesellschaftsmonitoring): years before can't be compared with it."""
FEW = 20
"""Below so many children a share says little and is flagged, as the form does."""
MOST_GROUPS = 8
"""Up to so many groups of Kitas every sum of some is held against the town; of more, none is printed."""
COLUMNS = ("examined", "need", "free")

Counts = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Group:
    """One row of a comparison. key: row of the table `school`.  role: before | exposed | unexposed | unknown.
    broken: counted in another way than the row before the programme."""

    key: str
    label: str
    role: str
    programme: str
    broken: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """The groups of one area and family language: the last year before the programme and the last year measured.
    kita: name of the group of Kitas, empty for the whole town."""

    kita: str
    language: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A share less the share before the programme, in percentage points, and the bounds of its interval."""

    points: SafeNumber
    lower: SafeNumber
    upper: SafeNumber


def key_of(result: Result) -> str:
    """The row of the table `school`."""
    return f"{result.kita}|{result.label}|{result.language}|{result.exposed}|{result.programme}"


# --- what is compared with what


def comparisons(results: Sequence[Result], programmes: Sequence[Programme]) -> tuple[Comparison, ...]:
    """For each area and family language the last year before the programme and the last year measured since. Nothing
    where no programme is known, or nothing was measured since it began."""
    kitas = sorted({result.kita for result in results}, key=lambda kita: (kita != "", kita))
    made = []
    for kita in kitas:
        mine = [result for result in results if result.kita == kita]
        start = _start(mine, [each for each in programmes if kita in ("", each.group)])
        for language in dict.fromkeys(result.language for result in _order(mine)):
            groups = _groups([result for result in mine if result.language == language], mine, start)
            made += [Comparison(kita, language, groups)] if groups else []
    return tuple(made)


def _order(results: Iterable[Result]) -> list[Result]:
    languages = ("de", "beide", "andere", UNDIVIDED)
    return sorted(results, key=lambda result: languages.index(result.language) if result.language in languages else 9)


def _start(results: Iterable[Result], programmes: Iterable[Programme]) -> int | None:
    """The year in which the first programme began: by the Kitas, else the first year with children who had one."""
    known = [each.year for each in programmes] or [each.year for each in results if each.exposed == "ja"]
    return min(known, default=None)


def _groups(results: Sequence[Result], area: Sequence[Result], start: int | None) -> tuple[Group, ...]:
    if start is None:
        return ()
    last = max(result.year for result in results)
    earlier = [result.year for result in results if result.year < start and result.exposed != "ja"]
    if last < start:
        return ()
    before = max(earlier, default=None)
    found = []
    for result in sorted(results, key=_role):
        if result.year == before and result.exposed != "ja":
            found.append(Group(key_of(result), result.label, "before", "", broken=False))
        elif result.year == last:
            broken = before is not None and _broken(area, before, last)
            found.append(Group(key_of(result), result.label, _role(result)[1], result.programme, broken))
    return tuple(found)


def _role(result: Result) -> tuple[int, str, str]:
    roles = {"ja": "exposed", "nein": "unexposed"}
    role = roles.get(result.exposed, "unknown")
    return result.year, role, result.programme


def _broken(area: Iterable[Result], before: int, after: int) -> bool:
    """Was it counted in another way in between?"""
    recounted = {BREAK_YEAR, *(result.year for result in area if result.recounted)}
    return any(before < year <= after for year in recounted)


# --- what may be printed


def protected(results: Sequence[Result], policy: Policy, *, title: str, heads: Mapping[str, str]) -> SafeTable:
    """All groups, a row each: examined, of these with need, without. Need of support is of the special class.

    Need and no need are a table of two categories: where one is small both are hidden, and where all have need as well,
    which would tell it of every child. A group of Kitas is printed only where the town less some groups leaves nothing
    small. heads: of the columns.
    """
    threshold = policy.threshold("special")
    columns = tuple(Column(name, heads[name], threshold) for name in COLUMNS)
    telling = _telling(results, threshold)
    rows = tuple(
        Row(key_of(result), key_of(result), _cells(result, policy, withheld=result in telling)) for result in results
    )
    return SafeTable("school", title, columns, rows, sign=policy.sign)


def _cells(result: Result, policy: Policy, *, withheld: bool) -> tuple[Cell, ...]:
    if withheld:
        return Cell(None), Cell(None), Cell(None)
    counts = {"need": result.need, "free": result.examined - result.need}
    table = protect(counts, policy, key="group", title="", kind="special", fixed=True)
    numbers = (table.number(), table.number("need"), table.number("free"))
    whole = policy.threshold("special") and result.need == result.examined
    return tuple(Cell(None if whole and at else number.value) for at, number in enumerate(numbers))


def _telling(results: Sequence[Result], threshold: int) -> list[Result]:
    """Groups of Kitas that would tell a small rest of the town, and all children together where they are divided by
    language beside it: the one less the others would tell a small rest as well."""
    found: list[Result] = []
    for result in results if threshold else ():
        alongside = [r for r in results if (r.year, r.kita) == (result.year, result.kita) and r.language != UNDIVIDED]
        if result.language == UNDIVIDED and alongside:
            found.append(result)
        if result.kita:
            alike = [r for r in results if r.kita and (r.year, r.language, r.exposed) ==
                     (result.year, result.language, result.exposed)]  # fmt: skip
            town = [r for r in results if not r.kita and r.year == result.year]
            if any(_tells(alike, whole, threshold) for whole in _wholes(town, result)):
                found.append(result)
    return found


def _wholes(town: Sequence[Result], result: Result) -> list[Counts]:
    """What a group of Kitas may be a part of, of the whole town in the same year."""
    spoken = [r for r in town if r.language == result.language or result.language == UNDIVIDED]
    undivided = [r for r in town if r.language == UNDIVIDED]
    sets = [part for rows in (spoken, undivided, list(town))
            for part in (rows, [r for r in rows if r.exposed == result.exposed])]  # fmt: skip
    return [_sum(rows) for rows in sets if rows]


def _sum(rows: Iterable[Result]) -> Counts:
    found = list(rows)
    return sum(row.examined for row in found), sum(row.need for row in found)


def _tells(groups: Sequence[Result], whole: Counts, threshold: int) -> bool:
    """Does the whole less some of the groups leave a few children, with need or without?"""
    if len(groups) > MOST_GROUPS:
        return True
    for size in range(1, len(groups) + 1):
        for some in combinations(groups, size):
            examined, need = _sum(some)
            rest = whole[0] - examined, whole[1] - need
            if not all(is_safe(each, threshold) for each in (*rest, rest[0] - rest[1])):
                return True
    return False


# --- what is said of them


def share_of(table: SafeTable, key: str) -> SafeNumber:
    """Children with need in per cent of those examined; hidden with either."""
    need, examined = table.number(key, "need"), table.number(key, "examined")
    origin = f"{need.origin} / {examined.origin}"
    if need.value is None or not examined.value:
        return SafeNumber(None, origin)
    return SafeNumber(Decimal(100) * need.value / examined.value, origin)


def difference(table: SafeTable, before: str, after: str) -> Difference:
    """What lies between two groups; all of it hidden where one count is."""
    numbers = [table.number(key, name) for key in (after, before) for name in ("need", "examined")]
    origin = " - ".join(number.origin for number in numbers)
    counts = [int(number.value) for number in numbers if number.value is not None]
    if len(counts) < len(numbers) or not (counts[1] and counts[3]):
        hidden = SafeNumber(None, origin)
        return Difference(hidden, hidden, hidden)
    need, of, old_need, old_of = counts
    points = Decimal(100 * need) / of - Decimal(100 * old_need) / old_of
    lower, upper = newcombe.difference(need, of, old_need, old_of)
    return Difference(SafeNumber(points, origin), *(SafeNumber(Decimal(repr(100 * each)), origin)
                                                    for each in (lower, upper)))  # fmt: skip


def is_few(table: SafeTable, key: str) -> bool:
    """Is a share of this group to be read with care, because fewer than `FEW` children were examined?"""
    examined = table.number(key, "examined").value
    return examined is not None and examined < FEW
