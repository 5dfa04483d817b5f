"""What a browser reaches: one page, its code, and a line of messages. The door to tornado.

No kernel and no notebook are behind it: a line can send the messages of one questionnaire and nothing else. Who has no
token gets the empty page only; a token travels behind the '#', which browsers send to nobody, and in messages.

    {type: "enter", token, secret, again}  ->  {type: "welcome", …, kiosk, resume}; {type: "ready"} where the line was
                                               cut and the questionnaire is on screen (`again`); or "closed", text
    {type: "begin", language, view}        ->  {type: "form", …}: empty, or as far as this browser had come
    {type: "leave"}                        ->  {type: "over"}: back to the start
    {type: "here"}                             somebody is there; else {type: "idle", seconds} comes, then "over"
    and the messages of an interview (`intake.interview.session`)
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tornado.httpserver
import tornado.ioloop
import tornado.web
import tornado.websocket

from intake.interview.alone.desk import Desk
from intake.interview.alone.links import Links, draft_of, is_secret, read_token
from intake.interview.alone.page import FILES, FONTS, PAGE
from intake.interview.attachments import answer_bytes
from intake.interview.description import Json
from intake.interview.session import Session
from intake.interview.wire import lean
from validation.errors import LotsenbuchError
from validation.messages import LANGUAGES, say

WRONG = 5  # wrong tokens of one address
WINDOW = 60.0  # s in which they are counted, and for which the address is then refused
REMEMBERED = 2000  # addresses
LINES = 200  # open at once
MESSAGE = 200_000  # bytes of one message
WARNING = 30  # s before the end somebody is asked whether they are there
BEAT = 1000  # ms between two looks at who is there


class Attempts:
    """Counts wrong tokens by address, in memory only. `clock` gives seconds that only go forward."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: dict[str, deque[float]] = {}

    def refused(self, address: str) -> bool:
        """Whether an address has to wait."""
        return len(self._recent(address)) >= WRONG

    def wrong(self, address: str) -> None:
        """An address sent a token that there is not."""
        self._recent(address).append(self._clock())

    def _recent(self, address: str) -> deque[float]:
        if address not in self._wrong and len(self._wrong) >= REMEMBERED:
            del self._wrong[next(iter(self._wrong))]
        known = self._wrong.setdefault(address, deque(maxlen=WRONG))
        while known and known[0] <= self._clock() - WINDOW:
            known.popleft()
        return known


@dataclass
class Front:
    """What all lines share. `token` opens a kiosk (one questionnaire after the other), `links` one each; the other is
    '' or None. `idle` is the silence in seconds after which a line goes back to its start, 0: never. `host` is what a
    browser must call us, as `address:port`; `origin` the same with its scheme."""

    desk: Desk
    links: Links
    host: str
    origin: str
    token: str = ""
    idle: float = 0.0
    clock: Callable[[], float] = time.monotonic
    attempts: Attempts = field(default_factory=Attempts)
    lines: set[Line] = field(default_factory=set)

    def app(self) -> tornado.web.Application:
        """The pages and the line."""
        return tornado.web.Application(
            [
                (r"/talk", Line, {"front": self}),
                (r"/fonts/([\w-]+\.(?:woff2|css))", Served, {"front": self, "folder": FONTS}),
                (r"/([\w.]*)", Served, {"front": self, "folder": None}),
            ],
            log_function=lambda _handler: None,  # who asked when is nobody's business
        )

    def look(self) -> None:
        """Ask who has been silent, and go back to the start where nobody answers."""
        for line in [each for each in self.lines if self.idle and each.session is not None]:
            silent = self.clock() - line.heard
            if silent >= self.idle:
                line.end()
            elif silent >= self.idle - WARNING and not line.asked:
                line.asked = True
                line.tell({"type": "idle", "seconds": int(self.idle - silent)})

    def drafts(self) -> set[str]:
        """The questionnaires that are open now."""
        return {line.draft for line in self.lines if line.draft}

    def serve(self, port: int, address: str, tls: Any = None) -> tornado.httpserver.HTTPServer:
        """Begin to listen; `tls` is an SSL context. OSError where the port is taken."""
        server = tornado.httpserver.HTTPServer(self.app(), ssl_options=tls, max_body_size=0, max_header_size=16_384)
        server.listen(port, address)
        tornado.ioloop.PeriodicCallback(self.look, BEAT).start()
        return server


