"""What every store promises of drafts and of the files handed in with them, whatever it is built on."""

from __future__ import annotations

import hashlib

import pytest

from intake.store import Attachment, Store
from intake.submission import Record
from scenario.stores import ANSWER, START, Clock, Opener, published, refused, submission

FORM = published()


class TestJournal:
    def test_a_draft_starts_empty(self, store: Store) -> None:
        draft = store.journal.start(FORM.hash, "08235007", "müller", "de", "<data/>")
        assert (draft.form_hash, draft.municipality, draft.author, draft.language) == (
            FORM.hash,
            "08235007",
            "müller",
            "de",
        )
        assert (draft.xml, draft.started, draft.sequence) == ("<data/>", START, 0)
        assert store.journal.draft(draft.id) == draft
        assert store.journal.replay(draft.id) == []

    def test_a_draft_may_start_with_operations_or_not_at_all(self, store: Store) -> None:
        given: list[dict[str, object]] = [{"op": "setting", "name": "revises", "value": "1"}, ANSWER]
        draft = store.journal.start(FORM.hash, "", "", "de", "<data/>", operations=given)
        assert (draft.sequence, store.journal.draft(draft.id)) == (2, draft)
        assert [(op.sequence, op.payload) for op in store.journal.replay(draft.id)] == [(1, given[0]), (2, ANSWER)]
        assert store.journal.record(draft.id, "a", 3, ANSWER) == 3
        with pytest.raises(ValueError, match="operation"):
            store.journal.start(FORM.hash, "", "", "de", operations=[ANSWER, {"op": "submit"}])
        assert [each.id for each in store.journal.drafts()] == [draft.id]

    def test_operations_come_back_in_order(self, store: Store, opener: Opener, clock: Clock) -> None:
        draft = store.journal.start(FORM.hash, "", "", "de")
        sent: list[dict[str, object]] = [
            {"op": "answer", "path": "/data/a", "value": "Grüße"},
            {"op": "answer", "path": "/data/b", "value": ["x", "y"]},
            {"op": "answer", "path": "/data/c", "value": None},
            {"op": "add_repeat", "path": "/data/kind"},
            {"op": "remove_repeat", "path": "/data/kind[1]"},
            {"op": "language", "name": "English (en)"},
        ]
        for number, payload in enumerate(sent, 1):
            clock.move(seconds=1)
            assert store.journal.record(draft.id, f"op-{number}", number, payload) == number
        with opener() as other:
            ops = other.journal.replay(draft.id)
            assert other.journal.replay(draft.id, 4) == ops[4:]
            assert other.journal.replay(draft.id, 6) == []
        assert [op.payload for op in ops] == sent
        assert [op.sequence for op in ops] == [1, 2, 3, 4, 5, 6]
        assert [op.op_id for op in ops] == [f"op-{number}" for number in range(1, 7)]
        assert store.journal.draft(draft.id).sequence == 6

    def test_an_operation_sent_again_is_acknowledged_again_and_kept_once(self, store: Store) -> None:
        draft = store.journal.start(FORM.hash, "", "", "de")
        store.journal.record(draft.id, "a", 1, ANSWER)
        store.journal.record(draft.id, "b", 2, ANSWER)
        assert store.journal.record(draft.id, "a", 1, dict(ANSWER)) == 1
        assert store.journal.record(draft.id, "a", 3, dict(ANSWER)) == 1
        assert len(store.journal.replay(draft.id)) == 2

    def test_an_identifier_for_something_else_is_refused(self, store: Store) -> None:
        draft = store.journal.start(FORM.hash, "", "", "de")
        store.journal.record(draft.id, "a", 1, ANSWER)
        with refused("store.op_reused"):
            store.journal.record(draft.id, "a", 2, {**ANSWER, "value": "y"})

    @pytest.mark.parametrize("sequence", [0, 1, 3])
    def test_a_second_window_is_refused(self, store: Store, opener: Opener, sequence: int) -> None:
        draft = store.journal.start(FORM.hash, "", "", "de")
        store.journal.record(draft.id, "first", 1, ANSWER)
        with opener() as other, refused("store.stale_draft") as caught:
            other.journal.record(draft.id, "second", sequence, ANSWER)
        assert (caught.value.fields["last"], caught.value.fields["offered"]) == ("1", str(sequence))
        assert [op.op_id for op in store.journal.replay(draft.id)] == ["first"]

    def test_the_list_shows_no_content(self, store: Store, clock: Clock) -> None:
        first = store.journal.start(FORM.hash, "08235007", "müller", "de")
        clock.move(minutes=1)
        second = store.journal.start(FORM.hash, "08235085", "weber", "en")
        changed = clock.move(minutes=1)
        store.journal.record(first.id, "a", 1, ANSWER)
        listed = store.journal.drafts()
        assert [one.id for one in listed] == [first.id, second.id]
        assert [(one.changed, one.sequence) for one in listed] == [(changed, 1), (second.started, 0)]
        assert not hasattr(listed[0], "xml")

    def test_submitting_keeps_the_submission_and_closes_the_draft(self, store: Store) -> None:
        draft = store.journal.start(FORM.hash, "", "", "de")
        store.journal.record(draft.id, "a", 1, ANSWER)
        receipt = store.journal.submit(draft.id, submission())
        assert [one.id for one in store.submissions()] == [receipt.submission]
        assert store.journal.drafts() == []
        with refused("store.no_draft"):
            store.journal.record(draft.id, "b", 2, ANSWER)
        with refused("store.no_draft"):
            store.journal.replay(draft.id)

    def test_submitting_again_is_the_same_receipt(self, store: Store) -> None:
        draft = store.journal.start(FORM.hash, "", "", "de")
        receipt = store.journal.submit(draft.id, submission())
        assert store.journal.submit(draft.id, submission()) == receipt
        with refused("store.conflict"):
            store.journal.submit(draft.id, submission(author="other"))
        with refused("store.no_draft"):
            store.journal.submit(draft.id, submission(2))

    def test_a_refused_submission_leaves_the_draft(self, store: Store) -> None:
        draft = store.journal.start(FORM.hash, "", "", "de")
        store.journal.record(draft.id, "a", 1, ANSWER)
        with refused("store.unknown_form"):
            store.journal.submit(draft.id, submission(form=published("fremd")))
        with refused("store.stale_draft"):  # somebody else did something since
            store.journal.submit(draft.id, submission(), sequence=0)
        assert len(store.journal.replay(draft.id)) == 1
        assert store.count() == 0

    def test_discarding_leaves_nothing(self, store: Store) -> None:
        draft = store.journal.start(FORM.hash, "", "", "de")
        store.journal.record(draft.id, "a", 1, ANSWER)
        store.journal.discard(draft.id)
        assert store.journal.drafts() == []
        with refused("store.no_draft"):
            store.journal.discard(draft.id)
        with refused("store.no_draft"):
            store.journal.draft(draft.id)

    def test_who_may_have_to_begin_again_chooses_the_id(self, store: Store) -> None:
        store.publish(published("zusatz"))
        draft = store.journal.start(FORM.hash, "", "", "de", draft_id="0" * 32)
        assert draft.id == "0" * 32
        store.journal.record(draft.id, "a", 1, ANSWER)
        again = store.journal.start(FORM.hash, "", "", "de", draft_id=draft.id)
        assert again == store.journal.draft(draft.id)
        assert again.sequence == 1
        with refused("store.no_draft"):
            store.journal.start(published("zusatz").hash, "", "", "de", draft_id=draft.id)
        with pytest.raises(ValueError, match="hexadecimal"):
            store.journal.start(FORM.hash, "", "", "de", draft_id="../x")

    @pytest.mark.parametrize("submitted", [True, False], ids=["submitted", "discarded"])
    def test_a_closed_draft_does_not_come_to_life_again(self, store: Store, submitted: bool) -> None:
        draft = store.journal.start(FORM.hash, "", "", "de", draft_id="0" * 32)
        assert not store.journal.is_closed(draft.id)
        assert store.journal.became(draft.id) is None
        if submitted:
            store.journal.submit(draft.id, submission())
        else:
            store.journal.discard(draft.id)
        assert store.journal.is_closed(draft.id)
        assert store.journal.became(draft.id) == (submission().id if submitted else None)
        assert not store.journal.is_closed("1" * 32)
        with refused("store.no_draft"):
            store.journal.start(FORM.hash, "", "", "de", draft_id=draft.id)

    def test_a_draft_needs_a_published_form(self, store: Store) -> None:
        with refused("store.unknown_form"):
            store.journal.start("0" * 64, "", "", "de")

    @pytest.mark.parametrize("payload", [{}, {"op": "delete"}, {"op": "answer", "value": float("nan")}])
    def test_an_operation_that_is_none_is_a_mistake_of_the_caller(
        self, store: Store, payload: dict[str, object]
    ) -> None:
        draft = store.journal.start(FORM.hash, "", "", "de")
        with pytest.raises(ValueError, match=r"operation|JSON"):
            store.journal.record(draft.id, "a", 1, payload)
        assert store.journal.replay(draft.id) == []


