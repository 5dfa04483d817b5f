"""The doctor finds each thing that is planted, says it with its remedy, and is green where all is well."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from intake.publishing import publish_all
from intake.store import anchors, erasures
from intake.store.admission import admitted
from intake.store.backup import make_backup
from intake.store.bringing import Brought
from intake.store.doctor import GREEN, RED, YELLOW, examine, light_of
from intake.store.restoring import drill
from intake.study import Study, create_study
from scenario.stores import past_the_store, submission
from validation.messages import catalogue

TOWNS = {"08235007": "Althengstett"}


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = create_study(tmp_path / "study", municipalities=TOWNS)
    with made.store() as store:
        (form, *_) = publish_all(made, store)
        store.append(submission(form=form))
    return made


def lights(study: Study, *, now: datetime | None = None) -> dict[str, tuple[str, str]]:
    return {each.check: (each.light, each.state) for each in examine(study, now=now)}


def given(study: Study) -> Brought:
    return Brought(key_file=study.key_path)


def test_a_new_store_lacks_backup_anchor_recovery_key_and_a_second_person(study: Study) -> None:
    found = lights(study)
    assert found["backup"] == (RED, "none")
    assert {check for check, (light, _) in found.items() if light == YELLOW} == {"recovery", "people", "key", "anchor"}
    assert light_of(examine(study)) == RED


def test_a_store_that_is_looked_after_is_green(study: Study, tmp_path: Path) -> None:
    with admitted(study.store_path, given(study)) as desk:
        desk.add_recovery(label="Tresor")
        _, second = desk.add_login("Vertretung", "manager")
        desk.add_key_file(tmp_path / "zweiter.key", label="zweiter", unlocked=second)
    make_backup(study.store_path, given(study), tmp_path / "b")
    drill(tmp_path / "b", study.store_path, lambda _: given(study))
    with study.store() as store:
        made = store.anchor()
        anchors.append(anchors.list_of(study.store_path), made)
        store.note("anchor", about=anchors.short_of(made))
    found = lights(study)
    assert {check for check, (light, _) in found.items() if light != GREEN} == {"key"}
    later = lights(study, now=datetime.now(UTC) + timedelta(days=10))
    assert later["backup"] == (YELLOW, "soon")
    much_later = lights(study, now=datetime.now(UTC) + timedelta(days=400))
    assert [much_later[check] for check in ("backup", "drill", "anchor")] == [
        (RED, "late"), (YELLOW, "yellow"), (YELLOW, "yellow"),
    ]  # fmt: skip


def test_rights_leftovers_clock_and_drafts_are_seen(study: Study) -> None:
    with study.store() as store:
        store.erase("P-000001", reason="Art. 17")
    erasures.list_of(study.store_path).chmod(0o644)
    (study.dir / ".store.db.1234.new").touch()
    with study.store() as store:
        store.journal.start(store.forms()[0].hash, "08235007", "müller", "de")
    found = lights(study)
    assert found["rights"] == (RED, "red")
    assert found["leftovers"] == (YELLOW, "yellow")
    assert lights(study, now=datetime(2020, 1, 1, tzinfo=UTC))["clock"] == (RED, "red")
    assert lights(study, now=datetime.now(UTC) + timedelta(days=40))["drafts"] == (YELLOW, "yellow")


def test_a_changed_past_a_damaged_anchor_and_a_store_that_does_not_open_are_red(study: Study) -> None:
    from intake.store.opening import connect_sqlite

    connection, unlocked = connect_sqlite(study.store_path, given(study), create=False, wait=5.0)
    connection.close()
    with past_the_store(study.store_path, unlocked.database) as raw:
        raw.execute("DROP TRIGGER event_no_update")
        raw.execute("UPDATE event SET received = '2020-01-01T00:00:00.000000+00:00' WHERE number = 1")
    anchors.list_of(study.store_path).write_text("kein Anker\n")
    found = lights(study)
    assert (found["chain"], found["anchors"]) == ((RED, "red"), (RED, "red"))
    study.store_path.write_bytes(os.urandom(8192))
    assert lights(study)["open"] == (RED, "red")
    study.key_path.chmod(0o644)
    assert lights(study)["rights"] == (RED, "red")


def test_a_demo_need_not_be_backed_up(study: Study) -> None:
    from dataclasses import replace

    assert lights(replace(study, demo=True))["backup"] == (YELLOW, "none")


def test_every_sentence_that_is_not_green_tells_what_to_do() -> None:
    sentences = {code: said for code, said in catalogue().items() if code.startswith("doctor.")}
    assert len(sentences) > 30
    for code, said in sentences.items():
        assert set(said) == {"de", "en"}, code
        if not code.endswith(("_green", "open_red")):
            assert sum(map(said["de"].count, ".:;")) > 1, code
