"""A backup of a store in one file: sealed, proven while it is made, and opened by the ways the store had at that time.

    "lotsenbuch backup 1\\n" | length | head (JSON) | (length | sealed chunk)*

The head is readable: which store, when, its ways (which hold nothing secret), and the backup's key sealed for each
login. The first chunk is the manifest, the others are the database. Each chunk is sealed under the hash of the head,
its number and whether it is the last, so that none can be changed, moved, left out or cut off. The heads of the chains
are in the manifest as an anchor, signed: what somebody else made up is no backup.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import struct
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from intake.store import Clock, Event, erasures, utc_now
from intake.store.bringing import Brought, try_ways
from intake.store.chain import Anchor, Break
from intake.store.connection import Connection
from intake.store.opening import connect_sqlite
from intake.store.place import full_or_closed
from intake.store.sealing import new_key, seal, seal_for, unseal, unseal_with
from intake.store.sqlite import SqliteStore
from intake.store.wayfile import create_ways, read_ways, sync_directory
from intake.store.ways import Unlocked, Ways
from validation.errors import DataError, StoreError

_MAGIC = b"lotsenbuch backup 1\n"
_CHUNK = 1 << 20
_LONGEST = 64 << 20
_LENGTH = struct.Struct(">I")

ABOUT_DRILL, ABOUT_RESTORED = "drill ", "restored "
"""How events of drills and restores begin to say which backup they are about; that of a backup says its id alone."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `events` is the number of the last event, `anchor` signs all heads;
    `anchors` and `erasures` are those lists as they were beside the store; `drafts` maps a draft's id to its last
    operation; `broken` counts what did not hold already then."""

    id: str
    store: str
    made: str
    schema: int
    events: int
    anchor: Anchor
    anchors: tuple[str, ...] = ()
    erasures: tuple[erasures.Erasure, ...] = ()
    drafts: Mapping[str, int] = field(default_factory=dict)
    broken: int = 0

    def written(self) -> bytes:
        told = {
            "id": self.id, "store": self.store, "made": self.made, "schema": self.schema, "events": self.events,
            "anchor": self.anchor.line(), "anchors": self.anchors, "broken": self.broken,
            "drafts": dict(self.drafts),
            "erasures": [[one.store, one.subject, one.classes, one.received, one.code] for one in self.erasures],
        }  # fmt: skip
        return json.dumps(told).encode()

    @classmethod
    def read(cls, content: bytes) -> Manifest:
        """ValueError, KeyError, TypeError, DataError for what is none."""
        told = json.loads(content)
        gone = [
            erasures.Erasure(store, subject, tuple(names), at, code)
            for store, subject, names, at, code in told["erasures"]
        ]
        return cls(
            str(told["id"]), str(told["store"]), str(told["made"]), int(told["schema"]), int(told["events"]),
            Anchor.read(told["anchor"]), tuple(map(str, told["anchors"])), tuple(gone),
            {str(draft): int(sequence) for draft, sequence in told["drafts"].items()}, int(told["broken"]),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Head:
    """The readable part: `keys` maps a login's id to the backup's key sealed for it, `ways` are None for a store that
    has none."""

    id: str
    store: str
    made: str
    ways: Ways | None
    keys: dict[str, bytes]
    code: str


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A backup that was opened: the database lies at `path` beside its ways."""

    path: Path
    manifest: Manifest
    unlocked: Unlocked


def make_backup(
    store_path: Path,
    given: Brought,
    target: Path,
    *,
    anchors: Iterable[Anchor] = (),
    plaintext: bool = False,
    clock: Clock = utc_now,
) -> tuple[Manifest, list[Break]]:
    """Write a backup of the store at `store_path` into the new file `target` (0600), whole or not at all; others may go
    on writing meanwhile. The store keeps an event 'backup' of it.

    Returned is what did not hold of the chain, too: such a store is kept all the same. StoreError 'backup.exists',
    'backup.damaged' when the copy is not sound, and as `intake.store.open_store`.
    """
    if target.exists():
        raise StoreError("backup.exists", path=target)
    connection, unlocked = connect_sqlite(store_path, given, create=False, wait=5.0, plaintext=plaintext)
    with contextlib.closing(connection), beside(store_path, "backup") as directory:
        store = SqliteStore(connection, clock, unlocked)
        copy = directory / store_path.name
        connection.copy_into(copy)
        manifest, found = _proven(copy, store_path, unlocked, list(anchors), connection.plain, clock)
        ways = read_ways(store_path)
        key = new_key()
        keys = {login.id: seal_for(login.public, key, _about_key(manifest.id)) for login in store.logins()}
        _write(target, _Sealing(manifest, ways, keys, key), copy)
        store.note("backup", about=manifest.id)
    return manifest, found


def read_head(file: Path) -> Head:
    """The readable part of a backup. StoreError 'backup.none' for a file that is none, 'backup.newer_format'."""
    with _opened(file) as source:
        return _head(file, source)


def unpack(file: Path, directory: Path, name: str, bring: Callable[[Path], Brought]) -> Unpacked:
    """Open a backup into a directory: the database called `name` and its ways.

    `bring` is given the place where the ways lie and says what opens them. StoreError 'backup.none', 'backup.damaged',
    and as `intake.store.open_store`.
    """
    path = directory / name
    with _opened(file) as source:
        head = _head(file, source)
        path.touch(mode=0o600)
        if head.ways is not None:
            create_ways(path, head.ways)
        unlocked = try_ways(path, bring(path)).candidates
        for each in unlocked:
            if each.login in head.keys:
                key = unseal_with(each.private, head.keys[each.login], _about_key(head.id))
                return Unpacked(path, _content(file, source, head, key, path), each)
    raise StoreError("backup.no_login", path=file)


