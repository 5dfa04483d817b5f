"""The name that this computer has in one study: random, and of no use outside it.

It lies beside the study's key, readable by its owner only, so that records can be told apart by the computer they were
made at without saying which computer that is.
"""

from __future__ import annotations

import contextlib
import os
import re
import uuid
from pathlib import Path

from intake.store.place import full_or_closed
from validation.errors import StoreError

FILE = "device.id"
_WRITTEN = re.compile(r"lotsenbuch:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def device_id(directory: Path) -> str:
    """'lotsenbuch:<uuid>', the same at every call for a directory; drawn, and written with mode 0600, at the first.

    StoreFull or StoreError 'store.read_only' when it cannot be written, 'store.device_unreadable' when the file is
    there and holds something else.
    """
    path = directory / FILE
    if not path.exists():
        with contextlib.suppress(FileExistsError):  # another process was quicker
            _write(path, f"lotsenbuch:{uuid.uuid4()}")
    try:
        found = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError("store.device_unreadable", path=path) from error
    if not _WRITTEN.fullmatch(found):
        raise StoreError("store.device_unreadable", path=path)
    return found


def _write(path: Path, text: str) -> None:
    """All of it or nothing: a file of another name is made, then linked to its own."""
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        if not path.exists():
            unfinished.replace(path)
    except OSError as error:
        raise full_or_closed(error, path) from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink()
