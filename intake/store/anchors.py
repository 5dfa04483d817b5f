"""The file of anchors: signed statements of how far a store's chains went, one line each, kept outside of the store.

Who can change the store cannot change a copy of this file on another drive, or on paper; so copy it there.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from intake.store.chain import Anchor
from intake.store.place import full_or_closed
from intake.store.wayfile import sync_directory
from validation.errors import DataError, StoreError


def list_of(store: Path) -> Path:
    """Where the anchors of a store are unless somebody says otherwise."""
    return store.with_name(store.name + ".anchors")


def read(path: Path) -> list[Anchor]:
    """All anchors of a file, oldest first; empty where there is none. StoreError 'anchor.damaged' names the line."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []
    except UnicodeDecodeError as error:
        raise StoreError("anchor.damaged", path=path, line=1) from error
    except OSError as error:
        raise full_or_closed(error, path) from error
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(Anchor.read(line))
        except DataError as error:
            raise StoreError("anchor.damaged", path=path, line=number) from error
    return found


def append(path: Path, anchor: Anchor) -> None:
    """Add an anchor; it is on disk when this returns. Those before stay byte for byte."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(anchor.line() + "\n")
            file.flush()
            os.fsync(file.fileno())
        sync_directory(path.parent)
    except OSError as error:
        raise full_or_closed(error, path) from error


def short_of(anchor: Anchor) -> str:
    """Twelve digits by which an anchor is known on paper: the beginning of the hash of what it signs."""
    return hashlib.sha256(anchor.message()).hexdigest()[:12]
