"""One survey study, copied for each test: making its store takes longer than the tests do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from intake.study import Study, open_study
from scenario.alone import survey


@pytest.fixture(scope="session")
def survey_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return survey(tmp_path_factory.mktemp("survey") / "befragung").dir


@pytest.fixture
def study(survey_made: Path, tmp_path: Path) -> Study:
    return open_study(shutil.copytree(survey_made, tmp_path / "befragung"))
