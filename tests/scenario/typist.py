"""A person who types into an interview while everything around it fails, and who knows what was typed when.

Counts key strokes: one is lost when it was made more than `SAFE` seconds before something failed and is not there
afterwards. Boxes are only ever typed into at their end, so what must be there is a beginning of what is there.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from playwright.sync_api import BrowserContext, Locator, Page, Playwright, expect

from scenario.browser import ARGUMENTS, chromium
from scenario.proxy import Proxy
from scenario.served import Server, served

SAFE = 0.2  # s
LETTERS = "abcdefghijklmnopqrstuvwxyzäöüß "
BOXES = ("name", "fallnummer")
FAULTS = ("kernel", "reload", "server", "browser_killed", "tab", "cut", "hole", "busy")
"""What may fail: the kernel is killed; the page is loaded anew; server and kernels are killed; the browser is killed;
the tab is closed; the line is cut, or swallows everything, and comes back; another process holds the store."""
WAIT = 90_000  # ms; a busy computer is no failure

HOLDER = (
    "import sys; from pathlib import Path; from intake.store.bringing import Brought\n"
    "from intake.store.opening import connect_sqlite\n"
    "raw, _ = connect_sqlite(Path(sys.argv[1]), Brought(key_file=Path(sys.argv[2])), create=False, wait=5)\n"
    "raw.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()\n"
)


@dataclass
class Typed:
    """One box: what was typed so far, and for each key stroke the moment after which it was surely made."""

    text: str = ""
    moments: list[float] = field(default_factory=list)


class Typist:
    """Types into the interview of a form file, in a browser with a profile of its own, over a line that can be cut."""

    def __init__(self, playwright: Playwright, directory: Path, file: Path, seed: int) -> None:
        self.playwright = playwright
        self.profile = directory / "profile"
        self.file = file
        self.choose = random.Random(seed)
        self.typed = {name: Typed() for name in BOXES}
        self.made = 0
        self.lost = 0
        self.log: list[str] = []
        self._serving = served(file)
        self.server: Server = self._serving.__enter__()
        self.proxy = Proxy(self._port())
        self.context = self._browser()

    def begin(self) -> None:
        """From the list of interviews into a new one."""
        self.page = self._opened()
        self.page.get_by_role("button", name="Probegespräch", exact=True).click()
        self.page.get_by_role("button", name="Gespräch beginnen").click()
        expect(self.box("name")).to_be_visible(timeout=WAIT)

    def close(self) -> None:
        self.context.close()
        self.proxy.__exit__()
        self._serving.__exit__(None, None, None)

    # --- typing

    def box(self, name: str) -> Locator:
        return self.page.locator(f".lb-question[data-name={name}]:visible input")

    def type(self, count: int) -> None:
        """Key strokes at the end of a box, as fast as people type."""
        name = self.choose.choice(BOXES)
        typed = self.typed[name]
        self.box(name).press("End")
        for letter in self.choose.choices(LETTERS, k=count):
            self.page.keyboard.insert_text(letter) if ord(letter) > 127 else self.page.keyboard.press(
                "Space" if letter == " " else letter
            )
            typed.text += letter
            typed.moments.append(time.monotonic())
            self.made += 1
            time.sleep(self.choose.uniform(0.02, 0.15))

    def pause(self) -> None:
        """Half of the time so long that every key stroke counts when it fails now."""
        if self.choose.random() < 0.5:
            time.sleep(SAFE)

    def check(self, moment: float, fault: str) -> None:
        """Compare what is there with what must be there since a fault at a moment; go on from what is there."""
        self.reach_saved()
        for name, typed in self.typed.items():
            safe = sum(made <= moment - SAFE for made in typed.moments)
            found = self.box(name).input_value()
            same = next(
                (at for at, (one, other) in enumerate(zip(found, typed.text, strict=False)) if one != other),
                min(len(found), len(typed.text)),
            )
            missing = max(0, safe - same) + max(0, len(found) - same)  # what nobody typed counts as well
            if missing:
                self.log.append(f"{fault}: {missing} of {safe} in {name}")
            self.lost += missing
            typed.text = found
            typed.moments = typed.moments[: len(found)] + [0.0] * (len(found) - len(typed.moments))

    def reach_saved(self) -> None:
        """Until the screen says that everything is saved."""
        expect(self.page.locator(".lb-pill-saved")).to_be_visible(timeout=WAIT)

    # --- what fails, and what a person does then

    def fail(self, fault: str) -> None:
        """Let something fail, do what a person does then, and count what is missing."""
        self.pause()
        moment = time.monotonic()
        self.check(getattr(self, f"_{fault}")() or moment, fault)

    def reach_rest(self) -> None:
        """Until everything is saved: then nothing at all may be missing."""
        self.check(time.monotonic() + SAFE, "rest")

    def _kernel(self) -> float:
        for kernel in self.server.kernels():
            kernel.kill()
        self.type(2)
        button = self.page.get_by_role("button", name="Neu laden")
        expect(button).to_be_visible(timeout=WAIT)
        moment = time.monotonic()
        button.click()
        self._continue()
        return moment

    def _reload(self) -> None:
        self.page.reload()
        self._continue()

    def _server(self) -> None:
        family = psutil.Process(self.server.process.pid).children(recursive=True)
        for process in (*family, psutil.Process(self.server.process.pid)):
            process.kill()
        psutil.wait_procs(family, timeout=30)
        self._serving.__exit__(None, None, None)
        self._serving = served(self.file)
        self.server = self._serving.__enter__()
        self.proxy.target = self._port()
        self.page.goto(self.address())
        self._continue()

    def _browser_killed(self) -> None:
        running = psutil.process_iter(["cmdline"])
        mine = [each for each in running if str(self.profile) in " ".join(each.info["cmdline"] or [])]
        for process in mine:
            process.kill()
        psutil.wait_procs(mine, timeout=30)
        for lock in self.profile.glob("Singleton*"):
            lock.unlink()
        self.context = self._browser()
        self.page = self._opened()
        self._continue()

    def _tab(self) -> None:
        page = self.context.new_page()
        self.page.close()
        self.page = page
        page.goto(self.address())
        self._continue()

    def _cut(self) -> float:
        self.proxy.set("cut")
        self.type(4)
        time.sleep(self.choose.uniform(0, 2))
        self.proxy.set("whole")
        return time.monotonic() + SAFE  # the page lives: nothing at all may be missing

    def _hole(self) -> float:
        self.proxy.set("hole")
        self.type(4)
        time.sleep(self.choose.uniform(0, 2))
        self.proxy.set("whole")
        return time.monotonic() + SAFE

    def _busy(self) -> float:
        answers = self.server.answers
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(answers / "store.db"), str(answers / "store.key")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "held\n"
        self.type(4)
        time.sleep(self.choose.uniform(0, 2))
        holder.stdin.close()
        holder.wait(timeout=30)
        holder.stdout.close()
        return time.monotonic() + SAFE

    # --- the way back in

    def _continue(self) -> None:
        """From whatever the page shows to the interview: its draft in the list, or the interview itself."""
        again = self.page.get_by_role("button", name="Fortsetzen")
        expect(self.page.locator(".lb-title").or_(again).first).to_be_visible(timeout=WAIT)
        if not self.page.locator(".lb-title").count():
            again.first.click()
        expect(self.page.locator(".lb-title")).to_be_visible(timeout=WAIT)
        if not self.box("name").count():
            self.page.get_by_role("navigation").get_by_role("button", name="Fall").click()
        expect(self.box("name")).to_be_visible(timeout=WAIT)

    def _browser(self) -> BrowserContext:
        arguments = [each for each in ARGUMENTS if not each.startswith("--headless")]
        return self.playwright.chromium.launch_persistent_context(
            str(self.profile), executable_path=chromium(), args=[*arguments, "--headless=new"], headless=True,
            viewport={"width": 1280, "height": 900}, locale="de-DE",
        )  # fmt: skip

    def _opened(self) -> Page:
        page = self.context.pages[0] if self.context.pages else self.context.new_page()
        page.set_default_timeout(WAIT)
        page.goto(self.address())
        return page

    def _port(self) -> int:
        return int(urlsplit(self.server.url).port or 0)

    def address(self) -> str:
        return self.server.url.replace(f":{self._port()}/", f":{self.proxy.port}/")


@contextmanager
def typist(playwright: Playwright, directory: Path, file: Path, seed: int) -> Iterator[Typist]:
    """A typist at an interview that has begun; everything is ended afterwards."""
    made = Typist(playwright, directory, file, seed)
    try:
        made.begin()
        yield made
    finally:
        made.close()
