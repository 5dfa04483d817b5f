"""What is said of posts: advertised, filled, entitled and employed apart, absence and cover, cost by pay group, months.

What a post counts on a day is reckoned in `reports.registers.post`, for every report.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from reports.registers.listing import Head, Listing, Value, text_head
from reports.registers.post import HUNDRED, MANAGEMENT, ZERO, Post, covered, posts
from reports.registers.reading import Registers, Scope, holds, text

FORMS = ("stelle",)
CLASSES = ("staff",)
VOLUMES = ("entitled", "approved", "funded", "held", "filled", "own")


def listings(registers: Registers, scope: Scope) -> tuple[Listing, ...]:
    """What is said of posts. Towards council and public: volumes and months only, without money and without what is
    filled: beside what is held it would tell, month by month, who is absent."""
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
    names = [name for name in VOLUMES if not (scope.outward and name == "filled")]
    rows: list[tuple[Value, ...]] = []
    sums: dict[str, list[Decimal | None]] = {name: [] for name in names}
    for ags in scope.towns:
        for role in dict.fromkeys((*roles, *(each.role for each in current))):
            here = [each for each in current if each.role == role and (each.share([ags]) or each.ags == ags)]
            if here:
                values = {name: _sum(_volume(each, name, ags, scope.date) for each in here) for name in names}
                for name, value in values.items():
                    sums[name].append(value)
                rows.append((scope.name(ags), roles.get(role, role), *values.values(), *_fill_rate(scope, values)))
    if len(rows) > 1:
        whole = {name: _sum(values) for name, values in sums.items()}
        rows.append((scope.say("total"), "", *whole.values(), *_fill_rate(scope, whole)))
    heads = (
        text_head("town", scope.say("head_town")), text_head("role", scope.say("head_role")),
        *(Head(name, scope.say(f"head_{name}"), 2) for name in names),
        *(() if scope.outward else (Head("rate", scope.say("head_fill_rate"), 1),)),
    )  # fmt: skip
    told = ("note_volumes", "note_held") if scope.outward else ("note_volumes", "note_held", "note_filled")
    notes = tuple(scope.say(code) for code in told)
    title = scope.say("title_volumes")
    return Listing(
        "volumes", title, heads, tuple(rows), notes, () if scope.outward else _wrong_shares(scope, current),
        total=len(rows) > 1, empty=scope.say("no_posts"),
    )  # fmt: skip


def _fill_rate(scope: Scope, values: Mapping[str, Decimal | None]) -> tuple[Value, ...]:
    """Filled of approved, of a row (P02 of one day); nothing where what is filled is not told."""
    return () if scope.outward else (_rate(values["filled"] or ZERO, values["approved"] or ZERO),)


def _volume(post: Post, name: str, ags: str, on: dt.date) -> Decimal | None:
    """A volume of a post as it counts for a town; None where nobody stated it."""
    if name == "own":
        return post.own if post.ags == ags and post.held_on(on) else ZERO
    whole = {"held": post.held_on, "filled": post.filled_on}
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
        held = sum((each.held_on(scope.date) * each.share(scope.towns) for each in here), ZERO)
        advertised = sum(each.is_advertised(scope.date) for each in here)
        if here:
            rows.append((labels.get(code, code) or scope.say("not_said"), len(here), advertised, held))
    heads = (
        text_head("employer", scope.say("head_employer")), Head("posts", scope.say("head_posts")),
        Head("advertised", scope.say("head_advertised")), Head("held", scope.say("head_held"), 2),
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
        held = sum((each.held_on(on) * share for each, share in there), ZERO)
        filled = sum((each.filled_on(on) * share for each, share in there), ZERO)
        advertised = sum(each.is_advertised(on) for each, _ in there)
        approved_sum, filled_sum = approved_sum + approved, filled_sum + filled
        rows.append((on, approved, held, *(() if scope.outward else (filled,)), advertised))
    heads = [text_head("day", scope.say("head_day")), Head("approved", scope.say("head_approved"), 2)]
    heads.append(Head("held", scope.say("head_held"), 2))
    heads += [] if scope.outward else [Head("filled", scope.say("head_filled"), 2)]
    heads.append(Head("advertised", scope.say("head_advertised")))
    rate = None if scope.outward else _rate(filled_sum, approved_sum)
    notes = [] if rate is None else [scope.say("note_rate", rate=scope.number(rate, 1))]
    return Listing("months", scope.say("title_months"), tuple(heads), tuple(rows), (*notes, scope.say("note_months")))


def _each(registers: Registers, scope: Scope, current: Sequence[Post]) -> Listing:
    """One row a post, without who is in it."""
    states = registers.labels("stelle", "stelle-status", scope.language)
    rows: list[tuple[Value, ...]] = []
    for each in current:
        waited = (each.since - each.advertised).days if each.since and each.advertised else None
        state = "besetzt" if each.held_on(scope.date) else "unbesetzt"
        state = "ausgeschrieben" if each.is_advertised(scope.date) else state
        said = states.get(state, state)
        if state == "besetzt" and each.is_away(scope.date):
            said = scope.say("absence")
        rows.append((
            scope.name(each.ags), each.number, said, each.advertised, each.since, waited,
            each.approved, each.held_on(scope.date), each.filled_on(scope.date), each.share(scope.towns) * HUNDRED,
            each.end,
        ))  # fmt: skip
    heads = (
        text_head("town", scope.say("head_town")), text_head("number", scope.say("head_number")),
        text_head("status", scope.say("head_status")), text_head("advertised", scope.say("head_advertised_on")),
        text_head("since", scope.say("head_since")), Head("waited", scope.say("head_waited")),
        Head("approved", scope.say("head_approved"), 2), Head("held", scope.say("head_held"), 2),
        Head("filled", scope.say("head_filled"), 2),
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
        Head("held", scope.say("head_held"), 2), Head("cost", scope.say("head_cost")),
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
    """Posts, held, cost, of it assumed, grant, own share; the latter where cost and grant are both known."""
    shared = [(each, each.share(scope.towns)) for each in found]
    costs = [(known, share) for each, share in shared if (known := each.costs()) is not None]
    cost, grant = covered(found, scope.towns)
    both = any(each.costs() is not None and each.grant is not None for each in found)
    return (
        len(found), sum((each.held_on(scope.date) * share for each, share in shared), ZERO),
        _sum(known[0] * share for known, share in costs),
        _sum(known[0] * share if known[1] else ZERO for known, share in costs),
        _sum(each.grant * share for each, share in shared if each.grant is not None),
        cost - grant if both else None,
    )  # fmt: skip


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
