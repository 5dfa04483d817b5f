"""The records of a plan, in the order of time, each taken through its form on the day it would have been taken.

Each record opens with what the earlier ones of the same person said. Only the plan is held, and of everybody the
present state; what is answered is worked out when the record is due.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, ParamSpec
from uuid import NAMESPACE_URL, uuid5

from intake import biography
from intake.biography import Answers
from intake.demonstration import course, registers, talks, townplan
from intake.demonstration.known import Known, Memory
from intake.demonstration.snapshot import as_printed
from intake.population import LAST_DAY, Person, Population, Post, dice
from intake.simulate import fill, submit
from intake.submission import Submission
from validation.errors import FormError, Place, Problem

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from validation.form import Form

P = ParamSpec("P")

AUTHOR = "demo"
FORMS = (
    "erstgespraech", "fortschreibung", "kontakt", "austritt", "integrationsplan", "unterkunft", "stelle", "foerderung",
    "angebot", "ehrenamt", "organisation", "sitzung", "kommunaler_plan", "esu_messung",
)  # fmt: skip
WITH_STATE = ("fortschreibung", "austritt")  # opened with what was known before
REVIEWED = "Ziele überprüft"
ABSENT = "Abwesenheit begonnen"
LARGE = 90  # people from which on a town has a plan of its own
COLLECTED = 500  # records after which what is no longer needed is let go of
PRINTED = 6  # of so many people who have follow-ups, one's plan is kept as printed each time

Progress = Callable[[str, int, int], None]
"""Called with what is being done (a form id), how many records are done and how many there will be."""


@dataclass(frozen=True, slots=True)
class Task:
    """One version of one record: when it is taken, which one of its form, about whom ('' for nobody), what is answered.

    `answers` are worked out when it is due, from what the earlier records said.
    """

    day: date
    form: str
    key: str
    answers: Callable[[Known], Answers]
    person: str = ""
    version: int = 1
    reason: str | None = None
    continued: bool = False  # a later version builds on this one

    @property
    def order(self) -> tuple[date, int, str, int]:
        return self.day, FORMS.index(self.form), self.key, self.version


def make_records(
    forms: Mapping[str, Form],
    population: Population,
    zone: ZoneInfo,
    *,
    progress: Progress | None = None,
) -> Iterator[Submission]:
    """The records of a plan in the order of time, each free of violations and of warnings.

    `forms` are the shipped forms by id; times are in `zone`. FormError when an answer of the plan breaks a rule.
    """
    tasks = sorted(tasks_of(population), key=lambda task: task.order)
    memory = Memory(forms)
    earlier: dict[str, str] = {}
    for done, task in enumerate(tasks, start=1):
        made, xml = _record(task, forms[task.form], population, zone, earlier.pop(task.key, None), memory)
        if task.continued:
            earlier[task.key] = xml
        memory.keep(made)
        yield made
        if done % COLLECTED == 0:  # reading a tree ages all garbage, so that Python hardly ever looks for it by itself
            gc.collect()
        if progress is not None:
            progress(task.form, done, len(tasks))


def record_id(plan: str, form_id: str, key: str) -> str:
    """The instanceID of a record of the demo: 'uuid:…', from the plan's key, the form and what the record is about."""
    return f"uuid:{uuid5(NAMESPACE_URL, f'https://lotsenbuch.example/demo/{plan}/{form_id}/{key}')}"


def _record(
    task: Task, form: Form, population: Population, zone: ZoneInfo, xml: str | None, memory: Memory
) -> tuple[Submission, str]:
    rng = dice(population.seed, task.form, task.key, task.version)
    started = datetime.combine(task.day, time(9 + rng.randrange(7), rng.randrange(60)), zone)
    answers = task.answers(memory.of(task.person))
    opened = task.form in WITH_STATE
    lists = memory.lists(form, task.person) if opened else None
    instance = fill(form, answers, rng=rng, now=started, xml=xml, instances=lists)
    if found := instance.violations():
        problems = [Problem("demo.warned", Place(nodeset=each.path), {"subject": task.key}) for each in found]
        raise FormError(problems, code="simulate.stuck")
    ended = started + timedelta(minutes=rng.randint(5, 60))
    made = submit(instance, record_id(population.key, task.form, task.key), started=started, ended=ended, author=AUTHOR)
    made = replace(made, version=task.version, reason=task.reason)
    return (memory.marked(made, instance) if opened else made), instance.to_xml() if task.continued else ""


