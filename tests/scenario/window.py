"""A window of a browser with an interview in it whose Python can go deaf, and what lies in the browser's mirror."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Locator, Page, expect

from intake.interview.widget import Interview
from intake.interview.worklist import Worklist
from scenario.browser import ADDRESS, BarePage

ENTRIES = """async () => {
  const open = indexedDB.open("lotsenbuch");
  const database = await new Promise((resolve) => { open.onsuccess = () => resolve(open.result); });
  const all = database.transaction("entries").objectStore("entries").getAll();
  const entries = await new Promise((resolve) => { all.onsuccess = () => resolve(all.result); });
  const asked = database.transaction("keys").objectStore("keys").get("seal");
  const key = await new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
  database.close();
  const bytes = (value) => String.fromCharCode(...new Uint8Array(value));
  const shown = ({ iv, content, ...entry }) => ({ ...entry, iv: bytes(iv), content: bytes(content) });
  return { extractable: key?.extractable, algorithm: key?.algorithm, entries: entries.map(shown) };
}"""


class Window:
    """A page with a widget of its own in this process. While `deaf`, nothing reaches Python and nothing comes back."""

    def __init__(self, page: Page, opened: Worklist) -> None:
        self.page = page
        self.worklist = opened
        self.deaf = False
        self.faults: list[str] = []
        self.widget = Interview(opened)
        self.bare = BarePage(page, self.reply)

    def reply(self, message: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [] if self.deaf else self.widget.reply(message)

    def reload(self) -> None:
        """As Voila does: the same page, a new kernel."""
        self.page.goto("about:blank")
        self.deaf = False
        self.widget = Interview(self.worklist)
        self.page.goto(ADDRESS)

    def begin(self, number: str = "", name: str = "") -> None:
        """A new interview; a case number or a name is given and saved."""
        self.page.get_by_role("button", name="Probegespräch", exact=True).click()
        self.page.get_by_role("button", name="Gespräch beginnen").click()
        expect(self["name"]).to_be_visible()
        for question, value in (("fallnummer", number), ("name", name)):
            if value:
                self[question].fill(value)
                self.saved()

    def leave_behind(self) -> None:
        """A new interview with a case number, and a name that Python never hears of: two entries in the mirror."""
        self.begin("A-17")
        self.deaf = True
        self["name"].press_sequentially("Layla")
        self.mirrored(2)

    def resume(self) -> None:
        self.page.get_by_role("button", name="Fortsetzen").first.click()
        expect(self["name"]).to_be_visible()

    def __getitem__(self, name: str) -> Locator:
        return self.page.locator(f".lb-question[data-name={name}]:visible input").first

    def saved(self) -> None:
        expect(self.page.locator(".lb-pill-saved")).to_be_visible()

    def mirrored(self, count: int) -> dict[str, Any]:
        """What lies in the browser, once it is so many entries."""
        self.page.wait_for_function(f"async () => (await ({ENTRIES})()).entries.length === {count}")
        found: dict[str, Any] = self.page.evaluate(ENTRIES)
        return found
