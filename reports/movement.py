"""Persons in stock, what moved, and the bridge of the cumulative figures: tables that must not give each other away.

Stock, opening, entries and exits are one linear system. Where the flow table cannot be printed, nothing of it is:
neither the bridge nor a change on last year. Where a year is put together with others, its own change is not told.
Persons assigned and taken in privately are counted together (`folded`) when one group is too small to stand, else the
headline minus the flow table would tell it. Reasons of exit are told apart only where no other year's figure gives
them away.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from reports import snapshot
from reports.disclosure import Policy, SafeTable, is_safe, protect_flows
from reports.disclosure.flows import YearFlow
from reports.disclosure.ledger import Ledger
from reports.task import Marks, Task
from reports.wording import day as day_text
from validation.messages import say

if TYPE_CHECKING:
    import pandas as pd

SINCE = dt.date(2018, 1, 1)
"""The cumulative figures count from here; who was in stock the day before is the opening stock (the Pakt für
Integration pays for Integrationsmanagement since the end of 2017)."""


def person_tables(task: Task, episodes: pd.DataFrame, ledger: Ledger) -> tuple[list[SafeTable], bool]:
    """kinds, kinds_before, flows, bridge_in, bridge_out, exits_year; and whether everybody is counted as one group.

    episodes: of one town.  ledger: that town's published figures.
    """
    day, before = task.day, dt.date(task.day.year - 1, 12, 31)
    kinds, kinds_before = kinds_of(episodes, day), kinds_of(episodes, before)
    threshold = task.policy.threshold("person")
    folded = not all(is_safe(n, threshold) for n in (*kinds.values(), *kinds_before.values()))
    found = as_one_group(episodes) if folded else episodes
    headline = kind_table(task, "kinds", kinds, folded, day)
    last_year = kind_table(task, "kinds_before", kinds_before, folded, before)
    flows = flow_table(task, found, day.year, folded)
    shown = last_year if flows.row(str(day.year)) else blank(last_year)
    return [headline, shown, flows, *bridge_tables(task, found, ledger, flows, folded)], folded


def kinds_of(episodes: pd.DataFrame, date: dt.date) -> dict[str, int]:
    """Persons in stock by way into the municipality; a person counts once."""
    now = snapshot.stock(episodes, date).drop_duplicates("person")
    private = now["zugangsart"].isin(snapshot.PRIVATE)
    unknown = now["zugangsart"].isna()
    return {
        "assigned": int((~private & ~unknown).sum()),
        "private": int(private.sum()),
        "unknown": int(unknown.sum()),
    }


def as_one_group(episodes: pd.DataFrame) -> pd.DataFrame:
    """Episodes in which everybody counts as assigned, so that no figure is the difference of two groups."""
    return episodes.assign(zugangsart="zuzug")


def kind_table(task: Task, key: str, kinds: Mapping[str, int], folded: bool, date: dt.date) -> SafeTable:
    total = sum(kinds.values())
    published = ("housed",) if kinds["private"] or kinds["unknown"] else ("housed", "stock")
    public = _first_of(task.marks, "total", published, date, total)
    counts = {"assigned": total} if folded else {k: n for k, n in kinds.items() if n or k == "assigned"}
    if not folded:
        public |= _first_of(task.marks, "assigned", ("still_housed", "stock"), date, kinds["assigned"])
        public |= task.marks.of({"private": ("nationality.UA", date, kinds["private"])})
    title = say("report_title.kinds", task.language, day=day_text(date, task.language))
    named = {kind: task.column(kind) for kind in kinds}
    table = task.count(counts, key, title, task.column("kind"), labels=named, public=public, population=f"stock@{date}")
    return replace(table, rows=()) if folded else table


def _first_of(marks: Marks, category: str, figures: tuple[str, ...], date: dt.date, value: int) -> dict[str, str]:
    """{category: sign} of the first of the published figures that equals the value."""
    signs = (marks.sign(figure, date, value) for figure in figures)
    return next(({category: sign} for sign in signs if sign), {})


def blank(table: SafeTable) -> SafeTable:
    """The table with nothing in it: every number of it is hidden."""
    return replace(table, rows=(), total=None, coarsened=())


def flow_table(task: Task, episodes: pd.DataFrame, year: int, folded: bool) -> SafeTable:
    mine = episodes[snapshot.assigned(episodes)]
    flows = [
        YearFlow(**{name: int(row[name]) for name in ("year", "stock_start", "entries", "exits", "stock_end")})
        for row in snapshot.balance(mine, range(SINCE.year, year + 1)).to_dict("records")
    ]
    public: dict[tuple[int, str], str] = {}
    for flow in flows if not folded else ():
        end = dt.date(flow.year, 12, 31)
        found = _first_of(task.marks, "", ("stock", "still_housed"), end, flow.stock_end)
        sign = found.get("", "")
        public[flow.year, "stock_end"] = public[flow.year + 1, "stock_start"] = sign
    opening = SINCE - dt.timedelta(days=1)
    if not folded:
        public[SINCE.year, "stock_start"] = task.marks.sign("stock_opening", opening, flows[0].stock_start)
    names = ("stock_start", "entries", "exits", "stock_end")
    title = f"flows{'_all' if folded else ''}{'_first' if year == SINCE.year else ''}"
    return protect_flows(
        flows,
        task.policy,
        key="flows",
        title=task.title(title, first=SINCE.year, last=year),
        columns={name: task.column(name) for name in names},
        stub=task.column("year"),
        language=task.language,
        population="flows",
        public=public,
    )


def bridge_tables(
    task: Task, episodes: pd.DataFrame, ledger: Ledger, flows: SafeTable, folded: bool
) -> tuple[SafeTable, ...]:
    """Where the cumulative total comes from, what became of it, and this year's exits by kind; blank where the flow
    table is. `flows`: the protected flow table of the same episodes."""
    bridge = snapshot.cumulative(episodes, SINCE, task.day)
    marks = Marks(Ledger(), "", task.language, {}) if folded or not flows.rows else task.marks
    total = marks.of({"total": ("assigned_total", task.day, bridge.total)})
    apart = _exits_apart(task.policy, episodes, Ledger() if folded else ledger, task.day.year)
    into = _bridge_in(task, bridge, marks, total)
    out = _bridge_out(task, bridge, marks, total, apart)
    exits = _exits_of_year(task, episodes, bridge, told=apart and flows.row(str(task.day.year)) is not None)
    if not flows.rows:
        return blank(into), blank(out), blank(exits)
    if not _returns_are_safe(flows, bridge, task.policy.threshold("person")):
        note = say("report.coarsened_returns", task.language)
        return replace(blank(into), coarsened=(note,)), blank(out), blank(exits)
    return into, out, exits


def _returns_are_safe(flows: SafeTable, bridge: snapshot.Bridge, threshold: int) -> bool:
    """The flow table counts episodes, the bridge persons: their difference are those who left and came back."""
    came, went = flows.number("total", "entries").value or 0, flows.number("total", "exits").value or 0
    differences = (int(came) - bridge.assigned, int(went) - bridge.independent - bridge.other_exits)
    return all(is_safe(abs(n), threshold) for n in differences)


def _bridge_in(task: Task, bridge: snapshot.Bridge, marks: Marks, total: dict[str, str]) -> SafeTable:
    opening = SINCE - dt.timedelta(days=1)
    public = marks.of(
        {
            "opening": ("stock_opening", opening, bridge.opening),
            "assigned_since": ("assigned_since_2018", task.day, bridge.assigned),
        }
    )
    labels = {
        "opening": say("report_column.opening", task.language, year=opening.year),
        "assigned_since": task.column("assigned_since"),
    }
    return task.count(
        {"opening": bridge.opening, "assigned_since": bridge.assigned},
        "bridge_in",
        task.title("bridge_in"),
        task.column("origin"),
        labels=labels,
        fixed=True,
        public=public | total,
        population="cumulative",
    )


def _bridge_out(task: Task, bridge: snapshot.Bridge, marks: Marks, total: dict[str, str], apart: bool) -> SafeTable:
    gone = {"independent": bridge.independent, "other_exits": bridge.other_exits}
    if not apart:
        gone = {"all_exits": bridge.independent + bridge.other_exits}
    counts = gone | {"still_there": bridge.stock}
    published = {"independent": "independent", "other_exits": "other_exits", "still_there": "still_housed"}
    public = marks.of({name: (published[name], task.day, n) for name, n in counts.items() if name in published})
    out = task.count(
        counts,
        "bridge_out",
        task.title("bridge_out"),
        task.column("whereabouts"),
        labels={name: task.column(name) for name in counts},
        fixed=True,
        public=public | total,
        population="cumulative",
    )
    if apart:
        return out
    return replace(out, coarsened=(*out.coarsened, say("report.coarsened_exits", task.language)))


def _exits_of_year(task: Task, episodes: pd.DataFrame, bridge: snapshot.Bridge, *, told: bool) -> SafeTable:
    """This year's exits by kind, where the year's own exits are told and the split leaves last year's safe as well."""
    year = task.day.year
    before = (0, 0)
    if year > SINCE.year:
        last = snapshot.cumulative(episodes, SINCE, dt.date(year - 1, 12, 31))
        before = last.independent, last.other_exits
    counts = {"independent": bridge.independent - before[0], "other_exits": bridge.other_exits - before[1]}
    safe = all(is_safe(n, task.policy.threshold("person")) for n in (*before, *counts.values()))
    title = task.title("exits_year", year=year)
    labels = {name: task.column(name) for name in counts}
    made = task.count(counts, "exits_year", title, task.column("whereabouts"), labels=labels, fixed=True)
    if told and safe and min(counts.values()) >= 0:
        return made
    return replace(blank(made), coarsened=(say("report.coarsened_exits_year", task.language, year=year),))


def _exits_apart(policy: Policy, episodes: pd.DataFrame, ledger: Ledger, year: int) -> bool:
    """May the cumulative exits be told apart? Yes when the town has done so itself; else when no figure of another
    year, published or printed by an earlier report, leaves a difference under the threshold."""
    threshold = policy.threshold("person")
    public = {figure.date.year for figure in ledger.figures if figure.figure == "independent"}

    def exits(of: int) -> tuple[int, int]:
        found = snapshot.cumulative(episodes, SINCE, dt.date(of, 12, 31))
        return found.independent, found.other_exits

    known: dict[int, tuple[int, int]] = {SINCE.year - 1: (0, 0)} | {of: exits(of) for of in public if of >= SINCE.year}
    for of in range(SINCE.year, year + 1):
        here = exits(of)
        if of in known:
            continue
        if all(is_safe(abs(a - b), threshold) for other in known.values() for a, b in zip(here, other, strict=True)):
            known[of] = here
    return year in known
