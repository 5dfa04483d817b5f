"""From what was read to what may be printed: raw figures don't leave `collect`.

The plan says in words what an indicator counts, not whether these are persons. So every figure is held against the
threshold for persons: a count, a numerator or a denominator under it is hidden, and so is a share of which only a few
are not part. Whatever is made from a hidden figure (share, progress, light) is hidden as well. Targets are intentions
and tell of nobody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from reports.disclosure import Cell, Column, Policy, Row, SafeTable, is_safe, read_policy, things
from reports.disclosure.policy import AUDIENCES, CLASSES
from reports.municipal_plan import lights, school
from reports.municipal_plan.content import INTERNAL, Content, Entered, Taught
from reports.municipal_plan.model import STATES, Figures, Measurement, Plan, Programme
from reports.municipal_plan.reading import Read, read
from validation.errors import ReportError, UsageError
from validation.messages import say

if TYPE_CHECKING:
    from intake.study import Study

COUNT, SHARE = "anzahl", "prozent"
DECIMALS = {COUNT: 0, SHARE: 1, "verhaeltnis": 2}
"""Digits after the comma of a value, by its unit, as the form rounds it."""


def content_of(study: Study, municipality: str, day: dt.date, *, audience: str, language: str) -> Content:
    """Everything that the report prints. UsageError for an audience there is not, ReportError for a town the study does
    not have, or one without a plan on this day."""
    if audience not in (INTERNAL, *AUDIENCES):
        raise UsageError("plan.unknown_audience", audience=audience, known=", ".join((*AUDIENCES, INTERNAL)))
    towns = study.municipalities
    if municipality not in towns:
        listed = ", ".join(f"{ags} {name}" for ags, name in towns.items())
        raise ReportError("report.unknown_municipality", municipality=municipality, known=listed)
    found, labels = read(study, municipality, day, language)
    made = collect(found, policy_of(study, audience), language=language)
    return replace(made, municipality=municipality, name=towns[municipality], day=day, demo=study.demo,
                   plain=study.is_plain, labels=labels)  # fmt: skip


def policy_of(study: Study, audience: str) -> Policy:
    """The audience's policy; internally nothing is hidden."""
    policy = read_policy(study.dir / "disclosure.toml", AUDIENCES[0] if audience == INTERNAL else audience)
    return replace(policy, audience=audience, thresholds=dict.fromkeys(CLASSES, 0)) if audience == INTERNAL else policy


def collect(found: Read, policy: Policy, *, language: str) -> Content:
    """Protect what was read. Town, day and labels are for the caller to add."""
    tables: dict[str, SafeTable] = {"fields": _fields(found.plan, language)}
    codes = {}
    for number, figures in found.figures.items():
        series = _series(number, figures, policy, language)
        course = _course(number, figures, series, policy, language)
        tables |= {series.key: series, course.key: course}
        codes[number] = _light(figures, course)
    heads = {name: say(f"municipal.column_{name}", language) for name in school.COLUMNS}
    tables["school"] = school.protected(found.results, policy, title=say("municipal.heading_school", language),
                                        heads=heads)  # fmt: skip
    taught = {f"{each.kita}|{each.kind}|{each.label}": each for each in found.programmes}
    tables["programmes"] = _programmes(taught, policy, language)
    return Content(
        municipality="", name="", day=dt.date.min, language=language, audience=policy.audience, demo=False, plain=False,
        threshold=policy.threshold("person"), special=policy.threshold("special"), sign=policy.sign,
        data_sign=policy.data_sign, plan=found.plan, lights=codes,
        entered={number: tuple(Entered(each.day, each.evidence, each.by) for each in figures.measurements)
                 for number, figures in found.figures.items()},
        comparisons=school.comparisons(found.results, found.programmes),
        programmes=tuple(Taught(key, each.kita, each.group, each.kind, each.label) for key, each in taught.items()),
        labels={}, tables=tables,
    )  # fmt: skip


def _fields(plan: Plan, language: str) -> SafeTable:
    """Goals, goals with an indicator, and measures by status, for each field: things."""
    rows = {
        field.code: {
            "goals": len(field.goals),
            "measurable": sum(bool(goal.indicators) for goal in field.goals),
            **{state: sum(measure.status == state for measure in field.measures()) for state in STATES},
            "late": sum(measure.late for measure in field.measures()),
            "measures": sum(1 for _ in field.measures()),
        }
        for field in plan.fields
    }
    names = ("goals", "measurable", *STATES, "late", "measures")
    return things(
        rows, key="fields", title=say("municipal.table_fields", language), language=language,
        columns={name: say(f"municipal.column_{name}", language) for name in names},
        labels={field.code: field.name for field in plan.fields}, stub=say("municipal.column_field", language),
    )  # fmt: skip


