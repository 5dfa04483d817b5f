"""Something between a program and its PostgreSQL: a pooler that answers in the server's place, a line that breaks."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

from scenario.postgresql import Cluster

_PORT = ".s.PGSQL.5432"


class Between:
    """A socket before the server's. `pooled`: it names a process of its own, as PgBouncer does. `swallow` cuts the line
    once, after the server has answered what holds these bytes and before the answer is passed on."""

    def __init__(self, cluster: Cluster, directory: Path, *, pooled: bool = False) -> None:
        self.directory = directory
        self.swallow = b""
        self._server = str(cluster.directory / _PORT)
        self._pooled = pooled
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(directory / _PORT))
        self._listening.listen()

    def dsn(self, account: str, database: str) -> str:
        return f"host={self.directory} user={account} dbname={database}"

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                cut = threading.Event()
                threading.Thread(target=self._up, args=(client, server, cut), daemon=True).start()
                threading.Thread(target=self._down, args=(client, server, cut), daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _up(self, client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if self.swallow and self.swallow in data:
                    self.swallow = b""
                    cut.set()
                server.sendall(data)
        _shut(client, server)

    def _down(self, client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        with contextlib.suppress(OSError):
            pending, begun = b"", False
            while data := server.recv(65536):
                if cut.is_set():
                    break
                if self._pooled and not begun:
                    pending += data
                    data, pending, begun = _renamed(pending)
                client.sendall(data)
        _shut(client, server)


def _renamed(pending: bytes) -> tuple[bytes, bytes, bool]:
    """Whole messages with another process's number, the rest, and whether the server is ready."""
    out = b""
    while len(pending) >= 5:
        (length,) = struct.unpack("!I", pending[1:5])
        if len(pending) < length + 1:
            break
        message, pending = pending[: length + 1], pending[length + 1 :]
        if message[:1] == b"K":
            message = message[:5] + struct.pack("!I", 4711) + message[9:]
        out += message
        if message[:1] == b"Z":
            return out + pending, b"", True
    return out, pending, False


def _shut(*sockets: socket.socket) -> None:
    for each in sockets:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()


@contextlib.contextmanager
def between(cluster: Cluster, directory: Path, *, pooled: bool = False) -> Iterator[Between]:
    """While the context lasts."""
    line = Between(cluster, directory, pooled=pooled)
    threading.Thread(target=line.serve, daemon=True).start()
    try:
        yield line
    finally:
        line.close()
