"""Every control of the interview in a real browser, the module in a bare page with a real session behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from intake.interview.session import Session
from intake.interview.worklist import Worklist
from scenario.interview import FORM, NOW, form, store
from scenario.screen import Screen

pytestmark = pytest.mark.browser

Opened = Callable[..., Screen]

LONG = """
| survey | type | name | label::Deutsch (de) | label::English (en) |
|---|---|---|---|---|
| | select_multiple land | laender | Länder | Countries |
| | select_one land | eines | Ein Land | One country |

| choices | list_name | name | label::Deutsch (de) | label::English (en) |
|---|---|---|---|---|
{rows}

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Länder | laender | 1 | Deutsch (de) |
"""
COUNTRIES = ["Ägypten/Egypt", "Albanien/Albania", "Eritrea/Eritrea", "Georgien/Georgia", "Irak/Iraq", "Iran/Iran",
             "Kamerun/Cameroon", "Kosovo/Kosovo", "Nigeria/Nigeria", "Pakistan/Pakistan", "Russland/Russia",
             "Somalia/Somalia", "Sudan/Sudan", "Syrien/Syria", "Türkei/Turkey", "Ukraine/Ukraine"]  # fmt: skip
HOSTILE = """
| survey | type | name | label | hint |
|---|---|---|---|---|
| | begin_group | g | {0} | |
| | text | a | {0} | {1} |
| | select_one c | b | {1} | {0} |
| | note | n | {2} | {0} |
| | begin_repeat | r | {1} | |
| | text | t | {0} | |
| | end_repeat | | | |
| | end_group | | | |

| choices | list_name | name | label |
|---|---|---|---|
| | c | x | {0} |
| | c | y | {1} |

