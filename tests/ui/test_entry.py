"""What is typed, dated, placed and rated: each control in a real browser, and what the record then holds."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from intake.interview.session import Session
from scenario.interview import form
from scenario.screen import Screen

pytestmark = pytest.mark.browser

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
FORM = """
| survey | type | name | label | appearance | parameters | default | required |
|---|---|---|---|---|---|---|---|
| | time | uhr | Beginn | | | | |
| | dateTime | wann | Termin | | | | |
| | date | monat | Seit | month-year | | | |
| | date | jahr | Geboren | year | | | |
| | date | alt | Ankunft | ethiopian | | | |
| | geopoint | ort | Ort | | | | |
| | geotrace | weg | Weg | | | | |
| | geoshape | hof | Hof | | | | |
| | barcode | karte | Karte | | | | |
| | integer | geld | Betrag | thousands-sep | | | |
| | integer | kinder | Kinder | counter | | | |
| | decimal | miete | Miete | | | | |
| | text | wort | Kennwort | masked | | | |
| | text | seite | Seite | url | | | |
| | range | sterne | Sterne | rating | start=1 end=5 step=1 | | |
| | range | note | Note | picker | start=1 end=2 step=0.5 | | |
| | range | hoch | Hoch | vertical | start=0 end=10 step=1 | | |
| | range | glatt | Glatt | no-ticks | start=10 end=0 step=1 | | |
"""


@pytest.fixture
def screen(page: Page) -> Screen:
    return Screen(page, Session(form(FORM), now=lambda: NOW))


def fill(question: Locator, **parts: str) -> None:
    """Type into the fields of a question by their labels, and leave the last one."""
    for label, text in parts.items():
        question.get_by_label(label).fill(text)
    question.get_by_label(label).blur()


def test_a_time_has_an_hour_and_a_minute(screen: Screen) -> None:
    fill(screen["uhr"], Stunde="9", Minute="5")
    assert screen.value("/data/uhr") == "09:05:00.000"
    fill(screen["uhr"], Stunde="25", Minute="5")
    expect(screen["uhr"]).to_contain_text("Bitte eine Uhrzeit eingeben")
    assert screen.value("/data/uhr") == "25:05"


def test_another_calendar_is_not_drawn_and_it_is_said_which_one_is_meant(screen: Screen) -> None:
    said = "nach dem gregorianischen Kalender"
    expect(screen["alt"]).to_contain_text(said)
    expect(screen["monat"]).not_to_contain_text(said)
    fill(screen["alt"], Tag="4", Monat="5", Jahr="1990")
    assert screen.value("/data/alt") == "1990-05-04"


def test_a_moment_is_stored_with_the_offset_of_its_day(screen: Screen) -> None:
    fill(screen["wann"], Tag="22", Monat="7", Jahr="2026", Stunde="10", Minute="30")
    assert screen.value("/data/wann") == "2026-07-22T10:30:00.000+02:00"
    fill(screen["wann"], Minute="")
    expect(screen["wann"]).to_contain_text("Bitte ein Datum mit Uhrzeit eingeben")
    assert screen.value("/data/wann") == "2026-07-22T10:"


@pytest.mark.parametrize(
    ("name", "parts", "whole", "cut"),
    [
        ("monat", {"Monat": "4", "Jahr": "2019"}, "2019-04-01", {"Monat": ""}),
        ("jahr", {"Jahr": "1991"}, "1991-01-01", {"Jahr": "19"}),
    ],
)
def test_a_date_may_be_partial_where_the_form_allows(
    screen: Screen, name: str, parts: dict[str, str], whole: str, cut: dict[str, str]
) -> None:
    expect(screen[name].get_by_role("textbox")).to_have_count(len(parts))
    fill(screen[name], **parts)
    assert screen.value(f"/data/{name}") == whole
    fill(screen[name], **cut)
    expect(screen[name].locator(".lb-error")).to_be_visible()
    fill(screen[name], **parts)
    expect(screen[name].locator(".lb-error")).to_be_hidden()
    assert screen.value(f"/data/{name}") == whole


def test_a_partial_date_is_there_again_after_a_reload(screen: Screen) -> None:
    fill(screen["monat"], Monat="11", Jahr="2019")
    screen.value("/data/monat")
    screen.bare.deliver(screen.session.greeting())
    expect(screen["monat"].get_by_label("Monat")).to_have_value("11")
    expect(screen["monat"].get_by_label("Jahr")).to_have_value("2019")


def test_a_place_is_typed_with_comma_or_point(screen: Screen) -> None:
    fill(screen["ort"], Breite="48,7224", Länge="8.7957")
    assert screen.value("/data/ort") == "48.7224 8.7957 0 0"
    fill(screen["ort"], Breite="148")
    expect(screen["ort"]).to_contain_text("von -90 bis 90")


def test_the_height_that_a_device_has_found_is_kept(screen: Screen) -> None:
    screen.session.instance.answer("/data/ort", "48.5 8.5 512 4.5")
    screen.bare.deliver(screen.session.greeting())
    fill(screen["ort"], Breite="48.6")
    assert screen.value("/data/ort") == "48.6 8.5 512 4.5"


def test_a_line_has_a_point_a_line_and_an_area_is_closed(screen: Screen) -> None:
    screen["weg"].get_by_role("textbox").fill("48.7 8.7\n48,8 8,8\n")
    screen["weg"].get_by_role("textbox").blur()
    assert screen.value("/data/weg") == "48.7 8.7 0 0;48.8 8.8 0 0"
    screen["hof"].get_by_role("textbox").fill("48.7 8.7\n48.8 8.8\n48.9 8.7")
    screen["hof"].get_by_role("textbox").blur()
    assert screen.value("/data/hof") == "48.7 8.7 0 0;48.8 8.8 0 0;48.9 8.7 0 0;48.7 8.7 0 0"
    screen.bare.deliver(screen.session.greeting())
    expect(screen["hof"].get_by_role("textbox")).to_have_value("48.7 8.7\n48.8 8.8\n48.9 8.7")


def test_thousands_are_apart_to_look_at_and_together_to_type(screen: Screen) -> None:
    box = screen["geld"].get_by_role("textbox")
    box.fill("1234567")
    box.blur()
    assert screen.value("/data/geld") == "1234567"
    expect(box).to_have_value("1.234.567")
    box.focus()
    expect(box).to_have_value("1234567")
    box.blur()
    assert [op["value"] for op in screen.ops("answer")] == ["1234567"]


def test_a_counter_counts_and_replaces_nothing_it_cannot_read(screen: Screen) -> None:
    more = screen["kinder"].get_by_role("button", name="Eins mehr")
    more.click()
    more.click()
    screen["kinder"].get_by_role("button", name="Eins weniger").click()
    assert screen.value("/data/kinder") == "1"
    screen["kinder"].get_by_role("textbox").fill("zwei")
    more.click()
    assert screen.value("/data/kinder") == "zwei"


def test_codes_words_and_addresses_are_text(screen: Screen) -> None:
    for name, text in (("karte", "4006381333931"), ("wort", "geheim"), ("seite", "https://example.org/a")):
        screen[name].get_by_role("textbox").fill(text)
        screen[name].get_by_role("textbox").blur()
        assert screen.value(f"/data/{name}") == text
    assert screen["wort"].get_by_role("textbox").evaluate("(box) => getComputedStyle(box).webkitTextSecurity") == "disc"


def test_stars_are_radio_buttons_that_can_be_cleared(screen: Screen) -> None:
    screen["sterne"].get_by_role("radio", name="4 von 5").check()
    assert screen.value("/data/sterne") == "4"
    expect(screen["sterne"].locator(".lb-lit")).to_have_count(4)
    screen.page.keyboard.press("ArrowLeft")
    assert screen.value("/data/sterne") == "3"
    screen["sterne"].get_by_role("button", name="Auswahl aufheben").click()
    assert screen.value("/data/sterne") == ""


def test_a_scale_may_be_a_list_to_pick_from(screen: Screen) -> None:
    box = screen["note"].get_by_role("combobox")
    assert box.locator("option").all_inner_texts()[1:] == ["1.0", "1.5", "2.0"]
    box.select_option("1.5")
    assert screen.value("/data/note") == "1.5"


@pytest.mark.parametrize(("name", "key", "value"), [("hoch", "ArrowUp", "6"), ("glatt", "ArrowLeft", "6")])
def test_a_slider_moves_by_key_in_its_own_direction(screen: Screen, name: str, key: str, value: str) -> None:
    slider = screen[name].get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", "noch nicht gewählt")
    slider.press(key)
    assert screen.value(f"/data/{name}") == value
    screen[name].get_by_role("button", name="Auswahl aufheben").click()
    assert screen.value(f"/data/{name}") == ""
    assert screen.bare.faults == []
