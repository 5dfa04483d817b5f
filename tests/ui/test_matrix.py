"""Questions with the same choices as one table: with heads for both directions, below one another when narrow."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from intake.interview.session import Session
from scenario.interview import NOW, form
from scenario.screen import Screen

pytestmark = pytest.mark.browser

FORM = """
| survey | type | name | label::Deutsch (de) | label::العربية (ar) | appearance | required | relevant | choice_filter |
|---|---|---|---|---|---|---|---|---|
| | begin_group | g | Verstehen | فهم | | | | |
| | begin_group | t | Wie gut verstehen Sie? | ما مدى فهمك؟ | table-list | | | |
| | select_one grad | briefe | Briefe | رسائل | | yes | | |
| | select_one grad | arzt | Arzt | الطبيب | | | | |
| | select_one grad | kino | Kino | سينما | | | ${arzt} = '1' | |
| | end_group | | | | | | | |
| | select_multiple grad | kopf | Kopf | رأس | label | | | |
| | select_multiple grad | zeile | Zeile | سطر | list-nolabel | | | |
| | select_multiple grad | kurz | Kurz | قصير | list | | | n < 3 |
| | select_one grad | allein | Allein | وحيد | list | | | |
| | end_group | | | | | | | |

| choices | list_name | name | label::Deutsch (de) | label::العربية (ar) | n |
|---|---|---|---|---|---|
| | grad | 1 | Gut | جيد | 1 |
| | grad | 2 | Mittel | متوسط | 2 |
| | grad | 3 | Schlecht | سيئ | 3 |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Matrix | matrix | 1 | Deutsch (de) |
"""


class Table(Screen):
    """The screen with the form, and its tables."""

    def __init__(self, page: Page, second: str | None) -> None:
        super().__init__(page, Session(form(FORM), now=lambda: NOW, second=second))
        self.tables = page.get_by_role("table")
        expect(self.tables.first).to_be_visible()


@pytest.fixture
def open_(page: Page) -> Callable[..., Table]:
    return lambda second=None: Table(page, second)


def test_a_table_has_heads_for_both_directions_and_a_group_in_each_row(open_: Callable[..., Table]) -> None:
    screen = open_()
    table = screen.tables.first
    expect(table).to_have_accessible_name("Wie gut verstehen Sie?")
    expect(table.get_by_role("columnheader")).to_have_text(["Gut", "Mittel", "Schlecht"])
    assert [each.get_attribute("scope") for each in table.locator("th").all()] == ["col"] * 3 + ["row"] * 3
    expect(table.get_by_role("radio")).to_have_count(6)
    table.get_by_role("radio", name="Briefe Mittel").focus()
    screen.page.keyboard.press("ArrowRight")
    assert screen.value("/data/g/t/briefe") == "3"
    assert screen.value("/data/g/t/arzt") == ""
    assert screen.bare.faults == []


def test_a_row_that_is_not_asked_is_not_there(open_: Callable[..., Table]) -> None:
    screen = open_()
    row = screen.tables.first.get_by_role("row").last
    expect(row.get_by_text("Arzt")).to_be_visible()
    screen.tables.first.get_by_role("radio", name="Arzt Gut").check()
    expect(row.get_by_role("radio", name="Kino Gut")).to_be_visible()
    row.get_by_role("radio", name="Kino Schlecht").check()
    assert screen.value("/data/g/t/kino") == "3"


def test_the_head_is_no_question_and_what_is_missing_is_said_in_its_row(open_: Callable[..., Table]) -> None:
    screen = open_()
    assert screen.page.get_by_role("navigation").get_by_role("button").nth(1).inner_text().endswith("0/5")
    screen.tables.first.get_by_role("radio", name="Briefe Mittel").focus()
    screen.page.keyboard.press("Tab")
    error = screen.page.locator("[data-name=briefe] .lb-error")
    expect(error).to_be_visible()
    described = screen.tables.first.get_by_role("radio", name="Briefe Gut").get_attribute("aria-describedby")
    assert described == error.locator("xpath=..").get_attribute("id")


def test_boxes_stand_in_rows_too_and_a_row_with_other_choices_names_them(open_: Callable[..., Table]) -> None:
    screen = open_()
    table = screen.tables.nth(1)
    table.get_by_role("checkbox", name="Zeile Gut").check()
    table.get_by_role("checkbox", name="Zeile Schlecht").check()
    assert screen.value("/data/g/zeile") == "1 3"
    expect(table.get_by_role("row").nth(2).locator(".lb-cell-name")).to_have_text(["Gut", "Mittel"])
    assert table.get_by_role("row").nth(2).locator(".lb-cell-name").first.bounding_box()["width"] > 10  # type: ignore[index]
    assert table.get_by_role("row").nth(1).locator(".lb-cell-name").first.bounding_box()["width"] <= 1  # type: ignore[index]
    expect(screen.page.locator("[data-name=allein]").get_by_role("radio")).to_have_count(3)


@pytest.mark.parametrize("second", [None, "العربية (ar)"])
def test_when_narrow_each_row_repeats_the_choices(open_: Callable[..., Table], second: str | None) -> None:
    screen = open_(second)
    screen.page.set_viewport_size({"width": 390, "height": 800})
    table = screen.tables.first
    expect(table.get_by_role("columnheader").first).to_be_hidden()
    names = table.get_by_role("row").filter(has_text="Arzt").locator(".lb-cell-name")
    assert [name.bounding_box()["width"] > 10 for name in names.all()] == [True] * 3  # type: ignore[index]
    table.get_by_role("radio", name=re.compile("Arzt.*Mittel")).check()
    assert screen.value("/data/g/t/arzt") == "2"
    assert screen.page.evaluate("document.documentElement.scrollWidth") <= 390
