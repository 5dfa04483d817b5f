"""What only the file can show of erasure: nothing is left in it, its log or a later backup, whoever holds what keys."""

from __future__ import annotations

import contextlib
import json
import shutil
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from intake.store import Store, erasures, open_store
from intake.store.connection import Connection
from intake.store.erasures import Erasure, list_of
from intake.store.ring import CLASSES
from intake.store.rows import about_part
from intake.store.sealing import derive, unseal
from intake.store.ways import Unlocked, founded_before
from intake.submission import Record, Submission
from scenario.stores import KEY, Clock, divided, files, new_store, past_the_store, submission
from validation.errors import StoreError

FORM = divided()
WORDS = [f"Geheimwort{number:02}" for number in range(50)]
PERSON, OTHER = "P-000047", "P-000048"


def sent(number: int, person: str) -> Submission:
    return submission(number, form=FORM, subject=person, record={"/data/name": "Amina", "/data/kind": "Asthma"})


def planted(store: Store) -> None:
    """Fifty words said about one person wherever something can be said, and somebody else beside."""
    word = iter(WORDS)

    def record() -> Record:
        return {
            "/data/a": next(word), "/data/name": next(word), "/data/kind": next(word), "/data/note": next(word),
            "/data/dog": [{"/data/dog/bark": next(word)}, {"/data/dog/bark": next(word)}], "/data/fremd": next(word),
        }  # fmt: skip

    store.publish(FORM)
    for number in range(1, 6):
        store.append(submission(number, form=FORM, subject=PERSON, record=record(), author=next(word)))
        store.append(submission(number + 10, form=FORM, subject=OTHER, record={"/data/name": "Nachbarin"}))
    draft = store.journal.start(FORM.hash, "08235007", "müller", "de").id
    store.attachments.put(draft, named := next(word), next(word).encode() * 300)
    store.journal.submit(draft, submission(6, form=FORM, subject=PERSON, record={"/data/name": named}))
    subject = store.subject_of(PERSON)
    assert subject is not None
    store.note("query", subject=subject, detail={"text": next(word), "answer": next(word), "by": next(word)})
    again = store.journal.start(
        FORM.hash, "08235007", next(word), "de", f"<data><person>{PERSON}</person><a>{next(word)}</a></data>"
    ).id
    store.journal.record(again, "o", 1, {"op": "answer", "path": "/data/a", "value": next(word)})
    store.attachments.put(again, next(word), next(word).encode())
    assert list(word) == []


def everything(path: Path, unlocked: Unlocked) -> bytes:
    """Whatever anybody can find in a store: every value of every row, and of every sealed one what any key opens, which
    any login can open from what is in the file."""
    found = list(files(path.parent).values())
    with past_the_store(path) as raw:
        tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for table in tables:
            for row in raw.execute(f"SELECT * FROM {table}"):
                found += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    with open_store(path, unlocked=unlocked) as store:
        for version in [one for entry in store.events() for one in store.history(entry.submission)]:
            found.append(repr((version, version.record, version.paradata)).encode())
            found += [each.name.encode() for each in store.attachments.listed(version.id)]
            found += [store.attachments.content(version.id, each.name) for each in store.attachments.listed(version.id)]
        found += [json.dumps(dict(store.detail(event.number))).encode() for event in store.events()]
        for info in store.journal.drafts():
            found.append(repr((store.journal.draft(info.id), store.journal.replay(info.id))).encode())
            found.append(repr(store.attachments.listed(info.id)).encode())
            found += [store.attachments.content(info.id, each.name) for each in store.attachments.listed(info.id)]
    return b"\n".join(found)


def left(content: bytes) -> list[str]:
    return [word for word in (*WORDS, PERSON) if word.encode() in content]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with new_store(path, clock=Clock()) as opened:
        yield opened


def test_none_of_fifty_words_is_left_in_database_log_or_a_later_backup(path: Path, tmp_path: Path) -> None:
    first = founded_before(KEY)
    with new_store(path) as store:
        planted(store)
        (tmp_path / "before").mkdir()
    shutil.copy(path, tmp_path / "before" / "store.db")
    assert left(everything(tmp_path / "before" / "store.db", first)) == [*WORDS, PERSON], "the search finds them"
    shutil.rmtree(tmp_path / "before")
    with new_store(path) as store:
        store.erase(PERSON, reason="Antrag")
        assert path.with_name("store.db-wal").stat().st_size == 0
        assert store.verify() == []
    assert left(everything(path, first)) == []
    assert b"Nachbarin" in everything(path, first)
    (tmp_path / "backup").mkdir()
    shutil.copy(path, tmp_path / "backup" / "store.db")
    assert left(everything(tmp_path / "backup" / "store.db", first)) == []


