"""The lock with a name: on a network drive one program at a time, and everybody else reads who it is.

Locks of a network drive's system are not to be trusted, and they tell no name. Ours is a small file beside the store
that only one can make. A program that was killed leaves it behind: it is explained, and taken over only by whoever says
so, because from here nobody can know whether the other computer still writes.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from intake.store.place import full_or_closed
from validation.errors import StoreBusy, StoreError


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has the store open: name, computer, process there, since when (UTC), and a mark drawn for this lock."""

    name: str
    machine: str
    process: int
    since: str
    mark: str

    @classmethod
    def here(cls) -> Holder:
        """This process, now."""
        try:
            name = getpass.getuser()
        except (OSError, KeyError, ImportError):
            name = "?"
        since = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(name, socket.gethostname(), os.getpid(), since, secrets.token_hex(8))

    @property
    def since_here(self) -> str:
        """Since when, as the clock on this wall has it."""
        return datetime.fromisoformat(self.since).astimezone().strftime("%d.%m.%Y %H:%M")

    @property
    def gone(self) -> bool:
        """Whether the process surely ended: it was on this computer and is not there any more."""
        return self.machine == socket.gethostname() and not _lives(self.process)


def lock_of(path: Path) -> Path:
    """The lock file of a store."""
    return path.with_name(path.name + ".lock")


def take_lock(path: Path, *, take_over: bool = False) -> Callable[[], None]:
    """Take the lock of the store at `path`; what is returned gives it back.

    StoreBusy 'ways.locked' (or 'ways.lock_left' when whoever took it surely ended) with name, computer and time while
    somebody has it, unless `take_over` says that the person knows better. StoreError where it cannot be written.
    """
    lock, mine = lock_of(path), Holder.here()
    if take_over:
        lock.unlink(missing_ok=True)
    try:
        handle = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError as error:
        raise _taken(path, lock) from error
    except OSError as error:
        raise full_or_closed(error, lock) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(json.dumps(_told(mine)).encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        lock.unlink(missing_ok=True)
        raise full_or_closed(error, lock) from error
    return lambda: _give_back(lock, mine)


def holder_of(path: Path) -> Holder | None:
    """Who has the lock of the store at `path`; None where nobody has it or its file says nothing."""
    try:
        told = json.loads(lock_of(path).read_bytes())
        return Holder(
            str(told["name"]), str(told["machine"]), int(told["process"]), str(told["since"]), str(told["mark"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def release(path: Path, *, take_over: bool = False) -> Holder | None:
    """Give the store at `path` free for whoever left its lock behind, and return who it was; None where there is none.

    StoreBusy 'ways.locked' when it may still be open there and `take_over` does not say otherwise,
    'ways.lock_unreadable' in the same way when the lock does not tell.
    """
    lock, holder = lock_of(path), holder_of(path)
    if not lock.exists():
        return None
    if not take_over and (holder is None or not holder.gone):
        raise _taken(path, lock)
    try:
        lock.unlink(missing_ok=True)
    except OSError as error:
        raise full_or_closed(error, lock) from error
    return holder


def _taken(path: Path, lock: Path) -> StoreError:
    holder = holder_of(path)
    if holder is None:  # just being written, or cut off by a crash
        return StoreBusy("ways.lock_unreadable", path=path, lock=lock)
    code = "ways.lock_left" if holder.gone else "ways.locked"
    return StoreBusy(code, path=path, name=holder.name, machine=holder.machine, since=holder.since_here)


def _give_back(lock: Path, mine: Holder) -> None:
    """Only what is still ours: somebody may have taken it over, and a forked child is not its parent."""
    if mine.process == os.getpid() and holder_of(lock.with_name(lock.name.removesuffix(".lock"))) == mine:
        with contextlib.suppress(OSError):
            lock.unlink()


def _told(holder: Holder) -> dict[str, object]:
    return {
        "name": holder.name, "machine": holder.machine, "process": holder.process, "since": holder.since,
        "mark": holder.mark,
    }  # fmt: skip


def _lives(process: int) -> bool:
    if os.name != "posix":
        return True  # asking by signal would end it there
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
