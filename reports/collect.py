"""Counts one town's year and protects it: `collect` returns a Bundle, raw counts don't leave this module.

All tables of one population carry one total; `reports.movement` says what holds between them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd

from reports import movement, snapshot
from reports.bundle import ELSEWHERE, Bundle
from reports.disclosure import Policy, SafeTable, beside, things
from reports.disclosure.ledger import Ledger
from reports.movement import SINCE
from reports.sources import Tables
from reports.task import Labels, Marks, Task, in_reading_order
from validation.errors import ReportError
from validation.messages import say

READING_ORDER = ("kinds", "resources", "bridge_in", "bridge_out", "flows", "nationalities")
"""The tables whose figures a reader meets first, in this order."""

CASEWORK = "im"
"""The role whose posts carry the caseload; an Integrationsbeauftragter plans and looks after nobody."""


def years_with_data(tables: Tables, municipality: str) -> Sequence[int]:
    """The years a report can be made for: from the start of the cumulative figures, or the first episode, on."""
    found = snapshot.years(snapshot.of_municipality(snapshot.episodes(tables), municipality))
    return [year for year in found if year >= SINCE.year]


def collect(
    tables: Tables,
    *,
    municipality: str,
    name: str,
    year: int,
    language: str,
    demo: bool,
    policy: Policy,
    ledger: Ledger,
    labels: Labels,
    known_at: dt.date | None = None,
) -> Bundle:
    """Count and protect one town's year. Raises what `snapshot.state` raises; raw counts don't leave this function."""
    day, before = dt.date(year, 12, 31), dt.date(year - 1, 12, 31)
    now = snapshot.state(tables, municipality, day)
    marks = Marks(ledger, municipality, language, labels)
    task = Task(policy, language, day, marks, labels)
    persons, folded = movement.person_tables(task, now.episodes, ledger.of(municipality))
    known = () if folded or persons[0].row("private") is None else ("UA",)
    made = [
        *persons,
        *_post_tables(task, tables, now, before),
        _nationality_table(task, now, known),
        *_site_tables(task, now),
        *_goal_tables(task, now),
    ]
    printed, sources = in_reading_order({table.key: table for table in made}, task.marks.sources, READING_ORDER)
    coarsened = [say("report.coarsened_kinds", language)] if folded else []
    return Bundle(
        municipality=municipality,
        name=name,
        year=year,
        language=language,
        demo=demo,
        threshold=policy.threshold("person"),
        sign=policy.sign,
        since=SINCE,
        known_at=known_at,
        folded=folded,
        tables=printed,
        sources=sources,
        differs=tuple(dict.fromkeys(marks.differs)),
        coarsened=tuple(coarsened),
    )


# --- nationalities, accommodation


def _nationality_table(task: Task, now: snapshot.State, known: Collection[str]) -> SafeTable:
    """known: nationalities whose size the table by kind of entry tells as well (who came privately is from Ukraine)."""
    counts = _counts(snapshot.nationalities(now), "nationality")
    public = task.marks.of({code: (f"nationality.{code}", task.day, n) for code, n in counts.items()})
    public |= task.marks.of({"total": ("housed", task.day, sum(counts.values()))})
    return task.count(
        counts,
        "nationalities",
        task.title("nationalities"),
        task.column("nationality"),
        labels=task.label("nationality", counts),
        known=known,
        public=public,
        population=f"stock@{task.day}",
    )


def _site_tables(task: Task, now: snapshot.State) -> tuple[SafeTable, ...]:
    sites = snapshot.accommodation(now)
    sites = sites.assign(ortsteil=sites["ortsteil"].fillna(snapshot.MISSING))
    housed = now.placements[now.placements["person"].isin(now.persons["person"])].drop_duplicates("person")
    counts = {str(district): 0 for district in sorted(sites["ortsteil"].unique())}
    for district, n in housed["ortsteil"].fillna(snapshot.MISSING).value_counts().items():
        counts[str(district)] = int(n)
    counts[ELSEWHERE] = now.persons["person"].nunique() - len(housed)
    named = task.label("ortsteil", counts) | {ELSEWHERE: task.column("elsewhere")}
    public = task.marks.of({"total": ("housed", task.day, sum(counts.values()))})
    persons = task.count(
        counts, "districts", task.title("districts"), task.column("district"), labels=named, public=public,
        population=f"stock@{task.day}",
    )  # fmt: skip
    buildings: dict[str, dict[str, int | Decimal | None]] = {}
    for district, group in sites.groupby("ortsteil"):
        buildings[str(district)] = {
            "sites": len(group),
            "units": _sum(group["units"]),
            "places": _sum(group["places"]),
        }
    columns = {name: task.column(name) for name in ("sites", "units", "places")}
    marks = {("total", "sites"): task.marks.sign("sites", task.day, len(sites))}
    places = things(
        buildings, key="places", title=task.title("districts"), columns=columns, language=task.language, sources=marks,
        labels=named, stub=task.column("district"),
    )  # fmt: skip
    single: dict[str, dict[str, int | Decimal | None]] = {}
    labels = {}
    for row in sites.sort_values(["ortsteil", "name", "site"]).itertuples():
        key = str(row.site)
        single[key] = {"units": _int(row.units), "places": _int(row.places)}
        labels[key] = f"{named.get(str(row.ortsteil), row.ortsteil)}: {row.name}"
    listed = things(
        single, key="sites", title=task.title("sites"), columns={n: task.column(n) for n in ("units", "places")},
        labels=labels, language=task.language, stub=task.column("site"),
    )  # fmt: skip
    return beside(persons, places), places, listed


# --- posts, goals


def _post_tables(task: Task, tables: Tables, now: snapshot.State, before: dt.date) -> tuple[SafeTable, ...]:
    roles = task.labels.get("rolle", {})
    rows: dict[str, dict[str, int | Decimal | None]] = {}
    labels = {}
    posts = now.posts[now.posts["rolle"] == CASEWORK]
    for number, row in enumerate(posts.itertuples(), start=1):
        key = str(row.id)
        rows[key] = {"approved": _decimal(row.approved), "filled": _decimal(row.filled)}
        role = roles.get(str(row.rolle), str(row.rolle))
        labels[key] = say(
            "report_column.post_absent" if row.absent else "report_column.post_name", task.language, n=number, role=role
        )
    approved = sum((_decimal(value) for value in posts["approved"]), Decimal(0))
    mark = task.marks.sign("posts_approved", task.day, approved)
    columns = {name: task.column(name) for name in ("approved", "filled")}
    two = dict.fromkeys(columns, 2)
    table = things(
        rows, key="posts", title=task.title("posts"), columns=columns, labels=labels, decimals=two,
        language=task.language,
        stub=task.column("post"), sources={("total", "approved"): mark} if mark else None,
    )  # fmt: skip
    if posts["absent"].any():
        table = replace(table, notes=(say("report_post.note", task.language),))
    try:
        last = snapshot.state(tables, now.municipality, before)
    except ReportError:
        last = None
    old = last.posts[last.posts["rolle"] == CASEWORK] if last is not None else None
    resources: dict[str, dict[str, int | Decimal | None]] = {
        "sites": {"this": len(now.sites), "last": None if last is None else len(last.sites)},
        "approved": {
            "this": approved,
            "last": None if old is None else sum(map(_decimal, old["approved"]), Decimal(0)),
        },
    }
    compared = things(
        resources, key="resources", title=task.title("resources"), language=task.language, total=False,
        columns={"this": task.column("this_year"), "last": task.column("last_year")}, decimals={"this": 2, "last": 2},
        labels={"sites": task.column("sites"), "approved": task.column("approved")}, stub=task.column("resource"),
        sources={("sites", "this"): task.marks.sign("sites", task.day, len(now.sites)), ("approved", "this"): mark},
    )  # fmt: skip
    return table, compared


def _goal_tables(task: Task, now: snapshot.State) -> tuple[SafeTable, ...]:
    made = []
    goals = now.goals.assign(**{c: now.goals[c].astype("string").fillna(snapshot.MISSING) for c in ("field", "status")})
    for column in ("field", "status"):
        known = [*task.labels.get(column, {}), *sorted(goals[column].unique())]
        counts = {code: 0 for code in dict.fromkeys(known) if code != snapshot.MISSING}
        persons = dict(counts)
        for code, group in goals.groupby(column):
            counts[str(code)], persons[str(code)] = len(group), group["person"].nunique()
        made.append(
            task.count(
                counts,
                f"goals_{column}",
                task.title(f"goals_{column}", year=task.day.year),
                task.column(column),
                labels=task.label(column, counts),
                column=task.column("goals"),
                persons=persons,
                population=f"goals@{task.day.year}",
            )
        )
    return tuple(made)


# --- from frames to plain numbers


def _counts(frame: pd.DataFrame, column: str) -> dict[str, int]:
    return {str(category): int(n) for category, n in zip(frame[column], frame["n"], strict=True)}


def _int(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _sum(values: Any) -> int | None:
    known = [n for value in values if (n := _int(value)) is not None]
    return sum(known) if known else None


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))
