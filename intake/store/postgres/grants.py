"""Compares what a team's server allows with what it should allow, and names every difference.

What should be is `sql/postgres/catalogue.json`: the catalogue of a store that was just made, recorded by
`tests/access/record.py`. It was recorded on PostgreSQL 15.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from intake.store.postgres.catalogue import Facts, facts
from intake.store.postgres.connection import Administration, administration
from intake.store.postgres.setup import groups, schemas
from validation.errors import StoreError


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """Something that is not as it should be. `found` and `expected` are '' where there is nothing."""

    kind: str
    name: str
    found: str
    expected: str


def verify_grants(url: str) -> list[Difference]:
    """Everything in which the server differs from a store that was just made; empty when nothing does.

    To be asked with the account of the database's administration. StoreError 'store.not_a_team_store'.
    """
    with administration(url) as database:
        return differences(database)


def differences(database: Administration) -> list[Difference]:
    """As `verify_grants`, for who has come in already."""
    names = _groups(database)
    accounts, ended = _accounts(database)
    found = facts(database, names, {**accounts, **ended})
    return sorted(_compared(_of_accounts(found, accounts, ended), _expected()) + _settings(database))


def recorded(url: str) -> Facts:
    """The catalogue of a store as `catalogue.json` keeps it: without people."""
    with administration(url) as database:
        names = _groups(database)
        accounts, ended = _accounts(database)
        found = facts(database, names, accounts)
        return _of_accounts(found, accounts, ended)[0]


def _groups(database: Administration) -> dict[str, str]:
    if database.execute("SELECT to_regclass('lotsenbuch.setting') IS NULL") == [(True,)]:
        raise StoreError("store.not_a_team_store", path=database.path)
    return groups(database.database)


def _accounts(database: Administration) -> tuple[dict[str, str], dict[str, str]]:
    """{account: role} of the logins that hold, and of those that ended."""
    rows = database.execute("SELECT account, role, removed IS NULL FROM lotsenbuch.login")
    holds = {account: role for account, role, held in rows if held}
    return holds, {account: role for account, role, held in rows if not held and account not in holds}


def _of_accounts(found: Facts, accounts: Mapping[str, str], ended: Mapping[str, str]) -> tuple[Facts, list[Difference]]:
    """The facts without people, and what is wrong with people."""
    wrong = []
    roles = dict(found["role"])
    for account, role in accounts.items():
        ought, is_so = f"login; member of <{role}>", roles.pop(account, "")
        if is_so != ought:
            wrong.append(Difference("account", account, is_so, ought))
    wrong += [
        Difference("account that ended", account, is_so, "")
        for account in ended
        if "member of <" in (is_so := roles.pop(account, ""))
    ]
    return {**found, "role": roles}, wrong


def _expected() -> Facts:
    text = files("intake.store").joinpath("sql", "postgres", "catalogue.json").read_text(encoding="utf-8")
    expected: Facts = json.loads(text)
    return expected


def _compared(found: tuple[Facts, list[Difference]], expected: Facts) -> list[Difference]:
    facts_found, wrong = found
    for kind in sorted({*facts_found, *expected}):
        is_so, ought = facts_found.get(kind, {}), expected.get(kind, {})
        wrong += [
            Difference(kind, name, is_so.get(name, ""), ought.get(name, ""))
            for name in sorted({*is_so, *ought})
            if name not in is_so or name not in ought or is_so[name] != ought[name]
        ]
    return wrong


def _settings(database: Administration) -> list[Difference]:
    wanted = {"clock": "server", "schema": str(len(schemas()))}
    rows: dict[str, str] = dict(database.execute("SELECT name, value FROM lotsenbuch.setting"))
    return [
        Difference("setting", name, rows.get(name, ""), value)
        for name, value in wanted.items()
        if rows.get(name) != value
    ]
