"""validation/xpath/lint.py: unknown functions and wrong numbers of arguments before anything is evaluated."""

from __future__ import annotations

import pytest

from validation.xpath.lint import check_expression


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
