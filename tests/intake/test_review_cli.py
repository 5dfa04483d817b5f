"""The commands of the quality workflow as a person types them: what they print, what they keep, how they refuse."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from intake.study import open_study
from reports.cli import main
from scenario.commands import Done
from scenario.mending import SECRET, faulty_study

Desk = Callable[[str], Done]


@pytest.fixture(scope="module")
def studie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return faulty_study(tmp_path_factory.mktemp("desk") / "studie").dir


@pytest.fixture
def desk(studie: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """`lotsenbuch review …` on the study, in this process."""

    def review(line: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["lotsenbuch", "review", *shlex.split(line), "--study", str(studie)])
        monkeypatch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return Done(int(end.value.code or 0), said.out, said.err)

    return review


def test_from_the_list_over_an_answer_to_its_end(desk: Desk) -> None:
    listed = desk("list")
    assert listed.code == 0
    number, *_ = listed.out.split()
    assert "beantwortet" in listed.out
    assert "Tag des Gesprächs: Die Antwort passt nicht zu den Regeln des Formulars; bitte prüfen." in listed.out
    assert "Offene Rückfragen: 1." in listed.out
    assert SECRET not in listed.out
    shown = desk(f"show {number}")
    assert SECRET in shown.out, "who may open it reads what was written"
    assert desk(f'answer {number} --text "Ist angefragt"').code == 0
    told = json.loads(desk("list --json").out)
    assert [(each["number"], each["case"], each["answers"]) for each in told] == [(int(number), "F-1", 2)]
    assert desk(f'close {number} --reason "Stimmt so"').code == 0
    again = desk("update --json")
    assert len(json.loads(again.out)["opened"]) == 1, "what was settled rests; the waiver has ended"
    everything = json.loads(desk("list --all --json").out)
    assert sorted(each["how"] for each in everything) == ["", "corrected", "corrected", "settled", "waived"]
    assert SECRET not in json.dumps(everything)


def test_locks_are_listed_and_lifted(desk: Desk) -> None:
    period = "--municipality 08235007 --from 2026-01-01 --to 2026-03-31"
    for line in ("lock P-000001", f"lock {period}"):
        assert desk(f"{line}").code == 0
    listed = desk("list").out
    assert "Gesperrte Fälle: 1." in listed
    assert "Gesperrt: 08235007, Eingang vom 2026-01-01 bis 2026-03-31." in listed
    for line in ("unlock P-000001", f"unlock {period}"):
        assert desk(f"{line}").code == 0
    assert "Gesperrt" not in desk("list").out


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("show 99999", 2, "99999"),
        ("answer eins --text x", 2, "keine Nummer"),
        ("waive 1 --reason x --until morgen", 2, "kein Tag"),
        ("list --owner chef", 2, "manager, team, evaluator"),
        ("lock", 2, "entweder eine Person"),
        ("lock P-000001 --municipality 08235007", 2, "entweder eine Person"),
        ("unlock P-000002", 2, "Diese Sperre gibt es nicht"),
        ("lock P-999999", 1, ""),
    ],
)
def test_bad_input_is_refused_in_one_sentence_and_changes_nothing(
    desk: Desk, studie: Path, line: str, code: int, says: str
) -> None:
    with open_study(studie).store() as store:
        before = [event.number for event in store.events()]
    done = desk(f"{line}")
    assert done.code == code, (done.out, done.err)
    assert says in done.err
    assert "Traceback" not in done.err
    with open_study(studie).store() as store:
        assert [event.number for event in store.events()] == before
