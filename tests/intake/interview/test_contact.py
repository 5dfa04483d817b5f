"""The quick contact without a browser: few answers, the whole way of an interview, never twice, never lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest

from intake.interview.worklist import Worklist
from scenario.cases import BEGUN, desk, office, person, rows
from scenario.interview import Talk
from validation.errors import StoreBusy

TODAY = BEGUN.date()  # as the clock of the store says
ANSWERS = {
    "gemeinde": "08235007", "durch": "im", "mit": "person", "person": "P-000001", "datum": TODAY.isoformat(),
    "kanal": "telefon", "minuten": "20", "themen": "wohnen sprache",
}  # fmt: skip
DRAFT = "0123456789abcdef" * 2


def save(worklist: Worklist, *drafts: str, attempt: int = 1, keep: bool = False, **changed: object) -> dict[str, Any]:
    """What is said to contacts with these drafts and answers."""
    contacts = [{"draft": draft, "answers": ANSWERS | changed} for draft in drafts or (DRAFT,)]
    return worklist.answer({"what": "contact_save", "attempt": attempt, "keep": keep, "contacts": contacts})


def test_the_panel_asks_as_the_form_does_and_knows_the_last_time(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        assert here.start()["contact"] is True
        panel = here.answer({"what": "contact"})
        assert panel["labels"]["kanal"] == "Auf welchem Weg?"
        assert ["telefon", "Telefon"] in [list(each) for each in panel["choices"]["kanal"]]
        assert panel["last"] == {}
        assert panel["yesterday"] == (datetime.fromisoformat(panel["today"]) - timedelta(days=1)).date().isoformat()
        save(here)
        assert here.answer({"what": "contact"})["last"] == {
            "gemeinde": "08235007", "kanal": "telefon", "minuten": "20", "zustaendig": "",
        }  # fmt: skip
        assert desk(opened, "somebody else").answer({"what": "contact"})["last"] == {}


def test_without_its_form_there_is_no_quick_contact(tmp_path: Path) -> None:
    with office(tmp_path, contact=False) as opened:
        assert desk(opened).start()["contact"] is False


def test_a_contact_is_a_record_of_its_form_at_the_case(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        person(here, 1)
        assert save(here) == {"type": "desk", "view": None, "what": "contact_saved", "saved": [DRAFT]}
        (stored,) = opened.submissions("kontakt")
        assert (stored.subject, stored.municipality, stored.author) == ("P-000001", "08235007", "tester")
        assert stored.record["/data/kontakt/themen"] == "wohnen sprache"
        assert stored.record["/data/kontakt/minuten"] == "20"
        assert opened.journal.drafts() == []
        (row,) = here.start()["cases"]["rows"]
        assert row["forms"] == ["Kontakt", "Aufnahme"]


def test_the_same_message_again_saves_nothing_twice(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        for _ in range(3):
            assert save(here)["what"] == "contact_saved"
        assert save(desk(opened), attempt=2)["what"] == "contact_saved"
        assert opened.count("kontakt") == 1


def test_a_contact_that_was_discarded_elsewhere_is_not_called_saved(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        assert save(here, themen="")["what"] == "contact_refused"
        desk(opened).answer({"what": "discard", "draft": DRAFT})
        said = save(here, attempt=2)
        assert (said["what"], said["saved"], said["draft"], said["gone"]) == ("contact_refused", [], DRAFT, True)
        assert opened.count("kontakt") == 0
        assert save(here, DRAFT[::-1])["what"] == "contact_saved"  # as the panel sends it then
        assert opened.count("kontakt") == 1


def test_a_group_is_one_talk_that_names_everybody(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        names = ["P-000001", "P-000002", "P-000003"]
        assert save(desk(opened), mit="gruppe", person="", teilnehmer=names)["what"] == "contact_saved"
        (stored,) = opened.submissions("kontakt")
        assert stored.subject == ""
        entries = stored.record["/data/fall/gruppe/teilnahme"]
        assert isinstance(entries, list)
        assert [entry["/data/fall/gruppe/teilnahme/teilnehmer"] for entry in entries] == names


def test_a_group_stands_at_the_case_of_everybody_who_took_part(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        for number in (1, 2, 3):
            person(here, number)
        save(here, person="P-000001")
        group = {"mit": "gruppe", "person": ""}
        save(here, DRAFT[::-1], **group, teilnehmer=["P-000001", "P-000002", "P-000009"])
        found = {row["person"]: row for row in rows(here)}
        assert {name: row["contacts"] for name, row in found.items()} == {"P-000001": 2, "P-000002": 1, "P-000003": 0}
        assert found["P-000002"]["contact_when"] == BEGUN.strftime("%d.%m.%Y")
        assert found["P-000003"]["contact_when"] == ""
        assert found["P-000002"]["forms"] == ["Kontakt", "Aufnahme"]
        entries = here.answer({"what": "case", "case": found["P-000002"]["key"]})["entries"]
        assert [(each["title"], each["group"]) for each in entries] == [("Kontakt", True), ("Aufnahme", False)]
        session = here.resume(here.revise(entries[0]["submission"], "typo"))
        talk = Talk(session)
        talk.send("remove_repeat", talk.id("Teilnehmende Person"), talk["Teilnehmende Person"]["entries"][1])
        assert talk.send("submit")[0]["type"] == "submitted"
        assert {row["person"]: row["contacts"] for row in rows(here)}["P-000002"] == 0
        assert {row["person"]: row["contacts"] for row in rows(desk(opened))}["P-000001"] == 2


def test_volunteers_give_hours_and_no_pseudonym(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        given = {"durch": "ehrenamt", "mit": "", "person": "", "minuten": "", "stunden": "1,5", "anzahl": "4"}
        assert save(desk(opened), **given)["what"] == "contact_saved"
        (stored,) = opened.submissions("kontakt")
        assert (stored.subject, stored.record["/data/kontakt/stunden"]) == ("", "1.5")
        assert "/data/fall/person" not in stored.record


def test_what_the_form_refuses_is_said_kept_and_mended(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        tomorrow = (here.now().date() + timedelta(days=2)).isoformat()
        refused = save(here, datum=tomorrow, themen="", minuten="600")
        assert refused["what"] == "contact_refused"
        assert [(each["name"], each["label"]) for each in refused["problems"]] == [
            ("datum", "Tag des Kontakts"), ("minuten", "Dauer in Minuten"), ("themen", "Worum ging es?"),
        ]  # fmt: skip
        assert refused["problems"][1]["text"] == "Erwartet werden 5 bis 480 Minuten."
        assert opened.count("kontakt") == 0
        assert [each["id"] for each in here.start()["drafts"]] == [DRAFT]
        assert save(here, attempt=2)["what"] == "contact_saved"
        (stored,) = opened.submissions("kontakt")
        assert stored.record["/data/kontakt/minuten"] == "20"


def test_a_group_that_became_smaller_is_saved_as_it_is(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        group: dict[str, object] = {"mit": "gruppe", "person": "", "teilnehmer": ["P-000001", "P-000002", "P-000003"]}
        assert save(here, **(group | {"themen": ""}))["what"] == "contact_refused"
        assert save(here, attempt=2, **(group | {"teilnehmer": ["P-000003"]}))["what"] == "contact_saved"
        (stored,) = opened.submissions("kontakt")
        entries = stored.record["/data/fall/gruppe/teilnahme"]
        assert isinstance(entries, list)
        assert [entry["/data/fall/gruppe/teilnahme/teilnehmer"] for entry in entries] == ["P-000003"]


def test_to_go_on_in_the_form_the_contact_stays_a_draft(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        assert save(here, keep=True)["what"] == "contact_kept"
        assert opened.count("kontakt") == 0
        assert here.resume(DRAFT).answers["/data/fall/person"] == "P-000001"


def test_when_the_store_cannot_be_written_it_is_said_and_can_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)

        def busy(*_: object, **__: object) -> NoReturn:
            raise StoreBusy("store.busy", path="store.db")

        with monkeypatch.context() as patched:
            patched.setattr(opened.journal, "submit", busy)
            refused = save(here)
            text = StoreBusy("store.busy", path="store.db").text()
            assert refused["problems"] == [{"name": "", "label": "", "text": text}]
        assert save(here, attempt=2)["what"] == "contact_saved"
        assert opened.count("kontakt") == 1


def test_of_several_those_before_the_refused_one_are_saved(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here = desk(opened)
        other = DRAFT[::-1]
        contacts = [{"draft": DRAFT, "answers": ANSWERS}, {"draft": other, "answers": ANSWERS | {"person": "P-1"}}]
        said = here.answer({"what": "contact_save", "attempt": 1, "contacts": contacts})
        assert (said["what"], said["saved"], said["draft"]) == ("contact_refused", [DRAFT], other)
        assert [each["name"] for each in said["problems"]] == ["person"]
        assert opened.count("kontakt") == 1
