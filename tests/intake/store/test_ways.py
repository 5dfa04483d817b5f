"""The ways as values: what opens what, what a new database key leaves open, and what shows that somebody else wrote."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from intake.store.ways import (
    FILE,
    KEYRING,
    RECOVERY,
    Cost,
    Secret,
    Unlocked,
    Ways,
    drawn,
    founded,
    founded_before,
    new_way,
)
from validation.errors import StoreError, WrongKey

CHEAP = Cost(passes=1, memory_kib=64, lanes=1)
WORDS = "vier Wörter am Montag"
UNLOCKED = Unlocked("00112233445566aa", bytes(range(32)), bytes(range(32, 64)), "ana")
SECRETS = (
    Secret.passphrase(WORDS),
    Secret(RECOVERY, material=bytes(20)),
    Secret(KEYRING, material=bytes(range(1, 33))),
    Secret(FILE, material=bytes(range(2, 34))),
)


def ways_of(*secrets: Secret, unlocked: Unlocked = UNLOCKED) -> Ways:
    found = Ways()
    for number, secret in enumerate(secrets):
        way = new_way(secret, unlocked, label=f"Zugang {number}", made="2026-11-22", cost=CHEAP)
        found = found.with_way(way, unlocked.database)
    return found


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret.kind)
def test_each_way_opens_login_and_database(secret: Secret) -> None:
    found = Ways.read(ways_of(*SECRETS).written()).unlock(secret)
    assert (found.login, found.private, found.databases) == (UNLOCKED.login, UNLOCKED.private, (UNLOCKED.database,))


@pytest.mark.parametrize(
    ("secret", "code"),
    [
        (Secret.passphrase("vier Wörter am Dienstag"), "ways.wrong_passphrase"),
        (Secret(RECOVERY, material=bytes(range(20))), "ways.wrong_recovery"),
        (Secret(KEYRING, material=bytes(32)), "ways.wrong_keyring"),
        (Secret(FILE, material=bytes(32)), "store.wrong_key"),
        (Secret(FILE, material=bytes(range(1, 33))), "store.wrong_key"),
    ],
)
def test_a_wrong_secret_opens_nothing(secret: Secret, code: str) -> None:
    """The last one is right for a keyring: a secret is of one kind only."""
    with pytest.raises(WrongKey) as caught:
        ways_of(*SECRETS).unlock(secret, "store.db")
    assert caught.value.code == code
    assert str(caught.value)


def test_a_passphrase_is_the_same_however_its_letters_are_composed() -> None:
    ways = ways_of(Secret.passphrase("vier Wo\u0308rter am Montag"))
    assert ways.unlock(Secret.passphrase("  vier W\u00f6rter am Montag ")).login == UNLOCKED.login
    with pytest.raises(WrongKey):
        ways.unlock(Secret.passphrase("vier w\u00f6rter am Montag"))


@pytest.mark.parametrize("text", ["", "kurz", "elf zeichen", "aaaaaaaaaaaaaaaaaaaa", "  elfzeichen   "])
def test_nobody_begins_with_a_passphrase_that_is_easily_guessed(text: str) -> None:
    with pytest.raises(StoreError, match="mindestens 12"):
        Secret.passphrase(text).judge()
    Secret.passphrase(WORDS).judge()


def test_what_a_guess_costs_is_kept_with_each_way() -> None:
    """RFC 9106, second recommended option; another one may come, and the ways made before go on."""
    assert Cost() == Cost(passes=3, memory_kib=64 * 1024, lanes=4)
    written = json.loads(ways_of(*SECRETS).written())
    assert [way.get("argon2id") for way in written["ways"]] == [
        {"passes": 1, "memory_kib": 64, "lanes": 1}, None, None, None,
    ]  # fmt: skip
    assert len(bytes.fromhex(written["ways"][0]["salt"])) == 16
    way = new_way(Secret.passphrase(WORDS), UNLOCKED, label="", made="")
    assert way.cost == Cost()
    assert Ways((way,)).unlock(Secret.passphrase(WORDS)).private == UNLOCKED.private


def test_a_new_database_key_needs_nobody_elses_secret() -> None:
    ways = ways_of(*SECRETS)
    between = ways.offering(UNLOCKED.database, bytes(32))
    after = between.offering(bytes(32))
    assert (ways.changing, between.changing, after.changing) == (False, True, False)
    for secret in SECRETS:
        assert between.unlock(secret).databases == (UNLOCKED.database, bytes(32))
        assert after.unlock(secret).databases == (bytes(32),)
    between.proven(UNLOCKED.database)
    between.proven(bytes(32))
    with pytest.raises(StoreError, match="jemandem geändert"):
        after.proven(UNLOCKED.database)


def test_ways_that_somebody_else_wrote_are_refused() -> None:
    """Who can write the file could else slip in a way of their own and wait for the next database key."""
    mine = ways_of(SECRETS[0])
    theirs = ways_of(SECRETS[3], unlocked=replace(UNLOCKED, database=bytes(32)))
    forged = replace(mine, ways=(*mine.ways, *theirs.ways))
    with pytest.raises(StoreError) as caught:
        forged.proven(UNLOCKED.database)
    assert caught.value.code == "ways.changed"
    relabelled = replace(mine, ways=(replace(mine.ways[0], login="ffffffffffffffff"),))
    with pytest.raises(StoreError):
        relabelled.proven(UNLOCKED.database)
    with pytest.raises(WrongKey):
        relabelled.unlock(SECRETS[0])
    assert mine.proven(UNLOCKED.database) is mine


def test_the_last_way_stays() -> None:
    ways = ways_of(*SECRETS[1:3])
    first, second = ways.ways
    left = ways.without([first.id], UNLOCKED.database)
    assert left.ways == (second,)
    with pytest.raises(StoreError, match="letzte Zugang"):
        left.without([second.id], UNLOCKED.database)
    with pytest.raises(StoreError, match="gibt es nicht"):
        left.without([first.id], UNLOCKED.database)


def test_every_change_counts() -> None:
    ways = ways_of(*SECRETS[1:])
    assert ways.revision == 3
    assert ways.offering(UNLOCKED.database).revision == 4


def test_nothing_secret_is_written_or_shown() -> None:
    ways = ways_of(*SECRETS)
    hidden = [UNLOCKED.private, UNLOCKED.database, *(secret.material for secret in SECRETS if secret.material)]
    for text in (ways.written().decode(), repr(ways), repr(SECRETS), repr(UNLOCKED), repr(ways.unlock(SECRETS[1]))):
        assert WORDS not in text
        for secret in hidden:
            assert secret.hex() not in text
            assert repr(secret) not in text


@pytest.mark.parametrize("at", range(0, 2000, 37))
def test_a_damaged_file_is_never_read_as_something_else(at: int) -> None:
    content = bytearray(ways_of(*SECRETS).written())
    content[at % len(content)] ^= 4
    with pytest.raises(ValueError, match="no ways"):
        Ways.read(bytes(content))


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"{}", b'{"format": 1}', b"\xff\xfe"])
def test_anything_else_is_no_ways(content: bytes) -> None:
    with pytest.raises(ValueError, match="no ways"):
        Ways.read(content)


def test_a_founding_key_gives_the_same_each_time_and_no_more() -> None:
    key = bytes(range(32))
    assert founded(key) == founded(key)
    assert founded(key).database != key
    before = founded_before(key)
    assert before.database == key
    assert (before.login, before.private) == (founded(key).login, founded(key).private)
    assert len({before.private, founded(key).database, key}) == 3
    assert drawn() != drawn()
