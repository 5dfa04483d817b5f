"""ODK Central and KoboToolbox on this computer: as much of their documented interfaces as fetching records needs.

    with serving(Central(form_id="probe", records={...})) as server:
        server.url                      http://127.0.0.1:…/v1/projects/1/forms/probe

Central: sessions by e-mail address and password, `.svc/Submissions` in pages with `@odata.nextLink`,
`submissions/{id}.xml`, attachments. Kobo: `data.json` in pages with `next`, `fields` and `query` with `$in`,
attachments. `trouble` is what goes wrong with the next requests: a status with a Retry-After, or a line that ends in
the middle of the body.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

EMAIL, PASSWORD, TOKEN = "mueller@example.org", "geheim-geheim-geheim", "tok_3n-secret"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong once: `status` with headers, or, with 0, a body that ends after half of its bytes. Only requests
    whose path holds `path`; the first `after` of them go well."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    after: int = 0


@dataclass(slots=True)
class Answer:
    """What is sent back."""

    body: bytes = b""
    status: int = 200
    kind: str = "application/json"


class Site(Protocol):
    """A server's content."""

    @property
    def path(self) -> str:
        """Where the form or project lies on it."""
        ...

    def answer(self, method: str, path: str, query: Mapping[str, list[str]], body: bytes, token: str) -> Answer:
        """The answer to a request; `token` is what its header Authorization says."""
        ...


@dataclass(slots=True)
class Central:
    """A form on Central. `records` are {instanceID: XML}, `edits` how often each was edited, `files` {id: {name:
    content}}. `page` is how many records a page lists."""

    form_id: str
    records: dict[str, bytes]
    version: str = "1"
    page: int = 2
    edits: dict[str, int] = field(default_factory=dict)
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    sessions: set[str] = field(default_factory=set)

    @property
    def path(self) -> str:
        return f"/v1/projects/1/forms/{self.form_id}"

    def answer(self, method: str, path: str, query: Mapping[str, list[str]], body: bytes, token: str) -> Answer:
        if path == "/v1/sessions" and method == "POST":
            said = json.loads(body)
            if said != {"email": EMAIL, "password": PASSWORD}:
                return Answer(b'{"code": 401.2}', 401)
            self.sessions.add(TOKEN)
            return Answer(json.dumps({"token": TOKEN, "expiresAt": "2026-12-01T00:00:00Z"}).encode())
        if token != f"Bearer {TOKEN}" or TOKEN not in self.sessions:
            return Answer(b'{"code": 401.2}', 401)
        if path == "/v1/sessions/current" and method == "DELETE":
            self.sessions.discard(TOKEN)
            return Answer(b'{"success": true}')
        if path == f"{self.path}.svc/Submissions":
            return self._listed(query)
        return self._record(path.removeprefix(f"{self.path}/submissions/"))

    def _listed(self, query: Mapping[str, list[str]]) -> Answer:
        start = int(query.get("$skiptoken", ["0"])[0])
        size = min(self.page, int(query["$top"][0]))
        names = list(self.records)[start : start + size]
        values = [
            {
                "__id": name,
                "__system": {
                    "submissionDate": "2026-05-04T10:30:00.000Z", "submitterName": "App", "formVersion": self.version,
                    "edits": self.edits.get(name, 0), "attachmentsPresent": len(self.files.get(name, {})),
                    "reviewState": None,
                },
            }
            for name in names
        ]  # fmt: skip
        page: dict[str, Any] = {"@odata.context": "…$metadata#Submissions", "value": values}
        if start + size < len(self.records):
            more = urlencode({"$top": query["$top"][0], "$skiptoken": start + size})
            page["@odata.nextLink"] = f"{self.path}.svc/Submissions?{more}"
        return Answer(json.dumps(page).encode())

    def _record(self, rest: str) -> Answer:
        name, _, more = rest.partition("/attachments")
        name = unquote(name)
        if not more and name.endswith(".xml") and name[:-4] in self.records:
            return Answer(self.records[name[:-4]], kind="application/xml")
        files = self.files.get(name, {})
        if rest.endswith("/attachments"):
            listing = [{"name": file, "exists": True} for file in files] + [{"name": "lost.jpg", "exists": False}]
            return Answer(json.dumps(listing).encode())
        if unquote(more.lstrip("/")) in files:
            return Answer(files[unquote(more.lstrip("/"))], kind="application/octet-stream")
        return Answer(b'{"code": 404.1}', 404)


@dataclass(slots=True)
class Kobo:
    """A project of Kobo. `results` are its records as the API gives them, each with `_id`; `files` are {path: content}
    of attachments."""

    results: list[dict[str, Any]]
    page: int = 2
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[Mapping[str, list[str]]] = field(default_factory=list)

    @property
    def path(self) -> str:
        return "/api/v2/assets/aXyZ"

    def answer(self, method: str, path: str, query: Mapping[str, list[str]], body: bytes, token: str) -> Answer:  # noqa: ARG002 - the protocol's
        if token != f"Token {TOKEN}":
            return Answer(b'{"detail": "Invalid token."}', 401)
        if path == f"{self.path}/data.json":
            return self._page(query)
        if path.removeprefix(self.path) in self.files:
            return Answer(self.files[path.removeprefix(self.path)], kind="application/octet-stream")
        return Answer(b'{"detail": "Not found."}', 404)

    def _page(self, query: Mapping[str, list[str]]) -> Answer:
        self.asked.append(query)
        found = sorted(self.results, key=lambda each: each["_id"])
        if "query" in query:
            wanted = json.loads(query["query"][0])["_id"]["$in"]
            found = [each for each in found if each["_id"] in wanted]
        if "fields" in query:
            names = json.loads(query["fields"][0])
            found = [{name: each[name] for name in names if name in each} for each in found]
        start, size = int(query.get("start", ["0"])[0]), min(self.page, int(query["limit"][0]))
        more = {name: values[0] for name, values in query.items()} | {"start": str(start + size)}
        after = f"{self.path}/data.json?{urlencode(more)}" if start + size < len(found) else None
        page = {"count": len(found), "next": after, "previous": None, "results": found[start : start + size]}
        return Answer(json.dumps(page).encode())


@dataclass(slots=True)
class Running:
    """A server that answers. `log` are the paths asked for, in order; `trouble` is taken from the front."""

    url: str
    log: list[str]
    trouble: list[Trouble]


@contextmanager
def serving(site: Site, *trouble: Trouble) -> Iterator[Running]:
    """A site on a free port of this computer."""
    running = Running("", [], list(trouble))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            running.log.append(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = site.answer(
                self.command, parts.path, parse_qs(parts.query), body, self.headers.get("Authorization", "")
            )
            self._send(answer, _next(running, parts.path))

        def _send(self, answer: Answer, wrong: Trouble | None) -> None:
            status = wrong.status if wrong is not None and wrong.status else answer.status
            body = b"" if status != answer.status else answer.body
            self.send_response(status)
            for name, value in (wrong.headers if wrong is not None else {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if wrong is not None and not wrong.status else body)
            self.close_connection = True

        do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - names of http.server

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    running.url = f"http://127.0.0.1:{server.server_port}{site.path}"
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _next(running: Running, path: str) -> Trouble | None:
    if not running.trouble or running.trouble[0].path not in path:
        return None
    first = running.trouble[0]
    if first.after:
        running.trouble[0] = Trouble(first.status, first.headers, first.path, first.after - 1)
        return None
    return running.trouble.pop(0)
