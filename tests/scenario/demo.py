"""The demo study, filled once for all tests of a run. Tests that change it take a copy."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from intake.study import Study, create_study, open_study
from scenario.commands import run


@pytest.fixture(scope="session")
def demo_study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The demo as `lotsenbuch demo` fills it, without its reports. Don't write to it."""
    from intake.demo import fill_demo

    def fill(where: Path) -> None:
        fill_demo(create_study(where / "demo", demo=True))

    return open_study(_made_once("study", fill, request.config, tmp_path_factory))


@pytest.fixture(scope="session")
def demo_built(request: pytest.FixtureRequest, demo_study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo with its check report and its annual reports, as `lotsenbuch demo` leaves it. Don't write to it."""

    def build(where: Path) -> None:
        shutil.copytree(demo_study.dir, where / "demo")
        done = run("lotsenbuch demo --dir demo", where)
        assert done.code == 0, done.err

    return _made_once("built", build, request.config, tmp_path_factory)


@pytest.fixture
def demo_copy(demo_study: Study, tmp_path: Path) -> Study:
    """A demo of one's own, to write to."""
    return open_study(Path(shutil.copytree(demo_study.dir, tmp_path / "demo")))


def _made_once(name: str, make: Callable[[Path], None], config: pytest.Config, factory: pytest.TempPathFactory) -> Path:
    """This process's own copy of the `demo` that `make` leaves in the directory it is given, called once in a run.

    Where several processes share the tests, the first to need it makes it and the others wait: it takes long.
    """
    here = factory.getbasetemp()
    of_the_run = here.parent if hasattr(config, "workerinput") else here
    kept = of_the_run / f"{name}-of-the-run"
    with (of_the_run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            begun = factory.mktemp(f"{name}-begun")
            make(begun)
            begun.rename(kept)
    return Path(shutil.copytree(kept / "demo", factory.mktemp(name) / "demo"))
