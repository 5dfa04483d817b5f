"""What every store promises of keys, erasure and the chain, whatever it is built on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from intake.store import Store
from intake.store.chain import Anchor, digest_of
from intake.store.ring import CLASSES, STUDY
from intake.submission import Override, Record, Submission
from scenario.stores import START, Clock, Opener, divided, published, refused, submission
from validation.errors import DataError

FORM = divided()
RECORD: Record = {
    "/data/a": "gut", "/data/name": "Amina", "/data/kind": "Asthma", "/data/note": "leise",
    "/data/dog": [{"/data/dog/bark": "wau"}, {}], "/data/fremd": "?",
}  # fmt: skip


@pytest.fixture
def store(opener: Opener) -> Iterator[Store]:
    with opener() as opened:
        opened.publish(FORM)
        yield opened


def sent(number: int = 1, person: str = "P-000001", **more: object) -> Submission:
    made = submission(number, form=FORM, subject=person, record=dict(RECORD))
    return replace(made, **more)  # type: ignore[arg-type]


def whole(store: Store) -> list[tuple[str, Record, tuple[str, ...]]]:
    return [(each.id[-1], each.record, each.unread) for each in store.submissions()]


class TestErasing:
    def test_what_is_erased_is_gone_for_everybody(self, store: Store, opener: Opener, clock: Clock) -> None:
        with opener() as other:
            store.append_many([sent(1), sent(2, "P-000002"), sent(3)])
            subject = store.subject_of("P-000001")
            assert len(list(other.submissions())) == 3
            moment = clock.move(days=1)
            event = store.erase("P-000001", reason="Antrag vom 1. März")
            assert (event.kind, event.subject, event.received) == ("erasure", subject, moment)
            for each in (store, other):
                assert whole(each) == [("2", RECORD, ())]
                assert (each.count(), [one.submission[-1] for one in each.entries()]) == (1, ["2"])
                assert each.subject_of("P-000001") is None
                (left,) = each.history("uuid:00000001")
                assert (left.record, left.author, left.subject, left.unread) == ({}, "", subject, CLASSES)
                assert each.erased() == [(subject, CLASSES, moment)]
                assert each.detail(event.number) == {"reason": "Antrag vom 1. März"}
                assert each.verify() == []
        with opener() as later:
            assert whole(later) == [("2", RECORD, ())]

    def test_others_go_on_after_an_erasure_by_whatever_window_they_have_open(
        self, store: Store, opener: Opener
    ) -> None:
        with opener() as other:
            store.append_many([sent(1), sent(2, "P-000002")])
            draft = other.journal.start(FORM.hash, "08235007", "müller", "de")
            store.erase("P-000001", reason="Antrag")
            other.journal.record(draft.id, "a", 1, {"op": "answer", "path": "/data/a", "value": "x"})
            other.append(sent(3, "P-000003"))
            other.append(sent(2, "P-000002", version=2, reason="Tippfehler"))
        with opener() as later:
            assert [(each.id[-1], each.version, each.record) for each in later.submissions()] == [
                ("2", 2, RECORD), ("3", 1, RECORD)
            ]  # fmt: skip
            assert [op.payload["value"] for op in later.journal.replay(draft.id)] == ["x"]

    def test_an_erased_submission_never_comes_back(self, store: Store) -> None:
        store.append(sent())
        store.erase("P-000001", reason="Antrag")
        for again in (sent(), sent(version=2, reason="Nachtrag"), sent(person="P-000009")):
            with refused("store.erased"):
                store.append(again)
        assert store.count() == 0

    def test_a_person_who_comes_back_is_somebody_new(self, store: Store) -> None:
        store.append(sent())
        before = store.subject_of("P-000001")
        store.erase("P-000001", reason="Antrag")
        store.append(sent(2))
        assert store.subject_of("P-000001") not in (None, before)
        assert whole(store) == [("2", RECORD, ())]

    def test_drafts_about_the_person_go_and_others_stay(self, store: Store) -> None:
        store.append_many([sent(1), sent(2, "P-000002")])
        answer: dict[str, object] = {"op": "answer", "path": "/data/fall/person", "value": "P-000001"}
        other: dict[str, object] = {**answer, "value": "P-000002"}
        start = store.journal.start
        xml = "<data><fall><person>{}</person></fall></data>"
        gone = [
            start(FORM.hash, "08235007", "müller", "de", xml.format("P-000001")).id,
            start(FORM.hash, "08235007", "müller", "de", operations=[other, answer]).id,
            start(FORM.hash, "08235007", "müller", "de", xml.format("P-000002"), operations=[answer]).id,
            start(FORM.hash, "08235007", "müller", "de",
                  operations=[{"op": "setting", "name": "revises", "value": "1 typo uuid:00000001"}]).id,
        ]  # fmt: skip
        store.attachments.put(gone[0], "pass.png", b"bytes")
        stays = [
            start(FORM.hash, "08235007", "müller", "de", xml.format("P-000002")).id,
            start(FORM.hash, "08235007", "müller", "de", operations=[answer, other]).id,
            start(FORM.hash, "08235007", "müller", "de").id,
        ]
        taken_back = start(FORM.hash, "08235007", "müller", "de", xml.format("P-000002")).id
        store.journal.record(taken_back, "o", 1, answer)
        store.journal.record(taken_back, "u", 2, {"op": "undo", "of": ["o"]})
        store.erase("P-000001", reason="Antrag")
        assert {each.id for each in store.journal.drafts()} == {*stays, taken_back}
        assert [store.journal.is_closed(each) for each in gone] == [True] * 4
        assert len(store.journal.replay(stays[1])) == 2
        with refused("store.no_draft"):
            store.journal.record(gone[0], "x", 1, answer)

    def test_nobody_of_this_name_is_a_refusal_that_changes_nothing(self, store: Store) -> None:
        store.append(sent())
        for act in (store.erase, store.withdraw):
            with refused("store.no_person"):
                act("P-000002", reason="Antrag")
        assert store.erased() == []
        assert [each.kind for each in store.events()] == ["submission"]

    def test_files_go_with_the_person(self, store: Store) -> None:
        for number, person in enumerate(("P-000001", "P-000002"), start=1):
            draft = store.journal.start(FORM.hash, "08235007", "müller", "de").id
            store.attachments.put(draft, "pass.png", b"bytes")
            record: Record = {"/data/name": "pass.png"}
            store.journal.submit(draft, sent(number, person, record=record))
        store.erase("P-000001", reason="Antrag")
        assert store.attachments.listed(sent(1).id) == ()
        with refused("store.no_attachment"):
            store.attachments.content(sent(1).id, "pass.png")
        assert store.attachments.content(sent(2).id, "pass.png") == b"bytes"
        assert store.verify() == []


class TestWithdrawing:
    def test_what_was_special_goes_and_the_rest_stays(self, store: Store, clock: Clock) -> None:
        store.append_many([sent(1), sent(2, "P-000002")])
        subject = store.subject_of("P-000001")
        moment = clock.move(days=1)
        event = store.withdraw("P-000001", reason="widerrufen")
        rest = {key: value for key, value in RECORD.items() if key != "/data/kind"}
        assert whole(store) == [("1", rest, ("special",)), ("2", RECORD, ())]
        assert (event.kind, store.erased()) == ("withdrawal", [(subject, ("special",), moment)])
        assert store.detail(event.number) == {"reason": "widerrufen"}
        assert store.append(sent(1)).number == 1, "what was sent once is still known"
        for changed in (sent(1, author="weber"), sent(1, record={**RECORD, "/data/extra": "mehr"})):
            with refused("store.conflict"):
                store.append(changed)
        assert store.verify() == []

    def test_consent_may_be_given_again(self, store: Store) -> None:
        store.append(sent())
        store.withdraw("P-000001", reason="widerrufen")
        store.append(sent(version=2, reason="neu eingewilligt"))
        first, second = store.history(sent().id)
        assert ("/data/kind" in first.record, first.unread) == (False, ("special",))
        assert (second.record, second.unread) == (RECORD, ())
        store.withdraw("P-000001", reason="widerrufen")
        assert [each.unread for each in store.history(sent().id)] == [("special",), ("special",)]

    def test_a_draft_would_bring_it_back(self, store: Store) -> None:
        store.append(sent())
        answer = {"op": "answer", "path": "/data/person", "value": "P-000001"}
        draft = store.journal.start(FORM.hash, "08235007", "müller", "de", operations=[answer]).id
        with refused("store.open_draft"):
            store.withdraw("P-000001", reason="widerrufen")
        assert whole(store) == [("1", RECORD, ())]
        store.journal.discard(draft)
        store.withdraw("P-000001", reason="widerrufen")

    def test_half_a_record_never_becomes_the_next_version(self, store: Store) -> None:
        store.append(sent())
        store.withdraw("P-000001", reason="widerrufen")
        (found,) = store.submissions()
        with refused("store.unread"):
            store.append(replace(found, version=2, reason="Tippfehler"))


class TestResealing:
    def test_a_class_that_is_raised_is_sealed_anew_for_everybody_concerned(self, store: Store) -> None:
        kept = (Override("/data/a", "asked"),)
        untouched: Record = {"/data/name": "Omar"}
        first = sent(1, overrides=kept, paradata={"seconds": 3})
        store.append_many([first, sent(2, "P-000002", record=untouched), sent(3), sent(7, record=untouched)])
        draft = store.journal.start(FORM.hash, "08235007", "müller", "de").id
        store.attachments.put(draft, "gut", b"bytes")
        store.journal.submit(draft, sent(4))
        query = store.note("query", subject=store.subject_of("P-000001") or "", detail={"text": "wirklich?"})
        newer = divided("2", a="special", **{"dog/bark": "identity"})
        store.publish(newer)
        before = whole(store)
        event = store.reseal(newer.hash)
        assert event is not None
        assert (event.kind, event.form, event.subject) == ("reseal", newer.hash, STUDY)
        assert whole(store) == before
        (found,) = store.history(first.id)
        assert replace(found, received=None) == first
        assert store.append(first).number == 1
        assert store.attachments.content(sent(4).id, "gut") == b"bytes"
        assert store.detail(query.number) == {"text": "wirklich?"}
        assert store.verify() == []
        assert store.reseal(newer.hash) is None, "there is nothing left to do"
        store.withdraw("P-000001", reason="widerrufen")
        (again,) = store.history(first.id)
        assert again.record == {key: said for key, said in RECORD.items() if key not in ("/data/a", "/data/kind")}
        assert store.attachments.listed(sent(4).id) == (), "the file was special by then"
        assert store.append(sent(5, "P-000001")).version == 1

    def test_a_file_that_stays_in_its_class_follows_to_the_new_key(self, store: Store) -> None:
        draft = store.journal.start(FORM.hash, "08235007", "müller", "de").id
        store.attachments.put(draft, "wau", b"bytes")
        store.journal.submit(draft, sent())
        store.publish(newer := divided("2", a="special"))
        assert store.reseal(newer.hash) is not None
        assert store.attachments.content(sent().id, "wau") == b"bytes"
        assert store.verify() == []

    def test_a_form_that_raises_nothing_writes_nothing(self, store: Store) -> None:
        store.append(sent())
        newer = divided("2", kind="general")
        store.publish(newer)
        assert store.reseal(newer.hash) is None
        assert [each.kind for each in store.events()] == ["submission"]
        with refused("store.unknown_form"):
            store.reseal("0" * 64)

    def test_what_was_withdrawn_stays_withdrawn(self, store: Store) -> None:
        store.append(sent())
        store.withdraw("P-000001", reason="widerrufen")
        newer = divided("2", a="special")
        store.publish(newer)
        assert store.reseal(newer.hash) is not None
        (found,) = store.submissions()
        assert "/data/kind" not in found.record
        assert found.record["/data/a"] == "gut"


class TestEvents:
    def test_what_happened_is_listed_in_its_order(self, store: Store, clock: Clock) -> None:
        store.append(sent())
        subject = store.subject_of("P-000001") or ""
        clock.move(days=-3)
        noted = store.note(
            "access", municipality="08235007", subject=subject, about="uuid:00000001", detail={"why": "Beratung"}
        )
        plain = store.note("export", about="annual")
        assert [(each.number, each.kind) for each in store.events()] == [
            (1, "submission"),
            (2, "access"),
            (3, "export"),
        ]
        assert store.events()[1] == noted
        assert store.events(2) == [plain]
        assert store.events(kinds=["access", "query"]) == [noted]
        assert (noted.actor, noted.about, noted.received) == (
            store.login.id,
            "uuid:00000001",
            START - timedelta(days=3),
        )
        assert store.detail(noted.number) == {"why": "Beratung"}
        assert store.detail(plain.number) == store.detail(1) == store.detail(99) == {}
        assert (store.count(), store.last_received()) == (1, START)
        store.erase("P-000001", reason="Antrag")
        assert store.detail(noted.number) == {}
        with refused("store.no_person"):
            store.note("access", subject=subject, detail={"why": "Beratung"})
        store.note("access", subject=subject, about="uuid:00000001")
        assert (store.count(), store.subject_of("P-000001")) == (0, None)
        assert store.verify() == []

    def test_a_note_needs_a_subject_there_is_and_texts(self, store: Store) -> None:
        with refused("store.no_person"):
            store.note("access", subject="f" * 32)
        with pytest.raises(DataError):
            store.note("access", detail={"why": 3})  # type: ignore[dict-item]
        with pytest.raises(DataError):
            store.note("access", about="a\x1fb")
        assert store.events() == []


class TestChain:
    def test_every_event_hangs_on_the_one_before_it_in_its_municipality(self, store: Store) -> None:
        store.append_many([sent(1), sent(2, municipality="08235085"), sent(3)])
        store.note("export")
        links = list(store.links())
        assert [(link.number, link.municipality, link.place) for link, _ in links] == [
            (1, "08235007", 1), (2, "08235085", 1), (3, "08235007", 2), (4, "", 1)
        ]  # fmt: skip
        assert all(link.digest == now and link.linked() == link.hash for link, now in links)
        assert links[2][0].previous == links[0][0].hash
        assert links[3][0].digest == digest_of(())
        assert store.heads() == {
            "08235007": (2, links[2][0].hash), "08235085": (1, links[1][0].hash), "": (1, links[3][0].hash)
        }  # fmt: skip

    def test_an_anchor_holds_later_and_only_for_its_store(self, store: Store) -> None:
        store.append(sent(1))
        anchor = store.anchor()
        assert (anchor.store, anchor.heads, anchor.holds()) == (store.id, store.heads(), True)
        store.append(sent(2))
        store.erase("P-000001", reason="Antrag")
        assert store.verify([anchor, store.anchor()]) == []
        forged = Anchor.signed(bytes(32), store.id, anchor.made, anchor.heads)
        assert [each.kind for each in store.verify([forged])] == ["signature"]
        cut = Anchor(anchor.store, anchor.made, {"08235007": (9, bytes(32))}, anchor.signer, anchor.signature)
        assert [each.kind for each in store.verify([cut])] == ["signature"]


class TestLogins:
    def test_logins_come_and_go_and_what_is_sealed_stays_readable(self, store: Store, opener: Opener) -> None:
        store.append(sent())
        first = store.login
        assert store.classes == CLASSES
        login, private = store.add_login("Weber", "evaluator")
        assert (login.name, login.role, len(private)) == ("Weber", "evaluator", 32)
        assert {each.id for each in store.logins()} >= {first.id, login.id}
        with opener() as other:
            store.remove_login(login.id)
            other.append(sent(2, "P-000002"))
            assert whole(other) == whole(store) == [("1", RECORD, ()), ("2", RECORD, ())]
        assert login.id not in {each.id for each in store.logins()}
        events = store.events(kinds=["login"])
        assert [each.about for each in events][-2:] == [login.id] * 2
        with refused("store.unknown_login"):
            store.remove_login(login.id)
        with refused("store.own_login"):
            store.remove_login(first.id)
        with pytest.raises(ValueError, match="role"):
            store.add_login("Weber", "boss")


def test_a_form_that_cannot_be_read_is_nobodys_business(store: Store) -> None:
    store.publish(published())
    store.append(submission())
    store.withdraw("P-000001", reason="widerrufen")
    assert [each.record for each in store.submissions()] == [{"/data/a": "1"}], "all of it counts as identity"


def test_which_questions_were_asked_or_doubted_is_nothing_general(store: Store) -> None:
    told = {"changes": {"/data/kind": 3}}
    kept = (Override("/data/kind", "asked"),)
    store.append(sent(1, overrides=kept, paradata=told))
    (found,) = store.submissions()
    assert (found.overrides, found.paradata) == (kept, told)
    (opened,) = store.opened(FORM.form_id)
    assert all(word not in opened.parts["general"] for word in (b"/data/kind", b"asked"))


def test_what_was_first_said_under_a_mistaken_id_is_erased_with_the_person(store: Store) -> None:
    for number, mistaken in ((1, "P-000071"), (2, "P-000002")):
        store.append(sent(number, mistaken))
        store.append(sent(number, "P-000001", version=2, reason="Zahlendreher"))
    store.append(sent(3, "P-000002"))
    event = store.erase("P-000001", reason="Antrag")
    assert event.subject == store.history("uuid:00000001")[-1].subject
    assert [each.record for each in store.history("uuid:00000001")] == [{}, {}]
    assert [each.record for each in store.history("uuid:00000002")] == [RECORD, {}]  # somebody has that id
    assert store.subject_of("P-000071") is None
    assert [each[0] for each in whole(store)] == ["3"]
    assert store.verify() == []


def test_a_file_follows_its_record_to_the_person_it_is_about(store: Store) -> None:
    draft = store.journal.start(FORM.hash, "08235007", "müller", "de").id
    store.attachments.put(draft, "pass.png", b"bytes")
    store.journal.submit(draft, sent(1, "P-000002", record={"/data/name": "pass.png"}))
    store.append_many([sent(3, "P-000002"), sent(1, record={"/data/name": "pass.png"}, version=2, reason="typo")])
    first = sent(1).id
    assert [each.name for each in store.attachments.listed(first)] == ["pass.png"]
    store.erase("P-000002", reason="Antrag")
    assert store.attachments.content(first, "pass.png") == b"bytes"
    store.erase("P-000001", reason="Antrag")
    assert store.attachments.listed(first) == ()
    assert store.verify() == []
