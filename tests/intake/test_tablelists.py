"""Tables of questions whose answers may be missing: drawn and answered like those pyxform makes by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from intake.interview.session import Session
from intake.xlsform import read_xlsform
from scenario.interview import Talk
from scenario.workbooks import markdown
from scenario.xforms import NOW
from validation.errors import FormError
from validation.form import Form

SURVEY = """
| survey | type | name | label::Deutsch (de) | hint::Deutsch (de) | appearance | missing | required |
|---|---|---|---|---|---|---|---|
| | text | davor | Davor | | | | |
| | begin_group | tab | Wie gut? | Bitte schätzen | table-list | | |
| | select_one stufe | lesen | Lesen | | | {first} | yes |
| | select_one {second} | reden | Reden | | | {missing} | |
| | end_group | tab | | | | | |
| | select_one jn | danach | Danach | | | | |

| choices | list_name | name | label::Deutsch (de) |
|---|---|---|---|
| | stufe | gut | gut |
| | stufe | schlecht | schlecht |
| | jn | ja | ja |
| | jn | nein | nein |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Tabelle | tabelle | 1 | Deutsch (de) |
"""


def read(folder: Path, *, first: str = "unknown", second: str = "stufe", missing: str = "unknown refused") -> Form:
    return read_xlsform(markdown(folder, SURVEY.format(first=first, second=second, missing=missing), "tabelle.md"))


def test_a_table_whose_answers_may_be_missing_is_a_table(tmp_path: Path) -> None:
    form = read(tmp_path)
    talk = Talk(Session(form, now=lambda: NOW))
    drawn = [each for each in _all(talk.form["sections"]) if each["kind"] == "question"]
    assert [(each.get("name"), each.get("appearance"), each.get("missing")) for each in drawn[1:-1]] == [
        ("generated_table_list_label_3", [], None),
        ("reserved_name_for_field_list_labels_4", ["label"], None),
        ("lesen", ["list-nolabel"], True),
        ("reden", ["list-nolabel"], True),
    ]
    talk.answer("lesen", "gut")
    (reply,) = talk.send("reason", talk.id("reden"), "refused")
    assert reply["type"] == "ack"
    assert talk.session.answers["/data/tab/lesen"] == "gut"
    assert talk.session.instance.value("/data/tab/reden__missing") == "refused"
    assert talk["lesen"]["problems"] == []
    talk.answer("lesen", "")
    assert [each["kind"] for each in talk["lesen"]["problems"]] == ["required"]
    talk.send("reason", talk.id("lesen"), "unknown")
    assert talk["lesen"]["problems"] == []


def test_it_reads_as_the_table_without_reasons_does(tmp_path: Path) -> None:
    """Apart from the questions that take the reasons."""
    (tmp_path / "plain").mkdir()
    plain, ours = read(tmp_path / "plain", first="", missing=""), read(tmp_path)
    assert [each for each in ours.binds if not each.endswith("__missing")] == list(plain.binds)
    shown = [(each.kind, each.nodeset, each.appearance, each.label is None) for each in plain.controls()]
    assert [
        (each.kind, each.nodeset, each.appearance, each.label is None)
        for each in ours.controls()
        if not each.nodeset.endswith("__missing")
    ] == shown


def test_different_lists_in_one_table_are_told_at_their_row(tmp_path: Path) -> None:
    with pytest.raises(FormError) as refused:
        read(tmp_path, second="jn")
    (problem,) = refused.value.problems
    assert (problem.code, problem.place.row, problem.place.column) == ("workbook.table_lists", 6, "type")
    assert "stufe" in refused.value.text()


def _all(elements: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for each in elements:
        yield each
        yield from _all(each.get("children", []))
