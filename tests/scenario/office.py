"""An office with forms that speak of people, goals and volunteers, and a store to which its interviews are sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from intake.entities import Entity, read_entities
from intake.publishing import freeze
from intake.store import Store, open_store
from intake.submission import Submission, submission_from_instance
from scenario.stores import KEY, START, Clock
from scenario.workbooks import markdown
from validation.form import Form
from validation.instance import Instance
from validation.xform import read_form

FIRST = """
| survey | type | name | label | save_to | sensitivity |
|---|---|---|---|---|---|
| | text | gemeinde | Town | | |
| | begin_group | fall | Case | | |
| | text | person | Person | | |
| | text | deutsch | German | person#deutsch | general |
| | text | gesundheit | Health | person#gesundheit | special |
| | end_group | | | | |
| | begin_repeat | ziele | Goals | | |
| | text | ziel | Goal | ziel#ziel | general |
| | text | stand | State | ziel#stand | general |
| | end_repeat | | | | |

| entities | list_name | label | entity_id | create_if | update_if |
|---|---|---|---|---|---|
| | person | ${person} | ${person} | true() | true() |
| | ziel | ${ziel} | | ${ziel} != '' | |

| settings | form_id | version |
|---|---|---|
| | erst | 1 |
"""
AGAIN = """
| survey | type | name | label | save_to | choice_filter | calculation |
|---|---|---|---|---|---|---|
| | text | gemeinde | Town | | | |
| | text | person | Person | | | |
| | begin_group | stand | State | | | |
| | text | sprache | German now | person#deutsch | | |
| | end_group | | | | | |
| | begin_group | am_ziel | Goal | | | |
| | select_one_from_file ziel.csv | ziel_id | Which | | stand = 'offen' | |
| | text | neu | State | ziel#stand | | |
| | end_group | | | | | |
| | calculate | zuvor | | | | once(pulldata('person', 'deutsch', 'name', ${person})) |

| entities | list_name | label | entity_id | create_if | update_if |
|---|---|---|---|---|---|
| | person | | ${person} | | true() |
| | ziel | | ${ziel_id} | | ${ziel_id} != '' |

| settings | form_id | version |
|---|---|---|
| | folge | 1 |
"""
REGISTER = """
| survey | type | name | label | save_to |
|---|---|---|---|---|
| | text | gemeinde | Town | |
| | text | id | Key | |
| | text | sprache | Language | sprache |

| entities | list_name | label | entity_id | create_if | update_if |
|---|---|---|---|---|---|
| | ehrenamt | ${id} | concat(${gemeinde}, '-', ${id}) | true() | true() |

| settings | form_id | version |
|---|---|---|
| | ehrenamt | 1 |
"""
TOWN = "08235007"


class Office:
    """A store with the three forms, and people who fill them in."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.store: Store = open_store(folder / "store.db", key=KEY, create=True, clock=self.clock)
        self.forms: dict[str, Form] = {}
        self.by_hash: dict[str, Form] = {}
        for name, text in {"erst": FIRST, "folge": AGAIN, "ehrenamt": REGISTER}.items():
            frozen = freeze(markdown(folder / "forms", text, f"{name}.md"))
            self.store.publish(frozen)
            self.forms[name] = self.by_hash[frozen.hash] = read_form(frozen.xform)

    def form_of(self, hash_: str) -> Form:
        return self.by_hash[hash_]

    def make(self, name: str, hours: float, answers: Mapping[str, str], lists: Mapping[str, str] = {}) -> Submission:
        now = START + dt.timedelta(hours=hours)
        live = Instance(self.forms[name], now=now, instances=lists)
        live.answer("/data/gemeinde", TOWN)
        for path, text in answers.items():
            above = path.rpartition("/")[0]
            if above.endswith("]") and above not in live.entries(above.rpartition("[")[0]):
                live.add_repeat(above.rpartition("[")[0])
            live.answer(path, text)
        assert live.violations() == []
        return submission_from_instance(live, author="a", started=now, ended=now)

    def sent(self, name: str, hours: float, answers: Mapping[str, str], lists: Mapping[str, str] = {}) -> Submission:
        made = self.make(name, hours, answers, lists)
        self.store.append(made)
        return made

    def person(self, name: str, hours: float, **answers: str) -> Submission:
        goals = {f"/data/ziele[1]/{key}": text for key, text in answers.items() if key in ("ziel", "stand")}
        case = {f"/data/fall/{key}": text for key, text in answers.items() if key not in ("ziel", "stand")}
        return self.sent("erst", hours, {"/data/fall/person": name, **case, **goals})

    def read(self, **options: Any) -> dict[str, dict[str, Entity]]:
        return read_entities(self.store, self.form_of, **options)

    def german(self, name: str, **options: Any) -> str:
        return self.read(**options)["person"][name].properties["deutsch"]

    def goal(self, name: str) -> str:
        """The id of a person's first goal."""
        return next(each.id for each in self.read()["ziel"].values() if name in each.people)
