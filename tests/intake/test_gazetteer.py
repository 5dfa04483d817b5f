"""The official register in both of its shapes, made up here; what is no such file is refused in one sentence."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from intake.excel import write
from intake.gazetteer import Gazetteer, Unit, read_gazetteer
from scenario.gazetteers import LINES, fixed_width, line, spreadsheet
from validation.errors import StudyError

DAY = dt.date(2026, 3, 31)
UNITS = (
    Unit("08999001", "Höfen am Weiher", "Musterkreis", "Musterbezirk"),
    Unit("08999002", "Sommerau, Stadt", "Musterkreis", "Musterbezirk"),
    Unit("08999971", "Gutsbezirk Tannwald", "Musterkreis", "Musterbezirk", empty=True),
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_fixed_width_in_every_encoding(tmp_path: Path, encoding: str, end: str) -> None:
    path = tmp_path / "GV100AD.txt"
    path.write_bytes(end.join(fixed_width()).encode(encoding))
    assert read_gazetteer(path) == Gazetteer(DAY, UNITS)


def test_the_spreadsheet_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "AuszugGV.xlsx"
    path.write_bytes(write(spreadsheet()))
    assert read_gazetteer(path) == Gazetteer(DAY, UNITS)
    path.write_bytes(write(spreadsheet(title="Gemeinden", head="Alle Gemeinden")))
    with pytest.raises(StudyError, match="--day"):
        read_gazetteer(path)
    assert read_gazetteer(path, dt.date(2025, 1, 1)).day == dt.date(2025, 1, 1)


def test_a_land_without_regierungsbezirke(tmp_path: Path) -> None:
    path = tmp_path / "GV100AD.txt"
    path.write_text("\n".join([line("40", "01001", "Förde, Stadt"), line("60", "01001000", "Förde, Stadt")]), "utf-8")
    (unit,) = read_gazetteer(path).units
    assert (unit.district, unit.region) == ("Förde, Stadt", "")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], "gazetteer.no_register"),
        (["ags,name", "08999001,Höfen"], "gazetteer.no_register"),
        (LINES[:3], "gazetteer.no_register"),
        ([*LINES, "Summe: 3"], "gazetteer.bad_line"),
        ([*LINES[:2], *LINES[3:]], "gazetteer.bad_line"),
        ([*LINES, LINES[-1]], "gazetteer.bad_line"),
        ([*LINES, line("60", "08999003", "")], "gazetteer.bad_line"),
        ([*LINES, line("60", "08999003", "Spät", day="20260630")], "gazetteer.two_days"),
        ([line("60", "08999003", "Spät", day="20261331")], "gazetteer.no_register"),
    ],
)
def test_what_is_no_register_is_refused_by_line(tmp_path: Path, lines: list[str], code: str) -> None:
    path = tmp_path / "GV100AD.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(StudyError) as refused:
        read_gazetteer(path)
    assert refused.value.code == code
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("content", [b"PK\x03\x04 no archive", b"\xd0\xcf\x11\xe0 no workbook", b"\x00" * 99])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "register"
    path.write_bytes(content)
    with pytest.raises(StudyError):
        read_gazetteer(path)
    with pytest.raises(StudyError):
        read_gazetteer(tmp_path / "fehlt")


def test_a_workbook_without_units_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "andere.xlsx"
    path.write_bytes(write({"Blatt": [["a", "b"], ["1", "2"]]}))
    with pytest.raises(StudyError) as refused:
        read_gazetteer(path)
    assert refused.value.code == "gazetteer.no_register"
