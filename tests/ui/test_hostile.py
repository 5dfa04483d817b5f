"""Sixty hostile texts in every place a text can come from: nothing runs, nothing is a handler, an address or a tag."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from intake.interview.widget import Interview
from intake.interview.worklist import Worklist
from intake.publishing import publish
from intake.store import Store, open_store
from scenario.browser import BarePage
from scenario.files import PNG
from scenario.interview import KEY, Talk
from scenario.payloads import HARMFUL, PAYLOADS, mark, missing
from scenario.shipped import REVIEW
from scenario.workbooks import spreadsheet

pytestmark = pytest.mark.browser

TITLE = " ".join(PAYLOADS)
SURVEY = (
    "type", "name", "label::Deutsch (de)", "label::English (en)", "hint::Deutsch (de)", "guidance_hint::Deutsch (de)",
    "constraint", "constraint_message::Deutsch (de)", "warning", "warning_message::Deutsch (de)", "appearance",
    "media::image::Deutsch (de)", "media::audio::Deutsch (de)", "repeat_count",
)  # fmt: skip
WRONG = "wrong"


def row(kind: str, name: str, text: str = "", **more: str) -> list[str]:
    known = {"type": kind, "name": name, "label::Deutsch (de)": text, "label::English (en)": text and f"{text} EN"}
    return [(known | more).get(column, "") for column in SURVEY]


def hostile(folder: Path) -> Path:
    """A form whose texts are all hostile, one place of text to a section."""
    everywhere = {
        "hint::Deutsch (de)": "{}", "guidance_hint::Deutsch (de)": "{}", "constraint": f". != '{WRONG}'",
        "constraint_message::Deutsch (de)": "{}",
    }  # fmt: skip
    doubt = {"warning": f". != '{WRONG}'", "warning_message::Deutsch (de)": "{}"}
    rows = [row("text", "fallnummer", "Fallnummer")]
    for section, made in {
        "texts": [
            row("text", f"{name}{at}", label.format(text), **{each: value.format(text) for each, value in more.items()})
            for at, text in enumerate(PAYLOADS)
            for name, label, more in (("t", "{}", everywhere), ("w", "Frage", doubt))
        ],
        "heard": [row("note", f"h{at}", f"Sie sagten: ${{t{at}}}") for at in range(len(PAYLOADS))],
        "choices": [
            row("select_one c", "one", "Eines", appearance="quick"),
            row("select_multiple c", "many", "Mehrere", appearance="columns"),
            row("select_one c", "listed", "Liste", appearance="minimal"),
            row("rank c", "ranked", "Reihe"),
            row("begin_group", "matrix", "Tabelle", appearance="table-list"),
            *(row("select_one c", f"m{at}", text) for at, text in enumerate(PAYLOADS[:3])),
            row("end_group", ""),
        ],
        "groups": [
            each
            for at, text in enumerate(PAYLOADS)
            for each in (
                row("begin_group", f"g{at}", text), row("text", f"gt{at}", "Frage"), row("end_group", ""),
                row("begin_repeat", f"r{at}", text, repeat_count="1"), row("text", f"rt{at}", "Frage"),
                row("end_repeat", ""),
            )
        ],
        "media": [
            row("note", f"n{at}", "Bild", **{"media::image::Deutsch (de)": text, "media::audio::Deutsch (de)": text})
            for at, text in enumerate(PAYLOADS)
        ],
        "files": [row("file", f"f{at}", "Datei") for at in range(len(PAYLOADS))],
    }.items():  # fmt: skip
        rows += [row("begin_group", section, section), *made, row("end_group", "")]
    choices = [["list_name", "name", "label::Deutsch (de)", "label::English (en)", "media::image::Deutsch (de)"]]
    choices += [["c", f"c{at}", text, f"{text} EN", text] for at, text in enumerate(PAYLOADS)]
    return written(folder, "hostile", "Texte", rows, choices)


def written(folder: Path, name: str, title: str, rows: list[list[str]], choices: list[list[str]]) -> Path:
    settings = [["form_title", "form_id", "version", "default_language"], [title, name, "1", "Deutsch (de)"]]
    sheets = {"survey": [SURVEY, *rows], "choices": choices, "settings": settings}
    return spreadsheet(folder, sheets, f"{name}.xlsx")


class Victim:
    """A page with the widget, and everything that would show that something ran."""

    def __init__(self, page: Page, worklist: Worklist) -> None:
        self.page = page
        self.dialogs: list[str] = []
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        self.widget = Interview(worklist)
        self.bare = BarePage(page, self.widget.reply)

    def go(self, name: str) -> None:
        self.page.get_by_role("navigation").get_by_role("button", name=name, exact=False).last.click()
        expect(self.page.get_by_role("heading", level=2, name=name, exact=False)).to_be_visible()

    def unhurt(self, *places: str) -> None:
        """Every text is shown in each place, as words, and did nothing."""
        for place in places or ("main",):
            found = self.page.locator(place).locator("visible=true")
            expect(found.first).to_be_visible()
            assert missing(" ".join(found.all_text_contents())) == [], place
        assert self.page.evaluate(HARMFUL) == []
        assert self.dialogs == []
        assert self.bare.asked_for == []
        assert self.bare.faults == []


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("hostile")
    with open_store(folder / "store.db", key=KEY, create=True) as opened:
        publish(opened, hostile(folder))
        for name, title in (("titled", TITLE), ("numbered", "Nummern")):
            publish(opened, written(folder, name, title, [row("text", "fallnummer", "Fallnummer")], []))
        yield opened


@pytest.fixture(scope="module")
def worklist(published: Store) -> Worklist:
    return Worklist(published, zone=UTC, author="tester", form_id="hostile")


@pytest.fixture
def victim(page: Page, worklist: Worklist) -> Victim:
    return Victim(page, worklist)


def begun(victim: Victim) -> Talk:
    """An interview on screen, in two languages, and a way to answer behind its back."""
    victim.page.locator(".lb-desk-begin > button").first.click()
    expect(victim.page.locator(".lb-title")).to_be_visible()
    assert victim.widget.session is not None
    talk = Talk(victim.widget.session)
    talk.send("language", None, {"first": "Deutsch (de)", "second": "English (en)"})
    return talk


def test_labels_hints_guidance_and_messages_of_questions(victim: Victim) -> None:
    talk = begun(victim)
    for at in range(len(PAYLOADS)):
        talk.answer(f"t{at}", WRONG)
        talk.answer(f"w{at}", WRONG)
    victim.page.reload()
    victim.go("texts")
    victim.page.locator("details").evaluate_all("(all) => all.forEach((each) => { each.open = true; })")
    victim.unhurt(".lb-label .lb-first", ".lb-label .lb-second", ".lb-hint", "details")
    victim.go(REVIEW)
    victim.unhurt(".lb-summary:not(.lb-soft)", ".lb-soft")
    victim.go("texts")
    victim.unhurt(".lb-error", ".lb-warning")


def test_answers_shown_in_boxes_labels_and_print(victim: Victim) -> None:
    talk = begun(victim)
    for at, text in enumerate(PAYLOADS):
        talk.answer(f"t{at}", text)
    victim.page.reload()
    victim.go("heard")
    victim.unhurt(".lb-label .lb-first")
    victim.go("texts")
    boxes = victim.page.locator(".lb-question:visible input")
    assert missing(" ".join(boxes.evaluate_all("(boxes) => boxes.map((box) => box.value)"))) == []
    victim.page.get_by_role("button", name="Sprache, Druck, Hilfe").click()
    victim.page.get_by_role("button", name="Drucken").click()
    victim.unhurt(".lb-paper dt", ".lb-paper dd")


def test_choices_as_boxes_lists_ranking_and_matrix(victim: Victim) -> None:
    talk = begun(victim)
    everything = " ".join(f"c{at}" for at in range(len(PAYLOADS)))
    talk.answer("many", everything)
    talk.answer("ranked", everything)
    victim.page.reload()
    victim.go("choices")
    lists = victim.page.get_by_role("combobox")
    for at in range(lists.count()):
        lists.nth(at).click()
        victim.unhurt(".lb-question:has([aria-expanded=true]) [role=listbox] [role=option]")
        victim.page.keyboard.press("Escape")
    victim.unhurt("[data-name=one]", "[data-name=many]", "[data-name=ranked]")


def test_groups_and_repeats(victim: Victim) -> None:
    begun(victim)
    victim.page.reload()
    victim.go("groups")
    victim.unhurt(".lb-group > :is(h3, h4)", ".lb-card-head :is(h4, h5, h6)")


def test_names_of_pictures_and_sounds(victim: Victim) -> None:
    begun(victim)
    victim.page.reload()
    victim.go("media")
    for note in victim.page.locator(
        ".lb-question[data-name]:visible"
    ).all():  # a file is fetched when it comes into sight
        note.scroll_into_view_if_needed()
    expect(victim.page.locator(".lb-media small:visible")).to_have_count(2 * len(PAYLOADS))
    victim.unhurt(".lb-media small")


def test_names_of_files_that_are_handed_in(victim: Victim) -> None:
    begun(victim)
    victim.page.reload()
    victim.go("files")
    for at, text in enumerate(PAYLOADS):
        file = {"name": f"{text}.png", "mimeType": text[:40], "buffer": PNG + bytes([at])}
        victim.page.locator(f"[data-name=f{at}] input[type=file]").set_input_files(file)
    expect(victim.page.locator(".lb-pill-saved")).to_be_visible()
    expect(victim.page.locator(".lb-question:visible", has_text=mark(len(PAYLOADS) - 1))).to_be_visible()
    victim.unhurt(".lb-question")


def test_titles_case_numbers_and_the_work_list(page: Page, published: Store) -> None:
    worklist = Worklist(published, zone=UTC, author="tester", form_id="titled", title=TITLE)
    for at, text in enumerate(PAYLOADS):
        Talk(Worklist(published, zone=UTC, author=text).begin("numbered")).answer("fallnummer", f"{text} {at}")
    Talk(Worklist(published, zone=UTC, author="tester").begin("numbered")).answer("fallnummer", PAYLOADS[0])
    victim = Victim(page, worklist)
    victim.unhurt(".lb-desk-head", ".lb-desk-begin > button", ".lb-row h3", ".lb-row p")
    page.get_by_label("Fall suchen").fill("·")
    expect(page.locator(".lb-live")).to_contain_text("Treffer")
    victim.unhurt(".lb-row h3")
    page.get_by_role("button", name="Übernehmen").first.click()  # whose draft it is stands in the question
    expect(page.get_by_role("group").filter(has_text="hat diesen Entwurf")).to_be_visible()
    victim.unhurt(".lb-row")
    page.locator(".lb-row .lb-link", has_text="Verwerfen").first.click()
    expect(page.get_by_role("button", name="endgültig")).to_be_visible()
    page.locator(".lb-desk-begin > button").first.click()
    expect(page.locator(".lb-case-page")).to_be_visible()
    assert victim.widget.session is not None
    Talk(victim.widget.session).answer("fallnummer", TITLE)
    page.reload()
    victim.unhurt(".lb-title", ".lb-case", ".lb-case-page")
    for name in ("Sprache, Druck, Hilfe", "Drucken"):  # such a title leaves no room to press them
        page.get_by_role("button", name=name).press("Enter")
    victim.unhurt(".lb-paper h1")


def test_the_check_would_find_what_is_harmful(page: Page) -> None:
    BarePage(page, lambda _: [])
    for markup in ("<img src=x onerror=1>", "<a href='javascript:1'>x</a>", "<a href='data:text/html,x'>x</a>",
                   "<script></script>", "<p style='background:url(x)'>x</p>", "<iframe></iframe>"):  # fmt: skip
        page.evaluate("(markup) => { document.getElementById('here').innerHTML = markup; }", markup)
        assert page.evaluate(HARMFUL) != [], markup
    page.evaluate("document.getElementById('here').replaceChildren()")
    assert page.evaluate(HARMFUL) == []
    page.evaluate("window.__xss = 1")
    assert page.evaluate(HARMFUL) == ["a script ran"]
    assert missing(" ".join(PAYLOADS[:59])) == [59]
