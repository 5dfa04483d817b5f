"""What was erased stays erased when an older copy of the database comes back."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from intake.store.erasures import list_of, read
from intake.store.ring import CLASSES
from intake.submission import Submission
from scenario.stores import Clock, divided, submission
from scenario.team import Team
from validation.errors import StoreError

pytestmark = pytest.mark.postgresql

FORM = divided()


def sent(number: int, person: str) -> Submission:
    record = {"/data/a": "gut", "/data/kind": "Asthma"}
    return replace(submission(number, form=FORM, record=record), subject=person)  # type: ignore[arg-type]


def test_an_older_dump_forgets_again_when_somebody_in_office_comes_in(
    team: Team, people: dict[str, str], tmp_path: Path
) -> None:
    place, other = tmp_path / "head", tmp_path / "officer"
    with team.open(people["here"], Clock()) as here:
        here.append_many([sent(1, "P-000001"), sent(2, "P-000002"), sent(3, "P-000003")])
    with team.admin() as server:
        server.execute("CREATE SCHEMA dump")
        for table in team.tables(server):
            server.execute(f"CREATE TABLE dump.{table} AS TABLE lotsenbuch.{table}".encode())
    with team.open(people["head"], Clock(), beside=place) as head:
        head.erase("P-000001", reason="Antrag")
        head.withdraw("P-000002", reason="widerrufen")
        gone = head.erased()
    assert [(each.classes, each.subject) for each in read(list_of(place))] == [
        (classes, subject) for subject, classes, _ in gone
    ]
    assert stat.S_IMODE(list_of(place).stat().st_mode) == 0o600
    team.open(people["officer"], Clock(), beside=other).close()
    assert read(list_of(other)) == read(list_of(place)), "the officer's computer learns of it"
    team.open(people["evaluator"], Clock(), beside=tmp_path / "evaluator").close()
    assert not list_of(tmp_path / "evaluator").exists()

    team.restore("dump")
    with team.open(people["here"], Clock()) as here:
        assert here.count() == 3, "the dump is older"
    with team.open(people["officer"], Clock(), beside=other) as officer:
        again = officer.events(kinds=["erasure", "withdrawal"])
        assert [each.about for each in again] == [each.received for each in read(list_of(other))]
        assert officer.verify() == []
    with team.open(people["here"], Clock()) as here:
        assert [(each.subject, each.unread) for each in here.submissions()] == [
            ("P-000002", ("special",)), ("P-000003", ())
        ]  # fmt: skip
        assert here.history("uuid:00000001")[0].unread == CLASSES
    team.open(people["officer"], Clock(), beside=other).close()
    with team.open(people["officer"], Clock(), beside=other) as officer:
        assert len(officer.erased()) == 2, "once is enough"


def test_an_erasure_that_is_refused_is_not_listed(team: Team, people: dict[str, str], tmp_path: Path) -> None:
    with team.open(people["here"], Clock(), beside=tmp_path / "x") as here:
        here.append(sent(1, "P-000001"))
        with pytest.raises(StoreError):
            here.erase("P-000001", reason="Antrag")
    assert not list_of(tmp_path / "x").exists()


def test_a_line_of_the_list_that_nobody_vouches_for_erases_nobody(
    team: Team, people: dict[str, str], tmp_path: Path
) -> None:
    place = tmp_path / "officer"
    with team.open(people["here"], Clock()) as here:
        here.append_many([sent(1, "P-000001"), sent(2, "P-000002")])
        subject = here.subject_of("P-000002")
    with team.open(people["officer"], Clock(), beside=place) as officer:
        officer.erase("P-000001", reason="Antrag")
    (line,) = list_of(place).read_text().splitlines()
    with list_of(place).open("a") as file:
        file.write(json.dumps(json.loads(line) | {"subject": subject}) + "\n")
    with pytest.raises(StoreError) as caught:
        team.open(people["officer"], Clock(), beside=place)
    assert caught.value.code == "store.erased_list"
    list_of(place).unlink()
    team.open(people["officer"], Clock(), beside=place).close()
    assert list_of(place).read_text().splitlines() == [line]
    with team.open(people["here"], Clock()) as here:
        assert here.count() == 1
