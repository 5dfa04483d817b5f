"""The report as files. The kernel itself runs in the example of the command's help (tests/docs/test_help.py)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from pypdf import PdfReader

from reports.municipal_plan import making
from reports.municipal_plan.chapters import MunicipalReport
from reports.municipal_plan.content import Content
from reports.municipal_plan.making import NOTEBOOK, build, frame_of, pages, stem
from scenario.lives import TOWN
from scenario.town_plan import DAY, content, town_plan
from validation.errors import ReportError

ROOT = Path(__file__).parents[3]
CHAPTERS = ("at_a_glance", "fields", "unmeasured", "school_entry", "method")


def run(made: Content) -> Any:
    """The notebook as a kernel would leave it."""
    notebook = nbformat.v4.new_notebook()
    for name in CHAPTERS:
        cell = nbformat.v4.new_code_cell("")
        shown = getattr(MunicipalReport(made, made.language), name)().blocks
        cell.outputs = [nbformat.v4.new_output("display_data", data=block._repr_mimebundle_()) for block in shown]
        notebook.cells.append(cell)
    return notebook


def test_the_page_stands_alone_the_pdf_is_tagged_and_both_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "executed", run)
    study, out, tables = town_plan(tmp_path), tmp_path / "bericht", tmp_path / "tabellen"
    built = build(study, TOWN, day=DAY, audience="council", out=out, tables=tables)
    assert len(built.tables) == 6
    text, pdf = built.html.read_text(encoding="utf-8"), built.pdf.read_bytes()
    assert (text.encode(), pdf) == pages(run(content("council")), content("council"))
    assert "<h1>Kommunaler Integrationsplan</h1>" in text
    assert "Stand: 20.01.2026" in text
    assert "Für den Gemeinderat, nichtöffentlich" in text
    assert not re.search(r'(src|href)="(?!#)', text)
    assert "pdfuaid:part>1<" in pdf.decode("latin-1").replace("\n", "")
    words = " ".join(" ".join(sheet.extract_text().split()) for sheet in PdfReader(built.pdf).pages)
    assert "Ziele ohne messbaren Indikator" in words
    assert "weit hinter dem Plan" in words
    with pytest.raises(ReportError):
        build(study, TOWN, day=DAY.replace(year=2020), out=tmp_path / "leer")
    assert not (tmp_path / "leer").exists()


def test_a_demo_says_so_around_the_chapters() -> None:
    frame = frame_of(replace(content(), demo=True))
    assert frame.marked
    assert "DEMO" in frame.words()["mark"]
    assert "erfunden" in frame.words()["mark_line"]
    assert frame_of(content()).words()["mark_line"] == ""


def test_the_notebook_calls_each_chapter_and_keeps_no_output() -> None:
    notebook = json.loads((ROOT / "notebooks" / NOTEBOOK).read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert ["".join(cell["source"]) for cell in code[2:]] == [f"report.{name}()" for name in CHAPTERS]


def test_files_are_named_by_town_day_audience_and_language() -> None:
    made = content()
    assert stem(made) == "integrationsplan-08235007-2026-01-20"
    other = replace(made, demo=True, audience="internal", language="en")
    assert stem(other) == "DEMO-integrationsplan-08235007-2026-01-20-internal-en"
