"""Whoever has the database key but not every key writes rows past the program, and gains nothing by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from intake.store import Store, open_store
from intake.store.bringing import Brought
from intake.store.opening import connect_sqlite
from intake.store.ring import ANCHOR, CLASSES, DRAFT
from intake.store.sealing import new_key, public_of, seal_for
from intake.submission import Submission
from scenario.stores import KEY, Clock, divided, submission
from validation.errors import StoreError

FORM = divided()
INTRUDER = "e" * 16


def sent(number: int, person: str) -> Submission:
    return replace(submission(number, form=FORM, subject=person), record={"/data/a": "gut", "/data/kind": "Asthma"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with opened(tmp_path / "store.db") as store:
        store.publish(FORM)
        store.append_many([sent(1, "P-000001"), sent(2, "P-000002")])
    return tmp_path / "store.db"


def opened(path: Path) -> Store:
    return open_store(path, key=KEY, create=True, clock=Clock(), wait=0.1)


def past_the_program(path: Path, *statements: tuple[str, tuple[str | bytes | int, ...]]) -> None:
    connection, _ = connect_sqlite(path, Brought(key=KEY), create=False, wait=1.0)
    for statement, values in statements:
        connection.execute(statement, values)
    connection.close()


@pytest.fixture
def let_in(path: Path) -> Callable[[str, bytes], None]:
    def write(role: str, public: bytes) -> None:
        values = (INTRUDER, "Eva", role, public, "2026-01-01")
        past_the_program(path, ("INSERT INTO login (id, name, role, public, added) VALUES (?, ?, ?, ?, ?)", values))

    return write


def test_no_key_is_wrapped_for_a_login_that_nobody_let_in(path: Path, let_in: Callable[[str, bytes], None]) -> None:
    let_in("manager", public_of(new_key()))
    with opened(path) as store:
        with pytest.raises(StoreError) as caught:
            store.erase("P-000001", reason="Antrag")
        assert caught.value.code == "store.forged"
        assert store.count() == 2
        store.remove_login(INTRUDER)  # the remedy
        store.erase("P-000001", reason="Antrag")
        assert store.count() == 1


def test_a_login_cannot_be_raised(path: Path) -> None:
    with opened(path) as store:
        login, _ = store.add_login("Eva", "evaluator")
    permit = ("INSERT INTO setting (name, value) VALUES ('permit', '')", ())
    past_the_program(path, permit, ("UPDATE login SET role = 'manager' WHERE id = ?", (login.id,)),
                     ("DELETE FROM setting WHERE name = 'permit'", ()))  # fmt: skip
    with opened(path) as store, pytest.raises(StoreError) as caught:
        store.erase("P-000001", reason="Antrag")
    assert caught.value.code == "store.forged"


@pytest.mark.parametrize("name", [*CLASSES, DRAFT, ANCHOR])
def test_a_class_key_of_somebody_elses_making_is_not_used(path: Path, name: str) -> None:
    with opened(path) as store:
        me = store.login
    forged = seal_for(me.public, new_key(), f"class key {name} 2 {me.id}")
    past_the_program(path, ("INSERT INTO class_key VALUES (?, 2, ?, ?)", (name, me.id, forged)))
    with pytest.raises(StoreError) as caught:
        opened(path)
    assert caught.value.code == "store.forged"


def test_a_person_is_not_found_under_the_tag_of_another(path: Path) -> None:
    with opened(path) as store:
        subject = store.subject_of("P-000002") or ""
    past_the_program(
        path,
        ("DROP TRIGGER person_no_update", ()),
        ("CREATE TEMP TABLE kept AS SELECT tag FROM person WHERE subject = ?", (subject,)),
        ("UPDATE person SET tag = x'00' WHERE subject = ?", (subject,)),
        ("UPDATE person SET tag = (SELECT tag FROM kept) WHERE subject <> ?", (subject,)),
    )
    with opened(path) as store, pytest.raises(StoreError) as caught:
        store.append(sent(3, "P-000002"))
    assert caught.value.code == "store.forged"


def test_logins_that_were_let_in_go_on_after_every_exchange(path: Path) -> None:
    with opened(path) as store:
        for role in ("manager", "protection", "evaluator", "auditor"):
            store.add_login(role, role)
        store.erase("P-000001", reason="Antrag")
        for login in store.logins()[1:]:
            store.remove_login(login.id)
        assert [each.subject for each in store.submissions()] == ["P-000002"]
        assert store.verify() == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM person_key WHERE subject = (SELECT subject FROM event WHERE number = 1)",
        "DELETE FROM person_key WHERE name = 'general' AND subject = (SELECT subject FROM event WHERE number = 1)",
        "UPDATE person_key SET since = 99 WHERE subject = (SELECT subject FROM event WHERE number = 1)",
    ],
)
def test_keys_that_were_taken_away_past_the_program_are_missed(path: Path, statement: str) -> None:
    permit = ("INSERT INTO setting (name, value) VALUES ('permit', '')", ())
    past_the_program(path, permit, (statement, ()), ("DELETE FROM setting WHERE name = 'permit'", ()))
    with opened(path) as store:
        assert [(each.number, each.kind) for each in store.verify()] == [(1, "keys")]


def test_an_anchor_is_not_passed_over_because_the_store_calls_itself_otherwise(path: Path) -> None:
    with opened(path) as store:
        anchor = store.anchor()
    past_the_program(path, ("UPDATE setting SET value = ? WHERE name = 'store'", ("f" * 32,)))
    with opened(path) as store:
        assert [each.kind for each in store.verify([anchor])] == ["store"]
