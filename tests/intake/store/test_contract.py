"""What every store promises, whatever it is built on. `opener` (conftest.py) opens each of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from intake.store import Attachment, Receipt, Store
from intake.submission import Override, Record
from scenario.stores import START, Clock, published, submission
from validation.errors import DataError, StoreBusy, StoreError

Opener = Callable[[], Store]
FORM = published()
ANSWER = {"op": "answer", "path": "/data/a", "value": "x"}


@pytest.fixture
def store(opener: Opener) -> Iterator[Store]:
    with opener() as opened:
        opened.publish(FORM)
        yield opened


def refused(code: str) -> pytest.RaisesExc[StoreError]:
    return pytest.RaisesExc(StoreError, check=lambda error: error.code == code)


class TestForms:
    def test_a_published_form_comes_back_whole(self, store: Store) -> None:
        assert store.form(FORM.hash) == FORM

    def test_forms_are_listed_in_the_order_of_publishing(self, store: Store) -> None:
        second, third = published("zusatz"), published("austritt", "2026-01")
        store.publish(second)
        store.publish(third)
        assert store.forms() == (FORM, second, third)

    def test_publishing_again_changes_nothing(self, store: Store) -> None:
        store.publish(FORM)
        store.publish(replace(FORM, workbook=b"saved again by a spreadsheet program"))
        assert store.forms() == (FORM,)

    def test_another_form_may_not_take_id_and_version(self, store: Store) -> None:
        with refused("store.version_taken"):
            store.publish(published(title="Anders"))
        assert store.forms() == (FORM,)

    def test_the_lists_of_a_form_are_a_mapping_like_any_other(self, store: Store) -> None:
        lists = store.form(FORM.hash).lists
        assert dict(lists) == dict(FORM.lists)
        assert lists.get("none.csv") is None
        assert ("laender.csv" in lists, "none.csv" in lists, len(lists)) == (True, False, 1)

    def test_one_file_of_a_form_is_read_alone(self, store: Store) -> None:
        assert store.form_file(FORM.hash, "laender.csv") == FORM.lists["laender.csv"]
        assert store.form_file(FORM.hash, "none.csv") is None
        assert store.form_file("0" * 64, "laender.csv") is None

    def test_an_unknown_form_is_refused(self, store: Store) -> None:
        with refused("store.unknown_form"):
            store.form("0" * 64)


class TestAppend:
    def test_a_submission_comes_back_as_it_was_with_its_time_of_receipt(self, store: Store) -> None:
        sent = replace(
            submission(record={"/data/a": "Grüße\n«»", "/data/kind": [{"/data/kind/name": ""}]}), replaces="uuid:before"
        )
        receipt = store.append(sent)
        assert receipt == Receipt(sent.id, 1, 1, START)
        assert list(store.submissions()) == [replace(sent, received=START)]

    def test_kept_warnings_and_paradata_come_back_beside_the_record(self, store: Store, opener: Opener) -> None:
        kept = (Override("/data/kind[2]/alter", "asked"), Override("/data/a", "as_told"))
        paradata = {"seconds": {"fall": 61}, "languages": ["Deutsch (de)", "العربية (ar)"], "version": 1}
        sent = replace(submission(), overrides=kept, paradata=paradata)
        receipt = store.append(sent)
        assert store.append(sent) == receipt
        with opener() as other:
            (found,) = other.submissions()
        assert (found.overrides, found.paradata, found.record) == (kept, paradata, sent.record)
        for changed in (replace(sent, overrides=()), replace(sent, paradata={})):
            with refused("store.conflict"):
                store.append(changed)

    def test_a_time_of_receipt_that_is_brought_along_is_ignored(self, store: Store) -> None:
        assert store.append(replace(submission(), received=datetime(1999, 1, 1, tzinfo=UTC))).received == START

    def test_a_form_about_no_person_has_no_subject(self, store: Store) -> None:
        store.append(submission(subject=""))
        assert [found.subject for found in store.submissions()] == [""]

    def test_the_same_again_is_the_same_receipt(self, store: Store, clock: Clock) -> None:
        first = store.append(submission())
        clock.move(hours=1)
        assert store.append(submission()) == first
        assert store.count() == 1

    def test_entries_name_every_version_in_its_order_and_only_later_ones_where_asked(
        self, store: Store, clock: Clock
    ) -> None:
        assert store.entries() == []
        store.append(submission())
        store.append(submission(2, subject="", municipality="08235085"))
        received = clock.move(hours=1)
        receipt = store.append(submission(version=2, reason="später ergänzt"))
        found = store.entries()
        assert [(each.submission, each.version, each.subject, each.municipality) for each in found] == [
            ("uuid:00000001", 1, "P-000001", "08235007"),
            ("uuid:00000002", 1, "", "08235085"),
            ("uuid:00000001", 2, "P-000001", "08235007"),
        ]
        assert store.entries(found[1].number) == found[2:]
        assert (found[2].number, found[2].form_id, found[2].form_hash, found[2].received) == (
            receipt.number, FORM.form_id, FORM.hash, received,
        )  # fmt: skip

    def test_a_record_that_differs_only_in_unicode_form_is_the_same(self, store: Store) -> None:
        first = store.append(submission(record={"/data/a": "\u00fc"}, author="\u00fc", subject="\u00fc"))
        assert store.append(submission(record={"/data/a": "u\u0308"}, author="u\u0308", subject="u\u0308")) == first

    @pytest.mark.parametrize(
        "other",
        [
            submission(record={"/data/a": "other"}),
            submission(author="other"),
            submission(municipality="08235085"),
            submission(subject="P-000002"),
        ],
        ids=["record", "author", "municipality", "subject"],
    )
    def test_another_content_under_the_same_id_is_refused(self, store: Store, other: object) -> None:
        store.append(submission())
        assert isinstance(other, type(submission()))
        with refused("store.conflict"):
            store.append(other)
        assert [found.record for found in store.submissions()] == [{"/data/a": "1"}]

    def test_a_form_that_is_not_published_is_refused(self, store: Store) -> None:
        with refused("store.unknown_form"):
            store.append(submission(form=published("fremd")))
        assert store.count() == 0

    def test_a_version_the_form_does_not_have_is_refused(self, store: Store) -> None:
        with refused("store.other_form"):
            store.append(replace(submission(), form_version="2"))

    def test_a_record_with_a_number_is_refused(self, store: Store) -> None:
        with pytest.raises(DataError):
            store.append(replace(submission(), record={"/data/a": 1.5}))  # type: ignore[dict-item]
        assert store.count() == 0
        assert store.append(submission()).number == 1

    def test_receipts_count_events_in_order_of_arrival(self, store: Store) -> None:
        assert [store.append(submission(number)).number for number in (7, 3, 5)] == [1, 2, 3]


class TestVersions:
    def test_a_change_is_a_new_version(self, store: Store, clock: Clock) -> None:
        first = submission()
        second = submission(version=2, reason="Tippfehler", record={"/data/a": "2"})
        store.append(first)
        later = clock.move(days=1)
        assert store.append(second) == Receipt(first.id, 2, 2, later)
        assert list(store.submissions()) == [replace(second, received=later)]
        assert store.history(first.id) == [replace(first, received=START), replace(second, received=later)]
        assert store.count() == 1

    @pytest.mark.parametrize("reason", [None, "", "  "])
    def test_a_change_by_somebody_else_needs_a_reason(self, store: Store, reason: str | None) -> None:
        store.append(submission())
        with refused("store.no_reason"):
            store.append(submission(version=2, reason=reason, author="b"))

    @pytest.mark.parametrize("offered", [0, 3, 4])
    def test_a_version_that_does_not_follow_is_refused_with_both_named(self, store: Store, offered: int) -> None:
        store.append(submission())
        with refused("store.stale") as caught:
            store.append(submission(version=offered, reason="Nachtrag"))
        assert (caught.value.fields["latest"], caught.value.fields["offered"]) == ("1", str(offered))
        assert "1" in str(caught.value)
        assert str(offered) in str(caught.value)

    def test_the_second_of_two_writers_is_refused(self, store: Store, opener: Opener) -> None:
        store.append(submission())
        with opener() as other:
            other.append(submission(version=2, reason="Nachtrag", author="a"))
            with refused("store.stale"):
                store.append(submission(version=2, reason="Tippfehler", author="b"))
        assert [found.author for found in store.history(submission().id)] == ["müller", "a"]

    def test_a_version_sent_again_is_the_same_receipt_even_when_there_is_a_later_one(self, store: Store) -> None:
        first = store.append(submission())
        second = store.append(submission(version=2, reason="Tippfehler"))
        assert store.append(submission()) == first
        assert store.append(submission(version=2, reason="Tippfehler")) == second

    def test_a_first_version_is_needed_first(self, store: Store) -> None:
        with refused("store.stale"):
            store.append(submission(version=2, reason="Tippfehler"))

    def test_a_later_version_of_the_form_may_correct_but_another_form_may_not(self, store: Store) -> None:
        newer, other = published(version="2"), published("austritt")
        store.publish(newer)
        store.publish(other)
        store.append(submission())
        with refused("store.other_form"):
            store.append(submission(form=other, version=2, reason="Tippfehler"))
        store.append(submission(form=newer, version=2, reason="Tippfehler"))
        assert [found.form_version for found in store.history(submission().id)] == ["1", "2"]

    def test_no_history_is_an_empty_one(self, store: Store) -> None:
        assert store.history("uuid:nobody") == []


class TestReading:
    def test_selection_by_form_municipality_and_time(self, store: Store, clock: Clock) -> None:
        other = published("austritt")
        store.publish(other)
        store.append(submission(1))
        clock.move(days=1)
        store.append(submission(2, municipality="08235085"))
        clock.move(days=1)
        store.append(submission(3, form=other))
        clock.move(days=1)
        store.append(submission(1, version=2, reason="Umzug", municipality="08235085"))

        def seen(**by: object) -> list[tuple[str, int]]:
            found = [(one.id[-1], one.version) for one in store.submissions(**by)]  # type: ignore[arg-type]
            assert store.count(**by) == len(found)  # type: ignore[arg-type]
            return found

        assert seen() == [("1", 2), ("2", 1), ("3", 1)]
        assert seen(form_id="probe") == [("1", 2), ("2", 1)]
        assert seen(municipality="08235085") == [("1", 2), ("2", 1)]
        assert seen(municipality="08235007") == [("3", 1)]
        assert seen(form_id="austritt", municipality="08235007") == [("3", 1)]
        assert seen(known_at=START + timedelta(days=2)) == [("1", 1), ("2", 1), ("3", 1)]
        assert seen(known_at=START + timedelta(hours=1), municipality="08235007") == [("1", 1)]
        assert seen(known_at=START - timedelta(microseconds=1)) == []
        assert seen(form_id="unknown") == []
        assert store.last_received() == START + timedelta(days=3)

    def test_an_empty_store_has_nothing(self, store: Store) -> None:
        assert list(store.submissions()) == []
        assert store.count() == 0
        assert store.last_received() is None

    def test_times_compare_as_moments_whatever_their_zone(self, store: Store, clock: Clock) -> None:
        clock.now = datetime.fromisoformat("2026-03-29T03:00:00+02:00")
        store.append(submission())
        assert store.count(known_at=datetime.fromisoformat("2026-03-29T00:59:59+00:00")) == 0
        assert store.count(known_at=datetime.fromisoformat("2026-03-28T20:00:00-05:00")) == 1

    def test_a_moment_without_zone_is_a_mistake_of_the_caller(self, store: Store, clock: Clock) -> None:
        with pytest.raises(ValueError, match="zone"):
            store.count(known_at=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the mistake
        clock.now = datetime(2026, 1, 1)  # noqa: DTZ001 - the same
        with pytest.raises(ValueError, match="zone"):
            store.append(submission())
        assert store.count() == 0

    def test_a_clock_that_jumps_back_does_not_reorder(self, store: Store, clock: Clock) -> None:
        store.append(submission(1))
        clock.move(days=-100)
        store.append(submission(2))
        store.append(submission(1, version=2, reason="Tippfehler"))
        assert [(one.id[-1], one.version) for one in store.submissions()] == [("1", 2), ("2", 1)]

    def test_what_is_iterated_is_what_was_there_at_the_call(self, store: Store) -> None:
        store.append_many(submission(number) for number in range(5))
        reading = store.submissions()
        next(reading)
        store.append(submission(5))
        store.append(submission(4, version=2, reason="Tippfehler"))
        assert [one.version for one in reading] == [1, 1, 1, 1]


class TestMany:
    def test_all_in_their_order(self, store: Store) -> None:
        receipts = store.append_many([submission(number) for number in (2, 1, 3)])
        assert [(one.submission[-1], one.number) for one in receipts] == [("2", 1), ("1", 2), ("3", 3)]
        assert [one.id[-1] for one in store.submissions()] == ["2", "1", "3"]

    def test_none_when_one_is_refused(self, store: Store) -> None:
        store.append(submission(1))
        with refused("store.conflict"):
            store.append_many([submission(2), submission(1, author="other"), submission(3)])
        assert [one.id[-1] for one in store.submissions()] == ["1"]

    def test_none_when_the_source_breaks_off(self, store: Store) -> None:
        def source() -> Iterator[object]:
            yield submission(1)
            raise OSError("the file ends here")

        with pytest.raises(OSError, match="ends here"):
            store.append_many(source())  # type: ignore[arg-type]
        assert store.count() == 0
        store.append(submission(1))

    def test_versions_of_one_submission_and_repetitions_may_come_together(self, store: Store) -> None:
        change = submission(1, version=2, reason="Nachtrag")
        receipts = store.append_many([submission(1), change, submission(1), change])
        assert receipts[:2] == receipts[2:]
        assert store.count() == 1

    def test_nothing_is_nothing(self, store: Store) -> None:
        assert store.append_many([]) == []


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


class TestTogether:
    def test_a_second_window_sees_what_the_first_saved(self, store: Store, opener: Opener) -> None:
        with opener() as other:
            store.append(submission(1))
            other.append(submission(2))
            assert [one.id for one in store.submissions()] == [one.id for one in other.submissions()]
            assert store.count() == 2

    def test_a_busy_store_says_so_and_goes_on_afterwards(self, store: Store, opener: Opener) -> None:
        def source() -> Iterator[object]:
            with opener() as other, pytest.raises(StoreBusy, match="anderes Programm"):
                other.append(submission(2))
            with opener() as other:
                assert other.count() == 0
            yield submission(1)

        store.append_many(source())  # type: ignore[arg-type]
        store.append(submission(2))
        assert store.count() == 2

    def test_a_closed_store_says_so(self, opener: Opener) -> None:
        store = opener()
        store.close()
        store.close()
        with refused("store.closed"):
            store.count()

    def test_everything_is_there_after_opening_again(self, opener: Opener) -> None:
        with opener() as store:
            store.publish(FORM)
            store.append(submission(1))
            draft = store.journal.start(FORM.hash, "", "", "de")
            store.journal.record(draft.id, "a", 1, ANSWER)
        with opener() as store:
            assert store.forms() == (FORM,)
            assert store.count() == 1
            assert len(store.journal.replay(draft.id)) == 1
