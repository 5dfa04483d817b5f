"""Whose hands a draft is in: shown, taken over by a click, at any computer; nobody is locked out, nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.interview.widget import Interview
from scenario.cases import answer, desk, office, send
from validation.errors import StoreError


def test_a_draft_shows_its_holder_to_others_and_goes_on_in_another_hand(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        mine, hers = desk(opened, "tester"), desk(opened, "kollegin")
        session = mine.begin("aufnahme")
        answer(session, person="P-000001", alter="30")
        assert session.draft is not None
        (shown,) = mine.start()["drafts"]
        assert shown["holder"] is None
        (shown,) = hers.start()["drafts"]
        assert (shown["holder"], shown["since"]) == ("tester", "02.03.2026, 09:00 Uhr")
        assert session.greeting()["case"]["holder"] is None
        with pytest.raises(StoreError, match="tester"):
            hers.answer({"what": "discard", "draft": session.draft.id})
        # opening it as it is would be nobody's decision
        widget = Interview(hers)
        (said,) = widget.reply({"type": "open", "draft": session.draft.id})
        assert said["type"] == "start"
        assert "tester" in said["text"][0]
        assert widget.reply({"type": "desk", "what": "take", "draft": session.draft.id})[0]["what"] == "open"
        (drawn,) = widget.reply({"type": "open", "draft": session.draft.id})
        assert drawn["case"]["holder"]["name"] == "kollegin"
        assert drawn["case"]["holder"]["mine"] is True
        assert widget.answers["/data/alter"] == "30"
        hers.take_over(session.draft.id)  # again changes nothing
        assert len(opened.journal.replay(session.draft.id)) == 3
        assert mine.start()["drafts"][0]["holder"] == "kollegin"


def test_who_had_it_is_told_and_what_they_still_type_is_kept(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        mine, hers = desk(opened, "tester"), desk(opened, "kollegin")
        session = mine.begin("aufnahme")
        answer(session, person="P-000001")
        assert session.draft is not None
        hers.take_over(session.draft.id)
        news = session.hear()[-1]
        assert (news["elsewhere"], news["holder"]["name"], news["holder"]["mine"]) == (True, "kollegin", False)
        answer(session, alter="31")
        assert hers.resume(session.draft.id).answers["/data/alter"] == "31"


def test_a_draft_that_is_closed_is_not_taken_over(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        session = here.begin("aufnahme")
        answer(session, gemeinde="08235007", person="P-000001")
        assert session.draft is not None
        assert send(session, "submit")["type"] == "submitted"
        with pytest.raises(StoreError):
            here.take_over(session.draft.id)
