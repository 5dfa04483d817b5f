"""Choices of every kind in a real browser: boxes, lists that are searched, scales, columns, rankings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from intake.interview.session import Session
from scenario.interview import NOW, form
from scenario.screen import Screen

pytestmark = pytest.mark.browser

FORM = """
| survey | type | name | label::Deutsch (de) | label::العربية (ar) | appearance | required | choice_filter |
|---|---|---|---|---|---|---|---|
| | begin_group | g | Auswahl | اختيار | | | |
| | select_one grad | likert | Zufrieden? | راض؟ | likert | | |
| | select_one grad | spalten | Spalten | أعمدة | columns-2 | | |
| | select_one grad | kacheln | Kacheln | بلاط | no-buttons | | |
| | select_multiple jn | wenige | Mehrere | عدة | minimal | | |
| | select_one jn | getippt | Getippt | مكتوب | autocomplete | | |
| | select_one grad | dicht | Dicht | متراص | columns-pack | | |
| | select_one jn | klein | Als Liste | كقائمة | minimal | | |
| | select_one jn | schnell | Schnell | سريع | quick | | |
| | text | wenn | Warum? | لماذا؟ | | | |
| | text | danach | Danach | بعد ذلك | | | |
| | select_one land | land | Herkunftsland | بلد المنشأ | | | |
| | select_one ort | ort | Ort | مكان | minimal | | land = ${land} |
| | rank ziel | rang | Was ist am wichtigsten? | ما الأهم؟ | | | |
| | end_group | | | | | | |

| choices | list_name | name | label::Deutsch (de) | label::العربية (ar) | land |
|---|---|---|---|---|---|
| | jn | ja | Ja | نعم | |
| | jn | nein | Nein | لا | |
| | grad | 1 | Sehr gut | جيد جدا | |
| | grad | 2 | Gut | جيد | |
| | grad | 3 | Mittel | متوسط | |
| | grad | 4 | Schlecht | سيئ | |
| | ziel | w | Wohnung | سكن | |
| | ziel | a | Arbeit | عمل | |
| | ziel | s | Sprache | لغة | |
| | land | SY | Syrien | سوريا | |
| | land | AF | Afghanistan | أفغانستان | |
| | land | TR | Türkei | تركيا | |
| | land | UA | Ukraine | أوكرانيا | |
| | land | IQ | Irak | جمهورية العراق | |
| | land | DE | Deutschland | ألمانيا | |
| | land | BY | Weißrussland | بيلاروس | |
| | ort | hom | Homs | حمص | SY |
| | ort | ale | Aleppo | حلب | SY |
| | ort | izm | Izmir | إزمير | TR |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Auswahl | auswahl | 1 | Deutsch (de) |
"""
LONG = """
| survey | type | name | label | appearance |
|---|---|---|---|---|
| | select_one viele | eine | Eine | |
| | select_multiple viele | manche | Manche | |

| choices | list_name | name | label |
|---|---|---|---|
{rows}

