"""A converted form is the same form, and a file that stands alone."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which

import pytest
import pyxform

from intake import read_xlsform
from intake.converting import convert_file
from scenario.first_interview import NOW
from scenario.workbooks import markdown
from validation import read_form
from validation.errors import FormError, UsageError
from validation.instance import Instance

FORMS = sorted((Path(__file__).parents[2] / "data" / "forms").glob("*.md"))

FORMULAS = """
| survey | type | name | label |
| | text | a | =1+1 |
| | text | b | @SUM(A1) |
"""

DEMANDS = """
| survey | type | name | label | required | missing |
| | text | a | A | | |
| | text | b | B | yes | refused |
| | text | c | C | ${a} = 'ja' | refused unknown |
"""


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_workbook_made_from_a_shipped_form_is_the_same_form_without_the_lists(path: Path, tmp_path: Path) -> None:
    """In a study whose forms declare the same data sets: which lists hold entities is the study's to say."""
    form = read_xlsform(path)
    (tmp_path / "forms").mkdir()
    (tmp_path / "study.toml").touch()
    declared = "".join(f"| | {name} | x |\n" for name in form.external)
    sheet = "\n| entities | list_name | label |\n" + declared
    (tmp_path / "forms" / "other.md").write_text(FORMULAS + sheet, encoding="utf-8")
    convert_file(path, tmp_path / "forms" / "form.xlsx")
    assert read_xlsform(tmp_path / "forms" / "form.xlsx").hash == form.hash


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_xform_made_from_a_shipped_form_demands_the_reason_where_we_demand_the_answer(
    path: Path, tmp_path: Path
) -> None:
    """Nothing else differs: with every demand of an answer or a reason taken away, the two are one form."""
    convert_file(path, tmp_path / "form.xml")
    made = read_form((tmp_path / "form.xml").read_text(encoding="utf-8"))
    ours = read_xlsform(path)
    circles = {at for at, bind in ours.binds.items() if bind.required and f"{at}__missing" in ours.binds}
    for at in circles:
        assert made.binds[at].required is None, at
        assert made.binds[f"{at}__missing"].required is not None, at
        assert ours.binds[f"{at}__missing"].required is None, at
    others = set(ours.binds) - circles - {f"{at}__missing" for at in circles}
    assert {at: made.binds[at] for at in others} == {at: ours.binds[at] for at in others}
    assert set(made.binds) == set(ours.binds)
    assert circles or made.hash == ours.hash


def test_a_demand_under_a_condition_moves_with_its_condition(tmp_path: Path) -> None:
    convert_file(markdown(tmp_path, DEMANDS), tmp_path / "form.xml")
    form = read_form((tmp_path / "form.xml").read_text(encoding="utf-8"))
    instance = Instance(form, now=NOW)
    assert {(each.path, each.kind) for each in instance.violations()} == {("/data/b__missing", "required")}
    instance.answer("/data/a", "ja")
    assert {each.path for each in instance.violations()} == {"/data/b__missing", "/data/c__missing"}
    instance.answer("/data/b__missing", "refused")
    instance.answer("/data/c", "hier")
    assert instance.violations() == []


@pytest.mark.skipif(which("java") is None, reason="ODK Validate needs Java")
@pytest.mark.parametrize(
    "names", [("austritt", "fortschreibung"), pytest.param([path.stem for path in FORMS], marks=pytest.mark.long)]
)
def test_odk_validate_takes_the_shipped_forms(names: list[str], tmp_path: Path) -> None:
    made = [tmp_path / f"{name}.xml" for name in names]
    for path, target in zip((FORMS[0].with_stem(name) for name in names), made, strict=True):
        convert_file(path, target)
    jar = Path(pyxform.__file__).parent / "validators" / "odk_validate" / "bin" / "ODK_Validate.jar"
    told = subprocess.run(["java", "-jar", str(jar), *map(str, made)], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert (told.stdout + told.stderr).count("Xform is valid!") == len(names)


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
