"""Makes a team's store in a database and brings it up: roles, tables, policies, functions, the first login.

The database's administrator does this once; nobody works with that account afterwards.
"""

from __future__ import annotations

import functools
import re
import secrets
from collections.abc import Iterable, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

from intake.store import utc_now
from intake.store.codes import of_holder, of_key, of_login
from intake.store.postgres.connection import Administration, administration, quoted
from intake.store.ring import ROLES, STUDY, Login, Ring, new_login
from intake.store.rows import as_stored
from intake.store.ways import Unlocked
from validation.errors import StoreError

OLDEST = 150_000
"""The server must be PostgreSQL 15 at least."""

_OURS = "SELECT to_regclass('lotsenbuch.setting') IS NOT NULL"
_ATTRIBUTES = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"


@functools.cache
def schemas() -> tuple[str, ...]:
    """The numbered scripts in their order; after script n the schema is n."""
    found = sorted(
        (each for each in _scripts().iterdir() if re.fullmatch(r"\d{4}_\w+\.sql", each.name)),
        key=lambda each: each.name,
    )
    return tuple(each.read_text(encoding="utf-8") for each in found)


def groups(database: str) -> dict[str, str]:
    """{role or 'owner': its name on the server}. A server may hold several stores, so they begin with the database."""
    return {role: f"{database}_{role}"[:63] for role in ("owner", *ROLES)}


def init(
    url: str,
    *,
    account: str,
    name: str,
    role: str = "protection",
    municipalities: Iterable[str] = ("*",),
    clock: str = "server",
) -> Unlocked | None:
    """Make the store in the database at an address, with its first login, or bring one that is there up.

    The first login holds every key and gives them to all others, so its role is one that holds all ('protection' or
    'manager'). Its private key is returned and kept nowhere; None where the store was there already. `clock` 'client'
    is for synthetic data only: times of receipt are then what the client says. Each step is one transaction.

    StoreError 'store.old_server', 'store.needs_superuser', 'store.refused_by_server'; ValueError for a role that
    cannot be the first.
    """
    if role not in ("protection", "manager"):
        raise ValueError("the first login is one of protection, manager: it holds all keys")
    with administration(url) as database:
        _check(database)
        names = groups(database.database)
        with database.transaction():
            for each in names.values():
                _make_role(database, each, "NOLOGIN")
            database.execute(_named((_scripts() / "prepare.sql").read_text(encoding="utf-8"), database.database))
        migrate(database)
        with database.transaction():
            database.execute("SET LOCAL search_path = lotsenbuch, pg_catalog")
            database.execute("SELECT pg_advisory_xact_lock(hashtext('lotsenbuch init'))")
            if database.execute("SELECT 1 FROM setting WHERE name = 'store'"):
                return None
            login, private = new_login(secrets.token_hex(8), name, role)
            _found(database, login, private, account, clock)
            _admit(database, login, account, municipalities)
        return Unlocked(login.id, private, b"", name)


def is_there(url: str) -> bool:
    """Whether there is a store in the database at an address."""
    with administration(url) as database:
        ((there,),) = database.execute(_OURS)
        return bool(there)


def migrate(database: Administration) -> None:
    """Bring the schema up, step by step."""
    ((there,),) = database.execute(_OURS)
    done = 0
    if there:
        for (value,) in database.execute("SELECT value FROM lotsenbuch.setting WHERE name = 'schema'"):
            done = int(value)
    owner = groups(database.database)["owner"]
    for number, script in enumerate(schemas()[done:], start=done + 1):
        with database.transaction():
            database.execute(f"SET LOCAL ROLE {quoted(owner)}")
            database.execute("SET LOCAL search_path = lotsenbuch, pg_catalog")
            database.execute(_named(script, database.database))
            database.execute(
                "INSERT INTO setting (name, value) VALUES ('schema', %s)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (str(number),),
            )


def statements(database: str, role: str, account: str) -> list[str]:
    """What the database's administrator types so that an account may come in with a role. It has no password yet."""
    group = groups(database)[role]
    return [
        f"CREATE ROLE {quoted(account)} LOGIN {_ATTRIBUTES} CONNECTION LIMIT 10",
        f"GRANT {quoted(group)} TO {quoted(account)}",
    ]


def make_account(url: str, role: str, account: str) -> None:
    """Type `statements` as the database's administrator; an account that is there gets the role only."""
    with administration(url) as database, database.transaction():
        _make_account(database, role, account)


def _check(database: Administration) -> None:
    if database.version < OLDEST:
        raise StoreError("store.old_server", path=database.path)
    ((mighty, encoding),) = database.execute(
        "SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user), current_setting('server_encoding')"
    )
    if not mighty:
        raise StoreError("store.needs_superuser", path=database.path)
    if encoding != "UTF8":
        raise StoreError("store.old_server", path=database.path)


def _found(database: Administration, login: Login, private: bytes, account: str, clock: str) -> None:
    """The store's name, its keys and its first login."""
    ring, now = Ring.new(), as_stored(utc_now())
    settings = {"store": secrets.token_hex(16), "clock": clock, "rotations": "0"}
    for name, value in settings.items():
        database.execute("INSERT INTO setting (name, value) VALUES (%s, %s)", (name, value))
    database.execute("INSERT INTO counter (number) VALUES (0)")
    database.execute("INSERT INTO subject (key, added) VALUES (%s, %s)", (STUDY, now))
    for _, row in ring.new_person_keys(STUDY).values():
        database.execute(
            "INSERT INTO person_key (subject, name, generation, wrapped, since) VALUES (%s, %s, %s, %s, 0)",
            (row.subject, row.name, row.generation, row.wrapped),
        )
    database.execute(
        "INSERT INTO login (id, name, role, public, account, added) VALUES (%s, %s, %s, %s, %s, %s)",
        (login.id, login.name, login.role, login.public, account, now),
    )
    codes = [of_login(login, ring), of_holder(login.id, private, ring), *(of_key(name, ring) for name in ring.names)]
    for code in codes:
        database.execute("INSERT INTO voucher (name, code) VALUES (%s, %s)", code)
    for key in ring.wrapped_for(login):
        database.execute(
            "INSERT INTO class_key (name, generation, login, wrapped) VALUES (%s, %s, %s, %s)",
            (key.name, key.generation, key.login, key.wrapped),
        )


def _admit(database: Administration, login: Login, account: str, municipalities: Iterable[str]) -> None:
    for municipality in municipalities:
        database.execute("INSERT INTO assignment (login, municipality) VALUES (%s, %s)", (login.id, municipality))
    _make_account(database, login.role, account)


def _make_account(database: Administration, role: str, account: str) -> None:
    make, grant = statements(database.database, role, account)
    if not database.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (account,)):
        database.execute(make)
    database.execute(grant)


def _make_role(database: Administration, name: str, kind: str) -> None:
    if not database.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)):
        database.execute(f"CREATE ROLE {quoted(name)} {kind} {_ATTRIBUTES}")


def _named(script: str, database: str) -> str:
    """A script with the names of this store's roles in the places of psql's variables."""
    names: Mapping[str, str] = {"database": database, **groups(database)}
    return re.sub(r':"(\w+)"', lambda found: quoted(names[found.group(1)]), script)


def _scripts() -> Traversable:
    return files("intake.store").joinpath("sql", "postgres")
