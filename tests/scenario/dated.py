"""An office whose forms have days: a case with goals and a place for a child, an exit, a post; records made by hand."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from intake.publishing import publish
from intake.store import Store, open_store
from intake.submission import Record, Submission, submission_from_instance
from scenario.interview import KEY, workbook
from validation import Form, Instance, read_form

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
| | text | name | Name | identity |
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
PLAN = """
| survey | type | name | label::Deutsch (de) | save_to | calculation | sensitivity |
|---|---|---|---|---|---|---|
| | text | gemeinde | Gemeinde | person#gemeinde |
| | text | person | Pseudonym | |
| | text | fallnummer | Fallnummer | person#fallnummer |
| | text | zustaendig | Zuständig | person#zustaendig |
| | date | termin | Termin | person#termin |
| | date | klinik | Entlassung | person#klinik | | special |
| | text | telefon | Telefon | person#telefon | | identity |
| | begin_repeat | ziel | Ziel | |
| | calculate | wessen | | ziel#person | ${person} |
| | text | was | Ziel | ziel#was |
| | date | faellig | Fällig | ziel#faellig |
| | end_repeat | ziel | | |

| settings | form_title | form_id | version | default_language |
|---|---|---|---|---|
| | Plan | plan | 1 | Deutsch (de) |

| entities | list_name | label | entity_id | create_if | update_if |
|---|---|---|---|---|---|
| | person | ${person} | ${person} | true() | true() |
| | ziel | ${was} | | | |
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


def hold(store: Store, form: str, ended: datetime = NOW, **given: str) -> str:
    """An interview with a form of a store, answered by path below /data ('ziel[1]/was' as 'ziel__1__was'); its id."""
    frozen = next(each for each in reversed(store.forms()) if each.form_id == form)
    instance = Instance(read_form(frozen.xform), now=ended)
    for name, value in given.items():
        instance.answer("/data/" + name.replace("__1__", "[1]/"), value)
    made = submission_from_instance(instance, author="tester", started=ended, ended=ended)
    store.append(made)
    return made.id


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
