"""What comes from the kernel over the websocket, told by the browser: the widget's code apart from everything else."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

_BINARY = 2


@dataclass(slots=True)
class Wire:
    """The frames received in a page since `fresh()`, before any compression on the way."""

    frames: list[bytes] = field(default_factory=list)

    def fresh(self) -> None:
        self.frames.clear()

    @property
    def code(self) -> int:
        """Bytes of `_esm` and `_css` as they are written in the messages."""
        return sum(map(_code_in, self.frames))

    @property
    def rest(self) -> int:
        """Bytes of everything else: description, state, the widgets' own models, headers."""
        return sum(map(len, self.frames)) - self.code


@contextmanager
def tapped(page: Page) -> Iterator[Wire]:
    """Listen to the websockets of a page."""
    wire = Wire()

    def note(event: dict[str, Any]) -> None:
        payload = event["response"]["payloadData"]
        wire.frames.append(base64.b64decode(payload) if event["response"]["opcode"] == _BINARY else payload.encode())

    session = page.context.new_cdp_session(page)
    session.on("Network.webSocketFrameReceived", note)
    session.send("Network.enable")
    yield wire
    session.detach()


def _code_in(frame: bytes) -> int:
    data = _content(frame).get("data")
    state = data.get("state", {}) if isinstance(data, dict) else {}
    return sum(len(json.dumps(state[name], ensure_ascii=False).encode()) for name in ("_esm", "_css") if name in state)


def _content(frame: bytes) -> dict[str, Any]:
    """The content of a kernel's message: JSON, or the parts of v1.kernel.websocket.jupyter.org behind their offsets."""
    if frame.startswith(b"{"):
        return dict(json.loads(frame)["content"])
    (count,) = struct.unpack_from("<Q", frame)
    offsets = struct.unpack_from(f"<{count}Q", frame, 8)
    return dict(json.loads(frame[offsets[4] : offsets[5]]))  # after channel, header, parent header and metadata
