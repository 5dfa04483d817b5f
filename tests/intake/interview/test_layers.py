"""Which questions of a form come in which of its stops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from intake.interview.description import Element, sections_of, with_all_below
from scenario.interview import form

LAYERED = """
| survey | type | name | label | layer | sensitivity | missing |
|---|---|---|---|---|---|---|
| | begin_group | a | A | | | |
| | text | a1 | A1 | plan | | |
| | text | a2 | A2 | anlegen | identity | |
| | text | a3 | A3 | | general | unknown |
| | begin_group | inner | Inner | | | |
| | text | a4 | A4 | | special | |
| | text | a5 | A5 | plan | | |
| | end_group | | | | | |
| | end_group | | | | | |
| | begin_group | b | B | | | |
| | text | b0 | B0 | | | |
| | begin_repeat | r | R | | | |
| | text | r1 | R1 | vertiefung | | |
| | text | r2 | R2 | anlegen | | |
| | end_repeat | | | | | |
| | text | b1 | B1 | | | |
| | end_group | | | | | |
| | text | loose | Loose | | | |
| | begin_repeat | s | S | | | |
| | text | s1 | S1 | anlegen | | |
| | end_repeat | | | | | |

| settings | form_title | form_id | version |
|---|---|---|---|
| | Schichten | schichten | 1 |
"""


def names(section: Element) -> Iterator[str]:
    for child in section.children:
        if child.kind == "question":
            yield child.nodeset.rsplit("/", 1)[-1]
        else:
            yield from names(child)


def test_sections_come_in_the_order_of_the_layers_and_once_in_each() -> None:
    assert [(section.layer, list(names(section))) for section in sections_of(form(LAYERED))] == [
        ("anlegen", ["a2", "a3", "a4"]),
        ("anlegen", ["s1"]),
        ("plan", ["a1", "a5"]),
        ("vertiefung", ["b0", "r1", "r2", "b1"]),
        ("vertiefung", ["loose"]),
    ]


def test_every_question_stands_in_one_layer_and_every_id_once() -> None:
    elements = list(with_all_below(sections_of(form(LAYERED))))
    ids = [element.id for element in elements]
    assert len(set(ids)) == len(ids)
    questions = [element.nodeset for element in elements if element.kind == "question"]
    assert len(set(questions)) == len(questions) == 11
    assert ids == [element.id for element in with_all_below(sections_of(form(LAYERED)))]


def test_both_parts_of_a_divided_group_are_that_group() -> None:
    inner = [each for each in with_all_below(sections_of(form(LAYERED))) if each.nodeset.endswith("/inner")]
    assert [list(names(part)) for part in inner] == [["a4"], ["a5"]]
    assert inner[0].id != inner[1].id


def test_a_form_without_layers_is_as_it_was_and_says_none() -> None:
    sections = sections_of(form(LAYERED.replace("| plan |", "| |").replace("anlegen", "").replace("vertiefung", "")))
    assert [(section.kind, section.layer) for section in sections] == [
        ("group", ""),
        ("group", ""),
        ("group", ""),
        ("repeat", ""),
    ]
    assert all("layer" not in section.json() for section in sections)


def test_a_layer_that_the_program_does_not_know_comes_last() -> None:
    known = form(LAYERED)
    binds = dict(known.binds)
    binds["/data/a/a1"] = replace(binds["/data/a/a1"], columns={"layer": "zuerst"})
    sections = sections_of(replace(known, binds=binds))
    assert [section.layer for section in sections] == [
        "anlegen",
        "anlegen",
        "plan",
        "vertiefung",
        "vertiefung",
        "zuerst",
    ]
    assert list(names(sections[-1])) == ["a1"]


def test_the_browser_hears_of_layer_sensitivity_and_missing_reasons() -> None:
    sections = [section.json() for section in sections_of(form(LAYERED))]
    assert [section["layer"] for section in sections][:3] == ["anlegen", "anlegen", "plan"]
    a2, a3, inner = sections[0]["children"]
    assert a2["sensitivity"] == "identity"
    assert "sensitivity" not in a3
    assert (a3["missing"], "missing" in a2) == (True, False)
    assert inner["children"][0]["sensitivity"] == "special"
    assert "layer" not in inner
