"""What the data protection officer does in a team's store: logins, the keys they hold, and replacing keys."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence

from intake.store.codes import fits, of_holder, of_key, of_login
from intake.store.postgres.connection import Connection
from intake.store.postgres.events import TeamEvents
from intake.store.postgres.persons import Persons
from intake.store.ring import ANCHOR, DRAFT, INDEX, ROLES, STUDY, Login, PersonKey, new_login
from intake.store.rows import about_draft
from intake.store.sealing import seal, unseal
from validation.errors import StoreError

_NEVER_ROTATED = (INDEX, ANCHOR)


class Officer:
    """The keys of everybody, given out and replaced. The server refuses who is not in office."""

    def __init__(self, connection: Connection, persons: Persons, events: TeamEvents, stamp: Callable[[], str]) -> None:
        self._connection = connection
        self._persons = persons
        self._events = events
        self._stamp = stamp

    def logins(self) -> list[Login]:
        """Who may come in now, as far as this login may know."""
        rows = self._connection.call("logins")
        return [Login(login, name, role, bytes(public)) for login, name, role, public, *_ in rows]

    def add_login(
        self, name: str, role: str, *, account: str = "", municipalities: Iterable[str] = ()
    ) -> tuple[Login, bytes]:
        """A login with the keys of its role, and its private key. `account` is the database's name for the person (at
        random where nobody says); `intake.store.postgres.setup.statements` says how it is made there.

        ValueError for a role there is not, StoreError 'store.account_taken', 'store.not_allowed', 'store.class_closed'.
        """
        login, private = new_login(secrets.token_hex(8), name, role)
        with self._connection.transaction():
            self._persons.begin()
            ring = self._persons.ring
            for held in ROLES[role]:
                ring.key(held)  # nobody gives away less than the role says, or more than they have
            self._connection.call(
                "add_login", login.id, login.name, login.role, login.public, account or f"lb_{login.id}",
                list(municipalities), self._stamp(),
            )  # fmt: skip
            if rows := ring.wrapped_for(login):
                self._connection.call(
                    "give_keys", login.id, [row.name for row in rows], [row.generation for row in rows],
                    [row.wrapped for row in rows],
                )  # fmt: skip
            codes = [of_login(login, ring), *([of_holder(login.id, private, ring)] if ANCHOR in ROLES[role] else [])]
            self._vouch(codes if ring.holds(ANCHOR) else [])
            self._events.note("login", "", STUDY, login.id, {"act": "added", "name": name, "role": role})
        return login, private

    def remove_login(self, login_id: str) -> None:
        """A login ends, and every key it held is replaced. StoreError 'store.unknown_login', 'store.own_login'."""
        with self._connection.transaction():
            self._persons.begin()
            found = {login.id: login for login in self.logins()}.get(login_id)
            if found is None:
                raise StoreError("store.unknown_login")
            held = [name for (name,) in self._connection.call("held_by", login_id) if name not in _NEVER_ROTATED]
            self._connection.call("end_login", login_id, self._stamp())
            told = {"act": "removed", "name": found.name, "role": found.role}
            self._events.note("login", "", STUDY, login_id, told)
            self.rotate(held)

    def assign(self, login_id: str, municipalities: Iterable[str]) -> None:
        """Whose rows a login sees from now on; '*' is all. StoreError 'store.not_allowed' for one's own."""
        wanted = sorted(set(municipalities))
        with self._connection.transaction():
            self._persons.begin()
            self._connection.call("assign", login_id, wanted)
            told = {"act": "assigned", "municipalities": " ".join(wanted)}
            self._events.note("login", "", STUDY, login_id, told)

    def rotate(self, names: Iterable[str]) -> None:
        """Inside a transaction that has begun to write: fresh class keys, everything they wrap wrapped anew. StoreError
        'store.forged' for a login that nobody in office let in: it would be given the keys."""
        names = list(names)
        if not names:
            return
        ring, fresh = self._persons.ring, self._persons.ring.rotated(names)
        keys = []
        said: dict[str, str] = dict(self._connection.call("vouchers"))
        for login in self.logins():
            if ROLES[login.role] and not fits(said, of_login(login, ring)):
                raise StoreError("store.forged", path=self._connection.path)
            held = {name for (name,) in self._connection.call("held_by", login.id)}
            keys += [row for row in fresh.wrapped_for(login) if row.name in names and row.name in held]
        persons = []
        for subject, name, generation, wrapped in self._connection.call("key_rows", names):
            persons.append(fresh.wrap(subject, name, ring.unwrap(PersonKey(subject, name, generation, wrapped))))
        drafts = []
        for draft, wrapped in self._connection.call("draft_keys") if DRAFT in names else ():
            about = about_draft(draft, "key")
            drafts.append((draft, seal(fresh.key(DRAFT), unseal(ring.key(DRAFT), wrapped, about), about)))
        self._connection.call(
            "rotate", [row.name for row in keys], [row.generation for row in keys], [row.login for row in keys],
            [row.wrapped for row in keys], [row.subject for row in persons], [row.name for row in persons],
            [row.wrapped for row in persons], [draft for draft, _ in drafts], [wrapped for _, wrapped in drafts],
        )  # fmt: skip
        self._vouch([of_key(name, fresh) for name in names])
        self._persons.forget_ring()

    def _vouch(self, codes: Sequence[tuple[str, str]]) -> None:
        if codes:
            self._connection.call("vouch", [name for name, _ in codes], [code for _, code in codes])
