"""Forms, patterns and expressions that mean no good are refused with a Problem or handled; nothing else happens.

Each large one runs in a process of its own that may hold 500 MB and is killed after a minute. How long they take and
what they hold is measured by `benchmarks/engine.py`, not here.
"""

from __future__ import annotations

import itertools
import sys

import pytest

from scenario import hostile
from validation.errors import FormError, XPathError
from validation.tree import Node, parse
from validation.xform import read_form
from validation.xpath import evaluate

# What comes of each attack; those that are refused say why.
OUTCOMES = {
    "100,000 choices": "handled: 2273",
    "100,000 translated choices": "handled: 2273",
    "100,000 written choices": "handled: 100000",
    "100,000 choices in a CSV": "handled: 2273",
    "10,000 nodes": "handled: x",
    "nested 100 deep": "handled: 1",
    "nested 500 deep": "refused: ['form.too_deep']",
    "chain of 10,000": "handled: 10005",
    "circle of 2 relevances": "handled: False",
    "circle of 10,000 relevances": "handled: False",
    "a relevance of itself": "refused: ['form.cycle']",
    "circle of 10,000 calculations": "refused: ['form.cycle']",
    "10,000 references to nothing": "handled: 10000",
    "1,000 expressions that read all of 10,000 nodes": "refused: ['form.entangled']",
    "1 MB label": "handled: 1000000",
    "1 MB answer": "handled: 1000000",
    "20 patterns": "handled: 20",
}


def test_every_attack_is_judged() -> None:
    assert OUTCOMES.keys() == hostile.ATTACKS.keys()
    assert len(hostile.PATTERNS) == len({pattern for pattern, _ in hostile.PATTERNS}) == 20


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to an amount of memory")
@pytest.mark.parametrize("name", OUTCOMES)
def test_a_hostile_form_is_refused_or_handled_in_500_megabytes(name: str) -> None:
    found = hostile.attempt(name)
    assert found["outcome"] == OUTCOMES[name]
    assert found["megabytes"] < hostile.MEGABYTES


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to an amount of memory")
def test_an_attack_that_wins_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hostile.attempt("no such attack")["outcome"].startswith("died")
    monkeypatch.setattr(hostile, "KILLED_AFTER", 0.001)
    with pytest.raises(Exception, match="timed out"):
        hostile.attempt("1 MB label")


@pytest.mark.parametrize("name", hostile.DOCUMENTS)
def test_a_hostile_document_is_refused_by_name(name: str) -> None:
    document, code = hostile.DOCUMENTS[name]
    for read in (parse, read_form):
        with pytest.raises(FormError) as caught:
            read(document)
        (problem,) = caught.value.problems
        assert problem.code == code
        assert problem.text("de") != problem.text("en")


@pytest.mark.parametrize("number", range(20))
def test_a_hostile_pattern_gives_a_value_or_is_refused(number: int) -> None:
    pattern, text = hostile.PATTERNS[number]
    top = Node.element("a", text)
    top.set_attribute("p", pattern)
    try:
        found = str(evaluate("regex(/a, /a/@p)", Node.document(top)).raw)
    except XPathError as error:
        found = error.problems[0].code
    assert found in ("True", "False", "xpath.regex_slow", "xpath.regex_large", "xpath.regex_wrong")


def value_or_error(text: str, document: Node) -> bool:
    """Whether an expression has a value, readable as every type; any error but an XPathError is not caught."""
    try:
        value = evaluate(text, document, "/data/g", now=hostile.NOW)
        assert isinstance(value.string(), str)
        assert isinstance(value.number(), float)
        assert isinstance(value.boolean(), bool)
    except XPathError as error:
        return not error.problems[0].text("de")
    return True


@pytest.mark.parametrize(
    ("seed", "count"), [(1, 1_000), pytest.param(2, 10_000, marks=pytest.mark.long, id="all of 10,000")]
)
def test_generated_expressions_give_a_value_or_an_xpath_error(seed: int, count: int) -> None:
    document = parse(hostile.DOCUMENT)
    ended = [value_or_error(text, document) for text in hostile.expressions(count, seed)]
    assert len(ended) == count
    assert count // 10 < sum(ended) < count - count // 10  # neither all nonsense nor all harmless


def test_the_same_seed_generates_the_same_expressions() -> None:
    first, again, other = (list(hostile.expressions(50, seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert len(set(itertools.chain(first, other))) > 50
