"""What somebody brings: exactly one thing; what founds a store; and a store from before there were ways."""

from __future__ import annotations

import os
from pathlib import Path

import keyring
import pytest

from intake.store import open_store, utc_now
from intake.store.bringing import Brought, brought, from_descriptor
from intake.store.opening import open_as
from intake.store.wayfile import copy_of, read_ways, ways_of
from intake.store.ways import FILE, PASSPHRASE, Cost, Secret, Unlocked
from scenario.chain import Chain
from scenario.stores import KEY, files, new_store, submission
from validation.errors import StoreError, WrongKey

CHEAP = Cost(passes=1, memory_kib=64, lanes=1)
WORDS = "vier Wörter am Montag"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def made(path: Path, given: Brought) -> Unlocked:
    store, unlocked = open_as(path, given, create=True, clock=utc_now, wait=1)
    store.close()
    return unlocked


def descriptor(content: bytes) -> int:
    read, write = os.pipe()
    os.write(write, content)
    os.close(write)
    return read


def test_exactly_one_thing_opens() -> None:
    assert brought(key=KEY) == Brought(key=KEY)
    with pytest.raises(TypeError, match="exactly one"):
        brought()
    with pytest.raises(TypeError, match="exactly one"):
        brought(key=KEY, passphrase=WORDS)
    with pytest.raises(StoreError, match="Zeichen"):
        brought(recovery="ABCDE")
    assert WORDS not in repr(brought(passphrase=WORDS))


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        (KEY, Secret(FILE, material=KEY)),
        (f"{WORDS}\n".encode(), Secret.passphrase(WORDS)),
        (f"{WORDS}\r\nmehr\n".encode(), Secret.passphrase(WORDS)),
        (WORDS.encode(), Secret.passphrase(WORDS)),
        (b"x" * 31 + b"\n", Secret.passphrase("x" * 31)),
    ],
)
def test_a_descriptor_gives_a_key_or_a_line(content: bytes, secret: Secret) -> None:
    number = descriptor(content)
    assert from_descriptor(number) == secret
    os.close(number)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe\xff"])
def test_a_descriptor_that_gives_nothing_is_named(content: bytes) -> None:
    number = descriptor(content)
    with pytest.raises(StoreError, match=f"Dateideskriptor {number}"):
        from_descriptor(number)
    os.close(number)
    with pytest.raises(StoreError, match="Dateideskriptor"):
        from_descriptor(number)


def test_a_passphrase_founds_a_store_that_nothing_else_opens(path: Path) -> None:
    unlocked = made(path, Brought(secret=Secret.passphrase(WORDS), cost=CHEAP))
    assert sorted(files(path.parent)) == ["store.db", "store.db.ways", "store.db.ways.copy"]
    with open_store(path, passphrase=WORDS) as store:
        assert store.login.id == unlocked.login
    with open_store(path, unlocked=unlocked) as store:
        assert store.login.id == unlocked.login
    for way in ({"key": KEY}, {"passphrase": f"{WORDS}!"}, {"keyring": True}):
        with pytest.raises(WrongKey):
            open_store(path, **way)  # type: ignore[arg-type]


def test_a_short_passphrase_founds_nothing(path: Path) -> None:
    with pytest.raises(StoreError, match="mindestens"):
        made(path, Brought(secret=Secret.passphrase("kurz")))
    assert files(path.parent) == {}


def test_the_keyring_founds_a_store_and_a_failure_takes_its_key_back(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = Chain()
    monkeypatch.setattr(keyring, "get_keyring", lambda: chain)

    def broken(*_: object) -> None:
        raise StoreError("store.disk", path=path)

    with monkeypatch.context() as broke:
        broke.setattr("intake.store.opening.migrate", broken)
        with pytest.raises(StoreError):
            made(path, Brought(keyring=True))
    assert files(path.parent) == {}
    assert chain.kept == {}
    made(path, Brought(keyring=True))
    assert len(chain.kept) == 1
    open_store(path, keyring=True).close()
    chain.kept.clear()
    with pytest.raises(WrongKey, match="Schlüsselbund"):
        open_store(path, keyring=True)


def test_a_crash_before_the_store_was_there_goes_on_where_it_stopped(path: Path) -> None:
    """The ways are written first: a store without them would be lost."""
    given = Brought(secret=Secret.passphrase(WORDS), cost=CHEAP)
    unlocked = made(path, given)
    path.unlink()
    with pytest.raises(StoreError, match="kein Datenspeicher"):
        open_store(path, passphrase=WORDS)
    with pytest.raises(WrongKey, match="nicht da ist"):
        made(path, Brought(secret=Secret.passphrase("ein ganz anderer Satz")))
    assert not path.exists()
    assert made(path, given).database == unlocked.database


class TestBeforeThereWereWays:
    """A store whose database key lay in the key file."""

    @pytest.fixture
    def old(self, path: Path) -> Path:
        with new_store(path) as store:
            store.append(submission())
        path.with_suffix(".key").touch(0o600)
        path.with_suffix(".key").write_bytes(KEY)
        assert read_ways(path) is None
        return path

    def test_its_key_file_opens_it_and_becomes_its_first_way(self, old: Path) -> None:
        with open_store(old, key_file=old.with_suffix(".key")) as store:
            assert store.count() == 1
            login = store.login
        ways = read_ways(old)
        assert ways is not None
        assert [(way.kind, way.login) for way in ways.ways] == [(FILE, login.id)]
        with open_store(old, key_file=old.with_suffix(".key")) as store:
            assert store.login == login
            store.append(submission(2))

    def test_another_key_file_changes_nothing(self, old: Path) -> None:
        old.with_suffix(".key").write_bytes(bytes(32))
        before = files(old.parent)
        with pytest.raises(WrongKey, match="Schlüssel passt nicht"):
            open_store(old, key_file=old.with_suffix(".key"))
        assert files(old.parent) == before

    def test_a_passphrase_asks_for_the_ways(self, old: Path) -> None:
        with pytest.raises(StoreError, match="fehlt die Datei der Zugänge"):
            open_store(old, passphrase=WORDS)


class TestLostWays:
    def test_the_key_file_that_founded_a_store_still_opens_it_as_the_same_login(self, path: Path) -> None:
        key_file = path.with_suffix(".key")
        first = made(path, Brought(key_file=key_file))
        with open_store(path, key_file=key_file) as store:
            login = store.login
        ways_of(path).unlink()
        copy_of(path).unlink()
        again = made(path, Brought(key_file=key_file))
        assert (again.login, again.private, again.database) == (first.login, first.private, first.database)
        with open_store(path, key_file=key_file) as store:
            assert store.login == login
        assert [way.kind for way in read_ways(path).ways] == [FILE]  # type: ignore[union-attr]

    def test_damaged_ways_are_not_written_over(self, path: Path) -> None:
        made(path, Brought(key_file=path.with_suffix(".key")))
        for file in (ways_of(path), copy_of(path)):
            file.write_bytes(b"damaged")
        before = files(path.parent)
        with pytest.raises(StoreError, match="beschädigt"):
            open_store(path, key_file=path.with_suffix(".key"))
        assert files(path.parent) == before

    def test_one_of_both_files_is_mended_in_passing(self, path: Path) -> None:
        made(path, Brought(secret=Secret.passphrase(WORDS), cost=CHEAP))
        ways_of(path).write_bytes(b"damaged")
        open_store(path, passphrase=WORDS).close()
        assert ways_of(path).read_bytes() == copy_of(path).read_bytes()
        assert {way.kind for way in read_ways(path).ways} == {PASSPHRASE}  # type: ignore[union-attr]
