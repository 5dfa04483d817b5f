"""The key file: 32 random bytes that open one store, readable by their owner only.

Further ways in (passphrase, keyring, recovery key) will wrap this same key; the store itself knows only the bytes.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from intake.store.place import full_or_closed
from intake.store.wayfile import sync_directory
from validation.errors import StoreError, WrongKey

KEY_BYTES = 32


def create_key_file(path: Path) -> bytes:
    """Write a new random key to `path` (mode 0600) and return it, once it is on disk.

    StoreError 'store.key_exists' when something is there already: a key is never overwritten. StoreFull or
    StoreError 'store.read_only' when it cannot be written; no file is left then.
    """
    key = secrets.token_bytes(KEY_BYTES)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        _name(unfinished, path)
        sync_directory(path.parent)  # else a store could survive a power cut that took its key
    except FileExistsError as error:
        raise StoreError("store.key_exists", path=path) from error
    except OSError as error:
        raise full_or_closed(error, path) from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return key


def _name(unfinished: Path, path: Path) -> None:
    """Give a file its name, whole. FileExistsError when something has it."""
    try:
        os.link(unfinished, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if path.exists():
            raise FileExistsError(path) from None
        unfinished.rename(path)


def read_key_file(path: Path) -> bytes:
    """The key in `path`.

    StoreError 'store.key_missing' when there is no such file or it cannot be read, 'store.key_readable' when others
    than its owner may read or write it (on POSIX; Windows keeps its own access lists, which are not judged), WrongKey
    'store.key_length' when it does not hold exactly 32 bytes.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            key = file.read(KEY_BYTES + 1)
    except OSError as error:
        raise StoreError("store.key_missing", path=path) from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise StoreError("store.key_readable", path=path)
    if len(key) != KEY_BYTES:
        raise WrongKey("store.key_length", path=path, expected=KEY_BYTES)
    return key
