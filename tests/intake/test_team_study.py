"""A study whose store is a team's: named in study.toml, entered by each person's own way, used like a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.home import beside
from intake.interview.opening import FORM, STUDY, prepare, worklist_of
from intake.publishing import publish
from intake.store import anchors, utc_now
from intake.store.doctor import GREEN, RED, examine, light_of
from intake.store.restriction import restrict
from intake.store.ways import Secret
from intake.study import Study, open_study
from intake.tables import study_tables
from scenario.cases import answer, send
from scenario.commands import run
from scenario.postgresql import Cluster
from scenario.team import Team
from scenario.team_study import joined, team_study
from validation.errors import StoreError, StudyError, WrongKey

MINE, YOURS = "vier grüne Birnen im Regen", "lauter alte Fahrräder heute"
ADDRESS = "postgresql://weber@db.example.org/integration"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where ways into a team's store are kept at this computer."""
    monkeypatch.setenv("LOTSENBUCH_HOME", str(tmp_path / "own"))
    return tmp_path / "own"


# --- what study.toml may say


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://weber:geheim@db.example.org/integration", "postgres://db/d?password=geheim",
        "postgresql://db/d?sslpassword=geheim", "postgresql://weber:geheim@a,b/d",
    ],
)  # fmt: skip
def test_a_password_in_study_toml_is_refused_by_name_and_not_repeated(tmp_path: Path, address: str) -> None:
    directory = team_study(tmp_path / "s", address)
    with pytest.raises(StudyError) as caught:
        open_study(directory)
    assert caught.value.code == "study.password"
    assert "„store“" in str(caught.value)
    assert ".pgpass" in str(caught.value)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("mysql://db/d", "study.wrong_type"),
        ("postgresql://[::1/d", "store.bad_address"),
        ("postgresql://db/d?colour=red", "store.bad_address"),
        ("postgresql://db/d?sslmode=disable", "store.unencrypted_line"),
    ],
)
def test_what_is_no_safe_address_is_refused(tmp_path: Path, own: Path, address: str, code: str) -> None:
    directory = team_study(tmp_path / "s", address)
    with pytest.raises((StudyError, StoreError)) as caught:
        open_study(directory)
    assert caught.value.code == code
    assert not own.exists()


def test_a_team_study_keeps_what_is_its_own_with_the_person_and_not_beside_the_study(tmp_path: Path, own: Path) -> None:
    study = open_study(team_study(tmp_path / "s", ADDRESS))
    assert study.server == ADDRESS
    assert study.has_store
    assert not study.is_plain
    assert study.store_path.parent == study.key_path.parent == own
    with pytest.raises(StoreError) as caught:
        study.store()
    assert caught.value.code == "store.not_joined"
    assert "team join" in str(caught.value)
    assert light_of(examine(study)) == RED


