"""intake.exchange.rebuilt: tables of texts back to records, and what is named instead of dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from intake.exchange.extract import extract_submissions
from intake.exchange.rebuilt import Rebuilt, Rows, records
from intake.how import how_of
from intake.submission import Record
from intake.xlsform import read_xlsform
from scenario import told
from scenario.exchanged import FULL, THEN, form, sent
from scenario.workbooks import markdown
from validation.layout import KEY, PARENT_KEY

Tables = dict[str, pd.DataFrame]

LAYERED = """
| survey | type | name | label | relevant | required | calculation |
|---|---|---|---|---|---|---|
| | text | art | Art | | | |
| | begin_group | haus | Haus | ${art} = 'haus' | | |
| | text | strasse | Straße | | | |
| | text | ort | Ort | ${strasse} != '' | | |
| | end_group | | | | | |
| | begin_repeat | kind | Kind | ${art} != 'leer' | | |
| | text | vorname | Vorname | | | |
| | begin_repeat | buch | Buch | ../vorname != '' | | |
| | text | titel | Titel | | | |
| | end_repeat | | | | | |
| | end_repeat | | | | | |
| | note | hinweis | Danke | | | |
| settings | form_id | version |
|---|---|---|
| | lagen | 3 |
"""


def tables(*wanted: Record) -> Tables:
    submissions = [sent(number, record) for number, record in enumerate(wanted, start=1)]
    made = extract_submissions(form(), submissions).texts()
    return {name: frame.set_axis(range(2, len(frame) + 2)) for name, frame in made.items()}


def read(found: Tables, **more: Any) -> Rebuilt:
    return records(form(), Rows(found), zone="Europe/Berlin", now=THEN, **more)


def codes(found: Rebuilt) -> list[tuple[str, int, str]]:
    assert found.problems == () or found.arrivals == ()  # nothing of it is taken
    return [(each.code, each.place.row, each.place.column) for each in found.problems]


def test_what_no_rule_asks_for_is_left_out_and_what_is_asked_and_empty_stays(tmp_path_factory: Any) -> None:
    lagen = read_xlsform(markdown(tmp_path_factory.mktemp("form"), LAYERED))
    root = pd.DataFrame({
        KEY: ["uuid:1", "uuid:2", "uuid:3"], "art": ["haus", "", "leer"], "haus-strasse": ["", "", "Weg"],
        "haus-ort": ["", "", ""],
    })  # fmt: skip
    kinder = pd.DataFrame({KEY: ["k2", "k1"], PARENT_KEY: ["uuid:2", "uuid:2"], "vorname": ["", "B"]})
    books = pd.DataFrame({KEY: ["b1"], PARENT_KEY: ["k1"], "titel": ["Momo"]})
    found = records(
        lagen, Rows({"lagen": root, "lagen-kind": kinder, "lagen-buch": books}), zone="UTC", now=THEN
    )  # fmt: skip
    assert found.problems == ()
    head = {"/data/@id": "lagen", "/data/@version": "3"}
    note = {"/data/hinweis": ""}
    assert [dict(each.record) for each in found.arrivals] == [
        {**head, **note, "/data/art": "haus", "/data/haus/strasse": "", "/data/meta/instanceID": "uuid:1"},
        {**head, **note, "/data/art": "", "/data/meta/instanceID": "uuid:2", "/data/kind": [
            {"/data/kind/vorname": ""},
            {"/data/kind/vorname": "B", "/data/kind/buch": [{"/data/kind/buch/titel": "Momo"}]},
        ]},
        # an answer stays also where the form would not ask: the check names it
        {**head, **note, "/data/art": "leer", "/data/haus/strasse": "Weg", "/data/meta/instanceID": "uuid:3"},
    ]  # fmt: skip


def test_entries_stand_in_the_order_their_keys_say() -> None:
    found = tables(FULL)
    found["probe-kind"] = found["probe-kind"].iloc[::-1]
    (arrival,) = read(found).arrivals
    assert [each.get("/data/haus/kind/vorname") for each in arrival.record["/data/haus/kind"]] == ["A", 'B, "b"']  # type: ignore[union-attr]


def test_texts_are_never_changed() -> None:
    (arrival,) = read(tables({**FULL, "/data/alter": "sieben", "/data/geboren": "29.2.1980"})).arrivals
    assert (arrival.record["/data/alter"], arrival.record["/data/geboren"]) == ("sieben", "29.2.1980")


def _unknown(found: Tables) -> None:
    found["probe"]["fremd"] = "x"


def _lost(found: Tables) -> None:
    del found["probe"]["alter"]


def _table(found: Tables) -> None:
    found["probe-hund"] = found["probe-kind"]


def _no_table(found: Tables) -> None:
    del found["probe-kind"]


def _no_key(found: Tables) -> None:
    found["probe"][KEY] = ""


def _orphan(found: Tables) -> None:
    found["probe-kind"][PARENT_KEY] = ["uuid:1", "uuid:9"]


def _same(found: Tables) -> None:
    found["probe-kind"][KEY] = "k"


def _control(found: Tables) -> None:
    found["probe"]["notiz"] = "a\x07"


def test_a_word_that_is_none_for_how_or_stands_beside_no_answer_is_named() -> None:
    (first, *_) = told.lives(3)
    made = extract_submissions(told.form(), [first]).texts()

    def read_with(**cells: str) -> Rebuilt:
        root = made["verlauf"].assign(**cells).set_axis([2])
        return records(told.form(), Rows(made | {"verlauf": root}), zone="UTC", now=THEN)

    assert codes(read_with(deutsch="b1", deutsch__how="bestens", kurse="", kurse__how="new")) == [
        ("import.how_unknown", 2, "deutsch__how"), ("import.how_alone", 2, "kurse__how"),
    ]  # fmt: skip
    goals = pd.concat([made["verlauf-ziel"].iloc[:1]] * 2, ignore_index=True).assign(KEY=["a", "b"])
    twice = records(told.form(), Rows(made | {"verlauf-ziel": goals}, sheets={}), zone="UTC", now=THEN)
    assert ("import.same_id", 1, "_entity") in codes(twice)
    [arrival] = read_with(deutsch="b1", deutsch__how="new").arrivals
    assert how_of(arrival.record, told.form()) == {"/data/deutsch": "new"}
    [other] = read_with(deutsch="", deutsch__how="").arrivals
    assert how_of(other.record, told.form()) == {}


@pytest.mark.parametrize(
    ("break_it", "expected"),
    [
        (_unknown, [("import.unknown_column", 0, "fremd")]),
        (_lost, [("import.missing_column", 0, "alter")]),
        (_table, [("import.unknown_table", 0, "")]),
        (_no_table, [("import.missing_table", 0, "")]),
        (_no_key, [("import.no_key", 2, KEY), ("import.orphan", 2, PARENT_KEY), ("import.orphan", 3, PARENT_KEY)]),
        (_orphan, [("import.orphan", 3, PARENT_KEY)]),
        (_same, [("import.same_key", 3, KEY)]),
        (_control, [("import.not_text", 2, "notiz")]),
    ],
)
def test_what_does_not_fit_is_named_by_table_row_and_column(
    break_it: Callable[[Tables], None], expected: list[tuple[str, int, str]]
) -> None:
    found = tables(FULL)
    break_it(found)
    assert codes(read(found)) == expected


def test_a_person_may_leave_out_and_keep() -> None:
    found = tables(FULL)
    _unknown(found)
    found["probe"]["mein Feld"] = "y"
    assert codes(read(found, keep=("fremd", "mein Feld"))) == [("import.not_a_name", 0, "mein Feld")]
    (kept,) = read(found, keep=("fremd",), leave_out=("mein Feld",)).arrivals
    assert kept.record["/data/fremd"] == "x"
    (without,) = read(found, leave_out=("fremd", "mein Feld", "alter", "probe-kind")).arrivals
    assert "/data/fremd" not in without.record
    assert (without.record["/data/alter"], "/data/haus/kind" in without.record) == ("", False)


def test_metadata_of_an_edit_comes_back() -> None:
    found = tables(FULL)
    found["probe"]["meta-instanceID"] = "uuid:later"
    found["probe"]["meta-deprecatedID"] = "uuid:1"
    (arrival,) = read(found).arrivals
    assert arrival.id == "uuid:1"
    assert arrival.record["/data/meta/instanceID"] == "uuid:later"
    assert [value for key, value in arrival.record.items() if key.endswith("deprecatedID")] == ["uuid:1"]
