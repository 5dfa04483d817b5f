"""Nothing is lost on screen: the mirror, its setting, a line that is silent, two windows, both versions, too late."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from intake.store import Store
from scenario.interview import Talk, store, worklist
from scenario.window import Window

pytestmark = pytest.mark.browser

STORAGES = "JSON.stringify([{ ...localStorage }, { ...sessionStorage }])"


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Store]:
    with store(tmp_path) as found:
        yield found


@pytest.fixture
def window(page: Page, opened: Store) -> Window:
    return Window(page, worklist(opened))


def second(page: Page, opened: Store) -> Window:
    """Another tab of the same browser."""
    other = page.context.new_page()
    other.set_default_timeout(10_000)
    made = Window(other, worklist(opened))
    made.resume()
    return made


def kept(opened: Store, name: str) -> list[object]:
    (draft,) = opened.journal.drafts()
    ops = opened.journal.replay(draft.id)
    return [op.payload["value"] for op in ops if op.payload.get("path") == f"/data/fall/{name}"]


def test_what_was_typed_is_in_the_mirror_at_once_sealed_and_gone_when_it_is_saved(window: Window) -> None:
    window.begin()
    window.deaf = True
    window["name"].press_sequentially("Layla Geheim")
    held = window.mirrored(2)  # the one under way, and what was typed since
    assert held["extractable"] is False
    assert held["algorithm"]["name"] == "AES-GCM"
    for word in ("Layla", "Geheim", "name", "answer"):
        assert word not in str(held["entries"])
        assert word not in window.page.evaluate(STORAGES)
    window.deaf = False
    window.saved()
    assert window.mirrored(0)["entries"] == []


def test_what_one_study_left_behind_is_not_offered_to_another(page: Page, opened: Store, tmp_path: Path) -> None:
    """Two studies at the same address one after the other, as a copied directory is: its port is the same."""
    page.add_init_script("window.place = sessionStorage.getItem('place') || 'one';")
    window = Window(page, worklist(opened))
    window.begin()
    window.deaf = True
    window["name"].fill("Layla Geheim")
    (tmp_path / "other").mkdir()
    with store(tmp_path / "other") as other:
        page.evaluate("sessionStorage.setItem('place', 'two')")
        window.worklist = worklist(other)
        window.reload()
        expect(page.get_by_role("button", name="Probegespräch", exact=True)).to_be_visible()
        expect(page.get_by_text("liegt noch in diesem Browser")).to_have_count(0)
        assert other.journal.drafts() == []
    page.evaluate("sessionStorage.setItem('place', 'one')")
    window.worklist = worklist(opened)
    window.reload()
    expect(page.get_by_text("liegt noch in diesem Browser")).to_be_visible()
    window.resume()
    expect(window["name"]).to_have_value("Layla Geheim")


def test_a_page_loaded_anew_with_a_new_kernel_has_every_key_stroke(window: Window, opened: Store) -> None:
    window.begin("A-17")
    window.deaf = True
    window["name"].press_sequentially("Layla")
    window["alter"].fill("34")
    window.mirrored(3)
    window.reload()
    expect(window["name"]).to_have_value("Layla")
    expect(window["alter"]).to_have_value("34")
    window.saved()
    assert window.mirrored(0)["entries"] == []
    assert kept(opened, "name")[-1:] == ["Layla"]
    assert window.bare.faults == []


def test_an_interview_whose_first_answer_never_arrived_is_begun_anew(window: Window, opened: Store) -> None:
    window.begin()
    window.deaf = True
    window["name"].press_sequentially("Layla")
    window.mirrored(2)
    window.reload()
    expect(window["name"]).to_have_value("Layla")
    window.saved()
    assert kept(opened, "name")[-1:] == ["Layla"]


def test_a_tab_that_was_closed_is_named_and_found_by_another(window: Window, opened: Store) -> None:
    window.leave_behind()
    context = window.page.context
    window.page.close()
    page = context.new_page()
    other = Window(page, worklist(opened))
    expect(page.get_by_role("button", name="Fortsetzen")).to_be_visible()
    other.resume()
    expect(other["name"]).to_have_value("Layla")
    other.saved()
    assert kept(opened, "name")[-1:] == ["Layla"]


def test_a_duplicated_tab_takes_nothing_over_while_the_first_one_lives(window: Window, opened: Store) -> None:
    window.begin("A-17")
    window.deaf = True
    window["name"].press_sequentially("Layla")
    first = window.mirrored(2)["entries"]
    page = window.page.context.new_page()
    page.set_default_timeout(10_000)
    memory = window.page.evaluate("JSON.stringify(sessionStorage)")  # as a browser does when it duplicates a tab
    page.add_init_script(
        f"if (!sessionStorage.length) Object.entries({memory}).forEach((each) => sessionStorage.setItem(...each));"
    )
    other = Window(page, worklist(opened))
    expect(other["fallnummer"]).to_have_value("A-17")
    other["alter"].fill("34")
    other.saved()
    assert (other["name"].input_value(), kept(opened, "name")) == ("", [])
    assert {each["page"] for each in window.mirrored(2)["entries"]} == {each["page"] for each in first}
    window.page.close()
    other.reload()
    expect(other["name"]).to_have_value("Layla")
    other.saved()
    assert kept(opened, "name")[-1:] == ["Layla"]


def test_what_a_tab_left_that_was_closed_while_the_list_was_open_is_found(window: Window, opened: Store) -> None:
    window.begin("A-17")
    page = window.page.context.new_page()
    other = Window(page, worklist(opened))
    expect(page.get_by_role("button", name="Fortsetzen")).to_be_visible()
    window.deaf = True
    window["name"].press_sequentially("Layla")
    window.mirrored(2)
    window.page.close()
    other.resume()
    expect(other["name"]).to_have_value("Layla")
    other.saved()
    assert kept(opened, "name")[-1:] == ["Layla"]


def test_entries_wait_for_their_own_draft(window: Window, opened: Store) -> None:
    window.leave_behind()
    window.page.evaluate("sessionStorage.clear()")
    window.reload()
    window.begin()  # a new case first
    window["name"].fill("Omar")
    window.saved()
    assert window.mirrored(2)["entries"]
    drafts = [opened.journal.replay(info.id) for info in opened.journal.drafts()]
    answers = [[op.payload["value"] for op in ops if op.payload["op"] == "answer"] for ops in drafts]
    assert sorted(answers) == [["A-17"], ["Omar"]]


def test_a_study_that_wants_no_mirror_has_none_and_what_was_there_goes(page: Page, opened: Store) -> None:
    window = Window(page, worklist(opened))
    window.leave_behind()
    window.worklist.mirror = False
    window.page.evaluate("sessionStorage.clear()")
    window.reload()
    window.resume()
    assert window.mirrored(0)["entries"] == []
    window.deaf = True
    window["alter"].fill("34")
    expect(window.page.locator(".lb-pill-saving")).to_be_visible()
    assert window.mirrored(0)["entries"] == []


def test_after_seven_days_the_mirror_is_empty(window: Window) -> None:
    window.leave_behind()
    window.page.add_init_script(f"const now = Date.now; Date.now = () => now() + {7 * 24 * 3600 * 1000};")
    window.page.evaluate("sessionStorage.clear()")
    window.reload()
    expect(window.page.get_by_role("button", name="Fortsetzen")).to_be_visible()
    assert window.mirrored(0)["entries"] == []


def test_a_browser_without_such_a_place_says_so_and_goes_on(page: Page, opened: Store) -> None:
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { get: () => undefined });")
    window = Window(page, worklist(opened))
    window.begin()
    expect(page.locator(".lb-pill")).to_contain_text("sichert Ungespeichertes nicht")
    window["name"].fill("Layla")
    window.saved()
    expect(page.locator(".lb-pill")).to_contain_text("Alle Änderungen gespeichert")
    assert kept(opened, "name") == ["Layla"]


def test_silence_is_noticed_typing_goes_on_and_the_end_of_it_is_said(window: Window, opened: Store) -> None:
    window.begin(name="Layla")
    window.deaf = True
    expect(window.page.get_by_role("alert")).to_contain_text("Keine Verbindung zum Programm")
    expect(window.page.get_by_role("button", name="Neu laden")).to_be_visible()
    window["name"].press("End")
    window["name"].press_sequentially(" Beispiel")
    expect(window["name"]).to_have_value("Layla Beispiel")
    window.deaf = False
    window.saved()
    expect(window.page.locator(".lb-banner")).to_be_hidden()
    expect(window.page.locator("[aria-live=polite]")).to_contain_text("Alle Änderungen gespeichert")
    assert kept(opened, "name")[-1] == "Layla Beispiel"


def test_a_computer_that_slept_is_not_taken_for_a_lost_connection(window: Window) -> None:
    window.begin(name="Layla")
    window.page.evaluate("() => { const now = Date.now; Date.now = () => now() + 3600 * 1000; }")
    before = len(window.bare.sent())
    window.page.wait_for_function(f"window.sent.slice({before}).some((message) => message.type === 'ping')")
    expect(window.page.locator(".lb-banner")).to_be_hidden()
    window.saved()


def test_two_windows_see_each_other_and_what_the_other_did(window: Window, opened: Store) -> None:
    window.begin("A-17")
    other = second(window.page, opened)
    notice = "in einem anderen Fenster geöffnet"
    expect(other.page.get_by_text(notice).first).to_be_visible()
    expect(window.page.get_by_text(notice).first).to_be_visible()
    window["name"].fill("Layla")
    window.saved()
    expect(other["name"]).to_have_value("Layla")
    other["alter"].fill("34")
    other.saved()
    expect(window["alter"]).to_have_value("34")
    other.page.close()
    expect(window.page.locator(".lb-notice")).to_be_hidden()


def test_another_browser_sees_it_a_few_seconds_later(window: Window, opened: Store, browser: Browser) -> None:
    window.begin("A-17")
    context = browser.new_context()  # shares nothing with the first
    other = Window(context.new_page(), worklist(opened))
    other.resume()
    other["name"].fill("Layla")
    other.saved()
    expect(window["name"]).to_have_value("Layla")
    told = window.page.locator(".lb-notice")
    expect(told).to_contain_text("auch in einem anderen Fenster gearbeitet")
    told.get_by_role("button", name="Schließen").click()
    expect(told).to_be_hidden()
    context.close()


def test_a_box_under_the_caret_takes_what_the_other_window_said_and_does_not_answer_back(
    window: Window, opened: Store
) -> None:
    window.begin(name="Layla")
    other = second(window.page, opened)
    window.page.bring_to_front()
    window["name"].focus()
    other["name"].fill("Laila")
    other.saved()
    expect(window["name"]).to_have_value("Laila")
    expect(window["name"]).to_be_focused()
    window.page.keyboard.press("Tab")
    window["alter"].fill("34")
    window.saved()
    assert kept(opened, "name") == ["Layla", "Laila"]


def both_versions(window: Window, opened: Store) -> Window:
    """The same question in two windows, of which the first hears nothing meanwhile."""
    window.begin(name="Layla")
    other = second(window.page, opened)
    window.deaf = True
    window["name"].press("End")
    window["name"].press_sequentially(" Meine")
    other["name"].fill("Layla Ihre")
    other.saved()
    window.page.bring_to_front()
    window.deaf = False
    expect(window.page.get_by_role("dialog")).to_be_visible()
    return other


def test_both_versions_are_shown_and_mine_is_taken(window: Window, opened: Store) -> None:
    other = both_versions(window, opened)
    dialog = window.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Vollständiger Name")
    expect(dialog).to_contain_text("Layla Meine")
    expect(dialog).to_contain_text("Layla Ihre")
    assert window.page.evaluate("document.activeElement === document.querySelector('dialog h2')")
    window.page.keyboard.press("Enter")  # under way when the window opened: decides nothing
    assert kept(opened, "name")[-1] == "Layla Ihre"
    dialog.get_by_role("button", name="Meine Eingabe übernehmen").click()
    window.saved()
    expect(window["name"]).to_have_value("Layla Meine")
    expect(other["name"]).to_have_value("Layla Meine")
    assert kept(opened, "name")[-2:] == ["Layla Ihre", "Layla Meine"]
    assert window.mirrored(0)["entries"] == []


def test_the_stored_version_is_kept_by_choice_only(window: Window, opened: Store) -> None:
    both_versions(window, opened)
    window.page.keyboard.press("Escape")
    expect(window.page.get_by_role("dialog")).to_have_count(0)
    expect(window["name"]).to_have_value("Layla Ihre")
    assert len(window.mirrored(1)["entries"]) == 1
    expect(window.page.locator(".lb-pill-not_saved")).to_be_visible()
    window.page.get_by_role("navigation").get_by_role("button", name="Prüfen und abschließen").click()
    window.page.get_by_role("button", name="Abschließen", exact=True).click()
    expect(window.page.get_by_role("dialog")).to_contain_text("Layla Meine")  # nothing is handed in before
    window.reload()
    expect(window.page.get_by_role("dialog")).to_contain_text("Layla Meine")
    window.page.keyboard.press("Escape")
    window.page.get_by_role("button", name="Jetzt entscheiden").click()
    window.page.get_by_role("dialog").get_by_role("button", name="Die gespeicherte behalten").click()
    expect(window.page.locator(".lb-notice").get_by_text("Jetzt entscheiden")).to_have_count(0)
    assert window.mirrored(0)["entries"] == []
    window.saved()
    assert kept(opened, "name")[-1] == "Layla Ihre"


def test_what_came_too_late_for_a_closed_draft_is_shown_to_be_copied(window: Window, opened: Store) -> None:
    window.begin("A-17")
    window.deaf = True
    window["name"].fill("Layla Geheim")
    window.mirrored(1)
    opened.journal.discard(opened.journal.drafts()[0].id)
    window.reload()
    dialog = window.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Vollständiger Name")
    expect(dialog).to_contain_text("Layla Geheim")
    dialog.get_by_role("button", name="Verstanden").click()
    assert window.mirrored(0)["entries"] == []
    assert opened.journal.drafts() == []


def test_what_is_typed_behind_the_handing_in_is_shown_to_be_copied(page: Page, opened: Store) -> None:
    talk = Talk(worklist(opened).begin("probe"))
    for name, value in {"name": "Layla", "geburtsdatum": "1991-04-17", "besucht": "nein"}.items():
        talk.answer(name, value)
    talk.answer("was", "Sprachkurs", talk["Ziel"]["entries"][0])
    window = Window(page, worklist(opened))
    page.get_by_role("button", name="Fortsetzen").click()
    window.saved()
    window.deaf = True
    sections = page.get_by_role("navigation").get_by_role("button")
    sections.filter(has_text="Prüfen").click()
    page.get_by_role("button", name="Abschließen", exact=True).click()
    sections.filter(has_text="Fall").click()
    window["alter"].fill("34")
    window.mirrored(1)
    window.deaf = False
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Alter bei der Einreise")
    expect(dialog).to_contain_text("34")
    assert len(window.mirrored(1)["entries"]) == 1
    dialog.get_by_role("button", name="Verstanden").click()
    expect(page.get_by_role("heading", name="Das Gespräch ist abgeschlossen")).to_be_visible()
    assert window.mirrored(0)["entries"] == []
    (submission,) = opened.submissions("probe")
    assert submission.record["/data/fall/alter"] == ""


def test_a_language_that_is_chosen_anew_keeps_what_is_typed(window: Window, opened: Store) -> None:
    window.begin(name="Layla")
    window.bare.deliver({**window.widget.session.greeting(None, "language")})  # type: ignore[union-attr]
    window["name"].press("End")
    window["name"].press_sequentially(" B")
    window.saved()
    assert kept(opened, "name")[-1] == "Layla B"


def test_pages_of_one_browser_share_one_key(window: Window, opened: Store, page: Page) -> None:
    window.begin(name="Layla")
    context: BrowserContext = page.context
    pages = [Window(context.new_page(), worklist(opened)) for _ in range(2)]
    for one in pages:
        one.resume()
    pages[0].deaf = True
    pages[0]["alter"].fill("34")
    assert pages[1].mirrored(1)["extractable"] is False
