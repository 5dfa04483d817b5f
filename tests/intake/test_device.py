from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from intake.device import FILE, device_id
from validation.errors import StoreError


def test_a_computer_has_one_random_name_in_a_study(tmp_path: Path) -> None:
    first = device_id(tmp_path)
    assert re.fullmatch(r"lotsenbuch:[0-9a-f-]{36}", first)
    assert device_id(tmp_path) == first
    (tmp_path / "other").mkdir()
    assert device_id(tmp_path / "other") != first
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == [FILE]


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps its own access lists")
def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    device_id(tmp_path)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"lotsenbuch:x", b"\xff", b"lotsenbuch:../../etc"])
def test_what_is_no_name_is_refused_with_the_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(StoreError, match=FILE):
        device_id(tmp_path)
    assert (tmp_path / FILE).read_bytes() == content


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        device_id(tmp_path / "nowhere")
