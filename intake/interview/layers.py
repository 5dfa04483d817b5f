"""The layers of a form: which sections come in which of its stops (column `layer`).

A form that names layers is asked in their order, the sections of each in the order of the form; a section whose
questions lie in several layers is shown once in each with what belongs there. Nobody is asked everything in a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from validation.form import Form

if TYPE_CHECKING:
    from intake.interview.description import Element

COLUMN = "layer"
LAYERS = ("anlegen", "plan", "vertiefung")


def by_layer(form: Form, sections: Sequence[Element], new_id: Callable[[], str]) -> tuple[Element, ...]:
    """The sections once for each layer they have questions in; as they are where the form names no layer.

    A question or repeat without a layer belongs to that of what stands before it in its section, the first ones to
    that of what follows. A repeat is not divided: its own layer counts, else the first one in it. A group that is
    divided keeps its id in the first layer and gets a `new_id` in the others.
    """
    places = _places(form, sections)
    if not any(places.values()):
        return tuple(sections)
    named = tuple(dict.fromkeys(places.values()))
    names = (*(name for name in LAYERS if name in named), *(name for name in named if name not in LAYERS))
    seen: set[str] = set()
    made = []
    for name in names:
        for section in sections:
            part = _part(section, name, places, seen, new_id)
            if part is not None:
                made.append(replace(part, layer=name))
    return tuple(made)


def _part(
    element: Element, layer: str, places: Mapping[str, str], seen: set[str], new_id: Callable[[], str]
) -> Element | None:
    """What of an element lies in a layer; None where nothing does."""
    if element.kind != "group":
        return element if places[element.id] == layer else None
    parts = (_part(child, layer, places, seen, new_id) for child in element.children)
    children = tuple(part for part in parts if part is not None)
    if not children:
        return None
    name = new_id() if element.id in seen else element.id
    seen.add(element.id)
    return replace(element, id=name, children=children)


def _places(form: Form, sections: Sequence[Element]) -> dict[str, str]:
    """{id of a question or repeat: its layer}; '' for all where the form names none."""
    places: dict[str, str] = {}
    before = ""
    for section in sections:
        leaves = list(_leaves(section))
        own = [_named(form, leaf) for leaf in leaves]
        here = next(filter(None, own), before)
        for leaf, name in zip(leaves, own, strict=True):
            here = name or here
            places[leaf.id] = here
        before = here or before
    first = next(filter(None, places.values()), "")
    return {name: layer or first for name, layer in places.items()}


def _leaves(element: Element) -> Iterator[Element]:
    if element.kind == "group":
        for child in element.children:
            yield from _leaves(child)
    else:
        yield element


def _named(form: Form, element: Element) -> str:
    bind = form.binds.get(element.nodeset)
    own = bind.columns.get(COLUMN, "") if bind is not None else ""
    return own or next(filter(None, (_named(form, child) for child in element.children)), "")
