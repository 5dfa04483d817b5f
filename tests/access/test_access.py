"""Whoever has an account may run any Python and any SQL: only what the server answers counts, and it tells nothing.

Figures of the full set stand in `README.md`.
"""

from __future__ import annotations

import base64
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest
from access.fuzz import selects
from access.hostile import HOSTILE, TABLES
from access.town import HERE, ROLES, THERE, Town, counted, planted
from access.trial import Trial

from intake.store.postgres.opening import open_team
from intake.store.ring import CLASSES, ClassKey, PersonKey, Ring
from intake.store.rows import about_part
from intake.store.sealing import unseal
from intake.store.ways import Unlocked
from scenario.postgresql import Cluster, programs
from scenario.stores import Clock, submission
from validation.errors import StoreError

pytestmark = pytest.mark.postgresql

CHANGES_MUCH = ("protection", "administrator")


@pytest.fixture(scope="module")
def town(postgresql: Cluster) -> Town:
    return planted(postgresql)


def attempted(town: Town, role: str, *, undone: bool) -> Trial:
    trial = Trial(town, town.people[role], town.foreign(role))
    names = town.names()
    for statements in HOSTILE.values():
        trial.run([statement.format(**names) for statement in statements], undone=undone)
    return trial


def altered(town: Town, statements: str) -> None:
    with town.team.admin() as server:
        for table in TABLES:
            server.execute(statements.format(table=table))  # type: ignore[arg-type]


class TestHostile:
    def test_the_list_is_long_enough_and_there_is_something_to_find(self, town: Town) -> None:
        assert len(HOSTILE) >= 60
        assert sum(map(len, HOSTILE.values())) >= 200
        assert all(len(town.foreign(role)) > 60 for role in ROLES), {role: len(town.foreign(role)) for role in ROLES}

    @pytest.mark.parametrize("role", ROLES)
    def test_no_statement_shows_anything_of_others(self, town: Town, role: str) -> None:
        trial = attempted(town, role, undone=role in CHANGES_MUCH)
        assert trial.found == []
        assert trial.answered > 100

    @pytest.mark.parametrize("role", ["manager", "evaluator"])
    def test_the_same_list_finds_much_without_row_security(self, town: Town, role: str) -> None:
        altered(town, "ALTER TABLE lotsenbuch.{table} DISABLE ROW LEVEL SECURITY")
        try:
            found = attempted(town, role, undone=True).found
        finally:
            altered(town, "ALTER TABLE lotsenbuch.{table} ENABLE ROW LEVEL SECURITY")
        assert len({statement for statement, _ in found}) > 10

    @pytest.mark.parametrize("role", [role for role in ROLES if role != "protection"])
    def test_a_grant_by_mistake_shows_nothing_either(self, town: Town, role: str) -> None:
        group = f'"{town.team.database}_{role}"'
        tables = f"SELECT ON ALL TABLES IN SCHEMA lotsenbuch {{}} {group}"
        functions = f"EXECUTE ON ALL FUNCTIONS IN SCHEMA lotsenbuch {{}} {group}"
        with town.team.admin() as server:
            server.execute("BEGIN")
            server.execute(
                "CREATE TEMP TABLE kept AS SELECT oid, relacl FROM pg_class"
                " WHERE relnamespace = 'lotsenbuch'::regnamespace"
            )
            server.execute("CREATE TEMP TABLE held AS SELECT oid, proacl FROM pg_proc"
                           " WHERE pronamespace = 'lotsenbuch'::regnamespace")  # fmt: skip
            server.execute("COMMIT")
            try:
                server.execute(f"GRANT {tables.format('TO')}; GRANT {functions.format('TO')}".encode())
                assert attempted(town, role, undone=True).found == []
            finally:
                server.execute("UPDATE pg_class AS c SET relacl = k.relacl FROM kept AS k WHERE k.oid = c.oid")
                server.execute("UPDATE pg_proc AS p SET proacl = h.proacl FROM held AS h WHERE h.oid = p.oid")

    @pytest.mark.parametrize("role", ["manager", "evaluator"])
    def test_statements_made_at_random_find_much_without_row_security(self, town: Town, role: str) -> None:
        trial = Trial(town, town.people[role], town.foreign(role))
        altered(town, "ALTER TABLE lotsenbuch.{table} DISABLE ROW LEVEL SECURITY")
        try:
            trial.run(selects(200, town.names()), undone=True)
        finally:
            altered(town, "ALTER TABLE lotsenbuch.{table} ENABLE ROW LEVEL SECURITY")
        assert len({statement for statement, _ in trial.found}) >= 4

    @pytest.mark.parametrize("role", ROLES)
    def test_statements_made_at_random_show_nothing(self, town: Town, role: str) -> None:
        self.fuzzed(town, role, 40)

    @pytest.mark.long
    @pytest.mark.parametrize("role", ROLES)
    def test_a_thousand_statements_made_at_random_show_nothing(self, town: Town, role: str) -> None:
        self.fuzzed(town, role, 1000)

    def fuzzed(self, town: Town, role: str, count: int) -> None:
        trial = Trial(town, town.people[role], town.foreign(role))
        trial.run(selects(count, town.names()), undone=False)
        assert trial.found == []
        assert (trial.tried, trial.answered > 0) == (count, True)


