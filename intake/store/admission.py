"""Changes the ways into a store and its database key: for whoever gets in already.

    with admitted(path, Brought(key_file=...)) as desk:
        desk.add(Secret.passphrase("..."), label="ana")

Who takes a way away changes the database key as well: an old copy of the ways' file would else open it for ever. The
key is changed in place, with the file for oneself; at every moment of it the ways' file holds the key that fits, so a
crash leaves a store that opens with every way that is left.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from intake.store import utc_now
from intake.store.bringing import Brought
from intake.store.connection import Connection
from intake.store.drive import Drive, drive_of
from intake.store.keys import create_key_file
from intake.store.opening import connect_sqlite
from intake.store.recovery import new_recovery
from intake.store.sealing import new_key
from intake.store.wayfile import read_ways, write_ways
from intake.store.ways import (
    FILE,
    KEYRING,
    PASSPHRASE,
    RECOVERY,
    Cost,
    Secret,
    Unlocked,
    Way,
    Ways,
    new_way,
    new_way_id,
)
from validation.errors import StoreBusy, StoreError

if TYPE_CHECKING:
    from intake.store.ring import Login


class Logins(Protocol):
    """What of a store keeps logins."""

    def logins(self) -> Sequence[Login]: ...

    def add_login(self, name: str, role: str) -> tuple[Login, bytes]: ...

    def remove_login(self, login: str, /) -> object: ...


@contextlib.contextmanager
def admitted(
    path: Path,
    given: Brought,
    *,
    wait: float = 5.0,
    plaintext: bool = False,
    drive: Callable[[Path], Drive] = drive_of,
    today: date | None = None,
) -> Iterator[Desk]:
    """The desk where ways are given out, for who brings one. Errors as `intake.store.open_store`."""
    connection, unlocked = connect_sqlite(path, given, create=False, wait=wait, plaintext=plaintext, drive=drive)
    try:
        yield Desk(path, connection, unlocked, (today or datetime.now(UTC).date()).isoformat())
    finally:
        connection.close()


class Desk:
    """Gives out ways and takes them away, as one login. A call that raises has changed nothing of who gets in."""

    def __init__(self, path: Path, connection: Connection, unlocked: Unlocked, today: str) -> None:
        """`connection` is open, `unlocked` what opened it, `today` the date that new ways carry."""
        self.path = path
        self.connection = connection
        self.unlocked = unlocked
        self._today = today

    def ways(self) -> tuple[Way, ...]:
        return self._ways().ways

    def add(
        self,
        secret: Secret,
        *,
        label: str,
        unlocked: Unlocked | None = None,
        way_id: str = "",
        cost: Cost | None = None,
    ) -> Way:
        """One more way, for oneself or for the login of `unlocked`. StoreError 'ways.short_passphrase'."""
        secret.judge()
        as_whom = unlocked or self.unlocked
        way = new_way(secret, as_whom, label=label, made=self._today, way_id=way_id, cost=cost)
        with self.connection.transaction():
            write_ways(self.path, self._ways().with_way(way, self.unlocked.database))
        return way

    def add_keyring(self, *, label: str, unlocked: Unlocked | None = None) -> Way:
        """A way by the keyring of this computer and person. StoreError 'ways.no_keyring'."""
        from intake.store import keychain

        way_id, material = new_way_id(), os.urandom(32)
        keychain.keep(way_id, material)
        try:
            return self.add(Secret(KEYRING, material=material), label=label, unlocked=unlocked, way_id=way_id)
        except BaseException:
            keychain.forget(way_id)
            raise

    def add_key_file(self, key_file: Path, *, label: str, unlocked: Unlocked | None = None) -> Way:
        """A way by a new key file. StoreError 'store.key_exists': none is overwritten."""
        material = create_key_file(key_file)
        try:
            return self.add(Secret(FILE, material=material), label=label, unlocked=unlocked)
        except BaseException:
            key_file.unlink(missing_ok=True)
            raise

    def add_recovery(self, *, label: str, unlocked: Unlocked | None = None) -> tuple[Way, bytes]:
        """A way by a printed recovery key, and the key to print. It is kept nowhere."""
        material = new_recovery()
        return self.add(Secret(RECOVERY, material=material), label=label, unlocked=unlocked), material

    def new_passphrase(self, secret: Secret, *, label: str, cost: Cost | None = None) -> Way:
        """A passphrase instead of every one this login had. The database key is changed with it."""
        secret.judge()
        way = new_way(secret, self.unlocked, label=label, made=self._today, cost=cost)
        self._change(self._mine(PASSPHRASE), way)
        return way

    def new_recovery(self, *, label: str) -> tuple[Way, bytes]:
        """A recovery key instead of every one this login had; sheets printed before open nothing any more."""
        material = new_recovery()
        way = new_way(Secret(RECOVERY, material=material), self.unlocked, label=label, made=self._today)
        self._change(self._mine(RECOVERY), way)
        return way, material

    def remove(self, named: str) -> Way:
        """Take a way away, by its id or by its label if only one has it; the database key is changed with it.

        StoreError 'ways.unknown', 'ways.ambiguous', 'ways.last'. A key file or a sheet is left where it is.
        """
        found = [way for way in self.ways() if named in (way.id, way.label)]
        if len(found) != 1:
            raise StoreError("ways.ambiguous" if found else "ways.unknown", way=named)
        self._change([found[0].id])
        _forget(found)
        return found[0]

    def rekey(self) -> None:
        """Another database key; every way goes on opening."""
        self._change(())

    def add_login(self, name: str, role: str) -> tuple[Login, Unlocked]:
        """Let somebody else in with an own login; give it a way with `add`. ValueError for a role there is not."""
        login, private = self._logins().add_login(name, role)
        return login, Unlocked(login.id, private, self.unlocked.database, name)

    def remove_login(self, named: str) -> Login:
        """Take a login, by its id or its name if only one has it, with all its ways away; the keys of what it could
        read and the database key are changed. StoreError 'ways.unknown_login', 'ways.ambiguous_login', 'ways.last',
        StoreBusy 'ways.in_use'.

        The file is taken for oneself first: a login that is gone and still has its ways would keep the database key.
        Ways that a crash left of a login go with the next one that is removed.
        """
        with self._alone():
            store = self._logins()
            logins = store.logins()
            found = [login for login in logins if named in (login.id, login.name)]
            if len(found) != 1:
                raise StoreError("ways.ambiguous_login" if found else "ways.unknown_login", login=named)
            stay = {login.id for login in logins} - {found[0].id}
            gone = [way for way in self.ways() if way.login not in stay]
            self._ways().without([way.id for way in gone], self.unlocked.database)  # refuses the last before anything
            store.remove_login(found[0].id)
            self._exchange([way.id for way in gone])
        _forget(gone)
        return found[0]

    def _logins(self) -> Logins:
        from intake.store.sqlite import SqliteStore

        return SqliteStore(self.connection, utc_now, self.unlocked)

    def _mine(self, kind: str) -> list[str]:
        return [way.id for way in self.ways() if way.login == self.unlocked.login and way.kind == kind]

    def _ways(self) -> Ways:
        """As they are now. StoreError 'ways.missing' for a store that a program made with `key`."""
        ways = read_ways(self.path)
        if ways is None:
            raise StoreError("ways.missing", path=self.path)
        return ways.proven(self.unlocked.database)

    def _change(self, gone: Iterable[str], more: Way | None = None) -> None:
        """Change ways and database key together. StoreBusy 'ways.in_use' while anybody else has the store open.

        Both keys are on disk, for every way that stays, before the first page is written with the next one. From there
        a crash leaves either of them, and the next opening settles which (`intake.store.opening`).
        """
        with self._alone():
            self._exchange(gone, more)

    def _exchange(self, gone: Iterable[str], more: Way | None = None) -> None:
        """Within `_alone`."""
        before, after = self.unlocked.database, new_key()
        ways = self._ways()
        if more is not None:
            ways = ways.with_way(more, before)
        ways = ways.without(gone, before)
        write_ways(self.path, ways.offering(before, after))
        if not self.connection.plain:
            self.connection.rekey(after)
        self.unlocked = replace(self.unlocked, database=after)
        write_ways(self.path, ways.offering(after))

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """The file for oneself. StoreBusy 'ways.in_use'."""
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(self.connection.alone())
            except StoreBusy as error:
                raise StoreBusy("ways.in_use", path=self.path) from error
            yield


def _forget(ways: Iterable[Way]) -> None:
    """Take the keys of keyring ways out of this computer's keyring, if they are there."""
    from intake.store import keychain

    for way in ways:
        if way.kind == KEYRING:
            keychain.forget(way.id)
