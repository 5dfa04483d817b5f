"""Who lives in the demo: a pure plan of invented people that adds up to published sums.

The cohort tables below are the whole arithmetic: how many people of a nation came in one year and left in another.
They are chosen so that Althengstett's published figures come out exactly (data/demo/README.md says in which reading);
everything else about a person is drawn from the seed. No names, no real person.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

ALTHENGSTETT, LINDENHAIN, SOMMERAU = "08235007", "08999001", "08999002"
LAST_DAY = date(2022, 12, 31)
STAYS: None = None  # left in no year: still there on LAST_DAY


@dataclass(frozen=True, slots=True)
class Cohort:
    """People of one intake kind who came in one year and left in one year (None: not yet), by nationality (ISO 3166).

    The first year of a town's table is its opening stock: those people came in that year or shortly before.
    """

    came: int
    left: int | None
    nations: Mapping[str, int]
    kind: str = "lra"

    @property
    def size(self) -> int:
        return sum(self.nations.values())


@dataclass(frozen=True, slots=True)
class Site:
    """An accommodation. `closed` is its last day in use, None while it is used. `kind` and `owner` are list codes."""

    municipality: str
    id: str
    name: str
    district: str
    kind: str
    owner: str
    units: int
    places: int
    opened: date
    closed: date | None = None

    @property
    def housing(self) -> str:
        """The code of the list `wohnform` that holds for who lives here."""
        if self.kind == "gu":
            return "au_gu"
        return "au_whg_eigen" if self.owner == "eigen" else "au_whg_miete"


@dataclass(frozen=True, slots=True)
class Post:
    """A post, full-time equivalents as text with a point. `until` is the last day approved.

    `absent` is the first and last day of an absence, which was covered; None if there was none. `shares` maps the towns
    that share the post to per cent, empty for a post of one town.
    """

    municipality: str
    id: str
    approved: str
    since: date
    until: date | None
    extension: int = 0
    absent: tuple[date, date] | None = None
    shares: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Person:
    """One episode of one person. Half-open: `left` is the first day the person no longer counts; None: still there.

    `entered` is the day of entry to Germany, None for children born here. `head` is the id of the household's first
    person (itself, if the person is the first), `role` head, partner or child. `met` is the day of the first interview.
    `private` is the day of a move from the accommodation to a flat of one's own, `next_town` the AGS of the town of
    this plan to which the person went on, `before` the person as of the episode in the town where they came from.
    """

    id: str
    municipality: str
    kind: str
    nationality: str
    sex: str
    born: date
    entered: date | None
    came: date
    met: date
    left: date | None
    reason: str | None
    head: str
    role: str
    household: int
    site: str
    private: date | None = None
    next_town: str = ""
    before: Person | None = None

    @property
    def first(self) -> Person:
        """The person as of the first episode."""
        return self.before.first if self.before is not None else self

    @property
    def episode(self) -> int:
        """1, or more for somebody who came from another town of the plan."""
        return self.before.episode + 1 if self.before is not None else 1

    def age(self, day: date) -> int:
        """Completed years on a day."""
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))

    def present(self, day: date) -> bool:
        """Whether the episode counts in the stock of a day."""
        return self.came <= day and (self.left is None or self.left > day)


@dataclass(frozen=True, slots=True)
class Population:
    """The whole plan: people by day of arrival, accommodations, posts. Equal seeds give equal plans.

    Of the people who have a plan, one in `accompanied` has follow-ups and contacts; the goals of the others are looked
    at once at most. `names` are the towns by AGS, as far as they are not those of the shipped study; `size` is ''
    for the small demo.
    """

    seed: int
    people: tuple[Person, ...]
    sites: tuple[Site, ...]
    posts: tuple[Post, ...]
    accompanied: int = 16
    size: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What tells this plan from others: its records have other ids."""
        return f"{self.seed}{self.size}"

    @property
    def municipalities(self) -> tuple[str, ...]:
        """The AGS of every town where somebody lives or lived."""
        return tuple(sorted({person.municipality for person in self.people}))

    def stock(self, municipality: str, day: date) -> list[Person]:
        """Everybody of a municipality whose episode counts on a day."""
        return [person for person in self.people if person.municipality == municipality and person.present(day)]


