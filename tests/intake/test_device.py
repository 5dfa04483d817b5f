from __future__ import annotations

import errno
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from intake import device
from intake.device import FILE, device_id
from validation.errors import StoreError, StoreFull


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


@pytest.fixture(params=[True, False], ids=["links", "no links"])
def disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system with and one without hard links."""

    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    if not request.param:
        monkeypatch.setattr(os, "link", refused)


@pytest.mark.usefixtures("disk")
def test_who_thinks_to_be_first_and_is_second_takes_the_name_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = device_id(tmp_path)
    monkeypatch.setattr(Path, "exists", lambda _: False)  # looked just before the other wrote
    assert device_id(tmp_path) == first
    assert list(tmp_path.iterdir()) == [tmp_path / FILE]


@pytest.mark.usefixtures("disk")
def test_of_several_at_once_one_name_wins(tmp_path: Path) -> None:
    at_once = Barrier(4)

    def drawn(place: Path) -> str:
        at_once.wait()
        return device_id(place)

    with ThreadPoolExecutor(4) as pool:
        for number in range(20):
            place = tmp_path / str(number)
            place.mkdir()
            assert len(set(pool.map(drawn, [place] * 4))) == 1
            assert (place / FILE).stat().st_mode & 0o077 == 0


def test_a_name_that_cannot_be_written_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreFull):
        device_id(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"lotsenbuch:x", b"\xff", b"lotsenbuch:../../etc"])
def test_what_is_no_name_is_refused_with_the_file(
    tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "PATIENCE", 0.0)
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(StoreError, match=FILE):
        device_id(tmp_path)
    assert (tmp_path / FILE).read_bytes() == content


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        device_id(tmp_path / "nowhere")
