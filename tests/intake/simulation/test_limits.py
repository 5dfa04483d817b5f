"""What a constraint demands is read off its tree, whatever way it is written."""

from __future__ import annotations

import pytest

from intake.simulation.limits import Limit, compared, limits
from validation.xpath.parser import parse

HERE = "/data/leaving"


@pytest.mark.parametrize(
    ("rule", "demanded"),
    [
        (". >= 1 and . <= 99", [Limit("value", ">=", "number", 1), Limit("value", "<=", "number", 99)]),
        ("0.5 < .", [Limit("value", ">", "number", 0.5)]),
        (". > -3", [Limit("value", ">", "number", -3)]),
        (". <= today()", [Limit("value", "<=", "today", "today")]),
        (
            ". <= now() and (/data/came = '' or . >= /data/came)",
            [Limit("value", "<=", "today", "today"), Limit("value", ">=", "question", "/data/came")],
        ),
        ("string-length(.) <= 300", [Limit("length", "<=", "number", 300)]),
        ("regex(., '^[A-Z]+$')", [Limit("value", "", "pattern", "^[A-Z]+$")]),
        ("not(selected(., 'none') and count-selected(.) > 1)", [Limit("value", "", "alone", "none")]),
        (". = 'yes'", [Limit("value", "=", "text", "yes")]),
        (". = sum(/data/item/amount)", [Limit("value", "=", "sum", "/data/item/amount")]),
        (". >= 1 or . = 99", []),
        ("/data/came = '' or . >= 1 or . < 5", []),
        ("/data/a > 3", []),
    ],
)
def test_what_must_hold_is_read(rule: str, demanded: list[Limit]) -> None:
    assert limits(parse(rule), HERE) == demanded


def test_a_question_without_a_constraint_demands_nothing() -> None:
    assert limits(None, HERE) == []
    assert list(compared(None, HERE)) == []


def test_what_the_value_is_compared_with_is_found_anywhere() -> None:
    found = [(sign, str(term)) for sign, term in compared(parse("if(/data/a, . = /data/b + 1, 3 > .)"), HERE)]
    assert [sign for sign, _ in found] == ["=", "<"]
