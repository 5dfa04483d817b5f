"""A disk that fills up while something is saved: it is said, nothing is kept, and it goes on once there is space.

Once on a real, tiny file system (root only), once with the size limit of the operating system, which every user has.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from intake.store import Store, open_store
from intake.store.filecheck import log_of
from scenario.stores import KEY, files, new_store, published, submission
from scenario.writelog import built, surroundings
from validation.errors import StoreFull

PAGE = 4096
ANSWER = {"op": "answer", "path": "/data/a", "value": "w" * 6000}
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX limits or mounts")


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty file system of 1 MiB."""
    place = tmp_path_factory.mktemp("small")
    mount = shutil.which("mount")
    if mount is None:
        pytest.skip("needs mount")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"needs root to mount a small file system: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@contextlib.contextmanager
def only(place: Path, left: int) -> Iterator[None]:
    """Leave so many bytes free on a file system."""
    filler = place / "filler"
    free = shutil.disk_usage(place).free
    try:
        filler.write_bytes(bytes(max(0, free - left)))
        yield
    finally:
        filler.unlink()


@contextlib.contextmanager
def limited(size: int) -> Iterator[None]:
    """No file of this process may grow beyond a size."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def big(number: int, pages: int = 20) -> dict[str, str]:
    return {"/data/a": "v" * PAGE * pages, "/data/b": str(number)}


def try_everything(store: Store, draft: str, number: int) -> None:
    """Each way of writing is refused, and what was there is still there."""
    before = [(one.id, one.version) for one in store.submissions()]
    with pytest.raises(StoreFull, match="kein Platz"):
        store.append(submission(number, record=big(number)))
    with pytest.raises(StoreFull):
        store.append_many(submission(number + more, record=big(number, pages=2)) for more in range(20))
    with pytest.raises(StoreFull):
        store.journal.submit(draft, submission(number, record=big(number)))
    assert [(one.id, one.version) for one in store.submissions()] == before
    assert store.journal.draft(draft).sequence == 1


def still_fine(store: Store, draft: str, number: int) -> None:
    """With space again, the same is saved once."""
    store.journal.record(draft, "after", 2, ANSWER)
    receipt = store.journal.submit(draft, submission(number, record=big(number)))
    assert receipt == store.append(submission(number, record=big(number)))
    assert store.history(submission(number).id)[0].record == big(number)


@posix
@pytest.mark.parametrize("left", [0, 1, PAGE, 2 * PAGE, 5 * PAGE, 10 * PAGE, 15 * PAGE, 19 * PAGE])
def test_a_full_file_system(small_disk: Path, left: int) -> None:
    path = small_disk / "store.db"
    try:
        with new_store(path) as store:
            store.append(submission(1))
            draft = store.journal.start(published().hash, "", "", "de")
            store.journal.record(draft.id, "before", 1, ANSWER)
            with only(small_disk, left):
                try_everything(store, draft.id, 2)
            still_fine(store, draft.id, 2)
        with open_store(path, key=KEY) as store:
            assert store.count() == 2
            assert store.journal.drafts() == []
    finally:
        for file in small_disk.iterdir():
            file.unlink()


@posix
def test_an_answer_on_a_full_file_system_is_not_acknowledged(small_disk: Path) -> None:
    path = small_disk / "store.db"
    try:
        with new_store(path) as store:
            draft = store.journal.start(published().hash, "", "", "de")
            with only(small_disk, 0):
                kept: list[int] = []  # the log may still have room for some
                with pytest.raises(StoreFull):
                    kept.extend(store.journal.record(draft.id, f"op-{step}", step, ANSWER) for step in range(1, 1000))
                assert store.journal.draft(draft.id).sequence == len(kept)
            assert store.journal.record(draft.id, "after", len(kept) + 1, ANSWER) == len(kept) + 1
    finally:
        for file in small_disk.iterdir():
            file.unlink()


@posix
def test_opening_on_a_full_file_system(small_disk: Path) -> None:
    path = small_disk / "store.db"
    try:
        with new_store(path) as store:
            store.append(submission(1))
        before = path.read_bytes()
        with only(small_disk, 0):
            with pytest.raises(StoreFull):
                open_store(small_disk / "new.db", key_file=small_disk / "new.key", create=True)
            assert sorted(file.name for file in small_disk.iterdir()) == ["filler", "store.db"]
            with pytest.raises(StoreFull):
                open_store(path, key=KEY)
            assert path.read_bytes() == before
            assert log_of(path).stat().st_size == 0
        with open_store(path, key=KEY) as store:
            assert [one.id for one in store.submissions()] == [submission(1).id]
    finally:
        for file in small_disk.iterdir():
            file.unlink()


def limit_at(tmp_path: Path, positions: Iterable[int]) -> None:
    """A limit so many bytes behind the beginning of what is written next."""
    (tmp_path / "template").mkdir()
    with new_store(tmp_path / "template" / "store.db") as store:
        store.append(submission(1))
    for position in positions:
        path = tmp_path / str(position) / "store.db"
        shutil.copytree(tmp_path / "template", path.parent)
        with open_store(path, key=KEY) as store:
            draft = store.journal.start(published().hash, "", "", "de")
            store.journal.record(draft.id, "before", 1, ANSWER)
            log = log_of(path).stat().st_size  # what is written next is written at its end
            with limited(log + position):
                try_everything(store, draft.id, 2)
            still_fine(store, draft.id, 2)
        with open_store(path, key=KEY) as store:
            assert store.count() == 2
        shutil.rmtree(path.parent)


SPAN = 20 * PAGE  # less than the smallest thing that is tried writes


@posix
def test_a_limit_of_the_operating_system_at_8_positions(tmp_path: Path) -> None:
    limit_at(tmp_path, range(0, SPAN, SPAN // 8))


@posix
@pytest.mark.long
def test_a_limit_of_the_operating_system_at_200_positions(tmp_path: Path) -> None:
    limit_at(tmp_path, [position * SPAN // 200 for position in range(200)])


def full_at(tmp_path: Path, first: int, last: int, step: int) -> int:
    """At how many of these writes a full disk was noticed; what must hold then, `filling.py` asserts."""
    program = Path(__file__).parent / "filling.py"
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, str(program), str(home), str(first), str(last), str(step)],
        env=surroundings(built(tmp_path), home), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[1])


@posix
def test_a_disk_that_is_full_at_some_writes(tmp_path: Path) -> None:
    assert full_at(tmp_path, 0, 200, 25) == 8


@posix
@pytest.mark.long
def test_a_disk_that_is_full_at_each_of_200_writes(tmp_path: Path) -> None:
    assert full_at(tmp_path, 0, 200, 1) == 200


@posix
@pytest.mark.parametrize("size", [0, 16, 100, PAGE, 3 * PAGE, 10 * PAGE])
def test_making_a_store_under_a_limit_leaves_nothing(tmp_path: Path, size: int) -> None:
    with limited(size), pytest.raises(StoreFull):
        open_store(tmp_path / "store.db", key_file=tmp_path / "store.key", create=True)
    assert files(tmp_path) == {}
    open_store(tmp_path / "store.db", key_file=tmp_path / "store.key", create=True).close()
