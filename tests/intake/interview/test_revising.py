"""A record that was handed in is opened again and becomes its next version; nothing is overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from intake.interview.worklist import Worklist
from intake.store import open_store
from intake.store.connection import Connection
from intake.store.corrections import REASONS
from scenario.cases import answer, desk, office, person, send
from scenario.interview import KEY
from scenario.stores import crashed_copy
from validation.errors import AnswerError, StoreError

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


def first(worklist: Worklist) -> str:
    """The submission of the first case."""
    key = worklist.start()["cases"]["rows"][0]["key"]
    return str(worklist.answer({"what": "case", "case": key})["entries"][0]["submission"])


def doubted(worklist: Worklist) -> str:
    """A submission with a warning that was kept and a file."""
    session = worklist.begin("aufnahme")
    answer(session, gemeinde="08235007", person="P-000001", alter="101")
    key = next(key for key, node in session.greeting()["state"].items() if node.get("value") == "101")
    assert send(session, "override", key, "asked")["type"] == "ack"
    assert session.draft is not None
    worklist.store.attachments.put(session.draft.id, "ausweis.png", PNG)
    answer(session, ausweis="ausweis.png")
    assert send(session, "submit")["type"] == "submitted"
    return first(worklist)


def test_what_is_added_later_is_the_next_version_of_the_same_submission(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        person(here, 1, name="Layla", alter="30")
        submission = first(here)
        draft = here.answer({"what": "revise", "submission": submission, "reason": "late"})["draft"]
        shown = here.start()["drafts"][0]
        assert (shown["person"], shown["number"], shown["reason"]) == ("P-000001", "A/1", "late")
        assert here.answer({"what": "case", "case": here.start()["cases"]["rows"][0]["key"]})["entries"][0][
            "draft"
        ] == (draft)
        session = desk(opened).resume(draft)  # another day, another program
        assert session.answers["/data/name"] == "Layla"
        answer(session, alter="31")
        assert send(session, "submit")["type"] == "submitted"
        before, after = opened.history(submission)
        assert (before.version, before.record["/data/alter"]) == (1, "30")
        assert (after.version, after.record["/data/alter"], after.reason) == (2, "31", "late")
        assert (after.id, after.record["/data/name"], after.subject) == (submission, "Layla", "P-000001")
        assert after.record["/data/meta/instanceID"] == submission
        assert opened.journal.drafts() == []
        assert here.start()["cases"]["counts"]["people"] == 1
        assert here.start()["cases"]["rows"][0]["forms"] == ["Aufnahme"]


def test_a_warning_that_was_kept_stays_kept_and_files_stay(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        submission = doubted(here)
        again = here.resume(here.revise(submission, "changed"))
        assert again.draft is not None
        assert opened.attachments.content(again.draft.id, "ausweis.png") == PNG
        answer(again, name="Layla")
        assert send(again, "submit")["type"] == "submitted"
        assert [kept.reason for kept in opened.history(submission)[1].overrides] == ["asked"]
        assert opened.attachments.content(submission, "ausweis.png") == PNG


@pytest.mark.parametrize("reason", REASONS)
def test_the_screen_is_told_that_it_is_a_correction_and_why_also_the_next_day(tmp_path: Path, reason: str) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        person(here, 1)
        draft = here.revise(first(here), reason)
        for again in (here, desk(opened)):
            greeting = again.resume(draft).greeting()
            assert greeting["case"]["correction"] == reason
            assert f"correction_{reason}" in greeting["ui"][0]
        assert here.begin("aufnahme").greeting()["case"]["correction"] is None


def test_undoing_takes_back_only_what_was_changed_since_it_was_opened_again(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        submission = doubted(here)
        again = here.resume(here.revise(submission, "typo"))
        assert again.course.place == ""  # nobody went on anywhere yet
        assert send(again, "undo")["undone"] == ""
        assert list(again.course.overrides.values()) == ["asked"]
        answer(again, name="Layla")
        send(again, "undo")
        assert send(again, "undo")["undone"] == ""
        assert list(again.course.overrides.values()) == ["asked"]
        (key,) = again.course.overrides
        send(again, "override", key, "later")
        assert send(again, "undo")["undone"] == key
        assert list(again.course.overrides.values()) == ["asked"]


def test_whenever_the_program_is_killed_while_it_opens_a_record_there_is_no_draft_or_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies: list[Path] = []
    execute = Connection.execute

    def copied(connection: Connection, *said: Any) -> Any:
        copies.append(crashed_copy(tmp_path / "store.db", tmp_path / f"killed-{len(copies)}"))
        return execute(connection, *said)

    with office(tmp_path) as opened:
        here = desk(opened)
        submission = doubted(here)
        with monkeypatch.context() as patch:
            patch.setattr(Connection, "execute", copied)
            here.revise(submission, "typo")
        copies.append(crashed_copy(tmp_path / "store.db", tmp_path / "done"))
    found = []
    for copy in copies:
        with open_store(copy, key=KEY) as left:
            drafts = left.journal.drafts()
            found.append(len(drafts))
            for draft in drafts:
                session = desk(left).resume(draft.id)
                assert left.attachments.content(draft.id, "ausweis.png") == PNG
                assert list(session.course.overrides.values()) == ["asked"]
                assert send(session, "submit")["type"] == "submitted"
                assert [each.version for each in left.history(submission)] == [1, 2]
    assert set(found) == {0, 1}


def test_without_a_reason_or_a_record_nothing_is_opened(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        person(here, 1)
        with pytest.raises(AnswerError):
            here.revise(first(here), "")
        with pytest.raises(StoreError):
            here.revise("uuid:nobody", "typo")
        assert opened.journal.drafts() == []
