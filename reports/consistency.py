"""Figures as somebody printed them: do they agree with each other?

A table of claims, one row a figure of a publication (columns, see COLUMNS):

    publication  whose figures, and of when; names are looked up inside one publication only
    figure       the name of the figure; expressions use it
    value        the number as printed, with a decimal point; `rest` where a list says that there are more; empty where
                 a group is named and its number is not
    of, group    the whole that this is a part of, and the list of parts it stands in (several may divide one whole)
    share_of     for a percentage: the whole it is a share of
    follows      an expression over other figures of which this one must be the result, in the language of forms
    source       where it was printed

Rules: the parts of a list sum to their whole, and each group that is named has its number (`sum`); a percentage of a
whole is that of some whole number (`share`); what follows from other figures is what was printed, at the precision
printed (`follows`).
"""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from validation.errors import ReportError, XPathError
from validation.messages import say
from validation.tree import Node
from validation.xpath.evaluator import Context, evaluate_tree
from validation.xpath.parser import parse, references

COLUMNS = ("publication", "figure", "value", "of", "group", "share_of", "follows", "source")
REST = "rest"
RULES = ("sum", "share", "follows")
_ROW = "/row"
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Claim:
    """One figure as printed. `value` is None where it is named only; `is_rest`: whatever is left of the whole."""

    publication: str
    figure: str
    value: float | None
    decimals: int
    is_rest: bool
    of: str
    group: str
    share_of: str
    follows: str
    source: str
    row: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A figure that the others contradict: what was printed, what they give. `missing` are groups of a list that are
    named without a number, `row` the line in the table."""

    rule: str
    publication: str
    figure: str
    printed: float
    found: float
    row: int
    missing: tuple[str, ...] = ()

    def text(self, language: str = "de") -> str:
        """The finding in one sentence."""
        code = f"consistency.{self.rule}{'_missing' if self.missing else ''}"
        return say(
            code, language, publication=self.publication, figure=self.figure, printed=_number(self.printed, language),
            found=_number(self.found, language), row=self.row, missing=", ".join(self.missing),
            left=_number(abs(self.printed - self.found), language),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Checked:
    """How many rules were tried, and what they found, in the order of the table."""

    tried: int
    findings: tuple[Finding, ...]


def check_published(path: Path | str) -> Checked:
    """Holds the claims of a table against each other. ReportError naming row and column for what cannot be read."""
    claims = read_claims(path)
    found: list[Finding] = []
    tried = 0
    for publication in dict.fromkeys(claim.publication for claim in claims):
        mine = {claim.figure: claim for claim in claims if claim.publication == publication}
        results = [*_sums(mine), *_shares(mine), *_follows(mine, Path(path).name)]
        tried += len(results)
        found += [each for each in results if each is not None]
    return Checked(tried, tuple(sorted(found, key=lambda each: (each.row, RULES.index(each.rule)))))


def read_claims(path: Path | str) -> tuple[Claim, ...]:
    """The claims of a table in its order."""
    place = Path(path)
    try:
        with place.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if set(reader.fieldnames or ()) != set(COLUMNS):
                raise ReportError("consistency.unreadable", file=place.name, columns=", ".join(COLUMNS))
            rows = [(reader.line_num, {key: (row[key] or "").strip() for key in COLUMNS}) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ReportError("consistency.unreadable", file=place.name, columns=", ".join(COLUMNS)) from error
    claims = tuple(_claim(row, number, place.name) for number, row in rows)
    known: set[tuple[str, str]] = set()
    for claim in claims:
        if (claim.publication, claim.figure) in known:
            raise _wrong(place.name, claim.row, "figure", claim.figure)
        known.add((claim.publication, claim.figure))
    for claim in claims:
        for column, name in (("of", claim.of), ("share_of", claim.share_of)):
            if name and (claim.publication, name) not in known:
                raise _wrong(place.name, claim.row, column, name)
        for name in _names(claim.follows, claim.row, place.name):
            if (claim.publication, name) not in known:
                raise _wrong(place.name, claim.row, "follows", name)
    return claims


def _claim(row: Mapping[str, str], number: int, file: str) -> Claim:
    text = row["value"]
    try:
        value = float(text) if text and text != REST else None
    except ValueError:
        value = math.nan
    bad = {
        "value": value is not None and not math.isfinite(value),
        "figure": not row["figure"],
        "publication": not row["publication"],
        "group": bool(row["of"]) != bool(row["group"]),
    }
    for column in (name for name, is_bad in bad.items() if is_bad):
        raise _wrong(file, number, column, row[column])
    return Claim(
        row["publication"], row["figure"], value, len(text.partition(".")[2]), text == REST, row["of"], row["group"],
        row["share_of"], row["follows"], row["source"], number,
    )  # fmt: skip


def _names(expression: str, row: int, file: str) -> list[str]:
    if not expression:
        return []
    try:
        found = references(parse(expression), _ROW)
    except XPathError as error:
        raise _wrong(file, row, "follows", expression) from error
    return sorted(name.removeprefix(f"{_ROW}/") for name in found)


# --- the rules: one result a claim that was held against others, None where it closes


def _sums(claims: Mapping[str, Claim]) -> list[Finding | None]:
    lists: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims.values():
        if claim.of:
            lists.setdefault((claim.of, claim.group), []).append(claim)
    return [
        _sum(claims[whole], parts) for (whole, _), parts in lists.items() if claims[whole].value is not None
    ]  # fmt: skip


def _sum(whole: Claim, parts: Sequence[Claim]) -> Finding | None:
    printed, found = whole.value or 0.0, math.fsum(part.value or 0.0 for part in parts)
    missing = tuple(part.figure for part in parts if part.value is None and not part.is_rest)
    closes = found <= printed + _CLOSE if any(part.is_rest for part in parts) else math.isclose(printed, found)
    if closes and not missing:
        return None
    return Finding("sum", whole.publication, whole.figure, printed, found, parts[0].row, missing)


def _shares(claims: Mapping[str, Claim]) -> list[Finding | None]:
    """A share printed with so many decimals must be that of a whole number of the whole."""
    return [
        _share(claim, claims[claim.share_of].value or 0.0)
        for claim in claims.values()
        if claim.share_of and claim.value is not None and claims[claim.share_of].value
    ]


def _share(claim: Claim, whole: float) -> Finding | None:
    printed = claim.value or 0.0
    around = (math.floor(printed * whole / 100), math.ceil(printed * whole / 100))
    nearest = min((100 * count / whole for count in around), key=lambda share: abs(share - printed))
    if _same(nearest, claim):
        return None
    return Finding("share", claim.publication, claim.figure, printed, nearest, claim.row)


def _follows(claims: Mapping[str, Claim], file: str) -> list[Finding | None]:
    results: list[Finding | None] = []
    for claim in claims.values():
        needed = [claims[name] for name in _names(claim.follows, claim.row, file)]
        if not claim.follows or claim.value is None or any(each.value is None for each in needed):
            continue
        found = _evaluated(claim, needed, file)
        wrong = Finding("follows", claim.publication, claim.figure, claim.value, found, claim.row)
        results.append(None if _same(found, claim) else wrong)
    return results


def _evaluated(claim: Claim, needed: Iterable[Claim], file: str) -> float:
    row = Node.element("row")
    for each in needed:
        row.append(Node.element(each.figure, repr(each.value)))
    context = Context(node=row, root=Node.document(row), now=dt.datetime(2000, 1, 1, tzinfo=dt.UTC), tz=dt.UTC)
    try:
        found = context.number(evaluate_tree(parse(claim.follows), context))
    except XPathError as error:
        raise _wrong(file, claim.row, "follows", claim.follows) from error
    if not math.isfinite(found):
        raise _wrong(file, claim.row, "follows", claim.follows)
    return found


def _same(found: float, claim: Claim) -> bool:
    """Whether a result is what was printed, at the precision printed."""
    unit: float = 10.0**-claim.decimals
    return abs(found - (claim.value or 0.0)) <= unit / 2 + _CLOSE


def _number(value: float, language: str) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language == "de" else text


def _wrong(file: str, row: int, column: str, value: str) -> ReportError:
    return ReportError("consistency.wrong", file=file, row=row, column=column, value=value)
