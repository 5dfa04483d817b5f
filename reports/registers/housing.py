"""Accommodations: units, usable places by day, who lives there, where there is room, where there are too many.

Somebody lives in a place from the day of the move in up to the day before the move out, and counts in it once. People
without integration management (`not_im`) take places, too, and are told apart.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from reports.disclosure import beside, protect, things
from reports.registers.listing import Head, Listing, Value, of_safe, text_head
from reports.registers.reading import Registers, Row, Scope, day, holds, stays, text, whole
from validation.layout import KEY

FORMS = ("unterkunft",)
CLASSES = ("general",)


@dataclass(frozen=True, slots=True)
class Restriction:
    """Places that can be used from a first to a last day."""

    start: dt.date | None
    end: dt.date | None
    places: int


@dataclass(frozen=True, slots=True)
class Stay:
    """`end` is the first day on which the person no longer lives there."""

    person: str
    unit: str
    start: dt.date | None
    end: dt.date | None
    is_apart: bool


@dataclass(frozen=True, slots=True)
class Site:
    """An accommodation. `flats`: places of the units that are kept one by one, by name."""

    ags: str
    number: str
    name: str
    district: str
    kind: str
    units: int
    places: int
    usable: int | None
    accessible: str
    start: dt.date | None
    end: dt.date | None
    restrictions: tuple[Restriction, ...]
    stays: tuple[Stay, ...]
    flats: tuple[tuple[str, int], ...]

    def is_used(self, on: dt.date) -> bool:
        return holds(self.start, self.end, on)

    def usable_on(self, on: dt.date) -> int:
        """Places that can be used on a day: the fewest any restriction of that day leaves. Where restrictions are kept,
        other days have all places; where none are, what is said to be usable now holds for every day."""
        if not self.is_used(on):
            return 0
        if self.restrictions:
            return min(
                (each.places for each in self.restrictions if holds(each.start, each.end, on)), default=self.places
            )
        return self.places if self.usable is None else self.usable

    def people(self, on: dt.date) -> tuple[Stay, ...]:
        """Who lives there on a day, everybody once."""
        found = {each.person: each for each in self.stays if stays(each.start, each.end, on)}
        return tuple(found.values()) if self.is_used(on) else ()


def sites(registers: Registers) -> tuple[Site, ...]:
    """All accommodations, by town and number."""
    found = (_site(row, registers) for row in registers.rows("unterkunft"))
    return tuple(sorted(found, key=lambda each: (each.ags, each.number)))


def _site(row: Row, registers: Registers) -> Site:
    key = row[KEY]
    restricted = tuple(
        Restriction(day(each, "nutzbar_von"), day(each, "nutzbar_bis"), whole(each, "nutzbar_plaetze") or 0)
        for each in registers.below("unterkunft-zeitraum", key)
    )
    lived = tuple(
        Stay(text(each, "person"), text(each, "unit"), day(each, "von"), day(each, "bis"), text(each, "not_im") == "ja")
        for each in registers.below("unterkunft-bewohner", key)
    )
    flats = tuple(
        (text(each, "einheit_name"), whole(each, "einheit_plaetze") or 0)
        for each in registers.below("unterkunft-einheit", key)
    )
    return Site(
        ags=text(row, "unterkunft-gemeinde"), number=text(row, "unterkunft-id"), name=text(row, "unterkunft-name"),
        district=text(row, "unterkunft-ortsteil"), kind=text(row, "unterkunft-type"),
        units=whole(row, "unterkunft-units") or 0, places=whole(row, "unterkunft-places") or 0,
        usable=whole(row, "unterkunft-places_usable"), accessible=text(row, "unterkunft-barrier_free"),
        start=day(row, "unterkunft-in_use_from"), end=day(row, "unterkunft-in_use_to"), restrictions=restricted,
        stays=lived, flats=flats,
    )  # fmt: skip


def listings(registers: Registers, scope: Scope) -> tuple[Listing, ...]:
    """What is said of accommodations. Towards council and public: by district, persons protected."""
    mine = [each for each in sites(registers) if each.ags in scope.towns]
    current = [each for each in mine if each.is_used(scope.date)]
    if scope.outward:
        return (_safe_districts(scope, current),)
    return (
        _each(registers, scope, current), _free(registers, scope, current), _months(scope, mine),
        _districts(scope, current),
    )  # fmt: skip


def _numbers(found: Sequence[Site], on: dt.date) -> tuple[Value, ...]:
    """usable, occupied, of these apart, free, rate."""
    usable = sum(each.usable_on(on) for each in found)
    people = [stay for each in found for stay in each.people(on)]
    apart = sum(each.is_apart for each in people)
    return usable, len(people), apart, usable - len(people), _rate(len(people), usable)


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
        units, places = (sum(getattr(each, name) for each in current) for name in ("units", "places"))
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
        if len(people) > usable:
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
    free = [(each, each.usable_on(scope.date) - len(each.people(scope.date))) for each in current]
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
        (name, len(found), sum(each.units for each in found), *_numbers(found, scope.date))
        for name, found in grouped.items()
    )
    heads = (
        text_head("district", scope.say("head_district")), Head("sites", scope.say("head_sites")),
        Head("units", scope.say("head_units")), *_number_heads(scope),
    )  # fmt: skip
    return Listing("districts", scope.say("title_districts"), heads, rows, empty=scope.say("no_sites"))


def _safe_districts(scope: Scope, current: Sequence[Site]) -> Listing:
    """Persons looked after by district, as the annual report counts them; without those who live there apart,
    because the difference would tell how many those are."""
    grouped = _by_district(current, lambda each: _district(scope, each))
    people = {
        name: len({stay.person for each in found for stay in each.people(scope.date) if not stay.is_apart})
        for name, found in grouped.items()
    }
    title = scope.say("title_districts")
    counted = protect(
        people, scope.policy, key="districts", title=title, column=scope.say("head_looked_after"),
        stub=scope.say("head_district"), language=scope.language, population=f"housed@{scope.date}", fixed=True,
    )  # fmt: skip
    whole_sites: dict[str, dict[str, int | Decimal | None]] = {
        name: {"sites": len(found), "units": sum(each.units for each in found),
               "usable": sum(each.usable_on(scope.date) for each in found)}
        for name, found in grouped.items()
    }  # fmt: skip
    columns = {name: scope.say(f"head_{name}") for name in ("sites", "units", "usable")}
    physical = things(whole_sites, key="sites", title=title, columns=columns, language=scope.language)
    return of_safe(beside(counted, physical), (scope.say("note_looked_after"),))


def _rate(part: int, all_of: int) -> Decimal | None:
    return (Decimal(part * 100) / all_of).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP) if all_of else None