def test_old_class_keys_open_nothing_of_what_is_in_the_store_and_new_ones_nothing_old(path: Path, store: Store) -> None:
    planted(store)
    with past_the_store(path) as raw:
        parts = raw.execute("SELECT sealed FROM part").fetchall()
        wrapped = raw.execute("SELECT name, subject, wrapped FROM person_key").fetchall()
    before = {name: store._keys.ring.key(name) for name in CLASSES}  # type: ignore[attr-defined]
    store.erase(PERSON, reason="Antrag")
    after = {name: store._keys.ring.key(name) for name in CLASSES}  # type: ignore[attr-defined]
    with past_the_store(path) as raw:
        now = raw.execute("SELECT name, subject, wrapped FROM person_key").fetchall()
        assert {generation for (generation,) in raw.execute("SELECT generation FROM class_key WHERE name <> 'index'"
                                                            " AND name <> 'anchor'")} == {2}  # fmt: skip
        assert raw.execute("SELECT sealed FROM part WHERE event < 14").fetchall() == parts[: len(parts) - 1] or parts
    for rows, keys in ((now, before), (wrapped, after)):
        for name, subject, sealed in rows:
            with pytest.raises(StoreError):
                unseal(keys[name], sealed, f"person key {name} {subject}")


def test_the_list_beside_the_store_names_nobody_and_is_for_its_owner(path: Path, store: Store) -> None:
    planted(store)
    subject = store.subject_of(PERSON)
    event = store.erase(PERSON, reason="Antrag vom 1. März")
    written = list_of(path)
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    told = [json.loads(line) for line in written.read_text("utf-8").splitlines()]
    assert told == [{
        "store": store.id, "subject": subject, "classes": list(CLASSES),
        "received": event.received.isoformat(timespec="microseconds"), "code": told[0]["code"],
    }]  # fmt: skip


def test_an_older_copy_that_comes_back_forgets_again(path: Path, tmp_path: Path) -> None:
    with new_store(path) as store:
        planted(store)
        store.append(submission(30, form=FORM, subject="P-000049", record={"/data/kind": "Asthma"}))
    shutil.copy(path, tmp_path / "older.db")
    with open_store(path, key=KEY) as store:
        store.erase(PERSON, reason="Antrag")
        store.withdraw("P-000049", reason="widerrufen")
        gone = store.erased()
    shutil.copy(tmp_path / "older.db", path)
    for _ in range(2):
        with open_store(path, key=KEY) as store:
            assert store.subject_of(PERSON) is None
            assert [(subject, classes) for subject, classes, _ in store.erased()] == [
                (subject, classes) for subject, classes, _ in gone
            ]
            assert [each.unread for each in store.history("uuid:00000030")] == [("special",)]
            assert store.verify() == []
            assert [event.about for event in store.events(kinds=["erasure"])] == [
                gone[0][2].isoformat(timespec="microseconds")
            ]
    assert left(everything(path, founded_before(KEY))) == []
    assert len(erasures.read(list_of(path))) == 2


def test_a_list_that_was_lost_is_written_again(path: Path) -> None:
    with new_store(path) as store:
        planted(store)
        store.erase(PERSON, reason="Antrag")
    list_of(path).unlink()
    open_store(path, key=KEY).close()
    assert len(erasures.read(list_of(path))) == 1


def test_the_list_of_another_store_is_none_of_ours(path: Path, tmp_path: Path) -> None:
    with new_store(tmp_path / "other.db") as store:
        planted(store)
        store.erase(PERSON, reason="Antrag")
    with new_store(path) as store:
        planted(store)
    shutil.copy(list_of(tmp_path / "other.db"), list_of(path))
    with open_store(path, key=KEY) as store:
        assert store.subject_of(PERSON) is not None
        store.erase(PERSON, reason="Antrag")
    assert len(erasures.read(list_of(path))) == 2


def test_a_damaged_list_is_refused_and_nothing_is_erased(path: Path) -> None:
    with new_store(path) as store:
        planted(store)
        list_of(path).write_text("{}\n")
        with pytest.raises(StoreError) as caught:
            store.erase(PERSON, reason="Antrag")
        assert caught.value.code == "store.erased_list"
        assert store.count() == 11
    with pytest.raises(StoreError, match="Löschliste"):
        open_store(path, key=KEY)


