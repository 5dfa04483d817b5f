"""The print view: the filled form on paper, in both languages, for signature."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from intake.interview.session import Session
from scenario.interview import NOW, Talk, form
from scenario.screen import ANSWERS, Screen, in_study, layered

pytestmark = pytest.mark.browser


def row(page: Page, name: str) -> list[str]:
    """The answer to a question on paper, in each language."""
    rows = page.locator(".lb-paper-row").filter(has=page.locator("dt", has_text=name))
    return rows.locator("dd > bdi").all_inner_texts()


def test_every_asked_question_stands_on_paper_with_its_answer_in_both_languages(page: Page) -> None:
    answers = ANSWERS | {"/data/person/kurs": "", "/data/person/kurs__missing": "refused"}
    screen = Screen(page, layered(answers, second="العربية (ar)"))
    screen.more()
    page.get_by_role("button", name="Drucken").click()
    expect(page.get_by_role("heading", level=1, name="Probeplan")).to_be_focused()
    assert row(page, "Name, Vorname") == ["Al-Hassan, Layla"]
    assert row(page, "Wer ist anwesend?") == ["Partnerin oder Partner, Kinder", "الشريك، الأطفال"]
    assert row(page, "Haben Sie einen Kurs besucht?")[0] == "keine Angabe"
    german, arabic = row(page, "Bis wann?")
    assert german == "31.03.2027"
    assert [part.strip("\u200e\u200f") for part in arabic.split("/")] == ["31", "03", "2027"]
    assert row(page, "In welchem Verein") == []  # nobody has begun the third layer
    assert page.locator(".lb-paper-row", has_text="Wo war der Kurs?").count() == 0  # not asked
    paper = page.locator(".lb-paper")
    expect(paper.locator("h2 .lb-first")).to_have_text(["Anlegen", "Plan", "Unterschriften"])
    expect(paper.get_by_role("heading", name="Ziel 1")).to_be_visible()
    expect(paper.locator(".lb-signature")).to_have_count(2)
    page.get_by_role("button", name="Zurück zum Gespräch").click()
    expect(page.locator(".lb-tool-more")).to_be_focused()
    expect(screen["name"].get_by_role("textbox")).to_have_value("Al-Hassan, Layla")
    assert screen.bare.faults == []


def test_paper_is_black_on_white_with_no_navigation_and_the_interpreter_signs(page: Page, tmp_path: Path) -> None:
    page.emulate_media(color_scheme="dark")
    screen = Screen(page, in_study(tmp_path))
    page.get_by_label("Wer dolmetscht?").select_option("ein Dienst per Telefon oder Video")
    page.get_by_role("button", name="Gespräch beginnen").click()
    screen["name"].get_by_role("textbox").fill("Layla")
    screen.more()
    page.get_by_role("button", name="Drucken").click()
    expect(page.locator(".lb-signature")).to_have_count(3)
    assert row(page, "Name, Vorname") == ["Layla"]
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("button", name="Jetzt drucken")).to_be_hidden()
    expect(page.get_by_role("navigation")).to_be_hidden()
    colours = page.evaluate("""() => { const style = getComputedStyle(document.querySelector(".lb-paper"));
        return [style.color, style.backgroundColor, getComputedStyle(document.documentElement).backgroundColor]; }""")
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)", "rgb(255, 255, 255)"]
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


KINDS = """
| survey | type | name | label::Deutsch (de) | label::English (en) | appearance |
|---|---|---|---|---|---|
| | date | monat | In welchem Monat? | In which month? | month-year |
| | date | jahr | In welchem Jahr? | In which year? | year |
| | dateTime | termin | Termin | Appointment | |
| | time | uhrzeit | Uhrzeit | Time | |
| | rank wichtig | rang | Was ist wichtig? | What matters? | |
| | acknowledge | besprochen | Besprochen | Discussed | |
| | note | hinweis | Nur ein Hinweis | Only a note | |
| | text | offen | Bemerkung | Remark | |

| choices | list_name | name | label::Deutsch (de) | label::English (en) |
|---|---|---|---|---|
| | wichtig | arbeit | Arbeit | Work |
| | wichtig | sprache | Sprache | Language |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Arten | arten | 1 | Deutsch (de) |
"""


def test_answers_of_every_kind_are_written_as_people_write_them(page: Page) -> None:
    session = Session(form(KINDS), now=lambda: NOW, second="English (en)")
    talk = Talk(session)
    for name, value in {
        "monat": "2026-05-01", "jahr": "2026-01-01", "termin": "2026-03-02T14:30:00.000Z",
        "uhrzeit": "09:15:00.000Z", "rang": "sprache arbeit", "besprochen": "OK",
    }.items():  # fmt: skip
        talk.answer(name, value)
    screen = Screen(page, session)
    screen.more()
    page.get_by_role("button", name="Drucken").click()
    assert row(page, "In welchem Monat?") == ["Mai 2026", "May 2026"]
    assert row(page, "In welchem Jahr?") == ["2026"]
    assert row(page, "Termin") == ["02.03.2026, 14:30", "Mar 2, 2026, 14:30"]
    assert row(page, "Uhrzeit") == ["09:15"]
    assert row(page, "Was ist wichtig?") == ["1. Sprache, 2. Arbeit", "1. Language, 2. Work"]
    assert row(page, "Besprochen") == ["Besprochen und bestätigt", "Discussed and confirmed"]
    assert row(page, "Bemerkung") == ["–"]
    assert row(page, "Nur ein Hinweis") == []
