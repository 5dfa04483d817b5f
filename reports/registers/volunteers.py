"""Volunteers and interpreters: by role and language, whom they support, hours, what they still need.

Two sources of hours stand side by side and are never added up: what the register says for a year, and what was kept
contact by contact. Towards council and public counts are protected, and nothing of training and certificates leaves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from reports.disclosure import is_safe, protect
from reports.registers.listing import Head, Listing, Value, of_safe, text_head
from reports.registers.reading import Registers, Row, Scope, day, holds, in_care, many, number, text, whole
from validation.layout import KEY

FORMS = ("ehrenamt", "kontakt", "erstgespraech", "austritt")
CLASSES = ("general", "staff")
INTERPRETING = "dolmetschen"
VALID_YEARS = 5
"""How long a certificate of conduct counts, as the form's warning says."""
SOON = dt.timedelta(days=90)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Support:
    """A person supported, from a first to a last day."""

    person: str
    start: dt.date | None
    end: dt.date | None


@dataclass(frozen=True, slots=True)
class Volunteer:
    """Somebody under a code. `hours`: year -> (all hours, of these own help in single cases)."""

    ags: str
    number: str
    roles: tuple[str, ...]
    languages: tuple[str, ...]
    start: dt.date | None
    end: dt.date | None
    training: str
    trained: dt.date | None
    certificate: dt.date | None
    supports: tuple[Support, ...]
    hours: tuple[tuple[int, Decimal, Decimal], ...]

    def is_active(self, on: dt.date) -> bool:
        return holds(self.start, self.end, on)

    def certificate_ends(self) -> dt.date | None:
        """The first day on which the certificate is too old; None without one."""
        if self.certificate is None:
            return None
        try:
            return self.certificate.replace(year=self.certificate.year + VALID_YEARS)
        except ValueError:  # 29 February
            return dt.date(self.certificate.year + VALID_YEARS, 3, 1)

    def of_year(self, year: int) -> tuple[Decimal, Decimal]:
        found = [(hours, own) for each, hours, own in self.hours if each == year]
        return sum((hours for hours, _ in found), ZERO), sum((own for _, own in found), ZERO)


def volunteers(registers: Registers) -> tuple[Volunteer, ...]:
    """Everybody, by town and code."""
    found = (_volunteer(row, registers) for row in registers.rows("ehrenamt"))
    return tuple(sorted(found, key=lambda each: (each.ags, each.number)))


def _volunteer(row: Row, registers: Registers) -> Volunteer:
    supports = tuple(
        Support(text(each, "person"), day(each, "pate_von"), day(each, "pate_bis"))
        for each in registers.below("ehrenamt-patenschaft", row[KEY])
    )
    hours = tuple(
        (whole(each, "jahr") or 0, number(each, "stunden_jahr") or ZERO, number(each, "fallhilfe_stunden") or ZERO)
        for each in registers.below("ehrenamt-stunden", row[KEY])
    )
    return Volunteer(
        ags=text(row, "ehrenamt-gemeinde"), number=text(row, "ehrenamt-id"), roles=many(row, "ehrenamt-rollen"),
        languages=many(row, "ehrenamt-sprachen"), start=day(row, "ehrenamt-aktiv_ab"),
        end=day(row, "ehrenamt-aktiv_bis"), training=text(row, "eignung-schulung"),
        trained=day(row, "eignung-schulung_am"), certificate=day(row, "eignung-fuehrungszeugnis_am"),
        supports=supports, hours=hours,
    )  # fmt: skip


def listings(registers: Registers, scope: Scope) -> tuple[Listing, ...]:
    """What is said of volunteers on a day, and of their hours in its year."""
    mine = [each for each in volunteers(registers) if each.ags in scope.towns]
    active = [each for each in mine if each.is_active(scope.date)]
    found = (
        _counted(registers, scope, active, "roles", "ehrenamt-rollen", lambda each: each.roles),
        _counted(registers, scope, [each for each in active if INTERPRETING in each.roles], "interpreters",
                 "ehrenamt-sprachen", lambda each: each.languages),
        _counted(registers, scope, active, "languages", "ehrenamt-sprachen", lambda each: each.languages),
    )  # fmt: skip
    if scope.outward:
        return (*found, *_safe_hours(scope, mine))
    return (
        *found,
        _supports(scope, active, _wishing(registers, scope)),
        _hours(registers, scope, mine),
        _needs(scope, active),
    )


def _counted(
    registers: Registers, scope: Scope, found: Sequence[Volunteer], key: str, question: str,
    of: Callable[[Volunteer], tuple[str, ...]],
) -> Listing:  # fmt: skip
    """Active people by role or language, who has several counting in each."""
    labels = registers.labels("ehrenamt", question, scope.language)
    counts: dict[str, int] = {}
    for each in found:
        for code in dict.fromkeys(of(each)):
            counts[code] = counts.get(code, 0) + 1
    table = protect(
        counts, scope.policy, key=key, title=scope.say(f"title_{key}"), labels=labels, column=scope.say("head_active"),
        stub=scope.say("head_role" if key == "roles" else "head_language"), language=scope.language,
    )  # fmt: skip
    safe = is_safe(len(found), scope.policy.threshold("person"))
    told = scope.say("note_active", count=len(found)) if safe else scope.say("note_mentions")
    listing = of_safe(replace(table, total=None), (told,))  # mentions are no people: no sum of them
    hidden = ((scope.say("total"), table.sign),) if counts and not table.rows else ()
    return replace(listing, rows=listing.rows or hidden, empty=scope.say("no_volunteers"))


