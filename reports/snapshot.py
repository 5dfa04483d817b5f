"""State of every person at a date, as known at a date; entries, exits and episodes in a period.

An episode is the time one person is looked after by one municipality: it starts with an Erstgespräch (the day of
assignment) and ends with an Austritt. Who comes back starts a new episode and stays the same person.

Counting rules, numbered as in the method note of the report:
    R1  stock at t: start <= t and (no end or end > t). The day of exit is no longer a day in stock.
    R2  flow of a period: start, resp. end, from its first to its last day, both included.
    R3  persons are counted once; re-entry is a new episode of the same person.
    R4  stock at the start + entries - exits = stock at the end, checked in every year; and, in persons: opening
        stock + assigned since = into independence + other exits + still there.
    R5  births and family reunification are entries with a kind of their own.
    R6  a missing category is a row of its own (`MISSING`), never left out.
    R9  answers and goals are those of the last version until the date (`reports.as_of`); episodes are of the first.
    R12 two times: `date` is the day described; `known_at` the day whose knowledge is used (events recorded later are
        not seen). Tables that are passed ready-made carry their own state of knowledge.

Nothing here is protected: these tables hold persons and small counts and are printed by nobody. What is printed
goes through `reports.disclosure.protect`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from intake.study import Study
from intake.tables import study_tables
from reports import casework, sources
from reports.as_of import as_of, followed_tables
from reports.registers import frames
from reports.registers.application import fundings
from reports.registers.post import posts
from reports.registers.site import sites
from reports.sources import MISSING, Tables
from validation.errors import DataError, ReportError

__all__ = [
    "CLOSED_GOALS", "INDEPENDENT", "MISSING", "PRIVATE", "Bridge", "State", "Tables", "accommodation",
    "assigned", "balance", "cumulative", "entries", "episodes", "exits", "municipalities", "nationalities",
    "of_municipality", "since_start", "state", "stock", "study_tables", "years",
]  # fmt: skip

INDEPENDENT = frozenset({"selbst_wohn", "selbst_arbeit", "selbst_regel", "einbuergerung"})
"""Reasons of exit that count as 'in die Selbstständigkeit' (list CL_EXIT); all others are other exits."""

PRIVATE = frozenset({"privat_ua"})
"""Kinds of entry that are no assignment by the Landkreis: persons from Ukraine who came privately. They are in the
stock and in the balance, and outside the cumulative figure of assigned persons."""

CLOSED_GOALS = frozenset({"reached", "partly", "not_reached", "cancelled"})
"""States in which a goal is no longer worked on. One that was adapted or postponed goes on."""


@dataclass(frozen=True, slots=True)
class State:
    """One municipality at one date. `known_at` None means all that the tables hold.

    Frames, an empty one keeping its columns (dates are datetime64 at midnight):
        episodes    one row an episode of the municipality, whole history: see `episodes`
        persons     one row a person in stock at the date (R1): person, start, zugangsart, wohnform, nationality,
                    geschlecht, geburtsdatum, age (full years, NA without date of birth), assigned (bool), in_course
                    (in a language course that runs; NA: not stated), and every question of the intake form under its
                    column name
        sites       one row a site in use: id, name, ortsteil, typ, units, places (usable on the day, NA: not stated),
                    n (persons looked after who live there), occupied (all who live there), occupancy (occupied /
                    places, NA without places). As in the registers' report: see `reports.registers.site`
        placements  one row a person looked after in a site: site, ortsteil, person
        posts       one row a post that exists and belongs to the municipality, wholly or with a share: id, rolle,
                    approved, filled (FTE, the municipality's share; 0 before somebody has the post, and while the
                    holder is absent without a substitute), absent (bool), status, cost, grant (EUR a year, its share).
                    As in the registers' report: see `reports.registers.post`
        goals       one row a goal of a person with an episode in the year of the date: person, goal (id, NA where the
                    tables do not say it), field, status, due, reached_on, attained, reason, in_stock (bool),
                    open (bool)
        first, before, now
                    every answer of the intake form, one row an episode, indexed by KEY: as the intake said it, on the
                    last day of the year before, at the date
        plans       one row an episode: see `reports.casework.plans`; and likewise
        talks, taking_part, updates, children
        funding     the newest applications that the municipality keeps or has heads in: date, heads, rate, grant (what
                    was approved, else what was computed), least, most (computed posts of the whole application). As in
                    the registers' report: see `reports.registers.application`
        posts_months  the posts at the end of each month of the year until the date: date, id, rolle, approved, filled
    """

    municipality: str
    date: dt.date
    known_at: dt.datetime | None
    episodes: pd.DataFrame
    persons: pd.DataFrame
    sites: pd.DataFrame
    placements: pd.DataFrame
    posts: pd.DataFrame
    goals: pd.DataFrame
    first: pd.DataFrame
    before: pd.DataFrame
    now: pd.DataFrame
    plans: pd.DataFrame
    talks: pd.DataFrame
    taking_part: pd.DataFrame
    updates: pd.DataFrame
    children: pd.DataFrame
    funding: pd.DataFrame
    posts_months: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Bridge:
    """The cumulative figure of assigned persons, opening stock included, and what became of them (R3, R4).

    All are persons: total = opening + assigned = independent + other_exits + stock. An exit whose reason is not stated
    is among `other_exits`. `private` (in stock, not assigned) and `unknown` (in stock, kind of entry not stated) stand
    outside.
    """

    opening: int
    assigned: int
    total: int
    independent: int
    other_exits: int
    stock: int
    private: int
    unknown: int


def state(source: Study | Tables, municipality: str, date: dt.date, known_at: dt.datetime | None = None) -> State:
    """The state of a municipality (AGS) at a date, as known at a time.

    Raises ReportError for a municipality the study does not have, one without an episode up to the date, a table
    without a question the report needs, and for `known_at` beside ready-made tables; DataError as `episodes`.
    """
    if isinstance(source, Study):
        tables: Tables = followed_tables(source, known_at=known_at)
        known = set(source.municipalities)
    else:
        if known_at is not None:
            raise ReportError("snapshot.known_at", known_at=known_at.isoformat())
        tables = source
        known = set(municipalities(tables))
    if municipality not in known:
        raise ReportError("snapshot.unknown_municipality", municipality=municipality)
    mine = episodes(tables, municipality)
    day = pd.Timestamp(date)
    if not (mine["start"] <= day).any():
        raise ReportError("snapshot.no_data", municipality=municipality, date=f"{date:%d.%m.%Y}")
    present = stock(mine, date)
    sources.check_registers(tables)
    registers = frames.registers_of(tables)
    used, placed = frames.sites_of(sites(registers), municipality, date)
    staff = posts(registers)
    told = as_of(tables, mine, date)
    before = as_of(tables, mine, dt.date(date.year - 1, 12, 31))
    talks, taking_part = casework.talks(tables, municipality, day)
    return State(
        municipality=municipality,
        date=date,
        known_at=known_at,
        episodes=mine,
        persons=_persons(told, present, day),
        sites=used,
        placements=placed,
        posts=frames.posts_of(staff, municipality, date),
        goals=_goals(told, mine, present, day),
        first=_answers(tables, mine),
        before=_answers(before, mine),
        now=_answers(told, mine),
        plans=casework.plans(told, mine, _written(told, mine), day),
        talks=talks,
        taking_part=taking_part,
        updates=casework.updates(tables, municipality, day),
        children=casework.children(told, present, day),
        funding=frames.funding_of(fundings(registers), municipality, date),
        posts_months=frames.months_of(staff, municipality, casework.months(date)),
    )


def municipalities(tables: Tables) -> list[str]:
    """The AGS of every municipality that has an intake record, sorted."""
    return sorted(sources.entries(tables)["municipality"].dropna().unique())


def years(found: pd.DataFrame) -> range:
    """The calendar years in which episodes start or end, without gaps; empty without episodes."""
    moments = pd.concat([found["start"], found["end"]]).dropna()
    return range(moments.min().year, moments.max().year + 1) if len(moments) else range(0)


# --- episodes


def episodes(tables: Tables, municipality: str | None = None) -> pd.DataFrame:
    """Every episode of a municipality (None: of all), sorted by municipality, person and start.

    Columns: person, municipality, start, end (NaT: still there), zugangsart, grund (reason of exit), wohnform, case
    (case number), KEY (of the intake record), exit_key. The n-th exit of a person closes that person's n-th entry in
    the same municipality. Raises DataError naming the case numbers where that cannot be: an entry without person,
    municipality or date, an exit without an open case, episodes that overlap or end before they start. A fault in
    another municipality is none of this one's; a record that names no municipality is everybody's.
    """
    entered, left = sources.entries(tables), sources.exits(tables)
    if municipality is not None:
        entered = entered[entered["municipality"].isna() | (entered["municipality"] == municipality)]
        left = left[left["municipality"].isna() | (left["municipality"] == municipality)]
    needed = ["person", "municipality"]
    if (bad := entered[[*needed, "start"]].isna().any(axis=1)).any():
        raise DataError(
            "snapshot.no_entry_date", table=sources.INTAKE, cases=_names(entered.loc[bad, "case"], entered["KEY"])
        )
    if (bad := left[[*needed, "end"]].isna().any(axis=1)).any():
        raise DataError(
            "snapshot.no_entry_date", table=sources.EXIT, cases=_names(left.loc[bad, "exit_key"], left["exit_key"])
        )
    by = ["municipality", "person"]
    entered = entered.sort_values([*by, "start", "KEY"], ignore_index=True)
    left = left.sort_values([*by, "end", "exit_key"], ignore_index=True)
    entered["turn"] = entered.groupby(by).cumcount()
    left["turn"] = left.groupby(by).cumcount()
    found = entered.merge(left, on=[*by, "turn"], how="outer")
    if (bad := found["KEY"].isna()).any():
        raise DataError("snapshot.exit_without_entry", cases=_names(found.loc[bad, "exit_key"], found["exit_key"]))
    found = found.sort_values([*by, "turn"], ignore_index=True)
    following = found.groupby(by)["start"].shift(-1)
    wrong = (found["end"] < found["start"]) | (following.notna() & ~(found["end"] <= following))
    if wrong.any():
        raise DataError("snapshot.overlap", cases=_names(found.loc[wrong, "case"], found["KEY"]))
    columns = ["person", "municipality", "start", "end", "zugangsart", "grund", "wohnform", "case", "KEY", "exit_key"]
    return found[columns]


def of_municipality(found: pd.DataFrame, municipality: str) -> pd.DataFrame:
    """The episodes of one municipality."""
    return found[(found["municipality"] == municipality).fillna(False).astype(bool)].reset_index(drop=True)


def stock(found: pd.DataFrame, date: dt.date) -> pd.DataFrame:
    """The episodes in stock at a date (R1)."""
    day = pd.Timestamp(date)
    return found[(found["start"] <= day) & (found["end"].isna() | (found["end"] > day))]


def entries(found: pd.DataFrame, start: dt.date, end: dt.date) -> pd.DataFrame:
    """The episodes that start in a period, first and last day included (R2)."""
    return found[found["start"].between(pd.Timestamp(start), pd.Timestamp(end))]


def exits(found: pd.DataFrame, start: dt.date, end: dt.date) -> pd.DataFrame:
    """The episodes that end in a period, first and last day included (R2)."""
    return found[found["end"].between(pd.Timestamp(start), pd.Timestamp(end))]


def assigned(found: pd.DataFrame) -> pd.Series:
    """True where an episode's kind of entry is stated and no private one (see PRIVATE)."""
    return found["zugangsart"].notna() & ~found["zugangsart"].isin(PRIVATE)


