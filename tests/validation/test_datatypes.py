"""Bind types: lexical forms as the ODK XForms specification gives them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation.datatypes import INT_MAX, INT_MIN, TYPES, canonical, dtype, expected, lexical, read, valid
from validation.messages import say

BERLIN_SUMMER = dt.timezone(dt.timedelta(hours=2))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("xsd:int", "int"),
        ("integer", "int"),
        ("xsd:dateTime", "dateTime"),
        ("datetime", "dateTime"),
        ("select1", "string"),
        ("odk:rank", "rank"),
        ("rank", "rank"),
        ("", "string"),
        ("xsd:decimal", "decimal"),
        ("nonsense", None),
        ("xsd:nonsense", None),
    ],
)
def test_1_names_of_types_in_the_field_are_known(written: str, name: str | None) -> None:
    assert canonical(written) == name


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("12", "int", 12),
        ("-0012", "int", -12),
        ("12.50", "decimal", Decimal("12.50")),
        (".5", "decimal", Decimal("0.5")),
        ("2026-02-28", "date", dt.date(2026, 2, 28)),
        ("14:05", "time", dt.time(14, 5)),
        ("14:05:06.123+02:00", "time", dt.time(14, 5, 6, 123000, tzinfo=BERLIN_SUMMER)),
        ("2026-05-04T10:30:00.000+02", "dateTime", dt.datetime(2026, 5, 4, 10, 30, tzinfo=BERLIN_SUMMER)),
        ("2026-05-04T10:30:00Z", "dateTime", dt.datetime(2026, 5, 4, 10, 30, tzinfo=dt.UTC)),
        ("a b", "select", ["a", "b"]),
        ("true", "boolean", True),
        ("0", "boolean", False),
        ("48.7 8.8 0 0", "geopoint", "48.7 8.8 0 0"),
    ],
)
def test_2_well_typed_texts_are_read(text: str, name: str, value: object) -> None:
    assert valid(text, name)
    assert read(text, name) == value


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("12.5", "int"),
        ("zwölf", "int"),
        ("2147483648", "int"),
        ("\u0661\u0662", "int"),
        ("12,5", "decimal"),
        ("1e9999", "decimal"),
        ("NaN", "decimal"),
        ("2026-02-30", "date"),
        ("4.5.2026", "date"),
        ("2026-05-04T10:00:00Z", "date"),
        ("25:00", "time"),
        ("22:02:00.Z", "time"),
        ("2026-04-22 14:30:00Z", "dateTime"),
        ("2026-04-22T14:30:00+0700", "dateTime"),
        ("ja", "boolean"),
        ("200 8", "geopoint"),
        ("48.7", "geopoint"),
        ("48.7 8.8 0 0", "geotrace"),
        ("1 1 0 0; 2 2 0 0; 3 3 0 0", "geoshape"),
    ],
)
def test_3_ill_typed_texts_are_refused(text: str, name: str) -> None:
    assert not valid(text, name)
    with pytest.raises(ValueError):  # noqa: PT011 - the text is nobody's but ours
        read(text, name)


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        (None, "string", ""),
        ("Zoe\u0308", "string", "Zoë"),
        (True, "boolean", "1"),
        (False, "string", "false"),
        (12, "int", "12"),
        (0.1, "decimal", "0.1"),
        (1e-7, "decimal", "0.0000001"),
        (1e21, "decimal", "1000000000000000000000"),
        (-0.0, "decimal", "0"),
        (Decimal("12.50"), "decimal", "12.5"),
        (dt.date(2026, 5, 4), "date", "2026-05-04"),
        (dt.datetime(2026, 5, 4, 10, 30, tzinfo=BERLIN_SUMMER), "dateTime", "2026-05-04T10:30:00.000+02:00"),
        (dt.datetime(2026, 5, 4, 10, 30), "date", "2026-05-04"),  # noqa: DTZ001 - a naive one is what is tried
        (dt.time(9, 5), "time", "09:05:00.000"),
        (["a", "b"], "select", "a b"),
    ],
)
def test_4_python_values_are_written(value: object, name: str, text: str) -> None:
    assert lexical(value, name) == text  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_5_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        lexical(value, "decimal")


def test_6_a_value_of_no_type_is_refused() -> None:
    with pytest.raises(TypeError):
        lexical({"a": 1}, "string")  # type: ignore[arg-type]


@given(st.integers(INT_MIN, INT_MAX))
def test_7_whole_numbers_come_back(value: int) -> None:
    assert read(lexical(value, "int"), "int") == value


@given(st.dates())
def test_8_dates_come_back(value: dt.date) -> None:
    assert read(lexical(value, "date"), "date") == value


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6))
def test_9_decimals_come_back(value: Decimal) -> None:
    assert read(lexical(value, "decimal"), "decimal") == value


@given(st.datetimes(timezones=st.just(dt.UTC)))
def test_10_date_times_come_back_to_the_millisecond(value: dt.datetime) -> None:
    back = read(lexical(value, "dateTime"), "dateTime")
    assert back == value.replace(microsecond=value.microsecond // 1000 * 1000)


@given(st.text())
def test_11_reading_any_text_gives_a_value_or_a_value_error(text: str) -> None:
    for name in TYPES:
        assert valid(text, name) in (True, False)


def test_12_every_type_has_a_column_and_a_sentence() -> None:
    import pandas as pd

    for name in TYPES:
        pd.Series([], dtype=dtype(name))
        assert say(expected(name), "de") != say(expected(name), "en")
