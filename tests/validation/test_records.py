"""A record's tree: made, restored, written."""

from __future__ import annotations

import pytest

from scenario.xforms import form, inputs, live
from validation.errors import FormError
from validation.records import meta, new_record, restored_record, written
from validation.tree import Node, serialize

REPEAT = '<repeat nodeset="/data/r"><input ref="/data/r/a"/></repeat>'


def top(document: Node) -> Node:
    return next(document.elements())


def test_1_a_new_record_is_a_copy() -> None:
    read = form("<a>1</a>", "", inputs("a"))
    made = new_record(read)
    top(made).child("a").value = "2"  # type: ignore[union-attr]
    assert serialize(read.template) == '<data id="test" version="1"><a>1</a></data>'


def test_2_what_a_record_lacks_is_added_in_its_place() -> None:
    read = form("<a/><b>2</b><g><c/><d/></g>", "", inputs("a", "b", "g/c", "g/d"))
    found = restored_record(read, "<data><a>1</a><g><d>4</d></g></data>")
    assert serialize(found) == '<data id="test" version="1"><a>1</a><b>2</b><g><c/><d>4</d></g></data>'


def test_3_a_record_keeps_its_version_and_its_entries() -> None:
    read = form("<r jr:template=''><a/><b/></r><r><a/><b/></r>", "", REPEAT)
    found = restored_record(read, "<data version='0'><r><a>1</a></r><r><a>2</a></r></data>")
    assert top(found).attributes == {"version": "0", "id": "test"}
    assert serialize(found).count("<b/>") == 2
    assert serialize(restored_record(read, "<data/>")).count("<r>") == 0


def test_4_other_prefixes_mean_the_same() -> None:
    read = form("<a/><orx:meta><orx:instanceID/></orx:meta>", "", inputs("a"))
    text = '<data xmlns:o="http://openrosa.org/xforms"><o:meta><o:instanceID>uuid:1</o:instanceID></o:meta></data>'
    record = live(read, xml=text)
    assert record.id == "uuid:1"
    assert record.value("/data/orx:meta/orx:instanceID") == "uuid:1"
    assert live(read, xml=record.to_xml()).id == "uuid:1"


@pytest.mark.parametrize(
    "text", ["<andere/>", "<data id='austritt'/>", "<data", "<!DOCTYPE d [<!ENTITY e 'x'>]><data>&e;</data>"]
)
def test_5_a_foreign_or_broken_record_is_refused(text: str) -> None:
    with pytest.raises(FormError):
        restored_record(form("<a/>"), text)


def test_6_what_is_not_relevant_is_written_in_drafts_only() -> None:
    read = form("<a/><g x='1'><b/></g>", '<bind nodeset="/data/g/@x" relevant="false()"/>', inputs("a", "g/b"))
    document = new_record(read)
    group = top(document).child("g")
    assert group is not None
    group.child("b").relevant = False  # type: ignore[union-attr]
    group.attribute_nodes()[0].relevant = False
    assert written(document, draft=False) == '<data id="test" version="1"><a/><g/></data>'
    assert written(document, draft=True) == '<data id="test" version="1"><a/><g x="1"><b/></g></data>'


def test_7_metadata_is_found_in_any_namespace_and_made_where_it_is_missing() -> None:
    document = new_record(form("<a/>"))
    assert meta(document, "instanceID") is None
    made = meta(document, "instanceID", make=True)
    assert made is not None
    assert made is meta(document, "instanceID")
    assert 'xmlns:orx="http://openrosa.org/xforms"' in serialize(document)
    plain = new_record(form("<meta><instanceID/></meta>"))
    assert meta(plain, "deprecatedID", make=True) is not None
    assert "<deprecatedID/>" in serialize(plain)


def test_8_templates_written_by_other_clients_are_no_entries() -> None:
    read = form("<r jr:template=''><a/></r>", "", REPEAT)
    text = '<data xmlns:jr="http://openrosa.org/javarosa"><r jr:template=""><a/></r><r><a>1</a></r></data>'
    assert live(read, xml=text).entries("/data/r") == ["/data/r[1]"]
