"""References and texts: the small things reading rests on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation.form import Text
from validation.reading import Reading, absolute, detached
from validation.tree import Node, parse, serialize


@pytest.mark.parametrize(
    ("source", "context", "nodeset"),
    [
        ("/data/a", "/data/r", "/data/a"),
        (" /data/a ", "/data", "/data/a"),
        ("a", "/data/r", "/data/r/a"),
        ("../a", "/data/r/b", "/data/r/a"),
        ("./a", "/data", "/data/a"),
        (".", "/data/r", "/data/r"),
        ("current()/../a", "/data/r/b", "/data/r/a"),
        ("/data/r[position() = 1]/a", "/data", "/data/r/a"),
        ("/data/r[a = 'x[1]']/b", "/data", "/data/r/b"),
        ("/data/g/@id", "/data", "/data/g/@id"),
        ("//a", "/data", None),
        ("/data/*", "/data", None),
        ("concat('a')", "/data", None),
        ("../../../a", "/data/b", None),
        ("/data/r]/a", "/data", None),
        ("/data/r[1", "/data", None),
        ("a b", "/data", None),
    ],
)
def test_1_simple_paths_become_nodesets(source: str, context: str, nodeset: str | None) -> None:
    assert absolute(source, context) == nodeset


@given(st.text(max_size=30), st.sampled_from(["/data", "/data/r/b"]))
def test_2_any_text_is_a_nodeset_or_none(source: str, context: str) -> None:
    found = absolute(source, context)
    assert found is None or found.startswith("/")


def test_3_a_message_is_plain_or_an_id_or_an_expression() -> None:
    reading = Reading()
    assert reading.text("Bitte prüfen", "/data/a", "m") == Text(parts=("Bitte prüfen",))
    assert reading.text("jr:itext('x')", "/data/a", "m") == Text(itext="x")
    computed = reading.text("jr:itext(concat('x', 1))", "/data/a", "m")
    assert computed is not None
    assert computed.itext is None
    assert reading.text(" ", "/data/a", "m") is None
    assert reading.text("jr:itext(", "/data/a", "m") is None
    assert [problem.place.column for problem in reading.problems] == ["m"]


def test_4_the_same_fault_at_the_same_place_is_noted_once() -> None:
    reading = Reading()
    for _ in range(2):
        reading.unsupported("<x>", "/data/a")
        reading.warn("form.unknown_itext", "/data/a", "itext", name="y")
    assert (len(reading.problems), len(reading.warnings)) == (1, 1)


def test_5_a_detached_instance_has_its_own_declarations_and_no_layout() -> None:
    document = parse(
        '<i xmlns="http://www.w3.org/2002/xforms" xmlns:o="urn:o" xmlns:p="urn:p" xmlns:q="urn:q">'
        '\n<data o:v="1">\n <p:a/> <!-- x --> <b> t </b></data></i>'
    )
    outer = next(document.elements())
    node = detached(next(outer.elements()))
    assert serialize(node) == '<data xmlns:o="urn:o" xmlns:p="urn:p" o:v="1"><p:a/><b> t </b></data>'
    assert list(outer.elements()) == []


def test_6_an_instance_with_a_namespace_of_its_own_keeps_it() -> None:
    document = parse('<i><data xmlns="urn:mine"><a/></data></i>')
    node = detached(next(next(document.elements()).elements()))
    assert serialize(node) == '<data xmlns="urn:mine"><a/></data>'
    assert isinstance(node, Node)
