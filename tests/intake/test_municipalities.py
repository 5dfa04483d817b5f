"""Municipalities by date: what a register changes, what stays as it was, and whom an old key belongs to now."""

from __future__ import annotations

import datetime as dt
import json
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from intake.gazetteer import Gazetteer, Unit
from intake.municipalities import Change, Loaded, Town, Towns, loaded, read_changes, read_towns, write_towns
from intake.study import create_study, open_study
from reports.cli import main
from scenario.commands import Done
from scenario.gazetteers import UNITS, fixed_width
from validation.errors import StudyError

FIRST, SECOND = dt.date(2018, 9, 30), dt.date(2026, 3, 31)
A, B, C, D = "08999001", "08999002", "08999003", "08999004"
OLD = (Town(A, "Höfen", "Musterkreis", "Musterbezirk"), Town(B, "Sommerau", "Musterkreis", "Musterbezirk"))


def register(day: dt.date, *towns: tuple[str, str]) -> Gazetteer:
    return Gazetteer(day, tuple(Unit(ags, name, "Musterkreis", "Musterbezirk") for ags, name in towns))


def twice(*towns: tuple[str, str], changes: tuple[Change, ...] = ()) -> Loaded:
    """A register with A and B first, then another."""
    before = loaded(OLD, register(FIRST, (A, "Höfen"), (B, "Sommerau")))
    return loaded(before.rows, register(SECOND, *towns), changes=changes)


def test_the_first_register_knows_of_no_beginning() -> None:
    made = loaded([Town(A, "Höfen")], register(FIRST, (A, "Höfen"), (B, "Sommerau")))
    assert [(row.ags, row.kreis, row.valid_from, row.as_of) for row in made.rows] == [
        (A, "Musterkreis", "", "2018-09-30"), (B, "Musterkreis", "", "2018-09-30"),
    ]  # fmt: skip
    assert (made.new, made.renamed, made.ended, made.total) == ((B,), (), (), 2)


def test_a_name_that_somebody_typed_is_no_name_of_another_time() -> None:
    made = loaded([Town(A, "Hoefen"), *OLD[1:]], register(FIRST, (A, "Höfen"), (B, "Sommerau")))
    assert [(row.ags, row.name, row.valid_from, row.valid_to) for row in made.rows] == [
        (A, "Höfen", "", ""), (B, "Sommerau", "", ""),
    ]  # fmt: skip


def test_the_same_again_changes_nothing() -> None:
    made = twice((A, "Höfen"), (B, "Sommerau"))
    assert (made.new, made.renamed, made.ended) == ((), (), ())
    assert loaded(made.rows, register(SECOND, (A, "Höfen"), (B, "Sommerau"))).rows == made.rows


def test_another_name_is_another_row_from_that_day_on() -> None:
    made = twice((A, "Höfen am Weiher"), (B, "Sommerau"))
    assert made.renamed == (A,)
    towns = Towns(made.rows)
    assert [getattr(towns.on(A, day), "name", "") for day in (FIRST, dt.date(2026, 3, 30), SECOND)] == [
        "Höfen", "Höfen", "Höfen am Weiher",
    ]  # fmt: skip


def test_a_municipality_that_ends_keeps_its_key_and_has_a_successor() -> None:
    merged = (Change(A, C, dt.date(2024, 1, 1)), Change(B, C, dt.date(2024, 1, 1)))
    made = twice((C, "Höfen-Sommerau"), changes=merged)
    assert (made.new, made.ended, made.total) == ((C,), (A, B), 1)
    towns = Towns(made.rows)
    assert towns.on(A, dt.date(2023, 12, 31)) is not None
    assert towns.on(A, dt.date(2024, 1, 1)) is None
    assert towns.on(C, dt.date(2023, 12, 31)) is None
    assert getattr(towns.became(A, dt.date(2024, 1, 1)), "ags", "") == C
    assert getattr(towns.became(A, FIRST), "ags", "") == A
    assert [row.ags for row in towns.predecessors(C)] == [A, B]


def test_successors_are_followed_and_a_circle_ends() -> None:
    chain = [
        Town(A, "a", valid_to="2020-12-31", successor=B),
        Town(B, "b", valid_to="2022-12-31", successor=C),
        Town(C, "c"),
    ]
    assert getattr(Towns(chain).became(A, SECOND), "ags", "") == C
    circle = [Town(A, "a", valid_to="2020-12-31", successor=B), Town(B, "b", valid_to="2020-12-31", successor=A)]
    assert Towns(circle).became(A, SECOND) is None
    assert Towns(circle).became(D, SECOND) is None


