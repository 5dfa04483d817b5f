"""A form that has every control the interview draws, a study-like store with it, and a person at the screen.

`Talk` speaks to a session as a browser does: it finds questions by name, so that a test reads as an interview.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from intake.interview.session import Session
from intake.interview.worklist import Worklist
from intake.publishing import publish
from intake.store import Store, open_store
from validation import Form, read_form

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = bytes(range(32))

FORM = Path(__file__).with_name("probe.md").read_text(encoding="utf-8")


def workbook(directory: Path, text: str = FORM, name: str = "probe.md") -> Path:
    """A workbook file with this text."""
    path = directory / name
    path.write_text(text, encoding="utf-8")
    return path


@cache
def form(text: str = FORM) -> Form:
    """The form of a Markdown workbook."""
    from intake.xlsform import convert

    with tempfile.TemporaryDirectory() as directory:
        return read_form(convert(workbook(Path(directory), text)).xform)


def store(directory: Path, text: str = FORM) -> Store:
    """A new store with the form published in it."""
    opened = open_store(directory / "store.db", key=KEY, create=True)
    publish(opened, workbook(directory, text))
    return opened


def worklist(opened: Store) -> Worklist:
    return Worklist(opened, zone=UTC, author="tester", form_id="probe")


class Talk:
    """A browser without a screen: sends operations, applies the answers to what it knows, as the widget does."""

    _ids = itertools.count(1)  # one count for all, as browsers draw theirs at random

    def __init__(self, session: Session) -> None:
        self.session = session
        self.form: dict[str, Any] = {}
        self.hello()

    def hello(self) -> dict[str, Any]:
        self.form = self.session.greeting()
        self.state: dict[str, Any] = dict(self.form["state"])
        self.lists: dict[str, Any] = dict(self.form["lists"])
        return self.form

    def id(self, name: str) -> str:
        """The id of the first question, group or repeat called `name` (groups and repeats by their German label)."""
        for element in _walk(self.form["sections"]):
            if element.get("name") == name or (self.state.get(element["id"], {}).get("label") or [""])[0] == name:
                return str(element["id"])
        raise KeyError(name)

    def key(self, name: str, entry: str = "") -> str:
        return f"{entry}/{self.id(name)}" if entry else self.id(name)

    def __getitem__(self, name: str) -> dict[str, Any]:
        """The state of the question called `name`, outside repeats."""
        found: dict[str, Any] = self.state[self.id(name)]
        return found

    def send(
        self, op: str, key: str = "", value: object = None, *, op_id: str | None = None, **known: object
    ) -> list[dict[str, Any]]:
        """Send an operation. `known` is what else a browser says: draft, base, was."""
        op_id = op_id or f"op-{next(self._ids)}"
        replies = self.session.receive({"type": "op", "op_id": op_id, "op": op, "key": key, "value": value, **known})
        for reply in replies:
            self.take(reply)
        return replies

    def take(self, reply: Mapping[str, Any]) -> None:
        if reply["type"] == "ack":
            self.lists.update(reply["lists"])
            for key, state in reply["patch"].items():
                if state is None:
                    self.state.pop(key, None)
                else:
                    self.state[key] = state

    def answer(self, name: str, value: str, entry: str = "") -> dict[str, Any]:
        """Answer a question; the acknowledgement."""
        (reply,) = self.send("answer", self.key(name, entry), value)
        return reply


def _walk(elements: list[dict[str, Any]]) -> Any:
    for element in elements:
        yield element
        yield from _walk(element.get("children", []))
