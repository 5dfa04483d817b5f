"""What is imported is asked for; what is asked for says why in the README of the package that opens its door."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("validation", "intake", "reports")
EXTRAS = ("dask", "spss")
OUR_TESTS = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}  # pytest's path makes modules of them


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def asked_for(*extras: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    return {normal(re.split(r"[^\w.-]", line, maxsplit=1)[0]) for line in lines}


def imported(*folders: str) -> set[str]:
    """Distributions whose modules are imported below these folders."""
    modules: set[str] = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.partition(".")[0])
    theirs = modules - sys.stdlib_module_names - {*PACKAGES, *OUR_TESTS}
    known = packages_distributions()
    return {normal(known[module][0]) for module in theirs}


def test_what_is_imported_is_a_dependency_of_ours() -> None:
    assert imported(*PACKAGES) - asked_for(*EXTRAS) == set()
    assert imported("tests") - asked_for("dev", *EXTRAS) == set()


def test_what_an_extra_brings_is_imported_only_where_it_is_used() -> None:
    extra = asked_for(*EXTRAS) - asked_for()
    at_once = {
        (path.relative_to(ROOT), name)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else
                     [node.module or ""] if isinstance(node, ast.ImportFrom) else [])
        if normal(name.partition(".")[0]) in extra
    }  # fmt: skip
    assert at_once == set()


def test_what_the_lock_installs_fits_together() -> None:
    """The lock is installed as it stands, without asking what each package wants."""
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_dependency_says_why_in_a_readme() -> None:
    readmes = "".join((ROOT / package / "README.md").read_text(encoding="utf-8") for package in PACKAGES)
    explained = {normal(name) for name in re.findall(r"\*\*([\w.-]+)\*\*", readmes)}
    assert asked_for(*EXTRAS) - explained == set()
