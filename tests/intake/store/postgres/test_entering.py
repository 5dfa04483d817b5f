"""Getting in at a computer: a passphrase there, an invitation for others, and `open_store` with an address."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import psycopg
import pytest

from intake.store import open_store
from intake.store.postgres.entering import found, hand_over, invited, join, place_of
from intake.store.postgres.setup import is_there, make_account
from intake.store.wayfile import ways_of
from intake.store.ways import Cost, Secret
from scenario.postgresql import Cluster
from scenario.stores import refused
from validation.errors import StoreError, WrongKey

pytestmark = pytest.mark.postgresql

TODAY = date(2026, 3, 2)
CHEAP = Cost(passes=1, memory_kib=64, lanes=1)
MINE, YOURS = "vier grüne Birnen im Regen", "lauter alte Fahrräder heute"


def test_from_an_empty_database_to_two_people_at_two_computers(
    postgresql: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(postgresql.dsn(), autocommit=True) as server:
        server.execute("CREATE DATABASE entering")
        server.execute("CREATE DATABASE entering_too")
    socket = f"host={postgresql.directory}"
    url = f"postgresql://{{}}@/entering?{socket}"
    monkeypatch.setenv("LOTSENBUCH_HOME", str(tmp_path / "first"))
    first = found(
        url.format(postgresql.user), account="entering_ana", name="Ana", role="manager", municipalities=["*"],
        secret=Secret.passphrase(MINE), today=TODAY, cost=CHEAP,
    )  # fmt: skip
    assert first is not None
    kept = ways_of(place_of(url.format("entering_ana")))
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with open_store(url.format("entering_ana"), passphrase=MINE) as store:
        assert (store.login.id, store.login.name, store.login.role) == (first.id, "Ana", "manager")
        made = invited(
            store, "Weber", "evaluator", account="entering_weber", municipalities=["08235007"], today=TODAY  # type: ignore[arg-type]
        )  # fmt: skip
    with pytest.raises(WrongKey):
        open_store(url.format("entering_ana"), passphrase=YOURS)
    make_account(postgresql.dsn("entering"), "evaluator", "entering_weber")
    hand_over(made, tmp_path / "weber.zugang")
    with refused("store.key_exists"):
        hand_over(made, tmp_path / "weber.zugang")

    monkeypatch.setenv("LOTSENBUCH_HOME", str(tmp_path / "second"))
    theirs, content = url.format("entering_weber"), (tmp_path / "weber.zugang").read_bytes()
    with refused("ways.missing"):
        open_store(theirs, passphrase=YOURS)
    with pytest.raises(StoreError):
        join(theirs, content, "AAAAA-" * 7 + "AAAAA", Secret.passphrase(YOURS), today=TODAY, cost=CHEAP)
    with refused("ways.short_passphrase"):
        join(theirs, content, made.code, Secret.passphrase("kurz"), today=TODAY, cost=CHEAP)
    with refused("store.not_an_invitation"):
        join(theirs, content[:-20], made.code, Secret.passphrase(YOURS), today=TODAY, cost=CHEAP)
    assert join(theirs, content, made.code, Secret.passphrase(YOURS), today=TODAY, cost=CHEAP) == made.login.id
    with refused("store.joined"):
        join(theirs, content, made.code, Secret.passphrase(YOURS), today=TODAY, cost=CHEAP)
    with open_store(theirs, passphrase=YOURS) as store:
        assert (store.login.name, store.classes) == ("Weber", ("general",))
    assert found(
        url.format(postgresql.user), account="entering_ana", name="Ana", role="manager", municipalities=["*"],
        secret=Secret.passphrase(MINE), today=TODAY, cost=CHEAP,
    ) is None  # fmt: skip
    monkeypatch.setenv("LOTSENBUCH_HOME", str(tmp_path / "third"))
    other = f"postgresql://{postgresql.user}@/entering_too?{socket}"
    kept = ways_of(place_of(f"postgresql://entering_ana@/entering_too?{socket}"))
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"of another store")
    with refused("store.joined"):
        found(
            other, account="entering_ana", name="Ana", role="manager", municipalities=["*"],
            secret=Secret.passphrase(MINE), today=TODAY, cost=CHEAP,
        )  # fmt: skip
    assert not is_there(other), "a store without the key of anybody is none"
