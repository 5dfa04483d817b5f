"""What can change between two versions of a form, and what each change does to records and series.

A change is **breaking** where a record that was right may become wrong or lose an answer, where a series no longer
means the same, or where an answer is protected less; **compatible** where every record stays as right as it was; and
**text** where only words, order or looks differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from validation.xpath.parser import Expression

Weight = Literal["text", "compatible", "breaking"]
WEIGHTS: tuple[Weight, ...] = ("breaking", "compatible", "text")
"""From the gravest."""

KINDS = (
    *("form_id", "version_same", "title", "languages", "external", "action"),
    *("added", "removed", "renamed", "moved", "moved_unlisted", "renamed_unlisted", "order"),
    *("shape", "asked", "type", "control", "sensitivity", "sensitivity_of_choice"),
    *("label", "hint", "guidance", "constraint_message", "required_message", "warning_message", "media"),
    *("choices_added", "choices_removed", "choices_relabelled", "choices_order"),
    *("relevant", "required", "constraint", "warning", "choice_filter", "readonly", "calculate", "count"),
    *("reasons_added", "reasons_removed", "default", "preload", "appearance", "entity", "attributes"),
    *("purpose", "retention", "follow_up", "layer", "shared", "reviewed_only"),
)
"""All kinds, in the order in which they are told of one question."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs. `nodeset` is that of the new form, that of the old one where the new has it no more, ''
    for the form itself; `old_nodeset` that of the old form.

    `before` and `after` are what stood there ('' for nothing); for conditions and calculations the expressions beside
    them say it too. `values` are choices or reasons, `language` that of a text.
    """

    kind: str
    weight: Weight
    nodeset: str = ""
    old_nodeset: str = ""
    before: str = ""
    after: str = ""
    values: tuple[str, ...] = ()
    language: str = ""
    old_expressions: tuple[Expression, ...] = ()
    new_expressions: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class FormDiff:
    """Two versions of a form, what changed, and where each answer of the old one goes (None: nowhere)."""

    old: str
    new: str
    old_version: str
    new_version: str
    changes: tuple[Change, ...]
    map: Mapping[str, str | None]

    @property
    def weight(self) -> Weight | None:
        """The gravest of the changes; None where there is none."""
        return next((weight for weight in WEIGHTS if any(each.weight == weight for each in self.changes)), None)

    @property
    def moves(self) -> dict[str, str]:
        """Answers that get another place."""
        return {old: new for old, new in self.map.items() if new is not None and new != old}

    @property
    def ends(self) -> tuple[str, ...]:
        """Answers of the old form that have no place in the new one."""
        return tuple(old for old, new in self.map.items() if new is None)
