"""What somebody brings to open a store, and what it opens: the database key, and as whom.

A store has ways (`intake.store.ways`) unless it was made before there were any, or by a program with `key`.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from intake.store.keys import KEY_BYTES, create_key_file, read_key_file
from intake.store.wayfile import create_ways, read_ways, remove_ways
from intake.store.ways import (
    FILE,
    KEYRING,
    RECOVERY,
    Cost,
    Found,
    Secret,
    Unlocked,
    Ways,
    drawn,
    founded,
    founded_before,
    new_way,
    new_way_id,
)
from validation.errors import StoreError, WrongKey


@dataclass(frozen=True, slots=True)
class Brought:
    """Exactly one thing to open a store with; see `intake.store.open_store`.

    `cost` is what a passphrase costs that begins with the store; None is the usual.
    """

    key: bytes | None = field(default=None, repr=False)
    key_file: Path | None = None
    secret: Secret | None = None
    keyring: bool = False
    unlocked: Unlocked | None = None
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What may open the database, in this order. `ways` are those it was found in, None where there are none;
    `adopt` makes the ways of a store that has none yet and was opened by a key file."""

    candidates: tuple[Unlocked, ...]
    ways: Ways | None = None
    adopt: Callable[[Unlocked], Ways] | None = None


def brought(
    *,
    key: bytes | None = None,
    key_file: Path | None = None,
    passphrase: str | None = None,
    recovery: str | None = None,
    keyring: bool = False,
    descriptor: int | None = None,
    unlocked: Unlocked | None = None,
) -> Brought:
    """The arguments of `open_store` as one thing. TypeError unless exactly one is given.

    StoreError of `read_recovery` for a recovery key with a slip, 'ways.descriptor' when a descriptor gives nothing.
    """
    given = (key, key_file, passphrase, recovery, keyring or None, descriptor, unlocked)
    if sum(each is not None for each in given) != 1:
        raise TypeError(
            "open_store takes exactly one of key, key_file, passphrase, recovery, keyring, descriptor, unlocked"
        )
    if passphrase is not None:
        return Brought(secret=Secret.passphrase(passphrase))
    if recovery is not None:
        from intake.store.recovery import read_recovery

        return Brought(secret=Secret(RECOVERY, material=read_recovery(recovery)))
    if descriptor is not None:
        return Brought(secret=from_descriptor(descriptor))
    return Brought(key=key, key_file=key_file, keyring=keyring, unlocked=unlocked)


def from_descriptor(descriptor: int) -> Secret:
    """What a file descriptor gives: the 32 bytes of a key file, or a passphrase that ends with its line.

    StoreError 'ways.descriptor' when it cannot be read or gives nothing.
    """
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(4096)
        if len(content) == KEY_BYTES and not content.endswith(b"\n"):
            return Secret(FILE, material=content)
        text = content.decode("utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, ValueError) as error:
        raise StoreError("ways.descriptor", number=descriptor) from error
    if not text:
        raise StoreError("ways.descriptor", number=descriptor)
    return Secret.passphrase(text)


def try_ways(path: Path, given: Brought) -> Tried:
    """What opens the store that is at `path`.

    WrongKey when nothing there answers to it, StoreError 'ways.missing', 'ways.damaged', and what the key file says.
    """
    if given.unlocked is not None:
        return Tried((given.unlocked,))
    ways = read_ways(path)
    if given.keyring:
        return _of(_from_keyring(ways, path), ways)
    secret = given.secret or _file_secret(given, path)
    if ways is not None:
        return _of(ways.unlock(secret, path), ways)
    if given.key is not None:
        return Tried((founded_before(secret.material),))
    if secret.kind != FILE:
        raise StoreError("ways.missing", path=path)

    def adopt(unlocked: Unlocked) -> Ways:
        return _first(secret, unlocked)

    return Tried((founded(secret.material), founded_before(secret.material)), adopt=adopt)


def found_ways(path: Path, given: Brought) -> tuple[Tried, Callable[[], None]]:
    """What a store that is to be made at `path` opens with, and how to take back what was written for it.

    Ways that are there already (of a store that is to be restored, or that a crash did not let come to be) are
    obeyed. WrongKey 'ways.left' when they are somebody else's.
    """
    name = who()
    if given.unlocked is not None:
        return Tried((given.unlocked,)), _nothing
    if given.key is not None and read_ways(path) is None:
        return Tried((founded_before(_file_secret(given, path).material, name=name),)), _nothing
    if (ways := read_ways(path)) is not None:
        try:
            return try_ways(path, given), _nothing
        except WrongKey as error:
            raise WrongKey("ways.left", path=path) from error
    secret, way_id, forget = _new_secret(path, given)
    try:
        unlocked = founded(secret.material, name=name) if secret.kind == FILE else drawn(name=name)
        ways = _first(secret, unlocked, way_id=way_id, cost=given.cost)
        if not create_ways(path, ways):
            forget()
            return try_ways(path, given), _nothing
    except BaseException:
        forget()
        raise

    def take_back() -> None:
        remove_ways(path)
        forget()

    return Tried((unlocked,), ways), take_back


def _new_secret(path: Path, given: Brought) -> tuple[Secret, str, Callable[[], None]]:
    """The secret of a first way, its id ('' for any), and how to take it back."""
    if given.keyring:
        from intake.store import keychain

        way_id, material = new_way_id(), os.urandom(KEY_BYTES)
        keychain.keep(way_id, material)
        return Secret(KEYRING, material=material), way_id, lambda: keychain.forget(way_id)
    if given.secret is not None:
        given.secret.judge()
        return given.secret, "", _nothing
    key_file = given.key_file
    if key_file is not None and not key_file.exists():
        return Secret(FILE, material=create_key_file(key_file)), "", lambda: key_file.unlink(missing_ok=True)
    return _file_secret(given, path), "", _nothing


def _from_keyring(ways: Ways | None, path: Path) -> Found:
    from intake.store import keychain

    if ways is None:
        raise StoreError("ways.missing", path=path)
    for way in ways.ways:
        if way.kind == KEYRING and (material := keychain.fetch(way.id)) is not None:
            return Ways((way,)).unlock(Secret(KEYRING, material=material), path)
    raise WrongKey("ways.wrong_keyring")


def _file_secret(given: Brought, path: Path) -> Secret:
    key = read_key_file(given.key_file) if given.key_file is not None else given.key
    if key is None or len(key) != KEY_BYTES:
        raise WrongKey("store.key_length", path=path, expected=KEY_BYTES)
    return Secret(FILE, material=key)


def _first(secret: Secret, unlocked: Unlocked, *, way_id: str = "", cost: Cost | None = None) -> Ways:
    today = datetime.now(UTC).date().isoformat()
    way = new_way(secret, unlocked, label=who(), made=today, way_id=way_id, cost=cost)
    return Ways().with_way(way, unlocked.database)


def _of(found: Found, ways: Ways | None) -> Tried:
    first = Unlocked(found.login, found.private, found.databases[0])
    return Tried(tuple(replace(first, database=key) for key in found.databases), ways)


def who() -> str:
    """The name of who sits at this computer, '' where the system does not know."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _nothing() -> None:
    """Nothing was written."""
