"""validation/xpath/lint.py: unknown functions and wrong numbers of arguments before anything is evaluated."""

from __future__ import annotations

import pytest

from validation.xpath.lint import check_clients, check_expression, check_patterns
from validation.xpath.parser import parse


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("concat('a', 'b')", []),
        ("if(1, 2", [("xpath.missing", 8)]),
        ("sellected(., 'a')", [("xpath.unknown_function", 1)]),
        ("selected(.)", [("xpath.arity", 1)]),
        ("true(1) and Today() and abs()", [("xpath.arity", 1), ("xpath.unknown_function", 13), ("xpath.arity", 25)]),
        ("/data/a[upper(b)]", [("xpath.unknown_function", 9)]),
        ("indexed-repeat(a, b)", [("xpath.arity", 1)]),
        ("indexed-repeat(a, b, 1, c)", [("xpath.arity", 1)]),
        ("indexed-repeat(a, b, 1, c, 2)", []),
        ("weighted-checklist(1, 2, 3)", [("xpath.arity", 1)]),
    ],
)
def test_problems(text: str, found: list[tuple[str, int]]) -> None:
    problems = check_expression(text)
    assert [(problem.code, problem.place.position) for problem in problems] == found


def test_the_sentence_names_function_and_arity() -> None:
    (problem,) = check_expression("round(1, 2, 3)")
    assert "round()" in problem.text("de")
    assert "1–2" in problem.text("en")
    assert "3" in problem.text("en")


def test_only_patterns_that_are_written_out_are_looked_at() -> None:
    text = "regex(a, 'x') or regex(b, c) or not(regex(., '^[$'))"
    assert sorted((found.place.position, found.code) for found in check_patterns(parse(text))) == [
        (10, "lint.regex_part"),
        (46, "xpath.regex_wrong"),
    ]


def test_clients_are_asked_one_by_one() -> None:
    expression = parse("floor(coalesce(a, b, 3))")
    assert [found.place.position for found in check_clients(expression, ["collect", "enketo"])] == [1, 7, 7]
    assert list(check_clients(expression, [])) == []
