"""What is said of funding by head count: what was reported, what follows as an assumed calculation, what is due.

What follows from heads is reckoned in `reports.registers.application`, for every report. Each parameter is printed with
its source and whether it is published, derived or assumed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from reports.disclosure import SafeTable, protect
from reports.registers.application import PARAMETERS, Funding, concerning, fundings, newest
from reports.registers.listing import Head, Listing, Value, of_safe, text_head
from reports.registers.post import MANAGEMENT, covered, posts
from reports.registers.reading import Registers, Scope

FORMS = ("foerderung", "stelle")
CLASSES = ("general",)
DISTRICT = "kreis"
"""Applies for all its towns; the threshold holds for applications of towns alone or together."""


def listings(registers: Registers, scope: Scope) -> tuple[Listing, ...]:
    """What is said of funding on a day: the newest reference date up to it that has one of the chosen towns."""
    mine = concerning(fundings(registers), scope.towns, scope.date)
    current = newest(mine)
    if scope.outward:
        tables = [_safe_heads(scope, each, place) for place, each in enumerate(current)]
        told = [each for each, table in zip(current, tables, strict=True) if not table.number().hidden]
        found = (_results(registers, scope, told), _parameters(registers, scope, told))
        return (*found, *map(of_safe, tables), _proofs(scope, mine))
    found = (_results(registers, scope, current), _parameters(registers, scope, current))
    return (*found, _heads(scope, current), _indicators(registers, scope, current), _proofs(scope, mine))


def _results(registers: Registers, scope: Scope, current: Sequence[Funding]) -> Listing:
    """One row an application, whatever part of it was chosen."""
    labels = registers.labels("foerderung", "foerderung-antragsteller", scope.language)
    rows: list[tuple[Value, ...]] = []
    for each in current:
        least, most = each.posts() or (None, None)
        who = f"{each.number} {scope.name(each.ags)}"
        rows.append((
            who, labels.get(each.applicant, each.applicant), each.date, each.total, each.amount(each.total),
            least, most, each.approved, each.own_share,
        ))  # fmt: skip
    heads = (
        text_head("funding", scope.say("head_funding")), text_head("applicant", scope.say("head_applicant")),
        text_head("date", scope.say("head_reference")), Head("heads", scope.say("head_heads")),
        Head("amount", scope.say("head_amount")), Head("least", scope.say("head_least")),
        Head("most", scope.say("head_most")), Head("approved", scope.say("head_approved_amount")),
        Head("own_share", scope.say("head_own_share")),
    )  # fmt: skip
    notes = (scope.say("note_assumed"), scope.say("note_heads"))
    title = scope.say("title_results")
    return Listing("results", title, heads, tuple(rows), notes, _twice(scope, current), empty=scope.say("no_funding"))


def _twice(scope: Scope, current: Sequence[Funding]) -> tuple[str, ...]:
    """Towns whose heads are in two applications of one reference date."""
    counted = Counter(ags for each in current for ags in each.heads)
    numbers = {ags: ", ".join(sorted(e.number for e in current if ags in e.heads)) for ags in counted}
    return tuple(
        scope.say("twice", town=scope.name(ags), fundings=numbers[ags]) for ags, count in counted.items() if count > 1
    )


def _parameters(registers: Registers, scope: Scope, current: Sequence[Funding]) -> Listing:
    """Each different value once, with its source and state."""
    states = registers.labels("foerderung", "parameter-satz_stand", scope.language)
    rows: dict[tuple[Value, ...], None] = {}
    for each in current:
        for name in PARAMETERS:
            said = each.parameters[name]
            rows[scope.say(f"parameter_{name}"), said.value, states.get(said.state, said.state), said.source] = None
    heads = (
        text_head("parameter", scope.say("head_parameter")), Head("value", scope.say("head_value"), 2),
        text_head("state", scope.say("head_state")), text_head("source", scope.say("head_source")),
    )  # fmt: skip
    return Listing("parameters", scope.say("title_parameters"), heads, tuple(rows), empty=scope.say("no_funding"))


def _heads(scope: Scope, current: Sequence[Funding]) -> Listing:
    """A row a chosen town: its heads, its amount, and together with whom it reaches the threshold."""
    rows: list[tuple[Value, ...]] = []
    total, sum_of = 0, Decimal(0)
    lonely = []
    for each in current:
        for ags in (ags for ags in each.heads if ags in scope.towns):
            amount = each.amount(each.heads[ags])
            together = each.towns(ags)
            pooled = each.amount(sum(each.heads[other] for other in together))
            enough = each.reaches(pooled)
            partners = ", ".join(scope.name(other) for other in together if other != ags)
            rows.append((
                scope.name(ags), each.number, each.heads[ags], amount, _yes(each.reaches(amount), scope), partners,
                pooled, _yes(enough, scope),
            ))  # fmt: skip
            total, sum_of = total + each.heads[ags], sum_of + (amount or 0)
            if enough is False and each.applicant != DISTRICT:
                lonely.append(scope.name(ags))
    if len(rows) > 1:
        rows.append((scope.say("total"), "", total, sum_of, "", "", None, ""))
    heads = (
        text_head("town", scope.say("head_town")), text_head("funding", scope.say("head_number")),
        Head("heads", scope.say("head_heads")), Head("amount", scope.say("head_amount")),
        text_head("alone", scope.say("head_alone")), text_head("partners", scope.say("head_partners")),
        Head("pooled", scope.say("head_pooled")), text_head("enough", scope.say("head_enough")),
    )  # fmt: skip
    alerts = (scope.say("below_threshold", towns=", ".join(lonely)),) if lonely else ()
    return Listing(
        "heads", scope.say("title_heads"), heads, tuple(rows), (scope.say("note_rounded"),), alerts,
        total=len(rows) > 1, empty=scope.say("no_funding"),
    )  # fmt: skip


def _safe_heads(scope: Scope, each: Funding, place: int) -> SafeTable:
    """Heads by town as council and public may read them, without amounts, which would tell the heads.

    Always all towns of the application, whichever were chosen: its sum less the others would tell the one left out.
    """
    return protect(
        each.heads, scope.policy, key=f"heads-{place + 1}" if place else "heads", language=scope.language,
        title=f"{scope.say('title_heads')}, {each.number} {scope.name(each.ags)}",
        labels={ags: scope.name(ags) for ags in each.heads}, column=scope.say("head_heads"),
        stub=scope.say("head_town"),
    )  # fmt: skip


def _indicators(registers: Registers, scope: Scope, current: Sequence[Funding]) -> Listing:
    """P04, P05 and P06 of the indicators, each with what it was made from."""
    rows: list[tuple[Value, ...]] = []
    for each in current:
        how = "from_approved" if each.approved is not None else "from_computed"
        if each.grant is not None and each.total:
            share = f"{scope.number(each.grant / each.total, 2)} EUR"
            rows.append(("P04", scope.say("p04"), each.number, share, scope.say(how)))
        if (found := each.posts()) is not None:
            rows.append(("P06", scope.say("p06"), each.number, scope.say("range", least=found[0], most=found[1]),
                         scope.say("from_parameters")))  # fmt: skip
    managed = (each for each in posts(registers) if each.role == MANAGEMENT and each.exists(scope.date))
    cost, grants = covered(managed, scope.towns)
    if cost:
        rate = f"{scope.number(grants * 100 / cost, 1)} %"
        rows.append(("P05", scope.say("p05"), "", rate, scope.say("from_posts")))
    heads = tuple(
        text_head(name, scope.say(f"head_{name}")) for name in ("code", "indicator", "funding", "value", "how")
    )
    made = tuple(sorted(rows, key=lambda row: str(row[0])))
    return Listing("indicators", scope.say("title_indicators"), heads, made, empty=scope.say("no_funding"))


def _proofs(scope: Scope, found: Iterable[Funding]) -> Listing:
    """What became of the proof of use of each application whose period has begun."""
    rows = tuple(_proof(scope, each) for each in found if each.start is None or each.start <= scope.date)
    heads = (
        text_head("funding", scope.say("head_funding")), text_head("start", scope.say("head_from")),
        text_head("end", scope.say("head_until")), text_head("due", scope.say("head_due")),
        text_head("submitted", scope.say("head_submitted")), text_head("state", scope.say("head_state")),
    )  # fmt: skip
    late = scope.say("proof_late")
    alerts = tuple(_late(scope, rows, late))
    return Listing("proofs", scope.say("title_proofs"), heads, rows, (), alerts, empty=scope.say("no_funding"))


def _proof(scope: Scope, each: Funding) -> tuple[Value, ...]:
    submitted = each.submitted if each.submitted is not None and each.submitted <= scope.date else None
    state = "proof_done" if submitted else "proof_open"
    if not submitted and each.due is not None and each.due < scope.date:
        state = "proof_late"
    who = f"{each.number} {scope.name(each.ags)}"
    return who, each.start, each.end, each.due, submitted, scope.say(state)


def _late(scope: Scope, rows: Iterable[tuple[Value, ...]], late: str) -> Iterator[str]:
    names = [str(row[0]) for row in rows if row[-1] == late]
    if names:
        yield scope.say("proofs_late", fundings=", ".join(names))


def _yes(said: bool | None, scope: Scope) -> str:
    return "" if said is None else scope.say("yes" if said else "no")
