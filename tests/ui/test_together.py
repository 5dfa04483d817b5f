"""Several at one record in a real browser: why it is changed, who has its draft, both versions to choose from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from intake.interview.widget import Interview
from intake.store import Store, utc_now
from scenario.browser import BarePage
from scenario.cases import Clock, answer, desk, office, person, send
from validation.errors import StoreBusy

pytestmark = pytest.mark.browser

AXE = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with office(tmp_path, contact=False, clock=utc_now) as opened:
        person(desk(opened, "kollegin"), 1, name="Layla", alter="30")
        yield opened


def shown(page: Page, store: Store, author: str = "tester") -> BarePage:
    widget = Interview(desk(store, author))
    bare = BarePage(page, widget.reply)
    expect(page.get_by_role("heading", name="Meine Fälle")).to_be_visible()
    return bare


def correct(page: Page, reason: str | None) -> None:
    """Open the one case again, with a reason where one is asked for."""
    page.get_by_role("button", name="Öffnen").first.click()
    page.get_by_role("button", name="Ergänzen oder berichtigen").click()
    if reason:
        page.get_by_role("button", name=reason).click()
    expect(page.locator(".lb-correction")).to_be_visible()


def hand_in(page: Page) -> None:
    page.get_by_role("button", name="Prüfen und abschließen").first.click()
    page.get_by_role("button", name="Abschließen", exact=True).click()


def test_who_corrects_their_own_record_within_a_day_is_not_asked_why(page: Page, store: Store) -> None:
    shown(page, store, "kollegin")
    correct(page, None)
    expect(page.locator(".lb-correction")).to_contain_text("Korrektur vom")
    page.get_by_label("Alter").fill("31")
    hand_in(page)
    expect(page.get_by_role("heading", name="abgeschlossen und gespeichert")).to_be_visible()
    assert [each.reason for each in store.history(store.entries()[0].submission)] == [None, None]


def test_what_was_handed_in_late_asks_why_with_one_click_and_loses_nothing(
    page: Page, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = desk(store, "kollegin")
    draft = here.revise(store.entries()[0].submission, "")
    answer(here.resume(draft), alter="31")
    monkeypatch.setattr(store, "_clock", Clock())  # it is another day
    shown(page, store, "kollegin")
    page.get_by_role("button", name="Fortsetzen").click()
    hand_in(page)
    dialog = page.get_by_role("dialog", name="Warum wird der Eintrag geändert?")
    expect(dialog).to_be_visible()
    assert not Axe().run(page, options=AXE).response["violations"]
    dialog.get_by_role("button", name="Später entscheiden").click()
    assert len(store.history(store.entries()[0].submission)) == 1
    page.get_by_role("button", name="Abschließen", exact=True).click()
    dialog.get_by_role("button", name="Tippfehler").click()
    expect(page.get_by_role("heading", name="abgeschlossen und gespeichert")).to_be_visible()
    assert [each.reason for each in store.history(store.entries()[0].submission)] == [None, "typo"]


def test_a_draft_of_somebody_else_is_taken_over_by_an_explicit_click(page: Page, store: Store) -> None:
    session = desk(store, "kollegin").begin("aufnahme")
    answer(session, person="P-000002", alter="44")
    bare = shown(page, store)
    expect(page.get_by_text("In Bearbeitung bei kollegin, seit")).to_be_visible()
    page.get_by_role("button", name="Übernehmen").click()
    page.get_by_role("button", name="Abbrechen").click()
    expect(page.get_by_role("button", name="Übernehmen")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Ja, Entwurf übernehmen").click()
    expect(page.get_by_label("Alter")).to_have_value("44")
    expect(page.locator(".lb-holder")).to_contain_text("Von Ihnen übernommen")
    # and back: this window learns of it
    assert session.draft is not None
    desk(store, "kollegin").take_over(session.draft.id)
    expect(page.locator(".lb-holder")).to_contain_text("Dieser Entwurf ist bei kollegin, seit")
    assert bare.faults == []


def test_the_second_writer_sees_both_versions_and_decides(page: Page, store: Store) -> None:
    bare = shown(page, store)
    correct(page, "Später ergänzt")
    page.get_by_label("Alter").fill("32")
    expect(page.locator(".lb-pill")).to_contain_text("gespeichert")
    other = desk(store, "kollegin")
    theirs = other.resume(other.revise(store.entries()[0].submission, "typo"))
    answer(theirs, alter="31", name="Laila")
    assert send(theirs, "submit")["type"] == "submitted"
    hand_in(page)
    dialog = page.get_by_role("dialog", name="Inzwischen gibt es eine neuere Fassung")
    expect(dialog).to_be_visible()
    expect(dialog.locator(".lb-differing")).to_have_count(1)
    expect(dialog.locator(".lb-version-text")).to_have_text(["32", "31"])
    expect(dialog).to_contain_text("kollegin")
    assert not Axe().run(page, options=AXE).response["violations"]
    page.keyboard.press("Escape")  # decides nothing
    assert len(store.history(store.entries()[0].submission)) == 2
    page.get_by_role("button", name="Abschließen", exact=True).click()
    dialog.get_by_role("button", name="Meine Antworten auf die neuere Fassung übertragen").click()
    expect(dialog).to_have_count(0)
    hand_in(page)
    expect(page.get_by_role("heading", name="abgeschlossen und gespeichert")).to_be_visible()
    last = store.history(store.entries()[0].submission)[-1]
    assert (last.version, last.record["/data/alter"], last.record["/data/name"], last.reason) == (
        3,
        "32",
        "Laila",
        "late",
    )
    assert bare.faults == []


def test_a_busy_store_is_a_calm_line_and_the_answer_goes_when_it_is_free(page: Page, store: Store) -> None:
    shown(page, store)
    correct(page, "Später ergänzt")
    kept = store.journal
    held = type(kept).record

    def busy(*_: object) -> int:
        raise StoreBusy("store.busy", path="store.db")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(kept), "record", busy)
        page.get_by_label("Alter").fill("77")
        expect(page.locator(".lb-banner")).to_contain_text("Der Datenspeicher ist gerade beschäftigt.")
        expect(page.locator(".lb-banner")).not_to_contain_text("nichts gespeichert")
        expect(page.get_by_label("Alter")).to_have_value("77")
    assert type(kept).record is held
    expect(page.locator(".lb-pill")).to_contain_text("gespeichert")  # by itself, without a click
    expect(page.locator(".lb-banner")).to_be_hidden()
    (draft,) = store.journal.drafts()
    assert [op.payload.get("value") for op in store.journal.replay(draft.id)][-1] == "77"