def balance(found: pd.DataFrame, years: Iterable[int]) -> pd.DataFrame:
    """Stock and flow a year, counted independently and compared (R4). All int64, episodes.

    One row a year: year, stock_start (31.12. of the year before), in_<kind> for every kind of entry that occurs,
    in_missing (kind not stated), entries, independent, other_exits, out_missing (reason not stated), exits,
    stock_end (31.12.). Raises ReportError naming the year where stock_start + entries - exits is not stock_end.
    """
    kinds = sorted(found["zugangsart"].dropna().unique())
    rows = []
    for year in years:
        first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
        came, went = entries(found, first, last), exits(found, first, last)
        row = {"year": year, "stock_start": len(stock(found, first - dt.timedelta(days=1)))}
        row |= {f"in_{kind}": int((came["zugangsart"] == kind).sum()) for kind in kinds}
        row |= {"in_missing": int(came["zugangsart"].isna().sum()), "entries": len(came)}
        independent, unknown = int(went["grund"].isin(INDEPENDENT).sum()), int(went["grund"].isna().sum())
        row |= {"independent": independent, "other_exits": len(went) - independent - unknown, "out_missing": unknown}
        row |= {"exits": len(went), "stock_end": len(stock(found, last))}
        if row["stock_start"] + row["entries"] - row["exits"] != row["stock_end"]:
            raise ReportError("snapshot.balance", year=year)
        rows.append(row)
    names = ["year", "stock_start", *(f"in_{kind}" for kind in kinds), "in_missing", "entries", "independent",
             "other_exits", "out_missing", "exits", "stock_end"]  # fmt: skip
    return pd.DataFrame(rows, columns=names).astype("int64")