| settings | form_title | form_id | version |
|---|---|---|---|
| | {0} | hostile | 1 |
"""


@pytest.fixture
def opened(page: Page) -> Opened:
    def open_(text: str = FORM, *, second: str | None = None) -> Screen:
        return Screen(page, Session(form(text), now=lambda: NOW, second=second))

    return open_


def focused(page: Page) -> str:
    """The id of what has the focus."""
    found: str = page.evaluate("document.activeElement.id")
    return found


def test_text_numbers_and_dates_reach_python_as_typed(opened: Opened) -> None:
    screen = opened()
    screen["name"].get_by_role("textbox").fill("Layla")
    screen["alter"].get_by_role("textbox").fill("34")
    screen["stunden"].get_by_role("textbox").fill("7,5")
    screen["geburtsdatum"].get_by_label("Tag").fill("3")
    screen["geburtsdatum"].get_by_label("Monat").fill("4")
    screen["geburtsdatum"].get_by_label("Jahr").fill("1991")
    assert screen.value("/data/fall/name") == "Layla"
    assert screen.value("/data/fall/alter") == "34"
    assert screen.value("/data/fall/stunden") == "7.5"
    assert screen.value("/data/fall/geburtsdatum") == "1991-04-03"
    assert screen.bare.faults == []
    assert screen.bare.asked_for == []


def test_choices_boxes_range_and_acknowledgement_reach_python(opened: Opened) -> None:
    screen = opened()
    screen["sprachen"].get_by_label("Arabisch").check()
    screen["sprachen"].get_by_label("Andere").check()
    assert screen.value("/data/fall/sprachen") == "ar andere"
    screen["sprachen"].get_by_label("Arabisch").uncheck()
    assert screen.value("/data/fall/sprachen") == "andere"
    screen.next()
    screen["besucht"].get_by_label("Ja").check()
    screen["wo"].get_by_role("textbox").fill("VHS\nKreuzberg")
    screen["zufrieden"].get_by_role("slider").press("Home")
    screen["zufrieden"].get_by_role("slider").press("ArrowRight")
    screen["einwilligung"].get_by_role("checkbox").check()
    assert screen.value("/data/kurs/besucht") == "ja"
    assert screen.value("/data/kurs/wo") == "VHS\nKreuzberg"
    assert screen.value("/data/kurs/zufrieden") == "1"
    assert screen.value("/data/kurs/einwilligung") == "OK"


def test_a_list_is_searched_in_both_languages_by_keyboard(opened: Opened) -> None:
    screen = opened(second="English (en)")
    box = screen["land"].get_by_role("combobox")
    box.press_sequentially("turk")
    expect(screen["land"].get_by_role("option")).to_have_text(["Türkei Turkey"])
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant")
    box.press("Enter")
    expect(box).to_have_value("Türkei")
    expect(box).to_have_attribute("aria-expanded", "false")
    assert screen.value("/data/fall/land") == "TR"
    box.fill("")
    box.press("Tab")
    assert screen.value("/data/fall/land") == ""
    box.fill("Atlantis")
    expect(screen["land"].get_by_text("Kein Treffer")).to_be_visible()
    box.press("Tab")
    expect(screen["land"].get_by_text("steht nicht in der Liste")).to_be_visible()
    expect(box).to_have_value("Atlantis")
    box.fill("ukraine")
    box.press("Escape")
    box.press("Tab")
    assert screen.value("/data/fall/land") == "UA"


def test_many_choices_of_which_several_count_are_a_list_with_chips(opened: Opened) -> None:
    rows = "\n".join(f"| | land | l{at} | {' | '.join(name.split('/'))} |" for at, name in enumerate(COUNTRIES))
    screen = opened(LONG.format(rows=rows))
    box = screen["laender"].get_by_role("combobox")
    for typed in ("agyp", "syr"):
        box.fill(typed)
        box.press("ArrowDown")
        box.press("Enter")
    assert screen.value("/data/laender") == "l0 l13"
    screen["laender"].get_by_role("button", name="Entfernen: Ägypten").click()
    assert screen.value("/data/laender") == "l13"
    assert screen.session.greeting()["state"]["s3"]["label"] == ["Fragen"]


def test_a_reason_is_one_click_and_the_keyboard_reaches_it(opened: Opened, page: Page) -> None:
    screen = opened()
    screen["geburtsdatum"].get_by_label("Jahr").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(screen["geburtsdatum"].get_by_role("button", name="weiß nicht")).to_have_attribute("aria-pressed", "true")
    assert screen.value("/data/fall/geburtsdatum__missing") == "unknown"
    screen.next()
    screen["besucht"].get_by_label("Ja").check()
    screen["besucht"].get_by_role("button", name="keine Angabe").click()
    assert screen.value("/data/kurs/besucht") == ""
    assert screen.value("/data/kurs/besucht__missing") == "refused"
    expect(screen["besucht"].get_by_label("Ja")).not_to_be_checked()


def test_an_error_shows_after_leaving_and_is_tied_to_its_box(opened: Opened, page: Page) -> None:
    screen = opened()
    box = screen["alter"].get_by_role("textbox")
    box.fill("240")
    expect(page.locator(".lb-pill-saved")).to_be_visible()
    expect(screen["alter"].locator(".lb-error")).to_have_count(0)
    box.press("Tab")
    expect(screen["alter"].locator(".lb-error")).to_have_text("Erwartet wird eine Zahl von 0 bis 120.")
    expect(box).to_have_attribute("aria-invalid", "true")
    described = (box.get_attribute("aria-describedby") or "").split()
    texts = [page.locator(f"[id='{name}']").inner_text() for name in described]
    assert texts == ["In Jahren", "Erwartet wird eine Zahl von 0 bis 120."]
    expect(page.get_by_role("navigation").get_by_text("1 Fehler")).to_be_visible()
    box.fill("105")
    box.press("Tab")
    expect(screen["alter"].locator(".lb-warning")).to_have_text("Ist das Alter richtig?")
    expect(box).not_to_have_attribute("aria-invalid", "true")


def test_nothing_moves_under_a_pressed_pointer(opened: Opened, page: Page) -> None:
    screen = opened()
    screen["geburtsdatum"].get_by_label("Tag").fill("99")
    box = screen["land"].get_by_role("combobox").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.wait_for_timeout(400)
    expect(screen["geburtsdatum"].locator(".lb-error")).to_have_count(0)
    page.mouse.up()
    expect(screen["geburtsdatum"].locator(".lb-error")).to_be_visible()
    expect(screen["land"].get_by_role("option").first).to_be_visible()


APPEARING = """
| survey | type | name | label | relevant | appearance |
|---|---|---|---|---|---|
| | text | name | Name | | |
| | text | spitzname | Spitzname | ${name} != '' | |
| | select_one land | land | Land | | minimal autocomplete |