class TestRoles:
    def test_a_manager_reads_everything_of_the_own_municipality_and_nothing_else(self, town: Town) -> None:
        with town.open("manager") as store:
            found = list(store.submissions())
            assert (len(found), store.count(), {each.municipality for each in found}) == (10, 10, {HERE})
            assert all(each.unread == () and each.subject.startswith("idwort") for each in found)
            assert store.count(municipality=THERE) == 0
            assert [each.municipality for each in store.journal.drafts()] == [HERE]

    def test_an_evaluator_reads_what_is_general_without_persons_and_authors(self, town: Town) -> None:
        with town.open("manager") as store:
            whole = {each.id: each for each in store.submissions()}
        with town.open("evaluator") as store:
            found = list(store.submissions())
            assert store.classes == ("general",)
            assert {each.id for each in found} == set(whole)
            for each in found:
                assert each.record == {"/data/kurs": whole[each.id].record["/data/kurs"]}
                assert (each.author, each.reason, each.unread) == ("", None, ("identity", "special", "staff"))
                assert re.fullmatch("[0-9a-f]{32}", each.subject)
            assert [each.subject for each in store.entries()] != []
            with pytest.raises(StoreError, check=lambda error: error.code == "store.not_allowed"):
                store.history(found[0].id)
            with pytest.raises(StoreError):
                store.journal.drafts()

    @pytest.mark.parametrize("role", ["publisher", "auditor", "protection", "administrator"])
    def test_nobody_else_reads_a_submission(self, town: Town, role: str) -> None:
        with town.open(role) as store:
            for reading in (store.submissions, store.count, store.entries, store.journal.drafts):
                with pytest.raises(StoreError, check=lambda error: error.code == "store.not_allowed"):
                    reading()

    def test_a_login_that_ended_sees_nothing_from_then_on(self, town: Town) -> None:
        account = town.team.add("manager", [HERE])
        with town.team.open(account, Clock()) as store:
            assert store.count() == 10
            with town.team.admin() as server:
                server.execute("UPDATE lotsenbuch.login SET removed = 'now' WHERE account = %s", (account,))
            assert store.count() == 0
            with pytest.raises(StoreError, check=lambda error: error.code == "store.not_allowed"):
                store.append(submission())
        with pytest.raises(StoreError, check=lambda error: error.code == "store.no_login"):
            town.team.open(account, Clock())


class TestRefusals:
    """A refusal says the same whether something exists elsewhere or nowhere."""

    def refusal(self, town: Town, what: Callable[[psycopg.Connection], object]) -> str:
        with psycopg.connect(town.team.url(town.people["manager"]), autocommit=True) as line:
            with pytest.raises(psycopg.Error) as caught:
                what(line)
            told = caught.value.diag
            return f"{caught.value.sqlstate} {told.message_primary} {told.message_detail} {told.message_hint}"

    def append(
        self, submission_id: str, place: str, subject: str, version: int = 1
    ) -> Callable[[psycopg.Connection], object]:
        return lambda line: line.execute(
            "SELECT * FROM lotsenbuch.append('submission', %s, %s, (SELECT hash FROM lotsenbuch.form_rows(NULL)), %s,"
            " %s, '', '', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
            (submission_id, version, place, subject),
        )

    def test_a_foreign_subject_is_refused_like_none(self, town: Town) -> None:
        names = town.names()
        assert self.refusal(town, self.append("uuid:x", HERE, names["subject"])) == self.refusal(
            town, self.append("uuid:x", HERE, "f" * 32)
        )

    def test_a_foreign_submission_is_refused_like_a_foreign_municipality(self, town: Town) -> None:
        names = town.names()
        assert self.refusal(town, self.append(names["submission"], HERE, "0" * 32)) == self.refusal(
            town, self.append("uuid:x", THERE, "0" * 32)
        )

    def test_a_later_version_of_a_foreign_submission_is_refused_like_of_none(self, town: Town) -> None:
        names = town.names()
        there = self.refusal(town, self.append(names["submission"], HERE, "0" * 32, 2))
        assert there.replace(names["submission"], "uuid:x") == self.refusal(
            town, self.append("uuid:x", HERE, "0" * 32, 2)
        )

    def test_a_person_known_elsewhere_is_a_new_one_here(self, town: Town) -> None:
        with town.open("manager there") as store:
            person = next(iter(store.submissions())).subject
        with town.open("manager") as store:
            sent = replace(
                submission(99, form=town.form, municipality=HERE), subject=person, record={"/data/kurs": "x"}
            )
            store.append(sent)
            assert next(each for each in store.submissions() if each.id == sent.id).subject == person
        subjects = {
            row[0] for row in town.rows("SELECT subject FROM lotsenbuch.event WHERE submission = 'uuid:00000099'")
        }
        assert not subjects & {
            row[0] for row in town.rows(f"SELECT subject FROM lotsenbuch.event WHERE municipality = '{THERE}'")
        }


