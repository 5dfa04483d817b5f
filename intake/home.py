"""The home store of a study: where everything comes to in the end, a file, another study or a team's server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from validation.errors import UsageError

if TYPE_CHECKING:
    from intake.store import Store

SERVERS = ("postgresql://", "postgres://")


def is_server(address: str) -> bool:
    """Whether an address is of a team's store."""
    return address.startswith(SERVERS)


def has_password(address: str) -> bool:
    """Whether an address holds a password, which stands in no file and in no argument. What is no address has none."""
    if not is_server(address):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    named = parse_qs(parts.query, keep_blank_values=True)
    return bool(parts.password) or not named.keys().isdisjoint(("password", "sslpassword"))


def open_home(address: str, *, key_file: Path | None = None) -> Store:
    """Open the store at an address: `postgresql://…` without password, a study directory or a store file.

    It is entered as any store is (`intake.entrance`): by `key_file` or the key file beside it, the keyring, or what a
    person types. UsageError 'push.password', 'push.no_home' for an empty address; StoreError, StudyError as opening.
    """
    from intake.entrance import Entrance
    from intake.store import utc_now
    from intake.study import SETTINGS, open_study

    if not address:
        raise UsageError("push.no_home")
    if has_password(address):
        raise UsageError("push.password")
    if is_server(address):
        place = beside(address)
        return Entrance(key_file or key_beside(place), server=address).open(place, utc_now)
    place = Path(address)
    if (place / SETTINGS).is_file():
        study = open_study(place)
        if key_file is None:
            return study.store()
        return Entrance(key_file, server=study.server, plaintext=study.plaintext).open(study.store_path, utc_now)
    return Entrance(key_file or place.parent / "store.key").open(place, utc_now)


def beside(address: str) -> Path:
    """Beside what everything is kept that belongs to a team's store at this computer. StoreError for a bad address."""
    from intake.store.postgres.entering import place_of

    return place_of(address)


def key_beside(place: Path) -> Path:
    """The key file of a team's store at this computer, which need not be there."""
    return place.with_name(f"{place.name}.key")
