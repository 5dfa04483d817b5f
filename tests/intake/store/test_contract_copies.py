"""Derived copies change no result, whatever the store is built on."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from intake.latest import latest
from intake.store import Store
from intake.store.derived import FOLDER
from intake.tables import published_forms, sheet_tables, tables
from scenario.stores import Opener, divided, submission

FORM = divided()
SAID = {"/data/a": "x", "/data/name": "N", "/data/kind": "k", "/data/dog": [{"/data/dog/bark": "wau"}]}


def test_tables_are_the_same_with_copies_without_and_record_by_record(opener: Opener, tmp_path: Path) -> None:
    def all_the_same(store: Store) -> None:
        (form,) = published_forms(store)[FORM.form_id]
        wanted = tables(form, store.submissions(form.id))
        for directory in (tmp_path / FOLDER, tmp_path / FOLDER, None):
            for name, frame in sheet_tables(form, latest(store, [form], directory)).items():
                pd.testing.assert_frame_equal(frame, wanted[name])

    with opener() as store:
        store.publish(FORM)
        all_the_same(store)
        for number in range(4):
            store.append(submission(number, form=FORM, subject=f"P-{number}", record=SAID))
        all_the_same(store)
        assert len(list((tmp_path / FOLDER).iterdir())) == len(store.classes) == 4
        store.append(
            submission(1, form=FORM, subject="P-1", record=SAID | {"/data/a": "y"}, version=2, reason="berichtigt")
        )
        store.note("access", about="tables")
        all_the_same(store)
        last = max(event.number for event in store.events())
        assert [each.plain.submission for each in store.opened(FORM.form_id, after=last)] == []
        assert [link.number for link, _ in store.links(last - 1)] == [last]
        store.withdraw("P-2", reason="x")
        all_the_same(store)
        store.erase("P-3", reason="x")
        all_the_same(store)
        assert store.count(FORM.form_id) == 3
