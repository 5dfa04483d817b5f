"""validation/xpath/axes.py: each axis from each kind of node, and document order."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation.tree import Node, parse
from validation.xpath import evaluate
from validation.xpath.axes import along, in_order

DOCUMENT = parse('<r><a i="1" j="2"><b/><c>t<d/></c></a><e/><a k="3"/><!--x--></r>')


def _names(expression: str, context: str = "/r/a/c") -> list[str]:
    return evaluate(expression, DOCUMENT, context).nodeset()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("ancestor::*", ["/*[1]", "/*[1]/*[1]"]),
        ("ancestor-or-self::node()", ["/", "/*[1]", "/*[1]/*[1]", "/*[1]/*[1]/*[2]"]),
        ("ancestor::*[1]", ["/*[1]/*[1]"]),
        ("child::node()", ["/*[1]/*[1]/*[2]/text()[1]", "/*[1]/*[1]/*[2]/*[1]"]),
        ("descendant::d", ["/*[1]/*[1]/*[2]/*[1]"]),
        ("descendant-or-self::*", ["/*[1]/*[1]/*[2]", "/*[1]/*[1]/*[2]/*[1]"]),
        ("following::*", ["/*[1]/*[2]", "/*[1]/*[3]"]),
        ("following-sibling::*", []),
        ("preceding::*", ["/*[1]/*[1]/*[1]"]),
        ("preceding-sibling::*", ["/*[1]/*[1]/*[1]"]),
        ("parent::a", ["/*[1]/*[1]"]),
        ("parent::e", []),
        ("self::c", ["/*[1]/*[1]/*[2]"]),
        ("namespace::*", []),
        ("../@*", ["/*[1]/*[1]/@i", "/*[1]/*[1]/@j"]),
        ("../@j/..", ["/*[1]/*[1]"]),
        (
            "../@j/following::*",
            ["/*[1]/*[1]/*[1]", "/*[1]/*[1]/*[2]", "/*[1]/*[1]/*[2]/*[1]", "/*[1]/*[2]", "/*[1]/*[3]"],
        ),
        ("../../a[2]/@k/preceding::e", ["/*[1]/*[2]"]),
        ("../@j/following-sibling::node()", []),
        ("//comment()", ["/*[1]/comment()[1]"]),
        ("/r/e/preceding::*[1]", ["/*[1]/*[1]/*[2]/*[1]"]),
        ("/r/e/preceding-sibling::*/b", ["/*[1]/*[1]/*[1]"]),
        ("//a/following::*", ["/*[1]/*[2]", "/*[1]/*[3]"]),
        ("//c/ancestor::* | //e", ["/*[1]", "/*[1]/*[1]", "/*[1]/*[2]"]),
    ],
)
def test_axes(expression: str, expected: list[str]) -> None:
    assert _names(expression) == expected


_ALL = [DOCUMENT, *DOCUMENT.descendants()] + [
    attribute for node in DOCUMENT.descendants() for attribute in node.attribute_nodes()
]


@given(st.lists(st.sampled_from(_ALL)))
def test_document_order_has_no_duplicates_and_one_answer(nodes: list[Node]) -> None:
    ordered = in_order(nodes)
    assert len({id(node) for node in ordered}) == len(ordered) == len({id(node) for node in nodes})
    assert [id(node) for node in in_order(reversed(nodes))] == [id(node) for node in ordered]


@given(st.sampled_from(_ALL), st.sampled_from(_ALL))
def test_an_axis_and_its_mirror_agree(one: Node, other: Node) -> None:
    for axis, mirror in (
        ("ancestor", "descendant"),
        ("following", "preceding"),
        ("following-sibling", "preceding-sibling"),
    ):
        if "attribute" in (one.kind, other.kind):
            continue
        there = any(node is other for node in along(axis, one))
        back = any(node is one for node in along(mirror, other))
        assert there == back


@pytest.mark.parametrize(
    "wanted", ["//*", "//g", "//x", "//x | //g", "//text()", "//g[3]/x", "//x | //g/@n", "/ | //x"]
)
def test_many_nodes_come_in_document_order_whatever_order_they_went_in(wanted: str) -> None:
    document = parse("<d>" + "".join(f'<g n="{n}"><x>1</x><x><y/></x></g>' for n in range(60)) + "</d>")
    nodes = evaluate(wanted, document).nodes()
    shuffled = [*nodes, *nodes[:5]]
    random.Random(3).shuffle(shuffled)
    assert [id(node) for node in in_order(shuffled)] == [id(node) for node in nodes]


def test_nodes_of_two_trees_keep_the_order_of_the_trees() -> None:
    first, second = parse("<d>" + "<x/>" * 30 + "</d>"), parse("<d>" + "<x/>" * 30 + "</d>")
    ones, twos = evaluate("//x", first).nodes(), evaluate("//x", second).nodes()
    assert in_order([twos[0], *reversed(ones), *twos[:0:-1]]) == [*twos, *ones]


def test_a_few_nodes_of_a_large_tree_are_sorted_without_a_walk() -> None:
    document = parse("<d>" + "<g><x/></g>" * 3_000 + "</d>")
    nodes = evaluate("//x", document).nodes()[::100]
    assert in_order(reversed(nodes)) == nodes
