"""Every block of the README is executed: shell lines as typed, Python in one session inside the demo study."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from intake.study import Study
from scenario.commands import environment, run, serve_and_ask

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))


def blocks(kind: str) -> list[str]:
    return [text for found, text in BLOCKS if found == kind]


def make(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`make` on this checkout with this environment, which counts as installed."""
    venv = Path(sys.executable).parent.parent
    return subprocess.run(
        ["make", f"VENV={venv}", "-o", f"{venv}/.installed", *arguments],
        cwd=ROOT,
        env={**environment(), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_there_is_no_kind_of_block_that_nothing_executes() -> None:
    assert {kind for kind, _ in BLOCKS} <= {"sh", "make", "powershell", "python", "text"}
    assert len(blocks("make")) == 2


def test_make_demo_ends_with_the_paths_of_the_reports(tmp_path: Path, demo_built: Path) -> None:
    assert blocks("make")[0].strip() == "make demo"
    shutil.copytree(demo_built, tmp_path / "demo")
    done = make("demo", f"DEMO={tmp_path / 'demo'}")
    assert done.returncode == 0, done.stderr
    assert "DEMO-jahresbericht-08235007-2022.html" in done.stdout
    assert "DEMO-jahresbericht-08235007-2022.pdf" in done.stdout


def test_make_test_finds_every_test() -> None:
    assert blocks("make")[1].strip() == "make test"
    done = make("test", WORKERS="0", PYTEST_ADDOPTS="--collect-only -q")
    assert done.returncode == 0, done.stdout
    assert "test_readme.py" in done.stdout


def test_the_steps_without_make_are_the_steps_of_the_makefile() -> None:
    """Windows and macOS type what the Makefile types: environment, lock, ourselves, demo."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for text in blocks("powershell"):
        lines = [re.sub(r"^(?:py -3\.11|python3|\S*python(?:\.exe)?) ", "", line) for line in text.strip().splitlines()]
        steps = [re.sub(r"^\S*[\\/]", "", line) for line in lines]
        assert steps[0] == "-m venv .venv"
        assert steps[1] == "-m pip install --no-deps --require-hashes -r requirements.lock"
        assert steps[2] == "-m pip install --no-deps --no-build-isolation --editable ."
        for step in steps[1:3]:
            for option in re.findall(r"--[a-z-]+", step):
                assert option in makefile
    assert blocks("powershell")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, demo_study: Study) -> Path:
    """A directory as a reader has it after `make demo`: the checkout's data and a demo study of its own."""
    where = tmp_path_factory.mktemp("desk")
    shutil.copytree(demo_study.dir, where / "demo")
    shutil.copytree(ROOT / "data" / "forms", where / "data" / "forms")
    shutil.copytree(ROOT / "data" / "lists", where / "data" / "lists")
    return where


@pytest.mark.parametrize("text", blocks("sh"))
def test_a_shell_block_does_what_it_says(text: str, desk: Path) -> None:
    for line in text.strip().splitlines():
        if line.startswith("lotsenbuch interview"):
            assert serve_and_ask(line + " --no-browser --port 0", desk) == 200
        else:
            done = run(line, desk)
            assert done.code == 0, (line, done.err)


def test_the_python_blocks_run_in_one_session(desk: Path) -> None:
    program = "\n".join(blocks("python"))
    assert program
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=desk, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
