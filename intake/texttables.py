"""The tables of a store as texts, without pandas: what an interview's process may look at (`intake.rowwise`).

Tables and columns are called as everywhere (`validation.layout`): the form's id, `<form>-<repeat>`, `fall-person`, with
KEY, PARENT_KEY and the envelope. A dataset of entities is a table, too: `name` is the entity's id, `label` what it is
called, then the properties that any form declares; `_since` is the day it came into being, `_changed` that of its last
change. A form goes before a dataset of the same name, a dataset before a choice list.

Only what is asked for is read, once: the latest version of each record as far as this login may open it, or what
`intake.entities` makes of them. What may not be opened is an empty text. What says who somebody is (class `identity`)
is no column here. Names are those of each version of a form; `renames.csv` is not followed.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from validation.errors import StudyError
from validation.layout import ENVELOPE, KEY, PARENT_KEY, Column, Table, layout

if TYPE_CHECKING:
    from intake.entities import Entity
    from intake.store import Store
    from intake.submission import Record, Submission
    from validation.form import Form

Row = dict[str, str]
ENTITY_COLUMNS = ("name", "label", "_since", "_changed")
PERSON, PLACE = "person", "gemeinde"
"""The dataset of persons, and the property that says whose an entity is; the property with its municipality (AGS)."""
NUMBERS = ("fallnummer", "id")
"""Questions outside repeats whose answer is the number of a case or of a register's entry."""


@dataclass(frozen=True, slots=True)
class About:
    """Whose a row is: its KEY or the id of its entity, the person ('' for none), the municipality (AGS, '' where nobody
    said), and the number its record gives the case or the register's entry ('' where there is none)."""

    key: str
    person: str
    municipality: str
    number: str


