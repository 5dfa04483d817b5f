"""The one Playwright of a test run: two at once in a process are none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright, expect, sync_playwright

from scenario.browser import REMEDY, chromium


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    """Drives browsers; skips with the remedy where there is no Chromium."""
    if chromium() is None:
        pytest.skip(f"no Chromium: {REMEDY}")
    expect.set_options(timeout=20_000)  # a busy computer is no failure
    with sync_playwright() as playwright:
        yield playwright
