"""Which characters the shipped fonts can show: PDF/UA refuses a text with one that they cannot.

Reads the `cmap` tables of the TrueType files (OpenType specification, formats 4 and 12), nothing else of them.
"""

from __future__ import annotations

import functools
import struct
from pathlib import Path

FONTS = Path(__file__).resolve().parent / "fonts"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# No font need have them: they are broken off, joined or turned into space by the typesetter.
_INVISIBLE = frozenset({0x09, 0x0A, 0x0D, 0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)})


@functools.cache
def covered() -> frozenset[int]:
    """The code points that at least one shipped font has."""
    found: set[int] = set(_INVISIBLE)
    for path in sorted(FONTS.glob("*.ttf")):
        found |= _code_points(path.read_bytes())
    return frozenset(found)


def uncovered(text: str) -> frozenset[str]:
    """The characters of a text that no shipped font has."""
    known = covered()
    return frozenset(sign for sign in text if ord(sign) not in known)


def _code_points(font: bytes) -> set[int]:
    (tables,) = struct.unpack_from(">H", font, 4)
    records = (struct.unpack_from(">4sLLL", font, 12 + 16 * number) for number in range(tables))
    start = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    (count,) = struct.unpack_from(">H", font, start + 2)
    offsets = {struct.unpack_from(">HHL", font, start + 4 + 8 * number)[2] for number in range(count)}
    found: set[int] = set()
    for offset in offsets:
        (kind,) = struct.unpack_from(">H", font, start + offset)
        if kind == 4:
            found |= _segments(font, start + offset)
        elif kind == 12:
            (groups,) = struct.unpack_from(">L", font, start + offset + 12)
            for number in range(groups):
                first, last, _ = struct.unpack_from(">LLL", font, start + offset + 16 + 12 * number)
                found.update(range(first, last + 1))
    return found


def _segments(font: bytes, at: int) -> set[int]:
    (double,) = struct.unpack_from(">H", font, at + 6)
    ends = struct.unpack_from(f">{double // 2}H", font, at + 14)
    starts = struct.unpack_from(f">{double // 2}H", font, at + 16 + double)
    return {code for first, last in zip(starts, ends, strict=True) for code in range(first, last + 1) if code != 0xFFFF}
