"""Posts: advertised, filled, entitled and employed apart, absence and cover, cost by pay group, months.

A post that several municipalities share counts for each with its share of the volume. Where shares are not kept it
belongs whole to the municipality that keeps the record. What a municipality employs itself is not shared: it alone is
the employer. Nothing here tells what a person in a post did; the kind of an absence is read nowhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from reports.registers.listing import Head, Listing, Value, text_head
from reports.registers.reading import Registers, Row, Scope, day, holds, number, text
from validation.layout import KEY

FORMS = ("stelle",)
CLASSES = ("staff",)
HUNDRED, ZERO = Decimal(100), Decimal(0)
COVERED = frozenset({"ja", "teilweise"})
ENDED, MANAGEMENT = "beendet", "im"
VOLUMES = ("entitled", "approved", "funded", "filled", "present", "own")


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
    filled: Decimal
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

    def filled_on(self, on: dt.date) -> Decimal:
        """What is filled on a day, whoever is absent."""
        return self.filled if self.exists(on) and (self.since is None or self.since <= on) else ZERO

    def present_on(self, on: dt.date) -> Decimal:
        """What is filled and there: nothing while the holder is absent and nobody stands in. How far a partial cover
        reaches is not recorded; it counts as there."""
        gone = any(holds(each.start, each.end, on) and each.cover not in COVERED for each in self.absences)
        return ZERO if gone else self.filled_on(on)

    def is_advertised(self, on: dt.date) -> bool:
        """Advertised and not filled yet."""
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
        return (self.table_cost * self.filled, True) if self.table_cost is not None else None


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
        funded=number(row, "stelle-vzae_gefoerdert"), filled=volume("besetzt"), own=own,
        advertised=day(row, "stelle-ausgeschrieben_am"), since=day(row, "stelle-besetzt_seit"),
        start=day(row, "stelle-von"), end=day(row, "stelle-bis"), group=text(row, "stelle-entgeltgruppe"),
        cost=number(row, "kosten-kosten_jahr"), table_cost=number(row, "kosten-kosten_tabelle"),
        grant=number(row, "kosten-zuschuss_jahr"), shares=shares or {ags: Decimal(1)}, absences=absences,
    )  # fmt: skip


def listings(registers: Registers, scope: Scope) -> tuple[Listing, ...]:
    """What is said of posts. Towards council and public: volumes and months only, without absences and money."""
    mine = tuple(each for each in posts(registers) if each.share(scope.towns) or each.ags in scope.towns)
    volumes, months = _volumes(registers, scope, mine), _months(scope, mine)
    if scope.outward:
        return volumes, months
    current = tuple(each for each in mine if each.exists(scope.date))
    return (
        volumes, _employers(registers, scope, current), months, _each(registers, scope, current),
        _absences(registers, scope, current), _costs(registers, scope, current),
    )  # fmt: skip


def _volumes(registers: Registers, scope: Scope, found: Sequence[Post]) -> Listing:
    """A row a town and role: integration management and integration commissioners are funded apart."""
    roles = registers.labels("stelle", "stelle-rolle", scope.language)
    current = [each for each in found if each.exists(scope.date)]
    names = [name for name in VOLUMES if not (scope.outward and name == "present")]
    rows: list[tuple[Value, ...]] = []
    sums: dict[str, list[Decimal | None]] = {name: [] for name in names}
    for ags in scope.towns:
        for role in dict.fromkeys((*roles, *(each.role for each in current))):
            here = [each for each in current if each.role == role and (each.share([ags]) or each.ags == ags)]
            if here:
                values = {name: _sum(_volume(each, name, ags, scope.date) for each in here) for name in names}
                for name, value in values.items():
                    sums[name].append(value)
                rate = _rate(values["filled"] or ZERO, values["approved"] or ZERO)
                rows.append((scope.name(ags), roles.get(role, role), *values.values(), rate))
    if len(rows) > 1:
        whole = {name: _sum(values) for name, values in sums.items()}
        rate = _rate(whole["filled"] or ZERO, whole["approved"] or ZERO)
        rows.append((scope.say("total"), "", *whole.values(), rate))
    heads = (
        text_head("town", scope.say("head_town")), text_head("role", scope.say("head_role")),
        *(Head(name, scope.say(f"head_{name}"), 2) for name in names), Head("rate", scope.say("head_fill_rate"), 1),
    )  # fmt: skip
    notes = (scope.say("note_volumes"),) if scope.outward else (scope.say("note_volumes"), scope.say("note_present"))
    title = scope.say("title_volumes")
    return Listing(
        "volumes", title, heads, tuple(rows), notes, () if scope.outward else _wrong_shares(scope, current),
        total=len(rows) > 1, empty=scope.say("no_posts"),
    )  # fmt: skip


def _volume(post: Post, name: str, ags: str, on: dt.date) -> Decimal | None:
    """A volume of a post as it counts for a town; None where nobody stated it."""
    if name == "own":
        return post.own if post.ags == ags and post.filled_on(on) else ZERO
    whole = {"filled": post.filled_on, "present": post.present_on}
    value: Decimal | None = whole[name](on) if name in whole else getattr(post, name)
    return None if value is None else value * post.share([ags])


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is known; None where nothing is."""
    known = [each for each in values if each is not None]
    return sum(known, ZERO) if known else None


