"""The tables of known totals and invitations: read by form, wrong rows named."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.survey.reading import read_counts
from validation.errors import ReportError

KNOWN = {"alter": {"a18": "unter 25", "a25": "25 bis 44"}}


def read(tmp_path: Path, *rows: str) -> dict[str, dict[str, int]]:
    path = tmp_path / "randsummen.csv"
    path.write_text("\n".join(["form,question,value,population", *rows]), encoding="utf-8")
    return read_counts(path, "population", "bewohner", KNOWN)


def test_only_the_rows_of_the_form_are_read(tmp_path: Path) -> None:
    assert read(tmp_path) == {}
    assert read_counts(tmp_path / "none.csv", "population", "bewohner", KNOWN) == {}
    rows = ("bewohner,alter,a18,60", "akteure,art,kita,9", "bewohner,alter,a25, 140 ", "bewohner,,,500")
    assert read(tmp_path, *rows) == {"alter": {"a18": 60, "a25": 140}, "": {"": 500}}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("bewohner,alter,a99,5", "survey.unknown_answer"),
        ("bewohner,groesse,a18,5", "survey.unknown_answer"),
        ("bewohner,alter,,5", "survey.unknown_answer"),
        ("bewohner,alter,a18,viele", "survey.bad_number"),
        ("bewohner,alter,a18,-5", "survey.bad_number"),
        ("bewohner,alter,a18,", "survey.bad_number"),
        ("bewohner,alter,a25,5", "survey.bad_number"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str, code: str) -> None:
    with pytest.raises(ReportError) as caught:
        read(tmp_path, "bewohner,alter,a25,7", row)
    assert caught.value.code == code
    assert caught.value.fields["row"] == "3"


def test_what_is_no_table_is_said(tmp_path: Path) -> None:
    path = tmp_path / "randsummen.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ReportError) as caught:
        read_counts(path, "population", "bewohner", KNOWN)
    assert caught.value.code == "survey.unreadable"
