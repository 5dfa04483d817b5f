"""A real Chromium for tests: found or named as missing, and the interview's module in a bare page.

`BarePage` shows the module with a fake model whose messages (with their buffers) go to a Python function, so that every
control can be tried without a server; nothing but that page is ever loaded.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Browser, Page, Playwright, Route

REMEDY = "apt-get install --yes chromium"
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ADDRESS = "http://localhost:9/"  # never asked: the page is answered from memory; localhost counts as secure

Reply = Callable[[Mapping[str, Any]], list[dict[str, Any]]]

_PAGE = """<!DOCTYPE html><html lang="de"><head><meta charset="utf-8"><title>Gespräch</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>body { margin: 0 }
@media (prefers-color-scheme: dark) { html { background: #14161f } }</style><link rel="stylesheet"
href="widget.css"></head> <body><main id="here"></main><script type="module">
import widget from "./module.js";
const listeners = new Set();
const written = (buffer) => { // any view of bytes as base64
  const view = ArrayBuffer.isView(buffer);
  const bytes = view ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength) : new Uint8Array(buffer);
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
};
const read = (text) => new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
window.sent = [];
window.deliver = ({ buffers = [], ...message }) => listeners.forEach((listen) => listen(message, buffers.map(read)));
const model = {
  get: () => window.place || "", // the study; tests set it before the page
  on: (name, listen) => listeners.add(listen), off: (name, listen) => listeners.delete(listen),
  send: async (message, callbacks, buffers = []) => {
    const text = JSON.stringify(message);
    const beside = buffers.map(written);
    window.sent.push(JSON.parse(text));
    if (window.silent) return;
    for (const reply of JSON.parse(await window.python(text, beside))) window.deliver(reply);
  },
};
widget.render({ model, el: document.getElementById("here") });
</script></body></html>"""


def chromium() -> str | None:
    """The path of a Chromium or Chrome; LOTSENBUCH_CHROMIUM names another one. None when there is none."""
    named = os.environ.get("LOTSENBUCH_CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome"]
    return next((path for name in names if name and (path := shutil.which(name))), None)


def launch(playwright: Playwright) -> Browser:
    """A browser with an empty profile. Call only where `chromium()` found one."""
    return playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)


class BarePage:
    """The interview's module in a page of its own; what it sends is answered by `reply`."""

    def __init__(self, page: Page, reply: Reply) -> None:
        from intake.interview.widget import screen

        self.page = page
        self.faults: list[str] = []
        self.asked_for: list[str] = []
        files = {
            "": ("text/html", _PAGE),
            "module.js": ("text/javascript", screen("js")),
            "widget.css": ("text/css", screen("css")),
        }

        def serve(route: Route) -> None:
            name = route.request.url.removeprefix(ADDRESS)
            if route.request.url.startswith(ADDRESS) and name in files:
                kind, body = files[name]
                route.fulfill(body=body, content_type=f"{kind}; charset=utf-8")
            else:
                self.asked_for.append(route.request.url)
                route.abort()

        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda line: self.faults.append(line.text) if line.type == "error" else None)

        def python(text: str, buffers: list[str]) -> str:
            """One message to `reply`; buffers cross the border in base64, as they cross it in frames of their own."""
            message = json.loads(text)
            if buffers:
                message["buffers"] = [base64.b64decode(each) for each in buffers]
            return json.dumps([_written(each) for each in reply(message)])

        page.expose_function("python", python)
        page.route("**/*", serve)
        page.goto(ADDRESS)

    def sent(self) -> list[dict[str, Any]]:
        """Every message so far."""
        found: list[dict[str, Any]] = self.page.evaluate("window.sent")
        return found

    def deliver(self, message: Mapping[str, Any]) -> None:
        """A message from Python that nobody asked for."""
        self.page.evaluate("(message) => window.deliver(message)", _written(message))


def _written(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message with its buffers in base64."""
    beside = [base64.b64encode(each).decode("ascii") for each in message.get("buffers", ())]
    return {**message, "buffers": beside} if beside else dict(message)
