"""intake.exchange.incoming: what an import will do, and that it does all of it or nothing."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from intake.exchange.beside import is_beside, shapes
from intake.exchange.extract import extract_submissions
from intake.exchange.incoming import CHANGED, NEW, REFUSED, UNCHANGED, Plan, Source, Terms, carried_out, planned
from intake.exchange.rebuilt import Arrival, Rows, records
from intake.publishing import PublishedForm
from intake.store import Store, open_store, utc_now
from intake.store.caselocks import LOCK, about_case
from intake.store.restriction import restrict
from intake.store.ring import STUDY
from intake.submission import Record
from scenario import told
from scenario.exchanged import FULL, TEXT, THEN, answered, form, sent, xform
from scenario.postgresql import Cluster
from scenario.stores import KEY
from scenario.team import Team
from validation.errors import DataError, Place, Problem, StoreError, UsageError
from validation.form import Form

TERMS = Terms(author="müller", zone="Europe/Berlin", now=THEN, municipality="08235007")
ZIEL = "/data/ziele/ziel"
SOURCE = Source("liste.csv", "central", "ab" * 32)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store.db", key=KEY, create=True) as made:
        made.publish(PublishedForm("probe", "1", form().hash, xform(), b"", "probe.md", {}))
        yield made


def arrival(number: int, record: Record = FULL, **more: Any) -> Arrival:
    made = sent(number, record).record
    return Arrival(f"uuid:{number}", made, Place("liste.csv", number + 1), **more)


def plan_of(store: Store, *arrivals: Arrival, terms: Terms = TERMS) -> Plan:
    return planned(store, "probe", arrivals, SOURCE, terms)


def states(plan: Plan) -> list[tuple[int, str]]:
    return [(item.place.row, item.state) for item in plan.items]


def test_words_and_ids_come_with_the_file_and_stay_where_it_has_none_of_them(tmp_path: Path) -> None:
    form = told.form()
    before, *_ = [each for each in told.followed(form, told.lives(3), random.Random(3)) if each.record.get(ZIEL)]
    rows = extract_submissions(form, [before]).texts()
    bare = {name: frame[[each for each in frame if not _is_beside(form, name, each)]] for name, frame in rows.items()}
    with open_store(tmp_path / "verlauf.db", key=KEY, create=True) as store:
        store.publish(PublishedForm(form.id, form.version, form.hash, xform(told.TEXT), b"", "verlauf.md", {}))

        def plan(tables: dict[str, pd.DataFrame]) -> Plan:
            found = records(form, Rows(tables), zone="UTC", now=THEN)
            assert found.problems == ()
            return planned(store, form.id, found.arrivals, SOURCE, replace(TERMS, accept=("required", "relevant")))

        carried_out(store, plan(rows))
        [stored] = store.submissions(form.id)
        assert stored.record == before.record
        assert plan(rows).counts[UNCHANGED] == 1
        assert plan(bare).counts[UNCHANGED] == 1  # another program's file has no columns for it
        other = rows | {"verlauf": rows["verlauf"].assign(person__how="corrected")}
        [item] = plan(other).items
        assert (item.state, item.questions) == (CHANGED, ("/data/person/@lb:how",))
        assert "ändert: Pseudonym" in plan(other).to_text()


def _is_beside(form: Form, table: str, name: str) -> bool:
    column = shapes(form)[table].column(name)
    return column is not None and is_beside(column.nodeset)


def test_new_changed_unchanged_and_refused_are_told_by_row_and_question_never_by_value(store: Store) -> None:
    carried_out(store, plan_of(store, arrival(1), arrival(2), arrival(3)))
    plan = plan_of(
        store, arrival(1), arrival(2, {**FULL, "/data/notiz": "GEHEIM"}), arrival(4),
        arrival(5, {**FULL, "/data/alter": "GEHEIM", "/data/wohnen": "GEHEIM"}),
    )  # fmt: skip
    assert states(plan) == [(2, UNCHANGED), (3, CHANGED), (5, NEW), (6, REFUSED)]
    assert plan.items[1].questions == ("/data/notiz",)
    text = plan.to_text()
    assert "liste.csv, Zeile 3: ändert: Notiz" in text
    assert "liste.csv, Zeile 6: " in text
    assert "Alter: " in text
    assert "GEHEIM" not in text + json.dumps(plan.as_dict("en")) + repr(plan)
    assert plan.as_dict()["broken"] == [
        {"rule": rule, "message": sentence, "count": 1, "records": ["uuid:5"]} for rule, sentence, _ in plan.broken()
    ]
    assert sorted(rule for rule, _, _ in plan.broken()) == ["choice", "type"]
    assert plan.as_dict()["counts"] == {NEW: 1, CHANGED: 1, UNCHANGED: 1, REFUSED: 1}


def test_nothing_is_written_where_one_record_is_refused(store: Store) -> None:
    plan = plan_of(store, arrival(1), arrival(2, {**FULL, "/data/alter": "x"}))
    with pytest.raises(DataError) as raised:
        carried_out(store, plan)
    assert (raised.value.code, store.count(), store.events(kinds=["review"])) == ("import.refused", 0, [])
    assert len(carried_out(store, plan.without_refused())) == 1


def test_a_store_that_refuses_one_record_takes_none(store: Store) -> None:
    plan = plan_of(store, arrival(1), arrival(2), arrival(3, files={"1.jpg": b"JPEG"}))
    store.append(sent(2, answered(notiz="inzwischen")))
    with pytest.raises(StoreError) as raised:
        carried_out(store, plan)
    assert raised.value.code == "store.conflict"
    assert [entry.submission for entry in store.entries()] == ["uuid:2"]
    assert store.journal.drafts() == []


def test_a_change_needs_a_reason_and_is_a_new_version(store: Store) -> None:
    carried_out(store, plan_of(store, arrival(1)))
    plan = plan_of(store, arrival(1, {**FULL, "/data/name": "Anders"}))
    with pytest.raises(UsageError) as raised:
        carried_out(store, plan, reason="  ")
    assert raised.value.code == "import.no_reason"
    (receipt,) = carried_out(store, plan, reason="late")
    assert receipt.version == 2
    first, second = store.history("uuid:1")
    assert (first.reason, second.reason, second.record["/data/name"]) == (None, "late", "Anders")


def test_the_hash_of_the_file_stands_sealed_in_an_event_and_with_each_record(store: Store) -> None:
    carried_out(store, plan_of(store, arrival(1, notes={"_tags": "neu"})))
    (event,) = store.events(kinds=["review"])
    assert (event.about, event.subject) == ("import probe", STUDY)
    detail = store.detail(event.number)
    assert (detail["sha256"], detail["file"], detail[NEW]) == (SOURCE.sha256, "liste.csv", "1")
    (kept,) = store.history("uuid:1")
    assert kept.paradata["imported"] == {
        "sha256": SOURCE.sha256, "format": "central", "row": "2", "notes": {"_tags": "neu"},
    }  # fmt: skip
    carried_out(store, plan_of(store, arrival(1)))
    assert len(store.events(kinds=["review"])) == 1  # nothing came


def test_receipts_stand_in_the_order_of_the_file_and_files_come_along(store: Store) -> None:
    plan = plan_of(store, arrival(1, files={"1.jpg": b"JPEG"}), arrival(2), arrival(3, files={"1.jpg": b"other"}))
    assert [receipt.submission for receipt in carried_out(store, plan)] == ["uuid:1", "uuid:2", "uuid:3"]
    assert store.attachments.content("uuid:3", "1.jpg") == b"other"


def test_rules_may_be_accepted_and_stay_broken(store: Store) -> None:
    broken = arrival(1, {**FULL, "/data/alter": "x", "/data/wohnen": "fremd"})
    terms = replace(TERMS, accept=("type", "choice"))
    assert states(plan_of(store, broken, terms=replace(TERMS, accept=("type",)))) == [(2, REFUSED)]
    plan = plan_of(store, broken, terms=terms)
    assert states(plan) == [(2, NEW)]
    assert sorted(rule for rule, _, _ in plan.broken()) == ["choice", "type"]
    carried_out(store, plan)
    assert store.history("uuid:1")[0].record["/data/alter"] == "x"
    with pytest.raises(UsageError) as raised:
        plan_of(store, broken, terms=replace(TERMS, accept=("alles",)))
    assert raised.value.code == "import.unknown_rule"


@pytest.mark.parametrize(
    ("made", "terms", "code"),
    [
        (arrival(1, version="9"), TERMS, "import.unknown_version"),
        (arrival(1), replace(TERMS, version="9"), "import.unknown_version"),
        (arrival(1), replace(TERMS, municipality=""), "import.no_town"),
        (arrival(1), replace(TERMS, municipalities={"08111000": "Stuttgart"}), "import.unknown_town"),
    ],
)
def test_what_the_study_does_not_know_is_refused(store: Store, made: Arrival, terms: Terms, code: str) -> None:
    plan = plan_of(store, made, terms=terms)
    assert [problem.code for item in plan.items for problem in item.problems] == [code]
    assert states(plan) == [(2, REFUSED)]


def test_a_version_that_is_known_is_the_one_it_is_taken_with(store: Store) -> None:
    newer = xform(TEXT.replace("| | probe | 1 |", "| | probe | 2 |"))
    from validation.xform import read_form

    store.publish(PublishedForm("probe", "2", read_form(newer).hash, newer, b"", "probe.md", {}))
    plan = plan_of(store, arrival(1, version="1"), arrival(2))
    assert [item.submission.form_version for item in plan.items if item.submission] == ["1", "2"]


def test_a_record_twice_is_refused_the_second_time(store: Store) -> None:
    plan = plan_of(store, arrival(1), replace(arrival(1), place=Place("liste.csv", 9)))
    assert [(item.place.row, [each.code for each in item.problems]) for item in plan.items] == [
        (2, []), (9, ["import.twice"]),
    ]  # fmt: skip


def test_who_was_erased_does_not_come_back_and_who_is_restricted_does_not_change(store: Store) -> None:
    one, two = ({**FULL, "/data/person": f"P-00000{number}"} for number in (1, 2))
    carried_out(store, plan_of(store, arrival(1, one), arrival(2, two)))
    restrict(store, "P-000002", reason="Art. 18")
    store.erase("P-000001", reason="Art. 17")
    plan = plan_of(store, arrival(1, one), arrival(2, {**two, "/data/notiz": "neu"}))
    assert [[each.code for each in item.problems] for item in plan.items] == [["import.gone"], ["import.restricted"]]


def test_a_locked_case_is_refused_before_anything_is_done(store: Store) -> None:
    carried_out(store, plan_of(store, arrival(1), arrival(2)))
    subject = store.subject_of("P-000001")
    assert subject is not None
    store.note("review", subject=subject, about=about_case(LOCK))
    plan = plan_of(store, arrival(1), arrival(2, {**FULL, "/data/notiz": "neu"}), arrival(3))
    assert states(plan) == [(2, UNCHANGED), (3, REFUSED), (4, NEW)]
    assert [each.code for each in plan.items[1].problems] == ["store.locked_case"]


def test_problems_of_the_file_stop_everything(store: Store) -> None:
    found = Problem("import.unknown_column", Place("liste.csv", column="x"), {"column": "x", "form": "probe"})
    plan = planned(store, "probe", [arrival(1)], SOURCE, TERMS, problems=[found])
    assert not plan.ok
    assert "Spalte „x“" in plan.to_text()
    with pytest.raises(DataError):
        carried_out(store, plan.without_refused())
    with pytest.raises(DataError) as raised:
        planned(store, "fremd", [], SOURCE, TERMS)
    assert raised.value.code == "import.unknown_form"


@pytest.mark.postgresql
def test_a_manager_imports_into_a_teams_store_of_one_town(postgresql: Cluster) -> None:
    team = Team.new(postgresql)
    manager = team.add("manager", ["08235007"])
    with team.open(team.officer, utc_now) as office:
        office.publish(PublishedForm("probe", "1", form().hash, xform(), b"", "probe.md", {}))
    with team.open(manager, utc_now) as store:
        carried_out(store, plan_of(store, arrival(1, files={"1.jpg": b"JPEG"}), arrival(2)))
        changed = plan_of(store, arrival(1), arrival(2, {**FULL, "/data/notiz": "neu"}))
        assert states(changed) == [(2, UNCHANGED), (3, CHANGED)]
        carried_out(store, changed, reason="late")
        assert [each.version for each in store.history("uuid:2")] == [1, 2]
        assert store.attachments.content("uuid:1", "1.jpg") == b"JPEG"
        events = store.events(kinds=["review"])
        assert [store.detail(event.number)[CHANGED] for event in events] == ["0", "1"]
        elsewhere = plan_of(store, arrival(3), terms=replace(TERMS, municipality="08111000"))
        with pytest.raises(StoreError):
            carried_out(store, elsewhere)
        assert store.count() == 2
