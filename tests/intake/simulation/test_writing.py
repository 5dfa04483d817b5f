"""`form simulate` writes tables or lines, the same for the same seed and day, and nothing over what is there."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import orjson
import pytest

from intake.simulation.writing import write_simulated
from intake.submission import canonical
from scenario.commands import run
from scenario.faulty import FORM
from scenario.workbooks import markdown
from validation.errors import FormError, UsageError

DAY = "2026-11-20"


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    return markdown(tmp_path, FORM, "faulty.md")


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def test_tables_are_written_as_central_writes_them(workbook: Path, tmp_path: Path) -> None:
    told = write_simulated(workbook, tmp_path / "out", number=12, seed=1, rounds=2, day=DAY)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "faulty-anmerkung.csv",
        "faulty-posten.csv",
        "faulty.csv",
    ]
    main = rows(tmp_path / "out" / "faulty.csv")
    assert (len(main), told.records, told.tables["faulty"]) == (24, 24, 24)
    assert len({row["fall-person"] for row in main}) == 12
    keys = {row["KEY"] for row in main}
    assert {row["PARENT_KEY"] for row in rows(tmp_path / "out" / "faulty-posten.csv")} <= keys
    again = write_simulated(workbook, tmp_path / "again", number=12, seed=1, rounds=2, day=DAY)
    assert again.as_dict() == told.as_dict()
    for path in (tmp_path / "out").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_lines_are_canonical_records(workbook: Path, tmp_path: Path) -> None:
    told = write_simulated(workbook, tmp_path / "out.jsonl", number=3, seed=1, day=DAY)
    lines = (tmp_path / "out.jsonl").read_bytes().splitlines()
    assert [canonical(orjson.loads(line)) for line in lines] == lines
    assert (len(lines), told.tables) == (3, {})


def test_faults_are_planted_and_listed(workbook: Path, tmp_path: Path) -> None:
    told = write_simulated(workbook, tmp_path / "out", number=40, seed=1, day=DAY, faults=True)
    listed = rows(tmp_path / "out" / "planted.csv")
    assert sum(told.planted.values()) == len(listed) > 30
    (wrong,) = (row for row in listed if row["kind"] == "type_int")
    (there,) = (row for row in rows(tmp_path / "out" / f"{wrong['table']}.csv") if row["KEY"] == wrong["key"])
    assert there[wrong["column"]] == "zwölf"
    assert "nachtrag" in (tmp_path / "out" / "faulty.csv").read_text(encoding="utf-8").splitlines()[0]


def test_nothing_is_written_over_or_where_the_form_is_impossible(workbook: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").write_text("a")
    (tmp_path / "there.jsonl").write_text("a")
    for target in ("full", "there.jsonl", "full/a.txt"):
        with pytest.raises(UsageError):
            write_simulated(workbook, tmp_path / target, number=1, seed=1, day=DAY)
    with pytest.raises(UsageError):
        write_simulated(workbook, tmp_path / "f.jsonl", number=1, seed=1, day=DAY, faults=True)
    with pytest.raises(UsageError):
        write_simulated(workbook, tmp_path / "out", number=1, seed=1, day="yesterday")
    bad = "| survey | type | name | label | required | constraint |\n| | integer | a | A | yes | . > 3 and . < 2 |\n"
    with pytest.raises(FormError):
        write_simulated(markdown(tmp_path, bad, "bad.md"), tmp_path / "out", number=1, seed=1, day=DAY)
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "there.jsonl").read_text() == "a"


def test_choices_from_a_file_are_taken(tmp_path: Path) -> None:
    text = """
        | survey | type | name | label | required |
        | | select_one_from_file towns.csv | town | Town | yes |
        """
    form = markdown(tmp_path, text, "towns.md")
    with pytest.raises(FormError):
        write_simulated(form, tmp_path / "out", number=1, seed=1, day=DAY)
    (tmp_path / "towns-media").mkdir()
    (tmp_path / "towns-media" / "towns.csv").write_text("name,label\na,A\nb,B\n", encoding="utf-8")
    write_simulated(form, tmp_path / "out", number=10, seed=1, day=DAY)
    (file,) = (tmp_path / "out").glob("*.csv")
    assert {row["town"] for row in rows(file)} == {"a", "b"}


def test_the_command_tells_what_it_did(workbook: Path) -> None:
    done = run("lotsenbuch form simulate faulty.md -n 5 --seed 3 --on 2026-11-20 --out probe --json", workbook.parent)
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert (told["records"], told["seed"], told["day"], told["form"]) == (5, 3, DAY, "faulty")
