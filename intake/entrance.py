"""How a program gets into the store of a study: the way that needs nobody first, and it asks a person at most once.

In this order: what another process of the same person handed over, a secret that came with the call, the study's key
file, the keyring of the computer, under CI an environment variable, a person at a terminal (passphrase or recovery key,
whichever they type).
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from validation.errors import StoreError, WrongKey
from validation.messages import say

if TYPE_CHECKING:
    from intake.store import Clock, Store
    from intake.store.bringing import Brought
    from intake.store.ways import Secret, Unlocked

VARIABLE = "LOTSENBUCH_PASSPHRASE"
"""Read under CI only (the variable CI is set): elsewhere every program of the same user could read it."""

TRIES = 3
_SLIPS = ("ways.recovery_group", "ways.recovery_letter", "ways.recovery_length")

Ask = Callable[[str], str]


class Entrance:
    """The way into one study's store. What a person typed is remembered as long as the process lives, in memory only;
    a key file and a keyring are asked each time."""

    def __init__(
        self,
        key_file: Path,
        *,
        server: str = "",
        plaintext: bool = False,
        unlocked: Unlocked | None = None,
        secret: Secret | None = None,
        ask: Ask | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`server` is the address of a team's store; the paths of the methods then say beside what its ways are kept at
        this computer. `unlocked` was handed over, `secret` came with the call.

        `ask` puts a question to a person and returns what is typed, unseen; the default uses the terminal, or the
        notebook, and asks nobody where there is none.
        """
        self._remembered = unlocked
        self._secret = secret
        self._said = False
        self._key_file = key_file
        self._server = server
        self._plaintext = plaintext
        self._ask = ask
        self._environment = os.environ if environment is None else environment

    def __repr__(self) -> str:
        return f"Entrance({self._key_file})"

    def open(self, path: Path, clock: Clock) -> Store:
        """Open the store at `path`. Errors as `intake.store.open_store`, and StoreError 'ways.nobody_to_ask',
        'ways.environment', 'store.not_joined' where this computer has no way into a team's store. A person who mistypes
        is asked again, three times in all."""
        return self.open_as(path, clock)[0]

    def open_as(self, path: Path, clock: Clock) -> tuple[Store, Unlocked]:
        """As `open`, and what opens the store for another process of the same person."""
        self._see(path)
        given = self.given(path)
        if given is not None:
            return self._opened(path, given, clock)
        ask = self._ask or asking()
        if ask is None:
            raise StoreError("ways.nobody_to_ask")
        tries = TRIES
        while True:
            try:
                found = self._opened(path, typed(ask(say("ways.ask"))), clock)
            except StoreError as error:
                tries -= 1
                if not tries or not (isinstance(error, WrongKey) or error.code in _SLIPS):
                    raise
                sys.stderr.write(f"{error}\n")
            else:
                self._remembered = found[1]
                return found

    def brought(self, path: Path) -> Brought:
        """What opens the store at `path`, asking a person where need be, once. StoreError 'ways.nobody_to_ask'."""
        self._see(path)
        if (given := self.given(path)) is not None:
            return given
        ask = self._ask or asking()
        if ask is None:
            raise StoreError("ways.nobody_to_ask")
        return typed(ask(say("ways.ask")))

    def alone(self, path: Path) -> bool:
        """Whether another process of the same person gets into the store at `path` by itself: by the key file."""
        given = self.given(path)
        return given is not None and given.key_file is not None

    def given(self, path: Path) -> Brought | None:
        """What opens the store at `path` without asking anybody; None where somebody has to be asked."""
        from intake.store.bringing import Brought
        from intake.store.wayfile import read_ways
        from intake.store.ways import FILE, KEYRING, PASSPHRASE, RECOVERY, Secret

        if self._remembered is not None:
            return Brought(unlocked=self._remembered)
        if self._secret is not None:
            return Brought(secret=self._secret)
        ways = read_ways(path)
        kinds = {FILE} if ways is None else {way.kind for way in ways.ways}
        if (FILE in kinds and self._key_file.exists()) or not kinds & {KEYRING, PASSPHRASE, RECOVERY}:
            return Brought(key_file=self._key_file)
        if KEYRING in kinds and ways is not None:
            from intake.store import keychain

            if any(keychain.fetch(way.id) is not None for way in ways.ways if way.kind == KEYRING):
                return Brought(keyring=True)
        if (text := self._environment.get(VARIABLE)) is not None:
            if not self._environment.get("CI"):
                raise StoreError("ways.environment", name=VARIABLE)
            return Brought(secret=Secret.passphrase(text))
        return None

    def _see(self, path: Path) -> None:
        """StoreError where there is nothing to open; a server is not asked."""
        from intake.store.wayfile import read_ways

        if not self._server:
            if not path.exists():
                raise StoreError("store.missing", path=path)
        elif self._remembered is None and read_ways(path) is None:
            raise StoreError("store.not_joined", url=self._server)

    def _opened(self, path: Path, given: Brought, clock: Clock) -> tuple[Store, Unlocked]:
        if self._server:
            from intake.store.postgres.opening import open_given_as

            return open_given_as(self._server, given, clock=clock, wait=5.0)
        from intake.store.connection import is_unencrypted
        from intake.store.opening import open_as

        found = open_as(path, given, create=False, clock=clock, wait=5.0, plaintext=self._plaintext)
        if self._plaintext and not self._said and is_unencrypted(path):
            self._said = True
            sys.stderr.write(f"{say('ways.banner')}\n")
        return found


def asked_twice(ask: Ask | None = None) -> Secret:
    """A new passphrase. StoreError 'ways.not_the_same', 'ways.short_passphrase', 'ways.nobody_to_ask'."""
    from intake.store.ways import Secret

    put = ask or asking()
    if put is None:
        raise StoreError("ways.nobody_to_ask")
    secret = Secret.passphrase(put(say("ways.ask_new")))
    secret.judge()
    if Secret.passphrase(put(say("ways.ask_again"))) != secret:
        raise StoreError("ways.not_the_same")
    return secret


def typed(text: str) -> Brought:
    """What a person typed: a recovery key if it looks like one, else a passphrase."""
    from intake.store.bringing import Brought
    from intake.store.recovery import looks_like_recovery, read_recovery
    from intake.store.ways import RECOVERY, Secret

    if looks_like_recovery(text):
        return Brought(secret=Secret(RECOVERY, material=read_recovery(text)))
    return Brought(secret=Secret.passphrase(text))


def asking() -> Ask | None:
    """How a person can be asked here, without what they type being seen or kept: at a terminal, or in a notebook that
    passes questions on. None where there is nobody."""
    if sys.stdin is not None and sys.stdin.isatty():
        return getpass.getpass
    if hasattr(getpass.getpass, "__self__"):  # a kernel put its own method there
        return _in_notebook
    return None


def _in_notebook(question: str) -> str:
    """A field of the notebook that shows dots and is not saved with it. Voila has none."""
    try:
        return getpass.getpass(question)
    except NotImplementedError as error:
        raise StoreError("ways.nobody_to_ask") from error
