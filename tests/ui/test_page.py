"""The pages of an interview in a real browser: first page, sections, the stops between layers, languages."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from intake.interview.session import Session
from intake.interview.worklist import Worklist
from scenario.interview import NOW, Talk, form, store
from scenario.screen import ANSWERS, LAYERS, Screen, in_study, layered

pytestmark = pytest.mark.browser

FULL = ANSWERS | {"/data/person/alter": "34"}


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=2, name=name)).to_be_visible()


def test_a_new_interview_of_a_study_begins_with_its_case_data(page: Page, tmp_path: Path) -> None:
    screen = Screen(page, in_study(tmp_path))
    heading(page, "Angaben zum Gespräch")
    facts = page.locator(".lb-facts")
    expect(facts).to_contain_text("Integration Althengstett")
    expect(facts).to_contain_text("Erika Muster")
    page.get_by_label("Wer dolmetscht?").select_option("eine ehrenamtliche Person")
    page.get_by_role("button", name="Gespräch beginnen").click()
    heading(page, "Verfahren")
    expect(page.get_by_role("heading", level=2, name="Verfahren")).to_be_focused()
    assert [(op["key"], op["value"]) for op in screen.ops("setting")] == [("interpreter", "volunteer")]
    expect(page.locator(".lb-pill-saved")).to_be_visible()
    assert screen.session.course.settings == {"interpreter": "volunteer"}
    assert [op["key"] for op in screen.ops("visit")] == [screen.session.greeting()["sections"][0]["id"]]
    screen.section("Angaben zum Gespräch")
    expect(page.get_by_label("Wer dolmetscht?")).to_have_value("volunteer")
    assert screen.bare.faults == []


LINES = """() => {
  const nav = document.querySelector(".lb-nav");
  const { top, bottom } = nav.getBoundingClientRect();
  const lines = [...nav.querySelectorAll("li, .lb-layer-name")].map((line) => line.getBoundingClientRect());
  const here = nav.querySelector("[aria-current]").getBoundingClientRect();
  return { cut: lines.filter((line) => line.top < top - 1 && line.bottom > top + 4).length,
    scrolled: nav.scrollTop > 0, seen: here.top >= top - 1 && here.bottom <= bottom + 1 };
}"""


def test_the_navigation_shows_where_one_is_and_cuts_no_line(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 560})
    screen = Screen(page, layered(ANSWERS))
    screen.section("Prüfen und abschließen")
    assert page.evaluate(LINES) == {"cut": 0, "scrolled": True, "seen": True}
    pages = page.locator(".lb-nav li:not([hidden]) button")
    for at in reversed(range(pages.count())):
        pages.nth(at).click()
        expect(pages.nth(at)).to_have_attribute("aria-current", "step")
        found = page.evaluate(LINES)
        assert (found["cut"], found["seen"]) == (0, True)


def test_on_a_telephone_the_mark_of_a_demo_stands_in_one_line_with_the_case_number(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    Screen(page, layered(ANSWERS, demo=True))
    mark = page.locator(".lb-head .lb-mark").bounding_box()
    number = page.locator(".lb-head .lb-case").bounding_box()
    assert mark is not None
    assert number is not None
    assert mark["height"] < 30
    assert abs(mark["y"] - number["y"]) < 10  # beside it
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_at_the_end_of_a_layer_it_can_be_printed(page: Page) -> None:
    screen = Screen(page, layered(ANSWERS))
    screen.section("Zwischenstand")
    button = page.locator(".lb-stop").get_by_role("button", name="Drucken")
    button.click()
    expect(page.locator(".lb-paper").get_by_role("heading", level=1)).to_be_focused()
    page.get_by_role("button", name="Zurück zum Gespräch").click()
    expect(button).to_be_focused()


def test_the_mark_of_a_demo_stays_to_the_end(page: Page) -> None:
    screen = Screen(page, layered(ANSWERS, demo=True))
    mark = page.locator(".lb-mark:visible")
    expect(mark).to_have_count(1)
    screen.section("Zwischenstand")
    expect(mark).to_have_count(1)
    screen.section("Prüfen und abschließen")
    page.get_by_role("button", name="Abschließen", exact=True).click()
    expect(page.get_by_role("heading", name="Das Gespräch ist abgeschlossen")).to_be_visible()
    expect(mark).to_have_count(1)


def test_an_interview_goes_on_where_it_was_left(page: Page, tmp_path: Path) -> None:
    work = Worklist(store(tmp_path, LAYERS), zone=UTC, author="tester", form_id="probeplan")
    begun = Talk(work.begin("probeplan"))
    begun.send("answer", begun.key("kurs"), "ja")
    assert begun.session.draft is not None
    Screen(page, work.resume(begun.session.draft.id))
    heading(page, "Person")
    expect(page.locator(".lb-nav [aria-current]")).to_contain_text("Person")


def test_without_a_study_the_first_section_comes_first_and_nobody_asks_who_interprets(page: Page) -> None:
    screen = Screen(page, layered())
    heading(page, "Verfahren")
    screen.section("Angaben zum Gespräch")
    expect(page.get_by_label("Zweite Sprache")).to_be_visible()
    expect(page.get_by_label("Wer dolmetscht?")).to_have_count(0)
    assert screen.ops("visit") == []


def test_the_navigation_groups_the_sections_under_their_layers(page: Page) -> None:
    Screen(page, layered({"/data/fall/datum": "2026-03-02"}))
    groups = page.get_by_role("navigation").get_by_role("list")
    expect(groups).to_have_count(5)
    for at, (name, parts) in enumerate(
        [
            ("Anlegen", ["Verfahren1/3", "Person0/1", "Zwischenstand1 offen"]),
            ("Plan", ["Verfahren0/1", "Person0/1", "Ziele und Maßnahmen0/2", "Zwischenstand1 offen"]),
            ("Vertiefung", ["Alltag0/1", "Zwischenstand"]),
        ]
    ):
        expect(groups.nth(at + 1)).to_have_accessible_name(name)
        expect(groups.nth(at + 1).locator("li:not([hidden])")).to_have_text(parts)
    expect(page.locator(".lb-where")).to_have_text("Anlegen · 1 von 4 Fragen beantwortet ")


def test_the_end_of_a_layer_says_what_is_missing_and_then_that_it_is_done(page: Page) -> None:
    screen = Screen(page, layered({"/data/fall/datum": "2026-03-02"}))
    screen.section("Zwischenstand")
    heading(page, "Anlegen: noch nicht vollständig")
    expect(page.get_by_role("link", name="Verfahren")).to_be_visible()
    page.get_by_role("link", name="Haben Sie einen Kurs besucht?").click()
    expect(screen["kurs"].get_by_role("radio").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(screen["kurs"].get_by_label("Nein")).to_be_checked()
    page.keyboard.press("Alt+PageDown")
    heading(page, "Der Fall ist angelegt")
    expect(page.get_by_role("heading", name="Der Fall ist angelegt")).to_be_focused()
    expect(page.get_by_role("button", name="Prüfen und abschließen")).to_have_count(1)  # in the navigation only
    page.get_by_role("button", name="Weiter mit „Plan“").click()
    expect(screen["anwesend"]).to_be_visible()


def test_after_the_plan_the_interview_counts_as_held_and_can_be_handed_in(page: Page) -> None:
    screen = Screen(page, layered(FULL))
    screen.section("Zwischenstand", 1)
    heading(page, "Der Plan steht")
    expect(page.get_by_text("Das Gespräch gilt damit als geführt.")).to_be_visible()
    expect(page.get_by_role("button", name="Weiter mit „Vertiefung“")).to_be_visible()
    page.locator(".lb-stop").get_by_role("button", name="Prüfen und abschließen").click()
    expect(page.get_by_text("Alle Pflichtfragen sind beantwortet")).to_be_visible()
    screen.section("Zwischenstand", 2)
    expect(page.get_by_text("Hier ist noch nichts beantwortet.")).to_be_visible()


def test_one_may_stop_and_the_work_list_comes_when_all_is_saved(page: Page, tmp_path: Path) -> None:
    screen = Screen(page, in_study(tmp_path))
    page.get_by_role("button", name="Gespräch beginnen").click()
    screen["fallnummer"].get_by_role("textbox").fill("A-17")
    screen.section("Zwischenstand")
    page.evaluate("window.silent = true")
    screen.section("Verfahren")
    screen["fallnummer"].get_by_role("textbox").fill("A-18")
    screen.section("Zwischenstand")
    page.get_by_role("button", name="Hier aufhören").click()
    expect(page.locator(".lb-pill-saving, .lb-pill-not_saved")).to_be_visible()
    assert [message for message in screen.bare.sent() if message["type"] == "overview"] == []
    page.evaluate("window.silent = false")
    page.wait_for_function("window.sent.at(-1).type === 'overview'")
    assert screen.session.instance.value("/data/fall/fallnummer") == "A-18"


def test_a_form_without_layers_has_no_stops(page: Page) -> None:
    Screen(page, Session(form(), now=lambda: NOW))
    names = page.get_by_role("navigation").locator("li:not([hidden]) button > span:first-child")
    expect(names).to_have_text(
        ["Angaben zum Gespräch", "Fall", "Kurs", "Ziele und Maßnahmen", "Prüfen und abschließen"]
    )


def test_a_section_without_a_question_is_left_out_and_left(page: Page) -> None:
    screen = Screen(page, layered(FULL))
    screen.section("Lernen")
    heading(page, "Lernen")
    screen.session.instance.answer("/data/person/kurs", "nein")
    screen["ziel_kurs"].get_by_role("textbox").fill("B1")
    expect(page.get_by_role("navigation").get_by_role("button", name="Lernen")).to_be_hidden()
    expect(page.get_by_role("heading", level=2, name="Person")).to_be_focused()
    expect(page.locator(".lb-live")).to_have_text("Der Abschnitt „Lernen“ entfällt nach der letzten Antwort.")


def test_a_reload_comes_back_to_the_same_page(page: Page, tmp_path: Path) -> None:
    screen = Screen(page, in_study(tmp_path))
    page.get_by_role("button", name="Gespräch beginnen").click()
    screen["fallnummer"].get_by_role("textbox").fill("A-17")
    expect(page.locator(".lb-pill-saved")).to_be_visible()
    screen.section("Ziele und Maßnahmen")
    expect(page.locator(".lb-pill-saved")).to_be_visible()
    page.reload()
    heading(page, "Ziele und Maßnahmen")


def test_both_languages_are_changed_while_interviewing_and_the_page_is_mirrored(page: Page) -> None:
    screen = Screen(page, layered(FULL))
    screen.more()
    second = page.get_by_label("Zweite Sprache")
    second.focus()
    second.select_option("العربية")
    label = screen["name"].locator("label")
    expect(label.locator("bdi[lang=ar][dir=rtl]")).to_have_text("الاسم")
    expect(second).to_be_focused()
    first = page.locator("select[data-keep=head-first]")
    first.focus()
    first.select_option("العربية")
    expect(page.locator(".lb")).to_have_attribute("dir", "rtl")
    expect(page.locator(".lb")).to_have_attribute("lang", "ar")
    expect(first).to_be_focused()
    expect(page.locator("select[data-keep=head-second]")).to_have_value("Deutsch (de)")
    expect(label.locator("bdi").first).to_have_attribute("lang", "ar")
    expect(label.locator("bdi[lang=de][dir=ltr]")).to_have_text("Name, Vorname")
    box = page.locator(".lb-nav").bounding_box()
    assert box is not None
    assert box["x"] > 640  # at the right
    assert [op["value"] for op in screen.ops("language")] == [
        {"first": "Deutsch (de)", "second": "العربية (ar)"},
        {"first": "العربية (ar)", "second": "Deutsch (de)"},
    ]
    page.keyboard.press("Escape")
    expect(page.locator(".lb-panel")).to_be_hidden()
    expect(page.locator(".lb-tool-more")).to_be_focused()


@pytest.mark.parametrize(("width", "height"), [(320, 256), (390, 844), (640, 512)])
def test_nothing_is_wider_than_the_page(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    screen = Screen(page, layered(ANSWERS, second="العربية (ar)"))
    pages = page.get_by_role("navigation").get_by_role("button")
    for at in range(pages.count() or 12):
        page.locator(".lb-menu").click()
        if at >= pages.count():
            break
        pages.nth(at).click()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), at
    screen.page.keyboard.press("Escape")
    page.locator(".lb-tool-more").click()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
