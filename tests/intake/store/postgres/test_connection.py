"""The line to the server: nobody reads along, nobody stands between, and what breaks is tried again without harm."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.store.postgres.connection import administration, conninfo, is_local, quoted, shown, with_account
from intake.store.postgres.opening import open_team
from scenario.between import Between, between
from scenario.stores import ANSWER, Clock, divided, refused, submission
from scenario.team import Team
from validation.errors import StoreBusy, StoreError


def chain_of(error: BaseException) -> list[BaseException]:
    """An exception and all it came from, shown or not."""
    before = [each for each in (error.__cause__, error.__context__) if each is not None]
    return [error, *(each for one in before for each in chain_of(one))]


class TestAddress:
    @pytest.mark.parametrize(
        ("url", "mode"),
        [
            ("postgresql://a@db.example.org/x", "verify-full"),
            ("postgresql://a@db.example.org/x?sslmode=require", "require"),
            ("postgresql://a@/x", "verify-full"),
            ("postgresql://a@localhost,db.example.org/x", "verify-full"),
            ("postgresql://a@localhost/x?hostaddr=192.0.2.7", "verify-full"),
            ("postgresql://a@localhost/x", None),
            ("postgresql://a@127.0.0.1/x?sslmode=disable", "disable"),
            ("host=/run/postgresql dbname=x", None),
        ],
    )
    def test_a_line_to_another_computer_is_encrypted(self, url: str, mode: str | None) -> None:
        assert conninfo(url).get("sslmode") == mode

    @pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
    @pytest.mark.parametrize("host", ["db.example.org", "localhost,db.example.org", ""])
    def test_less_than_that_is_refused(self, host: str, mode: str) -> None:
        with refused("store.unencrypted_line"):
            conninfo(f"postgresql://a@{host}/x?sslmode={mode}")

    def test_what_is_no_address_is_refused_without_being_repeated(self) -> None:
        with refused("store.bad_address") as caught:
            conninfo("postgresql://a:geheim@host/x?nonsense=1")
        assert "geheim" not in str(caught.value)
        assert chain_of(caught.value) == [caught.value]

    def test_an_address_is_shown_without_account_and_password(self) -> None:
        assert shown(conninfo("postgresql://ana:geheim@db.example.org/x")) == "postgresql://db.example.org/x"
        assert "geheim" not in with_account("postgresql://ana:geheim@db.example.org/x", "weber")

    def test_this_computer(self) -> None:
        assert [is_local(each) for each in ("/tmp", "@x", "localhost", "::1", "db", "127.0.0.1.example.org")] == [
            True, True, True, True, False, False
        ]  # fmt: skip

    def test_names_are_quoted(self) -> None:
        assert quoted('a"; DROP ROLE x; --') == '"a""; DROP ROLE x; --"'


@pytest.fixture
def short() -> Iterator[Path]:
    """The path of a socket may not be long."""
    with tempfile.TemporaryDirectory(prefix="lb-") as directory:
        yield Path(directory)


@pytest.fixture
def line(team: Team, short: Path) -> Iterator[Between]:
    with between(team.cluster, short) as line:
        yield line


@pytest.mark.postgresql
class TestLine:
    @pytest.mark.parametrize(
        "rule",
        ["CHECK (name <> 'Geheim') NOT VALID", "UNIQUE (name) DEFERRABLE INITIALLY DEFERRED"],
        ids=["call", "commit"],
    )
    def test_what_the_server_says_of_a_row_goes_no_further(self, team: Team, people: dict[str, str], rule: str) -> None:
        with team.admin() as server, team.open(people["officer"], Clock()) as officer:
            server.execute("UPDATE lotsenbuch.login SET name = 'Geheim' WHERE account = %s", (people["auditor"],))
            server.execute(f"ALTER TABLE lotsenbuch.login ADD CONSTRAINT planted {rule}".encode())
            try:
                with refused("store.refused_by_server") as caught:
                    officer.add_login("Geheim", "auditor")
            finally:
                server.execute("ALTER TABLE lotsenbuch.login DROP CONSTRAINT planted")
            assert caught.value.fields["state"] in ("23514", "23505")
            assert [type(each) for each in chain_of(caught.value)] == [StoreError]
            assert "Geheim" not in str(caught.value)
            assert len([each for each in officer.logins() if each.name == "Geheim"]) == 1

    def test_nor_does_what_it_says_to_its_administrator(self, team: Team, people: dict[str, str]) -> None:
        with refused("store.refused_by_server") as caught, administration(team.cluster.dsn(team.database)) as server:
            server.execute("INSERT INTO lotsenbuch.login SELECT * FROM lotsenbuch.login")
        assert [type(each) for each in chain_of(caught.value)] == [StoreError]
        assert people["officer"] not in str(caught.value)

    def test_a_pooler_is_refused(self, team: Team, people: dict[str, str], short: Path) -> None:
        account = people["here"]
        with between(team.cluster, short, pooled=True) as pooler, refused("store.pooled"):
            open_team(pooler.dsn(account, team.database), team.people[account], clock=Clock(), wait=1)

    def test_a_plain_relay_is_no_pooler(self, team: Team, people: dict[str, str], line: Between) -> None:
        account = people["here"]
        with open_team(line.dsn(account, team.database), team.people[account], clock=Clock(), wait=1) as store:
            assert store.count() == 0

    @pytest.mark.parametrize("lost", [b"COMMIT", b"lotsenbuch.append", b"lotsenbuch.add_subject"])
    def test_a_receipt_that_was_lost_is_the_same_when_asked_again(
        self, team: Team, people: dict[str, str], line: Between, lost: bytes
    ) -> None:
        account = people["here"]
        sent = submission(form=divided())
        with open_team(line.dsn(account, team.database), team.people[account], clock=Clock(), wait=1) as store:
            line.swallow = lost
            with pytest.raises(StoreBusy, match="nicht doppelt"):
                store.append(sent)
            there = store.count()
            assert there == (lost == b"COMMIT")
            receipt = store.append(sent)
            assert store.append(sent) == receipt
            assert (store.count(), len(store.history(sent.id))) == (1, 1)
            assert store.verify() == []

    @pytest.mark.parametrize("lost", [b"draft_begin", b"draft_record", b"draft_put", b"draft_close", b"COMMIT"])
    def test_an_interview_whose_acknowledgements_are_lost_is_kept_once(
        self, team: Team, people: dict[str, str], line: Between, lost: bytes
    ) -> None:
        account, draft = people["here"], "0" * 32
        sent = submission(form=divided(), record={"/data/name": "pass.png"})
        with open_team(line.dsn(account, team.database), team.people[account], clock=Clock(), wait=1) as store:
            line.swallow = lost
            broken = 0
            for step in (
                lambda: store.journal.start(divided().hash, "08235007", "müller", "de", draft_id=draft),
                lambda: store.journal.record(draft, "a", 1, ANSWER),
                lambda: store.attachments.put(draft, "pass.png", b"bytes"),
                lambda: store.journal.submit(draft, sent, sequence=1),
            ):
                try:
                    first = step()
                except StoreBusy:
                    broken += 1
                    first = step()
                assert step() == first
            assert broken == 1
            assert store.count() == 1
            assert store.attachments.content(sent.id, "pass.png") == b"bytes"
            assert store.journal.drafts() == []

    def test_a_transaction_does_not_go_on_over_another_line(self, team: Team, people: dict[str, str]) -> None:
        def source() -> Iterator[object]:
            yield submission(1, form=divided())
            with team.admin() as server:
                server.execute(
                    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = %s",
                    (people["here"],),
                )
            yield submission(2, form=divided())

        with team.open(people["here"], Clock()) as store:
            with pytest.raises(StoreBusy):
                store.append_many(source())  # type: ignore[arg-type]
            assert store.count() == 0
            assert len(store.append_many([submission(1, form=divided())])) == store.count() == 1

    def test_it_belongs_to_the_thread_that_opened_it(self, team: Team, people: dict[str, str]) -> None:
        said: list[str] = []
        with team.open(people["here"], Clock()) as store:

            def elsewhere() -> None:
                with pytest.raises(RuntimeError, match="thread"):
                    store.count()
                said.append("refused")

            other = threading.Thread(target=elsewhere)
            other.start()
            other.join()
        assert said == ["refused"]

    def test_a_server_that_is_not_there_is_busy_without_saying_who_asked(self, short: Path) -> None:
        from intake.store.ways import Unlocked

        with pytest.raises(StoreBusy) as caught:
            open_team(f"host={short} user=ana dbname=x", Unlocked("0" * 16, bytes(32), b""), clock=Clock(), wait=1)
        assert (caught.value.code, "ana" in str(caught.value)) == ("store.no_server", False)
        assert chain_of(caught.value) == [caught.value]
