"""ODK Web Forms as a peer: installed through npm beside nothing of ours, mounted in a page from loopback.

`@getodk/web-forms` is a Vue component library; its package is one module that imports only `vue`, so an import map is
all that it needs. It lives in a cache directory outside the repository and is never part of the program.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PACKAGES = ("@getodk/web-forms@0.22.0", "vue@3.5.45")
FIELD = ".odk-form input, .odk-form textarea"
_INSTALLED = Path("node_modules/@getodk/web-forms/dist/index.js")
_PATIENCE = 240  # s for npm

_PAGE = """<!DOCTYPE html><html lang="de"><head><meta charset="utf-8"><title>ODK Web Forms</title>
<link rel="icon" href="data:,"><script type="importmap">{"imports":
{"vue": "/node_modules/vue/dist/vue.runtime.esm-browser.prod.js"}}</script></head><body><div id="here"></div>
<script type="module">
import { createApp, h } from "vue";
import { OdkWebForm, webFormsPlugin } from "/node_modules/@getodk/web-forms/dist/index.js";
const formXml = await (await fetch("/form.xml")).text();
const fetchFormAttachment = async () => new Response("", { status: 404 });
let app = null;
window.leave = () => { app?.unmount(); app = null; };
window.open_form = () => {
  app = createApp({ render: () => h(OdkWebForm, { formXml, fetchFormAttachment }) });
  app.use(webFormsPlugin);
  app.mount("#here");
};
window.loaded = true;
</script></body></html>"""


class NotThereError(Exception):
    """The peer cannot be measured here; the text says why."""


def install() -> Path:
    """The directory with the installed package; npm fetches it where it is missing. NotThereError says why not."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = cache / "lotsenbuch-benchmarks" / PACKAGES[0].replace("/", "-").lstrip("@")
    if (place / _INSTALLED).is_file():
        return place
    npm = shutil.which("npm")
    if npm is None:
        raise NotThereError("npm is not installed")
    place.mkdir(parents=True, exist_ok=True)
    (place / "package.json").write_text('{"private": true}\n', encoding="utf-8")
    command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *PACKAGES]
    try:
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        raise NotThereError(f"npm did not answer within {_PATIENCE} s") from None
    if done.returncode != 0 or not (place / _INSTALLED).is_file():
        raise NotThereError(f"npm could not install {PACKAGES[0]} (exit {done.returncode})")
    return place


@contextmanager
def served(place: Path, xform: str) -> Iterator[str]:
    """The address of a page that mounts the form when `open_form()` is called there; the server ends with the block."""
    pages = {"/": ("text/html", _PAGE), "/form.xml": ("text/xml", xform)}
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, pages, directory=str(place)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Files(SimpleHTTPRequestHandler):
    """Two pages from memory, everything else from the directory, kept by the browser for an hour."""

    def __init__(self, pages: dict[str, tuple[str, str]], *arguments: object, directory: str) -> None:
        self.pages = pages
        super().__init__(*arguments, directory=directory)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        kind, text = self.pages.get(self.path, ("", ""))
        if not kind:
            super().do_GET()
            return
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "max-age=3600")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: the figures are what the benchmark prints."""
