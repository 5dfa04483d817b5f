"""What an append reads first: of this moment, whoever wrote last, and found by indexes."""

from __future__ import annotations

from pathlib import Path

from intake.store.chain import START
from intake.store.sqlite import SqliteStore
from intake.store.standing import _STANDING, standing
from scenario.stores import divided, new_store, submission

FORM = divided()


def test_an_empty_store_begins_every_chain(tmp_path: Path) -> None:
    with new_store(tmp_path / "store.db") as store:
        assert isinstance(store, SqliteStore)
        found = standing(store._connection, "08235007", "uuid:none", b"")
        assert (found.number, found.head, found.latest, found.person) == (1, (0, START), None, None)


def test_it_is_what_was_written_last_also_for_another_chain(tmp_path: Path) -> None:
    with new_store(tmp_path / "store.db") as store:
        assert isinstance(store, SqliteStore)
        store.publish(FORM)
        first = submission(1, form=FORM)
        store.append(first)
        store.append(submission(1, form=FORM, version=2, reason="Tippfehler"))
        number = store.append(submission(2, form=FORM, municipality="08235085", subject="P-000002")).number
        found = standing(store._connection, first.municipality, first.id, store._keys.tag("P-000002"))
        assert found.number == number + 1
        assert found.head == store.heads()[first.municipality]
        assert found.latest is not None
        assert (found.latest.version, found.latest.form_id) == (2, FORM.form_id)
        assert found.latest.subject == store.subject_of(first.subject)
        assert found.latest.has_keys
        assert found.latest.is_person
        assert found.person is not None
        assert found.person[0] == store.subject_of("P-000002")
        store.erase(first.subject, reason="Art. 17")
        gone = standing(store._connection, first.municipality, first.id, b"").latest
        assert gone is not None
        assert not gone.has_keys
        assert not gone.is_person


def test_it_is_found_by_indexes(tmp_path: Path) -> None:
    with new_store(tmp_path / "store.db") as store:
        assert isinstance(store, SqliteStore)
        plan = store._connection.execute(f"EXPLAIN QUERY PLAN {_STANDING}", ("08235007", "uuid:none", b""))
        assert not [step for *_, step in plan if str(step).startswith("SCAN")]
