from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from scenario.xforms import COUNTED, survey
from validation.errors import FormError, UsageError
from validation.rows import masks

FORM = survey("""
| survey | type | name | label | required | relevant | constraint | calculation |
|---|---|---|---|---|---|---|---|
| | integer | alter | Alter | yes | | . < 120 | |
| | text | beruf | Beruf | | ${alter} > 14 | | |
| | begin_repeat | kind | Kind | | ${alter} > 17 | | |
| | dateTime | wann | Wann | yes | | . < now() | |
| | end_repeat | | | | | | |
| | calculate | doppelt | | | | | ${alter} * 2 |
| settings | form_id |
|---|---|
| | probe |
""")
NOW = dt.datetime(2026, 5, 4, 12, 0, tzinfo=dt.UTC)


def root(*rows: tuple[object, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["KEY", "alter", "beruf"])
    return frame.astype({"KEY": "string", "alter": "Int64", "beruf": "string"})


def kinds(*rows: tuple[object, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["KEY", "PARENT_KEY", "wann"])
    return frame.astype({"KEY": "string", "PARENT_KEY": "string", "wann": "datetime64[us, UTC]"})


def found(tables: dict[str, pd.DataFrame]) -> dict[tuple[str, str, str], list[bool]]:
    made = masks(FORM, tables, default_now=NOW, zone="Europe/Berlin")
    return {(table, *pair): mask.tolist() for table, verdicts in made.bad.items() for pair, mask in verdicts.items()}


def test_a_mask_is_by_position_and_only_where_something_is_wrong() -> None:
    frame = root(("uuid:1", 40, None), ("uuid:2", None, None), ("uuid:3", 130, None), ("uuid:4", 10, "Koch"))
    frame.index = pd.Index([9, 9, 7, 3])  # whatever the index says
    assert found({"probe": frame}) == {
        ("probe", "alter", "required"): [False, True, False, False],
        ("probe", "alter", "constraint"): [False, False, True, False],
        ("probe", "beruf", "relevant"): [False, False, False, True],
    }


def test_entries_are_judged_within_their_record() -> None:
    late, early = NOW + dt.timedelta(hours=1), NOW - dt.timedelta(hours=1)
    tables = {
        "probe": root(("uuid:1", 40, None), ("uuid:2", 10, None)),
        "probe-kind": kinds(
            ("uuid:2/kind[1]", "uuid:2", early),  # the repeat is not asked
            ("uuid:1/kind[1]", "uuid:1", late),
            ("uuid:1/kind[2]", "uuid:1", None),
            ("uuid:9/kind[1]", "uuid:9", late),  # nobody's: judged by nothing
        ),
    }
    assert found(tables) == {
        ("probe-kind", "wann", "relevant"): [True, False, False, False],
        ("probe-kind", "wann", "constraint"): [False, True, False, False],
        ("probe-kind", "wann", "required"): [False, False, True, False],
    }
    made = masks(FORM, tables, default_now=NOW, zone="Europe/Berlin")
    assert made.orphans["probe-kind"].tolist() == [False, False, False, True]


def test_two_records_of_one_key_are_judged_one_by_one() -> None:
    tables = {"probe": root(("uuid:1", 40, None), ("uuid:1", 130, None))}
    assert found(tables) == {("probe", "alter", "constraint"): [False, True]}


def test_columns_and_tables_that_are_missing_read_as_unanswered_and_get_no_mask() -> None:
    frame = root(("uuid:1", 40, None))
    assert found({}) == {}
    assert found({"probe-kind": kinds()}) == {}
    assert found({"probe": frame.drop(columns="alter")}) == {}
    assert found({"probe": frame.drop(columns="KEY")}) == {}


def test_without_a_time_a_form_that_asks_for_it_is_refused() -> None:
    with pytest.raises(UsageError, match="probe"):
        masks(FORM, {"probe": root(("uuid:1", 40, None))}, zone="Europe/Berlin")


def test_an_external_list_is_passed_on_and_missed() -> None:
    of = survey("""
    | survey | type | name | label |
    |---|---|---|---|
    | | select_one_from_file orte.csv | ort | Ort |
    | settings | form_id |
    |---|---|
    | | probe |
    """)
    frame = pd.DataFrame({"KEY": ["uuid:1", "uuid:2"], "ort": ["CW", "XX"]}, dtype="string")
    instances = {"orte.csv": "name,label\nCW,Calw\n"}
    made = masks(of, {"probe": frame}, zone="Europe/Berlin", instances=instances)
    assert {pair: mask.tolist() for pair, mask in made.bad["probe"].items()} == {("ort", "choice"): [False, True]}
    with pytest.raises(FormError, match="orte"):
        masks(of, {"probe": frame}, zone="Europe/Berlin")


def test_a_choice_filter_may_ask_for_the_time() -> None:
    of = survey("""
    | survey | type | name | label | choice_filter |
    |---|---|---|---|---|
    | | select_one art | art | Art | bis > format-date(today(), '%Y') |
    | choices | list_name | name | label | bis |
    |---|---|---|---|---|
    | | art | alt | Alt | 2020 |
    | | art | neu | Neu | 2030 |
    | settings | form_id |
    |---|---|
    | | probe |
    """)
    frame = pd.DataFrame({"KEY": ["uuid:1", "uuid:2"], "art": ["alt", "neu"]}, dtype="string")
    with pytest.raises(UsageError):
        masks(of, {"probe": frame}, zone="Europe/Berlin")
    made = masks(of, {"probe": frame}, default_now=NOW, zone="Europe/Berlin")
    assert made.bad["probe"]["art", "choice"].tolist() == [True, False]


def test_nothing_that_is_given_is_changed() -> None:
    frame = root(("uuid:1", 40, "Koch"))
    before = frame.copy()
    found({"probe": frame})
    pd.testing.assert_frame_equal(frame, before)


def test_each_record_is_judged_at_the_time_given_for_it() -> None:
    tables = {
        "probe": root(("uuid:1", 40, None), ("uuid:2", 40, None)),
        "probe-kind": kinds(("uuid:1/kind[1]", "uuid:1", NOW), ("uuid:2/kind[1]", "uuid:2", NOW)),
    }
    times = {"uuid:1": NOW + dt.timedelta(hours=1), "uuid:2": (NOW - dt.timedelta(hours=1)).replace(tzinfo=None)}
    made = masks(FORM, tables, default_now=times, zone="UTC")
    assert made.bad["probe-kind"]["wann", "constraint"].tolist() == [False, True]
    with pytest.raises(UsageError):
        masks(FORM, tables, default_now={"uuid:1": NOW}, zone="UTC")


def test_the_end_of_an_interview_is_its_time_even_without_a_zone() -> None:
    of = survey("""
    | survey | type | name | label | constraint |
    |---|---|---|---|---|
    | | end | end | | |
    | | date | am | Am | . < now() |
    | settings | form_id |
    |---|---|
    | | probe |
    """)
    frame = pd.DataFrame({"KEY": ["uuid:1", "uuid:2", "uuid:3"], "end": ["2026-05-04T10:00:00", "2026-05-06", "nie"]})
    frame = frame.astype("string").assign(am=pd.to_datetime(["2026-05-05"] * 3).as_unit("us"))
    made = masks(of, {"probe": frame}, default_now=NOW, zone="Europe/Berlin")
    assert made.bad["probe"]["am", "constraint"].tolist() == [True, False, True]


def test_an_answer_that_a_filter_takes_away_is_a_choice_that_is_not_offered() -> None:
    of = survey("""
    | survey | type | name | label | choice_filter |
    |---|---|---|---|---|
    | | text | land | Land | |
    | | select_one ort | ort | Ort | land = ${land} |
    | | select_multiple ort | orte | Orte | land = ${land} |
    | choices | list_name | name | label | land |
    |---|---|---|---|---|
    | | ort | cw | Calw | bw |
    | | ort | mu | München | by |
    | settings | form_id |
    |---|---|
    | | probe |
    """)
    values = {"KEY": ["uuid:1", "uuid:2"], "land": ["bw", "by"], "ort": ["cw", "cw"], "orte": ["cw", "mu"]}
    made = masks(of, {"probe": pd.DataFrame(values, dtype="string")}, default_now=NOW, zone="Europe/Berlin")
    verdicts = {pair: mask.tolist() for pair, mask in made.bad["probe"].items()}
    assert verdicts == {("ort", "choice"): [False, True]}


def test_entries_beyond_what_the_form_counts_are_answers_where_none_belong() -> None:
    tables = {
        "probe": pd.DataFrame({"KEY": ["uuid:1", "uuid:2"], "n": [1, 2]}).astype({"KEY": "string", "n": "Int64"}),
        "probe-kind": pd.DataFrame(
            {"KEY": list("abcd"), "PARENT_KEY": ["uuid:1", "uuid:1", "uuid:1", "uuid:2"], "a": [None, "x", None, "x"]},
            dtype="string",
        ),
    }
    made = masks(survey(COUNTED), tables, zone="Europe/Berlin")
    assert {pair: mask.tolist() for pair, mask in made.bad["probe-kind"].items()} == {
        ("a", "relevant"): [False, True, False, False],
        ("a", "required"): [True, False, False, False],
    }


def test_a_year_that_no_calendar_has_is_an_ill_typed_date() -> None:
    of = survey("| survey | type | name | label |\n| | date | am | Am |\n| settings | form_id |\n| | probe |")
    days = pd.Series(np.array(["0000-01-01", "2026-05-04", "9999-12-31", "31000-01-01"], dtype="datetime64[us]"))
    frame = pd.DataFrame({"KEY": pd.Series(list("abcd"), dtype="string"), "am": days})
    made = masks(of, {"probe": frame}, zone="Europe/Berlin")
    assert {pair: mask.tolist() for pair, mask in made.bad["probe"].items()} == {
        ("am", "type"): [True, False, False, True],
    }