class TextTables:
    """The tables of a store. `form_of` gives the form of a hash, `lists` choice lists by name with all their columns,
    `zone` is where days begin."""

    def __init__(
        self,
        store: Store,
        form_of: Callable[[str], Form],
        *,
        zone: dt.tzinfo,
        lists: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
    ) -> None:
        self._store = store
        self._form_of = form_of
        self._zone = zone
        self._lists = lists or {}
        self._forms = {each.form_id: each.hash for each in store.forms()}
        self._layouts: dict[str, dict[str, Table]] = {}
        self._rows: dict[str, list[Row]] = {}
        self._columns: dict[str, frozenset[str]] = {}
        self._about: dict[str, list[About]] = {}
        self._classes: dict[tuple[str, str], str] = {}
        self._cases: dict[str, str] | None = None
        self._entities_read = False
        self._restricted: frozenset[str] | None = None
        self._texts: dict[tuple[str, str], list[str]] = {}

    def has(self, table: str) -> bool:
        """Whether there is such a table, with or without rows."""
        if table in self._columns:
            return True
        form = self._form_with(table)
        if form is not None:
            self._read_form(form)
        elif not self._entities_read and self._has_datasets():
            self._read_entities()
            return self.has(table)
        elif table in self._lists:
            rows = self._lists[table]
            self._keep(table, {name for row in rows for name in row}, [dict(row) for row in rows], [])
        return table in self._columns

    def columns(self, table: str) -> frozenset[str]:
        """The columns of a table that is there."""
        return self._columns[table] if self.has(table) else frozenset()

    def count(self, table: str) -> int:
        """How many rows it has."""
        return len(self._rows[table]) if self.has(table) else 0

    def texts(self, table: str, column: str) -> list[str]:
        """A column, row by row; '' where a row has no answer or nobody may read it."""
        found = self._texts.get((table, column))
        if found is None:
            rows = self._rows[table] if self.has(table) else []
            found = self._texts[table, column] = [row.get(column, "") for row in rows]
        return found

    def about(self, table: str) -> list[About]:
        """Whose the rows of a table are, row by row; nothing for choice lists."""
        return self._about.get(table, []) if self.has(table) else []

    def numbers(self) -> dict[str, str]:
        """{pseudonym: the newest number that a form with case numbers gives the person's case}."""
        if self._cases is None:
            self._cases = {}
            for form, newest in self._forms.items():
                if self._numbered(newest, NUMBERS[:1]):
                    about = self.about(form)
                    self._cases |= {each.person: each.number for each in about if each.person and each.number}
        return self._cases

    def restricted(self) -> frozenset[str]:
        """The pseudonyms of everybody whose processing is restricted now."""
        from intake.store.restriction import restricted

        if self._restricted is None:
            keys = restricted(self._store)
            known = {each.subject for each in self._store.entries() if each.subject} if keys else set()
            self._restricted = frozenset(each for each in known if self._store.subject_of(each) in keys)
        return self._restricted

    def sensitivity(self, table: str, column: str) -> str:
        """The class the newest form gives a column, or any form that saves to a property another than 'general';
        'general' for what is none of a form's."""
        form = self._form_with(table)
        if form is None:
            return self._classes.get((table, column), "general")
        found = self._layout(self._forms[form])[table].column(column)
        return found.bind.columns.get("sensitivity", "general") if found else "general"

    # --- inside

    def _form_with(self, table: str) -> str | None:
        for form in sorted(self._forms, key=len, reverse=True):
            if table == form or (table.startswith(f"{form}-") and table in self._layout(self._forms[form])):
                return form
        return None

    def _layout(self, form_hash: str) -> dict[str, Table]:
        if form_hash not in self._layouts:
            self._layouts[form_hash] = layout(self._form_of(form_hash))
        return self._layouts[form_hash]

    def _keep(self, table: str, columns: set[str], rows: list[Row], about: list[About]) -> None:
        self._columns[table] = frozenset(columns)
        self._rows[table] = rows
        self._about[table] = about

    def _read_form(self, form: str) -> None:
        columns: dict[str, set[str]] = {}
        rows: dict[str, list[Row]] = {}
        about: dict[str, list[About]] = {}
        for frozen in self._store.forms():
            if frozen.form_id == form:
                for table in self._layout(frozen.hash).values():
                    extra = (PARENT_KEY,) if table.parent else ENVELOPE
                    columns.setdefault(table.name, {KEY, *extra}).update(each.name for each in _shown(table))
                    rows.setdefault(table.name, [])
                    about.setdefault(table.name, [])
        for submission in self._store.submissions(form):
            number = next(filter(None, map(submission.record.get, self._numbered(submission.form_hash))), "")
            for name, row in self._rows_of(submission):
                rows[name].append(row)
                about[name].append(About(row[KEY], submission.subject, submission.municipality, str(number)))
        for name, found in rows.items():
            self._keep(name, columns[name], found, about[name])

    def _numbered(self, form_hash: str, names: Sequence[str] = NUMBERS) -> list[str]:
        """The nodesets outside repeats that hold a number and name nobody."""
        root, *_ = self._layout(form_hash).values()
        return [
            column.nodeset
            for name in names
            for column in root.columns
            if column.nodeset.rpartition("/")[2] == name and column.bind.columns.get("sensitivity") != "identity"
        ]

    def _rows_of(self, submission: Submission) -> Iterator[tuple[str, Row]]:
        """Every row of a record with its table, the root's first."""
        shapes = self._layout(submission.form_hash)
        root, *repeats = shapes.values()
        received = submission.received
        envelope = {
            "_version": submission.form_version, "_municipality": submission.municipality,
            "_subject": submission.subject,
            "_received": received.astimezone(self._zone).isoformat(timespec="milliseconds") if received else "",
        }  # fmt: skip
        yield root.name, {KEY: submission.id, **envelope, **_cells(root, submission.record)}
        yield from self._entries(root, repeats, submission.record, submission.id)

    def _entries(self, parent: Table, repeats: list[Table], record: Record, key: str) -> Iterator[tuple[str, Row]]:
        for table in repeats:
            if table.parent != parent.name:
                continue
            entries = record.get(table.nodeset, ())
            path = table.nodeset.removeprefix(f"{parent.nodeset}/")
            for number, entry in enumerate(entries if isinstance(entries, list) else (), start=1):
                own = f"{key}/{path}[{number}]"
                yield table.name, {KEY: own, PARENT_KEY: key, **_cells(table, entry)}
                yield from self._entries(table, repeats, entry, own)

    def _has_datasets(self) -> bool:
        return any("<entity" in each.xform for each in self._store.forms())

    def _read_entities(self) -> None:
        """All datasets that no form is called like, with every property that a version of a form declares."""
        from intake.entities import read_entities
        from intake.saying import Declared

        self._entities_read = True
        columns: dict[str, set[str]] = {}
        for frozen in (each for each in self._store.forms() if "<entity" in each.xform):
            form = self._form_of(frozen.hash)
            for place in Declared(form).places:
                columns.setdefault(place.dataset, {*ENTITY_COLUMNS}).update(place.properties.values())
                for nodeset, name in place.properties.items():
                    said = form.binds[nodeset].columns.get("sensitivity", "general")
                    if said != "general":
                        self._classes[place.dataset, name] = said
        found = read_entities(self._store, self._form_of)
        towns = {name: each.properties.get(PLACE, "") for name, each in found.get(PERSON, {}).items()}
        for dataset, entities in found.items():
            if dataset not in self._forms:
                rows = [self._entity(each) for each in entities.values()]
                about = [_about(dataset, each, row, towns) for each, row in zip(entities.values(), rows, strict=True)]
                shown = {name for name in columns[dataset] if self._classes.get((dataset, name)) != "identity"}
                self._keep(dataset, shown, [{name: row.get(name, "") for name in shown} for row in rows], about)

    def _entity(self, entity: Entity) -> Row:
        days = {"_since": entity.since, "_changed": entity.changed}
        return {
            **entity.properties, "name": entity.id, "label": entity.label,
            **{name: moment.astimezone(self._zone).date().isoformat() for name, moment in days.items()},
        }  # fmt: skip


def _about(dataset: str, entity: Entity, row: Row, towns: Mapping[str, str]) -> About:
    """Whose an entity is. One without a municipality of its own is where its person is."""
    only = next(iter(entity.people)) if len(entity.people) == 1 else ""
    person = entity.id if dataset == PERSON else row.get(PERSON) or only
    town = row.get(PLACE) or towns.get(person, "")
    return About(entity.id, person, town, next(filter(None, map(row.get, NUMBERS)), ""))


def _shown(table: Table) -> Iterator[Column]:
    return (each for each in table.columns if each.bind.columns.get("sensitivity") != "identity")


def _cells(table: Table, record: Record) -> Row:
    """The answers that are there; a question without one has no cell."""
    return {
        column.name: value
        for column in _shown(table)
        if isinstance(value := record.get(column.nodeset, ""), str) and value
    }


def read_choices(directory: Path) -> dict[str, list[Row]]:
    """The choice lists of a study with all their columns. StudyError for one that cannot be read."""
    found = {}
    for path in sorted((directory / "lists").glob("*.csv")):
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                found[path.stem] = [
                    {name: value or "" for name, value in row.items() if name}
                    for row in csv.DictReader(file, strict=True)
                ]
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise StudyError("rules.list_unreadable", file=path.name) from error
    return found
