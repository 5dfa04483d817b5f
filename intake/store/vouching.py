"""Shows that logins and class keys of a SQLite store were written by a login that holds everything.

Every login has the database key, and whoever has it can write rows past this program: a login of the own making, for
which the next rotation would wrap every key, or a class key of the own choosing. So each is vouched for with a code
under a key that evaluators do not hold, and that key by the private key of each login that holds it.
"""

from __future__ import annotations

import hashlib
import hmac

from intake.store.connection import Connection
from intake.store.ring import ANCHOR, Login, Ring
from intake.store.sealing import derive, tag
from validation.errors import StoreError


class Vouching:
    """Reads and writes the codes, rows of `setting`, inside the transaction of whoever calls."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def for_login(self, login: Login, ring: Ring) -> None:
        """Vouch for a login's role and public key. StoreError 'store.class_closed' for who may not."""
        self._write(f"login {login.id}", _of_login(login, ring))

    def for_keys(self, names: list[str], ring: Ring) -> None:
        """Vouch for class keys that were made. StoreError 'store.class_closed'."""
        for name in names:
            self._write(f"class key {name}", _of_key(name, ring))

    def for_holder(self, login: str, private: bytes, ring: Ring) -> None:
        """Vouch, as a login that holds it, for the key that all other codes are made with."""
        if ring.holds(ANCHOR):
            self._write(f"holder {login}", _of_holder(private, ring))

    def check_login(self, login: Login, ring: Ring) -> None:
        """StoreError 'store.forged' for a login that nobody who holds everything let in like this."""
        self._check(f"login {login.id}", _of_login(login, ring))

    def check_keys(self, login: str, private: bytes, ring: Ring) -> None:
        """StoreError 'store.forged' for class keys that were put there by somebody else. Who does not hold everything
        cannot tell, and seals nothing that others could not open."""
        if ring.holds(ANCHOR):
            self._check(f"holder {login}", _of_holder(private, ring))
            for name in ring.names:
                self._check(f"class key {name}", _of_key(name, ring))

    def _write(self, name: str, code: str) -> None:
        self._connection.execute("DELETE FROM setting WHERE name = ?", (name,))
        self._connection.execute("INSERT INTO setting (name, value) VALUES (?, ?)", (name, code))

    def _check(self, name: str, code: str) -> None:
        rows = self._connection.execute("SELECT value FROM setting WHERE name = ?", (name,))
        if not rows or not hmac.compare_digest(str(rows[0][0]).encode(), code.encode()):
            raise StoreError("store.forged", path=self._connection.path)


def _of_login(login: Login, ring: Ring) -> str:
    return _code(ring, f"login {login.id} {login.role} {login.public.hex()}")


def _of_key(name: str, ring: Ring) -> str:
    return _code(ring, f"class key {name} {ring.generation(name)} {hashlib.sha256(ring.key(name)).hexdigest()}")


def _of_holder(private: bytes, ring: Ring) -> str:
    return tag(derive(private, "lotsenbuch holder"), ring.key(ANCHOR).hex()).hex()


def _code(ring: Ring, words: str) -> str:
    return tag(derive(ring.key(ANCHOR), "lotsenbuch vouching"), words).hex()
