"""Pictures of SafeTables as Vega-Lite specifications: the only door to Altair.

Calm, readable in grey and by colour-blind readers: dark, light and a third colour that differ in lightness, and every bar
carries its number. Nothing is computed here but positions.
"""

from __future__ import annotations

from typing import Any

from reports.disclosure.safe import SafeTable
from reports.wording import NO_BREAK, number, percent, require_table, signed
from validation.messages import say

INK, STOCK, ENTRY, EXIT, PALE, GRID = "#1a2433", "#173a5e", "#8fc1e3", "#b4560a", "#dfe6ee", "#d5dbe3"
FONT = "Noto Sans"
WIDTH = 620


def waterfall(flows: SafeTable, language: str = "de") -> dict[str, Any]:
    """Stock, entries and exits as steps, from the first stock to the last. Columns as in `disclosure.flows.COLUMNS`.

    A table without rows (withheld) gives ValueError: there is nothing to draw.
    """
    import altair

    steps = _steps(require_table(flows), language)
    order = [step["step"] for step in steps]
    kinds = [say(f"report_chart.{kind}", language) for kind in ("stock", "entries", "exits")]
    base = altair.Chart(altair.Data(values=steps)).encode(
        x=altair.X(
            "step:N",
            sort=order,
            title=None,
            axis=altair.Axis(labelAngle=0, labelExpr="split(datum.value, '|')", ticks=False, domainColor=GRID),
        )
    )
    bars = base.mark_bar(size=34).encode(
        y=altair.Y("low:Q", title=say("report.persons", language), axis=altair.Axis(tickCount=5)),
        y2="high:Q",
        color=altair.Color(
            "kind:N",
            scale=altair.Scale(domain=kinds, range=[STOCK, ENTRY, EXIT]),
            legend=altair.Legend(title=None, orient="top", direction="horizontal"),
        ),
    )
    texts = base.mark_text(dy=-8, font=FONT, fontSize=12, color=INK).encode(y="high:Q", text="text:N")
    return _finished(altair.layer(bars, texts), 250)


def _steps(flows: SafeTable, language: str) -> list[dict[str, Any]]:
    if not flows.rows:
        raise ValueError(f"table {flows.key} has no rows to draw")
    first = flows.rows[0]
    level = _int(flows, first.key, "stock_start")
    stock, entry, leave = (say(f"report_chart.{name}", language) for name in ("stock", "entries", "exits"))
    opening = f"{say('report_chart.short_stock', language)}|{say('report_chart.end_of', language)} {int(first.label[:4]) - 1}"
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
    closing = f"{say('report_chart.short_stock', language)}|{say('report_chart.end_of', language)} {flows.rows[-1].label[-4:]}"
    steps.append({"step": closing, "kind": stock, "low": 0, "high": level, "text": number(level, language)})
    return steps


def bars(table: SafeTable, language: str = "de", *, shares: bool = True) -> dict[str, Any]:
    """Lying bars in the table's order, the rest row paler; each with its number (and share of the total)."""
    import altair

    whole = require_table(table).number().value
    data = []
    for row in table.rows:
        value = row.cells[0].value
        if value is None:
            continue
        text = number(value, language)
        if shares and whole:
            text += f"  ({percent(100 * value / whole if isinstance(value, float) else _share(value, whole), language)})"
        data.append({"label": row.label, "n": float(value), "text": text, "rest": bool(row.members)})
    y = altair.Y("label:N", sort=[item["label"] for item in data], title=None, axis=_names())
    base = altair.Chart(altair.Data(values=data)).encode(y=y)
    drawn = base.mark_bar(size=18).encode(
        x=altair.X("n:Q", title=None, axis=None),
        color=altair.condition("datum.rest", altair.value(ENTRY), altair.value(STOCK)),
    )
    texts = base.mark_text(align="left", dx=6, font=FONT, fontSize=12, color=INK).encode(x="n:Q", text="text:N")
    return _finished(altair.layer(drawn, texts), 30 * len(data), WIDTH - 170)


def occupancy(table: SafeTable, language: str = "de") -> dict[str, Any]:
    """Persons (dark) in front of places (pale) for each district. Columns: persons first, `places`."""
    import altair

    index = [column.key for column in require_table(table).columns].index("places")
    data = []
    for row in table.rows:
        persons, places = row.cells[0].value, row.cells[index].value
        if persons is None or not places:
            continue
        rate = percent(_share(persons, places), language)
        text = say("report_chart.of_places", language, n=number(persons, language), places=number(places, language))
        data.append({"label": row.label, "n": int(persons), "places": int(places), "text": f"{text}{NO_BREAK}({rate})"})
    y = altair.Y("label:N", sort=[item["label"] for item in data], title=None, axis=_names())
    base = altair.Chart(altair.Data(values=data)).encode(y=y)
    behind = base.mark_bar(size=24, color=PALE, stroke=STOCK, strokeWidth=1).encode(
        x=altair.X("places:Q", title=None, axis=None)
    )
    front = base.mark_bar(size=14, color=STOCK).encode(x="n:Q")
    texts = base.mark_text(align="left", dx=6, font=FONT, fontSize=12, color=INK).encode(x="places:Q", text="text:N")
    return _finished(altair.layer(behind, front, texts), 40 * len(data), WIDTH - 280)


def _names() -> Any:
    import altair

    return altair.Axis(ticks=False, domain=False, labelLimit=220, labelPadding=8, labelFontSize=12)


def _finished(chart: Any, height: int, width: int = WIDTH) -> dict[str, Any]:
    """House style. The specification is plain data; the renderer draws it."""
    done = chart.properties(width=width, height=height).configure(
        font=FONT, background="white", padding=8, view={"stroke": None}
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


def _share(part: Any, whole: Any) -> Any:
    from decimal import Decimal

    return Decimal(part) * 100 / Decimal(whole)
