"""`lotsenbuch interview` on the shipped study: a draft goes on, a skip rule, a goal, submitted."""

from __future__ import annotations

import getpass
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from intake.publishing import publish
from intake.record import xml_from_record
from intake.simulate import simulate
from intake.study import Study, create_study
from scenario.commands import BIN, environment
from validation import read_form

pytestmark = pytest.mark.browser


@dataclass
class Served:
    study: Study
    url: str
    person: str
    goals: int


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    study = create_study(tmp_path / "studie")
    with study.store() as store:
        frozen = publish(store, study.forms()["erstgespraech"])
        form = read_form(frozen.xform)
        (made,) = simulate(form, 1, 7, datetime.now(study.tz))
        xml = xml_from_record(made.record, form)
        store.journal.start(frozen.hash, made.municipality, getpass.getuser(), "Deutsch (de)", xml)
    goals = made.record["/data/ziele/ziel"]
    process = subprocess.Popen(
        [str(BIN / "lotsenbuch"), "interview", "--study", str(study.dir), "--port", "0", "--no-browser"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    address = [word for word in line.split() if word.startswith("http://127.0.0.1:")]
    assert address, line + process.stdout.read()
    yield Served(study, address[0], made.subject, len(goals))
    process.terminate()
    process.wait(timeout=30)
    process.stdout.close()


def fill(card: Locator) -> None:
    """An answer to every question of a card that must have one and has none."""
    required = card.locator(".lb-question:visible").filter(has=card.page.locator(".lb-required:visible"))
    for name in [question.get_attribute("data-name") for question in required.all()]:
        question = card.locator(f".lb-question[data-name={name}]")
        kind = question.get_attribute("class") or ""
        if "lb-kind-text" in kind:
            question.get_by_role("textbox").fill("Ein Beispiel in einem Satz.")
        elif "lb-kind-date" in kind:
            for part, text in {"Tag": "31", "Monat": "12", "Jahr": str(datetime.now().year + 1)}.items():  # noqa: DTZ005 - any day ahead
                question.get_by_label(part).fill(text)
        elif question.get_by_role("combobox").count():
            question.get_by_role("combobox").click()
            question.get_by_role("option").first.click()
        else:
            question.get_by_role("radio").first.check()


def test_a_manager_goes_on_with_a_draft_adds_a_goal_and_submits(page: Page, served: Served) -> None:
    page.set_default_timeout(60_000)
    page.goto(served.url)
    page.get_by_role("button", name="Fortsetzen").click()
    expect(page.get_by_role("heading", name="Erstgespräch und Integrationsplan")).to_be_visible()
    sections = page.get_by_role("navigation")

    sections.get_by_role("button", name="Person").first.click()  # once in each layer
    page.locator("[data-name=name]").get_by_role("textbox").fill("Beispiel, Layla")

    sections.get_by_role("button", name="Sprache").first.click()
    status = page.locator("[data-name=kursstatus]")
    expect(status).to_be_visible()
    course = page.locator("[data-name=kurs]").get_by_role("combobox")
    course.fill("kein Kurs")
    course.press("ArrowDown")
    course.press("Enter")
    expect(status).to_be_hidden()

    sections.get_by_role("button", name="Ziele").click()
    page.get_by_role("button", name="Ziel hinzufügen").click()
    expect(page.locator(".lb-card")).to_have_count(served.goals + 1)
    fill(page.locator(".lb-card").last)

    sections.get_by_role("button", name="Prüfen und abschließen").click()
    expect(page.get_by_text("Alle Pflichtfragen sind beantwortet")).to_be_visible()
    page.get_by_role("button", name="Abschließen", exact=True).click()
    expect(page.get_by_role("heading", name="abgeschlossen und gespeichert")).to_be_visible()

    with served.study.store() as store:
        (stored,) = store.submissions("erstgespraech")
        assert store.journal.drafts() == []
    assert stored.subject == served.person
    assert stored.municipality in served.study.municipalities
    assert stored.record["/data/person/name"] == "Beispiel, Layla"
    assert stored.record["/data/sprache/kurs"] == "keiner"
    assert "/data/sprache/kursstatus" not in stored.record
    goals = stored.record["/data/ziele/ziel"]
    assert isinstance(goals, list)
    assert len(goals) == served.goals + 1
