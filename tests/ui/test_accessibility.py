"""WCAG 2.2 AA of every place of the interview: axe-core finds nothing, in no scheme and at no width.

What axe-core does not measure is measured here: that the focus is seen and never covered, and that targets are large
enough. That each check would find something is tested at the end. The whole of all places in all views is `long`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from intake.interview.widget import Interview
from scenario.seen import focus, small_targets, too_wide, violations
from scenario.shipped import GAPS, MORE, REVIEW, Desk, Office, office

pytestmark = pytest.mark.browser

WIDE, PHONE, ZOOMED = {"width": 1280, "height": 900}, {"width": 390, "height": 844}, {"width": 320, "height": 256}
"""A screen, a telephone, and the screen at 400 %."""
VIEWS: dict[str, tuple[dict[str, int], dict[str, Any]]] = {
    "light": (WIDE, {}),
    "dark": (WIDE, {"color_scheme": "dark"}),
    "forced": (WIDE, {"forced_colors": "active"}),
    "phone": (PHONE, {}),
    "zoomed": (ZOOMED, {}),
    "zoomed dark": (ZOOMED, {"color_scheme": "dark"}),
}
SAMPLE = ("A Verfahren und Einwilligung", "M Ziele")
"""Sections that together have every kind of question of the form, and cards."""


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("office")) as made:
        made.begun(*GAPS)
        yield made


@pytest.fixture(scope="module")
def desk(browser: Browser, opened: Office) -> Iterator[Desk]:
    """One page for all these tests: what is looked at is not changed."""
    context = browser.new_context(viewport=WIDE, locale="de-DE", reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield Desk(page, opened.worklist)
    context.close()


@pytest.fixture(autouse=True)
def _plain(desk: Desk) -> Iterator[None]:
    """Each test begins at the work list, on a wide screen in light colours."""
    look(desk.page, "light")
    desk.home()
    yield
    assert desk.bare.faults == []
    assert desk.bare.asked_for == []


def look(page: Page, view: str) -> None:
    size, media = VIEWS[view]
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.emulate_media(**{"color_scheme": "light", "forced_colors": "none"} | media)


def faults(page: Page, view: str) -> list[str]:
    """Everything that is wrong with what is on screen."""
    return [f"{view}: {each}" for each in (*violations(page), *small_targets(page), *too_wide(page))]


def check(desk: Desk, views: Iterable[str]) -> None:
    """Look at what is on screen in each view. Fails with everything that was found."""
    wrong = []
    for view in views:
        look(desk.page, view)
        wrong += faults(desk.page, view)
    assert wrong == []


def walk(desk: Desk, views: Iterable[str], names: tuple[str, ...] = ()) -> int:
    """Look at every page of the open interview, or at the first of each name; how many they were."""
    wrong: list[str] = []
    seen: list[str] = []
    for at in range(desk.count()):
        look(desk.page, "light")
        name = desk.turn(at)
        if names and (name in seen or name not in names):
            continue
        seen.append(name)
        for view in views:
            look(desk.page, view)
            wrong += [f"{name}, {each}" for each in faults(desk.page, view)]
    assert wrong == []
    return len(seen)


def test_every_page_of_the_shipped_interview_in_german_and_arabic(desk: Desk) -> None:
    desk.resume()
    desk.second()
    assert walk(desk, ["light"]) >= 34


def test_sections_and_cards_in_every_view(desk: Desk) -> None:
    desk.resume()
    desk.second()
    assert walk(desk, [view for view in VIEWS if view != "light"], SAMPLE) == 2


@pytest.mark.long
def test_every_page_in_every_view_and_with_arabic_first(desk: Desk) -> None:
    desk.resume()
    desk.second()
    walk(desk, VIEWS)
    desk.second("keine")
    walk(desk, ["light", "dark", "zoomed"])
    desk.first("العربية")
    walk(desk, ["light", "phone", "zoomed"])
    desk.first("Deutsch")


def test_the_summary_of_errors_and_the_end_of_a_layer_in_every_view(desk: Desk) -> None:
    desk.resume()
    desk.second()
    desk.go(REVIEW)
    expect(desk.page.locator(".lb-summary").first).to_be_visible()
    check(desk, VIEWS)
    look(desk.page, "light")
    desk.go("Zwischenstand")
    check(desk, ["dark", "forced", "zoomed"])


def test_the_work_list_and_the_quick_contact_in_every_view(desk: Desk) -> None:
    check(desk, VIEWS)
    look(desk.page, "light")
    desk.page.get_by_role("button", name="Öffnen").first.click()
    desk.page.get_by_role("button", name="Kontakt eintragen", exact=True).click()
    expect(desk.page.locator(".lb-contact")).to_be_visible()
    desk.page.locator(".lb-contact summary").click()
    check(desk, VIEWS)


def test_what_is_opened_over_a_page(desk: Desk) -> None:
    page = desk.page
    desk.resume()
    desk.second()
    page.get_by_role("button", name=MORE).click()
    check(desk, ["light", "forced", "phone", "zoomed dark"])
    look(page, "light")
    page.get_by_role("button", name="Tastatur").click()
    check(desk, ["light", "zoomed dark"])
    page.keyboard.press("Escape")
    page.keyboard.press("F2")
    check(desk, ["dark", "forced"])
    page.keyboard.press("F2")


def test_the_print_view(desk: Desk) -> None:
    desk.resume()
    desk.second()
    desk.page.get_by_role("button", name=MORE).click()
    desk.page.get_by_role("button", name="Drucken").click()
    expect(desk.page.locator(".lb-paper")).to_be_visible()
    check(desk, ["light", "dark", "phone", "zoomed"])
    desk.page.get_by_role("button", name="Zurück zum Gespräch").click()


def test_two_versions_of_an_answer(desk: Desk, opened: Office) -> None:
    desk.resume()
    desk.go("A Verfahren")
    expect(desk.page.locator(".lb-pill-saved")).to_be_visible()
    box = desk.page.locator(".lb-question[data-name=zustaendig] input")
    elsewhere = Interview(opened.worklist)
    (draft,) = opened.worklist.store.journal.drafts()
    (greeting,) = elsewhere.reply({"type": "open", "draft": draft.id, "view": "other"})
    key = desk.page.locator(".lb-question[data-name=zustaendig]").first.get_attribute("data-key")
    op = {"type": "op", "op": "answer", "op_id": "elsewhere", "key": key, "draft": draft.id, "view": "other"}
    (reply,) = elsewhere.reply({**op, "base": greeting["sequence"], "value": "S-07"})
    assert reply["type"] == "ack"
    box.fill("S-03")
    box.press("Tab")
    expect(desk.page.get_by_role("dialog")).to_be_visible()
    check(desk, VIEWS)
    desk.page.get_by_role("dialog").get_by_role("button").first.click()
    expect(desk.page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("view", ["light", "dark", "zoomed"])
def test_the_focus_is_seen_and_nothing_lies_over_it(desk: Desk, view: str) -> None:
    desk.resume()
    desk.second()
    desk.go("Ziele")
    look(desk.page, view)
    for key, start in (("Tab", "h2"), ("Shift+Tab", ".lb-actions button")):
        desk.page.locator(f".lb-main {start}").locator("visible=true").last.focus()
        places = []
        for _ in range(80):
            desk.page.keyboard.press(key)
            held = focus(desk.page)
            if held["place"] < 0 or held["place"] in places:  # past the end, or round
                break
            assert not held["covered"], (view, key, held)
            assert held["contrast"] >= 3, (view, key, held)
            places.append(held["place"])
        assert len(places) > 25, "the focus went through the whole section"


def test_the_checks_would_find_something(desk: Desk) -> None:
    page = desk.page
    style = "(style) => { document.querySelector('.lb-desk %s').style.cssText = style; }"
    page.evaluate("document.querySelector('.lb-desk label').remove()")
    page.evaluate(style % "h2", "color: #ccc")
    assert {"label", "color-contrast"} <= {each.split(":")[0] for each in violations(page)}
    assert small_targets(page) == []
    page.evaluate(style % "button", "height: 20px; min-height: 0; padding: 0")
    assert len(small_targets(page)) == 1
    assert too_wide(page) == []
    page.evaluate(style % "h2", "width: 2000px")
    assert too_wide(page)
    page.locator(".lb-desk input").first.focus()
    for outline, lowest, highest in (("none", 0, 0), ("1px solid #000", 0, 0), ("3px solid #eee", 1, 3)):
        page.evaluate(style % "input", f"outline: {outline}")
        assert lowest <= focus(page)["contrast"] <= highest
    assert not focus(page)["covered"]
    page.evaluate("""() => {
        const cover = document.createElement("div");
        cover.style.cssText = "position: fixed; inset: 0; background: white";
        document.querySelector(".lb-desk").append(cover);
    }""")
    assert focus(page)["covered"]
    page.evaluate("document.activeElement.blur()")
    assert focus(page)["covered"]
