"""The start check: a colliding distribution stops the command with the remedy, before anything else is imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import validation
from validation import _start

PLANTED = "Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"


@pytest.mark.parametrize("name", _start.COLLIDING)
def test_a_colliding_distribution_stops_the_command_with_the_remedy(name: str, tmp_path: Path) -> None:
    planted = tmp_path / f"{name}-1.0.dist-info"
    planted.mkdir()
    (planted / "METADATA").write_text(PLANTED.format(name=name), encoding="utf-8")
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from validation import _start; _start.main()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"pip uninstall {name}" in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_collides_here() -> None:
    assert _start.colliding() == []


def test_an_import_never_refuses_and_loads_nothing_heavy() -> None:
    program = (
        "import sys, validation, intake, reports, validation._start; "
        "heavy = ('lxml', 'pandas', 'pandera', 'pyxform', 'typer', 'ipywidgets'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_start_check_lets_a_clean_installation_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["lotsenbuch", "--help"])
    with pytest.raises(SystemExit) as left:
        _start.main()
    assert left.value.code in (None, 0)
    assert "Usage" in capsys.readouterr().out


def test_several_colliding_distributions_are_named_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_start, "_installed", lambda name: name != "reports")
    with pytest.raises(SystemExit) as left:
        _start.main()
    shown = capsys.readouterr()
    assert (left.value.code, shown.out) == (2, "")
    assert "pip uninstall intake validation " in shown.err


def test_a_name_the_package_does_not_have_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="'nothing'"):
        _ = validation.nothing
    assert not hasattr(validation, "tree_of_nothing")


def test_the_names_of_the_package_are_those_of_its_modules() -> None:
    assert {name: getattr(validation, name).__module__ for name in validation.__all__} == {
        "Form": "validation.form",
        "Instance": "validation.instance",
        "Problem": "validation.errors",
        "read_form": "validation.xform",
    }
