"""Questionnaires at a desk: what is handed in says the day and no time; what was left is settled as study.toml says."""

from __future__ import annotations

import datetime as dt
import secrets
from zoneinfo import ZoneInfo

import pytest

from intake.interview.alone.desk import Desk, day_of
from intake.interview.session import Session
from intake.study import Study
from scenario.alone import key_of, office
from validation.errors import StudyError


def answered(desk: Desk, **answers: str) -> tuple[Session, str]:
    """A questionnaire with these answers, and its draft."""
    session, draft = desk.begin("Deutsch (de)"), secrets.token_hex(16)
    form = desk.greeting(session)
    for name, value in answers.items():
        key = key_of(form, name)
        (reply,) = session.receive(
            {"type": "op", "op": "answer", "op_id": name, "key": key, "value": value, "draft": draft}
        )
        assert reply["type"] == "ack"
    return session, draft


def test_a_day_has_no_time() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert day_of(dt.datetime(2026, 3, 29, 15, 7, 9, 5, berlin)) == dt.datetime(2026, 3, 29, tzinfo=berlin)


def test_what_is_handed_in_tells_nothing_but_the_answers_and_the_day(study: Study) -> None:
    with office(study) as here:
        session, draft = answered(here.desk, alter="a25", fehlt="Bänke")
        (done,) = session.receive({"type": "op", "op": "submit", "op_id": "s", "draft": draft})
        assert done["type"] == "submitted"
        (stored,) = here.store.submissions()
        moments = {stored.started, stored.ended, stored.received}
        assert all((m.minute, m.second, m.microsecond) == (0, 0, 0) for m in moments if m)
        assert {m.astimezone(study.tz).hour for m in moments if m} == {0}
        assert (stored.author, stored.subject, stored.municipality, stored.paradata) == ("self", "", "", {})
        filled = {key for key, value in stored.record.items() if value and "/@" not in key}
        assert filled == {
            "/data/person/alter", "/data/wuensche/fehlt", "/data/wuensche/stand", "/data/meta/instanceID",
        }  # fmt: skip
        assert stored.record["/data/wuensche/stand"] == "ganz"
        assert here.store.journal.drafts() == []


def test_what_was_left_is_discarded_or_handed_in_as_incomplete(study: Study) -> None:
    with office(study, unfinished="discard") as here:
        _, draft = answered(here.desk, alter="a25")
        assert here.desk.settle(draft) == "discarded"
        assert here.desk.settle(draft) == ""
        assert list(here.store.submissions()) == []
    with office(study, unfinished="incomplete") as here:
        _, draft = answered(here.desk, alter="a65")
        assert here.desk.settle(draft) == "incomplete"
        _, emptied = answered(here.desk, alter="")
        assert here.desk.settle(emptied) == "discarded"
        (stored,) = here.store.submissions()
        assert stored.record["/data/wuensche/stand"] == "teil"
        assert stored.record["/data/person/alter"] == "a65"


def test_only_what_is_old_and_not_open_is_settled(study: Study) -> None:
    with office(study, unfinished="incomplete") as here:
        _, left = answered(here.desk, alter="a25")
        _, open_now = answered(here.desk, alter="a45")
        assert here.desk.settle_old(1) == []
        assert here.desk.settle_old(0, spare=[open_now]) == ["incomplete"]
        assert [each.id for each in here.store.journal.drafts()] == [open_now]
        assert here.desk.resume(left) is None


def test_a_kiosk_does_not_touch_what_a_link_has_begun(study: Study) -> None:
    with office(study, kiosk=False) as here:
        _, draft = answered(here.desk, alter="a25")
    with office(study) as here:
        assert here.desk.settle_old(0) == []
        assert [each.id for each in here.store.journal.drafts()] == [draft]
    with office(study, kiosk=False) as here:
        assert here.desk.settle_old(0) == ["discarded"]


def test_the_drafts_of_an_office_are_not_touched(study: Study) -> None:
    with office(study) as here:
        here.store.journal.start(here.desk.form.hash, "", "office", "")
        assert here.desk.settle_old(0) == []
        assert len(here.store.journal.drafts()) == 1


def test_the_start_says_in_every_language_what_it_is_about(study: Study) -> None:
    with office(study) as here:
        told = here.desk.welcome()
        assert [each["code"] for each in told["languages"]] == ["de", "en", "ar", "uk"]
        assert [len(each["intro"]) for each in told["languages"]] == [2, 2, 2, 2]
        assert [each["ui"]["begin"] for each in told["languages"]][:2] == ["Beginnen", "Begin"]
        assert len({str(each["intro"][0]) for each in told["languages"]}) == 4
        drawn = here.desk.greeting(here.desk.begin("English (en)"))
        assert "case" not in drawn
        assert drawn["ui"][0]["submit"] == "Send"
        first = drawn["sections"][0]["id"]
        assert drawn["state"][first]["label"] == ["About you"]


def test_a_mark_that_the_form_lacks_and_a_form_that_is_not_there_are_refused(study: Study) -> None:
    for settings, form, code in (({"mark": "fertig"}, "bewohner", "alone.no_mark"), ({}, "x", "interview.no_form")):
        with pytest.raises(StudyError) as caught, office(study, form, **settings):
            pass
        assert caught.value.code == code
