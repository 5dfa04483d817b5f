"""Begins, resumes and ends questionnaires that people fill in by themselves; everything is written by this one process.

A questionnaire is an interview like any other (`intake.interview.session`), so what is acknowledged is committed. What
differs: nobody's work list shows it, it bears the day and no time, its author is always the same, and one that is left
in the middle is thrown away or handed in as incomplete, as study.toml says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, tzinfo

from intake.interview.attachments import Uploads
from intake.interview.description import Json, language_of, screen_texts
from intake.interview.session import Session
from intake.media import instances
from intake.selfcompletion import AUTHOR, PART, WHOLE, SelfCompletion
from intake.store import Store
from intake.submission import Submission, submission_from_instance
from validation.errors import StoreError, StudyError
from validation.form import Form
from validation.instance import Instance


def day_of(now: datetime) -> datetime:
    """The day without its time: what a record that is anonymous may say of when it was made."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def day_clock(zone: tzinfo) -> Callable[[], datetime]:
    """A clock that tells the day only: midnight, in the study's zone."""
    return lambda: day_of(datetime.now(zone))


class Desk:
    """The questionnaires of one form in an open store. `clock` tells the day, as `day_clock`. `kiosk`: one after the
    other at this computer; else by links. What was begun in one way is not touched by the other.

    StudyError 'alone.uploads' for a form that asks for files, 'alone.no_mark' where it lacks the question that
    study.toml names as `mark`, 'interview.no_form' where it is not published.
    """

    def __init__(
        self,
        store: Store,
        form_id: str,
        settings: SelfCompletion,
        *,
        clock: Callable[[], datetime],
        title: str = "",
        kiosk: bool = True,
        demo: bool = False,
        plain: bool = False,
    ) -> None:
        from validation import read_form

        published = next((each for each in reversed(store.forms()) if each.form_id == form_id), None)
        if published is None:
            raise StudyError("interview.no_form", form=form_id)
        self.store = store
        self.form: Form = read_form(published.xform)
        self.settings = settings
        self.title = title
        self._clock = clock
        self._author = f"{AUTHOR} {'kiosk' if kiosk else 'link'}"
        self._demo, self._plain = demo, plain
        self._instances = instances(self.form, store.form(self.form.hash).lists)
        self._mark = _nodeset(self.form, settings.mark)
        controls = [self.form.control(each) for each in self.form.binds]
        if any(each is not None and each.kind == "upload" for each in controls):
            raise StudyError("alone.uploads", form=form_id)

    # --- what a browser is told before it begins

    def welcome(self) -> Json:
        """The start page in every language of the form: title, what the notes at its beginning say, the words."""
        names = self.form.languages or ("",)
        return {
            "type": "welcome",
            "study": self.title,
            "languages": [self._greeted(name) for name in names],
            "keeps": self.settings.unfinished == "incomplete",
            "demo": self._demo,
            "plain": self._plain,
        }

    def _greeted(self, name: str) -> Json:
        session = Session(self.form, now=self._clock, language=name, instances=self._instances, study=self.title)
        drawn = self.greeting(session)
        state = drawn["state"]
        said = [state[each["id"]]["label"][0] for each in _notes(drawn["intro"]) if each["id"] in state]
        words = screen_texts(language_of(name).catalogue, "alone_page")
        return {**drawn["languages"][0], "title": drawn["title"], "intro": said, "ui": words}

    # --- questionnaires

    def begin(self, language: str | None) -> Session:
        """An empty questionnaire; its draft comes into being with the first answer."""
        return self._session(language, None)

    def resume(self, draft_id: str) -> Session | None:
        """A questionnaire that was begun; None where nothing was answered in it, or it is closed."""
        try:
            draft = self.store.journal.draft(draft_id)
        except StoreError as error:
            if error.code != "store.no_draft":
                raise
            return None
        return self._session(draft.language, draft_id) if draft.form_hash == self.form.hash else None

    def greeting(self, session: Session, view: str | None = None) -> Json:
        """What draws a questionnaire: as an interview, without what belongs to an office, in the words for people who
        fill in by themselves; the notes at the beginning (`intro`) stand on the start page and not among its pages."""
        drawn = session.greeting(view)
        drawn.pop("case", None)
        drawn["ui"] = [
            texts | screen_texts(language_of(each["name"]).catalogue, "alone_page")
            for texts, each in zip(drawn["ui"], drawn["languages"], strict=True)
        ]
        sections = drawn["sections"]
        intro = sections[:1] if len(sections) > 1 and _is_only_notes(sections[0]) else []
        return drawn | {"sections": sections[len(intro) :], "intro": intro, "at": None}

    def settle(self, draft_id: str) -> str:
        """What is done with a questionnaire that was left: 'incomplete' handed in, 'discarded', '' nothing was there.

        One that breaks a rule of the form cannot be handed in and is thrown away, too. StoreError where the store
        cannot do it now; it is left for `settle_old` then.
        """
        session = self.resume(draft_id)
        if session is None:
            return ""
        instance, day = session.instance, self._clock()
        wrong = any(each.kind != "warning" for each in instance.violations())
        if self.settings.unfinished == "incomplete" and not wrong and session.answers:
            self.store.journal.submit(draft_id, self._submission(PART)(instance, day, day))
            return "incomplete"
        self.store.journal.discard(draft_id)
        return "discarded"

    def settle_old(self, days: int, spare: Iterable[str] = ()) -> list[str]:
        """Settle what was left `days` ago or longer, but for those that are open now; gives what was done."""
        last, open_now = self._clock() - timedelta(days=days), frozenset(spare)
        left = [
            info.id
            for info in self.store.journal.drafts()
            if info.author == self._author and info.form_hash == self.form.hash and info.changed <= last
        ]
        return [done for each in left if each not in open_now and (done := self.settle(each))]

    def _session(self, language: str | None, draft_id: str | None) -> Session:
        draft = None if draft_id is None else self.store.journal.draft(draft_id)
        return Session(
            self.form, journal=self.store.journal, draft=draft, author=self._author, now=self._clock,
            submit=self._submission(WHOLE), language=language, instances=self._instances,
            uploads=Uploads(form_file=lambda name: self.store.form_file(self.form.hash, name)),
            study=self.title, demo=self._demo, plain=self._plain, paradata=False, mirror=False,
        )  # fmt: skip

    def _submission(self, mark: str) -> Callable[[Instance, datetime, datetime], Submission]:
        def made(instance: Instance, _started: datetime, ended: datetime) -> Submission:
            if self._mark:
                instance.answer(self._mark, mark)
            return submission_from_instance(instance, author=AUTHOR, started=day_of(ended), ended=day_of(ended))

        return made


def _nodeset(form: Form, name: str) -> str:
    if not name:
        return ""
    found = next((each for each in form.binds if each.rsplit("/", 1)[-1] == name), None)
    if found is None:
        raise StudyError("alone.no_mark", mark=name, form=form.id)
    return found


def _notes(elements: Iterable[Json]) -> list[Json]:
    found: list[Json] = []
    for each in elements:
        found += _notes(each["children"]) if "children" in each else [each]
    return found


def _is_only_notes(section: Json) -> bool:
    inside = _notes([section])
    return bool(inside) and all(each.get("control") == "note" for each in inside) and section["kind"] == "group"
