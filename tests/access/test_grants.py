"""`verify_grants` names everything in which a server differs from what it should be."""

from __future__ import annotations

import pytest
from access.record import FILE, text

from intake.store.postgres.connection import administration
from intake.store.postgres.grants import differences, verify_grants
from intake.store.postgres.setup import init
from scenario.postgresql import Cluster
from scenario.team import Team

pytestmark = pytest.mark.postgresql

TAMPERINGS = {
    "a grant to one role": ('GRANT SELECT ON lotsenbuch.part TO "{db}_evaluator"', "relation"),
    "a grant to everybody": ("GRANT SELECT ON lotsenbuch.event TO PUBLIC", "relation"),
    "a grant of one column": ('GRANT SELECT (tag) ON lotsenbuch.person TO "{db}_auditor"', "column"),
    "a grant that may be passed on": (
        'GRANT EXECUTE ON FUNCTION lotsenbuch.me() TO "{db}_auditor" WITH GRANT OPTION', "function",
    ),
    "a function for another role": (
        'GRANT EXECUTE ON FUNCTION lotsenbuch.content(bigint[]) TO "{db}_auditor"', "function",
    ),
    "a function nobody may call": ('REVOKE EXECUTE ON FUNCTION lotsenbuch.heads() FROM "{db}_auditor"', "function"),
    "row security switched off": ("ALTER TABLE lotsenbuch.part DISABLE ROW LEVEL SECURITY", "relation"),
    "row security not forced": ("ALTER TABLE lotsenbuch.person_key NO FORCE ROW LEVEL SECURITY", "relation"),
    "a policy more": ("CREATE POLICY more ON lotsenbuch.event FOR SELECT USING (true)", "policy"),
    "a policy less": ("DROP POLICY seen ON lotsenbuch.subject", "policy"),
    "a policy that says something else": (
        "ALTER POLICY seen ON lotsenbuch.draft USING (lotsenbuch.my_role() IS NOT NULL)", "policy",
    ),
    "a policy for somebody else": ('ALTER POLICY ours ON lotsenbuch.login TO "{db}_manager"', "policy"),
    "a trigger switched off": ("ALTER TABLE lotsenbuch.event DISABLE TRIGGER append_only", "trigger"),
    "a trigger dropped": ("DROP TRIGGER never_emptied ON lotsenbuch.part", "trigger"),
    "references switched off": ("ALTER TABLE lotsenbuch.part DISABLE TRIGGER ALL", "trigger"),
    "a trigger more": (
        "CREATE TRIGGER spy BEFORE INSERT ON lotsenbuch.part EXECUTE FUNCTION lotsenbuch.refuse_change()", "trigger",
    ),
    "a function with another body": (
        "CREATE OR REPLACE FUNCTION lotsenbuch.my_role() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER"
        " SET search_path = pg_catalog, lotsenbuch, pg_temp SET row_security = on AS $$ SELECT 'manager' $$",
        "function",
    ),
    "a function as its caller": ("ALTER FUNCTION lotsenbuch.heads() SECURITY INVOKER", "function"),
    "a function without its search path": ("ALTER FUNCTION lotsenbuch.me() RESET search_path", "function"),
    "a function with another search path": (
        "ALTER FUNCTION lotsenbuch.append SET search_path = public, lotsenbuch", "function",
    ),
    "a function of another owner": ("ALTER FUNCTION lotsenbuch.class_keys() OWNER TO CURRENT_USER", "function"),
    "a leakproof function": ("ALTER FUNCTION lotsenbuch.moment(text) LEAKPROOF", "function"),
    "a function more": (
        "CREATE FUNCTION lotsenbuch.everything() RETURNS SETOF lotsenbuch.part LANGUAGE sql SECURITY DEFINER"
        " AS $$ SELECT * FROM lotsenbuch.part $$", "function",
    ),
    "a view": ("CREATE VIEW lotsenbuch.handy AS SELECT * FROM lotsenbuch.event", "relation"),
    "a rule": (
        "CREATE RULE copy AS ON INSERT TO lotsenbuch.operation DO ALSO SELECT 1", "rule",
    ),
    "a table of another owner": ("ALTER TABLE lotsenbuch.head OWNER TO CURRENT_USER", "relation"),
    "a child of a table": ("CREATE TABLE public.child () INHERITS (lotsenbuch.subject)", "child"),
    "an index less": ("DROP INDEX lotsenbuch.event_version", "index"),
    "a constraint less": ("ALTER TABLE lotsenbuch.login DROP CONSTRAINT login_role_check", "constraint"),
    "a column more": ("ALTER TABLE lotsenbuch.person ADD COLUMN name text", "column"),
    "another schema": ("CREATE SCHEMA playground", "schema"),
    "a schema where everybody may create": ("GRANT CREATE ON SCHEMA public TO PUBLIC", "schema"),
    "temporary tables": ('GRANT TEMPORARY ON DATABASE "{db}" TO PUBLIC', "database"),
    "everybody may connect": ('GRANT CONNECT ON DATABASE "{db}" TO PUBLIC', "database"),
    "a language": ("GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC", "language"),
    "large objects": (
        "GRANT EXECUTE ON FUNCTION lo_creat(integer) TO PUBLIC", "built-in function that says or keeps too much",
    ),
    "default privileges": (
        'ALTER DEFAULT PRIVILEGES FOR ROLE "{db}_owner" GRANT SELECT ON TABLES TO PUBLIC', "default privileges",
    ),
    "an event trigger": (
        "CREATE FUNCTION public.watch() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;"
        " CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION public.watch()",
        "something else that was made",
    ),
    "a publication": ("CREATE PUBLICATION abroad FOR ALL TABLES", "something else that was made"),
    "a role that bypasses row security": ('ALTER ROLE "{db}_manager" BYPASSRLS', "role"),
    "a group that may come in": ('ALTER ROLE "{db}_evaluator" LOGIN', "role"),
    "a person who is superuser": ('ALTER ROLE "{officer}" SUPERUSER', "account"),
    "a person who makes roles": ('ALTER ROLE "{officer}" CREATEROLE', "account"),
    "a person in a second group": ('GRANT "{db}_manager" TO "{officer}"', "account"),
    "a person who is the owner": ('GRANT "{db}_owner" TO "{officer}"', "account"),
    "a person who reads all data": ('GRANT pg_read_all_data TO "{officer}"', "account"),
    "a person who passes a role on": ('GRANT "{db}_protection" TO "{officer}" WITH ADMIN OPTION', "account"),
    "a stranger in a group": ('CREATE ROLE "{db}_stranger" LOGIN IN ROLE "{db}_auditor"', "role"),
    "a setting of a person": ("ALTER ROLE \"{officer}\" SET search_path = public", "setting of a role or the database"),
    "a setting of the database": (
        'ALTER DATABASE "{db}" SET session_replication_role = replica', "setting of a role or the database",
    ),
    "a clock that believes the client": (
        "UPDATE lotsenbuch.setting SET value = 'client' WHERE name = 'clock'", "setting",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def team(postgresql: Cluster) -> Team:
    return Team.new(postgresql, clock="server")


@pytest.fixture(scope="module")
def url(team: Team) -> str:
    return team.cluster.dsn(team.database)


def test_a_store_that_was_just_made_is_as_it_was_recorded(url: str) -> None:
    assert text(url) == FILE.read_text(encoding="utf-8")


def test_people_and_a_second_initialisation_are_no_difference(team: Team, url: str) -> None:
    for role in ("manager", "evaluator", "publisher", "auditor", "administrator"):
        team.add(role, ["08235007"])
    assert verify_grants(url) == []
    with team.admin() as server:
        server.execute("UPDATE lotsenbuch.login SET removed = '' WHERE role = 'auditor'")
    assert [(each.kind, each.found) for each in verify_grants(url)] == [
        ("account that ended", "login; member of <auditor>")
    ]
    with team.admin() as server:
        server.execute("UPDATE lotsenbuch.login SET removed = NULL WHERE role = 'auditor'")
    assert init(url, account=team.officer, name="Frau Datenschutz") is None
    assert verify_grants(url) == []


@pytest.mark.parametrize("name", TAMPERINGS)
def test_each_tampering_is_found(team: Team, url: str, name: str) -> None:
    statement, kind = TAMPERINGS[name]
    names = {"db": team.database, "officer": team.officer}
    with administration(url) as database, database.transaction(undone=True):
        database.execute(statement.format(**names))
        found = differences(database)
    assert kind in {each.kind for each in found}, found
