"""The frozen model: what holds of every form that was read."""

from __future__ import annotations

import dataclasses

import pytest

from scenario.xforms import form, inputs
from validation.form import Bind, Control, Form, Text

BODY = """<group ref="/data/g"><repeat nodeset="/data/g/r"><input ref="/data/g/r/a"/></repeat></group>"""


def test_1_a_form_cannot_be_changed() -> None:
    read = form("<a/>", "", inputs("a"))
    for item in (read, read.body[0], Bind("/data/a"), Text()):
        name = dataclasses.fields(item)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(item, name, "x")


def test_2_controls_are_found_at_any_depth_in_document_order() -> None:
    read = form("<g><r><a/></r></g><b/>", "", BODY + inputs("b"))
    assert [control.nodeset for control in read.controls()] == ["/data/g/r/a", "/data/b"]
    found = read.control("/data/g/r/a")
    assert isinstance(found, Control)
    assert read.control("/data/g") is None


def test_3_a_record_never_changes_the_template() -> None:
    from scenario.xforms import live
    from validation.tree import serialize

    read = form("<a>1</a><r><a/></r>", "", inputs("a") + '<repeat nodeset="/data/r"><input ref="/data/r/a"/></repeat>')
    before = serialize(read.template), serialize(read.repeat_templates["/data/r"])
    record = live(read)
    record.answer("/data/a", "2")
    record.add_repeat("/data/r")
    record.answer("/data/r[2]/a", "x")
    record.remove_repeat("/data/r[1]")
    assert (serialize(read.template), serialize(read.repeat_templates["/data/r"])) == before


def test_4_languages_are_those_of_the_texts() -> None:
    read: Form = form("<a/>", "", inputs("a"), itext='<translation lang="de"/><translation lang="en"/>')
    assert read.languages == ("de", "en")
    assert form("<a/>", "", inputs("a")).languages == ()
