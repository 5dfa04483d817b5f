"""What is said of accommodations: units, usable places by day, who lives there, where is room, where are too many.

What an accommodation counts on a day is reckoned in `reports.registers.site`, for every report.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from reports.disclosure import beside, protect, things
from reports.registers.listing import Head, Listing, Value, of_safe, text_head
from reports.registers.reading import Registers, Scope, in_care
from reports.registers.site import Site, sites

FORMS = ("unterkunft", "erstgespraech", "austritt")
CLASSES = ("general",)


def listings(registers: Registers, scope: Scope) -> tuple[Listing, ...]:
    """What is said of accommodations. Towards council and public: by district, persons protected."""
    mine = [each for each in sites(registers) if each.ags in scope.towns]
    current = [each for each in mine if each.is_used(scope.date)]
    if scope.outward:
        return (_safe_districts(registers, scope, current),)
    return (
        _each(registers, scope, current), _free(registers, scope, current), _months(scope, mine),
        _districts(scope, current),
    )  # fmt: skip


def _numbers(found: Sequence[Site], on: dt.date) -> tuple[Value, ...]:
    """usable, occupied, of these apart, free, rate; free and rate of the sites whose places are known (W02)."""
    lived = [(each.usable_on(on), each.people(on)) for each in found]
    usable, there = _sum(places for places, _ in lived), sum(len(who) for places, who in lived if places is not None)
    people = [stay for _, who in lived for stay in who]
    apart = sum(stay.is_apart for stay in people)
    return usable, len(people), apart, None if usable is None else usable - there, _rate(there, usable or 0)


def _sum(values: Iterable[int | None]) -> int | None:
    """The sum of what is known; None where nothing is."""
    known = [each for each in values if each is not None]
    return sum(known) if known else None


def _number_heads(scope: Scope) -> tuple[Head, ...]:
    names = ("usable", "occupied", "apart", "free")
    return (*(Head(name, scope.say(f"head_{name}")) for name in names), Head("rate", scope.say("head_occupancy"), 1))


def _each(registers: Registers, scope: Scope, current: Sequence[Site]) -> Listing:
    kinds = registers.labels("unterkunft", "unterkunft-type", scope.language)
    rows: list[tuple[Value, ...]] = [
        (f"{each.number} {each.name}", scope.name(each.ags), each.district, kinds.get(each.kind, each.kind), each.units,
         each.places, *_numbers([each], scope.date))
        for each in current
    ]  # fmt: skip
    if len(rows) > 1:
        units, places = _sum(each.units for each in current), _sum(each.places for each in current)
        rows.append((scope.say("total"), "", "", "", units, places, *_numbers(current, scope.date)))
    heads = (
        text_head("site", scope.say("head_site")), text_head("town", scope.say("head_town")),
        text_head("district", scope.say("head_district")), text_head("kind", scope.say("head_kind")),
        Head("units", scope.say("head_units")), Head("places", scope.say("head_places")), *_number_heads(scope),
    )  # fmt: skip
    notes = (scope.say("note_occupied"), scope.say("note_usable"))
    return Listing(
        "sites", scope.say("title_sites", count=len(current)), heads, tuple(rows), notes, _over(scope, current),
        total=len(rows) > 1, empty=scope.say("no_sites"),
    )  # fmt: skip


def _over(scope: Scope, current: Sequence[Site]) -> tuple[str, ...]:
    """Where more live than there are places, in a site or in one of its units."""
    said = []
    for each in current:
        people, usable = each.people(scope.date), each.usable_on(scope.date)
        name = f"{each.number} {each.name} ({scope.name(each.ags)})"
        if usable is not None and len(people) > usable:
            said.append(scope.say("over_site", site=name, occupied=len(people), usable=usable))
        by_unit = Counter(stay.unit for stay in people)
        said += [
            scope.say("over_unit", site=name, unit=flat, occupied=by_unit[flat], places=places)
            for flat, places in each.flats
            if by_unit[flat] > places
        ]
    return tuple(said)


def _free(registers: Registers, scope: Scope, current: Sequence[Site]) -> Listing:
    """Where there is room, the most first."""
    yes = registers.labels("unterkunft", "unterkunft-barrier_free", scope.language)
    free = [
        (each, usable - len(each.people(scope.date)))
        for each in current
        if (usable := each.usable_on(scope.date)) is not None
    ]
    rows = tuple(
        (f"{each.number} {each.name}", scope.name(each.ags), each.district, room, yes.get(each.accessible, ""))
        for each, room in sorted(free, key=lambda pair: (-pair[1], pair[0].ags, pair[0].number))
        if room > 0
    )
    heads = (
        text_head("site", scope.say("head_site")), text_head("town", scope.say("head_town")),
        text_head("district", scope.say("head_district")), Head("free", scope.say("head_free")),
        text_head("accessible", scope.say("head_accessible")),
    )  # fmt: skip
    return Listing("free", scope.say("title_free"), heads, rows, empty=scope.say("no_room"))


def _months(scope: Scope, found: Sequence[Site]) -> Listing:
    rows = tuple(
        (on, len(used), *_numbers(used, on))
        for on in scope.months()
        for used in [[each for each in found if each.is_used(on)]]
    )
    heads = (text_head("day", scope.say("head_day")), Head("sites", scope.say("head_sites")), *_number_heads(scope))
    return Listing("occupancy", scope.say("title_occupancy"), heads, rows)


def _by_district(current: Sequence[Site], name: Callable[[Site], str]) -> dict[str, list[Site]]:
    found: dict[str, list[Site]] = {}
    for each in current:
        found.setdefault(name(each), []).append(each)
    return dict(sorted(found.items()))


def _district(scope: Scope, each: Site) -> str:
    return each.district if len(scope.towns) == 1 else f"{scope.name(each.ags)}: {each.district}"


def _districts(scope: Scope, current: Sequence[Site]) -> Listing:
    grouped = _by_district(current, lambda each: _district(scope, each))
    rows = tuple(
        (name, len(found), _sum(each.units for each in found), *_numbers(found, scope.date))
        for name, found in grouped.items()
    )
    heads = (
        text_head("district", scope.say("head_district")), Head("sites", scope.say("head_sites")),
        Head("units", scope.say("head_units")), *_number_heads(scope),
    )  # fmt: skip
    return Listing("districts", scope.say("title_districts"), heads, rows, empty=scope.say("no_sites"))


def _safe_districts(registers: Registers, scope: Scope, current: Sequence[Site]) -> Listing:
    """Persons looked after by district, as the annual report counts them, everybody once: without those who live there
    apart, because the difference would tell how many those are, and without those who have left."""
    grouped = _by_district(current, lambda each: _district(scope, each))
    cared, seen = in_care(registers, scope.towns, scope.date), set[tuple[str, str]]()
    people = dict.fromkeys(grouped, 0)
    for each in current:
        there = {(each.ags, stay.person) for stay in each.people(scope.date) if not stay.is_apart}
        people[_district(scope, each)] += len((there & cared.keys()) - seen)
        seen |= there
    title = scope.say("title_districts")
    counted = protect(
        people, scope.policy, key="districts", title=title, column=scope.say("head_looked_after"),
        stub=scope.say("head_district"), language=scope.language, population=f"housed@{scope.date}", fixed=True,
    )  # fmt: skip
    whole_sites: dict[str, dict[str, int | Decimal | None]] = {
        name: {"sites": len(found), "units": _sum(each.units for each in found),
               "usable": _sum(each.usable_on(scope.date) for each in found)}
        for name, found in grouped.items()
    }  # fmt: skip
    columns = {name: scope.say(f"head_{name}") for name in ("sites", "units", "usable")}
    physical = things(whole_sites, key="sites", title=title, columns=columns, language=scope.language)
    return of_safe(beside(counted, physical), (scope.say("note_looked_after"),))


def _rate(part: int, all_of: int) -> Decimal | None:
    return (Decimal(part * 100) / all_of).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP) if all_of else None