| settings | form_title | form_id | version |
|---|---|---|---|
| | Lang | lang | 1 |
"""


class Asked(Screen):
    """The questions on screen by name, and what Python holds of them."""

    def __init__(self, page: Page, text: str, second: str | None) -> None:
        super().__init__(page, Session(form(text), now=lambda: NOW, second=second))
        expect(page.locator(".lb-question").first).to_be_visible()

    def __getitem__(self, name: str) -> Locator:
        return self.page.locator(f".lb-question[data-name={name}]")

    def value(self, name: str) -> str:
        """What Python holds of a question by its name, once the screen says that everything is saved."""
        (path,) = (nodeset for nodeset in self.session.form.binds if nodeset.endswith(f"/{name}"))
        return super().value(path)

    def focused(self) -> str:
        """The name of the question that has the focus."""
        found: str = self.page.evaluate("document.activeElement.closest('.lb-question')?.dataset.name || ''")
        return found


Ask = Callable[..., Asked]


@pytest.fixture
def ask(page: Page) -> Ask:
    return lambda text=FORM, second=None: Asked(page, text, second)


@pytest.mark.parametrize("name", ["likert", "spalten", "kacheln"])
def test_radio_buttons_are_one_group_whatever_they_look_like(ask: Ask, name: str) -> None:
    asked = ask()
    group = asked[name].get_by_role("radiogroup")
    group.get_by_role("radio", name="Gut", exact=True).focus()
    asked.page.keyboard.press("ArrowDown")
    assert asked.value(name) == "3"
    expect(group.get_by_role("radio", name="Mittel")).to_be_focused()
    group.get_by_text("Schlecht").click()
    assert asked.value(name) == "4"
    asked[name].get_by_role("button", name="Auswahl aufheben").click()
    assert asked.value(name) == ""
    assert asked.bare.faults == []


def test_columns_and_scales_stand_beside_each_other_and_below_on_a_telephone(ask: Ask) -> None:
    asked = ask()

    def tops(name: str) -> int:
        boxes = [box.bounding_box() for box in asked[name].locator(".lb-choice").all()]
        return len({round(box["y"]) for box in boxes if box})

    assert (tops("likert"), tops("spalten"), tops("dicht")) == (1, 2, 1)
    asked.page.set_viewport_size({"width": 390, "height": 800})
    assert tops("likert") == 4
    assert asked.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_closed_list_shows_what_is_chosen_in_both_languages(ask: Ask) -> None:
    desk = ask(second="العربية (ar)")
    box = desk["land"].get_by_role("combobox")
    box.fill("Irak")
    box.press("Enter")
    expect(box).to_have_value("Irak")
    second = desk["land"].locator(".lb-search-second")
    expect(second).to_have_text("جمهورية العراق")
    expect(second.locator("[lang=ar][dir=rtl]")).to_be_visible()
    box.press_sequentially("x")
    expect(second).to_be_hidden()
    box.press("Escape")
    expect(second).to_be_visible()


def test_minimal_is_a_list_to_open_however_few_there_are(ask: Ask) -> None:
    asked = ask()
    box = asked["klein"].get_by_role("combobox")
    box.click()
    asked["klein"].get_by_role("option", name="Nein").click()
    assert asked.value("klein") == "nein"
    expect(box).to_have_value("Nein")
    many = asked["wenige"].get_by_role("combobox")
    many.click()
    asked["wenige"].get_by_role("option", name="Ja").click()
    assert asked.value("wenige") == "ja"
    expect(asked["wenige"].locator(".lb-chip")).to_have_text("Ja×")
    asked["wenige"].get_by_role("button", name="Entfernen: Ja").click()
    assert asked.value("wenige") == ""
    expect(many).to_be_focused()


def test_autocomplete_is_typed_into_however_few_there_are(ask: Ask) -> None:
    asked = ask()
    asked["getippt"].get_by_role("combobox").fill("ne")
    asked.page.keyboard.press("Tab")
    assert asked.value("getippt") == ""
    asked["getippt"].get_by_role("combobox").fill("nein")
    asked.page.keyboard.press("Tab")
    assert asked.value("getippt") == "nein"


def test_a_quick_choice_leads_on_and_looking_with_arrows_does_not(ask: Ask) -> None:
    asked = ask()
    asked["schnell"].get_by_role("radio", name="Ja").focus()
    asked.page.keyboard.press("ArrowDown")
    assert asked.value("schnell") == "nein"
    assert asked.focused() == "schnell"
    asked.page.keyboard.press("Enter")
    expect(asked["wenn"].get_by_role("textbox")).to_be_focused()
    asked["schnell"].get_by_text("Ja").click()
    assert asked.value("schnell") == "ja"
    expect(asked["wenn"].get_by_role("textbox")).to_be_focused()


def test_the_combobox_obeys_the_keys_of_the_pattern(ask: Ask) -> None:
    asked = ask()
    box = asked["land"].get_by_role("combobox")
    options = asked["land"].get_by_role("option")
    box.focus()
    asked.page.keyboard.press("Alt+ArrowDown")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(box).not_to_have_attribute("aria-activedescendant", "x")
    assert options.count() == 7
    asked.page.keyboard.press("ArrowDown")
    active = box.get_attribute("aria-activedescendant")
    assert active == options.nth(0).get_attribute("id")
    asked.page.keyboard.press("PageDown")
    assert box.get_attribute("aria-activedescendant") == options.nth(6).get_attribute("id")
    asked.page.keyboard.press("Home")
    assert box.get_attribute("aria-activedescendant") is None
    asked.page.keyboard.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") == options.nth(6).get_attribute("id")
    asked.page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    assert asked.value("land") == ""
    asked.page.keyboard.type("ira")
    expect(options).to_have_count(1)
    asked.page.keyboard.press("Enter")
    assert asked.value("land") == "IQ"
    asked.page.keyboard.type("x")
    asked.page.keyboard.press("Escape")
    expect(box).to_have_value("Irak")
    assert asked.value("land") == "IQ"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("turk", "TR"),
        ("weissr", "BY"),
        ("tuerkei", "TR"),
        ("ترك", "TR"),
        ("العراق", "IQ"),
        ("جمهوريه", "IQ"),
        ("اوكرانيا", "UA"),
    ],
)
def test_it_is_searched_in_both_languages_without_marks(ask: Ask, typed: str, found: str) -> None:
    asked = ask(second="العربية (ar)")
    asked["land"].get_by_role("combobox").fill(typed)
    expect(asked["land"].get_by_role("option")).to_have_count(1)
    asked.page.keyboard.press("Enter")
    assert asked.value("land") == found


def test_how_many_are_found_is_said_and_what_is_in_no_list_stays_visible(ask: Ask) -> None:
    asked = ask()
    box = asked["land"].get_by_role("combobox")
    box.press_sequentially("land")
    expect(asked["land"].locator(".lb-help")).to_have_text("2 Treffer")
    expect(asked.page.locator(".lb-live").filter(has_text="2 Treffer")).to_have_count(1)
    box.press_sequentially("xyz")
    expect(asked["land"].locator(".lb-help")).to_have_text("Kein Treffer")
    asked.page.keyboard.press("Tab")
    expect(box).to_have_value("landxyz")
    expect(box).to_have_attribute("aria-invalid", "true")
    assert asked.value("land") == ""


@pytest.mark.parametrize("typed", ["xyz", "Ja"])
def test_a_box_that_is_left_by_a_click_does_not_move_what_is_clicked(ask: Ask, typed: str) -> None:
    asked = ask(second="العربية (ar)")
    asked.page.set_viewport_size({"width": 480, "height": 900})
    box = asked["getippt"].get_by_role("combobox")
    box.press_sequentially(typed)
    radio = asked["dicht"].get_by_role("radio").first
    radio.scroll_into_view_if_needed()
    before = radio.bounding_box()
    assert before is not None
    asked.page.mouse.move(before["x"] + 4, before["y"] + 4)
    asked.page.mouse.down()
    assert radio.bounding_box() == before
    asked.page.mouse.up()
    expect(radio).to_be_checked()
    assert asked.value("dicht") == "1"
    assert asked.value("getippt") == ("ja" if typed == "Ja" else "")
    expect(box).to_have_value(typed)


def test_a_list_that_depends_on_an_answer_changes_under_the_box(ask: Ask) -> None:
    asked = ask()
    asked["ort"].get_by_role("combobox").click()
    expect(asked["ort"].get_by_role("option")).to_have_count(0)
    asked["land"].get_by_role("combobox").fill("Syrien")
    asked.page.keyboard.press("Enter")
    asked.value("land")
    asked["ort"].get_by_role("combobox").click()
    expect(asked["ort"].get_by_role("option")).to_have_text(["Homs", "Aleppo"])
    asked["ort"].get_by_role("option", name="Homs").click()
    assert asked.value("ort") == "hom"


def test_five_thousand_choices_are_found_by_typing_and_reached_by_arrows(ask: Ask) -> None:
    rows = "\n".join(f"| | viele | v{number} | Beruf {number} |" for number in range(5000))
    asked = ask(LONG.format(rows=rows))
    box = asked["eine"].get_by_role("combobox")
    box.click()
    options = asked["eine"].get_by_role("option")
    expect(options).to_have_count(100)
    expect(options.first).to_have_attribute("aria-setsize", "5000")
    for _ in range(15):
        asked.page.keyboard.press("PageDown")
    assert box.get_attribute("aria-activedescendant") == options.nth(149).get_attribute("id")
    box.fill("4321")
    expect(options).to_have_count(1)
    asked.page.keyboard.press("Enter")
    assert asked.value("eine") == "v4321"


def test_an_order_is_an_answer_only_when_somebody_gave_it(ask: Ask) -> None:
    asked = ask()
    rank = asked["rang"]
    assert asked.value("rang") == ""
    expect(rank.get_by_text("Noch nicht beantwortet.")).to_be_visible()
    rank.get_by_role("button", name="Reihenfolge so übernehmen").click()
    assert asked.value("rang") == "w a s"
    expect(rank.get_by_text("Noch nicht beantwortet.")).to_be_hidden()
    assert asked.focused() == "rang"
    rank.get_by_role("button", name="Auswahl aufheben").click()
    assert asked.value("rang") == ""


def test_an_order_is_made_with_the_keyboard_and_each_step_is_said(ask: Ask) -> None:
    asked = ask()
    rank = asked["rang"]
    rank.get_by_role("button", name="Wohnung nach unten").focus()
    asked.page.keyboard.press("Enter")
    assert asked.value("rang") == "a w s"
    expect(asked.page.locator(".lb-live").filter(has_text="Wohnung: jetzt Platz 2 von 3")).to_have_count(1)
    expect(rank.get_by_role("button", name="Wohnung nach unten")).to_be_focused()
    asked.page.keyboard.press("Enter")
    assert asked.value("rang") == "a s w"
    expect(rank.get_by_role("button", name="Wohnung nach oben")).to_be_focused()
    asked.page.keyboard.press("Alt+ArrowUp")
    assert asked.value("rang") == "a w s"
    expect(rank.locator(".lb-rank-name")).to_have_text(["Arbeit", "Wohnung", "Sprache"])


def test_an_order_is_made_by_dragging(ask: Ask) -> None:
    asked = ask()
    rank = asked["rang"]
    handle = rank.locator(".lb-rank-handle").first
    handle.scroll_into_view_if_needed()
    start, end = handle.bounding_box(), rank.get_by_role("listitem").last.bounding_box()
    assert start is not None
    assert end is not None
    asked.page.mouse.move(start["x"] + 8, start["y"] + 10)
    asked.page.mouse.down()
    asked.page.mouse.move(start["x"] + 8, end["y"] + end["height"] - 4, steps=8)
    asked.page.mouse.up()
    assert asked.value("rang") == "a s w"


def test_in_forced_colours_a_chosen_tile_differs_from_the_others(ask: Ask) -> None:
    asked = ask()
    asked.page.emulate_media(forced_colors="active")
    tiles = asked["kacheln"].locator(".lb-choice")
    tiles.nth(1).get_by_text("Gut").click()
    colours = [tiles.nth(at).evaluate("(tile) => getComputedStyle(tile).backgroundColor") for at in (0, 1)]
    assert colours[0] != colours[1]
