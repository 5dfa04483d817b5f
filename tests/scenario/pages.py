"""The pages of an encrypted store, decrypted by hand: with what the engine no longer shows (free pages, slack, log).

SQLCipher 4 with a raw key: AES-256-CBC for each page, at its end 16 bytes of nonce and 64 of a code; the first page
begins with the salt of the file. https://www.zetetic.net/sqlcipher/design/
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from intake.store.filecheck import log_of

PAGE, RESERVED, SALT = 4096, 80, 16
LOG_HEADER, FRAME_HEADER = 32, 24


def pages(path: Path, key: bytes) -> bytes:
    """Every page of the file and every page in its log, one after the other, in clear."""
    return b"".join(_decrypted(page, number, key) for number, page in _all(path) if any(page))


def _all(path: Path) -> Iterator[tuple[int, bytes]]:
    content = path.read_bytes()
    for start in range(0, len(content), PAGE):
        yield start // PAGE + 1, content[start : start + PAGE]
    log = log_of(path).read_bytes() if log_of(path).exists() else b""
    for start in range(LOG_HEADER, len(log) - FRAME_HEADER - PAGE + 1, FRAME_HEADER + PAGE):
        number = int.from_bytes(log[start : start + 4], "big")
        yield number, log[start + FRAME_HEADER : start + FRAME_HEADER + PAGE]


def _decrypted(page: bytes, number: int, key: bytes) -> bytes:
    nonce = page[PAGE - RESERVED : PAGE - RESERVED + 16]
    body = page[SALT if number == 1 else 0 : PAGE - RESERVED]
    cipher = Cipher(algorithms.AES(key), modes.CBC(nonce)).decryptor()
    return cipher.update(body) + cipher.finalize()
