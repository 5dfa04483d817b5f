"""The sheet as the template draws it: directions, many goals, languages that nobody has reviewed."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from reports.factory.render import page_to_pdf
from reports.plan.making import PICTOGRAMS, Case, open_case, pictures_of
from reports.plan.sheet import PlanSheet, plan_sheet
from scenario.planned import PERSON, planned


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    with planned(tmp_path_factory.mktemp("planned")).store() as store:
        return open_case(store, PERSON)


def sheet_of(case: Case, goals: int, *languages: str, unspoken: str = "") -> PlanSheet:
    (one, *_) = case.state.goals
    state = replace(case.state, goals=tuple(replace(one, id=str(number)) for number in range(goals)))
    return plan_sheet(state, case.speech(*languages), town="Althengstett", unspoken=unspoken)


def pages(sheet: PlanSheet) -> int:
    return len(PdfReader(io.BytesIO(page_to_pdf(sheet.json(), "plan.typ", pictures_of(sheet)))).pages)


def test_six_goals_fit_on_one_page_and_many_take_a_second(case: Case) -> None:
    assert pages(sheet_of(case, 6, "de", "uk")) == 1
    assert pages(sheet_of(case, 12, "de", "uk")) == 2
    assert pages(sheet_of(case, 0, "de")) == 1


def test_what_is_said_in_the_second_language_is_marked_where_nobody_has_reviewed_it(case: Case) -> None:
    remarks = [text for pair in sheet_of(case, 1, "de", "ar").remarks for text in pair]
    assert any("noch niemand geprüft" in text for text in remarks)
    assert not any("geprüft" in text for pair in sheet_of(case, 1, "de", "en").remarks for text in pair)
    assert any("Tigrinya" in pair[0] for pair in sheet_of(case, 1, "de", unspoken="Tigrinya").remarks)


def test_a_sheet_says_which_way_a_language_runs_and_isolates_foreign_words(case: Case) -> None:
    data = json.loads(sheet_of(case, 1, "de", "ar").json())
    assert data["languages"] == [["de", "ltr"], ["ar", "rtl"]]
    measure = data["goals"][0]["measure"]
    assert measure == ["Deutsch gesamt: A2 → B1", "مستوى اللغة الألمانية عموما"]
    assert data["goals"][0]["notes"][0][1].startswith("تحقق في \u2068")


def test_what_is_demanded_has_a_line_even_where_nothing_is_known(case: Case) -> None:
    empty = plan_sheet(replace(case.state, items=()), case.speech("de"))
    assert [line.value[0] for line in empty.items] == ["ohne Angabe"] * 4


def test_every_field_of_action_has_a_pictogram_and_an_unknown_one_the_target() -> None:
    fields = (Path(__file__).parents[3] / "data/lists/handlungsfeld.csv").read_text("utf-8").splitlines()[1:]
    drawn = {path.stem for path in PICTOGRAMS.glob("*.svg")}
    assert {line.partition(",")[0] for line in fields} | {"ziel"} == drawn
