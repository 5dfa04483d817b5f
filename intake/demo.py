"""The demo study's records, kept in the store: the small one of three towns, or a Kreis of any size.

Every record goes through `Instance` like one typed on screen, on the day it would have been taken; nothing is written
past the forms (`intake.demonstration`). A seed gives the same records, ids included, on every machine.
"""

from __future__ import annotations

import pickle
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import partial
from typing import IO, TYPE_CHECKING

from intake.demonstration.district import MOST_TOWNS, plan_district
from intake.demonstration.making import AUTHOR, FORMS, Progress, make_records, record_id
from intake.demonstration.towns import write_towns
from intake.population import plan_population
from intake.submission import Submission
from validation.errors import StudyError
from validation.xform import read_form

if TYPE_CHECKING:
    from intake.study import Study

__all__ = ["AUTHOR", "FORMS", "DemoSummary", "Size", "fill_demo", "size_of"]

A_TOWN = 75  # people, where only one of the two numbers is given

LEAST_PERSONS, LEAST_TOWNS = 20, 2


@dataclass(frozen=True, slots=True)
class Size:
    """How large a Kreis is to be: distinct people, and towns. StudyError for one that cannot be made."""

    persons: int
    municipalities: int

    def __post_init__(self) -> None:
        if self.persons < LEAST_PERSONS or not LEAST_TOWNS <= self.municipalities <= MOST_TOWNS:
            raise StudyError("demo.bad_size", least=LEAST_PERSONS, towns=LEAST_TOWNS, most=MOST_TOWNS)


def size_of(persons: int | None, municipalities: int | None) -> Size | None:
    """The size of a Kreis from what was asked for, one number following from the other; None for the small demo."""
    if persons is None and municipalities is None:
        return None
    towns = municipalities
    if towns is None:
        towns = min(max((persons or 0) // A_TOWN, LEAST_TOWNS), MOST_TOWNS)
    return Size(persons if persons is not None else A_TOWN * towns, towns)


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What `fill_demo` left in the store: records by form id (versions not counted twice), and whether it made them."""

    seed: int
    created: bool
    records: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.records.values())


def fill_demo(
    study: Study, *, seed: int = 2022, size: Size | None = None, progress: Progress | None = None
) -> DemoSummary:
    """Publishes the study's forms and stores the demo's records, received on the day they were taken. All or nothing.

    With `size` the towns of the study become those of a Kreis that large. A second call with the same arguments changes
    nothing. StudyError when the study is no demo, or its store holds other records already; FormError when a form
    cannot be published or the plan does not fit it.
    """
    from intake.entitysheet import Declared
    from intake.publishing import freeze, publish_all

    if not study.demo:
        raise StudyError("demo.not_a_demo", path=study.dir)
    population = plan_population(seed) if size is None else plan_district(size.persons, size.municipalities, seed)
    clock = _Clock()
    with study.store(clock=clock) as store:
        if store.history(record_id(population.key, "erstgespraech", population.people[0].id)):
            return DemoSummary(seed, created=False, records={name: store.count(name) for name in FORMS})
        if store.count():
            raise StudyError("demo.not_empty", path=study.dir)
        if size is not None:
            write_towns(study.dir, population)
        frozen = {each.form_id: each for each in map(partial(freeze, declared=Declared()), study.form_paths())}
        forms = {name: read_form(frozen[name].xform) for name in FORMS}
        counted: Counter[str] = Counter()
        versions = 0
        with tempfile.TemporaryFile() as aside:  # nothing is stored before everything could be made
            for made in make_records(forms, population, study.tz, progress=progress):
                counted[made.form_id] += made.version == 1
                versions += 1
                pickle.dump(made, aside)
            if store.forms():
                publish_all(study, store)
            for each in () if store.forms() else frozen.values():
                store.publish(each)
            aside.seek(0)
            store.append_many(clock.following(_read(aside, versions)))
    return DemoSummary(seed, created=True, records=counted)


def _read(aside: IO[bytes], count: int) -> Iterator[Submission]:
    for _ in range(count):
        yield pickle.load(aside)  # noqa: S301 - our own, written a moment ago


class _Clock:
    """The store's clock: what is stored counts as received when it was ended, so that the past can be asked for."""

    def __init__(self) -> None:
        self.now = datetime.combine(date(2017, 6, 30), time(12), UTC)

    def __call__(self) -> datetime:
        return self.now

    def following(self, submissions: Iterator[Submission]) -> Iterator[Submission]:
        for submission in submissions:
            self.now = submission.ended
            yield submission
