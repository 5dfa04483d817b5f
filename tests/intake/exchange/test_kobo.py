"""intake.exchange.kobo: what KoboToolbox exports, with names and with labels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pytest

from intake import excel
from intake.exchange import kobo
from intake.exchange.arriving import grid_of, text_of
from intake.exchange.guards import Grid, sheets_of
from intake.exchange.rebuilt import Rebuilt, records
from scenario.exchanged import THEN, form
from validation.errors import DataError
from validation.layout import KEY

MAIN = ("name", "alter", "wohnen", "sprachen", "sprachen/de", "sprachen/ar", "notiz", "ort", "_ort_latitude",
        "_ort_longitude", "_ort_altitude", "_ort_precision", "_id", "_uuid", "_submission_time", "_validation_status",
        "_notes", "_status", "_submitted_by", "__version__", "_tags", "_index")  # fmt: skip
LABELS = ("Name", "Alter", "Wohnen", "Sprachen", "Sprachen/Deutsch", "Sprachen/Arabisch", "Notiz", "Ort",
          *MAIN[8:])  # fmt: skip
ROWS = (
    ("Ayşe", "07", "gu", "ar de", "1", "1", "=1+1\nZeile", "48.1 -8.5 0 0", "48.1", "-8.5", "0", "0", "11", "u-1",
     "2026-05-04T10:30:00", "validation_status_approved", "", "submitted_via_web", "maria", "v1", "neu, alt", "1"),
    ("Ґанна", "", "", "", "", "", " 0012 ", "", "", "", "", "", "12", "u-2",
     "2026-05-04T11:30:00", "", "", "", "", "v1", "", "2"),
)  # fmt: skip
SPOKEN = {"gu": "Unterkunft", "ar de": "Arabisch Deutsch"}
CHILD = ("vorname", "jahr", "_index", "_parent_table_name", "_parent_index", "_submission__uuid")
CHILDREN = (("A", "2019", "1", "Formular", "1", "u-1"), ("B", "", "2", "Formular", "1", "u-1"),
            ("C", "2020", "3", "Formular", "2", "u-2"))  # fmt: skip

LEAVE = ("person", "vzae", "geboren", "wann", "uhr", "bild", "alter__missing", "geboren__missing", "wohnen__missing")


def grids(sheets: Mapping[str, Sequence[Sequence[str]]]) -> tuple[Grid, ...]:
    return sheets_of(excel.write(sheets), "export.xlsx")


def read(found: Sequence[Grid]) -> Rebuilt:
    return records(form(), kobo.rows_of(form(), found), zone="Europe/Berlin", now=THEN, leave_out=LEAVE)


def codes() -> tuple[Grid, ...]:
    return grids({"Formular": [MAIN, *ROWS], "kind": [CHILD, *CHILDREN]})


def labels(heads: Sequence[str] = LABELS, child: Sequence[str] = ("Vorname", "Jahr", *CHILD[2:])) -> tuple[Grid, ...]:
    spoken = [[SPOKEN.get(cell, cell) for cell in row] for row in ROWS]
    return grids({"Formular": [heads, *spoken], "Kind": [child, *CHILDREN]})


def expected() -> list[dict[str, object]]:
    found = read(codes())
    assert found.problems == ()
    return [dict(each.record) for each in found.arrivals]


def test_codes_under_names_are_records_with_their_entries_and_notes() -> None:
    first, second = read(codes()).arrivals
    assert (first.id, first.place.sheet, first.place.row) == ("uuid:u-1", "Formular", 2)
    assert first.record["/data/alter"] == "07"
    assert (first.record["/data/sprachen"], first.record["/data/ort"]) == ("ar de", "48.1 -8.5 0 0")
    assert first.record["/data/notiz"] == "=1+1\nZeile"
    assert second.record["/data/notiz"] == " 0012 "
    assert [entry["/data/haus/kind/vorname"] for entry in first.record["/data/haus/kind"]] == ["A", "B"]
    assert second.record["/data/haus/kind"] == [{"/data/haus/kind/vorname": "C", "/data/haus/kind/jahr": "2020"}]
    assert first.ended == dt.datetime(2026, 5, 4, 10, 30, tzinfo=dt.UTC)
    told = ("_uuid", "_validation_status", "_tags", "_index", "_submitted_by")
    assert {name: first.notes[name] for name in told} == {
        "_uuid": "u-1", "_validation_status": "validation_status_approved", "_tags": "neu, alt", "_index": "1",
        "_submitted_by": "maria",
    }  # fmt: skip


def test_labels_under_labels_are_the_same_records() -> None:
    found = read(labels())
    assert found.problems == ()
    assert [dict(each.record) for each in found.arrivals] == expected()


def test_groups_before_the_heads_are_the_same_records() -> None:
    child = ("haus/kind/vorname", "haus/kind/jahr", *CHILD[2:])
    found = read(grids({"Formular": [MAIN, *ROWS], "kind": [child, *CHILDREN]}))
    assert [dict(each.record) for each in found.arrivals] == expected()
    spoken = read(labels(child=("Haus/Kind/Vorname", "Haus/Kind/Jahr", *CHILD[2:])))
    assert [dict(each.record) for each in spoken.arrivals] == expected()


def test_choices_in_columns_of_their_own_only_are_the_same_set() -> None:
    at = MAIN.index("sprachen")
    rows = [(*row[:at], *row[at + 1 :]) for row in (MAIN, *ROWS)]
    found = read(grids({"Formular": rows, "kind": [CHILD, *CHILDREN]}))
    assert found.problems == ()
    assert found.arrivals[0].record["/data/sprachen"] == "de ar"  # in the order of the list
    assert found.arrivals[1].record["/data/sprachen"] == ""


def test_a_csv_with_semicolons_reads_like_the_sheet() -> None:
    text = "\n".join(";".join(f'"{cell}"' for cell in row) for row in (MAIN, *ROWS))
    found = records(
        form(), kobo.rows_of(form(), [grid_of(text_of(text.encode("utf-8-sig"), "k.csv"), "k.csv")]),
        zone="Europe/Berlin", now=THEN, leave_out=(*LEAVE, "probe-kind"),
    )  # fmt: skip
    assert [each.record["/data/notiz"] for each in found.arrivals] == ["=1+1\nZeile", " 0012 "]


def test_a_record_that_was_edited_keeps_its_first_name() -> None:
    rows = [(*MAIN, "meta/rootUuid", "meta/instanceID"), (*ROWS[0], "uuid:first", "uuid:u-1"), (*ROWS[1], "", "")]
    found = read(grids({"Formular": rows, "kind": [CHILD, *CHILDREN]}))
    first, second = found.arrivals
    assert (first.id, first.record["/data/meta/instanceID"]) == ("uuid:first", "uuid:u-1")
    assert (second.id, second.record["/data/meta/instanceID"]) == ("uuid:u-2", "uuid:u-2")
    assert [entry["/data/haus/kind/vorname"] for entry in first.record["/data/haus/kind"]] == ["A", "B"]


def test_what_contradicts_itself_or_belongs_to_nothing_is_named() -> None:
    at = MAIN.index("sprachen/de")
    wrong = (*ROWS[0][:at], "0", *ROWS[0][at + 1 :])
    lost = ("D", "", "4", "Formular", "99", "u-9")
    found = read(grids({"Formular": [MAIN, wrong, ROWS[1]], "kind": [CHILD, *CHILDREN, lost]}))
    assert [(each.code, each.place.sheet, each.place.row) for each in found.problems] == [
        ("import.split_differs", "Formular", 2), ("import.orphan", "kind", 5),
    ]  # fmt: skip
    assert found.arrivals == ()


def test_an_unknown_column_sheet_or_label_is_named_and_nothing_is_taken() -> None:
    more = [(*MAIN, "fremd"), *((*row, "x") for row in ROWS)]
    found = read(grids({"Formular": more, "kind": [CHILD, *CHILDREN], "hund": [("name", *CHILD[2:])]}))
    assert {each.code for each in found.problems} == {"import.unknown_column", "import.unknown_table"}
    assert found.arrivals == ()
    with pytest.raises(DataError):
        read(grids({"Blatt": [("a", "b"), ("1", "2")]}))


def test_a_label_no_choice_has_stays_as_it_is_for_the_check_to_name() -> None:
    spoken = [[SPOKEN.get(cell, cell) if cell != "gu" else "Turnhalle" for cell in row] for row in ROWS]
    found = read(grids({"Formular": [LABELS, *spoken], "Kind": [("Vorname", "Jahr", *CHILD[2:]), *CHILDREN]}))
    assert found.arrivals[0].record["/data/wohnen"] == "Turnhalle"


def test_the_api_gives_the_same_records() -> None:
    results = [
        {"_id": "11", "_uuid": "u-1", "name": "Ayşe", "alter": "07", "wohnen": "gu", "sprachen": "ar de",
         "notiz": "=1+1\nZeile", "ort": "48.1 -8.5 0 0", "meta/instanceID": "uuid:u-1",
         "haus/kind": [{"haus/kind/vorname": "A", "haus/kind/jahr": "2019"}, {"haus/kind/vorname": "B"}]},
        {"_id": "12", "_uuid": "u-2", "name": "Ґанна", "notiz": " 0012 ",
         "haus/kind": [{"haus/kind/vorname": "C", "haus/kind/jahr": "2020"}]},
    ]  # fmt: skip
    found = records(form(), kobo.read_json(form(), results, "k.json"), zone="Europe/Berlin", now=THEN)
    assert [dict(each.record) for each in found.arrivals] == expected()
    strange = kobo.read_json(form(), [{**results[0], "fremd": "x"}], "k.json")
    assert [each.code for each in records(form(), strange, zone="UTC", now=THEN).problems] == ["import.unknown_column"]
    assert KEY in strange.tables["probe"].columns
