"""Into a study's store by the way that needs nobody; a person is asked at most once a process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest

from intake.entrance import Entrance, asked_twice, typed
from intake.store import utc_now
from intake.store.admission import admitted
from intake.store.bringing import Brought
from intake.store.opening import open_as
from intake.store.recovery import new_recovery, recovery_text
from intake.store.ways import RECOVERY, Cost, Secret
from scenario.chain import Chain
from validation.errors import StoreError, WrongKey

CHEAP = Cost(passes=1, memory_kib=64, lanes=1)
WORDS = "vier Wörter am Montag"


class Person:
    """Somebody who types, and how often that was asked for."""

    def __init__(self, *typed: str) -> None:
        self.typed = list(typed)
        self.asked: list[str] = []

    def __call__(self, question: str) -> str:
        self.asked.append(question)
        return self.typed.pop(0)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store that only a passphrase opens."""
    path = tmp_path / "store.db"
    given = Brought(secret=Secret.passphrase(WORDS), cost=CHEAP)
    open_as(path, given, create=True, clock=utc_now, wait=1)[0].close()
    return path


def entrance(store: Path, ask: Person | None = None, environment: dict[str, str] | None = None) -> Entrance:
    return Entrance(store.with_suffix(".key"), ask=ask or Person(), environment=environment or {})


def test_a_person_is_asked_once_a_process(store: Path) -> None:
    ana = Person(WORDS)
    way = entrance(store, ana)
    for _ in range(3):
        way.open(store, utc_now).close()
    assert ana.asked == ["Kennwort oder Wiederherstellungsschlüssel: "]
    assert WORDS not in repr(way)
    assert not way.alone(store)


