"""intake.record: instance XML to record and back, without loss."""

from __future__ import annotations

import random
import unicodedata
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from intake.record import record_from_xml, xml_from_record
from intake.submission import Record, canonical, parse_record
from intake.xlsform import read_xlsform
from scenario.workbooks import markdown
from validation.errors import DataError, FormError
from validation.form import Form
from validation.tree import Node, parse, serialize

FORM = """
    | survey | | | |
    | | type | name | label |
    | | text | a | A |
    | | begin_group | g | G |
    | | text | b | B |
    | | begin_repeat | r | R |
    | | text | c | C |
    | | begin_repeat | s | S |
    | | text | d | D |
    | | end_repeat | | |
    | | end_repeat | | |
    | | end_group | | |
    | | text | z | Z |
    | settings | | |
    | | form_id | version |
    | | f | 1 |
    """


@cache
def form() -> Form:
    with TemporaryDirectory() as folder:
        return read_xlsform(markdown(Path(folder), FORM))


def there_and_back(xml: str) -> str:
    return xml_from_record(record_from_xml(xml, form()), form())


@pytest.mark.parametrize(
    ("xml", "record"),
    [
        ('<data id="f"><a>1</a></data>', {"/data/@id": "f", "/data/a": "1"}),
        ("<data><a/><g><b> x </b></g></data>", {"/data/a": "", "/data/g/b": " x "}),
        ("<data/>", {"/data": ""}),
        ("<data><g/></data>", {"/data/g": ""}),
        ("<data><g><r><c>1</c></r></g></data>", {"/data/g/r": [{"/data/g/r/c": "1"}]}),
        (
            "<data><g><r><c>1</c><s><d>2</d></s><s/></r><r/></g></data>",
            {
                "/data/g/r": [
                    {"/data/g/r/c": "1", "/data/g/r/s": [{"/data/g/r/s/d": "2"}, {"/data/g/r/s": ""}]},
                    {"/data/g/r": ""},
                ]
            },
        ),
        (
            "<data><new>1</new><new>2</new></data>",
            {"/data/new": [{"/data/new": "1"}, {"/data/new": "2"}]},
        ),
        (
            '<data xmlns:orx="http://openrosa.org/xforms"><orx:meta><orx:x q="1"/></orx:meta></data>',
            {"/data/orx:meta/orx:x/@q": "1", "/data/orx:meta/orx:x": ""},
        ),
        (
            '<data xmlns="http://f"><a xmlns:o="http://o/p" o:k="1"/><o xmlns="http://o/p"/></data>',
            {"/data/@xmlns": "http://f", "/data/a": "", "/data/a/@{http://o/p}k": "1", "/data/{http://o/p}o": ""},
        ),
        ("<data><z>1</z><a>2</a></data>", {"/data/z": "1", "/data/a": "2", "/data/order()": "1 0"}),
        ("<data><a>x<b>y</b>z</a></data>", {"/data/a/node()": "<a>x<b>y</b>z</a>"}),
        ("<data>\n  <!-- note -->\n  <a>1</a>\n</data>", {"/data/a": "1"}),
        ("<data><a>a\u0308</a></data>", {"/data/a": "ä"}),
        ("<data><a><![CDATA[<&>]]></a></data>", {"/data/a": "<&>"}),
    ],
)
def test_what_a_record_looks_like(xml: str, record: Record) -> None:
    assert record_from_xml(xml, form()) == record
    assert record_from_xml(there_and_back(xml), form()) == record


def test_the_order_of_the_form_needs_no_mention_and_comes_back_from_sorted_keys() -> None:
    answers = "<a>1</a><g><b>2</b><r><c>3</c></r></g><z>4</z>"
    xml = f'<data id="f" version="1">{answers}<meta><instanceID>uuid:1</instanceID></meta></data>'
    record = record_from_xml(xml, form())
    assert not any("order()" in key for key in record)
    assert xml_from_record(parse_record(canonical(record)), form()) == xml


# --- any tree at all

SPACES = ["", "http://www.w3.org/2002/xforms", "http://openrosa.org/xforms", "http://openrosa.org/javarosa", "urn:x"]
NAMES = ["a", "b", "c", "d", "g", "r", "s", "z", "meta", "instanceID", "neu", "größe", "_x-1.y", "data"]
TEXTS = st.text(
    st.one_of(
        st.sampled_from(" \t\n\r<>&\"'\u0308\u0338a=e1]ß\u00a0\u2028"), st.characters(exclude_categories=["Cs", "Cc"])
    ),
    max_size=6,
).filter(lambda text: "\ufffe" not in text and "\uffff" not in text)


@st.composite
def elements(draw: st.DrawFn, depth: int = 4, name: str | None = None) -> Node:
    node = Node.element(
        name or draw(st.sampled_from(NAMES)), namespace=draw(st.sampled_from([*SPACES, "", "", ""])) if not name else ""
    )
    for _ in range(draw(st.integers(0, 2))):
        space = draw(st.sampled_from(SPACES))
        key = draw(st.sampled_from(NAMES))
        node.set_attribute(f"{{{space}}}{key}" if space else key, draw(TEXTS))
    mixed = draw(st.integers(0, 9)) == 0
    for _ in range(draw(st.integers(0, 4)) if depth else 0):
        node.append(draw(elements(depth - 1)))
        if mixed:
            node.append(Node.text(draw(TEXTS)))
    if not node.children:
        node.value = draw(TEXTS)
    return node


