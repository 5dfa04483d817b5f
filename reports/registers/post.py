"""A post as every report reckons it: what of it belongs to which town, what is approved, held and filled on a day.

A post that several municipalities share counts for each with its share of the volume. Where shares are not kept it
belongs whole to the municipality that keeps the record. What a municipality employs itself is not shared: it alone is
the employer. A post is held from the day on which somebody has it; it is filled (P01) while its holder is there or
somebody stands in. Nothing here tells what a person in a post did; the kind of an absence is read nowhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from reports.registers.reading import Registers, Row, day, holds, number, text
from validation.layout import KEY

HUNDRED, ZERO = Decimal(100), Decimal(0)
COVERED = frozenset({"ja", "teilweise"})
"""Answers that say that somebody stands in for an absent holder of a post."""
ENDED, MANAGEMENT = "beendet", "im"


@dataclass(frozen=True, slots=True)
class Absence:
    """From the first to the last day, open where nobody knows it; `cover` is a code of the list `vertretung`."""

    start: dt.date | None
    end: dt.date | None
    cover: str


@dataclass(frozen=True, slots=True)
class Post:
    """A post as its record says now; volumes in full-time equivalents, money in euros a year, None where nobody said.

    `shares`: AGS -> part of the post, 1 for all of it.
    """

    ags: str
    number: str
    role: str
    employer: str
    status: str
    entitled: Decimal | None
    approved: Decimal
    funded: Decimal | None
    held: Decimal
    own: Decimal | None
    advertised: dt.date | None
    since: dt.date | None
    start: dt.date | None
    end: dt.date | None
    group: str
    cost: Decimal | None
    table_cost: Decimal | None
    grant: Decimal | None
    shares: Mapping[str, Decimal]
    absences: tuple[Absence, ...]

    def exists(self, on: dt.date) -> bool:
        """Whether it is approved on a day; one that ended without a last day is not."""
        return holds(self.start, self.end, on) and not (self.status == ENDED and self.end is None)

    def held_on(self, on: dt.date) -> Decimal:
        """What somebody has on a day, there or absent."""
        return self.held if self.exists(on) and (self.since is None or self.since <= on) else ZERO

    def is_away(self, on: dt.date) -> bool:
        """Whether the holder is absent and nobody stands in. How far a partial cover reaches is not recorded; it counts
        as if somebody were there."""
        return any(holds(each.start, each.end, on) and each.cover not in COVERED for each in self.absences)

    def filled_on(self, on: dt.date) -> Decimal:
        """What is filled on a day (P01): held, and somebody is there."""
        return ZERO if self.is_away(on) else self.held_on(on)

    def is_advertised(self, on: dt.date) -> bool:
        """Advertised, and nobody has it yet."""
        if self.advertised is None or not self.advertised <= on or self.status == ENDED:
            return False
        return self.since > on if self.since is not None else self.status == "ausgeschrieben"

    def share(self, towns: Iterable[str]) -> Decimal:
        """What of it belongs to some towns, 1 for all of it."""
        return sum((self.shares.get(ags, ZERO) for ags in towns), ZERO)

    def costs(self) -> tuple[Decimal, bool] | None:
        """What it costs, and whether that is assumed from the table of pay groups."""
        if self.cost is not None:
            return self.cost, False
        return (self.table_cost * self.held, True) if self.table_cost is not None else None


def posts(registers: Registers) -> tuple[Post, ...]:
    """All posts, by town and number."""
    found = (_post(row, registers) for row in registers.rows("stelle"))
    return tuple(sorted(found, key=lambda each: (each.ags, each.number, each.start or dt.date.min)))


def _post(row: Row, registers: Registers) -> Post:
    ags, key = text(row, "stelle-gemeinde"), row[KEY]
    shares = {
        text(each, "anteil_ags"): (number(each, "anteil_prozent") or ZERO) / HUNDRED
        for each in registers.below("stelle-anteil", key)
    }
    absences = tuple(
        Absence(day(each, "von"), day(each, "bis"), text(each, "vertretung"))
        for each in registers.below("stelle-abwesenheit", key)
    )

    def volume(name: str) -> Decimal:
        return number(row, f"stelle-vzae_{name}") or ZERO

    employer, own = text(row, "stelle-traeger"), number(row, "stelle-vzae_eigen")
    if own is None and employer not in ("", "gemeinde"):
        own = ZERO
    return Post(
        ags=ags, number=text(row, "stelle-id"), role=text(row, "stelle-rolle"), employer=employer,
        status=text(row, "stelle-status"), entitled=number(row, "stelle-vzae_anspruch"), approved=volume("bewilligt"),
        funded=number(row, "stelle-vzae_gefoerdert"), held=volume("besetzt"), own=own,
        advertised=day(row, "stelle-ausgeschrieben_am"), since=day(row, "stelle-besetzt_seit"),
        start=day(row, "stelle-von"), end=day(row, "stelle-bis"), group=text(row, "stelle-entgeltgruppe"),
        cost=number(row, "kosten-kosten_jahr"), table_cost=number(row, "kosten-kosten_tabelle"),
        grant=number(row, "kosten-zuschuss_jahr"), shares=shares or {ags: Decimal(1)}, absences=absences,
    )  # fmt: skip


def covered(found: Iterable[Post], towns: Iterable[str]) -> tuple[Decimal, Decimal]:
    """Cost and grants a year of the posts of which both are known, the share of some towns (P05)."""
    cost, grants, chosen = ZERO, ZERO, tuple(towns)
    for each in found:
        known = each.costs()
        if known is not None and each.grant is not None:
            share = each.share(chosen)
            cost, grants = cost + known[0] * share, grants + each.grant * share
    return cost, grants
