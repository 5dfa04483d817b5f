"""The home store of a study: where everything comes to in the end, a file, another study or a team's server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from validation.errors import StoreError, UsageError

if TYPE_CHECKING:
    from intake.store import Store
    from intake.store.bringing import Brought

SERVERS = ("postgresql://", "postgres://")


def has_password(address: str) -> bool:
    """Whether an address holds a password, which stands in no file and in no argument."""
    if not address.startswith(SERVERS):
        return False
    parts = urlsplit(address)
    return bool(parts.password) or "password" in parse_qs(parts.query, keep_blank_values=True)


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
    if address.startswith(SERVERS):
        return _of_team(address, key_file)
    place = Path(address)
    if (place / SETTINGS).is_file():
        study = open_study(place)
        if key_file is None:
            return study.store()
        return Entrance(key_file, plaintext=study.plaintext).open(study.store_path, utc_now)
    return Entrance(key_file or place.parent / "store.key").open(place, utc_now)


def _of_team(address: str, key_file: Path | None) -> Store:
    from intake.entrance import Entrance
    from intake.store import utc_now
    from intake.store.postgres.entering import place_of
    from intake.store.postgres.opening import open_given

    place = place_of(address)
    given = Entrance(key_file or place.with_name(f"{place.name}.key")).given(place) or _asked()
    return open_given(address, given, clock=utc_now, wait=5.0)


def _asked() -> Brought:
    from intake.entrance import asking, typed
    from validation.messages import say

    ask = asking()
    if ask is None:
        raise StoreError("ways.nobody_to_ask")
    return typed(ask(say("ways.ask")))
