"""A converted form is the same form, and a file that stands alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake import read_xlsform
from intake.converting import convert_file
from scenario.workbooks import markdown
from validation import read_form
from validation.errors import FormError, UsageError

FORMS = sorted((Path(__file__).parents[2] / "data" / "forms").glob("*.md"))

FORMULAS = """
| survey | type | name | label |
| | text | a | =1+1 |
| | text | b | @SUM(A1) |
"""


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_workbook_made_from_a_shipped_form_is_the_same_form_without_the_lists(path: Path, tmp_path: Path) -> None:
    convert_file(path, tmp_path / "form.xlsx")
    assert read_xlsform(tmp_path / "form.xlsx").hash == read_xlsform(path).hash


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_xform_made_from_a_shipped_form_is_the_same_form(path: Path, tmp_path: Path) -> None:
    convert_file(path, tmp_path / "form.xml")
    assert read_form((tmp_path / "form.xml").read_text(encoding="utf-8")).hash == read_xlsform(path).hash


def test_what_begins_with_an_equals_sign_stays_text(tmp_path: Path) -> None:
    convert_file(markdown(tmp_path, FORMULAS), tmp_path / "made.xlsx")
    form = read_xlsform(tmp_path / "made.xlsx")
    assert [control.label.parts for control in form.controls() if control.label] == [("=1+1",), ("@SUM(A1)",)]


def test_another_ending_is_refused_and_a_wrong_form_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        convert_file(FORMS[0], tmp_path / "form.pdf")
    with pytest.raises(FormError):
        convert_file(markdown(tmp_path, "| survey | type | name |\n| | txt | a |"), tmp_path / "form.xlsx")
    assert not list(tmp_path.glob("form.[px][dl]*"))
