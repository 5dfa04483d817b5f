"""What is typed and what is held."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.interview.entry import entered, shown

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("typed", "kind", "language", "lexical"),
    [
        (" 12 ", "int", "de", "12"),
        ("1,5", "decimal", "de", "1.5"),
        ("1.234,5", "decimal", "de", "1234.5"),
        ("1.5", "decimal", "de", "1.5"),
        ("1,5", "decimal", "en", "1,5"),
        ("1,2,3", "decimal", "de", "1,2,3"),
        (" zwei Wörter ", "string", "de", " zwei Wörter "),
        ("1,5", "string", "de", "1,5"),
        ("12.000", "int", "de", "12000"),
        ("12.000", "decimal", "de", "12000"),
        ("12 000", "int", "uk", "12000"),
        ("12,000", "int", "en", "12000"),
        ("12.000", "decimal", "en", "12.000"),
        ("12.5", "int", "de", "12.5"),
        ("\u0661\u0662\u066b\u0665", "decimal", "ar", "12.5"),
        ("\u06f2\u06f0\u06f2\u06f6-\u06f0\u06f2-\u06f0\u06f1", "date", "ar", "2026-02-01"),
        ("2026--01", "date", "de", "2026--01"),
        ("10:30", "time", "de", "10:30:00.000"),
        ("25:30", "time", "de", "25:30"),
        ("2026-07-22T10:30", "dateTime", "de", "2026-07-22T10:30:00.000+02:00"),
        ("2026-01-22T10:30", "dateTime", "de", "2026-01-22T10:30:00.000+01:00"),
        ("2026-01-22T10:30:00.000Z", "dateTime", "de", "2026-01-22T10:30:00.000+00:00"),
        ("2026-01-22T", "dateTime", "de", "2026-01-22T"),
        ("48.7 9.1 0 0", "geopoint", "de", "48.7 9.1 0 0"),
    ],
)
def test_what_is_typed_is_read_as_it_is_meant(typed: str, kind: str, language: str, lexical: str) -> None:
    assert entered(typed, kind, language, BERLIN) == lexical


def test_only_numbers_get_a_comma() -> None:
    assert shown("1.5", "decimal", "de") == "1,5"
    assert shown("1.5", "decimal", "en") == "1.5"
    assert shown("1.2.3", "decimal", "de") == "1.2.3"
    assert shown("1.5", "string", "de") == "1.5"


def test_a_moment_is_shown_as_the_clock_on_the_wall_has_it() -> None:
    assert shown("2026-07-22T08:30:15.000Z", "dateTime", "de", BERLIN) == "2026-07-22T10:30"
    assert shown("10:30:15.000+02:00", "time", "de", BERLIN) == "10:30"
    assert shown("halb elf", "time", "de", BERLIN) == "halb elf"


@given(
    st.one_of(st.text(max_size=12), st.from_regex(r"[+-]?[0-9.,٠-٩ -:T]{0,16}", fullmatch=True)),
    st.sampled_from(["int", "decimal", "date", "time", "dateTime", "string", "geopoint"]),
    st.sampled_from(["de", "en", "ar", "uk"]),
)
def test_what_is_shown_of_an_answer_means_the_same_answer(typed: str, kind: str, language: str) -> None:
    answer = entered(typed, kind, language, BERLIN)
    assert entered(shown(answer, kind, language, BERLIN), kind, language, BERLIN) == answer


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3), st.sampled_from(["de", "en"]))
def test_a_stored_decimal_is_read_again_as_itself(value: Decimal, language: str) -> None:
    lexical = f"{value:f}"
    assert entered(shown(lexical, "decimal", language), "decimal", language) == lexical
