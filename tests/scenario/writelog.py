"""Programs that run under `writelog.c`: their record of the disk, a disk that is full, a kill at an exact place."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from scenario.disk import Did

HERE = Path(__file__).parent
_HEAD = struct.Struct("<cIIIQ")
_WHAT = {
    "C": "create", "W": "write", "T": "truncate", "S": "sync", "D": "syncdir", "U": "unlink", "R": "rename",
    "L": "link", "O": "said",
}  # fmt: skip


def built(directory: Path) -> Path:
    """The library, compiled into a directory. Skips where there is no C compiler or no Linux."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs a C compiler (cc) on Linux")
    library = directory / "writelog.so"
    source = HERE / "writelog.c"
    command = [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", str(library), str(source)]
    subprocess.run([*command, "-ldl", "-lpthread"], check=True)
    return library


def surroundings(library: Path, directory: Path, log: Path | None = None, kill: int = 0) -> dict[str, str]:
    """The environment for a program whose work below `directory` is to be recorded in `log`, or that is to be killed
    before its `kill`th change of the disk."""
    given = {**plain_surroundings(), "LD_PRELOAD": str(library), "FAULT_DIR": str(directory.resolve())}
    if log is not None:
        given["FAULT_LOG"] = str(log)
    if kill:
        given["FAULT_KILL"] = str(kill)
    return given


def plain_surroundings() -> dict[str, str]:
    """The environment for a program that uses our packages and the tests' scenarios."""
    paths = [str(HERE.parent.parent), str(HERE.parent)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}


def read_log(log: Path) -> list[Did]:
    """A record. AssertionError when something was done that it could not follow."""
    content = log.read_bytes()
    found: list[Did] = []
    at = 0
    while at < len(content):
        kind, *sizes, place = _HEAD.unpack_from(content, at)
        at += _HEAD.size
        parts = []
        for size in sizes:
            parts.append(content[at : at + size])
            at += size
        name, other, data = parts
        assert kind != b"X", f"the record does not follow {name.decode()}"
        found.append(Did(_WHAT[kind.decode()], name.decode(), place, data, other.decode()))
    return found
