"""The name that this computer has in one study: random, and of no use outside it.

It lies beside the study's key, readable by its owner only, so that records can be told apart by the computer they were
made at without saying which computer that is.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
import uuid
from pathlib import Path

from intake.store.place import full_or_closed
from validation.errors import StoreError

FILE = "device.id"
PATIENCE = 1.0
"""Seconds that another process has between making the file and writing into it, where there are no hard links."""

_WRITTEN = re.compile(r"lotsenbuch:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def device_id(directory: Path) -> str:
    """'lotsenbuch:<uuid>', the same at every call for a directory; drawn, and written with mode 0600, at the first.
    Of several that are drawn at once one wins, and all callers get that one.

    StoreFull or StoreError 'store.read_only' when it cannot be written, 'store.device_unreadable' when the file is
    there and holds something else.
    """
    path = directory / FILE
    if not path.exists():
        with contextlib.suppress(FileExistsError):  # another process was quicker
            _write(path, f"lotsenbuch:{uuid.uuid4()}\n")
    found = _read(path)
    if not _WRITTEN.fullmatch(found):
        raise StoreError("store.device_unreadable", path=path)
    return found


def _read(path: Path) -> str:
    deadline = time.monotonic() + PATIENCE
    try:
        while not (found := path.read_text(encoding="ascii").strip()) and time.monotonic() < deadline:
            time.sleep(0.01)
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError("store.device_unreadable", path=path) from error
    return found


def _write(path: Path, text: str) -> None:
    """All of it or nothing: a file of another name is made, then linked to its own. FileExistsError where one is."""
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        _make(unfinished, text)
        try:
            os.link(unfinished, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            _make(path, text)
    except FileExistsError:
        raise
    except OSError as error:
        raise full_or_closed(error, path) from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink()


def _make(path: Path, text: str) -> None:
    """A new file, on disk when this returns. FileExistsError where one is; none is left where it cannot be written."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with contextlib.suppress(OSError):
            path.unlink()
        raise