class TestAttachments:
    CONTENT = b"\x89PNG\r\n\x1a\n" + bytes(3000)

    def begun(self, store: Store) -> str:
        draft = store.journal.start(FORM.hash, "", "", "de").id
        store.attachments.put(draft, "pass.png", self.CONTENT)
        return draft

    def test_a_file_belongs_to_its_draft(self, store: Store, opener: Opener) -> None:
        draft = store.journal.start(FORM.hash, "", "", "de").id
        kept = store.attachments.put(draft, "pass.png", self.CONTENT)
        assert kept == Attachment("pass.png", hashlib.sha256(self.CONTENT).hexdigest(), len(self.CONTENT))
        empty = store.attachments.put(draft, "leer.txt", b"")
        with opener() as other:
            assert other.attachments.listed(draft) == (kept, empty)
            assert other.attachments.content(draft, "pass.png") == self.CONTENT
            assert other.attachments.content(draft, "leer.txt") == b""
        with refused("store.no_attachment"):
            store.attachments.content(draft, "anderes.png")
        assert store.attachments.listed("unknown") == ()

    def test_the_same_again_changes_nothing_and_another_of_its_name_is_refused(self, store: Store) -> None:
        draft = self.begun(store)
        before = store.attachments.listed(draft)
        assert store.attachments.put(draft, "pass.png", self.CONTENT) == before[0]
        with refused("store.name_taken"):
            store.attachments.put(draft, "pass.png", b"other")
        assert store.attachments.listed(draft) == before

    def test_a_name_is_one_name_in_either_unicode_form(self, store: Store) -> None:
        draft = self.begun(store)
        assert store.attachments.put(draft, "u\u0308.png", b"x").name == "\u00fc.png"
        assert store.attachments.content(draft, "u\u0308.png") == b"x"
        store.journal.submit(draft, submission(record={"/data/a": "u\u0308.png"}))
        assert [each.name for each in store.attachments.listed(submission().id)] == ["\u00fc.png"]

    def test_a_file_needs_a_draft(self, store: Store) -> None:
        with refused("store.no_draft"):
            store.attachments.put("unknown", "pass.png", b"x")

    @pytest.mark.parametrize("record", [{"/data/a": "pass.png"}, {"/data/b": [{"/data/b/c": "pass.png"}]}])
    def test_what_the_record_names_comes_to_the_submission(self, store: Store, record: Record) -> None:
        draft = self.begun(store)
        store.attachments.put(draft, "verworfen.png", b"no longer named")
        receipt = store.journal.submit(draft, submission(record=record))
        assert [each.name for each in store.attachments.listed(receipt.submission)] == ["pass.png"]
        assert store.attachments.content(receipt.submission, "pass.png") == self.CONTENT
        assert store.attachments.listed(draft) == ()
        assert store.journal.submit(draft, submission(record=record)) == receipt
        assert [each.name for each in store.attachments.listed(receipt.submission)] == ["pass.png"]

    def test_a_refused_submission_leaves_the_files_with_the_draft(self, store: Store) -> None:
        draft = self.begun(store)
        with refused("store.unknown_form"):
            store.journal.submit(draft, submission(form=published("fremd"), record={"/data/a": "pass.png"}))
        assert [each.name for each in store.attachments.listed(draft)] == ["pass.png"]
        assert store.attachments.listed(submission().id) == ()

    def test_a_later_version_brings_its_own_files_and_keeps_the_first_ones(self, store: Store) -> None:
        store.journal.submit(self.begun(store), submission(record={"/data/a": "pass.png"}))
        draft = self.begun(store)
        store.attachments.put(draft, "neu.png", b"new")
        both: Record = {"/data/a": "pass.png", "/data/b": "neu.png"}
        store.journal.submit(draft, submission(record=both, version=2, reason="Nachtrag"))
        assert [each.name for each in store.attachments.listed(submission().id)] == ["pass.png", "neu.png"]

    def test_a_later_version_cannot_replace_a_file(self, store: Store) -> None:
        store.journal.submit(self.begun(store), submission(record={"/data/a": "pass.png"}))
        draft = store.journal.start(FORM.hash, "", "", "de").id
        store.attachments.put(draft, "pass.png", b"another picture")
        with refused("store.name_taken"):
            store.journal.submit(draft, submission(record={"/data/a": "pass.png"}, version=2, reason="Tippfehler"))
        assert store.attachments.content(submission().id, "pass.png") == self.CONTENT
        assert [one.version for one in store.history(submission().id)] == [1]
        assert store.attachments.content(draft, "pass.png") == b"another picture"

    def test_a_draft_may_start_with_the_files_of_a_submission_which_keeps_them(self, store: Store) -> None:
        store.journal.submit(self.begun(store), submission(record={"/data/a": "pass.png"}))
        draft = store.journal.start(FORM.hash, "", "", "de", files_of=submission().id).id
        assert store.attachments.listed(draft) == store.attachments.listed(submission().id)
        assert store.attachments.content(draft, "pass.png") == self.CONTENT
        store.journal.discard(draft)
        assert store.attachments.content(submission().id, "pass.png") == self.CONTENT
        assert store.attachments.listed(store.journal.start(FORM.hash, "", "", "de", files_of="unknown").id) == ()

    def test_discarding_leaves_none(self, store: Store) -> None:
        draft = self.begun(store)
        store.journal.discard(draft)
        assert store.attachments.listed(draft) == ()