| choices | list_name | name | label |
|---|---|---|---|
| | land | sy | Syrien |
| | land | ua | Ukraine |

| settings | form_title | form_id | version |
|---|---|---|---|
| | Fall | fall | 1 |
"""


def test_no_question_appears_under_a_pointer_that_goes_on_from_another_question(opened: Opened, page: Page) -> None:
    screen = opened(APPEARING)
    screen["name"].get_by_role("textbox").focus()
    key = screen["name"].get_attribute("data-key")
    box = screen["land"].get_by_role("combobox").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()  # the text box loses the focus
    said = {"type": "op", "op": "answer", "op_id": "elsewhere", "key": key, "value": "Layla"}
    for reply in screen.session.receive(said):
        screen.bare.deliver(reply)
    page.wait_for_timeout(400)
    expect(screen["spitzname"]).to_be_hidden()
    page.mouse.up()
    expect(screen["spitzname"]).to_be_visible()
    expect(screen["land"].get_by_role("option").first).to_be_visible()


def test_required_questions_are_marked_and_the_others_are_not(opened: Opened) -> None:
    screen = opened()
    expect(screen["name"].get_by_text("Pflicht")).to_be_visible()
    expect(screen["alter"].get_by_text("Pflicht")).to_be_hidden()


def test_typing_goes_on_undisturbed_while_answers_arrive(opened: Opened) -> None:
    screen = opened()
    box = screen["name"].get_by_role("textbox")
    box.press_sequentially("Layla al-Beispiel aus Althengstett", delay=25)
    expect(box).to_have_value("Layla al-Beispiel aus Althengstett")
    assert screen.value("/data/fall/name") == "Layla al-Beispiel aus Althengstett"
    ops = [message for message in screen.bare.sent() if message.get("op") == "answer"]
    assert 1 < len(ops) < 34
    assert len({message["op_id"] for message in ops}) == len(ops)


def test_the_focus_stays_when_questions_appear(opened: Opened, page: Page) -> None:
    screen = opened()
    screen["sprachen"].get_by_label("Andere").focus()
    before = focused(page)
    page.keyboard.press("Space")
    expect(screen["andere"]).to_be_visible()
    assert focused(page) == before
    page.keyboard.press("Tab")
    assert focused(page) == screen["andere"].get_by_role("textbox").get_attribute("id")


def test_entries_are_cards_that_are_numbered_added_and_removed(opened: Opened, page: Page) -> None:
    screen = opened(second="English (en)")
    screen.section("Ziele und Maßnahmen")
    page.get_by_role("button", name="Ziel hinzufügen").click()
    cards = page.locator(".lb-card")
    expect(cards).to_have_count(2)
    expect(cards.nth(1).locator("h4")).to_be_focused()
    cards.nth(0).get_by_role("textbox").first.fill("eins")
    cards.nth(1).get_by_role("textbox").first.fill("zwei")
    cards.nth(0).get_by_role("button", name="Entfernen").click()
    page.get_by_role("button", name="Ja, entfernen").click()
    expect(cards).to_have_count(1)
    expect(cards.locator("h4")).to_have_text("Ziel 1 Goal 1")
    expect(cards.get_by_role("textbox").first).to_have_value("zwei")
    expect(page.get_by_role("button", name="Ziel hinzufügen")).to_be_focused()
    cards.get_by_role("textbox").first.fill("zwei, geändert")
    assert screen.value("/data/ziele/ziel[1]/was") == "zwei, geändert"


def test_the_summary_takes_the_focus_names_the_entry_and_leads_to_the_field(opened: Opened, page: Page) -> None:
    screen = opened()
    screen.section("Ziele und Maßnahmen")
    page.get_by_role("button", name="Ziel hinzufügen").click()
    expect(page.locator(".lb-card")).to_have_count(2)
    screen.section("Prüfen und abschließen")
    summary = page.locator(".lb-summary")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("heading", level=3)).to_have_text("5 Angaben brauchen noch Ihre Aufmerksamkeit")
    summary.get_by_role("link", name="Ziel 2, Was soll erreicht werden?").click()
    expect(page.locator(".lb-card").nth(1).get_by_role("textbox").first).to_be_focused()
    page.keyboard.type("Arbeit")
    screen.section("Prüfen und abschließen")
    expect(summary.get_by_role("link")).to_have_count(4)
    page.get_by_role("button", name="Abschließen", exact=True).click()
    expect(summary).to_be_focused()


def test_both_languages_carry_their_code_and_direction(opened: Opened, page: Page) -> None:
    screen = opened()
    screen.more()
    page.get_by_label("Zweite Sprache").select_option("English")
    label = screen["name"].locator("label")
    expect(label.locator("bdi[lang=de][dir=ltr]")).to_have_text("Vollständiger Name")
    expect(label.locator("bdi[lang=en][dir=ltr]")).to_have_text("Full name")
    expect(screen["geburtsdatum"].get_by_label("Tag Day")).to_be_visible()
    expect(page.get_by_role("button", name="Weiter Next")).to_be_visible()
    page.get_by_label("Zweite Sprache").select_option("keine")
    expect(page.locator("bdi[lang=en]")).to_have_count(0)


def test_what_is_not_drawn_says_so_and_names_its_kind(opened: Opened) -> None:
    screen = opened("""
