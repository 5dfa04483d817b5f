"""validation/xpath/lexer.py: what is a name, what an operator (XPath 1.0, section 3.7), and where reading stops."""

from __future__ import annotations

import pytest

from validation.errors import XPathError
from validation.xpath.lexer import tokenize


def _kinds(text: str) -> list[str]:
    return [f"{token.kind}:{token.text}" for token in tokenize(text)[:-1]]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("* * *", ["star:*", "operator:*", "star:*"]),
        ("div div mod", ["name:div", "operator:div", "name:mod"]),
        ("and/or", ["name:and", "operator:/", "name:or"]),
        ("@and", ["symbol:@", "name:and"]),
        ("a-b - c", ["name:a-b", "operator:-", "name:c"]),
        ("5mod2", ["number:5", "operator:mod", "number:2"]),
        ("'x'div.5", ["literal:'x'", "operator:div", "number:.5"]),
        ("1.", ["number:1."]),
        ("..", ["symbol:.."]),
        ("child::*", ["name:child", "symbol:::", "star:*"]),
        ("child::a:b", ["name:child", "symbol:::", "name:a:b"]),
        ("a:*", ["name:a:*"]),
        ("jr:itext ( 'a' )", ["name:jr:itext", "symbol:(", "literal:'a'", "symbol:)"]),
        ("a!=b", ["name:a", "operator:!=", "name:b"]),
        ("größe", ["name:größe"]),
        ('"it\'s"', ['literal:"it\'s"']),
    ],
)
def test_tokens(text: str, kinds: list[str]) -> None:
    assert _kinds(text) == kinds


def test_positions_count_from_one() -> None:
    assert [token.position for token in tokenize(" a + 'b'")] == [2, 4, 6, 9]


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("1 ? 2", "xpath.stray", 3),
        ("a #", "xpath.stray", 3),
        ("a : b", "xpath.stray", 3),
        ("a:b:c", "xpath.stray", 4),
        ("a:", "xpath.stray", 2),
        ("concat('a, 1)", "xpath.open_quote", 8),
        ("1 And 1", "xpath.operator_expected", 3),
        ("a b", "xpath.operator_expected", 3),
        ("1e5", "xpath.operator_expected", 2),
    ],
)
def test_refusals_name_the_position(text: str, code: str, position: int) -> None:
    with pytest.raises(XPathError) as caught:
        tokenize(text)
    assert (caught.value.problems[0].code, caught.value.position) == (code, position)
