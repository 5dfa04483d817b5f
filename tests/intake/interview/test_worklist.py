"""The way in: forms to begin, drafts to go on with, and where municipality and person of a submission come from."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from intake.interview.worklist import Worklist
from scenario.interview import FORM, Talk, store, workbook, worklist
from validation.errors import StudyError


def test_nothing_to_go_on_with_at_first_and_then_the_newest_first(tmp_path: Path) -> None:
    with store(tmp_path) as opened:
        here = worklist(opened)
        message = here.start("view")
        assert message["view"] == "view"
        assert message["forms"] == [{"id": "probe", "title": "Probegespräch"}]
        assert message["drafts"] == []
        for number in ("A-1", "A-2"):
            talk = Talk(here.begin("probe"))
            talk.answer("fallnummer", "A-")
            talk.answer("fallnummer", number)
        assert [draft["number"] for draft in here.start()["drafts"]] == ["A-2", "A-1"]
        assert all(draft["when"].endswith("Uhr") for draft in here.start()["drafts"])


def test_a_demo_is_marked_on_every_screen(tmp_path: Path) -> None:
    with store(tmp_path) as opened:
        for demo in (True, False):
            here = Worklist(opened, zone=UTC, author="tester", demo=demo)
            assert here.start()["demo"] is demo
            assert here.begin("probe").greeting()["demo"] is demo


def test_a_form_that_is_not_published_is_refused_by_name(tmp_path: Path) -> None:
    with store(tmp_path) as opened:
        with pytest.raises(StudyError, match="erstgespraech"):
            Worklist(opened, zone=UTC, author="tester", form_id="erstgespraech")
        with pytest.raises(StudyError, match="fremd"):
            worklist(opened).begin("fremd")


def test_a_draft_goes_on_with_the_form_it_was_begun_with(tmp_path: Path) -> None:
    from intake.publishing import publish

    with store(tmp_path) as opened:
        talk = Talk(worklist(opened).begin("probe"))
        talk.answer("name", "Layla")
        newer = FORM.replace("Vollständiger Name", "Name").replace("| probe | 1 |", "| probe | 2 |")
        publish(opened, workbook(tmp_path, newer, "neuer.md"))
        here = worklist(opened)
        assert Talk(here.resume(opened.journal.drafts()[0].id))["name"]["label"] == ["Vollständiger Name"]
        assert Talk(here.begin("probe"))["name"]["label"] == ["Name"]


def test_municipality_and_person_come_from_the_questions_of_that_name(tmp_path: Path) -> None:
    text = FORM.replace("| text | fallnummer | Fallnummer", "| text | gemeinde | Gemeinde").replace(
        "| text | name | Vollständiger", "| text | person | Vollständiger"
    )
    text = text.replace("${name}", "${person}")
    with store(tmp_path, text) as opened:
        talk = Talk(worklist(opened).begin("probe"))
        talk.answer("gemeinde", "08235007")
        talk.answer("person", "P-000001")
        talk.send("reason", talk.id("geburtsdatum"), "refused")
        talk.answer("besucht", "nein")
        for entry in talk["Ziel"]["entries"]:
            talk.answer("was", "B1", entry)
        (reply,) = talk.send("submit")
        assert reply["type"] == "submitted"
        (stored,) = opened.submissions()
        assert (stored.municipality, stored.subject) == ("08235007", "P-000001")
        assert stored.started <= stored.ended
        assert reply["number"] == stored.id.removeprefix("uuid:")[:8]


def test_a_form_that_asks_who_holds_the_interview_is_told(tmp_path: Path) -> None:
    text = FORM.replace("\n| | ", "\n| | username | wer |\n| | ", 1)
    with store(tmp_path, text) as opened:
        session = worklist(opened).begin("probe")
        assert session.instance.value("/data/wer") == "tester"