class TestWhoComesIn:
    def refused(self, town: Town, url: str, code: str, unlocked: Unlocked | None = None) -> None:
        unlocked = unlocked or town.team.people[town.people["manager"]]
        with pytest.raises(StoreError, check=lambda error: error.code == code):
            open_team(url, unlocked, clock=Clock(), wait=1)

    def test_the_servers_administrator_is_no_end_user(self, town: Town) -> None:
        self.refused(town, town.team.cluster.dsn(town.team.database), "store.too_mighty")

    @pytest.mark.parametrize("attribute", ["BYPASSRLS", "CREATEROLE", "REPLICATION", "SUPERUSER"])
    def test_an_account_that_could_see_past_the_rules_is_none(self, town: Town, attribute: str) -> None:
        account = town.people["manager"]
        with town.team.admin() as server:
            server.execute(f'ALTER ROLE "{account}" {attribute}'.encode())
            try:
                self.refused(town, town.team.url(account), "store.too_mighty")
                with psycopg.connect(town.team.url(account), autocommit=True) as line:
                    assert line.execute("SELECT * FROM lotsenbuch.whoami()").fetchall() == []
            finally:
                server.execute(f'ALTER ROLE "{account}" NO{attribute}'.encode())

    def test_the_owner_of_the_tables_is_none(self, town: Town) -> None:
        account = town.people["manager"]
        with town.team.admin() as server:
            server.execute(f'GRANT "{town.team.database}_owner" TO "{account}"'.encode())
            try:
                self.refused(town, town.team.url(account), "store.too_mighty")
            finally:
                server.execute(f'REVOKE "{town.team.database}_owner" FROM "{account}"'.encode())

    def test_an_account_that_acts_as_another_one_is_none(self, town: Town) -> None:
        account = town.people["manager"]
        role = f"{town.team.database}_manager"
        self.refused(town, f"{town.team.url(account)} options='-c role={role}'", "store.borrowed")

    def test_account_and_key_must_be_of_one_person(self, town: Town) -> None:
        other = town.team.people[town.people["evaluator"]]
        self.refused(town, town.team.url(town.people["manager"]), "store.other_login", other)
        thief = replace(town.team.people[town.people["manager"]], private=bytes(range(32)))
        self.refused(town, town.team.url(town.people["manager"]), "store.other_login", thief)

    @pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
    def test_a_line_that_others_could_read_is_refused_before_it_is_made(self, town: Town, mode: str) -> None:
        self.refused(town, f"postgresql://a@db.example.org/x?sslmode={mode}", "store.unencrypted_line")


class TestStolen:
    def test_a_key_of_general_opens_no_other_part(self, town: Town) -> None:
        unlocked = town.team.people[town.people["evaluator"]]
        with town.team.admin() as server:  # everything that lies on the server, and the evaluator's private key
            class_keys = [ClassKey(*row) for row in server.execute("SELECT * FROM lotsenbuch.class_key").fetchall()]
            person_keys = server.execute(
                "SELECT subject, name, generation, wrapped FROM lotsenbuch.person_key"
            ).fetchall()
            parts = server.execute(
                "SELECT e.submission, e.version, e.subject, p.class, p.sealed FROM lotsenbuch.part AS p"
                " JOIN lotsenbuch.event AS e ON e.number = p.event WHERE e.kind = 'submission'"
            ).fetchall()
        ring = Ring.opened(unlocked.login, unlocked.private, class_keys)
        general = ring.key("general")
        keys = {general, unlocked.private}
        for subject, name, generation, wrapped in person_keys:
            for candidate in (name, "general"):
                try:
                    keys.add(unseal(general, wrapped, f"person key {candidate} {subject}"))
                except StoreError:
                    assert name != "general" or candidate != "general"
            if name == "general":
                keys.add(ring.unwrap(PersonKey(subject, name, generation, wrapped)))
        opened = dict.fromkeys(CLASSES, 0)
        for submission_id, version, subject, name, sealed in parts:
            for key in keys:
                try:
                    unseal(key, sealed, about_part(submission_id, version, name, subject))
                except StoreError:
                    continue
                opened[name] += 1
        assert opened["general"] == sum(part[3] == "general" for part in parts) > 10
        assert (opened["identity"], opened["special"], opened["staff"]) == (0, 0, 0)
        assert {part[3] for part in parts} == set(CLASSES)


