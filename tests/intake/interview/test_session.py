"""What a browser is told for what it sends: the protocol, the journal before the word "gespeichert", and faults."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from intake.interview.session import Session
from intake.store import Store
from intake.submission import Submission, submission_from_instance
from scenario.interview import NOW, Talk, form, store, worklist
from scenario.stores import Clock
from validation import Instance
from validation.errors import StoreBusy, StoreError, StoreFull


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Store]:
    with store(tmp_path) as found:
        yield found


def alone() -> Talk:
    return Talk(Session(form(), now=lambda: NOW))


def test_hello_gives_everything_and_again_the_same() -> None:
    talk = alone()
    talk.answer("name", "Layla")
    first, second = talk.hello(), talk.hello()
    assert first == second
    assert [item["code"] for item in first["languages"]] == ["de"]
    assert first["title"] == "Probegespräch"
    assert first["state"][talk.id("name")]["value"] == "Layla"


def test_an_answer_is_acknowledged_with_what_it_changed_and_nothing_else() -> None:
    talk = alone()
    reply = talk.answer("sprachen", "ar andere")
    assert reply["type"] == "ack"
    changed = {talk.id("sprachen"), talk.id("andere"), talk.id("Fall")}
    assert set(reply["patch"]) == changed
    assert talk["andere"]["relevant"] is True
    assert talk["Fall"]["asked"] == 8
    assert talk["Fall"]["answered"] == 1


def test_a_skip_rule_hides_again_and_the_count_follows() -> None:
    talk = alone()
    asked = talk["Kurs"]["asked"]
    talk.answer("besucht", "ja")
    assert talk["Kurs"]["asked"] == asked + 2
    talk.answer("besucht", "nein")
    assert talk["Kurs"]["asked"] == asked
    assert talk["wo"] == {"relevant": False}


def test_labels_that_depend_on_answers_follow_them() -> None:
    talk = alone()
    talk.answer("name", "Layla")
    assert talk["summe"]["label"] == ["Gruß an Layla"]
    assert talk["summe"]["value"] == "Guten Tag Layla"


def test_a_wrong_answer_is_kept_and_said_what_is_expected() -> None:
    talk = alone()
    talk.answer("alter", "240")
    assert talk["alter"]["value"] == "240"
    assert talk["alter"]["problems"][0] == {"kind": "constraint", "text": ["Erwartet wird eine Zahl von 0 bis 120."]}
    talk.answer("alter", "viele")
    assert talk["alter"]["value"] == "viele"
    assert [problem["kind"] for problem in talk["alter"]["problems"]] == ["type"]
    assert "ganze Zahl" in talk["alter"]["problems"][0]["text"][0]


def test_a_warning_is_a_warning() -> None:
    talk = alone()
    talk.answer("alter", "105")
    assert talk["alter"]["problems"] == [{"kind": "warning", "text": ["Ist das Alter richtig?"], "reason": ""}]


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [
        ("1,5", "1.5", "1,5"),
        ("1.5", "1.5", "1,5"),
        ("1.234,5", "1234.5", "1234,5"),
        ("-3", "-3", "-3"),
        ("x,y", "x,y", "x,y"),
    ],
)
def test_decimals_are_written_as_germans_write_them(typed: str, stored: str, shown: str) -> None:
    talk = alone()
    talk.answer("stunden", typed)
    assert talk.session.instance.value("/data/fall/stunden") == stored
    assert talk["stunden"]["value"] == shown


def test_a_date_that_is_only_half_typed_is_kept() -> None:
    talk = alone()
    talk.answer("geburtsdatum", "-04-17")
    assert talk["geburtsdatum"]["value"] == "-04-17"
    assert [problem["kind"] for problem in talk["geburtsdatum"]["problems"]] == ["type"]


def test_a_reason_replaces_the_answer_and_an_answer_the_reason() -> None:
    talk = alone()
    (required,) = talk["geburtsdatum"]["problems"]
    assert required["kind"] == "required"
    assert "warum" in required["text"][0]
    talk.send("reason", talk.id("geburtsdatum"), "unknown")
    assert talk["geburtsdatum"]["reasons"]["value"] == "unknown"
    assert talk["geburtsdatum"]["problems"] == []
    assert talk["Fall"]["answered"] == 1
    talk.answer("geburtsdatum", "1991-04-17")
    assert talk["geburtsdatum"]["reasons"] == {**talk["geburtsdatum"]["reasons"], "value": "", "open": False}
    assert [row[0] for row in talk.lists[talk["geburtsdatum"]["reasons"]["list"]]] == ["unknown", "refused"]


def test_the_question_that_holds_a_reason_is_not_drawn_for_itself() -> None:
    talk = alone()
    with pytest.raises(KeyError):
        talk.id("geburtsdatum__missing")


def test_entries_are_added_answered_and_removed_by_their_own_id() -> None:
    talk = alone()
    before = talk["Ziele und Maßnahmen"]["asked"]
    repeat = talk.id("Ziel")
    talk.send("add_repeat", repeat)
    talk.send("add_repeat", repeat)
    entries = talk["Ziel"]["entries"]
    talk.answer("was", "letztes", entries[-1])
    talk.send("remove_repeat", repeat, entries[0])
    assert talk["Ziel"]["entries"] == entries[1:]
    assert talk.state[talk.key("was", entries[-1])]["value"] == "letztes"
    talk.answer("was", "geändert", entries[-1])
    last = f"/data/ziele/ziel[{len(entries) - 1}]/was"
    assert talk.session.instance.value(last) == "geändert"
    assert talk["Ziele und Maßnahmen"]["asked"] == before + 2


def test_a_second_language_stands_beside_every_text() -> None:
    talk = alone()
    acknowledged, rebuilt = talk.session.receive(
        {"type": "op", "op_id": "l", "op": "language", "key": None, "value": "English (en)"}
    )
    assert acknowledged["type"] == "ack"
    assert acknowledged["patch"] == {}
    assert [item["code"] for item in rebuilt["languages"]] == ["de", "en"]
    assert rebuilt["why"] == "language"
    talk.hello()
    assert talk["name"]["label"] == ["Vollständiger Name", "Full name"]
    assert talk["name"]["hint"] == ["Wie im Ausweis", "As in the passport"]
    assert talk.lists[talk["besucht"]["list"]] == [["ja", "Ja", "Yes"], ["nein", "Nein", "No"]]
    assert len(talk["name"]["problems"][0]["text"]) == 2
    talk.answer("alter", "240")
    assert talk["alter"]["problems"][0]["text"][1] == "A number from 0 to 120 is expected."


def test_the_same_operation_again_is_acknowledged_and_not_done_twice() -> None:
    talk = alone()
    count = len(talk["Ziel"]["entries"])
    talk.send("add_repeat", talk.id("Ziel"), op_id="same")
    talk.send("add_repeat", talk.id("Ziel"), op_id="same")
    assert len(talk["Ziel"]["entries"]) == count + 1


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"op_id": "x"},
        {"op_id": "x", "op": "answer"},
        {"op_id": "x", "op": "answer", "key": "nowhere", "value": "1"},
        {"op_id": "x", "op": "answer", "key": "q2", "value": {"a": 1}},
        {"op_id": "x", "op": "erase", "key": "q2", "value": "1"},
        {"op_id": "x", "op": "remove_repeat", "key": "q2", "value": "77"},
        {"op_id": "x", "op": "add_repeat", "key": "q2"},
        {"op_id": ["x"], "op": "answer", "key": ["q2"], "value": "1"},
    ],
)
def test_what_is_not_understood_is_refused_and_changes_nothing(message: dict[str, object]) -> None:
    talk = alone()
    before = talk.session.instance.to_xml(draft=True)
    (reply,) = talk.session.receive(message)
    assert reply["type"] == "refused"
    assert reply["text"][0]
    assert talk.session.instance.to_xml(draft=True) == before


def test_looking_leaves_no_draft_and_the_first_answer_makes_one(opened: Store) -> None:
    talk = Talk(worklist(opened).begin("probe"))
    assert opened.journal.drafts() == []
    reply = talk.answer("name", "Layla")
    (draft,) = opened.journal.drafts()
    assert reply["draft"] == draft.id


def test_what_was_answered_is_there_again_after_the_kernel_is_gone(opened: Store) -> None:
    talk = Talk(worklist(opened).begin("probe"))
    talk.answer("name", "Layla")
    talk.answer("alter", "viele")
    talk.send("language", "", "English (en)")
    talk.send("add_repeat", talk.id("Ziel"))
    talk.answer("was", "B1", talk["Ziel"]["entries"][-1])
    before = talk.hello()
    again = Talk(worklist(opened).resume(opened.journal.drafts()[0].id))
    assert again.form["state"] == before["state"]
    assert again.form["languages"] == before["languages"]
    assert again.session.answers == talk.session.answers


def test_a_full_disk_keeps_the_answer_pending_and_the_same_operation_saves_it(
    opened: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = Talk(worklist(opened).begin("probe"))
    talk.answer("name", "Layla")
    draft = opened.journal.drafts()[0].id
    journal = talk.session.journal
    assert journal is not None

    def full(*_: object) -> int:
        raise StoreFull("store.full", path="store.db")

    with monkeypatch.context() as patch:
        patch.setattr(type(journal), "record", full)
        (reply,) = talk.send("add_repeat", talk.id("Ziel"), op_id="again")
        assert reply["type"] == "unsaved"
        assert reply["text"][0]
        assert len(opened.journal.replay(draft)) == 1
    (reply,) = talk.send("add_repeat", talk.id("Ziel"), op_id="again")
    assert reply["type"] == "ack"
    assert [op.payload["op"] for op in opened.journal.replay(draft)] == ["answer", "add_repeat"]
    assert len(talk["Ziel"]["entries"]) == len(
        worklist(opened).resume(draft).greeting()["state"][talk.id("Ziel")]["entries"]
    )


def test_a_disk_that_is_full_at_the_first_answer_loses_nothing(opened: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Talk(worklist(opened).begin("probe"))

    def full(*_: object, **__: object) -> object:
        raise StoreFull("store.full", path="store.db")

    with monkeypatch.context() as patch:
        patch.setattr(type(opened.journal), "start", full)
        (reply,) = talk.send("answer", talk.id("name"), "Layla", op_id="first")
        assert reply["type"] == "unsaved"
        assert opened.journal.drafts() == []
    (reply,) = talk.send("answer", talk.id("name"), "Layla", op_id="first")
    assert reply["type"] == "ack"
    assert reply["draft"] == opened.journal.drafts()[0].id
    assert talk["name"]["value"] == "Layla"


def test_submitting_with_errors_shows_them_and_stores_nothing(opened: Store) -> None:
    talk = Talk(worklist(opened).begin("probe"))
    talk.answer("fallnummer", "A-17")
    (reply,) = talk.send("submit")
    assert reply["refused"] is True
    assert opened.count() == 0


def complete(talk: Talk) -> None:
    talk.answer("fallnummer", "A-17")
    talk.answer("name", "Layla")
    talk.send("reason", talk.id("geburtsdatum"), "refused")
    talk.answer("besucht", "nein")
    talk.answer("alter", "105")
    for entry in talk["Ziel"]["entries"]:
        talk.answer("was", "B1", entry)


def test_submitting_stores_a_submission_and_closes_the_draft(opened: Store) -> None:
    talk = Talk(worklist(opened).begin("probe"))
    complete(talk)
    (reply,) = talk.send("submit", op_id="end")
    assert reply == {"type": "submitted", "op_id": "end", "number": "A-17"}
    (stored,) = opened.submissions("probe")
    assert stored.record["/data/fall/name"] == "Layla"
    assert stored.record["/data/fall/geburtsdatum__missing"] == "refused"
    assert "/data/kurs/wo" not in stored.record
    assert stored.author == "tester"
    assert opened.journal.drafts() == []
    assert talk.send("submit", op_id="end") == [reply]
    assert opened.count() == 1


TIMED = """
| survey | type | name | label |
|---|---|---|---|
| | start | start | |
| | end | end | |
| | text | a | A |

