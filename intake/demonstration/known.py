"""What the records made so far say of a person: the state with which the next one opens, kept in memory.

The same as `intake.entities` reads from a store, one record after the other instead of all of them again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from intake.entities import Entity, entity_lists, last_state
from intake.how import with_how
from intake.saying import Declared, Said
from intake.simulation.walk import nodeset_of, questions
from intake.submission import Submission
from validation.form import Form
from validation.instance import Instance

OPEN = ("proposed", "agreed", "running", "partly", "adapted", "postponed")
"""States of a goal that is not done with."""

_ID = "/meta/entity/@id"
_NOBODY = "-"


@dataclass(slots=True)
class Known:
    """The entities that one person's records speak of: {data set: {id: entity}}, in the order of their creation."""

    entities: dict[str, dict[str, Entity]] = field(default_factory=dict)

    @property
    def state(self) -> Mapping[str, str]:
        """The properties of the person, as said last; empty where nothing was said."""
        return next((each.properties for each in self.entities.get("person", {}).values()), {})

    @property
    def open_goals(self) -> list[Entity]:
        """The goals a follow-up asks about, in its order."""
        goals = self.entities.get("ziel", {}).values()
        return [goal for goal in goals if goal.properties.get("stand") in OPEN]

    @property
    def children(self) -> list[Entity]:
        """The children a follow-up asks about, in its order."""
        return list(self.entities.get("kind", {}).values())

    def tell(self, said: Said, made: Submission) -> None:
        """Takes in what a record says of one entity; an answer that is empty says nothing."""
        here = self.entities.setdefault(said.dataset, {})
        spoken = {key: text for key, text in said.properties.items() if text}
        origin = dict.fromkeys(spoken, (made.id, made.ended))
        known = here.get(said.id)
        if known is None and said.creates:
            people = frozenset({made.subject}) if made.subject else frozenset[str]()
            properties = {**dict.fromkeys(said.properties, ""), **spoken}
            here[said.id] = Entity(
                said.dataset, said.id, said.label, properties, made.ended, made.ended, origin, people
            )
        elif known is not None:
            here[said.id] = replace(
                known, label=said.label or known.label, changed=made.ended,
                properties={**dict.fromkeys(said.properties, ""), **known.properties, **spoken},
                origin={**known.origin, **origin},
            )  # fmt: skip


class Memory:
    """Of each person, what is known; and what that means for a form that is opened."""

    def __init__(self, forms: Mapping[str, Form]) -> None:
        self._declared = {name: Declared(form) for name, form in forms.items()}
        self._people: dict[str, Known] = {}
        self._modes = {
            name: {nodeset: mode for nodeset, bind in form.binds.items() if (mode := bind.columns.get("follow_up"))}
            for name, form in forms.items()
        }

    def of(self, person: str) -> Known:
        """What is known of a person; of nobody ('') nothing."""
        return self._people.setdefault(person, Known()) if person else Known()

    def keep(self, made: Submission) -> None:
        """Takes in a record."""
        if made.subject:
            for said in self._declared[made.form_id].said(made.record, made.subject):
                self.of(made.subject).tell(said, made)

    def lists(self, form: Form, person: str) -> dict[str, str]:
        """The lists of entities with which a form about a person opens."""
        known = self.of(person).entities
        named = {dataset: known.get(dataset, {}) for dataset in ("person", "ziel", "kind", "haushalt")}
        return entity_lists(form, named, person=person)

    def marked(self, made: Submission, instance: Instance) -> Submission:
        """A record that says of its answers how they came about: confirmed, changed or new."""
        known = self.of(made.subject).entities
        if made.subject not in known.get("person", {}):
            return made
        ids = {}
        for place in self._declared[made.form_id].places:
            for above, _ in place.entries(made.record):
                path = above + place.nodeset.removeprefix(place.repeats[-1]) if place.repeats else place.nodeset
                ids[f"{path}{_ID}"] = instance.value(f"{path}{_ID}") or _NOBODY
        last = {path: each.value for path, each in last_state(instance.form, known, ids).items()}
        how = dict(_hows(instance, last, self._modes[made.form_id]))
        return replace(made, record=with_how(made.record, how, instance.form))


def _hows(instance: Instance, last: Mapping[str, str], modes: Mapping[str, str]) -> list[tuple[str, str]]:
    """(path, how) of what was asked and answered, as the screen finds it (`intake.interview.followup`)."""
    found = []
    for path, control in questions(instance):
        mode, value = modes.get(nodeset_of(path), ""), instance.value(path)
        if not value or not mode or path not in last:
            continue
        if mode == "independent":
            found.append((path, "new"))
        elif (control.kind == "select" and set(value.split()) == set(last[path].split())) or value == last[path]:
            if mode != "carry":
                found.append((path, "confirmed"))
        else:
            found.append((path, "changed"))
    return found
