"""What every store promises, whatever it is built on. `opener` (conftest.py) opens each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from intake.store import Receipt, Store
from intake.submission import Override
from scenario.stores import ANSWER, START, Clock, Opener, published, refused, submission
from validation.errors import DataError, StoreBusy

FORM = published()


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
