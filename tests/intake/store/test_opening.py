"""Opening and making the file: refusals name the remedy and leave every byte as it was."""

from __future__ import annotations

import gc
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlcipher3

from intake.store import open_store
from intake.store.connection import Connection, is_unencrypted
from intake.store.filecheck import log_of
from intake.store.migrations import migrate, steps
from intake.store.ways import Unlocked
from intake.submission import Submission
from scenario.stores import KEY, crashed_copy, files, new_store, past_the_store, published, submission
from validation.errors import StoreError, WrongKey

posix = pytest.mark.skipif(os.name != "posix", reason="Windows keeps access lists, which we do not promise to set")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


class TestMaking:
    def test_without_create_nothing_is_made(self, path: Path) -> None:
        with pytest.raises(StoreError, match="kein Datenspeicher") as caught:
            open_store(path, key_file=path.with_suffix(".key"))
        assert caught.value.code == "store.missing"
        assert files(path.parent) == {}

    def test_create_makes_the_key_file_too(self, path: Path) -> None:
        key_file = path.with_suffix(".key")
        open_store(path, key_file=key_file, create=True).close()
        assert len(key_file.read_bytes()) == 32
        open_store(path, key=key_file.read_bytes()).close()
        assert sorted(files(path.parent)) == ["store.db", "store.db.ways", "store.db.ways.copy", "store.key"]

    def test_create_takes_a_key_file_that_is_there(self, path: Path) -> None:
        key_file = path.with_suffix(".key")
        key_file.touch(0o600)
        key_file.write_bytes(KEY)
        open_store(path, key_file=key_file, create=True).close()
        open_store(path, key=KEY).close()
        assert key_file.read_bytes() == KEY

    def test_create_makes_no_new_key_for_a_store_that_is_there(self, path: Path) -> None:
        new_store(path).close()
        before = files(path.parent)
        with pytest.raises(StoreError) as caught:
            open_store(path, key_file=path.with_suffix(".key"), create=True)
        assert caught.value.code == "store.key_missing"
        assert files(path.parent) == before

    def test_create_opens_what_is_there(self, path: Path) -> None:
        with new_store(path) as store:
            store.append(submission())
        with new_store(path) as store:
            assert store.count() == 1

    def test_a_missing_directory_is_named(self, path: Path) -> None:
        with pytest.raises(StoreError, match="Verzeichnis"):
            open_store(path / "below" / "store.db", key=KEY, create=True)
        with pytest.raises(StoreError, match="Verzeichnis"):
            open_store(path / "below" / "store.db", key_file=path / "below" / "store.key", create=True)
        assert files(path.parent) == {}

    def test_a_failure_takes_its_key_file_back(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise StoreError("store.disk", path=path)

        monkeypatch.setattr("intake.store.opening.migrate", broken)
        with pytest.raises(StoreError):
            open_store(path, key_file=path.with_suffix(".key"), create=True)
        assert files(path.parent) == {}

    def test_a_file_system_without_hard_links_will_do(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def no_links(*_: object) -> None:
            raise PermissionError(1, "no hard links here")

        monkeypatch.setattr(os, "link", no_links)
        with new_store(path) as store:
            store.append(submission())
        assert sorted(files(path.parent)) == ["store.db"]

    def test_of_two_that_make_it_at_once_the_first_wins(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def first_somebody_else(connection: Connection, unlocked: Unlocked) -> None:
            monkeypatch.undo()
            with new_store(path) as other:
                other.append(submission())
            migrate(connection, unlocked)

        monkeypatch.setattr("intake.store.opening.migrate", first_somebody_else)
        with open_store(path, key=KEY, create=True) as store:
            assert store.count() == 1
        assert sorted(files(path.parent)) == ["store.db"]

    def test_a_drive_that_cannot_hold_the_log_is_refused(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        run = Connection.execute

        def no_log(connection: Connection, statement: str, *values: object) -> object:
            rows = run(connection, statement, *values)  # type: ignore[arg-type]
            return [("delete",)] if "journal_mode" in statement else rows

        monkeypatch.setattr(Connection, "execute", no_log)
        with pytest.raises(StoreError, match="lokales Laufwerk"):
            open_store(path, key=KEY, create=True)
        assert files(path.parent) == {}

    @posix
    def test_files_are_for_their_owner_only(self, path: Path) -> None:
        old = os.umask(0)
        try:
            with open_store(path, key_file=path.with_suffix(".key"), create=True):
                found = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        finally:
            os.umask(old)
        beside = ("-shm", "-wal", ".ways", ".ways.copy", "")
        assert found == dict.fromkeys(["store.key", *(f"store.db{each}" for each in beside)], 0o600)

    @posix
    def test_a_copied_file_loses_the_rights_of_others(self, path: Path) -> None:
        new_store(path).close()
        path.chmod(0o644)
        with new_store(path):
            assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


class TestRefusing:
    @pytest.mark.parametrize("log", [False, True], ids=["closed", "crashed"])
    def test_a_wrong_key_changes_nothing(self, path: Path, capfd: pytest.CaptureFixture[str], log: bool) -> None:
        with new_store(path) as store:
            store.append(submission())
            if log:
                path = crashed_copy(path, path.parent / "copy")
        before = files(path.parent)
        with pytest.raises(WrongKey, match="Schlüssel passt nicht") as caught:
            open_store(path, key=bytes(32))
        assert caught.value.code == "store.wrong_key"
        assert files(path.parent) == before
        assert capfd.readouterr() == ("", "")
        with new_store(path) as store:
            assert store.count() == 1

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "store.not_a_store"),
            (b"Liebe Kolleginnen", "store.not_a_store"),
            (b"SQLite format 3\0" + bytes(8192), "store.not_a_store"),
            (bytes(range(256)) * 64, "store.wrong_key"),
            (bytes(4096), "store.wrong_key"),
        ],
        ids=["empty", "short", "plain", "other", "zeros"],
    )
    def test_a_file_that_is_no_store_is_left_alone(self, path: Path, content: bytes, code: str) -> None:
        path.write_bytes(content)
        for create in (False, True):
            with pytest.raises(WrongKey, match="kein Datenspeicher") as caught:
                open_store(path, key=KEY, create=create)
            assert caught.value.code == code
        assert files(path.parent) == {"store.db": content}

    def test_a_directory_is_no_store(self, path: Path) -> None:
        path.mkdir()
        with pytest.raises(WrongKey, match="kein Datenspeicher"):
            open_store(path, key=KEY, create=True)

    def test_somebody_elses_encrypted_file_is_no_store_even_with_its_key(self, path: Path) -> None:
        with past_the_store(path) as raw:
            raw.execute("CREATE TABLE theirs (a)")
        before = files(path.parent)
        with pytest.raises(WrongKey, match="kein Datenspeicher"):
            open_store(path, key=KEY)
        assert files(path.parent) == before

    def test_a_newer_schema_is_refused_with_both_numbers(self, path: Path) -> None:
        new_store(path).close()
        with past_the_store(path) as raw:
            raw.execute(f"PRAGMA user_version = {len(steps()) + 1}")
        before = files(path.parent)
        with pytest.raises(StoreError, match="Aktualisieren") as caught:
            open_store(path, key=KEY)
        assert caught.value.fields["found"] == str(len(steps()) + 1)
        assert caught.value.fields["known"] == str(len(steps()))
        assert files(path.parent) == before

    @pytest.mark.parametrize("page", [1, 2])
    def test_a_damaged_page_is_not_called_a_wrong_key(self, path: Path, page: int) -> None:
        new_store(path).close()
        content = bytearray(path.read_bytes())
        content[(page - 1) * 4096 + 100] ^= 1
        path.write_bytes(content)
        with pytest.raises(StoreError) as caught, open_store(path, key=KEY) as store:
            store.forms()
        assert caught.value.code == "store.damaged"
        assert files(path.parent) == {"store.db": bytes(content)}

    @posix
    def test_a_read_only_directory_is_refused(self, tmp_path: Path) -> None:
        """In a child process that gives up its privileges: root may write everywhere."""
        directory = tmp_path / "closed"
        directory.mkdir()
        new_store(directory / "store.db").close()
        before = files(directory)
        program = (
            "import os, sys\n"
            "from pathlib import Path\n"
            "import intake.store.opening\n"
            "from intake.store import open_store\n"
            "from validation.errors import StoreError\n"
            "from validation.messages import catalogue\n"
            "catalogue()\n"
            "os.chdir(sys.argv[1])\n"
            "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
            "for name in ('store.db', 'new.db'):\n"
            "    try: open_store(name, key=bytes(range(32)), create=True)\n"
            "    except StoreError as error: print(error.code)\n"
        )
        if os.getuid() == 0:
            os.chown(directory / "store.db", 65534, 65534)
        directory.chmod(0o555)
        try:
            done = subprocess.run(
                [sys.executable, "-c", program, str(directory)], capture_output=True, text=True, check=False
            )
        finally:
            directory.chmod(0o755)
        assert done.stdout.split() == ["store.read_only", "store.read_only"], done.stderr
        assert files(directory) == before


@posix
class TestOpenTwice:
    def locked(self, path: Path) -> bool:
        """Whether another process sees the lock by which an open store keeps its log (sqlite.org/c3ref: SHARED)."""
        program = (
            "import fcntl, sys\n"
            "with open(sys.argv[1], 'r+b') as file:\n"
            "    try: fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)\n"
            "    except OSError: sys.exit(1)\n"
        )
        return subprocess.run([sys.executable, "-c", program, str(path)], check=False).returncode == 1

    def test_opening_it_again_here_does_not_give_up_the_lock(self, path: Path) -> None:
        with new_store(path) as store:
            store.append(submission(1))
            assert self.locked(path)
            with new_store(path) as second:
                assert second.count() == 1
            assert self.locked(path)
            with pytest.raises(WrongKey, match="Schlüssel passt nicht"):
                open_store(path, key=bytes(32))
            assert self.locked(path)
        assert not self.locked(path)

    def test_the_same_file_by_another_name_is_known(self, path: Path) -> None:
        (path.parent / "below").mkdir()
        with new_store(path) as store:
            store.append(submission(1))
            with open_store(path.parent / "below" / ".." / path.name, key=KEY) as second:
                second.append(submission(2))
            assert self.locked(path)
            assert store.count() == 2

    def test_a_handle_closed_by_hand_would_give_it_up(self, path: Path) -> None:
        """Why all this: the day this fails, `connection.gate` can go."""
        with new_store(path):
            path.read_bytes()
            assert not self.locked(path)

    def test_a_closed_or_forgotten_store_is_judged_again(self, path: Path) -> None:
        new_store(path).close()
        new_store(path)  # forgotten
        gc.collect()
        content = bytearray(path.read_bytes())
        content[3000] ^= 1
        path.write_bytes(content)
        with pytest.raises(StoreError) as caught:
            open_store(path, key=KEY)
        assert caught.value.code == "store.damaged"

    def test_opening_does_not_wait_for_a_writer(self, path: Path) -> None:
        """If it did, it would wait for itself here, for longer than a test may run."""

        def source() -> Iterator[Submission]:
            with open_store(path, key=KEY, wait=100_000) as other:
                assert other.count() == 0
            yield submission()

        with new_store(path) as store:
            store.append_many(source())


class TestSettings:
    def test_the_settings_that_keep_what_was_acknowledged(self, path: Path) -> None:
        with new_store(path) as store:
            run = store._connection.execute  # type: ignore[attr-defined]
            assert {
                name: run(f"PRAGMA {name}")[0][0]
                for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "temp_store")
            } == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "temp_store": 2}
            assert run("PRAGMA cipher_page_size") == [("4096",)]
            assert run("PRAGMA cipher_hmac_algorithm") == [("HMAC_SHA512",)]
            assert run("PRAGMA cipher_use_hmac") == [("1",)]

    def test_a_log_left_by_a_crash_is_taken_over_and_emptied(self, path: Path) -> None:
        with new_store(path) as store:
            store.append(submission())
            copy = crashed_copy(path, path.parent / "copy")
        with new_store(copy) as store:
            assert store.count() == 1
            assert log_of(copy).stat().st_size == 0

    def test_a_store_taken_out_of_log_mode_is_put_back(self, path: Path) -> None:
        new_store(path).close()
        with past_the_store(path) as raw:
            raw.execute("PRAGMA journal_mode = DELETE")
        with new_store(path) as store:
            store.append(submission())
            assert log_of(path).stat().st_size > 0

    def test_the_engine_is_sqlcipher(self) -> None:
        raw = sqlcipher3.connect(":memory:")
        assert str(raw.execute("PRAGMA cipher_version").fetchone()[0]).startswith("4.")
        raw.close()


