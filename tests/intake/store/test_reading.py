"""What only the engine can show of reading: how much it does for what is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.store.sqlite import SqliteStore
from scenario.stores import divided, new_store, published, submission

MANY, OTHER = divided(), published("anderes")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """Sixty records of one form, one of another."""
    with new_store(tmp_path / "store.db") as opened:
        assert isinstance(opened, SqliteStore)
        opened.publish(MANY)
        opened.publish(OTHER)
        opened.append_many(submission(number, form=MANY, subject=f"P-{number}") for number in range(1, 61))
        opened.append(submission(99, form=OTHER, subject="P-99"))
        yield opened


def steps(store: SqliteStore, form_id: str | None) -> tuple[int, int]:
    """How many records are found, and in how many steps of the engine's program."""
    raw, taken = store._connection._open(), 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    raw.set_progress_handler(step, 1)
    try:
        return len(store._reading.chosen(form_id, None, None)), taken
    finally:
        raw.set_progress_handler(None, 0)


def test_of_events_of_other_forms_nothing_more_is_asked(store: SqliteStore) -> None:
    """A study has some dozen forms; each of them would ask for the versions of every event of the rest."""
    (many, all_steps), (one, few_steps) = steps(store, MANY.form_id), steps(store, OTHER.form_id)
    assert (many, one) == (60, 1)
    assert few_steps < all_steps / 2


def test_forms_are_told_apart_or_not(store: SqliteStore) -> None:
    newer = divided("2")
    store.publish(newer)
    store.append(submission(100, form=newer, subject="P-100"))
    assert [store.count(form_id) for form_id in (MANY.form_id, OTHER.form_id, None, "nichts")] == [61, 1, 62, 0]
    numbers = store._reading.chosen(None, None, None)
    assert numbers == sorted(numbers)
