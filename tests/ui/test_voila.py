"""The whole way in a real browser: the server as the command starts it, an interview held, the submission stored."""

from __future__ import annotations

import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, Request, expect

from intake.store import open_store
from scenario.interview import workbook
from scenario.served import Server, served

pytestmark = pytest.mark.browser


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with served(workbook(tmp_path)) as started:
        yield started


def question(name: str) -> str:
    return f".lb-question[data-name={name}]:visible"


def begin(page: Page, server: Server) -> None:
    page.set_default_timeout(60_000)
    page.goto(server.url)
    page.get_by_role("button", name="Probegespräch").click()
    page.get_by_role("button", name="Gespräch beginnen").click()
    expect(page.get_by_role("heading", name="Fall", level=2)).to_be_visible()


def saved(page: Page) -> None:
    expect(page.locator(".lb-pill-saved")).to_be_visible()


def test_an_interview_is_held_and_its_submission_is_in_the_store(page: Page, server: Server) -> None:
    asked: list[str] = []
    faults: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.on("pageerror", lambda error: faults.append(str(error)))
    begin(page, server)
    expect(page).to_have_title("Gespräch – Lotsenbuch")
    assert page.evaluate("document.documentElement.lang") == "de"
    page.locator(f"{question('fallnummer')} input").fill("A-17")
    page.locator(f"{question('name')} input").fill("Layla Beispiel")
    for part, text in {"Tag": "17", "Monat": "4", "Jahr": "1991"}.items():
        page.locator(question("geburtsdatum")).get_by_label(part, exact=True).fill(text)
    page.get_by_label("Andere", exact=True).check()
    page.locator(f"{question('andere')} input").fill("Kurmandschi")
    page.get_by_role("button", name="Weiter").click()
    expect(page.locator(question("wo"))).to_have_count(0)
    page.get_by_label("Ja", exact=True).check()
    page.locator(f"{question('wo')} textarea").fill("VHS")
    page.get_by_role("button", name="Weiter").click()
    page.get_by_role("button", name="Ziel hinzufügen").click()
    expect(page.locator(".lb-card")).to_have_count(2)
    for box in page.locator(f"{question('was')} input").all():
        box.fill("Sprachkurs B1")
    page.get_by_role("button", name="Weiter").click()
    expect(page.get_by_text("Alle Pflichtfragen sind beantwortet")).to_be_visible()
    saved(page)
    page.get_by_role("button", name="Abschließen", exact=True).click()
    expect(page.get_by_text("Fallnummer: A-17")).to_be_visible()

    with open_store(server.answers / "store.db", key_file=server.answers / "store.key") as store:
        (stored,) = store.submissions()
        assert store.journal.drafts() == []
    assert stored.record["/data/fall/name"] == "Layla Beispiel"
    assert stored.record["/data/fall/geburtsdatum"] == "1991-04-17"
    assert stored.record["/data/fall/andere"] == "Kurmandschi"
    assert stored.record["/data/kurs/wo"] == "VHS"
    goals = stored.record["/data/ziele/ziel"]
    assert isinstance(goals, list)
    assert [goal["/data/ziele/ziel/was"] for goal in goals] == ["Sprachkurs B1"] * 2
    assert {url.split("/")[2] for url in asked if not url.startswith(("blob:", "data:"))} == {server.url.split("/")[2]}
    assert faults == []
    assert page.locator("pre, .jp-InputArea, code").count() == 0


def test_after_the_kernel_was_killed_the_answers_are_there_again(page: Page, server: Server) -> None:
    begin(page, server)
    page.locator(f"{question('name')} input").fill("Layla Beispiel")
    page.locator(f"{question('alter')} input").fill("34")
    page.keyboard.press("Tab")
    saved(page)
    for kernel in server.kernels():
        kernel.kill()
    page.reload()
    expect(page.locator(f"{question('name')} input")).to_have_value("Layla Beispiel")
    expect(page.locator(f"{question('alter')} input")).to_have_value("34")
    page.locator(f"{question('stunden')} input").fill("1,5")
    saved(page)


def test_a_page_that_goes_takes_its_kernel_along(page: Page, server: Server) -> None:
    begin(page, server)
    (before,) = server.kernels()
    page.reload()
    expect(page.locator(".lb h1")).to_be_visible()
    before.wait(timeout=60)
    assert len(server.kernels()) == 1


def test_what_cannot_be_saved_stays_on_screen_and_is_said(page: Page, server: Server) -> None:
    begin(page, server)
    page.locator(f"{question('name')} input").fill("Layla")
    saved(page)
    for kernel in server.kernels():
        kernel.kill()
    page.locator(f"{question('name')} input").fill("Layla Beispiel")
    expect(page.get_by_text("Das Programm im Hintergrund wurde beendet")).to_be_visible(timeout=20_000)
    expect(page.locator(".lb-pill-not_saved")).to_be_visible()
    expect(page.locator(f"{question('name')} input")).to_have_value("Layla Beispiel")


def test_the_token_leaves_the_address_and_a_reload_needs_none(page: Page, server: Server) -> None:
    begin(page, server)
    assert "token" not in page.url
    page.reload()
    expect(page.get_by_role("button", name="Probegespräch")).to_be_visible()
    token = server.url.rsplit("token=", 1)[1]
    assert token not in page.evaluate("document.documentElement.outerHTML + document.cookie + location.href")


def test_a_page_that_is_still_open_goes_on_after_the_server_was_started_again(page: Page, tmp_path: Path) -> None:
    file = workbook(tmp_path)
    with served(file) as before:
        begin(page, before)
        page.locator(f"{question('name')} input").fill("Layla Beispiel")
        saved(page)
    port = urllib.parse.urlsplit(before.url).port
    assert port is not None
    with served(file, port=port):
        page.reload()
        expect(page.locator(f"{question('name')} input")).to_have_value("Layla Beispiel")
        page.context.clear_cookies()
        page.reload()
        expect(page.locator(".lb")).to_have_count(0)


def test_without_the_token_there_is_nothing_to_see(server: Server) -> None:
    with urllib.request.urlopen(server.url.split("?")[0], timeout=30) as answer:
        assert "/login" in answer.url
    kernel = server.url.split("?")[0] + "api/kernels/00000000-0000-0000-0000-000000000000"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(kernel, timeout=30)
    refused.value.close()
    assert refused.value.code in (401, 403)


def test_it_stops_cleanly_and_takes_its_kernels_along(page: Page, server: Server) -> None:
    begin(page, server)
    family = psutil.Process(server.process.pid).children(recursive=True)
    assert server.kernels()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.stdout is not None
    out = server.process.stdout.read()
    server.process.wait(timeout=30)
    assert server.process.returncode == 0
    assert "Beendet" in out
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []
