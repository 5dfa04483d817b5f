"""`lotsenbuch store erase|withdraw|restrict|retention` and `register`: nothing goes that was not confirmed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from intake.study import Study
from scenario.commands import run
from scenario.lives import interview, left, study_of


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = study_of(tmp_path / "demo")
    with made.store() as store:
        for person in ("P-000001", "P-000002"):
            interview(store, person)
        left(store, "P-000001", "2022-08-01")
    return made


def persons(study: Study) -> set[str]:
    with study.store() as store:
        return {each.subject for each in store.submissions()}


def test_an_erasure_wants_the_pseudonym_typed_and_says_what_remains(study: Study, tmp_path: Path) -> None:
    line = 'lotsenbuch store erase P-000001 --reason "Antrag" --study demo'
    assert run("lotsenbuch store backup s.lbb --study demo", tmp_path).code == 0
    refused = run(line, tmp_path, typed="P-000002\n")
    assert (refused.code, "Nicht bestätigt" in refused.err, persons(study)) == (2, True, {"P-000001", "P-000002"})
    done = run(line, tmp_path, typed="P-000001\n")
    assert done.code == 0, done.err
    assert "1 frühere Sicherungen" in done.out
    assert persons(study) == {"P-000002"}
    again = run(f"{line} --yes", tmp_path)
    assert (again.code, "P-000001" in again.err) == (1, False)
    empty = run('lotsenbuch store erase P-000002 --reason " " --yes --study demo', tmp_path)
    assert (empty.code, persons(study)) == (2, {"P-000002"})


def test_a_withdrawal_takes_the_special_answers_only(study: Study, tmp_path: Path) -> None:
    done = run('lotsenbuch store withdraw P-000002 --reason "Widerruf" --yes --study demo', tmp_path)
    assert done.code == 0, done.err
    with study.store() as store:
        (found,) = [each for each in store.submissions() if each.subject == "P-000002"]
    assert found.unread == ("special",)
    assert found.record["/data/person/name"] == "Zuname 02"


@pytest.mark.usefixtures("study")
def test_a_restriction_is_set_and_lifted(tmp_path: Path) -> None:
    line = 'lotsenbuch store restrict P-000002 --reason "Antrag" --study demo'
    assert [run(line, tmp_path).code, run(line, tmp_path).code, run(f"{line} --lift", tmp_path).code] == [0, 1, 0]


def test_a_retention_run_without_a_second_person_wants_the_number_typed(study: Study, tmp_path: Path) -> None:
    unknown = run("lotsenbuch store retention --dry-run --study demo", tmp_path)
    assert (unknown.code != 0, "[retention]" in unknown.err) == (True, True)
    (study.dir / "study.toml").write_text(
        (study.dir / "study.toml").read_text("utf-8") + "\n[retention]\nfall = 12\nidentitaet = 12\n", "utf-8"
    )
    tried = run("lotsenbuch store retention --dry-run --study demo --json", tmp_path)
    assert [each["person"] for each in json.loads(tried.out)] == ["P-000001"]
    assert persons(study) == {"P-000001", "P-000002"}
    both = run("lotsenbuch store retention --dry-run --confirm X --study demo", tmp_path)
    assert both.code == 2
    line = "lotsenbuch store retention --confirm niemand --study demo"
    assert (run(line, tmp_path, typed="7\n").code, persons(study)) == (2, {"P-000001", "P-000002"})
    done = run(line, tmp_path, typed="1\n")
    assert done.code == 0, done.err
    assert "nur einen Zugang" in done.err
    assert persons(study) == {"P-000002"}


def test_a_second_person_confirms_with_a_way_of_their_own(study: Study, tmp_path: Path) -> None:
    (study.dir / "study.toml").write_text(
        (study.dir / "study.toml").read_text("utf-8") + "\n[retention]\nfall = 12\nidentitaet = 12\n", "utf-8"
    )
    words = "vier Wörter am Montag"
    added = run(
        "lotsenbuch store login add Vertretung --way passphrase --new-passphrase-descriptor 0 --study demo",
        tmp_path, typed=words,
    )  # fmt: skip
    assert added.code == 0, added.err
    line = "lotsenbuch store retention --confirm Vertretung --confirm-descriptor 0 --study demo"
    wrong = run(line, tmp_path, typed="ganz andere Wörter hier")
    assert (wrong.code, persons(study)) == (1, {"P-000001", "P-000002"})
    done = run(line, tmp_path, typed=words)
    assert done.code == 0, done.err
    assert persons(study) == {"P-000002"}
    with study.store() as store:
        (event,) = store.events(kinds=["review"])
        second = next(login for login in store.logins() if login.name == "Vertretung")
        assert store.detail(event.number) == {"persons": "1", "confirmed": second.id}


@pytest.mark.usefixtures("study")
def test_the_register_comes_in_three_kinds(tmp_path: Path) -> None:
    for name in ("v.html", "v.md", "v.json"):
        done = run(f"lotsenbuch register --out {name} --study demo", tmp_path)
        assert done.code == 0, done.err
        assert "Gemeinde" in (tmp_path / name).read_text("utf-8")
    assert run("lotsenbuch register --out v.pdf --study demo", tmp_path).code == 2
    assert run("lotsenbuch register --out v.md --study demo", tmp_path).code == 2
