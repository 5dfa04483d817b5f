"""Pictures of SafeTables as Vega-Lite specifications: the only door to Altair.

Calm, readable in grey and by colour-blind readers: dark, light and a third colour that differ in lightness, and every
bar carries its number. Nothing is computed here but positions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from reports.disclosure.safe import SafeTable, Value
from reports.wording import NO_BREAK, number, percent, require_table, signed
from validation.messages import say

INK, STOCK, ENTRY, EXIT, PALE, GRID = "#1a2433", "#173a5e", "#8fc1e3", "#b4560a", "#dfe6ee", "#d5dbe3"
MARK = "#8a3b00"
FONT = "Noto Sans"
WIDTH = 620


def waterfall(flows: SafeTable, language: str = "de", *, mark: str = "") -> dict[str, Any]:
    """Stock, entries and exits as steps, from the first stock to the last. Columns as in `disclosure.flows.COLUMNS`.

    A table without rows (withheld) gives ValueError: there is nothing to draw.
    """
    import altair as alt

    steps = _steps(require_table(flows), language)
    order = [step["step"] for step in steps]
    kinds = [say(f"report_chart.{kind}", language) for kind in ("stock", "entries", "exits")]
    base = alt.Chart(alt.Data(values=steps)).encode(
        x=alt.X(
            "step:N",
            sort=order,
            title=None,
            axis=alt.Axis(labelAngle=0, labelExpr="split(datum.value, '|')", ticks=False, grid=False, domainColor=GRID),
        )
    )
    bars = base.mark_bar(size=34).encode(
        y=alt.Y("low:Q", title=say("report.persons", language), axis=alt.Axis(tickCount=5)),
        y2="high:Q",
        color=alt.Color(
            "kind:N",
            scale=alt.Scale(domain=kinds, range=[STOCK, ENTRY, EXIT]),
            legend=alt.Legend(title=None, orient="top", direction="horizontal"),
        ),
    )
    texts = base.mark_text(dy=-8, font=FONT, fontSize=12, color=INK).encode(y="high:Q", text="text:N")
    return _finished(alt.layer(bars, texts), 250, WIDTH, mark)


def _steps(flows: SafeTable, language: str) -> list[dict[str, Any]]:
    if not flows.rows:
        raise ValueError(f"table {flows.key} has no rows to draw")
    first = flows.rows[0]
    level = _int(flows, first.key, "stock_start")
    stock, entry, leave = (say(f"report_chart.{name}", language) for name in ("stock", "entries", "exits"))
    last = say("report_chart.short_stock", language) + "|" + say("report_chart.end_of", language)
    opening = f"{last} {int(first.label[:4]) - 1}"
    steps = [{"step": opening, "kind": stock, "low": 0, "high": level, "text": number(level, language)}]
    for row in flows.rows:
        come, go = _int(flows, row.key, "entries"), _int(flows, row.key, "exits")
        top = level + come
        steps.append(
            {
                "step": f"{say('report_chart.short_entries', language)}|{row.label}",
                "kind": entry,
                "low": level,
                "high": top,
                "text": signed(come, language),
            }
        )
        level = top - go
        steps.append(
            {
                "step": f"{say('report_chart.short_exits', language)}|{row.label}",
                "kind": leave,
                "low": level,
                "high": top,
                "text": signed(-go, language),
            }
        )
    closing = f"{last} {flows.rows[-1].label[-4:]}"
    steps.append({"step": closing, "kind": stock, "low": 0, "high": level, "text": number(level, language)})
    return steps


def bars(table: SafeTable, language: str = "de", *, mark: str = "") -> dict[str, Any]:
    """Lying bars in the table's order, the rest row paler; each with its number and share of the total."""
    import altair as alt

    whole = require_table(table).number().value
    data = []
    for row in table.rows:
        value = row.cells[0].value
        if value is None:
            continue
        text = number(value, language)
        if whole:
            text += f"  ({percent(_share(value, whole), language)})"
        data.append({"label": row.label, "n": float(value), "text": text, "rest": bool(row.members)})
    y = alt.Y("label:N", sort=[item["label"] for item in data], title=None, axis=_names())
    base = alt.Chart(alt.Data(values=data)).encode(y=y)
    drawn = base.mark_bar(size=18).encode(
        x=alt.X("n:Q", title=None, axis=None),
        color=alt.condition("datum.rest", alt.value(ENTRY), alt.value(STOCK)),
    )
    texts = base.mark_text(align="left", dx=6, font=FONT, fontSize=12, color=INK).encode(x="n:Q", text="text:N")
    return _finished(alt.layer(drawn, texts), 30 * len(data), WIDTH - 190, mark)


