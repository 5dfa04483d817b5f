"""The file of anchors only grows, and a line that is none is named."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from intake.store import anchors
from scenario.stores import new_store, submission
from validation.errors import StoreError


def test_anchors_come_back_in_their_order_and_the_file_is_for_its_owner(tmp_path: Path) -> None:
    path = anchors.list_of(tmp_path / "store.db")
    assert anchors.read(path) == []
    made = []
    with new_store(tmp_path / "store.db") as store:
        for number in range(3):
            store.append(submission(number))
            made.append(store.anchor())
            before = path.read_bytes() if path.exists() else b""
            anchors.append(path, made[-1])
            assert path.read_bytes().startswith(before)
    assert anchors.read(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len({anchors.short_of(each) for each in made}) == 3


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "anchors"
    with new_store(tmp_path / "store.db") as store:
        anchors.append(path, store.anchor())
    path.write_text(path.read_text() + "kein Anker\n")
    with pytest.raises(StoreError) as refusal:
        anchors.read(path)
    assert (refusal.value.code, "2" in str(refusal.value)) == ("anchor.damaged", True)
