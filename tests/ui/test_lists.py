"""Lists that are searched come when somebody is about to search them: nobody waits, nothing is lost without them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from intake.interview.session import Session
from scenario.browser import BarePage
from scenario.interview import NOW, form

pytestmark = pytest.mark.browser

GERMAN, ARABIC = "Deutsch (de)", "العربية (ar)"
COUNTRIES = [
    ("SY", "Syrien", "سوريا"), ("AF", "Afghanistan", "أفغانستان"), ("TR", "Türkei", "تركيا"), ("IQ", "Irak", "العراق"),
    ("UA", "Ukraine", "أوكرانيا"), ("BY", "Weißrussland", "بيلاروس"),
]  # fmt: skip
FORM = """
| survey | type | name | label::Deutsch (de) | label::العربية (ar) | appearance | choice_filter |
|---|---|---|---|---|---|---|
| | begin_group | eins | Eins | واحد | | |
| | text | anfang | Anfang | البداية | | |
| | select_one land | land | Herkunftsland | بلد المنشأ | minimal | |
| | select_multiple land | reise | Auf der Reise | في الطريق | minimal | |
| | select_one teil | teil | Teil | جزء | | |
| | select_one ort | ort | Ort | مكان | minimal | teil = ${{teil}} |
| | end_group | | | | | |
| | begin_group | zwei | Zwei | اثنان | | |
| | select_one beruf | beruf | Beruf | المهنة | minimal | |
| | end_group | | | | | |
| | begin_group | drei | Drei | ثلاثة | | |
| | select_one wort | wort | Wort | كلمة | minimal | |
| | end_group | | | | | |

