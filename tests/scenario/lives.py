"""A study of the shipped forms with a few people in it: who came, who left when, what was agreed and said last."""

from __future__ import annotations

import functools
import itertools
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from intake.publishing import PublishedForm, publish_all
from intake.store import Store
from intake.study import Study, create_study, open_study
from intake.submission import Record, Submission

TOWN, OTHER = "08235007", "08999001"
TOWNS = {TOWN: "Althengstett", OTHER: "Schönhöfen"}
BEGUN = datetime(2022, 6, 1, 12, tzinfo=UTC)
_ids = itertools.count(1)


@functools.cache
def _published() -> tempfile.TemporaryDirectory[str]:
    """Made once for all tests of a process: publishing takes a second."""
    made = tempfile.TemporaryDirectory(prefix="lotsenbuch-lives-")
    study = create_study(Path(made.name) / "study", municipalities=TOWNS)
    with study.store() as store:
        publish_all(study, store)
    return made


def study_of(directory: Path) -> Study:
    """An empty study of one's own with every shipped form published."""
    return open_study(Path(shutil.copytree(Path(_published().name) / "study", directory)))


def forms_of(store: Store) -> Mapping[str, PublishedForm]:
    return {form.form_id: form for form in store.forms()}


def interview(store: Store, person: str, *, came: str = "2022-01-10", town: str = TOWN, **more: object) -> Submission:
    """A first interview with a name, a next appointment and two goals, one of them reached. Keys: section__question."""
    goals: list[Record] = [
        _goal("Deutschprüfung A2 bestanden", "running", "Kurs suchen", "2022-12-01"),
        _goal("Kita gefunden", "reached", "Anmelden", "2022-07-01"),
    ]
    record: Record = {
        "/data/fall/gemeinde": town,
        "/data/fall/person": person,
        "/data/fall/datum": "2022-06-01",
        "/data/fall/fallnummer": f"{town}-{person}-202206",
        "/data/person/name": f"Zuname {person[-2:]}",
        "/data/person/telefon": "07051 123456",
        "/data/aufenthalt/zuweisung": came,
        "/data/gesundheit/trauma_hinweis": "ja",
        "/data/ziele/ziel": goals,
        "/data/abschluss/naechster_termin": "2022-09-15",
    }
    return _kept(store, "erstgespraech", person, town, record, more)


def misfiled(store: Store, mistaken: str, meant: str) -> Submission:
    """A first interview that was filed under one person and corrected to be about another."""
    first = interview(store, mistaken, person__name=f"Zuname {meant[-2:]}")
    number = str(first.record["/data/fall/fallnummer"]).replace(mistaken, meant)
    record = {**first.record, "/data/fall/person": meant, "/data/fall/fallnummer": number}
    corrected = replace(first, subject=meant, version=2, reason="typo", record=record)
    store.append(corrected)
    return corrected


def talk(store: Store, person: str, day: str, *, town: str = TOWN, **more: object) -> Submission:
    record: Record = {
        "/data/fall/gemeinde": town, "/data/fall/person": person, "/data/kontakt/datum": day,
        "/data/kontakt/kanal": "buero", "/data/kontakt/themen": "wohnen",
    }  # fmt: skip
    return _kept(store, "kontakt", person, town, record, more)


def left(store: Store, person: str, day: str, *, town: str = TOWN, **more: object) -> Submission:
    record: Record = {"/data/fall/gemeinde": town, "/data/fall/person": person, "/data/austritt/datum": day}
    return _kept(store, "austritt", person, town, record, more)


def _goal(text: str, state: str, step: str, due: str) -> Record:
    names = {"ziel": text, "stand": state, "massnahme": step, "faellig": due, "handlungsfeld": "spr"}
    return {f"/data/ziele/ziel/{name}": said for name, said in names.items()}


def _kept(store: Store, form_id: str, person: str, town: str, record: Record, more: Mapping[str, object]) -> Submission:
    form = forms_of(store)[form_id]
    for name, said in more.items():
        record[f"/data/{name.replace('__', '/', 1)}"] = str(said)
    made = Submission(
        id=f"uuid:{next(_ids):08d}-0000-4000-8000-000000000000",
        form_id=form_id,
        form_version=form.version,
        form_hash=form.hash,
        municipality=town,
        subject=person,
        record=record,
        started=BEGUN,
        ended=BEGUN + timedelta(minutes=40),
        author="müller",
    )
    store.append(made)
    return made
