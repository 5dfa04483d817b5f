"""validation/xpath/columns/: sheets, columns, the search of patterns by themselves; values are in test_restored.py."""

from __future__ import annotations

import datetime as dt
import math
import zoneinfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from validation.form import Bind
from validation.layout import Column as Definition
from validation.xpath.columns.cells import stored
from validation.xpath.columns.clock import Clock, instant
from validation.xpath.columns.column import Column, combined, constant, merged, of_values, picked
from validation.xpath.columns.operators import compared, reckoned
from validation.xpath.columns.regexes import found_in, is_plain
from validation.xpath.columns.sheets import Nodes, Sheet, linked
from validation.xpath.functions.texts import compiled
from validation.xpath.moments import Moment
from validation.xpath.operators import arithmetic, compare
from validation.xpath.values import Days, Value, to_number, to_string

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
TEXTS: list[Value] = ["", "a", "2", "2.0", "2024-06-15", "2024-06-15T12:00:00.000+02:00", "9999-12-31", "2024-02-30"]
NUMBERS: list[Value] = [0.0, 2.0, -1.5, math.nan, math.inf, 19889.0]
MOMENTS: list[Value] = [Moment(None), Moment(dt.datetime(2024, 6, 15, tzinfo=BERLIN)),
                        Moment(dt.datetime(2024, 6, 15, 12, tzinfo=BERLIN)), ""]  # fmt: skip
KINDS = {"text": TEXTS, "number": NUMBERS, "boolean": [True, False], "date": MOMENTS}


def column(kind: str, values: list[Value], size: int) -> Column:
    return of_values(values, np.arange(size) % len(values), size, kind)  # type: ignore[arg-type]


def values_of(made: Column) -> list[Value]:
    codes, values = made.coded()
    return [values[code] for code in codes]


@pytest.mark.parametrize("left", KINDS)
@pytest.mark.parametrize("right", [*KINDS, "any"])
@pytest.mark.parametrize("sign", ["=", "!=", "<", ">=", "-", "div", "mod"])
def test_operators_are_those_of_rows(left: str, right: str, sign: str) -> None:
    others = KINDS.get(right, [*NUMBERS[:2], *TEXTS[:3], *MOMENTS[1:2]])
    size = len(KINDS[left]) * len(others)
    a = of_values(KINDS[left], np.arange(size) // len(others), size, left)  # type: ignore[arg-type]
    b = column(right, others, size)
    if sign in ("=", "!=", "<", ">="):
        wanted = [compare(sign, x, y, BERLIN) for x, y in zip(values_of(a), values_of(b), strict=True)]
        assert compared(sign, a, b, BERLIN).truth().tolist() == wanted
    else:
        found = reckoned(sign, a, b, BERLIN).numbers(BERLIN)
        wanted_numbers = [arithmetic(sign, x, y, BERLIN) for x, y in zip(values_of(a), values_of(b), strict=True)]
        np.testing.assert_array_equal(found, np.array(wanted_numbers))


def test_moments_a_rounding_error_apart_are_the_same() -> None:
    day = Moment(dt.datetime(2024, 6, 15, tzinfo=BERLIN))
    a, b = constant(day.days() + 1e-9, 2), Column("date", 2, codes=np.zeros(2, dtype=np.int8), values=[day])
    assert compared("=", a, b, BERLIN).truth().all()
    assert not compared("<", b, a, BERLIN).truth().any()


def test_a_column_of_numbers_is_written_as_each_number_is() -> None:
    made = Column("number", 3, numbers=np.array([1.0, 0.1, math.nan]))
    assert values_of(made.texts()) == ["1", "0.1", "NaN"]
    assert made.truth().tolist() == [True, True, False]
    whole = merged(np.array([True, False]), constant(Days(1.5, 1), 2), constant(1.5, 2))
    assert [to_string(value) for value in values_of(whole)] == ["1", "1.5"]


def test_a_node_is_true_whatever_it_holds_and_stands_beside_values_that_none_holds() -> None:
    node = constant("", 2).as_node()
    assert node.truth().all()
    assert not node.texts().truth().any()
    mixed = merged(np.array([True, False]), node, constant("", 2))
    assert mixed.truth().tolist() == [True, False]


def test_tuples_are_those_that_stand_together() -> None:
    a = Column("text", 4, codes=np.array([0, 1, 0, 1]), values=[str(n) for n in range(40)])
    b = Column("text", 4, codes=np.array([2, 2, 2, 0]), values=[str(n) for n in range(40)])
    codes, tuples = combined((a, constant("z", 4), b))
    assert codes is not None
    assert [tuples[code] for code in codes] == [("0", "z", "2"), ("1", "z", "2"), ("0", "z", "2"), ("1", "z", "0")]
    assert len(tuples) == 3


def test_the_entries_of_a_repeat_are_in_order_of_the_table_whatever_that_is() -> None:
    top = Sheet("/data", 3)
    repeat = Sheet("/data/r", 5, top, np.array([2, 0, 2, 0, 2]))
    found = Nodes(3, top, "/data").entries(repeat)
    assert found.owners().tolist() == [0, 0, 2, 2, 2]
    assert found.row().tolist() == [1, 3, 0, 2, 4]
    assert repeat.place().tolist() == [1, 1, 2, 2, 3]
    assert found.counts().tolist() == [2, 0, 3]
    assert found.above().row().tolist() == [0, 2]
    place, there = found.firsts()
    assert (place[there].tolist(), there.tolist()) == ([0, 2], [True, False, True])


def test_keys_are_linked_and_shared_ones_told() -> None:
    rows, there, shared = linked(np.array(["b", "x", "a"], dtype=object), np.array(["a", "b", "a"], dtype=object))
    assert rows[there].tolist() == [1, 0]
    assert there.tolist() == [True, False, True]
    assert shared.tolist() == [True, False, True]
    assert not linked(np.array(["b"], dtype=object), np.array([], dtype=object))[1].any()


@pytest.mark.parametrize("kind", ["date", "dateTime"])
def test_typed_dates_are_reckoned_with_as_their_texts_are(kind: str) -> None:
    given = pd.Series(["2024-03-31T01:30:00", "2024-10-27T00:30:00.123456", None, "1969-12-31T23:00:00"])
    typed = pd.to_datetime(given, format="ISO8601").astype("datetime64[us]")
    typed = typed.dt.tz_localize("UTC") if kind == "dateTime" else typed.dt.normalize()
    definition = Definition("x", "/data/x", kind, "", Bind("/data/x", kind))
    fast, illegal = stored(typed, definition, BERLIN)
    assert illegal is None
    numbers, filled = fast.numbers(BERLIN).copy(), fast.filled().tolist()
    moments = [view[filled].tolist() for view in fast.micros(BERLIN)]
    slow = Column("text", 4, codes=fast.coded()[0], values=fast.coded()[1])
    np.testing.assert_array_equal(numbers, slow.numbers(BERLIN))
    assert filled == slow.filled().tolist() == [True, True, False, True]
    assert moments == [view[filled].tolist() for view in slow.micros(BERLIN)]
    assert not fast.micros(BERLIN)[1][2]


def test_now_and_today_are_those_of_each_record_in_the_zone() -> None:
    times = [dt.datetime(2026, 5, 4, 22, 30, tzinfo=dt.UTC), dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC)]
    clock = Clock(np.array([instant(time) for time in times]), BERLIN)
    assert [to_string(value) for value in values_of(clock.today(None))] == ["2026-05-05", "2026-10-25"]
    assert [to_string(value) for value in values_of(clock.now(None))] == [
        "2026-05-05T00:30:00.000+02:00", "2026-10-25T02:30:00.000+01:00",
    ]  # fmt: skip
    now = clock.now(np.array([1, 1, 0]))
    assert now.numbers(BERLIN).tolist() == [to_number(value) for value in values_of(now)]


