"""The benchmarks run, write what they promise, and are explained. Times are not judged here."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from scenario.browser import REMEDY, chromium
from scenario.postgresql import programs

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(path.name for path in (ROOT / "benchmarks").glob("*.py"))


def test_the_engine_benchmark_compares_with_both_peers_and_writes_json(tmp_path: Path) -> None:
    target = tmp_path / "engine.json"
    command = [sys.executable, "benchmarks/engine.py", "--quick", "--tiny", "--json", str(target)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    written = json.loads(target.read_text(encoding="utf-8"))
    assert written.keys() == {"ratios", "figures"}
    for values in written.values():
        assert values
        assert all(isinstance(value, float) and math.isfinite(value) and value >= 0 for value in values.values())
    peers = {"elementpath", "lxml"}
    assert {name.partition(": ")[0] for name in written["ratios"]} == peers
    for peer in peers:
        assert sum(name.startswith(f"{peer}: ") for name in written["ratios"]) >= 15
    for figure in ("count(//x)", "load a form", "answer to recalculated state", "20 patterns"):
        assert any(figure in name for name in written["figures"]), figure
        assert figure in done.stdout


@pytest.mark.browser
def test_the_interview_benchmark_measures_ours_and_says_what_it_left_out(tmp_path: Path) -> None:
    if chromium() is None:
        pytest.skip(f"no Chromium: {REMEDY}")
    target = tmp_path / "interview.json"
    command = [sys.executable, "benchmarks/interview.py", "--quick", "--tiny", "--without-npm", "--json", str(target)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "@getodk/web-forms: not measured, it was left out" in done.stdout
    written = json.loads(target.read_text(encoding="utf-8"))
    assert {name.partition(": ")[0] for name in written["ratios"]} == {"ipywidgets tree"}
    assert all(
        isinstance(value, float) and math.isfinite(value) for values in written.values() for value in values.values()
    )
    figures = written["figures"]
    for figure in (
        "run to interactive",
        "begun from the work list",
        "select to dependent question, p95",
        "times as long",
    ):
        assert any(figure in name and value > 0 for name, value in figures.items()), figure
    assert figures["of pandas and pyxform, loaded in the kernel"] == 0
    code = figures["code and style at opening, kB"]
    assert 20 < code < 150  # bytes do not depend on the machine: what is demanded of them is held here
    sent = [value for name, value in figures.items() if name.startswith("description and state at opening")]
    assert len(sent) == 4
    assert all(1 < value < 100 for value in sent)


def test_the_store_benchmark_measures_ours_beside_bare_inserts_and_parquet(tmp_path: Path) -> None:
    target = tmp_path / "store.json"
    command = [sys.executable, "benchmarks/store.py", "--quick", "--tiny", "--json", str(target)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    written = json.loads(target.read_text(encoding="utf-8"))
    assert all(
        isinstance(value, float) and math.isfinite(value) and value > 0
        for values in written.values()
        for value in values.values()
    )
    sqlite = {"bare inserts", "bare inserts with the key of versions"}
    peers = {*sqlite, "plain Parquet", *(["bare PostgreSQL inserts"] if programs() else [])}
    assert {name.partition(": ")[0] for name in written["ratios"]} == peers
    assert "append, times as long as bare inserts with the key of versions" in written["figures"]
    for figure in ("append, ours", "answer of a draft, ours", "cold, 20 records, most memory, MB", "warm, 20 records"):
        assert any(name.startswith(figure) for name in written["figures"]), figure
    assert "100,000" not in done.stdout  # what was not measured is not claimed
    if not programs():
        assert "not measured, PostgreSQL 15 or newer is missing" in done.stdout


def test_the_contract_benchmark_compares_the_same_verdicts_and_measures_memory(tmp_path: Path) -> None:
    target = tmp_path / "contract.json"
    command = [sys.executable, "benchmarks/contract.py", "--quick", "--tiny", "--json", str(target)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    written = json.loads(target.read_text(encoding="utf-8"))
    assert all(
        isinstance(value, float) and math.isfinite(value) and value >= 0
        for values in written.values()
        for value in values.values()
    )
    for peer in ("masks by hand", "our row engine"):
        assert {f"{peer}: generated form", f"{peer}: Erstgespräch"} <= written["ratios"].keys()
    assert {"pandera with ordinary checks: generated form", "pydantic: generated form"} <= written["ratios"].keys()
    assert "generated form: most held beside the table, MB" in written["figures"]
    measured = "pointblank: generated form" in written["ratios"]
    assert measured != ("pointblank: not measured, it is not installed" in done.stdout)
    covered = "constraints and relevances over columns, %" in written["figures"]
    assert covered != ("Column coverage: not measured" in done.stdout)


@pytest.mark.parametrize("name", SCRIPTS)
def test_called_wrongly_a_benchmark_exits_2(name: str) -> None:
    command = [sys.executable, f"benchmarks/{name}", "--no-such-option"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_benchmark_is_explained(name: str) -> None:
    text = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    assert f"`{name}`" in text
    assert f"python benchmarks/{name} --quick" in text