# --- what is to be made


def tasks_of(population: Population) -> Iterator[Task]:
    """Every record of a plan, in no order."""
    households: dict[tuple[str, int], list[Person]] = {}
    residents: dict[tuple[str, str], list[Person]] = {}
    for person in population.people:
        households.setdefault((person.municipality, person.household), []).append(person)
        residents.setdefault((person.municipality, person.site), []).append(person)
    for person in population.people:
        yield from _of_person(person, households[person.municipality, person.household], population)
    for site in population.sites:
        there = residents.get((site.municipality, site.id), ())
        found = _always(biography.accommodation, site, there)
        yield Task(LAST_DAY, "unterkunft", f"{site.municipality}-{site.id}", found)
    for post in population.posts:
        yield from _of_post(post)
    for town in population.municipalities:
        yield from _of_town(town, population)


def _always(answers: Callable[P, Answers], *args: P.args, **kwargs: P.kwargs) -> Callable[[Known], Answers]:
    """Answers that do not ask what was said before."""
    return lambda known: answers(*args, **kwargs)  # noqa: ARG005 - there is nothing to ask


def _of_person(person: Person, household: Sequence[Person], population: Population) -> Iterator[Task]:
    """The records of one episode: first interview, talks, follow-ups, exit."""
    key = person.id if person.episode == 1 else f"{person.id}/{person.episode}"
    accompanied = biography.is_accompanied(person, population)
    later = None if accompanied else biography.review(person, population)
    answers = _always(biography.first_interview, person, household, population)
    yield Task(person.met, "erstgespraech", key, answers, person.id, continued=later is not None)
    if later is not None:
        yield Task(later[0], "erstgespraech", key, _always(dict, later[1]), person.id, version=2, reason=REVIEWED)
    if accompanied:
        yield from _rounds(person, key, household, population)
    if person.left is not None:

        def closed(known: Known) -> Answers:
            return biography.leaving(person, population) | course.closing_goals(person, population, known)

        yield Task(person.left, "austritt", key, closed, person.id)


def _rounds(person: Person, key: str, household: Sequence[Person], population: Population) -> Iterator[Task]:
    """What there is of somebody who is accompanied: follow-ups, plans as printed, talks."""
    printed = int(person.id[2:]) // population.accompanied % PRINTED == 0
    for number, due in enumerate(course.rounds(person, population), start=1):
        found = partial(course.follow_up, person, household, population, due)
        yield Task(due.day, "fortschreibung", f"{key}#{number}", found, person.id)
        if printed:
            found = partial(as_printed, person, due.day)
            yield Task(due.day, "integrationsplan", f"{key}#{number}", found, person.id)
    for number, day in enumerate(talks.talk_days(person, population), start=1):
        yield Task(day, "kontakt", f"{key}#{number}", _always(talks.talk, person, population, day), person.id)


def _of_post(post: Post) -> Iterator[Task]:
    key = f"{post.municipality}-{post.id}"
    plain = _always(biography.staff_post, post, absence=False)
    yield Task(post.since, "stelle", key, plain, continued=post.absent is not None)
    if post.absent is not None:
        absent = _always(biography.staff_post, post, absence=True)
        yield Task(post.absent[0], "stelle", key, absent, version=2, reason=ABSENT)


def _of_town(town: str, population: Population) -> Iterator[Task]:
    """The registers of a town, as many as it is large; a plan and school entries of the larger ones."""
    sizes = Counter(person.municipality for person in population.people)
    scale = 1 + (sizes[town] >= 30) + (sizes[town] >= LARGE)
    made = {
        "foerderung": registers.funding(town, population),
        "angebot": registers.offers(town, population, scale),
        "ehrenamt": registers.volunteers(town, population, scale),
        "organisation": registers.organisations(town, population, scale),
        "sitzung": registers.sessions(town, population, scale),
    }
    if sizes[town] >= LARGE or sizes[town] == max(sizes.values()):
        made["kommunaler_plan"] = townplan.town_plan(town, population)
        made["esu_messung"] = townplan.school_entry(town, population)
    for form, entries in made.items():
        for day, number, answers in entries:
            yield Task(day, form, f"{town}-{number}", _always(dict, answers))
    for at, (day, answers) in enumerate(talks.groups(town, population), start=1):
        yield Task(day, "kontakt", f"{town}#{at}", _always(dict, answers))
