"""The table beside an office's form."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.filling.mapping import Rule, read_mapping
from validation.errors import DataError


def table(where: Path, *lines: str) -> Path:
    path = where / "t.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_a_row_says_which_answer_goes_where_and_how(tmp_path: Path) -> None:
    path = table(
        tmp_path, "field;question;text;how;allow", "Name;name;;;identity", "Stelle;;IM;;", "Tag;datum;;%d.%m.;"
    )
    assert read_mapping(path) == (
        Rule(2, "Name", "name", "", "", frozenset({"identity"})),
        Rule(3, "Stelle", "", "IM", "", frozenset()),
        Rule(4, "Tag", "datum", "", "%d.%m.", frozenset()),
    )
    assert read_mapping(table(tmp_path, "field,question", "Name,name"))[0].question == "name"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("field,frage", "a,b"), "Spalten field und question"),
        (("field,question,text", "a,b,c"), "Zeile 2"),
        (("field,question,text", "a,,"), "Zeile 2"),
        (("field,question", "a,b", ",b"), "Zeile 3"),
        (("field,question,how", "a,b,kurz"), "In how"),
        (("field,question,how", "a,b,%Q"), "In how"),
        (("field,question,allow", "a,b,alles"), "special"),
    ],
)
def test_a_row_that_is_wrong_is_named(lines: tuple[str, ...], said: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=said):
        read_mapping(table(tmp_path, *lines))
