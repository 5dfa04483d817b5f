"""The suite of expressions (xpath.jsonl): one expression, a document, a clock, and what must come out."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from conformance.cases import Result, Skip, reason_to_skip

from validation.errors import LotsenbuchError, XPathError
from validation.tree import Node
from validation.xpath import evaluate

Case = Mapping[str, Any]
_NO_ANSWER = object()


class Value(Protocol):
    """What an evaluator gives back: the public surface of `validation.xpath.Value`."""

    def boolean(self) -> bool: ...
    def number(self) -> float: ...
    def string(self) -> str: ...
    def nodeset(self) -> list[str]: ...
    def nodes(self) -> list[Node]: ...


Evaluate = Callable[..., Value]


def read_cases(path: Path) -> Iterator[Case]:
    """The cases of a file, one JSON object a line."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def name_of(case: Case) -> str:
    """'suite | kind | context | test | expression': what skip patterns are matched against."""
    test = case.get("test") or f"line {case.get('line', '')}"
    context = " ".join(str(case[key]) for key in ("context_path", "context", "ec") if case.get(key))
    return f"{case['suite']} | {case['kind']} | {context} | {test} | {case['expr']}"


def run(cases: Iterable[Case], skips: Sequence[Skip], suite: str, evaluator: Evaluate = evaluate) -> Iterator[Result]:
    """One result a case. A kind of expectation that is not known here is a failure, never a silent pass."""
    for case in cases:
        name = name_of(case)
        reason = reason_to_skip(skips, suite, name)
        if reason:
            yield Result(name, "skipped", reason)
        else:
            passed, got = judge(case, evaluator)
            yield Result(name, "passed" if passed else "failed", "" if passed else f"{case['expected']!r} <> {got}")


def judge(case: Case, evaluator: Evaluate) -> tuple[bool, str]:
    """Whether a case passes, and what came. Only XPathError counts as a refusal; any other exception fails.

    Empty text is false and no number: what is false must also make its contrary true, and what is no number must say
    so, or an evaluator that knows nothing would pass.
    """
    wanted = case["kind"]
    try:
        passed, got = _matches(wanted, case, _evaluated(case, case["expr"], evaluator))
        if passed and wanted == "boolean" and case["expected"] is False:
            return _evaluated(case, f"not({case['expr']})", evaluator).boolean() is True, "not true of its contrary"
        if passed and wanted == "number" and case["expected"] == "NaN":
            text = _evaluated(case, f"string(number({case['expr']}))", evaluator).string()
            return text == "NaN", f"no number whose text is {text!r}"
        return passed, got
    except XPathError as error:
        problem = error.problems[0]
        return wanted == "error", f"refused {problem.code} {dict(problem.fields)}"
    except LotsenbuchError as error:
        return False, f"refused {error}"
    except Exception as error:  # noqa: BLE001 - a crash is a failed case, and the other cases still run
        return False, f"crash {error!r}"


def _evaluated(case: Case, expression: str, evaluator: Evaluate) -> Value:
    return evaluator(
        expression,
        case.get("context_xml"),
        case.get("context_path", "/"),
        root=case.get("root"),
        language=case.get("lang"),
        tz=case["tz"],
        now=datetime.fromisoformat(case["now"].replace("Z", "+00:00")) if case.get("now") else None,
    )


def _matches(kind: str, case: Case, value: Value) -> tuple[bool, str]:
    expected = case["expected"]
    if kind in ("number", "number-rounded"):
        got = value.number()
        wanted = _number(expected)
        if kind == "number-rounded":
            factor = case.get("factor") or math.nan
            got, wanted = round(got * factor) / factor, round(wanted * factor) / factor
        return _same(got, wanted), repr(got)
    reader = _READERS.get(kind)
    seen = reader(value, expected) if reader is not None else _NO_ANSWER
    if kind in ("match", "number match"):
        return re.search(expected, str(seen)) is not None, repr(seen)
    if kind == "string" and isinstance(expected, int | float) and not isinstance(expected, bool):
        expected = str(expected)
    if kind in ("string", "string.lower"):
        expected = expected or ""
    if kind == "nodeset-unordered" and isinstance(expected, list):
        expected = sorted(expected)
    return type(seen) is type(expected) and seen == expected, repr(seen)


_READERS: Mapping[str, Callable[[Value, Any], object]] = {
    "boolean": lambda value, _: value.boolean(),
    "string": lambda value, _: value.string(),
    "string.lower": lambda value, _: value.string().lower(),
    "string.length": lambda value, _: len(value.string()),
    "match": lambda value, _: value.string(),
    "number match": lambda value, _: str(value.number()),
    "date": lambda value, expected: value.string()[: len(expected)],
    "nodeset": lambda value, _: value.nodeset(),
    "nodeset-unordered": lambda value, _: sorted(value.nodeset()),
    "nodeset-count": lambda value, _: len(value.nodeset()),
    "nodeset-unordered.map(textContent).join()": lambda value, _: "".join(n.string_value() for n in value.nodes()),
    "nodeset[0].nodeName": lambda value, _: next((_dom_name(node) for node in value.nodes()), None),
    "nodeset[1] is null": lambda value, _: next(iter(value.nodes()[1:]), None),
    "error": lambda value, _: value.string(),
}


def _dom_name(node: Node) -> str:
    """What the DOM calls a node."""
    return node.qualified if node.kind == "element" else f"#{node.kind}"


def _number(text: object) -> float:
    return float(str(text).replace("Infinity", "inf")) if text is not None else math.nan


def _same(got: float, wanted: float) -> bool:
    if math.isnan(got) or math.isnan(wanted):
        return math.isnan(got) and math.isnan(wanted)
    return got == wanted or math.isclose(got, wanted, rel_tol=1e-12)
