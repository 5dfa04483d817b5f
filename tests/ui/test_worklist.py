"""The work list in a real browser: cases found by a few words, begun, opened again; a contact in four actions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from intake.interview.newcase import NewCase
from intake.interview.widget import Interview
from intake.interview.worklist import PAGE, Worklist
from intake.store import Store, utc_now
from scenario.browser import BarePage
from scenario.cases import answer, desk, office, person

pytestmark = pytest.mark.browser

AXE = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


@dataclass
class Desk:
    """The work list on a page. `actions` are what a person did, one for each click or key."""

    page: Page
    store: Store
    worklist: Worklist
    bare: BarePage | None = None
    silent: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)

    def open(self) -> Desk:
        widget = Interview(self.worklist)

        def reply(message: Any) -> list[dict[str, Any]]:
            return [] if message.get("what") in self.silent else widget.reply(message)

        self.bare = BarePage(self.page, reply)
        expect(self.page.get_by_role("heading", name="Meine Fälle")).to_be_visible()
        return self

    def click(self, target: Locator) -> None:
        target.click()
        self.actions.append(f"click {target}")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.actions.append(key)

    def row(self, name: str) -> Locator:
        return self.page.locator(".lb-row", has=self.page.get_by_role("heading", name=name))

    def save(self) -> None:
        self.click(self.page.get_by_role("button", name="Kontakt speichern"))
        expect(self.page.locator(".lb-done-note")).to_be_visible()

    def contacts(self) -> list[dict[str, Any]]:
        return [dict(each.record) for each in self.store.submissions("kontakt")]


@pytest.fixture
def here(page: Page, tmp_path: Path) -> Iterator[Desk]:
    with office(tmp_path, clock=utc_now) as store:
        worklist = desk(store)
        for number in (1, 2, 3):
            person(worklist, number, "08999001" if number == 2 else "08235007")
        yield Desk(page, store, worklist)


def tick(page: Page, name: str) -> Locator:
    return page.get_by_label(name, exact=True)


def days_ago(days: int) -> str:
    return (datetime.now(UTC).date() - timedelta(days=days)).isoformat()


# --- the list


def test_cases_are_found_and_the_number_is_announced(here: Desk) -> None:
    page = here.open().page
    expect(page.locator(".lb-row")).to_have_count(3)
    page.get_by_label("Fall suchen").fill("schonhofen")
    expect(page.locator(".lb-row")).to_have_count(1)
    expect(page.get_by_role("heading", name="P-000002")).to_be_visible()
    expect(page.locator(".lb-live")).to_have_text("1 Treffer")
    page.get_by_label("Fall suchen").fill("gibt es nicht")
    expect(page.locator(".lb-live")).to_contain_text("Nichts gefunden")
    expect(page.locator(".lb-row")).to_have_count(0)
    page.get_by_label("Fall suchen").fill("")
    expect(page.locator(".lb-row")).to_have_count(3)
    assert here.bare is not None
    assert here.bare.faults == []


def test_more_cases_come_on_demand_and_the_focus_goes_to_the_first_of_them(here: Desk) -> None:
    for number in range(10, PAGE + 10):
        person(here.worklist, number)
    page = here.open().page
    expect(page.locator(".lb-row")).to_have_count(PAGE)
    page.get_by_role("button", name="3 weitere zeigen").click()
    expect(page.locator(".lb-row")).to_have_count(PAGE + 3)
    expect(here.row("P-000003").get_by_role("button").first).to_be_focused()
    expect(page.get_by_text(f"{PAGE + 3} von {PAGE + 3} gezeigt")).to_be_visible()


def test_a_new_store_says_what_to_do(page: Page, tmp_path: Path) -> None:
    with office(tmp_path, contact=False) as store:
        Desk(page, store, desk(store)).open()
        expect(page.get_by_text("Kein Entwurf ist offen.")).to_be_visible()
        expect(page.get_by_text("Es ist noch kein Gespräch abgeschlossen")).to_be_visible()
        expect(page.get_by_role("button", name="Kontakt eintragen")).to_have_count(0)
        page.get_by_role("button", name="Aufnahme").click()
        expect(page.get_by_role("heading", name="Aufnahme", level=1)).to_be_visible()


def test_a_record_is_opened_again_with_one_click_on_a_reason(here: Desk) -> None:
    here.worklist.author = "kollegin"  # who entered it need not say why within a day
    page = here.open().page
    here.row("P-000001").get_by_role("button", name="Öffnen").click()
    page.get_by_role("button", name="Ergänzen oder berichtigen").click()
    page.get_by_role("button", name="Später ergänzt").click()
    today = datetime.now(UTC).strftime("%d.%m.%Y")
    expect(page.get_by_text(f"Korrektur vom {today}, Grund: später ergänzt")).to_be_visible()
    page.locator("[data-name=name]").get_by_role("textbox").fill("Layla")
    page.get_by_role("button", name="Prüfen und abschließen").first.click()
    page.get_by_role("button", name="Abschließen", exact=True).click()
    expect(page.get_by_role("heading", name="abgeschlossen und gespeichert")).to_be_visible()
    page.get_by_role("button", name="Zur Übersicht").click()
    here.row("P-000001").get_by_role("button", name="Öffnen").click()
    expect(page.get_by_text("Fassung 2")).to_be_visible()
    versions = here.store.history(next(each.id for each in here.store.submissions() if each.subject == "P-000001"))
    assert [(each.version, each.reason, each.record["/data/name"]) for each in versions] == [
        (1, None, ""), (2, "late", "Layla"),
    ]  # fmt: skip


def test_a_form_is_begun_for_a_case_with_its_pseudonym(here: Desk) -> None:
    page = here.open().page
    here.row("P-000002").get_by_role("button", name="Öffnen").click()
    here.row("P-000002").get_by_role("button", name="Aufnahme", exact=True).click()
    expect(page.locator("[data-name=person]").get_by_role("textbox")).to_have_value("P-000002")
    expect(page.locator("[data-name=gemeinde]").get_by_role("textbox")).to_have_value("08999001")


def test_a_pseudonym_of_another_case_is_said_and_the_free_one_taken_with_one_click(
    here: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NewCase, "offer", lambda _: "P-712345")  # this form has no pattern to draw one after
    page = here.open().page
    page.get_by_role("button", name="Aufnahme", exact=True).click()
    page.get_by_role("button", name="Gespräch beginnen").click()
    question = page.locator("[data-name=person]")
    question.get_by_role("textbox").fill("P-000002")
    question.get_by_role("textbox").press("Tab")
    expect(question.get_by_text("Dieses Pseudonym hat schon ein anderer Fall.")).to_be_visible()
    question.get_by_role("button", name="übernehmen").click()
    expect(question.get_by_role("textbox")).to_have_value("P-712345")
    expect(question.locator(".lb-error")).to_have_count(0)
    expect(page.get_by_text("Alle Änderungen gespeichert")).to_be_visible()


def test_a_draft_is_discarded_only_when_asked_again(here: Desk) -> None:
    answer(here.worklist.begin("aufnahme"), gemeinde="08235007", person="P-000009")
    page = here.open().page
    page.get_by_role("button", name="Verwerfen").click()
    expect(page.get_by_text("Es gehen verloren: 2 Angaben.")).to_be_visible()
    expect(page.get_by_role("button", name="Abbrechen")).to_be_focused()
    page.get_by_role("button", name="Abbrechen").click()
    expect(page.get_by_role("button", name="Verwerfen")).to_be_focused()
    assert len(here.store.journal.drafts()) == 1
    page.get_by_role("button", name="Verwerfen").click()
    page.get_by_role("button", name="Ja, endgültig verwerfen").click()
    expect(page.get_by_text("Kein Entwurf ist offen.")).to_be_visible()
    expect(page.locator(".lb-live")).to_have_text("Der Entwurf ist verworfen.")
    assert here.store.journal.drafts() == []


def test_the_privacy_key_covers_pseudonyms_and_case_numbers(here: Desk) -> None:
    answer(here.worklist.begin("aufnahme"), gemeinde="08235007", person="P-000009", fallnummer="A/9")
    page = here.open().page
    here.row("P-000001").get_by_role("button", name="Kontakt").click()
    expect(page.get_by_role("heading", name="Kontakt eintragen")).to_be_visible()
    page.keyboard.press("F2")
    seen = page.evaluate(
        """() => [...document.querySelectorAll("main *")]
          .filter((node) => !node.children.length && /P-0|A[/]/.test(node.textContent))
          .filter((node) => getComputedStyle(node).visibility === "visible").map((node) => node.outerHTML)"""
    )
    assert seen == []
    page.keyboard.press("F2")
    expect(page.get_by_text("P-000009", exact=False).first).to_be_visible()


# --- the quick contact


def test_the_common_contact_takes_four_actions_at_most(here: Desk) -> None:
    page = here.open().page
    here.click(here.row("P-000001").get_by_role("button", name="Kontakt"))
    here.click(tick(page, "Telefon"))
    here.click(tick(page, "Wohnen"))
    here.save()
    assert len(here.actions) <= 4
    (stored,) = here.contacts()
    assert stored["/data/fall/person"] == "P-000001"
    assert stored["/data/fall/gemeinde"] == "08235007"
    assert stored["/data/kontakt/datum"] == days_ago(0)
    assert (stored["/data/kontakt/kanal"], stored["/data/kontakt/themen"]) == ("telefon", "wohnen")
    assert stored["/data/kontakt/minuten"] == "30"
    expect(here.row("P-000001").get_by_role("button", name="Kontakt")).to_be_focused()
    assert here.bare is not None
    assert here.bare.faults == []


def test_one_of_yesterday_takes_four_as_well_because_the_way_is_that_of_the_last_time(here: Desk) -> None:
    page = here.open().page
    here.row("P-000001").get_by_role("button", name="Kontakt").click()
    tick(page, "Messenger").click()
    tick(page, "Sprache").click()
    page.get_by_label("Dauer in Minuten").fill("15")
    here.save()
    here.actions.clear()
    here.click(here.row("P-000002").get_by_role("button", name="Kontakt"))
    here.click(tick(page, "Gestern"))
    here.click(tick(page, "Krise"))
    here.click(page.get_by_role("button", name="Kontakt speichern"))
    expect(here.row("P-000002").locator(".lb-done-note")).to_be_visible()
    assert len(here.actions) <= 4
    stored = here.contacts()[-1]
    assert stored["/data/fall/person"] == "P-000002"
    assert stored["/data/kontakt/datum"] == days_ago(1)
    assert (stored["/data/kontakt/kanal"], stored["/data/kontakt/minuten"]) == ("messenger", "15")


@pytest.mark.parametrize(("together", "talks"), [(True, 1), (False, 2)])
def test_a_group_is_chosen_with_search_and_counts_as_it_was_held(here: Desk, together: bool, talks: int) -> None:
    page = here.open().page
    here.click(here.row("P-000001").get_by_role("button", name="Kontakt"))
    here.click(page.get_by_role("button", name="Weitere Person"))
    here.press(*"p-000003")
    expect(page.locator(".lb-people button")).to_have_count(1)
    here.press("Enter")
    expect(page.locator(".lb-chosen li")).to_have_count(2)
    if not together:
        here.click(page.get_by_label("Mit jeder Person einzeln"))
    here.click(tick(page, "Gruppe"))
    here.click(tick(page, "Freizeit und Teilhabe"))
    here.save()
    assert len([each for each in here.actions if "click" in each or each == "Enter"]) <= 7
    stored = here.contacts()
    assert len(stored) == talks
    if together:
        named = [each["/data/fall/gruppe/teilnahme/teilnehmer"] for each in stored[0]["/data/fall/gruppe/teilnahme"]]
    else:
        named = [each["/data/fall/person"] for each in stored]
    assert named == ["P-000001", "P-000003"]


def test_a_contact_is_recorded_by_keyboard_alone(here: Desk) -> None:
    page = here.open().page
    page.get_by_role("button", name="Kontakt eintragen", exact=True).focus()
    here.press("Enter")
    expect(page.get_by_role("heading", name="Kontakt eintragen")).to_be_focused()
    here.press("Tab", *"p-000002")
    expect(page.locator(".lb-people button")).to_have_count(1)
    here.press("Enter")
    expect(page.get_by_label("Person suchen")).to_be_focused()
    here.press("Tab", "Tab", "Tab", "Space")
    expect(tick(page, "im Büro")).to_be_checked()
    here.press("Tab", "Space", "Enter")
    expect(page.locator(".lb-done-note")).to_be_visible()
    (stored,) = here.contacts()
    assert (stored["/data/fall/person"], stored["/data/kontakt/themen"]) == ("P-000002", "wohnen")


def test_volunteers_give_their_hours(here: Desk) -> None:
    page = here.open().page
    page.get_by_role("button", name="Kontakt eintragen", exact=True).click()
    tick(page, "Ehrenamtliche").click()  # what is folded away is open while nobody says which municipality
    expect(page.get_by_label("Person suchen")).to_have_count(0)
    page.get_by_label("Gemeinde", exact=True).select_option("08235007")
    page.get_by_label("Geleistete Stunden").fill("2,5")
    tick(page, "aufsuchend").click()
    tick(page, "Sprache").click()
    here.save()
    (stored,) = here.contacts()
    assert stored["/data/kontakt/stunden"] == "2.5"
    assert "/data/fall/person" not in stored


def test_what_is_missing_is_said_and_nothing_that_was_entered_goes(here: Desk) -> None:
    page = here.open().page
    here.row("P-000001").get_by_role("button", name="Kontakt").click()
    tick(page, "Telefon").click()
    page.get_by_role("button", name="Kontakt speichern").click()
    summary = page.get_by_role("group", name="Der Kontakt ist noch nicht gespeichert")
    expect(summary).to_be_focused()
    assert here.contacts() == []
    summary.get_by_role("link", name="Worum ging es? Bitte wählen Sie").click()
    expect(tick(page, "Wohnen")).to_be_focused()
    page.keyboard.press("Space")
    here.save()
    assert len(here.contacts()) == 1
    assert here.store.journal.drafts() == []


def test_each_fault_of_a_contact_leads_to_its_field_under_the_name_it_has_there(here: Desk) -> None:
    page = here.open().page
    page.get_by_role("button", name="Kontakt eintragen", exact=True).click()
    page.get_by_label("Dauer in Minuten").fill("600")
    tick(page, "Anderer Tag").click()
    page.get_by_label("Gemeinde", exact=True).select_option("08235007")
    page.get_by_label("Stelle im Integrationsmanagement").fill("x")
    page.get_by_text("Weitere Angaben").click()  # folded away
    page.get_by_role("button", name="Kontakt speichern").click()
    links = page.locator(".lb-summary").get_by_role("link")
    led = {}
    for at in range(links.count()):
        links.nth(at).click()
        name = page.evaluate("document.activeElement.closest('[data-name]').dataset.name")
        led[name] = re.split(r"(?<=[?:]) ", links.nth(at).inner_text())[0]
        expect(page.locator(f".lb-contact [data-name={name}]")).to_be_visible()
    assert led == {
        "zustaendig": "Stelle im Integrationsmanagement:", "person": "Mit wem?", "datum": "Wann?",
        "kanal": "Auf welchem Weg?", "minuten": "Dauer in Minuten:", "themen": "Worum ging es?",
    }  # fmt: skip


def test_a_contact_goes_on_in_the_form_with_what_was_entered(here: Desk) -> None:
    page = here.open().page
    here.row("P-000001").get_by_role("button", name="Kontakt").click()
    tick(page, "Telefon").click()
    page.get_by_role("button", name="Ausführlich eintragen").click()
    expect(page.get_by_role("heading", name="Kontakt", level=1)).to_be_visible()
    page.locator(".lb-nav li:not([hidden]) button").nth(1).click()
    expect(page.locator("[data-name=person]").get_by_role("textbox")).to_have_value("P-000001")


def test_without_an_answer_it_is_sent_again_and_saved_once(here: Desk) -> None:
    page = here.open().page
    here.row("P-000001").get_by_role("button", name="Kontakt").click()
    tick(page, "Telefon").click()
    tick(page, "Wohnen").click()
    here.silent.append("contact_save")
    page.get_by_role("button", name="Kontakt speichern").click()
    expect(page.get_by_text("Noch nicht gespeichert. Das Programm antwortet nicht")).to_be_visible()
    here.silent.clear()
    expect(page.locator(".lb-done-note")).to_be_visible()
    assert len(here.contacts()) == 1


def test_a_search_does_not_take_the_open_contact_away(here: Desk) -> None:
    page = here.open().page
    here.row("P-000001").get_by_role("button", name="Kontakt").click()
    tick(page, "Telefon").click()
    page.get_by_label("Fall suchen").fill("P-000003")
    expect(page.locator(".lb-row")).to_have_count(1)
    expect(tick(page, "Telefon")).to_be_checked()
    tick(page, "Wohnen").click()
    here.save()
    assert [each["/data/fall/person"] for each in here.contacts()] == ["P-000001"]


# --- everybody


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_list_an_opened_case_and_the_contact(here: Desk, width: int, scheme: Any) -> None:
    here.worklist.author = "kollegin"  # who did not enter the records is asked why they are changed
    answer(here.worklist.begin("aufnahme"), gemeinde="08235007", person="P-000009")
    page = here.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    here.open()

    def clean() -> None:
        found = Axe().run(page, options=AXE).response["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    clean()
    here.row("P-000001").get_by_role("button", name="Öffnen").click()
    page.get_by_role("button", name="Ergänzen oder berichtigen").click()
    page.get_by_role("button", name="Verwerfen").click()
    page.get_by_text("Weitere Formulare").click()
    clean()
    here.row("P-000001").get_by_role("button", name="Kontakt").click()
    page.get_by_role("button", name="Weitere Person").click()
    page.get_by_label("Person suchen").press_sequentially("p-000003")
    expect(page.locator(".lb-people button")).to_have_count(1)
    page.keyboard.press("Enter")
    page.get_by_text("Weitere Angaben").click()
    page.get_by_role("button", name="Kontakt speichern").click()
    expect(page.locator(".lb-summary").get_by_role("link", name="Worum ging es?")).to_be_visible()
    clean()
