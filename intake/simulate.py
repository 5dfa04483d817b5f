"""Records that obey a form, made up: for the demo, for trying out a form before anybody is asked, for tests.

    fill(form, answers, rng=…, now=…) -> Instance        the given answers, then every other required question
    simulate(form, n, seed, now) -> Iterator[Submission] whole records, optional questions and repeats included

Nothing here knows a particular form. Values are drawn from what the form itself says: the choices that are offered,
numbers, dates and patterns in the constraint, and the hints of its `simulate` column (`intake.simulation.hints`). What
is drawn without a hint is believable only where the caller gives the answers.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from datetime import datetime

from intake.simulation.drawing import Answer, Guide
from intake.simulation.filling import OPTIONAL, Filler, add_entries, give
from intake.simulation.rounds import following, round_times
from intake.simulation.walk import questions, subject_of
from intake.submission import Submission
from validation.errors import FormError, Problem
from validation.form import Form
from validation.instance import Instance

__all__ = ["Answer", "fill", "questions", "simulate", "submit"]

ATTEMPTS = 5  # how often a record is begun anew before the form is said to be impossible


def fill(
    form: Form,
    answers: Mapping[str, Answer],
    *,
    rng: random.Random,
    now: datetime,
    optional: float = 0.0,
    xml: str | None = None,
    instances: Mapping[str, str] | None = None,
) -> Instance:
    """A live instance without violations of its constraints that holds the given answers.

    `answers` maps paths ('/data/child[2]/name') to values and is taken in its order; entries of repeats are added as
    far as it names them, and None for a repeat removes its entries. Then every relevant required question without an
    answer gets a permitted one, and each optional one with the probability `optional`. Given answers are never
    changed. Warnings are avoided where that is possible. `xml` continues an earlier record, `instances` are the files
    of the form's external lists by name.

    FormError (code 'simulate.stuck') names the questions for which no permitted value was found, each with its rule in
    words; AnswerError a path the form does not have.
    """
    instance = Instance(form, now=now, xml=xml, instances=instances, random=rng)
    give(instance, answers)
    return Filler(instance, Guide(form), rng, given=frozenset(answers), optional=optional).run()


def simulate(
    form: Form, n: int, seed: int, now: datetime, *, instances: Mapping[str, str] | None = None, rounds: int = 1
) -> Iterator[Submission]:
    """`n` records that obey the form, each ended at `now`. Equal arguments give equal records, ids included.

    `now` carries its zone. About two in three optional questions are answered, repeats have up to three entries,
    unless hints say otherwise; no two records are about the same person. With `rounds` each of the `n` is asked again
    some months later (`intake.simulation.rounds`): round after round, the last at `now`, n * rounds records in all.
    FormError as `fill`, when a record cannot be made after several attempts, and for hints that are wrong.
    """
    guide, taken = Guide(form), set[str]()
    for number in range(n):
        stuck: tuple[Problem, ...] = ()
        for attempt in range(ATTEMPTS):
            again = f"/{attempt}" if attempt else ""
            rng = random.Random(f"{seed}/{form.id}/{number}{again}")  # noqa: S311 - synthetic data, no secret
            try:
                made = list(_person(guide, number, rng, now, instances, rounds, taken))
            except FormError as error:
                if error.code != "simulate.stuck" or attempt == ATTEMPTS - 1 or error.problems == stuck:
                    raise  # twice stuck at the same questions is no bad luck
                stuck = error.problems
            else:
                break
        taken.update(each.subject for each in made if each.subject)
        yield from made


def _person(
    guide: Guide,
    number: int,
    rng: random.Random,
    now: datetime,
    instances: Mapping[str, str] | None,
    rounds: int,
    taken: Set[str],
) -> Iterator[Submission]:
    """The records of one person, round after round."""
    form, before = guide.form, None
    whose = subject_of(form)
    for moment in round_times(now, rounds, rng):
        instance = Instance(form, now=moment, instances=instances, random=rng)
        filler = Filler(instance, guide, rng, number=number, optional=OPTIONAL)
        if before is None:
            filler.forbidden = {whose: taken} if whose else {}
        else:
            following(filler, before)
        filler.draw()
        add_entries(filler)
        name = f"uuid:{uuid.UUID(int=rng.getrandbits(128), version=4)}"
        before = filler.run()
        yield submit(before, name, started=moment, ended=moment, author="simulate")


def submit(instance: Instance, name: str, *, started: datetime, ended: datetime, author: str) -> Submission:
    """A filled instance as a submission with a given id ('uuid:…'), so that a seed gives the same records again."""
    from intake.submission import submission_from_instance

    made = submission_from_instance(instance, author=author, started=started, ended=ended)
    record = {key: name if key.endswith("/instanceID") else value for key, value in made.record.items()}
    return replace(made, id=name, record=record)