def _supports(scope: Scope, active: Sequence[Volunteer], wishing: frozenset[str]) -> Listing:
    """Sponsorships that last (V03): how many, by how many volunteers, for how many people, and who wishes one."""
    lasting = [(v.ags, v.number, s.person) for v in active for s in v.supports if holds(s.start, s.end, scope.date)]
    supported = {person for _, _, person in lasting}
    served = len(supported & wishing)
    rate = Decimal(100 * served) / len(wishing) if wishing else None
    row = (len(lasting), len({each[:2] for each in lasting}), len(supported), len(wishing), served, rate)
    names = ("supports", "supporters", "supported", "wishing", "served", "served_rate")
    heads = tuple(Head(name, scope.say(f"head_{name}"), int(name == "served_rate")) for name in names)
    return Listing("supports", scope.say("title_supports"), heads, (row,), (scope.say("note_wishing"),))


def _wishing(registers: Registers, scope: Scope) -> frozenset[str]:
    """Who was in care in the chosen towns on the day and said in the last interview there that they wish a sponsor."""
    said = in_care(registers, scope.towns, scope.date)
    return frozenset(
        person for (_, person), row in said.items() if text(row, "teilhabe-patenschaft_gewuenscht") == "ja"
    )


def _contacts(registers: Registers, scope: Scope) -> list[tuple[str, Decimal]]:
    """Contacts that volunteers held in the year, up to the day: town and hours of each."""
    held = ((row, day(row, "kontakt-datum")) for row in registers.rows("kontakt"))
    return [
        (text(row, "fall-gemeinde"), number(row, "kontakt-stunden") or ZERO)
        for row, on in held
        if row.get("fall-durch") == "ehrenamt" and row.get("fall-gemeinde") in scope.towns
        and on is not None and on.year == scope.date.year and on <= scope.date
    ]  # fmt: skip


def _hours(registers: Registers, scope: Scope, mine: Sequence[Volunteer]) -> Listing:
    contacts = _contacts(registers, scope)
    rows: list[tuple[Value, ...]] = []
    for ags in scope.towns:
        given = [each.of_year(scope.date.year) for each in mine if each.ags == ags]
        told = [pair for pair in given if any(pair)]
        hours, own = sum((pair[0] for pair in told), ZERO), sum((pair[1] for pair in told), ZERO)
        held = [hours_of for town, hours_of in contacts if town == ags]
        if told or held:
            rows.append((scope.name(ags), len(told), hours, own, len(held), sum(held, ZERO)))
    heads = (
        text_head("town", scope.say("head_town")), Head("people", scope.say("head_people")),
        Head("hours", scope.say("head_hours"), 1), Head("own", scope.say("head_case_help"), 1),
        Head("contacts", scope.say("head_contacts")), Head("contact_hours", scope.say("head_contact_hours"), 1),
    )  # fmt: skip
    notes = (scope.say("note_hours"),)
    return Listing("hours", scope.say("title_hours", year=scope.date.year), heads, tuple(rows), notes,
                   empty=scope.say("no_hours"))  # fmt: skip


def _safe_hours(scope: Scope, mine: Sequence[Volunteer]) -> tuple[Listing, ...]:
    """All chosen towns together, where enough people stand behind the hours."""
    given = [pair for each in mine if any(pair := each.of_year(scope.date.year))]
    if not given or not is_safe(len(given), scope.policy.threshold("person")):
        return ()
    row = (sum((pair[0] for pair in given), ZERO), sum((pair[1] for pair in given), ZERO))
    heads = (Head("hours", scope.say("head_hours"), 0), Head("own", scope.say("head_case_help"), 0))
    return (Listing("hours", scope.say("title_hours", year=scope.date.year), heads, (row,)),)


def _needs(scope: Scope, active: Sequence[Volunteer]) -> Listing:
    """Whose training or certificate is missing, too old or soon too old."""
    rows: list[tuple[Value, ...]] = []
    for each in active:
        ends = each.certificate_ends()
        certificate = "needs_certificate" if ends is None else ""
        if ends is not None and ends <= scope.date + SOON:
            certificate = "certificate_old" if ends <= scope.date else "certificate_soon"
        training = "" if each.training == "ja" else "needs_training"
        if certificate or training:
            said = [scope.say(code) for code in (training, certificate) if code]
            rows.append((scope.name(each.ags), each.number, "; ".join(said), each.trained, each.certificate, ends))
    names = ("town", "number", "needs", "trained", "certificate", "certificate_until")
    heads = tuple(text_head(name, scope.say(f"head_{name}")) for name in names)
    return Listing("needs", scope.say("title_needs"), heads, tuple(rows), (scope.say("note_needs"),),
                   empty=scope.say("no_needs"))  # fmt: skip
