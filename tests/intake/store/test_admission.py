"""Ways are given out and taken away; whoever lost theirs does not come in by an old copy; a crash locks nobody out."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import keyring
import pytest

from intake.store import open_store
from intake.store.admission import admitted
from intake.store.bringing import Brought
from intake.store.connection import Connection
from intake.store.filecheck import check_files, journal_of
from intake.store.recovery import recovery_text
from intake.store.wayfile import copy_of, read_ways, ways_of
from intake.store.ways import FILE, PASSPHRASE, RECOVERY, Cost, Secret
from scenario.chain import Chain
from scenario.stores import files, published, submission
from validation.errors import StoreBusy, StoreError, StoreFull, WrongKey

CHEAP = Cost(passes=1, memory_kib=64, lanes=1)
WORDS, OTHER = "vier Wörter am Montag", "ein ganz anderer Satz"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with one submission, a key file and a passphrase."""
    return furnished(tmp_path / "store.db")


def furnished(path: Path, submissions: int = 1) -> Path:
    with open_store(path, key_file=key_of(path), create=True) as store:
        store.publish(published())
        store.append_many(submission(number) for number in range(1, submissions + 1))
    with admitted(path, Brought(key_file=key_of(path))) as desk:
        desk.add(Secret.passphrase(WORDS), label="ana", cost=CHEAP)
    return path


def key_of(path: Path) -> Path:
    return path.with_suffix(".key")


def opens(path: Path, **way: object) -> int:
    with open_store(path, **way) as store:  # type: ignore[arg-type]
        return store.count()