# fmt: off
COHORTS: Mapping[str, tuple[Cohort, ...]] = {
    ALTHENGSTETT: (
        Cohort(2017, 2018, {"SY": 26, "AF": 12, "IQ": 5, "GM": 4, "IR": 3, "NG": 3, "ER": 2}),
        Cohort(2017, 2019, {"SY": 15, "AF": 7, "IQ": 4, "GM": 3, "PK": 2, "SO": 2}),
        Cohort(2017, 2020, {"SY": 6, "AF": 2, "IQ": 2, "GM": 2}),
        Cohort(2018, 2018, {"IQ": 2}),
        Cohort(2018, 2019, {"SY": 8, "AF": 4, "IQ": 2, "IR": 2, "TR": 2}),
        Cohort(2018, 2020, {"SY": 9, "AF": 4, "IR": 2, "TR": 2, "PK": 1}),
        Cohort(2018, 2021, {"SY": 6, "AF": 2, "NG": 2, "ER": 1}),
        Cohort(2018, 2022, {"SY": 2, "IQ": 1}),
        Cohort(2019, 2019, {"GM": 2, "NG": 1}),
        Cohort(2019, 2020, {"SY": 4, "AF": 2, "IQ": 3}),
        Cohort(2019, 2021, {"SY": 12, "AF": 5, "IR": 3, "TR": 4}),
        Cohort(2019, 2022, {"SY": 5, "AF": 2, "IQ": 3}),
        Cohort(2019, STAYS, {"SY": 2, "AF": 1, "GM": 1}),
        Cohort(2020, 2020, {"GE": 2}),
        Cohort(2020, 2021, {"SY": 6, "AF": 2, "IQ": 2, "GM": 2}),
        Cohort(2020, 2022, {"SY": 10, "AF": 4, "TR": 4}),
        Cohort(2020, STAYS, {"SY": 3, "AF": 1, "ER": 2}),
        Cohort(2021, 2021, {"NG": 2, "GE": 2}),
        Cohort(2021, 2022, {"SY": 16, "AF": 5, "IQ": 3, "NG": 2, "SO": 2}),
        Cohort(2021, STAYS, {"SY": 9, "AF": 2, "PS": 2, "IR": 2, "PK": 1}),
        Cohort(2022, 2022, {"SY": 3, "AF": 1, "GE": 2}),
        Cohort(2022, STAYS, {
            "SY": 27, "PS": 10, "AF": 5, "TR": 4, "IQ": 4, "NG": 3, "SO": 3, "IR": 2, "GM": 2, "GE": 2, "XK": 2,
            "PK": 1, "IN": 1,
        }),
        Cohort(2022, STAYS, {"UA": 18}, "privat_ua"),
    ),
    LINDENHAIN: (
        Cohort(2019, 2020, {"SY": 6}),
        Cohort(2019, 2021, {"AF": 6}),
        Cohort(2019, 2022, {"SY": 4}),
        Cohort(2019, STAYS, {"SY": 6}),
        Cohort(2020, 2022, {"IQ": 3}),
        Cohort(2020, STAYS, {"AF": 3}),
        Cohort(2021, STAYS, {"SY": 5, "TR": 2}),
        Cohort(2022, STAYS, {"UA": 8}, "privat_ua"),
    ),
    SOMMERAU: (
        Cohort(2019, 2020, {"SY": 9, "AF": 6, "NG": 3}),
        Cohort(2019, 2021, {"SY": 8, "IQ": 5, "ER": 3}),
        Cohort(2019, 2022, {"SY": 7, "AF": 7}),
        Cohort(2019, STAYS, {"SY": 6, "IQ": 4}),
        Cohort(2020, 2021, {"GM": 3, "GE": 3}),
        Cohort(2020, 2022, {"AF": 6}),
        Cohort(2020, STAYS, {"SY": 8}),
        Cohort(2021, 2022, {"TR": 6}),
        Cohort(2021, STAYS, {"SY": 9, "TR": 5}),
        Cohort(2022, STAYS, {"SY": 9, "TR": 8}),
        Cohort(2022, STAYS, {"UA": 12}, "privat_ua"),
    ),
}

