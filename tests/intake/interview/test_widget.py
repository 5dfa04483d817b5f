"""The widget without a browser: messages in, messages out, and nothing of an answer in what a notebook saves."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from intake.interview.widget import Interview, screen
from intake.store import Store
from intake.tables import tables
from scenario.interview import Talk, form, store, workbook, worklist
from validation.errors import DataError, FormError, StoreError

ROOT = Path(__file__).parents[3]
PLANTED = "Geheimwort-47"


def spoken(widget: Interview, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Everything the widget sends from now on."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(widget, "send", lambda message: sent.append(message))
    return sent


def operation(widget: Interview, name: str, value: str, op_id: str = "x") -> dict[str, Any]:
    assert widget.session is not None
    return {"type": "op", "op_id": op_id, "op": "answer", "key": Talk(widget.session).id(name), "value": value}


def test_a_form_without_a_study_opens_at_once_and_gives_its_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = Interview(form())
    sent = spoken(widget, monkeypatch)
    widget._receive(widget, {"type": "hello", "view": "v"}, [])
    assert sent[0]["type"] == "form"
    assert sent[0]["view"] == "v"
    widget._receive(widget, operation(widget, "name", "Layla"), [])
    assert sent[-1]["type"] == "ack"
    assert widget.answers["/data/fall/name"] == "Layla"
    json.dumps(sent)


def test_what_a_notebook_saves_holds_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = Interview(form())
    spoken(widget, monkeypatch)
    widget._receive(widget, operation(widget, "name", PLANTED), [])
    assert PLANTED in widget.answers.values()
    saved = json.dumps(widget.get_state(), default=str) + repr(widget) + json.dumps(widget._repr_mimebundle_())
    assert PLANTED not in saved
    assert set(widget.get_state()) >= {"_esm", "_css", "session_id", "place"}


def test_with_a_store_the_work_list_comes_first_and_a_known_draft_before_it(tmp_path: Path) -> None:
    with store(tmp_path) as opened:
        widget = Interview(worklist(opened))
        assert widget.answers == {}
        assert [reply["type"] for reply in widget.reply({"type": "hello", "draft": None})] == ["start"]
        (drawn,) = widget.reply({"type": "new", "form": "probe"})
        assert drawn["type"] == "form"
        (acknowledged,) = widget.reply(operation(widget, "name", "Layla"))
        again = Interview(worklist(opened))
        (drawn,) = again.reply({"type": "hello", "draft": acknowledged["draft"]})
        assert drawn["type"] == "form"
        assert again.answers["/data/fall/name"] == "Layla"
        assert again.reply({"type": "overview"})[0]["type"] == "start"
        assert again.reply({"type": "open", "draft": acknowledged["draft"]})[0]["type"] == "form"


def test_what_another_thread_hears_is_answered_in_the_thread_of_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def talk(opened: Store) -> list[dict[str, Any]]:
        widget = Interview(worklist(opened))
        sent = spoken(widget, monkeypatch)
        for message in ({"type": "hello"}, {"type": "new", "form": "probe"}):
            await asyncio.to_thread(widget._receive, widget, message, [])  # as a subshell of JupyterLab does
        await asyncio.to_thread(lambda: widget._receive(widget, operation(widget, "name", "Layla"), []))
        assert len(opened.journal.drafts()) == 1
        return sent

    def held() -> list[dict[str, Any]]:
        with store(tmp_path) as opened:
            return asyncio.run(talk(opened))

    with ThreadPoolExecutor(1) as fresh:  # the thread of the tests may have a loop already
        assert [message["type"] for message in fresh.submit(held).result()] == ["start", "form", "ack"]


def test_a_draft_that_is_gone_leads_to_the_work_list(tmp_path: Path) -> None:
    with store(tmp_path) as opened:
        widget = Interview(worklist(opened))
        (reply,) = widget.reply({"type": "hello", "draft": "gone"})
        assert (reply["type"], reply["gone"], reply["text"]) == ("start", "gone", None)
        (reply,) = widget.reply({"type": "open", "draft": "gone"})
        assert (reply["type"], reply["gone"]) == ("start", "gone")
        assert reply["text"]
        assert widget.reply({"type": "new", "form": "none"})[0]["text"]
        assert widget.reply({"type": "op", "op_id": "x", "op": "answer"})[0]["type"] == "start"


def test_a_draft_that_never_began_is_begun_again_under_its_id(tmp_path: Path) -> None:
    with store(tmp_path) as opened:
        widget = Interview(worklist(opened))
        (drawn,) = widget.reply({"type": "hello", "draft": "0" * 32, "form": "probe", "mirrored": ["a", 1]})
        assert (drawn["type"], drawn["draft"]) == ("form", None)
        assert opened.journal.drafts() == []
        widget.reply({"type": "op", "op_id": "a", "op": "answer", "key": "q3", "value": "x", "draft": "0" * 32})
        assert [info.id for info in opened.journal.drafts()] == ["0" * 32]
        assert widget.reply({"type": "ping", "view": "v"}) == [{"type": "pong", "view": "v"}]


def test_a_ping_is_answered_where_no_interview_is_open(tmp_path: Path) -> None:
    with store(tmp_path) as opened:
        assert Interview(worklist(opened)).reply({"type": "ping", "view": "v"}) == [{"type": "pong", "view": "v"}]


def test_a_fault_of_ours_is_said_without_the_answer_which_stays_unsaved(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    widget = Interview(form())
    assert widget.session is not None
    message = operation(widget, "name", PLANTED)

    def broken(*_: object) -> None:
        raise RuntimeError(f"cannot take {PLANTED}")

    with caplog.at_level(logging.ERROR), monkeypatch.context() as patch:
        patch.setattr(widget.session.instance, "answer", broken)
        (reply,) = widget.reply(message)
    assert (reply["type"], reply["op_id"]) == ("unsaved", message["op_id"])  # the browser keeps it and sends it again
    assert "RuntimeError" in reply["text"][0]
    assert PLANTED not in json.dumps(reply) + caplog.text
    assert [reply["type"] for reply in widget.reply(message)] == ["ack"]
    assert widget.answers["/data/fall/name"] == PLANTED


def test_what_fails_in_a_message_that_is_no_answer_is_said_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = Interview(form())
    monkeypatch.setattr(widget.session, "greeting", lambda _: 1 / 0)
    (reply,) = widget.reply({"type": "hello", "view": "v"})
    assert (reply["type"], reply["view"], reply["op_id"]) == ("refused", "v", "")


def test_an_answer_is_unsaved_while_the_store_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable() -> str:
        raise StoreError("store.damaged", path="store.db")

    with store(tmp_path) as opened:
        widget = Interview(worklist(opened))
        widget.reply({"type": "new", "form": "probe"})
        assert widget.session is not None
        talk = Talk(widget.session)
        talk.answer("name", "Layla")
        undo = {"type": "op", "op_id": "u", "op": "undo"}
        with monkeypatch.context() as patch:
            patch.setattr(widget.session.course, "_make", unreadable)
            (reply,) = widget.reply(undo)
        assert (reply["type"], reply["op_id"]) == ("unsaved", "u")
        assert widget.answers["/data/fall/name"] == "Layla"
        assert [reply["type"] for reply in widget.reply(undo)] == ["ack"]
        assert "/data/fall/name" not in widget.answers
        assert [op.payload["op"] for op in opened.journal.replay(opened.journal.drafts()[0].id)] == ["answer", "undo"]


def test_the_module_reaches_for_nothing_outside_and_writes_no_markup() -> None:
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "http:",
        "https:",
        "import(",
    ):
        assert forbidden not in screen("js"), forbidden


def test_opening_an_interview_loads_neither_pandas_nor_pyxform(tmp_path: Path) -> None:
    store(tmp_path).close()
    program = (
        "import sys; from datetime import UTC\n"
        "from intake.store import open_store\n"
        "from intake.interview import Interview\n"
        "from intake.interview.worklist import Worklist\n"
        f"opened = open_store({str(tmp_path / 'store.db')!r}, key=bytes(range(32)))\n"
        "widget = Interview(Worklist(opened, zone=UTC, author='a', form_id='probe'))\n"
        "widget.reply({'type': 'new', 'form': 'probe'})\n"
        "heavy = {'pandas', 'numpy', 'pyxform', 'pandera', 'altair', 'papermill', 'nbconvert', 'typst', 'babel'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_bytes_travel_beside_the_messages_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    widget = Interview(form())
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(widget, "send", lambda *said: sent.append(said))
    heard: list[Any] = []

    def reply(message: dict[str, Any]) -> list[dict[str, Any]]:
        heard.append(message)
        return [{"type": "file", "buffers": [b"\x00out"]}, {"type": "ack"}]

    monkeypatch.setattr(widget, "reply", reply)
    widget._receive(widget, {"type": "chunk"}, [memoryview(b"\x00in"), b""])
    widget._receive(widget, {"type": "hello"}, [])
    assert heard == [{"type": "chunk", "buffers": [b"\x00in", b""]}, {"type": "hello"}]
    assert sent[:2] == [({"type": "file"}, [b"\x00out"]), ({"type": "ack"},)]


# --- for researchers


def test_any_workbook_opens_without_a_study_and_gives_its_answers_as_a_table(tmp_path: Path) -> None:
    widget = Interview(str(workbook(tmp_path)))
    assert [reply["type"] for reply in widget.reply({"type": "hello", "view": "v"})] == ["form"]
    assert widget.session is not None
    talk = Talk(widget.session)
    talk.answer("name", "Layla")
    talk.answer("alter", "34")
    talk.send("add_repeat", talk.id("Ziel"))
    first, second = talk["Ziel"]["entries"]
    talk.answer("was", "B1", first)
    talk.answer("was", "Wohnung", second)
    table = widget.to_frame()
    (row,) = table.to_dict("records")
    assert (row["fall-name"], row["fall-alter"]) == ("Layla", 34)
    expected = tables(widget.session.form, [])
    assert list(table.columns) == list(expected["probe"].columns)
    assert table.dtypes["fall-alter"] == expected["probe"].dtypes["fall-alter"]
    (repeat,) = [name for name in expected if name != "probe"]
    goals = widget.to_frame(repeat)
    assert [text for text in goals.iloc[:, -2:].to_numpy().ravel() if text in ("B1", "Wohnung")] == ["B1", "Wohnung"]
    with pytest.raises(DataError, match=repeat):
        widget.to_frame("ziele")


def test_lists_and_pictures_beside_a_workbook_are_found(tmp_path: Path) -> None:
    (tmp_path / "orte.csv").write_text("name,label\nc,Calw\n", encoding="utf-8")
    text = """
| survey | type | name | label |
|---|---|---|---|
| | select_one_from_file orte.csv | ort | Ort |

| settings | form_title | form_id |
|---|---|---|
| | Orte | orte |
"""
    widget = Interview(workbook(tmp_path, text, "orte.md"))
    (drawn,) = widget.reply({"type": "hello", "view": "v"})
    assert [["c", "Calw"]] in drawn["lists"].values()


def test_a_workbook_that_is_wrong_or_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FormError):
        Interview(tmp_path / "fehlt.xlsx")


def test_while_the_work_list_is_open_there_is_no_table(tmp_path: Path) -> None:
    with store(tmp_path) as opened, pytest.raises(DataError, match="Arbeitsliste"):
        Interview(worklist(opened)).to_frame()


def test_the_work_list_is_asked_through_the_widget(tmp_path: Path) -> None:
    with store(tmp_path) as opened:
        widget = Interview(worklist(opened))
        (said,) = widget.reply({"type": "desk", "what": "list", "words": "probe", "view": "v"})
        assert (said["type"], said["what"], said["view"]) == ("desk", "list", "v")
        (problem,) = widget.reply({"type": "desk", "what": "discard", "draft": "gone"})
        assert problem["type"] == "start"
        assert problem["text"]
