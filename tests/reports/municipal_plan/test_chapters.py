"""What a councillor reads: the overview, each field, each goal with its measures and indicators."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from reports.blocks import Block, Chart
from reports.municipal_plan.chapters import MunicipalReport, open_plan
from scenario.town_plan import DAY, content
from validation.errors import ReportError

CHAPTERS = ("at_a_glance", "fields", "unmeasured", "school_entry", "method")


def blocks(report: MunicipalReport, *names: str) -> list[Block]:
    return [block for name in names or CHAPTERS for block in getattr(report, name)().blocks]


def said(report: MunicipalReport, *names: str) -> str:
    text = " ".join(block.as_html() for block in blocks(report, *names))
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)))


def test_the_first_page_says_what_became_of_the_plan() -> None:
    text = said(MunicipalReport(content()), "at_a_glance")
    for words in (
        "wurde am 25.01.2023 vom Gemeinderat beschlossen. Er gilt vom 01.01.2023 bis 31.12.2026.",
        "Er nennt 8 Ziele und 9 Maßnahmen; umgesetzt sind davon 4 (44,4 %).",
        "Arbeitsmarkt 2 2 1 50,0 % 1 1 0 0",
        "Insgesamt 8 9 4 44,4 %",
        "Maßnahme über ihr Ende (30.06.2025) hinaus nicht umgesetzt: Kinderbetreuung im Vormittagskurs",
        "Ziel verfehlt: Haushalte in eigenen Wohnungen",
    ):
        assert words in text
    assert "Kurse mit Kinderbetreuung" not in text


def test_a_draft_an_expired_plan_and_one_without_measures_say_so() -> None:
    made = content()
    plan = replace(made.plan, adopted=None, end=None, absent=("Wohnen", "Arbeit"))
    text = said(MunicipalReport(replace(made, plan=plan)), "at_a_glance")
    assert "ist ein Entwurf und noch nicht beschlossen. Er gilt ab 01.01.2023." in text
    assert "nennt der Plan nichts: Wohnen und Arbeit." in text
    over = replace(made.plan, end=DAY.replace(year=2025))
    assert "ist abgelaufen" in said(MunicipalReport(replace(made, plan=over)), "at_a_glance")


def test_each_field_has_its_analysis_goals_measures_and_indicators() -> None:
    text = said(MunicipalReport(content()), "fields")
    for words in (
        "Leitziel: Jedes Kind kommt mit guten Deutschkenntnissen in die Schule.",
        "Was fehlt Bezahlbare Wohnungen für Familien.",
        "Bewertung lückenhaft Quelle Workshop mit 35 Beteiligten",
        "Feld im Kreis Werte, Regeln, Normen",
        "Ziel Z1 (bis 31.12.2026):",
        "verworfen: Das Jobcafé deckt den Bedarf.",
        "läuft, Ende überschritten",
        "auf Kurs (83 % des Weges)",
        "30,0 % am 31.12.2022",
        "höchstens 25,0 % bis 31.12.2026",
        "31.12.2022 44 130 33,8 % Jahresbericht 2022 Andere Zählweise ab 01.09.2023",
        "31.12.2024 · 9 · Jahresbericht 2024",
        "7,50 am 31.12.2022",
        "Zu diesem Ziel ist noch keine Maßnahme festgelegt.",
        "Nicht messbar: Ob sich jemand willkommen fühlt, wird nicht erhoben.",
    ):
        assert words in text, words


def test_the_hidden_value_appears_internally_only() -> None:
    shown = "31.12.2024 2 9 22,2 %"
    assert shown in said(MunicipalReport(content("internal")))
    assert "22,2" not in said(MunicipalReport(content()))
    assert "nicht gezeigt" in said(MunicipalReport(content()), "fields")


def test_values_are_drawn_where_they_may_be_shown() -> None:
    charts = [block for block in blocks(MunicipalReport(content())) if isinstance(block, Chart)]
    assert [chart.table.key for chart in charts] == [f"series-I{n}" for n in (1, 3, 4, 5, 6, 7)]
    assert "am 31.12.2022; gemessen 31.12.2023: 37,1" in charts[0].alt
    demo = MunicipalReport(replace(content(), demo=True))
    assert all("DEMO" in str(block.spec) for block in blocks(demo) if isinstance(block, Chart))


def test_each_goal_without_a_measurable_indicator_is_named_with_its_reason() -> None:
    made = content()
    text = said(MunicipalReport(made), "unmeasured")
    assert "Z7 · Soziale Integration Neu Zugezogene fühlen sich willkommen. Grund: Ob sich jemand" in text
    bare = tuple(replace(field, goals=tuple(replace(goal, indicators=()) for goal in field.goals))
                 for field in made.plan.fields)  # fmt: skip
    text = said(MunicipalReport(replace(made, plan=replace(made.plan, fields=bare))), "unmeasured")
    assert text.count("Es ist kein Indikator festgelegt.") == 7
    full = tuple(replace(field, goals=tuple(goal for goal in field.goals if goal.indicators))
                 for field in made.plan.fields)  # fmt: skip
    text = said(MunicipalReport(replace(made, plan=replace(made.plan, fields=full))), "unmeasured")
    assert "Jedes Ziel hat mindestens einen messbaren Indikator." in text


def test_the_method_names_thresholds_and_each_light() -> None:
    text = said(MunicipalReport(content()), "method")
    assert "Hälfte (50 %)" in text
    assert "unter 5 sind nicht gezeigt" in text
    assert text.count("Ziel verfehlt") == 1
    assert "Kleine Zahlen" not in said(MunicipalReport(content("internal")), "method")


def test_english_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(content(language="en").to_json(), encoding="utf-8")
    text = said(open_plan(path, language="en"))
    assert "It names 8 goals and 9 measures, of which 4 are done (44.4%)." in text
    assert "behind the plan (52% of the way)" in text
    assert "{" not in text
    with pytest.raises(ReportError):
        open_plan(tmp_path / "fehlt.json", language="de")
