"""What one record says of entities (ODK Entities: `meta/entity`, `entities:saveto`), and where its form says so."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from intake.submission import Record, answer_named
from validation.form import Form
from validation.reading import ENTITIES, clark, declared
from validation.xpath.parser import references
from validation.xpath.syntax import Path

PERSON = "person"
ENTITY = "/meta/entity"
_SAVE_TO = clark(ENTITIES, "saveto")
_YES = ("1", "true")


@dataclass(frozen=True, slots=True)
class Said:
    """What a record says of one entity. `properties` hold the answers that are there, also empty ones; `is_subject`:
    it is the person whom the record is about."""

    dataset: str
    id: str
    creates: bool
    updates: bool
    label: str
    properties: Mapping[str, str]
    is_subject: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a form speaks of an entity: the nodeset of the form, group or repeat that holds `meta/entity`, the repeats
    down to there, and which question goes into which property."""

    nodeset: str
    dataset: str
    repeats: tuple[str, ...]
    properties: Mapping[str, str]
    is_subject: bool

    def entries(self, record: Record) -> Iterator[tuple[str, Record]]:
        """The entries of a record in which the place is, each with the path of the innermost repeat ('' where none)."""
        found: list[tuple[str, str, Record]] = [("", "", record)]
        for repeat in self.repeats:
            found = [
                (repeat, f"{above}{repeat.removeprefix(last)}[{number}]", entry)
                for last, above, level in found
                if isinstance(entries := level.get(repeat), list)
                for number, entry in enumerate(entries, start=1)
            ]
        yield from ((above, level) for _, above, level in found)

    def said(self, entry: Record, subject: str = "") -> Said | None:
        """What an entry says; None where it names no entity. `subject` stands for an id that this login cannot open."""
        about = f"{self.nodeset}{ENTITY}"
        name = text_of(entry, f"{about}/@id")
        if not name and self.is_subject and f"{about}/@id" not in entry:
            name = subject
        creates, updates = (text_of(entry, f"{about}/@{act}") in _YES for act in ("create", "update"))
        if not name or not (creates or updates):
            return None
        answers = {name: text_of(entry, nodeset) for nodeset, name in self.properties.items() if nodeset in entry}
        return Said(self.dataset, name, creates, updates, text_of(entry, f"{about}/label"), answers, self.is_subject)


class Declared:
    """What a form declares of entities. Made once per form."""

    def __init__(self, form: Form) -> None:
        tops = [("", form.template), *form.repeat_templates.items()]
        places: dict[str, str] = {}
        for above, top in tops:
            for node, dataset in declared(top):
                nodeset = above + node.nodeset().removeprefix(f"/{top.qualified}" if above else "")
                places.setdefault(nodeset.removesuffix(ENTITY), dataset)
        saved: dict[str, dict[str, str]] = {place: {} for place in places}
        for nodeset, bind in form.binds.items():
            inside = [place for place in places if nodeset.startswith(f"{place}/")]
            if _SAVE_TO in bind.attributes and inside:
                saved[max(inside, key=len)][nodeset] = bind.attributes[_SAVE_TO]
        self.form = form
        self.places = tuple(
            Place(place, dataset, repeats_around(form, place), saved[place], _is_subject(form, place))
            for place, dataset in places.items()
        )
        self.datasets = frozenset(places.values())
        self.is_about_people = any(
            nodeset.rpartition("/")[2] == PERSON and not repeats_around(form, nodeset) for nodeset in form.binds
        )

    def said(self, record: Record, subject: str = "") -> Iterator[Said]:
        """What a record says of entities."""
        for place in self.places:
            for _, entry in place.entries(record):
                if (said := place.said(entry, subject)) is not None:
                    yield said


def properties_of(forms: Iterable[Form]) -> dict[str, tuple[str, ...]]:
    """{data set: its properties} of everything that forms declare, in their order."""
    found: dict[str, dict[str, None]] = {}
    for form in forms:
        for place in Declared(form).places:
            found.setdefault(place.dataset, {}).update(dict.fromkeys(place.properties.values()))
    return {dataset: tuple(names) for dataset, names in found.items()}


def id_questions(form: Form) -> frozenset[str]:
    """The questions whose answer alone is the id of an entity."""
    found: set[str] = set()
    for nodeset, bind in form.binds.items():
        if nodeset.endswith(f"{ENTITY}/@id") and bind.calculate is not None and isinstance(bind.calculate.tree, Path):
            found |= references(bind.calculate, nodeset)
    return frozenset(found)


def with_ids(record: Record, known: Record, form: Form) -> Record:
    """A record that came without the ids of what it created (tables have no columns for them) with those that `known`,
    what is stored of it, has: entries with the same label first, then those in the same place. Others get an id that
    follows from the record's."""
    made = copy.deepcopy(record)
    for place in Declared(form).places:
        about = f"{place.nodeset}{ENTITY}"
        bind = form.binds.get(f"{about}/@id")
        if bind is None or bind.calculate is not None:
            continue
        before = [entry for _, entry in place.entries(known) if text_of(entry, f"{about}/@id")]
        wanting = [entry for _, entry in place.entries(made) if entry.get(f"{about}/@id") == ""]
        for entry in wanting[:]:
            label = text_of(entry, f"{about}/label")
            same = next((at for at, each in enumerate(before) if text_of(each, f"{about}/label") == label), None)
            if same is not None:
                entry[f"{about}/@id"] = before.pop(same)[f"{about}/@id"]
                wanting = [each for each in wanting if each is not entry]
        for number, entry in enumerate(wanting):
            seed = f"{answer_named(record, 'instanceID')}{about}[{number}]"
            fresh = str(uuid.uuid5(uuid.NAMESPACE_URL, seed))
            entry[f"{about}/@id"] = before[number][f"{about}/@id"] if len(before) == len(wanting) else fresh
    return made


def repeats_around(form: Form, nodeset: str) -> tuple[str, ...]:
    """The repeats in which a nodeset lies, the outermost first."""
    inside = (repeat for repeat in form.repeats if nodeset == repeat or nodeset.startswith(f"{repeat}/"))
    return tuple(sorted(inside, key=len))


def _is_subject(form: Form, place: str) -> bool:
    """Whether the id is the pseudonym of whom the record is about, and nothing else."""
    bind = form.binds.get(f"{place}{ENTITY}/@id")
    if (
        bind is None
        or bind.calculate is None
        or repeats_around(form, place)
        or not isinstance(bind.calculate.tree, Path)
    ):
        return False
    return bind.calculate.source.strip().rpartition("/")[2] == PERSON


def text_of(record: Record, key: str) -> str:
    """The text of an answer; '' where there is none."""
    value = record.get(key, "")
    return value if isinstance(value, str) else ""
