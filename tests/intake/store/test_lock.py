"""The lock with a name: one at a time, everybody else reads who; what a crash left is taken over on request only."""

from __future__ import annotations

import gc
import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from intake.store import open_store, utc_now
from intake.store.bringing import Brought
from intake.store.drive import NETWORK, Drive
from intake.store.filecheck import journal_of, log_of
from intake.store.lock import Holder, holder_of, lock_of, release, take_lock
from intake.store.opening import open_sqlite
from intake.store.sqlite import SqliteStore
from scenario.stores import KEY, files, new_store, published, submission
from validation.errors import StoreBusy, StoreError

CHILD = (
    "import sys; from pathlib import Path; from intake.store.lock import take_lock\n"
    "give_back = take_lock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()\n"
    "if sys.argv[2] == 'exit': give_back()\n"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def on_network(path: Path, *, create: bool = False, take_over: bool = False) -> SqliteStore:
    """A store as it is opened on a network drive."""
    return open_sqlite(
        path, Brought(key=KEY), create=create, clock=utc_now, wait=0.1, take_over=take_over,
        drive=lambda _: Drive(NETWORK, "cifs"),
    )  # fmt: skip


@contextmanager
def held(path: Path, end: str = "exit") -> Iterator[subprocess.Popen[str]]:
    """Another process of this computer that has the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), end], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    try:
        yield process
    finally:
        process.communicate()


def test_it_says_who_where_and_since_when(path: Path) -> None:
    give_back = take_lock(path)
    holder = holder_of(path)
    assert holder is not None
    assert (holder.machine, holder.process) == (socket.gethostname(), os.getpid())
    assert holder.since.endswith("+00:00")
    if os.name == "posix":
        assert stat.S_IMODE(lock_of(path).stat().st_mode) == 0o600
    give_back()
    give_back()
    assert holder_of(path) is None
    assert files(path.parent) == {}


def test_the_second_is_told_who_has_it(path: Path) -> None:
    with held(path) as process:
        with pytest.raises(StoreBusy) as caught:
            take_lock(path)
        assert caught.value.code == "ways.locked"
        assert caught.value.fields["machine"] == socket.gethostname()
        assert str(process.pid) not in str(caught.value)
        with pytest.raises(StoreBusy):
            release(path)
    take_lock(path)()


def test_what_a_killed_program_left_is_explained_and_taken_over_on_request(path: Path) -> None:
    with held(path, "stay") as process:
        process.kill()
        process.wait()
        with pytest.raises(StoreBusy, match="beendet") as caught:
            take_lock(path)
        assert caught.value.code == "ways.lock_left"
        left = holder_of(path)
        assert release(path) == left
        assert release(path) is None
        take_lock(path)()


def test_a_lock_of_another_computer_is_never_called_left(path: Path) -> None:
    holder = replace(Holder.here(), machine="rathaus-07", process=1, name="müller", since="2026-11-22T08:00:00+00:00")
    lock_of(path).write_text(json.dumps({name: getattr(holder, name) for name in holder.__slots__}), encoding="utf-8")
    assert not holder.gone
    with pytest.raises(StoreBusy, match="müller am Rechner rathaus-07"):
        take_lock(path)
    with pytest.raises(StoreBusy):
        release(path)
    mine = take_lock(path, take_over=True)
    assert holder_of(path) != holder
    mine()


def test_who_lost_it_does_not_give_back_what_is_not_his(path: Path) -> None:
    first = take_lock(path)
    second = take_lock(path, take_over=True)
    first()
    assert holder_of(path) is not None
    second()
    assert holder_of(path) is None


def test_a_lock_that_says_nothing_is_left_alone(path: Path) -> None:
    lock_of(path).write_bytes(b"")
    with pytest.raises(StoreBusy) as caught:
        take_lock(path)
    assert caught.value.code == "ways.lock_unreadable"
    with pytest.raises(StoreBusy):
        release(path)
    assert release(path, take_over=True) is None
    take_lock(path)()


class TestSafeMode:
    """The store on a network drive: a rollback journal, its directory synced, one program at a time."""

    def test_it_keeps_no_log_and_syncs_more(self, path: Path) -> None:
        with on_network(path, create=True) as store:
            store.publish(published())
            store.append(submission())
            run = store._connection.execute
            found = {name: run(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "locking_mode", "synchronous")}
            assert found == {"journal_mode": "delete", "locking_mode": "exclusive", "synchronous": 3}
            assert {*files(path.parent)} - {journal_of(path).name} == {"store.db", "store.db.lock"}
        assert sorted(files(path.parent)) == ["store.db"]

    def test_a_store_of_a_local_drive_goes_on_there_and_back(self, path: Path) -> None:
        with new_store(path) as store:
            store.append(submission(1))
        with on_network(path) as store:
            store.append(submission(2))
            assert not log_of(path).exists()
        with new_store(path) as store:
            assert store.count() == 2
            assert log_of(path).exists()

    def test_one_program_at_a_time_with_a_name(self, path: Path) -> None:
        with on_network(path, create=True) as store:
            store.publish(published())
            with pytest.raises(StoreBusy, match="Netzlaufwerk") as caught:
                on_network(path)
            assert caught.value.code == "ways.locked"
            store.append(submission())
        with on_network(path) as store:
            assert store.count() == 1

    def test_a_program_that_takes_no_notice_of_the_lock_is_kept_out_by_the_engine(self, path: Path) -> None:
        with on_network(path, create=True) as store:
            store.publish(published())
            with pytest.raises(StoreBusy):
                open_store(path, key=KEY, wait=0.05)

    def test_a_refusal_leaves_no_lock(self, path: Path) -> None:
        new_store(path).close()
        before = files(path.parent)
        with pytest.raises(StoreError):
            open_sqlite(
                path, Brought(key=bytes(32)), create=False, clock=utc_now, wait=0.1,
                drive=lambda _: Drive(NETWORK, "cifs"),
            )  # fmt: skip
        assert files(path.parent) == before

    def test_a_store_that_is_forgotten_gives_its_lock_back(self, path: Path) -> None:
        on_network(path, create=True)
        gc.collect()
        on_network(path).close()

    def test_what_was_acknowledged_survives_a_kill_in_the_middle_of_the_next(self, path: Path) -> None:
        """The child is killed inside a transaction that has spilled pages into the file: the journal is hot."""
        program = (
            "import os, signal, sys; from pathlib import Path\n"
            "sys.path.insert(0, sys.argv[2])\n"
            "from tests.intake.store.test_lock import on_network\n"
            "from scenario.stores import published, submission\n"
            "store = on_network(Path(sys.argv[1]), create=True)\n"
            "store.publish(published()); store.append(submission(1))\n"
            "run = store._connection.execute\n"
            "run('PRAGMA cache_size = 1'); run('PRAGMA cache_spill = 1'); run('BEGIN IMMEDIATE')\n"
            "run('CREATE TABLE big (a)')\n"
            "for number in range(400): run('INSERT INTO big VALUES (randomblob(3000))')\n"
            "os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        root = Path(__file__).parents[3]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(root), str(root / "tests")))}
        done = subprocess.run(
            [sys.executable, "-c", program, str(path), str(root)], env=environment, capture_output=True, check=False
        )
        assert done.returncode == -9, done.stderr
        assert journal_of(path).stat().st_size > 4096
        size = path.stat().st_size
        assert size > 100_000  # pages of the transaction that never was are in the file
        with pytest.raises(StoreBusy) as caught:
            on_network(path)
        assert caught.value.code == "ways.lock_left"
        with on_network(path, take_over=True) as store:
            assert store.count() == 1
            assert store._connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'big'") == [(0,)]
        assert path.stat().st_size < size
