"""What follow-ups say, folded into what the first interview said: the tables of a form as they are at a date.

A question of another form that saves to the same property of the same entity (`save_to`) as a question of the intake
form is its later answer; no question is named here. Rows of records of one municipality and one episode count for it.

    R9   the last version until the date holds. An answer that is empty says nothing.
    how  an answer that *changed* holds from the day its own date says (a question beside it whose name ends in `_ab` or
         `_seit`, or what `sources.ITS_DAY` names), else from the day of its record; so does one that differs and of
         which nothing is said how it came about. One that was *corrected* holds since the answer it corrects. One that
         is the same as before moves nothing.
    R12  what was recorded later is seen, also where it tells of an earlier day; what is known at an earlier time is
         read by `known_at` of the tables.

Entries of repeats (goals, children) are followed by the id of their entity. One that a later record creates is there
from the day of that record, under the intake of the same episode. Changes of what no record of the town creates are
left out. Properties that the intake form does not ask are columns under their own names.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from intake.entitycolumns import Saved
from intake.study import Study
from intake.tables import study_saved, study_tables
from reports import sources
from reports.sources import INTAKE, Tables
from validation.errors import ReportError
from validation.layout import KEY, PARENT_KEY

CORRECTED = "corrected"
OWN_DAY = ("_ab", "_seit")
"""A date question called as another one and this is the day from which that answer holds."""

CAME = "_came"
"""Column of ours in the tables of repeats: the day of the later record that created the entry (NaT: the intake did)."""

ASKED = "__asked"
"""Ending of our columns in the intake's root table: the day of the last record until the date that answered the
question again, NaT where only the intake did."""

_Rank = tuple[pd.Timestamp, str, str]


class Followed(Mapping[str, pd.DataFrame]):
    """Tables of a study that know which of their columns are later answers to which (`intake.tables.study_saved`)."""

    def __init__(self, tables: Tables, saved: Iterable[Saved]) -> None:
        self._tables = tables
        self.saved = tuple(saved)

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def followed_tables(study: Study, *, known_at: dt.datetime | None = None) -> Followed:
    """The tables of a study as known at a time (None: now), with what later forms say of what earlier ones asked."""
    return Followed(study_tables(study, known_at=known_at, entities=True), study_saved(study))


def as_of(tables: Tables, episodes: pd.DataFrame, date: dt.date) -> Tables:
    """Tables in which those of the intake form say what held at a date; others are as they were.

    episodes: of one town (`reports.snapshot.episodes`). Tables that do not know what is whose later answer (a plain
    mapping) come back as they are. ReportError where a later answer is not of the type of the first.
    """
    if not isinstance(tables, Followed) or not any(place.form == INTAKE for place in tables.saved):
        return tables
    records = _records(tables, episodes)
    made = dict(tables)
    for place in tables.saved:
        if place.form == INTAKE and place.table in tables:
            later = _Later(tables, place, records)
            made[place.table] = _folded(made[place.table], place, later, pd.Timestamp(date))
    return made


# --- one answer


@dataclass(frozen=True, slots=True)
class Said:
    """What one record says of a property: the day of the record, the value, how it came about ('' where nothing is said
    of that), and the day from which it holds where the record tells one."""

    day: pd.Timestamp
    value: Any
    how: str = ""
    own: pd.Timestamp | None = None


def held(first: Any, later: Sequence[Said], date: pd.Timestamp) -> Any:
    """The value of a property at a date: `first` is what the intake says (None: nothing), `later` what records say in
    their order. None where nothing is said until then."""
    versions = [] if first is None else [(pd.Timestamp.min, first)]
    for said in later:
        before = versions[-1] if versions else None
        if before is not None and (said.how == CORRECTED or said.value == before[1]):
            since = before[0]
        else:
            since = said.day if said.own is None else min(said.own, said.day)
        versions.append((since, said.value))
    return next((value for since, value in reversed(versions) if since <= date), None)


# --- the records that come later


@dataclass(frozen=True, slots=True)
class _Record:
    """A later record: its place in the order of time, and the intake of its episode."""

    rank: _Rank
    intake: str


def _records(tables: Followed, episodes: pd.DataFrame) -> dict[str, _Record]:
    """{KEY: record} of every record of other forms that falls into one of the episodes."""
    spans: dict[tuple[str, str], list[tuple[pd.Timestamp, pd.Timestamp, str]]] = {}
    ended: dict[str, str] = {}
    columns = (episodes[name] for name in ("municipality", "person", "start", "end", "KEY", "exit_key"))
    for town, person, start, end, key, exit_key in zip(*columns, strict=True):
        spans.setdefault((str(town), str(person)), []).append((start, end, str(key)))
        ended |= {exit_key: str(key)} if isinstance(exit_key, str) else {}
    found: dict[str, _Record] = {}
    for form in dict.fromkeys(place.form for place in tables.saved if place.form != INTAKE):
        if form not in tables or not {"_subject", "_municipality"} <= {*tables[form].columns}:
            continue
        for key, town, person, day, received in _heads(tables[form]):
            if pd.isna(day) or (town, person) not in spans:
                continue
            intake = ended.get(key) or _episode(spans[town, person], day)
            if intake:
                found[key] = _Record((day, received, key), intake)
    return found


def _heads(frame: pd.DataFrame) -> Iterator[tuple[str, str, str, pd.Timestamp, str]]:
    """(KEY, municipality, person, day, received) of each record of a form."""
    received = frame["_received"] if "_received" in frame else pd.Series(pd.NaT, index=frame.index)
    named = sources.day_of_record(frame)
    day = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]") if named is None else frame[named]
    if pd.api.types.is_datetime64_any_dtype(received) and getattr(received.dt, "tz", None) is not None:
        day = day.fillna(received.dt.tz_convert(None).dt.normalize())
    columns = (frame[name].astype("string").fillna("") for name in (KEY, "_municipality", "_subject"))
    return zip(*columns, day, received.astype("string").fillna(""), strict=True)


def _episode(spans: Sequence[tuple[pd.Timestamp, pd.Timestamp, str]], day: pd.Timestamp) -> str:
    """The intake of the last episode that has begun on a day and has not ended before it; '' for none."""
    begun = [span for span in sorted(spans, key=lambda each: each[0]) if span[0] <= day]
    return begun[-1][2] if begun and (pd.isna(begun[-1][1]) or day <= begun[-1][1]) else ""


@dataclass(slots=True)
class _Row:
    """One row of a later record that speaks of an entity."""

    record: _Record
    key: str
    creates: bool
    said: dict[str, tuple[Any, str, pd.Timestamp | None, str]] = field(default_factory=dict)
    """{property: (value, how, own day, the property that this day is saved to)}"""


class _Later:
    """What later records say of the entities of one place of the intake form."""

    def __init__(self, tables: Followed, place: Saved, records: Mapping[str, _Record]) -> None:
        self._place = place
        self.rows: dict[str, list[_Row]] = {}
        self.dtypes: dict[str, Any] = {}
        base = tables[place.table]
        for name, key in place.properties.items():
            if name in base:
                self.dtypes[key] = base[name].dtype
        for other in tables.saved:
            if other.form != INTAKE and other.dataset == place.dataset and other.table in tables:
                self._read(tables[other.table], other, records)
        for rows in self.rows.values():
            rows.sort(key=lambda row: (row.record.rank, row.key))

    @cached_property
    def extra(self) -> list[str]:
        """Properties that the intake form does not ask."""
        return [name for name in self.dtypes if name not in self._place.properties.values()]

    def of(self, entity: Any, intake: str) -> list[_Row]:
        """The rows that speak of an entity; of a person, those of one episode."""
        rows = self.rows.get(entity, []) if isinstance(entity, str) else []
        return [row for row in rows if row.record.intake == intake] if self._place.is_subject else rows

    def _read(self, frame: pd.DataFrame, other: Saved, records: Mapping[str, _Record]) -> None:
        if other.entity not in frame:
            return
        above = frame[KEY if other.is_root else PARENT_KEY].tolist()
        roots = [key.partition("/")[0] if isinstance(key, str) else "" for key in above]
        about, creates, keys = (frame[name].tolist() for name in (other.entity, other.creates, KEY))
        made: dict[int, _Row] = {}
        for at, root in enumerate(roots):
            if root in records and isinstance(about[at], str):
                made[at] = _Row(records[root], str(keys[at]), creates[at] is True)
                self.rows.setdefault(about[at], []).append(made[at])
        for column, name in other.properties.items() if made else ():
            values = _typed(frame[column], self.dtypes.setdefault(name, frame[column].dtype), other.table, column)
            own, saved_as = _own_day(frame, other, column, name)
            how = frame[f"{column}__how"].tolist() if f"{column}__how" in frame else None
            listed, days = values.tolist(), None if own is None else frame[own].tolist()
            for at, row in made.items():
                if not pd.isna(listed[at]):
                    day = None if days is None or pd.isna(days[at]) else days[at]
                    said = how[at] if how is not None and isinstance(how[at], str) else ""
                    row.said[name] = (listed[at], said, day, saved_as)


def _own_day(frame: pd.DataFrame, place: Saved, column: str, name: str) -> tuple[str | None, str]:
    """The column with the day from which an answer holds, and the property that is saved to ('' for none)."""
    beside = [f"{column}{end}" for end in OWN_DAY]
    beside += [each for each, saved in place.properties.items() if saved == sources.ITS_DAY.get(name)]
    for each in beside:
        if each in frame and _is_date(frame[each]):
            return each, place.properties.get(each, "")
    return None, ""


def _is_date(values: pd.Series) -> bool:
    return pd.api.types.is_datetime64_dtype(values)


def _typed(values: pd.Series, dtype: Any, table: str, column: str) -> pd.Series:
    if values.dtype == dtype:
        return values
    try:
        return values.astype(dtype)
    except (ValueError, TypeError) as error:
        raise ReportError("snapshot.not_typed", table=table, column=column) from error


# --- a table as of a day


def _folded(frame: pd.DataFrame, place: Saved, later: _Later, date: pd.Timestamp) -> pd.DataFrame:
    """The table of a place of the intake form, as it is at a date."""
    if place.entity not in frame or not later.rows:
        return frame
    columns = {saved: name for name, saved in place.properties.items() if name in frame}
    about, keys = frame[place.entity].tolist(), frame[KEY].tolist()
    spoken = {at: rows for at, entity in enumerate(about) if (rows := later.of(entity, str(keys[at])))}
    dates = {saved: frame[name].tolist() for saved, name in columns.items() if _is_date(frame[name])}
    days = {at: {saved: listed[at] for saved, listed in dates.items()} for at in spoken}
    made: dict[str, pd.Series] = {}
    for saved in (*columns, *later.extra):
        column = columns.get(saved, saved)
        if saved not in columns and column in frame:
            continue  # another question of the intake is called like this property
        first = frame[column].tolist() if saved in columns else [None] * len(frame)
        values = list(first)
        asked: list[Any] = [pd.NaT] * len(frame)
        for at, rows in spoken.items():
            known = None if first[at] is None or pd.isna(first[at]) else first[at]
            history = _history(rows, saved, days[at])
            values[at] = held(known, history, date)
            asked[at] = max((said.day for said in history if said.day <= date), default=pd.NaT)
        made[column] = _column(values, later.dtypes[saved], frame.index)
        if place.is_root:
            made[column + ASKED] = pd.Series(asked, dtype="datetime64[us]", index=frame.index)
        if (missing := f"{column}__missing") in frame:
            made[missing] = frame[missing].mask(made[column].notna() & frame[column].isna())
    found = pd.concat([frame.drop(columns=[*made], errors="ignore"), pd.DataFrame(made, index=frame.index)], axis=1)
    found = found[[*frame.columns, *(name for name in made if name not in frame)]]
    return found if place.is_root else _entries(found, place, later, columns, spoken, date)


def _history(rows: Sequence[_Row], name: str, days: Mapping[str, Any]) -> list[Said]:
    """What rows say of a property, in their order. A day that is saved to a property of its own counts where it is
    another one than before: else it is that of the answer before."""
    found = []
    last = dict(days)
    for row in rows:
        if name in row.said:
            value, how, own, saved_as = row.said[name]
            own = None if saved_as and last.get(saved_as) == own else own
            found.append(Said(row.record.rank[0], value, how, own))
        last |= {each: value for each, (value, *_) in row.said.items()}
    return found


def _entries(
    made: pd.DataFrame, place: Saved, later: _Later, columns: Mapping[str, str], spoken: Mapping[int, list[_Row]],
    date: pd.Timestamp,
) -> pd.DataFrame:  # fmt: skip
    """A repeat's table with the entries that later records created until a date, each under the intake of the episode
    in which it was spoken of last."""
    parents, came = made[PARENT_KEY].tolist(), [pd.NaT] * len(made)
    for at, rows in spoken.items():
        parents[at] = next((row.record.intake for row in reversed(rows) if row.record.rank[0] <= date), parents[at])
    made[PARENT_KEY] = _column(parents, made[PARENT_KEY].dtype, made.index)
    made[CAME] = pd.Series(came, dtype="datetime64[us]", index=made.index)
    known = set(made[place.entity].dropna())
    added = []
    for entity, rows in sorted(later.rows.items()):
        until = [row for row in rows if row.record.rank[0] <= date]
        creating = next((row for row in until if row.creates), None)
        if entity in known or creating is None:
            continue
        entry = {columns.get(name, name): held(None, _history(rows, name, {}), date) for name in later.dtypes}
        entry |= {KEY: creating.key, PARENT_KEY: until[-1].record.intake, place.entity: entity, place.creates: True}
        added.append(entry | {CAME: creating.record.rank[0]})
    if not added:
        return made
    new = pd.DataFrame({
        name: _column([entry.get(name) for entry in added], made[name].dtype, pd.RangeIndex(len(added)))
        for name in made.columns
    })  # fmt: skip
    return pd.concat([made, new], ignore_index=True)


def _column(values: Sequence[Any], dtype: Any, index: pd.Index) -> pd.Series:
    return pd.Series([None if value is None or pd.isna(value) else value for value in values], dtype=dtype, index=index)
