"""What most tests of stores begin with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from intake.store import Store
from scenario.stores import Opener, published


@pytest.fixture
def store(opener: Opener) -> Iterator[Store]:
    """Any store, with the form `published()` in it."""
    with opener() as opened:
        opened.publish(published())
        yield opened
