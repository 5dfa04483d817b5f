"""The invented towns of a plan in the register and in the forms' list of a study."""

from __future__ import annotations

import shutil
from pathlib import Path

from intake.demonstration.towns import write_towns
from intake.population import ALTHENGSTETT
from intake.study import shipped
from scenario.plans import kreis


def test_the_towns_are_those_of_the_plan_and_said_to_be_invented(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    shutil.copy(shipped() / "municipalities.csv", tmp_path)
    write_towns(tmp_path, kreis(3000, 40))
    first = (tmp_path / "municipalities.csv").read_text(encoding="utf-8")
    rows = [line.split(",") for line in first.splitlines()[1:]]
    assert [row[0] for row in rows] == list(kreis(3000, 40).municipalities)
    real = [row for row in rows if "(erfunden)" not in row[1]]
    assert [row[:2] for row in real] == [[ALTHENGSTETT, "Althengstett"]]
    assert all(row[4] == "yes" for row in rows if row not in real)
    assert "Musterau (erfunden)" in (tmp_path / "lists" / "gemeinde.csv").read_text(encoding="utf-8")
    write_towns(tmp_path, kreis(3000, 40))
    assert (tmp_path / "municipalities.csv").read_text(encoding="utf-8") == first
    write_towns(tmp_path, kreis())
    assert ALTHENGSTETT not in (tmp_path / "municipalities.csv").read_text(encoding="utf-8")
