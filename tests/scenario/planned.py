"""A study with a family that has a plan: a first interview, and follow-ups that change it."""

from __future__ import annotations

import functools
import random
import shutil
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from intake.entities import entity_lists, read_entities
from intake.simulate import fill, submit
from intake.store import Store
from intake.study import Study, open_study
from intake.submission import Submission
from reports.plan.making import print_plan
from reports.plan.state import read_once
from scenario.lives import study_of
from scenario.shipped import FAMILY

ZONE = ZoneInfo("Europe/Berlin")
PERSON = "P-000217"
RELEASED = {"fall__schweigepflicht": "jc therapie aa", "fall__schweigepflicht_bis": "2099-12-31"}
LATER = {
    "/data/fall/anlass": "turnus",
    "/data/veraenderung/sprache/deutsch_gesamt": "b1",
    "/data/ziele/ziel[1]/stand": "reached",
    "/data/ziele/ziel[1]/erreicht_am": "2026-08-01",
    "/data/ziele/ziel[2]/stand": "postponed",
    "/data/ziele/ziel[2]/faellig": "2027-02-01",
    "/data/ziele/neue_ziele": "1",
    "/data/ziele/ziel[3]/handlungsfeld": "arb",
    "/data/ziele/ziel[3]/ziel": "Frau Al-Hassan arbeitet in einer Apotheke.",
    "/data/ziele/ziel[3]/verantwortlich": "person",
    "/data/ziele/ziel[3]/stelle": "jc",
    "/data/ziele/ziel[3]/systembarriere": "Es gibt keinen Anpassungslehrgang im Kreis.",
    "/data/abschluss/naechster_termin": "2026-10-01",
}
HELD = datetime(2026, 3, 2, 10, 20, tzinfo=ZONE)


@functools.cache
def _kept() -> tempfile.TemporaryDirectory[str]:
    """Made once for all tests of a process."""
    made = tempfile.TemporaryDirectory(prefix="lotsenbuch-planned-")
    study = study_of(Path(made.name) / "study")
    with study.store() as store:
        first(store, **RELEASED)
        print_plan(study, PERSON, record=True, output=Path(made.name))
        follow_up(store, LATER)
    return made


def planned(directory: Path) -> Study:
    """A study of one's own with the family in it: a first interview, the plan of that day kept, a follow-up since."""
    return open_study(Path(shutil.copytree(Path(_kept().name) / "study", directory / "study")))


def first(store: Store, person: str = PERSON, **more: str) -> Submission:
    """The first interview of a person, kept. `more` are answers: section__question."""
    own = dict.fromkeys(("/data/fall/person", "/data/fall/plan_kopf"), person)
    said = {f"/data/{name.replace('__', '/')}": text for name, text in more.items()}
    made = _made(store, "erstgespraech", {**FAMILY, **own, **said}, HELD, {})
    store.append(made)
    return made


def follow_up(store: Store, answers: Mapping[str, str], person: str = PERSON, days: int = 180) -> Submission:
    """A follow-up of a person so many days after the first interview, kept."""
    form = read_once(_form(store, "fortschreibung"))
    known = read_entities(store, lambda name: read_once(store.form(name).xform), person=person)
    lists = entity_lists(form, known, person=person)
    day = HELD + timedelta(days=days)
    said = {
        "/data/fall/gemeinde": "08235007", "/data/fall/zustaendig": "S-01", "/data/fall/person": person,
        "/data/fall/datum": f"{day:%Y-%m-%d}", **answers,
    }  # fmt: skip
    made = _made(store, "fortschreibung", said, day, lists)
    store.append(made)
    return made


def corrected(store: Store, old: Submission, said: Mapping[str, str], reason: str = "typo") -> None:
    """A new version of a record with other answers."""
    store.append(replace(old, record={**old.record, **said}, version=old.version + 1, reason=reason))


def _made(
    store: Store, form_id: str, answers: Mapping[str, str], moment: datetime, lists: Mapping[str, str]
) -> Submission:
    form = read_once(_form(store, form_id))
    rng = random.Random(f"{form_id}/{moment}/{answers['/data/fall/person']}")
    held = fill(form, answers, rng=rng, now=moment, instances=lists)
    name = f"uuid:{uuid.UUID(int=rng.getrandbits(128), version=4)}"
    return submit(held, name, started=moment - timedelta(minutes=50), ended=moment, author="Erika Muster")


def _form(store: Store, form_id: str) -> str:
    return next(each.xform for each in reversed(store.forms()) if each.form_id == form_id)
