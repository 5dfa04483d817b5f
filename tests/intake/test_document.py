"""What is put into a page is text and stays text; files are for their owner only and nothing is overwritten."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from intake.document import Document, Heading, Paragraph, Table, new_folder, write
from validation.errors import UsageError

EVIL = '<script>alert("1")</script> & | *fett* [x](y)'


def page() -> Document:
    blocks = (Heading(EVIL), Paragraph(EVIL, note=True), Table((), ((EVIL, EVIL),), EVIL), Table((EVIL,), ((EVIL,),)))
    return Document(EVIL, blocks, "de", EVIL)


def test_nothing_becomes_markup() -> None:
    text = page().html()
    assert "<script" not in text
    assert text.count("&lt;script&gt;") == 10
    marked = page().markdown()
    assert "<script" not in marked.replace("\\<script", "")
    assert "*fett*" not in marked.replace("\\*fett\\*", "")
    (row,) = [line for line in marked.splitlines() if line.count("script") == 4]
    assert row.replace("\\|", "").count("|") == 3


def test_a_file_is_for_its_owner_and_is_never_overwritten(tmp_path: Path) -> None:
    write(tmp_path / "a.html", "ä")
    assert stat.S_IMODE((tmp_path / "a.html").stat().st_mode) == 0o600
    with pytest.raises(UsageError, match="gibt es schon"):
        write(tmp_path / "a.html", "b")
    assert (tmp_path / "a.html").read_text("utf-8") == "ä"
    with pytest.raises(UsageError, match="nicht schreiben"):
        write(tmp_path / "none" / "a.html", "b")
    assert {file.name for file in tmp_path.iterdir()} == {"a.html"}


def test_a_folder_is_new_and_for_its_owner(tmp_path: Path) -> None:
    folder = new_folder(tmp_path / "a" / "b")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert new_folder(folder) == folder
    write(folder / "x", b"x")
    with pytest.raises(UsageError, match="gibt es schon"):
        new_folder(folder)
