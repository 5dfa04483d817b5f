"""validation/xpath/parser.py: precedence, paths, positions of errors, limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation.errors import XPathError
from validation.xpath.parser import Expression, instances, parse, references


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1 + 2 * 3", "1 + 2 * 3"),
        ("(1 + 2) * 3", "(1 + 2) * 3"),
        ("1 - (2 - 3)", "1 - (2 - 3)"),
        ("1 - 2 - 3", "1 - 2 - 3"),
        ("a or b and c = d < e", "child::a or child::b and child::c = child::d < child::e"),
        ("- - 1", "-(-1)"),
        ("---1", "-1"),
        ("-a | b", "-child::a | child::b"),
        ("-2 * 3", "-2 * 3"),
        ("/", "/"),
        ("not(/)", "not(/)"),
        ("(/) = 1", "(/) = 1"),
        ("..", "parent::node()"),
        ("../@a", "parent::node()/attribute::a"),
        ("/a/b[2]", "/child::a/child::b[2]"),
        ("//a", "/descendant::a"),
        ("//a[1]", "/descendant-or-self::node()/child::a[1]"),
        ("//a[last()]", "/descendant-or-self::node()/child::a[last()]"),
        ("//a[b = 'x']", '/descendant::a[child::b = "x"]'),
        ("//@a", "/descendant-or-self::node()/attribute::a"),
        ("ancestor::x:*", "ancestor::x:*"),
        ("processing-instruction('p')", 'child::processing-instruction("p")'),
        ("instance('i')/root/item[name=current()/../a]/label", None),
        ("(a | b)[1]/c", "(child::a | child::b)[1]/child::c"),
        ("f(1)[2]", "f(1)[2]"),
        ("0.10", "0.1"),
        ("'say \"x\"'", "'say \"x\"'"),
        ("if (a, 'b' , c)", 'if(child::a, "b", child::c)'),
    ],
)
def test_canonical_text_reads_back_as_the_same_tree(text: str, canonical: str | None) -> None:
    tree = parse(text).tree
    assert canonical is None or str(tree) == canonical
    again = parse(str(tree)).tree
    assert again == tree
    assert hash(again) == hash(tree)


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("", "xpath.empty", 1),
        ("  ", "xpath.empty", 1),
        ("1 +", "xpath.unfinished", 4),
        ("concat('a', ", "xpath.unfinished", 13),
        ("not(1", "xpath.missing", 6),
        ("a[1", "xpath.missing", 4),
        ("1)", "xpath.unexpected", 2),
        ("a//", "xpath.unfinished", 4),
        ("a/[1]", "xpath.unexpected", 3),
        ("1 = = 2", "xpath.unexpected", 5),
        ("$x + 1", "xpath.variable", 1),
        ("1 + ${x}", "xpath.stray", 6),
        ("side::a", "xpath.axis", 1),
        ("a/concat(b)", "xpath.call_in_path", 3),
        ("9" * 400, "xpath.number_range", 1),
    ],
)
def test_refusals_name_the_position(text: str, code: str, position: int) -> None:
    with pytest.raises(XPathError) as caught:
        parse(text)
    problem = caught.value.problems[0]
    assert (problem.code, caught.value.position) == (code, position)
    assert problem.text("de") != problem.text("en")


@pytest.mark.parametrize("text", ["(" * 2000 + "1" + ")" * 2000, "not(" * 500 + "1" + ")" * 500, "a[" * 500])
def test_nesting_is_limited(text: str) -> None:
    with pytest.raises(XPathError) as caught:
        parse(text)
    assert caught.value.problems[0].code == "xpath.too_deep"


def test_length_is_limited() -> None:
    with pytest.raises(XPathError) as caught:
        parse("1" + " " * 200_000)
    assert caught.value.problems[0].code == "xpath.too_long"


def test_long_flat_expressions_are_read() -> None:
    assert isinstance(parse(" or ".join(["a = 1"] * 3000)), Expression)
    assert isinstance(parse("-" * 3000 + "1"), Expression)


def test_expressions_are_equal_where_their_text_is() -> None:
    assert parse("a + 1") is parse("a + 1")
    assert parse("a + 1") != parse("a  + 1")
    assert str(parse("a  + 1")) == "a  + 1"


def test_unknown_functions_are_no_matter_of_syntax() -> None:
    assert parse("no-such-function(1)").source == "no-such-function(1)"


def test_references_and_instances_are_offered_here() -> None:
    expression = parse("instance('towns')/root/item[name = /data/town]/label")
    assert "/data/town" in references(expression, "/data/x")
    assert instances(expression) == {"towns"}


_LEAVES = st.sampled_from(["1", "0.5", "'x'", "a", "/data/b", "..", "@c", "//d", "*", "true()", "/"])


def _compose(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["or", "and", "=", "!=", "<", ">=", "+", "-", "*", "div", "mod", "|"])
    return st.one_of(
        st.tuples(inner, operators, inner).map(lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"),
        st.tuples(inner, operators, inner).map(lambda parts: f"{parts[0]} {parts[1]} {parts[2]}"),
        inner.map(lambda part: f"-({part})"),
        inner.map(lambda part: f"not({part})"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]})[{parts[1]}]/x"),
        st.lists(inner, max_size=3).map(lambda parts: f"concat({', '.join(parts)})"),
    )


@given(st.recursive(_LEAVES, _compose, max_leaves=12))
def test_every_tree_is_what_its_canonical_text_says(text: str) -> None:
    try:
        tree = parse(text).tree
    except XPathError:  # '/ + 1' and its like: after a bare '/' XPath reads a name
        return
    assert parse(str(tree)).tree == tree


@given(st.text(st.sampled_from("ab1.'\"/|()[]@:,*+-=<>!$ \n#é\U00010000"), max_size=40))
def test_any_text_is_an_expression_or_an_error(text: str) -> None:
    try:
        parse(text)
        position = 0
    except XPathError as error:
        position = error.position
    assert 0 <= position <= len(text) + 1
