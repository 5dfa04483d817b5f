"""The way in, *Meine Fälle*: open drafts, cases found by a few words, what can be begun, of one store.

Forms are read from the store as they were published, so opening an interview converts no workbook and loads neither
pandas nor pyxform. The list shows pseudonyms, never what identifies a person.

    {type: "desk", what: "list", words, people, start}      the drafts and cases in which the words occur, PAGE at once
    {type: "desk", what: "prepare"}                         somebody is about to search
    {type: "desk", what: "case", case}                      what was handed in for it, and what can be begun
    {type: "desk", what: "begin", form, case}               a draft of a form for a person
    {type: "desk", what: "household", case}                 a draft of a second person of the household (household.py)
    {type: "desk", what: "revise", submission, reason}      a draft of a record that was handed in
    {type: "desk", what: "take", draft}                     a draft that somebody else has is mine from now on
    {type: "desk", what: "discard", draft}
    {type: "desk", what: "due", state, start}               `intake.interview.due`
    {type: "desk", what: "contact"}, {… "contact_save"}     `intake.interview.contact`
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import Any

from intake.interview.attachments import LIMIT, Uploads
from intake.interview.cases import PERSON, Case, Cases, folded, haystack, is_person, is_shown, names_of
from intake.interview.contact import CONTACT, Contact
from intake.interview.description import Json, language_of, screen_texts
from intake.interview.drafts import PLACE, Drafts, Sketch
from intake.interview.due import Agenda
from intake.interview.followup import CARRIED
from intake.interview.holding import HOLDER, held_by, holding, take_over
from intake.interview.household import asked_lists, empty_entries, head_of, taken_over
from intake.interview.known import Known, known_of, subject_of
from intake.interview.newcase import SETTING, NewCase, makes_cases
from intake.interview.overtaken import Ahead, ahead, go_on, rows
from intake.interview.revising import Revision, open_again, revision_of
from intake.interview.session import Session, answer_to
from intake.media import instances
from intake.publishing import PublishedForm
from intake.record import xml_from_record
from intake.store import Draft, Entry, Op, Store
from intake.store.audit import Witness
from intake.store.corrections import GRACE, needs_reason
from intake.store.restriction import is_restricted
from intake.submission import Submission, submission_from_instance
from validation.errors import AnswerError, LotsenbuchError, StoreError, StudyError
from validation.form import Form
from validation.instance import Instance
from validation.messages import catalogue, say

PAGE = 50
"""How many cases are sent at once."""

_MOMENT = {"de": "%d.%m.%Y, %H:%M Uhr", "en": "%Y-%m-%d %H:%M"}
_DAY = {"de": "%d.%m.%Y", "en": "%Y-%m-%d"}
_TEXTS = "worklist."


class Worklist:
    """The open drafts, cases and published forms of a store. Keeps the store open; it belongs to the thread that made
    it.

    `form_id` is offered first and must be published (StudyError 'interview.no_form'). `language` is a catalogue
    language for what stands around the forms, `attachment_limit` the bytes that a file handed in may have,
    `municipalities` {AGS: name}, `place` what the browser calls the study by, `deadlines` the study's table of them.
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
        plain: bool = False,
        attachment_limit: int = LIMIT,
        paradata: bool = True,
        mirror: bool = True,
        device: Callable[[], str] | None = None,
        municipalities: Mapping[str, str] | None = None,
        place: str = "",
        deadlines: Path | None = None,
    ) -> None:
        self.store = store
        self.place = place
        self.attachment_limit = attachment_limit
        self.paradata = paradata
        self.mirror = mirror
        self.device = device
        self.zone = zone
        self.author = author
        self.title = title
        self.language = language
        self.demo = demo
        self.plain = plain
        latest: dict[str, PublishedForm] = {each.form_id: each for each in store.forms()}
        if form_id is not None and form_id not in latest:
            raise StudyError("interview.no_form", form=form_id)
        self._latest = dict(sorted(latest.items(), key=lambda item: item[0] != form_id))
        self._read: dict[str, Form] = {}
        self._cases = Cases(store, self._form, municipalities or {}, zone)
        self._drafts = Drafts(store, self._form)
        self._witness = Witness(store)
        self._agenda = Agenda(store, self._form, self._cases, deadlines, language)

    def now(self) -> datetime:
        """The computer's clock in the study's zone."""
        return datetime.now(self.zone)

    # --- messages

    def start(self, view: str | None = None, problem: LotsenbuchError | None = None) -> Json:
        """The message that draws the list. `problem` is said above it, also one that keeps the list from being read."""
        drafts: list[Json] = []
        cases = self._page([], people=True, start=0)
        try:
            drafts, cases = self._listed("", people=None, start=0)
        except StoreError as error:
            problem = problem or error
        texts = {code.removeprefix(_TEXTS): said for code, said in self._texts()}
        return {
            "type": "start",
            "view": view,
            "title": say("worklist.title", self.language),
            "study": self.title,
            "demo": self.demo,
            "plain": self.plain,
            "mirror": self.mirror,
            "text": [problem.text(self.language)] if problem else None,
            "languages": [{**language_of("").json(), "code": self.language}],
            "ui": [screen_texts(self.language) | texts],
            "forms": [{"id": name, "title": self._form(each.hash).title} for name, each in self._latest.items()],
            "contact": self._contact() is not None,
            "due": self._agenda.is_there,
            "drafts": drafts,
            "cases": cases,
        }

    def answer(self, message: Mapping[str, Any], view: str | None = None) -> Json:
        """The answer to a message of the list. LotsenbuchError for what cannot be done; nothing is changed then."""
        return {"type": "desk", "view": view, **self._answer(message)}

    def begin(self, form_id: str, language: str | None = None) -> Session:
        """A new interview. StudyError 'interview.no_form' for a form that is not published."""
        if form_id not in self._latest:
            raise StudyError("interview.no_form", form=form_id)
        return self._session(self._form(self._latest[form_id].hash), None, language)

    def begin_for(self, case_key: str, form_id: str) -> str:
        """A draft of a form in which person and municipality of a case are answered; its id.

        StoreError 'store.no_draft' when the case is not there or no person's, StudyError as `begin`.
        """
        self._cases.refresh()
        case = self._cases.case(case_key)
        if case is None or not case.person:
            raise StoreError("store.no_draft")
        if form_id not in self._latest:
            raise StudyError("interview.no_form", form=form_id)
        form, now = self._form(self._latest[form_id].hash), self.now()
        self._see(case.person)
        session = self._session(form, None, None, case.person)
        known = {PERSON: case.person, PLACE: case.last.municipality}
        given = {path: text for name, text in known.items() if text for path in _questions_named(form, name)}
        operations: list[Json] = [{"op": "setting", "name": SETTING, "value": case.key}]
        for path, text in given.items():
            operations.append({"op": "answer", "path": path, "value": text, "brought": True})
            try:
                session.course.take(secrets.token_hex(16), operations[-1], now)
            except AnswerError as error:
                raise StoreError("store.no_draft") from error
        operations += session.bring(session.followup.carried(session.instance))
        return self.store.journal.start(form.hash, "", self.author, "", operations=operations).id

    def begin_household(self, case_key: str) -> str:
        """A draft of a second person of the household of a case: a new case with what the first one shares; its id.

        Opens the first one's record, which is written down. StoreError 'store.no_draft' when nothing can be taken over.
        """
        self._cases.refresh()
        case = self._cases.case(case_key)
        head = self._head(case) if case is not None else None
        if case is None or head is None:
            raise StoreError("store.no_draft")
        form = self._form(self._latest[head.form_id].hash)
        self._see(case.person)
        session = self._session(form, None, None)
        new = NewCase(form, self._cases.has)
        place = dict.fromkeys(_questions_named(form, PLACE), case.last.municipality)
        operations = session.bring({new.nodeset: new.offer()})
        asked, shared = asked_lists(session.instance), place | taken_over(self.store, head, form)
        operations += session.bring(shared, CARRIED)
        operations += empty_entries(session.instance, asked, shared)
        return self.store.journal.start(form.hash, "", self.author, "", operations=operations).id

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
        session = self._session(self._form(draft.form_hash), draft_id, draft.language)
        person = answer_to(session.instance, PERSON)
        self._see(person)
        if person and is_restricted(self.store, person):
            session.restricted = say("restriction.opened", self.language)
        return session

    def revise(self, submission_id: str, reason: str) -> str:
        """A draft of a record that was handed in; its id. Errors as `open_again`."""
        self._cases.refresh()
        entry = self._cases.entry(submission_id)
        if entry is None:
            raise StoreError("store.no_draft")
        return open_again(self.store, self._form(entry.form_hash), submission_id, reason, self.author, self.now())

    def take_over(self, draft_id: str) -> None:
        """A draft is in this author's hands from now on. StoreError 'store.no_draft'."""
        take_over(self.store.journal, draft_id, self.author, self.now())

    def refuse_held(self, draft_id: str) -> None:
        """StoreError 'interview.held' where somebody else has a draft; it must be taken over first."""
        held = holding(self.store.journal, draft_id)
        if held is not None and held.name not in ("", self.author):
            raise StoreError("interview.held", holder=held.name, since=self._moment(held.since))

    def decide(self, draft_id: str, keep: str) -> str | None:
        """Go on with a draft whose record somebody changed meanwhile: `keep` 'mine' puts its answers on the newer
        version, the id of that draft; 'theirs' discards it (None). AnswerError for anything else, StoreError
        'store.no_draft'."""
        if keep == "theirs":
            self.store.journal.discard(draft_id)
            return None
        if keep != "mine":
            raise AnswerError("interview.unreadable")
        session = self.resume(draft_id)
        if session.draft is None:
            raise StoreError("store.no_draft")
        return go_on(self.store, session.draft, self._ahead(session)[0], self.author)

    # --- inside

    def _answer(self, message: Mapping[str, Any]) -> Json:
        match message.get("what"):
            case "list":
                start, people = message.get("start"), message.get("people")
                words = str(message.get("words") or "")
                drafts, cases = self._listed(
                    words, people=people if isinstance(people, bool) else None, start=start if type(start) is int else 0
                )
                return {"what": "list", "words": words, "for": message.get("for"), "drafts": drafts, "cases": cases}
            case "prepare":
                self._cases.refresh()
                self._cases.prepare()
                return {"what": "prepared"}
            case "case":
                return self._opened(str(message.get("case")))
            case "begin":
                return {"what": "open", "draft": self.begin_for(str(message.get("case")), str(message.get("form")))}
            case "household":
                return {"what": "open", "draft": self.begin_household(str(message.get("case")))}
            case "revise":
                draft = self.revise(str(message.get("submission")), str(message.get("reason")))
                return {"what": "open", "draft": draft}
            case "take":
                self.take_over(str(message.get("draft")))
                return {"what": "open", "draft": message.get("draft")}
            case "discard":
                self.refuse_held(str(message.get("draft")))
                self.store.journal.discard(str(message.get("draft")))
                return {"what": "discarded", "draft": message.get("draft")}
            case "due":
                return self._agenda.page(message, self.now())
            case "contact" | "contact_save" as what if contact := self._contact():
                return self._panel(contact) if what == "contact" else contact.save(message, self.language)
        raise AnswerError("interview.unreadable")

    def _listed(self, words: str, *, people: bool | None, start: int) -> tuple[list[Json], Json]:
        """Drafts and a page of cases for some words. Without a wish, the people, or the others where there are none."""
        self._cases.refresh()
        wanted = folded(words).split()
        drafts = [self._draft(sketch) for sketch in self._drafts.listed() if self._matches(sketch, wanted)]
        found = self._cases.find(words)
        if people is None:
            people = not found or any(is_person(each) for each in found)
        return drafts, self._page(found, people=people, start=start)

    def _page(self, found: list[Case], *, people: bool, start: int) -> Json:
        chosen = [each for each in found if is_person(each) is people]
        persons = sum(1 for each in found if is_person(each))
        return {
            "people": people,
            "start": start,
            "total": len(chosen),
            "counts": {"people": persons, "other": len(found) - persons},
            "rows": [self._row(each) for each in chosen[start : start + PAGE]],
        }

    def _row(self, case: Case) -> Json:
        entries = self._entries(case)
        contacts = [each for each in entries if each.form_id == CONTACT]
        return {
            "key": case.key,
            "person": case.person,
            "number": self._cases.number(case),
            "place": self._cases.municipality(case.last.municipality),
            "ags": case.last.municipality,
            "forms": list(dict.fromkeys(self._form(each.form_hash).title for each in entries)),
            "when": self._day(entries[0].received),
            "contacts": len(contacts) if case.person else 0,
            "contact_when": self._day(contacts[0].received) if contacts else "",
        }

    def _entries(self, case: Case) -> list[Entry]:
        """What was handed in for a case, also for several people of whom its person is one; the last received first."""
        return sorted((*case.entries, *self._cases.shared(case)), key=lambda each: each.number, reverse=True)

    def _see(self, person: str) -> None:
        """Write down that answers of a person are opened, before they are."""
        self._witness.saw(person, "interview", municipality=self._cases.place_of(person))

    def _opened(self, key: str) -> Json:
        self._cases.refresh()
        case = self._cases.case(key)
        if case is None:
            raise StoreError("store.no_draft")
        drafts = {each.revises.submission: each.id for each in self._drafts.listed() if each.revises}
        rows = [
            {
                "submission": each.submission,
                "title": self._form(each.form_hash).title,
                "when": self._day(each.received),
                "version": each.version,
                "draft": drafts.get(each.submission),
                "free": self._is_free(each),
                "group": bool(case.person) and not each.subject,
            }
            for each in self._entries(case)
        ]
        offered = [
            {"id": name, "title": self._form(each.hash).title}
            for name, each in self._latest.items()
            if case.person and is_shown(self._form(each.hash), PERSON)
        ]
        household = self._head(case) is not None
        return {"what": "case", "case": key, "entries": rows, "begin": offered, "household": household}

    def _head(self, case: Case) -> Entry | None:
        """The entry from which a second person of the household can be begun; None where there is none, or nothing may
        be done with it (Art. 18 GDPR)."""
        if not case.person or is_restricted(self.store, case.person):
            return None
        return head_of(case.entries, {name: self._form(each.hash) for name, each in self._latest.items()})

    def _is_free(self, entry: Entry) -> bool:
        """Whether this author may change an entry without saying why, which its store decides when it is handed in."""
        now = self.now()
        return abs(now - entry.received) <= GRACE and not needs_reason(
            self.author, now, self.store.history(entry.submission)
        )

    def _draft(self, sketch: Sketch) -> Json:
        revises = sketch.revises
        newer = self._cases.entry(revises.submission) if revises else None
        return {
            "id": sketch.id,
            "title": self._form(sketch.form_hash).title,
            "number": sketch.number,
            "person": sketch.person,
            "place": self._cases.municipality(sketch.municipality) if sketch.municipality else "",
            "when": self._moment(sketch.changed),
            "author": sketch.author,
            "holder": None if sketch.holder.name in ("", self.author) else sketch.holder.name,
            "since": self._moment(sketch.holder.since),
            "answers": sketch.answers,
            "reason": revises.reason if revises else None,
            "overtaken": bool(revises and newer and newer.version > revises.version),
        }

    def _matches(self, sketch: Sketch, wanted: list[str]) -> bool:
        place = self._cases.municipality(sketch.municipality)
        text = haystack([self._form(sketch.form_hash).title, sketch.number, sketch.person, place, sketch.author])
        return all(word in text for word in wanted)

    def _contact(self) -> Contact | None:
        """The quick contact, where its form is published and asks what it must."""
        if CONTACT not in self._latest or not Contact.fits(form := self._form(self._latest[CONTACT].hash)):
            return None
        return Contact(self.store, form, lambda draft: self.resume(draft, CONTACT), self.author)

    def _panel(self, contact: Contact) -> Json:
        form = self._form(self._latest[CONTACT].hash)
        language = next((each for each in form.languages if language_of(each).code == self.language), None)
        return contact.panel(self.now(), self._instances(form), language)

    def _session(self, form: Form, draft_id: str | None, language: str | None, person: str = "") -> Session:
        """A session of a draft, or of one to come, which is about `person` where that is known already."""
        journal = self.store.journal
        draft = journal.draft(draft_id) if draft_id else None
        operations = journal.replay(draft.id) if draft else []
        revision = revision_of(operations)
        is_new = revision is None and all(each.payload.get("name") != SETTING for each in operations)
        known = self._known(form, draft, operations, revision, person)
        return Session(
            form, journal=journal, draft=draft, author=self.author,
            now=self.now, submit=partial(self._submission, revision), language=language,
            instances={**self._instances(form), **known.lists}, demo=self.demo, plain=self.plain,
            uploads=Uploads(
                self.store.attachments, limit=self.attachment_limit,
                form_file=lambda name: self.store.form_file(form.hash, name),
            ),
            study=self.title, paradata=self.paradata, mirror=self.mirror, device=self.device,
            new_case=NewCase(form, self._cases.has) if is_new and makes_cases(form) else None,
            overtaken=self._both, holding=self._holder, last=known.last,
        )  # fmt: skip

    def _known(
        self, form: Form, draft: Draft | None, operations: list[Op], revision: Revision | None, person: str
    ) -> Known:
        """What was known when a draft was started, however late it is opened; of a record that is opened again, when
        its interview was."""
        if draft is not None:
            person = subject_of(form, draft, operations)
        began = draft.started if draft is not None else self.now()
        if revision is not None and (versions := self.store.history(revision.submission)):
            began = versions[0].started
        return known_of(self.store, self._form, form, person, began)

    def _ahead(self, session: Session) -> tuple[Ahead, Submission]:
        """How a draft goes on from the newest version of its record, and that."""
        draft = session.draft
        if draft is None:
            raise StoreError("store.no_draft")
        operations = self.store.journal.replay(draft.id)
        revision = revision_of(operations)
        versions = self.store.history(revision.submission) if revision else []
        return ahead(session.form, draft, operations, versions, session.make), versions[-1]

    def _both(self, session: Session) -> Json:
        found, latest = self._ahead(session)
        theirs = session.make(xml_from_record(latest.record, session.form))
        when = self._moment(latest.received or latest.ended)
        return {"author": latest.author, "when": when, "rows": rows(session.drawing, found.instance, theirs)}

    def _holder(self, draft: Draft, settings: Mapping[str, str]) -> Json | None:
        """Whose hands a draft is in, where that is another's or was taken over."""
        held = held_by(draft.author, draft.started, settings)
        if HOLDER not in settings and held.name in ("", self.author):
            return None
        return {"name": held.name, "since": self._moment(held.since), "mine": held.name == self.author}

    def _submission(
        self, revision: Revision | None, instance: Instance, started: datetime, ended: datetime
    ) -> Submission:
        made = submission_from_instance(instance, author=self.author, started=started, ended=ended)
        return revision.next_version(made) if revision else made

    def _instances(self, form: Form) -> dict[str, str]:
        return instances(form, self.store.form(form.hash).lists)

    def _form(self, form_hash: str) -> Form:
        from validation import read_form

        if form_hash not in self._read:
            self._read[form_hash] = read_form(self.store.form(form_hash).xform)
        return self._read[form_hash]

    def _moment(self, moment: datetime) -> str:
        return moment.astimezone(self.zone).strftime(_MOMENT[self.language])

    def _day(self, moment: datetime) -> str:
        return moment.astimezone(self.zone).strftime(_DAY[self.language])

    def _texts(self) -> list[tuple[str, str]]:
        return [
            (code, sentences.get(self.language) or sentences["de"])
            for code, sentences in catalogue().items()
            if code.startswith(_TEXTS)
        ]


def _questions_named(form: Form, name: str) -> list[str]:
    """The nodesets of the questions of a name outside repeats."""
    return [each for each in names_of(form, name) if form.control(each) is not None]
