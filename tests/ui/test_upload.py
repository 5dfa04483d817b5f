"""Files in an interview: chosen, dropped or drawn, sent piece by piece, shown, replaced and taken away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from intake.interview.attachments import answer_bytes
from intake.interview.worklist import Worklist
from intake.publishing import publish
from intake.store import Store, open_store
from scenario.browser import BarePage
from scenario.files import JPEG, PNG, PNG_LARGE, SVG, WAV
from scenario.interview import KEY, workbook, worklist
from scenario.served import served

pytestmark = pytest.mark.browser

FORM = """
| survey | type | name | label::Deutsch (de) | label::العربية (ar) | appearance | media::image::Deutsch (de) |
|---|---|---|---|---|---|---|
| | begin_group | g | Dateien | ملفات | | |
| | image | foto | Foto | صورة | new-front | zeichen.svg |
| | image | name | Unterschrift | توقيع | signature | |
| | image | plan | Plan | خطة | annotate | |
| | audio | ton | Aufnahme | تسجيل | | |
| | file | datei | Datei | ملف | | |
| | end_group | | | | | |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Dateien | probe | 1 | Deutsch (de) |
"""


class Desk:
    """The page, a session over a real store, and what goes to and fro. `lost` swallows as many pieces as it says."""

    def __init__(self, page: Page, listed: Worklist) -> None:
        self.page = page
        self.listed = listed
        self.session = listed.begin("probe")
        self.lost = 0
        self.bare = BarePage(page, self.reply)
        self.enter()

    def enter(self) -> None:
        self.page.get_by_role("navigation").get_by_role("button").nth(1).click()
        expect(self["foto"]).to_be_visible()

    def reply(self, message: Mapping[str, Any]) -> list[dict[str, Any]]:
        if message["type"] == "hello":
            return [self.session.greeting(message["view"])]
        if message["type"] == "chunk" and self.lost:
            self.lost -= 1
            return []
        if message["type"] in ("chunk", "file"):
            return [answer_bytes(self.session, message)]
        return self.session.receive(message) if message["type"] == "op" else []

    def __getitem__(self, name: str) -> Locator:
        return self.page.locator(f".lb-question[data-name={name}]")

    def choose(self, name: str, file: str, content: bytes) -> None:
        self[name].locator("input[type=file]").set_input_files(
            {"name": file, "mimeType": "application/octet-stream", "buffer": content}
        )

    def value(self, name: str) -> str:
        expect(self.page.locator(".lb-pill-saved")).to_be_visible()
        return self.session.instance.value(f"/data/g/{name}")

    def kept(self, name: str) -> bytes:
        assert self.session.draft is not None
        return self.listed.store.attachments.content(self.session.draft.id, self.value(name))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    path = workbook(tmp_path, FORM)
    (tmp_path / "probe-media").mkdir()
    (tmp_path / "probe-media" / "zeichen.svg").write_bytes(SVG)
    with open_store(tmp_path / "store.db", key=KEY, create=True) as opened:
        publish(opened, path)
        yield opened


@pytest.fixture
def desk(page: Page, store: Store) -> Desk:
    return Desk(page, worklist(store))


def test_a_picture_is_kept_and_shown_with_name_and_size(desk: Desk) -> None:
    desk.choose("foto", "C:\\Bilder\\Pass.PNG", PNG)
    expect(desk["foto"].get_by_role("img", name="Pass.PNG")).to_be_visible()
    expect(desk["foto"].locator(".lb-file-line")).to_contain_text(f"{len(PNG)} Byte")
    assert desk.value("foto") == "Pass.PNG"
    assert desk.kept("foto") == PNG
    assert desk["foto"].get_by_role("img", name="Pass.PNG").evaluate("(picture) => picture.naturalWidth") == 3
    assert desk.bare.faults == []
    assert desk.bare.asked_for == []


def test_a_file_is_replaced_and_taken_away_and_its_name_is_never_given_twice(desk: Desk) -> None:
    desk.choose("foto", "bild.png", PNG)
    expect(desk["foto"].get_by_role("img", name="bild.png")).to_be_visible()
    desk.choose("foto", "bild.png", PNG_LARGE)
    expect(desk["foto"].get_by_role("img", name="bild-2.png")).to_be_visible()
    assert desk.kept("foto") == PNG_LARGE
    desk["foto"].get_by_role("button", name="Datei entfernen").click()
    expect(desk["foto"].get_by_role("img", name="bild-2.png")).to_have_count(0)
    assert desk.value("foto") == ""
    expect(desk["foto"].locator("input[type=file]")).to_be_focused()


@pytest.mark.parametrize(("length", "said"), [(5, "(5 Byte)"), (1500, "(1,5 kB)"), (250_000, "(0,3 MB)")])
def test_the_size_of_a_file_is_said_in_the_unit_that_fits(desk: Desk, length: int, said: str) -> None:
    desk.choose("datei", "notiz.txt", b"a" * length)
    expect(desk["datei"].locator(".lb-file-line")).to_contain_text(said)


def test_an_address_of_a_file_lives_as_long_as_its_preview(page: Page, store: Store) -> None:
    page.add_init_script("""
      window.living = new Set();
      const make = URL.createObjectURL.bind(URL);
      URL.createObjectURL = (blob) => { const url = make(blob); living.add(url); return url; };
      const revoke = URL.revokeObjectURL.bind(URL);
      URL.revokeObjectURL = (url) => { living.delete(url); revoke(url); };
    """)
    desk = Desk(page, worklist(store))
    living = "[...living]"
    desk.choose("foto", "bild.png", PNG)
    expect(desk["foto"].get_by_role("img", name="bild.png")).to_be_visible()
    (first,) = page.evaluate(living)
    desk.choose("foto", "bild.png", PNG_LARGE)
    expect(desk["foto"].get_by_role("img", name="bild-2.png")).to_be_visible()
    (second,) = page.evaluate(living)
    assert second != first
    desk["foto"].get_by_role("button", name="Datei entfernen").click()
    expect(desk["foto"].get_by_role("img", name="bild-2.png")).to_have_count(0)
    assert page.evaluate(living) == []


def test_what_is_too_large_or_of_another_kind_is_refused_in_a_sentence_and_changes_nothing(desk: Desk) -> None:
    desk.choose("foto", "gut.png", PNG)
    expect(desk["foto"].get_by_role("img", name="gut.png")).to_be_visible()
    desk.choose("foto", "kein-bild.png", b"<html>not a picture")
    expect(desk["foto"].locator(".lb-upload-help")).to_contain_text("kein Bild")
    desk.session.uploads.limit = 1000
    desk.choose("foto", "gross.png", PNG + bytes(2000))
    expect(desk["foto"].locator(".lb-upload-help")).to_contain_text("höchstens 0.001 MB")
    assert desk.value("foto") == "gut.png"
    expect(desk["foto"].get_by_role("img", name="gut.png")).to_be_visible()
    described = desk["foto"].locator("input[type=file]").get_attribute("aria-describedby") or ""
    assert desk["foto"].locator(".lb-upload-help").get_attribute("id") in described.split()


def test_a_large_file_goes_in_pieces_and_a_lost_piece_is_sent_again(desk: Desk, page: Page) -> None:
    content = WAV + bytes(range(256)) * 10_000
    desk.lost = 1
    page.clock.install()
    desk.choose("ton", "lang.wav", content)
    expect(desk["ton"].get_by_role("progressbar")).to_be_visible()
    page.wait_for_function("window.sent.filter((message) => message.type === 'chunk').length === 1")
    page.clock.fast_forward(5500)
    page.clock.resume()
    expect(desk["ton"].locator("audio")).to_be_visible()
    assert desk.kept("ton") == content
    at = [message["at"] for message in desk.bare.sent() if message["type"] == "chunk"]
    assert at == [0, 0, 1_000_000, 2_000_000]


def test_after_a_reload_the_screen_says_that_the_file_must_be_chosen_again(desk: Desk, page: Page) -> None:
    desk.choose("datei", "erst.txt", b"first")
    expect(desk["datei"].locator(".lb-file-name")).to_have_text("erst.txt")
    assert desk.value("datei") == "erst.txt"
    desk.lost = 100
    desk.choose("ton", "lang.wav", WAV)
    expect(desk["ton"].get_by_role("progressbar")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    desk.lost = 0
    desk.enter()
    expect(desk["ton"].locator(".lb-upload-help")).to_contain_text("Die Übertragung wurde unterbrochen.")
    expect(desk["datei"].locator(".lb-file-name")).to_have_text("erst.txt")
    expect(desk["datei"].locator(".lb-upload-help")).to_be_empty()
    desk.choose("ton", "lang.wav", WAV)
    expect(desk["ton"].locator("audio")).to_be_visible()
    expect(desk["ton"].locator(".lb-upload-help")).to_be_empty()


def test_a_file_on_its_way_is_called_off(desk: Desk) -> None:
    desk.lost = 100
    desk.choose("ton", "lang.wav", WAV)
    desk["ton"].get_by_role("button", name="Abbrechen").click()
    expect(desk["ton"].get_by_role("progressbar")).to_be_hidden()
    assert desk.value("ton") == ""


def test_a_file_on_its_way_never_reaches_another_interview(desk: Desk, page: Page) -> None:
    desk.lost = 100
    page.clock.install()
    desk.choose("ton", "lang.wav", WAV)
    expect(desk["ton"].get_by_role("progressbar")).to_be_visible()
    desk.bare.deliver({"type": "lost", "op_id": "", "text": ["Weg."]})
    expect(desk["ton"].get_by_role("progressbar")).to_be_hidden()
    page.clock.fast_forward(60_000)
    assert sum(message["type"] == "chunk" for message in desk.bare.sent()) == 1


def test_a_file_is_dropped(desk: Desk, page: Page) -> None:
    transfer = page.evaluate_handle(
        "(bytes) => { const all = new DataTransfer();"
        " all.items.add(new File([new Uint8Array(bytes)], 'ü.jpg')); return all; }",
        list(JPEG),
    )
    desk["foto"].locator(".lb-upload").dispatch_event("drop", {"dataTransfer": transfer})
    assert desk.page.locator("[data-name=foto] .lb-file-name").inner_text() == "ü.jpg"
    assert desk.kept("foto") == JPEG


def test_a_signature_is_drawn_or_chosen(desk: Desk, page: Page) -> None:
    pad = desk["name"].locator("canvas")
    expect(desk["name"].get_by_role("button", name="Zeichnung übernehmen")).to_be_hidden()
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 90, steps=5)
    page.mouse.up()
    desk["name"].get_by_role("button", name="Zeichnung übernehmen").click()
    expect(desk["name"].get_by_role("img", name="zeichnung.png")).to_be_visible()
    expect(pad).to_be_hidden()
    assert desk.kept("name").startswith(b"\x89PNG")
    desk["name"].get_by_role("button", name="Datei entfernen").click()
    expect(pad).to_be_visible()
    desk.choose("name", "gescannt.png", PNG)
    expect(desk["name"].get_by_role("img", name="gescannt.png")).to_be_visible()


def test_a_picture_is_drawn_on_before_it_is_kept(desk: Desk, page: Page) -> None:
    pad = desk["plan"].locator("canvas")
    desk.choose("plan", "plan.png", PNG_LARGE)
    expect(desk["plan"].get_by_role("button", name="Zeichnung übernehmen")).to_be_visible()
    assert desk.value("plan") == ""
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    look = "(pad) => [50, 150].map((x) => [...pad.getContext('2d').getImageData(x, 150, 1, 1).data].slice(0, 3))"
    below, ink = pad.evaluate(look)
    assert below == [0xC0, 0x30, 0x30]
    assert max(ink) < 60
    desk["plan"].get_by_role("button", name="Zeichnung übernehmen").click()
    picture = desk["plan"].get_by_role("img", name="zeichnung.png")
    expect(picture).to_be_visible()
    assert picture.evaluate("(picture) => [picture.naturalWidth, picture.naturalHeight]") == [400, 300]


def test_the_camera_is_asked_for_and_only_the_kind_that_is_wanted(desk: Desk) -> None:
    foto = desk["foto"].locator("input[type=file]")
    assert (foto.get_attribute("capture"), foto.get_attribute("accept")) == ("user", "image/*")
    assert desk["datei"].locator("input[type=file]").get_attribute("accept") is None
    expect(foto).to_have_accessible_name("Foto Foto aufnehmen oder Datei wählen")


def test_a_drawing_of_the_form_is_shown_and_is_no_page_of_ours(desk: Desk) -> None:
    picture = desk["foto"].get_by_role("img", name="Foto")
    expect(picture).to_be_visible()
    assert (picture.get_attribute("src") or "").startswith("data:image/svg+xml;base64,")
    assert desk.page.evaluate("window.hacked") is None


def test_a_hostile_name_is_shown_as_text(desk: Desk) -> None:
    desk.choose("datei", "<img src=x onerror=window.hacked=1>.txt", b"x")
    expect(desk["datei"].locator(".lb-file-name")).to_contain_text("img src=x onerror=window.hacked=1")
    assert desk.page.evaluate("window.hacked") is None
    assert desk["datei"].locator("img").count() == 0


def test_a_large_file_goes_through_the_server_into_the_store(page: Page, tmp_path: Path) -> None:
    """Real comm buffers, in three pieces, and the picture back again; after the submission it is beside the record."""
    content = PNG_LARGE + bytes(range(256)) * 9_000
    with served(workbook(tmp_path, FORM)) as server:
        page.set_default_timeout(60_000)
        page.goto(server.url)
        page.get_by_role("button", name="Dateien").click()
        page.get_by_role("button", name="Gespräch beginnen").click()
        foto = page.locator(".lb-question[data-name=foto]")
        foto.locator("input[type=file]").set_input_files(
            {"name": "pass.png", "mimeType": "image/png", "buffer": content}
        )
        picture = foto.get_by_role("img", name="pass.png")
        expect(picture).to_be_visible(timeout=60_000)
        assert picture.evaluate("(picture) => picture.naturalWidth") == 400
        expect(page.locator(".lb-pill-saved")).to_be_visible()
        page.get_by_role("navigation").get_by_role("button").last.click()
        page.get_by_role("button", name="Abschließen", exact=True).click()
        expect(page.locator(".lb-done")).to_be_visible(timeout=60_000)
        place = server.answers
    with open_store(place / "store.db", key_file=place / "store.key") as opened:
        (submission,) = opened.submissions()
        assert opened.attachments.content(submission.id, "pass.png") == content
