"""How a person gets into a team's store at a computer: the ways to the private key are kept there, not on the server.

found(url, ...)            the first login, with a passphrase
invited(store, ...)        a login for somebody else: an invitation (a file) and a code that opens it once
join(url, invitation, ...) that somebody, at the own computer: the code, and from then on a passphrase
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from intake.store.place import full_or_closed
from intake.store.postgres.connection import account_of, conninfo, with_account
from intake.store.postgres.setup import init, is_there
from intake.store.postgres.store import TeamStore
from intake.store.recovery import new_recovery, read_recovery, recovery_text
from intake.store.ring import Login
from intake.store.sealing import derive
from intake.store.wayfile import create_ways, ways_of
from intake.store.ways import RECOVERY, Cost, Secret, Unlocked, Ways, new_way
from validation.errors import StoreError


@dataclass(frozen=True, slots=True)
class Invitation:
    """A login for somebody: `content` is a file to hand over, `code` opens it and is told another way. `account` is
    the database's name for the person."""

    login: Login
    account: str
    content: bytes
    code: str


def place_of(url: str) -> Path:
    """Beside what the ways into a team's store are kept at this computer: in the person's own directory, one for each
    account. There is no such file itself."""
    told = conninfo(url)
    parts = (told.get("host") or "localhost", told.get("port") or "5432", told.get("dbname"), account_of(url))
    name = re.sub(r"[^A-Za-z0-9.-]+", "_", "-".join(str(part or "") for part in parts))
    return Path(os.environ.get("LOTSENBUCH_HOME") or Path.home() / ".lotsenbuch") / name


def found(
    url: str, *, account: str, name: str, role: str, municipalities: Iterable[str], secret: Secret, today: date,
    cost: Cost | None = None,
) -> Login | None:  # fmt: skip
    """Make the store at the administrator's address, or bring it up; its first login comes in with the secret at this
    computer. None where the store was there. Errors as `intake.store.postgres.setup.init`, and StoreError
    'store.joined' where this account has ways into another store here already."""
    secret.judge()
    place = place_of(with_account(url, account))
    if ways_of(place).exists() and not is_there(url):  # else the only key of the store would have no place
        raise StoreError("store.joined", path=place)
    unlocked = init(url, account=account, name=name, role=role, municipalities=municipalities)
    if unlocked is None:
        return None
    _keep(place, secret, unlocked, name, today, cost)
    return Login(unlocked.login, name, role, b"")


def invited(
    store: TeamStore, name: str, role: str, *, account: str, municipalities: Iterable[str], today: date
) -> Invitation:
    """A new login with an invitation. Errors as `TeamStore.add_login`."""
    login, private = store.add_login(name, role, account=account, municipalities=municipalities)
    key = new_recovery()
    unlocked = _local(Unlocked(login.id, private, b"", name))
    way = new_way(Secret(RECOVERY, material=key), unlocked, label=name, made=today.isoformat())
    return Invitation(login, account, Ways().with_way(way, unlocked.database).written(), recovery_text(key))


def hand_over(invitation: Invitation, path: Path) -> None:
    """Write an invitation to a new file (0600). StoreError 'store.key_exists', or why it cannot be written."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(invitation.content)
    except FileExistsError as error:
        raise StoreError("store.key_exists", path=path) from error
    except OSError as error:
        raise full_or_closed(error, path) from error


def join(url: str, content: bytes, code: str, secret: Secret, *, today: date, cost: Cost | None = None) -> str:
    """Take an invitation at the own computer; the login's id. WrongKey for another code, StoreError
    'store.not_an_invitation', 'store.joined' where this account has ways here already."""
    secret.judge()
    try:
        ways = Ways.read(content)
    except ValueError as error:
        raise StoreError("store.not_an_invitation") from error
    opened = ways.unlock(Secret(RECOVERY, material=read_recovery(code)))
    label = ways.ways[0].label
    _keep(place_of(url), secret, Unlocked(opened.login, opened.private, b"", label), label, today, cost)
    return opened.login


def _keep(place: Path, secret: Secret, unlocked: Unlocked, label: str, today: date, cost: Cost | None) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    local = _local(unlocked)
    way = new_way(secret, local, label=label, made=today.isoformat(), cost=cost)
    if not create_ways(place, Ways().with_way(way, local.database)):
        raise StoreError("store.joined", path=place)


def _local(unlocked: Unlocked) -> Unlocked:
    """A server's database has no key of ours; what stands in its place only proves that nobody else wrote the ways."""
    return Unlocked(unlocked.login, unlocked.private, derive(unlocked.private, "lotsenbuch team ways"), unlocked.name)
