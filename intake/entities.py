"""People, goals, flats, … across forms: ODK Entities as a projection of the records, never stored by itself.

    entities = read_entities(store, form_of)                   {"person": {"P-000001": Entity(…)}, "ziel": {…}}
    entities = read_entities(store, form_of, person="P-000001")   only what this person's records say, and registers
    Instance(form, now=now, instances=entity_lists(form, entities, person="P-000001"))
    last_state(form, entities, {"/data/person": "P-000001"})   {"/data/deutsch": Last("B1", date(2022, 3, 12))}

A form declares a data set on its sheet `entities`; a question goes into a property by `save_to`. Records are told in
the order in which their interviews ended, those that ended together in the order of the store. Of each only the last
version counts, in the place of the first: a correction replaces what the wrong version said. An answer that is empty or
was not asked says nothing of a property (ODK Central empties it). Updates of what no record creates are left out.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from intake.record import xml_from_record
from intake.saying import ENTITY, PERSON, Declared, Said, text_of
from intake.store import Store
from intake.store.restriction import left_out
from intake.store.rows import opened as put_together
from intake.submission import Record
from validation.errors import StoreError
from validation.form import Form
from validation.instance import Instance
from validation.reading import file_name
from validation.xpath.values import Value, to_string

FormOf = Callable[[str], Form]
Entities = Mapping[str, Mapping[str, "Entity"]]
"""{data set: {id: entity}}; a data set that was read and has no entities is there, empty."""


@dataclass(frozen=True, slots=True)
class Entity:
    """What the records say of one person, goal, flat, …

    `properties` are texts as answered, '' where nobody said anything; what a login may not open is not there. `since`
    is when the interview ended that created it, `changed` the last one that said something of it. `origin` names, for
    each property that has a value, the submission that said it last and when that ended. `people` are the persons whose
    records say something of it, empty where it was created by a record about nobody (a register).
    """

    dataset: str
    id: str
    label: str
    properties: Mapping[str, str] = field(hash=False)
    since: dt.datetime
    changed: dt.datetime
    origin: Mapping[str, tuple[str, dt.datetime]] = field(hash=False)
    people: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Last:
    """The present value of a question's property, and the day on which it was said."""

    value: str
    on: dt.date


# --- the projection


@dataclass(frozen=True, slots=True)
class _Told:
    """A record with its place in the order: when its first version ended, and which number that was in the store."""

    first: dt.datetime
    number: int
    last: dt.datetime
    submission: str
    subject: str
    said: tuple[Said, ...]


def read_entities(
    store: Store,
    form_of: FormOf,
    *,
    datasets: Collection[str] | None = None,
    until: dt.datetime | None = None,
    municipality: str | None = None,
    person: str | None = None,
) -> dict[str, dict[str, Entity]]:
    """The entities as far as this login may open them: {data set: {id: entity}}, in the order of their creation.

    `form_of` gives the published form of a hash. `datasets` are those that are asked for, None all. `until` leaves out
    what ended later, `municipality` what other towns recorded. With `person` only this person's records are read, and
    those of registers. Erased persons are gone; whose processing is restricted is left out, but for `person`.
    StoreError as the store.
    """
    found, _ = read_with_lost(store, form_of, datasets=datasets, until=until, municipality=municipality, person=person)
    return found


def read_with_lost(
    store: Store,
    form_of: FormOf,
    *,
    datasets: Collection[str] | None = None,
    until: dt.datetime | None = None,
    municipality: str | None = None,
    person: str | None = None,
) -> tuple[dict[str, dict[str, Entity]], dict[str, int]]:
    """As `read_entities`, with how many records of each data set change what no record created."""
    forms = _declaring(store, form_of, datasets)
    found: dict[str, dict[str, Entity]] = {
        name: {} for known in forms.values() for name in sorted(known.datasets) if datasets is None or name in datasets
    }
    told = _Records(store, forms).told(person, municipality)
    kept = [each for each in told if until is None or each.first <= until]
    lost: Counter[str] = Counter()
    for entity in _projected(sorted(kept, key=lambda each: (each.first, each.number)), lost):
        if entity.dataset in found:
            found[entity.dataset][entity.id] = entity
    return found, {name: count for name, count in lost.items() if name in found}


