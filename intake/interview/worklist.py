"""Where an interview comes from: the forms that can be begun and the drafts that are open, of one store.

First shape: a list to choose from. Forms are read from the store as they were published, so opening an interview
converts no workbook and loads neither pandas nor pyxform.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo

from intake.interview.attachments import LIMIT, Uploads
from intake.interview.description import Json, language_of, screen_texts
from intake.interview.session import Session
from intake.media import instances
from intake.publishing import PublishedForm
from intake.store import Store
from intake.submission import Submission, submission_from_instance
from validation.errors import LotsenbuchError, StoreError, StudyError
from validation.form import Form
from validation.instance import Instance
from validation.messages import say

_MOMENT = {"de": "%d.%m.%Y, %H:%M Uhr", "en": "%Y-%m-%d %H:%M"}


class Worklist:
    """The open drafts and published forms of a store. Keeps the store open; it belongs to the thread that made it.

    `form_id` is offered first and must be published (StudyError 'interview.no_form'). `language` is a catalogue
    language for what stands around the forms, `attachment_limit` the bytes that a file handed in may have.
    `paradata`, `mirror` and `device` are what `Session` takes under these names.
    """

    def __init__(
        self,
        store: Store,
        *,
        zone: tzinfo,
        author: str,
        form_id: str | None = None,
        title: str = "",
        language: str = "de",
        demo: bool = False,
        attachment_limit: int = LIMIT,
        paradata: bool = True,
        mirror: bool = True,
        device: Callable[[], str] | None = None,
    ) -> None:
        self.store = store
        self.attachment_limit = attachment_limit
        self.paradata = paradata
        self.mirror = mirror
        self.device = device
        self.zone = zone
        self.author = author
        self.title = title
        self.language = language
        self.demo = demo
        latest: dict[str, PublishedForm] = {each.form_id: each for each in store.forms()}
        if form_id is not None and form_id not in latest:
            raise StudyError("interview.no_form", form=form_id)
        self._latest = dict(sorted(latest.items(), key=lambda item: item[0] != form_id))
        self._read: dict[str, Form] = {}

    def now(self) -> datetime:
        """The computer's clock in the study's zone."""
        return datetime.now(self.zone)

    def start(self, view: str | None = None, problem: LotsenbuchError | None = None) -> Json:
        """The message that draws the list. `problem` is said above it."""
        return {
            "type": "start",
            "view": view,
            "title": self.title or say("interview.start_title", self.language),
            "demo": self.demo,
            "text": [problem.text(self.language)] if problem else None,
            "languages": [{**language_of("").json(), "code": self.language}],
            "ui": [screen_texts(self.language)],
            "forms": [{"id": name, "title": self._form(each.hash).title} for name, each in self._latest.items()],
            "drafts": [self._draft(each.id, each.form_hash, each.changed) for each in self.store.journal.drafts()][
                ::-1
            ],
        }

    def begin(self, form_id: str, language: str | None = None) -> Session:
        """A new interview. StudyError 'interview.no_form' for a form that is not published."""
        if form_id not in self._latest:
            raise StudyError("interview.no_form", form=form_id)
        return self._session(self._form(self._latest[form_id].hash), None, language)

    def resume(self, draft_id: str, form_id: str | None = None) -> Session:
        """An open draft with everything that was answered. StoreError 'store.no_draft' when it is not open.

        With `form_id`, a draft that never came into being, because the program ended before its first answer
        arrived, is begun anew.
        """
        journal = self.store.journal
        try:
            draft = journal.draft(draft_id)
        except StoreError as error:
            if error.code != "store.no_draft" or form_id is None or journal.is_closed(draft_id):
                raise
            return self.begin(form_id)
        return self._session(self._form(draft.form_hash), draft_id, draft.language)

    def _session(self, form: Form, draft_id: str | None, language: str | None) -> Session:
        journal = self.store.journal
        return Session(
            form, journal=journal, draft=journal.draft(draft_id) if draft_id else None, author=self.author,
            now=self.now, submit=self._submission, language=language,
            instances=instances(form, self.store.form(form.hash).lists), demo=self.demo,
            uploads=Uploads(
                self.store.attachments, limit=self.attachment_limit,
                form_file=lambda name: self.store.form_file(form.hash, name),
            ),
            study=self.title, paradata=self.paradata, mirror=self.mirror, device=self.device,
        )  # fmt: skip

    def _submission(self, instance: Instance, started: datetime, ended: datetime) -> Submission:
        return submission_from_instance(instance, author=self.author, started=started, ended=ended)

    def _form(self, form_hash: str) -> Form:
        from validation import read_form

        if form_hash not in self._read:
            self._read[form_hash] = read_form(self.store.form(form_hash).xform)
        return self._read[form_hash]

    def _draft(self, draft_id: str, form_hash: str, changed: datetime) -> Json:
        return {
            "id": draft_id,
            "title": self._form(form_hash).title,
            "number": self._case_number(draft_id),
            "when": changed.astimezone(self.zone).strftime(_MOMENT[self.language]),
        }

    def _case_number(self, draft_id: str) -> str:
        try:
            operations = self.store.journal.replay(draft_id)
        except StoreError:  # submitted in another window meanwhile
            return ""
        given = (op.payload for op in operations if str(op.payload.get("path", "")).endswith("/fallnummer"))
        return str(([""] + [str(payload.get("value", "")) for payload in given])[-1])
