"""An application for funding as every report reckons it: heads, the amount that follows, whole posts (P04, P06).

Heads are people in follow-up housing on the reference date; they are not the persons advised. The amount is the rate
times all heads, rounded once to whole euros; whole posts follow from it at the upper and the lower cost of a post.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from reports.registers.reading import Registers, Row, day, number, text, whole
from validation.layout import KEY

PARAMETERS = ("satz", "kosten_unten", "kosten_oben", "schwelle")
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A figure of the calculation; `state` is a code of the list `parameterstand`."""

    name: str
    value: Decimal | None
    state: str
    source: str


@dataclass(frozen=True, slots=True)
class Funding:
    """An application and its period. `heads`: AGS -> people counted; `pool`: AGS -> AGS of the town in charge."""

    ags: str
    number: str
    applicant: str
    date: dt.date | None
    heads: Mapping[str, int]
    pool: Mapping[str, str]
    parameters: Mapping[str, Parameter]
    approved: Decimal | None
    own_share: Decimal | None
    start: dt.date | None
    end: dt.date | None
    due: dt.date | None
    submitted: dt.date | None

    @property
    def total(self) -> int:
        return sum(self.heads.values())

    def amount(self, heads: int) -> Decimal | None:
        """Euros a year for some heads, rounded half up to whole ones; None without a rate."""
        rate = self.parameters["satz"].value
        return None if rate is None else (rate * heads).quantize(ONE, rounding=ROUND_HALF_UP)

    @property
    def grant(self) -> Decimal | None:
        """Euros a year: what was approved, else what is computed."""
        return self.approved if self.approved is not None else self.amount(self.total)

    def posts(self) -> tuple[int, int] | None:
        """Whole posts at the upper and at the lower cost; None where a parameter is missing."""
        amount, upper, lower = (
            self.amount(self.total),
            *(self.parameters[f"kosten_{name}"].value for name in ("oben", "unten")),
        )
        return (int(amount // upper), int(amount // lower)) if amount is not None and upper and lower else None

    def towns(self, ags: str) -> tuple[str, ...]:
        """The towns whose amounts count together with that of a town, itself among them."""
        lead = self.pool.get(ags) or ags
        return tuple(each for each in self.heads if (self.pool.get(each) or each) == lead)

    def reaches(self, amount: Decimal | None) -> bool | None:
        """Whether an amount is enough for an application; None where that cannot be said."""
        threshold = self.parameters["schwelle"].value
        return None if amount is None or threshold is None else amount >= threshold


def fundings(registers: Registers) -> tuple[Funding, ...]:
    """All applications, the newest reference date first."""
    found = [_funding(row, registers) for row in registers.rows("foerderung")]
    return tuple(sorted(found, key=lambda each: (each.date or dt.date.min, each.ags, each.number), reverse=True))


def concerning(found: Iterable[Funding], towns: Collection[str], date: dt.date) -> tuple[Funding, ...]:
    """The applications up to a day that some towns keep or have heads in, in their order."""
    known = [each for each in found if each.date is not None and each.date <= date]
    return tuple(each for each in known if not {each.ags, *each.heads}.isdisjoint(towns))


def newest(found: Sequence[Funding]) -> tuple[Funding, ...]:
    """Those of the newest reference date, of applications in the order of `fundings`."""
    return tuple(each for each in found if each.date == found[0].date)


def _funding(row: Row, registers: Registers) -> Funding:
    heads: dict[str, int] = {}
    pool: dict[str, str] = {}
    for each in registers.below("foerderung-kopf", row[KEY]):
        ags = text(each, "ags")
        heads[ags] = heads.get(ags, 0) + (whole(each, "heads") or 0)
        pool |= {ags: lead} if (lead := text(each, "verbund")) else {}
    parameters = {
        name: Parameter(name, number(row, f"parameter-{name}"), text(row, f"parameter-{name}_stand"),
                        text(row, f"parameter-{name}_quelle"))
        for name in PARAMETERS
    }  # fmt: skip
    return Funding(
        ags=text(row, "foerderung-gemeinde"), number=text(row, "foerderung-id"),
        applicant=text(row, "foerderung-antragsteller"), date=day(row, "foerderung-stichtag"),
        heads=heads, pool=pool, parameters=parameters, approved=number(row, "ergebnis-betrag_bewilligt"),
        own_share=number(row, "ergebnis-eigenanteil"), start=day(row, "nachweis-zeitraum_von"),
        end=day(row, "nachweis-zeitraum_bis"), due=day(row, "nachweis-vn_faellig"),
        submitted=day(row, "nachweis-vn_eingereicht"),
    )  # fmt: skip