def shares(
    table: SafeTable, parts: Sequence[str], whole: str, language: str = "de", *, mark: str = ""
) -> dict[str, Any]:
    """Lying bars of what parts of each row are of its column `whole`, in per cent, one behind another; the sum of the
    parts stands at the end. Up to five parts."""
    import altair as alt

    labels = {column.key: column.label for column in require_table(table).columns}
    data, ends = [], []
    for row in table.rows:
        total = table.number(row.key, whole).value
        values = {part: table.number(row.key, part).value or 0 for part in parts}
        if not total:
            continue
        shown = {part: float(_share(value, total)) for part, value in values.items()}
        data += [
            {"label": row.label, "part": labels[part], "order": at, "n": shown[part]} for at, part in enumerate(parts)
        ]
        ends.append({"label": row.label, "n": sum(shown.values()),
                     "text": percent(_share(sum(values.values()), total), language)})  # fmt: skip
    order = [item["label"] for item in ends]
    drawn = (
        alt.Chart(alt.Data(values=data))
        .mark_bar(size=18)
        .encode(
            y=alt.Y("label:N", sort=order, title=None, axis=_names()),
            x=alt.X("n:Q", title=None, axis=None, scale=alt.Scale(domain=[0, 100])),
            color=alt.Color(
                "part:N",
                scale=alt.Scale(domain=[labels[part] for part in parts], range=[STOCK, ENTRY, EXIT, PALE, "#7a8794"]),
                legend=alt.Legend(title=None, orient="top", direction="horizontal", labelLimit=260),
            ),
            order="order:O",
        )
    )
    texts = (
        alt.Chart(alt.Data(values=ends))
        .mark_text(align="left", dx=6, font=FONT, fontSize=12, color=INK)
        .encode(y=alt.Y("label:N", sort=order), x="n:Q", text="text:N")
    )
    return _finished(alt.layer(drawn, texts), 30 * len(ends), WIDTH - 250, mark)


def occupancy(table: SafeTable, language: str = "de", *, mark: str = "") -> dict[str, Any]:
    """Persons (dark) in front of places (pale) for each district. Columns: persons first, `places`."""
    import altair as alt

    index = [column.key for column in require_table(table).columns].index("places")
    data = []
    for row in table.rows:
        persons, places = row.cells[0].value, row.cells[index].value
        if persons is None or not places:
            continue
        rate = percent(_share(persons, places), language)
        text = say("report_chart.of_places", language, n=number(persons, language), places=number(places, language))
        data.append({"label": row.label, "n": int(persons), "places": int(places), "text": f"{text}{NO_BREAK}({rate})"})
    y = alt.Y("label:N", sort=[item["label"] for item in data], title=None, axis=_names())
    base = alt.Chart(alt.Data(values=data)).encode(y=y)
    behind = base.mark_bar(size=24, color=PALE, stroke=STOCK, strokeWidth=1).encode(
        x=alt.X("places:Q", title=None, axis=None)
    )
    front = base.mark_bar(size=14, color=STOCK).encode(x="n:Q")
    texts = base.mark_text(align="left", dx=6, font=FONT, fontSize=12, color=INK).encode(x="places:Q", text="text:N")
    return _finished(alt.layer(behind, front, texts), 40 * len(data), WIDTH - 310, mark)