@pytest.mark.parametrize("forged", ["subject", "classes", "code", "no code"])
def test_a_line_of_the_list_that_nobody_vouches_for_erases_nobody(path: Path, forged: str) -> None:
    """Whoever has the database key of any login and can write beside the store knows subjects and events."""
    with new_store(path) as store:
        planted(store)
        subject = store.subject_of(PERSON)
        store.erase(OTHER, reason="Antrag")
        store.append(submission(30, form=FORM, subject="P-000049", record={"/data/kind": "Asthma"}))
        store.withdraw("P-000049", reason="widerrufen")
    lines = [json.loads(line) for line in list_of(path).read_text().splitlines()]
    changed = lines[-1] | {
        "subject": {"subject": subject}, "classes": {"classes": CLASSES}, "code": {"code": "0" * 64},
        "no code": {},
    }[forged]  # fmt: skip
    if forged == "no code":
        changed.pop("code", None)
    list_of(path).write_text("".join(json.dumps(line) + "\n" for line in [*lines[:-1], changed]))
    with pytest.raises(StoreError) as caught:
        open_store(path, key=KEY)
    assert caught.value.code == "store.erased_list"
    list_of(path).unlink()  # as the refusal says
    with open_store(path, key=KEY) as store:
        assert store.subject_of(PERSON) == subject
        assert [each.kind for each in store.events(kinds=["erasure", "withdrawal"])] == ["erasure", "withdrawal"]
        assert store.verify() == []
    assert [json.loads(line) for line in list_of(path).read_text().splitlines()] == lines


def test_a_list_that_was_lost_after_it_was_needed_is_written_again(path: Path, tmp_path: Path) -> None:
    with new_store(path) as store:
        planted(store)
    shutil.copy(path, tmp_path / "older.db")
    with open_store(path, key=KEY) as store:
        store.erase(PERSON, reason="Antrag")
    shutil.copy(tmp_path / "older.db", path)
    open_store(path, key=KEY).close()
    before = list_of(path).read_bytes()
    list_of(path).unlink()
    open_store(path, key=KEY).close()
    assert list_of(path).read_bytes() == before


