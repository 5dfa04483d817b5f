"""The notebook runs in a process of its own that knows nothing but the bundle."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import nbformat
import pytest

from reports.annual import AnnualParameters, notebook_path
from reports.factory.engine import declared_parameters, execute, kernel_environment
from validation.errors import ReportError, UsageError

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def notebook(path: Path, *cells: str) -> Path:
    made = nbformat.v4.new_notebook(metadata={"kernelspec": KERNEL})
    made.cells = [nbformat.v4.new_code_cell("secret = 0\n", metadata={"tags": ["parameters"]})]
    made.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(made, path)
    return path


def test_the_kernel_sees_no_variable_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSENBUCH_KEY", "geheim")
    source = notebook(tmp_path / "n.ipynb", "import os, json; print(json.dumps(dict(os.environ)) + os.getcwd())")
    work = tmp_path / "work"
    work.mkdir()
    executed = execute(source, {"secret": 5}, work=work)
    said = executed.cells[-1]["outputs"][0]["text"]
    assert "geheim" not in said
    assert "LOTSENBUCH" not in said
    assert str(work) in said
    assert "secret = 5" in "".join(cell["source"] for cell in executed.cells)
    assert set(executed.metadata) <= {"kernelspec", "language_info"}
    assert "papermill" not in str(executed.cells)


def test_the_kernel_is_this_interpreter_and_is_gone_afterwards(tmp_path: Path) -> None:
    source = notebook(tmp_path / "n.ipynb", "import os, sys; print(sys.executable, os.getpid())")
    executed = execute(source, {}, work=tmp_path)
    interpreter, process = executed.cells[-1]["outputs"][0]["text"].split()
    assert interpreter == sys.executable
    assert (
        not Path(f"/proc/{process}/cmdline").exists()
        or b"ipykernel" not in Path(f"/proc/{process}/cmdline").read_bytes()
    )


def test_the_environment_is_made_from_scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSENBUCH_KEY", "geheim")
    monkeypatch.setenv("AWS_SECRET", "geheim")
    made = kernel_environment(tmp_path)
    assert "geheim" not in made.values()
    assert (made["HOME"], made["TZ"]) == (str(tmp_path), "UTC")


def test_a_failing_cell_is_named_without_what_it_said(tmp_path: Path) -> None:
    source = notebook(tmp_path / "n.ipynb", "raise ValueError('Frau Beispiel, P-000001')")
    with pytest.raises(ReportError) as caught:
        execute(source, {}, work=tmp_path)
    assert caught.value.code == "report.kernel"
    assert "ValueError" in str(caught.value)
    assert "Beispiel" not in str(caught.value)


def test_the_notebook_declares_the_reports_parameters() -> None:
    assert declared_parameters(notebook_path()) == {*AnnualParameters.names(), "tables"}


def test_the_notebook_holds_no_outputs_and_no_logic() -> None:
    found = nbformat.read(notebook_path(), as_version=4)
    code = [cell for cell in found.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    kinds = {type(node) for cell in code for node in ast.walk(ast.parse(cell.source))}
    assert not kinds & {ast.If, ast.For, ast.While, ast.FunctionDef, ast.Lambda, ast.BinOp, ast.ListComp, ast.Compare}


def test_a_parameter_that_the_notebook_does_not_declare_is_refused_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="municipalty"):
        execute(notebook_path(), {"municipalty": "08235007"}, work=tmp_path)
    assert list(tmp_path.iterdir()) == []
