from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from intake.store.keys import create_key_file, read_key_file
from validation.errors import StoreError, WrongKey

posix = pytest.mark.skipif(os.name != "posix", reason="Windows keeps access lists, which we do not judge")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.key"


def test_a_key_is_32_random_bytes_and_comes_back(path: Path, tmp_path: Path) -> None:
    key = create_key_file(path)
    assert len(key) == 32
    assert read_key_file(path) == key
    assert create_key_file(tmp_path / "second.key") != key


@posix
def test_a_key_file_is_for_its_owner_only_whatever_the_umask(path: Path) -> None:
    old = os.umask(0)
    try:
        create_key_file(path)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_is_never_overwritten(path: Path) -> None:
    key = create_key_file(path)
    with pytest.raises(StoreError, match="nie überschrieben"):
        create_key_file(path)
    assert path.read_bytes() == key


def test_a_missing_key_file_is_named(path: Path) -> None:
    with pytest.raises(StoreError, match="fehlt") as caught:
        read_key_file(path)
    assert str(path) in str(caught.value)


def test_a_directory_is_no_key_file(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreError, match="nicht lesbar"):
        read_key_file(path)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_key_of_another_length_is_refused(path: Path, length: int) -> None:
    path.touch(0o600)
    path.write_bytes(bytes(length))
    with pytest.raises(WrongKey, match="32 Byte"):
        read_key_file(path)


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o666])
def test_a_key_others_can_reach_is_refused_with_the_remedy(path: Path, mode: int) -> None:
    create_key_file(path)
    path.chmod(mode)
    with pytest.raises(StoreError, match="chmod 600"):
        read_key_file(path)


def test_a_missing_directory_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Verzeichnis"):
        create_key_file(tmp_path / "nowhere" / "store.key")
