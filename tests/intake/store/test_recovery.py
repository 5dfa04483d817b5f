"""The printed recovery key: it comes back from paper however it is typed, and a slip is found in its group."""

from __future__ import annotations

import random

import pytest

from intake.store.recovery import (
    BYTES,
    looks_like_recovery,
    new_recovery,
    read_recovery,
    recovery_text,
    sheet,
)
from validation.errors import StoreError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's
KEY = bytes(range(7, 27))


def keys(count: int) -> list[bytes]:
    choose = random.Random(20261122)
    return [choose.randbytes(BYTES) for _ in range(count)]


def test_a_key_is_160_random_bits() -> None:
    assert len(new_recovery()) == 20
    assert new_recovery() != new_recovery()


@pytest.mark.parametrize("key", [bytes(20), b"\xff" * 20, KEY, *keys(50)])
def test_it_comes_back_from_paper(key: bytes) -> None:
    text = recovery_text(key)
    assert [len(group) for group in text.split("-")] == [5] * 8
    assert set(text) <= {*ALPHABET, "-"}
    assert read_recovery(text) == key
    assert read_recovery(text.lower().replace("-", " ")) == key
    assert read_recovery(text.replace("-", "").replace("0", "o").replace("1", "l")) == key
    assert read_recovery(f"\n  {text.replace('-', ' – ').replace('1', 'I')}\t") == key


def test_every_wrong_letter_is_found_in_its_group() -> None:
    text = recovery_text(KEY)
    for place, right in enumerate(text):
        for wrong in ALPHABET.replace(right, ""):
            if right != "-":
                with pytest.raises(StoreError) as caught:
                    read_recovery(text[:place] + wrong + text[place + 1 :])
                assert (caught.value.code, caught.value.fields) == (
                    "ways.recovery_group", {"group": str(1 + place // 6)},
                )  # fmt: skip


def test_two_neighbours_exchanged_are_found_in_their_group() -> None:
    for key in keys(40):
        text = recovery_text(key).replace("-", "")
        for place in range(len(text) - 1):
            exchanged = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
            if exchanged != text and place % 5 != 4:
                with pytest.raises(StoreError) as caught:
                    read_recovery(exchanged)
                assert caught.value.fields == {"group": str(1 + place // 5)}


def test_groups_in_another_order_are_found() -> None:
    for key in keys(20):
        groups = recovery_text(key).split("-")
        for first in range(8):
            for second in range(first):
                other = groups.copy()
                other[first], other[second] = other[second], other[first]
                with pytest.raises(StoreError):
                    read_recovery("-".join(other))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (recovery_text(KEY)[:-1], "ways.recovery_length"),
        (recovery_text(KEY) + "0", "ways.recovery_length"),
        ("", "ways.recovery_length"),
        (
            recovery_text(KEY).replace("-", "")[:11] + "Ü" + recovery_text(KEY).replace("-", "")[12:],
            "ways.recovery_letter",
        ),
        ("U" * 40, "ways.recovery_letter"),
    ],
    ids=["short", "long", "empty", "umlaut", "not in the alphabet"],
)
def test_what_is_no_key_is_said(text: str, code: str) -> None:
    with pytest.raises(StoreError) as caught:
        read_recovery(text)
    assert caught.value.code == code
    if text:
        assert text not in str(caught.value)


def test_a_passphrase_is_not_taken_for_one() -> None:
    assert looks_like_recovery(recovery_text(KEY))
    assert looks_like_recovery(recovery_text(KEY)[:-1].lower())
    assert looks_like_recovery(recovery_text(KEY).replace("-", ""))
    for text in ("vier Wörter am Montag", "acht kurze woerter hier zum test als satz", "", "ABCD-EFGH"):
        assert not looks_like_recovery(text)


def test_the_sheet_has_the_key_what_it_opens_and_how() -> None:
    text = sheet(KEY, title="Integrationsmanagement", place="/daten/store.db", label="Safe 7", made="2026-11-22")
    for row in ("Integrationsmanagement", "/daten/store.db", "Safe 7", "2026-11-22", "lotsenbuch store passphrase"):
        assert text.count(row) == 2  # German, and English below
    printed = [line.split() for line in text.splitlines() if line.startswith("      ") and "lotsenbuch" not in line]
    assert read_recovery(" ".join(" ".join(row) for row in printed[:2])) == KEY
    assert printed[:2] == printed[2:]
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "{" not in text