def since_start(found: pd.DataFrame, since: dt.date, date: dt.date) -> pd.DataFrame:
    """One row a person with an assigned episode that overlaps [since, date]: the person's last such episode.

    The columns of `episodes` and: opening (bool, in stock the day before `since`), present (bool, in stock at the
    date; then `end` and `grund` are of a later exit or empty).
    """
    lra = found[assigned(found)]
    day, first = pd.Timestamp(date), pd.Timestamp(since)
    overlapping = lra[(lra["start"] <= day) & (lra["end"].isna() | (lra["end"] >= first))]
    last = overlapping.sort_values(["person", "start"]).drop_duplicates("person", keep="last")
    before = stock(lra, since - dt.timedelta(days=1))["person"]
    return last.assign(
        opening=last["person"].isin(before), present=last["end"].isna() | (last["end"] > day)
    ).reset_index(drop=True)


def cumulative(found: pd.DataFrame, since: dt.date, date: dt.date) -> Bridge:
    """The bridge from the opening stock to the stock at the date, of one municipality (see Bridge).

    Raises ReportError where the stock counted by itself is not what the bridge leaves.
    """
    persons = since_start(found, since, date)
    gone = persons[~persons["present"]]
    independent = int(gone["grund"].isin(INDEPENDENT).sum())
    now = stock(found, date)
    there = now.loc[assigned(now), "person"].nunique()
    opening, total, other = int(persons["opening"].sum()), len(persons), len(gone) - independent
    if independent + other + there != total:
        raise ReportError("snapshot.bridge", since=f"{since:%d.%m.%Y}", date=f"{date:%d.%m.%Y}")
    return Bridge(
        opening=opening,
        assigned=total - opening,
        total=total,
        independent=independent,
        other_exits=other,
        stock=there,
        private=now.loc[now["zugangsart"].isin(PRIVATE), "person"].nunique(),
        unknown=now.loc[now["zugangsart"].isna(), "person"].nunique(),
    )


