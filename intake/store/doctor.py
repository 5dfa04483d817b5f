"""Looks over a study's store as a careful colleague would: rights, drive, ways, backup, anchors, chain, space, clock.

Each finding is one sentence with its remedy, and a light: red needs somebody today, yellow needs somebody soon. Nothing
is changed but what every opening brings up.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from intake.store import anchors, erasures, utc_now
from intake.store.backup import ABOUT_DRILL, is_of_a_backup, sound
from intake.store.connection import Connection
from intake.store.drive import CLOUD, NETWORK, drive_of
from intake.store.filecheck import journal_of, log_of
from intake.store.migrations import steps
from intake.store.opening import connect_sqlite
from intake.store.sqlite import SqliteStore
from intake.store.wayfile import copy_of, read_ways, ways_of
from intake.store.ways import FILE, RECOVERY
from validation.errors import LotsenbuchError, StoreError
from validation.messages import say

if TYPE_CHECKING:
    from intake.store import Store
    from intake.study import Study

GREEN, YELLOW, RED = "green", "yellow", "red"

BACKUP_SOON, BACKUP_LATE = timedelta(days=7), timedelta(days=30)
DRILL_SOON, ANCHOR_SOON, DRAFT_OLD = timedelta(days=365), timedelta(days=90), timedelta(days=30)
SPACE_SOON, SPACE_LATE = 500 << 20, 50 << 20
_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """`check` names what was looked at; `state` the sentence (`doctor.CHECK_STATE` of the catalogue) with `fields`."""

    light: str
    check: str
    state: str
    fields: dict[str, object] = field(default_factory=dict, hash=False)

    def text(self, language: str = "de") -> str:
        return say(f"doctor.{self.check}_{self.state}", language, **self.fields)


def examine(study: Study, *, now: datetime | None = None) -> list[Finding]:
    """Everything that was looked at, in a fixed order. A store that cannot be opened is a finding, too."""
    moment = now or utc_now()
    if study.server:
        return _team(study, moment)
    found = [*_rights(study), *_drive(study), *_space(study), *_leftovers(study)]
    try:
        given = study.entrance.brought(study.store_path)
        connection, unlocked = connect_sqlite(
            study.store_path, given, create=False, wait=5.0, plaintext=study.plaintext
        )
        with contextlib.closing(connection):
            store = SqliteStore(connection, utc_now, unlocked)
            found += [*_file(connection), *_ways(study, store), *_chain(study, store)]
            found += [*_backups(study, store, moment), *_times(store, moment)]
    except LotsenbuchError as error:
        found.append(Finding(RED, "open", "red", {"cause": str(error)}))
    return found


def _team(study: Study, moment: datetime) -> list[Finding]:
    """As `examine` of a team's store: drive, pages and backup of the database are its administrator's, logins the
    officer's. Of anchors those count that are at this computer."""
    found = [*_rights(study), *_space(study)]
    try:
        with study.store() as store:
            found += [*_chain(study, store), *_times(store, moment)]
        made = [datetime.fromisoformat(each.made) for each in anchors.read(anchors.list_of(study.store_path))]
        found.append(_anchored(max(made, default=None), moment))
    except LotsenbuchError as error:
        found.append(Finding(RED, "open", "red", {"cause": str(error)}))
    return found


def light_of(found: Iterable[Finding]) -> str:
    """The worst light."""
    lights = {each.light for each in found}
    return RED if RED in lights else YELLOW if YELLOW in lights else GREEN


# --- without opening it


def _rights(study: Study) -> Iterator[Finding]:
    path = study.store_path
    files = (path, log_of(path), ways_of(path), copy_of(path), study.key_path, erasures.list_of(path))
    if os.name != "posix":
        yield Finding(YELLOW, "rights", "unknown")
        return
    wide = [file for file in files if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077]
    yield (
        Finding(RED, "rights", "red", {"files": ", ".join(map(str, wide))})
        if wide
        else Finding(GREEN, "rights", "green")
    )


def _drive(study: Study) -> Iterator[Finding]:
    drive = drive_of(study.store_path)
    if drive.kind == CLOUD:
        yield Finding(RED, "drive", "red", {"name": drive.name})
    elif drive.kind == NETWORK:
        yield Finding(YELLOW, "drive", "yellow", {"name": drive.name})
    else:
        yield Finding(GREEN, "drive", "green")


