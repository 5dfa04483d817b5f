"""A clock that jumps back, in the work list and in tables: what came last stays last."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from intake.interview.worklist import Worklist
from intake.tables import published_forms, tables
from scenario.cases import answer, desk, office, person, rows, send
from scenario.stores import START, Clock


def test_the_work_list_and_tables_keep_the_order_of_receipt(tmp_path: Path) -> None:
    clock = Clock()
    with office(tmp_path, clock=clock) as store:
        here: Worklist = desk(store)
        for number in (1, 2, 3):
            person(here, number, alter=str(number))
            clock.move(hours=-30)
        again = here.resume(here.begin_for(rows(here, "P-000001")[0]["key"], "aufnahme"))
        answer(again, alter="90")  # almost four days before the first time, as that clock has it
        assert send(again, "submit")["type"] == "submitted"
        assert [row["person"] for row in rows(here)] == ["P-000001", "P-000003", "P-000002"]
        case = here.answer({"what": "case", "case": rows(here)[0]["key"]})
        latest = store.entries()[-1]
        assert latest.received == START - timedelta(hours=90)
        assert [each["submission"] for each in case["entries"]] == [latest.submission, store.entries()[0].submission]
        frame = tables(published_forms(store)["aufnahme"][0], store.submissions("aufnahme"))["aufnahme"]
        assert list(frame["alter"]) == [1, 2, 3, 90]
