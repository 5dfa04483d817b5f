"""The chapters say everything once, in both shapes, and open texts only where they may."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from intake.study import open_study
from reports.survey.chapters import SurveyReport, open_survey
from reports.survey.counting import Survey, gather
from scenario.survey_made import make


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Survey:
    where = tmp_path_factory.mktemp("survey") / "befragung"
    make(where, 30)
    study = open_study(where)
    with study.store() as store:
        form, records = study.form("akteure", store), list(store.submissions())
    return gather(study, form, records, audience="internal", language="de")


def whole(report: SurveyReport) -> str:
    chapters = [report.response(), report.weighting(), report.results(), report.texts(), report.method()]
    blocks = [block for chapter in chapters for block in chapter.blocks]
    assert all(block.as_typst() for block in blocks)
    return "".join(block.as_html() for block in blocks)


def test_every_question_and_text_stands_on_the_page(inside: Survey, tmp_path: Path) -> None:
    path = tmp_path / "survey.json"
    path.write_text(inside.to_json(), encoding="utf-8")
    text = whole(open_survey(path, language="de"))
    for title, names in inside.sections:
        assert title in text
        assert all(f'id="tabelle-{name}"' in text for name in names)
    assert inside.texts
    assert all(label in text for label in inside.texts)
    assert "36,1" in text  # 30 of 83
    assert "Gewichtet nach: Wussten Sie vor dieser Befragung von dem Plan?" in text


def test_without_texts_and_weights_it_says_so(inside: Survey) -> None:
    bare = replace(inside, texts={}, notes=["Nur intern: Was fehlt?"], weighting=[])
    text = whole(SurveyReport(bare, "de"))
    assert "Nur intern: Was fehlt?" in text
    assert "nicht gewichtet" in text
    assert "Niemand hat etwas" in whole(SurveyReport(replace(bare, notes=[]), "de"))