def test_an_address_without_an_account_is_entered_as_oneself(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGUSER", "weber")
    assert beside(ADDRESS.replace("weber@", "")) == beside(ADDRESS)
    monkeypatch.setenv("PGUSER", "ana")
    assert beside(ADDRESS.replace("weber@", "")) != beside(ADDRESS)
    assert beside(ADDRESS).parent == own


@pytest.mark.parametrize(
    ("command", "instead"),
    [
        ("backup b.lbb", "pg_dump"),
        ("restore b.lbb --drill", "pg_restore"),
        ("rekey", "store team add"),
        ("passphrase --new-passphrase-descriptor 0", "store team add"),
        ("recovery", "store team add"),
        ("way add recovery", "store team add"),
        ("way remove x", "store team add"),
        ("login add Weber", "store team add"),
        ("login remove Weber", "store team add"),
        ("unlock", "keine Sperre"),
        ("retention --confirm Weber", "store erase"),
    ],
)
def test_what_is_about_a_file_says_what_to_do_instead(tmp_path: Path, own: Path, command: str, instead: str) -> None:
    directory = team_study(tmp_path / "s", ADDRESS)
    done = run(f"lotsenbuch store {command} --study {directory}", tmp_path, typed="vier ganz neue Worte\n")
    assert done.code != 0
    assert instead in " ".join(done.err.split())
    assert not own.exists()
    assert not (tmp_path / "b.lbb").exists()


# --- with a server


@pytest.fixture
def team(postgresql: Cluster) -> Team:
    return Team.new(postgresql)


def entered(directory: Path, words: str) -> Study:
    return open_study(directory, secret=Secret.passphrase(words))


@pytest.mark.postgresql
@pytest.mark.usefixtures("own")
def test_an_interview_and_its_tables_by_a_manager_and_an_evaluator(team: Team, tmp_path: Path) -> None:
    manager = team_study(tmp_path / "manager", joined(team, "manager", MINE, "08235007"))
    evaluator = team_study(tmp_path / "evaluator", joined(team, "evaluator", YOURS, "*"))
    with pytest.raises(WrongKey):
        entered(manager, YOURS).store()
    with pytest.raises(StudyError) as caught:
        prepare(evaluator, form="aufnahme", secret=Secret.passphrase(YOURS))
    assert caught.value.code == "interview.not_manager"

    opening = prepare(manager, form="aufnahme", secret=Secret.passphrase(MINE))
    assert opening.unlocked is not None
    assert opening.left_out == ()
    assert opening.variables == {STUDY: str(manager), FORM: "aufnahme"}
    worklist = worklist_of(open_study(manager, unlocked=opening.unlocked), "aufnahme")
    assert worklist.start()["forms"] == [{"id": "aufnahme", "title": "Aufnahme"}]
    session = worklist.begin("aufnahme")
    answer(session, gemeinde="08235007", person="P-000001", fallnummer="A/1", name="Layla", alter="31")
    assert [draft["number"] for draft in worklist.start()["drafts"]] == ["A/1"]
    assert send(session, "submit")["type"] == "submitted"
    assert [row["person"] for row in worklist.start()["cases"]["rows"]] == ["P-000001"]
    worklist.store.close()

    for _ in range(2):  # the second time from the derived copy
        mine = study_tables(entered(manager, MINE))["aufnahme"]
        assert list(mine["name"]) == ["Layla"]
        assert list(mine["alter"]) == [31]
    theirs = study_tables(entered(evaluator, YOURS))["aufnahme"]
    assert list(theirs["alter"]) == [31]
    assert theirs["name"].isna().all(), "an evaluator opens 'general' only"
    with entered(manager, MINE).store() as store:
        store.note("review", municipality="08235007")  # the copy an evaluator made is of another moment now
    assert list(study_tables(entered(evaluator, YOURS))["aufnahme"]["alter"]) == [31]
    with entered(manager, MINE).store() as store:
        restrict(store, "P-000001", reason="Antrag")
    for directory, words in ((manager, MINE), (evaluator, YOURS)):
        assert study_tables(entered(directory, words))["aufnahme"].empty
    with entered(evaluator, YOURS).store() as store:
        assert [(each.kind, each.actor) for each in store.events()] == [("submission", ""), ("restriction", "")]
        with pytest.raises(StoreError) as refused:
            store.verify()
        assert refused.value.code == "store.not_allowed"
    with pytest.raises(StudyError) as caught:
        worklist_of(entered(evaluator, YOURS), "aufnahme")
    assert caught.value.code == "interview.not_manager"
    assert not (manager / "store.db").exists()


@pytest.mark.postgresql
@pytest.mark.usefixtures("own")
def test_a_manager_of_one_town_anchors_and_proves_without_false_alarm(team: Team, tmp_path: Path) -> None:
    here = entered(team_study(tmp_path / "here", joined(team, "manager", MINE, "08235007")), MINE)
    with team.open(team.officer, utc_now) as officer:
        officer.note("review")  # about no town: its chain has a head, and a manager of a town is not told more
    with here.store() as store:
        publish(store, here.dir / "forms" / "aufnahme.md")
        store.note("review", municipality="08235007")
        last = store.note("review", municipality="08235007")
        made = store.anchor()
        assert set(made.heads) == {"", "08235007"}
        assert store.verify([made]) == []
    anchors.append(anchors.list_of(here.store_path), made)
    lights = {each.check: each.light for each in examine(here)}
    assert (lights["chain"], lights["anchor"]) == (GREEN, GREEN)
    with team.admin() as server:
        server.execute("SET session_replication_role = replica")
        server.execute("DELETE FROM lotsenbuch.event WHERE number = %s", (last.number,))
    with here.store() as store:
        assert [(each.kind, each.municipality) for each in store.verify([made])] == [("missing", "08235007")]
    assert light_of(examine(here)) == RED


@pytest.mark.postgresql
@pytest.mark.usefixtures("own")
def test_the_commands_go_on_as_with_a_file(team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = team_study(tmp_path / "s", joined(team, "manager", MINE, "*"))
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("LOTSENBUCH_PASSPHRASE", MINE)
    for command, code in {
        f"form publish {directory}/forms/aufnahme.md": 0, "check": 0, "store anchor": 0, "store verify": 0,
        "store audit": 0, "store login list": 0, "store way list": 0, "store doctor": 0,
        "form paper aufnahme --output p.pdf": 0, "register --out r.html": 0,
    }.items():  # fmt: skip
        done = run(f"lotsenbuch {command} --study {directory}", tmp_path)
        assert done.code == code, (command, done)
    assert (tmp_path / "p.pdf").read_bytes().startswith(b"%PDF")
    assert not (directory / "store.db").exists()
