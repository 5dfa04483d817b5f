"""The chapters of the report on a municipal plan: content in, blocks out. Texts of the plan stand as they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from reports import charts
from reports.blocks import Block, Chart, Heading, Note, Sentence, Tile, Tiles
from reports.chapters import Chapter
from reports.disclosure import SafeNumber, share
from reports.municipal_plan import lights
from reports.municipal_plan.blocks import DASH, Facts, Lamp, Quote, Text, TextTable, count_text, value_text
from reports.municipal_plan.collecting import COUNT
from reports.municipal_plan.content import INTERNAL, Content
from reports.municipal_plan.model import DONE, Field, Goal, Indicator, Measure
from reports.municipal_plan.school_chapter import school_blocks
from reports.wording import Part, Percent, day, enumerated, number, percent
from validation.messages import say

SHAPED: tuple[lights.Code, ...] = ("reached", "behind", "far", "open")
"""A light of each shape, for the heads of the overview."""
METHOD = ("light", "line", "break", "measures", "goals", "figures", "hidden", "district")


def open_plan(plan: str | Path, *, language: str) -> MunicipalReport:
    """The report over a file of content. ReportError when it is damaged."""
    content = Content.read(Path(plan))
    return MunicipalReport(content, language)


@dataclass(frozen=True)
class MunicipalReport:
    """One chapter a method, in the order of the page."""

    content: Content
    language: str = "de"

    # --- what the chapters share

    def _say(self, code: str, **fields: object) -> str:
        return say(f"municipal.{code}", self.language, **fields)

    def _fields(self, row: str, column: str) -> SafeNumber:
        return self.content.number("fields", row, column)

    def _count(self, value: SafeNumber) -> str:
        return count_text(value, self.language, self.content.sign)

    def _share(self, part: SafeNumber, whole: SafeNumber) -> str:
        found = share(part, whole).value
        return DASH if found is None else percent(found, self.language)

    def _day(self, date: dt.date | None) -> str:
        return DASH if date is None else day(date, self.language)

    def _lamp(self, code: str) -> Lamp:
        return Lamp(code, self._say(f"light_{code}"))

    # --- chapters

    def at_a_glance(self) -> Chapter:
        """The plan in three sentences, four tiles, a table of the fields, and what needs attention."""
        plan = self.content.plan
        total = {name: self._fields("total", name) for name in ("goals", "measures", DONE)}
        state = "adopted" if plan.adopted else "draft"
        parts: dict[str, Part] = {"title": plan.title, "id": plan.id, "day": self._day(plan.adopted)}
        counts: dict[str, Part] = {"goals": total["goals"], "measures": total["measures"], "done": total[DONE],
                  "share": Percent(share(total[DONE], total["measures"]))}  # fmt: skip
        valid: tuple[str, dict[str, Part]] = ("municipal.lead_valid", {"day": plan.begin})
        if plan.end is not None:
            over = "over" if plan.end < self.content.day else "until"
            valid = (f"municipal.lead_{over}", {"day": plan.begin, "end": plan.end})
        counted = "lead_counts" if total["measures"].value else "lead_no_measures"
        codes = ((f"municipal.lead_{state}", parts), valid, (f"municipal.{counted}", counts))
        lead = Sentence(codes, self.language, lead=True)
        head = Heading(self._say("heading_glance"), key="ueberblick")
        blocks: list[Block] = [
            head,
            lead,
            Tiles(tuple(self._tiles()), self.language, self.content.sign),
            self._overview(),
        ]
        if plan.absent:
            blocks.append(Note(self._say("absent", fields=enumerated(plan.absent, self.language))))
        return Chapter((*blocks, *self._attention()))

    def _tiles(self) -> Iterator[Tile]:
        goals, measurable = self._fields("total", "goals"), self._fields("total", "measurable")
        measures, done = self._fields("total", "measures"), self._fields("total", DONE)
        late = self._fields("total", "late")
        codes = list(self.content.lights.values())
        good = SafeNumber(sum(code in lights.GOOD for code in codes), "lights")
        yield Tile(self._say("tile_goals"), goals, change_note=self._say("tile_measurable", n=self._count(measurable)))
        yield Tile(self._say("tile_done"), done, change_note=self._say("tile_of_measures", n=self._count(measures)))
        yield Tile(self._say("tile_late"), late, change_note=self._say("tile_of_measures", n=self._count(measures)))
        of = self._say("tile_of_indicators", n=number(len(codes), self.language))
        yield Tile(self._say("tile_good"), good, change_note=of)

    def _overview(self) -> TextTable:
        """M01 and the lights by field."""
        heads = tuple(self._say(f"column_{name}") for name in ("field", "goals", "measures", "done", "share"))
        shapes = tuple(Lamp(code, self._say(f"head_{code}")) for code in SHAPED)
        rows = [self._overview_row(field.name, field.code, (field,)) for field in self.content.plan.fields]
        rows.append(self._overview_row(say("report.total", self.language), "total", self.content.plan.fields))
        return TextTable(
            "felder", self._say("table_overview"), (*heads, *shapes), tuple(rows), (27, 13, 24, 22, 15, 21, 19, 18, 16),
            frozenset(range(1, 9)), self._say("note_overview"),
        )  # fmt: skip

    def _overview_row(self, name: str, key: str, fields: tuple[Field, ...]) -> tuple[Text, ...]:
        goals, measures, done = (self._fields(key, column) for column in ("goals", "measures", DONE))
        shapes = [self._lamp(self.content.lights[indicator.number]).shape
                  for field in fields for goal in field.goals for indicator in goal.indicators]  # fmt: skip
        counted = (number(shapes.count(shape), self.language) for shape in (Lamp(code, "").shape for code in SHAPED))
        texts = tuple(self._count(each) for each in (goals, measures, done))
        return (name, *texts, self._share(done, measures), *counted)

    def _attention(self) -> Iterator[Block]:
        """Indicators behind, and measures over their end."""
        found: list[tuple[str, Text]] = []
        for field in self.content.plan.fields:
            for goal in field.goals:
                found += [
                    (f"{each.number} · {field.name}", Lamp(code, f"{self._say(f'light_{code}')}: {each.name}"))
                    for each in goal.indicators
                    if (code := self.content.lights[each.number]) in (*lights.BAD, *lights.MIDDLE)
                ]
                found += [
                    (f"{each.number} · {field.name}", self._say("late", text=each.text, day=self._day(each.end)))
                    for each in goal.measures if each.late
                ]  # fmt: skip
        if found:
            yield Heading(self._say("heading_attention"), 3, "aufmerksamkeit")
            yield Facts(tuple(found))

    def fields(self) -> Chapter:
        """Each field: Leitziel, status analysis, goals with measures and indicators."""
        return Chapter(tuple(block for field in self.content.plan.fields for block in self._field(field)))

    def _field(self, field: Field) -> Iterator[Block]:
        yield Heading(field.name, key=f"feld-{field.code}")
        if field.aim:
            yield Quote(self._say("aim", aim=field.aim))
        analysis = [(name, getattr(field, name)) for name in ("runs", "exists", "lacks", "rating", "source")]
        facts = [(self._say(f"fact_{name}"), text) for name, text in analysis if text]
        facts += [(self._say("fact_as_of"), self._day(field.as_of))] if field.as_of else []
        if field.district != field.code:
            facts.append((self._say("fact_district"), self.content.label("field", field.district)))
        yield Facts(tuple(facts)) if facts else Note(self._say("no_analysis"))
        for goal in field.goals:
            yield from self._goal(goal)
        if not field.goals:
            yield Note(self._say("no_goals"))

    def _goal(self, goal: Goal) -> Iterator[Block]:
        named = {"number": goal.number, "text": goal.text}
        title = self._say("goal_due", day=self._day(goal.due), **named) if goal.due else self._say("goal", **named)
        yield Heading(title, 3, f"ziel-{goal.number}")
        if goal.measures:
            yield self._measures(goal)
        else:
            yield Note(self._say("no_measures"))
        for indicator in goal.indicators:
            yield from self._indicator(indicator)
        if not goal.indicators:
            yield Note(self._say("not_measurable", reason=goal.unmeasured or self._say("no_indicator")))

    def _measures(self, goal: Goal) -> TextTable:
        heads = tuple(self._say(f"column_{name}") for name in ("number", "measure", "lead", "time", "state"))
        rows = tuple(
            (each.number, each.text, self._who(each), self._time(each), self._state(each)) for each in goal.measures
        )
        title = self._say("table_measures", number=goal.number)
        return TextTable(f"massnahmen-{goal.number}", title, heads, rows, (0, 5, 3, 0, 3))

    def _who(self, measure: Measure) -> str:
        return self._say("with_partners", lead=measure.lead, partners=measure.partners) if measure.partners else (
            measure.lead or DASH)  # fmt: skip

    def _time(self, measure: Measure) -> str:
        if measure.begin is None and measure.end is None:
            return DASH
        begin, end = (self._day(each) if each else "" for each in (measure.begin, measure.end))
        return f"{begin} {DASH} {end}".strip()

    def _state(self, measure: Measure) -> str:
        state = self.content.label("state", measure.status) or DASH
        if measure.late:
            return self._say("state_late", state=state)
        return self._say("state_reason", state=state, reason=measure.reason) if measure.reason else state

    # --- indicators

    def _indicator(self, indicator: Indicator) -> Iterator[Block]:
        content, number = self.content, indicator.number
        baseline, target = (content.number(f"course-{number}", "now", name) for name in ("baseline", "target"))
        code = content.lights[number]
        facts: list[tuple[str, Text]] = [
            (self._say("fact_indicator"), f"{number}: {indicator.name}"),
            (self._say("fact_light"), self._lamp_with_progress(indicator, code)),
            (self._say("fact_numerator"), indicator.numerator),
        ]
        if indicator.denominator:
            facts.append((self._say("fact_denominator"), indicator.denominator))
        facts += [
            (self._say("fact_baseline"), self._from(baseline, indicator)),
            (self._say("fact_target"), self._to(target, indicator)),
            (self._say("fact_source"), indicator.source or DASH),
        ]
        facts += [
            (self._say("fact_break"), self._say("broken", day=self._day(on), what=what) if what else self._day(on))
            for on, what in indicator.breaks
        ]
        yield Facts(tuple(facts))
        if content.entered[number]:
            yield self._series(indicator)
            yield from self._drawn(indicator)

    def _from(self, value: SafeNumber, indicator: Indicator) -> str:
        if indicator.baseline_on is None:
            return self._say("baseline_unknown")
        text = value_text(value, indicator.unit, self.language, self.content.sign)
        return self._say("value_on", value=text, day=self._day(indicator.baseline_on))

    def _to(self, value: SafeNumber, indicator: Indicator) -> str:
        text = value_text(value, indicator.unit, self.language, DASH)
        code = "target_down" if indicator.direction == "runter" else "target_up"
        return self._say(code, value=text, day=self._day(indicator.target_on))

    def _lamp_with_progress(self, indicator: Indicator, code: str) -> Lamp:
        """The light in a word, with how much of the way is done where the way can be measured."""
        word, done = self._say(f"light_{code}"), self.progress(indicator.number)
        if done.value is not None and code in ("reached", "on_course", "behind", "far", "missed"):
            text = percent(done.value, self.language, 0)
            word = self._say("light_progress", light=word, share=text)
        return Lamp(code, word)

    def progress(self, number: str) -> SafeNumber:
        """Share of the way from baseline to target that is done, in per cent; hidden where one of the three is, or
        where there is no way."""
        found = [self.content.number(f"course-{number}", "now", name) for name in ("baseline", "value", "target")]
        origin = " ".join(each.origin for each in found)
        base, now, target = (each.value for each in found)
        if base is None or now is None or target is None or base == target:
            return SafeNumber(None, origin)
        return SafeNumber(Decimal(100 * (now - base)) / Decimal(target - base), origin)

    def _series(self, indicator: Indicator) -> TextTable:
        """The measurements, with a line where the way of counting changed."""
        content, number = self.content, indicator.number
        names = ("value",) if indicator.unit == COUNT else ("numerator", "denominator", "value")
        rows: list[tuple[Text, ...]] = []
        left = list(indicator.breaks)
        for entered in content.entered[number]:
            while left and left[0][0] <= entered.day:
                on, _ = left.pop(0)
                rows.append((self._say("break_from", day=self._day(on)), *(DASH for _ in names), ""))
            key = entered.day.isoformat()
            told = [content.number(f"series-{number}", key, name) for name in names]
            texts = [self._count(each) for each in told[:-1]]
            texts.append(value_text(told[-1], indicator.unit, self.language, content.sign))
            by = f"{entered.evidence}; {entered.by}" if entered.by else entered.evidence
            rows.append((self._day(entered.day), *texts, by or DASH))
        heads = tuple(self._say(f"column_{name}") for name in ("day", *names, "evidence"))
        hidden = any(content.sign in row for row in rows)
        return TextTable(
            f"messungen-{number}", self._say("table_series", number=number, name=indicator.name), heads, tuple(rows),
            (3, *(0 for _ in names), 4), frozenset(range(1, len(names) + 1)),
            self._say("note_hidden" if hidden else "note_entered", sign=content.sign),
        )  # fmt: skip

    def _drawn(self, indicator: Indicator) -> Iterator[Chart]:
        """The values over time beside the straight line to the target; nothing where fewer than two may be shown."""
        series, course = (self.content.tables[f"{name}-{indicator.number}"] for name in ("series", "course"))
        begun, until = indicator.baseline_on, indicator.target_on
        shown = [row for row in series.rows if row.cells[-1].value is not None]
        base, target = (course.number("now", name) for name in ("baseline", "target"))
        if begun is None or until is None or base.hidden or target.hidden or not shown:
            return
        days = {row.key: self._day(dt.date.fromisoformat(row.key)) for row in shown}
        values = {key: value_text(series.number(key, "value"), indicator.unit, self.language, "") for key in days}
        mark = say("report_frame.demo", self.language) if self.content.demo else ""
        first = value_text(base, indicator.unit, self.language, "")
        last = value_text(target, indicator.unit, self.language, "")
        spec = charts.course(series, course, (begun, first), (until, last), values,
                             breaks=[day for day, _ in indicator.breaks], mark=mark)  # fmt: skip
        told = "; ".join(f"{days[key]}: {values[key]}" for key in days)
        alt = self._say("alt_course", name=indicator.name, begun=self._day(begun), base=first, told=told,
                        until=self._day(until), target=last)  # fmt: skip
        yield Chart(series, spec, self._say("chart_course", number=indicator.number, name=indicator.name), alt)

    # --- the rest

    def unmeasured(self) -> Chapter:
        """Each goal without a measurable indicator, with its reason."""
        found = tuple(
            (f"{goal.number} · {field.name}",
             self._say("unmeasured", text=goal.text, reason=goal.unmeasured or self._say("no_indicator")))
            for field in self.content.plan.fields for goal in field.goals if not goal.indicators
        )  # fmt: skip
        heading = Heading(self._say("heading_unmeasured"), key="nicht-messbar")
        if not found:
            return Chapter((heading, Note(self._say("all_measurable"))))
        return Chapter((heading, Facts(found)))

    def school_entry(self) -> Chapter:
        """Need of language support at school entry, before and after a programme."""
        return Chapter(tuple(school_blocks(self.content, self.language)))

    def method(self) -> Chapter:
        """How it was counted, what a light means, what was hidden."""
        share_from = percent(100 * lights.BEHIND_FROM, self.language, 0)
        fields = {"share": share_from, "threshold": self.content.threshold, "special": self.content.special,
                  "sign": self.content.sign}  # fmt: skip
        names = [name for name in METHOD if name != "hidden" or self.content.audience != INTERNAL]
        terms = [(self._say(f"method_{name}"), self._say(f"method_{name}_text", **fields)) for name in names]
        heads = (self._say("column_light"), self._say("column_meaning"))
        rows = tuple((self._lamp(code), self._say(f"meaning_{code}", share=share_from)) for code in lights.CODES)
        legend = TextTable("ampel", self._say("table_legend"), heads, rows, (2, 5))
        return Chapter((Heading(self._say("heading_method"), key="methode"), legend, Facts(tuple(terms))))
