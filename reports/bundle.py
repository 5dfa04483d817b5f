"""Everything one annual report prints, protected: the SafeTables, the sources and the names. Raw counts stop here.

`collect` counts (with `reports.snapshot`), protects, and returns a Bundle; from here on there are SafeTables only. A
bundle travels to the notebook's process as JSON.

All tables of one population carry one total, and what could be worked out from two tables is put together in both:
persons assigned and taken in privately are counted together when one group is too small to stand (else the headline
minus the flow table would tell it); reasons of exit are told apart only where no other year's public figure gives
them away.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from reports import snapshot
from reports.disclosure import Policy, SafeTable, beside, is_safe, protect, protect_flows, things
from reports.disclosure.flows import YearFlow
from reports.disclosure.ledger import Ledger
from reports.wording import day as day_text
from validation.errors import ReportError
from validation.messages import say

if TYPE_CHECKING:
    import pandas as pd

    from intake.study import Study

SINCE = dt.date(2018, 1, 1)
"""The cumulative figures count from here; who was in stock the day before is the opening stock (the Pakt für
Integration pays for Integrationsmanagement since the end of 2017)."""

ELSEWHERE = "_elsewhere"
CASEWORK = "im"
"""The role whose posts carry the caseload; an Integrationsbeauftragter plans and looks after nobody."""

Labels = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Bundle:
    """One report's content. tables: by key.  sources: footnote sign -> citation.  differs: published figures that the
    records don't yield, by name.  coarsened: what was put together beyond single tables.  folded: assigned and private
    persons are counted together.  known_at: editorial deadline, None for all that is stored."""

    municipality: str
    name: str
    year: int
    language: str
    demo: bool
    threshold: int
    sign: str
    since: dt.date
    known_at: dt.date | None
    folded: bool
    tables: Mapping[str, SafeTable]
    sources: Mapping[str, str] = field(default_factory=dict)
    differs: tuple[str, ...] = ()
    coarsened: tuple[str, ...] = ()

    @property
    def day(self) -> dt.date:
        """The last day of the year reported."""
        return dt.date(self.year, 12, 31)

    def to_json(self) -> str:
        """The bundle as text; the same bundle gives the same bytes."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain["since"] = self.since.isoformat()
        plain["known_at"] = self.known_at.isoformat() if self.known_at else None
        plain["tables"] = {key: table.to_json() for key, table in self.tables.items()}
        return json.dumps(plain, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The bundle back; ValueError when a table in it is not safe or it is none of ours."""
        try:
            plain = json.loads(text)
            plain["since"] = dt.date.fromisoformat(plain["since"])
            plain["known_at"] = dt.date.fromisoformat(plain["known_at"]) if plain["known_at"] else None
            plain["tables"] = {key: SafeTable.from_json(table) for key, table in plain["tables"].items()}
            plain["differs"], plain["coarsened"] = tuple(plain["differs"]), tuple(plain["coarsened"])
            return cls(**plain)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a bundle: {error}") from error

    @classmethod
    def read(cls, path: Path) -> Self:
        """The bundle in a file; ReportError when it is damaged or another program's."""
        try:
            return cls.from_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ReportError("report.bundle", path=path.name) from error


class _Marks:
    """Footnote signs: a figure that equals a published one gets the sign of its source, in order of appearance."""

    def __init__(self, ledger: Ledger, municipality: str, language: str) -> None:
        self._ledger, self._municipality, self._language = ledger, municipality, language
        self.sources: dict[str, str] = {}
        self.differs: list[str] = []

    def sign(self, figure: str, date: dt.date, value: int | Decimal | None) -> str:
        """The sign, or empty when nothing was published or another value was."""
        found = self._ledger.find(self._municipality, date, figure)
        if found is None or value is None:
            return ""
        if found.value != value:
            self.differs.append(f"{figure} ({day_text(date, self._language)})")
            return ""
        text = found.source
        if found.status == "derived":
            text = say("report_method.derived", self._language, source=found.source)
        for sign, known in self.sources.items():
            if known == text:
                return sign
        self.sources[str(len(self.sources) + 1)] = text
        return str(len(self.sources))

    def of(self, figures: Mapping[str, tuple[str, dt.date, int]]) -> dict[str, str]:
        """{category: (figure, date, value)} -> {category: sign} for those that are public."""
        signs = {category: self.sign(*spec) for category, spec in figures.items()}
        return {category: sign for category, sign in signs.items() if sign}


def years_with_data(source: Study | snapshot.Tables, municipality: str) -> Sequence[int]:
    """The years a report can be made for: from the start of the cumulative figures, or the first episode, on."""
    tables = source if isinstance(source, Mapping) else _tables(source, None)
    found = snapshot.years(snapshot.of_municipality(snapshot.episodes(tables), municipality))
    return [year for year in found if year >= SINCE.year]


def _tables(study: Study, known_at: dt.datetime | None) -> snapshot.Tables:
    from intake.tables import study_tables

    return study_tables(study, known_at=known_at)


@dataclass(frozen=True, slots=True)
class _Task:
    """What the tables of one report have in common."""

    policy: Policy
    language: str
    day: dt.date
    marks: _Marks
    labels: Labels

    def title(self, code: str, **names: object) -> str:
        return say(f"report_title.{code}", self.language, **{"day": day_text(self.day, self.language), **names})

    def column(self, name: str) -> str:
        return say(f"report_column.{name}", self.language)

    def label(self, area: str, codes: Iterable[str]) -> dict[str, str]:
        known = self.labels.get(area, {})
        return {c: self.column("missing") if c == snapshot.MISSING else known.get(c, c) for c in codes}

    def count(self, counts: Mapping[str, int], key: str, title: str, stub: str, **more: Any) -> SafeTable:
        return protect(counts, self.policy, key=key, title=title, stub=stub, language=self.language, **more)


def collect(
    tables: snapshot.Tables,
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
    marks = _Marks(ledger, municipality, language)
    task = _Task(policy, language, day, marks, labels)
    threshold = policy.threshold("person")
    kinds, kinds_before = _kinds(now.episodes, day), _kinds(now.episodes, before)
    folded = not all(is_safe(n, threshold) for n in (*kinds.values(), *kinds_before.values()))
    found = _folded(now.episodes) if folded else now.episodes
    made = [
        _kind_table(task, "kinds", kinds, folded, day),
        _kind_table(task, "kinds_before", kinds_before, folded, before),
        *_post_tables(task, tables, now, before),
        *_bridge_tables(task, found, ledger.of(municipality), year, folded),
        _flow_table(task, found, year, folded),
        _nationality_table(task, now, () if folded or not kinds["private"] else ("UA",)),
        *_site_tables(task, now),
        *_goal_tables(task, now),
    ]
    coarsened = [say("report.coarsened_kinds", language)] if folded else []
    return Bundle(
        municipality=municipality,
        name=name,
        year=year,
        language=language,
        demo=demo,
        threshold=threshold,
        sign=policy.sign,
        since=SINCE,
        known_at=known_at,
        folded=folded,
        tables={table.key: table for table in made},
        sources=marks.sources,
        differs=tuple(dict.fromkeys(marks.differs)),
        coarsened=tuple(coarsened),
    )


# --- persons: stock, movement, bridge


def _kinds(episodes: pd.DataFrame, date: dt.date) -> dict[str, int]:
    """Persons in stock by way into the municipality; a person counts once."""
    now = snapshot.stock(episodes, date).drop_duplicates("person")
    private = now["zugangsart"].isin(snapshot.PRIVATE)
    unknown = now["zugangsart"].isna()
    return {
        "assigned": int((~private & ~unknown).sum()),
        "private": int(private.sum()),
        "unknown": int(unknown.sum()),
    }


def _folded(episodes: pd.DataFrame) -> pd.DataFrame:
    """Episodes in which everybody counts as assigned, so that no figure is the difference of two groups."""
    return episodes.assign(zugangsart="zuzug")


def _kind_table(task: _Task, key: str, kinds: Mapping[str, int], folded: bool, date: dt.date) -> SafeTable:
    total = sum(kinds.values())
    public = task.marks.of({"total": ("housed", date, total)})
    counts = {"assigned": total} if folded else {k: n for k, n in kinds.items() if n or k == "assigned"}
    if not folded:
        public |= task.marks.of(
            {
                "assigned": ("still_housed", date, kinds["assigned"]),
                "private": ("nationality.UA", date, kinds["private"]),
            }
        )
    title = say("report_title.kinds", task.language, day=day_text(date, task.language))
    named = {kind: task.column(kind) for kind in kinds}
    table = task.count(counts, key, title, task.column("kind"), labels=named, public=public, population=f"stock@{date}")
    return replace(table, rows=()) if folded else table


def _flow_table(task: _Task, episodes: pd.DataFrame, year: int, folded: bool) -> SafeTable:
    mine = episodes[snapshot.assigned(episodes)]
    flows = [
        YearFlow(**{name: int(row[name]) for name in ("year", "stock_start", "entries", "exits", "stock_end")})
        for row in snapshot.balance(mine, range(SINCE.year, year + 1)).to_dict("records")
    ]
    public: dict[tuple[int, str], str] = {}
    for flow in flows if not folded else ():
        end = dt.date(flow.year, 12, 31)
        sign = task.marks.sign("stock", end, flow.stock_end) or task.marks.sign("still_housed", end, flow.stock_end)
        public[flow.year, "stock_end"] = public[flow.year + 1, "stock_start"] = sign
    opening = SINCE - dt.timedelta(days=1)
    if not folded:
        public[SINCE.year, "stock_start"] = task.marks.sign("stock_opening", opening, flows[0].stock_start)
    names = ("stock_start", "entries", "exits", "stock_end")
    return protect_flows(
        flows,
        task.policy,
        key="flows",
        title=task.title("flows_all" if folded else "flows", first=SINCE.year, last=year),
        columns={name: task.column(name) for name in names},
        stub=task.column("year"),
        language=task.language,
        population="flows",
        public=public,
    )


def _bridge_tables(
    task: _Task, episodes: pd.DataFrame, ledger: Ledger, year: int, folded: bool
) -> tuple[SafeTable, ...]:
    """Where the cumulative total comes from, what became of it, and this year's exits by kind where they may be
    told."""
    day, opening = task.day, SINCE - dt.timedelta(days=1)
    bridge = snapshot.cumulative(episodes, SINCE, day)
    marks = task.marks if not folded else _Marks(Ledger(), "", task.language)
    total = marks.of({"total": ("assigned_total", day, bridge.total)})
    came = {"opening": bridge.opening, "assigned_since": bridge.assigned}
    came_marks = marks.of(
        {
            "opening": ("stock_opening", opening, bridge.opening),
            "assigned_since": ("assigned_since_2018", day, bridge.assigned),
        }
    )
    came_labels = {
        "opening": say("report_column.opening", task.language, year=opening.year),
        "assigned_since": task.column("assigned_since"),
    }
    into = task.count(
        came, "bridge_in", task.title("bridge_in"), task.column("origin"), labels=came_labels, fixed=True,
        public=total | came_marks, population="cumulative",
    )  # fmt: skip
    apart = _exits_apart(task.policy, episodes, ledger if not folded else Ledger(), year)
    gone = {"independent": bridge.independent, "other_exits": bridge.other_exits}
    gone_marks = marks.of(
        {
            "independent": ("independent", day, bridge.independent),
            "other_exits": ("other_exits", day, bridge.other_exits),
            "still_there": ("still_housed", day, bridge.stock),
        }
    )
    if not apart:
        gone = {"all_exits": bridge.independent + bridge.other_exits}
    out = task.count(
        gone | {"still_there": bridge.stock},
        "bridge_out",
        task.title("bridge_out"),
        task.column("whereabouts"),
        labels={name: task.column(name) for name in (*gone, "still_there")},
        fixed=True,
        public=total | {k: sign for k, sign in gone_marks.items() if k in gone or k == "still_there"},
        population="cumulative",
    )
    if not apart:
        note = say("report.coarsened_exits", task.language)
        out = replace(out, coarsened=(*out.coarsened, note))
    before = snapshot.cumulative(episodes, SINCE, dt.date(year - 1, 12, 31)) if year > SINCE.year else None
    in_year = {
        "independent": bridge.independent - (before.independent if before else 0),
        "other_exits": bridge.other_exits - (before.other_exits if before else 0),
    }
    if not apart or min(in_year.values()) < 0:
        in_year = {}
    named = {name: task.column(name) for name in in_year}
    exits = task.count(
        in_year, "exits_year", task.title("exits_year", year=year), task.column("whereabouts"), labels=named, fixed=True
    )
    return into, out, exits


def _exits_apart(policy: Policy, episodes: pd.DataFrame, ledger: Ledger, year: int) -> bool:
    """May the cumulative exits be told apart? Yes when the town has done so itself; else when no figure of another
    year, published or printed by an earlier report, leaves a difference under the threshold."""
    threshold = policy.threshold("person")
    public = {
        date.year for figure in ("independent",) for f in ledger.figures if f.figure == figure for date in (f.date,)
    }

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


# --- nationalities, accommodation


def _nationality_table(task: _Task, now: snapshot.State, known: Collection[str]) -> SafeTable:
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


def _site_tables(task: _Task, now: snapshot.State) -> tuple[SafeTable, ...]:
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


def _post_tables(task: _Task, tables: snapshot.Tables, now: snapshot.State, before: dt.date) -> tuple[SafeTable, ...]:
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


def _goal_tables(task: _Task, now: snapshot.State) -> tuple[SafeTable, ...]:
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
    return None if value is None or value != value or str(value) == "<NA>" else int(value)


def _sum(values: Any) -> int | None:
    known = [n for value in values if (n := _int(value)) is not None]
    return sum(known) if known else None


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))
