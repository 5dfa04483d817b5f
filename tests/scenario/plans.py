"""Plans of the demo for tests: a part of the small one, and small Kreise, with the forms that fit them."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from functools import cache
from pathlib import Path

from intake.demonstration.district import plan_district
from intake.demonstration.making import FORMS
from intake.demonstration.towns import write_towns
from intake.population import Population
from intake.xlsform import read_xlsform
from validation.form import Form

DATA = Path(__file__).parents[2] / "data"


def some(population: Population, households: int = 12) -> Population:
    """A part of a plan: every so many households, with the accommodations and posts of all."""
    wanted = {(person.municipality, person.household) for person in population.people}
    kept = set(itertools.islice(sorted(wanted), 0, None, max(1, len(wanted) // households)))
    people = tuple(each for each in population.people if (each.municipality, each.household) in kept)
    return Population(population.seed, people, population.sites, population.posts)


@cache
def kreis(persons: int = 60, municipalities: int = 4, seed: int = 2022) -> Population:
    """A small Kreis."""
    return plan_district(persons, municipalities, seed)


@cache
def shipped_forms() -> dict[str, Form]:
    """The shipped forms by id."""
    return {name: read_xlsform(DATA / "forms" / f"{name}.md") for name in FORMS}


@cache
def forms_of(persons: int = 60, municipalities: int = 4) -> dict[str, Form]:
    """The shipped forms by id, with the towns of a Kreis in their list."""
    with tempfile.TemporaryDirectory() as made:
        study = Path(made)
        for name in ("forms", "lists"):
            shutil.copytree(DATA / name, study / name)
        shutil.copy(DATA / "municipalities.csv", study)
        write_towns(study, kreis(persons, municipalities))
        return {name: read_xlsform(study / "forms" / f"{name}.md") for name in FORMS}
