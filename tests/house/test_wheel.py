"""The wheel, installed in an empty environment outside the checkout, makes the demo.

The environment has nothing but the wheel; the dependencies are lent to it by a path entry, because tests need no
network. An editable install's path file is not followed from there, so the checkout cannot be imported by accident.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest

from validation.messages import CLIENT_LANGUAGES

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = out.glob("lotsenbuch-*.whl")
    return made


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("elsewhere") / "env"
    venv.create(home, with_pip=False, symlinks=True)
    interpreter = home / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--quiet", "--python", str(interpreter), "install"]
    subprocess.run([*install, "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True)
    ask = [str(interpreter), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip())
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return interpreter


def alone(python: Path) -> dict[str, str]:
    """An environment that knows the new interpreter, and Jupyter's own data files where they are lent from."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return {**kept, "PATH": f"{python.parent}:/usr/bin:/bin", "JUPYTER_PATH": f"{sys.prefix}/share/jupyter"}


def test_the_wheel_imports_from_itself_and_not_from_the_checkout(python: Path, tmp_path: Path) -> None:
    program = "import validation, intake, reports; print(validation.__file__, intake.__file__, reports.__file__)"
    done = subprocess.run(
        [python, "-c", program], cwd=tmp_path, env=alone(python), capture_output=True, text=True, check=True
    )
    for file in done.stdout.split():
        assert Path(file).is_relative_to(python.parent.parent)


def test_the_wheel_holds_the_letters_of_the_screen_and_the_sentences_of_the_client(wheel: Path) -> None:
    fonts = "intake/interview/page/voila/templates/lotsenbuch/static/fonts"
    shipped = {f"{fonts}/{path.name}" for path in (ROOT / fonts).iterdir()}
    shipped |= {f"validation/locale/{language}/interview.toml" for language in CLIENT_LANGUAGES}
    with zipfile.ZipFile(wheel) as archive:
        assert shipped - set(archive.namelist()) == set()


def test_the_wheel_makes_a_demo_and_a_report(python: Path, tmp_path: Path) -> None:
    """A small Kreis: all forms, rules, lists, notebooks, templates and letters are in the wheel."""

    def said(*words: str) -> Any:
        command = [python.parent / "lotsenbuch", *words, "--json"]
        done = subprocess.run(command, cwd=tmp_path, env=alone(python), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    checked = said("demo", "--dir", "demo", "--persons", "20", "--municipalities", "2")["files"]
    made = said("report", "annual", "--municipality", "08999003", "--year", "2021", "--study", "demo")
    assert Path(made["pdf"]).name == "DEMO-jahresbericht-08999003-2021.pdf"
    assert all((tmp_path / file).stat().st_size > 1000 for file in (*checked, made["html"], made["pdf"]))
