"""*Was ansteht* on the work list: what is due (`intake.deadlines`), found after the list was drawn.

    {type: "desk", what: "due", state, start}    a page of what is overdue, comes, or is open since a day
    -> {what: "due", state, start, total, counts: {state: n}, rows: [...], cases: {key: [overdue, coming]}}

Nothing is judged again until something came into the store or another day began. Rows name the pseudonym and the
case's number, as the list does, and never an answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from intake.deadlines import Due, State, due, read_deadlines
from intake.interview.cases import Case, Cases
from intake.interview.description import Json
from intake.store import Store
from intake.texttables import TextTables, read_choices
from validation.errors import StudyError
from validation.form import Form
from validation.messages import say

PAGE = 5
"""How many are sent at once."""

STATES: tuple[State, ...] = get_args(State)
_DAY = {"de": "%d.%m.%Y", "en": "%Y-%m-%d"}


class Agenda:
    """What is due of a store. `file` is the study's table of deadlines, None where there is none."""

    def __init__(
        self, store: Store, form_of: Callable[[str], Form], cases: Cases, file: Path | None, language: str
    ) -> None:
        self._store = store
        self._form_of = form_of
        self._cases = cases
        self._file = file
        self._language = language
        self._known: tuple[object, tuple[Due, ...]] | None = None

    @property
    def is_there(self) -> bool:
        """Whether the study has a table of deadlines."""
        return self._file is not None and self._file.is_file()

    def page(self, message: Mapping[str, Any], now: datetime) -> Json:
        """The answer to a message. Without a state, the first that has something. `text` says what is wrong with the
        study's table."""
        try:
            found = self._found(now)
        except StudyError as error:
            return {"what": "due", "rows": [], "counts": {}, "cases": {}, "text": [error.text(self._language)]}
        cases = {each.last.subject or each.last.submission: each for each in self._cases.find()}
        counts = Counter(each.state for each in found)
        wanted = message.get("state")
        state = wanted if wanted in STATES else next((each for each in STATES if counts[each]), STATES[0])
        start = message.get("start")
        start = start if type(start) is int and start > 0 else 0
        chosen = [each for each in found if each.state == state]
        return {
            "what": "due",
            "state": state,
            "start": start,
            "total": len(chosen),
            "page": PAGE,
            "counts": {each: counts[each] for each in STATES},
            "rows": [self._row(each, cases.get(_whose(each))) for each in chosen[start : start + PAGE]],
            "cases": _by_case(found, cases),
        }

    # --- inside

    def _found(self, now: datetime) -> tuple[Due, ...]:
        self._cases.refresh()
        moment = (now.date(), dict(self._store.heads()))
        if self._known is None or self._known[0] != moment:
            rows = read_deadlines(self._file) if self._file else ()
            lists = read_choices(self._file.parent) if self._file else {}
            tables = TextTables(self._store, self._form_of, zone=now.tzinfo or UTC, lists=lists)
            self._known = (moment, due(rows, tables, now=now))
        return self._known[1]

    def _row(self, each: Due, case: Case | None) -> Json:
        what = each.message(self._language)
        if each.holiday:
            named = say(f"holiday.{each.holiday}", self._language)
            what = say("due.on_holiday", self._language, what=what, holiday=named)
        return {
            "case": case.key if case else "",
            "person": case.person if case else "",
            "number": each.number,
            "place": self._cases.municipality(each.municipality) if each.municipality else "",
            "what": say("due.restricted", self._language, what=what) if each.restricted else what,
            "warn": bool(each.holiday),
            "when": say(f"due.{each.state}", self._language, day=each.day.strftime(_DAY[self._language])),
            "owner": each.owner,
        }


def _whose(each: Due) -> str:
    """What a case is grouped by: the person, or the record that is about nobody."""
    return each.person or each.key.partition("/")[0]


def _by_case(found: Iterable[Due], cases: Mapping[str, Case]) -> dict[str, list[int]]:
    """How much of a case is overdue and how much comes."""
    counted: dict[str, list[int]] = {}
    for each in found:
        case = cases.get(_whose(each))
        if case and each.state in STATES[:2]:
            counted.setdefault(case.key, [0, 0])[STATES.index(each.state)] += 1
    return counted
