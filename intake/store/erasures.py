"""The list of erasures beside a store: what must be forgotten again when an older copy of the store comes back.

It names random subjects, never persons. One line of JSON each: the store's id, the subject, the classes whose keys were
deleted, and when. It is written before the erasure is committed, so that it never lacks one. What it says is done
without asking, and for ever: so a keyed code vouches for each line, or whoever can write a file there could erase.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from intake.store.place import full_or_closed
from intake.store.ring import ANCHOR, Ring
from intake.store.sealing import derive, tag
from intake.store.wayfile import sync_directory
from validation.errors import StoreError


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased of a subject, and when (as it is stored). `code` is that of whoever erased it (hexadecimal)."""

    store: str
    subject: str
    classes: tuple[str, ...]
    received: str
    code: str


def entry(ring: Ring, store: str, subject: str, classes: tuple[str, ...], received: str) -> Erasure:
    """An entry with its code. StoreError 'store.class_closed' for who may not erase."""
    words = json.dumps([store, subject, classes, received])
    return Erasure(store, subject, classes, received, tag(derive(ring.key(ANCHOR), "erasures"), words).hex())


def list_of(store: Path) -> Path:
    """Where the list of a store is."""
    return store.with_name(store.name + ".erased")


def read(path: Path) -> list[Erasure]:
    """All entries; empty where there is no list. StoreError 'store.erased_list' when a line is none."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise full_or_closed(error, path) from error
    try:
        told = [json.loads(line) for line in lines]
        return [
            Erasure(each["store"], each["subject"], tuple(each["classes"]), each["received"], str(each["code"]))
            for each in told
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError("store.erased_list", path=path) from error


def read_vouched(path: Path, store: str, ring: Ring) -> list[Erasure]:
    """All entries, those of this store proven. StoreError 'store.erased_list' when a line is none or its code is wrong:
    to pass it over would let the erased come back unnoticed."""
    found = read(path)
    for each in found:
        if each.store == store:
            known = entry(ring, store, each.subject, each.classes, each.received)
            if not hmac.compare_digest(known.code.encode(), each.code.encode()):
                raise StoreError("store.erased_list", path=path)
    return found


def write(path: Path, entries: Iterable[Erasure]) -> None:
    """Exchange the list for these entries, whole or not at all; for its owner only."""
    lines = [json.dumps(asdict(one)) for one in entries]
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write("".join(line + "\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        sync_directory(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise full_or_closed(error, path) from error
