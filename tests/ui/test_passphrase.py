"""A study that only a passphrase opens: asked for once in the terminal, never by a page, and nowhere to be found."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, expect

from intake.store import open_store, utc_now
from intake.store.bringing import Brought
from intake.store.opening import open_as
from intake.store.ways import Cost, Secret, Unlocked
from intake.study import Study, create_study

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
WORDS = "vier geheime Wörter am Montag"
COMMAND = ("interview", "--no-browser", "--port", "0")
CHEAP = Cost(passes=1, memory_kib=64, lanes=1)


@dataclass
class Terminal:
    """A command in a terminal: what it said so far, and the process."""

    process: subprocess.Popen[bytes]
    handle: int
    said: str = ""

    def wait_for(self, text: str, times: int = 1) -> None:
        deadline = time.monotonic() + 90
        while self.said.count(text) < times:
            assert time.monotonic() < deadline, self.said
            if select.select([self.handle], [], [], 1)[0]:
                self.said += os.read(self.handle, 4096).decode(errors="replace")

    def type(self, text: str) -> None:
        os.write(self.handle, f"{text}\n".encode())


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return create_study(tmp_path / "studie", way=Brought(secret=Secret.passphrase(WORDS), cost=CHEAP))


@pytest.fixture
def terminal(study: Study) -> Iterator[Terminal]:
    """The command as a person starts it, where questions can be answered."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", "from validation._start import main; main()", *COMMAND],
        cwd=study.dir, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        finally:
            process.kill()
        os.close(ours)


def hidden(study: Study) -> list[bytes]:
    """Everything that must not lie about: the passphrase, what it opens, in the forms in which it could be written."""
    given = Brought(secret=Secret.passphrase(WORDS))
    store, unlocked = open_as(study.store_path, given, create=False, clock=utc_now, wait=5)
    store.close()
    assert isinstance(unlocked, Unlocked)
    keys = (unlocked.private, unlocked.database)
    return [WORDS.encode(), *keys, *(key.hex().encode() for key in keys)]


def test_asked_once_in_the_terminal_and_no_page_asks_again(page: Page, study: Study, terminal: Terminal) -> None:
    secrets = hidden(study)
    terminal.wait_for("Kennwort oder Wiederherstellungsschlüssel: ")
    terminal.type("falsch geschrieben")
    terminal.wait_for("passt zu keinem Zugang")
    terminal.wait_for("Kennwort oder Wiederherstellungsschlüssel: ", times=2)  # what is typed before is thrown away
    terminal.type(WORDS)
    terminal.wait_for("?token=")
    terminal.wait_for("\n")
    url = next(word for word in terminal.said.split() if word.startswith("http://127.0.0.1:"))
    assert WORDS not in terminal.said

    page.set_default_timeout(90_000)
    for _ in range(2):  # the second page is another kernel
        page.goto(url)
        expect(page.locator(".lb-desk-head")).to_be_visible()
    family = psutil.Process(terminal.process.pid).children(recursive=True)
    assert any("ipykernel_launcher" in " ".join(each.cmdline()) for each in family)
    for each in family:
        told = "\0".join([*each.cmdline(), *(f"{name}={value}" for name, value in each.environ().items())]).encode()
        assert not [secret for secret in secrets if secret in told], each.name()
    files = [file for file in study.dir.rglob("*") if file.is_file()]
    files += Path("/tmp").glob("lotsenbuch-*.log")
    for file in files:
        content = file.read_bytes()
        assert not [secret for secret in secrets if secret in content], file
    with open_store(study.store_path, passphrase=WORDS) as store:
        assert len(store.forms()) == len(study.form_paths())