def infoset(node: Node) -> object:
    """What must come back: names, attributes, texts in NFC, order; not prefixes, nor blanks between elements."""
    children: list[object] = []
    text = ""
    has_elements = any(child.kind == "element" for child in node.children)
    blank = has_elements and not any(child.content.strip() for child in node.children if child.kind == "text")
    for child in [*node.children, None]:
        if child is not None and child.kind == "text":
            text += child.content
        elif child is None or child.kind == "element":
            if text and not blank:
                children.append(unicodedata.normalize("NFC", text))
            text = ""
            if child is not None:
                children.append(infoset(child))
    attributes = {key: unicodedata.normalize("NFC", value) for key, value in node.attributes.items()}
    return (node.namespace, unicodedata.normalize("NFC", node.name), attributes, children)


def top(xml: str) -> Node:
    return next(parse(xml).elements())


@given(elements(name="data"), st.sampled_from(["", "http://www.w3.org/2002/xforms", "urn:x"]))
@settings(max_examples=200, deadline=None)
def test_nothing_is_lost_on_the_way_to_a_record_and_back(tree: Node, namespace: str) -> None:
    tree.namespace = namespace
    if "id" in tree.attributes:
        del tree.attributes["id"]
    xml = serialize(Node.document(tree))
    record = record_from_xml(xml, form())
    assert infoset(top(xml_from_record(record, form()))) == infoset(top(xml))
    stored = parse_record(canonical(record))
    back = xml_from_record(stored, form())
    assert infoset(top(back)) == infoset(top(xml))
    assert record_from_xml(back, form()) == record


@st.composite
def records(draw: st.DrawFn, key: str = "/data", depth: int = 2) -> Record:
    """Records as the form has them, with elements it does not know."""
    below = {"/data": ["a", "g/b", "z", "neu"], "/data/g/r": ["c", "neu"], "/data/g/r/s": ["d"]}[key]
    record: Record = {f"{key}/{name}": draw(TEXTS) for name in below if draw(st.booleans())}
    repeat = {"/data": "/data/g/r", "/data/g/r": "/data/g/r/s"}.get(key)
    if repeat and depth and draw(st.booleans()):
        record[repeat] = draw(st.lists(records(repeat, depth - 1), min_size=1, max_size=3))
    return record or {key: ""}


@given(records())
@example({"/data/a": "\r\n"})
@settings(max_examples=100, deadline=None)
def test_a_record_comes_back_from_xml(record: Record) -> None:
    expected = parse_record(canonical(record))
    assert record_from_xml(xml_from_record(record, form()), form()) == expected


# --- refusals


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ("<other/>", "submission.other_form"),
        ('<data id="g"/>', "submission.other_form"),
    ],
)
def test_an_instance_of_another_form_is_refused(xml: str, code: str) -> None:
    with pytest.raises(DataError) as raised:
        record_from_xml(xml, form())
    assert raised.value.code == code


@pytest.mark.parametrize(
    "xml", ["", "no xml", "<data>", '<!DOCTYPE d [<!ENTITY e "x">]><data><a>&e;</a></data>', b"\xff\xfe\xff"]
)
def test_what_is_no_xml_or_declares_entities_is_refused(xml: str | bytes) -> None:
    with pytest.raises(FormError):
        record_from_xml(xml, form())


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"/other/a": "1"}, "submission.outside"),
        ({"a": "1"}, "submission.outside"),
        ({"/data/a": "secret\x00"}, "submission.not_text"),
        ({"/data/a/@b": "secret\x08"}, "submission.not_text"),
        ({"/data/a b": "1"}, "submission.not_a_name"),
        ({"/data/<x>": "1"}, "submission.not_a_name"),
        ({"/data/nosuch:a": "1"}, "submission.not_a_name"),
        ({"/data/a/@xmlns": "urn:evil"}, "submission.not_a_name"),
        ({"/data//a": "1"}, "submission.outside"),
        ({"/data/a": "1", "/data/a/b": "2"}, "submission.not_a_record"),
        ({"/data/r": [{"/data/r/c": "1"}], "/data/r/x": "2"}, "submission.not_a_record"),
        ({"/data/r": [{"/data/other": "1"}]}, "submission.outside"),
        ({"/data/a": 1}, "submission.not_a_record"),
    ],
)
def test_a_record_that_is_none_is_refused_without_showing_answers(record: dict[str, object], code: str) -> None:
    with pytest.raises(DataError) as raised:
        xml_from_record(record, form())
    assert raised.value.code == code
    assert "secret" not in str(raised.value)


def test_a_broken_mixed_element_or_order_is_no_traceback() -> None:
    with pytest.raises(FormError):
        xml_from_record({"/data/a/node()": "<a>"}, form())
    assert xml_from_record({"/data/a": "1", "/data/order()": "7 x -1 ²"}, form()) == "<data><a>1</a></data>"


def test_shuffled_keys_make_no_difference() -> None:
    record = record_from_xml("<data><a>1</a><g><b>2</b></g><z>3</z></data>", form())
    items = list(record.items())
    random.Random(1).shuffle(items)
    assert xml_from_record(dict(items), form()) == xml_from_record(record, form())
