"""The focus is never lost, what happens elsewhere is said once, and a change is taken back where it was made."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from intake.interview.session import Session
from scenario.interview import FORM, NOW, form
from scenario.screen import ANSWERS, Screen, layered

pytestmark = pytest.mark.browser


def test_when_the_question_one_is_in_goes_the_focus_stays_near_and_it_is_said(page: Page) -> None:
    screen = Screen(page, layered(ANSWERS))
    screen.section("Person")
    screen["wo"].get_by_role("textbox").fill("VHS")
    expect(page.locator(".lb-pill-saved")).to_be_visible()
    screen.session.instance.answer("/data/person/kurs", "nein")  # as by a rule that this answer changes
    screen["wo"].get_by_role("textbox").press_sequentially("!")
    expect(page.locator("[data-name=wo]")).to_be_hidden()
    expect(page.locator("[data-name=kurs]")).to_be_focused()
    expect(page.locator(".lb-live")).to_have_text("Die Frage „Wo war der Kurs?“ entfällt nach der letzten Antwort.")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('[data-name]')?.dataset.name") == "kurs"


def test_a_change_is_taken_back_on_its_page_and_said(page: Page) -> None:
    screen = Screen(page, layered())
    screen["name"].get_by_role("textbox").fill("Falsch")
    assert screen.value("/data/fall/name") == "Falsch"
    screen.section("Ziele und Maßnahmen")
    page.get_by_role("button", name="Rückgängig").click()
    box = screen["name"].get_by_role("textbox")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    expect(page.locator(".lb-live")).to_have_text("Rückgängig gemacht: Name, Vorname")
    page.get_by_role("button", name="Rückgängig").click()
    expect(page.locator(".lb-live")).to_have_text("Es gibt nichts, was rückgängig zu machen wäre.")
    assert screen.value("/data/fall/name") == ""


def test_control_z_takes_back_outside_text_fields_only(page: Page) -> None:
    screen = Screen(page, layered(ANSWERS))
    screen.section("Person")
    screen["kurs"].get_by_label("Nein").check()
    assert screen.value("/data/person/kurs") == "nein"
    page.keyboard.press("Control+z")
    expect(screen["kurs"].get_by_label("Ja")).to_be_checked()
    assert screen.value("/data/person/kurs") == "ja"
    box = screen["wo"].get_by_role("textbox")
    box.focus()
    page.keyboard.press("Control+z")
    assert len(screen.ops("undo")) == 1


def test_an_entry_that_was_added_is_taken_back(page: Page) -> None:
    screen = Screen(page, layered(ANSWERS))
    screen.section("Ziele und Maßnahmen")
    page.get_by_role("button", name="Ziel hinzufügen").click()
    expect(page.locator(".lb-card")).to_have_count(2)
    page.get_by_role("button", name="Rückgängig").click()
    expect(page.locator(".lb-card")).to_have_count(1)
    expect(page.locator(".lb-live")).to_have_text("Rückgängig gemacht: Ziel")
    assert page.evaluate("document.activeElement !== document.body")


def test_there_is_one_polite_region_and_it_stays(page: Page) -> None:
    screen = Screen(page, layered(ANSWERS))
    regions = page.locator("main [aria-live=polite], main [role=status]:visible")
    expect(regions).to_have_count(1)
    page.evaluate("window.before = document.querySelector('.lb-live')")
    screen.bare.deliver(screen.session.greeting())
    page.keyboard.press("F2")
    expect(page.locator(".lb-live")).not_to_be_empty()
    assert page.evaluate("window.before === document.querySelector('.lb-live')")


def test_the_whole_interview_goes_by_keyboard(page: Page) -> None:
    screen = Screen(page, layered())
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Zum Inhalt springen")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name="Verfahren")).to_be_focused()
    for keys in (["A-17"], ["Layla"], ["2"], ["3"], ["2026"]):
        page.keyboard.press("Tab")
        page.keyboard.type(keys[0])
    page.keyboard.press("Alt+PageDown")
    expect(page.get_by_role("heading", level=2, name="Person")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(screen["kurs"].get_by_label("Ja")).to_be_checked()
    expect(screen["wo"]).to_be_visible()
    for _ in range(6):  # past the button that clears the choice and the reasons
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('[data-name=wo] input')"):
            break
    page.keyboard.type("VHS")
    page.keyboard.press("Alt+PageDown")
    expect(page.get_by_role("heading", level=2, name="Der Fall ist angelegt")).to_be_focused()
    page.keyboard.press("Alt+PageUp")
    expect(page.get_by_role("heading", level=2, name="Person")).to_be_focused()
    assert screen.value("/data/person/wo") == "VHS"
    assert screen.value("/data/fall/datum") == "2026-03-02"


def test_the_keys_are_told_in_a_window_that_gives_the_focus_back(page: Page) -> None:
    screen = Screen(page, layered())
    screen.more()
    page.get_by_role("button", name="Tastatur").click()
    window = page.get_by_role("dialog", name="Tastatur")
    expect(window.get_by_text("F2", exact=True)).to_be_visible()
    expect(window.get_by_role("button", name="Schließen")).to_be_focused()
    page.keyboard.press("Escape")
    expect(window).to_have_count(0)
    expect(page.locator(".lb-tool-more")).to_be_focused()


BOXES = """
| survey | type | name | label | appearance |
|---|---|---|---|---|
{}

| settings | form_title | form_id | version |
|---|---|---|---|
| | Felder | felder | 1 |
""".format("\n".join(f"| | text | t{at} | Frage {at} | {'multiline' if at % 2 else ''} |" for at in range(8)))


@pytest.mark.parametrize("text", [FORM, BOXES], ids=["kinds", "boxes"])
def test_what_has_the_focus_does_not_lie_under_the_head(page: Page, text: str) -> None:
    page.set_viewport_size({"width": 900, "height": 560})
    Screen(page, Session(form(text), now=lambda: NOW))
    page.get_by_role("heading", level=2).focus()
    under = """() => { const held = document.activeElement, head = document.querySelector(".lb-head");
        return held.getBoundingClientRect().top < head.getBoundingClientRect().bottom; }"""
    for key in ("Tab", "Shift+Tab"):
        for _ in range(18):
            page.keyboard.press(key)
            assert not page.evaluate(f"document.activeElement.closest('.lb-main') ? ({under})() : false")
