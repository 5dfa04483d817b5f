"""`lotsenbuch report registers`, as it is typed."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from intake.study import Study
from reports.registers_cli import registers_app
from scenario.lives import TOWN
from validation.errors import UsageError


def test_figures_on_the_screen_as_data_and_in_files(study: Study, tmp_path: Path) -> None:
    def said(*words: str) -> str:
        done = CliRunner().invoke(registers_app, [*words, "--date", "2024-06-30", "--study", str(study.dir)])
        if done.exception is not None:
            raise done.exception
        return done.stdout

    town = ("--municipality", TOWN)
    assert "F-2023 Althengstett" in said(*town, "--what", "funding")
    data = json.loads(said(*town, "--what", "funding", "--what", "posts", "--json"))
    assert list(data["registers"]) == ["posts", "funding"]
    assert data["registers"]["funding"]["results"]["rows"][0]["most"] == 32
    page, book = tmp_path / "a.html", tmp_path / "a.xlsx"
    paths = said(*town, "--html", str(page), "--xlsx", str(book))
    assert {stat.S_IMODE(path.stat().st_mode) for path in (page, book)} == {0o600}
    assert (str(page) in paths, str(book) in paths) == (True, True)
    assert "Haus Birke" in page.read_text("utf-8")
    assert len(openpyxl.load_workbook(book).sheetnames) > 15
    with pytest.raises(UsageError, match=r"a\.html"):
        said(*town, "--html", str(page))
    with pytest.raises(UsageError, match="nirgends"):
        said(*town, "--html", str(tmp_path / "nirgends" / "a.html"))
    assert "Landratsamt" in said(*town, "--audience", "authority", "--to", "Landratsamt", "--basis", "VwV")


def test_a_day_that_is_none_is_refused(study: Study) -> None:
    done = CliRunner().invoke(
        registers_app, ["--municipality", TOWN, "--date", "31.12.2022", "--study", str(study.dir)]
    )  # fmt: skip
    assert isinstance(done.exception, UsageError)
