from __future__ import annotations

import json
from pathlib import Path

import pytest

from intake.formdiff.comparing import compare
from intake.formdiff.stored import Trial, try_on
from intake.formdiff.telling import Telling
from intake.publishing import publish
from intake.renames import renamed
from intake.store import Store
from intake.store.restriction import restrict
from intake.submission import Record
from intake.tables import published_forms
from intake.versions import merge
from scenario.diffable import CHANGES, WORKBOOK, version
from scenario.interview import store as opened_store
from scenario.interview import workbook
from scenario.stores import START
from validation.errors import DataError
from validation.form import Form

SECRET = "Geheim-Mueller"

FULL: Record = {
    "/data/a/name": SECRET,
    "/data/a/alter": "30",
    "/data/a/land": "de",
    "/data/a/laender": "de sy",
    "/data/a/doppelt": "60",
    "/data/b/tag": "2026-01-02",
    "/data/b/frei": SECRET,
    "/data/b/kind": [{"/data/b/kind/vorname": SECRET, "/data/b/kind/jahr": "1950"}, {}, {}],
}
YOUNG: Record = {"/data/a/name": SECRET, "/data/a/alter": "9", "/data/a/doppelt": "18"}
REFUSED: Record = {"/data/a/name": SECRET, "/data/a/alter__missing": "refused", "/data/a/laender": "x"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """The form published with three records that are right by it."""
    made = opened_store(tmp_path, WORKBOOK)
    for number, record in enumerate((FULL, YOUNG, REFUSED), start=1):
        send(made, number, record)
    return made


def send(store: Store, number: int, record: Record) -> None:
    from intake.submission import Submission

    frozen = store.forms()[-1]
    store.append(
        Submission(
            f"uuid:{number}",
            "probe",
            frozen.version,
            frozen.hash,
            "08235007",
            f"P-{number:06}",
            record,
            START,
            START,
            "a",
        )
    )


def trial(store: Store, new: Form, renames: dict[str, str] | None = None) -> Trial:
    return try_on(store, new, published_forms(store)["probe"], renames=renames, zone="Europe/Berlin")


def test_a_form_tried_on_its_own_records_leaves_them_all_unchanged(store: Store) -> None:
    found = trial(store, version(number=2))
    assert found.ok
    assert (found.records, found.wrong_before, found.unchanged) == (3, 0, ("uuid:1", "uuid:2", "uuid:3"))


def test_a_tighter_constraint_names_the_records_that_break_it_and_no_value(store: Store) -> None:
    new = version((". <= 120", ". <= 20"), number=2)
    found = trial(store, new)
    assert [(each.nodeset, each.rule, each.records) for each in found.invalid] == [
        ("/data/a/alter", "constraint", ("uuid:1",))
    ]
    assert found.unchanged == ("uuid:2", "uuid:3")
    told = Telling(version(), new, compare(version(), new), found)
    for said in (told.text(), told.text("en"), json.dumps(told.json())):
        assert "uuid:1" in said
        assert SECRET not in said
        assert "1950" not in said


def test_a_narrower_relevance_makes_answers_irrelevant(store: Store) -> None:
    found = trial(store, version(("${land} = 'de'", "${land} = 'sy'"), number=2))
    assert {(each.nodeset, each.rule) for each in found.invalid} >= {
        ("/data/b/tag", "relevant"),
        ("/data/b/frei", "relevant"),
    }
    assert {record for each in found.invalid for record in each.records} == {"uuid:1"}


def test_a_new_demand_is_lacking_where_it_is_asked(store: Store) -> None:
    line = "| | text | neu | Neu | New | | | yes | | | ${alter} > 17 |" + " |" * 17 + "\n"
    found = trial(store, version(("| | end_group | | |", f"{line}| | end_group | | |"), number=2))
    assert [(each.rule, each.records) for each in found.invalid if each.nodeset == "/data/a/neu"] == [
        ("required", ("uuid:1",))
    ]


def test_a_choice_that_vanished_is_counted_where_it_was_taken(store: Store) -> None:
    found = trial(store, version(*CHANGES["choices_removed"][0], number=2))
    assert found.vanished == {"/data/a/laender": {"sy": 1}}
    assert [(each.nodeset, each.rule, each.records) for each in found.invalid] == [
        ("/data/a/laender", "choice", ("uuid:1",))
    ]
    unused = version(("| | stadt | homs | Homs | Homs | sy | |\n", ""), number=2)
    assert trial(store, unused).ok


def test_a_changed_type_breaks_the_series(store: Store) -> None:
    found = trial(store, version(*CHANGES["type"][0], number=2))
    assert [(each.nodeset, each.old_kind, each.kind) for each in found.breaks] == [
        ("/data/b/kind/jahr", "int", "decimal")
    ]
    assert not found.ok


def test_answers_to_a_removed_question_have_no_place(store: Store) -> None:
    found = trial(store, version(*CHANGES["removed"][0], number=2))
    assert found.lost == {"/data/b/frei": ("uuid:1",)}
    assert found.unchanged == ("uuid:2", "uuid:3")


def test_a_repeat_that_is_gone_or_becomes_a_group_loses_its_entries(store: Store) -> None:
    start, end = WORKBOOK.index("| | begin_repeat"), WORKBOOK.index("| | end_repeat")
    whole = WORKBOOK[start : WORKBOOK.index("\n", end) + 1]
    answers = {"/data/b/kind/vorname": ("uuid:1",), "/data/b/kind/jahr": ("uuid:1",)}
    gone = trial(store, version((whole, ""), number=2))
    assert (gone.lost, gone.breaks, gone.unchanged) == (answers, (), ("uuid:2", "uuid:3"))
    group = trial(store, version(*CHANGES["shape"][0], number=2))
    assert group.lost == answers
    assert [(each.nodeset, each.old_kind, each.kind) for each in group.breaks] == [("/data/b/kind", "repeat", "group")]


def test_a_renamed_question_takes_its_answers_and_its_reasons_along(store: Store) -> None:
    new = version(("| integer | alter |", "| integer | jahre |"), ("${alter}", "${jahre}"), number=2)
    found = trial(store, new, {"/data/a/alter": "/data/a/jahre"})
    assert found.ok
    assert found.moved == ("uuid:1", "uuid:2", "uuid:3")
    assert found.unchanged == ()
    alone = trial(store, new)
    assert alone.lost == {"/data/a/alter": ("uuid:1", "uuid:2"), "/data/a/alter__missing": ("uuid:3",)}


def test_what_is_inside_a_repeat_is_carried_over_entry_by_entry(store: Store) -> None:
    new = version(("| text | vorname |", "| text | rufname |"), (". > 1900", ". > 1990"), number=2)
    found = trial(store, new, {"/data/b/kind/vorname": "/data/b/kind/rufname"})
    assert found.moved == ("uuid:1",)
    assert [(each.nodeset, each.rule, each.records) for each in found.invalid] == [
        ("/data/b/kind/jahr", "constraint", ("uuid:1",))
    ]


def test_what_was_wrong_before_is_not_counted_again(store: Store) -> None:
    send(store, 4, {"/data/a/alter": "150"})  # no name, too old
    found = trial(store, version((". <= 120", ". <= 130"), number=2))
    assert (found.wrong_before, found.invalid) == (1, ())


def test_all_versions_are_tried_and_the_restricted_left_out(store: Store, tmp_path: Path) -> None:
    second = WORKBOOK.replace("| probe | 1 |", "| probe | 2 |").replace("| text | frei |", "| text | offen |")
    publish(store, workbook(tmp_path, second, "second.md"))
    send(store, 5, {"/data/a/name": SECRET, "/data/a/alter": "40", "/data/a/land": "de", "/data/b/offen": SECRET})
    restrict(store, "P-000002", reason="Antrag")
    found = trial(store, version(number=3), {"/data/b/offen": "/data/b/frei"})
    assert (found.records, found.restricted) == (3, 1)
    assert found.moved == ("uuid:5",)
    assert found.invalid == ()


def test_a_trial_is_written_to_the_log_and_changes_nothing_else(store: Store) -> None:
    before = [(each.id, each.record) for each in store.submissions("probe")]
    count = len([*store.events(0)])
    trial(store, version(*CHANGES["removed"][0], number=2))
    assert [(each.id, each.record) for each in store.submissions("probe")] == before
    assert [each.kind for each in store.events(0)][count:] == ["access"]


def test_a_renaming_that_cannot_be_is_refused(store: Store) -> None:
    with pytest.raises(DataError):
        trial(store, version(number=2), {"/data/a/name": "/data/a/alter"})


def test_renaming_is_that_of_the_tables() -> None:
    """`intake.versions` merges tables by the same rule."""
    old, new = version(), version(("begin_group | a |", "begin_group | aa |"), number=2)
    moves = merge(new, [old], {"/data/a": "/data/aa"}).moves
    assert len(moves) > 5
    assert all(renamed(each.name, {"/data/a": "/data/aa"}) == each.to for each in moves)
    assert renamed("/data/ab", {"/data/a": "/data/aa"}) == "/data/ab"


def test_without_records_there_is_nothing_to_say(tmp_path: Path) -> None:
    empty = opened_store(tmp_path, WORKBOOK)
    found = trial(empty, version(number=2))
    assert (found.records, found.ok) == (0, True)
    assert "noch keinen Datensatz" in Telling(version(), version(), compare(version(), version()), found).text()
