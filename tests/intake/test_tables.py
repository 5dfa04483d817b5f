from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake import columnar
from intake.submission import Record, Submission
from intake.tables import tables
from scenario.row_tables import tables_by_row
from scenario.xforms import survey
from validation.errors import DataError
from validation.form import Form
from validation.layout import layout
from validation.schema import check

THEN = dt.datetime(2026, 5, 4, 10, 0, tzinfo=dt.UTC)

FIRST = """
| survey | type | name | label | missing |
|---|---|---|---|---|
| | end | end | | |
| | text | name | Name | |
| | integer | alter | Alter | |
| | decimal | vzae | VZÄ | |
| | date | geboren | Geboren | |
| | select_multiple sprache | sprachen | Sprachen | |
| | text | alt | Altes Feld | |
| | begin_group | haus | Haus | |
| | begin_repeat | kind | Kind | |
| | text | vorname | Vorname | |
| | begin_repeat | impfung | Impfung | |
| | date | am | Am | |
| | end_repeat | | | |
| | end_repeat | | | |
| | end_group | | | |
| choices | list_name | name | label |
|---|---|---|---|
| | sprache | ar | Arabisch |
| | sprache | de | Deutsch |
| settings | form_id | version |
|---|---|---|
| | probe | 1 |
"""
SECOND = FIRST.replace("| | text | alt | Altes Feld | |", "| | text | neu | Neues Feld | |").replace(
    "| | probe | 1 |", "| | probe | 2 |"
)


@cache
def form(text: str = FIRST) -> Form:
    return survey(text)


def sent(number: int, record: Record, *, version: str = "1", received: dt.datetime | None = THEN) -> Submission:
    return Submission(
        id=f"uuid:{number}",
        form_id="probe",
        form_version=version,
        form_hash="h",
        municipality="08235007",
        subject="P-000001",
        record=record,
        started=THEN,
        ended=THEN,
        author="a",
        received=received,
    )


FULL: Record = {
    "/data/@id": "probe",
    "/data/end": "2026-05-04T12:00:00.000+02:00",
    "/data/name": "Ayşe 🏠\nZeile",
    "/data/alter": "007",
    "/data/vzae": "0.75",
    "/data/geboren": "1980-02-29",
    "/data/sprachen": "ar de",
    "/data/alt": "",
    "/data/haus/kind": [
        {"/data/haus/kind/vorname": "A", "/data/haus/kind/impfung": [{"/data/haus/kind/impfung/am": "2020-01-01"}]},
        {"/data/haus/kind/vorname": "B", "/data/haus/kind/impfung": [{"/data/haus/kind/impfung/am": ""},
                                                                      {"/data/haus/kind/impfung/am": "2021-01-01"}]},
    ],
    "/data/meta/instanceID": "uuid:1",
    "/data/meta/deprecatedID": "uuid:0",
}  # fmt: skip

DTYPES = {
    "probe": {
        "KEY": "string",
        "_version": "string",
        "_municipality": "string",
        "_subject": "string",
        "_received": "datetime64[us, UTC]",
        "end": "datetime64[us, UTC]",
        "name": "string",
        "alter": "Int64",
        "vzae": "Float64",
        "geboren": "datetime64[us]",
        "sprachen": "string",
        "alt": "string",
    },
    "probe-kind": {"KEY": "string", "PARENT_KEY": "string", "vorname": "string"},
    "probe-impfung": {"KEY": "string", "PARENT_KEY": "string", "am": "datetime64[us]"},
}


@pytest.mark.parametrize("submissions", [[], [sent(1, FULL)], [sent(1, {}), sent(2, FULL)]])
def test_every_table_is_there_with_its_columns_and_types_whatever_it_holds(submissions: list[Submission]) -> None:
    made = tables(form(), submissions)
    assert {
        name: {column: str(kind) for column, kind in frame.dtypes.items()} for name, frame in made.items()
    } == DTYPES
    assert len(made["probe"]) == len(submissions)


def test_values_and_the_envelope() -> None:
    (row,) = tables(form(), [sent(1, FULL)])["probe"].to_dict("records")
    assert row["KEY"] == "uuid:1"
    assert (row["_version"], row["_municipality"], row["_subject"]) == ("1", "08235007", "P-000001")
    assert row["_received"] == pd.Timestamp(THEN)
    assert row["end"] == pd.Timestamp("2026-05-04T10:00:00Z")
    assert row["name"] == "Ayşe 🏠\nZeile"
    assert (row["alter"], row["vzae"], row["sprachen"]) == (7, 0.75, "ar de")
    assert row["geboren"] == pd.Timestamp("1980-02-29")
    assert pd.isna(row["alt"])


