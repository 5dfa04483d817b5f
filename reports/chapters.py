"""The chapters of the annual report: a Bundle in, blocks out. Sentences are chosen here, worded in the catalogue.

A sentence about a hidden number is not written at all, rather than written with a sign in it; `die meisten` stands only
above one half.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reports import charts
from reports.blocks import Block, Chart, Heading, Listing, Note, Sentence, Table, Tile, Tiles
from reports.bundle import ELSEWHERE, Bundle
from reports.disclosure.safe import Row, SafeNumber, SafeTable, difference, ratio, share
from reports.wording import Counted, Decimals, Part, Percent, day, enumerated, figure, majority, number
from validation.errors import ReportError
from validation.messages import area, say

NO_NATION = frozenset({"_missing", "XXX", "XXA"})
"""Categories of the nationality table that are no nation: not stated, unclear, stateless."""

RULES = ("r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r12")
Codes = list[tuple[str, Mapping[str, Part]]]


@dataclass(frozen=True)
class Chapter:
    """A heading and its blocks; in a notebook each block is an output of its own."""

    blocks: tuple[Block, ...]

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for block in self.blocks:
            display(block)  # type: ignore[no-untyped-call]  # IPython has no types


def open_report(tables: str | Path, *, municipality: str, year: int, language: str) -> Report:
    """The report over a bundle file. ReportError when the file is damaged or belongs to another report."""
    bundle = Bundle.read(Path(tables))
    if (bundle.municipality, bundle.year, bundle.language) != (municipality, year, language):
        raise ReportError("report.bundle", path=Path(tables).name)
    return Report(bundle)


@dataclass(frozen=True)
class Report:
    """One chapter a method, in the order of the printed report."""

    bundle: Bundle

    # --- what the chapters share

    @property
    def _first(self) -> str:
        return str(self.bundle.since.year - 1)

    def _table(self, key: str) -> SafeTable:
        return self.bundle.tables[key]

    def _say(self, code: str, **fields: object) -> str:
        return say(code, self.bundle.language, **fields)

    def _day(self) -> str:
        return day(self.bundle.day, self.bundle.language)

    def _text(self, codes: Codes, *, lead: bool = False) -> tuple[Sentence, ...]:
        """One paragraph; none when there is nothing to say."""
        made = Sentence(tuple(codes), self.bundle.language, self.bundle.sign, lead)
        return (made,) if codes else ()

    def _show(self, key: str, note: str = "", *, percent_of_total: bool = False) -> tuple[Table, ...]:
        """The table; nothing where neither a row nor the total may be told, which the method chapter says."""
        table = self._table(key)
        if not table.rows and table.number().hidden:
            return ()
        return (Table(table, self.bundle.language, note, percent_of_total),)

    def _heading(self, code: str, level: int = 2) -> Heading:
        return Heading(self._say(code), level, code.removeprefix("report_").replace(".", "-"))

    # --- chapters

    def at_a_glance(self) -> Chapter:
        """The year in three sentences and eight tiles."""
        bundle, kinds = self.bundle, self._table("kinds")
        stock, before = kinds.number(), self._table("kinds_before").number()
        text: Codes = [("report_glance.stock", {"day": bundle.day, "name": bundle.name, "n": Counted(stock, "person")})]
        change = difference(stock, before)
        if change.value is not None and before.value:
            size = SafeNumber(max(change.value, -change.value), change.origin)
            code = "more" if change.value > 0 else "fewer" if change.value < 0 else "same"
            text.append((f"report_glance.{code}{'_one' if size.value == 1 else ''}", {"n": size}))
        assigned, private = kinds.number("assigned"), kinds.number("private")
        if assigned.value and private.value:
            text.append(("report_glance.kinds", {"assigned": assigned, "private": private}))
        total, independent = self._table("bridge_in").number(), self._table("bridge_out").number("independent")
        if not bundle.folded and total.value and independent.value:
            parts: dict[str, Part] = {"first": self._first, "total": total, "independent": independent}
            text.append(("report_glance.since", parts))
        tiles = Tiles(tuple(self._tiles()), bundle.language, bundle.sign)
        return Chapter((self._heading("report_glance.heading"), *self._text(text, lead=True), tiles))

    def _tiles(self) -> list[Tile]:
        bundle, year = self.bundle, str(self.bundle.year)
        kinds, before, flows = self._table("kinds"), self._table("kinds_before"), self._table("flows")
        resources, bridge = self._table("resources"), self._table("bridge_out")
        approved, old_approved = resources.number("approved", "this"), resources.number("approved", "last")
        stock, old_stock = kinds.number(), before.number()
        total_label = "report_glance.tile_total_all" if bundle.folded else "report_glance.tile_total"
        made = [
            self._tile("report_glance.tile_stock", stock, difference(stock, old_stock)),
            self._tile(total_label, self._table("bridge_in").number(), flows.number(year, "entries")),
            self._tile(
                "report_glance.tile_independent",
                bridge.number("independent"),
                self._table("exits_year").number("independent"),
            ),
        ]
        if not bundle.folded:
            still = bridge.number("still_there")
            change = difference(flows.number(year, "stock_end"), flows.number(year, "stock_start"))
            made.append(self._tile("report_glance.tile_still", still, change))
            private = kinds.number("private")
            if private.value:
                # No row is nobody, but only in a table that is told at all.
                nobody = before.total is not None and before.row("private") is None
                old = SafeNumber(0, "no row") if nobody else before.number("private")
                made.append(self._tile("report_glance.tile_private", private, difference(private, old)))
        sites = resources.number("sites", "this")
        made.append(self._tile("report_glance.tile_sites", sites, difference(sites, resources.number("sites", "last"))))
        unit = self._say("report_glance.unit_fte")
        made.append(self._tile("report_glance.tile_approved", approved, difference(approved, old_approved), 2, unit))
        if approved.value:
            caseload, old_caseload = ratio(stock, approved), ratio(old_stock, old_approved)
            made.append(self._tile("report_glance.tile_caseload", caseload, difference(caseload, old_caseload), 1))
        return made

    def _tile(self, label: str, value: SafeNumber, change: SafeNumber, decimals: int = 0, unit: str = "") -> Tile:
        if change.value is None:
            return Tile(self._label(label), value, None, self._say("report_glance.change_none"), unit, decimals)
        note = self._say("report_glance.change", year=self.bundle.year - 1)
        return Tile(self._label(label), value, change, note, unit, decimals)

    def _mark(self) -> str:
        """What stands on a picture itself, so that it keeps it when it is copied out."""
        return self._say("report_frame.demo") if self.bundle.demo else ""

    def _label(self, code: str) -> str:
        return self._say(code, first=self._first, since=self.bundle.since.year)

    def stock_and_movement(self) -> Chapter:
        """What moved: the sum as a whole, the years, the waterfall."""
        bundle, flows = self.bundle, self._table("flows")
        into, out = self._table("bridge_in"), self._table("bridge_out")
        suffix = "_all" if bundle.folded else ""
        blocks: list[Block] = [self._heading("report_flow.heading")]
        blocks += self._text(self._bridge_text(into, out, suffix))
        if flows.rows:
            blocks += self._text(self._year_text(flows))
            blocks += self._show("flows", self._say(f"report_flow.note{suffix}"))
            blocks.append(self._waterfall(flows))
        else:
            blocks.append(Note(self._say("report_flow.withheld")))
        if out.total is None:
            return Chapter(tuple(blocks))
        blocks.append(self._heading("report_flow.section_bridge", 3))
        total, independent = out.number(), out.number("independent")
        if independent.value and total.value:
            parts: dict[str, Part] = {
                "rate": Percent(share(independent, total)),
                "independent": independent,
                "total": total,
            }
            blocks += self._text([(f"report_flow.rate{suffix}", parts)])
        blocks += self._show("bridge_in")
        blocks += self._show("bridge_out")
        return Chapter(tuple(blocks))

    def _bridge_text(self, into: SafeTable, out: SafeTable, suffix: str) -> Codes:
        text: Codes = []
        opening, since, total = into.number("opening"), into.number("assigned_since"), into.number()
        if opening.value is not None and since.value is not None:
            noun = "person" if self.bundle.folded else "assigned"
            started: dict[str, Part] = {"first": self._first, "opening": Counted(opening, noun)}
            came: dict[str, Part] = {"first": self._first, "assigned": Counted(since, "further"), "total": total}
            if opening.value:
                text += [("report_flow.opening", started), (f"report_flow.assigned{suffix}", came)]
            else:
                came["assigned"] = Counted(since, "person", digits=True)
                text.append((f"report_flow.assigned_only{suffix}", came))
        parts = {name: out.number(name) for name in ("independent", "other_exits", "still_there", "all_exits")}
        names: dict[str, Part] = {"total": Counted(total, "person", digits=True), "day": self.bundle.day}
        if total.value and all(parts[name].value is not None for name in ("independent", "other_exits", "still_there")):
            named = {"independent": parts["independent"], "other": parts["other_exits"], "stock": parts["still_there"]}
            code = "report_flow.bridge" if parts["other_exits"].value else "report_flow.bridge_no_other"
            text.append((code, names | named))
        elif total.value and parts["all_exits"].value is not None and parts["still_there"].value is not None:
            text.append(
                ("report_flow.bridge_coarse", names | {"exits": parts["all_exits"], "stock": parts["still_there"]})
            )
        private = self._table("kinds").number("private")
        if private.value:
            text.append(("report_flow.private", {"private": Counted(private, "person", digits=True)}))
        return text

    def _year_text(self, flows: SafeTable) -> Codes:
        year = str(self.bundle.year)
        numbers = {name: flows.number(year, name) for name in ("stock_start", "entries", "exits", "stock_end")}
        start, end = numbers["stock_start"].value, numbers["stock_end"].value
        if start is None or end is None:
            return []
        sign = "moved_up" if end > start else "moved_down" if end < start else "moved_not"
        texts = {name: number(value, self.bundle.language) for name, value in (("start", start), ("end", end))}
        moved = self._say(f"report_flow.{sign}", **texts)
        parts: dict[str, Part] = {
            "year": year,
            "entries": Counted(numbers["entries"], "entry", digits=True),
            "exits": Counted(numbers["exits"], "exit", digits=True),
            "moved": moved,
        }
        return [("report_flow.year", parts)]

    def _waterfall(self, flows: SafeTable) -> Chart:
        def shown(row: Row, column: str) -> str:
            return figure(flows.number(row.key, column), self.bundle.language).text

        steps = [
            self._say("report_chart.waterfall_step", year=r.label, entries=shown(r, "entries"), exits=shown(r, "exits"))
            for r in flows.rows
        ]
        alt = self._say(
            "report_chart.waterfall_alt",
            first=self._first,
            day=self._day(),
            steps=" ".join(steps),
            start=shown(flows.rows[0], "stock_start"),
            end=shown(flows.rows[-1], "stock_end"),
        )
        caption = self._say("report_chart.waterfall_caption", first=self._first, day=self._day())
        return Chart(flows, charts.waterfall(flows, self.bundle.language, mark=self._mark()), caption, alt)

    def nationalities(self) -> Chapter:
        """Where people come from; small groups by name only."""
        table = self._table("nationalities")
        rows = [row for row in table.rows if not row.members and row.key not in NO_NATION]
        rest = table.rest
        members = [m for m in rest.members if m not in NO_NATION] if rest else []
        text: Codes = []
        if rows or members:
            nations = SafeNumber(len(rows) + len(members), "nationalities[nations]")
            text.append(("report_nation.count", {"nations": Counted(nations, "nation")}))
        text += self._top_text(table, rows)
        if rest and members:
            text.append(
                (
                    "report_nation.rest",
                    {
                        "nations": Counted(SafeNumber(len(members), "nationalities[rest]"), "nation_further"),
                        "names": enumerated(rest.member_labels, self.bundle.language),
                        "n": Counted(table.number(rest.key), "person", digits=True),
                    },
                )
            )
        blocks: list[Block] = [self._heading("report_nation.heading"), *self._text(text)]
        if table.rows:
            caption = self._say("report_chart.nationalities_caption", day=self._day())
            alt = self._say("report_chart.bars_alt", steps=self._steps(table))
            blocks.append(Chart(table, charts.bars(table, self.bundle.language, mark=self._mark()), caption, alt))
        blocks += self._show("nationalities", self._say("report_nation.note"), percent_of_total=True)
        return Chapter(tuple(blocks))

    def _top_text(self, table: SafeTable, rows: list[Row]) -> Codes:
        if not rows:
            return []
        top, whole = table.number(rows[0].key), table.number()
        if _tied(table, rows):
            both: dict[str, Part] = {
                "a_country": self._from(rows[0]),
                "b_country": self._from(rows[1]),
                "n": Counted(top, "person", digits=True),
            }
            return [("report_nation.tie", both)]
        largest_hidden = _largest_hidden(table)
        code = "report_nation.top" if (top.value or 0) >= largest_hidden else "report_nation.top_shown"
        if majority(top, whole):
            code = "report_nation.top_most"
        parts: dict[str, Part] = {
            "country": self._from(rows[0]),
            "n": Counted(top, "person", digits=True),
            "share": Percent(share(top, whole)),
        }
        following = rows[1:4]
        if not following:
            return [(code, parts)]
        next_parts: dict[str, Part] = {}
        for letter, row in zip("abc", following, strict=False):
            next_parts |= {f"{letter}_country": self._bare(row), letter: table.number(row.key)}
        in_order = (table.number(following[-1].key).value or 0) >= largest_hidden
        return [(code, parts), (f"report_nation.{'next' if in_order else 'shown'}_{len(following)}", next_parts)]

    def _from(self, row: Row) -> str:
        """The country as it stands after "aus"."""
        code = f"report_country.{row.key}"
        return self._say(code) if code in area("report_country") else row.label

    def _bare(self, row: Row) -> str:
        """The country as a subject: der Irak, die Ukraine."""
        text = self._from(row)
        if self.bundle.language == "de":
            return text.replace("der ", "die ", 1) if text.startswith("der ") else text.replace("dem ", "der ", 1)
        return text

    def _steps(self, table: SafeTable) -> str:
        return ", ".join(
            f"{row.label} {figure(table.number(row.key), self.bundle.language).text}" for row in table.rows
        )

    def accommodation(self) -> Chapter:
        """Where people live: sites and districts, never the single site's residents."""
        bundle, table, places = self.bundle, self._table("districts"), self._table("places")
        blocks: list[Block] = [self._heading("report_site.heading")]
        sites = places.number("total", "sites")
        if not sites.value:
            return Chapter((*blocks, *self._text([("report_site.none", {"day": bundle.day})])))
        elsewhere = table.number(ELSEWHERE)
        housed = table.number()
        rest = table.rest
        if table.row(ELSEWHERE) and elsewhere.value is not None:
            housed = difference(housed, elsewhere)
        elif rest is not None and ELSEWHERE in rest.members:
            housed = SafeNumber(None, "districts[rest]")
        text: Codes = []
        if housed.value is not None:
            districts = SafeNumber(len(places.rows), "places[rows]")
            parts: dict[str, Part] = {
                "n": Counted(housed, "person", digits=True),
                "sites": Counted(sites, "site"),
                "districts": Counted(districts, "district"),
            }
            text.append(("report_site.all", parts))
            available = places.number("total", "places")
            if available.value:
                rate = Percent(share(housed, available))
                text.append(("report_site.rate", {"places": available, "rate": rate}))
            if elsewhere.value:
                text.append(("report_site.elsewhere", {"n": Counted(elsewhere, "person", digits=True)}))
        blocks += self._text(text)
        blocks += self._show("districts")
        if any(not table.number(row.key).hidden and table.number(row.key, "places").value for row in table.rows):
            caption = self._say("report_chart.occupancy_caption", day=self._day())
            alt = self._say("report_chart.occupancy_alt", steps=self._occupied(table))
            blocks.append(Chart(table, charts.occupancy(table, bundle.language, mark=self._mark()), caption, alt))
        blocks += self._show("sites", self._say("report_site.note"))
        return Chapter(tuple(blocks))

    def _occupied(self, table: SafeTable) -> str:
        def one(row: Row) -> str:
            n, places = (figure(table.number(row.key, c), self.bundle.language).text for c in ("districts", "places"))
            return f"{row.label} {self._say('report_chart.of_places', n=n, places=places)}"

        return "; ".join(one(row) for row in table.rows if table.number(row.key, "places").value)

    def posts(self) -> Chapter:
        """Posts approved and filled, and what that makes of the caseload."""
        bundle, table = self.bundle, self._table("posts")
        blocks: list[Block] = [self._heading("report_post.heading")]
        approved, filled = table.number("total", "approved"), table.number("total", "filled")
        if not approved.value:
            return Chapter((*blocks, *self._text([("report_post.none", {"day": bundle.day})])))
        posts = SafeNumber(len(table.rows), "posts[rows]")
        stock = self._table("kinds").number()
        text: Codes = [
            ("report_post.approved", {"approved": Decimals(approved, 2), "posts": Counted(posts, "post")}),
        ]
        caseload, per_filled = ratio(stock, approved), ratio(stock, filled)
        if caseload.value is not None:
            parts: dict[str, Part] = {
                "caseload": Decimals(caseload, 1),
                "n": Counted(stock, "person", digits=True),
                "approved": Decimals(approved, 2),
            }
            text.append(("report_post.caseload", parts))
        if per_filled.value is not None and filled.value != approved.value:
            code = "filled" if table.notes else "filled_only"
            now: dict[str, Part] = {
                "day": bundle.day,
                "filled": Decimals(filled, 2),
                "caseload": Decimals(per_filled, 1),
            }
            text.append((f"report_post.{code}", now))
        blocks += self._text(text)
        blocks += self._show("posts", " ".join(table.notes))
        return Chapter(tuple(blocks))

    def goals(self) -> Chapter:
        """Goals of the integration plans by field and by state."""
        fields, states = self._table("goals_field"), self._table("goals_status")
        blocks: list[Block] = [self._heading("report_goal.heading")]
        total = states.number()
        if total.value == 0:
            return Chapter((*blocks, *self._text([("report_goal.none", {"year": str(self.bundle.year)})])))
        text: Codes = []
        if total.value:
            parts: dict[str, Part] = {"year": str(self.bundle.year), "goals": Counted(total, "goal", digits=True)}
            text.append(("report_goal.count", parts))
        reached = states.number("reached")
        if reached.value and total.value:
            text.append(("report_goal.reached", {"reached": reached, "share": Percent(share(reached, total))}))
        top = next((row for row in fields.rows if not row.members), None)
        if top is not None and not _tied(fields, [row for row in fields.rows if not row.members]):
            text.append(
                ("report_goal.top", {"field": top.label, "n": Counted(fields.number(top.key), "goal", digits=True)})
            )
        blocks += self._text(text)
        blocks += self._show("goals_field", percent_of_total=True)
        blocks += self._show("goals_status", self._say("report_goal.note"), percent_of_total=True)
        return Chapter(tuple(blocks))

    def method(self) -> Chapter:
        """How it was counted, what is not told, and where the figures come from."""
        bundle = self.bundle
        intro: Codes = [("report_method.intro", {})]
        if bundle.known_at:
            intro.append(("report_method.known_at", {"day": bundle.known_at}))
        blocks: list[Block] = [self._heading("report_method.heading"), *self._text(intro)]
        blocks.append(self._heading("report_method.rules_heading", 3))
        blocks.append(Listing(tuple((rule.upper(), self._say(f"report_method.{rule}")) for rule in RULES)))
        blocks.append(self._heading("report_method.reading_heading", 3))
        reading: Codes = [("report_method.reading", {"first": self._first})]
        reading += [("report_method.reading_demo", {})] if bundle.sources else []
        blocks += self._text(reading)
        blocks.append(self._heading("report_method.secrecy_heading", 3))
        blocks += self._text([("report_method.secrecy", {"threshold": str(bundle.threshold), "sign": bundle.sign})])
        notes = [*bundle.coarsened, *(note for table in bundle.tables.values() for note in table.coarsened)]
        if notes:
            blocks += self._text([("report_method.coarsened", {})])
            blocks.append(Listing(tuple(("–", note) for note in dict.fromkeys(notes))))
        else:
            blocks += self._text([("report_method.coarsened_none", {})])
        blocks.append(self._heading("report_method.sources_heading", 3))
        blocks += self._sources()
        return Chapter(tuple(blocks))

    def _sources(self) -> list[Block]:
        bundle = self.bundle
        if not bundle.sources:
            made: list[Block] = [*self._text([("report_method.no_sources", {})])]
        else:
            made = [*self._text([("report_method.sources", {})]), Listing(tuple(bundle.sources.items()), "quelle")]
        closing: Codes = []
        if bundle.differs:
            closing.append(("report_method.differs", {"figures": ", ".join(bundle.differs)}))
        if bundle.demo:
            closing.append(("report_method.invented", {}))
        return [*made, *self._text(closing)]


def _largest_hidden(table: SafeTable) -> int:
    """The most a category of the rest row may count, as a reader can tell: the others are at least 1 each."""
    if table.rest is None:
        return 0
    return int(table.number(table.rest.key).value or 0) - len(table.rest.members) + 1


def _tied(table: SafeTable, rows: list[Row]) -> bool:
    """Are the first two of the rows, largest first, of one size?"""
    return len(rows) > 1 and table.number(rows[0].key).value == table.number(rows[1].key).value
