"""`lotsenbuch store init | verify-grants | team …`, as they are typed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import psycopg
import pytest

from scenario.commands import run
from scenario.postgresql import Cluster

pytestmark = pytest.mark.postgresql

MINE, YOURS = "vier grüne Birnen im Regen", "lauter alte Fahrräder heute"


def test_a_team_from_init_to_the_first_farewell(
    postgresql: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOTSENBUCH_HOME", str(tmp_path / "home"))
    with psycopg.connect(postgresql.dsn(), autocommit=True) as server:
        server.execute("CREATE DATABASE commands")
    url = f"'postgresql://{{}}@/commands?host={postgresql.directory}'"
    admin, ana, weber = (url.format(each) for each in (postgresql.user, "cmd_ana", "cmd_weber"))

    line = f"lotsenbuch store init {admin} --account cmd_ana --name Ana --role manager --new-passphrase-descriptor 0"
    done = run(line, tmp_path, typed=f"{MINE}\n")
    assert (done.code, "cmd_ana" in done.out) == (0, True), done
    again = run(line, tmp_path, typed=f"{MINE}\n")
    assert (again.code, "schon da" in again.out) == (0, True), again
    assert run(f"lotsenbuch store verify-grants {admin}", tmp_path).code == 0

    invited = run(
        "lotsenbuch store team add Weber --role evaluator --account cmd_weber --municipality 08235007"
        f" --output weber.zugang --at {ana} --passphrase-descriptor 0",
        tmp_path,
        typed=f"{MINE}\n",
    )
    assert invited.code == 0, invited
    (code,) = re.findall(r"[A-Z0-9]{5}(?:-[A-Z0-9]{5}){7}", invited.out)
    statements = re.findall(r"^\s+((?:CREATE|GRANT) .*;)$", invited.out, re.MULTILINE)
    assert len(statements) == 2
    with psycopg.connect(postgresql.dsn("commands"), autocommit=True) as server:
        for statement in statements:
            server.execute(statement.encode())
    assert run(f"lotsenbuch store verify-grants {admin}", tmp_path).code == 0

    (tmp_path / "code").write_text(f"{code}\n", encoding="utf-8")
    join = f"lotsenbuch store team join {weber} weber.zugang --code-descriptor 3 --new-passphrase-descriptor 0"
    joined = run(f"""sh -c "{join} 3<code" """, tmp_path, typed=f"{YOURS}\n")
    assert joined.code == 0, joined
    listed = run(f"lotsenbuch store team list --at {weber} --passphrase-descriptor 0 --json", tmp_path, typed=YOURS)
    assert [each["name"] for each in json.loads(listed.out)] == ["Weber"], "an evaluator sees only themselves"

    with psycopg.connect(postgresql.dsn("commands"), autocommit=True) as server:
        server.execute("GRANT SELECT ON lotsenbuch.part TO PUBLIC")
        found = run(f"lotsenbuch store verify-grants {admin} --json", tmp_path)
        assert (found.code, [each["kind"] for each in json.loads(found.out)]) == (1, ["relation"])
        assert "lotsenbuch.part" in run(f"lotsenbuch store verify-grants {admin}", tmp_path).out
        server.execute("REVOKE SELECT ON lotsenbuch.part FROM PUBLIC")

    farewell = f"lotsenbuch store team remove {{}} --at {ana} --passphrase-descriptor 0"
    assert run(farewell.format("Weber"), tmp_path, typed=MINE).code == 0
    assert run(farewell.format("Weber"), tmp_path, typed=MINE).code == 1
    gone = run(f"lotsenbuch store team list --at {weber} --passphrase-descriptor 0", tmp_path, typed=YOURS)
    assert (gone.code, "Zugang" in gone.err + gone.out) == (1, True), gone
    assert run(f"lotsenbuch store verify-grants {admin}", tmp_path).code == 1, "the account is still in its group"
