"""What of a live record is asked now: its relevant questions and repeats, in the order of the form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from validation.form import Control, Form, Group, Repeat
from validation.instance import Instance, locate

_MARK = re.compile(r"\[\d+\]")


def nodeset_of(path: str) -> str:
    """A path without its positions."""
    return _MARK.sub("", path)


def questions(instance: Instance) -> Iterator[tuple[str, Control]]:
    """Every relevant question of a live instance with its path, in the order of the form, entry by entry."""
    for path, element in _live(instance, instance.form.body, ""):
        if isinstance(element, Control):
            yield path, element


def open_repeats(instance: Instance) -> Iterator[tuple[str, Repeat]]:
    """Every relevant repeat whose entries a person adds, with its path; inner ones entry by entry."""
    for path, element in _live(instance, instance.form.body, ""):
        if isinstance(element, Repeat) and element.count is None and not element.fixed:
            yield path, element


def subject_of(form: Form) -> str:
    """The nodeset of the question that says whom a record is about (`person`, outside repeats); '' without one."""
    for control in form.controls():
        inside = any(control.nodeset.startswith(f"{repeat}/") for repeat in form.repeats)
        if control.nodeset.rpartition("/")[2] == "person" and control.kind == "input" and not inside:
            return control.nodeset
    return ""


def _live(
    instance: Instance, elements: Sequence[Control | Group | Repeat], entry: str
) -> Iterator[tuple[str, Control | Repeat]]:
    """Relevant questions and repeats; the path of a repeat is that of its nodeset in the entry it lies in."""
    for element in elements:
        path = "" if element.nodeset is None else locate(element.nodeset, entry) if entry else element.nodeset
        if isinstance(element, Repeat):
            entries = instance.entries(path)
            if entries and not instance.relevant(entries[0]):
                continue
            yield path, element
            for each in entries:
                yield from _live(instance, element.children, each)
        elif path and element.nodeset not in instance.form.repeats and not instance.relevant(path):
            continue  # a group around a repeat has the repeat's nodeset, which has no node of its own
        elif isinstance(element, Group):
            yield from _live(instance, element.children, entry)
        else:
            yield path, element