def test_an_erasure_that_breaks_off_anywhere_leaves_everything(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with new_store(path) as store:
        planted(store)
        before = list(store.submissions())
        run, count = Connection.execute, 0

        def broken(self: Connection, statement: str, *values: object) -> object:
            nonlocal count
            count -= 1
            if count == 0:
                raise KeyboardInterrupt
            return run(self, statement, *values)  # type: ignore[arg-type]

        for stop in range(1, 200, 9):
            count = stop
            with monkeypatch.context() as patch:
                patch.setattr(Connection, "execute", broken)
                with contextlib.suppress(KeyboardInterrupt):  # none comes behind the last statement
                    store.erase(PERSON, reason="Antrag")
            if store.count() != len(before):
                break  # it had been committed
            assert list(store.submissions()) == before
            assert erasures.read(list_of(path)) == []
        assert stop > 50
        assert store.count() == 5
        assert store.verify() == []
    assert left(everything(path, founded_before(KEY))) == []


def test_who_kept_keys_of_a_class_opens_nothing_that_was_raised_out_of_it(path: Path, store: Store) -> None:
    planted(store)
    before = store._keys.ring.key("general")  # type: ignore[attr-defined]
    with past_the_store(path) as raw:
        rows = raw.execute("SELECT subject, wrapped FROM person_key WHERE name = 'general'").fetchall()
    old = [unseal(before, sealed, f"person key general {subject}") for subject, sealed in rows]
    store.publish(newer := divided("2", a="special"))
    event = store.reseal(newer.hash)
    assert event is not None
    assert store._keys.ring.key("general") != before  # type: ignore[attr-defined]
    with past_the_store(path) as raw:
        written = raw.execute(
            "SELECT e.submission, e.version, p.class, e.subject, p.sealed FROM part AS p JOIN event AS e"
            " ON e.number = p.event WHERE p.written_by = ? AND e.kind = 'submission'",
            (event.number,),
        ).fetchall()
    assert {name for _, _, name, _, _ in written} == {"general", "special"}
    for submission_id, version, name, subject, sealed in written:
        for key in old:
            with pytest.raises(StoreError):
                unseal(key, sealed, about_part(submission_id, version, name, subject))
    login, private = store.add_login("Weber", "evaluator")
    with open_store(path, unlocked=Unlocked(login.id, private, KEY)) as other:
        assert {key for each in other.submissions() for key in each.record} == {"/data/dog"}


class TestOtherLogins:
    def unlocked(self, store: Store, role: str) -> Unlocked:
        login, private = store.add_login("Weber", role)
        return Unlocked(login.id, private, KEY)

    def test_an_evaluator_sees_general_answers_of_random_subjects_only(self, path: Path, store: Store) -> None:
        planted(store)
        with open_store(path, unlocked=self.unlocked(store, "evaluator")) as other:
            assert other.classes == ("general",)
            found = list(other.submissions())
            assert {key for each in found for key in each.record} == {"/data/a", "/data/dog"}
            assert {each.author for each in found} == {""}
            assert {each.subject for each in found} == {store.subject_of(PERSON), store.subject_of(OTHER)}
            assert found[0].unread == ("identity", "special", "staff")
            assert [each.subject for each in other.entries()] == [
                store.subject_of(each.subject) for each in store.entries()
            ]
            assert (other.journal.drafts(), other.attachments.listed("uuid:00000006")) == ([], ())
            assert other.verify() == []
            event = other.note("access", detail={"why": "Bericht"})
            assert store.detail(event.number) == {"why": "Bericht"}

    @pytest.mark.parametrize("role", ["evaluator", "auditor"])
    def test_who_does_not_hold_the_keys_changes_nothing(self, path: Path, store: Store, role: str) -> None:
        planted(store)
        before = store.events()
        unlocked = self.unlocked(store, role)
        with open_store(path, unlocked=unlocked) as other:
            for act in (
                lambda: other.append(submission(40, form=FORM)),
                lambda: other.erase(PERSON, reason="x"),
                lambda: other.reseal(FORM.hash),
                lambda: other.journal.start(FORM.hash, "", "", "de"),
                lambda: other.add_login("Boss", "manager"),
                lambda: other.anchor(),
                lambda: other.journal.draft(store.journal.drafts()[0].id),
                lambda: other.subject_of(PERSON),
            ):
                with pytest.raises(StoreError) as caught:
                    act()
                assert caught.value.code == "store.class_closed"
        assert store.events()[len(before) :] == store.events(kinds=["login"])

    def test_an_auditor_sees_what_happened_and_nothing_of_what_was_said(self, path: Path, store: Store) -> None:
        planted(store)
        with open_store(path, unlocked=self.unlocked(store, "auditor")) as other:
            assert len(other.events()) == len(store.events())
            assert [each.record for each in other.history("uuid:00000001")] == [{}]
            assert other.verify() == []

    def test_a_login_that_was_removed_opens_nothing(self, path: Path, store: Store) -> None:
        planted(store)
        unlocked = self.unlocked(store, "manager")
        with open_store(path, unlocked=unlocked) as other:
            assert other.count() == 11
            store.remove_login(unlocked.login)
            with pytest.raises(StoreError) as caught:
                list(other.submissions())
            assert caught.value.code == "store.no_login"
        with pytest.raises(StoreError) as caught:
            open_store(path, unlocked=unlocked)
        assert caught.value.code == "store.no_login"
        assert len(list(store.submissions())) == 11

    def test_a_private_key_of_somebody_else_is_no_login(self, path: Path, store: Store) -> None:
        with pytest.raises(StoreError) as caught:
            open_store(path, unlocked=Unlocked(store.login.id, derive(KEY, "another"), KEY))
        assert caught.value.code == "store.no_login"


def test_what_was_first_said_under_a_mistaken_id_goes_too(path: Path) -> None:
    with new_store(path) as store:
        store.publish(FORM)
        for number, mistaken, person in ((1, "P-000071", "P-000001"), (2, "P-000002", "P-000001")):
            store.append(sent(number, mistaken))
            store.append(replace(sent(number, person), version=2, reason="Zahlendreher"))
        store.append(sent(3, "P-000002"))
        store.erase("P-000001", reason="Antrag")
        assert [each.record for each in store.history("uuid:00000001")] == [{}, {}]
        assert store.subject_of("P-000071") is None
        assert [each.id[-1] for each in store.submissions()] == ["3"]  # somebody of that id is there: stays
        assert len(erasures.read(list_of(path))) == len(store.erased()) == 2
        assert store.verify() == []


def test_the_list_keeps_what_another_process_erased_meanwhile(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with new_store(path) as store, open_store(path, key=KEY) as other:
        store.publish(FORM)
        store.append_many([sent(1, "P-000001"), sent(2, "P-000002")])
        read, done = erasures.read, False

        def meanwhile(place: Path) -> list[Erasure]:
            nonlocal done
            found = read(place)
            if not done and not store._connection._raw.in_transaction:  # type: ignore[attr-defined]
                done = True
                other.erase("P-000002", reason="Antrag")
            return found

        with monkeypatch.context() as patch:
            patch.setattr(erasures, "read", meanwhile)
            store.erase("P-000001", reason="Antrag")
        if not done:
            other.erase("P-000002", reason="Antrag")
        assert len(erasures.read(list_of(path))) == 2
