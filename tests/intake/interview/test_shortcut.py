"""The file to double-click: run as a desktop runs it, it serves the work list."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from intake.interview.shortcut import write_shortcut
from intake.study import Study, create_study
from validation.errors import StudyError


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return create_study(tmp_path / 'Meine "Studie" 100 % $HOME `x` ü')


def run_by_a_desktop(file: Path) -> list[str]:
    """The arguments that a desktop reads from `Exec`, as the specification says."""
    (line,) = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("Exec=")]
    value = line.removeprefix("Exec=").replace("\\\\", "\\").replace("%%", "%")
    shell, option, quoted = value.split(" ", 2)
    return [shell, option, re.sub(r'\\(["`$\\])', r"\1", quoted[1:-1])]


@pytest.mark.skipif(sys.platform == "win32", reason="runs the file of Linux")
def test_a_double_click_serves_the_work_list(study: Study, tmp_path: Path) -> None:
    file = write_shortcut(study, tmp_path, "linux")
    assert os.access(file, os.X_OK)
    command = run_by_a_desktop(file)
    assert str(study.dir) in shlex.split(command[-1])
    process = subprocess.Popen(
        command,
        cwd="/",
        env={**os.environ, "BROWSER": "true"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert f"http://127.0.0.1:{study.port}/?token=" in line, line + process.stdout.read()
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.stdout.read()
        process.wait(timeout=30)
        process.stdout.close()


def test_each_computer_gets_its_own_kind_of_file(study: Study, tmp_path: Path) -> None:
    names = {platform: write_shortcut(study, tmp_path, platform) for platform in ("linux", "darwin", "win32")}
    assert [path.suffix for path in names.values()] == [".desktop", ".command", ".cmd"]
    script = names["darwin"].read_text(encoding="utf-8").splitlines()
    assert script[0] == "#!/bin/sh"
    assert str(study.dir) in shlex.split(script[1])
    batch = names["win32"].read_bytes().decode("utf-8").split("\r\n")
    assert "100 %% $HOME" in batch[2]
    assert write_shortcut(replace(study, title="Anders"), tmp_path, "linux") == names["linux"]
    assert "Name=Lotsenbuch: Anders" in names["linux"].read_text(encoding="utf-8")


def test_a_directory_that_is_not_there_is_said(study: Study, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="fehlt"):
        write_shortcut(study, tmp_path / "fehlt")
