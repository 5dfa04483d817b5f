"""Derived copies: what a store says of one form and class, in one sealed file, for reading it fast. Worth nothing else.

    <study>/derived/3f…a1.columns     0600; names say nothing

A copy is sealed as a whole under a key that only one login has, and only until the class key is exchanged. Its header
says what it was made of; who reads it compares. What is damaged, cut off or somebody else's is thrown away, what cannot
be written is left: without a copy everything is read from the events, with the same result. Nothing here knows what
the content means, and nothing is loaded to open a store.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from intake.store.sealing import seal, unseal
from validation.errors import StoreError

FOLDER = "derived"
"""The directory of copies, beside the store in the study's directory."""

LIMIT = 1 << 30
"""Bytes a copy may have; of more there is none."""

_ENDING, _UNFINISHED = ".columns", ".new"


class Copies:
    """The copies of one form for one login. Nothing here raises for what the disk or the file is like."""

    def __init__(self, directory: Path, *, store: str, login: str, form: str) -> None:
        """`store` and `login` are ids, `form` is a form id; the directory need not be there."""
        self._directory = directory
        self._about = f"derived columns {store} {login} {form}"

    def read(self, name: str, key: bytes) -> tuple[Mapping[str, object], memoryview] | None:
        """Header and content of the copy of a class. None where there is none to be believed; it is gone then."""
        path = self._path(name)
        try:
            sealed = _content(path)
        except OSError:
            return None
        try:
            plain = unseal(key, sealed or b"", self._words(name))
            header, _, _ = plain.partition(b"\n")
            told = json.loads(header)
        except (StoreError, ValueError):
            self._discard(path)
            return None
        return (told, memoryview(plain)[len(header) + 1 :]) if isinstance(told, dict) else None

    def write(self, name: str, key: bytes, header: Mapping[str, object], content: bytes) -> bool:
        """Put a copy in the place of the last one, whole or not at all. False where it could not be written."""
        written = json.dumps(header, sort_keys=True).encode("ascii")
        if len(content) + len(written) > LIMIT:
            return False
        path = self._path(name)
        unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_UNFINISHED}")
        try:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(seal(key, b"%b\n%b" % (written, content), self._words(name)))
            unfinished.replace(path)  # no sync: a file that a power cut left half written does not open
        except OSError:
            return False
        finally:
            with contextlib.suppress(OSError):
                unfinished.unlink(missing_ok=True)
        return True

    def _path(self, name: str) -> Path:
        code = hashlib.sha256(self._words(name).encode()).hexdigest()
        return self._directory / f"{code[:32]}{_ENDING}"

    def _words(self, name: str) -> str:
        return f"{self._about} {name}"

    def _discard(self, path: Path) -> None:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def drop(directory: Path) -> None:
    """Delete every copy in a directory, and what a crash left of one. What cannot be deleted stays: it is unreadable
    once the class keys are exchanged, and never believed once the store says anything else."""
    with contextlib.suppress(OSError):
        for path in [*directory.glob(f"*{_ENDING}"), *directory.glob(f".*{_ENDING}.*{_UNFINISHED}")]:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _content(path: Path) -> bytes | None:
    """What is in a file; None where it is no file or too large."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_size > LIMIT + (1 << 16):
            return None
        return file.read()
