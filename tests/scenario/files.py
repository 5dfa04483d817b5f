"""Small files of the kinds that an interview takes and shows, each made here and valid."""

from __future__ import annotations

import struct
import zlib


def _png(width: int, height: int) -> bytes:
    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\xc0\x30\x30" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


def _wav(samples: int) -> bytes:
    form = struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8)
    return (
        b"RIFF" + struct.pack("<I", 36 + samples) + b"WAVEfmt " + struct.pack("<I", 16) + form
        + b"data" + struct.pack("<I", samples) + b"\x80" * samples
    )  # fmt: skip


PNG = _png(3, 2)
PNG_LARGE = _png(400, 300)
WAV = _wav(800)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
"""Begins as a photo does; there is no picture in it."""
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" viewBox="0 0 40 40">'
    b'<script>parent.hacked = window.hacked = 1</script><circle cx="20" cy="20" r="18" fill="#1d2b64"/></svg>'
)