# --- counts


def nationalities(found: State) -> pd.DataFrame:
    """Persons in stock by nationality (ISO code): nationality (MISSING: not stated), n (int64); most frequent first."""
    keys = found.persons[["nationality"]].astype("string").fillna(MISSING)
    counted = keys.groupby("nationality", as_index=False).size().rename(columns={"size": "n"})
    return counted.sort_values(["n", "nationality"], ascending=[False, True], ignore_index=True).astype({"n": "int64"})


def accommodation(found: State) -> pd.DataFrame:
    """One row a site in use: site, name, ortsteil, typ, units, places, n (persons), occupied, occupancy."""
    return found.sites.rename(columns={"id": "site"})


# --- parts of the state


def _persons(tables: Tables, present: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    own = present[["KEY", "person", "start", "zugangsart"]]
    answers = sources.persons(tables)
    rows = own.merge(answers.drop(columns=[name for name in own if name != "KEY"], errors="ignore"), on="KEY")
    age = casework.age(rows["geburtsdatum"], day)
    running = (rows["course_state"] == sources.IN_COURSE).astype("boolean")
    unknown = rows["course_state"].isna() & ~(rows["course"] == sources.NO_COURSE).fillna(False).astype(bool)
    in_course = running.fillna(False).mask(unknown)
    made = rows.assign(age=age, assigned=assigned(rows), in_course=in_course)
    return made.sort_values("person", ignore_index=True)


def _answers(tables: Tables, mine: pd.DataFrame) -> pd.DataFrame:
    answers = sources.persons(tables)
    return answers[answers["KEY"].isin(mine["KEY"])].set_index("KEY")


def _written(tables: Tables, mine: pd.DataFrame) -> pd.DataFrame:
    """All goals of the town's episodes: KEY (of the intake), since (NaT: written at the interview)."""
    found = sources.goals(tables).rename(columns={"came": "since"})
    return found.loc[found["KEY"].isin(mine["KEY"]), ["KEY", "since"]]


def _goals(tables: Tables, mine: pd.DataFrame, present: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    first = pd.Timestamp(day.year, 1, 1)
    of_year = mine[(mine["start"] <= day) & (mine["end"].isna() | (mine["end"] >= first))]
    joined = sources.goals(tables).merge(of_year[["KEY", "person"]], on="KEY")
    joined = joined.assign(in_stock=joined["KEY"].isin(present["KEY"]), open=~joined["status"].isin(CLOSED_GOALS))
    columns = ["person", "goal", "field", "status", "due", "reached_on", "attained", "reason", "in_stock", "open"]
    return joined[columns].sort_values(["person", "field", "due"], ignore_index=True)


def _names(cases: pd.Series, keys: pd.Series) -> str:
    """Up to ten case numbers, the record's key where a number is missing, for a message."""
    named = cases.fillna(keys).astype(str).tolist()
    return ", ".join(named[:10]) + (f" … ({len(named)})" if len(named) > 10 else "")
