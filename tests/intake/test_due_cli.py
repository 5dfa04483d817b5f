"""`lotsenbuch due` as a person types it: by owner and day, as JSON, as a calendar file for its owner alone."""

from __future__ import annotations

import json
import shlex
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from intake.deadlines import COLUMNS, FILE
from intake.publishing import publish
from intake.study import create_study, open_study
from reports.cli import main
from scenario.calendars import read_calendar
from scenario.commands import Done
from scenario.dated import CASE, OTHER, TOWN, put
from scenario.interview import workbook

Desk = Callable[[str], Done]
ROWS = f"""{",".join(COLUMNS)}
termin,aufnahme,appointment,${{termin}},,true(),30,${{zustaendig}},Nächster Termin,Next appointment
ziel,aufnahme-ziel,due,${{faellig}},,${{stand}} != 'reached',30,'',Ziel fällig,Goal due
fehlt,gibtesnicht,due,${{tag}},,true(),30,'',Frist einer fremden Tabelle,Deadline of a foreign table
"""


@pytest.fixture(scope="module")
def studie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("due")
    study = create_study(where / "studie", municipalities={TOWN: "Althengstett", OTHER: "Schönhöfen"})
    (study.dir / FILE).write_text(ROWS, encoding="utf-8")
    with study.store() as store:
        publish(store, workbook(where, CASE, "aufnahme.md"))
        goal = {"faellig": "2020-02-01", "stand": "running"}
        put(store, "aufnahme", "P-1", fallnummer="A/1", zustaendig="S-02", termin="2099-04-10", goals=(goal,))
        put(store, "aufnahme", "P-2", OTHER, fallnummer="A/2", zustaendig="S-01", termin="2020-01-31")
    return study.dir


@pytest.fixture
def desk(studie: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """`lotsenbuch due …` on the study, in this process."""

    def due(line: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["lotsenbuch", "due", *shlex.split(line), "--study", str(studie)])
        monkeypatch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return Done(int(end.value.code or 0), said.out, said.err)

    return due


def test_by_owner_and_day_and_what_was_not_looked_at(desk: Desk) -> None:
    done = desk("--until 2099-12-31")
    assert done.code == 0
    assert done.out.splitlines() == [
        "S-01",
        "  überfällig seit 31.01.2020: Nächster Termin (A/2)",
        "S-02",
        "  am 10.04.2099: Nächster Termin – Feiertag: Karfreitag (A/1)",
        "niemandem zugeordnet",
        "  überfällig seit 01.02.2020: Ziel fällig (A/1)",
        "Einträge: 3, davon überfällig: 2.",
    ]
    assert "Nicht geprüft: Frist einer fremden Tabelle (die Studie hat keine Tabelle gibtesnicht)." in done.err


def test_json_english_and_one_municipality(desk: Desk) -> None:
    (only,) = json.loads(desk(f"--municipality {OTHER} --json --language en").out)
    assert (only["number"], only["message"], only["state"], only["day"]) == (
        "A/2", "Next appointment", "overdue", "2020-01-31",
    )  # fmt: skip


def test_a_calendar_file_for_its_owner_alone_and_noted_in_the_store(desk: Desk, studie: Path, tmp_path: Path) -> None:
    target = tmp_path / "fristen.ics"
    done = desk(f"--until 2099-12-31 --ics {target}")
    assert done.code == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    events = read_calendar(target.read_bytes()).parts
    assert [event.said["DTSTART"] for event in events] == ["20200131", "20200201", "20990410"]
    first = [event.said["UID"] for event in events]
    refused = desk(f"--ics {target}")
    assert (refused.code, "fristen.ics" in refused.err) == (2, True), "nothing is written over"
    target.unlink()
    desk(f"--until 2099-12-31 --ics {target}")
    assert [event.said["UID"] for event in read_calendar(target.read_bytes()).parts] == first
    with open_study(studie).store() as store:
        assert [event.about for event in store.events(kinds=["export"])] == ["calendar", "calendar"]
    assert "bitte nicht weitergeben" in done.out


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--until morgen", "„morgen“ ist kein Tag"),
        ("--municipality 00000000", "gehört nicht zu dieser Studie"),
        ("--language fr", "fr"),
        ("--ics {study}/study.toml", "study.toml"),
    ],
)
def test_bad_input_is_refused_and_changes_nothing(desk: Desk, studie: Path, line: str, says: str) -> None:
    before = (studie / "study.toml").read_bytes()
    done = desk(line.format(study=studie))
    assert done.code == 2
    assert says in done.err
    assert (studie / "study.toml").read_bytes() == before
