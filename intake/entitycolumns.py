"""Which rows of the tables speak of which person, goal or child, and which of their columns are later answers to what.

Beside the questions of a row that says something of an entity (`intake.saying`) stand, where somebody asks for it,

    _entity     the id of that entity, NA where the row says nothing of one
    _creates    whether the row creates it, else it only changes it

in the root table for the record itself, in a repeat's table for its entry, and as `<group>-_entity` for a group. They
are no questions: exports do not ask for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from intake.renames import renamed
from intake.saying import Declared, Place
from intake.submission import Submission
from intake.versions import Merged
from validation.form import Form
from validation.layout import KEY, RESERVED, Table, column_name

ENTITY, CREATES = "_entity", "_creates"


@dataclass(frozen=True, slots=True)
class Saved:
    """A place where the tables of a form speak of entities of a data set: the columns with the id and with whether it
    is created, and which column goes into which property. `is_subject`: it is the person whom the record is about."""

    form: str
    table: str
    dataset: str
    entity: str
    creates: str
    properties: Mapping[str, str]
    is_subject: bool
    is_root: bool


def saved(merged: Merged, versions: Sequence[Form], renames: Mapping[str, str]) -> tuple[Saved, ...]:
    """What the merged tables of a form's versions, newest first, say of entities; each place once."""
    found: dict[str, Saved] = {}
    for form in versions:
        for place in Declared(form).places:
            table = _table(merged, place, renames)
            if table is None:
                continue
            columns = {column.nodeset: column.name for column in table.columns}
            named = {renamed(nodeset, renames): name for nodeset, name in place.properties.items()}
            nodeset = renamed(place.nodeset, renames)
            older = found[nodeset].properties if nodeset in found else {}
            told = {columns[each]: name for each, name in named.items() if each in columns}
            found[nodeset] = Saved(
                form.id, table.name, place.dataset, *_columns(table, nodeset), {**told, **older},
                place.is_subject, table.parent is None,
            )  # fmt: skip
    return tuple(found.values())


def with_entities(
    made: dict[str, pd.DataFrame], merged: Merged, versions: Sequence[Form], submissions: Iterable[Submission],
    renames: Mapping[str, str],
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Tables with the entities their rows speak of."""
    known = {form.hash: Declared(form) for form in versions}
    ids: dict[tuple[str, str], dict[str, str]] = {}
    creates: dict[tuple[str, str], dict[str, bool]] = {}
    for form in versions:
        for place in known[form.hash].places:
            if (table := _table(merged, place, renames)) is not None:
                at = (table.name, renamed(place.nodeset, renames))
                ids.setdefault(at, {})
                creates.setdefault(at, {})
    for each in submissions:
        for place in known[each.form_hash].places if each.form_hash in known else ():
            table = _table(merged, place, renames)
            for above, entry in place.entries(each.record):
                said = place.said(entry, each.subject)
                if said is not None and table is not None:
                    at, key = (table.name, renamed(place.nodeset, renames)), each.id + _below(above)
                    ids[at][key], creates[at][key] = said.id, said.creates
    for (name, nodeset), told in ids.items():
        frame = made[name]
        entity, creating = _columns(merged.tables[name], nodeset)
        keys = frame[KEY].to_list()
        frame[entity] = pd.Series([told.get(key) for key in keys], dtype=pd.StringDtype("pyarrow"), index=frame.index)
        acts = creates[name, nodeset]
        frame[creating] = pd.Series([acts.get(key) for key in keys], dtype="boolean", index=frame.index)
    return made


def _table(merged: Merged, place: Place, renames: Mapping[str, str]) -> Table | None:
    """The table whose rows are the entries in which a place is."""
    inner = renamed(place.repeats[-1], renames) if place.repeats else None
    return next(
        (each for each in merged.tables.values() if (each.parent is None if inner is None else each.nodeset == inner)),
        None,
    )


def _columns(table: Table, nodeset: str) -> tuple[str, str]:
    taken = {*RESERVED, *(column.name for column in table.columns)}
    above = nodeset if nodeset.startswith(table.nodeset) else table.nodeset
    return column_name(f"{above}/{ENTITY}", table.nodeset, taken), column_name(
        f"{above}/{CREATES}", table.nodeset, taken
    )


def _below(above: str) -> str:
    """What the key of an entry adds to that of its record: '/ziele/ziel[2]' of '/data/ziele/ziel[2]'."""
    return above.removeprefix(f"/{above.split('/')[1]}") if above else ""