class TestUnencrypted:
    """Only where the study says so, with or without the wheel."""

    def test_it_is_made_and_opened_on_request_only(self, path: Path) -> None:
        key_file = path.with_suffix(".key")
        with open_store(path, key_file=key_file, create=True, plaintext=True) as store:
            store.publish(published())
            store.append(submission())
        assert path.read_bytes().startswith(b"SQLite format 3\0")
        assert is_unencrypted(path)
        before = files(path.parent)
        with pytest.raises(StoreError, match="plaintext = true") as caught:
            open_store(path, key_file=key_file)
        assert caught.value.code == "ways.not_encrypted"
        assert files(path.parent) == before
        with open_store(path, key_file=key_file, plaintext=True) as store:
            assert store.count() == 1
            assert is_unencrypted(path)
            with pytest.raises(StoreError):
                open_store(path, key_file=key_file)

    def test_what_was_said_is_sealed_all_the_same(self, path: Path) -> None:
        with open_store(path, key_file=path.with_suffix(".key"), create=True, plaintext=True) as store:
            store.publish(published())
            store.append(submission(record={"/data/a": "Kurmandschi"}, subject="P-4711", author="müller"))
        content = b"".join(files(path.parent).values())
        for word in ("Kurmandschi", "P-4711", "müller"):
            assert word.encode() not in content

    def test_who_has_no_way_in_does_not_come_in(self, path: Path) -> None:
        open_store(path, key_file=path.with_suffix(".key"), create=True, plaintext=True).close()
        with pytest.raises(WrongKey):
            open_store(path, key=bytes(32), plaintext=True)

    def test_an_encrypted_one_stays_so(self, path: Path) -> None:
        new_store(path).close()
        with open_store(path, key=KEY, plaintext=True):
            assert not is_unencrypted(path)

    @pytest.mark.parametrize("there", [False, True])
    def test_without_the_wheel_it_is_refused_unless_the_study_says_so(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
    ) -> None:
        if there:
            new_store(path).close()
        before = files(path.parent)
        monkeypatch.setitem(sys.modules, "sqlcipher3", None)
        with pytest.raises(StoreError, match="sqlcipher3") as caught:
            open_store(path, key=KEY, create=True)
        assert caught.value.code == "ways.no_engine"
        assert files(path.parent) == before
        other = path.with_name("plain.db")
        open_store(other, key=KEY, create=True, plaintext=True).close()
        with open_store(other, key=KEY, plaintext=True) as store:
            assert store.count() == 0

    def test_rows_are_kept_by_the_same_rules(self, path: Path) -> None:
        with open_store(path, key=KEY, create=True, plaintext=True) as store:
            run = store._connection.execute  # type: ignore[attr-defined]
            assert run("PRAGMA journal_mode") == [("wal",)]
            assert run("PRAGMA synchronous") == [(2,)]


def test_a_synchronised_folder_is_refused_with_the_remedy(tmp_path: Path) -> None:
    place = tmp_path / "Nextcloud" / "Studie"
    place.mkdir(parents=True)
    with pytest.raises(StoreError, match="Nextcloud") as caught:
        open_store(place / "store.db", key_file=place / "store.key", create=True)
    assert caught.value.code == "ways.cloud"
    assert files(tmp_path) == {}
    new_store(tmp_path / "store.db").close()
    (tmp_path / "store.db").rename(place / "store.db")
    with pytest.raises(StoreError, match="nicht abgeglichen"):
        open_store(place / "store.db", key=KEY)
