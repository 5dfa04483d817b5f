"""The quick contact: the few answers that every contact has, asked on one small panel of the work list.

What is saved goes the way of every interview: a draft, an operation for each answer, submitted; so it is judged by the
form, committed before it is called saved, and still there as a draft where the form refuses it. A message that comes a
second time finds its draft submitted and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from intake.interview.cases import PARTICIPANT
from intake.interview.description import Json, sections_of, with_all_below
from intake.interview.session import Session
from intake.store import Store
from intake.submission import answer_named
from validation.errors import AnswerError, LotsenbuchError, StoreError
from validation.form import Form
from validation.instance import Instance

CONTACT = "kontakt"
ASKED = (
    "gemeinde", "durch", "zustaendig", "mit", "person", "anzahl", "datum", "kanal", "minuten", "stunden", "themen",
)  # fmt: skip
_CHOSEN = ("gemeinde", "durch", "mit", "kanal", "themen")
_KEPT = ("gemeinde", "kanal", "minuten", "zustaendig")  # what is mostly the same as the last time


class Contact:
    """Quick contacts of one form. `open_draft(id)` gives the session of a draft, a new one where it is none yet."""

    def __init__(self, store: Store, form: Form, open_draft: Callable[[str], Session], author: str) -> None:
        self._store = store
        self._form = form
        self._open = open_draft
        self._author = author
        self._ids = {each.nodeset: each.id for each in with_all_below(sections_of(form)) if each.nodeset}
        self._paths = {path.rsplit("/", 1)[-1]: path for path in self._ids}

    @staticmethod
    def fits(form: Form) -> bool:
        """Whether a form asks everything that the panel asks."""
        names = {nodeset.rsplit("/", 1)[-1] for nodeset in form.binds}
        return names.issuperset((*ASKED, PARTICIPANT))

    def panel(self, now: datetime, instances: Mapping[str, str], language: str | None) -> Json:
        """What the panel shows: labels and choices as the form has them, and what was entered the last time."""
        instance = Instance(self._form, now=now, language=language, instances=instances)
        return {
            "what": "contact",
            "labels": {name: instance.label(self._paths[name]) for name in ASKED},
            "choices": {name: instance.choices(self._paths[name]) for name in _CHOSEN},
            "last": self._last(),
            "today": now.date().isoformat(),
            "yesterday": (now.date() - timedelta(days=1)).isoformat(),
        }

    def save(self, message: Mapping[str, Any], language: str = "de") -> Json:
        """Save the contacts of a message, [{draft, answers}]; `keep` leaves them open as drafts, to go on with.

        AnswerError for a message that is none. Says which drafts were saved, and of the first that could not be why, in
        `problems`: {name, label, text} of each question, name and label empty where it is about none; `gone` where its
        draft was discarded, so that only one of another id can be saved.
        """
        wanted = message.get("contacts")
        attempt = str(message.get("attempt", 0))
        if not isinstance(wanted, list) or not wanted:
            raise AnswerError("interview.unreadable")
        saved: list[str] = []
        for each in wanted:
            if not isinstance(each, Mapping) or not isinstance(each.get("answers"), Mapping):
                raise AnswerError("interview.unreadable")
            draft = str(each.get("draft"))
            gone = False
            try:
                found = self._one(draft, each["answers"], attempt, keep=message.get("keep") is True)
            except LotsenbuchError as error:  # said on the panel, on which everything still stands
                if gone := error.code == "store.no_draft":
                    error = StoreError("interview.contact_discarded")
                found = [_problem("", "", error.text(language))]
            if found:
                return {"what": "contact_refused", "saved": saved, "draft": draft, "problems": found, "gone": gone}
            saved.append(draft)
        return {"what": "contact_kept" if message.get("keep") is True else "contact_saved", "saved": saved}

    # --- inside

    def _one(self, draft: str, answers: Mapping[str, Any], attempt: str, *, keep: bool) -> list[Json]:
        """What keeps one contact from being saved; empty where it is saved."""
        if self._store.journal.became(draft):
            return []
        session = self._open(draft)
        sending = _Sending(session, draft, attempt)
        for name in ASKED:
            path, value = self._paths[name], str(answers.get(name) or "")
            if value or session.instance.value(path):
                sending.send(name, "answer", self._ids[path], value)
        self._name_participants(session, sending, [str(each) for each in answers.get(PARTICIPANT) or ()])
        if sending.refused is None and not keep:
            sending.send("submit", "submit")
        if sending.refused is not None:
            return sending.refused or self._problems(session)
        return []

    def _name_participants(self, session: Session, sending: _Sending, names: list[str]) -> None:
        """As many entries as there are participants, each with its pseudonym."""
        question = self._paths[PARTICIPANT]
        repeat = question.rsplit("/", 1)[0]
        repeat_id = self._ids[repeat]
        if not session.instance.relevant(repeat):
            return
        while len(there := session.instance.entries(repeat)) > max(1, len(names)) and sending.refused is None:
            sending.send(f"without-{len(there)}", "remove_repeat", repeat_id, session.instance.entry_id(there[-1]))
        while (count := len(session.instance.entries(repeat))) < len(names) and sending.refused is None:
            sending.send(f"with-{count}", "add_repeat", repeat_id)
        for at, entry in enumerate(session.instance.entries(repeat)[: len(names)]):
            key = f"{session.instance.entry_id(entry)}/{self._ids[question]}"
            sending.send(f"{PARTICIPANT}-{at}", "answer", key, names[at])

    def _problems(self, session: Session) -> list[Json]:
        """What the form says is wrong, each with the question it is about."""
        names = {own: nodeset.rsplit("/", 1)[-1] for nodeset, own in self._ids.items()}
        return [
            _problem(names[key.rsplit("/", 1)[-1]], node["label"][0], problem["text"][0])
            for key, node in session.greeting()["state"].items()
            for problem in node.get("problems", ())
            if problem["kind"] != "warning"
        ]

    def _last(self) -> dict[str, str]:
        """What this author entered in the last contact, of what is mostly the same; empty before the first."""
        for entry in reversed(self._store.entries()):
            if entry.form_id != CONTACT:
                continue
            latest = self._store.history(entry.submission)[-1]
            if latest.author == self._author:
                return {name: answer_named(latest.record, name) for name in _KEPT}
        return {}


class _Sending:
    """Operations one after the other, until one is refused. `refused` is then the problem with its question, [] where
    the form itself says what is wrong. Each has a name, so that the same message sent again has the same ids."""

    def __init__(self, session: Session, draft: str, attempt: str) -> None:
        self.refused: list[Json] | None = None
        self._session = session
        self._draft = draft
        self._attempt = attempt

    def send(self, name: str, op: str, key: str = "", value: object = None) -> None:
        if self.refused is not None:
            return
        said = self._session.receive(
            {
                "type": "op", "op_id": f"{self._draft}-{self._attempt}-{name}", "draft": self._draft,
                "op": op, "key": key, "value": value,
            }
        )[-1]  # fmt: skip
        if said["type"] == "ack" and said.get("refused"):
            self.refused = []
        elif said["type"] not in ("ack", "submitted"):
            question = name if name in ASKED else ""
            self.refused = [_problem(question, "", str(each)) for each in said.get("text", ())][:1]


def _problem(name: str, label: object, text: object) -> Json:
    return {"name": name, "label": label, "text": text}
