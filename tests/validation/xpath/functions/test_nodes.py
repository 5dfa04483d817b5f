"""validation/xpath/functions/nodes.py: repeats, other instances, shuffling."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation.errors import XPathError
from validation.tree import Node, parse
from validation.xpath import evaluate
from validation.xpath.evaluator import Context, evaluate_tree
from validation.xpath.parser import parse as parse_expression

FAMILIES = (
    "<data><i>2</i><f><n>1</n><k><m>a</m></k><k><m>b</m></k></f>"
    "<f><n>2</n><k><m>c</m></k><k><m>d</m></k><k><m/></k></f><a/></data>"
)


@pytest.mark.parametrize(
    ("text", "context", "expected"),
    [
        ("indexed-repeat(/data/f/n, /data/f, 2)", "/", "2"),
        ("indexed-repeat(/data/f/n, /data/f, /data/i)", "/", "2"),
        ("indexed-repeat(/data/f/n, /data/f, 3)", "/", ""),
        ("indexed-repeat(/data/f/n, /data/f, 'x')", "/", ""),
        ("indexed-repeat(/data/f/k/m, /data/f, 2, /data/f/k, 1)", "/", "c"),
        ("indexed-repeat(/data/f/k/m, /data/f, 1, /data/f/k, 2)", "/", "b"),
        ("indexed-repeat(/data/f/k/m, /data/f/k, 2)", "/data/f[2]/n", "d"),
        ("indexed-repeat(../k/m, ../k, 1)", "/data/f[2]/n", "c"),
        ("indexed-repeat(/data/f/n, /data/f, position(../..) - 1)", "/data/f[2]/k[1]/m", "1"),
        ("current()/../n", "/data/f[2]/k", "2"),
        ("/data/f[n = current()]/k/m", "/data/i", "c"),
        ("count-non-empty(//m)", "/", "4"),
        ("count-non-empty(/nope)", "/", "0"),
        ("once('new')", "/data/a", "new"),
        ("once('new')", "/data/i", "2"),
        ("once(no-such())", "/data/i", "2"),
    ],
)
def test_values(text: str, context: str, expected: str) -> None:
    assert evaluate(text, FAMILIES, context).string() == expected


def test_secondary_instances_may_be_documents() -> None:
    towns = parse("<root><item><name>1</name><label>Calw</label></item></root>")
    form = parse("<data/>")
    context = Context(form, form, instances={"towns": towns})
    assert evaluate_tree(parse_expression("string(instance('towns')/root/item/label)"), context) == "Calw"
    assert evaluate_tree(parse_expression("pulldata('towns', 'label', 'name', 1)"), context) == "Calw"
    with pytest.raises(XPathError) as caught:
        evaluate_tree(parse_expression("instance('nope')"), context)
    assert "towns" in caught.value.problems[0].text("en")


def _order(expression: str) -> str:
    document = "<d>" + "".join(f"<i>{letter}</i>" for letter in "abcdefgh") + "</d>"
    return "".join(node.string_value() for node in evaluate(expression, document).nodes())


def test_a_seed_gives_one_order() -> None:
    assert _order("randomize(/d/i, 42)") == _order("randomize(/d/i, '42')") == _order("randomize(/d/i, 42.9)")
    assert _order("randomize(/d/i, 42)") != _order("randomize(/d/i, 43)")
    assert _order("randomize(/d/i, 'word')") != _order("randomize(/d/i, 'other')")
    assert _order("randomize(/d/i, '')") == _order("randomize(/d/i, 0)")


@given(st.one_of(st.integers(), st.floats(allow_nan=False).map(lambda f: f"{f:f}"), st.text("abcxyz ")))
def test_shuffling_loses_and_invents_nothing(seed: object) -> None:
    assert sorted(_order(f"randomize(/d/i, '{seed}')")) == list("abcdefgh")


def test_infinite_seeds_are_taken() -> None:
    assert sorted(_order("randomize(/d/i, 1 div 0)")) == list("abcdefgh")
    assert sorted(_order("randomize(/d/i, -1 div 0)")) == list("abcdefgh")


def test_without_a_seed_chance_is_passed_in() -> None:
    document = parse("<d><i>1</i><i>2</i><i>3</i></d>")
    expression = parse_expression("randomize(/d/i)")

    def draw(chance: random.Random | None) -> list[Node]:
        nodes = evaluate_tree(expression, Context(document, document, random=chance))
        assert isinstance(nodes, list)
        return nodes

    assert draw(random.Random(3)) == draw(random.Random(3))
    with pytest.raises(XPathError) as caught:
        draw(None)
    assert caught.value.problems[0].code == "xpath.no_random"
