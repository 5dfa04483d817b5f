"""One interview in Python: its course, its journal, and the messages that go to and fro. No widget, no browser.

The order is what makes "gespeichert" true: an operation is done in the course, committed to the journal, and only then
acknowledged, with the difference to what the screen last knew. An operation whose commit failed stays pending; the
same `op_id` again commits it without doing it twice. Where another window went on with the draft meanwhile, its
operations are taken first and ours is done on top, or asked about (`intake.interview.conflict`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from intake.how import with_how
from intake.interview.attachments import Uploads
from intake.interview.conflict import clash
from intake.interview.course import Course, Step
from intake.interview.description import Element, Json, Language, language_of, screen_texts
from intake.interview.drawing import Drawing, State
from intake.interview.followup import FollowUp, LastState, fill
from intake.interview.newcase import NewCase
from intake.interview.orders import Orders
from intake.interview.paradata import INTERPRETER, collect
from intake.interview.revising import revision_in
from intake.store import Attachment, Draft, Journal
from intake.store.corrections import REASONS
from intake.submission import Override, Submission
from validation.errors import AnswerError, LotsenbuchError, StoreBusy, StoreError
from validation.form import Form
from validation.instance import Instance
from validation.messages import LANGUAGES

Clock = Callable[[], datetime]
Submit = Callable[[Instance, datetime, datetime], Submission]

_QUIET = frozenset({"language", "visit", "setting"})  # alone they are no reason to keep a draft
_FINAL = frozenset({"store.stale", "store.conflict", "store.locked_case", "store.locked_period"})
_TRIES = 5  # how often an operation is offered again to a journal in which others write at the same moment


class Unsaved(Exception):  # noqa: N818 - it says what is the matter; it never leaves this module
    """The journal could not commit; what was done stands in the pending operations."""

    def __init__(self, error: LotsenbuchError) -> None:
        super().__init__(error.code)
        self.error = error


class Session:
    """An interview that is being held. `receive` takes a message of the browser and gives the answers to it.

    Without a `journal` nothing is kept beyond the process (a form tried out in a notebook). A new draft is started
    with the first answer, so that merely looking leaves none behind. `now` must give an aware time in the study's zone.
    What is computed is computed as of the start, so that an interview that is continued tomorrow reads the same; what
    may be answered is judged as of today, so that tomorrow's events can be told tomorrow. `demo` marks
    the screen as holding made-up data. `study` is the title above; `paradata` says whether the study wants to know how
    interviews went, `mirror` whether the browser may keep, sealed, what is not committed yet; `device` names the
    computer to a form that asks for one; `new_case` watches the pseudonym where the interview makes a case. `overtaken`
    says how both versions of a record differ that somebody else changed meanwhile, `holding` who has a draft. `last` is
    what was known before, where the interview is a follow-up; it must be the same whenever the draft is opened.
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
        plain: bool = False,
        uploads: Uploads | None = None,
        study: str = "",
        paradata: bool = True,
        mirror: bool = True,
        device: Callable[[], str] | None = None,
        new_case: NewCase | None = None,
        overtaken: Callable[[Session], Json] | None = None,
        holding: Callable[[Draft, Mapping[str, str]], Json | None] | None = None,
        last: LastState | None = None,
    ) -> None:
        self.form = form
        self.uploads = uploads or Uploads()
        self.journal = journal
        self.draft = draft
        self.author = author
        self.demo = demo
        self.plain = plain
        self.restricted = ""
        """What the page says where processing is restricted for the person (Art. 18 GDPR)."""
        self.study = study
        self.paradata = paradata
        self.mirror = mirror and journal is not None
        self.submitted: str | None = None
        self._new = draft is None
        self._now = now
        self._submit = submit
        self._instances = dict(instances or {})
        self._device = device
        self._new_case = new_case
        self._overtaken = overtaken
        self._holding = holding
        self.followup = FollowUp(form, last)
        self._zone = now().tzinfo
        first = _first(form, language)
        self._languages_at_start = [first, *([second] if second in form.languages and second != first else [])]
        self._started = now() if draft is None else draft.started.astimezone(self._zone)
        self._sequence = 0
        self._pending: list[Step] = []
        self._done: set[str] = set()
        self._files: dict[str, Attachment] = {}
        self._lost = False
        self._restore()

    # --- what a researcher reads

    @property
    def instance(self) -> Instance:
        """The record as it is now."""
        return self.course.instance

    @property
    def answers(self) -> dict[str, str]:
        """{path: lexical text} of every relevant question that has an answer, in the order of the form."""
        state = self._drawing.state(self.instance)
        return {
            path: value
            for key, path in state.paths.items()
            if "value" in state.nodes.get(key, {}) and (value := self.instance.value(path))
        }

    @property
    def number(self) -> str:
        """The case number: the answer to the first question named `fallnummer`, '' while there is none."""
        return answer_to(self.instance, "fallnummer")

    @property
    def drawing(self) -> Drawing:
        """How the form is drawn in the languages on screen."""
        return self._drawing

    # --- messages

    def greeting(self, view: str | None = None, why: str = "hello") -> Json:
        """Everything the browser needs to draw the interview from nothing."""
        self._sent = self._state()
        unreviewed = self.form.unreviewed
        drawn: Json = {
            "type": "form",
            "view": view,
            "why": why,
            "form": self.form.id,
            "title": self.form.title,
            "demo": self.demo,
            "plain": self.plain,
            "restricted": self.restricted,
            "number": self.number,
            "draft": self.draft.id if self.draft else None,
            "sequence": self._sequence,
            "at": self.course.place,
            "paradata": self.paradata and self.journal is not None,
            "mirror": self.mirror,
            "languages": [
                item.json() | ({"unreviewed": True} if item.code in unreviewed else {}) for item in self._languages
            ],
            "all_languages": [language_of(name).json() for name in self.form.languages],
            "ui": [screen_texts(item.catalogue) | self._of_before(item.catalogue) for item in self._languages],
            "sections": [section.json() for section in self._drawing.sections],
            "state": self._sent.nodes,
            "lists": self._sent.new_lists(State()),
        }
        if self.journal is not None:
            drawn["case"] = {
                "study": self.study,
                "author": self.author,
                "started": self._started.date().isoformat(),
                "interpreter": self.course.settings.get(INTERPRETER, ""),
                "new": self._new,
                "correction": correction.reason if (correction := revision_in(self.course.settings)) else None,
                "holder": self._held(),
            }
        return drawn

    def receive(self, message: Mapping[str, Any]) -> list[Json]:
        """The answers to one operation. Never raises for what a browser sends: what cannot be is refused by name."""
        if message.get("type") == "ping":
            return self.hear(message.get("view"))
        if message.get("type") == "list":
            return [self.choices(message.get("list"), message.get("view"))]
        op_id, op = message.get("op_id"), message.get("op")
        if not isinstance(op_id, str) or not op_id or not isinstance(op, str):
            return [self._refusal("", AnswerError("interview.unreadable"))]
        if self.submitted is not None:
            return [self._farewell(op_id)]
        meant = message.get("draft")
        if self.draft is not None and isinstance(meant, str) and meant != self.draft.id:
            return [{"type": "unsaved", "op_id": op_id, "text": self.say(StoreError("interview.other_case"))}]
        try:
            return self._handle(op_id, op, message)
        except Unsaved as failed:
            return self._set_back(op_id, op, message, failed.error)
        except StoreError as error:  # what could not be read now may be read the next time
            return self._set_back(op_id, op, message, error)
        except (LotsenbuchError, ValueError) as error:
            refused = error if isinstance(error, LotsenbuchError) else AnswerError("interview.unreadable")
            return [self._refusal(op_id, refused)]

    def hear(self, view: str | None = None) -> list[Json]:
        """The answer to a ping: we are here; and what another window did meanwhile, or that it closed the draft."""
        replies: list[Json] = [{"type": "pong", "view": view}]
        if self.journal is None or self.draft is None or self.submitted is not None or self._pending or self._lost:
            return replies
        with suppress(StoreError):  # a store that is busy is no news
            try:
                if self.journal.draft(self.draft.id).sequence > self._sequence:
                    replies.append(self._catch_up())
            except StoreError as error:
                if error.code == "store.no_draft":
                    replies.append(self._gone(""))
        return replies

    def choices(self, name: object, view: object = None) -> Json:
        """The answer to a screen that needs a long list; without rows where no question has it any more."""
        known, wanted = self._sent.lists, str(name)
        if wanted not in known:  # nothing was drawn here yet: the kernel is a new one
            known = self._state().lists
        return {"type": "list", "view": view, "list": name} | ({"rows": known[wanted]} if wanted in known else {})

    def recognise(self, op_ids: Sequence[object]) -> None:
        """Operations that the browser sent before it was cut off: what the journal has of them is no other window's."""
        self.course.own({each for each in op_ids if isinstance(each, str)})

    def question(self, key: str) -> tuple[Element, str]:
        """The question that stands under a key, and its path. AnswerError when none does."""
        return self._orders().question(key)

    def say(self, error: LotsenbuchError) -> list[str]:
        """An error in the languages on screen."""
        return [error.text(item.catalogue) for item in self._languages]

    def bring(self, answers: Mapping[str, str], how: str = "") -> list[Json]:
        """Put answers {path: text} in that nobody gave here, as far as they are asked (`followup.fill`); undoing begins
        after them. Gives the operations that did it. They are committed with the next one, where there is a journal."""
        done: list[Json] = []

        def take(payload: Json) -> None:
            self._pending.append(self.course.take(secrets.token_hex(16), payload, self._now()))
            done.append(payload)

        fill(self.course, answers, take, how)
        return done

    # --- one operation

    def _handle(self, op_id: str, op: str, message: Mapping[str, Any]) -> list[Json]:
        key = str(message.get("key") or "")
        undone = None
        if op_id not in self._done and all(step.op_id != op_id for step in self._pending):
            if op == "submit":
                self._commit()
                self._orders().refuse_overtaken(message)
                return self._send_in(op_id, message.get("value"))
            if op in ("visit", "setting") and not self.paradata:
                return [self._acknowledge(op_id, key)]
            if op not in _QUIET:
                self._make_draft(message.get("draft"))
            orders = self._orders()
            if both := clash(self.course, self._drawing, message, orders.path(key)):
                return [both]
            if (payload := orders.payload(op_id, op, key, message)) is not None:
                self._pending.append(self.course.take(op_id, payload, self._now()))
                undone = self._pending[-1].key if op == "undo" else None
        self._commit()
        acknowledged = self._acknowledge(op_id, key)
        if op == "undo":
            acknowledged["undone"] = undone or ""
        if op == "language":
            self._describe()
            return [acknowledged, self.greeting(message.get("view"), "language")]
        return [acknowledged]

    def _set_back(self, op_id: str, op: str, message: Mapping[str, Any], error: LotsenbuchError) -> list[Json]:
        """The journal did not take it: closed, overtaken by another window, or it cannot write now."""
        known = self._sequence
        replies: list[Json] = []
        for _ in range(_TRIES):
            if error.code == "store.no_draft":
                return [*replies, self._gone(op_id)]
            if error.code != "store.stale_draft":
                break
            try:
                replies = [self._catch_up()]
                return replies + self._handle(op_id, op, {"base": known, **message})
            except Unsaved as failed:
                error = failed.error
            except StoreError as failed_to_read:
                error = failed_to_read
            except (LotsenbuchError, ValueError):
                return [*replies, self._refusal(op_id, AnswerError("interview.elsewhere"))]
        busy = {"busy": True} if isinstance(error, StoreBusy) else {}  # the screen sends it again by itself
        return [*replies, {"type": "unsaved", "op_id": op_id, "text": self.say(error), **busy}]

    def _catch_up(self) -> Json:
        """Take what another window did, and say the difference. What is pending is offered again by its window."""
        assert self.journal is not None  # noqa: S101 - only a journal knows of other windows
        assert self.draft is not None  # noqa: S101 - the same
        draft, sent = self.journal.draft(self.draft.id), self._sent
        mine = {step.op_id for step in self.course.steps if not step.foreign}
        self.draft = draft
        self._restore(mine)
        self._sent = sent
        return self._acknowledge("", "") | {"elsewhere": True, "holder": self._held()}

    def _gone(self, op_id: str) -> Json:
        self._lost = True
        return {"type": "lost", "op_id": op_id, "text": self.say(StoreError("interview.gone"))}

    # --- inside

    def _held(self) -> Json | None:
        return self._holding(self.draft, self.course.settings) if self._holding and self.draft else None

    def _describe(self) -> None:
        self._languages: Sequence[Language] = [language_of(name) for name in self.course.shown]
        self._drawing = Drawing(self.form, self._languages)
        self._sent = State()

    def _restore(self, mine: set[str] | frozenset[str] = frozenset()) -> None:
        """The course as the journal has it; `mine` are operations of this window. StoreError changes nothing."""
        ops = self.journal.replay(self.draft.id) if self.draft is not None and self.journal is not None else []
        ids: dict[str, str] = {}
        languages = [language_of(name) for name in self._languages_at_start]
        for element in Drawing(self.form, languages).elements.values():
            ids.setdefault(element.nodeset, element.id)
        self.course = Course(self.form, ids, self._make_instance, self._languages_at_start)
        self.course.restore(((op.op_id, op.payload, op.recorded) for op in ops), mine)
        self._sequence = len(ops)
        self._pending = []
        self._done |= {op.op_id for op in ops}
        self._describe()

    def _state(self) -> State:
        """What is on screen now."""
        with self._today():
            state = self._drawing.state(self.instance, self.course.overrides)
        self.followup.draw(state, self.course, self._drawing)
        if self._new_case is not None:
            languages = [item.catalogue for item in self._languages]
            key = self.course.key_of(self._new_case.nodeset)
            if key in state.nodes and (texts := self._new_case.texts(self.instance, languages)):
                taken = {"kind": "taken", "text": texts, "offer": self._new_case.offer()}
                state.nodes[key]["problems"] = [taken, *state.nodes[key]["problems"]]
        return state

    @contextmanager
    def _today(self) -> Iterator[None]:
        """The record as of now; what is computed with it afterwards is as of the start again."""
        instance = self.instance
        began, instance.now = instance.now, max(self._now(), self._started)
        try:
            yield
        finally:
            instance.now = began

    def _make_instance(self) -> Instance:
        return self.make(self.draft.xml if self.draft else None)

    def make(self, xml: str | None) -> Instance:
        """The record that XML stands for, an empty one for None, as it would be in this interview."""
        draft = self.draft
        properties = {"username": self.author}
        if self._device is not None and _asks_for_device(self.form):
            properties["deviceid"] = self._device()
        return Instance(
            self.form,
            now=self._started,
            language=self._languages_at_start[0] or None,
            instances=self._instances,
            properties=properties,
            xml=xml,
            random=Random(draft.id if draft else None),  # noqa: S311 - no secret depends on it
        )

    def _orders(self) -> Orders:
        if not self._sent.paths:
            self._sent = self._state()
        return Orders(
            self.course, self._drawing, self._sent, self._zone, self._keep,
            lambda path: self.followup.confirmable(path, self.instance),
        )  # fmt: skip

    def _keep(self, op_id: str, key: str, value: object) -> Attachment:
        """The file that arrived for an answer, in the store; once for an operation, however often it is tried."""
        if op_id not in self._files:
            try:
                self._files[op_id] = self.uploads.keep(self.draft.id if self.draft else "", key, value)
            except StoreError as error:
                raise Unsaved(error) from error
        return self._files[op_id]

    def _make_draft(self, draft_id: object) -> None:
        """Before the first answer: a draft, and the course anew as it will be when the draft is resumed."""
        if self.journal is None or self.draft is not None:
            return
        wanted = draft_id if isinstance(draft_id, str) else None
        sent, early = self._sent, self._pending
        try:
            self.draft = self.journal.start(
                self.form.hash, "", self.author, self._languages_at_start[0], draft_id=wanted
            )
            self._started = self.draft.started.astimezone(self._zone)
            self._restore()
        except StoreError as error:
            self.draft = None  # begun, but not read: the same again begins it anew
            raise Unsaved(error) from error
        self._pending = [self.course.take(step.op_id, step.payload, step.moment) for step in early]
        self._describe()
        self._sent = sent

    def _commit(self) -> None:
        if self.journal is not None and self.draft is None:
            return  # only quiet operations so far; they wait for the first answer
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

    def _send_in(self, op_id: str, why: object) -> list[Json]:
        with self._today():
            violations = self.instance.violations()
        wrong = [item.path for item in violations if item.kind != "warning"]
        if self._new_case is not None and self._new_case.is_taken(self.instance):
            wrong.append(self._new_case.nodeset)
        if wrong:
            if any(self.course.key_of(path) for path in wrong):
                return [self._acknowledge(op_id, "") | {"refused": True}]
            return [{"type": "refused", "op_id": op_id, "text": self._unseen(wrong[0])}]
        self._make_draft(None)
        number = self.number or self.instance.id.removeprefix("uuid:")[:8]
        if self._submit is not None and self.journal is not None and self.draft is not None:
            self.instance.now = ended = self._now()  # the record's own end, where the form asks for one
            kept = tuple(
                Override(item.path, reason)
                for item in violations
                if (reason := self.course.overrides.get(self.course.key_of(item.path)))
            )
            paradata = collect(self.course, self._drawing, ended, overrides=len(kept)) if self.paradata else {}
            hows = self.followup.hows(self._drawing.state(self.instance), self.course, self._drawing)
            made = self._submit(self.instance, self._started, ended)
            made = replace(made, record=with_how(made.record, hows, self.form))
            if made.version > 1 and not made.reason and why in REASONS:  # asked for when it was handed in
                made = replace(made, reason=str(why))
            try:
                whole = replace(made, overrides=kept, paradata=paradata)
                self.journal.submit(self.draft.id, whole, sequence=self._sequence)
            except StoreError as error:
                if error.code == "store.stale" and self._overtaken is not None:
                    both = {"draft": self.draft.id, **self._overtaken(self)}
                    return [{"type": "overtaken", "op_id": op_id, "ui": self._correcting(), **both}]
                if error.code == "store.no_reason":
                    return [{"type": "why", "op_id": op_id, "ui": self._correcting()}]
                if error.code in _FINAL:  # trying again would not help
                    return [self._refusal(op_id, error)]
                raise Unsaved(error) from error
        self.submitted = number
        return [self._farewell(op_id)]

    def _acknowledge(self, op_id: str, key: str) -> Json:
        state = self._state()
        before = self._sent
        patch: dict[str, Json | None] = {
            name: node for name, node in state.nodes.items() if before.nodes.get(name) != node
        }
        patch |= {name: None for name in before.nodes if name not in state.nodes}
        lists = state.new_lists(before)
        state.lists = before.lists | state.lists
        state.in_sight |= before.in_sight
        self._sent = state
        return {
            "type": "ack",
            "op_id": op_id,
            "op_key": key,
            "draft": self.draft.id if self.draft else None,
            "sequence": self._sequence,
            "number": self.number,
            "patch": patch,
            "lists": lists,
        }

    def _of_before(self, language: str) -> dict[str, str]:
        """What the screen says of the answers of before, where there may be any; most interviews are no follow-up."""
        return screen_texts(language, "followup") if self.followup.known or self.course.hows else {}

    def _correcting(self) -> list[dict[str, str]]:
        """What the screen says where a correction is to be decided about, in each language on it; rarely needed, and so
        not sent with every form."""
        return [screen_texts(item.catalogue, "correcting") for item in self._languages]

    def _farewell(self, op_id: str) -> Json:
        gone = {"type": "submitted", "op_id": op_id, "number": self.submitted}
        return gone if self.number else gone | {"entry": True}  # the form asks for no case number: it is the entry's

    def _unseen(self, path: str) -> list[str]:
        """What is wrong where nothing is drawn (a calculation): no page could show it."""
        said = [self.instance.violations(item.name or None) for item in self._languages]
        return [next(f"{path}: {item.message}" for item in each if item.path == path) for each in said]

    def _refusal(self, op_id: str, error: LotsenbuchError) -> Json:
        return {"type": "refused", "op_id": op_id, "text": self.say(error)}


def answer_to(instance: Instance, name: str) -> str:
    """The answer to the first question of a name outside repeats; '' where the form has none."""
    repeats = tuple(f"{each}/" for each in instance.form.repeats)
    found = (nodeset for nodeset in instance.form.binds if nodeset.rsplit("/", 1)[-1] == name)
    nodeset = next((each for each in found if not each.startswith(repeats)), None)
    return instance.value(nodeset) if nodeset is not None else ""


def _asks_for_device(form: Form) -> bool:
    return any(bind.preload == "property" and bind.preload_params == "deviceid" for bind in form.binds.values())


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