| settings | form_title | form_id | version |
|---|---|---|---|
| | Zeiten | zeiten | 1 |
"""


def test_the_record_ends_when_it_is_submitted_and_starts_when_it_was_begun(tmp_path: Path) -> None:
    ended: list[datetime] = []

    def submit(instance: Instance, started: datetime, end: datetime) -> Submission:
        ended.append(end)
        return submission_from_instance(
            instance, municipality="", subject="", author="tester", started=started, ended=end
        )

    clock = Clock(NOW)
    with store(tmp_path, TIMED) as opened:
        talk = Talk(Session(form(TIMED), journal=opened.journal, now=clock, submit=submit))
        talk.answer("a", "x")
        clock.move(minutes=30)
        assert talk.send("submit")[0]["type"] == "submitted"
        (stored,) = opened.submissions()
    assert ended == [NOW + timedelta(minutes=30)]
    assert datetime.fromisoformat(str(stored.record["/data/end"])) == ended[0]
    assert datetime.fromisoformat(str(stored.record["/data/start"])).date() == stored.started.date()


def test_a_failed_submit_leaves_the_draft_open(opened: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Talk(worklist(opened).begin("probe"))
    complete(talk)

    def full(*_: object, **__: object) -> object:
        raise StoreFull("store.full", path="store.db")

    with monkeypatch.context() as patch:
        patch.setattr(type(opened.journal), "submit", full)
        (reply,) = talk.send("submit", op_id="end")
        assert reply["type"] == "unsaved"
    assert len(opened.journal.drafts()) == 1
    assert talk.send("submit", op_id="end")[0]["type"] == "submitted"


UNSEEN = """
| survey | type | name | label | constraint | constraint_message | calculation |
|---|---|---|---|---|---|---|
| | text | titel | Titel | | | |
| | calculate | laenge | | . < 3 | Der Titel ist zu lang. | string-length(${titel}) |

