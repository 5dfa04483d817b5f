"""Starts the interview for one person at one computer: Voila (or JupyterLab) on loopback, with a token, and stops it.

The server is a process of its own, so that Ctrl-C, a closed terminal or `terminate` here always ends it cleanly with
its kernels; on a leash (`intake.interview.leash`), so that a kill of this one ends it as well. The token goes to it by
environment and to the browser by a file only this user can read, because the arguments of a process can be read by
everybody on the computer.
"""

from __future__ import annotations

import html
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from intake.interview.handing import handing_over
from intake.interview.opening import Opening, prepare
from intake.study import shipped
from validation.errors import StudyError
from validation.messages import say

if TYPE_CHECKING:
    from intake.store.ways import Secret

HERE = Path(__file__).parent
LOOPBACK = "127.0.0.1"
NOTEBOOK = "interview.ipynb"
IDLE = 1800  # s: a kernel without a page is ended after this time; what was answered is in the journal
START = 60.0  # s: how long a server may take until it answers


def serve(
    study: Path,
    *,
    form: str | None = None,
    form_file: Path | None = None,
    lab: bool = False,
    port: int | None = None,
    open_browser: bool = True,
    secret: Secret | None = None,
) -> None:
    """Serve the interview of a study until Ctrl-C or SIGTERM; prints the address once it answers.

    `form` names the form to open, `form_file` a workbook of your own instead of a study's form: its answers go to a
    study directory made beside it. `lab` opens JupyterLab for authors. `port` overrides the study's; 0 takes a free
    one. `secret` opens the study's store where no key file does. Raises StudyError, StoreError, FormError before
    anything is started, StudyError when the server cannot start.
    """
    opening = prepare(study, form=form, form_file=form_file, secret=secret)
    for name in opening.left_out:
        print(say("interview.left_out", form=name), file=sys.stderr, flush=True)  # noqa: T201 - what the command says
    notebook = _notebook(opening.directory if lab else None)
    number = _free_port(opening.port if port is None else port)
    token = secrets.token_urlsafe(24)
    url = f"http://{LOOPBACK}:{number}/{'lab/tree/' + NOTEBOOK if lab else ''}?token={token}"
    with (
        handing_over(opening.unlocked) as door,
        tempfile.NamedTemporaryFile("w", prefix="lotsenbuch-", suffix=".log", delete=False) as log,
    ):
        command = _lab(notebook, number) if lab else _voila(notebook, number)
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own arguments
            [sys.executable, "-m", "intake.interview.leash", *command],
            env={**_environment(opening, token), **door},
            stdin=subprocess.PIPE,  # the leash: nothing is ever written, it closes when we end
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        with _ended_by_signals(), _stopped(process):
            _wait_until_ready(process, number, Path(log.name))
            print(say("interview.ready", url=url), flush=True)  # noqa: T201 - what the command prints
            print(say("interview.stop_hint"), flush=True)  # noqa: T201 - the same
            with _opened(url if open_browser else None), suppress(KeyboardInterrupt):
                process.wait()
            print(say("interview.stopped"), flush=True)  # noqa: T201 - the same
    Path(log.name).unlink(missing_ok=True)


def _voila(notebook: Path, port: int) -> list[str]:
    arguments = [
        "voila", str(notebook), "--no-browser",
        f"--Voila.ip={LOOPBACK}", f"--port={port}", "--Voila.port_retries=0", "--Voila.auto_token=True",
        "--Voila.log_level=WARN", "--VoilaConfiguration.template=lotsenbuch",
        "--VoilaConfiguration.allow_template_override=NO", "--VoilaConfiguration.show_tracebacks=False",
        "--VoilaConfiguration.file_allowlist=[]",
        f"--MappingKernelManager.cull_idle_timeout={IDLE}", "--MappingKernelManager.cull_interval=60",
    ]  # fmt: skip
    if (
        sys.platform == "linux"
    ):  # sockets in a directory of ours instead of ports that everybody on the computer reaches
        arguments.append("--KernelManager.transport=ipc")
    return arguments


def _lab(notebook: Path, port: int) -> list[str]:
    arguments = [
        "jupyterlab", "--no-browser",
        f"--ServerApp.ip={LOOPBACK}", f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={notebook.parent}", "--ServerApp.log_level=WARN",
        "--LabApp.extension_manager=readonly", "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        f"--MappingKernelManager.cull_idle_timeout={IDLE}", "--MappingKernelManager.cull_interval=60",
    ]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container there is often nobody else
        arguments.append("--allow-root")
    return arguments


def _environment(opening: Opening, token: str) -> dict[str, str]:
    paths = [str(HERE.parents[1]), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    jupyter = [str(HERE / "page"), *filter(None, os.environ.get("JUPYTER_PATH", "").split(os.pathsep))]
    # JupyterLab asks for its news even where their address is taken away; here its question is switched off.
    config = [str(HERE / "page" / "config"), *filter(None, os.environ.get("JUPYTER_CONFIG_PATH", "").split(os.pathsep))]
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("LOTSENBUCH_") or name == "LOTSENBUCH_HOME"  # where ways into a team's store are kept
    }
    return {
        **inherited,
        **opening.variables,
        "JUPYTER_TOKEN": token,
        "LOTSENBUCH_COOKIE": opening.cookie.hex(),
        "JUPYTER_PATH": os.pathsep.join(jupyter),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(config),
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONSAFEPATH": "1",  # a file html.py where the command was typed is no part of the program
    }


def _notebook(study: Path | None) -> Path:
    """The shipped notebook; for JupyterLab, which saves, a copy in the study that belongs to its author."""
    source = shipped().parent / "notebooks" / NOTEBOOK
    if not source.is_file():
        raise StudyError("interview.no_notebook", notebook=NOTEBOOK, where=source.parent)
    if study is None:
        return source
    target = study / "notebooks" / NOTEBOOK
    if not target.exists():
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(source.read_bytes())
    return target


def _free_port(wanted: int) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":  # there it would let two servers share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, wanted))
        except OSError as error:
            raise StudyError("interview.port_taken", port=wanted) from error
        return int(probe.getsockname()[1])


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise StudyError("interview.not_started", reason=say("interview.ended_early"), log=log)
        with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
            return
        time.sleep(0.1)
    raise StudyError("interview.not_started", reason=say("interview.too_slow"), log=log)


@contextmanager
def _stopped(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """The process is gone at the end, whatever happens; first asked, then made to."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process.stdin is not None:
            process.stdin.close()


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and a closed terminal end us as Ctrl-C does."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {}
    if threading.current_thread() is threading.main_thread():
        before = {name: signal.signal(getattr(signal, name), end) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


@contextmanager
def _opened(url: str | None) -> Iterator[None]:
    """The address in the person's browser, handed over in a file that only they can read."""
    if url is None:
        yield
        return
    descriptor, name = tempfile.mkstemp(prefix="lotsenbuch-", suffix=".html")
    with os.fdopen(descriptor, "w", encoding="utf-8") as page:
        page.write(
            f'<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={html.escape(url)}">'
        )
    try:
        webbrowser.open(Path(name).as_uri())
        yield
    finally:
        Path(name).unlink(missing_ok=True)
