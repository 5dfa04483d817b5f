"""validation/tree.py: reading and writing XML, walking, changing, naming nodes; what is refused."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation.errors import FormError
from validation.tree import Node, parse, serialize

MIXED = (
    '<?pi a?><!--c--><h:a xmlns:h="urn:u" xmlns="urn:v" q="1&quot;&#10;" h:z="2"><b>x<i>y</i>z &amp; &lt;</b>'
    '<c xmlns=""/><d xml:lang="de"/></h:a>'
)


def _problem(xml: str | bytes) -> str:
    with pytest.raises(FormError) as caught:
        parse(xml)
    (problem,) = caught.value.problems
    assert problem.text("de") != problem.text("en")
    return problem.code


def test_document_survives_parsing_and_serialising() -> None:
    assert serialize(parse(MIXED)) == MIXED


def test_bytes_in_another_encoding_are_read() -> None:
    assert parse('<?xml version="1.0" encoding="iso-8859-1"?><a>ä</a>'.encode("latin-1")).string_value() == "ä"


def test_text_that_claims_another_encoding_is_read_as_text() -> None:
    assert parse('<?xml version="1.0" encoding="utf-16"?><a>ä</a>').string_value() == "ä"


def test_declaration_is_written_on_demand() -> None:
    assert serialize(parse("<a/>"), declaration=True) == '<?xml version="1.0" encoding="UTF-8"?>\n<a/>'


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "form.dtd"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>', "form.dtd"),
        ('<!DOCTYPE a [<!ENTITY % p SYSTEM "http://localhost/p"> %p;]><a/>', "form.dtd"),
        ('<!DOCTYPE a [<!ATTLIST a id CDATA "v">]><a/>', "form.dtd"),
        ("<!DOCTYPE a [<!ELEMENT a ANY>]><a/>", "form.dtd"),
        ('<!DOCTYPE a SYSTEM "a.dtd"><a/>', "form.dtd"),
        ('<!DOCTYPE a PUBLIC "-//X" "a.dtd"><a/>', "form.dtd"),
        ('<!--<!DOCTYPE a>--><!DOCTYPE a [<!ENTITY x "y">]><a/>', "form.dtd"),
        ("<a>", "form.not_xml"),
        ("", "form.not_xml"),
        ("only text", "form.not_xml"),
        ("<a>&undeclared;</a>", "form.not_xml"),
        ("<p:a/>", "form.not_xml"),
        ("<a>\ud800</a>", "form.not_xml"),
        (b"\xff\xfe\x00", "form.not_xml"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "form.not_xml"),
        ("<a>" * 300 + "</a>" * 300, "form.too_deep"),
    ],
)
def test_refused_documents(xml: str | bytes, code: str) -> None:
    assert _problem(xml) == code


def test_entity_bomb_is_refused() -> None:
    letters = string.ascii_lowercase
    bomb = "".join(f"<!ENTITY {letters[n + 1]} '{f'&{letters[n]};' * 10}'>" for n in range(9))
    assert _problem(f"<!DOCTYPE a [<!ENTITY a 'ha'>{bomb}]><a x='&j;'>&j;</a>") == "form.dtd"


def test_the_message_names_the_line() -> None:
    with pytest.raises(FormError) as caught:
        parse("<a>\n<b>\n</a>")
    assert "3" in caught.value.problems[0].text("en")


def test_bare_document_type_is_harmless() -> None:
    assert serialize(parse("<!DOCTYPE html>\n<html/>")) == "<html/>"


def test_a_part_carries_the_declarations_above_it() -> None:
    part = parse(MIXED).child("a").child("b")  # type: ignore[union-attr]
    assert part is not None
    assert parse(serialize(part)).child("b").namespace == "urn:v"  # type: ignore[union-attr]
    assert serialize(part.copy()) == '<b xmlns="urn:v">x<i>y</i>z &amp; &lt;</b>'


def test_attribute_with_namespace_gets_a_prefix_when_none_is_declared() -> None:
    node = Node.element("a")
    node.set_attribute("{urn:x}b", "1")
    assert serialize(node) == '<a xmlns:ns0="urn:x" ns0:b="1"/>'


def test_paths() -> None:
    document = parse('<data xmlns:o="urn:o"><a/><c>1</c><c>2</c><o:m><o:id x="y">t</o:id></o:m></data>')
    data = document.child("data")
    assert data is not None
    second = list(data.elements())[2]
    assert (second.path(), second.nodeset(), second.positions()) == ("/data/c[2]", "/data/c", "/*[1]/*[3]")
    meta = data.child("m").child("id")  # type: ignore[union-attr]
    assert meta is not None
    assert meta.path() == "/data/o:m/o:id"
    assert meta.attribute_nodes()[0].path() == "/data/o:m/o:id/@x"
    assert meta.children[0].positions() == "/*[1]/*[4]/*[1]/text()[1]"
    assert document.positions() == "/"
    assert meta.root() is document


def test_a_repeat_entry_shows_its_position_even_alone() -> None:
    data = parse("<data><c/></data>").child("data")
    assert data is not None
    entry = data.child("c")
    assert entry is not None
    assert entry.path() == "/data/c"
    entry.entry = "1"
    assert entry.path() == "/data/c[1]"
    assert entry.nodeset() == "/data/c"


def test_value_of_a_leaf() -> None:
    leaf = Node.element("a", "one")
    leaf.value = "two & three"
    assert (leaf.value, serialize(leaf)) == ("two & three", "<a>two &amp; three</a>")
    leaf.value = ""
    assert serialize(leaf) == "<a/>"


def test_value_of_an_attribute_writes_through() -> None:
    node = parse('<a b="1"/>').child("a")
    assert node is not None
    (attribute,) = node.attribute_nodes()
    attribute.value = "2"
    assert node.attributes == {"b": "2"}
    assert attribute.string_value() == "2"
    assert node.attribute_nodes()[0] is attribute


def test_string_value_joins_mixed_content() -> None:
    assert parse("<a>x<b>y</b><!--no-->z</a>").string_value() == "xyz"


def test_insert_moves_a_node_within_its_parent() -> None:
    parent = parse("<a><b/><c/><d/></a>").child("a")
    assert parent is not None
    parent.insert(3, parent.children[0])
    assert [child.name for child in parent.elements()] == ["c", "d", "b"]
    parent.remove(parent.children[1])
    assert serialize(parent) == "<a><c/><b/></a>"


def test_insert_takes_a_node_from_its_old_parent() -> None:
    first, second = Node.element("a"), Node.element("b")
    child = Node.element("c")
    first.append(child)
    second.append(child)
    assert child.parent is second
    assert first.children == []


def test_remove_refuses_a_stranger() -> None:
    with pytest.raises(ValueError, match="not a child"):
        Node.element("a").remove(Node.element("b"))


def test_leaves_take_no_children() -> None:
    leaf = Node.text("x")
    with pytest.raises(ValueError, match="no children"):
        leaf.append(Node.element("a"))
    assert Node.text("y").children == []


def test_copy_is_deep_and_keeps_state() -> None:
    original = parse("<a><b>1</b></a>").child("a")
    assert original is not None
    original.children[0].relevant = False
    original.children[0].entry = "7"
    twin = original.copy()
    twin.children[0].value = "2"
    assert original.string_value() == "1"
    assert twin.parent is None
    assert (twin.children[0].relevant, twin.children[0].entry) == (False, "7")


def test_relevance_is_inherited() -> None:
    document = parse("<a><b><c/></b></a>")
    outer = document.child("a")
    assert outer is not None
    outer.relevant = False
    assert not outer.child("b").child("c").is_relevant()  # type: ignore[union-attr]
    outer.relevant = True
    assert outer.child("b").child("c").is_relevant()  # type: ignore[union-attr]


_TEXT = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="".join(map(chr, range(32))) + "\ufffe\uffff"),
    max_size=12,
)
_NAMES = st.sampled_from(["a", "b", "größe", "x-1"])


@st.composite
def _elements(draw: st.DrawFn, depth: int = 3) -> Node:
    node = Node.element(draw(_NAMES), namespace=draw(st.sampled_from(["", "urn:x"])))
    for name in draw(st.lists(st.sampled_from(["i", "{urn:y}j", "{urn:x}k"]), unique=True, max_size=3)):
        node.set_attribute(name, draw(_TEXT | st.sampled_from(["\n", "\t\r", '"<&>'])))
    for _ in range(draw(st.integers(0, 3)) if depth else 0):
        text = draw(_TEXT | st.just("\r\n"))
        if text and draw(st.booleans()) and not (node.children and node.children[-1].kind == "text"):
            node.append(Node.text(text))
        else:
            node.append(draw(_elements(depth - 1)))
    return node


def _shape(node: Node) -> object:
    if node.kind == "text":
        return node.content
    return node.name, node.namespace, node.attributes, [_shape(child) for child in node.children]


@given(_elements())
def test_what_is_written_is_read_again(node: Node) -> None:
    again = next(parse(serialize(node)).elements())
    assert _shape(again) == _shape(node)
    assert _shape(node.copy()) == _shape(node)


def test_children_are_found_by_name_whatever_happened_to_them() -> None:
    top = Node.element("top")
    for number in range(40):
        top.append(Node.element("even" if number % 2 == 0 else "odd", str(number)))
    top.append(Node.text("even"))
    assert [node.value for node in top.named("odd")][:2] == ["1", "3"]
    assert top.named("nothing") == []
    assert top.named("") == []
    late = Node.element("odd", "late")
    top.insert(0, late)
    assert top.named("odd")[0] is late
    top.remove(late)
    assert late not in top.named("odd")
    top.keep(top.children[20:])
    assert top.named("odd")[0].value == "21"
    twin = top.copy()
    assert [node.value for node in twin.named("odd")] == [node.value for node in top.named("odd")]
    assert twin.named("odd")[0].parent is twin
    top.value = "text"
    assert top.named("odd") == []


@pytest.mark.parametrize(
    "xml",
    [
        '<a xmlns="u"><b xmlns=""><c/></b></a>',
        '<a xmlns="u" xmlns:p="u"><p:b p:z="1"/><b/></a>',
        '<a xmlns:p="u"><p:b xmlns:p="w"><p:c/></p:b><p:d/></a>',
        "<?x y?><!--c--><a><!--k-->t<?pi d?>u<b/>v<!--l-->w</a><!--e-->",
    ],
)
def test_declarations_comments_and_mixed_content_stay_where_they_were(xml: str) -> None:
    assert serialize(parse(xml)) == xml


def test_the_collector_is_left_as_it_was_found() -> None:
    import gc

    assert gc.isenabled()
    parse("<a/>")
    assert gc.isenabled()
    with pytest.raises(FormError):
        parse("<a")
    assert gc.isenabled()
    gc.disable()
    try:
        parse("<a/>")
        assert not gc.isenabled()
    finally:
        gc.enable()