class Served(tornado.web.RequestHandler):
    """The page and the files beside it: the same for everybody, and kept by nobody."""

    def initialize(self, front: Front, folder: Path | None) -> None:
        self.front, self.folder = front, folder

    def set_default_headers(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.clear_header("Server")

    def prepare(self) -> None:
        if self.request.host != self.front.host:  # another name for us: somebody's page pretends to be ours
            raise tornado.web.HTTPError(403)

    def get(self, name: str) -> None:
        if self.folder is not None:
            path = self.folder / name
            if not path.is_file():
                raise tornado.web.HTTPError(404)
            self.set_header("Content-Type", "text/css" if name.endswith(".css") else "font/woff2")
            self.finish(path.read_bytes())
        elif name == "":
            line = self.front.origin.replace("http", "ws", 1)
            self.set_header(
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src data: blob:; media-src blob:; "
                f"font-src 'self'; connect-src 'self' {line}; "
                "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            )
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.finish(PAGE)
        elif name in FILES:
            kind, made = FILES[name]
            self.set_header("Content-Type", f"{kind}; charset=utf-8")
            self.finish(made())
        else:
            raise tornado.web.HTTPError(404)

    def write_error(self, status_code: int, **_kwargs: Any) -> None:
        self.finish(str(status_code))


class Line(tornado.websocket.WebSocketHandler):
    """One browser page: at most one questionnaire at a time."""

    def initialize(self, front: Front) -> None:
        self.front = front
        self.session: Session | None = None
        self.form = front.desk.form.id
        self.draft = ""
        self.token = ""
        self.secret = ""
        self.entered = self.asked = False
        self.heard = front.clock()

    def check_origin(self, origin: str) -> bool:
        return origin == self.front.origin and self.request.host == self.front.host

    @property
    def max_message_size(self) -> int:
        return MESSAGE

    def open(self, *_args: str, **_kwargs: str) -> None:
        if len(self.front.lines) >= LINES:
            self.close()
            return
        self.front.lines.add(self)

    def on_message(self, message: str | bytes) -> None:
        try:
            said = json.loads(message)
        except ValueError:
            self.close()
            return
        if not isinstance(said, dict):
            self.close()
            return
        if said.get("type") != "ping":
            self.heard, self.asked = self.front.clock(), False
        try:
            for reply in self.answer(said):
                self.tell(reply)
        except LotsenbuchError as error:
            self.tell(_closed(error.code, **error.fields))
        except Exception as error:  # noqa: BLE001 - whatever it is, the page must say that something is wrong
            outcome = "unsaved" if said.get("type") == "op" else "refused"
            text = [say("interview.broken", "de", kind=type(error).__name__)]
            self.tell({"type": outcome, "op_id": said.get("op_id", ""), "text": text})

    def answer(self, message: Mapping[str, Any]) -> list[Json]:
        """What is said back. LotsenbuchError where the store or the links cannot be read or written."""
        kind = message.get("type")
        if kind == "enter":
            return self._enter(message)
        if not self.entered:
            return [_closed("alone.unknown")]
        if kind == "begin":
            return self._begin(message)
        if kind == "leave":
            self.end()
            return []
        if self.session is None or kind == "here":
            return []
        if kind == "file":
            return [_beside(answer_bytes(self.session, message))]
        if kind not in ("op", "ping", "list"):
            return []
        submitted = self.session.submitted
        replies = self.session.receive({**message, "draft": self.draft} if kind == "op" else message)
        if self.session.submitted is not None and submitted is None:
            self._handed_in()
        return replies

    def _enter(self, message: Mapping[str, Any]) -> list[Json]:
        address = str(self.request.remote_ip)
        if self.front.attempts.refused(address):
            return [_closed("alone.wait")]
        token, secret = read_token(message.get("token")), message.get("secret")
        if self.front.token:
            known = hmac.compare_digest(token, self.front.token)
        else:
            known = bool(token) and self.front.links.form_of(token) == self.form and is_secret(secret)
        if not known:
            self.front.attempts.wrong(address)
            return [_closed("alone.unknown")]
        self.token, self.secret = token, str(secret)
        if not self.front.token and not self.front.links.is_mine(self.form, token, self.secret):
            used = self.front.links.is_used(self.form, token)
            return [_closed("alone.used" if used else "alone.other_browser")]
        self.entered = True
        if not self.front.token and self._was_handed_in():
            return [_closed("alone.used")]
        if message.get("again") is True and not self.front.token and self._take_up(None):
            return [{"type": "ready"}]
        resume = not self.front.token and self.front.links.is_begun(self.form, token)
        return [{**self.front.desk.welcome(), "kiosk": bool(self.front.token), "resume": resume}]

    def _was_handed_in(self) -> bool:
        """Whether the questionnaire of a link was handed in, though the program ended before the link was marked."""
        if not self.front.desk.store.journal.is_closed(draft_of(self.token, self.secret)):
            return False
        self.front.links.use(self.form, self.token)
        return True

    def _begin(self, message: Mapping[str, Any]) -> list[Json]:
        language = message.get("language")
        if self.front.token:
            self._settle()
            self.front.links.count(self.form, "begun")
        else:
            self.front.links.begin(self.form, self.token, self.secret)
        self._take_up(language if isinstance(language, str) else None)
        assert self.session is not None  # noqa: S101 - opened just now
        view = message.get("view")
        return [self.front.desk.greeting(self.session, view if isinstance(view, str) else None)]

    def _take_up(self, language: str | None) -> bool:
        """Open what this browser had begun, else an empty one; a kiosk's is always empty. Whether it was begun."""
        self.draft = secrets.token_hex(16) if self.front.token else draft_of(self.token, self.secret)
        begun = None if self.front.token else self.front.desk.resume(self.draft)
        self.session = begun or self.front.desk.begin(language)
        return begun is not None

    def _handed_in(self) -> None:
        self.front.links.count(self.form, "handed_in")
        if not self.front.token:
            self.front.links.use(self.form, self.token)
        self.session, self.draft = None, ""

    def end(self) -> None:
        """Back to the start: what was begun at a kiosk is settled, what a link opened waits for its browser."""
        self._settle()
        self.tell({"type": "over"})

    def _settle(self) -> None:
        session, draft, self.session, self.draft = self.session, self.draft, None, ""
        if session is None or not self.front.token:
            return
        done = self.front.desk.settle(draft) if session.draft is not None else "discarded"
        if done:
            self.front.links.count(self.form, done)

    def tell(self, message: Json) -> None:
        """Send a message, if the page is still there."""
        if self.ws_connection is not None:
            self.write_message(json.dumps(lean(message)))

    def on_close(self) -> None:
        self.front.lines.discard(self)
        try:
            self._settle()
        except LotsenbuchError:
            return  # the store is busy: `settle_old` does it when the program starts the next time


def _closed(code: str, **fields: object) -> Json:
    return {"type": "closed", "text": [say(code, language, **fields) for language in LANGUAGES]}


def _beside(reply: Json) -> Json:
    """A reply whose bytes travel in it, as text: a line of ours has no second channel."""
    buffers = reply.get("buffers")
    return reply if not buffers else {**reply, "buffers": [base64.b64encode(each).decode("ascii") for each in buffers]}
