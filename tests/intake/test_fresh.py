"""A fresh study directory: what it holds, that its own tests pass, and that nothing secret can be committed from it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from intake.fresh import OURS
from intake.publishing import publish_all
from intake.study import Study, create_study, open_study, shipped
from validation.errors import StudyError

TOWN = {"08235007": "Althengstett"}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Study:
    study = create_study(tmp_path_factory.mktemp("fresh") / "umfrage", template="befragung", municipalities=TOWN)
    with study.store() as store:
        publish_all(study, store)
    return study


def test_it_is_the_study_that_was_asked_for(fresh: Study) -> None:
    assert fresh.name == "befragung"
    assert fresh.order == ("akteure", "bewohner")
    assert fresh.municipalities == TOWN
    assert fresh.alone is not None
    assert all((fresh.dir / name).is_file() for name in OURS)
    assert "--kiosk" in (fresh.dir / "README.md").read_text(encoding="utf-8")
    assert "{" not in (fresh.dir / "README.md").read_text(encoding="utf-8")


def test_a_study_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    study = create_study(tmp_path / "im")
    assert study.name == "integrationsmanagement"
    assert study.alone is None
    assert not (study.dir / "befragung").exists()


def test_a_study_that_is_not_shipped_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="befragung") as caught:
        create_study(tmp_path / "neu", template="../befragung")
    assert caught.value.code == "study.no_template"
    assert list(tmp_path.iterdir()) == []


def test_its_own_tests_pass_with_what_is_installed(fresh: Study, pytester_alone: list[str]) -> None:
    done = subprocess.run([*pytester_alone, "tests"], cwd=fresh.dir, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout  # two for each form, one for the rules


def test_its_tests_find_a_form_that_is_wrong(fresh: Study, pytester_alone: list[str]) -> None:
    form = fresh.dir / "forms" / "akteure.md"
    whole = form.read_text(encoding="utf-8")
    form.write_text(whole.replace("${austausch} != 'nie'", "${austauch} != 'nie'"), encoding="utf-8")
    try:
        wanted = "tests/test_study.py::test_a_form_is_right"
        done = subprocess.run([*pytester_alone, wanted], cwd=fresh.dir, capture_output=True, text=True, check=False)
    finally:
        form.write_text(whole, encoding="utf-8")
    assert done.returncode == 1
    assert "1 failed, 1 passed" in done.stdout


def test_version_control_sees_no_secret(fresh: Study) -> None:
    for name in ("store.db-wal", "kopie.lbb", "certificate.pem", "participation.json", "akteure.jsonl"):
        (fresh.dir / name).write_text("x", encoding="utf-8")
    for name in ("links/a.html", "derived/a", "reports/a.html", "probe/a.csv", "exports/a.csv", "way-office.key"):
        (fresh.dir / name).parent.mkdir(exist_ok=True)
        (fresh.dir / name).write_text("x", encoding="utf-8")
    git = ["git", "-c", "init.defaultBranch=main", "-C", str(fresh.dir)]
    subprocess.run([*git, "init", "--quiet"], check=True, capture_output=True)
    told = subprocess.run([*git, "status", "--porcelain", "-uall"], check=True, capture_output=True, text=True).stdout
    seen = {line[3:].strip('"') for line in told.splitlines()}
    shown = {name for name in seen if not name.startswith(("forms/", "lists/"))}
    assert shown == {
        *OURS, "disclosure.toml", "einladungen.csv", "municipalities.csv", "randsummen.csv", "study.toml",
    }  # fmt: skip


@pytest.fixture(scope="module")
def pytester_alone() -> list[str]:
    """The command that runs pytest as a municipality would, with nothing of this repository's settings."""
    return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", "."]


def test_what_is_shipped_can_be_opened_where_it_lies() -> None:
    assert open_study(shipped("befragung")).title == "Befragung zum Integrationsplan"
