"""What the contract cannot show: what a broken-off submission leaves, and what the rows hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.store import open_store
from intake.store.journal import KINDS, SqliteJournal
from scenario.stores import ANSWER, KEY, new_store, past_the_store, published, submission
from validation.errors import StoreError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def test_submitting_that_breaks_off_between_its_halves_leaves_the_draft(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    with new_store(path) as store:
        draft = store.journal.start(published().hash, "", "", "de")
        store.journal.record(draft.id, "a", 1, ANSWER)
        with monkeypatch.context() as patch:
            patch.setattr(SqliteJournal, "_close", broken)
            with pytest.raises(KeyboardInterrupt):
                store.journal.submit(draft.id, submission())
        assert store.count() == 0
        assert len(store.journal.replay(draft.id)) == 1
        store.journal.submit(draft.id, submission())
        assert store.count() == 1


@pytest.mark.parametrize("value", ["\ud800", "\0", "😀", "ü", "u\u0308", 10**30, 0.1, True, None, ["a", "b"], ""])
def test_a_value_comes_back_exactly_as_it_was_typed(path: Path, value: object) -> None:
    payload = {**ANSWER, "value": value}
    with new_store(path) as store:
        draft = store.journal.start(published().hash, "", "", "de")
        store.journal.record(draft.id, "a", 1, payload)
        assert store.journal.record(draft.id, "a", 1, payload) == 1
        (op,) = store.journal.replay(draft.id)
    assert op.payload == payload


def test_a_payload_that_cannot_be_read_is_damage(path: Path) -> None:
    with new_store(path) as store:
        draft = store.journal.start(published().hash, "", "", "de")
        store.journal.record(draft.id, "a", 1, ANSWER)
    with past_the_store(path) as raw:
        raw.execute("UPDATE operation SET sealed = x'7b'")
    with open_store(path, key=KEY) as store, pytest.raises(StoreError, match="beschädigt"):
        store.journal.replay(draft.id)


def test_one_draft_does_not_see_another(path: Path) -> None:
    with new_store(path) as store:
        first, second = (store.journal.start(published().hash, "", "", "de") for _ in range(2))
        for kind in sorted(KINDS):
            store.journal.record(first.id, kind, store.journal.draft(first.id).sequence + 1, {"op": kind})
        assert store.journal.record(second.id, "answer", 1, {**ANSWER, "value": "other"}) == 1
        store.journal.discard(first.id)
        assert [op.payload for op in store.journal.replay(second.id)] == [{**ANSWER, "value": "other"}]
