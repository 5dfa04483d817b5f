"""The links on paper: every one once, with the fingerprint, readable by their owner only, without a number or a day."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from intake.interview.alone.links import new_token, spoken
from intake.interview.alone.sheet import link, write_sheet
from validation.errors import StudyError

ORIGIN = "https://192.168.1.20:8868"


def test_every_link_stands_once_on_the_page_and_in_the_table(tmp_path: Path) -> None:
    tokens = [new_token() for _ in range(7)]
    page, table = write_sheet(
        tmp_path, form="bewohner", title="A & B", origin=ORIGIN, tokens=tokens, fingerprint=":".join(["AB"] * 32)
    )
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"https://[^<]+", text) == [link(ORIGIN, each) for each in tokens]
    assert table.read_text(encoding="utf-8").split() == ["link", *(f"{ORIGIN}/#{spoken(each)}" for each in tokens)]
    assert "A &amp; B" in text
    assert text.count("AB:AB") > 0
    assert not re.search(r"20\d\d-|\b\d{1,2}\.\d{1,2}\.20", text)
    assert {stat.S_IMODE(each.stat().st_mode) for each in (page, table)} == {0o600}
    assert stat.S_IMODE(page.parent.stat().st_mode) == 0o700


def test_without_tls_no_fingerprint_is_promised(tmp_path: Path) -> None:
    page, _ = write_sheet(tmp_path, form="bewohner", title="A", origin="http://127.0.0.1:1", tokens=[new_token()])
    assert "SHA-256" not in page.read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as caught:
        write_sheet(tmp_path / "nowhere", form="bewohner", title="A", origin=ORIGIN, tokens=[new_token()])
    assert caught.value.code == "alone.not_written"
