"""The quality report as a team leader gets it: one page that stands alone, by label, without any answer."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from intake.publishing import publish_all
from intake.study import create_study
from reports.blocks import Chart, Note, Sentence, Table
from reports.faults import Faults, gather
from reports.quality import NOTEBOOK, QualityReport, build, open_quality
from scenario.mending import SECRET, faulty_study
from scenario.stores import START

ROOT = Path(__file__).parents[2]
NOW = START + dt.timedelta(days=40)
CHAPTERS = ("at_a_glance", "hits", "queries", "completeness", "records", "method")


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Faults:
    return gather(faulty_study(tmp_path_factory.mktemp("quality") / "studie"), now=NOW)


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Faults:
    study = create_study(tmp_path_factory.mktemp("empty") / "studie")
    with study.store() as store:
        publish_all(study, store)
    return gather(study, now=NOW)


def said(report: QualityReport) -> str:
    return "".join(block.as_html() for name in CHAPTERS for block in getattr(report, name)().blocks)


def test_the_page_names_what_is_wrong_who_mends_it_and_which_case_waits(faults: Faults) -> None:
    text = said(QualityReport(faults))
    for words in (
        "Die Antwort passt nicht zu den Regeln des Formulars.", "Fehler, Fallführung: Tag des Gesprächs", "F-1",
        "Fallführung: Tag des Gesprächs", "bis 90 Tage", "berichtigt", "Fehlende Angaben: Probe",
    ):  # fmt: skip
        assert words in text
    assert SECRET not in text


def test_each_chart_says_in_words_what_it_shows(faults: Faults) -> None:
    blocks = [block for name in CHAPTERS for block in getattr(QualityReport(faults), name)().blocks]
    charts = [block for block in blocks if isinstance(block, Chart)]
    assert len(charts) == 3
    assert "Tag des Gesprächs: 1" in charts[0].alt
    assert "Ort: 50.0" in charts[2].alt


def test_a_study_without_records_or_faults_says_so_and_draws_nothing(nothing: Faults) -> None:
    report = QualityReport(nothing)
    assert report.faults.as_of == ""
    for name, kinds in (("hits", Sentence), ("queries", Sentence), ("completeness", Sentence)):
        blocks = getattr(report, name)().blocks
        assert [type(block) for block in blocks[1:]] == [kinds]
    records = report.records().blocks
    assert isinstance(records[1], Table)
    assert isinstance(records[2], Note)
    assert "ein_plan_je_person" in records[2].text
    assert "{" not in said(report)


def test_english_is_whole(faults: Faults) -> None:
    assert "Data quality" not in said(QualityReport(faults))
    text = said(QualityReport(faults, "en"))
    assert "There is something to mend." in text


def test_the_notebook_calls_each_chapter_and_keeps_no_output() -> None:
    notebook = json.loads((ROOT / "notebooks" / NOTEBOOK).read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    called = ["".join(cell["source"]) for cell in code[2:]]
    assert called == [f"report.{name}()" for name in CHAPTERS]


def test_the_page_stands_alone_and_the_file_is_refused_when_damaged(tmp_path: Path) -> None:
    study = faulty_study(tmp_path / "studie")
    path = build(study, now=NOW, out=tmp_path)
    page = path.read_text(encoding="utf-8")
    assert path.name == "DEMO-datenqualitaet.html"
    assert "<h1>Datenqualität</h1>" in page
    assert "Erstellt am 11.04.2026 · letzter Eingang: 12.03.2026" in page
    assert "Nur für den internen Gebrauch" in page
    assert page.count("<svg") == 3
    assert not re.search(r'(src|href)="(?!#)', page)
    assert SECRET not in page
    (tmp_path / "kaputt.json").write_text("{}", encoding="utf-8")
    with pytest.raises(Exception, match="kaputt"):
        open_quality(tmp_path / "kaputt.json", language="de")
