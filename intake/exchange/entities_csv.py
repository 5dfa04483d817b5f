"""Entities (people, flats, …) that forms declare, as the CSV that ODK Central takes for an entity list.

    documents(forms, submissions)         {"personen.csv": "__id,label,…"}

A form that creates entities says so in its XForm (`meta/entity`, `entities:saveto`). Submissions are read in the order
of their receipt: one that creates adds a row, one that updates changes the properties it has an answer to (an empty one
empties it), as Central does. An update of what nothing created is left out and told. Texts are guarded against formulas
(`guard.py`) unless the caller turns it off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from intake.exchange.central_csv import Cells, safe, written
from intake.exchange.extract import Note
from intake.exchange.guard import guarded
from intake.submission import Record, Submission
from validation.form import Form

ID, LABEL = "__id", "label"
_ENTITY = "/meta/entity"
_SAVE_TO = "{http://www.opendatakit.org/xforms/entities}saveto"
_YES = ("1", "true")


@dataclass(frozen=True, slots=True)
class _Said:
    """What a record says of one entity."""

    dataset: str
    id: str
    creates: bool
    label: str
    properties: Mapping[str, str]


def declares(form: Form) -> bool:
    """Whether a form makes or changes entities."""
    return any(_SAVE_TO in bind.attributes for bind in form.binds.values()) or any(
        node.name == "entity" and "dataset" in node.attributes
        for top in (form.template, *form.repeat_templates.values())
        for node in top.descendants()
        if node.kind == "element"
    )


def documents(
    forms: Iterable[Form], submissions: Iterable[Submission], *, guard: bool = True
) -> tuple[dict[str, str], list[Note]]:
    """({file name: content} a data set, notes). `forms` are all versions, `submissions` the latest version of each
    record in the order of receipt."""
    known = {form.hash: form for form in forms}
    rows: dict[str, dict[str, dict[str, str]]] = {}
    heads: dict[str, dict[str, None]] = {}
    lost: dict[str, int] = {}
    for form in known.values():
        for dataset, names in _properties(form):
            heads.setdefault(dataset, {}).update(dict.fromkeys(names))
            rows.setdefault(dataset, {})
    for submission in submissions:
        for said in _entities(submission.record, known[submission.form_hash]):
            entities = rows.setdefault(said.dataset, {})
            heads.setdefault(said.dataset, {}).update(dict.fromkeys(said.properties))
            if not said.creates and said.id not in entities:
                lost[said.dataset] = lost.get(said.dataset, 0) + 1
                continue
            row = entities.setdefault(said.id, {})
            row |= {**said.properties, **({LABEL: said.label} if said.label else {})}
    sign = guarded if guard else str
    made = {}
    for dataset, entities in rows.items():
        columns = [Cells(ID, list(entities))]
        columns += [
            Cells(name, [sign(row.get(name, "")) for row in entities.values()]) for name in (LABEL, *heads[dataset])
        ]
        made[f"{safe(dataset)}.csv"] = written(columns)
    notes = [Note("export.entity_lost", {"dataset": name, "count": str(count)}) for name, count in lost.items()]
    return made, notes


def _properties(form: Form) -> Iterator[tuple[str, list[str]]]:
    """The data sets of a form with their properties."""
    for top in (form.template, *form.repeat_templates.values()):
        for node in top.descendants():
            if node.kind == "element" and node.name == "entity" and "dataset" in node.attributes:
                place = node.nodeset().removesuffix(_ENTITY)
                names = [bind.attributes[_SAVE_TO] for nodeset, bind in form.binds.items()
                         if _SAVE_TO in bind.attributes and nodeset.startswith(f"{place}/")]  # fmt: skip
                yield node.attributes["dataset"], names


def _entities(record: Record, form: Form) -> Iterator[_Said]:
    """What a record, and each entry of its repeats, says of entities."""
    places = [key.removesuffix(f"{_ENTITY}/@dataset") for key in record if key.endswith(f"{_ENTITY}/@dataset")]
    for place in places:
        about = f"{place}{_ENTITY}"
        name, creates, updates = (_text(record, f"{about}/@{part}") for part in ("id", "create", "update"))
        if name and (creates in _YES or updates in _YES):
            properties = {
                bind.attributes[_SAVE_TO]: _text(record, nodeset)
                for nodeset, bind in form.binds.items()
                if _SAVE_TO in bind.attributes and nodeset in record and nodeset.startswith(f"{place}/")
            }
            dataset, label = _text(record, f"{about}/@dataset"), _text(record, f"{about}/label")
            yield _Said(dataset, name, creates in _YES, label, properties)
    for value in record.values():
        if isinstance(value, list):
            for entry in value:
                yield from _entities(entry, form)


def _text(record: Record, key: str) -> str:
    value = record.get(key, "")
    return value if isinstance(value, str) else ""
