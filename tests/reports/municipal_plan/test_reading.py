"""A plan is read level by level, from the newest record that is valid on the day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from reports.municipal_plan.reading import defaults, field_of, read, read_fields
from scenario.lives import OTHER, TOWN
from scenario.town_plan import DAY, town_plan
from validation.errors import ReportError

SHIPPED = Path(__file__).parents[3] / "data" / "handlungsfelder.csv"


def test_fields_goals_measures_and_indicators_are_linked(tmp_path: Path) -> None:
    study = town_plan(tmp_path)
    found, labels = read(study, TOWN, DAY, "de")
    plan = found.plan
    assert [(field.name, field.district) for field in plan.fields] == [
        ("Sprache", "spr"), ("Bildung und Kita", "bil"), ("Arbeitsmarkt", "arb"), ("Wohnen", "woh"),
        ("Soziale Integration", "wrn"),
    ]  # fmt: skip
    assert plan.absent == ()
    assert [goal.number for goal in plan.goals()] == [f"Z{n}" for n in range(1, 9)]
    assert plan.fields[0].rating == "lückenhaft"
    late = [measure.number for field in plan.fields for measure in field.measures() if measure.late]
    assert late == ["M3"]
    assert next(goal for goal in plan.goals() if goal.number == "Z7").unmeasured.startswith("Ob sich jemand")
    assert [len(found.figures[number].measurements) for number in ("I1", "I3", "I7")] == [3, 2, 1]
    assert found.figures["I3"].course.breaks == (dt.date(2023, 9, 1),)
    assert len(found.results) == 8
    assert [(each.kita, each.year, each.children) for each in found.programmes] == [
        ("Kita Sonnenhügel", 2022, 24), ("Kita am Bach", 2023, 3),
    ]  # fmt: skip
    assert labels["programme"]["kolibri"] == "Kolibri"
    earlier, _ = read(study, TOWN, dt.date(2024, 12, 31), "de")
    assert [len(earlier.figures[number].measurements) for number in ("I1", "I3", "I7")] == [2, 1, 0]
    draft, _ = read(study, TOWN, dt.date(2023, 1, 2), "de")
    assert draft.plan.adopted is None
    for town, day in ((TOWN, dt.date(2022, 12, 31)), (OTHER, DAY)):
        with pytest.raises(ReportError, match="keinen kommunalen Integrationsplan"):
            read(study, town, day, "de")


def test_the_five_default_fields_are_those_of_the_table(tmp_path: Path) -> None:
    mapping = read_fields(SHIPPED)
    assert defaults(mapping) == ("spr", "bil", "arb", "woh", "wrn")
    assert field_of(mapping, TOWN, "soz").names["de"] == "Soziale Integration"
    assert field_of(mapping, OTHER, "soz").district == "wrn"
    assert field_of(mapping, OTHER, "ges").district == "ges"
    own = tmp_path / "handlungsfelder.csv"
    own.write_text("ags,feld,handlungsfeld,name_de,name_en,source\n,ges,ges,,,default\n", encoding="utf-8")
    assert defaults(read_fields(own)) == ("ges",)
    own.write_text("feld\nges\n", encoding="utf-8")
    for path in (own, tmp_path / "fehlt.csv"):
        with pytest.raises(ReportError, match=path.name):
            read_fields(path)