def course(
    series: SafeTable,
    ends: SafeTable,
    begin: tuple[dt.date, str],
    target: tuple[dt.date, str],
    texts: Mapping[str, str],
    *,
    breaks: Sequence[dt.date] = (),
    mark: str = "",
) -> dict[str, Any]:
    """Values over time, points with their numbers, beside the dashed straight line from a baseline to a target.

    series: rows by day (ISO), a column `value`.  ends: row `now`, columns `baseline` and `target`.  begin, target: the
    day and what is written there.  texts: day -> what is written at its value; only these are drawn.  breaks: days from
    which it is counted in another way: upright lines, across which no values are joined.
    """
    import altair as alt

    baseline, aim = (require_table(ends).number("now", name).value for name in ("baseline", "target"))
    values = [(key, require_table(series).number(key, "value").value, texts[key]) for key in texts]
    line = [(begin[0].isoformat(), baseline, begin[1]), (target[0].isoformat(), aim, target[1])]
    known = [(key, float(n), text) for key, n, text in [*line, *values] if n is not None]
    points = [
        {"day": key, "n": n, "text": text, "part": sum(day.isoformat() <= key for day in breaks)}
        for key, n, text in [known[0], *known[2:]]
    ]
    straight = [{"day": key, "n": n, "text": text} for key, n, text in known[:2]]
    levels = [n for _, n, _ in known]
    room = (max(levels) - min(levels) or 1) / 4
    x = alt.X("day:T", title=None, axis=_days([key for key, _, _ in known]))
    y = alt.Y("n:Q", title=None, axis=None, scale=alt.Scale(domain=[min(levels) - room, max(levels) + room]))
    way = alt.Chart(alt.Data(values=straight)).encode(x=x, y=y)
    end = alt.Chart(alt.Data(values=straight[1:])).encode(x=x, y=y)
    drawn = alt.Chart(alt.Data(values=points)).encode(x=x, y=y)
    label = {"dy": -12, "font": FONT, "fontSize": 12, "color": INK}
    layers = [
        way.mark_line(color=STOCK, strokeDash=[4, 4], strokeWidth=1),
        end.mark_point(color=STOCK, size=60, filled=False),
        end.mark_text(**label).encode(text="text:N"),
        drawn.mark_line(color=STOCK, strokeWidth=2).encode(detail="part:N"),
        drawn.mark_point(color=STOCK, size=60, filled=True, opacity=1),
        *(
            alt.Chart(alt.Data(values=named)).encode(x=x, y=y).mark_text(**label | {"dy": dy}).encode(text="text:N")
            for named, dy in (
                (_beside(points, straight, below=False), -12),
                (_beside(points, straight, below=True), 16),
            )
        ),
    ]
    if breaks:
        days = alt.Chart(alt.Data(values=[{"day": day.isoformat()} for day in breaks])).encode(x=x)
        layers.append(days.mark_rule(color=EXIT, strokeWidth=2))
    return _finished(alt.layer(*layers), 120, WIDTH, mark)


def _beside(
    points: Sequence[Mapping[str, Any]], straight: Sequence[Mapping[str, Any]], *, below: bool
) -> list[Mapping[str, Any]]:
    """The points below the straight line, or the others: what is written at them stays clear of the line."""
    begin, end = ((dt.date.fromisoformat(each["day"]), each["n"]) for each in (straight[0], straight[-1]))
    days = (end[0] - begin[0]).days or 1

    def line(day: str) -> float:
        return float(begin[1] + (end[1] - begin[1]) * (dt.date.fromisoformat(day) - begin[0]).days / days)

    return [point for point in points if (point["n"] < line(point["day"])) == below]


def _days(days: Sequence[str]) -> Any:
    """An axis that names these days and no others."""
    import altair as alt

    dates = [dt.date.fromisoformat(day) for day in sorted(set(days))]
    values = [alt.DateTime(year=date.year, month=date.month, date=date.day) for date in dates]
    return alt.Axis(values=values, format="%d.%m.%Y", grid=False, labelOverlap="greedy", labelSeparation=4)


def _names() -> Any:
    import altair as alt

    return alt.Axis(ticks=False, domain=False, grid=False, labelLimit=220, labelPadding=8, labelFontSize=12)


def _finished(chart: Any, height: int, width: int, mark: str) -> dict[str, Any]:
    """House style. The specification is plain data; the renderer draws it. `mark`: a word on the picture itself
    (DEMO)."""
    done = chart.properties(width=width, height=height).configure(
        font=FONT, background="white", padding=8, view={"stroke": None}
    )
    if mark:
        done = done.properties(title=mark).configure_title(
            anchor="end", frame="bounds", fontSize=10, fontWeight="bold", color=MARK, offset=6
        )
    done = done.configure_axis(
        grid=True, gridColor=GRID, domainColor=GRID, tickColor=GRID, labelColor=INK, titleColor=INK, labelFontSize=11
    )
    found: dict[str, Any] = done.configure_legend(labelColor=INK, labelFontSize=12).to_dict()
    return found


def _int(table: SafeTable, row: str, column: str) -> int:
    value = table.number(row, column).value
    if value is None:
        raise ValueError(f"table {table.key}, row {row}, column {column} is hidden")
    return int(value)


def _share(part: Value, whole: Value) -> Decimal:
    return Decimal(part) * 100 / Decimal(whole)
