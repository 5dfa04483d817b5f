"""The last page: errors with links to their fields, doubts with their reasons, what was kept."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from intake.interview.session import Session
from scenario.interview import NOW, form
from scenario.screen import ANSWERS, LAYERS, Screen, layered

pytestmark = pytest.mark.browser

REVIEW = "Prüfen und abschließen"


def test_a_doubt_is_kept_with_one_click_and_withdrawn_again(page: Page) -> None:
    screen = Screen(page, layered(ANSWERS))
    screen.section(REVIEW)
    doubts = page.locator(".lb-soft")
    expect(doubts.get_by_role("link", name="Alter: Ist das Alter richtig?")).to_be_visible()
    doubts.get_by_role("button", name="Nachgefragt und bestätigt").click()
    expect(doubts).to_have_count(0)
    kept = page.locator(".lb-kept")
    expect(kept.locator("summary")).to_have_text("Ein Hinweis wurde bestätigt")
    expect(kept.get_by_role("button", name="Nachgefragt und bestätigt")).to_be_focused()
    assert [op["value"] for op in screen.ops("override")] == ["asked"]
    page.keyboard.press("Enter")
    expect(doubts).to_have_count(1)
    expect(kept).to_have_count(0)
    assert screen.bare.faults == []


def test_what_is_wrong_is_named_with_its_entry_and_gone_when_it_is_put_right(page: Page) -> None:
    wrong = {"/data/fall/datum": "", "/data/ziele/ziel[1]/was": "", "/data/person/alter": "34"}
    screen = Screen(page, layered(ANSWERS | wrong))
    screen.section(REVIEW)
    summary = page.locator(".lb-summary")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("heading", level=3)).to_have_text("2 Angaben brauchen noch Ihre Aufmerksamkeit")
    expect(summary.get_by_role("heading", level=4)).to_have_text(["Verfahren", "Ziele und Maßnahmen"])
    summary.get_by_role("link", name="Ziel 1, Was soll erreicht werden?").press("Enter")
    box = screen["was"].get_by_role("textbox")
    expect(box).to_be_focused()
    box.fill("Arbeit")
    screen.section(REVIEW)
    expect(summary.get_by_role("link")).to_have_count(1)
    expect(page.get_by_role("navigation").get_by_text("1 Fehler")).to_have_count(1)


def test_a_second_language_on_its_own_line_begins_below_the_first(page: Page) -> None:
    screen = Screen(page, layered(ANSWERS | {"/data/fall/datum": ""}))
    screen.more()
    page.get_by_label("Zweite Sprache").select_option("العربية")
    screen.section(REVIEW)
    lines = page.locator(".lb-summary a, .lb-main section > p").filter(has=page.locator(".lb-second"))
    expect(lines.first).to_be_visible()
    for at in range(lines.count()):
        first, second = (lines.nth(at).locator(name).bounding_box() for name in (".lb-first", ".lb-second"))
        assert first is not None
        assert second is not None
        assert second["y"] > first["y"]
        assert abs(second["x"] - first["x"]) < 2


def test_nothing_is_called_missing_while_its_answer_or_reason_is_under_way(page: Page) -> None:
    screen = Screen(page, layered(ANSWERS | {"/data/person/kurs": ""}))
    screen.section("Person")
    page.evaluate("""() => {
      window.said = [];
      new MutationObserver(() => said.push(document.querySelector(".lb-live").textContent)).observe(
        document.querySelector(".lb-live"), { childList: true, subtree: true });
      const deliver = window.deliver;
      window.held = [];
      window.deliver = (message) => held.push(message);
      window.release = () => { window.deliver = deliver; held.splice(0).forEach(deliver); };
    }""")
    screen["kurs"].get_by_role("button", name="weiß nicht").click()
    screen.section("Person")
    page.keyboard.press("Tab")
    page.wait_for_function("held.length > 0")
    expect(screen["kurs"].locator(".lb-error")).to_have_count(0)
    page.evaluate("release()")
    assert screen.value("/data/person/kurs__missing") == "unknown"
    expect(screen["kurs"].locator(".lb-error")).to_have_count(0)
    assert page.evaluate("said") == []


def test_required_questions_are_marked_and_a_draft_is_never_refused(page: Page) -> None:
    screen = Screen(page, layered())
    expect(screen["datum"].get_by_text("Pflicht")).to_be_visible()
    expect(screen["fallnummer"].get_by_text("Pflicht")).to_be_hidden()
    screen["fallnummer"].get_by_role("textbox").fill("A-17")
    assert screen.value("/data/fall/fallnummer") == "A-17"
    screen.section(REVIEW)
    expect(page.get_by_text("Der Entwurf ist gespeichert.")).to_be_visible()
    page.get_by_role("button", name="Abschließen", exact=True).click()
    expect(page.locator(".lb-summary")).to_be_focused()
    assert screen.session.submitted is None


def test_both_languages_stand_in_the_summary(page: Page) -> None:
    screen = Screen(page, layered({"/data/ziele/ziel[1]/bis": "2027-03-31"}, second="العربية (ar)"))
    screen.section(REVIEW)
    link = page.get_by_role("link", name="Ziel 1, Was soll erreicht werden?")
    expect(link.locator("bdi[lang=ar][dir=rtl].lb-second")).to_contain_text("الهدف 1، ما الذي يجب تحقيقه؟")


def test_a_label_that_is_not_translated_is_said_once_and_keeps_its_direction(page: Page) -> None:
    plain = LAYERS.replace("Datum des Gesprächs | تاريخ اللقاء |", "Datum des Gesprächs (heute) | |")
    screen = Screen(page, Session(form(plain), now=lambda: NOW, language="العربية (ar)", second="Deutsch (de)"))
    page.locator(".lb-item-review button").click()
    first = page.get_by_role("link", name="Datum des Gesprächs").locator("bdi.lb-first")
    expect(first).to_have_text(re.compile("^\u2068Datum des Gesprächs \\(heute\\)\u2069"))
    screen.more()
    page.locator("select[data-keep=head-first]").select_option("Deutsch")
    expect(page.locator(".lb")).to_have_attribute("dir", "ltr")
    second = page.get_by_role("link", name="Datum des Gesprächs").locator("bdi.lb-second")
    expect(second).to_have_attribute("lang", "ar")
    expect(second).not_to_contain_text("Datum")
