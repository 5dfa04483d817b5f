"""Opens a team's store: who may come in, and as whom."""

from __future__ import annotations

from pathlib import Path

from intake.store import Clock
from intake.store.bringing import Brought, try_ways
from intake.store.postgres.connection import Connection
from intake.store.postgres.entering import place_of
from intake.store.postgres.setup import schemas
from intake.store.postgres.store import TeamStore
from intake.store.ring import Login
from intake.store.sealing import public_of
from intake.store.ways import Unlocked
from validation.errors import StoreError, WrongKey

_WHO = """
    SELECT session_user = current_user, r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolreplication,
           (SELECT coalesce(bool_or(pg_has_role(r.oid, n.nspowner, 'MEMBER')), false)
            FROM pg_catalog.pg_namespace AS n WHERE n.nspname = 'lotsenbuch')
    FROM pg_catalog.pg_roles AS r WHERE r.rolname = session_user"""


def open_given(url: str, given: Brought, *, clock: Clock, wait: float) -> TeamStore:
    """Open the store at an address with one of the ways kept at this computer (`place_of`)."""
    return open_given_as(url, given, clock=clock, wait=wait)[0]


def open_given_as(url: str, given: Brought, *, clock: Clock, wait: float) -> tuple[TeamStore, Unlocked]:
    """As `open_given`, and what opens the store for another process of the same person."""
    place = place_of(url)
    unlocked = given.unlocked or try_ways(place, given).candidates[0]
    return open_team(url, unlocked, clock=clock, wait=wait, beside=place), unlocked


def open_team(url: str, unlocked: Unlocked, *, clock: Clock, wait: float, beside: Path | None = None) -> TeamStore:
    """Open the store at an address as the login whose private key this is. See `intake.store.open_store`. What
    was erased is listed beside `beside`, and what the list knows of is forgotten again.

    StoreError 'store.pooled', 'store.borrowed' or 'store.too_mighty' for an account that is not one person's,
    'store.not_a_team_store', 'store.newer', 'store.older'; WrongKey 'store.other_login' where account and key are of
    two people.
    """
    known: list[tuple[str, Login]] = []

    def judge(connection: Connection) -> None:
        known[:] = [_admitted(connection, unlocked)]

    connection = Connection(url, wait, judge)
    try:
        return TeamStore(connection, *known[0], unlocked.private, clock, beside)
    except BaseException:
        connection.close()
        raise


def _admitted(connection: Connection, unlocked: Unlocked) -> tuple[str, Login]:
    """The store's id, and as whom it is opened."""
    ((own, mighty, owner),) = connection.execute(_WHO)
    if connection.is_pooled():
        raise StoreError("store.pooled", path=connection.path)
    if mighty or owner:
        raise StoreError("store.too_mighty", path=connection.path)
    if not own:
        raise StoreError("store.borrowed", path=connection.path)
    rows = connection.call("whoami")
    if not rows:
        raise StoreError("store.no_login", path=connection.path)
    ((login, name, role, public, _, store, schema, _),) = rows
    if schema != len(schemas()):
        code = "store.newer" if schema > len(schemas()) else "store.older"
        raise StoreError(code, path=connection.path, found=schema, known=len(schemas()))
    if (login, bytes(public)) != (unlocked.login, public_of(unlocked.private)):
        raise WrongKey("store.other_login", path=connection.path)
    return store, Login(login, name, role, bytes(public))
