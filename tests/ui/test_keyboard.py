"""A whole interview without a mouse: every control, from the work list to the record that was handed in.

After each key stroke something on the page has the focus, and what is said to a screen reader is said once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from intake.interview.widget import Interview
from intake.interview.worklist import Worklist
from scenario.browser import BarePage
from scenario.interview import store

pytestmark = pytest.mark.browser

FORM = """
| survey | type | name | label | required | missing | relevant | warning | warning_message | appearance | parameters |
|---|---|---|---|---|---|---|---|---|---|---|
| | begin_group | a | Angaben | | | | | | | |
| | text | name | Name | yes | | | | | | |
| | text | lage | Lage | | | | | | multiline | |
| | integer | alter | Alter | | | | . < 100 | Ist das Alter richtig? | | |
| | decimal | stunden | Stunden | | | | | | | |
| | date | geboren | Geboren | yes | unknown refused | | | | | |
| | date | seit | Seit | | | | | | | |
| | time | um | Um | | | | | | | |
| | dateTime | wann | Wann | | | | | | | |
| | geopoint | ort | Ort | | | | | | | |
| | end_group | | | | | | | | | |
| | begin_group | b | Auswahl | | | | | | | |
| | select_one janein | kurs | Kurs? | yes | | | | | | |
| | text | wo | Wo? | yes | | ${kurs} = 'ja' | | | | |
| | select_one land | land | Land | | | | | | minimal | |
| | select_multiple janein | mehr | Mehreres | | | | | | | |
| | rank janein | folge | Folge | | | | | | | |
| | range | note | Note | | | | | | | start=0 end=10 step=1 |
| | acknowledge | ok | Gelesen | | | | | | | |
| | begin_group | tafel | Tafel | | | | | | table-list | |
| | select_one janein | t1 | Eins | | | | | | | |
| | select_one janein | t2 | Zwei | | | | | | | |
| | end_group | | | | | | | | | |
| | end_group | | | | | | | | | |
| | begin_group | z | Ziele | | | | | | | |
| | begin_repeat | ziel | Ziel | | | | | | | |
| | text | was | Was? | yes | | | | | | |
| | end_repeat | | | | | | | | | |
| | end_group | | | | | | | | | |

| choices | list_name | name | label |
|---|---|---|---|
| | janein | ja | Ja |
| | janein | nein | Nein |
| | land | SY | Syrien |
| | land | TR | Türkei |
| | land | UA | Ukraine |

