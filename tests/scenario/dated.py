"""An office whose forms have days: a case with goals and a place for a child, an exit, a post; records made by hand."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from intake.publishing import publish
from intake.store import Store, open_store
from intake.submission import Record, Submission
from scenario.interview import KEY, workbook
from validation import Form, read_form

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOWN, OTHER = "08235007", "08999001"
_ids = itertools.count(1)

CASE = """
| survey | type | name | label::Deutsch (de) | sensitivity |
|---|---|---|---|---|
| | text | gemeinde | Gemeinde | general |
| | text | person | Pseudonym | general |
| | text | fallnummer | Fallnummer | general |
| | text | zustaendig | Zuständig | staff |
| | date | zuweisung | Zuweisung | general |
| | date | termin | Nächster Termin | general |
| | date | klinik | Entlassung | special |
| | begin_repeat | ziel | Ziel | |
| | date | faellig | Fällig | general |
| | text | stand | Stand | general |
| | end_repeat | ziel | | |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Aufnahme | aufnahme | 1 | Deutsch (de) |
"""
EXIT = """
| survey | type | name | label::Deutsch (de) |
|---|---|---|---|
| | text | person | Pseudonym |
| | date | datum | Tag |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Austritt | austritt | 1 | Deutsch (de) |
"""
POST = """
| survey | type | name | label::Deutsch (de) | sensitivity |
|---|---|---|---|---|
| | text | gemeinde | Gemeinde | staff |
| | text | id | Nummer | staff |
| | date | bis | Bewilligt bis | staff |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Stelle | stelle | 1 | Deutsch (de) |
"""


def dated(directory: Path, clock: Callable[[], datetime] | None = None) -> Store:
    """A new store with the forms published."""
    moments = (NOW - timedelta(days=400) + timedelta(seconds=each) for each in itertools.count())
    opened = open_store(directory / "store.db", key=KEY, create=True, clock=clock or functools.partial(next, moments))
    for name, text in (("aufnahme", CASE), ("austritt", EXIT), ("stelle", POST)):
        publish(opened, workbook(directory, text, f"{name}.md"))
    return opened


def forms_of(store: Store) -> Callable[[str], Form]:
    """The forms of a store by their hash, each read once."""
    return functools.cache(lambda form_hash: read_form(store.form(form_hash).xform))


def put(
    store: Store, form: str, person: str = "", town: str = TOWN, goals: tuple[Record, ...] = (), **given: str
) -> str:
    """Keep a record of a form with these answers; its id."""
    frozen = next(each for each in reversed(store.forms()) if each.form_id == form)
    record: Record = {f"/data/{name}": value for name, value in given.items()}
    record |= {"/data/person": person} if person else {}
    if goals:
        record["/data/ziel"] = [{f"/data/ziel/{name}": value for name, value in goal.items()} for goal in goals]
    number = f"uuid:{next(_ids):08d}"
    record["/data/meta/instanceID"] = number
    store.append(Submission(number, form, frozen.version, frozen.hash, town, person, record, NOW, NOW, "tester"))
    return number
