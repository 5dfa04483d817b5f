"""Posts, accommodations and funding of one municipality as frames: what the registers reckon, for the annual report.

Tables become rows of texts as if they had been read from the store, so that one reckoning holds for every report. The
frames are those that `reports.snapshot.State` documents.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

import pandas as pd

from reports.registers.application import Funding, concerning, newest
from reports.registers.post import Post
from reports.registers.reading import Registers, Row
from reports.registers.site import Site

TABLES = (
    "stelle", "stelle-anteil", "stelle-abwesenheit", "unterkunft", "unterkunft-zeitraum", "unterkunft-bewohner",
    "unterkunft-einheit", "foerderung", "foerderung-kopf",
)  # fmt: skip

_TEXT, _DATE, _NUMBER, _WHOLE, _COUNT, _TRUTH = "string", "datetime64[us]", "Float64", "Int64", "int64", "bool"
_POSTS = MappingProxyType({
    "id": _TEXT, "rolle": _TEXT, "approved": _NUMBER, "filled": _NUMBER, "absent": _TRUTH, "status": _TEXT,
    "cost": _NUMBER, "grant": _NUMBER,
})  # fmt: skip
_MONTHS = MappingProxyType({"date": _DATE, "id": _TEXT, "rolle": _TEXT, "approved": _NUMBER, "filled": _NUMBER})
_SITES = MappingProxyType({
    "id": _TEXT, "name": _TEXT, "ortsteil": _TEXT, "typ": _TEXT, "units": _WHOLE, "places": _WHOLE, "n": _COUNT,
    "occupied": _COUNT, "occupancy": _NUMBER,
})  # fmt: skip
_PLACEMENTS = MappingProxyType({"site": _TEXT, "ortsteil": _TEXT, "person": _TEXT})
_FUNDING = MappingProxyType({
    "date": _DATE, "heads": _WHOLE, "rate": _NUMBER, "grant": _NUMBER, "least": _WHOLE, "most": _WHOLE,
})  # fmt: skip


def registers_of(tables: Mapping[str, pd.DataFrame]) -> Registers:
    """The rows of the registers in tables of a study (`intake.tables`); of a table that is not there none."""
    return Registers({name: _rows(tables[name]) for name in TABLES if name in tables})


def posts_of(found: Iterable[Post], town: str, on: dt.date) -> pd.DataFrame:
    """The posts that exist on a day and belong to a town, its own first: volumes and money are its share."""
    return _frame(_POSTS, ({"status": post.status, **_post(post, town, on)} for post in _there(found, town, on)))


def months_of(found: Sequence[Post], town: str, days: Iterable[dt.date]) -> pd.DataFrame:
    """The posts of a town on each of some days."""
    rows = ({"date": on, **_post(post, town, on)} for on in days for post in _there(found, town, on))
    return _frame(_MONTHS, rows)


def sites_of(found: Iterable[Site], town: str, on: dt.date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The accommodations of a town in use on a day, and who looked after lives in them."""
    used = [each for each in found if each.ags == town and each.is_used(on)]
    placed = (
        {"site": site.number, "ortsteil": site.district, "person": person}
        for site in used
        for person in sorted(stay.person for stay in site.people(on) if not stay.is_apart)
    )
    return _frame(_SITES, (_site(site, on) for site in used)), _frame(_PLACEMENTS, placed)


def funding_of(found: Iterable[Funding], town: str, on: dt.date) -> pd.DataFrame:
    """The newest applications until a day that a town keeps or has heads in."""
    rows = []
    for each in newest(concerning(found, [town], on)):
        least, most = each.posts() or (None, None)
        rows.append({"date": each.date, "heads": each.total, "rate": each.parameters["satz"].value,
                     "grant": each.grant, "least": least, "most": most})  # fmt: skip
    return _frame(_FUNDING, rows)


def _there(found: Iterable[Post], town: str, on: dt.date) -> Sequence[Post]:
    here = [each for each in found if each.share([town]) and each.exists(on)]
    return sorted(here, key=lambda each: (each.ags != town, each.ags, each.number))


def _post(post: Post, town: str, on: dt.date) -> dict[str, object]:
    """What of a post belongs to a town. The number of one that another town keeps stands behind that town's AGS."""
    share, cost = post.share([town]), post.costs()
    return {
        "id": post.number if post.ags == town else f"{post.ags}-{post.number}", "rolle": post.role,
        "approved": post.approved * share, "filled": post.filled_on(on) * share, "absent": post.is_away(on),
        "cost": None if cost is None else cost[0] * share,
        "grant": None if post.grant is None else post.grant * share,
    }  # fmt: skip


def _site(site: Site, on: dt.date) -> dict[str, object]:
    people, usable = site.people(on), site.usable_on(on)
    return {
        "id": site.number, "name": site.name, "ortsteil": site.district, "typ": site.kind, "units": site.units,
        "places": usable, "n": sum(not stay.is_apart for stay in people), "occupied": len(people),
        "occupancy": len(people) / usable if usable else None,
    }  # fmt: skip


def _frame(kinds: Mapping[str, str], rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Rows as a typed frame; an empty text is NA."""
    listed = list(rows)
    return pd.DataFrame({name: pd.Series([_cell(row[name]) for row in listed], dtype=kinds[name]) for name in kinds})


def _cell(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if type(value) is dt.date:
        return pd.Timestamp(value)
    return None if value == "" else value


def _rows(frame: pd.DataFrame) -> list[Row]:
    columns = {str(name): _texts(frame[name]) for name in frame.columns}
    return [
        {name: value for name, value in zip(columns, values, strict=True) if value is not None}
        for values in zip(*columns.values(), strict=True)
    ]


def _texts(values: pd.Series) -> list[str | None]:
    """Answers as texts, a day as ISO writes it; None where there is none."""
    made = values.dt.strftime("%Y-%m-%d") if pd.api.types.is_datetime64_any_dtype(values) else values.astype("string")
    return [None if pd.isna(value) else str(value) for value in made]
