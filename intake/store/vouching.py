"""The rows of a SQLite store by which its logins and class keys are vouched for: codes (`codes.py`) among its settings.

Every login has the database key, and whoever has it can write rows past this program; evaluators do not hold the key
that the codes are made with.
"""

from __future__ import annotations

from intake.store import codes
from intake.store.connection import Connection
from intake.store.ring import ANCHOR, Login, Ring
from validation.errors import StoreError


class Vouching:
    """Reads and writes the codes, rows of `setting`, inside the transaction of whoever calls."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def for_login(self, login: Login, ring: Ring) -> None:
        """Vouch for a login's role and public key. StoreError 'store.class_closed' for who may not."""
        self._write(codes.of_login(login, ring))

    def for_keys(self, names: list[str], ring: Ring) -> None:
        """Vouch for class keys that were made. StoreError 'store.class_closed'."""
        for name in names:
            self._write(codes.of_key(name, ring))

    def for_holder(self, login: str, private: bytes, ring: Ring) -> None:
        """Vouch, as a login that holds it, for the key that all other codes are made with."""
        if ring.holds(ANCHOR):
            self._write(codes.of_holder(login, private, ring))

    def check_login(self, login: Login, ring: Ring) -> None:
        """StoreError 'store.forged' for a login that nobody who holds everything let in like this."""
        if not codes.fits(self._said(), codes.of_login(login, ring)):
            raise StoreError("store.forged", path=self._connection.path)

    def check_keys(self, login: str, private: bytes, ring: Ring) -> None:
        """StoreError 'store.forged' for class keys that were put there by somebody else. Who does not hold everything
        cannot tell, and seals nothing that others could not open."""
        if not codes.is_ours(self._said(), login, private, ring):
            raise StoreError("store.forged", path=self._connection.path)

    def _write(self, vouched: tuple[str, str]) -> None:
        self._connection.execute("DELETE FROM setting WHERE name = ?", vouched[:1])
        self._connection.execute("INSERT INTO setting (name, value) VALUES (?, ?)", vouched)

    def _said(self) -> dict[str, str]:
        return {str(name): str(value) for name, value in self._connection.execute("SELECT name, value FROM setting")}
