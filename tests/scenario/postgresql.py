"""A real PostgreSQL, private to one test session: its own cluster, its own socket directory, no network.

The team store is tested against it. PostgreSQL refuses to run as root, so root lends the cluster to `postgres`.
"""

from __future__ import annotations

import contextlib
import functools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

REMEDY = "sudo apt-get install --yes postgresql"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server: `dsn(database)` connects over its socket as its superuser."""

    directory: Path
    user: str

    def dsn(self, database: str = "postgres") -> str:
        return f"host={self.directory} user={self.user} dbname={database}"

    def start(self) -> None:
        """Start it (again); it answers when this returns."""
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.directory}'"
        self.control("start", "--wait", "-l", str(self.directory / "log"), "-o", options)

    def stop(self, mode: str = "immediate") -> None:
        """Stop it. 'immediate' is as if its computer had lost power, but for what the disk had not yet written."""
        self.control("stop", f"--mode={mode}")

    def control(self, *arguments: str) -> None:
        where = programs()
        assert where is not None
        as_user = {"user": self.user} if os.geteuid() == 0 else {}
        command = [where / "pg_ctl", "-D", self.directory / "data", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.directory, **as_user)


def programs() -> Path | None:
    """The directory of `initdb` of the newest PostgreSQL from 15 on, or None."""
    found = sorted(
        (path for path in Path("/usr/lib/postgresql").glob("*/bin") if int(path.parent.name) >= 15),
        key=lambda path: int(path.parent.name),
    )
    if found:
        return found[-1]
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    if programs() is None:
        pytest.skip(f"PostgreSQL 15 or newer is missing; install it with: {REMEDY}")
    with running() as cluster:
        yield cluster


@contextlib.contextmanager
def running() -> Iterator[Cluster]:
    """A cluster of its own while the context lasts."""
    where = programs()
    assert where is not None
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    directory = Path(tempfile.mkdtemp(prefix="lotsenbuch-pg-"))
    as_user = {"user": user} if os.geteuid() == 0 else {}
    try:
        if as_user:
            shutil.chown(directory, user)
        data = directory / "data"
        run = functools.partial(subprocess.run, check=True, stdout=subprocess.DEVNULL, cwd=directory, **as_user)
        run([where / "initdb", "--auth=trust", "--encoding=UTF8", "--no-sync", data])
        cluster = Cluster(directory, user)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
