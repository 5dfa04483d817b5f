"""What operations make of an interview: taken back, kept warnings, languages; live and after a replay the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from intake.interview.session import Session
from intake.store import Store
from scenario.interview import NOW, Talk, form, store, worklist
from scenario.stores import Clock
from validation.instance import Instance


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Store]:
    with store(tmp_path) as found:
        yield found


@pytest.fixture
def talk(opened: Store) -> Talk:
    return Talk(worklist(opened).begin("probe"))


def undo(talk: Talk) -> str:
    (reply,) = talk.send("undo")
    assert reply["type"] == "ack"
    return str(reply["undone"])


def resumed(opened: Store) -> Talk:
    (draft,) = opened.journal.drafts()
    return Talk(worklist(opened).resume(draft.id))


def same(one: Talk, other: Talk) -> None:
    """A draft resumed elsewhere reads as it does here."""
    assert one.hello()["state"] == other.hello()["state"]
    assert one.session.instance.to_xml(draft=True) == other.session.instance.to_xml(draft=True)


class TestUndo:
    def test_the_last_answer_is_taken_back_and_said_which(self, talk: Talk, opened: Store) -> None:
        talk.answer("name", "Layla")
        talk.answer("alter", "30")
        assert undo(talk) == talk.id("alter")
        assert talk["alter"]["value"] == ""
        assert talk["name"]["value"] == "Layla"
        assert undo(talk) == talk.id("name")
        assert talk["name"]["value"] == ""
        same(talk, resumed(opened))

    def test_an_operation_that_breaks_off_halfway_is_not_half_done(
        self, talk: Talk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A fault of ours between the two halves; tried again, it is done once."""
        talk.answer("name", "Layla")
        add = Instance.add_repeat

        def halfway(instance: Instance, path: str) -> None:
            add(instance, path)
            raise RuntimeError

        with monkeypatch.context() as patch:
            patch.setattr(Instance, "add_repeat", halfway)
            with pytest.raises(RuntimeError):
                talk.send("add_repeat", talk.id("Ziel"), op_id="once")
        talk.send("add_repeat", talk.id("Ziel"), op_id="once")
        assert len(talk["Ziel"]["entries"]) == 2  # one is there from the start
        assert talk["name"]["value"] == "Layla"

    def test_nothing_to_take_back_is_no_operation(self, talk: Talk, opened: Store) -> None:
        assert undo(talk) == ""
        talk.answer("name", "Layla")
        undo(talk)
        (draft,) = opened.journal.drafts()
        before = opened.journal.replay(draft.id)
        assert undo(talk) == ""
        assert opened.journal.replay(draft.id) == before

    def test_it_is_an_event_and_nothing_is_deleted(self, talk: Talk, opened: Store) -> None:
        talk.send("answer", talk.id("name"), "Layla", op_id="first")
        undo(talk)
        (draft,) = opened.journal.drafts()
        assert [op.payload for op in opened.journal.replay(draft.id)] == [
            {"op": "answer", "path": "/data/fall/name", "value": "Layla"},
            {"op": "undo", "of": ["first"]},
        ]

    def test_a_run_of_key_strokes_is_one_change(self, talk: Talk) -> None:
        talk.answer("name", "La")
        talk.answer("alter", "3")
        for typed in ("Lay", "Layl", "Layla"):
            talk.answer("name", typed)
        undo(talk)
        assert talk["name"]["value"] == "La"
        assert talk["alter"]["value"] == "3"

    def test_what_was_done_between_or_much_later_ends_a_run(self) -> None:
        clock = Clock(NOW)
        talk = Talk(Session(form(), now=clock))
        talk.answer("name", "a")
        talk.send("visit", talk.id("Kurs"))
        talk.answer("name", "ab")
        undo(talk)
        assert talk["name"]["value"] == "a"
        talk.answer("name", "abc")
        clock.move(minutes=6)
        talk.answer("name", "abcd")
        undo(talk)
        assert talk["name"]["value"] == "abc"

    def test_entries_come_and_go_with_their_own_id(self, talk: Talk, opened: Store) -> None:
        repeat = talk.id("Ziel")
        talk.send("add_repeat", repeat)
        first, last = talk["Ziel"]["entries"][0], talk["Ziel"]["entries"][-1]
        talk.answer("was", "B1", last)
        talk.send("remove_repeat", repeat, last)
        assert last not in talk["Ziel"]["entries"]
        assert undo(talk) == repeat
        assert talk["Ziel"]["entries"][-1] == last
        assert talk.state[talk.key("was", last)]["value"] == "B1"
        assert undo(talk) == talk.key("was", last)
        assert undo(talk) == repeat
        assert talk["Ziel"]["entries"] == [first]
        same(talk, resumed(opened))

    def test_the_same_undo_again_takes_nothing_more_back(self, talk: Talk) -> None:
        talk.answer("name", "Layla")
        talk.answer("alter", "30")
        talk.send("undo", op_id="u")
        talk.send("undo", op_id="u")
        assert talk["name"]["value"] == "Layla"

    def test_a_reason_and_the_answer_it_replaced_are_one_change(self, talk: Talk) -> None:
        talk.answer("geburtsdatum", "1991-04-17")
        talk.answer("geburtsdatum", "")
        talk.send("reason", talk.id("geburtsdatum"), "unknown")
        undo(talk)
        assert talk["geburtsdatum"]["value"] == ""
        assert talk["geburtsdatum"]["reasons"]["value"] == ""

    def test_it_works_the_same_after_a_resume(self, talk: Talk, opened: Store) -> None:
        talk.answer("name", "Layla")
        talk.answer("alter", "30")
        undo(talk)
        again = resumed(opened)
        assert undo(again) == again.id("name")
        assert again["name"]["value"] == ""

    def test_whatever_is_done_and_taken_back_a_replay_gives_the_same(self, talk: Talk, opened: Store) -> None:
        choose = random.Random(7)
        talk.answer("name", "x")
        for number in range(60):
            entries = talk["Ziel"]["entries"]
            match choose.randrange(7):
                case 0:
                    talk.send("add_repeat", talk.id("Ziel"))
                case 1 if entries:
                    talk.send("remove_repeat", talk.id("Ziel"), choose.choice(entries))
                case 2 if entries:
                    talk.answer("was", f"Ziel {number}", choose.choice(entries))
                case 3 | 4:
                    undo(talk)
                case 5:
                    talk.answer("besucht", choose.choice(["ja", "nein"]))
                case _:
                    talk.answer("sprachen", choose.choice(["ar", "andere", "ar andere"]))
        same(talk, resumed(opened))


