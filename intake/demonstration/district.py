"""Who lives in the demo's Kreis: a pure plan of invented towns and people, around the towns of `intake.population`.

How long people stay, why they leave and from where they come is drawn so that the sums look like those towns publish:
about four in ten are minors, as many are women, half of those who left had stayed two years, seven exits in ten are
into independence. Every name of a town is invented and says so.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from intake.population import (
    LAST_DAY,
    Household,
    Person,
    Population,
    Post,
    Site,
    dice,
    first_interview_day,
    people_of,
    placed,
    plan_population,
    weekday,
)

# fmt: off
NATIONS: Mapping[str, int] = {
    "SY": 40, "AF": 14, "IQ": 9, "TR": 7, "GM": 5, "IR": 4, "NG": 4, "ER": 4, "PK": 3, "SO": 3, "GE": 2, "PS": 2,
    "XK": 1, "IN": 1,
}
FROM_UKRAINE = 0.38  # of those who came in 2022
ARRIVALS: Mapping[int, int] = {2017: 24, 2018: 14, 2019: 13, 2020: 10, 2021: 13, 2022: 26}
REASONS: Mapping[str, int] = {
    "selbst_wohn": 36, "selbst_arbeit": 20, "selbst_regel": 13, "umzug_de": 10, "freiw_rueckkehr": 5,
    "untergetaucht": 4, "zeitablauf": 4, "familienzusammenfuehrung": 3, "wechsel_traeger": 2, "keine_mitwirkung": 2,
    "abschiebung": 1,
}
KINDS = ("lra",) * 22 + ("familiennachzug", "umverteilung")
ENDINGS = (
    "au", "bach", "berg", "brunn", "buch", "burg", "dorf", "eck", "feld", "furt", "garten", "hain", "halde", "heim",
    "hof", "hofen", "holz", "kirch", "lingen", "moos", "mühle", "rain", "reut", "ried", "rode", "scheid", "see",
    "stadt", "stein", "sulz", "tal", "wald", "wang", "weiler", "wiesen", "zell",
)
# fmt: on
SIZES = (1, 1, 1, 1, 1, 2, 3, 3, 4, 5)  # how large a household is drawn
MOST_TOWNS = 2 * len(ENDINGS) + 1
STAY, SPREAD = 27, 0.55  # median of the months somebody stays, and how they scatter (lognormal)
CASELOAD = 75  # people of the mean stock for one post
SMALL = 12  # a town with a smaller stock has a share in its neighbour's post as well


def plan_district(persons: int, municipalities: int, seed: int = 2022) -> Population:
    """A Kreis of this many people in this many towns. Pure; equal arguments give equal plans.

    The three towns of the small demo are in it, unchanged, where there is room for them: at least twice their people,
    and one town more. ValueError for more towns than people or than MOST_TOWNS.
    """
    if not 2 <= municipalities <= min(persons, MOST_TOWNS):
        raise ValueError(f"{persons} people in {municipalities} towns")
    shipped = plan_population(seed)
    inside = persons >= 2 * len(shipped.people) and municipalities > len(shipped.municipalities)
    if not inside:
        shipped = Population(seed, (), (), ())
    names = _names(municipalities - len(shipped.municipalities))
    households = _with_moves(list(_households(list(names), persons - len(shipped.people), seed)), seed)
    people = list(shipped.people)
    sites, posts = list(shipped.sites), list(shipped.posts)
    for ags in names:
        here = [each for each in households if each.municipality == ags]
        own, where = _sites(ags, names[ags], here)
        sites.extend(own)
        people.extend(people_of(here, where, seed, len(people)))
    people = _moved(people, sites, seed)
    size = f"-{persons}x{municipalities}"
    posts.extend(_posts(list(names), people, seed))
    return Population(seed, tuple(people), tuple(sites), tuple(posts), accompanied=1, size=size, names=names)


def _names(count: int) -> dict[str, str]:
    """{AGS: name} of invented towns, in the range of keys that no town has."""
    words = [f"{first}{ending}" for first in ("Muster", "Beispiel") for ending in ENDINGS]
    return {f"08999{number:03d}": f"{word} (erfunden)" for number, word in enumerate(words[:count], start=3)}


# --- who comes, and for how long


def _households(towns: Sequence[str], persons: int, seed: int) -> Iterator[Household]:
    weights = [1 / (rank + 2) ** 0.8 for rank in range(len(towns))]
    numbers = dict.fromkeys(towns, 0)
    first = list(towns)  # every town has somebody
    for count in itertools.count(1):
        if persons <= 0:
            return
        rng = dice(seed, "district", count)
        town = first.pop(0) if first else rng.choices(towns, weights)[0]
        numbers[town] += 1
        size = min(rng.choice(SIZES), persons)
        persons -= size
        yield _household(town, numbers[town], size, rng)


def _household(town: str, number: int, size: int, rng: random.Random) -> Household:
    year = rng.choices(list(ARRIVALS), list(ARRIVALS.values()))[0]
    nation = rng.choices(list(NATIONS), list(NATIONS.values()))[0]
    kind = rng.choice(KINDS)
    earliest, latest = date(year, 1, 8), date(year, 12, 10)
    if year == 2017:
        earliest = date(2016, 6, 1)
    if year == 2022 and rng.random() < FROM_UKRAINE:
        nation, kind, earliest = "UA", "privat_ua", date(2022, 3, 14)
    came = weekday(earliest, latest, rng)
    left = _leaves(came, nation, rng)
    reason = None
    if left is not None:
        reason = rng.choices(list(REASONS), list(REASONS.values()))[0]
        if reason == "zeitablauf" and (left - came).days < 1095:
            reason = "selbst_regel"
    met = first_interview_day(came, left, rng)
    return Household(
        number, town, kind, nation, size, came, met, left, reason, private=_own_flat(met, left, reason, rng)
    )


def _leaves(came: date, nation: str, rng: random.Random) -> date | None:
    months = min(max(rng.lognormvariate(math.log(STAY), SPREAD), 5.0), 46.0)
    if nation == "UA":
        months *= 2  # most were still there at the end of the year
    left = came + timedelta(int(months * 30.4))
    if left < date(2018, 1, 15):
        left = date(2018, 1, 15) + timedelta(rng.randrange(300))
    left = min(left, came + timedelta(1430))
    while left.weekday() > 4:
        left += timedelta(1)
    return left if left <= LAST_DAY - timedelta(12) else None


def _own_flat(met: date, left: date | None, reason: str | None, rng: random.Random) -> date | None:
    """When a household moved into a flat of its own while it was still accompanied."""
    wants = {"selbst_wohn": 0.5, "selbst_arbeit": 0.4, "selbst_regel": 0.6}.get(reason or "", 0.25 if not left else 0)
    end = left or LAST_DAY
    day = end - timedelta(rng.randint(40, 260))
    if rng.random() >= wants or day < met + timedelta(100):
        return None
    return day


# --- moves inside the Kreis


def _with_moves(households: list[Household], seed: int) -> list[Household]:
    """About half of those who left for another town went to one of this Kreis; in every Kreis one does at least."""
    towns = sorted({each.municipality for each in households})
    eligible = [
        at for at, each in enumerate(households)
        if each.left is not None and date(2018, 6, 1) <= each.left <= LAST_DAY - timedelta(150) and not each.private
    ]  # fmt: skip
    going = [at for at in eligible if households[at].reason == "umzug_de" and dice(seed, "move", at).random() < 0.55]
    made = list(households)
    for at in going or eligible[:1]:
        others = [town for town in towns if town != made[at].municipality]
        if others:
            town = dice(seed, "move to", at).choice(others)
            made[at] = replace(made[at], reason="umzug_de", next_town=town)
    return made


def _moved(people: Sequence[Person], sites: Sequence[Site], seed: int) -> list[Person]:
    """The people, and behind them the episodes in the town to which they went on."""
    found = list(people)
    for person in people:
        if not person.next_town or person.left is None:
            continue
        rng = dice(seed, person.head, "second town")
        there = [site for site in sites if site.municipality == person.next_town]
        left = person.left + timedelta(rng.randint(200, 500)) if rng.random() < 0.5 else None
        if left is not None and left > LAST_DAY - timedelta(12):
            left = None
        met = first_interview_day(person.left, left, rng)
        site = there[0].id
        found.append(
            replace(
                person, municipality=person.next_town, kind="zuzug", came=person.left, met=met, left=left,
                reason="selbst_wohn" if left else None, site=site, private=None, next_town="", before=person,
                household=10_000 + person.household,
            )
        )  # fmt: skip
    return found


# --- where they live, and who works there


def _sites(ags: str, name: str, households: Sequence[Household]) -> tuple[list[Site], dict[int, str]]:
    """Accommodations with room for everybody, and who lives in which."""
    days = sorted(each.came for each in households)
    peak = max(sum(h.size for h in households if h.came <= day and (h.left is None or h.left > day)) for day in days)
    town = name.partition(" ")[0]
    for spare in itertools.count(1):
        wanted = max(int(peak * (1.1 + 0.15 * spare)), 8) + 2 * spare
        count = max(1, round(wanted / 26))
        sites = [_site(ags, town, number, math.ceil(wanted / count), extra=12) for number in range(1, count + 1)]
        try:
            return sites, placed(households, sites)
        except ValueError:
            continue
    raise AssertionError(ags)  # pragma: no cover - with enough room everybody has a place


def _site(ags: str, town: str, number: int, beds: int, *, extra: int) -> Site:
    """The first one has `extra` places, for those who come from another town."""
    kind = "gu" if number % 3 == 1 else "wohnung"
    owner = ("eigen", "angemietet", "angemietet")[number % 3]
    beds += extra if number == 1 else 0
    district = town if number < 3 else f"{town}-{('Nord', 'Süd', 'West')[number % 3]}"
    opened = date(2015, 3 + number % 9, 1)
    return Site(ags, f"U-{number:02d}", f"Haus {number}", district, kind, owner, max(1, beds // 5), beds, opened)


def _posts(towns: Sequence[str], people: Sequence[Person], seed: int) -> Iterator[Post]:
    days = [date(year, month, 1) for year in range(2018, 2023) for month in (1, 7)]
    small: list[str] = []
    wanted: dict[str, float] = {}
    for town in towns:
        here = [person for person in people if person.municipality == town]
        mean = sum(person.present(day) for day in days for person in here) / len(days)
        wanted[town] = max(0.25, round(4 * mean / CASELOAD) / 4)
        if mean < SMALL:
            small.append(town)
    for at, town in enumerate(towns):
        rest, number = wanted[town], 0
        neighbour = next((each for each in small if each != town), None)
        while rest > 0:
            number += 1
            rng = dice(seed, town, number, "post")
            size = min(rest, 1.0 if rest >= 1 or rng.random() < 0.5 else 0.5)
            rest = round(rest - size, 2)
            away = (date(2021, 4, 1), date(2022, 3, 31)) if rng.random() < 0.15 else None
            shared = {town: 80, neighbour: 20} if number == 1 and neighbour and at % 5 == 0 else {}
            if shared and neighbour:
                small.remove(neighbour)
            yield Post(town, f"S-{number:02d}", f"{size:.2f}", date(2018, 1, 1), date(2023, 12, 31), 12, away, shared)