# Exits that are not into independence: one reason per person, for each year. 2019 as the town reported it.
OTHER_EXITS: Mapping[str, Mapping[int, tuple[str, ...]]] = {
    ALTHENGSTETT: {
        2018: ("freiw_rueckkehr",) * 3,
        2019: ("abschiebung",) * 3 + ("untergetaucht",) * 3,
        2020: ("umzug_de",) * 3,
        2021: ("untergetaucht",) * 3,
        2022: ("freiw_rueckkehr",) * 3,
    },
    LINDENHAIN: {},
    SOMMERAU: {2021: ("umzug_de",) * 3, 2022: ("freiw_rueckkehr",) * 3},
}

SITES: tuple[Site, ...] = (
    Site(ALTHENGSTETT, "U-01", "Haus 1", "Althengstett", "gu", "eigen", 8, 28, date(2015, 7, 1)),
    Site(ALTHENGSTETT, "U-02", "Haus 2", "Althengstett", "gu", "angemietet", 6, 24, date(2015, 9, 1)),
    Site(ALTHENGSTETT, "U-03", "Haus 3", "Althengstett", "wohnung", "eigen", 4, 16, date(2015, 9, 1)),
    Site(ALTHENGSTETT, "U-04", "Haus 4", "Althengstett", "wohnung", "angemietet", 3, 14, date(2015, 9, 1)),
    Site(ALTHENGSTETT, "U-05", "Haus 5", "Althengstett", "wohnung", "angemietet", 3, 14, date(2015, 9, 1)),
    Site(ALTHENGSTETT, "U-06", "Haus 6", "Althengstett", "wohnung", "eigen", 2, 12, date(2015, 9, 1)),
    Site(ALTHENGSTETT, "U-07", "Haus 7", "Neuhengstett", "gu", "eigen", 4, 16, date(2015, 9, 1)),
    Site(ALTHENGSTETT, "U-08", "Haus 8", "Neuhengstett", "wohnung", "angemietet", 2, 12, date(2015, 9, 1)),
    Site(ALTHENGSTETT, "U-09", "Haus 9", "Neuhengstett", "wohnung", "eigen", 2, 12, date(2015, 9, 1)),
    Site(ALTHENGSTETT, "U-10", "Haus 10", "Ottenbronn", "gu", "eigen", 4, 16, date(2015, 9, 1)),
    Site(
        ALTHENGSTETT, "U-11", "Haus 11", "Althengstett", "gu", "angemietet", 4, 16, date(2015, 9, 1), date(2022, 6, 30)
    ),
    Site(LINDENHAIN, "U-01", "Haus Linde", "Lindenhain", "gu", "eigen", 6, 22, date(2016, 1, 1)),
    Site(LINDENHAIN, "U-02", "Haus Hain", "Lindenhain", "wohnung", "angemietet", 4, 14, date(2016, 1, 1)),
    Site(SOMMERAU, "U-01", "Haus am Bach", "Sommerau", "gu", "eigen", 10, 34, date(2015, 1, 1)),
    Site(SOMMERAU, "U-02", "Haus am Markt", "Sommerau", "wohnung", "angemietet", 6, 24, date(2015, 1, 1)),
    Site(SOMMERAU, "U-03", "Haus Oberdorf", "Oberdorf", "wohnung", "eigen", 5, 20, date(2015, 1, 1)),
    Site(SOMMERAU, "U-04", "Haus Unterdorf", "Unterdorf", "gu", "angemietet", 4, 16, date(2015, 1, 1)),
)

POSTS: tuple[Post, ...] = (
    Post(
        ALTHENGSTETT, "S-01", "1.00", date(2017, 10, 1), date(2023, 12, 31), 12, (date(2022, 9, 1), date(2023, 12, 31))
    ),
    Post(ALTHENGSTETT, "S-02", "0.50", date(2017, 10, 1), date(2021, 12, 31)),
    Post(ALTHENGSTETT, "S-03", "0.75", date(2022, 1, 1), date(2023, 12, 31), 12),
    Post(LINDENHAIN, "S-01", "0.50", date(2018, 1, 1), date(2023, 12, 31)),
    Post(SOMMERAU, "S-01", "1.00", date(2018, 1, 1), date(2023, 12, 31)),
)
# fmt: on

