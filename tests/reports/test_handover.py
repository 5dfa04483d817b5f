"""The folder for cover: a list and a sheet for each case, in words, for its owner only."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from intake.handover import Goal, HandedOver
from intake.study import Study
from reports.handover import GOALS_SHOWN, make_folder, page_of
from scenario.lives import TOWN, TOWNS, interview, study_of, talk
from validation.errors import UsageError


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = study_of(tmp_path / "study")
    with made.store() as store:
        for number in (1, 2, 3):
            interview(store, f"P-{number:06d}")
        talk(store, "P-000002", "2022-07-04")
    return made


def test_the_folder_holds_a_list_and_a_page_for_each_case(study: Study, tmp_path: Path) -> None:
    (tmp_path / "l.txt").write_text("P-000002\nP-000001\n")
    made = make_folder(study, tmp_path / "out", to="Frau Vertretung", cases=tmp_path / "l.txt")
    assert [page.name for page in made.pages] == ["fall-001.html", "fall-002.html"]
    first = made.pages[0].read_text("utf-8")
    for word in ("P-000002", "Deutschprüfung A2", "04.07.2022", "im Büro", "01.12.2022", "läuft", "Zuname 02"):
        assert word in first
    assert "Kita gefunden" not in first
    listed = made.index.read_text("utf-8")
    assert "Frau Vertretung" in listed
    assert "Zuname" not in listed
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "out").iterdir()} == {0o600}
    assert not any("P-0" in file.name for file in (tmp_path / "out").iterdir())


def test_all_of_a_colleague_and_neither_or_both_is_refused(study: Study, tmp_path: Path) -> None:
    with study.store() as store:
        login = store.login.id
    assert len(make_folder(study, tmp_path / "out", to="V", login=login).pages) == 3
    for wrong in ({}, {"login": login, "cases": tmp_path / "l.txt"}):
        with pytest.raises(UsageError, match="--from"):
            make_folder(study, tmp_path / "other", to="V", **wrong)
    assert not (tmp_path / "other").exists()


def test_what_is_too_much_for_one_sheet_is_counted() -> None:
    goal = Goal("Sprache", "w" * 1000, "w" * 1000, "2022-12-01", "läuft")
    page = page_of(HandedOver("P-000001", TOWN, goals=(goal,) * 20), TOWNS).html()
    assert page.count("läuft") == GOALS_SHOWN
    assert f"Arbeitsliste: {20 - GOALS_SHOWN}." in page
    assert "w" * 300 not in page


def test_a_restricted_case_shows_nothing() -> None:
    page = page_of(HandedOver("P-000001", TOWN, name="Zuname", restricted=True), TOWNS).html()
    assert "Zuname" not in page
    assert "Art. 18" in page
