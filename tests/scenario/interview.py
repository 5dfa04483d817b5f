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

FORM = """
| survey | type | name | label::Deutsch (de) | label::English (en) | hint::Deutsch (de) | hint::English (en) | required | missing | relevant | constraint | constraint_message::Deutsch (de) | constraint_message::English (en) | warning | warning_message::Deutsch (de) | warning_message::English (en) | calculation | appearance | readonly | parameters |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
| | begin_group | fall | Fall | Case | | | | | | | | | | | | | | | |
| | text | fallnummer | Fallnummer | Case number | | | | | | | | | | | | | | | |
| | text | name | Vollständiger Name | Full name | Wie im Ausweis | As in the passport | yes | | | | | | | | | | | | |
| | date | geburtsdatum | Geburtsdatum | Date of birth | | | yes | unknown refused | | . <= today() | Erwartet wird ein Tag, der nicht in der Zukunft liegt. | A day that is not in the future is expected. | | | | | | | |
| | select_one land | land | Herkunftsland | Country of origin | | | | refused | | | | | | | | | minimal | | |
| | select_multiple sprache | sprachen | Welche Sprachen sprechen Sie? | Which languages do you speak? | | | | | | | | | | | | | | | |
| | text | andere | Welche anderen Sprachen? | Which other languages? | | | yes | | selected(${sprachen}, 'andere') | | | | | | | | | | |
| | integer | alter | Alter bei der Einreise | Age on arrival | In Jahren | In years | | | | . >= 0 and . <= 120 | Erwartet wird eine Zahl von 0 bis 120. | A number from 0 to 120 is expected. | . < 100 | Ist das Alter richtig? | Is the age right? | | | | |
| | decimal | stunden | Stunden je Woche | Hours a week | | | | | | | | | | | | | | | |
| | note | hinweis | Das Gespräch ist freiwillig. | The interview is voluntary. | | | | | | | | | | | | | | | |
| | end_group | | | | | | | | | | | | | | | | | | |
| | begin_group | kurs | Kurs | Course | | | | | | | | | | | | | | | |
| | select_one ja_nein | besucht | Haben Sie einen Kurs besucht? | Have you attended a course? | | | yes | refused | | | | | | | | | | | |
| | text | wo | Wo war der Kurs? | Where was the course? | | | yes | | ${besucht} = 'ja' | | | | | | | | multiline | | |
| | range | zufrieden | Wie zufrieden waren Sie? | How satisfied were you? | | | | | ${besucht} = 'ja' | | | | | | | | | | start=0 end=10 step=1 |
| | acknowledge | einwilligung | Einwilligung besprochen | Consent discussed | | | | | | | | | | | | | | | |
| | text | summe | Gruß an ${name} | Greetings to ${name} | | | | | | | | | | | | concat('Guten Tag ', ${name}) | | | |
| | geopoint | ort | Ort | Place | | | | | | | | | | | | | | | |
| | end_group | | | | | | | | | | | | | | | | | | |
| | begin_group | ziele | Ziele und Maßnahmen | Goals and measures | | | | | | | | | | | | | | | |
| | begin_repeat | ziel | Ziel | Goal | | | | | | | | | | | | | | | |
| | text | was | Was soll erreicht werden? | What is to be achieved? | | | yes | | | | | | | | | | | | |
| | date | bis | Bis wann? | By when? | | | | | | | | | | | | | | | |
| | end_repeat | | | | | | | | | | | | | | | | | | |
| | end_group | | | | | | | | | | | | | | | | | | |

| choices | list_name | name | label::Deutsch (de) | label::English (en) |
|---|---|---|---|---|
| | ja_nein | ja | Ja | Yes |
| | ja_nein | nein | Nein | No |
| | sprache | ar | Arabisch | Arabic |
| | sprache | ku | Kurdisch | Kurdish |
| | sprache | andere | Andere | Other |
| | land | SY | Syrien | Syria |
| | land | AF | Afghanistan | Afghanistan |
| | land | TR | Türkei | Turkey |
| | land | UA | Ukraine | Ukraine |
| | land | IQ | Irak | Iraq |
| | land | DE | Deutschland | Germany |
| | land | GR | Griechenland | Greece |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Probegespräch | probe | 1 | Deutsch (de) |
"""


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

    def __init__(self, session: Session) -> None:
        self.session = session
        self._ids = itertools.count(1)
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

    def send(self, op: str, key: str = "", value: object = None, *, op_id: str | None = None) -> list[dict[str, Any]]:
        op_id = op_id or f"op-{next(self._ids)}"
        replies = self.session.receive({"type": "op", "op_id": op_id, "op": op, "key": key, "value": value})
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
