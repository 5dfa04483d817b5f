from __future__ import annotations

from pathlib import Path

from conformance.cases import Result
from conformance.documents import Refusal, judge_refusal, read_refusals, run_forms, run_workbooks

from validation.errors import FormError, Place, Problem
from validation.form import Form

FORM = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>T</h:title>
<model><instance><t id="t"><a/><b/></t></instance><instance id="towns" src="jr://file-csv/towns.csv"/>
<bind nodeset="/t/b" calculate="count(instance('towns')/root/item)"/></model></h:head>
<h:body><input ref="/t/a"/>{}</h:body></h:html>"""
SHEET = """
| survey |         |      |       |          |            |
|        | type    | name | label | required | constraint |
|        | integer | rows | Rows  | yes      | . > 2      |
"""


def states(results: list[Result]) -> dict[str, str]:
    return {result.name: result.state for result in results}


def test_a_form_loads_and_one_that_is_refused_for_a_known_reason_passes_too(tmp_path: Path) -> None:
    (tmp_path / "good.xml").write_text(FORM.format(""), "utf-8")
    (tmp_path / "search.xml").write_text(
        FORM.format('<select1 ref="/t/a" appearance="search(\'fruit\')"><item><value>x</value></item></select1>'),
        "utf-8",
    )
    (tmp_path / "strange.xml").write_text(FORM.format("<blink/>"), "utf-8")
    found = states(list(run_forms(tmp_path, [], "forms")))
    assert found == {"good.xml": "passed", "search.xml": "passed", "strange.xml": "failed"}


def test_a_crash_fails(tmp_path: Path) -> None:
    def crash(_: bytes) -> Form:
        raise KeyError

    (tmp_path / "good.xml").write_text(FORM.format(""), "utf-8")
    assert states(list(run_forms(tmp_path, [], "forms", crash))) == {"good.xml": "failed"}


def test_a_refusal_must_speak_of_what_is_there() -> None:
    problem = Problem("form.unsupported", Place(), {"what": "search()"})
    refusals = [Refusal("form.unsupported", "search", "why")]
    assert judge_refusal("x", "<a appearance='search()'/>", [problem], refusals).state == "passed"
    assert judge_refusal("x", "<a/>", [problem], refusals).state == "failed"
    assert judge_refusal("x", "<a appearance='search()'/>", [problem], []).state == "failed"


def test_every_refusal_has_a_reason() -> None:
    assert all(refusal.reason for refusal in read_refusals())


def test_a_workbook_is_filled_and_a_broken_one_is_refused_by_row(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text(SHEET, "utf-8")
    (tmp_path / "broken.md").write_text(SHEET.replace("| rows |", "|      |"), "utf-8")
    (tmp_path / "notes.txt").write_text("no workbook", "utf-8")
    found = states(list(run_workbooks(tmp_path, [], "workbooks")))
    assert found == {"good.md": "passed", "broken.md": "passed"}


def test_a_workbook_that_nothing_can_fill_fails(tmp_path: Path) -> None:
    (tmp_path / "never.md").write_text(SHEET.replace(". > 2", ". > 2 and . < 2"), "utf-8")
    assert states(list(run_workbooks(tmp_path, [], "workbooks"))) == {"never.md": "failed"}


def test_a_reader_that_refuses_everything_passes_nothing(tmp_path: Path) -> None:
    def refuse(_: object) -> Form:
        raise FormError([Problem("form.not_xform")])

    (tmp_path / "good.md").write_text(SHEET, "utf-8")
    (tmp_path / "good.xml").write_text(FORM.format(""), "utf-8")
    assert states(list(run_workbooks(tmp_path, [], "workbooks", refuse))) == {"good.md": "failed"}
    assert states(list(run_forms(tmp_path, [], "forms", refuse))) == {"good.xml": "failed"}
