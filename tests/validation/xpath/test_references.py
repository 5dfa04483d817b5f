"""validation/xpath/references.py: what an expression reads."""

from __future__ import annotations

import pytest

from validation.xpath.parser import parse
from validation.xpath.references import instances_of, references_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2", set()),
        ("/data/a", {"/data/a"}),
        (" /data/a + ../b ", {"/data/a", "/data/g/b"}),
        (".", {"/data/g/me"}),
        (". > 5 and . < 9", {"/data/g/me"}),
        ("../../x", {"/data/x"}),
        ("current()/../b", {"/data/g/b"}),
        ("/data/c[2]/n", {"/data/c/n"}),
        ("/data/c[n = /data/x]/m", {"/data/c/m", "/data/c/n", "/data/x"}),
        ("/data/c[../k = current()/../b]/m", {"/data/c/m", "/data/k", "/data/g/b"}),
        ("sum(/data/c/n)", {"/data/c/n"}),
        ("/data/a/text()", {"/data/a"}),
        ("/data/a/@b", {"/data/a/@b"}),
        ("/data/*", {"/data/*"}),
        ("/data/*/../a", {"/data/a"}),
        ("//x/../a", {"//*/a"}),
        ("/data/node()", {"/data/*"}),
        ("/data/descendant-or-self::node()", {"/data//*"}),
        ("//x", {"//x"}),
        ("/data//x[y]", {"/data//x", "/data//x/y"}),
        ("x | y", {"/data/g/me/x", "/data/g/me/y"}),
        ("(/data/c | /data/d)[1]/n", {"/data/c", "/data/d", "/data/c/n", "/data/d/n"}),
        ("preceding-sibling::a", {"//*"}),
        ("position(..)", {"/data/g"}),
        ("if(/data/a, ../b, 'c')", {"/data/a", "/data/g/b"}),
        ("indexed-repeat(/data/c/n, /data/c, ../i)", {"/data/c/n", "/data/c", "/data/g/i"}),
        ("randomize(/data/c)/n", {"/data/c", "/data/c/n"}),
        ("-/data/a", {"/data/a"}),
        ("/", {"/"}),
        ("/data/o:m/o:id", {"/data/o:m/o:id"}),
        (
            "instance('t')/root/item[kreis = /data/k and ../v = 1]/label",
            {"instance('t')/root/item/label", "instance('t')/root/item/kreis", "instance('t')/root/v", "/data/k"},
        ),
    ],
)
def test_references(text: str, expected: set[str]) -> None:
    assert references_of(parse(text).tree, "/data/g/me") == expected


def test_instances_are_found_anywhere() -> None:
    tree = parse("count(instance('a')/root/item[x = pulldata('b', 'c', 'd', instance(/data/e))])").tree
    assert instances_of(tree) == {"a", "b"}
