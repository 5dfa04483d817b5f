"""A study whose store is a team's: named in study.toml, entered by each person's own way, used like a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from intake.home import beside
from intake.interview.opening import FORM, STUDY, prepare, worklist_of
from intake.store import utc_now
from intake.store.doctor import RED, examine, light_of
from intake.store.restriction import restrict
from intake.store.ways import Cost, Secret
from intake.study import Study, create_study, open_study
from intake.tables import study_tables
from scenario.cases import CASE, answer, send
from scenario.commands import run
from scenario.interview import workbook
from scenario.postgresql import Cluster
from scenario.team import Team, make_account
from validation.errors import StoreError, StudyError, WrongKey

TODAY = date(2026, 3, 2)
CHEAP = Cost(passes=1, memory_kib=64, lanes=1)
MINE, YOURS = "vier grüne Birnen im Regen", "lauter alte Fahrräder heute"
ADDRESS = "postgresql://weber@db.example.org/integration"


def team_study(directory: Path, address: str) -> Path:
    """A study directory that names the store at an address, with one form and no store of its own."""
    made = create_study(directory)
    for file in (made.store_path, made.key_path, *directory.glob("store.db*"), *(directory / "forms").glob("*")):
        file.unlink(missing_ok=True)
    workbook(directory / "forms", CASE.format(pseudonym="general", number="general"), "aufnahme.md")
    settings = directory / "study.toml"
    text = settings.read_text(encoding="utf-8").replace('store = "store.db"', f'store = "{address}"')
    lines = [line for line in text.splitlines() if not line.startswith("forms = ")]
    settings.write_text("\n".join(['forms = ["aufnahme"]', *lines]), encoding="utf-8")
    return directory


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


def joined(team: Team, role: str, words: str, *towns: str) -> str:
    """Somebody with an account who took the invitation at this computer; the store's address for them."""
    from intake.store.postgres.entering import invited, join

    account = f"{team.database}_frau_{role}"
    with team.open(team.officer, utc_now) as officer:
        made = invited(officer, f"Frau {role}", role, account=account, municipalities=towns, today=TODAY)
    make_account(team.cluster.dsn(team.database), role, account)
    address = f"postgresql://{account}@/{team.database}?host={team.cluster.directory}"
    join(address, made.content, made.code, Secret.passphrase(words), today=TODAY, cost=CHEAP)
    return address


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
