"""Logins of the SQLite store: who may come in, and what is exchanged when somebody may no longer."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from intake.store.connection import Connection
from intake.store.events import SqliteEvents
from intake.store.ring import ANCHOR, INDEX, ROLES, STUDY, Login, new_login
from intake.store.subjects import SqliteKeys
from validation.errors import StoreError


class SqliteLogins:
    """Adds and removes logins; each is one transaction and one event."""

    def __init__(
        self, connection: Connection, keys: SqliteKeys, events: SqliteEvents, stamp: Callable[[], str]
    ) -> None:
        """`stamp` gives the time as it is stored."""
        self._connection = connection
        self._keys = keys
        self._events = events
        self._stamp = stamp

    def add(self, name: str, role: str) -> tuple[Login, bytes]:
        login, private = new_login(secrets.token_hex(8), name, role)
        with self._connection.transaction():
            self._keys.refresh()
            for held in ROLES[role]:
                self._keys.ring.key(held)  # nobody gives away less than the role says, or more than they have
            self._connection.execute(
                "INSERT INTO login (id, name, role, public, added) VALUES (?, ?, ?, ?, ?)",
                (login.id, login.name, login.role, login.public, self._stamp()),
            )
            self._keys.vouching.for_login(login, self._keys.ring)
            if ANCHOR in ROLES[role]:
                self._keys.vouching.for_holder(login.id, private, self._keys.ring)
            self._keys.insert(self._keys.ring.wrapped_for(login))
            self._events.note("login", "", STUDY, login.id, {"act": "added", "name": name, "role": role})
        return login, private

    def remove(self, login_id: str) -> None:
        with self._connection.transaction():
            self._keys.refresh()
            found = {login.id: login for login in self._keys.logins()}.get(login_id)
            if found is None:
                raise StoreError("store.unknown_login")
            if login_id == self._keys.login.id:
                raise StoreError("store.own_login")
            self._events.note("login", "", STUDY, login_id, {"act": "removed", "name": found.name, "role": found.role})
            with self._keys.permitted():
                self._connection.execute("UPDATE login SET removed = ? WHERE id = ?", (self._stamp(), login_id))
                self._connection.execute("DELETE FROM class_key WHERE login = ?", (login_id,))
                self._keys.rotate(name for name in ROLES[found.role] if name not in (INDEX, ANCHOR))
        self._connection.empty_log()