@contextlib.contextmanager
def beside(store_path: Path, what: str) -> Iterator[Path]:
    """A directory for oneself beside a store; it goes away at the end with everything in it."""
    try:
        made = tempfile.TemporaryDirectory(prefix=f".{store_path.name}.{what}-", dir=store_path.parent)
    except OSError as error:
        raise full_or_closed(error, store_path) from error
    with made as directory:
        yield Path(directory)


def is_of_a_backup(event: Event) -> bool:
    """Whether an event of kind 'backup' says that one was made."""
    return event.kind == "backup" and not event.about.startswith((ABOUT_DRILL, ABOUT_RESTORED))


def sound(connection: Connection) -> bool:
    """Whether every page and index of an open store is as the engine expects it."""
    pages = [] if connection.plain else connection.execute("PRAGMA cipher_integrity_check")
    return pages == [] and connection.execute("PRAGMA integrity_check") == [("ok",)]


# --- making


def _proven(
    copy: Path, store_path: Path, unlocked: Unlocked, anchors: list[Anchor], plain: bool, clock: Clock
) -> tuple[Manifest, list[Break]]:
    """The manifest of a copy that was opened as the restore will open it, and what does not hold of its chain."""
    connection, _ = connect_sqlite(copy, Brought(unlocked=unlocked), create=False, wait=5.0, plaintext=plain)
    with contextlib.closing(connection):
        if not sound(connection):
            raise StoreError("backup.damaged", path=store_path)
        store = SqliteStore(connection, clock, unlocked)
        found = store.verify(anchors)
        anchor = store.anchor()
        events = connection.number("SELECT coalesce(max(number), 0) FROM event")
        schema = connection.number("PRAGMA user_version")
        drafts = {draft.id: draft.sequence for draft in store.journal.drafts()}
    gone = tuple(erasures.read(erasures.list_of(store_path)))
    lines = tuple(each.line() for each in anchors)
    name = secrets.token_hex(8)
    return Manifest(name, anchor.store, anchor.made, schema, events, anchor, lines, gone, drafts, len(found)), found


@dataclass(frozen=True, slots=True)
class _Sealing:
    manifest: Manifest
    ways: Ways | None
    keys: dict[str, bytes]
    key: bytes

    def head(self) -> bytes:
        told = {
            "id": self.manifest.id, "store": self.manifest.store, "made": self.manifest.made,
            "keys": {login: sealed.hex() for login, sealed in self.keys.items()},
            "ways": None if self.ways is None else json.loads(self.ways.written()),
        }  # fmt: skip
        return json.dumps(told).encode()


def _write(target: Path, sealing: _Sealing, copy: Path) -> None:
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}.new")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as file, copy.open("rb") as database:
            head = sealing.head()
            file.write(_MAGIC + _LENGTH.pack(len(head)) + head)
            code = _code(head)
            chunk, number = sealing.manifest.written(), 0
            while chunk:
                following = database.read(_CHUNK)
                sealed = seal(sealing.key, chunk, _about_chunk(code, number, last=not following))
                file.write(_LENGTH.pack(len(sealed)) + sealed)
                chunk, number = following, number + 1
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
        sync_directory(target.parent)
    except OSError as error:
        raise full_or_closed(error, target) from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


# --- opening


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    try:
        with file.open("rb") as source:
            yield source
    except FileNotFoundError as error:
        raise StoreError("backup.missing", path=file) from error
    except OSError as error:
        raise full_or_closed(error, file) from error


def _head(file: Path, source: BinaryIO) -> Head:
    start = source.read(len(_MAGIC))
    if start != _MAGIC:
        newer = start.startswith(_MAGIC.rpartition(b" ")[0])
        raise StoreError("backup.newer_format" if newer else "backup.none", path=file)
    try:
        content = _block(source) or b""
        told = json.loads(content)
        ways = None if told["ways"] is None else Ways.read(json.dumps(told["ways"]).encode())
        keys = {str(login): bytes.fromhex(sealed) for login, sealed in told["keys"].items()}
        return Head(str(told["id"]), str(told["store"]), str(told["made"]), ways, keys, _code(content))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError("backup.damaged", path=file) from error


def _content(file: Path, source: BinaryIO, head: Head, key: bytes, path: Path) -> Manifest:
    """The manifest; the database goes to `path`."""
    try:
        manifest: Manifest | None = None
        with path.open("wb") as database:
            block, number = _block(source), 0
            while block is not None:
                following = _block(source)
                chunk = unseal(key, block, _about_chunk(head.code, number, last=following is None))
                if manifest is None:
                    manifest = Manifest.read(chunk)
                else:
                    database.write(chunk)
                block, number = following, number + 1
            database.flush()
            os.fsync(database.fileno())
    except (ValueError, KeyError, TypeError, DataError, StoreError) as error:
        raise StoreError("backup.damaged", path=file) from error
    except OSError as error:
        raise full_or_closed(error, path) from error
    if manifest is None or (manifest.id, manifest.store) != (head.id, head.store):
        raise StoreError("backup.damaged", path=file)
    return manifest


def _block(source: BinaryIO) -> bytes | None:
    """The next block; None at the end. ValueError when it is cut off."""
    length = source.read(_LENGTH.size)
    if not length:
        return None
    if len(length) < _LENGTH.size or (size := _LENGTH.unpack(length)[0]) > _LONGEST:
        raise ValueError("no block")
    block = source.read(size)
    if len(block) < size:
        raise ValueError("no block")
    return block


def _code(head: bytes) -> str:
    return hashlib.sha256(head).hexdigest()


def _about_key(backup: str) -> str:
    return f"backup key {backup}"


def _about_chunk(code: str, number: int, *, last: bool) -> str:
    return f"backup {code} {number} {'last' if last else 'more'}"
