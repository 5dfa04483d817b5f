"""A record, divided by class of sensitivity and put together again. What a login cannot open is simply not there.

The class of an answer is its question's (`sensitivity`); a choice with a stricter class of its own raises the answer.
A calculation without a class takes the strictest of what it reads. What the form does not know counts as identity.
So does a pseudonym (the questions `person` and `fallnummer`), whatever the form calls it: colleagues read it on screen,
but whoever may see only what is general sees each person under a random key instead.
An attachment has the class of the question that names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from intake.store.ring import CLASSES
from intake.submission import Record, RecordValue
from validation.errors import DataError
from validation.form import Control, Form
from validation.tree import Node

_RANK = {name: rank for rank, name in enumerate(reversed(CLASSES))}
_UNKNOWN = "identity"
_PSEUDONYMS = ("person", "fallnummer")


class Division:
    """How the records of one form are divided. Made once per form; holds no answer."""

    def __init__(self, form: Form) -> None:
        self._root = next(form.template.elements()).name
        self._classes = _of_questions(form)
        self._raised = {control.nodeset: raised for control in form.controls() if (raised := _raised(form, control))}
        self._fixed = {nodeset: name for nodeset, name in self._classes.items() if nodeset not in self._raised}

    def class_of(self, nodeset: str, answer: str = "") -> str:
        """The class of an answer to a question (record keys and nodesets are the same)."""
        name = self._classes.get(nodeset)
        if name is None:
            name = self._beside(nodeset)
        raised = self._raised.get(nodeset)
        if not raised or not answer:
            return name
        stricter = [raised[value] for value in answer.split() if value in raised]
        return strictest((name, *stricter)) if stricter else name

    @property
    def classes(self) -> frozenset[str]:
        """Every class that an answer to a question of the form may have."""
        raised = (name for values in self._raised.values() for name in values.values())
        return frozenset((*self._classes.values(), *raised))

    def split(self, record: Record) -> dict[str, Record]:
        """The parts of a record by class, without those that are empty. Repeats are in every part with all their
        entries where any entry of theirs has something of the class; a record of nothing is a 'general' part."""
        parts: dict[str, Record] = {}
        fixed = self._fixed
        for key, value in record.items():
            if isinstance(value, str):
                name = fixed.get(key) or self.class_of(key, value)
                part = parts.get(name)
                if part is None:
                    parts[name] = {key: value}
                else:
                    part[key] = value
                continue
            entries = [self.split(entry) if entry else {} for entry in value]
            names = {name for entry in entries for name in entry} or {self.class_of(key)}
            for name in names:
                parts.setdefault(name, {})[key] = [entry.get(name, {}) for entry in entries]
        return parts or {"general": {}}

    def raised(self, name: str, record: Record) -> dict[str, Record]:
        """The parts of what lies in class `name` by another form, where this one calls it stricter; what this form does
        not know stays where it lies."""
        parts: dict[str, Record] = {}
        for key, value in record.items():
            if isinstance(value, str):
                own = self.class_of(key, value) if key in self._classes else name
                parts.setdefault(strictest((name, own)), {})[key] = value
                continue
            entries = [self.raised(name, entry) if entry else {} for entry in value]
            for target in {each for entry in entries for each in entry} or {name}:
                parts.setdefault(target, {})[key] = [entry.get(target, {}) for entry in entries]
        return parts or {name: {}}

    def attachments(self, record: Record) -> dict[str, str]:
        """{file name: class} of every answer, for finding the class of a file that is named; the strictest wins."""
        found: dict[str, str] = {}
        for key, text in answers(record):
            name = self.class_of(key, text)
            found[text] = strictest((name, found[text])) if text in found else name
        return found

    def _beside(self, key: str) -> str:
        """The class of what is no question: attributes and order of what is known, the rest is unknown."""
        place, _, last = key.rpartition("/")
        if last == "order()" or last.startswith("@"):
            return self._classes.get(place, "general" if place == f"/{self._root}" else _UNKNOWN)
        return _UNKNOWN


def merged(parts: Iterable[Record]) -> Record:
    """The record of the parts that could be opened; the inverse of `split`. DataError when they do not fit."""
    whole: Record = {}
    for part in parts:
        if whole.keys().isdisjoint(part):  # as most are; the rest of this takes ten times as long
            whole.update(part)
            continue
        for key, value in part.items():
            whole[key] = _joined(key, whole[key], value) if key in whole else value
    return whole


def _joined(key: str, first: RecordValue, second: RecordValue) -> RecordValue:
    if isinstance(first, str) or isinstance(second, str) or len(first) != len(second):
        raise DataError("store.parts_differ", key=key)
    return [merged(pair) for pair in zip(first, second, strict=True)]


def _of_questions(form: Form) -> dict[str, str]:
    """The class of every nodeset of the form: its own, that of what it is calculated from, or general."""
    own = {nodeset: bind.columns.get("sensitivity", "") for nodeset, bind in form.binds.items()}
    reads: dict[str, set[str]] = {}
    for read, triggers in form.graph.triggers.items():
        for trigger in triggers:
            item = form.graph.computations[trigger.number]
            if item.kind == "calculate" and not own.get(item.nodeset):
                reads.setdefault(item.nodeset, set()).add(read)
    found = {nodeset: own.get(nodeset) or "general" for nodeset in (*form.order, *own)}
    found |= {nodeset: "identity" for nodeset in form.binds if nodeset.rsplit("/", 1)[-1] in _PSEUDONYMS}
    raised = {control.nodeset: _raised(form, control) for control in form.controls()}
    strict = {nodeset: strictest((name, *raised.get(nodeset, {}).values())) for nodeset, name in found.items()}
    changed = True
    while changed:  # calculations have no cycles, so this ends after as many rounds as they are deep
        changed = False
        for nodeset, sources in reads.items():
            name = strictest((found.get(nodeset, "general"), *(strict.get(source, "general") for source in sources)))
            if found.get(nodeset) != name:
                found[nodeset] = strict[nodeset] = name
                changed = True
    return found


def _raised(form: Form, control: Control) -> dict[str, str]:
    """{value: class} of the choices that have one (`sensitivity`), whatever list the question takes them from."""
    if control.itemset is None:
        return {}
    path = str(control.itemset.nodeset)
    found: dict[str, str] = {}
    for name, document in form.instances.items():
        if f"'{name}'" in path or f'"{name}"' in path:
            for item in _items(document):
                texts = {child.name: child.value for child in item.elements()}
                if texts.get("sensitivity") in _RANK:
                    found[texts.get(control.itemset.value, "")] = texts["sensitivity"]
    return found


def _items(document: Node) -> Iterator[Node]:
    for root in document.elements():
        yield from root.elements()


def answers(record: Mapping[str, RecordValue]) -> Iterator[tuple[str, str]]:
    """Key and text of every answer of a record, those in repeats included."""
    for key, value in record.items():
        if isinstance(value, str):
            yield key, value
        else:
            for entry in value:
                yield from answers(entry)


def strictest(names: Iterable[str]) -> str:
    """The strictest of these classes."""
    return max(names, key=_RANK.__getitem__)
