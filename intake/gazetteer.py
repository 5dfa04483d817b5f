"""The official register of municipalities as Destatis gives it out: GV100AD (fixed width), the spreadsheet of GV-ISys.

    read_gazetteer(path) -> Gazetteer(day, units)

GV100AD has a line for each unit; its first two digits say which kind: 10 Land, 20 Regierungsbezirk, 30 Region,
40 Kreis, 50 association of municipalities, 60 municipality. Then come the day of the register (JJJJMMTT), the key (as
many digits as the kind has) and from position 23 the name (50 characters); for a municipality, positions 123 and 124
say what it is (65 and 66: an area without a municipality). Old files are Latin-1, newer ones UTF-8.

The spreadsheet (Auszug GV) has the same units in columns: kind, mark, Land, Regierungsbezirk, Kreis, association,
municipality, name. It says its day in the lines above them or in the sheet's title.

Nothing of the register is shipped; the data are free to use with their source (Statistisches Bundesamt).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from intake.excel import grids
from validation.errors import FormError, StudyError

KINDS = {"10": 2, "20": 3, "30": 4, "40": 5, "50": 5, "60": 8}
"""Digits of the key of each kind; associations have four more of their own."""
EMPTY = ("65", "66")
"""Marks of areas that belong to no municipality, with and without inhabitants."""

_LINE = re.compile(r"(10|20|30|40|50|60)(\d{8})([\d ]{12})(.{50})(.*)", re.DOTALL)
_DAY = re.compile(r"(?<!\d)(\d{2})\.?(\d{2})\.?((?:19|20)\d{2})(?!\d)")
_HEAD_ROWS = 12


@dataclass(frozen=True, slots=True)
class Unit:
    """A municipality, or an area that belongs to none (`empty`). `ags` has eight digits; `district` (Kreis) and
    `region` (Regierungsbezirk, without that word) are names, the latter '' where the Land has none."""

    ags: str
    name: str
    district: str
    region: str
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """A register as of a day, in its order."""

    day: dt.date
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """One unit as it stands in a file, and where."""

    row: int
    kind: str
    key: str
    name: str
    mark: str


def read_gazetteer(path: Path, day: dt.date | None = None) -> Gazetteer:
    """Read a file of either kind. `day` is its day where a spreadsheet does not say it. StudyError, one sentence with
    the line, for what is no such file, is cut off or contradicts itself."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StudyError("gazetteer.unreadable", path=path) from error
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        stated, lines = _spreadsheet(path, data)
    else:
        stated, lines = _fixed_width(path, _text(data))
    found = day or stated
    if found is None:
        raise StudyError("gazetteer.no_day", path=path)
    return Gazetteer(found, tuple(_units(path, lines)))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _fixed_width(path: Path, text: str) -> tuple[dt.date | None, list[_Line]]:
    lines: list[_Line] = []
    stated = ""
    for row, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line.ljust(72))
        if found is None:
            raise StudyError("gazetteer.no_register" if row == 1 else "gazetteer.bad_line", path=path, row=row)
        kind, day, key, name, rest = found.groups()
        if stated not in ("", day):
            raise StudyError("gazetteer.two_days", path=path, row=row)
        stated = day
        lines.append(_Line(row, kind, key[: KINDS[kind]].strip(), name.strip(), rest[50:52].strip()))
    try:
        return dt.date.fromisoformat(stated), lines
    except ValueError as error:
        raise StudyError("gazetteer.no_register", path=path, row=1) from error


def _spreadsheet(path: Path, data: bytes) -> tuple[dt.date | None, list[_Line]]:
    lines: list[_Line] = []
    stated: dt.date | None = None
    try:
        for title, rows in grids(path.name, data, lambda _title, _count: True):
            found, day = _sheet(title, rows)
            if found and not lines:
                lines, stated = found, day
    except (FormError, ValueError, KeyError, OSError) as error:
        raise StudyError("gazetteer.no_register", path=path, row=1) from error
    if not lines:
        raise StudyError("gazetteer.no_register", path=path, row=1)
    return stated, lines


def _sheet(title: str, rows: Iterable[tuple[int, list[str]]]) -> tuple[list[_Line], dt.date | None]:
    lines: list[_Line] = []
    day = _day_in([title])
    for row, cells in rows:
        texts = [cell.strip() for cell in cells]
        if row <= _HEAD_ROWS and not lines:
            day = _day_in(texts) or day
        if len(texts) < 8 or texts[0] not in KINDS or not texts[7]:
            continue
        land, region, district, _, town = texts[2:7]
        parts = (land.zfill(2), region, district.zfill(2) if district else "", town.zfill(3) if town else "")
        lines.append(_Line(row, texts[0], "".join(parts)[: KINDS[texts[0]]], texts[7], texts[1]))
    return lines, day


def _day_in(texts: Iterable[str]) -> dt.date | None:
    for text in texts:
        for day, month, year in _DAY.findall(text):
            try:
                return dt.date(int(year), int(month), int(day))
            except ValueError:
                continue
    return None


def _units(path: Path, lines: list[_Line]) -> Iterator[Unit]:
    names = {line.key: line.name for line in lines if line.kind in ("20", "40")}
    seen: set[str] = set()
    for line in lines:
        if line.kind != "60":
            continue
        if not re.fullmatch(r"\d{8}", line.key) or not line.name or line.key in seen or line.key[:5] not in names:
            raise StudyError("gazetteer.bad_line", path=path, row=line.row)
        seen.add(line.key)
        region = names.get(line.key[:3], "").removeprefix("Reg.-Bez. ")
        yield Unit(line.key, line.name, names[line.key[:5]], region, line.mark in EMPTY)
    if not seen:
        raise StudyError("gazetteer.no_register", path=path, row=1)
