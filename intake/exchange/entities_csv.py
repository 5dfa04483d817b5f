"""Entities (people, flats, …) that forms declare, as the CSV that ODK Central takes for an entity list.

    documents(forms, entities)            {"personen.csv": "__id,label,…"}

What there is of each entity says `intake.entities`; here it is only written, a property a column in the order of the
forms. Texts are guarded against formulas (`guard.py`) unless the caller turns it off.
"""

from __future__ import annotations

from collections.abc import Iterable

from intake.entities import Entities
from intake.exchange.central_csv import Cells, safe, written
from intake.exchange.guard import guarded
from intake.saying import properties_of
from validation.form import Form

ID, LABEL = "__id", "label"


def documents(forms: Iterable[Form], entities: Entities, *, guard: bool = True) -> dict[str, str]:
    """{file name: content} a data set that the forms (all versions) declare."""
    sign = guarded if guard else str
    made = {}
    for dataset, names in properties_of(forms).items():
        rows = list(entities.get(dataset, {}).values())
        heads = dict.fromkeys((*names, *(name for row in rows for name in row.properties)))
        columns = [Cells(ID, [row.id for row in rows]), Cells(LABEL, [sign(row.label) for row in rows])]
        columns += [Cells(name, [sign(row.properties.get(name, "")) for row in rows]) for name in heads]
        made[f"{safe(dataset)}.csv"] = written(columns)
    return made