SIZES = (1, 1, 2, 3, 4, 5)  # how large a household is drawn
INDEPENDENT = ("selbst_wohn",) * 5 + ("selbst_arbeit",) * 3 + ("selbst_regel",) * 2
FIRST_INTERVIEWS = date(2017, 7, 3)  # the programme began


def dice(*parts: object) -> random.Random:
    """Random numbers that depend on the given parts alone, the same on every machine."""
    return random.Random("/".join(str(part) for part in parts))  # noqa: S311 - synthetic data, no secret


def plan_population(seed: int = 2022) -> Population:
    """The people, accommodations and posts of all demo towns. Pure; a second is far more than it needs.

    Raises ValueError when the tables above do not fit together: a household without a place, too few people for the
    other exits of a year.
    """
    people: list[Person] = []
    for municipality, cohorts in COHORTS.items():
        households = _with_reasons(municipality, list(_households(municipality, cohorts, seed)), seed)
        sites = [site for site in SITES if site.municipality == municipality]
        people.extend(people_of(households, placed(households, sites), seed, len(people)))
    return Population(seed, tuple(people), SITES, POSTS)


@dataclass(frozen=True, slots=True)
class Household:
    """People who came together, before it is drawn who they are. Fields as of `Person`."""

    number: int
    municipality: str
    kind: str
    nationality: str
    size: int
    came: date
    met: date
    left: date | None
    reason: str | None = None
    private: date | None = None
    next_town: str = ""


def _households(municipality: str, cohorts: Sequence[Cohort], seed: int) -> Iterator[Household]:
    opening = cohorts[0].came
    number = 0
    alone = {year: len(codes) for year, codes in OTHER_EXITS[municipality].items()}
    for cohort in cohorts:
        for nationality, count in cohort.nations.items():
            rest = count
            while rest:
                number += 1
                rng = dice(seed, municipality, number)
                size = min(rng.choice(SIZES), rest)
                if nationality != "SY" and cohort.left is not None and alone.get(cohort.left):
                    alone[cohort.left] -= 1  # other exits are single people: see _with_reasons
                    size = 1
                rest -= size
                came, left = _span(cohort, opening, rng)
                met = first_interview_day(came, left, rng)
                yield Household(number, municipality, cohort.kind, nationality, size, came, met, left)


def _span(cohort: Cohort, opening: int, rng: random.Random) -> tuple[date, date | None]:
    """When a household came and left: never at the turn of the year, never both within a few weeks."""
    year = cohort.came
    first, last = date(year, 1, 8), date(year, 12, 10)
    if year == opening:
        first = date(year - 1, 3, 1)
    if cohort.kind == "privat_ua":
        first = date(year, 3, 14)
    if cohort.left == year:
        last = date(year, 5, 31)
    came = weekday(first, last, rng)
    if cohort.left is None:
        return came, None
    return came, weekday(max(date(cohort.left, 1, 10), came + timedelta(90)), date(cohort.left, 12, 18), rng)


def first_interview_day(came: date, left: date | None, rng: random.Random) -> date:
    earliest = max(came + timedelta(5), FIRST_INTERVIEWS)
    latest = min(earliest + timedelta(60), LAST_DAY - timedelta(1), date(earliest.year, 12, 22))
    if left is not None:
        latest = min(latest, left - timedelta(14))
    return weekday(earliest, max(earliest, latest), rng)


def weekday(first: date, last: date, rng: random.Random) -> date:
    """A weekday between two days, both included, if there is one."""
    day = first + timedelta(rng.randint(0, (last - first).days))
    while day.weekday() > 4 and day > first:
        day -= timedelta(1)
    return day


