"""`lotsenbuch store backup|restore|anchor|verify|doctor`: what is said, what is written, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from intake.store.admission import admitted
from intake.store.bringing import Brought
from intake.store.opening import connect_sqlite
from intake.store.ways import Secret
from intake.study import Study
from scenario.commands import run
from scenario.lives import interview, study_of
from scenario.stores import past_the_store


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = study_of(tmp_path / "demo")
    with made.store() as store:
        interview(store, "P-000001")
    return made


def test_a_store_is_backed_up_tried_lost_and_put_back(study: Study, tmp_path: Path) -> None:
    done = run("lotsenbuch store backup s.lbb --study demo --json", tmp_path)
    assert (done.code, json.loads(done.out)["events"], json.loads(done.out)["breaks"]) == (0, 1, [])
    again = run("lotsenbuch store backup s.lbb --study demo", tmp_path)
    assert (again.code, "überschreibt nichts" in again.err) == (1, True)
    tried = run("lotsenbuch store restore s.lbb --drill --study demo", tmp_path)
    assert (tried.code, "Probe bestanden" in tried.out) == (0, True)
    wrong = run("lotsenbuch store restore s.lbb --drill --replace --study demo", tmp_path)
    assert wrong.code == 2
    study.store_path.unlink()
    put_back = run("lotsenbuch store restore s.lbb --study demo --json", tmp_path)
    assert (put_back.code, json.loads(put_back.out)["submissions"]) == (0, 1)
    with study.store() as store:
        assert [each.subject for each in store.submissions()] == ["P-000001"]
        assert [each.about.split()[0] for each in store.events(kinds=["backup"])] == ["restored"]


@pytest.mark.usefixtures("study")
def test_a_passphrase_by_a_descriptor_opens_a_backup_on_another_computer(tmp_path: Path) -> None:
    words = "vier Wörter am Montag"
    given = run("lotsenbuch store way add passphrase --new-passphrase-descriptor 0 --study demo", tmp_path, typed=words)
    assert given.code == 0, given.err
    assert run("lotsenbuch store backup s.lbb --study demo", tmp_path).code == 0
    elsewhere = study_of(tmp_path / "neu")
    for file in elsewhere.dir.glob("store*"):
        file.unlink()
    lost = run("lotsenbuch store restore s.lbb --study neu", tmp_path)
    assert lost.code == 1
    assert not elsewhere.store_path.exists()
    done = run("lotsenbuch store restore s.lbb --study neu --passphrase-descriptor 0", tmp_path, typed=words)
    assert done.code == 0, done.err


def test_logins_that_come_back_with_the_ways_of_then_are_told_of(study: Study, tmp_path: Path) -> None:
    words, given = "vier Wörter am Montag", Brought(key_file=study.key_path)
    with admitted(study.store_path, given) as desk:
        way = desk.add(Secret.passphrase(words), label="alt")
        _, unlocked = desk.add_login("Vertretung", "evaluator")
        desk.add_key_file(tmp_path / "vertretung.key", label="Vertretung", unlocked=unlocked)
    assert run("lotsenbuch store backup s.lbb --study demo", tmp_path).code == 0
    with admitted(study.store_path, given) as desk:
        desk.remove_login("Vertretung")
        desk.remove(way.id)
    done = run("lotsenbuch store restore s.lbb --replace --study demo --passphrase-descriptor 0", tmp_path, typed=words)
    assert done.code == 0, done.err
    with study.store() as store:
        assert "Vertretung" in {login.name for login in store.logins()}
    assert "Zugang seither beendet wurde" in " ".join(done.out.split())
    assert "lotsenbuch store login list" in " ".join(done.out.split())


def test_verify_names_the_first_bad_event_and_ends_with_1(study: Study, tmp_path: Path) -> None:
    assert run("lotsenbuch store anchor --study demo --file aussen.jsonl", tmp_path).code == 0
    good = run("lotsenbuch store verify --anchors aussen.jsonl --study demo --json", tmp_path)
    assert (good.code, json.loads(good.out)) == (0, {"ok": True, "events": 2, "anchors": 1, "breaks": []})
    connection, unlocked = connect_sqlite(study.store_path, Brought(key_file=study.key_path), create=False, wait=5.0)
    connection.close()
    with past_the_store(study.store_path, unlocked.database) as raw:
        raw.execute("DROP TRIGGER event_no_update")
        raw.execute("UPDATE event SET actor = 'x' WHERE number = 1")
    bad = run("lotsenbuch store verify --anchors aussen.jsonl --study demo", tmp_path)
    assert bad.code == 1
    assert bad.out.splitlines()[0] == "Ereignis 1 (Althengstett, Platz 1): Die Angaben zum Ereignis wurden verändert."
    ill = run("lotsenbuch store doctor --study demo --json", tmp_path)
    told = json.loads(ill.out)
    assert (ill.code, told["light"]) == (1, "red")
    assert {each["check"] for each in told["findings"] if each["light"] == "red"} == {"chain", "backup"}
    missing = run("lotsenbuch store verify --anchors none.jsonl --study demo", tmp_path)
    assert missing.code == 2
