"""The municipalities of a study by date: `municipalities.csv`, brought up to the official register.

    ags,name,kreis,regierungsbezirk,invented,valid_from,valid_to,successor,as_of

A row holds from `valid_from` to `valid_to`, both included, '' for always. A municipality that gets another name or
Kreis has another row with the same AGS; one that ends has a last day and, where somebody said so, its successor's AGS.
`as_of` is the day of the last register that has the row. A record keeps the AGS of its day; `Towns` finds what that was
called then, and what it belongs to now.

A register is the state of a day. What differs from the rows there holds from that day, or from the day that a table of
changes (`ags,successor,day`) gives for it: the register itself does not say when something happened, nor what became
of whom.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from intake.gazetteer import Gazetteer
from validation.errors import StudyError

FILE = "municipalities.csv"
LIST = "gemeinde.csv"
"""The choice list made from it, in `lists/`."""


@dataclass(frozen=True, slots=True)
class Town:
    """A municipality as it is called for a time. Columns of the file as they stand; days are ISO text, '' for none."""

    ags: str
    name: str
    kreis: str = ""
    regierungsbezirk: str = ""
    invented: str = "no"
    valid_from: str = ""
    valid_to: str = ""
    successor: str = ""
    as_of: str = ""

    def on(self, day: dt.date) -> bool:
        """Whether the row holds on a day."""
        return (self.valid_from or "0") <= day.isoformat() <= (self.valid_to or "9")

    @property
    def said(self) -> tuple[str, str, str]:
        """What a register says of it."""
        return self.name, self.kreis, self.regierungsbezirk


@dataclass(frozen=True, slots=True)
class Change:
    """A municipality that ended: its last day was the one before `day`."""

    ags: str
    successor: str
    day: dt.date


class Towns:
    """Look-ups by date over the rows of a study."""

    def __init__(self, rows: Iterable[Town]) -> None:
        self.rows = tuple(rows)

    def on(self, ags: str, day: dt.date) -> Town | None:
        """What an AGS was on a day; None where there was none."""
        return next((row for row in self.rows if row.ags == ags and row.on(day)), None)

    def became(self, ags: str, day: dt.date) -> Town | None:
        """What an AGS belongs to on a day: itself while it is, else its successor; None where nobody said."""
        seen: set[str] = set()
        while ags not in seen:
            seen.add(ags)
            if (found := self.on(ags, day)) is not None:
                return found
            ags = next((row.successor for row in reversed(self.rows) if row.ags == ags and row.successor), ags)
        return None

    def predecessors(self, ags: str) -> tuple[Town, ...]:
        """The municipalities that went into one."""
        return tuple(row for row in self.rows if row.successor == ags)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a register changed: AGS of municipalities that are new, that are called otherwise now, that ended;
    `left_out` counts areas without a municipality."""

    rows: tuple[Town, ...]
    new: tuple[str, ...]
    renamed: tuple[str, ...]
    ended: tuple[str, ...]
    left_out: int

    @property
    def total(self) -> int:
        """How many municipalities hold now, invented ones included."""
        return sum(not row.valid_to for row in self.rows)