def test_without_a_table_of_changes_it_ended_before_the_register_and_nobody_says_into_what() -> None:
    ended = next(row for row in twice((A, "Höfen")).rows if row.ags == B)
    assert (ended.valid_to, ended.successor) == ("2026-03-30", "")


def test_what_is_not_asked_for_or_invented_stays() -> None:
    rows = [*OLD, Town("08111000", "Stadt"), Town("09999001", "Anderswo"), Town(D, "Erfunden", invented="yes")]
    made = loaded(rows, register(FIRST, (A, "Höfen")), areas=["08999"])
    assert made.ended == (B,)
    assert {row.ags for row in made.rows if not row.valid_to} == {A, "08111000", "09999001", D}
    assert loaded(rows[3:], register(FIRST, (A, "Höfen"))).ended == (), "a register of one Land says nothing of others"


def test_an_older_register_and_an_area_without_towns_are_refused() -> None:
    rows = twice((A, "Höfen"), (B, "Sommerau")).rows
    for code, day, areas in (("gazetteer.older", FIRST, ()), ("gazetteer.nothing_wanted", SECOND, ("05",))):
        with pytest.raises(StudyError) as refused:
            loaded(rows, register(day, (A, "Höfen")), areas=areas)
        assert refused.value.code == code


def test_a_table_of_changes_is_read_or_refused_by_line(tmp_path: Path) -> None:
    path = tmp_path / "aenderungen.csv"
    path.write_text(f"ags,successor,day\n{A},{C},2024-01-01\n", encoding="utf-8")
    assert read_changes(path) == (Change(A, C, dt.date(2024, 1, 1)),)
    for text in (f"{A},{C},01.01.2024", f"{A},,2024-01-01", f"1,{C},2024-01-01"):
        path.write_text(f"ags,successor,day\n{A},{C},2024-01-01\n{text}\n", encoding="utf-8")
        with pytest.raises(StudyError, match="3"):
            read_changes(path)


def test_both_files_are_written_or_neither(tmp_path: Path) -> None:
    study = create_study(tmp_path / "studie", municipalities={A: "Höfen"})
    before = {
        path: path.read_bytes() for path in (study.dir / "municipalities.csv", study.dir / "lists" / "gemeinde.csv")
    }
    (study.dir / "lists" / ".gemeinde.csv.new").mkdir()
    with pytest.raises(StudyError):
        write_towns(study.dir, OLD)
    (study.dir / "lists" / ".gemeinde.csv.new").rmdir()
    assert {path: path.read_bytes() for path in before} == before
    ended = Town(B, "Sommerau", valid_to="2024-12-31", successor=A)
    write_towns(study.dir, [OLD[0], ended])
    assert open_study(study.dir).municipalities == {A: "Höfen"}
    assert [row.ags for row in read_towns(study.dir / "municipalities.csv")] == [A, B]
    assert B not in (study.dir / "lists" / "gemeinde.csv").read_text(encoding="utf-8")


# --- the command

Desk = Callable[[str], Done]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """`lotsenbuch register …` on a new study, in this process."""
    study = create_study(tmp_path / "studie", municipalities={A: "Höfen am Weiher"})

    def register(line: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["lotsenbuch", "register", *shlex.split(line), "--study", str(study.dir)])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return Done(int(end.value.code or 0), said.out, said.err)

    return register


def test_a_register_is_loaded_and_the_other_register_is_still_there(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "GV100AD.txt"
    path.write_text("\n".join(fixed_width()), encoding="latin-1")
    told = json.loads(desk(f"load {path} --json").out)
    assert told == {"day": "2026-03-31", "total": 2, "new": 1, "renamed": 0, "ended": 0, "left_out": 1}
    path.write_text("\n".join(fixed_width("20270331", UNITS[:-2])), encoding="utf-8")
    done = desk(f"load {path} --area 08999")
    assert "1 beendet" in done.out
    assert desk(f"--out {tmp_path / 'verzeichnis.json'}").code == 0
    assert (tmp_path / "verzeichnis.json").exists()
    assert "register load" in desk("").err


@pytest.mark.parametrize(
    "line", ["load {file}", "load {file} --day morgen", "load {file} --changes {file}", "load fehlt.txt"]
)
def test_what_is_wrong_changes_nothing(desk: Desk, tmp_path: Path, line: str) -> None:
    path = tmp_path / "kein.txt"
    path.write_text("kein Verzeichnis", encoding="utf-8")
    before = (tmp_path / "studie" / "municipalities.csv").read_bytes()
    done = desk(line.format(file=path))
    assert done.code in (1, 2)
    assert "Traceback" not in done.err
    assert (tmp_path / "studie" / "municipalities.csv").read_bytes() == before
