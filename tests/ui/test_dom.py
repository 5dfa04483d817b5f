"""How texts stand on the page: numbers and foreign words within a text, and the letters a list is searched with."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from intake.interview.session import Session
from scenario.interview import NOW, form
from scenario.screen import Screen

pytestmark = pytest.mark.browser

ARABIC = "العربية (ar)"
FORM = """
| survey | type | name | label::Deutsch (de) | label::العربية (ar) |
|---|---|---|---|---|
| | note | satz | {german} | {arabic} |
| | select_one ort | ort | Ort | مكان |

| choices | list_name | name | label::Deutsch (de) | label::العربية (ar) |
|---|---|---|---|---|
| | ort | a | Schule | المدرسة |
| | ort | b | Bücherei | مكتبي |
| | ort | c | Fünf | П’ять |
| | ort | d | Dorf | قرية |
| | ort | e | Stadt | مدينة كبيرة |
| | ort | f | Fluss | نهر |
| | ort | g | Berg | جبل |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Satz | satz | 1 | Deutsch (de) |
"""


def opened(page: Page, german: str = "Satz", arabic: str = "جملة") -> Screen:
    text = FORM.format(german=german, arabic=arabic)
    screen = Screen(page, Session(form(text), now=lambda: NOW, second=ARABIC))
    if not screen["satz"].count():
        screen.next()
    return screen


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("الرقم +49 7051 160-0 من 9:00", ["+49 7051 160-0", "9:00"]),
        ("إعانات (AsylbLG § 3) حسب § 9 AufenthG", ["AsylbLG § 3", "§ 9 AufenthG"]),
        ("دورة B1, B2 في عام 2024", ["B1, B2", "2024"]),
        ("1, 2, 3 أو 10–20 و 1,5 %", ["1", "2", "3", "10–20", "1,5 %"]),
        ("Integrationskurs", []),
        ("جملة", []),
    ],
)
def test_what_runs_the_other_way_is_set_apart(page: Page, text: str, apart: list[str]) -> None:
    part = opened(page, arabic=text)["satz"].locator("bdi[lang=ar]")
    expect(part).to_have_text(text)
    assert part.locator("bdi[dir=ltr]").all_inner_texts() == apart


def test_an_arabic_name_in_a_german_sentence_is_set_apart(page: Page) -> None:
    part = opened(page, german="Für ليلى حسن (12)")["satz"].locator("bdi[lang=de]")
    expect(part.locator("bdi[dir=rtl]")).to_have_text("ليلى حسن")


@pytest.mark.parametrize(
    ("typed", "found"), [("مدرسه", "Schule"), ("مکتبى", "Bücherei"), ("п'ять", "Fünf"), ("bucherei", "Bücherei")]
)
def test_a_list_is_searched_with_the_letters_of_any_keyboard(page: Page, typed: str, found: str) -> None:
    screen = opened(page)
    screen["ort"].get_by_role("combobox").press_sequentially(typed)
    expect(screen["ort"].get_by_role("option")).to_have_count(1)
    expect(screen["ort"].get_by_role("option")).to_contain_text(found)


SIGNS = """
| survey | type | name | label |
|---|---|---|---|
| | begin_repeat | r | Posten $& {name} |
| | file | beleg | Beleg |
| | end_repeat | | |

| settings | form_title | form_id | version |
|---|---|---|---|
| | Zeichen | zeichen | 1 |
"""


def test_signs_in_what_is_put_into_a_text_mean_nothing(page: Page) -> None:
    Screen(page, Session(form(SIGNS), now=lambda: NOW))
    if page.locator(".lb-repeat").count() == 0:
        page.get_by_role("button", name="Weiter").click()
    expect(page.get_by_role("button", name="Posten $& {name} hinzufügen")).to_be_visible()
    page.locator("input[type=file]").set_input_files({"name": "a$&b{name}.txt", "mimeType": "", "buffer": b"x"})
    expect(page.locator(".lb-sending span")).to_contain_text("a$&b{name}.txt")
