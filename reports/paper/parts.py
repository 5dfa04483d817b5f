"""The parts of a form in the order of its rows, as paper shows them: sections, groups, repeats and questions.

The screen may put questions into another order (by layer); a sheet of paper is read from the top. The question that
takes the reason for a missing answer belongs to its question; a group that only wraps a repeat is that repeat.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from validation.form import Control, Form, Group, Repeat, Text


@dataclass(frozen=True, slots=True)
class Part:
    """`nodeset` is '' for a group that only draws and for questions that stand outside of all sections. `missing` is
    the nodeset of the reason why a question has no answer."""

    kind: Literal["group", "repeat", "question"]
    nodeset: str = ""
    label: Text | None = None
    hint: Text | None = None
    guidance: Text | None = None
    missing: str = ""
    appearance: tuple[str, ...] = ()
    children: tuple[Part, ...] = ()

    @property
    def is_heading(self) -> bool:
        """Whether it only shows the choices above a table of questions (`table-list`) and takes no answer."""
        return "label" in self.appearance


def parts_of(form: Form) -> tuple[Part, ...]:
    """The sections of a form: top-level groups and repeats, and the questions that stand between them."""
    made: list[Part] = []
    loose: list[Part] = []
    for element in form.body:
        if isinstance(element, Control):
            loose.extend(_parts(form, element))
            continue
        if loose:
            made.append(Part("group", children=tuple(loose)))
            loose = []
        made.extend(_parts(form, element))
    return (*made, Part("group", children=tuple(loose))) if loose else tuple(made)


def with_all_below(parts: Iterable[Part]) -> Iterator[Part]:
    """Parts and everything in them, in the order of the form."""
    for part in parts:
        yield part
        yield from with_all_below(part.children)


def _parts(form: Form, element: Control | Group | Repeat) -> Iterator[Part]:
    if isinstance(element, Control):
        if not _is_reason(form, element.nodeset):
            yield _question(form, element)
        return
    children = tuple(part for child in element.children for part in _parts(form, child))
    if isinstance(element, Repeat):
        yield Part("repeat", element.nodeset, element.label, appearance=element.appearance, children=children)
        return
    only = children[0] if len(children) == 1 else None
    if only is not None and only.kind == "repeat" and element.nodeset in (None, only.nodeset):
        yield Part(
            "repeat", only.nodeset, element.label or only.label, element.hint or only.hint,
            appearance=(*element.appearance, *only.appearance), children=only.children,
        )  # fmt: skip
        return
    yield Part(
        "group", element.nodeset or "", element.label, element.hint, appearance=element.appearance, children=children
    )


def _question(form: Form, control: Control) -> Part:
    bind, missing = form.binds.get(control.nodeset), f"{control.nodeset}__missing"
    has_reasons = bind is not None and bool(bind.columns.get("missing")) and missing in form.binds
    return Part(
        "question", control.nodeset, control.label, control.hint, control.guidance,
        missing if has_reasons else "", control.appearance,
    )  # fmt: skip


def _is_reason(form: Form, nodeset: str) -> bool:
    question = nodeset.removesuffix("__missing")
    bind = form.binds.get(question)
    return question != nodeset and bind is not None and bool(bind.columns.get("missing"))