| choices | list_name | name | label::Deutsch (de) | label::العربية (ar) | teil |
|---|---|---|---|---|---|
{rows}
| | teil | a | A | ألف | |
| | teil | b | B | باء | |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Listen | listen | 1 | Deutsch (de) |
"""


def made_form() -> str:
    lands = [f"| | land | {code} | {german} | {arabic} | |" for code, german, arabic in COUNTRIES]
    lands += [f"| | land | X{at} | Land {at} | دولة {at} | |" for at in range(300)]
    towns = [f"| | ort | o{at} | Ort {at} | مكان {at} | {'ab'[at % 2]} |" for at in range(40)]
    rest = [
        f"| | {name} | {name}{at} | {name} {at} | {name} {at} | |" for name in ("beruf", "wort") for at in range(20)
    ]
    return FORM.format(rows="\n".join([*lands, *towns, *rest]))


class Listed:
    """The form on screen. While `deaf`, Python hears nothing; while `withheld`, it answers everything but lists."""

    def __init__(self, page: Page, *, deaf: bool = False, withheld: bool = False, **answers: str) -> None:
        self.page = page
        self.deaf = deaf
        self.withheld = withheld
        self.session = Session(form(made_form()), now=lambda: NOW, second=ARABIC)
        for name, value in answers.items():
            self.session.course.take(f"op-{name}", {"op": "answer", "path": self.path(name), "value": value}, NOW)
        self.bare = BarePage(page, self.reply)
        expect(self["anfang"]).to_be_visible()

    def reply(self, message: Mapping[str, Any]) -> list[dict[str, Any]]:
        if message["type"] == "hello":
            return [self.session.greeting(message["view"])]
        if self.deaf or (self.withheld and message["type"] == "list"):
            return []
        return self.session.receive(message)

    def path(self, name: str) -> str:
        (path,) = (nodeset for nodeset in self.session.form.binds if nodeset.endswith(f"/{name}"))
        return path

    def __getitem__(self, name: str) -> Locator:
        return self.page.locator(f".lb-question[data-name={name}]")

    def box(self, name: str) -> Locator:
        return self[name].locator("input[role=combobox]")

    def options(self, name: str) -> Locator:
        return self[name].get_by_role("option")

    def value(self, name: str) -> str:
        """What Python holds, once the screen says that everything is saved."""
        expect(self.page.locator(".lb-pill-saved")).to_be_visible()
        return self.session.instance.value(self.path(name))

    def asked(self) -> list[str]:
        """The lists asked for so far, each by the question that has it."""
        state = self.session.greeting()["state"]
        names = {
            state[element["id"]].get("list"): element["name"]
            for section in self.session.greeting()["sections"]
            for element in reversed(section["children"])
        }
        return [names[message["list"]] for message in self.bare.sent() if message["type"] == "list"]

    def has_asked(self, *names: str) -> None:
        """Wait until so many lists were asked for; which ones then is judged."""
        self.page.wait_for_function(
            "(count) => window.sent.filter((message) => message.type === 'list').length >= count", arg=len(names)
        )
        assert self.asked() == list(names)


def test_a_list_comes_with_the_focus_and_is_searched_in_both_languages_at_once(page: Page) -> None:
    listed = Listed(page)
    assert listed.asked() == []
    listed.box("land").focus()
    listed.has_asked("land")
    listed.box("land").press_sequentially("Afgh")
    expect(listed.options("land")).to_have_count(1)
    expect(listed.options("land")).to_have_text("Afghanistan أفغانستان")
    listed.box("land").fill("سور")
    expect(listed.options("land")).to_have_text("Syrien سوريا")
    listed.box("land").fill("weissr")
    expect(listed.options("land")).to_have_count(1)
    listed.options("land").click()
    expect(listed.box("land")).to_have_value("Weißrussland")
    assert listed.value("land") == "BY"
    assert listed.bare.faults == []


def test_a_click_opens_the_list_as_if_it_had_been_there(page: Page) -> None:
    listed = Listed(page)
    listed.box("land").click()
    expect(listed.box("land")).to_have_attribute("aria-expanded", "true")
    expect(listed.options("land").first).to_have_text("Syrien سوريا")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(listed.box("land")).to_have_value("Afghanistan")
    assert listed.value("land") == "AF"


def test_the_keyboard_opens_a_list_that_is_not_here_yet(page: Page) -> None:
    listed = Listed(page, land="AF")
    listed.box("land").focus()
    page.keyboard.press("ArrowDown")
    expect(listed["land"].get_by_role("option", selected=True)).to_have_text("Afghanistan أفغانستان")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(listed.box("land")).to_have_value("Syrien")


def test_what_is_chosen_shows_its_label_without_the_list(page: Page) -> None:
    listed = Listed(page, withheld=True, land="TR", reise="SY IQ", beruf="beruf7")
    expect(listed.box("land")).to_have_value("Türkei")
    expect(listed["reise"].locator(".lb-chip")).to_have_text(["Syrien سوريا×", "Irak العراق×"])
    listed["reise"].get_by_role("button", name="Entfernen: Syrien").click()
    expect(listed["reise"].locator(".lb-chip")).to_have_count(1)
    assert listed.value("reise") == "IQ"
    listed.box("land").focus()
    listed.box("land").blur()
    expect(listed.box("land")).to_have_value("Türkei")
    assert listed.value("land") == "TR"
    listed.box("land").fill("")
    listed.box("land").blur()
    assert listed.value("land") == ""
    page.get_by_role("button", name="Sprache, Druck, Hilfe").click()
    page.get_by_role("button", name="Drucken").click()
    expect(page.get_by_text("beruf 7")).to_be_visible()


def test_lists_of_this_page_and_the_next_come_before_anybody_asks(page: Page) -> None:
    listed = Listed(page)
    listed["anfang"].locator("input").focus()
    listed.has_asked("land", "beruf")
    listed.box("land").click()
    expect(listed.options("land").first).to_be_visible()
    page.get_by_role("button", name="Weiter").locator("visible=true").first.click()
    expect(listed.box("beruf")).to_be_visible()
    listed.has_asked("land", "beruf", "wort")


def test_a_line_that_drops_while_a_list_is_under_way_is_survived(page: Page) -> None:
    listed = Listed(page, deaf=True)
    listed.box("land").press_sequentially("afgh")
    expect(listed.box("land")).to_have_attribute("aria-busy", "true")
    expect(listed["land"].locator(".lb-help")).to_contain_text("Die Liste wird geladen …")
    expect(page.locator(".lb-live, [aria-live=polite]").first).to_have_text("Die Liste wird geladen …")
    expect(page.locator(".lb-banner")).to_be_visible()
    expect(listed["land"].locator(".lb-help")).to_contain_text("Die Liste fehlt noch.")
    listed.deaf = False
    expect(listed.options("land")).to_have_text(["Afghanistan أفغانستان"])
    expect(listed.box("land")).to_have_value("afgh")
    expect(listed.box("land")).not_to_have_attribute("aria-busy", "true")
    page.keyboard.press("Enter")
    expect(listed.box("land")).to_have_value("Afghanistan")
    expect(page.locator(".lb-banner")).to_be_hidden()
    assert listed.value("land") == "AF"
    assert listed.bare.faults == []


def test_what_was_typed_before_the_list_came_is_looked_up_when_it_is_here(page: Page) -> None:
    listed = Listed(page, withheld=True)
    for typed, name in (("afghanistan", "land"), ("Nirgends", "beruf")):
        if name == "beruf":
            page.get_by_role("button", name="Weiter").locator("visible=true").first.click()
        listed.box(name).fill(typed)
        listed.box(name).blur()
        expect(listed.box(name)).to_have_value(typed)
        expect(listed.box(name)).not_to_have_attribute("aria-invalid", "true")
    listed.withheld = False
    expect(listed.box("land")).to_have_value("Afghanistan")
    expect(listed.box("beruf")).to_have_attribute("aria-invalid", "true")
    expect(listed.box("beruf")).to_have_value("Nirgends")
    assert listed.value("land") == "AF"


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        (("Irak", "ArrowDown", "Enter"), "IQ"),
        (("Irak", "Enter"), "IQ"),
        (("", "ArrowDown", "ArrowDown", "Enter"), "AF"),
        (("Land 1", "ArrowDown", "ArrowDown", "Enter"), "X10"),
    ],
)
def test_keys_that_were_pressed_before_the_list_came_choose_what_they_would_have_chosen(
    page: Page, keys: tuple[str, ...], chosen: str
) -> None:
    listed = Listed(page, withheld=True)
    typed, *pressed = keys
    if typed:
        listed.box("land").fill(typed)
    else:
        listed.box("land").focus()
    for each in pressed:
        listed.box("land").press(each)
    assert listed.session.instance.value(listed.path("land")) == ""
    listed.withheld = False
    expect(listed.box("land")).not_to_have_attribute("aria-busy", "true")
    assert listed.value("land") == chosen


def test_escape_takes_back_the_keys_that_were_pressed_before_the_list_came(page: Page) -> None:
    listed = Listed(page, withheld=True)
    listed.box("land").fill("Irak")
    listed.box("land").press("ArrowDown")
    listed.box("land").press("Escape")
    listed.withheld = False
    expect(listed.box("land")).not_to_have_attribute("aria-busy", "true")
    expect(listed.box("land")).to_have_value("")
    assert listed.value("land") == ""


def test_a_list_that_changes_with_an_answer_comes_anew(page: Page) -> None:
    listed = Listed(page)
    listed["teil"].get_by_role("radio").nth(0).check()
    assert listed.value("teil") == "a"
    listed.box("ort").click()
    expect(listed.options("ort").first).to_have_text("Ort 0 مكان 0")
    listed["teil"].get_by_role("radio").nth(1).check()
    assert listed.value("teil") == "b"
    listed.box("ort").click()
    expect(listed.options("ort").first).to_have_text("Ort 1 مكان 1")
    expect(listed.options("ort")).to_have_count(20)


def test_another_language_while_a_list_is_under_way(page: Page) -> None:
    listed = Listed(page, withheld=True, land="SY")
    listed.box("land").fill("Tür")
    listed.has_asked("land")
    op = {"type": "op", "op_id": "l", "op": "language", "key": "", "value": {"first": ARABIC, "second": ""}}
    replies = listed.session.receive(op)
    listed.withheld = False
    for reply in replies:
        listed.bare.deliver(reply)
    expect(listed.box("land")).to_have_value("سوريا")
    listed.box("land").fill("ترك")
    expect(listed.options("land")).to_have_text("تركيا")
    assert listed.bare.faults == []


def test_a_list_that_no_question_has_any_more_is_asked_for_once(page: Page) -> None:
    listed = Listed(page)
    known = listed.session.choices
    listed.session.choices = lambda name, view=None: {"type": "list", "view": view, "list": name}  # type: ignore[method-assign]
    listed.box("land").focus()
    listed.has_asked("land")
    expect(listed.box("land")).not_to_have_attribute("aria-busy", "true")
    listed["anfang"].locator("input").fill("weiter")
    assert listed.value("anfang") == "weiter"
    assert len(listed.asked()) <= 2  # by the box, and ahead
    listed.session.choices = known  # type: ignore[method-assign]
    listed.box("land").click()
    expect(listed.options("land").first).to_be_visible()
