"""From a study to figures of its registers: which towns, which audience, what was given out is noted in the store.

Towards an authority figures are exact; its name and the legal basis are required and kept with the event. Internal
figures are exact and stay. Council and public get what their thresholds leave.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from intake.municipalities import FILE, Town, read_towns
from reports.disclosure import Policy, read_policy
from reports.disclosure.policy import AUDIENCES, CLASSES
from reports.plan.making import marks
from reports.registers import funding, housing, network, offers, posts, volunteers
from reports.registers.listing import Listing
from reports.registers.output import Output
from reports.registers.reading import Registers, Scope, read_registers
from reports.wording import day
from validation.errors import ReportError, UsageError
from validation.messages import say

if TYPE_CHECKING:
    from intake.study import Study

INTERNAL, AUTHORITY = "internal", "authority"


@dataclass(frozen=True, slots=True)
class _Register:
    """Which forms it reads, which classes of answers it cannot do without, and what makes its listings."""

    forms: tuple[str, ...]
    classes: tuple[str, ...]
    listings: Callable[[Registers, Scope], tuple[Listing, ...]]


REGISTERS = MappingProxyType({
    "posts": _Register(posts.FORMS, posts.CLASSES, posts.listings),
    "funding": _Register(funding.FORMS, funding.CLASSES, funding.listings),
    "housing": _Register(housing.FORMS, housing.CLASSES, housing.listings),
    "offers": _Register(offers.FORMS, offers.CLASSES, offers.listings),
    "volunteers": _Register(volunteers.FORMS, volunteers.CLASSES, volunteers.listings),
    "network": _Register(network.FORMS, network.CLASSES, network.listings),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recipient:
    """An authority that is given exact figures, and on which legal basis."""

    name: str
    basis: str


def make_registers(
    study: Study,
    date: dt.date,
    *,
    municipality: str | None = None,
    kreis: str | None = None,
    what: tuple[str, ...] = (),
    audience: str = INTERNAL,
    recipient: Recipient | None = None,
    language: str = "de",
) -> Output:
    """The figures of some registers (none named: all) of a municipality or a Kreis on a day.

    UsageError 'registers.unknown', 'registers.where', 'plan.unknown_audience', 'registers.whom'; ReportError
    'plan.no_town', 'registers.no_kreis'. What goes to an authority is noted with its name and the legal basis.
    """
    chosen = _chosen(what)
    _check_audience(audience, recipient)
    towns, place = _towns(study, date, municipality, kreis)
    scope = Scope(date, towns, _policy(study, audience), audience in AUDIENCES, language, study.municipalities)
    forms = dict.fromkeys(form for name in chosen for form in REGISTERS[name].forms)
    with study.store() as store:
        registers = read_registers(study, store, forms)
        if audience != INTERNAL:
            detail = {"recipient": recipient.name, "basis": recipient.basis} if recipient is not None else {}
            store.note("export", municipality=municipality or "", about=f"registers {audience} {date}", detail=detail)
    sections = tuple((name, scope.say(name), listings_of(name, registers, scope)) for name in chosen)
    said = scope.say(
        f"audience_{audience}", **({"name": recipient.name, "basis": recipient.basis} if recipient else {})
    )
    return Output(
        scope.say("title"), scope.say("subtitle", place=place, day=day(date, language)), said, sections, language,
        marks(study),
    )  # fmt: skip


def listings_of(name: str, registers: Registers, scope: Scope) -> tuple[Listing, ...]:
    """A register's listings; the first says where this login may not open what they rest on."""
    found = REGISTERS[name].listings(registers, scope)
    closed = registers.closed & set(REGISTERS[name].classes)
    if not closed or not found:
        return found
    classes = ", ".join(say(f"registers.class_{each}", scope.language) for each in sorted(closed))
    return replace(found[0], alerts=(scope.say("closed", classes=classes), *found[0].alerts)), *found[1:]


def _chosen(what: tuple[str, ...]) -> tuple[str, ...]:
    for name in what:
        if name not in REGISTERS:
            raise UsageError("registers.unknown", name=name, known=", ".join(REGISTERS))
    return tuple(name for name in REGISTERS if not what or name in what)


def _check_audience(audience: str, recipient: Recipient | None) -> None:
    known = (INTERNAL, AUTHORITY, *AUDIENCES)
    if audience not in known:
        raise UsageError("plan.unknown_audience", audience=audience, known=", ".join(known))
    if (audience == AUTHORITY) != (recipient is not None and bool(recipient.name and recipient.basis)):
        raise UsageError("registers.whom")


def _policy(study: Study, audience: str) -> Policy:
    """The study's thresholds; none for what stays inside or goes to an authority."""
    if audience in AUDIENCES:
        return read_policy(study.dir / "disclosure.toml", audience)
    return Policy(audience, dict.fromkeys(CLASSES, 0))


def _towns(
    study: Study, date: dt.date, municipality: str | None, kreis: str | None
) -> tuple[Mapping[str, str], str]:  # fmt: skip
    """AGS -> name of the towns chosen, and what they are called together."""
    if (municipality is None) == (kreis is None):
        raise UsageError("registers.where")
    if municipality is not None:
        if municipality not in study.municipalities:
            raise ReportError("plan.no_town", municipality=municipality, known=", ".join(study.municipalities))
        return {municipality: study.municipalities[municipality]}, study.municipalities[municipality]
    rows = [row for row in read_towns(study.dir / FILE) if row.on(date)]
    found = {row.ags: row.name for row in rows if row.kreis == kreis}
    if not found:
        raise ReportError("registers.no_kreis", kreis=kreis, known=_kreise(rows))
    return found, str(kreis)


def _kreise(rows: list[Town]) -> str:
    return ", ".join(sorted({row.kreis for row in rows if row.kreis})) or "–"
