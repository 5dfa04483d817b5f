"""Files of an interview without a browser: what is taken, under which name, and where it lies afterwards."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from intake.interview.attachments import NAME_LENGTH, Uploads, answer_bytes, clean_name, fits, kind_of
from intake.interview.session import Session
from intake.store import Store, open_store
from scenario.files import JPEG, PNG, PNG_LARGE, SVG, WAV
from scenario.interview import KEY, NOW, Talk, form, store, workbook, worklist
from validation.errors import AnswerError, StoreBusy

FORM = """
| survey | type | name | label | media::image |
|---|---|---|---|---|
| | begin_group | g | Dateien | |
| | text | titel | Titel | |
| | image | foto | Foto | zeichen.svg |
| | audio | ton | Ton | |
| | file | datei | Datei | |
| | begin_repeat | r | Beleg | |
| | file | beleg | Beleg | |
| | end_repeat | | | |
| | end_group | | | |

| settings | form_title | form_id | version |
|---|---|---|---|
| | Dateien | probe | 1 |
"""


class Desk(Talk):
    """A browser that also hands in files."""

    def hand_in(
        self, name: str, file: str, content: bytes, entry: str = "", upload: str = "u1"
    ) -> list[dict[str, Any]]:
        """Send a file whole and put it into the answer; what came back to the operation."""
        taken = self.piece(name, file, content, entry=entry, upload=upload)
        if "text" in taken:
            return [taken]
        return self.send("attach", self.key(name, entry), {"upload": upload})

    def piece(
        self, name: str, file: str, content: bytes, *, at: int = 0, size: int | None = None, entry: str = "",
        upload: str = "u1",
    ) -> dict[str, Any]:  # fmt: skip
        message = {
            "type": "chunk", "view": "v", "upload": upload, "key": self.key(name, entry), "at": at,
            "size": len(content) if size is None else size, "name": file, "buffers": [content],
        }  # fmt: skip
        return answer_bytes(self.session, message)

    def file(self, **what: str) -> dict[str, Any]:
        return answer_bytes(self.session, {"type": "file", "view": "v", **what})


@pytest.fixture
def desk() -> Desk:
    return Desk(Session(form(FORM), now=lambda: NOW))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"), (JPEG, "image/jpeg"), (b"GIF89a", "image/gif"), (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic", "image/heic"), (b"\0\0\0\x18ftypmif1", "image/heic"), (b"II*\0", "image/tiff"),
        (WAV, "audio/wav"), (b"ID3\x04", "audio/mpeg"), (b"\xff\xfb\x90", "audio/mpeg"), (b"OggS", "audio/ogg"),
        (b"\0\0\0\x18ftypM4A ", "audio/mp4"), (b"\0\0\0\x18ftypisom", "video/mp4"), (b"\x1aE\xdf\xa3", "video/webm"),
        (SVG, "application/octet-stream"), (b"%PDF-1.7", "application/octet-stream"), (b"", "application/octet-stream"),
    ],
)  # fmt: skip
def test_the_first_bytes_say_what_a_file_is(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    ("mime", "wanted", "expected"),
    [
        ("image/png", "image/*", True), ("application/octet-stream", "image/*", False),
        ("video/mp4", "audio/*", True), ("video/mp4", "image/*", False), ("image/png", "audio/*", False),
        ("application/octet-stream", "application/*", True), ("image/png", "", True),
    ],
)  # fmt: skip
def test_a_question_takes_its_kind_of_file(mime: str, wanted: str, *, expected: bool) -> None:
    assert fits(mime, wanted) is expected


@pytest.mark.parametrize(
    ("name", "mime", "expected"),
    [
        ("C:\\Users\\x\\Pass.PNG", "image/png", "Pass.PNG"),
        ("../../etc/passwd", "", "passwd"),
        ("u\u0308ber.txt", "", "\u00fcber.txt"),
        ("bild.html", "image/png", "bild.png"),
        ("bild", "image/jpeg", "bild.jpg"),
        ("a\u202egnp.exe", "", "agnp.exe"),
        ("..", "", "datei"),
        ("", "image/png", "datei.png"),
        (".png", "image/png", "png.png"),
        ("a  b\n<c>?.txt", "", "a b c.txt"),
        ("رسالة.pdf", "", "رسالة.pdf"),
    ],
)
def test_a_name_is_cleaned(name: str, mime: str, expected: str) -> None:
    assert clean_name(name, mime) == expected


@given(st.text(), st.sampled_from(["", "image/png", "audio/ogg"]))
def test_no_name_leads_anywhere_or_is_too_long(name: str, mime: str) -> None:
    made = clean_name(name, mime)
    assert 0 < len(made) <= NAME_LENGTH
    assert not set('/\\<>:"|?*\0\n\u202e') & set(made)
    assert made.strip(". ")
    assert clean_name(made, mime) == made


def test_a_file_comes_piece_by_piece_and_a_piece_sent_twice_counts_once(desk: Desk) -> None:
    assert desk.piece("foto", "a.png", PNG[:30], size=len(PNG))["received"] == 30
    assert desk.piece("foto", "a.png", PNG[:30], size=len(PNG))["received"] == 30
    assert desk.piece("foto", "a.png", PNG[50:], at=50, size=len(PNG))["received"] == 30, "a gap is not jumped over"
    (early,) = desk.send("attach", desk.key("foto"), {"upload": "u1"})
    assert early["type"] == "refused"
    assert desk.piece("foto", "a.png", PNG[30:], at=30, size=len(PNG))["received"] == len(PNG)
    (done,) = desk.send("attach", desk.key("foto"), {"upload": "u1"})
    assert done["type"] == "ack"
    assert desk["foto"]["value"] == "a.png"
    assert desk.file(key=desk.key("foto")) == {
        "type": "file", "view": "v", "key": desk.key("foto"), "name": None, "mime": "image/png", "size": len(PNG),
        "buffers": [PNG],
    }  # fmt: skip


def test_too_large_empty_and_other_kinds_are_refused_in_a_sentence(desk: Desk) -> None:
    desk.session.uploads.limit = 1000
    assert "höchstens 0.001 MB" in desk.piece("foto", "a.png", PNG, size=1001)["text"][0]
    assert "leer" in desk.piece("foto", "a.png", b"")["text"][0]
    assert "kein Bild" in desk.piece("foto", "a.png", b"<svg/>")["text"][0]
    assert "keine Tonaufnahme" in desk.piece("ton", "a.mp3", PNG)["text"][0]
    assert "received" in desk.piece("datei", "a.exe", b"MZ anything")
    assert desk["foto"]["value"] == ""


@pytest.mark.parametrize(
    "odd",
    [
        {"at": -1}, {"at": True}, {"size": "10"}, {"name": None}, {"upload": 7}, {"key": "unknown"}, {"key": None},
        {"at": 3}, {"size": 3}, {"buffers": None},
    ],
)  # fmt: skip
def test_nonsense_about_pieces_is_refused_and_never_breaks(desk: Desk, odd: dict[str, Any]) -> None:
    message = {
        "type": "chunk", "view": "v", "upload": "u", "key": desk.key("datei"), "at": 0, "size": 5, "name": "a",
        "buffers": [b"12345"],
    }  # fmt: skip
    answer = answer_bytes(desk.session, {**message, **odd})
    assert answer.get("text") or answer["received"] == 0
    assert desk["datei"]["value"] == ""


def test_only_a_question_for_files_takes_one(desk: Desk) -> None:
    assert "text" in desk.piece("titel", "a.txt", b"x")
    (refused,) = desk.send("attach", desk.key("titel"), {"upload": "u1"})
    assert refused["type"] == "refused"
    desk.piece("datei", "a.txt", b"x")
    (refused,) = desk.send("attach", desk.key("foto"), {"upload": "u1"})
    assert refused["type"] == "refused", "a file is for the question it was sent for"


def test_few_files_are_on_their_way_at_once(desk: Desk) -> None:
    desk.send("add_repeat", desk.key("Beleg"))
    for number in range(6):
        desk.piece("beleg" if number else "datei", "a", b"1", size=2, upload=f"u{number}", entry="" if not number else
                   desk.state[desk.id("Beleg")]["entries"][0])  # fmt: skip
    held = desk.session.uploads._under_way
    assert set(held) == {"u0", "u5"}, "a new file for a question takes the place of the one before"


def test_names_of_an_interview_are_given_once_and_the_same_file_keeps_its_name(desk: Desk) -> None:
    desk.hand_in("foto", "bild.png", PNG)
    desk.hand_in("datei", "bild.png", PNG_LARGE)
    assert (desk["foto"]["value"], desk["datei"]["value"]) == ("bild.png", "bild-2.png")
    desk.hand_in("datei", "bild.png", PNG)
    assert desk["datei"]["value"] == "bild.png"
    assert desk.file(key=desk.key("foto"))["buffers"] == [PNG]


def test_a_file_is_taken_away_again(desk: Desk) -> None:
    desk.hand_in("foto", "bild.png", PNG)
    desk.send("detach", desk.key("foto"))
    assert desk["foto"]["value"] == ""
    assert desk.file(key=desk.key("foto"))["missing"] is True


def test_undoing_brings_back_the_file_that_was_replaced(tmp_path: Path) -> None:
    with store(tmp_path, FORM) as opened:
        desk = Desk(worklist(opened).begin("probe"))
        desk.hand_in("foto", "alt.png", PNG)
        desk.hand_in("ton", "ton.wav", WAV)
        desk.hand_in("foto", "neu.png", PNG_LARGE, upload="u2")
        desk.send("undo")
        assert desk["foto"]["value"] == "alt.png"
        assert desk.file(key=desk.key("foto"))["buffers"] == [PNG]
        draft = desk.session.draft
        assert draft is not None
        assert Desk(worklist(opened).resume(draft.id))["foto"]["value"] == "alt.png"


@pytest.mark.parametrize("op", ["attach", "detach"])
def test_a_file_of_another_window_is_not_replaced_unseen(op: str, tmp_path: Path) -> None:
    with store(tmp_path, FORM) as opened:
        first = Desk(worklist(opened).begin("probe"))
        first.answer("titel", "Anna")
        second = Desk(worklist(opened).resume(opened.journal.drafts()[0].id))
        knew = first.session.greeting()["sequence"]
        second.hand_in("foto", "pass.png", PNG)
        first.piece("foto", "anderes.png", PNG_LARGE)
        value = {"upload": "u1"} if op == "attach" else None
        told, refused = first.send(op, first.key("foto"), value, base=knew)
        assert (told["elsewhere"], refused["type"]) == (True, "refused")
        assert first["foto"]["value"] == "pass.png"
        first.piece("foto", "anderes.png", PNG_LARGE)
        (taken,) = first.send(op, first.key("foto"), value, base=first.session.greeting()["sequence"])
        assert taken["type"] == "ack"
        assert first["foto"]["value"] == ("anderes.png" if op == "attach" else "")


def test_what_is_handed_in_is_there_after_continuing_and_comes_with_the_submission(tmp_path: Path) -> None:
    with store(tmp_path, FORM) as opened:
        desk = Desk(worklist(opened).begin("probe"))
        desk.send("add_repeat", desk.key("Beleg"))
        entry = desk.state[desk.id("Beleg")]["entries"][0]
        desk.hand_in("foto", "pass.png", PNG)
        desk.hand_in("beleg", "brief.txt", b"in words", entry)
        desk.hand_in("datei", "weg.txt", b"thrown away")
        desk.send("detach", desk.key("datei"))
        draft = desk.session.draft
        assert draft is not None
        (kept,) = (op.payload for op in opened.journal.replay(draft.id) if op.payload.get("value") == "pass.png")
        assert kept == {
            "op": "attach", "path": "/data/g/foto", "value": "pass.png", "hash": hashlib.sha256(PNG).hexdigest(),
        }  # fmt: skip
        again = Desk(worklist(opened).resume(draft.id))
        assert again["foto"]["value"] == "pass.png"
        assert again.file(key=again.key("foto"))["buffers"] == [PNG]
        again.send("submit")
        (submission,) = opened.submissions()
        assert sorted(each.name for each in opened.attachments.listed(submission.id)) == ["brief.txt", "pass.png"]
        assert opened.attachments.content(submission.id, "brief.txt") == b"in words"


def test_a_store_that_cannot_keep_it_now_keeps_it_when_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store(tmp_path, FORM) as opened:
        desk = Desk(worklist(opened).begin("probe"))
        desk.piece("foto", "a.png", PNG)
        with monkeypatch.context() as patch:
            patch.setattr(type(opened.attachments), "put", _busy)
            (unsaved,) = desk.send("attach", desk.key("foto"), {"upload": "u1"}, op_id="one")
        assert unsaved["type"] == "unsaved"
        (done,) = desk.send("attach", desk.key("foto"), {"upload": "u1"}, op_id="one")
        assert done["type"] == "ack"
        assert desk["foto"]["value"] == "a.png"


def _busy(*_: object) -> None:
    raise StoreBusy("store.busy", path="store.db")


def test_a_file_of_another_kernel_must_be_chosen_again(desk: Desk) -> None:
    (refused,) = desk.send("attach", desk.key("foto"), {"upload": "from before"})
    assert "noch einmal" in refused["text"][0]
    with pytest.raises(AnswerError):
        Uploads().keep("", "q1", None)


def test_the_screen_gets_files_of_the_form_to_show_and_no_others(tmp_path: Path) -> None:
    path = workbook(tmp_path, FORM)
    (tmp_path / "probe-media").mkdir()
    (tmp_path / "probe-media" / "zeichen.svg").write_bytes(SVG)
    with _published(path, tmp_path) as opened:
        desk = Desk(worklist(opened).begin("probe"))
        shown = desk.file(name="zeichen.svg")
        assert (shown["mime"], shown["buffers"]) == ("image/svg+xml", [SVG])
        for name in ("anderes.png", "../store.db", "probe.md", "", "zeichen.svg/x"):
            assert desk.file(name=name)["missing"] is True


def test_a_file_of_the_form_that_is_not_for_showing_stays_in_python() -> None:
    uploads = Uploads(form_file=lambda name: name.encode())
    assert uploads.of_form("bild.png") == b"media/bild.png"
    assert uploads.of_form("orte.csv") is None


def _published(path: Path, directory: Path) -> Store:
    from intake.publishing import publish

    opened = open_store(directory / "store.db", key=KEY, create=True)
    publish(opened, path)
    return opened
