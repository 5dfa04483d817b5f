"""A line on loopback that can be cut, swallow everything, and come back: between a browser and a server."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Literal, Self

Line = Literal["whole", "cut", "hole"]


class Proxy:
    """Passes bytes on to 127.0.0.1:`target`. `line` 'cut' closes everything and takes nothing new; 'hole' takes bytes
    and passes none on, as a network does that is gone without a word."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.line: Line = "whole"
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._ended: set[socket.socket] = set()  # sources that have nothing more to pass on
        self._lock = threading.Lock()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def set(self, line: Line) -> None:
        """What becomes of the line from now on. What a hole swallowed does not come back: its connections end."""
        before, self.line = self.line, line
        if line == "cut" or (before == "hole" and line == "whole"):
            self._drop()

    def _drop(self) -> None:
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            if self.line == "cut":
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            with self._lock:
                self._pairs.add((near, far))
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self.line == "whole":
                    sink.sendall(data)
        for end in (source, sink):  # the other direction ends as well, and the last of both closes
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._ended.add(source)
            pair = (source, sink)
            if sink in self._ended:
                self._pairs -= {pair, pair[::-1]}
                for end in pair:
                    self._ended.discard(end)
                    end.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._drop()
        self._thread.join(timeout=5)
