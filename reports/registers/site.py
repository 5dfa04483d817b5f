"""An accommodation as every report reckons it: usable places by day, who lives there.

Somebody lives in a place from the day of the move in up to the day before the move out, and counts in it once; in a
place that is not in use nobody lives. People without integration management (`not_im`) take places, too, and are told
apart.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from reports.registers.reading import Registers, Row, day, holds, stays, text, whole
from validation.layout import KEY


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
    """An accommodation. `flats`: places of the units that are kept one by one, by name. None: nobody stated it."""

    ags: str
    number: str
    name: str
    district: str
    kind: str
    units: int | None
    places: int | None
    usable: int | None
    accessible: str
    start: dt.date | None
    end: dt.date | None
    restrictions: tuple[Restriction, ...]
    stays: tuple[Stay, ...]
    flats: tuple[tuple[str, int], ...]

    def is_used(self, on: dt.date) -> bool:
        return holds(self.start, self.end, on)

    def usable_on(self, on: dt.date) -> int | None:
        """Places that can be used on a day: the fewest any restriction of that day leaves. Where restrictions are kept,
        other days have all places; where none are, what is said to be usable now holds for every day. None: nobody
        stated any number of places."""
        if not self.is_used(on):
            return 0
        if self.restrictions:
            left = [each.places for each in self.restrictions if holds(each.start, each.end, on)]
            return min(left) if left else self.places
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
        units=whole(row, "unterkunft-units"), places=whole(row, "unterkunft-places"),
        usable=whole(row, "unterkunft-places_usable"), accessible=text(row, "unterkunft-barrier_free"),
        start=day(row, "unterkunft-in_use_from"), end=day(row, "unterkunft-in_use_to"), restrictions=restricted,
        stays=lived, flats=flats,
    )  # fmt: skip
