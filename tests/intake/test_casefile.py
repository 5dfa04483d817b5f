"""A record that was filed under the wrong person: from its correction on nobody reads it as that person's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from intake.casefile import latest_entries, records_about
from intake.handover import hand_over, written_by
from intake.store import Store
from scenario.lives import interview, misfiled, study_of
from validation.errors import DataError

MISTAKEN, MEANT = "P-000001", "P-000002"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with study_of(tmp_path / "study").store() as opened:
        misfiled(opened, MISTAKEN, MEANT)
        interview(opened, "P-000003")
        yield opened


def test_it_is_about_whom_its_latest_version_names(store: Store) -> None:
    assert records_about(store, MISTAKEN) == []
    (record,) = records_about(store, MEANT)
    assert (record.version, record.subject) == (2, MEANT)
    assert [(each.version, each.subject) for each in latest_entries(store.entries())] == [(2, MEANT), (1, "P-000003")]


def test_nobody_is_handed_over_with_the_record_of_somebody_else(store: Store) -> None:
    assert written_by(store, store.login.id) == [MEANT, "P-000003"]
    with pytest.raises(DataError, match="Pseudonym"):
        hand_over(store, [MISTAKEN], to="Vertretung")


def test_a_record_of_ones_own_stays(store: Store) -> None:
    again = interview(store, MISTAKEN)
    store.append(replace(again, version=2, reason="typo", record={**again.record, "/data/person/telefon": "1"}))
    assert [each.id for each in records_about(store, MISTAKEN)] == [again.id]