class TestOverrides:
    def test_a_warning_is_kept_with_a_reason_until_the_answer_changes(self, talk: Talk, opened: Store) -> None:
        talk.answer("alter", "105")
        assert talk["alter"]["problems"][0]["reason"] == ""
        talk.send("override", talk.id("alter"), "asked")
        assert talk["alter"]["problems"][0]["reason"] == "asked"
        assert resumed(opened)["alter"]["problems"][0]["reason"] == "asked"
        talk.answer("alter", "105")
        assert talk["alter"]["problems"][0]["reason"] == "asked"
        talk.answer("alter", "106")
        assert talk["alter"]["problems"][0]["reason"] == ""
        same(talk, resumed(opened))

    def test_it_is_withdrawn_and_taken_back(self, talk: Talk) -> None:
        talk.answer("alter", "105")
        talk.send("override", talk.id("alter"), "later")
        talk.send("override", talk.id("alter"), "")
        assert talk["alter"]["problems"][0]["reason"] == ""
        assert undo(talk) == talk.id("alter")
        assert talk["alter"]["problems"][0]["reason"] == "later"

    @pytest.mark.parametrize(("key", "value"), [("alter", "because"), ("alter", None), ("Ziel", "asked")])
    def test_what_is_no_reason_or_no_question_is_refused(self, talk: Talk, key: str, value: object) -> None:
        (reply,) = talk.send("override", talk.id(key), value)
        assert reply["type"] == "refused"


class TestLanguages:
    def test_both_languages_are_chosen_and_found_again(self, talk: Talk, opened: Store) -> None:
        talk.answer("name", "Layla")
        talk.send("language", "", {"first": "English (en)", "second": "Deutsch (de)"})
        assert [item["code"] for item in talk.hello()["languages"]] == ["en", "de"]
        assert [item["code"] for item in resumed(opened).form["languages"]] == ["en", "de"]
        assert talk.session.instance.language == resumed(opened).session.instance.language == "English (en)"
        talk.send("language", "", {"first": "English (en)", "second": ""})
        assert [item["code"] for item in talk.hello()["languages"]] == ["en"]
        talk.send("language", "", "Deutsch (de)")
        assert [item["code"] for item in talk.hello()["languages"]] == ["en", "de"]

    def test_languages_visits_and_settings_alone_make_no_draft(self, talk: Talk, opened: Store) -> None:
        talk.send("language", "", "English (en)")
        talk.send("visit", talk.id("Kurs"))
        talk.send("setting", "interpreter", "phone")
        assert opened.journal.drafts() == []
        assert talk.hello()["case"]["interpreter"] == "phone"
        talk.answer("name", "Layla")
        (draft,) = opened.journal.drafts()
        assert [op.payload["op"] for op in opened.journal.replay(draft.id)] == [
            "language",
            "visit",
            "setting",
            "answer",
        ]
        again = resumed(opened)
        assert again.form["case"]["interpreter"] == "phone"
        assert again.form["languages"] == talk.hello()["languages"]
        assert again.form["case"]["new"] is False

    @pytest.mark.parametrize(("key", "value"), [("interpreter", "me"), ("interpreter", None), ("other", "phone")])
    def test_an_unknown_setting_is_refused(self, talk: Talk, key: str, value: object) -> None:
        (reply,) = talk.send("setting", key, value)
        assert reply["type"] == "refused"


def test_what_is_taken_back_much_later_is_measured_in_time_not_in_operations() -> None:
    clock = Clock(NOW)
    talk = Talk(Session(form(), now=clock))
    for typed in range(1, 40):
        talk.answer("name", "x" * typed)
        clock.now += timedelta(minutes=4)
    undo(talk)
    assert talk["name"]["value"] == ""