# --- one indicator


def _series(number: str, figures: Figures, policy: Policy, language: str) -> SafeTable:
    """A row a measurement, its key the day: numerator, denominator, value; of a plain number the value only."""
    threshold, digits = policy.threshold("person"), DECIMALS.get(figures.unit, 2)
    heads = {name: say(f"municipal.column_{name}", language) for name in ("numerator", "denominator", "value")}
    value = Column("value", heads["value"], threshold if figures.unit == COUNT else 0, digits)
    parts = (Column("numerator", heads["numerator"], threshold), Column("denominator", heads["denominator"], threshold))
    columns = (value,) if figures.unit == COUNT else (*parts, value)
    rows = tuple(
        Row(each.day.isoformat(), each.day.isoformat(), _cells(each, figures.unit, threshold))
        for each in figures.measurements
    )
    return SafeTable(f"series-{number}", number, columns, rows, sign=policy.sign)


def _cells(measurement: Measurement, unit: str, threshold: int) -> tuple[Cell, ...]:
    numerator, denominator = _whole(measurement.numerator), measurement.denominator
    if unit == COUNT:
        return (Cell(numerator if is_safe(numerator, threshold) else None),)
    of = None if denominator is None else _whole(denominator)
    value = value_of(measurement, unit)
    others = of is None or unit != SHARE or is_safe(of - numerator, threshold)
    told = is_safe(numerator, threshold) and is_safe(of, threshold) and others
    shown = of if is_safe(of, threshold) else None
    return Cell(numerator if told else None), Cell(shown), Cell(value if told else None)


def _whole(value: Decimal) -> int | Decimal:
    return int(value) if value == int(value) else value


def value_of(measurement: Measurement, unit: str) -> Decimal | None:
    """The measured value, rounded as the form does; None where the denominator is missing or 0."""
    if unit == COUNT:
        return measurement.numerator
    if not measurement.denominator:
        return None
    scale = 100 if unit == SHARE else 1
    exact = measurement.numerator * scale / measurement.denominator
    return exact.quantize(Decimal(1).scaleb(-DECIMALS.get(unit, 2)), rounding=ROUND_HALF_UP)


def _course(number: str, figures: Figures, series: SafeTable, policy: Policy, language: str) -> SafeTable:
    """One row: baseline, last value, target. A baseline is hidden where it is a small count, or where the measurement
    of the same day is; what is negative is no value of a count or a share and is left out."""
    course, threshold = figures.course, policy.threshold("person")
    count = threshold if figures.unit == COUNT else 0
    digits = DECIMALS.get(figures.unit, 2)
    same = series.row(course.baseline_on.isoformat()) if course.baseline_on else None
    base = course.baseline if is_safe(course.baseline, count) else None
    if same is not None and same.cells[-1].value is None:
        base = None
    heads = {name: say(f"municipal.column_{name}", language) for name in ("baseline", "value", "target")}
    columns = (
        Column("baseline", heads["baseline"], count, digits),
        Column("value", heads["value"], count, digits),
        Column("target", heads["target"], 0, digits),
    )
    last = series.rows[-1].cells[-1] if series.rows else Cell(None)
    target = course.target if is_safe(course.target, 0) else None
    row = Row("now", number, (Cell(base), last, Cell(target)))
    return SafeTable(f"course-{number}", number, columns, (row,), sign=policy.sign)


def _light(figures: Figures, course: SafeTable) -> str:
    """The light of what may be printed: hidden where the last value or the baseline is."""
    if not figures.measurements:
        return "open"
    last = figures.measurements[-1]
    now, base = course.number("now", "value"), course.number("now", "baseline")
    if now.hidden or (base.hidden and figures.course.baseline is not None):
        return "hidden"
    return lights.light(figures.course, value_of(last, figures.unit), last.day)


def _programmes(taught: Mapping[str, Programme], policy: Policy, language: str) -> SafeTable:
    """Children in each programme of a Kita; a programme is no special class."""
    threshold = policy.threshold("person")
    column = Column("children", say("municipal.column_children", language), threshold)
    rows = tuple(
        Row(key, key, (Cell(each.children if is_safe(each.children, threshold) else None),))
        for key, each in taught.items()
    )
    return SafeTable("programmes", say("municipal.table_programmes", language), (column,), rows, sign=policy.sign)
