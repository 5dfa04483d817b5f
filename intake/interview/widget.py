"""The widget: the only door to anywidget. It passes messages between a browser and a `Session` and keeps no answer.

Nothing but the code, the style and two opaque ids (of the session, of the study) are synced traits. Answers travel as
messages, so that a notebook that is saved with its widgets never holds one.
"""

from __future__ import annotations

import asyncio
import threading
import traceback
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from intake.interview.attachments import Uploads, answer_bytes
from intake.interview.description import Json
from intake.interview.session import Session, utc_now
from intake.interview.wire import lean, packed
from intake.interview.worklist import Worklist
from intake.study import FORM_SUFFIXES, Study
from intake.submission import submission_from_instance
from validation.errors import DataError, LotsenbuchError, StoreError
from validation.form import Form
from validation.messages import say

if TYPE_CHECKING:
    import pandas as pd

_SCREEN = Path(__file__).parent / "screen"


def screen(kind: str) -> str:
    """All files of the screen of one kind, 'js' or 'css', as one text: a module has one scope, so their order says
    nothing."""
    return "\n".join(each.read_text(encoding="utf-8") for each in sorted(_SCREEN.rglob(f"*.{kind}")))


class Interview(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget ships no types that mypy can follow
    """An interview in a notebook or in Voila.

        Interview(study, "erstgespraech")      # a study (or its directory): drafts, journal, submissions
        Interview("form.xlsx")                 # any XLSForm, kept in this process only; or a Form
        Interview(…).answers, .to_frame(), .to_frame("ziel")

    With a study the work list comes first, unless the page still knows its draft. `language` is the form's language to
    hold the interview in ('Deutsch (de)'); German where there is no other wish. StudyError, StoreError or FormError
    name what is wrong with the study or the workbook.
    """

    _esm = packed(screen("js"))
    _css = screen("css")
    session_id = traitlets.Unicode().tag(sync=True)
    place = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, source: Form | Study | Worklist | Path | str, form_id: str | None = None, *, language: str | None = None
    ) -> None:
        super().__init__(session_id=uuid.uuid4().hex)
        self._thread = threading.get_ident()
        self._loop = _running_loop()
        self._language = language
        self._worklist: Worklist | None = None
        self.session: Session | None = None
        if isinstance(source, Form):
            self.session = Session(source, now=utc_now, language=language)
        elif isinstance(source, Path | str) and Path(source).suffix.lower() in FORM_SUFFIXES:
            self.session = _session_of(Path(source), language)
        else:
            self._worklist = _worklist(source, form_id)
            self.place = self._worklist.place
        self.on_msg(self._receive)

    @property
    def answers(self) -> dict[str, str]:
        """{path: lexical text} of the interview on screen; empty while the work list is."""
        return self.session.answers if self.session else {}

    def to_frame(self, table: str | None = None) -> pd.DataFrame:
        """The interview on screen as a table, with the columns and types of `intake.tables`: one row for the form, or,
        with the name of a repeat's table, one for each entry.

        DataError 'interview.no_table' where there is none of this name, 'interview.not_open' while the work list is.
        """
        from intake.tables import tables

        if self.session is None:
            raise DataError("interview.not_open")
        instance, moment = self.session.instance, self.session.instance.now
        made = submission_from_instance(instance, author=self.session.author, started=moment, ended=moment)
        found = tables(instance.form, [made], zone=str(moment.tzinfo))
        if table is None:
            return next(iter(found.values()))
        if table not in found:
            raise DataError("interview.no_table", table=table, known=", ".join(found))
        return found[table]

    def _receive(self, _widget: object, message: Mapping[str, Any], buffers: Sequence[bytes | memoryview]) -> None:
        """Take a message in the thread that made the widget: JupyterLab has it heard by another, and a store belongs
        to the thread that opened it."""
        if self._loop is None or threading.get_ident() == self._thread:
            self._answer(message, buffers)
        else:
            self._loop.call_soon_threadsafe(self._answer, message, buffers)

    def _answer(self, message: Mapping[str, Any], buffers: Sequence[bytes | memoryview]) -> None:
        """Bytes travel beside a message, never in it: they come in as its `buffers` and go out of a reply's."""
        for reply in self.reply({**message, "buffers": [bytes(each) for each in buffers]} if buffers else message):
            beside = reply.get("buffers")
            if beside:
                self.send({name: said for name, said in reply.items() if name != "buffers"}, beside)
            else:
                self.send(lean(reply))

    def reply(self, message: Mapping[str, Any]) -> list[Json]:
        """What is sent back for a message of the browser. A fault of ours is said in one sentence, never swallowed; an
        operation in which it happens is unsaved, so that the browser keeps it and sends it again."""
        view = message.get("view") if isinstance(message.get("view"), str) else None
        try:
            return self._reply(message, view)
        except LotsenbuchError as error:
            return self._list(view, error)
        except Exception as error:  # noqa: BLE001 - the screen must say that something is wrong, whatever it is
            where = "".join(traceback.format_tb(error.__traceback__))  # without its message, which may hold an answer
            self.log.error("interview: %s\n%s", type(error).__name__, where)
            text = [say("interview.broken", "de", kind=type(error).__name__)]
            outcome = "unsaved" if message.get("type") == "op" else "refused"
            return [{"type": outcome, "view": view, "op_id": message.get("op_id", ""), "text": text}]

    def _reply(self, message: Mapping[str, Any], view: str | None) -> list[Json]:
        kind, worklist = message.get("type"), self._worklist
        if kind == "op":
            return self.session.receive(message) if self.session else self._list(view, StoreError("interview.gone"))
        if kind == "list":
            none = {"type": "list", "view": view, "list": message.get("list")}
            return self.session.receive(message) if self.session else [none]
        if kind in ("chunk", "file"):
            return [answer_bytes(self.session, message)] if self.session else []
        if kind == "ping":
            return self.session.hear(view) if self.session else [{"type": "pong", "view": view}]
        if worklist is None:
            return [self.session.greeting(view)] if self.session else []
        if kind == "desk":
            return [worklist.answer(message, view)]
        if kind == "new":
            self.session = worklist.begin(str(message.get("form")), self._language)
        elif kind == "open" or (kind == "hello" and message.get("draft") and not self._open):
            try:
                if kind == "open":
                    worklist.refuse_held(str(message["draft"]))
                self.session = _resumed(worklist, message)
            except StoreError as error:
                if error.code != "store.no_draft":
                    raise
                said = error if kind == "open" else None  # a page loaded anew was not asked for this draft
                return [{**each, "gone": message.get("draft")} for each in self._list(view, said)]
        elif kind == "decide":  # between two versions of a record
            kept = worklist.decide(str(message.get("draft")), str(message.get("keep")))
            self.session = None if kept is None else worklist.resume(kept)
        elif kind == "overview":
            self.session = None
        return [self.session.greeting(view)] if self.session and self._open else self._list(view)

    @property
    def _open(self) -> bool:
        return self.session is not None and self.session.submitted is None

    def _list(self, view: str | None, problem: LotsenbuchError | None = None) -> list[Json]:
        return [self._worklist.start(view, problem)] if self._worklist else []


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop of this thread: a kernel's; None in a plain program."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _worklist(source: Study | Worklist | Path | str, form_id: str | None) -> Worklist:
    from intake.interview.opening import worklist_of

    if isinstance(source, Worklist):
        return source
    return worklist_of(source if isinstance(source, Study) else Path(source), form_id)


def _session_of(workbook: Path, language: str | None) -> Session:
    """An interview with the form of a workbook, with the lists and pictures that lie beside it."""
    from intake.media import instances
    from intake.publishing import freeze
    from validation import read_form

    frozen = freeze(workbook, versioned=False)
    form = read_form(frozen.xform)
    uploads = Uploads(form_file=frozen.lists.get)
    return Session(form, now=utc_now, language=language, instances=instances(form, frozen.lists), uploads=uploads)


def _resumed(worklist: Worklist, message: Mapping[str, Any]) -> Session:
    """The draft that a message names. StoreError 'store.no_draft' when it is closed by now."""
    form, mine = message.get("form"), message.get("mirrored")
    session = worklist.resume(str(message.get("draft")), form if isinstance(form, str) else None)
    session.recognise(mine if isinstance(mine, list) else [])
    return session


def open_interview() -> Interview:
    """The interview that the command named (LOTSENBUCH_STUDY, LOTSENBUCH_FORM); for the notebook."""
    from intake.interview.opening import worklist_here

    return Interview(worklist_here())
