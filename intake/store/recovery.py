"""The printed recovery key: a lost passphrase on a Monday ends nothing.

160 random bits as eight groups of four letters and a check letter, in Crockford's base 32 (no I, L, O, U; small letters
and look-alikes are understood). Each group's check letter is a weighted sum in GF(32), so one wrong letter, or two
neighbours exchanged, is always found, and its group is named; groups in the wrong order are found as well.

Source: https://www.crockford.com/base32.html
"""

from __future__ import annotations

import re
import secrets

from validation.errors import StoreError
from validation.messages import say

BYTES = 20
GROUPS, DATA = 8, 4

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("ILO", "110")
_BETWEEN = str.maketrans("", "", "-–— \t\r\n.·")
_FIELD = 0b100101  # x^5 + x^2 + 1
_WEIGHTS = (1, 2, 4, 8)  # different and not 0, so no exchange of two letters goes unseen


def new_recovery() -> bytes:
    """A fresh recovery key: 20 random bytes."""
    return secrets.token_bytes(BYTES)


def recovery_text(key: bytes) -> str:
    """As it is printed: eight groups of five letters with hyphens between them. ValueError unless it has 20 bytes."""
    if len(key) != BYTES:
        raise ValueError("a recovery key has 20 bytes")
    number = int.from_bytes(key, "big")
    values = [number >> 5 * place & 31 for place in reversed(range(GROUPS * DATA))]
    groups = [values[start : start + DATA] for start in range(0, len(values), DATA)]
    return "-".join(
        "".join(_ALPHABET[value] for value in (*group, _check(group, place))) for place, group in enumerate(groups)
    )


def looks_like_recovery(text: str) -> bool:
    """Whether somebody meant a recovery key and no passphrase: eight groups, or so many letters of it in a row."""
    groups = [group for group in re.split(r"[-–—\s.·]+", text.strip()) if group]
    letters = "".join(groups).upper().translate(_LOOKALIKES)
    fits = all(letter in _ALPHABET for letter in letters)
    return fits and (len(groups) == GROUPS or len(letters) == GROUPS * (DATA + 1)) and len(letters) >= GROUPS * DATA


def read_recovery(text: str) -> bytes:
    """The key from what somebody typed, with or without hyphens and spaces, in capitals or not.

    StoreError 'ways.recovery_length' with the number of letters, 'ways.recovery_letter' for a sign that is none,
    'ways.recovery_group' with the number of the group that has a slip.
    """
    letters = text.upper().translate(_BETWEEN).translate(_LOOKALIKES)
    for place, letter in enumerate(letters):
        if letter not in _ALPHABET:
            raise StoreError("ways.recovery_letter", group=1 + place // (DATA + 1))
    if len(letters) != GROUPS * (DATA + 1):
        raise StoreError("ways.recovery_length", found=len(letters), expected=GROUPS * (DATA + 1))
    number = 0
    for place in range(GROUPS):
        *group, check = (_ALPHABET.index(letter) for letter in letters[place * (DATA + 1) : (place + 1) * (DATA + 1)])
        if check != _check(group, place):
            raise StoreError("ways.recovery_group", group=place + 1)
        for value in group:
            number = number << 5 | value
    return number.to_bytes(BYTES, "big")


def sheet(key: bytes, *, title: str, place: str, label: str, made: str) -> str:
    """The sheet to print: German, English below it. It has room for where it is kept."""
    text = recovery_text(key).split("-")
    block = "\n".join(f"      {'   '.join(text[row : row + 4])}" for row in range(0, GROUPS, 4))
    fields = {"title": title, "place": place, "label": label, "made": made}
    parts = [say("ways.sheet", language, **fields).replace("{key}", block) for language in ("de", "en")]
    return f"\n\n{'-' * 72}\n\n".join(part.strip("\n") for part in parts) + "\n"


def _check(group: list[int], place: int) -> int:
    """The check letter's value; `place` counts groups from 0 and makes equal groups differ by their place."""
    total = place
    for value, weight in zip(group, _WEIGHTS, strict=True):
        total ^= _times(value, weight)
    return total


def _times(first: int, second: int) -> int:
    """The product in GF(32)."""
    product = 0
    while second:
        if second & 1:
            product ^= first
        first <<= 1
        if first & 32:
            first ^= _FIELD
        second >>= 1
    return product
