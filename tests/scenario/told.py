"""Records that say more than their answers: how these came about, and ids of goals and of a flat that they make."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from intake.how import HOWS, answers_at, with_how
from intake.simulate import simulate
from intake.submission import Submission
from scenario import exchanged
from validation.form import Form

TEXT = """
| survey | type | name | label::Deutsch (de) | relevant | missing | sensitivity | follow_up | save_to |
|---|---|---|---|---|---|---|---|---|
| | text | person | Pseudonym | | | | carry | |
| | text | name | Name | | | identity | reactive | |
| | integer | alter | Alter | | unknown refused | general | proactive | |
| | text | alter__how | Alter | | | general | | |
| | date | bis | Aufenthalt bis | | | general | proactive | |
| | select_one stufe | deutsch | Deutsch | | | general | proactive | |
| | select_multiple stufe | kurse | Kurse | | | general | independent | |
| | begin_group | wohnung | Wohnung | | | | | |
| | integer | how | Größe | | | general | proactive | wohnung#groesse |
| | text | lage | Lage | ${deutsch} = 'b1' | | general | reactive | wohnung#lage |
| | end_group | | | | | | | |
| | begin_group | ziele | Ziele | | | | | |
| | begin_repeat | ziel | Ziel | | | | | |
| | text | was | Was | | | general | carry | ziel#was |
| | select_one stufe | stand | Stand | | | general | proactive | ziel#stand |
| | begin_repeat | schritt | Schritt | | | | | |
| | text | tat | Tat | | | general | reactive | schritt#tat |
| | end_repeat | | | | | | | |
| | end_repeat | | | | | | | |
| | end_group | | | | | | | |

| choices | list_name | name | label::Deutsch (de) |
|---|---|---|---|
| | stufe | a2 | Grundstufe |
| | stufe | b1 | Mittelstufe |

| entities | list_name | label | create_if |
|---|---|---|---|
| | wohnung | 'Wohnung' | true() |
| | ziel | ${was} | true() |
| | schritt | ${tat} | true() |

| settings | form_id | version | default_language |
|---|---|---|---|
| | verlauf | 1 | Deutsch (de) |
"""


def form() -> Form:
    return exchanged.form(TEXT)


@cache
def lives(seed: int) -> tuple[Submission, ...]:
    """Two people, each asked twice; nothing is said of how yet."""
    return tuple(simulate(form(), 2, seed, dt.datetime(2026, 5, 4, 10, 30, tzinfo=dt.UTC), rounds=2))


def followed(form: Form, submissions: Sequence[Submission], chance: random.Random) -> Iterator[Submission]:
    """The same records, each answer with a word on how it came about, or none, by chance."""
    for each in submissions:
        paths = [path for _, path, text in answers_at(each.record) if text]
        said = {path: chance.choice(("", *HOWS)) for path in paths if not re.search(r"/@|/meta/|order\(\)", path)}
        yield replace(each, record=with_how(each.record, {path: how for path, how in said.items() if how}, form))
