"""The interview on a bare page with a real session behind it: the page, the session, and a way to questions by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from intake.interview.session import Session
from intake.interview.worklist import Worklist
from scenario.browser import BarePage
from scenario.interview import NOW, Talk, form
from scenario.interview import store as store_with

LAYERS = Path(__file__).with_name("layers.md").read_text(encoding="utf-8")
ANSWERS = {
    "/data/fall/fallnummer": "08235-P-000017",
    "/data/fall/name": "Al-Hassan, Layla",
    "/data/fall/datum": "2026-03-02",
    "/data/fall/anwesend": "partner kinder",
    "/data/person/kurs": "ja",
    "/data/person/wo": "VHS Calw",
    "/data/person/alter": "105",
    "/data/ziele/ziel[1]/was": "Sprachkurs B1 abschließen",
    "/data/ziele/ziel[1]/bis": "2027-03-31",
}


def layered(answers: Mapping[str, str] = {}, **settings: Any) -> Session:
    """The plan in three layers, with some answers, without a study."""
    session = Session(form(LAYERS), now=lambda: NOW, **settings)
    talk = Talk(session)
    for path, value in answers.items():
        name = path.rsplit("/", 1)[-1]
        entry = talk.state[talk.id("Ziel")]["entries"][0] if "[1]" in path else ""
        op = "reason" if name.endswith("__missing") else "answer"
        talk.send(op, talk.key(name.removesuffix("__missing"), entry), value)
    return session


def in_study(directory: Path) -> Session:
    """The same as a new interview of a study."""
    opened = store_with(directory, LAYERS)
    work = Worklist(opened, zone=UTC, author="Erika Muster", form_id="probeplan", title="Integration Althengstett")
    return work.begin("probeplan")


class Screen:
    """An interview on a page. `fail` holds replies to give instead of those of the session, the next one last."""

    def __init__(self, page: Page, session: Session) -> None:
        self.page = page
        self.session = session
        self.fail: list[dict[str, Any]] = []
        self.bare = BarePage(page, self.reply)
        expect(page.locator(".lb-title")).to_be_visible()

    def reply(self, message: Mapping[str, Any]) -> list[dict[str, Any]]:
        if message["type"] == "hello":
            return [self.session.greeting(message["view"])]
        if message["type"] not in ("op", "ping", "list"):
            return []
        if self.fail and "op_id" in message:
            return [{**self.fail.pop(), "op_id": message["op_id"]}]
        return self.session.receive(message)

    def __getitem__(self, name: str) -> Locator:
        return self.page.locator(f".lb-question[data-name={name}]").locator("visible=true")

    def value(self, path: str) -> str:
        """What Python holds, once the screen says that everything is saved."""
        expect(self.page.locator(".lb-pill-saved")).to_be_visible()
        return self.session.instance.value(path)

    def next(self) -> None:
        self.page.get_by_role("button", name="Weiter", exact=False).click()

    def section(self, name: str, at: int = 0) -> None:
        """Go to a page by its name in the navigation; `at` counts those of the same name."""
        self.page.get_by_role("navigation").get_by_role("button", name=name).nth(at).click()

    def more(self) -> None:
        """Open the panel for language, print and help."""
        self.page.locator(".lb-tool-more").click()

    def ops(self, name: str) -> list[dict[str, Any]]:
        """What was sent of one operation."""
        return [message for message in self.bare.sent() if message.get("op") == name]
