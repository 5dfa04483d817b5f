"""What a form is, once it has been read: frozen, parsed, shared by every interview that runs on it.

Definitions live here, state lives in `validation.instance`. All names are those of the ODK XForms specification.
A nodeset is the absolute path of a definition without positions ('/data/child/name'); a path names one node of a
live instance and carries positions where there are repeats ('/data/child[2]/name').
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from validation.errors import Problem
from validation.tree import Node
from validation.xpath.parser import Expression

if TYPE_CHECKING:
    from validation.dag import Graph


@dataclass(frozen=True, slots=True)
class Text:
    """A label, hint or message: an itext reference, or literal parts. A part is text or an expression (`<output>`)."""

    itext: str | None = None
    parts: tuple[str | Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class ItextValue:
    """One language's value of an itext id. `media` maps form (image, audio, video, big-image) to its jr:// address.

    `guidance` is the text of a hint for interviewers (form="guidance"), `short` the short form of a label.
    """

    parts: tuple[str | Expression, ...] = ()
    media: Mapping[str, str] = field(default_factory=dict)
    guidance: tuple[str | Expression, ...] = ()
    short: tuple[str | Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Itext:
    """All translations: {language: {id: ItextValue}}. The first language is the default unless one says otherwise."""

    languages: tuple[str, ...] = ()
    default: str | None = None
    values: Mapping[str, Mapping[str, ItextValue]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bind:
    """What holds for one nodeset. Empty expressions are None. `type` is a name of `validation.datatypes.TYPES`.

    `columns` are our own columns (`lb:*`), by local name; `attributes` are those of others ('{uri}name'), kept as
    written: entities' saveto, image sizes, audio quality.
    """

    nodeset: str
    type: str = "string"
    relevant: Expression | None = None
    constraint: Expression | None = None
    required: Expression | None = None
    readonly: Expression | None = None
    calculate: Expression | None = None
    constraint_message: Text | None = None
    required_message: Text | None = None
    warning: Expression | None = None
    warning_message: Text | None = None
    preload: str | None = None
    preload_params: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """A choice written in the body."""

    value: str
    label: Text


@dataclass(frozen=True, slots=True)
class Itemset:
    """Choices taken from an instance: `nodeset` selects the items, `value` is the child name in them that is stored.

    `label` is an expression relative to the item, `jr:itext(itextId)` where the labels are translated. Where the
    order is random `nodeset` is the whole call `randomize(…)` and `randomize` repeats its seed, if it has one.
    """

    nodeset: Expression
    value: str
    label: Expression | None
    randomize: Expression | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """A question of the body. `kind` is the element: input, select1, select, rank, range, upload, trigger, secret."""

    kind: str
    nodeset: str
    label: Text | None = None
    hint: Text | None = None
    guidance: Text | None = None
    appearance: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    itemset: Itemset | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the body. `nodeset` is None where the group only draws."""

    nodeset: str | None
    label: Text | None = None
    hint: Text | None = None
    appearance: tuple[str, ...] = ()
    children: tuple[Control | Group | Repeat, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Repeat:
    """A repeat of the body. `count` fixes the number of entries; `fixed` (jr:noAddRemove) forbids the buttons."""

    nodeset: str
    label: Text | None = None
    appearance: tuple[str, ...] = ()
    children: tuple[Control | Group | Repeat, ...] = ()
    count: Expression | None = None
    fixed: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Action:
    """A setvalue, setgeopoint or recordaudio (`kind`): what it sets (`ref`), when (`events`), and to what.

    That is an expression (`value`) or a `literal` text. `trigger` is the question it stands in, `repeat` the nodeset
    of the innermost repeat around it. `target` is the reference as an expression where predicates pick among several
    nodes, else None.
    """

    ref: str
    events: tuple[str, ...]
    value: Expression | None
    literal: str = ""
    trigger: str | None = None
    repeat: str | None = None
    target: Expression | None = None
    kind: str = "setvalue"


@dataclass(frozen=True, slots=True)
class Form:
    """A whole form. `template` is the primary instance (its document node) with its defaults, without the repeats'
    templates; it is copied, never changed. `repeat_templates` maps a repeat's nodeset to the entry a new one copies.

    `instances` are the secondary instances inside the form (document nodes); `external` names those that come from
    a file (id -> src). `hash` is the SHA-256 of the XForm text as read, in hex. `graph` says what depends on what.
    `order` is the place of each nodeset among its siblings, so that what is added to a record finds its own;
    `followers` names the siblings that come after a repeat.
    `warnings` are mistakes the form can live with: references to nothing (they read as empty, such questions are not
    asked), texts that no language has. `form check` reports them.
    `attributes` are those of the model and the submission element ('{uri}name' or 'submission/name').
    `entity_lists` are the ids in `external` of lists of entities: they hold what the study's records say, so one that
    is not given is no fault.
    `unreviewed` are the codes of the languages ('ar') whose texts no native speaker has read (`lb:unreviewed`).
    """

    id: str
    version: str
    title: str
    hash: str
    template: Node
    binds: Mapping[str, Bind]
    body: tuple[Control | Group | Repeat, ...]
    itext: Itext
    instances: Mapping[str, Node]
    external: Mapping[str, str]
    repeats: Mapping[str, Repeat]
    repeat_templates: Mapping[str, Node]
    order: Mapping[str, int]
    followers: Mapping[str, frozenset[str]]
    graph: Graph
    actions: tuple[Action, ...] = ()
    namespaces: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    unreviewed: frozenset[str] = frozenset()
    entity_lists: frozenset[str] = frozenset()

    @property
    def languages(self) -> tuple[str, ...]:
        return self.itext.languages

    def controls(self) -> Iterator[Control]:
        """Every question of the body in document order."""
        yield from _controls(self.body)

    def control(self, nodeset: str) -> Control | None:
        """The first question that edits a nodeset, or None."""
        return next((control for control in self.controls() if control.nodeset == nodeset), None)


def _controls(elements: tuple[Control | Group | Repeat, ...]) -> Iterator[Control]:
    for element in elements:
        if isinstance(element, Control):
            yield element
        else:
            yield from _controls(element.children)
