"""Puts a store back from a backup, or tries in a drill whether that would work.

A restored store is proven against the backup's manifest and against the anchors kept outside; what was erased or
withdrawn since is forgotten again; who gets in is who gets in now, where the ways of now can be opened. The database
key is changed: copies of the ways of then may be anywhere. What lies in the place is set aside, never deleted.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from intake.store import Clock, Store, erasures, utc_now
from intake.store import anchors as anchor_lists
from intake.store.admission import admitted
from intake.store.backup import ABOUT_DRILL, ABOUT_RESTORED, Manifest, Unpacked, beside, sound, unpack
from intake.store.bringing import Brought, try_ways
from intake.store.chain import Anchor, Break
from intake.store.connection import Connection
from intake.store.derived import FOLDER, drop
from intake.store.filecheck import journal_of, log_of
from intake.store.opening import connect_sqlite
from intake.store.place import full_or_closed
from intake.store.sqlite import SqliteStore
from intake.store.wayfile import copy_of, read_ways, sync_directory, ways_of, write_ways
from intake.store.ways import Ways
from validation.errors import StoreBusy, StoreError, WrongKey

_NOTHING_SAID = frozenset(("backup", "anchor"))
"""Kinds of events that may be missing after a restore without anybody's work being lost."""

Bring = Callable[[Path], Brought]


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. `submissions` can be opened; `forgotten` erasures and withdrawals were done again; `aside` is
    where the former store lies now, None where there was none or this was a drill. `past_ways`: those get in who did
    when the backup was made, because the ways of now could not be opened."""

    manifest: Manifest
    submissions: int
    forgotten: int
    aside: Path | None = None
    past_ways: bool = False


def restore(
    file: Path,
    store_path: Path,
    bring: Bring,
    *,
    anchors: Iterable[Anchor] = (),
    plaintext: bool = False,
    replacing: bool = False,
    clock: Clock = utc_now,
) -> Restored:
    """Put the store of a backup into its place. `bring` is given where ways lie and says what opens them.

    StoreError 'backup.newer' when the store that is there holds what the backup does not, 'backup.other_store',
    'backup.in_the_way' when it cannot be opened (all three not with `replacing`), 'backup.broken' when the chain or an
    anchor speaks against the backup, and as `backup.unpack`; StoreBusy while somebody has the store open. Nothing is
    changed then.
    """
    bring = _once(bring)
    with beside(store_path, "restore") as directory:
        unpacked = unpack(file, directory, store_path.name, bring)
        if store_path.exists():
            _judge(store_path, bring(store_path), unpacked.manifest, plaintext, replacing=replacing)
        restored = _prove(unpacked, store_path, anchors, plaintext, clock)
        ways, past_ways = _ways(store_path, bring, unpacked, plaintext, clock)
        aside = _install(unpacked, ways, store_path)
    _set_anchors_aside(store_path, unpacked.manifest)
    with admitted(store_path, Brought(unlocked=unpacked.unlocked), plaintext=plaintext) as desk:
        store = SqliteStore(desk.connection, clock, unpacked.unlocked)
        store.note("backup", about=f"{ABOUT_RESTORED}{unpacked.manifest.id}")
        if ways is not None:
            desk.rekey()
    return replace(restored, aside=aside, past_ways=past_ways)


def drill(
    file: Path,
    store_path: Path,
    bring: Bring,
    *,
    anchors: Iterable[Anchor] = (),
    plaintext: bool = False,
    clock: Clock = utc_now,
) -> Restored:
    """Restore into a directory that is deleted afterwards, with every proof, and keep an event of it in the store.

    StoreError 'backup.other_store' for a backup of another store, else as `restore`.
    """
    bring = _once(bring)
    with beside(store_path, "drill") as directory:
        unpacked = unpack(file, directory, store_path.name, bring)
        restored = _prove(unpacked, store_path, anchors, plaintext, clock)
    connection, unlocked = connect_sqlite(store_path, bring(store_path), create=False, wait=5.0, plaintext=plaintext)
    with contextlib.closing(connection):
        store = SqliteStore(connection, clock, unlocked)
        if store.id != unpacked.manifest.store:
            raise StoreError("backup.other_store", path=store_path)
        store.note("backup", about=f"{ABOUT_DRILL}{unpacked.manifest.id}")
    return restored


def _once(bring: Bring) -> Bring:
    """Asks at the first place only: a person types once."""
    said: list[Brought] = []

    def again(path: Path) -> Brought:
        if not said:
            said.append(bring(path))
        return said[0]

    return again


# --- proving


def _prove(unpacked: Unpacked, store_path: Path, anchors: Iterable[Anchor], plaintext: bool, clock: Clock) -> Restored:
    manifest = unpacked.manifest
    with contextlib.closing(_connected(unpacked, plaintext)) as connection:
        store = SqliteStore(connection, clock, unpacked.unlocked)
        if not sound(connection) or store.id != manifest.store:
            raise StoreError("backup.damaged", path=unpacked.path.name)
        if store.heads() != dict(manifest.anchor.heads) or _last(store) != manifest.events:
            raise StoreError("backup.broken", event=manifest.events)
        known = [Anchor.read(line) for line in manifest.anchors]
        ours = [anchor for anchor in anchors if anchor.store == store.id]
        found = [each for each in store.verify([manifest.anchor, *known, *ours]) if not _is_later(each, manifest)]
        if len(found) > manifest.broken:
            raise StoreError("backup.broken", event=found[0].number)
    _merge(unpacked, store_path)
    with contextlib.closing(_connected(unpacked, plaintext)) as connection:
        try:
            store = SqliteStore(connection, clock, unpacked.unlocked)  # forgets again what the list says
        except StoreError as error:
            if error.code == "store.erased_list":  # that of the backup was proven when it was made
                raise StoreError("store.erased_list", path=erasures.list_of(store_path)) from error
            raise
        forgotten = len(store.events(after=manifest.events, kinds=("erasure", "withdrawal")))
        return Restored(manifest, store.count(), forgotten)


def _last(store: Store) -> int:
    events = store.events()
    return events[-1].number if events else 0


def _is_later(found: Break, manifest: Manifest) -> bool:
    """Whether an anchor misses what came after the backup: it cannot be there."""
    place, _ = manifest.anchor.heads.get(found.municipality, (0, b""))
    return found.kind == "missing" and found.place > place


def _merge(unpacked: Unpacked, store_path: Path) -> None:
    """Beside the unpacked store goes everything that was ever erased, as far as either list knows."""
    listed = erasures.read(erasures.list_of(store_path))
    more = [each for each in unpacked.manifest.erasures if each not in listed]
    erasures.write(erasures.list_of(unpacked.path), [*listed, *more])


def _connected(unpacked: Unpacked, plaintext: bool) -> Connection:
    given = Brought(unlocked=unpacked.unlocked)
    return connect_sqlite(unpacked.path, given, create=False, wait=5.0, plaintext=plaintext)[0]


# --- what is in the place


def _judge(store_path: Path, given: Brought, manifest: Manifest, plaintext: bool, *, replacing: bool) -> None:
    """Refuse what would lose something, unless told, and ever to take the file from somebody who has it open."""
    try:
        connection, unlocked = connect_sqlite(store_path, given, create=False, wait=1.0, plaintext=plaintext)
    except StoreBusy:
        raise
    except StoreError as error:
        if replacing:
            return
        raise StoreError("backup.in_the_way", path=store_path) from error
    with contextlib.closing(connection):
        store = SqliteStore(connection, utc_now, unlocked)
        if store.id != manifest.store and not replacing:
            raise StoreError("backup.other_store", path=store_path)
        if (lost := _lost(store, manifest)) and not replacing:
            raise StoreError("backup.newer", path=store_path, count=lost)
        try:
            with connection.alone():
                pass
        except StoreBusy as error:
            raise StoreBusy("ways.in_use", path=store_path) from error


def _lost(store: Store, manifest: Manifest) -> int:
    """How many events and drafts would be gone."""
    events = [each for each in store.events(after=manifest.events) if each.kind not in _NOTHING_SAID]
    drafts = [each for each in store.journal.drafts() if manifest.drafts.get(each.id, -1) < each.sequence]
    return len(events) + len(drafts)


# --- who gets in


def _ways(
    store_path: Path, bring: Bring, unpacked: Unpacked, plaintext: bool, clock: Clock
) -> tuple[Ways | None, bool]:
    """The ways for the restored store: those of now, as far as their logins are in it, else those of then; and whether
    those of now were there.

    Logins that have no way any more are taken away.
    """
    database = unpacked.unlocked.database
    then = read_ways(unpacked.path)
    now = _opened_ways(store_path, bring)
    if now is None or then is None:
        return then, read_ways(store_path) is not None
    with contextlib.closing(_connected(unpacked, plaintext)) as connection:
        store = SqliteStore(connection, clock, unpacked.unlocked)
        logins = {login.id for login in store.logins()}
        kept = tuple(way for way in now.ways if way.login in logins)
        if unpacked.unlocked.login not in {way.login for way in kept}:
            return then, True
        for gone in logins - {way.login for way in kept}:
            store.remove_login(gone)
    return Ways(kept, max(then.revision, now.revision)).offering(database), False


def _opened_ways(store_path: Path, bring: Bring) -> Ways | None:
    """The ways beside the store as they are now, if they are whole and what the person brings opens them."""
    try:
        ways = read_ways(store_path)
        if ways is None:
            return None
        for each in try_ways(store_path, bring(store_path)).candidates:
            with contextlib.suppress(StoreError):
                return ways.proven(each.database)
    except (StoreError, WrongKey):
        return None
    return None


# --- into the place


def _install(unpacked: Unpacked, ways: Ways | None, store_path: Path) -> Path | None:
    """Move the former store aside and the unpacked one into its place; returns where the former one is."""
    former = [store_path, log_of(store_path), journal_of(store_path), ways_of(store_path), copy_of(store_path)]
    try:
        aside = _set_aside(store_path, [file for file in former if file.exists()])
        if ways is not None:
            write_ways(store_path, ways)
        erasures.write(erasures.list_of(store_path), erasures.read(erasures.list_of(unpacked.path)))
        for name in (log_of, Path):  # a log is there only where the engine could not empty it
            if name(unpacked.path).exists():
                name(unpacked.path).replace(name(store_path))
        sync_directory(store_path.parent)
        drop(store_path.parent / FOLDER)
    except OSError as error:
        raise full_or_closed(error, store_path) from error
    return aside


def _set_aside(store_path: Path, files: list[Path]) -> Path | None:
    if not files:
        return None
    aside = store_path.with_name(f"{store_path.name}.former-{secrets.token_hex(4)}")
    aside.mkdir(mode=0o700)
    for file in files:
        file.replace(aside / file.name)
    return aside


def _set_anchors_aside(store_path: Path, manifest: Manifest) -> None:
    """Anchors that know what came after the backup would speak against the store for ever: their file is renamed, and
    the others begin a new one."""
    path, heads = anchor_lists.list_of(store_path), manifest.anchor.heads
    known = anchor_lists.read(path)
    fitting = [
        each for each in known if all(place <= heads.get(town, (0, b""))[0] for town, (place, _) in each.heads.items())
    ]
    if len(fitting) < len(known):
        try:
            path.replace(path.with_name(f"{path.name}.former-{secrets.token_hex(4)}"))
        except OSError as error:
            raise full_or_closed(error, path) from error
        for each in fitting:
            anchor_lists.append(path, each)