| settings | form_title | form_id | version |
|---|---|---|---|
| | Probe | probe | 1 |
"""


def test_what_is_wrong_where_nothing_is_drawn_is_said_when_it_keeps_from_handing_in() -> None:
    talk = Talk(Session(form(UNSEEN), now=lambda: NOW))
    talk.answer("titel", "abc")
    (reply,) = talk.send("submit")
    assert (reply["type"], reply["text"]) == ("refused", ["/data/laenge: Der Titel ist zu lang."])
    talk.answer("titel", "ab")
    assert talk.send("submit")[0]["type"] == "submitted"


def test_a_draft_that_went_on_elsewhere_is_shown_as_it_is_stored(opened: Store) -> None:
    first = Talk(worklist(opened).begin("probe"))
    first.answer("name", "Layla")
    second = Talk(worklist(opened).resume(opened.journal.drafts()[0].id))
    second.answer("alter", "30")
    told, both = first.send("answer", first.id("alter"), "99", op_id="stale")
    assert told["elsewhere"] is True
    assert told["patch"][first.id("alter")]["value"] == "30"
    assert both["type"] == "conflict"
    assert (both["mine"], both["theirs"]) == (["99"], ["30"])
    assert first.answer("alter", "31")["type"] == "ack"


def test_a_draft_that_was_closed_elsewhere_is_said_to_be(opened: Store) -> None:
    talk = Talk(worklist(opened).begin("probe"))
    talk.answer("name", "Layla")
    opened.journal.discard(opened.journal.drafts()[0].id)
    (reply,) = talk.send("answer", talk.id("alter"), "3")
    assert reply["type"] == "lost"
    with pytest.raises(StoreError):
        worklist(opened).resume("no-such-draft")


def test_answers_are_by_path_and_only_what_was_answered() -> None:
    talk = alone()
    talk.answer("name", "Layla")
    talk.answer("sprachen", "ar")
    assert talk.session.answers == {
        "/data/fall/name": "Layla",
        "/data/fall/sprachen": "ar",
        "/data/kurs/summe": "Guten Tag Layla",
    }


DEVICE = TIMED.replace("| | start | start | |", "| | deviceid | deviceid | |").replace("zeiten", "geraet")


def test_a_form_that_asks_gets_the_name_of_the_computer() -> None:
    asked: list[str] = []

    def device() -> str:
        asked.append("asked")
        return "lotsenbuch:1"

    session = Session(form(DEVICE), now=lambda: NOW, device=device)
    assert session.instance.value("/data/deviceid") == "lotsenbuch:1"
    before = len(asked)
    Session(form(), now=lambda: NOW, device=device)
    assert len(asked) == before  # no form that does not ask leaves a trace of the computer


def test_what_a_browser_is_told_of_the_case_and_the_settings(opened: Store) -> None:
    list_ = worklist(opened)
    list_.title, list_.mirror = "Integrationsmanagement", False
    talk = Talk(list_.begin("probe"))
    assert talk.form["case"] == {
        "study": "Integrationsmanagement", "author": "tester", "started": talk.form["case"]["started"],
        "interpreter": "", "new": True, "correction": None, "holder": None,
    }  # fmt: skip
    assert (talk.form["mirror"], talk.form["paradata"], talk.form["sequence"]) == (False, True, 0)
    assert talk.answer("name", "Layla")["sequence"] == 1
    assert "case" not in alone().form
    assert alone().form["mirror"] is False


def test_a_browser_chooses_the_id_of_a_draft(opened: Store) -> None:
    talk = Talk(worklist(opened).begin("probe"))
    (reply,) = talk.send("answer", talk.id("name"), "Layla", draft="0" * 32)
    assert reply["draft"] == "0" * 32
    assert [info.id for info in opened.journal.drafts()] == ["0" * 32]


@pytest.mark.parametrize("draft", ["../x", "", "0" * 31])
def test_an_id_that_is_none_is_refused_and_makes_nothing(opened: Store, draft: str) -> None:
    talk = Talk(worklist(opened).begin("probe"))
    (reply,) = talk.send("answer", talk.id("name"), "Layla", draft=draft)
    assert reply["type"] == "refused"
    assert opened.journal.drafts() == []


def test_a_draft_that_never_began_is_begun_anew_and_a_closed_one_is_not(opened: Store) -> None:
    list_ = worklist(opened)
    with pytest.raises(StoreError):
        list_.resume("0" * 32)
    talk = Talk(list_.resume("0" * 32, "probe"))
    talk.send("answer", talk.id("name"), "Layla", draft="0" * 32)
    opened.journal.discard("0" * 32)
    with pytest.raises(StoreError):
        list_.resume("0" * 32, "probe")


def test_a_ping_is_answered_whatever_the_store_does(opened: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Talk(worklist(opened).begin("probe"))
    assert talk.session.receive({"type": "ping", "view": "v"}) == [{"type": "pong", "view": "v"}]
    talk.answer("name", "Layla")

    def busy(*_: object) -> object:
        raise StoreBusy("store.busy", path="store.db", wait="5")

    monkeypatch.setattr(type(opened.journal), "draft", busy)
    assert talk.session.receive({"type": "ping"}) == [{"type": "pong", "view": None}]


HIDING = """
| survey | type | name | label | relevant |
|---|---|---|---|---|
| | text | kurs | Kurs | |
| | begin_group | g | Gruppe | ${kurs} = 'ja' |
| | text | wo | Wo | |
| | end_group | | | |

