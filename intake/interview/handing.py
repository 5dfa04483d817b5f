"""Hands what opens the store from the command to the kernels of its own server, and to nobody else.

A passphrase is asked for once, where the command was started. The kernels get what it opened over a socket in a
directory that only this user may enter (on Windows a named pipe); the environment tells them where, never what. On
Linux the other end must besides be a descendant of this process, so that another program of the same user gets nothing.
Nothing of it is written to a disk, a log, an argument or a notebook.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import struct
import sys
import tempfile
import threading
from collections.abc import Iterator
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import TYPE_CHECKING

from validation.errors import StoreError

if TYPE_CHECKING:
    from intake.store.ways import Unlocked

HANDED = "LOTSENBUCH_DOOR"
"""The environment variable that says where."""

_LONGEST = 4096


@contextlib.contextmanager
def handing_over(unlocked: Unlocked | None) -> Iterator[dict[str, str]]:
    """The variables by which kernels find what is handed over; none, and nothing is handed over, for None."""
    if unlocked is None:
        yield {}
        return
    directory = Path(tempfile.mkdtemp(prefix="lotsenbuch-"))  # 0700
    windows = sys.platform == "win32"
    address = rf"\\.\pipe\lotsenbuch-{secrets.token_hex(16)}" if windows else str(directory / "door")
    listener = Listener(address, "AF_PIPE" if windows else "AF_UNIX")
    over = threading.Event()
    thread = threading.Thread(target=_serve, args=(listener, _written(unlocked), over), daemon=True)
    thread.start()
    try:
        yield {HANDED: address}
    finally:
        over.set()
        with contextlib.suppress(OSError):
            Client(address).close()  # wakes whoever waits in accept
        thread.join(timeout=5)
        listener.close()
        shutil.rmtree(directory, ignore_errors=True)


def handed_over(address: str) -> Unlocked:
    """What the command hands to this kernel. StoreError 'ways.not_handed' when it does not, or has ended."""
    from intake.store.ways import Unlocked

    try:
        with Client(address) as connection:
            told = json.loads(connection.recv_bytes(_LONGEST))
            return Unlocked(told["login"], bytes.fromhex(told["private"]), bytes.fromhex(told["database"]))
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise StoreError("ways.not_handed") from error


def _serve(listener: Listener, content: bytes, over: threading.Event) -> None:
    while True:
        try:
            with listener.accept() as connection:
                if over.is_set():
                    return
                if _is_ours(connection):
                    connection.send_bytes(content)
        except (OSError, EOFError):  # whoever asked has gone again
            if over.is_set():
                return


def _is_ours(connection: Connection) -> bool:
    """Whether the other end is this user's, and on Linux a process that descends from this one."""
    if sys.platform != "linux":
        return True  # the directory's mode, or the pipe's access list, decides
    with socket.socket(fileno=os.dup(connection.fileno())) as end:
        told = end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    process, user, _group = struct.unpack("3i", told)
    return user == os.getuid() and descends(process, os.getpid())


def descends(process: int, ancestor: int) -> bool:
    """Whether a process is another one's child, its child's child and so on (Linux)."""
    while process > 1:
        if (process := _parent(process)) == ancestor:
            return True
    return False


def _parent(process: int) -> int:
    """0 for a process that has gone."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[1])


def _written(unlocked: Unlocked) -> bytes:
    return json.dumps(
        {"login": unlocked.login, "private": unlocked.private.hex(), "database": unlocked.database.hex()}
    ).encode()
