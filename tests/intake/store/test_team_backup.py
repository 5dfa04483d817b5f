"""A team's store is backed up with the two lines of PostgreSQL that the README names; the dump is sealed."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from intake.store import utc_now
from scenario.postgresql import Cluster, programs
from scenario.stores import published, submission
from scenario.team import Team

README = Path(__file__).parents[3] / "intake" / "store" / "README.md"
WORD = "Wörterbuch-der-Geheimnisse"


def typed(cluster: Cluster, line: str) -> None:
    """A line of the README, run by the server's superuser over its socket."""
    where = programs()
    assert where is not None
    name, *arguments = line.split()
    as_user = {"user": cluster.user} if os.geteuid() == 0 else {}
    environment = {**os.environ, "PGHOST": str(cluster.directory), "PGUSER": cluster.user}
    subprocess.run([where / name, *arguments], check=True, cwd=cluster.directory, env=environment, **as_user)


@pytest.mark.postgresql
def test_a_dump_is_sealed_and_comes_back_with_its_chain(postgresql: Cluster) -> None:
    team = Team.new(postgresql, clock="server")
    manager = team.add("manager", ["*"])
    with team.open(manager, utc_now) as store:
        store.publish(published())
        store.append(submission(record={"/data/a": WORD}))
        before = store.anchor()
    lines = re.findall(r"^(pg_(?:dump|restore) .*)$", README.read_text("utf-8"), re.MULTILINE)
    assert [line.split()[0] for line in lines] == ["pg_dump", "pg_restore"]
    dump, restore = (
        line.replace("DATENBANK", team.database).replace("DATEI", f"{team.database}.dump") for line in lines
    )
    typed(postgresql, dump)
    content = subprocess.run(
        [(programs() or Path()) / "pg_restore", "--file=-", postgresql.directory / f"{team.database}.dump"],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert b"COPY lotsenbuch.part" in content
    assert WORD.encode() not in content
    assert b"P-000001" not in content
    with team.admin() as server:
        server.execute("UPDATE lotsenbuch.setting SET value = 'x' WHERE name = 'store'")
    typed(postgresql, f"dropdb --force {team.database}")
    typed(postgresql, restore)
    with team.open(manager, utc_now) as store:
        assert store.id == before.store
        assert store.verify([before]) == []
        assert [each.record for each in store.submissions()] == [{"/data/a": WORD}]