def read_towns(path: Path) -> tuple[Town, ...]:
    """The rows of a study's file, also of one without the days. StudyError as `intake.study` for what is wrong."""
    known = [each.name for each in fields(Town)]
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [
                Town(**{name: (row.get(name) or "").strip() for name in known})
                for row in csv.DictReader(file, strict=True)
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StudyError("study.unreadable", path=path) from error
    for number, row in enumerate(rows, start=2):
        if (
            not re.fullmatch(r"\d{8}", row.ags)
            or not row.name
            or not (_is_day(row.valid_from) and _is_day(row.valid_to))
        ):
            raise StudyError("study.bad_municipalities", path=path, row=number)
    return tuple(rows)


def read_changes(path: Path) -> tuple[Change, ...]:
    """A table of changes. StudyError naming the line."""
    found = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            for row in reader:
                ags, successor = (row.get("ags") or "").strip(), (row.get("successor") or "").strip()
                if not all(re.fullmatch(r"\d{8}", each) for each in (ags, successor)):
                    raise ValueError(ags)
                found.append(Change(ags, successor, dt.date.fromisoformat((row.get("day") or "").strip())))
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        raise StudyError("gazetteer.bad_changes", path=path, row=len(found) + 2) from error
    return tuple(found)


def loaded(
    rows: Sequence[Town], register: Gazetteer, *, areas: Sequence[str] = (), changes: Iterable[Change] = ()
) -> Loaded:
    """The rows brought up to a register. `areas` are the beginnings of keys that are wanted ('08' a Land, '08235' a
    Kreis), none for all. Invented municipalities stay. StudyError where the register is older than a row, or has
    nothing of what is wanted."""
    inside = tuple(areas) or ""
    wanted = {
        unit.ags: Town(unit.ags, unit.name, unit.district, unit.region, as_of=register.day.isoformat())
        for unit in register.units
        if not unit.empty and unit.ags.startswith(inside)
    }
    if not wanted:
        raise StudyError("gazetteer.nothing_wanted", areas=", ".join(areas))
    if any(max(row.valid_from, row.valid_to, row.as_of) > register.day.isoformat() for row in rows):
        raise StudyError("gazetteer.older", day=register.day.isoformat())
    begun = {change.ags: change for change in changes}
    lands = {unit.ags[:2] for unit in register.units}
    kept: list[Town] = []
    new, renamed, ended = [], [], []
    for row in rows:
        if row.invented == "yes" or row.valid_to or not row.ags.startswith(inside) or row.ags[:2] not in lands:
            kept.append(row)
            continue
        now = _brought(row, wanted.pop(row.ags, None), register.day, begun.get(row.ags))
        kept += now
        if now[-1].valid_to:
            ended.append(row.ags)
        elif len(now) > 1:
            renamed.append(row.ags)
    first = not any(row.as_of for row in rows)  # then nobody knows since when the others are
    for town in wanted.values():
        since = [change.day.isoformat() for change in begun.values() if change.successor == town.ags]
        kept.append(replace(town, valid_from=min(since, default="" if first else register.day.isoformat())))
        new.append(town.ags)
    skipped = sum(unit.empty for unit in register.units if unit.ags.startswith(inside))
    return Loaded(tuple(kept), tuple(new), tuple(renamed), tuple(ended), skipped)


def _brought(row: Town, official: Town | None, day: dt.date, change: Change | None) -> list[Town]:
    """A row as the register has it now: itself, itself until the day before and another, or ended."""
    if official is None:
        last = (change.day if change else day) - dt.timedelta(1)
        return [replace(row, valid_to=last.isoformat(), successor=change.successor if change else "")]
    if official.said == row.said:
        return [replace(row, as_of=official.as_of)]
    if not row.as_of:  # typed by somebody: how it is written there is no other time's name
        return [replace(official, valid_from=row.valid_from)]
    before = (day - dt.timedelta(1)).isoformat()
    return [replace(row, valid_to=before), replace(official, valid_from=day.isoformat())]


def write_towns(study: Path, rows: Sequence[Town]) -> None:
    """`municipalities.csv` and the choice list of those that hold now, both or neither. StudyError where they cannot be
    written."""
    from intake.lists import as_csv, town_rows

    towns = io.StringIO()
    writer = csv.writer(towns, lineterminator="\n")
    names = [each.name for each in fields(Town)]
    writer.writerow(names)
    writer.writerows([getattr(row, name) for name in names] for row in rows)
    now = [(row.ags, row.name) for row in rows if not row.valid_to]
    texts = {study / FILE: towns.getvalue(), study / "lists" / LIST: as_csv(town_rows(now))}
    before: dict[Path, bytes | None] = {}
    try:
        for path, text in texts.items():
            path.with_name(f".{path.name}.new").write_text(text, encoding="utf-8", newline="")
        for path in texts:
            before[path] = path.read_bytes() if path.exists() else None
            path.with_name(f".{path.name}.new").replace(path)
    except OSError as error:
        for path, content in before.items():
            if content is not None:
                path.write_bytes(content)
        raise StudyError("gazetteer.not_written", path=study) from error
    finally:
        for path in texts:
            with contextlib.suppress(OSError):
                path.with_name(f".{path.name}.new").unlink(missing_ok=True)


def _is_day(text: str) -> bool:
    try:
        return not text or bool(dt.date.fromisoformat(text))
    except ValueError:
        return False
