"""A correction whose record was changed by somebody else meanwhile: both versions side by side, and how to go on.

    ahead(form, draft, operations, versions, make)   what becomes of the draft's answers on the newer version
    rows(drawing, mine, theirs)                              the answers that differ, in words

What was answered in the draft is done again on top of the newer version, so that nothing of it that the draft never
touched is undone. Where that cannot be done (the newer version has other entries in a list in which the draft worked,
or another form), the draft stays as it is and stands against the whole newer version; the rows say what that changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from intake.interview.conflict import standing, worded
from intake.interview.course import Course
from intake.interview.description import Json
from intake.interview.drawing import Drawing
from intake.interview.revising import SETTING, Revision, brought, revision_of
from intake.record import xml_from_record
from intake.store import Draft, Op, Store
from intake.submission import Record, Submission
from validation.errors import AnswerError, StoreError
from validation.form import Form
from validation.instance import Instance

_POSITION = re.compile(r"\[\d+\]")
_DONE = frozenset({"answer", "attach", "add_repeat", "remove_repeat", "override", "how"})

Make = Callable[[str | None], Instance]
"""A record from its XML, as the draft's interview would make it."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """How a draft goes on from a newer version: the XML to start from, what was done in it, and the record that comes
    of both. `operations` begin with what it revises then."""

    xml: str | None
    operations: tuple[Mapping[str, Any], ...]
    instance: Instance


def ahead(form: Form, draft: Draft, operations: Sequence[Op], versions: Sequence[Submission], make: Make) -> Ahead:
    """What becomes of a draft whose record went on. StoreError 'store.no_draft' where it revises nothing."""
    revision = revision_of(operations)
    if revision is None or not versions:
        raise StoreError("store.no_draft")
    base, latest = versions[revision.version - 1], versions[-1]
    mark = Revision(latest.id, latest.version, revision.reason).payload()
    taken_back = {each for op in operations if op.payload["op"] == "undo" for each in op.payload["of"]}  # type: ignore[attr-defined]
    mine = [
        op.payload
        for op in operations
        if op.op_id not in taken_back and op.payload["op"] != "undo" and op.payload.get("name") != SETTING
    ]
    done = [each for each in mine if not each.get("brought")]
    if latest.form_hash == draft.form_hash and not _shifts(done, base.record, latest.record):
        xml = xml_from_record(latest.record, form)
        came = brought(latest, form)
        try:
            return Ahead(xml, (mark, *came, *done), _played(form, [*came, *done], lambda: make(xml)))
        except AnswerError:
            pass  # something is not there any more that was worked on: nothing of it may be lost
    return Ahead(draft.xml, (mark, *mine), _played(form, mine, lambda: make(draft.xml)))


def go_on(store: Store, draft: Draft, found: Ahead, author: str) -> str:
    """Put a draft in the place of this one that goes on from the newer version, with the files of both; its id."""
    revision = str(found.operations[0]["value"]).split(" ", 2)[2]
    made = store.journal.start(
        draft.form_hash, draft.municipality, author, draft.language, found.xml, operations=found.operations,
        files_of=revision,
    )  # fmt: skip
    there = {each.name for each in store.attachments.listed(made.id)}
    for file in store.attachments.listed(draft.id):
        if file.name not in there:
            store.attachments.put(made.id, file.name, store.attachments.content(draft.id, file.name))
    store.journal.discard(draft.id)
    return made.id


def rows(drawing: Drawing, mine: Instance, theirs: Instance) -> list[Json]:
    """The answers that differ: {label, mine, theirs}, in each language shown, in the order of the form."""
    found, other = _answers(drawing, mine), _answers(drawing, theirs)
    differing = [path for path in {**found, **other} if found.get(path, _NONE)[:2] != other.get(path, _NONE)[:2]]
    return [
        {
            "label": (found.get(path) or other[path])[3],
            "mine": _said(drawing, mine, path, found.get(path)),
            "theirs": _said(drawing, theirs, path, other.get(path)),
        }
        for path in differing
    ]


_NONE: tuple[str, str, str, list[Any]] = ("", "", "", [])


def _answers(drawing: Drawing, instance: Instance) -> dict[str, tuple[str, str, str, list[Any]]]:
    """{path: (answer, reason for none, element's id, label)} of every question that is asked."""
    state = drawing.state(instance)
    return {
        path: (*standing(instance, path), key.rpartition("/")[2], _numbered(instance.form, path, node["label"]))
        for key, path in state.paths.items()
        if "value" in (node := state.nodes.get(key, {}))
    }


def _numbered(form: Form, path: str, label: list[Any]) -> list[Any]:
    """A label with the number of the entry it stands in, where it does: "2. Alter"."""
    steps = path.split("/")
    above = ["/".join(steps[:length]) for length in range(2, len(steps))]
    places = [each.rpartition("[")[2].rstrip("]") if each.endswith("]") else "1"
              for each in above if _POSITION.sub("", each) in form.repeats]  # fmt: skip
    return [f"{'.'.join(places)}. {each}" if places and isinstance(each, str) else each for each in label]


def _said(drawing: Drawing, instance: Instance, path: str, found: tuple[str, str, str, list[Any]] | None) -> list[str]:
    if found is None:
        return ["" for _ in drawing.languages]
    value, reason, element, _ = found
    return worded(instance, drawing.elements[element], path, drawing, value, reason)


def _played(form: Form, operations: Sequence[Mapping[str, Any]], make: Callable[[], Instance]) -> Instance:
    """The record after these operations. AnswerError where one of them cannot be done."""
    instance = make()
    course = Course(form, {}, lambda: instance, [""])
    for number, payload in enumerate(operations):
        if payload["op"] in _DONE - {"override", "how"}:
            course.take(str(number), payload, instance.now)
    return instance


def _shifts(done: Sequence[Mapping[str, Any]], base: Record, latest: Record) -> bool:
    """Whether something was done below a list whose entries are others by now: its numbers would lead elsewhere."""
    changed = {path for path in {*_lists(base), *_lists(latest)} if _count(base, path) != _count(latest, path)}
    touched = [_POSITION.sub("", str(each.get("path") or "")) for each in done if each["op"] in _DONE]
    return any(path == each or path.startswith(f"{each}/") for path in touched for each in changed)


def _lists(record: Record) -> Iterator[str]:
    for path, value in record.items():
        if isinstance(value, list):
            yield path
            for entry in value:
                yield from _lists(entry)


def _count(record: Record, path: str) -> list[int]:
    """How many entries a list has, in each entry above it."""
    found = []
    for name, value in record.items():
        if isinstance(value, list):
            if name == path:
                found.append(len(value))
            for entry in value:
                found += _count(entry, path)
    return found
