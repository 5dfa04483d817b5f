"""The page of a restricted person says so, in its head and to screen readers; that of others does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from intake.interview.widget import Interview
from intake.store import utc_now
from intake.store.restriction import restrict
from scenario.browser import BarePage
from scenario.cases import desk, office, person

pytestmark = pytest.mark.browser

NOTE = "Eingeschränkt (Art. 18 DSGVO): nur mit Zustimmung nutzen"


@pytest.mark.parametrize("restricted", [True, False])
def test_the_head_says_that_processing_is_restricted(page: Page, tmp_path: Path, restricted: bool) -> None:
    with office(tmp_path, contact=False, clock=utc_now) as store:
        person(desk(store), 1, name="Layla", alter="30")
        if restricted:
            restrict(store, "P-000001", reason="Antrag")
        BarePage(page, Interview(desk(store)).reply)
        page.get_by_role("button", name="Öffnen").first.click()
        page.get_by_role("button", name="Ergänzen oder berichtigen").click()
        expect(page.locator(".lb-correction")).to_be_visible()
        expect(page.get_by_text(NOTE)).to_have_count(int(restricted))
