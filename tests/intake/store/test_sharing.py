"""`lotsenbuch store push` and `store audit`: ids and random subjects only, and exit codes that tell what is left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from intake.publishing import publish
from intake.study import create_study, open_study
from intake.submission import Submission
from scenario.cases import CASE, answer, desk, send
from scenario.commands import run
from scenario.interview import workbook

PERSON = "P-424242"
TOWNS = {"08235007": "Althengstett"}


def record(study: Path, person: str, **given: str) -> str:
    """Hand in a record in a study; its id."""
    with open_study(study).store() as store:
        session = desk(store).begin("aufnahme")
        answer(session, gemeinde="08235007", person=person, **given)
        assert send(session, "submit")["type"] == "submitted"
        return store.entries()[-1].submission


def correct(study: Path, submission: str, author: str, **given: str) -> None:
    with open_study(study).store() as store:
        here = desk(store, author)
        session = here.resume(here.revise(submission, "late"))
        answer(session, **given)
        assert send(session, "submit")["type"] == "submitted"


@pytest.fixture
def where(tmp_path: Path) -> Path:
    """Two studies: `unterwegs`, in which a form is published, and `zentrale`, which its study.toml names."""
    for name in ("unterwegs", "zentrale"):
        create_study(tmp_path / name, municipalities=TOWNS)
    with open_study(tmp_path / "unterwegs").store() as store:
        publish(store, workbook(tmp_path, CASE.format(pseudonym="general", number="general"), "aufnahme.md"))
    settings = tmp_path / "unterwegs" / "study.toml"
    settings.write_text(f'home = "../zentrale"\n{settings.read_text(encoding="utf-8")}', encoding="utf-8")
    return tmp_path


def versions(study: Path, submission: str) -> list[Submission]:
    with open_study(study).store() as store:
        return store.history(submission)


def test_a_visit_is_brought_home_and_a_conflict_waits_for_a_decision(where: Path) -> None:
    first = record(where / "unterwegs", PERSON, name="Layla Geheim", alter="30")
    done = run("lotsenbuch store push --study unterwegs", where)
    assert (done.code, done.err) == (0, "")
    assert "Fassungen übertragen: 1," in done.out
    correct(where / "unterwegs", first, "a", alter="31")
    correct(where / "zentrale", first, "b", alter="32")
    done = run("lotsenbuch store push --study unterwegs", where)
    assert done.code == 1
    assert f"Nicht übertragen: {first}, Fassung 2" in done.out
    assert "--mine" in done.out
    told = json.loads(run("lotsenbuch store push --study unterwegs --json", where).out)
    assert [(each["submission"], each["why"]) for each in told["left"]] == [(first, "push.conflict")]
    assert told["left"][0]["here"] <= told["left"][0]["there"]
    for text in (done.out, json.dumps(told)):
        assert PERSON not in text
        assert "Geheim" not in text
    assert run(f"lotsenbuch store push --study unterwegs --mine {first}", where).code == 0
    assert [each.record["/data/alter"] for each in versions(where / "zentrale", first)] == ["30", "32", "31"]
    assert run("lotsenbuch store push --study unterwegs", where).code == 0


def test_who_saw_what_is_told_with_random_subjects(where: Path) -> None:
    first = record(where / "unterwegs", PERSON, name="Layla Geheim")
    assert "Keine Einträge." in run("lotsenbuch store audit --study unterwegs", where).out
    correct(where / "unterwegs", first, "a", alter="31")
    with open_study(where / "unterwegs").store() as store:
        subject, login = store.subject_of(PERSON), store.login.name
    done = run("lotsenbuch store audit --study unterwegs", where)
    assert (done.code, done.err) == (0, "")
    assert f"{login}  {subject}  im Gespräch geöffnet" in done.out
    assert PERSON not in done.out
    (line,) = json.loads(run(f"lotsenbuch store audit --person {PERSON} --json --study unterwegs", where).out)
    assert (line["kind"], line["view"], line["subject"], line["municipality"]) == (
        "access", "interview", subject, "08235007",
    )  # fmt: skip
    assert run("lotsenbuch store audit --since 2999-01-01 --json --study unterwegs", where).out.strip() == "[]"
    unknown = run("lotsenbuch store audit --person P-000000 --study unterwegs", where)
    assert (unknown.code, "P-000000" in unknown.out + unknown.err) == (2, False)
    assert run("lotsenbuch store audit --since gestern --study unterwegs", where).code == 2


def test_a_password_stands_in_no_argument_and_no_file(where: Path) -> None:
    for address in ("postgresql://a:geheim@host/db", "postgresql://host/db?password=geheim"):
        done = run(f"lotsenbuch store push --study unterwegs --to '{address}'", where)
        assert done.code == 2
        assert "geheim" not in done.out + done.err
    settings = where / "unterwegs" / "study.toml"
    text = settings.read_text(encoding="utf-8").replace("../zentrale", "postgresql://a:geheim@host/db")
    settings.write_text(text, encoding="utf-8")
    done = run("lotsenbuch store audit --study unterwegs", where)
    assert done.code != 0
    assert "geheim" not in done.out + done.err
    assert run("lotsenbuch store push --study zentrale", where).code == 2  # names no home
