"""validation/xpath/functions/dates.py."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation.errors import XPathError
from validation.tree import Node
from validation.xpath import evaluate
from validation.xpath.evaluator import Context, evaluate_tree
from validation.xpath.parser import parse

NOW = datetime(2024, 10, 20, 22, 30, tzinfo=UTC)  # 00:30 of the 21st in Berlin


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today()", "2024-10-21"),
        ("now()", "2024-10-21T00:30:00.000+02:00"),
        ("date(today() + 10)", "2024-10-31"),
        ("date(today() - 365)", "2023-10-22"),
        ("date('2024-02-28' + 2)", "2024-03-01"),
        ("today() - '2024-10-01'", "20"),
        ("int((today() - date('1990-10-21')) div 365.25)", "34"),
        ("date('2024-01-31')", "2024-01-31"),
        ("date('31.01.2024')", "Invalid Date"),
        ("date('')", ""),
        ("date(/nope)", ""),
        ("date(true())", "Invalid Date"),
        ("date(0 div 0)", "Invalid Date"),
        ("date('2024-13-01')", "Invalid Date"),
        ("date(date('2024-01-31'))", "2024-01-31"),
        ("date('19889')", "2024-06-15T01:00:00.000+02:00"),
        ("date-time('2024-01-31T10:00:00')", "2024-01-31T10:00:00.000+01:00"),
        ("boolean(date('x'))", "false"),
        ("boolean(today())", "true"),
        ("today() = '2024-10-21'", "true"),
        ("today() > '2024-10-20'", "true"),
        ("'2024-10-22' > now()", "true"),
        ("date('x') = date('x')", "false"),
        ("date('2024-11-01') - 1 = date('2024-10-31')", "true"),
        ("decimal-date-time('1970-01-02T00:00:00Z')", "1"),
        ("decimal-date-time('x')", "NaN"),
        ("decimal-time('18:00:00')", "0.75"),
        ("decimal-time(now())", "0.020833333333333332"),
        ("decimal-time(date('x'))", "NaN"),
        ("decimal-time('')", "NaN"),
        ("format-date('2024-03-05', '%d.%m.%Y')", "05.03.2024"),
        ("format-date('2024-03-05', '%e.%n.%y %%')", "5.3.24 %"),
        ("format-date('2024-03-05', '%a %b %B')", "Tue Mar March"),
        ("format-date-time('2024-03-05T09:08:07.006', '%H:%M:%S.%3 %h')", "09:08:07.006 9"),
        ("format-date('x', '%Y')", ""),
        ("format-date('', '%Y')", ""),
        ("if(true(), today(), '')", "2024-10-21"),
        ("coalesce('', today())", "2024-10-21"),
        ("concat(today(), '!')", "2024-10-21!"),
    ],
)
def test_values(text: str, expected: str) -> None:
    assert evaluate(text, now=NOW, tz="Europe/Berlin").string() == expected


@pytest.mark.parametrize("language", ["de", "Deutsch (de)", "German (de)"])
def test_months_and_days_speak_german(language: str) -> None:
    text = "format-date('2024-03-05', '%a, %e. %B (%b)')"
    assert evaluate(text, language=language).string() == "Di, 5. März (Mär)"


@pytest.mark.parametrize("text", ["format-date('2024-03-05', '%q')", "format-date('2024-03-05', '%')"])
def test_unknown_letters_are_refused(text: str) -> None:
    with pytest.raises(XPathError) as caught:
        evaluate(text)
    assert caught.value.problems[0].code == "xpath.date_format"


def test_without_a_clock_there_is_no_today() -> None:
    node = Node.document()
    with pytest.raises(XPathError) as caught:
        evaluate_tree(parse("1 + today()"), Context(node, node))
    assert (caught.value.problems[0].code, caught.value.position) == ("xpath.no_clock", 5)


@given(st.dates(min_value=date(1900, 1, 2), max_value=date(2150, 1, 1)), st.integers(0, 20_000))
def test_differences_are_whole_days_across_the_change_of_clocks(start: date, days: int) -> None:
    end = start + timedelta(days=days)
    assert evaluate(f"date('{end}') - date('{start}')", tz="Europe/Berlin").number() == days
    assert evaluate(f"date(date('{start}') + {days}) = '{end}'", tz="Europe/Berlin").boolean()