def _with_reasons(municipality: str, households: list[Household], seed: int) -> list[Household]:
    """Gives every household that left its reason; the other exits of a year are single people."""
    reasons: dict[int, str] = {}
    for year, codes in OTHER_EXITS[municipality].items():
        singles = [h for h in households if h.size == 1 and h.left is not None and h.left.year == year]
        singles.sort(key=lambda h: (h.nationality == "SY", h.left, h.number))
        if len(singles) < len(codes):
            raise ValueError(f"{municipality} {year}: {len(codes)} other exits, {len(singles)} single people")
        reasons.update({household.number: code for household, code in zip(singles, codes, strict=False)})
    return [
        replace(h, reason=reasons.get(h.number) or dice(seed, municipality, h.number, "exit").choice(INDEPENDENT))
        if h.left is not None
        else h
        for h in households
    ]


def placed(households: Sequence[Household], sites: Sequence[Site]) -> dict[int, str]:
    """The accommodation of each household: by day of arrival, where most places are free. {household: site id}."""
    free = {site.id: site.places for site in sites}
    where: dict[int, str] = {}
    living: list[Household] = []
    for household in sorted(households, key=lambda h: (h.came, h.number)):
        for gone in [h for h in living if h.left is not None and h.left <= household.came]:
            living.remove(gone)
            free[where[gone.number]] += gone.size
        open_sites = [
            site
            for site in sites
            if site.closed is None or (household.left is not None and household.left <= site.closed)
        ]
        best = max(open_sites, key=lambda site: (free[site.id] / site.places, site.id))
        if free[best.id] < household.size:
            best = max(open_sites, key=lambda site: (free[site.id], site.id))
        if free[best.id] < household.size:
            raise ValueError(f"{household.municipality}: no place for a household of {household.size}")
        free[best.id] -= household.size
        where[household.number] = best.id
        living.append(household)
    return where


def people_of(households: Sequence[Household], placed: Mapping[int, str], seed: int, taken: int) -> Iterator[Person]:
    number = taken
    for household in sorted(households, key=lambda h: (h.came, h.number)):
        rng = dice(seed, household.municipality, household.number, "people")
        head = f"P-{number + 1:06d}"
        arrived = max(household.came - timedelta(rng.randint(40, 500)), date(2014, 9, 1))
        if household.kind == "privat_ua":
            arrived = max(household.came - timedelta(rng.randint(1, 14)), date(2022, 2, 25))
        for role, sex, born in _members(household, rng):
            number += 1
            yield Person(
                id=f"P-{number:06d}",
                municipality=household.municipality,
                kind=household.kind,
                nationality=household.nationality,
                sex=sex,
                born=born,
                entered=arrived if born <= arrived else None,
                came=household.came,
                met=household.met,
                left=household.left,
                reason=household.reason,
                head=head,
                role=role,
                household=household.number,
                site=placed[household.number],
                private=household.private,
                next_town=household.next_town,
            )


def _members(household: Household, rng: random.Random) -> Iterator[tuple[str, str, date]]:
    """Role, sex and day of birth of each member: adults first, then children under 17 on the day of the interview."""
    mother_alone = rng.random() < (0.8 if household.nationality == "UA" else 0.2)
    couple = household.size > 1 and not mother_alone and (household.size > 2 or rng.random() < 0.6)
    children = household.size - (2 if couple else 1)
    youngest = household.came - timedelta(25)
    oldest = household.met - timedelta(int(365.25 * 17))
    births = sorted(_any_day(oldest, youngest, rng) for _ in range(children))
    parent_by = (births[0] if births else household.came) - timedelta(int(365.25 * 20))
    born = _any_day(parent_by - timedelta(365 * 18), parent_by, rng)
    if household.size == 1:
        head_sex = "m" if rng.random() < 0.75 else "w"
    else:
        head_sex = "w" if mother_alone else rng.choice("mw")
    yield "head", head_sex, born
    if couple:
        yield "partner", "w" if head_sex == "m" else "m", min(born + timedelta(rng.randint(-1500, 1500)), parent_by)
    for birth in births:
        yield "child", rng.choice("mw"), birth


def _any_day(first: date, last: date, rng: random.Random) -> date:
    return first + timedelta(rng.randint(0, (last - first).days))
