"""*Was ansteht* in a real browser: drawn after the list, by keys, on a phone, and a mark at each case."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from intake.deadlines import COLUMNS, FILE
from intake.interview.due import PAGE
from intake.interview.widget import Interview
from intake.interview.worklist import Worklist
from scenario.browser import BarePage
from scenario.dated import TOWN, dated, put

pytestmark = pytest.mark.browser

AXE = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
ROWS = f"""{",".join(COLUMNS)}
termin,aufnahme,appointment,${{termin}},,true(),30,${{zustaendig}},Nächster Termin,Next appointment
seit,aufnahme,since,${{zuweisung}},,true(),0,'',Seit der Zuweisung,Since assignment
"""


def day(days: int) -> str:
    return (dt.datetime.now(dt.UTC).date() + dt.timedelta(days)).isoformat()


def test_what_is_due_from_the_list_to_the_case(page: Page, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(ROWS, encoding="utf-8")
    with dated(tmp_path) as store:
        put(store, "aufnahme", "P-000001", fallnummer="A/1", zustaendig="S-01", termin=day(-2), zuweisung=day(-9))
        for number in range(2, PAGE + 4):
            put(store, "aufnahme", f"P-{number:06d}", fallnummer=f"A/{number}", termin=day(number))
        desk = Worklist(store, zone=dt.UTC, author="tester", municipalities={TOWN: "Althengstett"},
                        deadlines=tmp_path / FILE)  # fmt: skip
        widget = Interview(desk)
        bare = BarePage(page, widget.reply)
        part = page.get_by_role("region", name="Was ansteht")
        rows = part.locator(".lb-row")
        expect(rows).to_have_count(1)
        sent = [message.get("what", message["type"]) for message in bare.sent()]
        assert sent.index("hello") < sent.index("due"), "the list is drawn first"
        expect(rows).to_contain_text("überfällig seit")
        expect(rows).to_contain_text("A/1")
        mark = page.locator("[data-case] .lb-chip")
        expect(mark).to_have_count(PAGE + 3)
        expect(page.locator(".lb-chip-overdue")).to_have_text("1 überfällig")
        assert Axe().run(page, options=AXE).response["violations"] == []

        part.get_by_role("button", name="Überfällig (1)").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(rows).to_have_count(PAGE)
        expect(part.get_by_role("button", name=f"Demnächst ({PAGE + 2})")).to_be_focused()
        part.get_by_role("button", name="2 weitere zeigen").press("Enter")
        expect(rows).to_have_count(PAGE + 2)
        expect(rows.nth(PAGE).get_by_role("button")).to_be_focused()

        page.set_viewport_size({"width": 360, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        page.keyboard.press("Enter")
        expect(page.get_by_label("Fall suchen")).to_have_value(f"P-{PAGE + 2:06d}")
        expect(page.locator("[data-case]")).to_have_count(1)
        expect(page.locator("[data-case] [aria-expanded]")).to_be_focused()
        expect(part).to_be_hidden()
        page.get_by_label("Fall suchen").fill("")
        expect(part).to_be_visible()
        assert bare.faults == []
        covered = page.locator(".lb-due .lb-personal").count()
        assert covered >= PAGE, "F2 covers pseudonyms and numbers here, too"


def test_a_wrong_table_is_said_and_the_cases_stay(page: Page, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(ROWS.replace("${termin}", "${termine}"), encoding="utf-8")
    with dated(tmp_path) as store:
        put(store, "aufnahme", "P-000001", termin=day(1))
        widget: Any = Interview(Worklist(store, zone=dt.UTC, author="tester", deadlines=tmp_path / FILE))
        BarePage(page, widget.reply)
        expect(page.get_by_role("alert")).to_contain_text("keine Spalte „termine“")
        expect(page.locator("[data-case]")).to_have_count(1)