def _wrong_shares(scope: Scope, found: Iterable[Post]) -> tuple[str, ...]:
    wrong = [(each, sum(each.shares.values(), ZERO) * HUNDRED) for each in found]
    return tuple(
        scope.say("wrong_shares", post=each.number, town=scope.name(each.ags), sum=f"{whole.normalize():f}")
        for each, whole in wrong
        if whole != HUNDRED
    )


def _employers(registers: Registers, scope: Scope, current: Sequence[Post]) -> Listing:
    """Who employs those who fill the posts."""
    labels = registers.labels("stelle", "stelle-traeger", scope.language)
    rows: list[tuple[Value, ...]] = []
    for code in dict.fromkeys((*labels, *(each.employer for each in current))):
        here = [each for each in current if each.employer == code]
        filled = sum((each.filled_on(scope.date) * each.share(scope.towns) for each in here), ZERO)
        advertised = sum(each.is_advertised(scope.date) for each in here)
        if here:
            rows.append((labels.get(code, code) or scope.say("not_said"), len(here), advertised, filled))
    heads = (
        text_head("employer", scope.say("head_employer")), Head("posts", scope.say("head_posts")),
        Head("advertised", scope.say("head_advertised")), Head("filled", scope.say("head_filled"), 2),
    )  # fmt: skip
    return Listing("employers", scope.say("title_employers"), heads, tuple(rows), empty=scope.say("no_posts"))


def _months(scope: Scope, found: Sequence[Post]) -> Listing:
    """Integration management alone: other roles are funded apart."""
    found = [each for each in found if each.role == MANAGEMENT]
    rows: list[tuple[Value, ...]] = []
    approved_sum = filled_sum = ZERO
    for on in scope.months():
        there = [(each, each.share(scope.towns)) for each in found if each.exists(on)]
        approved = sum((each.approved * share for each, share in there), ZERO)
        filled = sum((each.filled_on(on) * share for each, share in there), ZERO)
        present = sum((each.present_on(on) * share for each, share in there), ZERO)
        advertised = sum(each.is_advertised(on) for each, _ in there)
        approved_sum, filled_sum = approved_sum + approved, filled_sum + filled
        rows.append((on, approved, filled, *(() if scope.outward else (present,)), advertised))
    heads = [text_head("day", scope.say("head_day")), Head("approved", scope.say("head_approved"), 2)]
    heads.append(Head("filled", scope.say("head_filled"), 2))
    heads += [] if scope.outward else [Head("present", scope.say("head_present"), 2)]
    heads.append(Head("advertised", scope.say("head_advertised")))
    rate = _rate(filled_sum, approved_sum)
    notes = [] if rate is None else [scope.say("note_rate", rate=scope.number(rate, 1))]
    return Listing("months", scope.say("title_months"), tuple(heads), tuple(rows), (*notes, scope.say("note_months")))


def _each(registers: Registers, scope: Scope, current: Sequence[Post]) -> Listing:
    """One row a post, without who is in it."""
    states = registers.labels("stelle", "stelle-status", scope.language)
    rows: list[tuple[Value, ...]] = []
    for each in current:
        waited = (each.since - each.advertised).days if each.since and each.advertised else None
        state = "besetzt" if each.filled_on(scope.date) else "unbesetzt"
        state = "ausgeschrieben" if each.is_advertised(scope.date) else state
        rows.append((
            scope.name(each.ags), each.number, states.get(state, state), each.advertised, each.since, waited,
            each.approved, each.filled_on(scope.date), each.share(scope.towns) * HUNDRED, each.end,
        ))  # fmt: skip
    heads = (
        text_head("town", scope.say("head_town")), text_head("number", scope.say("head_number")),
        text_head("status", scope.say("head_status")), text_head("advertised", scope.say("head_advertised_on")),
        text_head("since", scope.say("head_since")), Head("waited", scope.say("head_waited")),
        Head("approved", scope.say("head_approved"), 2), Head("filled", scope.say("head_filled"), 2),
        Head("share", scope.say("head_share"), 1), text_head("end", scope.say("head_until")),
    )  # fmt: skip
    return Listing("posts", scope.say("title_posts"), heads, tuple(rows), empty=scope.say("no_posts"))


