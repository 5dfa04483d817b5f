"""The server that people get, on notebooks of ours: its pages, its kernels, and what a kernel holds in memory."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from jupyter_client.blocking import BlockingKernelClient

from intake.interview import server
from intake.interview.opening import prepare
from intake.study import shipped

ROOT = Path(__file__).parents[2]
INTERVIEW, BARE, STAGE = "interview", "bare", "stage"
_PATIENCE = 60  # s


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes (10^6 bytes) of a process: rss with everything shared, pss with its share of it, uss its own alone."""

    rss: float
    pss: float
    uss: float

    def __sub__(self, other: Memory) -> Memory:
        return Memory(self.rss - other.rss, self.pss - other.pss, self.uss - other.uss)


@dataclass(frozen=True, slots=True)
class Served:
    """A running Voila."""

    process: subprocess.Popen[bytes]
    port: int
    token: str

    def url(self, notebook: str) -> str:
        """A new kernel runs the notebook with each request of this address."""
        path = urllib.parse.quote(f"voila/render/{notebook}.ipynb")
        return f"http://{server.LOOPBACK}:{self.port}/{path}?token={self.token}"

    def run_bare(self) -> str:
        """The id of a kernel that has run an empty notebook and nothing else."""
        with urllib.request.urlopen(self.url(BARE), timeout=_PATIENCE) as answer:
            found = re.search(r'"kernelId": ?"([^"]+)"', answer.read().decode("utf-8"))
        assert found is not None
        return found.group(1)

    def memory(self, kernel: str) -> Memory:
        """What the process of a kernel holds now."""
        info = self._process(kernel).memory_full_info()
        return Memory(info.rss / 1e6, info.pss / 1e6, info.uss / 1e6)

    def loaded(self, kernel: str, names: Sequence[str]) -> list[str]:
        """Which of these modules the kernel has imported."""
        file = next(part for part in self._process(kernel).cmdline() if kernel in part)
        client = BlockingKernelClient(connection_file=file)
        client.load_connection_file()
        client.start_channels()
        try:
            asked = f"[name for name in {list(names)!r} if name in __import__('sys').modules]"
            reply = client.execute("", user_expressions={"found": asked}, reply=True, timeout=_PATIENCE)
            text = reply["content"]["user_expressions"]["found"]["data"]["text/plain"]
        finally:
            client.stop_channels()
        return list(json.loads(text.replace("'", '"')))

    def end(self, kernel: str) -> None:
        """End a kernel as its page does when it is closed."""
        address = f"http://{server.LOOPBACK}:{self.port}/voila/api/shutdown/{kernel}"
        asked = urllib.request.Request(address, method="POST", headers={"Authorization": f"token {self.token}"})
        urllib.request.urlopen(asked, timeout=_PATIENCE).close()

    def _process(self, kernel: str) -> psutil.Process:
        family = psutil.Process(self.process.pid).children(recursive=True)
        return next(each for each in family if any(kernel in part for part in each.cmdline()))


def notebooks(place: Path, forms: Path) -> None:
    """The shipped notebook, an empty one, and the one with the buttons over the forms in a folder."""
    paths = [str(ROOT), str(ROOT / "benchmarks")]
    source = f"import sys\nsys.path[:0] = {paths!r}\nfrom pathlib import Path\nfrom screen.stage import stage\n"
    source += f"stage(Path({str(forms)!r}))"
    for name, text in {BARE: "pass", STAGE: source}.items():
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text)])
        made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(made, place / f"{name}.ipynb")
    shutil.copy(shipped().parent / "notebooks" / server.NOTEBOOK, place / f"{INTERVIEW}.ipynb")


@contextmanager
def served(place: Path, workbook: Path) -> Iterator[Served]:
    """Voila over the notebooks in `place`, started as `lotsenbuch interview --form-file WORKBOOK` starts it."""
    opening = prepare(Path(), form_file=workbook)
    port, token = server._free_port(0), secrets.token_urlsafe(24)
    log = place / "voila.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "intake.interview.leash", *server._voila(place, port)],
            env=server._environment(opening, token),
            stdin=subprocess.PIPE,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    with server._stopped(process), _kernels_ended(process):
        server._wait_until_ready(process, port, log)
        yield Served(process, port, token)


@contextmanager
def _kernels_ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """No kernel outlives the server, whatever became of the server."""
    try:
        yield
    finally:
        family = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        _, alive = psutil.wait_procs(family, timeout=10)
        for each in alive:
            each.kill()
