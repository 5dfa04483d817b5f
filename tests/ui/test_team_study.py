"""`lotsenbuch interview` on a team's store, in a real browser: the kernels get the way in, never the passphrase."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from intake.store import utc_now
from scenario.postgresql import Cluster
from scenario.team import Team
from scenario.team_study import joined, team_study

pytestmark = [pytest.mark.browser, pytest.mark.postgresql]

ROOT = Path(__file__).parents[2]
WORDS = "vier geheime Wörter am Montag"
COMMAND = ("interview", "--form", "aufnahme", "--no-browser", "--port", "0")


@pytest.fixture
def team(postgresql: Cluster) -> Team:
    return Team.new(postgresql, clock="server")


@pytest.fixture
def url(team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where the interview of a study that names the team's store is served."""
    monkeypatch.setenv("LOTSENBUCH_HOME", str(tmp_path / "own"))
    directory = team_study(tmp_path / "s", joined(team, "manager", WORDS, "08235007"))
    process = subprocess.Popen(
        [sys.executable, "-c", "from validation._start import main; main()", *COMMAND],
        cwd=directory, env={**os.environ, "PYTHONPATH": str(ROOT), "CI": "true", "LOTSENBUCH_PASSPHRASE": WORDS},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        said: list[str] = []
        for line in process.stdout:
            said.append(line)
            if found := [word for word in line.split() if word.startswith("http://127.0.0.1:")]:
                yield found[0]
                return
        raise AssertionError("".join(said))
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        finally:
            process.kill()
        process.stdout.close()


def test_an_interview_is_held_and_its_record_is_on_the_server(page: Page, team: Team, url: str) -> None:
    page.set_default_timeout(60_000)
    page.goto(url)
    page.get_by_role("button", name="Aufnahme").first.click()
    page.get_by_role("button", name="Gespräch beginnen").click()
    for name, text in {"person": "P-000001", "fallnummer": "A/1", "name": "Layla Beispiel"}.items():
        page.locator(f".lb-question[data-name={name}]:visible input").fill(text)
    page.locator(".lb-question[data-name=gemeinde]:visible input").fill("08235007")
    page.get_by_role("button", name="Weiter").click()
    page.get_by_role("button", name="Abschließen", exact=True).click()
    expect(page.get_by_text("Fallnummer: A/1")).to_be_visible()
    with closing(team.open(team.officer, utc_now)) as officer:
        assert [each.municipality for each in officer.events(kinds=["submission"])] == ["08235007"]
