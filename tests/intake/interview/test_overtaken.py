"""Two correct one record: the second sees both versions and decides; nothing that either answered is lost unseen."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from intake.interview.session import Session
from intake.interview.worklist import Worklist
from intake.store import Store
from scenario.cases import answer, desk, office, person, send
from scenario.interview import Talk, store
from validation.errors import AnswerError, StoreError

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


def first(opened: Store) -> str:
    return opened.entries()[0].submission


def overtaken(opened: Store, theirs: dict[str, str], mine: dict[str, str]) -> tuple[Worklist, Session, dict[str, Any]]:
    """Two corrections of one record; the second is handed in too late. What its window is told."""
    here, other = desk(opened), desk(opened, "kollegin")
    person(here, 1, name="Layla", alter="30")
    session, before = (each.resume(each.revise(first(opened), "typo")) for each in (here, other))
    answer(before, **theirs)
    answer(session, **mine)
    assert send(before, "submit")["type"] == "submitted"
    return here, session, send(session, "submit")


def test_the_second_writer_sees_the_answers_that_differ_and_both_versions_stay(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here, session, told = overtaken(opened, {"alter": "31", "name": "Laila"}, {"alter": "32"})
        assert (told["type"], told["author"]) == ("overtaken", "kollegin")
        # the name that only the other one corrected is not undone, so it does not differ
        assert told["rows"] == [{"label": ["Alter"], "mine": ["32"], "theirs": ["31"]}]
        assert [each.record["/data/alter"] for each in opened.history(first(opened))] == ["30", "31"]
        (left,) = here.start()["drafts"]
        assert (left["overtaken"], left["id"]) == (True, told["draft"])
        assert here.resume(left["id"]).answers["/data/alter"] == "32"
        assert send(session, "submit")["type"] == "overtaken"  # closing the window decides nothing


def test_mine_go_on_top_of_the_newer_version(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here, _, told = overtaken(opened, {"alter": "31", "name": "Laila"}, {"alter": "32"})
        kept = here.decide(told["draft"], "mine")
        assert kept
        again = desk(opened).resume(kept)  # another day
        assert (again.answers["/data/alter"], again.answers["/data/name"]) == ("32", "Laila")
        assert [each["id"] for each in here.start()["drafts"]] == [kept]
        assert send(again, "submit")["type"] == "submitted"
        found = opened.history(first(opened))
        assert [(each.version, each.record["/data/alter"], each.record["/data/name"]) for each in found] == [
            (1, "30", "Layla"), (2, "31", "Laila"), (3, "32", "Laila"),
        ]  # fmt: skip
        assert [each.reason for each in found] == [None, "typo", "typo"]


def test_theirs_stays_and_the_draft_goes(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here, _, told = overtaken(opened, {"alter": "31"}, {"alter": "32"})
        assert here.decide(told["draft"], "theirs") is None
        assert here.start()["drafts"] == []
        assert [each.record["/data/alter"] for each in opened.history(first(opened))] == ["30", "31"]
        for keep in ("mine", "theirs"):
            with pytest.raises(StoreError):
                here.decide(told["draft"], keep)
        with pytest.raises(AnswerError):
            here.decide(told["draft"], "both")


def test_what_was_taken_back_does_not_come_again_and_files_of_both_stay(tmp_path: Path) -> None:
    with office(tmp_path) as opened:
        here, other = desk(opened), desk(opened, "kollegin")
        person(here, 1, alter="30")
        session, before = (each.resume(each.revise(first(opened), "typo")) for each in (here, other))
        assert session.draft is not None
        assert before.draft is not None
        opened.attachments.put(before.draft.id, "theirs.png", PNG)
        answer(before, ausweis="theirs.png", alter="31")
        opened.attachments.put(session.draft.id, "mine.png", PNG + b"1")
        answer(session, alter="99")
        send(session, "undo")
        answer(session, ausweis="mine.png")
        assert send(before, "submit")["type"] == "submitted"
        told = send(session, "submit")
        assert [row["label"] for row in told["rows"]] == [["Ausweis"]]
        kept = here.decide(told["draft"], "mine")
        assert kept
        assert {each.name for each in opened.attachments.listed(kept)} == {"theirs.png", "mine.png"}
        again = here.resume(kept)
        assert (again.answers["/data/alter"], again.answers["/data/ausweis"]) == ("31", "mine.png")
        assert send(again, "submit")["type"] == "submitted"
        assert opened.attachments.content(first(opened), "mine.png") == PNG + b"1"


FAMILY = """
| survey | type | name | label::Deutsch (de) |
|---|---|---|---|
| | text | gemeinde | Gemeinde |
| | text | person | Pseudonym |
| | text | ort | Ort |
| | begin_repeat | kind | Kind |
| | text | rufname | Rufname |
| | end_repeat | | |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Familie | familie | 1 | Deutsch (de) |
"""


def children(said: Talk) -> list[str]:
    return [said.state[f"{entry}/{said.id('rufname')}"]["value"] for entry in said["Kind"]["entries"]]


@pytest.mark.parametrize("changed", [None, 0, 1])
def test_a_list_that_both_changed_keeps_what_this_draft_says_and_shows_it(tmp_path: Path, changed: int | None) -> None:
    with store(tmp_path, FAMILY) as opened:
        here = Worklist(opened, zone=UTC, author="tester")
        begun = Talk(here.begin("familie"))
        for name, value in (("gemeinde", "08235007"), ("person", "P-000001"), ("ort", "Calw")):
            begun.answer(name, value)
        begun.send("add_repeat", begun.id("Kind"))
        for entry, name in zip(begun["Kind"]["entries"], ("Ada", "Ben"), strict=True):
            begun.answer("rufname", name, entry)
        assert begun.send("submit")[-1]["type"] == "submitted"
        mine, theirs = (Talk(here.resume(here.revise(first(opened), "typo"))) for _ in range(2))
        theirs.send("remove_repeat", theirs.id("Kind"), theirs["Kind"]["entries"][0])
        theirs.answer("ort", "Bern")
        names = ["Ada", "Ben"]
        if changed is not None:
            names[changed] += "i"
            mine.answer("rufname", names[changed], mine["Kind"]["entries"][changed])
        else:
            mine.answer("ort", "Celle")
        assert theirs.send("submit")[-1]["type"] == "submitted"
        (told,) = mine.send("submit")
        assert told["type"] == "overtaken"
        kept = here.decide(told["draft"], "mine")
        assert kept
        again = Talk(here.resume(kept))
        if changed is not None:  # entry 1 here is no entry there: nothing is put in another child's place
            assert [(row["label"][0], row["mine"][0], row["theirs"][0]) for row in told["rows"]] == [
                ("Ort", "Calw", "Bern"), ("1. Rufname", names[0], "Ben"), ("2. Rufname", names[1], ""),
            ]  # fmt: skip
            assert (children(again), again["ort"]["value"]) == (names, "Calw")
        else:
            assert [row["label"] for row in told["rows"]] == [["Ort"]]
            assert (children(again), again["ort"]["value"]) == (["Ben"], "Celle")
        assert again.send("submit")[-1]["type"] == "submitted"
        assert [each.version for each in opened.history(first(opened))] == [1, 2, 3]
