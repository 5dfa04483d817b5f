"""How an interview went, in its submission: time, changes, warnings kept; nothing of what was answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.interview.paradata import table
from intake.interview.session import Session
from intake.store import Store
from intake.submission import Override, Submission
from scenario.interview import NOW, Talk, form, store, worklist
from scenario.stores import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Store]:
    with store(tmp_path) as found:
        yield found


def begin(opened: Store, clock: Clock, *, paradata: bool = True) -> Talk:
    made = worklist(opened)
    made.paradata = paradata
    made.now = clock  # type: ignore[method-assign]
    return Talk(made.begin("probe"))


def complete(talk: Talk, clock: Clock) -> None:
    talk.answer("fallnummer", "A-17")
    talk.answer("name", "Layla Geheim")
    clock.move(seconds=20)
    talk.send("reason", talk.id("geburtsdatum"), "refused")
    talk.answer("besucht", "nein")
    for entry in talk["Ziel"]["entries"]:
        talk.answer("was", "Sprachkurs", entry)
    clock.move(seconds=5)
    assert talk.send("submit")[0]["type"] == "submitted"


def sent(opened: Store) -> Submission:
    (found,) = opened.submissions("probe")
    return found


def test_time_is_counted_by_section_and_a_night_is_five_minutes(opened: Store, clock: Clock) -> None:
    talk = begin(opened, clock)
    talk.send("visit", talk.id("Fall"))
    clock.move(seconds=40)
    talk.answer("alter", "30")
    clock.move(hours=14)
    talk.send("visit", talk.id("Kurs"))
    clock.move(seconds=7)
    complete(talk, clock)
    assert sent(opened).paradata["seconds"] == {"fall": 40 + 300, "kurs": 7 + 20 + 5}


def test_a_resumed_interview_counts_both_halves(opened: Store, clock: Clock) -> None:
    talk = begin(opened, clock)
    talk.send("visit", talk.id("Fall"))
    talk.answer("alter", "30")
    again = Talk(worklist(opened).resume(opened.journal.drafts()[0].id))
    assert [step.op for step in again.session.course.steps] == ["visit", "answer"]


def test_changes_are_counted_by_question_and_a_run_of_key_strokes_once(opened: Store, clock: Clock) -> None:
    talk = begin(opened, clock)
    for typed in ("3", "30", "301"):
        talk.answer("alter", typed)
    talk.answer("fallnummer", "A")
    talk.answer("alter", "30")
    clock.move(minutes=6)
    talk.answer("alter", "31")
    talk.send("add_repeat", talk.id("Ziel"))
    complete(talk, clock)
    changes = sent(opened).paradata["changes"]
    assert changes["/data/fall/alter"] == 3
    assert changes["/data/fall/fallnummer"] == 2
    assert changes["/data/ziele/ziel/was"] == 2
    assert changes["/data/fall/geburtsdatum"] == 1


def test_warnings_that_were_kept_are_named_with_their_reason(opened: Store, clock: Clock) -> None:
    talk = begin(opened, clock)
    talk.answer("alter", "105")
    talk.send("override", talk.id("alter"), "as_told")
    complete(talk, clock)
    assert sent(opened).overrides == (Override("/data/fall/alter", "as_told"),)
    assert sent(opened).paradata["overrides"] == 1


def test_a_reason_for_a_warning_that_is_no_more_is_not_sent(opened: Store, clock: Clock) -> None:
    talk = begin(opened, clock)
    talk.answer("alter", "105")
    talk.send("override", talk.id("alter"), "as_told")
    talk.answer("alter", "30")
    complete(talk, clock)
    assert sent(opened).overrides == ()


def test_languages_and_interpreter_are_kept(opened: Store, clock: Clock) -> None:
    talk = begin(opened, clock)
    talk.send("setting", "interpreter", "relative")
    talk.send("setting", "interpreter", "phone")
    talk.send("language", "", "English (en)")
    talk.send("language", "", "")
    complete(talk, clock)
    assert sent(opened).paradata["languages"] == ["Deutsch (de)", "English (en)"]
    assert sent(opened).paradata["interpreter"] == "phone"


def test_it_never_holds_what_was_answered_and_is_no_part_of_the_record(opened: Store, clock: Clock) -> None:
    talk = begin(opened, clock)
    complete(talk, clock)
    written = json.dumps(dict(sent(opened).paradata))
    for answer in ("A-17", "Layla", "Geheim", "refused", "Sprachkurs", "nein"):
        assert answer not in written
    assert "seconds" not in json.dumps(sent(opened).record)


def test_a_study_switches_it_off_and_still_names_kept_warnings(opened: Store, clock: Clock) -> None:
    talk = begin(opened, clock, paradata=False)
    assert talk.form["paradata"] is False
    talk.answer("alter", "105")
    talk.send("visit", talk.id("Kurs"))
    talk.send("setting", "interpreter", "phone")
    talk.send("override", talk.id("alter"), "later")
    (draft,) = opened.journal.drafts()
    assert {op.payload["op"] for op in opened.journal.replay(draft.id)} == {"answer", "override"}
    complete(talk, clock)
    assert sent(opened).paradata == {}
    assert sent(opened).overrides == (Override("/data/fall/alter", "later"),)


def test_the_table_has_a_row_for_each_submission_that_carries_some(opened: Store, clock: Clock) -> None:
    talk = begin(opened, clock)
    talk.send("visit", talk.id("Fall"))
    complete(talk, clock)
    complete(begin(opened, clock, paradata=False), clock)
    (row,) = table(opened.submissions("probe"))
    assert (row.form_id, row.interpreter, row.overrides, row.seconds) == ("probe", "", 0, 25)
    assert row.by_section == {"fall": 25}
    assert row.changes == sum(row.changed.values()) == 5


def test_without_a_journal_there_is_nothing_to_collect() -> None:
    talk = Talk(Session(form(), now=lambda: NOW))
    assert talk.form["paradata"] is False
    assert "case" not in talk.form
