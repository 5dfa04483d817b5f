"""Two windows on one draft, each with a session of its own on one store: what is done on top, and what is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from intake.store import Store
from scenario.interview import Talk, store, worklist
from validation.errors import StoreBusy


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Store]:
    with store(tmp_path) as found:
        yield found


@pytest.fixture
def windows(opened: Store) -> tuple[Talk, Talk]:
    """Both know the name Layla and one further entry."""
    first = Talk(worklist(opened).begin("probe"))
    first.answer("name", "Layla")
    first.send("add_repeat", first.id("Ziel"))
    return first, Talk(worklist(opened).resume(opened.journal.drafts()[0].id))


def knows(talk: Talk, name: str, entry: str = "") -> dict[str, Any]:
    """What a window says it knew: now, before anything else happens."""
    state = talk.state[talk.key(name, entry)]
    return {"base": talk.session.greeting()["sequence"], "was": [state["value"], ""]}


def journal(opened: Store) -> list[tuple[object, object]]:
    (draft,) = opened.journal.drafts()
    return [(op.payload.get("path"), op.payload.get("value")) for op in opened.journal.replay(draft.id)]


def test_different_questions_are_done_on_top_of_each_other(windows: tuple[Talk, Talk], opened: Store) -> None:
    first, second = windows
    knew = knows(first, "alter")
    second.answer("fallnummer", "A-17")
    told, acknowledged = first.send("answer", first.id("alter"), "30", **knew)
    assert told["elsewhere"] is True
    assert set(told["patch"]) >= {first.id("fallnummer")}
    assert acknowledged["type"] == "ack"
    assert (first["fallnummer"]["value"], first["alter"]["value"]) == ("A-17", "30")
    assert journal(opened)[-2:] == [("/data/fall/fallnummer", "A-17"), ("/data/fall/alter", "30")]


def test_the_same_question_is_asked_about_and_nothing_is_written(windows: tuple[Talk, Talk], opened: Store) -> None:
    first, second = windows
    knew = knows(first, "name")
    second.answer("name", "Laila")
    before = journal(opened)
    _, both = first.send("answer", first.id("name"), "Layla B.", op_id="mine", **knew)
    assert both == {
        "type": "conflict", "op_id": "mine", "op": "answer", "key": first.id("name"), "value": "Layla B.",
        "mine": ["Layla B."], "theirs": ["Laila"],
    }  # fmt: skip
    assert journal(opened) == before
    assert first["name"]["value"] == "Laila"
    (chosen,) = first.send("answer", first.id("name"), "Layla B.", **knows(first, "name"))
    assert chosen["type"] == "ack"
    assert journal(opened)[-1] == ("/data/fall/name", "Layla B.")


def test_choices_are_shown_by_their_labels_and_reasons_by_theirs(windows: tuple[Talk, Talk]) -> None:
    first, second = windows
    knew = knows(first, "sprachen")
    second.answer("sprachen", "ar andere")
    _, both = first.send("answer", first.id("sprachen"), "ku", **knew)
    assert (both["mine"], both["theirs"]) == (["Kurdisch"], ["Arabisch, Andere"])
    knew = knows(first, "geburtsdatum")
    second.send("reason", second.id("geburtsdatum"), "refused")
    _, both = first.send("answer", first.id("geburtsdatum"), "1991-04-17", **knew)
    assert both["theirs"] == [
        row[1] for row in first.lists[first["geburtsdatum"]["reasons"]["list"]] if row[0] == "refused"
    ]
    assert both["mine"] == ["1991-04-17"]


def test_the_same_answer_in_both_windows_is_no_conflict(windows: tuple[Talk, Talk]) -> None:
    first, second = windows
    knew = knows(first, "stunden")
    second.answer("stunden", "1,5")
    assert first.send("answer", first.id("stunden"), "1.5", **knew)[-1]["type"] == "ack"


def test_what_was_changed_and_changed_back_is_no_conflict(windows: tuple[Talk, Talk], opened: Store) -> None:
    first, second = windows
    knew = knows(first, "name")
    second.answer("name", "Laila")
    second.answer("name", "Layla")
    assert first.send("answer", first.id("name"), "Layla B.", **knew)[-1]["type"] == "ack"
    assert journal(opened)[-1] == ("/data/fall/name", "Layla B.")


def test_a_change_that_the_ping_brought_is_known(windows: tuple[Talk, Talk]) -> None:
    first, second = windows
    second.answer("name", "Laila")
    pong, news = first.session.hear()
    assert pong["type"] == "pong"
    first.take(news)
    assert news["elsewhere"] is True
    assert first["name"]["value"] == "Laila"
    assert first.session.hear() == [pong]
    (reply,) = first.send("answer", first.id("name"), "Layla B.", **knows(first, "name"))
    assert reply["type"] == "ack"


def test_what_was_under_way_when_the_ping_brought_a_change_is_asked_about(windows: tuple[Talk, Talk]) -> None:
    first, second = windows
    knew = knows(first, "name")
    second.answer("name", "Laila")
    first.session.hear()
    (both,) = first.send("answer", first.id("name"), "Layla B.", **knew)
    assert both["type"] == "conflict"


def test_what_this_window_did_itself_is_no_conflict_after_catching_up(windows: tuple[Talk, Talk]) -> None:
    first, second = windows
    knew = knows(first, "alter")
    first.send("answer", first.id("alter"), "3", **knew)
    second.session.hear()
    second.answer("fallnummer", "A-17")
    first.session.hear()
    assert first.send("answer", first.id("alter"), "30", **knew)[-1]["type"] == "ack"


def test_entries_of_both_windows_are_kept_apart(windows: tuple[Talk, Talk], opened: Store) -> None:
    first, second = windows
    before = first["Ziel"]["entries"]
    second.send("add_repeat", second.id("Ziel"))
    theirs = second["Ziel"]["entries"][-1]
    second.answer("was", "theirs", theirs)
    first.send("add_repeat", first.id("Ziel"), base=2)
    mine = first["Ziel"]["entries"][-1]
    assert first["Ziel"]["entries"] == [*before, theirs, mine]
    first.answer("was", "mine", mine)
    assert first.state[first.key("was", theirs)]["value"] == "theirs"
    again = Talk(worklist(opened).resume(opened.journal.drafts()[0].id))
    assert again.hello()["state"] == first.hello()["state"]


def test_an_answer_in_an_entry_that_is_gone_is_shown_and_not_lost(windows: tuple[Talk, Talk]) -> None:
    first, second = windows
    entry = first["Ziel"]["entries"][-1]
    knew = knows(first, "was", entry)
    second.send("remove_repeat", second.id("Ziel"), entry)
    told, both = first.send("answer", first.key("was", entry), "B1", **knew)
    assert told["elsewhere"] is True
    assert (both["type"], both["mine"], both["theirs"]) == ("conflict", ["B1"], None)


def test_an_entry_that_the_other_window_worked_in_is_not_taken_away(windows: tuple[Talk, Talk]) -> None:
    first, second = windows
    entry = first["Ziel"]["entries"][-1]
    base = first.hello()["sequence"]
    second.answer("was", "B1", entry)
    told, refused = first.send("remove_repeat", first.id("Ziel"), entry, base=base)
    assert told["elsewhere"] is True
    assert refused["type"] == "refused"
    assert "anderen Fenster" in refused["text"][0]
    assert first.state[first.key("was", entry)]["value"] == "B1"
    assert first.send("remove_repeat", first.id("Ziel"), entry, base=first.hello()["sequence"])[0]["type"] == "ack"


@pytest.mark.parametrize("op", ["undo", "submit"])
def test_taking_back_and_handing_in_are_for_who_has_seen_it(windows: tuple[Talk, Talk], op: str) -> None:
    first, second = windows
    base = first.hello()["sequence"]
    second.answer("alter", "30")
    first.session.hear()
    (refused,) = first.send(op, base=base)
    assert refused["type"] == "refused"
    assert "anderen Fenster" in refused["text"][0]
    assert first.hello()["state"][first.id("alter")]["value"] == "30"


def test_what_the_journal_has_of_this_browser_is_no_other_window(windows: tuple[Talk, Talk], opened: Store) -> None:
    first, _ = windows
    base = first.hello()["sequence"]
    first.send("answer", first.id("alter"), "30", op_id="not acknowledged", base=base)
    list_, draft = worklist(opened), opened.journal.drafts()[0].id
    unknown = Talk(list_.resume(draft))
    assert unknown.send("undo", base=base)[0]["type"] == "refused"
    session = list_.resume(draft)
    session.recognise(["not acknowledged", 7])
    again = Talk(session)
    (reply,) = again.send("undo", base=base)
    assert reply["undone"] == again.id("alter")


def test_an_operation_for_another_case_is_kept_by_the_browser(windows: tuple[Talk, Talk], opened: Store) -> None:
    first, _ = windows
    before = journal(opened)
    (reply,) = first.send("answer", first.id("name"), "Omar", draft="0" * 32)
    assert reply["type"] == "unsaved"
    assert "anderer Fall" in reply["text"][0]
    assert journal(opened) == before


def test_an_operation_sent_again_after_a_conflict_is_asked_about_again(windows: tuple[Talk, Talk]) -> None:
    first, second = windows
    knew = knows(first, "name")
    second.answer("name", "Laila")
    _, both = first.send("answer", first.id("name"), "Layla B.", op_id="mine", **knew)
    (again,) = first.send("answer", first.id("name"), "Layla B.", op_id="mine", **knew)
    assert again == both


def test_a_draft_that_was_closed_elsewhere_is_said_once(windows: tuple[Talk, Talk], opened: Store) -> None:
    first, _ = windows
    opened.journal.discard(opened.journal.drafts()[0].id)
    pong, lost = first.session.hear()
    assert lost["type"] == "lost"
    assert first.session.hear() == [pong]
    assert first.send("answer", first.id("alter"), "3")[0]["type"] == "lost"


def test_what_another_window_did_unseen_is_not_lost_by_handing_in(windows: tuple[Talk, Talk], opened: Store) -> None:
    first, second = windows
    first.answer("geburtsdatum", "1991-04-17")
    first.answer("besucht", "nein")
    for entry in first["Ziel"]["entries"]:
        first.answer("was", "Sprachkurs", entry)
    second.session.hear()
    knew = first.session.greeting()["sequence"]
    second.answer("fallnummer", "A-17")
    told, refused = first.send("submit", base=knew)
    assert (told["elsewhere"], refused["type"]) == (True, "refused")
    assert first["fallnummer"]["value"] == "A-17"
    assert list(opened.submissions("probe")) == []
    (sent,) = first.send("submit", base=first.session.greeting()["sequence"])
    assert sent["type"] == "submitted"
    (submission,) = opened.submissions("probe")
    assert submission.record["/data/fall/fallnummer"] == "A-17"


@pytest.mark.parametrize("begun", [True, False])
def test_a_store_that_cannot_be_read_while_catching_up_loses_nothing(
    begun: bool, windows: tuple[Talk, Talk], opened: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = windows if begun else (Talk(worklist(opened).begin("probe")), windows[1])
    question = first.key("was", first["Ziel"]["entries"][-1])
    knew = first.session.greeting()["sequence"]
    second.answer("fallnummer", "A-17")

    def busy(*_: object) -> object:
        raise StoreBusy("store.busy", path="store.db")

    with monkeypatch.context() as patch:
        patch.setattr(type(opened.journal), "replay", busy)
        assert first.send("answer", question, "Sprachkurs", op_id="one", base=knew)[-1]["type"] == "unsaved"
        assert first.session.hear()[0]["type"] == "pong"
    assert first.send("answer", question, "Sprachkurs", op_id="one", base=knew)[-1]["type"] == "ack"
    assert first.state[question]["value"] == "Sprachkurs"
    assert first["fallnummer"]["value"] == ("A-17" if begun else "")
    again = Talk(worklist(opened).resume(first.hello()["draft"]))
    assert again.hello()["state"] == first.hello()["state"]