PATTERNS = st.text(alphabet="ab1-.$^|()[]{}*+?\\dwZ,2ä", max_size=8)
SEARCHED = ["", "a", "b", "ab", "aab", "1", "12", "a-1", "ä", "$", ".", "a\n", "\n", "A", "a b", "ba1", "\\", "[", "2Z"]


@settings(max_examples=300, deadline=None)
@given(PATTERNS)
def test_many_texts_are_searched_as_one_is(pattern: str) -> None:
    from validation.xpath.values import Refusal

    try:
        ready = compiled(pattern)
    except Refusal:
        return
    texts = SEARCHED * 4
    found = found_in(ready.pattern, texts)
    if found is not None:
        assert found.tolist() == [ready.search(text) is not None for text in texts]


def test_patterns_that_could_take_long_or_mean_other_things_elsewhere_are_not_plain() -> None:
    assert is_plain(compiled("^P-[0-9]{6}$").pattern)
    assert is_plain(compiled(r"^(ab|\d+)?x$").pattern)
    for pattern in ("(a+)+", "a*b*c*", r"\s", "(?:a)", "a+?", r"\bx", "[a[b]"):
        assert not is_plain(pattern)


@pytest.mark.parametrize("kind", ["string[pyarrow]", "string[python]", "category", "object"])
@pytest.mark.parametrize(
    "texts", [["a", None, "", "a"], [None, "", "b"], ["", None], [None, None], ["", ""], ["a"], []]
)
def test_a_missing_text_is_an_empty_one(texts: list[str | None], kind: str) -> None:
    made, illegal = stored(
        pd.Series(texts, dtype=kind), Definition("a", "/data/a", "string", "string", Bind("a")), BERLIN
    )
    wanted = [text or "" for text in texts]
    assert illegal is None
    assert values_of(made) == values_of(made.texts()) == wanted
    assert made.filled().tolist() == [bool(text) for text in wanted]
    assert len(set(made.texts().dictionary)) == len(made.texts().dictionary)
    for text in ("", "a"):
        assert compared("=", made, constant(text, len(texts)), BERLIN).truth().tolist() == [
            text == each for each in wanted
        ]


@given(st.lists(st.booleans(), min_size=1, max_size=20), st.data())
def test_what_holds_of_a_value_holds_in_its_rows(holds: list[bool], data: st.DataObject) -> None:
    codes = data.draw(st.lists(st.integers(0, len(holds) - 1)))
    assert picked(holds, np.array(codes, dtype=np.int8)).tolist() == [holds[code] for code in codes]
