"""The way in: forms to begin, drafts to go on with, and where municipality and person of a submission come from."""

from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path
from typing import NoReturn

import pytest

from intake.interview.worklist import PAGE, Worklist
from scenario.cases import answer, desk, hand_in, office, person, rows, send
from scenario.interview import FORM, Talk, store, workbook, worklist
from validation.errors import AnswerError, StoreBusy, StoreError, StudyError


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


def test_a_store_that_is_not_encrypted_is_marked_on_every_screen(tmp_path: Path) -> None:
    with store(tmp_path) as opened:
        for plain in (True, False):
            here = Worklist(opened, zone=UTC, author="tester", plain=plain)
            assert here.start()["plain"] is plain
            assert here.begin("probe").greeting()["plain"] is plain


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
        assert reply["entry"] is True  # no case number, and not called one


def test_a_form_that_asks_who_holds_the_interview_is_told(tmp_path: Path) -> None:
    text = FORM.replace("\n| | ", "\n| | username | wer |\n| | ", 1)
    with store(tmp_path, text) as opened:
        session = worklist(opened).begin("probe")
        assert session.instance.value("/data/wer") == "tester"


# --- cases


def test_a_case_is_a_person_with_all_that_was_handed_in_the_last_received_first(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        person(here, 1)
        person(here, 2, "08999001")
        hand_in(here, "unterkunft", gemeinde="08235007", strasse="Hauptstraße 1")
        again = here.resume(here.begin_for(next(row["key"] for row in rows(here, "P-000001")), "aufnahme"))
        assert send(again, "submit")["type"] == "submitted"
        message = here.start()
        assert [row["person"] for row in message["cases"]["rows"]] == ["P-000001", "P-000002"]
        assert message["cases"]["counts"] == {"people": 2, "other": 1}
        first = message["cases"]["rows"][0]
        assert (first["number"], first["place"], first["forms"]) == ("A/1", "Althengstett", ["Aufnahme"])
        (house,) = rows(here, people=False)
        assert (house["person"], house["forms"]) == ("", ["Unterkunft"])
        opened_case = here.answer({"what": "case", "case": first["key"]})
        assert len(opened_case["entries"]) == 2
        assert [form["id"] for form in opened_case["begin"]] == ["aufnahme", "kontakt"]
        assert here.answer({"what": "case", "case": house["key"]})["begin"] == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["P-000003", "P-000002", "P-000001"]),
        ("schonhofen", ["P-000002"]),
        ("SCHÖNHÖFEN", ["P-000002"]),
        ("schoenhoefen", ["P-000002"]),
        ("08999001", ["P-000002"]),
        ("p-000003", ["P-000003"]),
        ("a/1", ["P-000001"]),
        ("aufnahme a/", ["P-000003", "P-000002", "P-000001"]),
        ("althengstett a/3", ["P-000003"]),
        ("02.03.2026 althengstett a/1", ["P-000001"]),
        ("2026-03-02 schönhöfen", ["P-000002"]),
        ("schönhöfen a/1", []),
        ("Layla", []),
    ],
)
def test_cases_are_found_by_words_without_regard_to_case_and_diacritics(
    tmp_path: Path, words: str, found: list[str]
) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        person(here, 1, name="Layla")
        person(here, 2, "08999001")
        person(here, 3)
        assert [row["person"] for row in rows(here, words)] == found


def test_many_cases_come_a_page_at_a_time_and_what_comes_later_is_found(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        for number in range(PAGE + 3):
            person(here, number)
        page = here.start()["cases"]
        assert (len(page["rows"]), page["total"]) == (PAGE, PAGE + 3)
        assert [row["person"] for row in rows(here, people=True, start=PAGE)] == ["P-000002", "P-000001", "P-000000"]
        assert rows(here, "a/999") == []
        person(here, 999)
        assert [row["person"] for row in rows(here, "a/999")] == ["P-000999"]


def test_what_identifies_a_person_is_never_sent_nor_searched(tmp_path: Path) -> None:
    with office(tmp_path, pseudonym="identity", number="identity") as opened:
        here = desk(opened)
        person(here, 1, name="Layla")
        answer(here.begin("aufnahme"), gemeinde="08235007", person="P-000001", fallnummer="A/1", name="Layla")
        message = here.start()
        key = message["cases"]["rows"][0]["key"]
        said = json.dumps([message, here.answer({"what": "case", "case": key})])
        assert not any(word in said for word in ("P-000001", "A/1", "Layla"))
        assert rows(here, "P-000001") == rows(here, "A/1") == []


def test_the_list_reads_no_record_but_for_the_numbers_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        for number in range(PAGE + 20):
            person(here, number)
        read: list[str] = []
        history = opened.history
        monkeypatch.setattr(opened, "history", lambda name: read.append(name) or history(name))
        monkeypatch.setattr(opened, "submissions", lambda *_, **__: pytest.fail("reads everything"))
        fresh = desk(opened)
        fresh.start()
        assert len(read) == PAGE
        fresh.start()
        assert len(read) == PAGE


def test_a_store_that_cannot_be_read_is_said_above_an_empty_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)

        def busy(_after: int = 0) -> NoReturn:
            raise StoreBusy("store.busy", path="store.db")

        monkeypatch.setattr(opened, "entries", busy)
        message = here.start()
        assert message["text"] == [StoreBusy("store.busy", path="store.db").text()]
        assert message["cases"]["rows"] == message["drafts"] == []


# --- what is done with a case


def test_a_form_is_begun_for_a_person_with_what_is_known(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        person(here, 7, "08999001")
        key = here.start()["cases"]["rows"][0]["key"]
        draft = here.answer({"what": "begin", "case": key, "form": "aufnahme"})["draft"]
        session = here.resume(draft)
        assert session.answers["/data/person"] == "P-000007"
        assert session.answers["/data/gemeinde"] == "08999001"
        (sketch,) = here.start()["drafts"]
        assert (sketch["person"], sketch["place"], sketch["answers"], sketch["author"]) == (
            "P-000007", "Schönhöfen", 2, "tester",
        )  # fmt: skip
        with pytest.raises(StoreError):
            here.answer({"what": "begin", "case": "nobody", "form": "aufnahme"})


def test_a_draft_is_discarded_and_the_others_stay(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        for number in ("A/1", "A/2"):
            answer(here.begin("aufnahme"), fallnummer=number)
        gone = next(each for each in here.start()["drafts"] if each["number"] == "A/1")
        assert here.answer({"what": "discard", "draft": gone["id"]})["what"] == "discarded"
        assert [each["number"] for each in here.start()["drafts"]] == ["A/2"]
        with pytest.raises(StoreError):
            here.answer({"what": "discard", "draft": gone["id"]})


def test_drafts_are_found_by_the_same_words(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        answer(here.begin("aufnahme"), gemeinde="08999001", person="P-000001")
        answer(here.begin("aufnahme"), gemeinde="08235007", person="P-000002")
        found = here.answer({"what": "list", "words": "schonhofen"})["drafts"]
        assert [each["person"] for each in found] == ["P-000001"]


def test_what_was_taken_back_in_a_draft_does_not_count(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        session = here.begin("aufnahme")
        answer(session, gemeinde="08999001", person="P-000001")
        assert send(session, "undo")["type"] == "ack"
        (draft,) = here.start()["drafts"]
        assert (draft["person"], draft["answers"]) == ("", 1)


def test_a_message_that_is_none_is_refused(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        for message in ({"what": "no"}, {"what": "contact_save"}, {"what": "contact_save", "contacts": ["x"]}, {}):
            with pytest.raises(AnswerError):
                here.answer(message)
