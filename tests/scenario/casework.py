"""The work with a case in the words of the field: talks, contacts, follow-ups, a move, an exit; and a calendar.

Everything is said through the desk and its sessions, with the messages a browser sends. Questions and answers are named
as they stand on the screen, days as they are written in an office (31.07.2024); nothing is put into the store directly.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from intake.interview.due import STATES
from intake.interview.session import Session
from intake.interview.worklist import Worklist
from intake.study import Study
from scenario.interview import Talk
from scenario.lives import TOWN, study_of

Said = Mapping[str, "str | Sequence[str]"]
"""Answers by the label of their question; of several choices a sequence."""

_DAY = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})")


def iso(day: str) -> str:
    """A day as it is written in an office, as the form keeps it."""
    return _DAY.sub(r"\3-\2-\1", day)


class Calendar:
    """A clock that stands on a day until it is turned; a second later each time it is looked at."""

    def __init__(self) -> None:
        self.now = dt.datetime(2024, 1, 1, 9, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        self.now += dt.timedelta(seconds=1)
        return self.now

    def turn_to(self, day: str) -> None:
        self.now = dt.datetime.combine(dt.date.fromisoformat(iso(day)), dt.time(9), dt.UTC)


class Gespraech:
    """An interview that is being held, in the words on its screen."""

    def __init__(self, session: Session) -> None:
        self.talk = Talk(session)
        self._layers: dict[str, str] = {}
        self._types: dict[str, str] = {}
        for section in self.talk.form["sections"]:
            for element in _below(section):
                self._layers[element["id"]] = section.get("layer", "")
                self._types[element["id"]] = element.get("type", "")

    def sagt(self, said: Said, *, bei: tuple[str, int] | None = None, schicht: str = "") -> None:
        """Answers in their order: of an entry `bei` ("Ziel", 2), which is added where it is not there yet; only
        questions of one layer where one is named."""
        entry = self._entry(*bei) if bei else ""
        for question, answer in said.items():
            self._send("answer", self._key(question, entry, schicht), answer)

    def keine_antwort(self, question: str, why: str) -> None:
        """No answer, and the reason for that."""
        key = self._key(question)
        reasons = self.talk.session.choices(self.talk.state[key]["reasons"]["list"])["rows"]
        self._done(key, "reason", next(code for code, label, *_ in reasons if label == why))

    def eintraege(self, repeat: str) -> int:
        """How many entries stand there."""
        return len(self.talk.state[self._repeat(repeat)]["entries"])

    def zuletzt(self, question: str) -> tuple[str, str]:
        """What the screen says was answered the last time, and of which day; blank where it says nothing."""
        last = self.talk.state[self._key(question)].get("last")
        return (last["text"][0], last["on"]) if last else ("", "")

    def stimmt_noch(self, *questions: str) -> None:
        """One click: the answer of before holds."""
        for question in questions:
            self._done(self._key(question), "how", "confirmed")

    def hat_sich_geaendert(self, question: str, answer: str | Sequence[str]) -> None:
        self._anders(question, answer, "changed")

    def war_falsch(self, question: str, answer: str | Sequence[str]) -> None:
        self._anders(question, answer, "corrected")

    def steht_da(self, question: str, *, bei: tuple[str, int] | None = None) -> str:
        """What stands in a question: its choice in words, else what was entered."""
        node = self.talk.state[self._key(question, self._entry(*bei) if bei else "", writable=False)]
        rows = self._rows(node)
        return ", ".join(rows[code] for code in node["value"].split()) if rows else str(node["value"])

    def hinweise(self, question: str, *, bei: tuple[str, int] | None = None) -> list[str]:
        """What the screen says is wrong or doubtful with an answer."""
        node = self.talk.state[self._key(question, self._entry(*bei) if bei else "")]
        return [problem["text"][0] for problem in node["problems"]]

    def notiz(self, start: str, *, bei: tuple[str, int]) -> str:
        """The sentence of an entry that begins so."""
        entry = self._entry(*bei)
        labels = (
            node["label"][0] for key, node in self.talk.state.items() if key.startswith(entry) and "label" in node
        )
        return next(str(label) for label in labels if label.startswith(start))

    def abschliessen(self) -> None:
        """Hand in; what the form refuses fails here with the questions it is about."""
        (reply,) = self.talk.send("submit")
        wrong = [
            (node["label"][0], problem["text"][0])
            for node in self.talk.state.values()
            for problem in node.get("problems", ())
            if problem["kind"] != "warning"
        ]
        assert reply["type"] == "submitted", wrong or reply

    # --- inside

    def _anders(self, question: str, answer: str | Sequence[str], how: str) -> None:
        self._send("answer", self._key(question), answer)
        self._done(self._key(question), "how", how)

    def _send(self, op: str, key: str, answer: str | Sequence[str]) -> None:
        node, kind = self.talk.state[key], self._types[key.rpartition("/")[2]]
        rows = {label: code for code, label in self._rows(node).items()}
        if rows:
            value = " ".join(rows[each] for each in ([answer] if isinstance(answer, str) else answer))
        else:
            assert isinstance(answer, str), answer
            value = iso(answer) if kind == "date" else answer
        self._done(key, op, value)

    def _done(self, key: str, op: str, value: str) -> None:
        (reply,) = self.talk.send(op, key, value)
        assert reply["type"] == "ack", (self.talk.state[key]["label"], reply)

    def _rows(self, node: Mapping[str, Any]) -> dict[str, str]:
        """{code: label} of a question that offers choices."""
        return {row[0]: row[1] for row in self.talk.session.choices(node["list"])["rows"]} if "list" in node else {}

    def _key(self, question: str, entry: str = "", layer: str = "", *, writable: bool = True) -> str:
        found = [
            key
            for key, node in self.talk.state.items()
            if node.get("label", [""])[0] == question and "value" in node and not (writable and node["readonly"])
            and key.rpartition("/")[0] == entry and layer in ("", self._layers[key.rpartition("/")[2]])
        ]  # fmt: skip
        assert len(found) == 1, (question, found)
        return found[0]

    def _entry(self, repeat: str, number: int) -> str:
        key = self._repeat(repeat)
        while len(self.talk.state[key]["entries"]) < number:
            (reply,) = self.talk.send("add_repeat", key)
            assert reply["type"] == "ack", reply
        return str(self.talk.state[key]["entries"][number - 1])

    def _repeat(self, label: str) -> str:
        return next(key for key, node in self.talk.state.items() if "entries" in node and node["label"][0] == label)


def _below(element: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield element
    for child in element.get("children", ()):
        yield from _below(child)


@dataclass
class Amt:
    """An office with the shipped study, its calendar and its desk, which stays open all the time."""

    study: Study
    calendar: Calendar
    desk: Worklist

    @contextmanager
    def erstgespraech(self, day: str, draft: str = "") -> Iterator[Gespraech]:
        """A first interview begun on a day, or gone on with; whatever was said is still there the next time."""
        self.calendar.turn_to(day)
        yield Gespraech(self.desk.resume(draft) if draft else self.desk.begin("erstgespraech"))

    @contextmanager
    def fortschreiben(self, person: str, day: str) -> Iterator[Gespraech]:
        with self._begun(person, day, "fortschreibung") as held:
            yield held

    @contextmanager
    def austritt(self, person: str, day: str) -> Iterator[Gespraech]:
        with self._begun(person, day, "austritt") as held:
            yield held

    @contextmanager
    def weitere_person(self, person: str, day: str) -> Iterator[Gespraech]:
        """*Weitere Person im Haushalt* at a case."""
        self.calendar.turn_to(day)
        draft = self.desk.answer({"what": "household", "case": self._case(person)})["draft"]
        yield Gespraech(self.desk.resume(draft))

    @contextmanager
    def unterkunft(self, day: str, said: Said | None = None) -> Iterator[Gespraech]:
        """The accommodation of the register: entered with these answers, else opened again because life went on."""
        self.calendar.turn_to(day)
        if said is not None:
            held = Gespraech(self.desk.begin("unterkunft"))
            held.sagt(said)
        else:
            known = next(each.submission for each in self.desk.store.entries() if each.form_id == "unterkunft")
            opened = self.desk.answer({"what": "revise", "submission": known, "reason": "changed"})
            held = Gespraech(self.desk.resume(opened["draft"]))
        yield held
        held.abschliessen()

    def kontakt(self, person: str, day: str, **said: str) -> None:
        """The quick contact of the work list; `said` as its panel names it, in codes."""
        self.calendar.turn_to(day)
        given = {"gemeinde": TOWN, "durch": "im", "mit": "person", "person": person, "datum": iso(day), **said}
        contact = {"draft": secrets.token_hex(16), "answers": given}
        kept = self.desk.answer({"what": "contact_save", "attempt": 1, "contacts": [contact]})
        assert kept["what"] == "contact_saved", kept

    def was_ansteht(self, person: str, day: str) -> list[str]:
        """*Was ansteht* of a person on a day, as the work list says it: what and when."""
        self.calendar.turn_to(day)
        said = []
        for state in STATES:
            start, total = 0, 1
            while start < total:
                page = self.desk.answer({"what": "due", "state": state, "start": start})
                total, start = page["total"], start + page["page"]
                said += [f"{row['what']}, {row['when']}" for row in page["rows"] if row["person"] == person]
        return said

    @contextmanager
    def _begun(self, person: str, day: str, form: str) -> Iterator[Gespraech]:
        self.calendar.turn_to(day)
        begun = self.desk.answer({"what": "begin", "form": form, "case": self._case(person)})
        held = Gespraech(self.desk.resume(begun["draft"]))
        yield held
        held.abschliessen()

    def _case(self, person: str) -> str:
        rows = self.desk.answer({"what": "list", "words": person})["cases"]["rows"]
        return next(str(row["key"]) for row in rows if row["person"] == person)


@contextmanager
def amt(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Amt]:
    """A new office. Whatever is made in this process meanwhile is made by its calendar, sheets and snapshots, too."""
    study, calendar = study_of(directory / "studie"), Calendar()

    def now(zone: dt.tzinfo | None = None) -> dt.datetime:
        return calendar().astimezone(zone or study.tz)

    class Frozen(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
            return now(tz)

    monkeypatch.setattr("intake.store.utc_now", calendar)
    monkeypatch.setattr("intake.checking.utc_now", calendar)
    for module in ("snapshot", "handover"):
        monkeypatch.setattr(f"reports.plan.{module}.datetime", Frozen)
    with study.store(clock=calendar) as store:
        desk = Worklist(
            store, zone=study.tz, author="Erika Muster", form_id="erstgespraech",
            municipalities=study.municipalities, deadlines=study.dir / "deadlines.csv",
        )  # fmt: skip
        monkeypatch.setattr(desk, "now", now)
        yield Amt(study, calendar, desk)
