"""The parts say together what the whole says, however the tables are cut, and whatever is wrong with them."""

from __future__ import annotations

import pickle
import random
from functools import cache

import numpy as np
import pandas as pd
import pytest

from intake.partitions import cut, faults_of, merged, together
from scenario.random_tables import NOW, RandomTables
from scenario.same_report import assert_same
from scenario.xforms import survey
from validation.form import Form
from validation.layout import KEY, PARENT_KEY
from validation.report import Report
from validation.rows import Fallback
from validation.schema import check

HOUSES = """
| survey | type | name | label | required | relevant | constraint | calculation |
|---|---|---|---|---|---|---|---|
| | integer | rooms | Rooms | yes | | . < 20 and . >= count(${house}) | |
| | date | moved | Moved | | ${rooms} > 1 | . <= today() | |
| | begin_repeat | house | House | | | | |
| | text | street | Street | yes | | string-length(.) < 8 | |
| | select_one kind | kind | Kind | | ${rooms} > 0 | | |
| | begin_repeat | flat | Flat | | | | |
| | decimal | size | Size | yes | ${kind} = 'a' | . > 0 and count(${person}) < 3 | |
| | begin_repeat | person | Person | | | | |
| | integer | age | Age | | | . <= 120 and . >= position(..) | |
| | end_repeat | | | | | | |
| | end_repeat | | | | | | |
| | end_repeat | | | | | | |

| choices | list_name | name | label |
|---|---|---|---|
| | kind | a | A |
| | kind | b | B |
"""


@cache
def drawn() -> RandomTables:
    return RandomTables(survey(HOUSES))


def in_parts(form: Form, tables: dict[str, pd.DataFrame], rows: int) -> tuple[Report, int]:
    """The report of the parts of so many rows, each judged alone, and how many there were."""
    parts = cut(form, tables, rows)
    reports = [check(form, part.of(tables), default_now=NOW) for part in parts]
    sent = pickle.loads(pickle.dumps([faults_of(report) for report in reports]))  # as it comes back from a worker
    fallbacks = together(report.fallbacks for report in reports)
    return merged(form, tables, list(zip(parts, sent, strict=True)), fallbacks=fallbacks), len(parts)


def parts_agree(seed: int) -> None:
    rng = random.Random(seed)
    tables = drawn().draw(rng, rng.choice([0, 1, 5, 20]), wild=seed % 3 > 0)
    whole = check(drawn().form, tables, default_now=NOW)
    for rows in (rng.randint(1, 10), 20):
        assert_same(in_parts(drawn().form, tables, rows)[0], whole)


@pytest.mark.parametrize("seed", [5, 9, 23])
def test_parts_of_any_size_give_the_report_of_the_whole(seed: int) -> None:
    parts_agree(seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(24, 324))
def test_parts_of_three_hundred_tables_give_the_report_of_the_whole(seed: int) -> None:
    parts_agree(seed)


def test_a_record_stays_whole_and_parts_follow_the_order_of_the_records() -> None:
    tables = drawn().draw(random.Random(1), 40, wild=False)
    root, house, flat, person = tables
    parts = cut(drawn().form, tables, 10)
    assert len(parts) > 5
    for name in tables:
        np.testing.assert_array_equal(
            np.sort(np.concatenate([part.places[name] for part in parts])), np.arange(len(tables[name]))
        )
    order = np.concatenate([part.places[root] for part in parts])
    np.testing.assert_array_equal(order, np.arange(40))
    for part in parts:
        mine = part.of(tables)
        for above, below in ((root, house), (house, flat), (flat, person)):
            assert set(mine[below][PARENT_KEY]) <= set(mine[above][KEY])
        assert part.rows == sum(map(len, mine.values()))


def test_what_is_there_twice_is_found_wherever_it_stands() -> None:
    tables = drawn().draw(random.Random(2), 40, wild=False)
    root, house, *_ = tables
    tables[root] = pd.concat([tables[root], tables[root].iloc[:1]], ignore_index=True)
    of_another = tables[house][tables[house][PARENT_KEY] == "uuid:30"].iloc[:1]
    assert len(of_another) == 1
    tables[house].loc[tables[house].index[0], KEY] = of_another[KEY].iloc[0]
    report, parts = in_parts(drawn().form, tables, 5)
    assert parts > 5
    twice = report.failures[report.failures["rule"] == "duplicate_key"]
    assert twice["table"].astype(str).tolist() == [root] * 2 + [house] * 2


def test_tables_without_records_and_tables_nobody_knows_are_one_part() -> None:
    form = drawn().form
    unknown = {f"{form.id}-cellar": pd.DataFrame({KEY: ["a"]}), "other": pd.DataFrame({"x": [1]})}
    report, parts = in_parts(form, unknown, 10)
    assert parts == 1
    assert_same(report, check(form, unknown, default_now=NOW))
    assert set(report.failures["rule"]) == {"missing_table", "unknown_table"}


def test_what_was_judged_row_by_row_is_named_once_with_all_its_records() -> None:
    one = [Fallback("/data/a", "constraint", "once()"), Fallback("/data", "", "3 records judged one by one")]
    other = [Fallback("/data/b", "items", "2 lists"), one[0], Fallback("/data", "", "40 records judged one by one")]
    assert together([one, other, []]) == (one[0], other[0], Fallback("/data", "", "43 records judged one by one"))
    assert together([]) == ()


def test_a_column_that_came_as_text_because_of_one_part_is_no_second_fault_in_another() -> None:
    form = drawn().form
    tables = drawn().draw(random.Random(3), 30, wild=False)
    root = next(iter(tables))
    tables[root]["rooms"] = pd.Series(["3"] * 29 + ["x"], dtype="string")
    report, parts = in_parts(form, tables, 5)
    assert parts > 3
    of_rooms = report.failures[report.failures["column"] == "rooms"]
    assert (of_rooms["rule"] == "type").sum() == 1
    assert "dtype" not in set(of_rooms["rule"])
    assert_same(report, check(form, tables, default_now=NOW))
