"""The codebook as a page: axe-core finds nothing, nothing is wider than the screen, its links need no network."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from intake.tables import published_forms
from reports.codebook.counts import figures
from reports.codebook.entries import codebook
from reports.codebook.page import page as page_of
from scenario.answered import answered
from scenario.diffable import version
from scenario.seen import violations

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("codebook")
    store = answered(where)
    counted = figures(store, published_forms(store)["probe"])
    made = where / "codebuch.html"
    made.write_text(page_of(codebook(version()), counted, demo="DEMO – synthetische Daten"), encoding="utf-8")
    return made


@pytest.mark.parametrize("width", [1280, 390])
def test_it_is_accessible_and_fits_the_screen(page: Page, file: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(file.as_uri())
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_contents_lead_to_the_question_and_nothing_is_fetched(page: Page, file: Path) -> None:
    asked: list[str] = []

    def see(route: Route) -> None:
        asked.append(route.request.url)
        route.continue_()

    page.route("**/*", see)
    page.goto(file.as_uri())
    page.get_by_role("navigation", name="Inhalt").get_by_role("link", name="Stadt").click()
    expect(page.get_by_role("heading", name="4 Stadt")).to_be_in_viewport()
    page.get_by_role("link", name="Frage 3").last.click()
    expect(page.get_by_role("heading", name="3 Land")).to_be_in_viewport()
    assert [each for each in asked if not each.startswith("file:")] == []


def test_on_paper_nothing_is_cut_off(page: Page, file: Path) -> None:
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 674, "height": 900})  # A4 less its margins
    page.goto(file.as_uri())
    cut = "[...document.querySelectorAll('.scroll')].filter(each => each.scrollWidth > each.clientWidth + 1).length"
    assert page.evaluate(cut) == 0
