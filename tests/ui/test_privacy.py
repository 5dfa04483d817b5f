"""The privacy key: what identifies a person is covered while the person looks at the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from scenario.screen import ANSWERS, Screen, in_study, layered

pytestmark = pytest.mark.browser


def visible(page: Page) -> str:
    """Every text and value that can be seen."""
    found: str = page.evaluate(
        """() => [...document.querySelectorAll("main *")]
        .filter((node) => node.checkVisibility({ visibilityProperty: true }))
        .map((node) => (node.value ?? "") + [...node.childNodes].filter((each) => each.nodeType === 3)
        .map((each) => each.data).join("")).join(" ")"""
    )
    return found


def test_names_and_case_numbers_are_covered_by_a_key_and_shown_again(page: Page) -> None:
    Screen(page, layered(ANSWERS))
    assert "Al-Hassan" in visible(page)
    button = page.get_by_role("button", name="Namen verdecken")
    expect(button).to_have_attribute("title", "Namen verdecken (F2)")
    page.keyboard.press("F2")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".lb-live")).to_have_text("Namen, Fallnummern und Angaben zur Person sind verdeckt.")
    assert "Al-Hassan" not in visible(page)
    assert "000017" not in visible(page)
    assert "VHS" not in visible(page)  # another section
    page.keyboard.press("Escape")
    assert "Al-Hassan" not in visible(page)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert "Al-Hassan" in visible(page)
    assert "000017" in visible(page)


def test_a_covered_answer_shows_while_one_is_in_it(page: Page) -> None:
    screen = Screen(page, layered(ANSWERS))
    page.keyboard.press("F2")
    screen["name"].get_by_role("button", name="Verdeckt – anzeigen").click()
    box = screen["name"].get_by_role("textbox")
    expect(box).to_be_focused()
    expect(box).to_have_value("Al-Hassan, Layla")
    box.fill("Al-Hassan, Leila")
    page.keyboard.press("Tab")
    expect(box).to_be_hidden()
    page.keyboard.press("Shift+Tab")
    expect(box).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(screen["fallnummer"].get_by_role("textbox")).to_be_focused()
    expect(box).to_be_hidden()
    assert screen.value("/data/fall/name") == "Al-Hassan, Leila"


def test_it_belongs_to_the_tab_and_outlives_a_reload(page: Page) -> None:
    Screen(page, layered(ANSWERS))
    page.keyboard.press("F2")
    page.reload()
    expect(page.get_by_role("button", name="Namen verdecken")).to_have_attribute("aria-pressed", "true")
    assert "Al-Hassan" not in visible(page)


def test_on_the_first_page_and_on_paper(page: Page, tmp_path: Path) -> None:
    screen = Screen(page, in_study(tmp_path))
    page.keyboard.press("F2")
    assert "Erika" not in visible(page)
    assert "Integration Althengstett" in visible(page)
    screen.more()
    page.get_by_role("button", name="Drucken").click()
    page.emulate_media(media="print")
    expect(page.locator(".lb-paper")).to_be_visible()
    expect(page.locator(".lb-tools")).to_be_hidden()


def test_the_key_works_in_a_window_too(page: Page) -> None:
    """Two versions of an answer are compared there, and they may be names."""
    screen = Screen(page, layered(ANSWERS))
    screen.more()
    page.get_by_role("button", name="Tastatur").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("F2")
    expect(page.locator(".lb-private")).to_have_count(1)
    page.keyboard.press("F2")
    expect(page.locator(".lb-private")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_be_visible()
