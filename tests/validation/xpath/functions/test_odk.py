"""validation/xpath/functions/odk.py: conditions, choices, checklists, chance."""

from __future__ import annotations

import random
import re

import pytest

from validation.errors import XPathError
from validation.tree import parse
from validation.xpath import evaluate
from validation.xpath.evaluator import Context, evaluate_tree
from validation.xpath.parser import parse as parse_expression

DOCUMENT = "<d><words>rot gelb  grün</words><e/><n>2</n><yes>x</yes><no/><w>3</w><w>4</w></d>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if(1, 'a', 'b')", "a"),
        ("if(/d/e, 'there', 'not there')", "there"),
        ("if(/d/e = '', 'empty', 'full')", "empty"),
        ("if(true(), 'a', no-such())", "a"),
        ("if(false(), no-such(), 5)", 5.0),
        ("coalesce(/d/e, /nope, 'c')", "c"),
        ("coalesce('', 0)", 0.0),
        ("coalesce(0 div 0, 'x')", "x"),
        ("coalesce('', '')", ""),
        ("string(coalesce(/d/words, no-such()))", "rot gelb  grün"),
        ("selected(/d/words, 'gelb')", True),
        ("selected(/d/words, ' gelb ')", True),
        ("selected(/d/words, 'gel')", False),
        ("selected(/d/words, '')", False),
        ("selected('', 'a')", False),
        ("selected-at(/d/words, 0)", "rot"),
        ("selected-at(/d/words, 2)", "grün"),
        ("selected-at(/d/words, 3)", ""),
        ("selected-at(/d/words, -1)", ""),
        ("selected-at(/d/words, 'x')", ""),
        ("count-selected(/d/words)", 3.0),
        ("count-selected('  ')", 0.0),
        ("checklist(1, 2, /d/yes, /d/no, 1 = 1)", True),
        ("checklist(3, -1, /d/yes, /d/no, 1 = 1)", False),
        ("checklist(-1, 1, /d/*)", False),
        ("checklist(-1, -1)", True),
        ("weighted-checklist(5, 5, /d/yes, 5, /d/no, 7)", True),
        ("weighted-checklist(7, 7, /d/w, /d/w)", True),
        ("weighted-checklist(8, -1, /d/w, /d/w)", False),
        ("boolean-from-string('true')", True),
        ("boolean-from-string(1)", True),
        ("boolean-from-string('yes')", False),
        ("string-length(uuid())", 36.0),
        ("string-length(uuid(7))", 7.0),
        ("uuid(0)", ""),
        ("random() < 1", True),
    ],
)
def test_values(text: str, expected: object) -> None:
    value = evaluate(text, DOCUMENT).raw
    assert value == expected
    assert type(value) is type(expected)


def test_uuid_is_a_version_4_uuid() -> None:
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", evaluate("uuid()").string()
    )


@pytest.mark.parametrize("text", ["uuid('x')", "uuid(-1)", "uuid(99999999)"])
def test_token_lengths_are_bounded(text: str) -> None:
    with pytest.raises(XPathError) as caught:
        evaluate(text)
    assert caught.value.problems[0].code == "xpath.token_length"


@pytest.mark.parametrize("text", ["random()", "uuid()"])
def test_without_chance_there_is_none(text: str) -> None:
    document = parse("<d/>")
    with pytest.raises(XPathError) as caught:
        evaluate_tree(parse_expression(text), Context(document, document))
    assert caught.value.problems[0].code == "xpath.no_random"
    assert evaluate_tree(parse_expression(text), Context(document, document, random=random.Random(1)))


def _with_form(text: str, at: str = "/d/kid[2]/q") -> object:
    document = parse("<d><kid><q>1</q></kid><kid><q>2</q></kid></d>")
    here = evaluate(at, document).nodes()[0]
    context = Context(
        here,
        document,
        choice_label=lambda path, value: f"{path}={value}",
        itext=lambda name: f"text of {name}",
    )
    return evaluate_tree(parse_expression(text), context)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jr:choice-name(., '.')", "/d/kid[2]/q=2"),
        ("jr:choice-name(../q, ' ../q ')", "/d/kid[2]/q=2"),
        ("jr:choice-name('7', '/d/kid/q')", "/d/kid[1]/q=7"),
        ("jr:choice-name('7', '/d/nope')", "/d/nope=7"),
        ("jr:itext('hello')", "text of hello"),
    ],
)
def test_labels_come_from_the_form(text: str, expected: str) -> None:
    assert _with_form(text) == expected


def test_a_choice_name_needs_a_path() -> None:
    with pytest.raises(XPathError) as caught:
        _with_form("jr:choice-name(., '((')")
    assert (caught.value.problems[0].code, caught.value.position) == ("xpath.choice_path", 1)
