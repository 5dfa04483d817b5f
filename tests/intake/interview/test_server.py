"""Starting and refusing to start, without a browser; `tests/ui` drives a served interview."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from intake.interview import server
from intake.interview.opening import ANSWERS, Opening
from scenario.interview import workbook
from scenario.served import served
from validation.errors import StudyError


def test_a_port_that_is_taken_is_said_with_the_remedy() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StudyError, match="--port"):
            server._free_port(port)


def test_port_zero_is_a_free_one() -> None:
    assert server._free_port(0) > 1023


def test_the_token_is_in_no_argument_and_only_loopback_listens() -> None:
    notebook = Path("interview.ipynb")
    for command in (server._voila(notebook, 4711), server._lab(notebook, 4711)):
        assert [word for word in command if "token" in word] in ([], ["--Voila.auto_token=True"])
        assert [word for word in command if word.endswith(".ip=127.0.0.1")]


def test_the_kernel_is_told_what_to_open_and_nothing_of_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSENBUCH_STUDY", "somewhere else")
    made = server._environment(Opening({ANSWERS: str(tmp_path)}, 0, tmp_path, b"c"), "secret")
    assert made[ANSWERS] == str(tmp_path)
    assert "LOTSENBUCH_STUDY" not in made
    assert made["JUPYTER_TOKEN"] == "secret"
    assert (Path(made["JUPYTER_PATH"].split(os.pathsep)[0]) / "voila/templates/lotsenbuch/index.html.j2").is_file()


def test_a_file_where_the_command_was_typed_is_no_part_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "html.py").write_text("raise RuntimeError('not ours')\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    made = server._environment(Opening({ANSWERS: str(tmp_path)}, 0, tmp_path, b"c"), "secret")
    done = subprocess.run([sys.executable, "-m", "http.server", "--help"], env=made, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_address_is_handed_over_in_a_file_for_this_user_only(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(server.webbrowser, "open", lambda url: opened.append(Path(url.removeprefix("file://"))))
    with server._opened("http://127.0.0.1:1/?token=secret"):
        (page,) = opened
        assert "token=secret" in page.read_text(encoding="utf-8")
        if sys.platform != "win32":
            assert page.stat().st_mode & 0o077 == 0
    assert not page.exists()


def test_a_server_that_ends_at_once_is_said_with_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_voila", lambda *_: ["no_such_module"])
    with pytest.raises(StudyError, match="beendet") as refused:
        server.serve(tmp_path, form_file=workbook(tmp_path), port=0, open_browser=False)
    log = Path(refused.value.fields["log"])
    assert "no_such_module" in log.read_text(encoding="utf-8")
    log.unlink()


def test_a_server_that_does_not_answer_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_voila", lambda *_: ["timeit", "-n", "1", "-r", "1", "import time; time.sleep(60)"])
    monkeypatch.setattr(server, "START", 0.5)
    with pytest.raises(StudyError, match="antwortet nicht") as refused:
        server.serve(tmp_path, form_file=workbook(tmp_path), port=0, open_browser=False)
    Path(refused.value.fields["log"]).unlink()


def test_what_is_wrong_is_said_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.subprocess, "Popen", lambda *_, **__: pytest.fail("started"))
    with pytest.raises(StudyError):
        server.serve(tmp_path, open_browser=False)
    with pytest.raises(StudyError):
        server.serve(tmp_path, form_file=tmp_path / "fehlt.xlsx", open_browser=False)


def test_a_killed_command_takes_its_server_along(tmp_path: Path) -> None:
    with served(workbook(tmp_path)) as running:
        family = psutil.Process(running.process.pid).children(recursive=True)
        assert any("voila" in " ".join(each.cmdline()) for each in family)
        running.process.kill()
        running.process.wait(timeout=30)
        _, alive = psutil.wait_procs(family, timeout=30)
        assert alive == []


def test_signals_are_as_before_afterwards_and_left_alone_in_other_threads() -> None:
    import signal

    before = signal.getsignal(signal.SIGTERM)
    with server._ended_by_signals():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
    done: list[bool] = []

    def elsewhere() -> None:
        with server._ended_by_signals():
            done.append(True)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert done == [True]


def test_the_notebook_for_jupyterlab_is_a_copy_that_stays(tmp_path: Path) -> None:
    copy = server._notebook(tmp_path)
    assert copy.parent == tmp_path / "notebooks"
    copy.write_text("{}", encoding="utf-8")
    assert server._notebook(tmp_path).read_text(encoding="utf-8") == "{}"
    assert server._notebook(None).is_file()