def _space(study: Study) -> Iterator[Finding]:
    free = shutil.disk_usage(study.dir).free
    size = study.store_path.stat().st_size if study.store_path.exists() else 0
    fields: dict[str, object] = {"free": free >> 20}
    if free < SPACE_LATE:
        yield Finding(RED, "space", "red", fields)
    elif free < max(SPACE_SOON, 2 * size):
        yield Finding(YELLOW, "space", "yellow", fields)
    else:
        yield Finding(GREEN, "space", "green", fields)


def _leftovers(study: Study) -> Iterator[Finding]:
    folder, name = study.store_path.parent, study.store_path.name
    left = sorted(file.name for file in folder.glob(f".{name}.*"))
    left += [file.name for file in (journal_of(study.store_path),) if file.exists()]
    if left:
        yield Finding(YELLOW, "leftovers", "yellow", {"files": ", ".join(left)})
    else:
        yield Finding(GREEN, "leftovers", "green")
    if former := sorted(file.name for file in folder.glob(f"{name}.former-*")):
        yield Finding(YELLOW, "former", "yellow", {"files": ", ".join(former)})


# --- opened


def _file(connection: Connection) -> Iterator[Finding]:
    if connection.plain:
        yield Finding(YELLOW, "encryption", "yellow")
    else:
        yield Finding(GREEN, "encryption", "green")
    if sound(connection):
        yield Finding(GREEN, "pages", "green")
    else:
        yield Finding(RED, "pages", "red")
    schema = connection.number("PRAGMA user_version")
    yield Finding(GREEN, "schema", "green", {"schema": schema, "known": len(steps())})


def _ways(study: Study, store: SqliteStore) -> Iterator[Finding]:
    ways = read_ways(study.store_path)
    made = () if ways is None else ways.ways
    if not any(way.kind == RECOVERY for way in made):
        yield Finding(YELLOW, "recovery", "yellow")
    else:
        yield Finding(GREEN, "recovery", "green")
    logins = store.logins()
    if len(logins) < 2:
        yield Finding(YELLOW, "people", "yellow")
    else:
        yield Finding(GREEN, "people", "green", {"count": len(logins)})
    if any(way.kind == FILE for way in made) and study.key_path.exists():
        yield Finding(YELLOW, "key", "yellow", {"path": study.key_path})


def _chain(study: Study, store: Store) -> Iterator[Finding]:
    path = anchors.list_of(study.store_path)
    try:
        known = anchors.read(path)
    except StoreError as error:
        yield Finding(RED, "anchors", "red", {"cause": str(error)})
        known = []
    found = store.verify(known)
    if found:
        yield Finding(RED, "chain", "red", {"event": found[0].number, "count": len(found)})
    else:
        yield Finding(GREEN, "chain", "green")


def _backups(study: Study, store: SqliteStore, now: datetime) -> Iterator[Finding]:
    events = store.events(kinds=["backup"])
    made = [each for each in events if is_of_a_backup(each)]
    tried = [each for each in events if each.about.startswith(ABOUT_DRILL)]
    light = YELLOW if study.demo or not store.entries() else RED
    if not made:
        yield Finding(light, "backup", "none")
    else:
        age = now - made[-1].received
        state = "late" if age > BACKUP_LATE else "soon" if age > BACKUP_SOON else "green"
        lights = {"late": light, "soon": YELLOW, "green": GREEN}
        yield Finding(lights[state], "backup", state, {"days": max(age.days, 0)})
        if not tried or now - tried[-1].received > DRILL_SOON:
            yield Finding(YELLOW, "drill", "yellow")
        else:
            yield Finding(GREEN, "drill", "green", {"days": max((now - tried[-1].received).days, 0)})
    anchored = store.events(kinds=["anchor"])
    yield _anchored(anchored[-1].received if anchored else None, now)


def _anchored(last: datetime | None, now: datetime) -> Finding:
    if last is None or now - last > ANCHOR_SOON:
        return Finding(YELLOW, "anchor", "none" if last is None else "yellow")
    return Finding(GREEN, "anchor", "green", {"days": max((now - last).days, 0)})


def _times(store: Store, now: datetime) -> Iterator[Finding]:
    last = max((each.received for each in store.events()), default=now)
    if last > now + _SKEW:
        yield Finding(RED, "clock", "red", {"day": last.date().isoformat()})
    else:
        yield Finding(GREEN, "clock", "green")
    old = [draft for draft in store.journal.drafts() if now - draft.changed > DRAFT_OLD]
    if old:
        yield Finding(YELLOW, "drafts", "yellow", {"count": len(old), "days": DRAFT_OLD.days})