def _absences(registers: Registers, scope: Scope, current: Sequence[Post]) -> Listing:
    """Who is away on the day is said by the post; of what kind the absence is stays with the personnel office."""
    covers = registers.labels("stelle-abwesenheit", "vertretung", scope.language)
    rows = tuple(
        (
            scope.name(post.ags),
            post.number,
            scope.say("absence"),
            each.start,
            each.end,
            covers.get(each.cover, each.cover),
        )
        for post in current
        for each in post.absences
        if holds(each.start, each.end, scope.date)
    )
    heads = (
        text_head("town", scope.say("head_town")), text_head("number", scope.say("head_number")),
        text_head("kind", scope.say("head_kind")), text_head("start", scope.say("head_from")),
        text_head("end", scope.say("head_until")), text_head("cover", scope.say("head_cover")),
    )  # fmt: skip
    return Listing("absences", scope.say("title_absences"), heads, rows, empty=scope.say("no_absences"))


def _costs(registers: Registers, scope: Scope, current: Sequence[Post]) -> Listing:
    """Money a year by pay group, the share of the chosen towns; where nobody stated the cost, by the table."""
    labels = registers.labels("stelle", "stelle-entgeltgruppe", scope.language)
    rows: list[tuple[Value, ...]] = []
    for code in dict.fromkeys((*labels, *(each.group for each in current))):
        here = [each for each in current if each.group == code]
        if here:
            rows.append((labels.get(code, code) or scope.say("not_said"), *_money(scope, here)))
    if len(rows) > 1:
        rows.append((scope.say("total"), *_money(scope, current)))
    heads = (
        text_head("group", scope.say("head_group")), Head("posts", scope.say("head_posts")),
        Head("filled", scope.say("head_filled"), 2), Head("cost", scope.say("head_cost")),
        Head("assumed", scope.say("head_assumed")), Head("grant", scope.say("head_grant")),
        Head("own_share", scope.say("head_own_share")),
    )  # fmt: skip
    notes = [scope.say("note_costs"), *_sources(registers, scope, current)]
    cost, grant = covered(current, scope.towns)
    if cost:
        notes.append(scope.say("note_coverage", rate=scope.number(grant * HUNDRED / cost, 1)))
    return Listing(
        "costs", scope.say("title_costs"), heads, tuple(rows), tuple(notes), total=len(rows) > 1,
        empty=scope.say("no_posts"),
    )  # fmt: skip


def _money(scope: Scope, found: Sequence[Post]) -> tuple[int, Decimal, *tuple[Decimal | None, ...]]:
    """Posts, filled, cost, of it assumed, grant, own share; the latter where cost and grant are both known."""
    shared = [(each, each.share(scope.towns)) for each in found]
    costs = [(known, share) for each, share in shared if (known := each.costs()) is not None]
    cost, grant = covered(found, scope.towns)
    both = any(each.costs() is not None and each.grant is not None for each in found)
    return (
        len(found), sum((each.filled_on(scope.date) * share for each, share in shared), ZERO),
        _sum(known[0] * share for known, share in costs),
        _sum(known[0] * share if known[1] else ZERO for known, share in costs),
        _sum(each.grant * share for each, share in shared if each.grant is not None),
        cost - grant if both else None,
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


def _sources(registers: Registers, scope: Scope, current: Sequence[Post]) -> Iterator[str]:
    """Where the costs come from that the table of pay groups gave, and what they are worth."""
    used = {each.group for each in current if (costs := each.costs()) is not None and costs[1]}
    found: dict[tuple[str, str], list[str]] = {}
    for row in registers.lists.get("entgeltgruppe", ()):
        if text(row, "name") in used:
            label = registers.labels("stelle", "stelle-entgeltgruppe", scope.language).get(row["name"], row["name"])
            found.setdefault((text(row, "stand"), text(row, "quelle")), []).append(label)
    for (state, source), groups in found.items():
        yield scope.say("note_table", groups=", ".join(groups), state=state, source=source)


def _rate(part: Decimal, whole: Decimal) -> Decimal | None:
    """Per cent; None of nothing."""
    return (part * HUNDRED / whole).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP) if whole else None
