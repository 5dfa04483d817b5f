"""What the quality report counts: faults by kind, owner and question, queries by age, what is missing by reason."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from intake.study import Study
from reports.faults import Faults, gather
from scenario.mending import SECRET, faulty_study
from scenario.stores import START
from validation.errors import ReportError


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return faulty_study(tmp_path / "studie")


def cells(faults: Faults, key: str) -> dict[str, list[object]]:
    return {row.label: [cell.value for cell in row.cells] for row in faults.tables[key].rows}


def test_faults_are_counted_by_what_is_wrong_by_question_and_by_owner(study: Study) -> None:
    faults = gather(study, now=START + dt.timedelta(days=40))
    assert cells(faults, "records") == {"Probe (1)": [4, 1, 1, 2]}
    assert cells(faults, "hits") == {
        "Die Antwort passt nicht zu den Regeln des Formulars.": [1, 1],
        "Es fehlt eine Antwort oder der Grund, warum sie fehlt.": [1, 1],
    }
    assert cells(faults, "questions") == {"Tag des Gesprächs": [1], "Was wird erreicht?": [1]}
    assert cells(faults, "owners") == {"Fallführung": [2, 0, 0]}
    assert faults.not_judged == ("nie",)


def test_queries_are_counted_by_age_and_by_how_they_were_closed(study: Study) -> None:
    faults = gather(study, now=START + dt.timedelta(days=40))
    assert cells(faults, "ages") == {
        "bis 7 Tage": [0, 0], "bis 30 Tage": [0, 0], "bis 90 Tage": [1, 1], "über 90 Tage": [0, 0],
    }  # fmt: skip
    assert cells(faults, "closed") == {"berichtigt": [2, 10], "Ausnahme": [1, 0]}
    assert cells(faults, "waiting") == {"F-1": [1, 40]}
    assert cells(faults, "waivers") == {"F-1, Ziel 1": [20]}
    assert cells(gather(study, now=START + dt.timedelta(days=61)), "waivers") == {}


def test_missing_answers_are_counted_by_reason_where_one_is_wanted_now(study: Study) -> None:
    faults = gather(study, now=START)
    table = faults.tables["missing-probe"]
    assert [column.key for column in table.columns] == ["asked", "share", "unanswered", "refused"]
    assert cells(faults, "missing-probe") == {
        "Was wird erreicht?": [1, Decimal("100.0"), 1, 0],
        "Ort": [4, Decimal("50.0"), 1, 1],
    }


@pytest.mark.parametrize("language", ["de", "en"])
def test_nothing_that_was_answered_or_written_is_in_it(study: Study, language: str) -> None:
    faults = gather(study, now=START, language=language)
    assert SECRET not in faults.to_json()
    assert "2031" not in faults.to_json()


def test_it_travels_as_text_and_a_damaged_one_is_refused(study: Study, tmp_path: Path) -> None:
    faults = gather(study, now=START)
    file = tmp_path / "faults.json"
    file.write_text(faults.to_json(), encoding="utf-8")
    assert Faults.read(file) == faults
    for text in ("", "[]", "{}", faults.to_json()[:-20]):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ReportError):
            Faults.read(file)
