"""A follow-up: what is shown of before in each mode, and what is kept of how the answers came about."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from intake.how import how_of
from intake.interview.session import Session
from intake.interview.worklist import Worklist
from intake.store import Store
from intake.submission import Submission, submission_from_instance
from scenario.followed import KNOWN, TEXT, Last, followup, session
from scenario.interview import NOW, Talk, store
from validation import read_form
from validation.instance import Instance

KEY = "/data/stand/deutsch"


def sent(talk: Talk) -> dict[str, str]:
    """{name: how} as the record would say it now."""
    opened = talk.session
    state = opened.drawing.state(opened.instance)
    found = opened.followup.hows(state, opened.course, opened.drawing)
    return {path.removeprefix("/data/stand/"): how for path, how in found.items()}


def last(talk: Talk, name: str, entry: str = "") -> dict[str, Any]:
    """What is shown of before at a question."""
    shown: dict[str, Any] = talk.state[talk.key(name, entry)].get("last", {})
    return shown


def test_proactive_shows_the_last_answer_and_one_click_confirms_it() -> None:
    talk = Talk(session())
    assert last(talk, "deutsch") == {
        "mode": "proactive", "state": "open", "text": ["B1"], "on": "2022-03-12", "how": "",
    }  # fmt: skip
    talk.send("how", talk.key("deutsch"), "confirmed")
    assert (talk["deutsch"]["value"], last(talk, "deutsch")["state"]) == ("b1", "same")
    assert sent(talk)["deutsch"] == "confirmed"


def test_what_is_confirmed_is_exactly_what_was_known_not_what_was_shown() -> None:
    talk = Talk(session({**KNOWN, "/data/stand/stunden": Last("19.50")}))
    talk.answer("arbeit", "ja")
    assert last(talk, "stunden")["text"] == ["19,50"]
    talk.send("how", talk.key("stunden"), "confirmed")
    assert talk.session.instance.value("/data/stand/stunden") == "19.50"
    talk.answer("stunden", "19,5")
    assert sent(talk)["stunden"] == "confirmed"  # the same number, written shorter


@pytest.mark.parametrize("how", ["changed", "corrected"])
def test_another_answer_is_a_change_unless_somebody_says_that_it_was_wrong(how: str) -> None:
    talk = Talk(session())
    talk.answer("deutsch", "b2")
    assert (last(talk, "deutsch")["state"], last(talk, "deutsch")["how"]) == ("differs", "")
    assert sent(talk)["deutsch"] == "changed"
    talk.send("how", talk.key("deutsch"), how)
    assert (last(talk, "deutsch")["how"], sent(talk)["deutsch"]) == (how, how)
    talk.answer("deutsch", "a2")
    assert sent(talk)["deutsch"] == how  # the slip was in the answer of now, not in what was said of the other
    talk.answer("deutsch", "b1")
    assert sent(talk)["deutsch"] == "confirmed"
    talk.answer("deutsch", "")
    assert "deutsch" not in sent(talk)
    talk.answer("deutsch", "b2")
    assert sent(talk)["deutsch"] == "changed"  # a new answer; what was said fell with the one that was removed


def test_reactive_is_asked_blind_and_shows_the_last_answer_only_where_it_differs() -> None:
    talk = Talk(session())
    assert last(talk, "arbeit") == {}
    assert "Calw" not in str(talk.form)
    talk.answer("arbeit", "ja")
    assert (last(talk, "arbeit"), sent(talk)["arbeit"]) == ({}, "confirmed")
    talk.answer("arbeit", "nein")
    assert last(talk, "arbeit") == {
        "mode": "reactive", "state": "differs", "text": ["Ja"], "on": "2022-03-12", "how": "",
    }  # fmt: skip
    talk.send("how", talk.key("arbeit"), "corrected")
    assert sent(talk)["arbeit"] == "corrected"
    (refused,) = talk.send("how", talk.key("wohnt"), "confirmed")  # nobody may confirm what nobody was shown
    assert (refused["type"], talk["wohnt"]["value"]) == ("refused", "")
    talk.answer("sprachen", "ku ar")
    assert sent(talk)["sprachen"] == "confirmed"  # in another order


def test_independent_never_shows_the_last_answer_and_keeps_only_that_it_is_new() -> None:
    talk = Talk(session())
    for value in ("3", "4"):
        talk.answer("wohl", value)
        assert (last(talk, "wohl"), sent(talk)["wohl"]) == ({}, "new")


def test_carry_is_there_already_and_undoing_does_not_take_it_away() -> None:
    talk = Talk(session())
    assert (talk["einreise"]["value"], last(talk, "einreise")["state"]) == ("2015", "same")
    assert sent(talk) == {}  # nobody was asked
    talk.send("undo")
    assert talk["einreise"]["value"] == "2015"
    talk.answer("einreise", "2016")
    assert (last(talk, "einreise")["state"], sent(talk)["einreise"]) == ("differs", "changed")
    talk.send("undo")
    assert (talk["einreise"]["value"], sent(talk)) == ("2015", {})
    talk.answer("arbeit", "ja")  # asked only now: it is shown, and a click takes it over
    assert (talk["arbeitgeber"]["value"], last(talk, "arbeitgeber")["state"]) == ("", "open")
    talk.send("how", talk.key("arbeitgeber"), "confirmed")
    assert (talk["arbeitgeber"]["value"], sent(talk)["arbeitgeber"]) == ("Bäckerei Maier", "confirmed")


def test_what_was_not_known_is_new_and_without_a_follow_up_nothing_is_said() -> None:
    known = {path: each for path, each in KNOWN.items() if path != KEY}
    talk = Talk(session(known))
    talk.answer("deutsch", "b1")
    assert (last(talk, "deutsch"), sent(talk)["deutsch"]) == ({}, "new")
    plain = Talk(session(None))
    plain.answer("deutsch", "b1")
    assert sent(plain) == {}


def test_entries_that_were_known_are_there_and_taking_one_away_moves_no_answer_of_before() -> None:
    def goals(instance: Instance) -> dict[str, Last]:
        """The last status of a goal, whatever number it has by now."""
        known = {"B1 abschließen": "offen", "Arbeit finden": "erreicht"}
        return {
            f"{entry}/zielstand": Last(known[what])
            for entry in instance.entries("/data/ziele/ziel")
            if (what := instance.value(f"{entry}/was")) in known
        }

    talk = Talk(session())
    one, two = talk.state[talk.id("Ziel")]["entries"]
    assert [talk.state[talk.key("was", each)]["value"] for each in (one, two)] == ["B1 abschließen", "Arbeit finden"]
    talk.send("how", talk.key("zielstand", one), "confirmed")
    talk.answer("zielstand", "erreicht", two)
    assert {path: how for path, how in sent(talk).items() if "zielstand" in path} == {
        "/data/ziele/ziel[1]/zielstand": "confirmed",
        "/data/ziele/ziel[2]/zielstand": "changed",
    }
    again = Session(followup(), now=lambda: NOW, last=goals)
    again.bring({path: each.value for path, each in KNOWN.items() if path.endswith("/was")})
    talk = Talk(again)
    one, two = talk.state[talk.id("Ziel")]["entries"]
    talk.send("remove_repeat", talk.id("Ziel"), one)
    assert last(talk, "zielstand", two)["text"] == ["Erreicht"]


def test_it_survives_the_end_of_the_program_undo_and_handing_in_and_opening_again(tmp_path: Path) -> None:
    with store(tmp_path, TEXT) as opened:
        talk = Talk(begun(opened))
        talk.answer("person", "P-000001")
        talk.answer("fallnummer", "A/1")
        talk.answer("gemeinde", "08235007")
        talk.answer("deutsch", "b2")
        talk.send("how", talk.key("deutsch"), "corrected", op_id="said")
        talk.send("how", talk.key("deutsch"), "corrected", op_id="said")  # sent again: done once
        talk.answer("telefon", "4711")
        talk.send("how", talk.key("telefon"), "corrected")
        talk.send("undo")
        talk.answer("arbeit", "ja")
        draft = talk.session.draft
        assert draft is not None
        again = Talk(begun(opened, draft.id))  # the program was killed and started anew
        assert sent(again) == sent(talk)
        assert (sent(again)["deutsch"], sent(again)["telefon"]) == ("corrected", "changed")
        assert again["einreise"]["value"] == "2015"
        assert again.session.answers == talk.session.answers
        assert again.send("submit")[-1]["type"] == "submitted"
        (record,) = opened.submissions("fortschreibung")
        assert how_of(record.record, followup())[KEY] == "corrected"
        reopened(opened, record)


def reopened(opened: Store, record: Submission) -> None:
    """Opened again it says the same; what is answered anew says nothing any more, where nothing of before is known."""
    desk = Worklist(opened, zone=UTC, author="tester", form_id="fortschreibung")
    again = Talk(desk.resume(desk.revise(record.id, "typo")))
    before = how_of(record.record, followup())
    state = again.session.drawing.state(again.session.instance)
    assert again.session.followup.hows(state, again.session.course, again.session.drawing) == before
    again.answer("arbeit", "nein")
    again.answer("deutsch", "a2")
    assert again.send("submit")[-1]["type"] == "submitted"
    second = opened.history(record.id)[-1]
    assert how_of(second.record, followup()) == {
        path: how for path, how in before.items() if path != "/data/stand/arbeit"
    }


def begun(opened: Store, draft: str | None = None) -> Session:
    """A follow-up in a store; resumed where a draft is named."""
    (published,) = opened.forms()
    made = Session(
        read_form(published.xform), journal=opened.journal, draft=opened.journal.draft(draft) if draft else None,
        author="tester", now=lambda: datetime.now(UTC), last=KNOWN, submit=_submitted,
    )  # fmt: skip
    if draft is None:
        made.bring(made.followup.carried(made.instance))
    return made


def _submitted(instance: Instance, started: datetime, ended: datetime) -> Submission:
    return submission_from_instance(instance, author="tester", started=started, ended=ended)


def test_two_windows_confirm_and_correct_without_losing_either(tmp_path: Path) -> None:
    with store(tmp_path, TEXT) as opened:
        one = Talk(begun(opened))
        one.answer("deutsch", "b2")
        assert one.session.draft is not None
        two = Talk(begun(opened, one.session.draft.id))
        one.send("how", one.key("deutsch"), "corrected")
        two.send("answer", two.key("wohnt"), "Nagold")
        assert sent(two)["deutsch"] == "corrected"
        assert last(two, "deutsch")["how"] == "corrected"
        one.send("answer", one.key("telefon"), "1")
        base = two.session.greeting()["sequence"]
        said = two.send("how", two.key("telefon"), "confirmed", base=base)[-1]
        assert said["type"] == "refused"  # the other window answered meanwhile: what stands there was not seen here
        assert two.session.instance.value("/data/stand/telefon") == "1"


def test_what_makes_no_sense_is_refused() -> None:
    talk = Talk(session())
    for value in ("wrong", None, "new", "carried"):
        assert talk.send("how", talk.key("deutsch"), value)[-1]["type"] == "refused"
    assert Talk(session(None)).send("how", talk.key("deutsch"), "confirmed")[-1]["type"] == "refused"
    assert talk.session.course.hows == {}
