from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conformance import expressions, scenarios
from conformance.cases import Suite, read_skips
from conformance.expressions import read_cases, run
from conformance.run import DEMANDED, SOURCES, main, results

from validation.xpath import Value

PROGRAM = Path(__file__).with_name("run.py")
SHARED = Path(__file__).parents[3] / "shared" / "conformance"
CASE = {"suite": "own", "kind": "number", "expected": 3, "expr": "1 + 2", "tz": "UTC"}


def test_the_program_prints_what_passed_ran_and_was_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [CASE, {**CASE, "expected": 4}, {**CASE, "kind": "resultType"}]
    (tmp_path / "xpath.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    written = tmp_path / "out.json"
    code = main(["--cases", str(tmp_path), "--suite", "xpath", "--verbose", "--json", str(written)])
    said = capsys.readouterr().out
    assert code == 1
    assert "xpath                                 1      2       1   50.00%" in said
    assert "own | number |  | line  | 1 + 2\n        4 <> 3.0" in said
    assert [item["state"] for item in json.loads(written.read_text("utf-8"))["xpath"]] == [
        "passed",
        "failed",
        "skipped",
    ]


def test_without_cases_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--cases", str(tmp_path)]) == 2
    assert "xpath.jsonl" in capsys.readouterr().err


def test_it_runs_as_a_program(tmp_path: Path) -> None:
    (tmp_path / "xpath.jsonl").write_text(json.dumps(CASE), "utf-8")
    done = subprocess.run(
        [sys.executable, str(PROGRAM), "--cases", str(tmp_path), "--suite", "xpath"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "100.00%" in done.stdout


@pytest.mark.parametrize("suite", SOURCES)
def test_the_cases_of_other_projects_reach_what_is_demanded(suite: str) -> None:
    if not (SHARED / SOURCES[suite]).exists():
        pytest.skip(f"the cases of other projects are not here: {SHARED / SOURCES[suite]}")
    skips = read_skips()
    found = Suite(suite, list(results(suite, SHARED, skips)))
    failed = [result.name for result in found.results if result.state == "failed"]
    assert found.share >= DEMANDED[suite], failed


def test_empty_text_passes_no_case_of_other_projects_that_expects_something_else() -> None:
    source = SHARED / SOURCES["xpath"]
    if not source.exists():
        pytest.skip(f"the cases of other projects are not here: {source}")
    asking = [
        case for case in read_cases(source) if case["expected"] not in ("", "^$") and case["kind"] != "string.length"
    ]
    passed = [
        result.name
        for result in run(asking, read_skips(), "xpath", lambda *_args, **_more: Value(""))
        if result.state == "passed"
    ]
    assert passed == []


def test_every_skip_leaves_something_out() -> None:
    sources = {suite: SHARED / SOURCES[suite] for suite in ("xpath", "scenarios")}
    if not all(source.exists() for source in sources.values()):
        pytest.skip(f"the cases of other projects are not here: {SHARED}")
    names = {
        "xpath": [expressions.name_of(case) for case in read_cases(sources["xpath"])],
        "scenarios": [scenarios.name_of(case) for case in read_cases(sources["scenarios"]) if case["usable"]],
    }
    for skip in read_skips():
        assert any(skip.covers(skip.suite, name) for name in names[skip.suite]), skip