def _declaring(store: Store, form_of: FormOf, datasets: Collection[str] | None) -> dict[str, Declared]:
    """The published forms that declare one of the data sets, by hash."""
    made = {each.hash: Declared(form_of(each.hash)) for each in store.forms() if "<entity" in each.xform}
    return {
        name: known for name, known in made.items()
        if known.datasets and (datasets is None or not known.datasets.isdisjoint(datasets))
    }  # fmt: skip


class _Records:
    """The latest versions of the records that may say something of entities."""

    def __init__(self, store: Store, forms: Mapping[str, Declared]) -> None:
        self._store = store
        self._forms = forms
        self._numbers: dict[str, int] = {}
        self._subjects: dict[str, list[str]] = {}
        for event in store.events(kinds=["submission"]):
            self._numbers.setdefault(event.submission, event.number)
            ids = self._subjects.setdefault(event.subject, [])
            if event.submission not in ids:
                ids.append(event.submission)

    def told(self, person: str | None, municipality: str | None) -> Iterator[_Told]:
        ids = {each.form.id: each.is_about_people for each in self._forms.values()}
        whole = [name for name, about_people in ids.items() if person is None or not about_people]
        gone = left_out(self._store) if person is None else frozenset[str]()
        for form_id in whole:
            for record in self._store.opened(form_id):
                plain = record.plain
                if plain.submission in gone or municipality not in (None, plain.municipality):
                    continue
                if plain.form_hash in self._forms:
                    try:
                        envelope, answers = put_together(record.parts.values())
                        ended = dt.datetime.fromisoformat(envelope.get("ended", plain.received))
                    except (ValueError, KeyError, TypeError, AttributeError) as error:
                        raise StoreError("store.damaged", path=self._store.id) from error
                    first = ended if plain.version == 1 else self._store.history(plain.submission)[0].ended
                    yield self._one(plain.submission, plain.form_hash, record.subject, answers, first, ended)
        if person is not None:
            yield from self._of(person, municipality)

    def _of(self, person: str, municipality: str | None) -> Iterator[_Told]:
        subject = self._store.subject_of(person)
        for submission in self._subjects.get(subject or "", ()):
            versions = self._store.history(submission)
            first, latest = versions[0], versions[-1]
            known = self._forms.get(latest.form_hash)
            here = latest.subject == person and municipality in (None, latest.municipality)
            if here and known is not None and known.is_about_people:
                yield self._one(latest.id, latest.form_hash, person, latest.record, first.ended, latest.ended)

    def _one(
        self, submission: str, form: str, subject: str, record: Record, first: dt.datetime, last: dt.datetime
    ) -> _Told:
        said = tuple(self._forms[form].said(record, subject))
        return _Told(first, self._numbers.get(submission, 0), last, submission, subject, said)


def _projected(told: Iterable[_Told], lost: Counter[str]) -> Iterator[Entity]:
    """The entities that records in their order speak of, in the order in which they were created. In `lost` is counted
    what is said of others."""
    spoken: dict[tuple[str, str], list[tuple[_Told, Said]]] = {}
    personal: set[str] = set()
    for record in told:
        for said in record.said:
            spoken.setdefault((said.dataset, said.id), []).append((record, said))
            if said.is_subject:
                personal.add(said.dataset)
    created = {key: min(at for at, (_, said) in enumerate(lines) if said.creates)
               for key, lines in spoken.items() if any(said.creates for _, said in lines)}  # fmt: skip
    for key in spoken.keys() - created.keys():
        lost[key[0]] += len(spoken[key])
    order = sorted(created, key=lambda key: (spoken[key][created[key]][0].first, spoken[key][created[key]][0].number))
    for dataset, name in order:
        lines = spoken[dataset, name]
        if dataset not in personal or any(said.is_subject for _, said in lines):  # else erased: others named them
            yield _entity(dataset, name, lines)


