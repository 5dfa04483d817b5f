"""The frame of a question in a real browser: styled texts, translations, media, reasons, and what is said when."""

from __future__ import annotations

import io
import struct
import tempfile
import wave
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from intake.interview.session import Session
from intake.xlsform import convert
from scenario.interview import NOW, workbook
from scenario.screen import Screen
from validation import Form, read_form

pytestmark = pytest.mark.browser

ARABIC = "العربية (ar)"
FORM = """
| survey | type | name | label::Deutsch (de) | label::العربية (ar) | hint::Deutsch (de) | hint::العربية (ar) | guidance_hint::Deutsch (de) | missing | constraint | constraint_message::Deutsch (de) | constraint_message::العربية (ar) | warning | warning_message::Deutsch (de) | warning_message::العربية (ar) | required | reviewed_only | media::image::Deutsch (de) | media::audio::Deutsch (de) | media::audio::العربية (ar) | media::big-image::Deutsch (de) |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
| | begin_group | g | Wohnen und Weg | السكن والطريق | | | | | | | | | | | | | | | | |
| | note | blatt | ## Vor dem Gespräch¶Bitte **ruhig** lesen:¶- *Pass* oder Ausweis¶- Visum¶¶Fragen an das [Amt](https://example.org/amt) oder [am Telefon](tel:+4970511600). <span style="color: #a00000">Frist: 3 Tage</span> | **هام**: الرقم +49 7051 160-0 من 9:00 إلى 12:30 | | | | | | | | | | | | | | | | |
| | text | strasse | In welcher Straße wohnen Sie? | | Nur die *Straße* | فقط اسم الشارع | Bei **Unterkunft** deren Namen.¶¶Nie den Aufnahmecode. | refused unknown | | | | | | | | | | | | |
| | integer | alter | 3. Wie alt sind Sie? | كم عمرك؟ | In Jahren | بالسنوات | | refused unknown | . < 130 | Erwartet wird eine Zahl unter 130. | المتوقع رقم أقل من 130. | . < 100 | Über 100 Jahre: ist das *so* richtig? | أكثر من 100 سنة: هل هذا صحيح؟ | yes | | | | | |
| | select_one weg | wie | Wie kommen Sie zum Kurs? | كيف تأتي إلى الدورة؟ | | | | refused unknown | | | | | | | | | weg.png | frage.wav | frage-ar.wav | gross.png |
| | select_one ja_nein | einwilligung | Willigen Sie ein? | هل توافق؟ | Sie können jederzeit widerrufen. | يمكنك سحب الموافقة | | | | | | | | | yes | yes | | | | |
| | text | laut | Was hören Sie? | ماذا تسمع؟ | | | | | | | | | | | | | fehlt.png | falsch.wav | | |
| | end_group | | | | | | | | | | | | | | | | | | | |

| choices | list_name | name | label::Deutsch (de) | label::العربية (ar) | media::image::Deutsch (de) | media::audio::Deutsch (de) | media::audio::العربية (ar) |
|---|---|---|---|---|---|---|---|
| | weg | bus | Bus | حافلة | bus.png | bus.wav | bus-ar.wav |
| | weg | rad | **Rad** | | rad.png | rad.wav | |
| | weg | fuss | Zu Fuß | سيرا على الأقدام | | | |
| | ja_nein | ja | Ja | نعم | | | |
| | ja_nein | nein | Nein | لا | | | |

| settings | form_title | form_id | version | default_language | unreviewed |
|---|---|---|---|---|---|
| | Fragen | fragen | 1 | Deutsch (de) | ar |
"""  # noqa: E501 - a table is read across


@cache
def form(text: str = FORM) -> Form:
    """A form whose cells may hold lines: ¶ stands for the end of one."""
    with tempfile.TemporaryDirectory() as directory:
        return read_form(convert(workbook(Path(directory), text)).xform.replace("¶", "\n"))


