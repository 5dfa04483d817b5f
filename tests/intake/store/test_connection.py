from __future__ import annotations

import threading
from pathlib import Path

import pytest

from intake.store.connection import Connection
from scenario.stores import KEY, new_store
from validation.errors import StoreBusy, StoreError, StoreFull


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    new_store(path).close()
    return path


def test_a_transaction_that_breaks_off_leaves_nothing_and_can_be_followed(path: Path) -> None:
    connection = Connection(path, KEY, wait=1)

    def broken_off() -> None:
        with connection.transaction():
            connection.execute("INSERT INTO setting VALUES ('k', 'p')")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert connection.number("SELECT count(*) FROM setting WHERE name = 'k'") == 0
    with connection.transaction():
        connection.execute("INSERT INTO setting VALUES ('k', 'p')")
    assert connection.number("SELECT count(*) FROM setting WHERE name = 'k'") == 1
    connection.close()


@pytest.mark.parametrize("last", ["BEGIN IMMEDIATE", "INSERT INTO setting VALUES ('k', 'p')", "COMMIT"])
def test_a_kernel_that_is_interrupted_anywhere_leaves_no_transaction_open(
    path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    connection = Connection(path, KEY, wait=1)
    run = connection.execute

    def interrupted(statement: str, *values: object) -> object:
        rows = run(statement, *values)  # type: ignore[arg-type]
        if statement == last:
            raise KeyboardInterrupt
        return rows

    def write() -> None:
        with connection.transaction():
            connection.execute("INSERT INTO setting VALUES ('k', 'p')")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "execute", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write()
    assert connection.number("SELECT count(*) FROM setting WHERE name = 'k'") == (last == "COMMIT")
    with connection.transaction():
        pass
    connection.close()


def test_a_transaction_takes_the_write_lock_at_its_start(path: Path) -> None:
    first, second = Connection(path, KEY, wait=0.05), Connection(path, KEY, wait=0.05)
    with first.transaction():
        with pytest.raises(StoreBusy), second.transaction():
            pytest.fail("two writers at once")
        assert second.number("SELECT count(*) FROM setting WHERE name = 'k'") == 0
    with second.transaction():
        pass
    first.close()
    second.close()


def test_another_thread_is_told_to_open_its_own(path: Path) -> None:
    connection = Connection(path, KEY, wait=1)
    seen: list[Exception] = []

    def elsewhere() -> None:
        try:
            connection.execute("SELECT 1")
        except RuntimeError as error:
            seen.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert "belongs to the thread" in str(seen[0])
    assert connection.number("SELECT 1") == 1
    connection.close()


def test_a_mistake_of_the_program_is_not_called_a_damaged_store(path: Path) -> None:
    connection = Connection(path, KEY, wait=1)
    with pytest.raises(Exception, match="no such table"):
        connection.execute("SELECT * FROM nowhere")
    connection.close()


@pytest.mark.parametrize(
    ("code", "kind", "name"),
    [
        (5, StoreBusy, "store.busy"),
        (517, StoreBusy, "store.busy"),  # BUSY_SNAPSHOT
        (11, StoreError, "store.damaged"),
        (26, StoreError, "store.damaged"),
        (13, StoreFull, "store.full"),
        (778, StoreFull, "store.full"),  # IOERR_WRITE: what a quota looks like
        (4874, StoreFull, "store.full"),  # IOERR_SHMSIZE
        (1034, StoreError, "store.disk"),  # IOERR_FSYNC: no promise about what was saved
        (8, StoreError, "store.read_only"),
    ],
)
def test_each_result_of_the_engine_has_its_refusal(path: Path, code: int, kind: type[StoreError], name: str) -> None:
    connection = Connection(path, KEY, wait=1)
    refusal = connection._refusal(code)
    assert type(refusal) is kind
    assert refusal.code == name
    connection.close()
