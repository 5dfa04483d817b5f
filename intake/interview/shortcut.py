"""A file to double-click that opens the work list of a study: `.desktop`, `.command` or `.cmd`, as the computer has it.

It names the Python that wrote it and the study by their full paths, so it lies wherever one likes, but goes wrong when
either is moved; then it is written anew. When the program cannot start, its window stays open with the reason.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from intake.study import Study
from validation.errors import StudyError


def write_shortcut(study: Study, directory: Path, platform: str = sys.platform) -> Path:
    """Write the file into an existing directory and return its path; one that is there is written anew.

    `platform` as in `sys.platform`. StudyError 'interview.no_shortcut' where it cannot be written.
    """
    command = [*_program(), "interview", "--study", str(study.dir)]
    made = {"win32": (".cmd", _cmd), "darwin": (".command", _command)}
    suffix, write = made.get(platform, (".desktop", _desktop))
    path = directory / f"Lotsenbuch-{study.name}{suffix}"
    try:
        path.write_bytes(write(command, study).encode("utf-8"))
        path.chmod(0o755)
    except OSError as error:
        raise StudyError("interview.no_shortcut", where=directory) from error
    return path


def _program() -> list[str]:
    """How this installation is called: its command, or its Python where the command is not beside it."""
    beside = Path(sys.executable).with_name("lotsenbuch.exe" if sys.platform == "win32" else "lotsenbuch")
    if beside.is_file():
        return [str(beside)]
    return [sys.executable, "-c", "from validation._start import main; main()"]


def _desktop(command: list[str], study: Study) -> str:
    """freedesktop.org, Desktop Entry Specification, "The Exec key": an argument in double quotes escapes four signs,
    the value as a whole its backslashes, and a percent sign is doubled."""
    line = f"{shlex.join(command)} || read -r reason"
    quoted = "".join(f"\\{sign}" if sign in '"`$\\' else sign for sign in line)
    run = f'/bin/sh -c "{quoted}"'.replace("\\", "\\\\").replace("%", "%%")
    title = " ".join(study.title.split()).replace("\\", "\\\\")
    return f"[Desktop Entry]\nType=Application\nVersion=1.0\nName=Lotsenbuch: {title}\nExec={run}\nTerminal=true\n"


def _command(command: list[str], _study: Study) -> str:
    return f"#!/bin/sh\n{shlex.join(command)} || read -r reason\n"


def _cmd(command: list[str], _study: Study) -> str:
    """A percent sign is doubled; the code page is UTF-8, so that umlauts in a path are found."""
    line = " ".join(f'"{word}"' for word in command).replace("%", "%%")
    return f"@echo off\r\nchcp 65001 >nul\r\n{line}\r\nif errorlevel 1 pause\r\n"
