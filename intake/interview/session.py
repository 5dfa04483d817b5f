"""One interview in Python: an instance, its journal, and the messages that go to and fro. No widget, no browser.

The order is what makes "gespeichert" true: an operation is applied to the instance, committed to the journal, and only
then acknowledged, with the difference to what the screen last knew. An operation whose commit failed stays pending;
the same `op_id` again commits it without applying it twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from intake.interview.attachments import Uploads
from intake.interview.description import Element, Json, Language, language_of, screen_texts
from intake.interview.drawing import Drawing, State
from intake.interview.entry import entered
from intake.store import Draft, Journal
from intake.submission import Submission
from validation.errors import AnswerError, LotsenbuchError, StoreError
from validation.form import Form
from validation.instance import Instance
from validation.messages import LANGUAGES

Clock = Callable[[], datetime]
Submit = Callable[[Instance, datetime, datetime], Submission]

_LOST = frozenset({"store.stale_draft", "store.no_draft"})


@dataclass(slots=True)
class _Pending:
    """An operation that is applied and not committed yet. `payload` is what the journal keeps; `key` its element."""

    op_id: str
    payload: Mapping[str, object]
    key: str


class Unsaved(Exception):  # noqa: N818 - it says what is the matter; it never leaves this module
    """The journal could not commit; what was done stands in the pending operations."""

    def __init__(self, error: LotsenbuchError) -> None:
        super().__init__(error.code)
        self.error = error


class Session:
    """An interview that is being held. `receive` takes a message of the browser and gives the answers to it.

    Without a `journal` nothing is kept beyond the process (a form tried out in a notebook). A new draft is started
    with the first operation, so that merely looking leaves none behind. `now` is asked once at the start, so that an
    interview that is continued tomorrow reads the same; it must give an aware time in the study's zone. `demo` marks
    the screen as holding made-up data.
    """

    def __init__(
        self,
        form: Form,
        *,
        journal: Journal | None = None,
        draft: Draft | None = None,
        author: str = "",
        now: Clock,
        submit: Submit | None = None,
        language: str | None = None,
        second: str | None = None,
        instances: Mapping[str, str] | None = None,
        demo: bool = False,
        uploads: Uploads | None = None,
    ) -> None:
        self.form = form
        self.uploads = uploads or Uploads()
        self.journal = journal
        self.draft = draft
        self.author = author
        self.demo = demo
        self.submitted: str | None = None
        self._now = now
        self._submit = submit
        self._instances = dict(instances or {})
        self._zone = now().tzinfo
        self._shown = [_first(form, language)]
        if second in form.languages and second != self._shown[0]:
            self._shown.append(second or "")
        self._started = now() if draft is None else draft.started.astimezone(self._zone)
        self._sequence = 0
        self._pending: list[_Pending] = []
        self._done: set[str] = set()
        self._restore()

    # --- what a researcher reads

    @property
    def answers(self) -> dict[str, str]:
        """{path: lexical text} of every relevant question that has an answer, in the order of the form."""
        state = self._drawing.state(self.instance)
        return {
            path: value
            for key, path in state.paths.items()
            if "value" in state.nodes.get(key, {}) and (value := self.instance.value(path))
        }

    # --- messages

    def greeting(self, view: str | None = None, why: str = "hello") -> Json:
        """Everything the browser needs to draw the interview from nothing."""
        self._sent = self._drawing.state(self.instance)
        return {
            "type": "form",
            "view": view,
            "why": why,
            "form": self.form.id,
            "title": self.form.title,
            "demo": self.demo,
            "number": self.number,
            "draft": self.draft.id if self.draft else None,
            "sequence": self._sequence,
            "languages": [item.json() for item in self._languages],
            "all_languages": [language_of(name).json() for name in self.form.languages],
            "ui": [screen_texts(item.catalogue) for item in self._languages],
            "sections": [section.json() for section in self._drawing.sections],
            "state": self._sent.nodes,
            "lists": self._sent.lists,
        }

    def receive(self, message: Mapping[str, Any]) -> list[Json]:
        """The answers to one operation. Never raises for what a browser sends: what cannot be is refused by name."""
        op_id, op = message.get("op_id"), message.get("op")
        if not isinstance(op_id, str) or not op_id or not isinstance(op, str):
            return [self._refusal("", AnswerError("interview.unreadable"))]
        key = str(message.get("key") or "")
        if self.submitted is not None:
            return [self._farewell(op_id)]
        try:
            if op_id not in self._done and all(item.op_id != op_id for item in self._pending):
                if op == "submit":
                    self._commit()
                    return self._send_in(op_id)
                self._make_draft()
                self._pending.append(_Pending(op_id, self._apply(op, key, message.get("value")), key))
            self._commit()
        except Unsaved as failed:
            if failed.error.code in _LOST:
                return self._start_over(op_id, failed.error)
            return [{"type": "unsaved", "op_id": op_id, "text": self.say(failed.error)}]
        except (LotsenbuchError, ValueError) as error:
            refused = error if isinstance(error, LotsenbuchError) else AnswerError("interview.unreadable")
            return [self._refusal(op_id, refused)]
        if op == "language":
            self._describe()
            drawn = self.greeting(message.get("view"), "language")
            return [self._acknowledge(op_id, key), drawn]
        return [self._acknowledge(op_id, key)]

    def question(self, key: str) -> tuple[Element, str]:
        """The question that stands under a key, and its path. AnswerError when none does."""
        path = self._path(key)
        element = self._drawing.elements.get(key.rsplit("/", 1)[-1])
        if element is None or element.kind != "question":
            raise AnswerError("interview.unreadable")
        return element, path

    def say(self, error: LotsenbuchError) -> list[str]:
        """An error in the languages on screen."""
        return [error.text(item.catalogue) for item in self._languages]

    @property
    def number(self) -> str:
        """The case number: the answer to the first question named `fallnummer`, '' while there is none."""
        return answer_to(self.instance, "fallnummer")

    # --- inside

    def _describe(self) -> None:
        self._languages: Sequence[Language] = [language_of(name) for name in self._shown]
        self._drawing = Drawing(self.form, self._languages)
        self._sent = State()

    def _restore(self) -> None:
        draft = self.draft
        self._describe()
        self.instance = Instance(
            self.form,
            now=self._started,
            language=self._shown[0] or None,
            instances=self._instances,
            properties={"username": self.author},
            xml=draft.xml if draft else None,
            random=Random(draft.id if draft else None),  # noqa: S311 - no secret depends on it
        )
        self._sequence = 0
        self._pending = []
        if draft is not None and self.journal is not None:
            for op in self.journal.replay(draft.id):
                self._replay(op.payload)
                self._sequence = op.sequence
                self._done.add(op.op_id)
            self._describe()

    def _replay(self, payload: Mapping[str, Any]) -> None:
        match payload["op"]:
            case "answer" | "attach":
                self.instance.answer(payload["path"], payload["value"])
            case "add_repeat":
                self.instance.add_repeat(payload["path"])
            case "remove_repeat":
                self.instance.remove_repeat(payload["path"])
            case "language":
                self._choose_second(payload["second"])

    def _apply(self, op: str, key: str, value: object) -> Mapping[str, object]:
        """Do it, and say what the journal is to keep: paths as they are now, so that a replay finds the same."""
        match op:
            case "answer" | "reason":
                path, text = self._path(key), self._text(key, op, value)
                path = f"{path}__missing" if op == "reason" else path
                self.instance.answer(path, text)
                return {"op": "answer", "path": path, "value": text}
            case "attach":
                path = self.question(key)[1]
                try:
                    kept = self.uploads.keep(self.draft.id if self.draft else "", key, value)
                except StoreError as error:
                    raise Unsaved(error) from error
                self.instance.answer(path, kept.name)
                return {"op": "attach", "path": path, "value": kept.name, "hash": kept.sha256}
            case "detach":
                path = self.question(key)[1]
                self.instance.answer(path, "")
                return {"op": "answer", "path": path, "value": ""}
            case "add_repeat":
                path = self._path(key)
                self.instance.add_repeat(path)
                return {"op": "add_repeat", "path": path}
            case "remove_repeat":
                path = self._path(f"{value}/")
                self.instance.remove_repeat(path)
                return {"op": "remove_repeat", "path": path}
            case "language":
                self._choose_second(value)
                return {"op": "language", "second": self._shown[1] if len(self._shown) > 1 else ""}
        raise AnswerError("interview.unreadable")

    def _choose_second(self, name: object) -> None:
        wanted = [name] if isinstance(name, str) and name in self.form.languages and name != self._shown[0] else []
        self._shown = [self._shown[0], *wanted]

    def _path(self, key: str) -> str:
        if not self._sent.paths:
            self._sent = self._drawing.state(self.instance)
        try:
            return self._sent.paths[key]
        except KeyError:
            raise AnswerError("interview.unreadable") from None

    def _text(self, key: str, op: str, value: object) -> str:
        if not isinstance(value, str):
            raise AnswerError("interview.unreadable")
        element = self._drawing.elements[key.rsplit("/", 1)[-1]]
        if op == "reason":
            if element.missing is None:
                raise AnswerError("interview.unreadable")
            return value
        return entered(value, element.type, self._languages[0].catalogue)

    def _make_draft(self) -> None:
        """Before the first operation: a draft, and the instance anew as it will be when the draft is resumed."""
        if self.journal is None or self.draft is not None:
            return
        try:
            self.draft = self.journal.start(self.form.hash, "", self.author, self._shown[0])
        except StoreError as error:
            raise Unsaved(error) from error
        self._started = self.draft.started.astimezone(self._zone)
        sent = self._sent
        self._restore()
        self._sent = sent

    def _commit(self) -> None:
        while self._pending:
            item = self._pending[0]
            if self.journal is not None and self.draft is not None:
                try:
                    self.journal.record(self.draft.id, item.op_id, self._sequence + 1, item.payload)
                except StoreError as error:
                    raise Unsaved(error) from error
            self._sequence += 1
            self._done.add(item.op_id)
            self._pending.pop(0)

    def _send_in(self, op_id: str) -> list[Json]:
        if any(item.kind != "warning" for item in self.instance.violations()):
            return [self._acknowledge(op_id, "") | {"refused": True}]
        self._make_draft()
        number = self.number or self.instance.id.removeprefix("uuid:")[:8]
        if self._submit is not None and self.journal is not None and self.draft is not None:
            self.instance.now = ended = self._now()  # the record's own end, where the form asks for one
            try:
                self.journal.submit(self.draft.id, self._submit(self.instance, self._started, ended))
            except StoreError as error:
                raise Unsaved(error) from error
        self.submitted = number
        return [self._farewell(op_id)]

    def _start_over(self, op_id: str, error: LotsenbuchError) -> list[Json]:
        """Somebody else went on with this draft, or it is closed: show what is stored, not what we believed."""
        if error.code == "store.no_draft" or self.journal is None or self.draft is None:
            return [{"type": "lost", "op_id": op_id, "text": self.say(StoreError("interview.gone"))}]
        self.draft = self.journal.draft(self.draft.id)
        self._restore()
        return [self._refusal(op_id, StoreError("interview.elsewhere")), self.greeting(why="language")]

    def _acknowledge(self, op_id: str, key: str) -> Json:
        state = self._drawing.state(self.instance)
        before = self._sent
        patch: dict[str, Json | None] = {
            name: node for name, node in state.nodes.items() if before.nodes.get(name) != node
        }
        patch |= {name: None for name in before.nodes if name not in state.nodes}
        lists = {name: rows for name, rows in state.lists.items() if name not in before.lists}
        state.lists = before.lists | state.lists
        self._sent = state
        return {
            "type": "ack",
            "op_id": op_id,
            "op_key": key,
            "draft": self.draft.id if self.draft else None,
            "number": self.number,
            "patch": patch,
            "lists": lists,
        }

    def _farewell(self, op_id: str) -> Json:
        return {"type": "submitted", "op_id": op_id, "number": self.submitted}

    def _refusal(self, op_id: str, error: LotsenbuchError) -> Json:
        return {"type": "refused", "op_id": op_id, "text": self.say(error)}



def answer_to(instance: Instance, name: str) -> str:
    """The answer to the first question of a name outside repeats; '' where the form has none."""
    repeats = tuple(f"{each}/" for each in instance.form.repeats)
    found = (nodeset for nodeset in instance.form.binds if nodeset.rsplit("/", 1)[-1] == name)
    nodeset = next((each for each in found if not each.startswith(repeats)), None)
    return instance.value(nodeset) if nodeset is not None else ""


def _first(form: Form, wanted: str | None) -> str:
    """The language to hold the interview in: the wanted one, German, the form's default, its first, or none."""
    if wanted in form.languages:
        return wanted or ""
    for code in LANGUAGES:
        for name in form.languages:
            if language_of(name).code == code:
                return name
    return form.itext.default or (form.languages[0] if form.languages else "")


def utc_now() -> datetime:
    """The computer's clock, in UTC: for a form without a study."""
    return datetime.now(UTC)