| settings | form_title | form_id | version |
|---|---|---|---|
| | Gruppe | gruppe | 1 |
"""


def test_an_answer_below_something_that_is_not_asked_any_more_is_kept() -> None:
    talk = Talk(Session(form(HIDING), now=lambda: NOW))
    talk.answer("kurs", "ja")
    key = talk.id("wo")
    talk.answer("kurs", "nein")
    assert talk.send("answer", key, "VHS")[0]["type"] == "ack"
    talk.answer("kurs", "ja")
    assert talk["wo"]["value"] == "VHS"


DATED = """
| survey | type | name | label | calculation | constraint | constraint_message |
|---|---|---|---|---|---|---|
| | calculate | beginn | | today() | | |
| | text | kurs | Kurs | | | |
| | date | tag | Tag | | . <= today() | Der Tag liegt in der Zukunft. |

| settings | form_title | form_id | version |
|---|---|---|---|
| | Tage | tage | 1 |
"""


def test_what_happened_since_it_was_begun_can_be_told_and_what_was_computed_stays() -> None:
    moments = [NOW]
    talk = Talk(Session(form(DATED), now=lambda: moments[-1]))
    tomorrow = f"{NOW + timedelta(days=1):%Y-%m-%d}"
    talk.answer("tag", tomorrow)
    assert [each["text"] for each in talk["tag"]["problems"]] == [["Der Tag liegt in der Zukunft."]]
    moments.append(NOW + timedelta(days=1))
    talk.answer("tag", "")
    talk.answer("tag", tomorrow)
    assert talk["tag"]["problems"] == []
    talk.answer("kurs", "VHS")
    assert talk.session.instance.value("/data/beginn") == f"{NOW:%Y-%m-%d}"
    assert talk.send("submit")[0]["type"] == "submitted"