class TestWays:
    def test_each_kind_opens_the_same_store_as_the_same_login(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        chain = Chain()
        monkeypatch.setattr(keyring, "get_keyring", lambda: chain)
        with admitted(path, Brought(key_file=key_of(path))) as desk:
            _, sheet = desk.add_recovery(label="Tresor")
            desk.add_key_file(path.with_suffix(".zwei"), label="server")
            desk.add_keyring(label="rechner")
            assert [way.kind for way in desk.ways()] == [FILE, PASSPHRASE, RECOVERY, FILE, "keyring"]
            assert len({way.login for way in desk.ways()}) == 1
        assert opens(path, key_file=key_of(path)) == 1
        assert opens(path, passphrase=WORDS) == 1
        assert opens(path, recovery=recovery_text(sheet).lower()) == 1
        assert opens(path, key_file=path.with_suffix(".zwei")) == 1
        assert opens(path, keyring=True) == 1
        read, write = os.pipe()
        os.write(write, f"{WORDS}\n".encode())
        os.close(write)
        assert opens(path, descriptor=read) == 1
        os.close(read)

    def test_a_wrong_passphrase_changes_nothing(self, path: Path) -> None:
        before = files(path.parent)
        with pytest.raises(WrongKey, match="Kennwort passt"):
            open_store(path, passphrase=OTHER)
        with pytest.raises(WrongKey), admitted(path, Brought(secret=Secret.passphrase(OTHER))):
            pass
        assert files(path.parent) == before

    def test_a_passphrase_too_short_is_not_given_out(self, path: Path) -> None:
        before = read_ways(path)
        with admitted(path, Brought(key_file=key_of(path))) as desk:
            with pytest.raises(StoreError, match="mindestens"):
                desk.add(Secret.passphrase("kurz"), label="")
            with pytest.raises(StoreError, match="mindestens"):
                desk.new_passphrase(Secret.passphrase("kurz"), label="")
        assert read_ways(path) == before

    def test_a_new_passphrase_ends_the_old_one_also_in_an_old_copy(self, path: Path) -> None:
        old = ways_of(path).read_bytes()
        with admitted(path, Brought(secret=Secret.passphrase(WORDS))) as desk:
            desk.new_passphrase(Secret.passphrase(OTHER), label="ana", cost=CHEAP)
        assert opens(path, passphrase=OTHER) == 1
        assert opens(path, key_file=key_of(path)) == 1
        with pytest.raises(WrongKey):
            open_store(path, passphrase=WORDS)
        for file in (ways_of(path), copy_of(path)):
            file.write_bytes(old)
        with pytest.raises(WrongKey, match="gehört nicht zu diesem Stand"):
            open_store(path, passphrase=WORDS)

    def test_a_new_sheet_ends_the_old_one(self, path: Path) -> None:
        with admitted(path, Brought(key_file=key_of(path))) as desk:
            _, first = desk.new_recovery(label="Tresor")
            _, second = desk.new_recovery(label="Tresor")
        assert opens(path, recovery=recovery_text(second)) == 1
        with pytest.raises(WrongKey):
            open_store(path, recovery=recovery_text(first))

    def test_a_way_is_removed_by_id_or_by_a_label_that_only_one_has(self, path: Path) -> None:
        with admitted(path, Brought(key_file=key_of(path))) as desk:
            desk.add(Secret.passphrase(OTHER), label="ana", cost=CHEAP)
            with pytest.raises(StoreError, match="mehrere"):
                desk.remove("ana")
            with pytest.raises(StoreError, match="gibt es nicht"):
                desk.remove("niemand")
            first = next(way for way in desk.ways() if way.label == "ana")
            desk.remove(first.id)
            desk.remove("ana")
            with pytest.raises(StoreError, match="letzte Zugang"):
                desk.remove(desk.ways()[0].id)
        assert opens(path, key_file=key_of(path)) == 1
        with pytest.raises(WrongKey):
            open_store(path, passphrase=WORDS)

    def test_a_removed_key_file_opens_nothing_without_the_ways_either(self, path: Path) -> None:
        """Before there were ways, and at the founding of a store, the key file alone was enough."""
        with admitted(path, Brought(secret=Secret.passphrase(WORDS))) as desk:
            desk.remove(next(way.id for way in desk.ways() if way.kind == FILE))
        ways_of(path).unlink()
        copy_of(path).unlink()
        with pytest.raises(WrongKey, match="fehlt die Datei der Zugänge"):
            open_store(path, key_file=key_of(path))
        with pytest.raises(StoreError, match="Sicherung"):
            open_store(path, passphrase=WORDS)

    def test_another_login_comes_in_by_its_own_way_until_it_is_removed(self, path: Path) -> None:
        with admitted(path, Brought(key_file=key_of(path))) as desk:
            login, unlocked = desk.add_login("Vertretung", "manager")
            desk.add(Secret.passphrase(OTHER), label="Vertretung", unlocked=unlocked, cost=CHEAP)
        with open_store(path, passphrase=OTHER) as store:
            assert store.login.id == login.id
            assert [each.subject for each in store.submissions()] == ["P-000001"]
        with admitted(path, Brought(key_file=key_of(path))) as desk:
            with pytest.raises(StoreError, match="hat hier keinen Zugang"):
                desk.remove_login("niemand")
            desk.remove_login("Vertretung")
        with pytest.raises(WrongKey):
            open_store(path, passphrase=OTHER)
        assert opens(path, key_file=key_of(path)) == 1

    def test_a_login_keeps_its_ways_as_long_as_it_is_there(self, path: Path) -> None:
        with admitted(path, Brought(key_file=key_of(path))) as desk:
            _, unlocked = desk.add_login("Vertretung", "evaluator")
            desk.add(Secret.passphrase(OTHER), label="Vertretung", unlocked=unlocked, cost=CHEAP)
            before = desk.unlocked.database
        with (
            open_store(path, passphrase=WORDS),
            admitted(path, Brought(key_file=key_of(path)), wait=0.1) as desk,
            pytest.raises(StoreBusy, match="noch geöffnet"),
        ):
            desk.remove_login("Vertretung")
        with open_store(path, passphrase=OTHER) as store:
            assert store.login.name == "Vertretung"
        with admitted(path, Brought(key_file=key_of(path))) as desk:
            desk.remove_login("Vertretung")
            assert desk.unlocked.database != before
            assert "Vertretung" not in {way.label for way in desk.ways()}
        with pytest.raises(WrongKey):
            check_files(path, before)

    def test_ways_that_a_crash_left_of_a_login_go_with_the_next(self, path: Path) -> None:
        with admitted(path, Brought(key_file=key_of(path))) as desk:
            for name in ("eine", "andere"):
                _, unlocked = desk.add_login(name, "evaluator")
                desk.add(Secret.passphrase(f"{OTHER} {name}"), label=name, unlocked=unlocked, cost=CHEAP)
        with open_store(path, passphrase=WORDS) as store:
            store.remove_login(next(login.id for login in store.logins() if login.name == "eine"))
        with admitted(path, Brought(key_file=key_of(path))) as desk:
            desk.remove_login("andere")
            assert {way.label for way in desk.ways()} & {"eine", "andere"} == set()

    def test_a_store_made_with_a_bare_key_has_no_desk(self, tmp_path: Path) -> None:
        path = tmp_path / "bare.db"
        open_store(path, key=bytes(32), create=True).close()
        with admitted(path, Brought(key=bytes(32))) as desk, pytest.raises(StoreError):
            desk.ways()


class TestRekey:
    def test_another_key_opens_the_pages_and_everybody_still_comes_in(self, path: Path) -> None:
        with admitted(path, Brought(key_file=key_of(path))) as desk:
            before = desk.unlocked.database
            desk.rekey()
            after = desk.unlocked.database
        assert before != after
        check_files(path, after)
        with pytest.raises(WrongKey):
            check_files(path, before)
        assert opens(path, key_file=key_of(path)) == opens(path, passphrase=WORDS) == 1
        with open_store(path, passphrase=WORDS) as store:
            store.append(submission(2))

    def test_while_somebody_else_has_it_open_nothing_is_changed(self, path: Path) -> None:
        ways = read_ways(path)
        with open_store(path, key_file=key_of(path)) as store:
            with (
                admitted(path, Brought(key_file=key_of(path)), wait=0.1) as desk,
                pytest.raises(StoreBusy, match="noch geöffnet"),
            ):
                desk.rekey()
            store.append(submission(2))
        assert read_ways(path) == ways
        assert opens(path, passphrase=WORDS) == 2

    def test_a_disk_that_is_full_in_the_middle_leaves_every_way_open(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(connection: Connection, _: bytes) -> None:
            raise StoreFull("store.full", path=connection.path)

        monkeypatch.setattr(Connection, "rekey", full)
        with admitted(path, Brought(key_file=key_of(path))) as desk, pytest.raises(StoreFull):
            desk.rekey()
        monkeypatch.undo()
        ways = read_ways(path)
        assert ways is not None
        assert ways.changing
        assert opens(path, passphrase=WORDS) == 1
        ways = read_ways(path)
        assert ways is not None
        assert not ways.changing

    def test_a_key_that_a_crash_left_unchanged_is_changed_at_the_next_opening(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whose way was taken away knows the key before."""

        def crashed(_: Connection, __: bytes) -> None:
            raise KeyboardInterrupt

        with admitted(path, Brought(key_file=key_of(path))) as desk:
            before = desk.unlocked.database
            way = desk.add(Secret.passphrase(OTHER), label="fort", cost=CHEAP)
            monkeypatch.setattr(Connection, "rekey", crashed)
            with pytest.raises(KeyboardInterrupt):
                desk.remove(way.id)
            monkeypatch.undo()
            assert opens(path, passphrase=WORDS, wait=0.1) == 1, "not while somebody else has it open"
        check_files(path, before)
        with open_store(path, passphrase=WORDS) as store:
            store.append(submission(2))
        with pytest.raises(WrongKey):
            check_files(path, before)
        ways = read_ways(path)
        assert ways is not None
        assert not ways.changing
        assert opens(path, key_file=key_of(path)) == opens(path, passphrase=WORDS) == 2

    @pytest.mark.parametrize("step", range(12))
    def test_a_crash_at_any_step_leaves_every_way_open(self, path: Path, step: int) -> None:
        """The child ends at once, without a word, when it comes to its n-th sync, rename or statement."""
        done = child(STEPS, path, str(step))
        assert done.returncode in ((9,) if step < 8 else (0, 9)), done.stderr
        assert opens(path, key_file=key_of(path)) == opens(path, passphrase=WORDS) == 1
        ways = read_ways(path)
        assert ways is not None
        assert not ways.changing
        assert ways_of(path).read_bytes() == copy_of(path).read_bytes()

    def test_a_kill_at_any_moment_leaves_every_way_open(self, tmp_path: Path) -> None:
        assert killed(tmp_path, 10) >= 1

    @pytest.mark.long
    def test_100_kills_leave_every_way_open(self, tmp_path: Path) -> None:
        assert killed(tmp_path, 100) >= 10


STEPS = (
    "import os, sys; from pathlib import Path\n"
    "from intake.store.admission import admitted; from intake.store.bringing import Brought\n"
    "from intake.store.connection import Connection\n"
    "left = [int(sys.argv[2])]\n"
    "def counted(call):\n"
    "    def run(*given):\n"
    "        if not left[0]: os._exit(9)\n"
    "        left[0] -= 1\n"
    "        return call(*given)\n"
    "    return run\n"
    "path = Path(sys.argv[1])\n"
    "with admitted(path, Brought(key_file=path.with_suffix('.key'))) as desk:\n"
    "    os.fsync, Path.replace = counted(os.fsync), counted(Path.replace)\n"
    "    Connection.rekey = counted(Connection.rekey)\n"
    "    desk.rekey()\n"
)
FOREVER = (
    "import sys; from pathlib import Path\n"
    "from intake.store.admission import admitted; from intake.store.bringing import Brought\n"
    "path = Path(sys.argv[1])\n"
    "with admitted(path, Brought(key_file=path.with_suffix('.key'))) as desk:\n"
    "    print('ready', flush=True)\n"
    "    while True: desk.rekey()\n"
)


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def child(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip


def killed(directory: Path, times: int) -> int:
    """Kill a process that changes the key again and again; every way opens afterwards. How often a journal was hot."""
    path = furnished(directory / "store.db", submissions=300)
    choose = random.Random(20261122)
    hot = 0
    for _ in range(times):
        process = subprocess.Popen(
            [sys.executable, "-c", FOREVER, str(path)], env=environment(), stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=choose.uniform(0.005, 0.6))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        hot += journal_of(path).exists() and journal_of(path).stat().st_size > 0
        assert opens(path, passphrase=WORDS) == opens(path, key_file=key_of(path)) == 300
    return hot
