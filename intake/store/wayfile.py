"""The file of a store's ways, kept twice beside it: `store.db.ways` and `store.db.ways.copy`.

Who loses both may have lost the store, so each is written whole and on disk before the other is begun, a damaged one is
never taken, and the one that is behind is mended at the next opening. Modes are 0600; on Windows the directory's
access list holds.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from intake.store.place import full_or_closed
from intake.store.ways import Ways
from validation.errors import StoreError


def ways_of(path: Path) -> Path:
    """The file of the ways of a store."""
    return path.with_name(path.name + ".ways")


def copy_of(path: Path) -> Path:
    """Its copy."""
    return path.with_name(path.name + ".ways.copy")


def read_ways(path: Path) -> Ways | None:
    """The ways into the store at `path`, the latest of both files; None where there is neither file.

    StoreError 'ways.damaged' when none of them is whole, 'ways.newer', 'store.read_only', 'store.disk'.
    """
    found: list[Ways] = []
    damaged = False
    for file in (ways_of(path), copy_of(path)):
        try:
            found.append(Ways.read(file.read_bytes()))
        except FileNotFoundError:
            continue
        except ValueError:
            damaged = True
        except OSError as error:
            raise full_or_closed(error, file) from error
    if not found and damaged:
        raise StoreError("ways.damaged", path=ways_of(path))
    return max(found, key=lambda ways: ways.revision, default=None)


def write_ways(path: Path, ways: Ways) -> None:
    """Keep the ways into the store at `path`, both on disk when this returns; StoreFull or StoreError when not.

    Space and rights are tried for both before either takes its name, so that a refusal leaves the ways before.
    """
    content = ways.written()
    first, second = ways_of(path), copy_of(path)
    with _beside(first, content) as one, _beside(second, content) as other:
        one.replace(first)
        sync_directory(path.parent)
        other.replace(second)


def create_ways(path: Path, ways: Ways) -> bool:
    """Keep the first ways into a store; False, and nothing is changed, when somebody was quicker."""
    first = ways_of(path)
    with _beside(first, ways.written()) as written:
        try:
            os.link(written, first)
        except FileExistsError:
            return False
        except OSError:  # a file system without hard links
            if first.exists():
                return False
            written.replace(first)
    mend_ways(path, ways)
    return True


def are_mended(path: Path, ways: Ways) -> bool:
    """Whether both files hold these ways."""
    content = ways.written()
    return all(_held(file) == content for file in (ways_of(path), copy_of(path)))


def mend_ways(path: Path, ways: Ways) -> None:
    """Write whichever of the two files does not hold these ways; nothing where both do."""
    content = ways.written()
    for file in (ways_of(path), copy_of(path)):
        if _held(file) != content:
            with _beside(file, content) as written:
                written.replace(file)


def remove_ways(path: Path) -> None:
    """Take back what `create_ways` made for a store that did not come to be."""
    for file in (copy_of(path), ways_of(path)):
        with contextlib.suppress(OSError):
            file.unlink()


def _held(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


@contextlib.contextmanager
def _beside(file: Path, content: bytes) -> Iterator[Path]:
    """A file with this content beside another one, on disk; it goes away at the end unless it was given its name."""
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(4)}.new")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        yield unfinished
        sync_directory(file.parent)
    except OSError as error:
        raise full_or_closed(error, file) from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def sync_directory(directory: Path) -> None:
    """Let a new name in a directory survive a power cut, where the system can."""
    if os.name == "posix":
        handle = os.open(directory, os.O_RDONLY)
        try:
            with contextlib.suppress(OSError):  # some file systems cannot sync a directory
                os.fsync(handle)
        finally:
            os.close(handle)
