"""The demo study, filled once for all tests of a run. Tests that change it take a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from intake.study import Study, create_study, open_study
from scenario.commands import run


@pytest.fixture(scope="session")
def demo_study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The demo as `lotsenbuch demo` fills it, without its reports. Don't write to it."""
    from intake.demo import fill_demo

    directory = tmp_path_factory.mktemp("study") / "demo"
    fill_demo(create_study(directory, demo=True))
    return open_study(directory)


@pytest.fixture(scope="session")
def demo_built(demo_study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo with its check report and its annual reports, as `lotsenbuch demo` leaves it. Don't write to it."""
    where = tmp_path_factory.mktemp("built")
    shutil.copytree(demo_study.dir, where / "demo")
    done = run("lotsenbuch demo --dir demo", where)
    assert done.code == 0, done.err
    return where / "demo"


@pytest.fixture
def demo_copy(demo_study: Study, tmp_path: Path) -> Study:
    """A demo of one's own, to write to."""
    return open_study(Path(shutil.copytree(demo_study.dir, tmp_path / "demo")))
