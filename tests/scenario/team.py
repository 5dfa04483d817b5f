"""A team's store in the private PostgreSQL of a test session: a database each, with logins of every role."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from intake.store import Clock, Store, utc_now
from intake.store.postgres.opening import open_team
from intake.store.postgres.setup import init, make_account
from intake.store.postgres.store import TeamStore
from intake.store.ways import Unlocked
from scenario.postgresql import Cluster

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Team:
    """A store of its own. `people` maps an account to what its owner holds; the first one is of the officer."""

    cluster: Cluster
    database: str
    people: dict[str, Unlocked] = field(default_factory=dict)

    @classmethod
    def new(cls, cluster: Cluster, *, clock: str = "client") -> Team:
        """`clock` as in `intake.store.postgres.setup.init`."""
        database = f"team{next(_numbers)}"
        with psycopg.connect(cluster.dsn(), autocommit=True) as server:
            server.execute(f"CREATE DATABASE {database}")
        team = cls(cluster, database)
        unlocked = init(cluster.dsn(database), account=team.officer, name="Frau Datenschutz", clock=clock)
        assert unlocked is not None
        team.people[team.officer] = unlocked
        return team

    def url(self, account: str) -> str:
        return f"host={self.cluster.directory} user={account} dbname={self.database}"

    def admin(self) -> psycopg.Connection:
        """The server's superuser, who may do and see everything that is there."""
        return psycopg.connect(self.cluster.dsn(self.database), autocommit=True)

    @property
    def officer(self) -> str:
        """The first login's account: it holds every key and gives them out."""
        return f"{self.database}_dsb"

    def add(self, role: str, municipalities: Iterable[str] = (), *, account: str = "") -> str:
        """A person with an account of their own; the account's name."""
        account = account or f"{self.database}_{role}_{len(self.people)}"
        with self.open(self.officer, utc_now) as store:
            login, private = store.add_login(f"Name {account}", role, account=account, municipalities=municipalities)
        make_account(self.cluster.dsn(self.database), role, account)
        self.people[account] = Unlocked(login.id, private, b"", login.name)
        return account

    def open(self, account: str, clock: Clock, *, wait: float = 5.0, beside: Path | None = None) -> TeamStore:
        return open_team(self.url(account), self.people[account], clock=clock, wait=wait, beside=beside)

    def remember(self) -> None:
        """Keep what every table holds now, for `restore`."""
        with self.admin() as server:
            server.execute("CREATE SCHEMA before")
            for table in self.tables(server):
                server.execute(f"CREATE TABLE before.{table} AS TABLE lotsenbuch.{table}")

    def restore(self, schema: str = "before") -> None:
        """Everything as it was when it was remembered (or as a copy in another schema has it); much faster than another
        store."""
        with self.admin() as server, server.transaction():
            server.execute("SET LOCAL session_replication_role = replica")  # past triggers and references
            for table in self.tables(server):
                server.execute(f"DELETE FROM lotsenbuch.{table}")
                server.execute(f"INSERT INTO lotsenbuch.{table} OVERRIDING SYSTEM VALUE TABLE {schema}.{table}")

    def tables(self, server: psycopg.Connection) -> list[str]:
        """The names of the store's tables."""
        return [
            name
            for (name,) in server.execute(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'lotsenbuch'::regnamespace"
            )
        ]


@functools.cache
def _shared(cluster: Cluster) -> tuple[Team, str]:
    team = Team.new(cluster)
    manager = team.add("manager", ["*"])
    with team.admin() as server:  # the contract counts events from 1
        server.execute("SET session_replication_role = replica")
        server.execute("DELETE FROM lotsenbuch.part; DELETE FROM lotsenbuch.event; DELETE FROM lotsenbuch.head")
        server.execute("UPDATE lotsenbuch.counter SET number = 0")
    team.remember()
    return team, manager


def team_opener(cluster: Cluster, clock: Clock) -> Callable[[], Store]:
    """For the contract: opens an empty team's store as a manager of all municipalities, again and again."""
    team, manager = _shared(cluster)
    team.restore()
    return lambda: team.open(manager, clock, wait=0.1)
