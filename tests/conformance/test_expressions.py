from __future__ import annotations

import json
from pathlib import Path

import pytest
from conformance.cases import Skip
from conformance.expressions import judge, name_of, read_cases, run

from validation.errors import Problem, XPathError
from validation.xpath import Value, evaluate

DOCUMENT = "<haus><zimmer>2</zimmer><zimmer>3</zimmer></haus>"


def case(expr: str, kind: str, expected: object, **more: object) -> dict[str, object]:
    return {"expr": expr, "kind": kind, "expected": expected, "suite": "own", "tz": "UTC", **more}


OWN = [
    case("sum(/haus/zimmer)", "number", 5, context_xml=DOCUMENT),
    case("sum(/haus/zimmer) div 3", "number-rounded", 1.67, context_xml=DOCUMENT, factor=100),
    case("0 div 0", "number", "NaN"),
    case("1 div 0", "number", "Infinity"),
    case("concat('a', 'B')", "string", "aB"),
    case("3 + 4", "string", 7),
    case("concat('a', 'B')", "string.lower", "ab"),
    case("'vier'", "string.length", 4),
    case("uuid()", "match", "^[0-9a-f-]{36}$"),
    case("1 = 1", "boolean", True),
    case("1 = 2", "boolean", False),
    case("/haus/keller", "boolean", False, context_xml=DOCUMENT),
    case("today()", "date", "2026-03-02", now="2026-03-02T09:00:00.000Z"),
    case("/haus/zimmer", "nodeset", ["/*[1]/*[1]", "/*[1]/*[2]"], context_xml=DOCUMENT),
    case("/haus/zimmer", "nodeset-unordered", ["/*[1]/*[2]", "/*[1]/*[1]"], context_xml=DOCUMENT),
    case("/haus/zimmer", "nodeset-count", 2, context_xml=DOCUMENT),
    case("zimmer[2]", "string", "3", context_xml=DOCUMENT, context_path="/haus"),
    case("1 +", "error", None),
]


@pytest.mark.parametrize("own", OWN, ids=name_of)
def test_a_right_case_passes_and_the_same_with_another_expectation_fails(own: dict[str, object]) -> None:
    assert judge(own, evaluate)[0]
    if own["kind"] == "error":
        wrong = {**own, "expr": "1 + 1"}
    else:
        others: dict[type, object] = {list: ["/*[1]"], str: "anders", int: 9, float: 9.5}
        others[bool] = own["expected"] is False
        wrong = {**own, "expected": others[type(own["expected"])] if own["kind"] != "number" else 9}
    assert not judge(wrong, evaluate)[0]


@pytest.mark.parametrize("own", OWN, ids=name_of)
def test_an_evaluator_that_returns_empty_text_passes_nothing(own: dict[str, object]) -> None:
    assert not judge(own, lambda *_args, **_more: Value(""))[0]


def test_empty_text_passes_what_expects_empty_text() -> None:
    assert judge(case("''", "string", ""), lambda *_args, **_more: Value(""))[0]


def test_a_refusal_is_a_pass_only_where_an_error_is_expected() -> None:
    def refuse(*_args: object, **_more: object) -> Value:
        raise XPathError(Problem("xpath.unknown_function", fields={"name": "x"}))

    assert judge(case("x()", "error", None), refuse)[0]
    assert not judge(case("x()", "string", ""), refuse)[0]


def test_a_crash_is_a_failure_even_where_an_error_is_expected() -> None:
    def crash(*_args: object, **_more: object) -> Value:
        raise ZeroDivisionError

    assert judge(case("1 div 0", "error", None), crash) == (False, "crash ZeroDivisionError()")


def test_an_unknown_kind_of_expectation_fails() -> None:
    assert not judge(case("1", "colour", "red"), evaluate)[0]


def test_skipped_cases_are_named_with_their_reason(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(json.dumps(item) for item in OWN), encoding="utf-8")
    skips = [Skip("xpath", r"own \| match \| .*", "chance"), Skip("scenarios", ".*", "another suite")]
    results = list(run(read_cases(file), skips, "xpath"))
    assert [result.state for result in results].count("skipped") == 1
    assert next(result.detail for result in results if result.state == "skipped") == "chance"
    assert [result.state for result in results].count("passed") == len(OWN) - 1
