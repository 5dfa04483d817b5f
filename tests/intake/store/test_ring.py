"""The keys of a store: who holds which, and what a rotation takes away."""

from __future__ import annotations

import pytest

from intake.store.ring import CLASSES, ROLES, Login, Ring, new_login
from validation.errors import StoreError


def login(role: str, number: int = 1) -> tuple[Login, bytes]:
    return new_login(f"{number:016x}", f"{role} {number}", role)


def test_a_manager_opens_everything_and_an_evaluator_what_is_general() -> None:
    ring = Ring.new()
    for role, names in ROLES.items():
        someone, private = login(role)
        opened = Ring.opened(someone.id, private, ring.wrapped_for(someone))
        assert opened.classes == tuple(name for name in CLASSES if name in names)
        for name in ROLES["manager"]:
            if name in names:
                assert opened.key(name) == ring.key(name)
            else:
                assert not opened.holds(name)
                with pytest.raises(StoreError, match="Klasse"):
                    opened.key(name)


def test_an_evaluator_gives_on_only_what_an_evaluator_holds() -> None:
    evaluator, private = login("evaluator")
    opened = Ring.opened(evaluator.id, private, Ring.new().wrapped_for(evaluator))
    assert [row.name for row in opened.wrapped_for(login("manager", 2)[0])] == ["general"]


def test_another_login_s_private_key_opens_nothing() -> None:
    ring = Ring.new()
    someone, _ = login("manager")
    _, stranger = login("manager", 2)
    with pytest.raises(StoreError):
        Ring.opened(someone.id, stranger, ring.wrapped_for(someone))
    assert Ring.opened("another", stranger, ring.wrapped_for(someone)).classes == ()


def test_a_rotation_makes_the_old_class_key_worthless_and_leaves_the_others() -> None:
    ring = Ring.new()
    rows = ring.new_person_keys("s")
    fresh = ring.rotated(["special"])
    assert (ring.generation("special"), fresh.generation("special")) == (1, 2)
    assert fresh.key("general") == ring.key("general")
    key, row = rows["special"]
    again = fresh.wrap("s", "special", key)
    assert fresh.unwrap(again) == key
    for opener, sealed in ((ring, again), (fresh, row)):
        with pytest.raises(StoreError):
            opener.unwrap(sealed)


def test_the_newest_generation_counts_whatever_the_order_of_rows() -> None:
    someone, private = login("manager")
    old = Ring.new()
    new = old.rotated(["general"])
    rows = [*new.wrapped_for(someone), *old.wrapped_for(someone)]
    for order in (rows, rows[::-1]):
        assert Ring.opened(someone.id, private, order).key("general") == new.key("general")


def test_a_person_s_key_cannot_be_moved_to_another_person_or_class() -> None:
    ring = Ring.new()
    _, row = ring.new_person_keys("one")["general"]
    assert row.wrapped not in (wrapped.wrapped for _, wrapped in ring.new_person_keys("one").values())
    with pytest.raises(StoreError):
        ring.unwrap(type(row)("two", row.name, row.generation, row.wrapped))
    with pytest.raises(StoreError):
        ring.unwrap(type(row)("one", "staff", row.generation, row.wrapped))


def test_a_tag_finds_the_same_person_in_one_store_only() -> None:
    ring = Ring.new()
    assert ring.tag("P-1") == ring.rotated(CLASSES).tag("P-1") != ring.tag("P-2")
    assert Ring.new().tag("P-1") != ring.tag("P-1")


def test_there_is_no_other_role() -> None:
    with pytest.raises(ValueError, match="manager"):
        new_login("0", "x", "owner")
