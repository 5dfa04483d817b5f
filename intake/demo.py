"""The demo study's records: the plan of `intake.population`, answered through the forms, kept in the store.

Every record goes through `Instance` like one typed on screen, on the day it would have been taken; nothing is written
past the forms. A seed gives the same records, ids included, on every machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from intake import biography
from intake.population import LAST_DAY, Person, Population, dice, plan_population
from intake.simulate import Answer, fill, submit
from intake.submission import Submission
from validation.errors import FormError, Place, Problem, StudyError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from intake.study import Study
    from validation.form import Form

AUTHOR = "demo"
FORMS = ("erstgespraech", "austritt", "unterkunft", "stelle")
REVIEWED = "Ziele überprüft"
ABSENT = "Abwesenheit begonnen"

Progress = Callable[[str, int, int], None]
"""Called with what is being done (a form id), how many records are done and how many there will be."""


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What `fill_demo` left in the store: records by form id (versions not counted twice), and whether it made them."""

    seed: int
    created: bool
    records: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.records.values())


def fill_demo(study: Study, *, seed: int = 2022, progress: Progress | None = None) -> DemoSummary:
    """Publishes the study's forms and stores the demo's records, received on the day they were taken. All or nothing.

    A second call with the same seed changes nothing. StudyError when the study is no demo, or its store holds other
    records already; FormError when a form cannot be published or the plan does not fit it.
    """
    from intake.publishing import publish_all

    if not study.demo:
        raise StudyError("demo.not_a_demo", path=study.dir)
    population = plan_population(seed)
    clock = _Clock()
    with study.store(clock=clock) as store:
        if store.history(record_id(seed, "erstgespraech", population.people[0].id)):
            return DemoSummary(seed, created=False, records={name: store.count(name) for name in FORMS})
        if store.count():
            raise StudyError("demo.not_empty", path=study.dir)
        forms = {name: study.form(name, store) for name in FORMS}
        submissions = list(demo_submissions(forms, population, study.tz, progress=progress))
        publish_all(study, store)
        store.append_many(clock.following(submissions))
    return DemoSummary(seed, created=True, records=Counter(s.form_id for s in submissions if s.version == 1))


def demo_submissions(
    forms: Mapping[str, Form], population: Population, zone: ZoneInfo, *, progress: Progress | None = None
) -> Iterator[Submission]:
    """All records of the demo in the order of time, each free of violations and of warnings.

    `forms` are the shipped forms by id; times are in `zone`. FormError when an answer of the plan breaks a rule.
    """
    tasks = sorted(_tasks(population), key=lambda task: (task.day, FORMS.index(task.form), task.subject, task.version))
    earlier: dict[str, str] = {}
    for done, task in enumerate(tasks, start=1):
        made, xml = _record(task, forms[task.form], population.seed, zone, earlier.pop(task.subject, None))
        if task.continued:
            earlier[task.subject] = xml
        yield made
        if progress is not None:
            progress(task.form, done, len(tasks))


def record_id(seed: int, form_id: str, subject: str) -> str:
    """The instanceID of a record of the demo: 'uuid:…', from the seed, the form and what the record is about."""
    return f"uuid:{uuid5(NAMESPACE_URL, f'https://lotsenbuch.example/demo/{seed}/{form_id}/{subject}')}"


@dataclass(frozen=True, slots=True)
class _Task:
    """One version of one record: when it is taken, what it is about, what is answered."""

    day: date
    form: str
    subject: str
    answers: Mapping[str, Answer]
    version: int = 1
    reason: str | None = None
    continued: bool = False  # a later version builds on this one


def _tasks(population: Population) -> Iterator[_Task]:
    households: dict[tuple[str, int], list[Person]] = {}
    for person in population.people:
        households.setdefault((person.municipality, person.household), []).append(person)
    for person in population.people:
        household = households[person.municipality, person.household]
        answers = biography.first_interview(person, household, population)
        later = biography.review(person, population)
        yield _Task(person.met, "erstgespraech", person.id, answers, continued=later is not None)
        if later is not None:
            yield _Task(later[0], "erstgespraech", person.id, later[1], 2, REVIEWED)
        if person.left is not None:
            yield _Task(person.left, "austritt", person.id, biography.leaving(person, population))
    for site in population.sites:
        residents = [
            each for each in population.people if (each.municipality, each.site) == (site.municipality, site.id)
        ]
        yield _Task(LAST_DAY, "unterkunft", f"{site.municipality}-{site.id}", biography.accommodation(site, residents))
    for post in population.posts:
        subject = f"{post.municipality}-{post.id}"
        plain = biography.staff_post(post, absence=False)
        yield _Task(post.since, "stelle", subject, plain, continued=post.absent is not None)
        if post.absent is not None:
            yield _Task(post.absent[0], "stelle", subject, biography.staff_post(post, absence=True), 2, ABSENT)


def _record(task: _Task, form: Form, seed: int, zone: ZoneInfo, xml: str | None) -> tuple[Submission, str]:
    rng = dice(seed, task.form, task.subject, task.version)
    started = datetime.combine(task.day, time(9 + rng.randrange(7), rng.randrange(60)), zone)
    instance = fill(form, task.answers, rng=rng, now=started, xml=xml)
    if found := instance.violations():
        problems = [Problem("demo.warned", Place(nodeset=each.path), {"subject": task.subject}) for each in found]
        raise FormError(problems, code="simulate.stuck")
    ended = started + timedelta(minutes=rng.randint(5, 60))
    made = submit(instance, record_id(seed, task.form, task.subject), started=started, ended=ended, author=AUTHOR)
    return replace(made, version=task.version, reason=task.reason), instance.to_xml()


class _Clock:
    """The store's clock: what is stored counts as received when it was ended, so that the past can be asked for."""

    def __init__(self) -> None:
        self.now = datetime.combine(date(2017, 6, 30), time(12), UTC)

    def __call__(self) -> datetime:
        return self.now

    def following(self, submissions: list[Submission]) -> Iterator[Submission]:
        for submission in submissions:
            self.now = submission.ended
            yield submission
