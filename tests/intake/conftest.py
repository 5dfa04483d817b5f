"""Every store there is, for the tests of what all of them promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.store import open_store
from scenario.stores import KEY, Clock, Opener
from scenario.team import team_opener


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def opener(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Opener:
    """Opens the same store again and again, in the way the parameter names."""
    if request.param == "postgresql":
        return team_opener(request.getfixturevalue("postgresql"), clock)
    return lambda: open_store(tmp_path / "store.db", key=KEY, create=True, clock=clock, wait=0.1)
