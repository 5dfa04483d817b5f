"""validation/xpath/functions/core.py: node-sets and truth."""

from __future__ import annotations

import pytest

from validation.errors import XPathError
from validation.xpath import evaluate

DOCUMENT = (
    '<d xmlns:o="urn:o" xml:lang="de-AT"><k id="a">1</k><k id="b">2</k><o:m id="c" xml:lang="en"><x/></o:m>'
    "<?pi data?><l>a c</l></d>"
)


@pytest.mark.parametrize(
    ("text", "context", "expected"),
    [
        ("last()", "/", 1.0),
        ("position()", "/", 1.0),
        ("position(.)", "/d/k[2]", 2.0),
        ("position(..)", "/d/k[2]", 1.0),
        ("string(position(/nope))", "/", "NaN"),
        ("count(/d/k)", "/", 2.0),
        ("count(/nope)", "/", 0.0),
        ("count(id('a b b nope'))", "/", 2.0),
        ("count(id(/d/l))", "/", 2.0),
        ("count(id(''))", "/", 0.0),
        ("local-name(/d/*[3])", "/", "m"),
        ("local-name()", "/d/k", "k"),
        ("local-name(/nope)", "/", ""),
        ("local-name(/d/processing-instruction())", "/", "pi"),
        ("name(/d/*[3])", "/", "o:m"),
        ("name(/d/@xml:lang)", "/", "xml:lang"),
        ("namespace-uri(/d/*[3])", "/", "urn:o"),
        ("namespace-uri(/d)", "/", ""),
        ("boolean(0)", "/", False),
        ("boolean('false')", "/", True),
        ("boolean(/nope)", "/", False),
        ("not(1)", "/", False),
        ("not('')", "/", True),
        ("true()", "/", True),
        ("false()", "/", False),
        ("lang('de')", "/d/k", True),
        ("lang('DE-at')", "/d/k", True),
        ("lang('d')", "/d/k", False),
        ("lang('de')", "//x", False),
        ("lang('en')", "//x", True),
        ("lang('en')", "/", False),
    ],
)
def test_values(text: str, context: str, expected: object) -> None:
    value = evaluate(text, DOCUMENT, context).raw
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize("text", ["count(1)", "local-name('a')", "name(true())", "position('a')"])
def test_values_that_are_no_nodes_are_refused(text: str) -> None:
    with pytest.raises(XPathError) as caught:
        evaluate(text)
    assert caught.value.problems[0].code == "xpath.nodes_expected"
    assert caught.value.problems[0].fields["name"] == text.partition("(")[0]
