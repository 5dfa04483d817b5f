"""The interview of a form file as the command serves it: a server process of its own, asked by a real browser."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
START = (
    "import sys; from pathlib import Path; from intake.interview import serve;"
    "serve(Path('.'), form_file=Path(sys.argv[1]), lab=sys.argv[2] == 'lab', port=int(sys.argv[3]), open_browser=False)"
)


@dataclass
class Server:
    """A served interview: its process, its address with the token, the directory of its answers."""

    process: subprocess.Popen[str]
    url: str
    answers: Path
    said: list[str] = field(default_factory=list)

    def kernels(self) -> list[psutil.Process]:
        family = psutil.Process(self.process.pid).children(recursive=True)
        return [each for each in family if "ipykernel_launcher" in " ".join(each.cmdline())]


@contextmanager
def served(file: Path, *, lab: bool = False, port: int = 0, environment: Mapping[str, str] = {}) -> Iterator[Server]:
    """A server for a form file, Voila or JupyterLab; it is gone at the end, whatever happens."""
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(file), "lab" if lab else "voila", str(port)],
        cwd=file.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        said: list[str] = []
        url = ""
        for line in process.stdout:
            said.append(line)
            url = next((word for word in line.split() if word.startswith("http://127.0.0.1:")), "")
            if url:
                break
        assert url, "".join(said)
        yield Server(process, url, file.parent / f"{file.stem}-antworten", said)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=30)
            finally:
                process.kill()
        process.stdout.close()
