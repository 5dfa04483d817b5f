"""The commands that make reports, and how refusals and faults of ours are said."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from intake.study import Study
from scenario.commands import environment, run


@pytest.fixture
def study(demo_copy: Study) -> Path:
    return demo_copy.dir


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("--municipality 08235999 --year 2022", 1, "08235007"),
        ("--municipality 08235007 --year 1999", 1, "2022"),
        ("--municipality 8235007 --year 2022", 2, "acht"),
        ("--municipality Althengstett --year 2022", 2, "acht"),
        ("--municipality 08235007 --year 2022 --language fr", 2, "de"),
    ],
)
def test_a_report_that_cannot_be_made_is_refused_in_one_line_and_nothing_is_written(
    arguments: str, code: int, words: str, study: Path
) -> None:
    before = kept(study)
    done = run(f"lotsenbuch report annual {arguments} --study demo", study.parent)
    assert done.code == code, done.err
    assert words in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert kept(study) == before


def kept(study: Path) -> list[str]:
    """The files of a study, without those of the database and the sealed copies of its records: they come and go."""
    found = (path for path in study.rglob("*") if "derived" not in path.relative_to(study).parts)
    return sorted(path.name for path in found if not path.name.endswith(("-wal", "-shm")))


def test_batch_wants_to_know_for_whom(study: Path) -> None:
    assert run("lotsenbuch report batch --year 2022 --study demo", study.parent).code == 2
    assert run("lotsenbuch report batch --year 2022 --all --municipality 08235007 --study demo", study.parent).code == 2


def test_batch_goes_on_after_a_failure_and_shows_every_town_in_its_table(study: Path) -> None:
    asked = "--municipality 08999999 --municipality 08999001"
    done = run(f"lotsenbuch report batch --year 2022 {asked} --study demo --out made", study.parent)
    assert done.code == 1
    assert "08999999" in done.out
    assert "nicht erstellt" in done.out
    assert (study.parent / "made" / "DEMO-jahresbericht-08999001-2022.pdf").read_bytes().startswith(b"%PDF")


def test_a_second_demo_changes_nothing_and_names_the_same_files(demo_built: Path, tmp_path: Path) -> None:
    study = Path(shutil.copytree(demo_built, tmp_path / "demo"))

    def state() -> dict[str, tuple[int, int]]:
        return {
            str(path): (path.stat().st_mtime_ns, path.stat().st_size)
            for path in study.rglob("*")
            if path.is_file() and not path.name.endswith(("-wal", "-shm"))
        }

    before = state()
    second = json.loads(run("lotsenbuch demo --dir demo --json", tmp_path).out)
    assert {Path(file).name for file in second["files"]} <= {Path(path).name for path in before}
    assert len(second["files"]) == 8
    assert state() == before


def test_the_demo_makes_its_reports_anew_when_something_was_stored_since(demo_built: Path, tmp_path: Path) -> None:
    from intake.study import open_study

    study = open_study(Path(shutil.copytree(demo_built, tmp_path / "demo")))
    page = study.reports / "DEMO-jahresbericht-08999001-2022.html"
    before = page.stat().st_mtime_ns
    with study.store() as store:
        latest = next(iter(store.submissions("stelle")))
        store.append(replace(latest, version=latest.version + 1, reason="Angabe berichtigt"))
    assert run("lotsenbuch demo --dir demo", tmp_path).code == 0
    assert page.stat().st_mtime_ns > before


def test_the_demo_refuses_a_real_study(study: Path) -> None:
    settings = study / "study.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("demo = true", "demo = false"), encoding="utf-8")
    done = run("lotsenbuch demo --dir demo", study.parent)
    assert done.code == 2
    assert "--dir" in done.err


def test_a_fault_of_ours_is_said_without_its_text_because_that_may_hold_an_answer() -> None:
    broken = "def broken(**settings): raise KeyError('Geheimer Name')"
    program = f"import reports.cli as cli\n{broken}\ncli.app = broken\ncli.main()\n"
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "KeyError" in done.stderr
    assert "Geheimer" not in done.stderr
    assert "Traceback" not in done.stderr
