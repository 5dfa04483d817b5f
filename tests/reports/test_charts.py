"""Charts show what their table prints, and nothing that it hides."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pandas as pd
import pytest

from reports.charts import bars, course, occupancy, waterfall
from reports.disclosure import Cell, Column, Policy, Row, SafeTable, beside, protect, protect_flows, things
from reports.disclosure.flows import COLUMNS, YearFlow

POLICY = Policy("public", {"person": 5})


def values(spec: dict[str, Any]) -> list[dict[str, Any]]:
    data = spec.get("data", {})
    if "values" in data:
        return list(data["values"])
    if "name" in data:
        return list(spec["datasets"][data["name"]])
    return [item for layer in spec["layer"] for item in values({**layer, "datasets": spec.get("datasets", {})})]


def flows(*years: YearFlow) -> SafeTable:
    return protect_flows(years, POLICY, key="f", title="F", columns={name: name for name in COLUMNS})


def test_the_waterfall_leads_from_the_first_stock_to_the_last() -> None:
    spec = waterfall(flows(YearFlow(2021, 88, 48, 51, 85), YearFlow(2022, 85, 72, 65, 92)))
    steps = values(spec)
    assert [step["text"] for step in steps] == ["88", "+48", "−51", "+72", "−65", "92"]
    assert [step["step"] for step in steps][:2] == ["Bestand|Ende 2020", "Zugang|2021"]
    assert steps[-1]["step"] == "Bestand|Ende 2022"
    assert [(step["low"], step["high"]) for step in steps] == [
        (0, 88),
        (88, 136),
        (85, 136),
        (85, 157),
        (92, 157),
        (0, 92),
    ]


def test_years_put_together_are_one_pair_of_steps() -> None:
    steps = values(waterfall(flows(YearFlow(2021, 20, 9, 3, 26), YearFlow(2022, 26, 0, 6, 20))))
    assert [step["step"] for step in steps] == [
        "Bestand|Ende 2020",
        "Zugang|2021–2022",
        "Abgang|2021–2022",
        "Bestand|Ende 2022",
    ]


def test_a_withheld_table_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="no rows"):
        waterfall(flows(YearFlow(2022, 20, 1, 2, 19)))


def test_bars_follow_the_table_and_name_the_share() -> None:
    table = protect({"SY": 41, "UA": 18, "ER": 3, "GM": 4}, POLICY, key="n", title="N", labels={"SY": "Syrien"})
    drawn = values(bars(table))
    assert [(item["label"], item["n"], item["rest"]) for item in drawn] == [
        ("Syrien", 41.0, False),
        ("UA", 18.0, False),
        ("Übrige", 7.0, True),
    ]
    assert drawn[0]["text"] == "41  (62,1\N{NO-BREAK SPACE}%)"
    assert "ER" not in json.dumps(bars(table))


def test_occupancy_sets_persons_before_places() -> None:
    places = things({"A": {"places": 40}, "B": {"places": 0}}, key="p", title="P", columns={"places": "Plätze"})
    drawn = values(occupancy(beside(protect({"A": 31, "B": 9}, POLICY, key="d", title="D"), places)))
    assert [(item["label"], item["text"]) for item in drawn] == [
        ("A", "31 von 40 Plätzen\N{NO-BREAK SPACE}(77,5\N{NO-BREAK SPACE}%)")
    ]


def test_a_course_draws_what_may_be_shown_and_joins_nothing_across_a_break() -> None:
    days = ("2023-12-31", "2024-12-31", "2025-12-31")
    rows = [Row(day, day, (Cell(n),)) for day, n in zip(days, (24, None, 31), strict=True)]
    series = SafeTable("s", "S", (Column("value", "Wert", 5),), tuple(rows))
    ends = things({"now": {"baseline": 20, "target": 40}}, key="c", title="C", columns={"baseline": "", "target": ""})
    begin, target = (dt.date(2022, 12, 31), "20"), (dt.date(2026, 12, 31), "40")
    texts = {days[0]: "24", days[2]: "31"}
    spec = course(series, ends, begin, target, texts, breaks=[dt.date(2024, 6, 1)])
    layers = [values(layer) for layer in spec["layer"]]
    assert [point["n"] for point in layers[0]] == [20, 40]
    assert [(point["day"], point["text"], point["part"]) for point in layers[3]] == [
        ("2022-12-31", "20", 0), ("2023-12-31", "24", 0), ("2025-12-31", "31", 1),
    ]  # fmt: skip
    assert layers[-1] == [{"day": "2024-06-01"}]
    assert "2024-12-31" not in json.dumps(spec)


def test_a_demo_says_so_on_the_picture() -> None:
    table = protect({"SY": 41}, POLICY, key="n", title="N")
    assert bars(table, mark="DEMO – synthetische Daten")["title"] == "DEMO – synthetische Daten"
    assert "title" not in bars(table)


@pytest.mark.parametrize("draw", [waterfall, bars, occupancy])
def test_raw_counts_are_refused(draw: Any) -> None:
    with pytest.raises(TypeError, match="SafeTable"):
        draw(pd.DataFrame({"n": [3]}))
