"""The house keeps its own rules: arrows, names, lock, notebooks, READMEs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("validation", "intake", "reports")
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


def lint_imports(where: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(LINT_IMPORTS), "--no-cache"], cwd=where, capture_output=True, text=True, check=False)


def test_the_arrows_hold() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout
    assert "reports -> intake -> validation KEPT" in done.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("validation/datatypes.py", "import intake.study"),
        ("intake/submission.py", "import reports.snapshot"),
        ("validation/form.py", "import sqlite3"),
        ("intake/study.py", "import reports.cli"),
    ],
)
def test_a_planted_wrong_import_turns_the_check_red(file: str, line: str, tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "fonts"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / file).open("a", encoding="utf-8") as planted:
        planted.write(f"\n{line}\n")
    done = lint_imports(tmp_path)
    assert done.returncode != 0
    assert "BROKEN" in done.stdout


def test_the_lock_pins_everything_with_hashes_and_names_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = re.findall(r"^([a-z0-9][a-z0-9._-]*(?:\[[a-z,]+\])?)==\S+", text, flags=re.MULTILINE)
    assert "hatchling" in pins
    assert not re.search(r"https?://|file:|--index-url|--find-links", text)
    for block in re.split(r"\n(?=\S)", text):
        if "==" in block and not block.startswith("#"):
            assert "--hash=sha256:" in block, block.splitlines()[0]


def test_every_direct_dependency_is_in_the_lock() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    locked = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for requirement in wanted:
        name = re.split(r"[\[>=<; ]", requirement)[0]
        assert re.search(rf"^{re.escape(name)}(\[[a-z,]+\])?==", locked, flags=re.MULTILINE), name


def test_names_that_must_not_exist_do_not() -> None:
    forbidden = {"utils.py", "helpers.py", "common.py", "base.py"}
    files = [path for package in (*PACKAGES, "tests") for path in (ROOT / package).rglob("*.py")]
    assert not [path for path in files if path.name in forbidden]
    assert not list((ROOT / "tests").rglob("__init__.py"))
    named = re.compile(r"^class \w*(Manager|Handler|Service|Factory)\b", re.MULTILINE)
    assert not [
        path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if named.search(path.read_text("utf-8"))
    ]


def test_no_file_grows_past_one_reading() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if (lines := path.read_text("utf-8").count("\n")) > 600
    }
    assert long == {}


def test_no_file_of_the_screen_grows_past_one_reading() -> None:
    """Lines up to 160 characters (an address in a style sheet cannot be broken), files up to 400 lines."""
    interview = ROOT / "intake" / "interview"
    folders = (interview / "screen", interview / "alone" / "page")
    files = [path for folder in folders for ending in ("js", "css") for path in folder.rglob(f"*.{ending}")]
    assert len(files) > 40
    wide, long = [], []
    for path in files:
        lines = path.read_text("utf-8").splitlines()
        numbered = enumerate(lines, start=1)
        wide += [f"{path.name}:{at}" for at, line in numbered if len(line) > 160 and 'url("data:' not in line]
        long += [path.name] if len(lines) > 400 else []
    assert (wide, long) == ([], [])


def test_notebooks_hold_no_output_and_no_logic() -> None:
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                source = "".join(cell["source"])
                assert cell["outputs"] == [], path.name
                assert cell["execution_count"] is None, path.name
                assert not re.search(r"^\s*(def|class|for|while|if|try)\b", source, re.MULTILINE), (path.name, source)


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_says_what_it_is_what_it_is_not_and_what_was_decided(package: str) -> None:
    text = (ROOT / package / "README.md").read_text(encoding="utf-8")
    for heading in ("## Contract", "## Not for", "## Decisions"):
        assert heading in text
    assert re.search(r"\b20\d\d-\d\d-\d\d\b", text.split("## Decisions")[1])


def test_one_third_party_library_has_one_door() -> None:
    doors = {
        "dask": {"intake/distributed.py"},
        "distributed": {"intake/distributed.py"},
        "lxml": {"validation/tree.py"},
        "pandera": {"validation/schema.py"},
        "psycopg": {"intake/store/postgres/connection.py"},
        "pyarrow": {"intake/columnar.py", "intake/exchange/parquet.py"},  # records as text; typed tables as files
        "pypdf": {"reports/filling/pdf.py"},
        "pyreadstat": {"intake/exchange/spss.py"},
        "pyxform": {"intake/xlsform.py", "intake/workbook.py"},
        "anywidget": {"intake/interview/widget.py"},
        "papermill": {"reports/factory/engine.py"},
        "nbconvert": {"reports/factory/render.py"},
        "tornado": {"intake/interview/alone/front.py"},
        "typst": {"reports/factory/render.py"},
        "vl_convert": {"reports/factory/render.py"},
        "typer": {
            "intake/exchange/out_cli.py",
            "intake/cli.py", "intake/store/cli.py", "intake/store/rights.py", "intake/store/safekeeping.py",
            "intake/store/sharing.py", "intake/exchange/in_cli.py", "reports/cli.py",
            "intake/formdiff/cli.py", "intake/simulation/cli.py", "reports/codebook_cli.py",
            "reports/consistency_cli.py", "reports/misuse.py",
            "reports/quality_cli.py", "reports/survey_cli.py", "intake/review_cli.py", "reports/plan_cli.py",
            "intake/due_cli.py", "intake/register_cli.py", "reports/registers_cli.py", "reports/municipal_plan_cli.py",
        },
    }  # fmt: skip
    for library, allowed in doors.items():
        pattern = re.compile(rf"^\s*(?:import|from) {library}\b", re.MULTILINE)
        users = {
            str(path.relative_to(ROOT))
            for package in PACKAGES
            for path in (ROOT / package).rglob("*.py")
            if pattern.search(path.read_text("utf-8"))
        }
        assert users <= allowed, library


def test_exported_names_are_the_public_surface() -> None:
    import intake
    import reports
    import validation

    assert validation.__all__ == ["Form", "Instance", "Problem", "read_form"]
    assert intake.__all__ == ["open_study", "read_xlsform"]
    assert reports.__all__ == ["SafeTable", "protect"]
    for package in (validation, intake, reports):
        for name in package.__all__:
            assert getattr(package, name) is not None
        with pytest.raises(AttributeError):
            _ = package.no_such_name


def test_each_row_of_the_dialect_names_a_test_that_exists() -> None:
    text = (ROOT / "validation" / "README.md").read_text(encoding="utf-8")
    rows = [line for line in text.split("## Dialect")[1].split("## ")[0].splitlines() if line.startswith("|")][2:]
    assert len(rows) > 5
    for row in rows:
        (name,) = re.findall(r"`((?:xpath/)?[\w/]*test_\w+\.py)`", row)
        assert (ROOT / "tests" / "validation" / name).is_file(), row
