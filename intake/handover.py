"""Cover for absence: which cases go to somebody else, and what of each the other one needs on the first day.

A case is handed over by list, or all that a colleague wrote to last. Closed cases stay where they are. Goals and the
next appointment are as the last record left them: those of the entities, or of the last first interview where its form
declares none. Each handover is an event about the person: who got the page can be told later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from intake.casefile import latest_entries, records_about
from intake.entities import Entity, read_entities
from intake.retention import left_on
from intake.store import Store
from intake.store.restriction import left_out
from intake.submission import Record, Submission, answer_named
from validation.errors import DataError, UsageError
from validation.form import Form
from validation.layout import choice_labels
from validation.xform import read_form

INTERVIEW, CONTACT = "erstgespraech", "kontakt"
GOALS, NEXT = "/data/ziele/ziel", "/data/abschluss/naechster_termin"
PERSON, GOAL = "person", "ziel"
DONE = frozenset(("reached", "not_reached", "cancelled"))
"""States of goals that nobody has to work on any more."""


@dataclass(frozen=True, slots=True)
class Goal:
    """An open goal: texts as they were said, labels for what was chosen, `due` a date as text; '' for nothing."""

    field: str
    goal: str
    step: str
    due: str
    state: str


@dataclass(frozen=True, slots=True)
class Talk:
    """The last contact: `day` as it is stored (a date), how, and what about."""

    day: str
    channel: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A case on one page. `number` is the case number, `name`, `phone` and `reach` are '' for a login that may not
    open them; `restricted`: stored only (Art. 18 GDPR), so nothing but the pseudonym is given."""

    person: str
    municipality: str
    number: str = ""
    name: str = ""
    phone: str = ""
    reach: str = ""
    language: str = ""
    goals: tuple[Goal, ...] = ()
    talk: Talk | None = None
    next_day: str = ""
    restricted: bool = False


def listed(file: Path) -> list[str]:
    """The pseudonyms of a text file, one a line; blank lines and what follows '#' do not count. UsageError."""
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("handover.no_list", path=file) from error
    return [name for line in lines if (name := line.partition("#")[0].strip())]


def written_by(store: Store, named: str) -> list[str]:
    """Whose cases a colleague (by name or id of the login) wrote to last. UsageError 'handover.unknown_login'."""
    logins = {login.id for login in store.logins() if named in (login.id, login.name)}
    if not logins:
        raise UsageError("handover.unknown_login", name=named)
    actors = {event.number: event.actor for event in store.events(kinds=["submission"])}
    present = sorted(latest_entries(store.entries()), key=lambda each: each.number)
    last = {each.subject: actors.get(each.number) for each in present if each.subject}
    return [person for person, actor in last.items() if actor in logins]


def hand_over(store: Store, persons: Sequence[str], *, to: str, language: str = "de") -> list[HandedOver]:
    """What goes to a colleague, each with its event, in the order of the pseudonyms given.

    `to` is a name; where a login is called so the event names it. DataError 'handover.unknown' counts pseudonyms that
    are in no record; then nothing is handed over.
    """
    entries = latest_entries(store.entries())
    about = {person: records_about(store, person, entries) for person in persons}
    lacking = [at for at, person in enumerate(about, start=1) if not about[person]]
    if lacking:
        raise DataError("handover.unknown", places=", ".join(map(str, lacking)))
    held, labels = left_out(store), _Labels(store, language)
    receiver = next((login.id for login in store.logins() if login.name == to), "")
    found = []
    for person, submissions in about.items():
        if left_on(submissions) is not None:
            continue
        if any(each.id in held for each in submissions):
            found.append(HandedOver(person, submissions[-1].municipality, restricted=True))
        else:
            found.append(_case(store, person, submissions, labels))
        store.note(
            "handover", municipality=submissions[-1].municipality, subject=store.subject_of(person) or "",
            about=receiver, detail={"to": to},
        )  # fmt: skip
    return found


class _Labels:
    """What codes of frozen forms are called. Each form is read once."""

    def __init__(self, store: Store, language: str) -> None:
        self._store = store
        self._language = language
        self._forms: dict[str, Form] = {}
        self._known: dict[tuple[str, str], Mapping[str, str]] = {}

    def form(self, form_hash: str) -> Form:
        if form_hash not in self._forms:
            self._forms[form_hash] = read_form(self._store.form(form_hash).xform)
        return self._forms[form_hash]

    def of(self, submission: Submission, nodeset: str, codes: str) -> tuple[str, ...]:
        key = (submission.form_hash, nodeset)
        if key not in self._known:
            self._known[key] = choice_labels(self.form(submission.form_hash), nodeset, self._language)
        return tuple(self._known[key].get(code, code) for code in codes.split())


def _case(store: Store, person: str, submissions: Sequence[Submission], labels: _Labels) -> HandedOver:
    town = submissions[-1].municipality
    interviews = [each for each in submissions if each.form_id == INTERVIEW]
    talk = _last_talk([each for each in submissions if each.form_id == CONTACT], labels)
    if not interviews:
        return HandedOver(person, town, talk=talk)
    plan = interviews[-1]
    said = plan.record
    known = read_entities(store, labels.form, datasets=(PERSON, GOAL), person=person)
    state = known.get(PERSON, {}).get(person)
    spoken = labels.of(plan, "/data/fall/gespraechssprache", _text(said, "/data/fall/gespraechssprache"))
    reach = labels.of(plan, "/data/person/kontaktweg", _text(said, "/data/person/kontaktweg"))
    return HandedOver(
        person=person,
        municipality=town,
        number=answer_named(said, "fallnummer"),
        name=_text(said, "/data/person/name"),
        phone=_text(said, "/data/person/telefon"),
        reach=", ".join(reach),
        language=", ".join(spoken),
        goals=tuple(_goals(plan, _said_of_goals(plan, person, state, known.get(GOAL, {}).values()), labels)),
        talk=talk,
        next_day=state.properties.get("naechster_termin", "") if state else _text(said, NEXT),
    )


def _said_of_goals(
    plan: Submission, person: str, state: Entity | None, goals: Iterable[Entity]
) -> Iterator[Mapping[str, str]]:
    """What is said of each goal, by the names of its questions."""
    if state is not None:
        yield from (goal.properties for goal in goals if person in goal.people)
        return
    entries = plan.record.get(GOALS, [])
    for entry in entries if isinstance(entries, list) else []:
        yield {key.rpartition("/")[2]: _text(entry, key) for key in entry}


def _goals(plan: Submission, goals: Iterable[Mapping[str, str]], labels: _Labels) -> Iterator[Goal]:
    for said in goals:
        state = said.get("stand", "")
        if state not in DONE:
            yield Goal(
                field=" ".join(labels.of(plan, f"{GOALS}/handlungsfeld", said.get("handlungsfeld", ""))),
                goal=said.get("ziel", ""),
                step=said.get("massnahme", ""),
                due=said.get("faellig", ""),
                state=" ".join(labels.of(plan, f"{GOALS}/stand", state)),
            )


def _last_talk(contacts: Sequence[Submission], labels: _Labels) -> Talk | None:
    if not contacts:
        return None
    last = max(contacts, key=lambda each: _text(each.record, "/data/kontakt/datum"))
    said = last.record
    return Talk(
        _text(said, "/data/kontakt/datum"),
        " ".join(labels.of(last, "/data/kontakt/kanal", _text(said, "/data/kontakt/kanal"))),
        labels.of(last, "/data/kontakt/themen", _text(said, "/data/kontakt/themen")),
    )


def _text(record: Record, path: str) -> str:
    value = record.get(path, "")
    return value if isinstance(value, str) else ""
