"""Runs `lotsenbuch` commands as a person types them: in a directory that holds `demo/` and `forms/`."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str


def environment() -> dict[str, str]:
    """The environment of the commands: the tested `lotsenbuch` first on the path, a plain wide terminal."""
    return {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "200", "TERM": "dumb"}


def run(line: str, where: Path, *, timeout: float = 300, typed: str = "") -> Done:
    """One command line, to its end. `typed` comes by its standard input."""
    done = subprocess.run(
        shlex.split(line), cwd=where, env=environment(), capture_output=True, text=True, timeout=timeout, check=False,
        input=typed,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


def serve_and_ask(line: str, where: Path, *, timeout: float = 120) -> int:
    """Starts a command that serves, reads the address it prints, asks it once, stops it. The HTTP status."""
    process = subprocess.Popen(
        shlex.split(line), cwd=where, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert process.stdout is not None
        deadline = time.monotonic() + timeout
        for text in process.stdout:
            address = next((word for word in text.split() if word.startswith("http://127.0.0.1:")), None)
            if address:
                return int(urllib.request.urlopen(address, timeout=60).status)
            assert time.monotonic() < deadline, "the command printed no address in time"
        raise AssertionError(f"the command ended with {process.wait()} and printed no address")
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