def test_repeats_point_to_what_holds_them() -> None:
    made = tables(form(), [sent(1, FULL), sent(2, {"/data/haus/kind": FULL["/data/haus/kind"]})])
    assert made["probe-kind"].to_numpy().tolist()[:2] == [
        ["uuid:1/haus/kind[1]", "uuid:1", "A"],
        ["uuid:1/haus/kind[2]", "uuid:1", "B"],
    ]
    assert made["probe-kind"]["PARENT_KEY"].tolist()[2:] == ["uuid:2", "uuid:2"]
    assert made["probe-impfung"][["KEY", "PARENT_KEY"]].to_numpy().tolist()[:3] == [
        ["uuid:1/haus/kind[1]/impfung[1]", "uuid:1/haus/kind[1]"],
        ["uuid:1/haus/kind[2]/impfung[1]", "uuid:1/haus/kind[2]"],
        ["uuid:1/haus/kind[2]/impfung[2]", "uuid:1/haus/kind[2]"],
    ]
    assert made["probe-impfung"]["KEY"].is_unique


def test_a_record_not_yet_received_has_no_time_of_receipt() -> None:
    assert tables(form(), [sent(1, {}, received=None)])["probe"]["_received"].isna().all()


def test_a_time_without_offset_is_of_the_studys_zone() -> None:
    record: Record = {"/data/end": "2026-01-04T12:00:00.000"}
    assert tables(form(), [sent(1, record)])["probe"]["end"].iloc[0] == pd.Timestamp("2026-01-04T11:00:00Z")
    assert tables(form(), [sent(1, record)], zone="UTC")["probe"]["end"].iloc[0] == pd.Timestamp("2026-01-04T12:00:00Z")


@pytest.mark.parametrize(
    ("name", "text"),
    [("alter", "sieben"), ("alter", "1.5"), ("vzae", "0,75"), ("geboren", "2021-02-29"), ("end", "gestern")],
)
def test_an_ill_typed_text_keeps_its_column_as_text_and_the_check_names_the_record(name: str, text: str) -> None:
    made = tables(form(), [sent(1, FULL), sent(2, {**FULL, f"/data/{name}": text})])
    assert str(made["probe"][name].dtype) == "string"
    assert made["probe"][name].tolist() == [FULL[f"/data/{name}"], text]
    found = check(form(), made, default_now=THEN).failures
    assert found[["key", "column", "rule"]].to_numpy().tolist() == [["uuid:2", name, "type"]]


@pytest.mark.parametrize(
    "record",
    [
        {"/data/fremd": "x"},
        {"/data/haus/keller/tiefe": "x"},
        {"/data/name": [{"/data/name": "A"}, {"/data/name": "B"}]},
        {"/data/name/node()": "<name>A <b>B</b></name>"},
        {"fremd": "x"},
    ],
)
def test_an_answer_to_no_question_is_kept_and_reported(record: Record) -> None:
    made = tables(form(), [sent(1, FULL), sent(2, record)])
    more = [name for name in made["probe"].columns if name not in DTYPES["probe"]]
    if more:
        assert len(more) == 1
        assert made["probe"][more[0]].notna().tolist() == [False, True]
        assert (check(form(), made, default_now=THEN).failures["rule"] == "unknown_column").any()
    else:
        assert made["probe"]["name"].iloc[1].count("/data/name") == 2


def test_names_that_meet_are_told_apart() -> None:
    text = """
    | survey | type | name | label |
    |---|---|---|---|
    | | text | KEY | Schlüssel |
    | | text | a-b | Flach |
    | | begin_group | a | Gruppe |
    | | text | b | Tief |
    | | end_group | | |
    | settings | form_id |
    |---|---|
    | | probe |
    """
    record: Record = {"/data/KEY": "k", "/data/a-b": "flach", "/data/a/b": "tief", "/data/_version": "fremd"}
    row = tables(survey(text), [sent(1, record)])["probe"].iloc[0]
    assert (row["KEY"], row["KEY_2"], row["_version"], row["_version_2"]) == ("uuid:1", "k", "1", "fremd")
    assert (row["a-b"], row["a-b_2"]) == ("flach", "tief")


def test_attributes_order_and_bookkeeping_are_no_answers() -> None:
    record: Record = {
        "/data/@xmlns": "x",
        "/data/haus/@a": "b",
        "/data/{http://openrosa.org/xforms}meta/{http://openrosa.org/xforms}instanceID": "uuid:1",
        "/data/order()": "name end",
        "/data/haus": "",
    }
    assert list(tables(form(), [sent(1, record)])["probe"].columns) == list(DTYPES["probe"])


# --- versions


def test_versions_merge_by_nodeset_the_newest_first() -> None:
    records = [sent(1, {"/data/alt": "a", "/data/name": "x"}), sent(2, {"/data/neu": "n"}, version="2")]
    made = tables(form(SECOND), records, earlier=[form()])["probe"]
    questions = [
        name for name in made.columns if name not in ("KEY", "_version", "_municipality", "_subject", "_received")
    ]
    assert questions == ["end", "name", "alter", "vzae", "geboren", "sprachen", "neu", "alt"]
    assert made["alt"].fillna("").tolist() == ["a", ""]
    assert made["neu"].fillna("").tolist() == ["", "n"]
    assert made["_version"].tolist() == ["1", "2"]


