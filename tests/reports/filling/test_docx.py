"""Content controls of a Word document: filled, and nothing else touched."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest

from reports.filling.answers import Value
from reports.filling.docx import W14, W, fields_of, fill_docx
from scenario.office_forms import BLOCK, BOX, DAY, LIST, control, word
from validation.errors import DataError
from validation.tree import Node, parse

FORM = word(
    control("Name"), control("Kurs", BOX), control("Tag", DAY, by="alias"), control("Stand", LIST), BLOCK,
    more={"word/header1.xml": f'<w:hdr xmlns:w="{W}">{control("Name")}</w:hdr>', "docProps/app.xml": "<a/>"},
)  # fmt: skip


def part(data: bytes, name: str = "word/document.xml") -> Node:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return parse(archive.read(name))


def held(data: bytes, name: str, where: str = "word/document.xml") -> Node:
    for node in part(data, where).descendants():
        if node.name == "sdt" and name in [each.attributes.get(f"{{{W}}}val") for each in node.descendants()]:
            return node
    raise LookupError(name)


def text(node: Node) -> str:
    return "".join(
        "\n" if each.name == "br" else each.string_value() for each in node.descendants() if each.name in ("br", "t")
    )


def test_controls_are_known_by_tag_or_title() -> None:
    assert fields_of(FORM, "a.docx") == ("Name", "Kurs", "Tag", "Stand", "Verlauf")


def test_texts_days_lists_and_boxes_are_filled_in_body_and_header() -> None:
    day = Value("01.02.2026", day=date(2026, 2, 1))
    values = {
        "Name": Value("Ä & <B>\nzwei\x01"), "Kurs": Value("ja", ticked=True), "Tag": day, "Stand": Value("A2", ("a2",)),
        "Verlauf": Value("neu"),
    }  # fmt: skip
    made = fill_docx(FORM, values, "a.docx")
    said = {name: text(held(made, name)) for name in values}
    assert said == {
        "Name": "Ä & <B>\nzwei", "Kurs": "\N{BALLOT BOX WITH CHECK}", "Tag": "01.02.2026", "Stand": "Grundstufe A2",
        "Verlauf": "neu",
    }  # fmt: skip
    assert text(held(made, "Name", "word/header1.xml")) == "Ä & <B>\nzwei"
    (checked,) = (each for each in held(made, "Kurs").descendants() if each.name == "checked")
    assert checked.attributes[f"{{{W14}}}val"] == "1"
    names = {each.name for each in part(made).descendants()}
    assert not names & {"showingPlcHdr", "dataBinding", "rStyle"}
    assert "b" in names
    with zipfile.ZipFile(io.BytesIO(made)) as archive, zipfile.ZipFile(io.BytesIO(FORM)) as before:
        assert archive.namelist() == before.namelist()
        assert archive.read("docProps/app.xml") == before.read("docProps/app.xml")


def test_a_box_that_is_not_ticked_and_an_empty_answer_leave_an_empty_field() -> None:
    made = fill_docx(FORM, {"Kurs": Value(""), "Stand": Value(""), "Name": Value("")}, "a.docx")
    assert [text(held(made, name)) for name in ("Kurs", "Stand", "Name")] == ["\N{BALLOT BOX}", "", ""]


def test_a_list_that_does_not_offer_the_answer_says_so_without_it() -> None:
    with pytest.raises(DataError, match="Stand") as caught:
        fill_docx(FORM, {"Stand": Value("geheim", ("c2",))}, "a.docx")
    assert "geheim" not in str(caught.value)


def test_strange_files_are_refused() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><sdt>&a;</sdt>'
    for data, said in (
        (b"", "beschädigt"),
        (word(more={"../x": ""}), "Pfad|außerhalb|x"),
        (word(more={"word/header1.xml": bomb}), "beschädigt"),
    ):
        with pytest.raises(DataError, match=said):
            fields_of(data, "x.docx")
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(DataError, match="Word-Dokument"):
        fields_of(empty.getvalue(), "x.docx")
