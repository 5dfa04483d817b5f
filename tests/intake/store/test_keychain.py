"""The keyring of the system: a random key per way; where there is none, a sentence."""

from __future__ import annotations

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

from intake.store.keychain import SERVICE, fetch, forget, keep
from scenario.chain import Chain
from validation.errors import StoreError

MATERIAL = bytes(range(32))


class Locked(KeyringBackend):
    """A keyring that the person did not unlock."""

    priority = 1  # type: ignore[assignment]

    def get_password(self, *_: str) -> str | None:
        raise KeyringLocked("locked")

    def set_password(self, *_: str) -> None:
        raise KeyringLocked("locked")

    def delete_password(self, *_: str) -> None:
        raise PasswordDeleteError("locked")


def test_what_is_kept_comes_back_until_it_is_forgotten() -> None:
    chain = Chain()
    keep("a1b2c3d4", MATERIAL, chain)
    assert fetch("a1b2c3d4", chain) == MATERIAL
    assert list(chain.kept) == [(SERVICE, "a1b2c3d4")]
    assert fetch("00000000", chain) is None
    forget("a1b2c3d4", chain)
    forget("a1b2c3d4", chain)
    assert fetch("a1b2c3d4", chain) is None
    assert not chain.kept


def test_what_is_no_key_is_none() -> None:
    chain = Chain()
    chain.set_password(SERVICE, "a1b2c3d4", "nicht hexadezimal")
    assert fetch("a1b2c3d4", chain) is None


def test_a_locked_keyring_is_said() -> None:
    with pytest.raises(StoreError, match="Entsperren"):
        keep("a1b2c3d4", MATERIAL, Locked())
    assert fetch("a1b2c3d4", Locked()) is None
    forget("a1b2c3d4", Locked())


def test_a_stand_in_that_keeps_no_secret_is_no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    from keyring.backends.fail import Keyring as Refusing
    from keyring.backends.null import Keyring as Forgetting

    class Readable(Chain):
        """As keyrings.alt has it: a file that everybody can read."""

    Readable.__module__ = "keyrings.alt.file"
    for stand_in in (Refusing(), Forgetting(), Readable()):
        monkeypatch.setattr(keyring, "get_keyring", lambda found=stand_in: found)
        with pytest.raises(StoreError) as caught:
            keep("a1b2c3d4", MATERIAL)
        assert caught.value.code == "ways.no_keyring"
        assert fetch("a1b2c3d4") is None
        forget("a1b2c3d4")
    chain = Chain()
    monkeypatch.setattr(keyring, "get_keyring", lambda: chain)
    keep("a1b2c3d4", MATERIAL)
    assert fetch("a1b2c3d4") == MATERIAL