def test_a_repeat_that_only_an_earlier_version_had_keeps_its_table() -> None:
    start, end = FIRST.index("| | begin_group"), FIRST.index("| choices")
    without = survey(FIRST[:start] + FIRST[end:])
    made = tables(without, [sent(1, FULL)], earlier=[form()])
    assert len(made["probe-kind"]) == 2
    assert len(made["probe-impfung"]) == 3


def test_a_repeat_that_moved_has_a_table_for_each_place() -> None:
    moved = survey(FIRST.replace("| begin_group | haus | Haus |", "| begin_group | heim | Heim |"))
    new: Record = {"/data/heim/kind": [{"/data/heim/kind/vorname": "C"}]}
    made = tables(moved, [sent(1, FULL), sent(2, new)], earlier=[form()])
    assert made["probe-kind"]["vorname"].tolist() == ["C"]
    assert made["probe-data-haus-kind"]["vorname"].tolist() == ["A", "B"]


def test_a_submission_of_another_form_is_refused() -> None:
    other = survey(FIRST.replace("| | probe | 1 |", "| | anders | 1 |"))
    with pytest.raises(DataError, match="anders"):
        tables(other, [sent(1, {})])


# --- law

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)


@settings(deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "name": texts,
                "alter": st.one_of(st.just(None), st.integers(-(2**31), 2**31 - 1)),
                "geboren": st.one_of(st.just(None), st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1))),
                "vzae": st.one_of(st.just(None), st.decimals(-1000, 1000, places=2)),
            },
        ),
        max_size=5,
    )
)
def test_every_answer_arrives_and_nothing_else(rows: list[Mapping[str, object]]) -> None:
    records: list[Record] = [
        {f"/data/{name}": "" if value is None else str(value) for name, value in row.items()} for row in rows
    ]
    made = tables(form(), [sent(number, record) for number, record in enumerate(records)])["probe"]
    assert made["KEY"].tolist() == [f"uuid:{number}" for number in range(len(rows))]
    for at, row in enumerate(rows):
        for column in (column.name for column in layout(form())["probe"].columns):
            got, wanted = made[column].iloc[at], row.get(column)
            if wanted is None or wanted == "":
                assert pd.isna(got)
            elif isinstance(wanted, dt.date):
                assert got == pd.Timestamp(wanted)
            elif column == "vzae":
                assert got == float(str(wanted))
            else:
                assert got == wanted


ANSWERS: Mapping[str, st.SearchStrategy[str]] = {
    "name": texts,
    "alter": st.one_of(st.integers(-(2**31), 2**31 - 1).map(str), st.sampled_from(["007", "+5", "sieben", "1.5"])),
    "vzae": st.one_of(st.decimals(-1000, 1000, places=2).map(str), st.sampled_from([".5", "1e3", "0,75", "-0"])),
    "geboren": st.one_of(st.dates().map(str), st.sampled_from(["2021-02-29", "gestern"])),
    "sprachen": st.sampled_from(["ar", "ar de", "  ar"]),
    "end": st.one_of(
        st.datetimes().map(lambda moment: moment.isoformat()),
        st.sampled_from(["2026-03-29T02:30:00", "2026-05-04T12:00:00.123456789+02", "heute"]),
    ),
}
"""What may stand under a question: mostly of its type."""

entries = st.lists(st.fixed_dictionaries({}, optional={"/data/haus/kind/impfung/am": ANSWERS["geboren"]}), max_size=3)
children = st.lists(
    st.fixed_dictionaries({}, optional={
        "/data/haus/kind/vorname": texts,
        "/data/haus/kind/@id": texts,
        "/data/haus/kind/fremd": texts,
        "/data/haus/kind/impfung": st.one_of(entries, texts),
    }),
    max_size=3,
)  # fmt: skip
records = st.fixed_dictionaries({}, optional={
    **{f"/data/{name}": st.one_of(st.just(""), answers) for name, answers in ANSWERS.items()},
    "/data/haus/kind": st.one_of(children, texts),
    "/data/alt": st.lists(st.fixed_dictionaries({"/data/alt": texts}), max_size=2),
    "/data/fremd": texts,
    "/data/meta/instanceName": texts,
    "/data/meta/instanceID": texts,
})  # fmt: skip


@settings(deadline=None)
@given(st.lists(records, max_size=6))
def test_tables_are_those_made_cell_by_cell(given_records: list[Record]) -> None:
    submissions = [sent(number, record) for number, record in enumerate(given_records)]
    made, wanted = tables(form(), submissions), tables_by_row(form(), submissions)
    assert list(made) == list(wanted)
    for name, frame in made.items():
        pd.testing.assert_frame_equal(frame, wanted[name])


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_that_has_no_utc_stays_text(text: str) -> None:
    assert tables(form(), [sent(1, {"/data/end": text})])["probe"]["end"].tolist() == [text]


def test_more_records_than_are_gathered_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    submissions = [sent(number, FULL if number % 3 else {"/data/fremd": str(number)}) for number in range(23)]
    whole = tables(form(), submissions)
    monkeypatch.setattr(columnar, "_FLUSH", 5)
    for name, frame in tables(form(), submissions).items():
        pd.testing.assert_frame_equal(frame, whole[name])
