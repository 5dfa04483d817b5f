"""Whose records have been kept long enough, and the run that erases them with the consent of a second person.

The forms' column `retention` names a class for every question; `[retention]` in study.toml says for how many months
after the end of support each class is kept. A person is over when the longest of the classes asked about the person is,
or on the day a question called 'loeschfrist' says. Who came back is not over, and nobody whose processing is restricted
is erased: the records may be needed for a claim (Art. 18 (2) GDPR).
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from intake.store import Event, Store
from intake.store.bringing import Brought, try_ways
from intake.store.restriction import restricted
from intake.store.ring import Login
from intake.submission import Record, Submission, answer_named
from validation.errors import StoreError, StudyError
from validation.form import Form
from validation.xform import read_form

EXIT_FORM, EXIT_DAY = "austritt", "/data/austritt/datum"
BEGIN_DAYS = ("/data/aufenthalt/zuweisung", "/data/fall/datum")
DELETE_AFTER = "loeschfrist"
REGISTER = "register"
"""The class of what is kept while it is in use, such as accommodations; it is about no person's time."""

CONFIRMING = ("manager", "protection")
"""Roles of which the second person has to be."""


@dataclass(frozen=True, slots=True)
class Over:
    """A person whose records are to go. `until` is the day to which they are kept; `exit` the end of support, None
    where the interview itself named the day; `classes` those that counted; `restricted`: not erased all the same."""

    person: str
    municipality: str
    until: date
    exit: date | None
    classes: tuple[str, ...] = ()
    restricted: bool = False


def over(store: Store, periods: Mapping[str, int], today: date) -> list[Over]:
    """Everybody whose time is over, the longest over first.

    StudyError 'retention.no_period' when somebody left of whom a class is kept for which `periods` (months) says
    nothing.
    """
    about: dict[str, list[Submission]] = {}
    for submission in store.submissions():
        if submission.subject:
            about.setdefault(submission.subject, []).append(submission)
    classes, held = _Classes(store), restricted(store)
    found = []
    for person, submissions in about.items():
        judged = _judged(person, submissions, classes, periods)
        if judged is not None and judged.until < today:
            found.append(
                Over(
                    person, judged.municipality, judged.until, judged.exit, judged.classes,
                    bool(held) and store.subject_of(person) in held,
                )
            )  # fmt: skip
    return sorted(found, key=lambda each: (each.until, each.person))


def second_login(store: Store, store_path: Path, name: str, given: Brought) -> Login:
    """Whose way in `given` is: a person called `name`, other than who has the store open, who may decide this.

    WrongKey when it opens nothing, StoreError 'retention.same_person', 'retention.other_name', 'retention.not_allowed'.
    """
    found = {each.login for each in try_ways(store_path, given).candidates}
    login = next((each for each in store.logins() if each.id in found), None)
    if login is None or login.name != name:
        raise StoreError("retention.other_name", name=name)
    if login.id == store.login.id:
        raise StoreError("retention.same_person")
    if login.role not in CONFIRMING:
        raise StoreError("retention.not_allowed", name=name)
    return login


def is_alone(store: Store) -> bool:
    """Whether nobody else has a login who could confirm."""
    return not any(each.id != store.login.id and each.role in CONFIRMING for each in store.logins())


def run(store: Store, due: Iterable[Over], *, confirmed: str) -> list[Event]:
    """Erase everybody of the list who is not restricted, and keep an event that says how many and who confirmed it."""
    events = []
    for each in due:
        if not each.restricted:
            why = f"retention {','.join(each.classes) or DELETE_AFTER} {each.until.isoformat()} {confirmed}"
            events.append(store.erase(each.person, reason=why))
    detail = {"persons": str(len(events)), "confirmed": confirmed}
    return [*events, store.note("review", about="retention", detail=detail)]


class _Classes:
    """The classes of retention that the forms of a store use, read once each."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, frozenset[str]] = {}

    def of(self, form_hash: str) -> frozenset[str]:
        if form_hash not in self._known:
            self._known[form_hash] = classes_of(read_form(self._store.form(form_hash).xform))
        return self._known[form_hash]


def classes_of(form: Form) -> frozenset[str]:
    """The classes of retention that a form names, without that of registers."""
    return frozenset(bind.columns.get("retention", "") for bind in form.binds.values()) - {"", REGISTER}


def left_on(submissions: Sequence[Submission]) -> date | None:
    """The end of support of the person whose latest records these are; None while it goes on, or goes on again."""
    exits = _exits(submissions)
    if not exits:
        return None
    left = max(exits)
    begun = (_day(_text(each.record, path)) for each in submissions if each.form_id != EXIT_FORM for path in BEGIN_DAYS)
    return None if any(day is not None and day > left for day in begun) else left


def _exits(submissions: Sequence[Submission]) -> list[date]:
    return [day for each in submissions if each.form_id == EXIT_FORM and (day := _day(_text(each.record, EXIT_DAY)))]


def _judged(
    person: str, submissions: Sequence[Submission], classes: _Classes, periods: Mapping[str, int]
) -> Over | None:
    """Until when a person's records are kept; None while support goes on."""
    town = submissions[-1].municipality
    left = left_on(submissions)
    if left is None and _exits(submissions):
        return None  # came back: a day that was said before counts again after the next exit
    said = [day for each in submissions if (day := _day(answer_named(each.record, DELETE_AFTER)))]
    if said:
        return Over(person, town, max(said), None)
    if left is None:
        return None
    names = sorted({name for each in submissions for name in classes.of(each.form_hash)})
    lacking = [name for name in names if name not in periods]
    if lacking or not names:
        raise StudyError("retention.no_period", names=", ".join(lacking or ["fall"]))
    return Over(person, town, max(_later(left, periods[name]) for name in names), left, tuple(names))


def _later(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _text(record: Record, path: str) -> str:
    value = record.get(path, "")
    return value if isinstance(value, str) else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
