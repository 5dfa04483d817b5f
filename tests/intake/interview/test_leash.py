"""A module on a leash ends with whoever holds the other end; `test_server` kills a real command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
SLOW = ("timeit", "-n", "1", "-r", "1", "import time; time.sleep(60)")


def started(*module: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "intake.interview.leash", *module]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_a_module_runs_with_its_arguments_and_its_exit() -> None:
    process = started("timeit", "-h")
    assert process.stdout is not None
    assert b"timeit" in process.stdout.read()
    assert process.wait(timeout=30) == 0
    process.communicate()


def test_it_ends_when_the_pipe_closes() -> None:
    process = started(*SLOW)
    process.communicate(timeout=30)  # closes the pipe; the module would sleep for a minute
    assert process.returncode != 0
