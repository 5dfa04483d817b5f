from __future__ import annotations

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from intake.publishing import publish
from intake.study import Study, create_study
from reports.cli import app
from reports.codebook.making import codebook_of
from scenario.answered import GROWN, SECRET, send
from scenario.diffable import WORKBOOK
from scenario.interview import workbook
from validation.errors import DataError, StudyError, UsageError


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    where = tmp_path_factory.mktemp("codebook")
    made = create_study(where / "study", demo=True)
    with made.store() as store:
        publish(store, workbook(where, WORKBOOK, "one.md"))
        send(store, 1, GROWN)
    return made


def test_a_workbook_needs_no_study(tmp_path: Path) -> None:
    made = codebook_of(str(workbook(tmp_path, WORKBOOK)), tmp_path)
    assert made.figures is None
    assert made.codebook.entries[1].versions == ()


def test_a_form_of_the_study_names_its_versions_and_with_data_its_figures(study: Study) -> None:
    plain = codebook_of("probe", study.dir)
    assert (plain.codebook.entries[1].versions, plain.figures, plain.demo) == (("1",), None, "")
    counted = codebook_of("probe", study.dir, data=True)
    assert counted.figures is not None
    assert counted.figures.records == 1
    assert counted.demo == "DEMO – synthetische Daten"


def test_what_cannot_be_counted_is_refused(study: Study, tmp_path: Path) -> None:
    other = str(workbook(tmp_path, WORKBOOK.replace("| probe |", "| andere |")))
    with pytest.raises(DataError) as refused:
        codebook_of(other, study.dir, data=True)
    assert refused.value.code == "codebook.not_published"
    with pytest.raises(StudyError):
        codebook_of("keins", study.dir)


@pytest.mark.parametrize("ending", ["html", "xlsx"])
def test_the_command_writes_a_file_for_its_owner_and_never_over_another(
    study: Study, tmp_path: Path, ending: str
) -> None:
    file = tmp_path / f"c.{ending}"
    line = ["form", "codebook", "probe", "--study", str(study.dir), "--data", "--out", str(file)]
    done = CliRunner().invoke(app, line)
    assert done.exit_code == 0, done.output
    assert "9 Fragen" in done.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert SECRET.encode() not in file.read_bytes()
    again = CliRunner().invoke(app, line)
    assert isinstance(again.exception, UsageError)
    assert again.exception.code == "document.exists"


def test_the_name_says_that_figures_are_internal(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = codebook_of("probe", study.dir, data=True)
    assert made.write(None) == Path("INTERN-probe-codebuch.html")
    assert codebook_of("probe", study.dir).write(None) == Path("probe-codebuch.html")
    with pytest.raises(UsageError) as refused:
        made.write(tmp_path / "c.pdf")
    assert refused.value.code == "codebook.unknown_ending"
