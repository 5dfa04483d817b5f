"""The work on cases at a date: plans, follow-ups, talks, children. Nothing here is protected."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from reports import sources
from reports.sources import Tables

OWN, HOUSEHOLD, NONE = "own", "household", "none"
"""A plan of the person's own; covered by that of the household or the parents; no plan in writing."""


def plans(tables: Tables, episodes: pd.DataFrame, goals: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """One row an episode: KEY, person, start, interview (day), plan (OWN | HOUSEHOLD | NONE), first (day of the first
    plan of the person's own, NaT also where nobody says it), days (from the start to it).

    A plan is there from the day on which its first goal was written. goals: KEY (of the intake), since. Who is in the
    plan of somebody else is covered while that person has one, in any of these episodes.
    """
    rows = episodes[["KEY", "person", "start"]].merge(sources.interviews(tables), on="KEY", how="left")
    said = goals.merge(rows[["KEY", "interview"]], on="KEY")
    written = said["since"].fillna(said["interview"])
    there = said.assign(written=written)[written.isna() | (written <= day)]
    own = rows["KEY"].isin(there["KEY"])
    rows = rows.merge(there.groupby("KEY", as_index=False)["written"].min(), on="KEY", how="left")
    rows = rows.rename(columns={"written": "first"})
    heads = set(rows.loc[own & rows["plan_for"].isin(["haushalt", "person"]), "person"])
    covered = ~own & rows["plan_for"].isin(["haushalt", "mit_eltern"]) & rows["plan_head"].isin(heads)
    rows["plan"] = pd.Series(NONE, index=rows.index, dtype="string").mask(covered, HOUSEHOLD).mask(own, OWN)
    rows["days"] = (rows["first"] - rows["start"]).dt.days.astype("Int64")
    return rows[["KEY", "person", "start", "interview", "plan", "first", "days"]].reset_index(drop=True)


def talks(tables: Tables, municipality: str, day: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The talks of a town until a day, as `sources.talks`; and who took part: person, date; one row a person each."""
    found = sources.talks(tables)
    here = found[(found["municipality"] == municipality) & (found["date"] <= day)]
    others = sources.participants(tables).merge(here[["KEY", "date"]], on="KEY")
    there = here.loc[here["with"] != "ueber", ["person", "date", "KEY"]].dropna(subset=["person"])
    both = pd.concat([there, others[["person", "date", "KEY"]]]).drop_duplicates(["person", "KEY"])
    return here.reset_index(drop=True), both[["person", "date"]].reset_index(drop=True)


def updates(tables: Tables, municipality: str, day: pd.Timestamp) -> pd.DataFrame:
    """The follow-ups of a town until a day: KEY, person, date, cause."""
    found = sources.updates(tables)
    here = found[(found["municipality"] == municipality) & (found["date"] <= day)]
    return here[["KEY", "person", "date", "cause"]].reset_index(drop=True)


def children(tables: Tables, present: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The children named in the intakes of persons in stock: child, age (full years), place. One that two parents name
    under one number is there once."""
    found = sources.children(tables)
    here = found[found["KEY"].isin(present["KEY"])].reset_index(drop=True)
    named = here["child"].fillna(pd.Series([f"#{at}" for at in here.index], index=here.index, dtype="string"))
    here = here.assign(child=named, age=age(here["birth"], day)).drop_duplicates("child", keep="last")
    return here[["child", "age", "place"]].reset_index(drop=True)


def months(date: dt.date) -> list[dt.date]:
    """The last days of the months of a year until a date; the date itself where that is none of them."""
    found = pd.date_range(dt.date(date.year, 1, 1), date, freq="ME").date.tolist()
    return found if found and found[-1] == date else [*found, date]


def age(born: pd.Series, day: pd.Timestamp) -> pd.Series:
    """Full years on a day; NA without a date of birth."""
    parts = born.dt
    before_birthday = (parts.month > day.month) | ((parts.month == day.month) & (parts.day > day.day))
    years: pd.Series = (day.year - parts.year - before_birthday.astype("int64")).astype("Int64")
    return years.where(born.notna())
