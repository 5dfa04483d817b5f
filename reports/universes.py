"""The universes of indicators: which rows a figure is counted on, of a state and from the first day of a period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd

from reports import snapshot
from reports.as_of import ASKED
from reports.snapshot import State

FIRST, BEFORE = "__first", "__before"


def _stock(state: State, first: dt.date) -> pd.DataFrame:
    rows = state.persons
    plan = rows["KEY"].map(state.plans.set_index("KEY")["plan"])
    talks = rows["person"].map(_since(state.taking_part, first)["person"].value_counts()).fillna(0).astype("int64")
    asked = [f"{name}{ASKED}" for name in map(str, state.first) if f"{name}{ASKED}" not in rows]
    never = pd.DataFrame({name: pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us]") for name in asked})
    said = _beside(rows, state.first, FIRST)
    return pd.concat([rows, said, never, pd.DataFrame({"plan": plan, "talks": talks})], axis=1)


def _advised(state: State, first: dt.date) -> pd.DataFrame:
    found = state.episodes
    day = pd.Timestamp(state.date)
    overlapping = found[(found["start"] <= day) & (found["end"].isna() | (found["end"] >= pd.Timestamp(first)))]
    rows = overlapping.drop_duplicates("person", keep="last").reset_index(drop=True)
    now = _beside(rows, state.now.drop(columns=[*rows.columns], errors="ignore"), "")
    return pd.concat([rows, now, _beside(rows, state.before, BEFORE)], axis=1)


def _beside(rows: pd.DataFrame, answers: pd.DataFrame, ending: str) -> pd.DataFrame:
    """The answers of each row's intake, under their names with an ending."""
    return answers.reindex(rows["KEY"]).set_index(rows.index).add_suffix(ending)


def _since(found: pd.DataFrame, first: dt.date) -> pd.DataFrame:
    return found[found["date"] >= pd.Timestamp(first)]


def _entries(state: State, first: dt.date) -> pd.DataFrame:
    return snapshot.entries(state.episodes, first, state.date)


def _exits(state: State, first: dt.date) -> pd.DataFrame:
    found = snapshot.exits(state.episodes, first, state.date)
    return found.assign(outcome=_outcome(found))


def _assigned(state: State, first: dt.date) -> pd.DataFrame:
    found = snapshot.since_start(state.episodes, first, state.date)
    return found.assign(outcome=_outcome(found).mask(found["present"], "present"))


def _outcome(found: pd.DataFrame) -> pd.Series:
    """'independent' or 'other' by the reason of exit, NA where it is not stated."""
    outcome = pd.Series("other", index=found.index, dtype="string")
    return outcome.mask(found["grund"].isin(snapshot.INDEPENDENT), "independent").mask(found["grund"].isna())


def _sites(state: State, _first: dt.date) -> pd.DataFrame:
    return state.sites


def _placements(state: State, _first: dt.date) -> pd.DataFrame:
    return state.placements


def _posts(state: State, _first: dt.date) -> pd.DataFrame:
    return state.posts


def _goals(state: State, _first: dt.date) -> pd.DataFrame:
    return state.goals


def _plans(state: State, first: dt.date) -> pd.DataFrame:
    return state.plans[state.plans["first"] >= pd.Timestamp(first)]


def _updates(state: State, first: dt.date) -> pd.DataFrame:
    return _since(state.updates, first)


def _talks(state: State, first: dt.date) -> pd.DataFrame:
    return _since(state.talks, first)


def _children(state: State, _first: dt.date) -> pd.DataFrame:
    return state.children


def _funding(state: State, _first: dt.date) -> pd.DataFrame:
    return state.funding


def _posts_months(state: State, first: dt.date) -> pd.DataFrame:
    return _since(state.posts_months, first)


UNIVERSES: Mapping[str, Callable[[State, dt.date], pd.DataFrame]] = MappingProxyType(
    {
        "stock": _stock,  # persons in stock; plan (own | household | none), talks in the period
        "advised": _advised,  # persons with an episode in the period, their last one
        "entries": _entries,  # episodes that start in the period
        "exits": _exits,  # episodes that end in the period; outcome: independent | other
        "assigned": _assigned,  # persons assigned, opening stock included; outcome: present | independent | other
        "sites": _sites,  # accommodations in use, places by the day
        "placements": _placements,
        "posts": _posts,  # posts of every role that exist, the town's share of each
        "goals": _goals,
        "plans": _plans,  # first plans written in the period
        "updates": _updates,  # follow-ups in the period
        "talks": _talks,  # talks in the period
        "children": _children,
        "funding": _funding,  # the newest applications that the town keeps or has heads in
        "posts_months": _posts_months,  # the posts at the end of each month of the period
    }
)
"""Universe -> its rows. The columns are those that `reports.snapshot` documents. Rows of `stock` and `advised` have
every question of the intake form under its column name, as of the date, and besides `<name>__first`, what the intake
said (stock), `<name>__asked`, the day of the last record that asked again (stock), and `<name>__before`, as of the last
day of the year before (advised)."""
