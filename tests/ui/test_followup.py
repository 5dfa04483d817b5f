"""A follow-up in a real browser: each mode on one page, by mouse and key, in German and Arabic, covered, on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from scenario.followed import session
from scenario.screen import Screen
from scenario.seen import small_targets, too_wide, violations

pytestmark = pytest.mark.browser

ARABIC = "العربية (ar)"
PATH = "/data/stand/"


def said(screen: Screen) -> dict[str, str]:
    """What the record would say of the answers, once all is saved."""
    expect(screen.page.locator(".lb-pill-saved")).to_be_visible()
    opened = screen.session
    found = opened.followup.hows(opened.drawing.state(opened.instance), opened.course, opened.drawing)
    return {path.removeprefix(PATH): how for path, how in found.items() if path.startswith(PATH)}


def faultless(screen: Screen) -> None:
    assert violations(screen.page) == []
    assert small_targets(screen.page) == []
    assert too_wide(screen.page) == []
    assert screen.bare.faults == []


def test_every_mode_asks_in_its_way(page: Page) -> None:
    screen = Screen(page, session())
    screen.section("Stand")
    german, lives, works = screen["deutsch"], screen["wohnt"], screen["arbeit"]
    expect(german.locator(".lb-last-said").first).to_have_text(
        "Zuletzt: \u2068B1\u2069 (\u206812.03.2022\u2069). Stimmt das noch?"
    )
    expect(screen["einreise"]).to_contain_text("Übernommen, Stand")
    expect(screen["einreise"].locator("input")).to_have_value("2015")
    for blind in (lives, works, screen["sprachen"], screen["wohl"]):
        expect(blind.locator(".lb-last:visible")).to_have_count(0)
    faultless(screen)

    # proactive: one click or one key confirms, another answer asks
    still = german.get_by_role("button", name="Stimmt noch")
    still.focus()
    page.keyboard.press("Enter")
    expect(still).to_have_attribute("aria-pressed", "true")
    expect(german.get_by_role("radio", name="B1")).to_be_checked()
    expect(german.locator(".lb-last-differs")).to_be_hidden()
    assert said(screen)["deutsch"] == "confirmed"
    german.get_by_role("radio", name="B2").check()
    wrong = german.get_by_role("group", name="Die letzte Angabe").get_by_role("button", name="war falsch")
    expect(page.locator(".lb-live")).to_contain_text("Weicht von der letzten Angabe ab")
    expect(german.get_by_text("Ohne Auswahl gilt: hat sich geändert.")).to_be_visible()
    assert said(screen)["deutsch"] == "changed"
    wrong.click()
    expect(wrong).to_have_attribute("aria-pressed", "true")
    expect(german.get_by_text("Ohne Auswahl gilt")).to_be_hidden()
    assert said(screen)["deutsch"] == "corrected"

    # reactive: nothing while somebody types, the last answer when the box is left and differs
    lives.get_by_role("textbox").press_sequentially("Nagol")
    assert screen.value("/data/stand/wohnt") == "Nagol"
    expect(lives.locator(".lb-last-differs")).to_be_hidden()
    lives.get_by_role("textbox").press_sequentially("d")
    page.keyboard.press("Tab")
    expect(lives.locator(".lb-last-differs")).to_contain_text("Calw")
    lives.get_by_role("button", name="hat sich geändert").click()
    works.get_by_role("radio", name="Ja").check()
    expect(screen["stunden"].locator(".lb-last-said").first).to_contain_text("19,5")
    expect(works.locator(".lb-last-differs")).to_be_hidden()
    screen["wohl"].get_by_role("textbox").fill("3")
    page.keyboard.press("Tab")
    expect(screen["wohl"].locator(".lb-last:visible")).to_have_count(0)
    screen["einreise"].locator("input").fill("2016")
    page.keyboard.press("Tab")
    expect(screen["einreise"].locator(".lb-last-differs")).to_contain_text("2015")
    found = said(screen)
    assert {name: found[name] for name in ("wohnt", "arbeit", "wohl", "einreise")} == {
        "wohnt": "changed", "arbeit": "confirmed", "wohl": "new", "einreise": "changed",
    }  # fmt: skip
    faultless(screen)

    # covered: the answer of before is hidden with the one of now
    page.keyboard.press("F2")
    expect(page.get_by_text("07051 4711")).to_be_hidden()
    page.keyboard.press("F2")
    expect(page.get_by_text("07051 4711")).to_be_visible()

    screen.more()
    page.get_by_role("button", name="Drucken", exact=False).first.click()
    paper = page.locator(".lb-paper")
    expect(paper).to_contain_text("berichtigt; zuletzt: \u2068B1\u2069")
    expect(paper).to_contain_text("geändert; zuletzt: \u2068Calw\u2069")
    expect(paper).not_to_contain_text("Kurdisch")  # reactive and not answered
    expect(paper).not_to_contain_text("Stimmt")
    assert screen.bare.faults == []


def test_in_arabic_it_runs_from_right_to_left_and_asks_in_both_languages(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    screen = Screen(page, session(language=ARABIC, second="Deutsch (de)"))
    page.locator(".lb-menu").click()
    page.get_by_role("navigation").get_by_role("button", name="الوضع").click()
    german = screen["deutsch"]
    line = german.locator(".lb-last-said").first
    expect(line).to_contain_text("آخر إجابة: \u2068B1\u2069")
    expect(line.locator("[lang=de]")).to_contain_text("Stimmt das noch?")
    assert line.evaluate("node => getComputedStyle(node).direction") == "rtl"
    german.get_by_role("radio", name="A2").check()
    expect(german.get_by_role("button", name="كانت خاطئة")).to_be_visible()
    faultless(screen)