def test_a_slip_is_said_and_asked_again_three_times_in_all(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ana = Person("falsch", WORDS)
    entrance(store, ana).open(store, utc_now).close()
    assert len(ana.asked) == 2
    assert capsys.readouterr().err.count("Kennwort passt zu keinem") == 1
    mallory = Person("eins", "zwei", "drei", WORDS)
    with pytest.raises(WrongKey):
        entrance(store, mallory).open(store, utc_now)
    assert len(mallory.asked) == 3


def test_a_recovery_key_may_be_typed_instead_with_a_slip_first(store: Path) -> None:
    with admitted(store, Brought(secret=Secret.passphrase(WORDS))) as desk:
        _, sheet = desk.add_recovery(label="Tresor")
    text = recovery_text(sheet)
    slip = ("1" if text[0] == "0" else "0") + text[1:]
    ana = Person(slip, text)
    entrance(store, ana).open(store, utc_now).close()
    assert len(ana.asked) == 2


def test_what_is_typed_is_told_apart() -> None:
    key = new_recovery()
    assert typed(recovery_text(key)).secret == Secret(RECOVERY, material=key)
    assert typed(WORDS).secret == Secret.passphrase(WORDS)


def test_what_another_process_handed_over_asks_nobody(store: Path) -> None:
    _, unlocked = opened = entrance(store, Person(WORDS)).open_as(store, utc_now)
    opened[0].close()
    nobody = Person()
    Entrance(store.with_suffix(".key"), unlocked=unlocked, ask=nobody).open(store, utc_now).close()
    assert nobody.asked == []


def test_a_key_file_comes_first_then_the_keyring(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chain = Chain()
    monkeypatch.setattr(keyring, "get_keyring", lambda: chain)
    with admitted(store, Brought(secret=Secret.passphrase(WORDS))) as desk:
        desk.add_keyring(label="rechner")
    assert entrance(store).given(store) == Brought(keyring=True)
    entrance(store).open(store, utc_now).close()
    with admitted(store, Brought(secret=Secret.passphrase(WORDS))) as desk:
        desk.add_key_file(store.with_suffix(".key"), label="server")
    assert entrance(store).given(store) == Brought(key_file=store.with_suffix(".key"))
    assert entrance(store).alone(store)
    entrance(store).open(store, utc_now).close()
    with admitted(store, Brought(secret=Secret.passphrase(WORDS))) as desk:
        desk.remove("server")
    assert entrance(store).given(store) == Brought(keyring=True)  # the file that is left opens nothing any more
    chain.kept.clear()
    assert entrance(store).given(store) is None


def test_the_environment_counts_under_ci_only(store: Path) -> None:
    known = {"LOTSENBUCH_PASSPHRASE": WORDS}
    with pytest.raises(StoreError, match="mitlesen") as caught:
        entrance(store, environment=known).open(store, utc_now)
    assert caught.value.code == "ways.environment"
    assert WORDS not in str(caught.value)
    entrance(store, environment={**known, "CI": "true"}).open(store, utc_now).close()


@pytest.fixture
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with Path("/dev/null").open(encoding="ascii") as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        yield


@pytest.mark.usefixtures("no_terminal")
def test_where_nobody_can_be_asked_the_remedy_is_said(store: Path) -> None:
    way = Entrance(store.with_suffix(".key"), environment={})
    for call in (lambda: way.open(store, utc_now), lambda: way.brought(store), asked_twice):
        with pytest.raises(StoreError, match="Terminal") as caught:
            call()
        assert caught.value.code == "ways.nobody_to_ask"


def test_a_store_that_is_not_there_asks_nobody(tmp_path: Path) -> None:
    ana = Person(WORDS)
    for call in (Entrance(tmp_path / "k", ask=ana).brought, lambda path: Entrance(path, ask=ana).open(path, utc_now)):
        with pytest.raises(StoreError) as caught:
            call(tmp_path / "store.db")
        assert caught.value.code == "store.missing"
    assert ana.asked == []


def test_a_store_without_any_way_names_its_key_file(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    open_as(path, Brought(key=bytes(32)), create=True, clock=utc_now, wait=1)[0].close()
    with pytest.raises(StoreError) as caught:
        entrance(path).open(path, utc_now)
    assert caught.value.code == "store.key_missing"


def test_a_new_passphrase_is_typed_twice() -> None:
    assert asked_twice(Person(WORDS, WORDS)) == Secret.passphrase(WORDS)
    with pytest.raises(StoreError, match="verschieden"):
        asked_twice(Person(WORDS, f"{WORDS}!"))
    with pytest.raises(StoreError, match="mindestens"):
        asked_twice(Person("kurz", "kurz"))


def test_an_unencrypted_store_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "store.db"
    given = Brought(key_file=tmp_path / "store.key")
    open_as(path, given, create=True, clock=utc_now, wait=1, plaintext=True)[0].close()
    way = Entrance(tmp_path / "store.key", plaintext=True)
    way.open(path, utc_now).close()
    way.open(path, utc_now).close()
    assert capsys.readouterr().err.count("NICHT VERSCHLÜSSELT") == 1


def test_a_secret_that_came_with_the_call_asks_nobody(store: Path) -> None:
    nobody = Person()
    way = Entrance(store.with_suffix(".key"), secret=Secret.passphrase(WORDS), ask=nobody)
    way.open(store, utc_now).close()
    assert nobody.asked == []
    assert not way.alone(store)


class Kernel:
    """What ipykernel puts in the place of `getpass.getpass`."""

    def __init__(self, answer: str | None) -> None:
        self.answer = answer

    def getpass(self, _prompt: str = "") -> str:
        if self.answer is None:
            raise NotImplementedError("this frontend does not support input requests")  # as Voila's
        return self.answer


@pytest.mark.usefixtures("no_terminal")
def test_a_notebook_asks_in_a_field_of_its_own_and_voila_says_why_not(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getpass", Kernel(WORDS).getpass)
    Entrance(store.with_suffix(".key"), environment={}).open(store, utc_now).close()
    monkeypatch.setattr("getpass.getpass", Kernel(None).getpass)
    with pytest.raises(StoreError, match="Terminal"):
        Entrance(store.with_suffix(".key"), environment={}).open(store, utc_now)