| survey | type | name | label |
|---|---|---|---|
| | osm | haus | Haus |
""")
    expect(screen["haus"]).to_contain_text("„upload“")
    expect(screen["haus"].locator("input, textarea")).to_have_count(0)


def test_a_calculated_answer_and_a_note_are_shown_and_not_asked(opened: Opened) -> None:
    screen = opened()
    expect(screen["hinweis"]).to_contain_text("Das Gespräch ist freiwillig.")
    screen["name"].get_by_role("textbox").fill("Layla")
    screen.next()
    expect(screen["summe"]).to_contain_text("Gruß an Layla")
    expect(screen["summe"].locator("output")).to_have_text("Guten Tag Layla")


def test_what_could_not_be_saved_is_said_and_sent_again_under_the_same_id(opened: Opened, page: Page) -> None:
    screen = opened()
    screen.fail.append({"type": "unsaved", "text": ["Der Datenträger ist voll; schaffen Sie Platz."]})
    screen["name"].get_by_role("textbox").fill("Layla")
    expect(page.get_by_text("Der Datenträger ist voll")).to_be_visible()
    expect(page.locator(".lb-pill-not_saved")).to_be_visible()
    expect(screen["name"].get_by_role("textbox")).to_have_value("Layla")
    page.get_by_role("button", name="Erneut versuchen").click()
    assert screen.value("/data/fall/name") == "Layla"
    expect(page.get_by_text("Der Datenträger ist voll")).to_be_hidden()
    ops = [message["op_id"] for message in screen.bare.sent() if message["type"] == "op"]
    assert len(ops) == 2
    assert len(set(ops)) == 1


def test_it_is_said_that_something_is_being_saved_until_python_says_so(opened: Opened, page: Page) -> None:
    screen = opened()
    page.evaluate("window.silent = true")
    screen["name"].get_by_role("textbox").fill("Layla")
    expect(page.locator(".lb-pill-saving")).to_have_text("Wird gespeichert …")


def test_the_screen_is_rebuilt_by_what_python_says(opened: Opened) -> None:
    screen = opened()
    screen["name"].get_by_role("textbox").fill("Layla")
    assert screen.value("/data/fall/name") == "Layla"
    screen.session.instance.answer("/data/fall/alter", "12")
    screen.bare.deliver(screen.session.greeting())
    expect(screen["alter"].get_by_role("textbox")).to_have_value("12")
    expect(screen["name"].get_by_role("textbox")).to_have_value("Layla")


def test_what_was_wrong_before_a_reload_is_still_said_after_it(opened: Opened, page: Page) -> None:
    screen = opened()
    box = screen["alter"].get_by_role("textbox")
    box.fill("240")
    box.press("Tab")
    expect(page.get_by_role("navigation").get_by_text("1 Fehler")).to_be_visible()
    page.reload()
    expect(screen["alter"].locator(".lb-error")).to_have_text("Erwartet wird eine Zahl von 0 bis 120.")
    expect(page.get_by_role("navigation").get_by_text("1 Fehler")).to_be_visible()


@pytest.mark.parametrize("width", [390, 640, 1280])
def test_nothing_is_wider_than_the_page(opened: Opened, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    screen = opened(second="English (en)")
    for name in ("Fall", "Kurs", "Ziele und Maßnahmen", "Prüfen und abschließen"):
        if width < 800:
            page.get_by_role("button", name="Abschnitte").click()
        screen.section(name)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name


def test_made_up_data_are_marked(opened: Opened, page: Page, tmp_path: Path) -> None:
    screen = opened()
    expect(page.get_by_text("DEMO - synthetische Daten")).to_have_count(0)
    screen.session.demo = True
    screen.bare.deliver(screen.session.greeting())
    expect(page.get_by_text("DEMO - synthetische Daten")).to_be_visible()
    with store(tmp_path) as made_up:
        screen.bare.deliver(Worklist(made_up, zone=UTC, author="tester", demo=True).start())
    expect(page.get_by_role("heading", level=1, name="Meine Fälle")).to_be_visible()
    expect(page.get_by_text("DEMO - synthetische Daten")).to_be_visible()


def test_nothing_shows_above_the_head_while_scrolling(opened: Opened, page: Page) -> None:
    opened()
    page.mouse.wheel(0, 400)
    page.wait_for_function("window.scrollY > 100")
    inside = "([x, y]) => Boolean(document.elementFromPoint(x, y).closest('.lb-head'))"
    assert all(page.evaluate(inside, [x, y]) for x in (80, 640, 1200) for y in (1, 20, 60))


PAYLOADS = [
    "<img src=x onerror=window.hit=1>",
    "<script>window.hit=1</script>",
    "<svg/onload=window.hit=1>",
    "javascript:window.hit=1",
    "</style><script>window.hit=1</script>",
    "<a href=javascript:window.hit=1>x</a>",
    "<iframe srcdoc='<script>parent.hit=1</script>'>",
    "<b onmouseover=window.hit=1>x</b>",
]


@pytest.mark.parametrize("first", range(0, len(PAYLOADS), 2))
def test_hostile_texts_stay_texts(opened: Opened, page: Page, first: int) -> None:
    one, other = PAYLOADS[first : first + 2]
    screen = opened(HOSTILE.format(one, other, f"{one}{other}"))
    screen["a"].get_by_role("textbox").fill(other)
    screen["b"].get_by_role("radio").first.check()
    assert screen.value("/data/g/a") == other
    screen.bare.deliver(screen.session.greeting())
    screen.section("Prüfen und abschließen")
    page.wait_for_timeout(100)
    assert page.evaluate("window.hit") is None
    assert (
        page.locator("main script, main img, main svg, main iframe, main [href^=javascript], main style").count() == 0
    )
    assert page.locator("main b, main [onerror], main [onload], main [onmouseover]").count() == 0
    expect(page.locator(".lb-title")).to_have_text(one)
