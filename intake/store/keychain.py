"""The keyring of the operating system: Windows Credential Manager, macOS Keychain, Secret Service, KWallet.

The only file that imports `keyring`. What is kept there is a random key per way; whoever is logged in to the computer
as this person can use it, and nobody has to type anything.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from validation.errors import StoreError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "Lotsenbuch"


def keep(way_id: str, material: bytes, backend: KeyringBackend | None = None) -> None:
    """Keep the key of a way. StoreError 'ways.no_keyring' where the computer has none, or it is locked."""
    from keyring.errors import KeyringError

    chain = backend or _backend()
    if chain is None:
        raise StoreError("ways.no_keyring")
    try:
        chain.set_password(SERVICE, way_id, material.hex())
    except (KeyringError, OSError) as error:
        raise StoreError("ways.no_keyring") from error


def fetch(way_id: str, backend: KeyringBackend | None = None) -> bytes | None:
    """The key of a way; None where this computer and person have none."""
    from keyring.errors import KeyringError

    chain = backend or _backend()
    try:
        kept = None if chain is None else chain.get_password(SERVICE, way_id)
        return None if kept is None else bytes.fromhex(kept)
    except (KeyringError, OSError, ValueError):
        return None


def forget(way_id: str, backend: KeyringBackend | None = None) -> None:
    """Take the key of a way out; nothing where there is none."""
    from keyring.errors import KeyringError

    chain = backend or _backend()
    if chain is not None:
        with contextlib.suppress(KeyringError, OSError):
            chain.delete_password(SERVICE, way_id)


def _backend() -> KeyringBackend | None:
    """The keyring of the system; None where there is none that keeps secrets.

    `keyring` takes whatever is installed, also stand-ins that write to a readable file (keyrings.alt) or refuse.
    """
    import keyring
    from keyring.errors import KeyringError

    try:
        found = keyring.get_keyring()
    except (KeyringError, RuntimeError, ImportError):
        return None
    tried = getattr(found, "backends", [found])
    return found if any(type(each).__module__ not in _NONE and _is_the_systems(each) for each in tried) else None


_NONE = ("keyring.backends.fail", "keyring.backends.null", "keyring.backends.chainer")


def _is_the_systems(backend: KeyringBackend) -> bool:
    return not type(backend).__module__.startswith("keyrings.")