| settings | form_title | form_id | version |
|---|---|---|---|
| | Tastengespräch | tasten | 1 |
"""
RECORD = {
    "/data/a/name": "Layla", "/data/a/lage": "eins\nzwei", "/data/a/alter": "105", "/data/a/stunden": "7.5",
    "/data/a/geboren": "", "/data/a/geboren__missing": "unknown", "/data/a/seit": "2021-04-03",
    "/data/a/um": "09:05:00.000", "/data/a/wann": "2026-03-02T14:30:00.000+00:00", "/data/a/ort": "48.72 8.8 0 0",
    "/data/b/kurs": "ja", "/data/b/wo": "VHS", "/data/b/land": "TR", "/data/b/mehr": "ja nein",
    "/data/b/folge": "nein ja", "/data/b/note": "3", "/data/b/ok": "OK", "/data/b/tafel/t1": "ja",
    "/data/b/tafel/t2": "nein", "/data/z/ziel": [{"/data/z/ziel/was": "B1"}],
}  # fmt: skip
HEARD = """() => {
  const said = window.said = [];
  new MutationObserver((changes) => {
    said.push(...changes.flatMap((change) => [...change.addedNodes]).map((node) => node.textContent).filter(Boolean));
  }).observe(document.querySelector(".lb-live"), { childList: true });
}"""


class Hands:
    """A keyboard. Nothing here moves a pointer, and after each stroke something has the focus."""

    def __init__(self, page: Page, worklist: Worklist) -> None:
        self.page = page
        self.widget = Interview(worklist)
        self.bare = BarePage(page, self.widget.reply)
        expect(page.locator(".lb-desk")).to_be_visible()
        page.evaluate(HEARD)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.held(key)

    def held(self, after: str) -> None:
        """Something on the page has the focus, and still has it once nothing is under way."""
        if self.page.locator(".lb-pill").count():
            expect(self.page.locator(".lb-pill-saved")).to_be_visible()
        lost = "!document.activeElement || document.activeElement === document.body"
        assert not self.page.evaluate(lost), f"nothing has the focus after {after}"

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.held(text)

    def to(self, what: str) -> None:
        """Tab on until what has the focus matches a selector."""
        for _ in range(80):
            if self.page.evaluate("(what) => document.activeElement.matches(what)", what):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{what} is not reached by Tab")

    def on(self, name: str, what: str = ":is(input, textarea)", at: int = 0) -> None:
        """Tab on to a box of a question; `at` counts its boxes."""
        self.to(f"[data-name={name}] {what}")
        self.press(*["Tab"] * at)

    def button(self, text: str) -> None:
        """Tab on to the button or link of a name, and press it."""
        named = "(text) => document.activeElement.innerText.replace(/\\s+/g, ' ').trim().startsWith(text)"
        for _ in range(80):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(named, text):
                self.press("Enter")
                return
        raise AssertionError(f"no button {text} is reached by Tab")

    def heading(self, text: str) -> None:
        expect(self.page.locator(":focus")).to_contain_text(text)

    @property
    def said(self) -> list[str]:
        found: list[str] = self.page.evaluate("window.said")
        return found


@pytest.fixture
def worklist(tmp_path: Path) -> Iterator[Worklist]:
    with store(tmp_path, FORM) as opened:
        yield Worklist(opened, zone=UTC, author="tester", form_id="tasten")


@pytest.fixture
def hands(page: Page, worklist: Worklist) -> Hands:
    return Hands(page, worklist)


def typed_answers(hands: Hands) -> None:
    hands.on("name")
    hands.type("Layla")
    hands.on("lage")
    hands.type("eins")
    hands.press("Enter")
    hands.type("zwei")
    hands.on("alter")
    hands.type("105")
    hands.on("stunden")
    hands.type("7,5")
    hands.on("geboren", "button[value=unknown]")
    hands.press("Enter")
    for name, parts in {
        "seit": ("3", "4", "2021"), "um": ("9", "05"), "wann": ("2", "3", "2026", "14", "30"), "ort": ("48,72", "8,8"),
    }.items():  # fmt: skip
        hands.on(name)
        for at, part in enumerate(parts):
            if at:
                hands.press("Tab")
            hands.type(part)
    hands.press("Tab")


def chosen_answers(hands: Hands) -> None:
    hands.on("kurs")
    hands.press("Space")
    hands.on("wo")
    hands.type("VHS")
    hands.press("Shift+Tab")
    while not hands.page.evaluate("document.activeElement.type === 'radio'"):
        hands.press("Shift+Tab")
    hands.press("ArrowDown", "ArrowUp")  # the question below goes and comes again
    hands.on("land")
    hands.type("tur")
    hands.press("ArrowDown", "Enter")
    hands.on("mehr")
    hands.press("Space", "Tab", "Space")
    hands.on("folge", "[data-value=ja] button")
    hands.press("Alt+ArrowDown")
    hands.on("note")
    hands.press("Home", "ArrowRight", "ArrowRight", "ArrowRight")
    hands.on("ok")
    hands.press("Space")
    rows = "tr:has([data-name={}]) input"
    hands.to(rows.format("t1"))
    hands.press("Space")
    hands.to(rows.format("t2"))
    hands.press("Space", "ArrowRight")


def test_an_interview_with_every_control_by_keyboard_alone(hands: Hands, worklist: Worklist) -> None:
    page = hands.page
    hands.button("Tastengespräch")
    hands.heading("Angaben zum Gespräch")
    hands.button("Gespräch beginnen")
    hands.heading("Angaben")
    typed_answers(hands)
    hands.press("Alt+PageDown")
    hands.heading("Auswahl")
    chosen_answers(hands)
    hands.press("Alt+PageDown")
    hands.heading("Ziele")
    hands.on("was")
    hands.type("B1")
    hands.button("Ziel hinzufügen")
    hands.heading("Ziel 2")
    hands.button("Entfernen")
    hands.press("Enter")
    expect(page.locator(".lb-card")).to_have_count(1)
    hands.press("Alt+PageDown")
    hands.heading("Prüfen und abschließen")
    hands.button("Nachgefragt und bestätigt")
    expect(page.locator(".lb-soft")).to_have_count(0)
    hands.button("Abschließen")
    hands.heading("abgeschlossen und gespeichert")
    (stored,) = worklist.store.submissions()
    assert {path: stored.record[path] for path in RECORD} == RECORD
    assert [(each.path, each.reason) for each in stored.overrides] == [("/data/a/alter", "asked")]
    assert hands.said == ["Ist das Alter richtig?", "Ja: jetzt Platz 2 von 2"]
    hands.button("Zur Übersicht")
    hands.heading("Meine Fälle")
    assert hands.bare.faults == []
