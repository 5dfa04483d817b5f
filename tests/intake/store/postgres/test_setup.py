"""Making a team's store and bringing it up: each step whole or not at all."""

from __future__ import annotations

import psycopg
import pytest

from intake.store.postgres import setup
from intake.store.postgres.grants import verify_grants
from intake.store.postgres.opening import open_team
from scenario.postgresql import Cluster
from scenario.stores import Clock, refused
from scenario.team import Team

pytestmark = pytest.mark.postgresql


@pytest.fixture(scope="module")
def made(postgresql: Cluster) -> Team:
    return Team.new(postgresql, clock="server")


def test_a_step_that_fails_leaves_the_step_before(made: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    url = made.cluster.dsn(made.database)
    more = (*setup.schemas(), "CREATE TABLE half (x text); SELECT 1 / 0")
    monkeypatch.setattr(setup, "schemas", lambda: more)
    with refused("store.refused_by_server"):
        setup.init(url, account=made.officer, name="x")
    monkeypatch.undo()
    assert verify_grants(url) == []
    made.open(made.officer, Clock()).close()


def test_a_step_more_is_taken_and_older_and_newer_programs_are_told(
    made: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = made.cluster.dsn(made.database)
    with made.admin() as server:
        for schema, code in ((0, "store.older"), (99, "store.newer")):
            server.execute("UPDATE lotsenbuch.setting SET value = %s WHERE name = 'schema'", (str(schema),))
            with refused(code):
                made.open(made.officer, Clock())
        server.execute("UPDATE lotsenbuch.setting SET value = %s WHERE name = 'schema'", (str(len(setup.schemas())),))
    more = (*setup.schemas(), "COMMENT ON TABLE head IS 'x'")
    with monkeypatch.context() as changed:
        changed.setattr(setup, "schemas", lambda: more)
        assert setup.init(url, account=made.officer, name="x") is None
    with refused("store.newer"):
        made.open(made.officer, Clock())
    with made.admin() as server:
        server.execute("UPDATE lotsenbuch.setting SET value = %s WHERE name = 'schema'", (str(len(more) - 1),))


def test_only_the_servers_administrator_makes_a_store(made: Team) -> None:
    with refused("store.needs_superuser"):
        setup.init(made.url(made.officer), account="x", name="x")
    with pytest.raises(ValueError, match="first"):
        setup.init(made.cluster.dsn(made.database), account="x", name="x", role="auditor")


def test_an_empty_database_is_no_store(postgresql: Cluster, made: Team) -> None:
    with psycopg.connect(postgresql.dsn(), autocommit=True) as server:
        server.execute("CREATE DATABASE empty")
    with refused("store.not_a_team_store"):
        open_team(f"{postgresql.dsn('empty')} user={made.officer}", made.people[made.officer], clock=Clock(), wait=1)
    with refused("store.not_a_team_store"):
        verify_grants(postgresql.dsn("empty"))


def test_names_that_want_to_be_statements_stay_names(made: Team) -> None:
    told = setup.statements(made.database, "auditor", 'x"; DROP TABLE y; --')
    assert told[0].startswith('CREATE ROLE "x""; DROP TABLE y; --" LOGIN NOSUPERUSER')
    assert told[1].endswith('TO "x""; DROP TABLE y; --"')


def test_a_role_is_one_of_the_groups(made: Team) -> None:
    assert set(setup.groups("db").values()) >= {"db_owner", "db_manager", "db_protection"}
    with pytest.raises(KeyError):
        setup.statements(made.database, "boss", "x")
