"""The plan's figures for other reports of the town: tables (CSV, XLSX) and text blocks (Markdown).

Everything in them went through the same protection as the report; a hidden figure is the policy's sign for data files.
Heads are German and English, days ISO 8601; numbers have a point in the tables and read as the language wants in texts.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from reports.disclosure import SafeNumber
from reports.municipal_plan import school
from reports.municipal_plan.blocks import DASH, count_text, value_text
from reports.municipal_plan.chapters import MunicipalReport
from reports.municipal_plan.collecting import COUNT
from reports.municipal_plan.content import Content
from reports.municipal_plan.model import DONE, STATES, Field, Indicator
from reports.wording import day
from validation.messages import say

Line = list[str]
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|])")


def files_of(content: Content) -> dict[str, bytes]:
    """{end of the name: content} of the files: four tables as CSV, all of them as one XLSX, and the text blocks."""
    from intake import excel

    tables = tables_of(content)
    files = {f"{name}.csv": _csv(rows) for name, rows in tables.items()}
    titles = {say(f"municipal.sheet_{name}", content.language): rows for name, rows in tables.items()}
    about = [[line] for line in _about(content)]
    files["tabellen.xlsx"] = excel.write({say("municipal.sheet_about", content.language): about, **titles})
    files["textbausteine.md"] = texts_of(content).encode()
    return files


def tables_of(content: Content) -> dict[str, list[Line]]:
    """The tables by name, their heads first: felder, massnahmen, indikatoren, schuleingang."""
    return {
        "felder": [*_fields(content)],
        "massnahmen": [*_measures(content)],
        "indikatoren": [*_indicators(content)],
        "schuleingang": [*_school(content)],
    }


def _heads(*names: str) -> Line:
    return [f"{say(f'municipal.column_{name}', 'de')} / {say(f'municipal.column_{name}', 'en')}" for name in names]


def _number(value: SafeNumber, content: Content, decimals: int | None = None) -> str:
    """A number for a machine; the sign where it is hidden."""
    if value.value is None:
        return content.data_sign
    if decimals is None or not isinstance(value.value, Decimal):
        return f"{value.value:f}" if isinstance(value.value, Decimal) else str(value.value)
    return str(round(value.value, decimals))


def _fields(content: Content) -> Iterator[Line]:
    columns = ("goals", "measurable", *STATES, "late", "measures")
    yield _heads("municipality", "plan", "code", "field", "district", "aim", *columns)
    for field in content.plan.fields:
        numbers = [_number(content.number("fields", field.code, column), content) for column in columns]
        yield [content.municipality, content.plan.id, field.code, field.name, field.district, field.aim, *numbers]


def _measures(content: Content) -> Iterator[Line]:
    yield _heads("plan", "field", "goal", "number", "measure", "lead", "partners", "begin", "end", "state", "reason")
    for field in content.plan.fields:
        for goal in field.goals:
            for each in goal.measures:
                days = ("" if date is None else date.isoformat() for date in (each.begin, each.end))
                state = content.label("state", each.status)
                yield [content.plan.id, field.name, goal.number, each.number, each.text, each.lead, each.partners,
                       *days, state, each.reason]  # fmt: skip


def _indicators(content: Content) -> Iterator[Line]:
    """A line a measurement; an indicator without one has a line with empty cells."""
    yield _heads("plan", "field", "goal", "number", "indicator", "numerator_text", "denominator_text", "unit",
                 "direction", "baseline", "baseline_on", "target", "target_on", "breaks", "day", "numerator",
                 "denominator", "value", "evidence", "light", "progress")  # fmt: skip
    report = MunicipalReport(content, content.language)
    for field in content.plan.fields:
        for goal in field.goals:
            for each in goal.indicators:
                head = [content.plan.id, field.name, goal.number, *_described(each, content)]
                done = report.progress(each.number)
                light = say(f"municipal.light_{content.lights[each.number]}", content.language)
                share = "" if done.value is None else _number(done, content, 1)
                measured = [*_measured(each, content)] or [[""] * 5]
                yield from ([*head, *line, light, share] for line in measured)


def _described(indicator: Indicator, content: Content) -> Line:
    course, language = f"course-{indicator.number}", content.language
    base = "" if indicator.baseline_on is None else _number(content.number(course, "now", "baseline"), content)
    target = content.number(course, "now", "target")
    days = ("" if date is None else date.isoformat() for date in (indicator.baseline_on, indicator.target_on))
    first, last = days
    return [
        indicator.number, indicator.name, indicator.numerator, indicator.denominator,
        say(f"municipal.unit_{indicator.unit}", language), say(f"municipal.direction_{indicator.direction}", language),
        base, first, "" if target.hidden else _number(target, content), last,
        " ".join(on.isoformat() for on, _ in indicator.breaks),
    ]  # fmt: skip


def _measured(indicator: Indicator, content: Content) -> Iterator[Line]:
    names = ("value",) if indicator.unit == COUNT else ("numerator", "denominator", "value")
    for entered in content.entered[indicator.number]:
        key = entered.day.isoformat()
        told = [_number(content.number(f"series-{indicator.number}", key, name), content) for name in names]
        yield [key, *([""] * (3 - len(told))), *told, entered.evidence]


def _school(content: Content) -> Iterator[Line]:
    yield _heads("kita_group", "language", "role", "programme", "year", "examined", "need", "need_share", "difference",
                 "lower", "upper", "few")  # fmt: skip
    table, language = content.tables["school"], content.language
    for comparison in content.comparisons:
        before = next((group.key for group in comparison.groups if group.role == "before"), "")
        for group in comparison.groups:
            counts = [_number(table.number(group.key, name), content) for name in ("examined", "need")]
            share = _number(school.share_of(table, group.key), content, 1)
            found: Sequence[str] = ("", "", "")
            if before and group.role in ("exposed", "unexposed") and not group.broken:
                told = school.difference(table, before, group.key)
                found = [_number(each, content, 1) for each in (told.points, told.lower, told.upper)]
            role = say(f"municipal.role_{group.role}", language, programme="").strip(" :()")
            few = say("municipal.few", language, few=school.FEW) if school.is_few(table, group.key) else ""
            yield [comparison.kita, content.label("language", comparison.language), role,
                   content.label("programme", group.programme), group.label, *counts, share, *found, few]  # fmt: skip


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    """CSV in UTF-8 with a mark, so that Excel reads umlauts; a text that a spreadsheet would compute is guarded."""
    from intake.exchange.guard import NUMBER, guarded

    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerows([text if NUMBER.fullmatch(text) else guarded(text) for text in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


# --- text blocks


def _about(content: Content) -> Iterator[str]:
    """What these files are: the plan, the day, whose figures they are, for whom."""
    language = content.language
    yield say("municipal.about", language, title=content.plan.title, id=content.plan.id, name=content.name,
              day=day(content.day, language))  # fmt: skip
    if content.demo:
        yield f"{say('report_frame.demo', language)}: {say('municipal.demo_line', language)}"
    yield say("municipal.about_figures", language)
    if content.audience != "internal":
        yield say("municipal.about_hidden", language, sign=content.data_sign, threshold=content.threshold,
                  special=content.special)  # fmt: skip
    else:
        yield say("municipal.audience_internal", language)


def texts_of(content: Content) -> str:
    """The plan in sentences, a section a field, to be copied into another report."""
    lines = [f"# {_plain(content.plan.title)}", *(_plain(line) for line in _about(content))]
    for field in content.plan.fields:
        lines += [f"## {_plain(field.name)}", *(_plain(line) for line in _field_texts(field, content))]
    return "\n\n".join(lines) + "\n"


def _field_texts(field: Field, content: Content) -> Iterator[str]:
    language = content.language
    if field.aim:
        yield say("municipal.aim", language, aim=field.aim)
    told = {name: count_text(content.number("fields", field.code, name), language, content.sign)
            for name in (*STATES, "measures")}  # fmt: skip
    yield say("municipal.text_measures", language, **told, done=told[DONE])
    for goal in field.goals:
        yield say("municipal.text_goal", language, number=goal.number, text=goal.text)
        for indicator in goal.indicators:
            yield _indicator_text(indicator, content)
        if not goal.indicators:
            reason = goal.unmeasured or say("municipal.no_indicator", language)
            yield say("municipal.not_measurable", language, reason=reason)


def _indicator_text(indicator: Indicator, content: Content) -> str:
    language, course = content.language, f"course-{indicator.number}"

    def value(name: str) -> str:
        return value_text(content.number(course, "now", name), indicator.unit, language, content.sign)

    light = say(f"municipal.light_{content.lights[indicator.number]}", language)
    measured = content.entered[indicator.number]
    base, target = indicator.baseline_on, indicator.target_on
    fields = {
        "name": indicator.name, "light": light, "target": value("target"), "value": value("value"),
        "until": day(target, language) if target else DASH, "day": day(measured[-1].day, language) if measured else "",
    }  # fmt: skip
    if base is None or not measured:
        return say("municipal.text_indicator_open", language, **fields)
    return say("municipal.text_indicator", language, **fields, baseline=value("baseline"), begun=day(base, language))


def _plain(text: str) -> str:
    """A text that Markdown prints as it stands."""
    return _MARKUP.sub(r"\\\1", text)