@cache
def png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """A picture of one colour with a frame."""
    line = b"\0" + bytes(colour) * width
    rows = zlib.compress(line * height)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@cache
def sound(seconds: int = 30) -> bytes:
    """Silence, long enough to be stopped."""
    made = io.BytesIO()
    with wave.open(made, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(1)
        out.setframerate(8000)
        out.writeframes(b"\x80" * 8000 * seconds)
    return made.getvalue()


def content(name: str) -> tuple[str, bytes] | None:
    """Media type and bytes of a file of the form; None for one that is not there."""
    if name == "falsch.wav":
        return "text/html", b"<script>window.hit = 1</script>"
    pictures = {"weg.png": (320, 160, (70, 110, 160)), "gross.png": (900, 600, (70, 110, 160)),
                "bus.png": (120, 80, (180, 90, 60)), "rad.png": (120, 80, (60, 140, 90))}  # fmt: skip
    if name in pictures:
        return "image/png", png(*pictures[name])
    return ("audio/wav", sound()) if name.endswith(".wav") else None


class Questions(Screen):
    """A screen whose form has its pictures and sounds. `asked` are the names of the files the browser wanted."""

    def __init__(self, page: Page, session: Session) -> None:
        self.asked: list[str] = []
        super().__init__(page, session)

    def reply(self, message: Mapping[str, Any]) -> list[dict[str, Any]]:
        if message["type"] != "file":
            return super().reply(message)
        self.asked.append(message["name"])
        found = content(message["name"])
        answer = {"type": "file", "view": message["view"], "name": message["name"]}
        if found is None:
            return [{**answer, "missing": True}]
        return [{**answer, "mime": found[0], "size": len(found[1]), "buffers": [found[1]]}]


Opened = Callable[..., Questions]


@pytest.fixture
def opened(page: Page) -> Opened:
    def open_(text: str = FORM, *, second: str | None = None) -> Questions:
        screen = Questions(page, Session(form(text), now=lambda: NOW, second=second))
        if page.locator(".lb-question").locator("visible=true").count() == 0:
            screen.next()
        return screen

    return open_


def test_a_note_is_drawn_as_it_is_styled(opened: Opened) -> None:
    note = opened()["blatt"]
    expect(note.get_by_role("listitem")).to_have_text(["Pass oder Ausweis", "Visum"])
    expect(note.locator("strong")).to_have_text("ruhig")
    expect(note.locator("[style]")).to_have_text("Frist: 3 Tage")
    assert note.locator("[style]").get_attribute("style") == "color: rgb(160, 0, 0);"
    expect(note.locator(".lb-heading")).to_have_text("Vor dem Gespräch")
    assert note.locator("h1, h2, h3, h4, h5, h6").count() == 0
    links = note.get_by_role("link")
    assert [link.get_attribute("href") for link in links.all()] == ["https://example.org/amt", "tel:+4970511600"]
    for link in links.all():
        assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener noreferrer")


def test_a_number_in_a_right_to_left_text_keeps_its_order(opened: Opened) -> None:
    part = opened(second=ARABIC)["blatt"].locator("bdi[lang=ar]")
    expect(part).to_have_attribute("dir", "rtl")
    number = part.locator("bdi[dir=ltr]", has_text="7051")
    expect(number).to_have_text("+49 7051 160-0")
    left_edges = """(node) => { const at = (from) => { const range = document.createRange();
        range.setStart(node.firstChild, from); range.setEnd(node.firstChild, from + 1);
        return range.getBoundingClientRect().left; }; return [0, 4, 13].map(at); }"""
    places = number.evaluate(left_edges)
    assert places == sorted(places)


def test_what_is_not_translated_is_shown_once_and_says_so(opened: Opened, page: Page) -> None:
    screen = opened(second=ARABIC)
    label = screen["strasse"].locator("label")
    expect(label.locator("bdi[lang=de]")).to_have_text("In welcher Straße wohnen Sie?")
    expect(label.locator("small[lang=ar][dir=rtl]")).to_have_text("غير مترجم")
    assert screen["alter"].locator("label small").count() == 0
    choice = screen["wie"].locator(".lb-choice").filter(has=page.get_by_role("radio", name="Rad"))
    expect(choice.locator("label small[lang=ar]")).to_have_count(1)


def test_a_withheld_text_says_why_once_a_question(opened: Opened) -> None:
    question = opened(second=ARABIC)["einwilligung"]
    expect(question.locator("small")).to_have_count(1)
    expect(question.locator("small")).to_contain_text("لا يُعرض هذا النص")
    expect(question.get_by_role("radio", name="Ja", exact=True)).to_be_visible()
    assert "هل توافق" not in question.inner_text()


def test_guidance_is_behind_its_summary_and_belongs_to_the_box_when_open(opened: Opened, page: Page) -> None:
    question = opened()["strasse"]
    box = question.get_by_role("textbox")
    expect(question.get_by_text("Nie den Aufnahmecode.")).to_be_hidden()
    assert len((box.get_attribute("aria-describedby") or "").split()) == 1
    question.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(question.get_by_text("Nie den Aufnahmecode.")).to_be_visible()
    expect(box).to_have_accessible_description("Nur die Straße Bei Unterkunft deren Namen. Nie den Aufnahmecode.")


def warned(screen: Questions) -> None:
    """The question about the age with a doubtful answer, left."""
    screen["alter"].get_by_role("textbox").fill("110")
    screen["strasse"].get_by_role("textbox").focus()
    expect(screen["alter"].locator(".lb-warning")).to_be_visible()


def test_a_warning_is_kept_with_one_click_withdrawn_and_falls_with_the_answer(opened: Opened, page: Page) -> None:
    screen = opened()
    warned(screen)
    asked = screen["alter"].get_by_role("button", name="Nachgefragt und bestätigt")
    expect(asked).to_have_attribute("aria-pressed", "false")
    asked.click()
    expect(asked).to_have_attribute("aria-pressed", "true")
    expect(asked).to_be_focused()
    told = screen["alter"].get_by_role("button", name="Angabe der Person")
    told.focus()
    page.keyboard.press("Space")
    expect(told).to_have_attribute("aria-pressed", "true")
    expect(asked).to_have_attribute("aria-pressed", "false")
    told.click()
    expect(told).to_have_attribute("aria-pressed", "false")
    told.click()
    expect(told).to_have_attribute("aria-pressed", "true")
    assert [op["value"] for op in screen.ops("override")] == ["asked", "as_told", "", "as_told"]
    screen["alter"].get_by_role("textbox").fill("111")
    screen["strasse"].get_by_role("textbox").focus()
    expect(told).to_have_attribute("aria-pressed", "false")


def test_the_reasons_of_a_warning_come_before_the_next_field_on_the_keyboard(opened: Opened, page: Page) -> None:
    screen = opened()
    warned(screen)
    screen["alter"].get_by_role("textbox").focus()
    reached = []
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
        reached.append(page.evaluate("document.activeElement.value"))
    assert reached == ["later", "as_told", "asked"]


def test_the_description_of_a_box_is_its_hint_and_what_is_wrong_not_the_reasons(opened: Opened) -> None:
    screen = opened()
    warned(screen)
    box = screen["alter"].get_by_role("textbox")
    expect(box).to_have_accessible_description("In Jahren Über 100 Jahre: ist das so richtig?")


def listen(page: Page) -> Callable[[], list[str]]:
    """What a screen reader is told from now on."""
    page.evaluate(
        """() => { const live = document.querySelector(".lb-live"); window.said = [];
        new MutationObserver(() => window.said.push(live.textContent)).observe(live, { childList: true }); }"""
    )
    return lambda: list(page.evaluate("window.said"))


def test_what_is_wrong_is_said_once_when_the_box_is_left(opened: Opened, page: Page) -> None:
    screen = opened()
    said = listen(page)
    screen["alter"].get_by_role("textbox").fill("200")
    screen["alter"].get_by_role("textbox").press("Tab")
    expect(screen["alter"].locator(".lb-error")).to_have_text("Erwartet wird eine Zahl unter 130.")
    screen["strasse"].get_by_role("textbox").fill("Hauptstraße")
    assert screen.value("/data/g/strasse") == "Hauptstraße"
    assert said().count("Erwartet wird eine Zahl unter 130.") == 1
    assert screen["alter"].locator("[aria-live], [role=alert], [role=status]").count() == 0


def test_a_reason_on_the_way_is_not_called_an_error(opened: Opened, page: Page) -> None:
    screen = opened()
    said = listen(page)
    box = screen["alter"].get_by_role("textbox")
    box.focus()
    page.keyboard.press("Tab")
    expect(screen["alter"].get_by_role("button", name="weiß nicht")).to_be_focused()
    page.keyboard.press("Space")
    expect(screen["alter"].get_by_role("button", name="weiß nicht")).to_have_attribute("aria-pressed", "true")
    assert screen.value("/data/g/alter__missing") == "unknown"
    expect(screen["alter"].locator(".lb-error")).to_have_count(0)
    assert said() == []


def test_a_reason_asks_before_it_deletes_what_was_typed(opened: Opened) -> None:
    screen = opened()
    box = screen["strasse"].get_by_role("textbox")
    box.fill("Hauptstraße 3")
    reason = screen["strasse"].locator(".lb-reason[value=refused]")
    reason.click()
    delete = screen["strasse"].get_by_role("button", name="Löschen und „keine Angabe“ angeben")
    expect(delete).to_be_focused()
    expect(delete).to_have_accessible_description("Was hier eingegeben ist, wird dabei gelöscht.")
    screen["strasse"].get_by_role("button", name="Abbrechen").click()
    expect(reason).to_be_focused()
    assert screen.value("/data/g/strasse") == "Hauptstraße 3"
    reason.click()
    delete.click()
    expect(reason).to_have_attribute("aria-pressed", "true")
    expect(reason).to_be_focused()
    assert screen.value("/data/g/strasse__missing") == "refused"
    assert screen.value("/data/g/strasse") == ""
    expect(box).to_have_value("")


def test_a_reason_replaces_a_choice_at_once(opened: Opened) -> None:
    screen = opened()
    screen["wie"].get_by_role("radio", name="Bus").check()
    screen["wie"].get_by_role("button", name="weiß nicht").click()
    assert screen.value("/data/g/wie__missing") == "unknown"
    assert screen.value("/data/g/wie") == ""
    expect(screen["wie"].get_by_role("radio", name="Bus")).not_to_be_checked()


def test_pictures_have_the_label_as_their_text_and_open_larger(opened: Opened, page: Page) -> None:
    screen = opened()
    picture = screen["wie"].locator(".lb-media img")
    expect(picture).to_have_attribute("alt", "Wie kommen Sie zum Kurs?")
    page.wait_for_function("(node) => node.naturalWidth === 320", arg=picture.element_handle())
    assert "gross.png" not in screen.asked
    larger = screen["wie"].get_by_role("button", name="Vergrößern")
    larger.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Wie kommen Sie zum Kurs?")
    expect(dialog.locator("img")).to_be_visible()
    page.wait_for_function("(node) => node.naturalWidth === 900", arg=dialog.locator("img").element_handle())
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(larger).to_be_focused()
    assert screen.asked.count("weg.png") == 1


def test_a_file_that_is_not_there_or_something_else_is_named(opened: Opened) -> None:
    question = opened()["laut"]
    question.scroll_into_view_if_needed()
    names = ("\u2068fehlt.png\u2069", "\u2068falsch.wav\u2069")
    expect(question.locator(".lb-media small")).to_have_text(
        [f"Die Datei {name} fehlt oder lässt sich nicht zeigen." for name in names]
    )
    expect(question.locator("img, audio")).to_have_count(0)


def test_sounds_are_played_by_hand_in_each_language(opened: Opened, page: Page) -> None:
    screen = opened(second=ARABIC)
    players = screen["wie"].locator("audio")
    expect(players).to_have_count(2)
    assert [player.get_attribute("aria-label") for player in players.all()] == [
        "Wie kommen Sie zum Kurs?, Deutsch (de)",
        f"Wie kommen Sie zum Kurs?, {ARABIC}",
    ]
    ready = "[...document.querySelectorAll('[data-name=wie] audio')].every((player) => player.src && player.paused)"
    page.wait_for_function(ready)
    assert page.locator("[autoplay]").count() == 0


def test_a_choice_is_heard_without_being_chosen_and_one_at_a_time(opened: Opened) -> None:
    screen = opened()
    first = screen["wie"].get_by_role("button", name="Abspielen: Bus")
    second = screen["wie"].get_by_role("button", name="Abspielen: Rad")
    first.click()
    playing = screen["wie"].get_by_role("button", name="Anhalten: Bus")
    expect(playing).to_be_visible()
    second.click()
    expect(first).to_be_visible()
    expect(screen["wie"].get_by_role("button", name="Anhalten: Rad")).to_be_visible()
    screen["wie"].get_by_role("button", name="Anhalten: Rad").click()
    expect(second).to_be_visible()
    expect(screen["wie"].get_by_role("radio", checked=True)).to_have_count(0)
    assert screen.ops("answer") == []


def test_a_click_on_the_picture_of_a_choice_chooses_it(opened: Opened) -> None:
    screen = opened()
    screen["wie"].get_by_role("img", name="Bus").click()
    assert screen.value("/data/g/wie") == "bus"


def label_of(screen: Questions, name: str, label: Any, **more: Any) -> None:
    """Deliver the form anew, with another label for a question: what no form of ours would send."""
    greeting = screen.session.greeting()
    key = next(key for key, path in screen.session._sent.paths.items() if path == f"/data/g/{name}")
    state = {**greeting["state"], key: {**greeting["state"][key], "label": [label], **more}}
    screen.bare.deliver({**greeting, "state": state})


HOSTILE = [
    {"e": "script", "c": ["window.hit = 1"]},
    {"e": "a", "u": "javascript:window.hit=1", "c": ["x"]},
    {"e": "a", "u": "\tjavascript:window.hit=1", "c": ["x"]},
    {"e": "a", "u": "data:text/html,<script>parent.hit=1</script>", "c": ["x"]},
    {"e": "img", "src": "x", "onerror": "window.hit=1", "c": []},
    {"e": "constructor", "c": ["x"]},
    {"e": "span", "s": {"background": "url(//example.org/x)", "color": "url(//example.org/y)"}, "c": ["x"]},
    {"e": "iframe", "u": "https://example.org", "c": ["<script>window.hit=1</script>"]},
    {"e": "ol", "n": "x onclick=window.hit=1", "c": [{"e": "li", "c": ["x"]}]},
]  # fmt: skip


def test_a_tree_cannot_smuggle_anything_onto_the_page(opened: Opened, page: Page) -> None:
    screen = opened()
    names = {"image": "javascript:window.hit=1", "audio": '"><script>window.hit=1</script>'}
    label_of(screen, "laut", HOSTILE, media={"label": names})
    question = screen["laut"]
    question.scroll_into_view_if_needed()
    expect(question.locator(".lb-media small")).to_have_count(2)
    question.locator(".lb-label").click()
    assert question.locator("script, img[src], iframe, a, [onerror], [onclick], [src]").count() == 0
    assert question.locator("[style]").count() == 0
    assert page.evaluate("window.hit") is None
    assert screen.bare.asked_for == []