def _entity(dataset: str, name: str, lines: list[tuple[_Told, Said]]) -> Entity:
    """What its lines say; what only creates comes first, whatever the clocks said."""
    lines = sorted(lines, key=lambda line: not line[1].creates or line[1].updates)
    label = ""
    properties: dict[str, str] = {}
    origin: dict[str, tuple[str, dt.datetime]] = {}
    for record, said in lines:
        label = said.label or label
        for key, text in said.properties.items():
            if text:
                properties[key], origin[key] = text, (record.submission, record.first)
            else:
                properties.setdefault(key, "")
    creating = [record for record, said in lines if said.creates]
    people = frozenset(record.subject for record, _ in lines if record.subject)
    return Entity(
        dataset, name, label, properties, min(record.first for record in creating),
        max(record.last for record, _ in lines), origin,
        people if all(record.subject for record in creating) else frozenset(),
    )  # fmt: skip


# --- what a form is given


def entity_lists(form: Form, entities: Entities, *, person: str | None = None) -> dict[str, str]:
    """{instance id: CSV} of the lists that a form reads, as `Instance(instances=…)` takes them: columns name (the id),
    label and the properties. Lists that were not read are not there.

    With `person`, of what belongs to people (created by a record about somebody, or with a property `person`) only
    what belongs to this one; of registers everything.
    """
    found = {}
    for instance, source in form.external.items():
        dataset = file_name(source).removesuffix(".csv")
        if dataset in entities:
            kept = [each for each in entities[dataset].values() if person is None or _belongs(each, person)]
            found[instance] = _csv(kept)
    return found


def _belongs(entity: Entity, person: str) -> bool:
    named = entity.properties.get(PERSON)
    if not entity.people and not named:
        return True
    return person in (entity.id, named) or person in entity.people


def _csv(entities: Iterable[Entity]) -> str:
    rows = [{"name": each.id, "label": each.label, **each.properties} for each in entities]
    heads = dict.fromkeys(("name", "label", *(name for row in rows for name in row)))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(heads), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def last_state(form: Form, entities: Entities, answers: Mapping[str, str]) -> dict[str, Last]:
    """{path of a question: present value of its property}, for what a form would save to entities that exist.

    `answers` are those that are known, by path ('/data/person', '/data/ziel[2]/id'); among them may be the ids
    themselves ('/data/meta/entity/@id'), else they are computed. Questions without a value are not there.
    """
    known = Declared(form)
    record = _nested(form, answers)
    found: dict[str, Last] = {}
    live: Instance | None = None
    for place in known.places:
        for above, entry in place.entries(record):
            about = _below(place.nodeset, place.repeats, above)
            name = text_of(entry, f"{place.nodeset}{ENTITY}/@id")
            bind = form.binds.get(f"{place.nodeset}{ENTITY}/@id")
            if not name and bind is not None and bind.calculate is not None:
                live = live or Instance(form, now=dt.datetime.now(dt.UTC), xml=xml_from_record(record, form))
                name = to_string(cast("Value", live.evaluate(bind.calculate, f"{about}{ENTITY}/@id")))
            entity = entities.get(place.dataset, {}).get(name)
            for nodeset, key in place.properties.items() if entity is not None else ():
                if entity is not None and key in entity.origin:
                    path = _below(nodeset, place.repeats, above)
                    found[path] = Last(entity.properties[key], entity.origin[key][1].date())
    return found


def _below(nodeset: str, repeats: tuple[str, ...], above: str) -> str:
    """A nodeset with the positions of the entry it is in."""
    return above + nodeset.removeprefix(repeats[-1]) if repeats else nodeset


def _nested(form: Form, answers: Mapping[str, str]) -> Record:
    """Answers by path as a record."""
    record: Record = {}
    for path, text in answers.items():
        level, nodeset = record, ""
        for step in path.strip("/").split("/"):
            name, _, place = step.partition("[")
            nodeset = f"{nodeset}/{name}"
            if nodeset in form.repeats:
                entries = level.setdefault(nodeset, [])
                number = int(place.rstrip("]") or 1)
                if isinstance(entries, list):
                    entries.extend({} for _ in range(number - len(entries)))
                    level = entries[number - 1]
        if nodeset not in form.repeats:
            level[nodeset] = text
    return record
