"""Self-completion as the command serves it, in a real browser: a kiosk, and links; nobody sees what was before."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from intake.interview.alone.links import Links
from intake.study import Study
from scenario.alone import survey

pytestmark = pytest.mark.browser

START = "from validation._start import main; main()"
AXE = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return survey(tmp_path_factory.mktemp("alone") / "befragung")


@contextmanager
def served(study: Study, *options: str) -> Iterator[str]:
    """The address that the command prints."""
    command = [sys.executable, "-c", START, "interview", "--self", "--study", str(study.dir)]
    process = subprocess.Popen(
        [*command, "--no-browser", *(() if "--port" in options else ("--port", "0")), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said: list[str] = []
    try:
        for line in process.stdout:
            said.append(line)
            if found := re.search(r"bereit: (\S+)", line):
                break
        else:
            raise AssertionError("".join(said))
        yield found.group(1)
    finally:
        process.send_signal(signal.SIGTERM)
        rest = process.communicate(timeout=30)[0]
    assert "Beendet." in rest, rest
    assert process.returncode == 0


def begin(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Beginnen").click()
    expect(page.get_by_role("heading", name="Über Sie")).to_be_visible()


def to_the_end(page: Page) -> None:
    for _ in range(5):
        page.locator("section:not([hidden])").get_by_role("button", name="Weiter").click()
    expect(page.get_by_role("heading", name="Fertig?")).to_be_visible()


def answers(study: Study) -> list[str]:
    with study.store() as store:
        return sorted(str(each.record["/data/person/alter"]) for each in store.submissions())


def empty(page: Page) -> None:
    """The start, and nothing chosen once one begins."""
    page.get_by_role("button", name="Beginnen").click()
    expect(page.get_by_role("heading", name="Über Sie")).to_be_visible()
    assert page.locator("input:checked").count() == 0


def test_at_a_kiosk_nobody_sees_what_was_before(browser: Browser, study: Study) -> None:
    before = len(answers(study))
    with served(study, "--kiosk", "--form", "bewohner") as url:
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale="de-DE")
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        page.goto("about:blank")
        page.goto(url)
        page.get_by_role("button", name="العربية").click()
        assert page.evaluate("document.documentElement.dir") == "rtl"
        page.get_by_role("button", name="Deutsch").click()
        assert Axe().run(page, options=AXE).response["violations"] == []
        empty(page)
        assert Axe().run(page, options=AXE).response["violations"] == []
        page.get_by_label("25 bis 44 Jahre").check()
        for hidden in (".lb-nav", ".lb-pill", ".lb-more"):
            expect(page.locator(hidden).first).to_be_hidden()
        tab = context.new_page()  # a second tab
        tab.goto(url)
        empty(tab)
        tab.close()
        to_the_end(page)
        page.get_by_role("button", name="Absenden").click()
        expect(page.get_by_role("heading", name="Danke!")).to_be_visible()
        assert page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0
        page.go_back()
        page.go_forward()
        empty(page)
        page.get_by_label("65 Jahre und älter").check()
        page.reload()  # whoever is there now begins with nothing, and what was begun is gone
        empty(page)
        page.get_by_label("unter 25 Jahre").check()
        page.get_by_role("button", name="Abbrechen").click()
        expect(page.get_by_role("button", name="Beginnen")).to_be_visible()
        assert faults == []
    expect(page.get_by_role("button", name="Beginnen")).to_be_hidden()  # the program is gone
    with served(
        study, "--kiosk", "--form", "bewohner", "--port", url.partition("#")[0].split(":")[2].strip("/")
    ) as again:
        assert again == url
        empty(page)  # it came back by itself
        context.close()
    assert len(answers(study)) == before + 1
    with study.store() as store:
        assert store.journal.drafts() == []


def test_a_link_opens_one_questionnaire_in_one_browser(browser: Browser, study: Study) -> None:
    before = answers(study)
    with served(study, "--links", "2", "--form", "bewohner") as url:
        (table,) = (study.dir / "links").glob("*.csv")
        links = table.read_text(encoding="utf-8").split()[1:]
        assert all(link.startswith(url) for link in links)
        first, second = browser.new_context(locale="de-DE"), browser.new_context(locale="de-DE")
        page, other = first.new_page(), second.new_page()
        other.goto(url)  # without a token
        expect(other.get_by_text("Dieser Link gilt nicht")).to_be_visible()
        begin(page, links[0])
        with page.expect_event("websocket") as _:
            page.get_by_label("45 bis 64 Jahre").check()
            page.get_by_role("button", name="Später weitermachen").click()
        page.get_by_role("button", name="Weitermachen").click()
        expect(page.get_by_label("45 bis 64 Jahre")).to_be_checked()
        other.goto(links[0])
        expect(other.get_by_text("in einem anderen Browser geöffnet")).to_be_visible()
        to_the_end(page)
        page.get_by_role("button", name="Absenden").click()
        expect(page.get_by_role("heading", name="Danke!")).to_be_visible()
        page.reload()
        expect(page.get_by_text("schon abgegeben")).to_be_visible()
        first.close()
        second.close()
    assert answers(study) == sorted([*before, "a45"])
    counts = Links(study.dir / "participation.json").participation("bewohner")
    assert counts.made == 2