class TestLeft:
    """What was said is nowhere to be read on the server: not in its files, not in a dump."""

    def seen(self, town: Town, content: bytes) -> list[str]:
        """The planted words that stand in something, as text or in another writing."""
        found: list[str] = []
        for written in (
            str.encode,
            lambda word: word.encode().hex().encode(),
            lambda word: word.encode().hex().upper().encode(),
            lambda word: base64.b64encode(word.encode())[:-4],
            lambda word: word.encode("utf-16-le"),
        ):
            for words in town.words.values():
                if written(words[0])[:8] in content:  # all words of a class begin alike
                    found += [word for word in words if written(word) in content]
        return found

    def test_many_words_were_planted(self, town: Town) -> None:
        assert counted(town.words) >= 200
        assert set(town.words) == set(CLASSES)

    def test_the_search_finds_a_word_that_lies_open(self, town: Town) -> None:
        word = town.words["special"][0]
        assert self.seen(town, b"..." + word.encode() + b"...") == [word]
        assert self.seen(town, b"\\x" + word.encode().hex().encode()) == [word]

    def test_no_file_of_the_server_holds_a_word(self, town: Town) -> None:
        with town.team.admin() as server:
            server.execute("CHECKPOINT")
            server.execute("SELECT pg_switch_wal()")
        files = [path for path in (town.team.cluster.directory / "data").rglob("*") if path.is_file()]
        assert any("pg_wal" in str(path) for path in files)
        names = town.names()
        sealed = False
        for path in files:
            content = path.read_bytes()
            assert self.seen(town, content) == [], path.name
            sealed = sealed or names["submission"].encode() in content
        assert sealed, "the search looked in the wrong place"

    def test_no_dump_holds_a_word(self, town: Town) -> None:
        where = programs()
        assert where is not None
        cluster = town.team.cluster
        as_user = {"user": cluster.user} if os.geteuid() == 0 else {}
        for program in ([where / "pg_dump", "-d", town.team.database], [where / "pg_dumpall"]):
            done = subprocess.run(
                [*program, "-h", cluster.directory, "-U", cluster.user],
                capture_output=True,
                check=True,
                cwd="/",
                **as_user,
            )
            assert town.names()["submission"].encode() in done.stdout
            assert self.seen(town, done.stdout) == []

    def test_the_log_of_the_server_holds_no_word_even_when_it_keeps_every_statement(self, town: Town) -> None:
        with town.team.admin() as server:
            server.execute("ALTER SYSTEM SET log_statement = 'all'")
            server.execute("SELECT pg_reload_conf()")
        try:
            with town.open("manager") as store:
                draft = store.journal.start(town.form.hash, HERE, town.words["staff"][0], "de").id
                payload = {"op": "answer", "path": "/data/religion", "value": town.words["special"][0]}
                store.journal.record(draft, "a", 1, payload)
                store.journal.discard(draft)
        finally:
            with town.team.admin() as server:
                server.execute("ALTER SYSTEM RESET log_statement")
                server.execute("SELECT pg_reload_conf()")
        log = (town.team.cluster.directory / "log").read_bytes()
        assert b"draft_record" in log
        assert self.seen(town, log) == []


class TestAppendOnly:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE lotsenbuch.event SET actor = 'x'", "DELETE FROM lotsenbuch.event",
            "TRUNCATE lotsenbuch.event CASCADE",
            "UPDATE lotsenbuch.part SET sealed = ''", "DELETE FROM lotsenbuch.part",
            "DELETE FROM lotsenbuch.attachment",
            "UPDATE lotsenbuch.form SET xform = ''", "DELETE FROM lotsenbuch.subject",
            "DELETE FROM lotsenbuch.closed_draft",
        ],
    )  # fmt: skip
    def test_not_even_the_servers_administrator_changes_the_past_in_passing(self, town: Town, statement: str) -> None:
        with town.team.admin() as server, pytest.raises(psycopg.Error, match=r"store\.append_only"):
            server.execute(statement.encode())
