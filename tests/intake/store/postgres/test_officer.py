"""Together in a team's store: who sees a case, who gives keys and takes them away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from intake.store.chain import Anchor
from intake.store.ring import CLASSES, Ring, new_login
from intake.submission import Submission
from scenario.stores import START, Clock, divided, refused, submission
from scenario.team import Team

pytestmark = pytest.mark.postgresql

HERE, THERE = "08235007", "08235085"
FORM = divided()


def sent(number: int = 1, place: str = HERE, **more: object) -> Submission:
    record = {"/data/a": "gut", "/data/kind": "Asthma", "/data/name": "Amina"}
    return replace(submission(number, form=FORM, municipality=place, record=record), **more)  # type: ignore[arg-type]


def test_a_case_that_moved_counts_where_it_is_and_its_past_stays_where_it_was(
    team: Team, people: dict[str, str]
) -> None:
    clock = Clock()
    with team.open(people["head"], clock) as head:
        head.append(sent())
        clock.move(days=1)
        head.append(sent(version=2, reason="Umzug", municipality=THERE))
    with team.open(people["here"], clock) as here, team.open(people["there"], clock) as there:
        assert (here.count(), here.count(known_at=START + timedelta(hours=1))) == (0, 1)
        assert [each.version for each in here.history("uuid:00000001")] == [1]
        assert [(each.version, each.record["/data/kind"]) for each in there.submissions()] == [(2, "Asthma")]
        assert here.visible(FORM.form_id) == 0
        with refused("store.not_allowed"):
            here.append(sent(version=2, reason="Tippfehler"))
    with team.open(people["head"], clock) as head:
        clock.move(days=1)
        head.append(sent(version=3, reason="wieder da"))
    with team.open(people["here"], clock) as here:
        assert [each.version for each in here.submissions()] == [3]


def test_one_name_in_two_municipalities_is_two_subjects_and_an_erasure_takes_both(
    team: Team, people: dict[str, str]
) -> None:
    for who, place, number in (("here", HERE, 1), ("there", THERE, 2)):
        with team.open(people[who], Clock()) as store:
            store.append(sent(number, place))
    with team.open(people["evaluator"], Clock()) as store:
        assert len({each.subject for each in store.entries()}) == 2
    with team.open(people["here"], Clock()) as store, refused("store.not_allowed"):
        store.erase("P-000001", reason="Antrag")
    with team.open(people["officer"], Clock()) as store:
        store.erase("P-000001", reason="Antrag vom 1. März")
        assert sorted(each.municipality for each in store.events(kinds=["erasure"])) == [HERE, THERE]
        assert [classes for _, classes, _ in store.erased()] == [CLASSES, CLASSES]
    for who in ("here", "there", "head", "evaluator"):
        with team.open(people[who], Clock()) as store:
            assert (store.count(), list(store.submissions()), store.entries()) == (0, [], [])
    assert rows(team, "SELECT count(*) FROM lotsenbuch.person") == [(0,)]


def test_the_officer_takes_drafts_about_a_person_without_reading_one(team: Team, people: dict[str, str]) -> None:
    with team.open(people["here"], Clock()) as store:
        store.append(sent())
        start = store.journal.start
        about = start(FORM.hash, HERE, "müller", "de", "<data><person>P-000001</person></data>").id
        other = start(FORM.hash, HERE, "müller", "de", "<data><person>P-000002</person></data>").id
        later = start(FORM.hash, HERE, "müller", "de").id
        store.journal.record(later, "a", 1, {"op": "answer", "path": "/data/person", "value": "P-000001"})
    with team.open(people["officer"], Clock()) as store:
        with refused("store.not_allowed"):
            store.journal.drafts()
        with refused("store.open_draft"):
            store.withdraw("P-000001", reason="widerrufen")
        store.erase("P-000001", reason="Antrag")
    with team.open(people["here"], Clock()) as store:
        assert [each.id for each in store.journal.drafts()] == [other]
        assert [store.journal.is_closed(each) for each in (about, later, other)] == [True, True, False]
        assert store.journal.draft(other).xml == "<data><person>P-000002</person></data>"


def test_a_draft_goes_on_at_another_computer_and_says_who_had_it_last(team: Team, people: dict[str, str]) -> None:
    clock = Clock()
    answer = {"op": "answer", "path": "/data/a", "value": "x"}
    with team.open(people["here"], clock) as first, team.open(people["head"], clock) as second:
        draft = first.journal.start(FORM.hash, HERE, "müller", "de").id
        first.journal.record(draft, "a", 1, answer)
        assert first.journal.open_by() == {draft: (first.login.id, START)}
        moment = clock.move(minutes=5)
        assert [op.payload for op in second.journal.replay(draft)] == [answer]
        second.journal.record(draft, "b", 2, answer)
        assert first.journal.open_by() == {draft: (second.login.id, moment)}
        with refused("store.stale_draft"):
            first.journal.record(draft, "c", 2, answer)


def test_who_leaves_takes_no_key_along_that_opens_what_comes(team: Team, people: dict[str, str]) -> None:
    with team.open(people["here"], Clock()) as store:
        store.append(sent())
        draft = store.journal.start(FORM.hash, HERE, "müller", "de", "<data/>").id
        leaving = store.login.id
    before = rows(team, "SELECT name, generation FROM lotsenbuch.class_key GROUP BY 1, 2 ORDER BY 1")
    with team.open(people["officer"], Clock()) as officer:
        officer.remove_login(leaving)
    after = dict(rows(team, "SELECT name, generation FROM lotsenbuch.class_key GROUP BY 1, 2"))
    never = ("anchor", "index")
    assert after == {name: generation + (name not in never) for name, generation in before}
    assert rows(team, f"SELECT 1 FROM lotsenbuch.class_key WHERE login = '{leaving}' AND name NOT IN {never}") == []
    with refused("store.no_login"):
        team.open(people["here"], Clock())
    with team.open(people["head"], Clock()) as head:
        assert [each.record for each in head.submissions()] == [sent().record]
        assert head.journal.draft(draft).xml == "<data/>"
        head.append(sent(2))


def test_somebody_whose_keys_were_replaced_meanwhile_goes_on(team: Team, people: dict[str, str]) -> None:
    with team.open(people["here"], Clock()) as here:
        here.append(sent())
        with team.open(people["officer"], Clock()) as officer:
            login, _ = officer.add_login("Weber", "manager")
            officer.remove_login(login.id)
        here.append(sent(2, subject="P-000002"))
        assert here.journal.start(FORM.hash, HERE, "müller", "de").sequence == 0
        assert [each.record for each in here.submissions()] == [sent().record] * 2


def test_a_login_of_the_servers_administrator_is_given_no_key(team: Team, people: dict[str, str]) -> None:
    made, _ = new_login("f" * 16, "Niemand", "manager")
    with team.open(people["officer"], Clock()) as officer, team.admin() as server:
        leaving, _ = officer.add_login("Weber", "manager")
        server.execute("INSERT INTO lotsenbuch.login VALUES (%s, %s, %s, %s, 'x', '', NULL)",
                       (made.id, made.name, made.role, made.public))  # fmt: skip
        server.execute("INSERT INTO lotsenbuch.class_key SELECT name, generation, %s, wrapped FROM lotsenbuch.class_key"
                       " WHERE login = %s", (made.id, leaving.id))  # fmt: skip
        with refused("store.forged"):
            officer.remove_login(leaving.id)
        server.execute("UPDATE lotsenbuch.login SET removed = '' WHERE id = %s", (made.id,))
        officer.remove_login(leaving.id)


def test_a_class_key_of_the_servers_administrator_seals_nothing(team: Team, people: dict[str, str]) -> None:
    with team.open(people["here"], Clock()) as here:
        login = here.login
    forged = Ring.new().wrapped_for(login)
    with team.admin() as server:
        for each in forged:
            server.execute("UPDATE lotsenbuch.class_key SET wrapped = %s WHERE login = %s AND name = %s",
                           (each.wrapped, login.id, each.name))  # fmt: skip
    with team.open(people["here"], Clock()) as here, refused("store.forged"):
        here.append(sent())


def test_nobody_gives_out_what_they_have_not(team: Team, people: dict[str, str]) -> None:
    for who, code in (
        ("here", "store.not_allowed"),
        ("evaluator", "store.class_closed"),
        ("auditor", "store.class_closed"),
    ):
        with team.open(people[who], Clock()) as store, refused(code):
            store.add_login("Weber", "manager", account="weber")
    with team.open(people["officer"], Clock()) as officer:
        with refused("store.account_taken"):
            officer.add_login("Weber", "auditor", account=people["auditor"])
        with refused("store.not_allowed"):
            officer.assign(officer.login.id, ["*"])
        with refused("store.own_login"):
            officer.remove_login(officer.login.id)


def test_whose_rows_somebody_sees_may_change(team: Team, people: dict[str, str]) -> None:
    with team.open(people["here"], Clock()) as here, team.open(people["officer"], Clock()) as officer:
        here.append(sent())
        officer.assign(here.login.id, [THERE])
        assert (here.count(), list(here.submissions())) == (0, [])
        officer.assign(here.login.id, [THERE, HERE])
        assert here.count() == 1
        assert [dict(officer.detail(each.number)) for each in officer.events(kinds=["login"])][-1] == {
            "act": "assigned", "municipalities": f"{HERE} {THERE}"
        }  # fmt: skip


def test_the_auditor_reads_the_log_and_proves_the_chain(team: Team, people: dict[str, str]) -> None:
    with team.open(people["here"], Clock()) as here:
        here.append(sent())
        here.note("access", municipality=HERE, subject=here.subject_of("P-000001") or "", detail={"why": "Beratung"})
        anchor = Anchor.read(here.anchor().line())
    with team.open(people["auditor"], Clock()) as auditor:
        assert [each.kind for each in auditor.events()][-2:] == ["submission", "access"]
        assert auditor.detail(auditor.events()[-1].number) == {}
        assert auditor.verify([anchor]) == []
        with refused("store.not_allowed"):
            auditor.count()
    with team.admin() as server:
        server.execute("ALTER TABLE lotsenbuch.event DISABLE TRIGGER ALL; UPDATE lotsenbuch.event SET actor = 'x'"
                       " WHERE kind = 'access'; ALTER TABLE lotsenbuch.event ENABLE TRIGGER ALL")  # fmt: skip
    with team.open(people["auditor"], Clock()) as auditor:
        assert [each.kind for each in auditor.verify([anchor])] == ["event"]


def test_a_changed_ciphertext_is_found_by_whom_it_is_shown(team: Team, people: dict[str, str]) -> None:
    with team.open(people["here"], Clock()) as here:
        here.append(sent())
        assert here.verify() == []
        with team.admin() as server:
            server.execute("ALTER TABLE lotsenbuch.part DISABLE TRIGGER ALL; UPDATE lotsenbuch.part SET sealed = sealed"
                           " || '\\x00'"
                           " WHERE class = 'special'; ALTER TABLE lotsenbuch.part ENABLE TRIGGER ALL")  # fmt: skip
        assert [(each.kind, each.municipality) for each in here.verify()] == [("content", HERE)]


def test_a_form_that_is_reworded_is_found(team: Team, people: dict[str, str]) -> None:
    with team.open(people["here"], Clock()) as here:
        number = here.append(sent()).number
        with team.admin() as server:
            server.execute("ALTER TABLE lotsenbuch.form DISABLE TRIGGER ALL; UPDATE lotsenbuch.form SET xform = xform"
                           " || ' '; ALTER TABLE lotsenbuch.form ENABLE TRIGGER ALL")  # fmt: skip
        assert [(each.number, each.kind) for each in here.verify()] == [(number, "content")]


OF_THE_FIRST = "subject = (SELECT subject FROM lotsenbuch.event WHERE kind = 'submission' ORDER BY number LIMIT 1)"


@pytest.mark.parametrize(
    ("statement", "officer_too"),
    [
        (f"DELETE FROM lotsenbuch.person_key WHERE {OF_THE_FIRST}", True),
        (f"DELETE FROM lotsenbuch.person_key WHERE name = 'general' AND {OF_THE_FIRST}", True),
        (f"UPDATE lotsenbuch.person_key SET since = 1 + (SELECT number FROM lotsenbuch.counter) WHERE {OF_THE_FIRST}",
         False),
    ],
)  # fmt: skip
def test_keys_that_were_taken_away_past_the_program_are_missed(
    team: Team, people: dict[str, str], statement: str, officer_too: bool
) -> None:
    with team.open(people["here"], Clock()) as here:
        number = here.append(sent()).number
        here.append(sent(2, subject="P-000002"))
    with team.admin() as server:
        server.execute(statement.encode())
    with team.open(people["head"], Clock()) as head, team.open(people["officer"], Clock()) as officer:
        assert [(each.number, each.kind) for each in head.verify()] == [(number, "keys")]
        assert [(each.number, each.kind) for each in officer.verify()] == [(number, "keys")] * officer_too


def test_a_key_of_a_file_that_is_gone_is_missed(team: Team, people: dict[str, str]) -> None:
    with team.open(people["head"], Clock()) as head:
        draft = head.journal.start(FORM.hash, HERE, "müller", "de").id
        head.attachments.put(draft, "Amina", b"bytes")
        number = head.journal.submit(draft, sent()).number
        with team.admin() as server:
            server.execute("ALTER TABLE lotsenbuch.part DISABLE TRIGGER ALL; DELETE FROM lotsenbuch.part"
                           f" WHERE event = {number}; ALTER TABLE lotsenbuch.part ENABLE TRIGGER ALL")  # fmt: skip
            assert [each.kind for each in head.verify()] == ["content"]
            server.execute(f"DELETE FROM lotsenbuch.person_key WHERE {OF_THE_FIRST}".encode())
        assert [each.kind for each in head.verify()] == ["content", "keys"]


def test_keys_that_went_with_a_word_are_no_loss(team: Team, people: dict[str, str]) -> None:
    with team.open(people["head"], Clock()) as head, team.open(people["officer"], Clock()) as officer:
        head.append_many([sent(), sent(2, subject="P-000002"), sent(3, subject="P-000003")])
        head.append(sent(version=2, reason="Umzug", municipality=THERE))
        officer.erase("P-000001", reason="Antrag")
        head.withdraw("P-000002", reason="widerrufen")
        head.append(sent(2, version=2, subject="P-000002", reason="wieder einverstanden"))
        assert (head.verify(), officer.verify()) == ([], [])
        with team.open(people["here"], Clock()) as here:
            assert here.verify() == [], "of the erasure only the other municipality is told"


def test_keys_that_go_while_somebody_looks_are_no_loss(team: Team, people: dict[str, str]) -> None:
    with team.open(people["head"], Clock()) as head, team.open(people["officer"], Clock()) as officer:
        head.append_many([sent(), sent(2, subject="P-000002")])
        links = head._events.links

        def slowly(after: int = 0, *more: object) -> Iterator[object]:
            yield from links(after, *more)  # type: ignore[arg-type]
            if not after:
                officer.erase("P-000001", reason="Antrag")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(head._events, "links", slowly)
            assert head.verify() == []


def test_protected_tables_go_to_whoever_publishes(team: Team, people: dict[str, str]) -> None:
    with team.open(people["evaluator"], Clock()) as store:
        number = store.keep_table("bestand", b'{"cells": []}')
        assert store.keep_table("zugang", b"{}") > number
    with team.open(people["publisher"], Clock()) as store:
        assert [(name, made, content) for _, name, made, content in store.safe_tables()] == [
            ("bestand", START, b'{"cells": []}'), ("zugang", START, b"{}")
        ]  # fmt: skip
        with refused("store.not_allowed"):
            store.keep_table("x", b"{}")
        assert [each.role for each in store.logins()] == ["publisher"]


def test_the_administrator_ends_a_login_but_holds_no_key(team: Team, people: dict[str, str]) -> None:
    with team.open(people["administrator"], Clock()) as store:
        assert store.classes == ()
        assert {each.role for each in store.logins()} >= {"manager", "auditor", "protection"}
        with refused("store.not_allowed"):
            store.events()


OFFICES = [("protection", []), ("protection", ["*"]), ("manager", ["*"]), ("manager", [HERE, "*"])]


@pytest.mark.parametrize(("role", "where"), OFFICES)
def test_the_administrator_lets_nobody_into_an_office(
    team: Team, people: dict[str, str], role: str, where: list[str]
) -> None:
    """Whoever is in office takes keys away without holding one."""
    with server_as(team, people["administrator"]) as server, pytest.raises(psycopg.Error, match=r"store\.not_allowed"):
        add_login(server, "f" * 16, role, where)
    assert rows(team, f"SELECT 1 FROM lotsenbuch.login WHERE id = '{'f' * 16}'") == []
    with server_as(team, people["officer"]) as server:
        add_login(server, "f" * 16, role, where)


def test_the_administrator_makes_nobody_a_manager_of_everything(team: Team, people: dict[str, str]) -> None:
    with server_as(team, people["administrator"]) as server:
        add_login(server, "e" * 16, "evaluator", ["*"])
        add_login(server, "f" * 16, "manager", [HERE])
        server.execute("SELECT lotsenbuch.assign(%s, %s)", ("f" * 16, [THERE]))
        server.execute("SELECT lotsenbuch.assign(%s, %s)", ("e" * 16, ["*", THERE]))
        for wanted in (["*"], [HERE, "*"], [["*"]]):
            with pytest.raises(psycopg.Error, match=r"store\.not_allowed"):
                server.execute("SELECT lotsenbuch.assign(%s, %s)", ("f" * 16, wanted))
    assert rows(team, f"SELECT municipality FROM lotsenbuch.assignment WHERE login = '{'f' * 16}'") == [(THERE,)]
    with team.open(people["officer"], Clock()) as officer:
        officer.assign("f" * 16, ["*"])


def test_nor_does_it_while_the_login_is_not_there_yet(team: Team, people: dict[str, str]) -> None:
    with server_as(team, people["administrator"]) as one, server_as(team, people["administrator"]) as other:
        other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        assert other.execute("SELECT lotsenbuch.me()").fetchone() is not None  # looks at the store from here on
        add_login(one, "f" * 16, "manager", [])
        with pytest.raises(psycopg.Error, match=r"store\.not_allowed"):
            other.execute("SELECT lotsenbuch.assign(%s, %s)", ("f" * 16, ["*"]))


def server_as(team: Team, account: str) -> psycopg.Connection:
    return psycopg.connect(team.url(account), autocommit=True)


def add_login(server: psycopg.Connection, login: str, role: str, where: list[str]) -> None:
    server.execute(
        "SELECT lotsenbuch.add_login(%s, 'Niemand', %s, %s, %s, %s, '')", (login, role, bytes(32), login, where)
    )


def rows(team: Team, question: str) -> list[tuple[object, ...]]:
    with team.admin() as server:
        return server.execute(question.encode()).fetchall()
