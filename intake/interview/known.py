"""What a form is opened with: the lists of entities it reads, and what was known before of whom or what it is about.

Both are read from the records as they were when the interview began (`intake.entities`, `until`), so that one that is
continued tomorrow reads the same, and nothing of them is kept a second time. Of people, only what belongs to the person
whom a draft is about when it is opened is read, so that a pseudonym typed later shows nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from intake.entities import Entities, Last, entity_lists, last_state, read_entities
from intake.interview.cases import PERSON
from intake.interview.drafts import answered
from intake.interview.followup import LastState
from intake.saying import Declared
from intake.store import Draft, Op, Store
from intake.submission import answer_named
from validation.errors import AnswerError
from validation.form import Form
from validation.instance import Instance
from validation.reading import file_name

_ID = "/meta/entity/@id"
_NOBODY = "-"  # an entry without an id: said, so that it is not computed a second time


@dataclass(frozen=True, slots=True)
class Known:
    """`lists` {instance id: CSV}; `last` is None where the form saves to no entity."""

    lists: Mapping[str, str] = field(default_factory=dict)
    last: LastState | None = None


def known_of(store: Store, form_of: Callable[[str], Form], form: Form, person: str, began: datetime) -> Known:
    """What was known when an interview about a person ('' for nobody) began. StoreError as the store."""
    declared = Declared(form)
    read = {file_name(source).removesuffix(".csv") for source in form.external.values()}
    wanted = declared.datasets | read
    if not wanted:
        return Known()
    entities = read_entities(store, form_of, datasets=wanted, until=began, person=person)
    last = _LastOf(form, declared, entities) if declared.datasets else None
    return Known(entity_lists(form, entities, person=person), last)


class _LastOf:
    """The answers of before of a record as it is: which entities it is about may change with each answer."""

    def __init__(self, form: Form, declared: Declared, entities: Entities) -> None:
        self._form = form
        self._places = [(place.nodeset, place.repeats) for place in declared.places]
        self._entities = entities
        self._ids: dict[str, str] = {}
        self._found: dict[str, Last] = {}

    def __call__(self, instance: Instance) -> Mapping[str, Last]:
        if not any(self._entities.values()):
            return {}
        ids = {f"{path}{_ID}": _value(instance, f"{path}{_ID}") or _NOBODY for path in self._paths(instance)}
        if ids != self._ids:
            self._ids, self._found = ids, last_state(self._form, self._entities, ids)
        return self._found

    def _paths(self, instance: Instance) -> list[str]:
        """Where the record speaks of entities now: once, or once in each entry of a repeat."""
        found = []
        for nodeset, repeats in self._places:
            above = [("", "")]
            for repeat in repeats:
                above = [(repeat, entry) for last, path in above
                         for entry in _entries(instance, path + repeat.removeprefix(last))]  # fmt: skip
            found += [path + nodeset.removeprefix(last) for last, path in above]
        return found


def subject_of(form: Form, draft: Draft, operations: Sequence[Op]) -> str:
    """The pseudonym of the person a draft is about, as it stands in its journal; '' where it has none yet."""
    given = answered([*operations])
    said = (text for path, text in given.items() if path.endswith(f"/{PERSON}") and "[" not in path)
    found = next(said, "")
    if found or not draft.xml:
        return found
    from intake.record import record_from_xml

    return answer_named(record_from_xml(draft.xml, form), PERSON)


def _entries(instance: Instance, path: str) -> list[str]:
    try:
        return instance.entries(path)
    except AnswerError:
        return []


def _value(instance: Instance, path: str) -> str:
    try:
        return instance.value(path)
    except AnswerError:
        return ""
