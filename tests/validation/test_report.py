from __future__ import annotations

import random

import pandas as pd

from scenario.contract_tables import GOOD, broken, form, frames, tables
from scenario.xforms import survey
from validation.schema import check, in_order, judged

# --- the report


def test_every_failure_knows_its_row_and_what_many_share_is_a_category() -> None:
    rows = [{**GOOD, "KEY": f"uuid:{at}", "alter": 500 if at % 3 else 40, "name": None} for at in range(3000)]
    given_tables = frames({"probe": rows}) | {"probe-fremd": pd.DataFrame()}
    report = check(form(), given_tables)
    failures = report.failures
    assert len(failures) == 1 + 3000 + 2000
    assert len(report.rows) == len(failures)
    assert (failures.dtypes.drop("key") == "category").all()
    root = failures["table"] == "probe"
    assert failures["key"][root].tolist() == [f"uuid:{at}" for at in report.rows[root]]
    assert report.rows[0] == -1
    assert failures["rule"].unique().tolist() == ["unknown_table", "required", "constraint"]
    assert failures.memory_usage(deep=True).drop("key").sum() < 12 * len(failures) + 10_000


def test_failures_have_one_order_however_they_come() -> None:
    given_tables = broken("things") | {"probe-fremd": pd.DataFrame(), "probe-anders": pd.DataFrame()}
    given_tables["probe"] = given_tables["probe"].assign(neu="x", alter=pd.Series([500, 500], dtype="Int64"), zusatz=1)
    report = check(form(), given_tables)
    assert len(report.failures) == 8
    for seed in range(5):
        mixed = random.Random(seed).sample(range(8), 8)
        parts = [report.failures.iloc[[at]].astype("string") for at in mixed]
        failures, rows = in_order(form(), pd.concat(parts, ignore_index=True), report.rows[mixed])
        pd.testing.assert_frame_equal(failures, report.failures)
        assert rows.tolist() == report.rows.tolist()


def test_good_rows_are_those_of_the_tables_and_can_be_changed() -> None:
    given_tables = tables({"alter": 500})
    report = check(form(), given_tables)
    assert list(report.ok) == list(given_tables)
    assert report.ok["probe"]["KEY"].tolist() == ["uuid:1"]
    good = report.ok["probe-kind"]
    good.loc[0, "vorname"] = "anders"
    assert given_tables["probe-kind"]["vorname"].tolist() == ["B", "B"]
    assert report.ok["probe-kind"]["vorname"].tolist() == ["B", "B"]


def test_what_was_judged_row_by_row_is_told() -> None:
    of = survey("""
    | survey | type | name | label | constraint |
    |---|---|---|---|---|
    | | text | a | A | . = digest(id('x'), 'MD5') |
    | settings | form_id |
    |---|---|
    | | probe |
    """)
    report = check(of, frames({"probe": [{"KEY": "uuid:1", "a": "x"}]}, of))
    assert report.fallbacks == judged(of, frames({"probe": [{"KEY": "uuid:1", "a": "x"}]}, of)).fallbacks
    assert report.fallbacks[0].nodeset == "/data/a"
    assert check(form(), tables()).fallbacks == ()
