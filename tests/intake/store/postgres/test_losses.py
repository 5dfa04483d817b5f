"""What is missed when keys are gone, from the labels of what events wrote."""

from __future__ import annotations

from intake.store.postgres.losses import OpenedBy
from intake.store.ring import CLASSES, STUDY

ONE, TWO = "1" * 32, "2" * 32
ALL = {(subject, name): 1 for subject in (STUDY, ONE, TWO) for name in CLASSES}


def told() -> OpenedBy:
    found = OpenedBy()
    found.add(1, "submission", ONE, ["part general", "attachment 1 special", "attachment 1 special head"])
    found.add(2, "submission", TWO, ["part special"])
    found.add(3, "reseal", STUDY, ["part 1 general", "attachment 1 1 identity", "attachment 1 1 identity head"])
    return found


def without(*keys: tuple[str, str]) -> dict[tuple[str, str], int]:
    return {key: since for key, since in ALL.items() if key not in keys}


def test_what_was_written_last_is_what_a_key_must_open() -> None:
    assert (told().last, told().subjects(), told().lost(ALL)) == (3, [STUDY, ONE, TWO], [])
    assert told().lost(without((ONE, "special"), (ONE, "staff"))) == []
    assert told().lost(without((ONE, "identity"))) == told().lost(without((ONE, "general"))) == [1]
    assert told().lost({**ALL, (ONE, "general"): 3, (ONE, "identity"): 3, (TWO, "special"): 2}) == []
    assert told().lost({**ALL, (ONE, "general"): 4, (TWO, "special"): 3}) == [1, 2]


def test_what_was_taken_with_a_word_is_not_missed() -> None:
    found = told()
    found.add(4, "erasure", ONE, ["part staff"])
    found.add(5, "withdrawal", TWO, [])
    assert found.lost({(STUDY, "staff"): 1}) == []
    assert found.lost({}) == [4], "why somebody was erased is sealed for the study"


def test_who_is_shown_nothing_of_a_submission_expects_every_key() -> None:
    found = OpenedBy()
    found.add(1, "submission", ONE, None)
    found.add(2, "access", TWO, None)
    assert found.lost(ALL) == []
    assert found.lost(without((ONE, "staff"), (TWO, "staff"))) == [1]
    found.add(3, "withdrawal", ONE, None)
    assert found.lost(without((ONE, "special"))) == []
    assert found.lost(without((ONE, "staff"))) == [1]
