from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from intake.store import derived
from intake.store.derived import FOLDER, Copies, drop
from intake.store.sealing import new_key

KEY = new_key()
HEADER: Mapping[str, object] = {"heads": {"08235007": [3, "ab"]}, "last": 7}
CONTENT = bytes(range(256)) * 4


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / FOLDER


def copies(directory: Path, *, store: str = "s", login: str = "l", form: str = "f") -> Copies:
    return Copies(directory, store=store, login=login, form=form)


def read(found: Copies, name: str = "general", key: bytes = KEY) -> tuple[Mapping[str, object], bytes] | None:
    copy = found.read(name, key)
    return None if copy is None else (copy[0], bytes(copy[1]))


def the_file(directory: Path) -> Path:
    (path,) = directory.iterdir()
    return path


@pytest.mark.parametrize("content", [CONTENT, b"", b"\n", b"a\nb"])
def test_what_was_written_comes_back(directory: Path, content: bytes) -> None:
    assert read(copies(directory)) is None
    assert copies(directory).write("general", KEY, HEADER, content)
    assert read(copies(directory)) == (HEADER, content)


def test_the_last_one_counts_and_nothing_else_is_left(directory: Path) -> None:
    for content in (b"first", b"second"):
        assert copies(directory).write("general", KEY, HEADER, content)
    assert read(copies(directory)) == (HEADER, b"second")
    assert the_file(directory).stat().st_mode & 0o777 == 0o600
    assert directory.stat().st_mode & 0o777 == 0o700


def test_each_class_form_login_and_store_has_its_own(directory: Path) -> None:
    every = [copies(directory), *(copies(directory, **{of: "x"}) for of in ("store", "login", "form"))]
    for number, each in enumerate(every):
        for name in ("general", "special"):
            assert each.write(name, KEY, HEADER, f"{number} {name}".encode())
    assert len(list(directory.iterdir())) == 8
    for number, each in enumerate(every):
        for name in ("general", "special"):
            assert read(each, name) == (HEADER, f"{number} {name}".encode())


def test_another_key_opens_nothing_and_the_copy_goes(directory: Path) -> None:
    copies(directory).write("general", KEY, HEADER, CONTENT)
    assert read(copies(directory), key=new_key()) is None
    assert list(directory.iterdir()) == []


def test_one_in_the_place_of_another_is_not_believed(directory: Path) -> None:
    copies(directory).write("general", KEY, HEADER, CONTENT)
    general = the_file(directory)
    copies(directory).write("special", KEY, HEADER, b"special")
    (special,) = set(directory.iterdir()) - {general}
    special.write_bytes(general.read_bytes())
    assert read(copies(directory), "special") is None
    assert read(copies(directory), "general") == (HEADER, CONTENT)


def test_no_byte_may_differ_or_lack(directory: Path) -> None:
    copies(directory).write("general", KEY, HEADER, b"x" * 40)
    path = the_file(directory)
    whole = path.read_bytes()
    for at in range(len(whole)):
        for wrong in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]):
            path.write_bytes(wrong)
            assert read(copies(directory)) is None
            assert not path.exists()


def test_what_is_no_file_of_ours_is_none(directory: Path, tmp_path: Path) -> None:
    copies(directory).write("general", KEY, HEADER, CONTENT)
    path = the_file(directory)
    aside = tmp_path / "aside"
    path.rename(aside)
    path.symlink_to(aside)
    assert read(copies(directory)) is None
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    assert read(copies(directory)) is None
    path.unlink(missing_ok=True)
    path.mkdir()
    assert read(copies(directory)) is None
    assert aside.exists()


def test_too_large_a_copy_is_neither_written_nor_read(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copies(directory).write("general", KEY, HEADER, CONTENT)
    before = the_file(directory).read_bytes()
    monkeypatch.setattr(derived, "LIMIT", 500)
    assert not copies(directory).write("general", KEY, HEADER, CONTENT)
    assert the_file(directory).read_bytes() == before
    monkeypatch.setattr(derived, "LIMIT", -(1 << 16))
    assert read(copies(directory)) is None


@pytest.mark.parametrize("call", ["open", "replace", "write"])
def test_a_full_disk_leaves_the_last_one_and_no_rest(
    directory: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    copies(directory).write("general", KEY, HEADER, b"first")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if call == "open":
        monkeypatch.setattr(derived.os, "open", full)
    elif call == "replace":
        monkeypatch.setattr(Path, "replace", full)
    else:
        monkeypatch.setattr(derived, "seal", full)  # between opening and naming it, like a write that fails
    assert not copies(directory).write("general", KEY, HEADER, b"second")
    monkeypatch.undo()
    assert read(copies(directory)) == (HEADER, b"first")
    assert len(list(directory.iterdir())) == 1


def test_where_nothing_may_be_written_there_is_no_copy(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_bytes(b"x")
    assert not copies(place).write("general", KEY, HEADER, CONTENT)
    assert not copies(tmp_path / "none" / FOLDER).write("general", KEY, HEADER, CONTENT)
    assert read(copies(place)) is None


def test_drop_takes_every_copy_and_nothing_else(directory: Path) -> None:
    drop(directory)
    copies(directory).write("general", KEY, HEADER, CONTENT)
    copies(directory, login="x").write("special", KEY, HEADER, CONTENT)
    first = next(iter(directory.iterdir()))
    (directory / f".{first.name}.0a1b.new").write_bytes(b"what a crash left")
    (directory / "notes.txt").write_text("mine", encoding="utf-8")
    drop(directory)
    assert [path.name for path in directory.iterdir()] == ["notes.txt"]
