"""What a form says of each of its nodes, laid out for comparing: one `Described` a question, section or value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from intake.demand import without_reason
from intake.store.division import Division
from validation.form import Bind, Control, Form, Group, Repeat, Text
from validation.layout import choice_texts, choice_values, layout
from validation.tree import Node
from validation.xpath.conditions import nodeset_of
from validation.xpath.parser import Expression, parse, references
from validation.xpath.syntax import Call, Path

Shape = Literal["group", "repeat", "answer"]
Asked = Literal["question", "note", "calculated", "automatic"]

EXPRESSIONS = ("relevant", "required", "constraint", "warning", "choice_filter", "readonly", "calculate", "count")
TEXTS = ("label", "hint", "guidance", "constraint_message", "required_message", "warning_message", "media")
CODED = ("purpose", "retention", "follow_up", "layer", "shared", "reviewed_only")

_CHOOSING = frozenset({"select1", "select", "rank"})


@dataclass(frozen=True, slots=True)
class Described:
    """One node. `type` is what answers are: a bind type, or select1, select, rank where there are choices to take.

    `texts` are by part and language, `choices` labels by value and language (None: no list that is known without
    answers), `raised` the choices with a stricter class of their own. `expressions` are those that say something, by
    name; filters are several conditions at once. `sensitivity` is the class that its answers get in the store.
    """

    nodeset: str
    shape: Shape
    asked: Asked = "question"
    type: str = ""
    control: str = ""
    texts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, str]] | None = None
    raised: Mapping[str, str] = field(default_factory=dict)
    expressions: Mapping[str, tuple[Expression, ...]] = field(default_factory=dict)
    sensitivity: str = ""
    reasons: frozenset[str] = frozenset()
    columns: Mapping[str, str] = field(default_factory=dict)
    default: str = ""
    preload: str = ""
    appearance: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.nodeset.rpartition("/")[2]


def described(form: Form, called: Callable[[str], str] = str) -> dict[str, Described]:
    """Every node of a form by its nodeset, in the order in which it is asked; what is not asked comes last.

    The question that takes a reason for no answer belongs to its question and is not listed. `called` says what a
    nodeset is called in the other form: texts that quote the answer to one question are then the same.
    """
    reading = _Reading(form, called)
    found = {each.nodeset: each for each in reading.body(form.body)}
    for table in layout(form).values():
        for column in table.columns:
            if column.nodeset not in {*found, *reading.siblings, *reading.counting}:
                found[column.nodeset] = reading.hidden(column.nodeset, column.type)
    return found


class _Reading:
    def __init__(self, form: Form, called: Callable[[str], str]) -> None:
        self.form = form
        self.called = called
        self.division = Division(form)
        self.siblings = {f"{nodeset}__missing" for nodeset, bind in form.binds.items() if bind.columns.get("missing")}
        self.defaults = dict(_values(form))
        self.wrapped: dict[str, Text | None] = {}
        self.counting = {helper for repeat in form.repeats.values() if (helper := self._counted_by(repeat))}

    def body(self, elements: tuple[Control | Group | Repeat, ...]) -> Iterator[Described]:
        for element in elements:
            if isinstance(element, Control):
                if element.nodeset not in self.siblings:
                    yield self.question(element)
                continue
            if isinstance(element, Group) and element.nodeset and element.nodeset in self.form.repeats:
                self.wrapped[element.nodeset] = element.label  # the label of a repeat stands at the group around it
            elif element.nodeset:
                yield self.section(element)
            yield from self.body(element.children)

    def section(self, element: Group | Repeat) -> Described:
        nodeset = element.nodeset or ""
        bind = self.form.binds.get(nodeset) or Bind(nodeset)
        texts = dict(self._texts("label", element.label or self.wrapped.get(nodeset)))
        expressions = dict(self._expressions(bind, None))
        if isinstance(element, Repeat):
            if element.count is not None:
                helper = self.form.binds[self._counted_by(element)] if self._counted_by(element) else None
                expressions["count"] = (helper.calculate if helper and helper.calculate else element.count,)
        else:
            texts |= dict(self._texts("hint", element.hint))
        return Described(
            nodeset,
            "repeat" if isinstance(element, Repeat) else "group",
            texts=texts,
            expressions=expressions,
            columns=dict(bind.columns),
            appearance=" ".join(element.appearance),
            attributes={**bind.attributes, **element.attributes},
        )

    def _counted_by(self, repeat: Repeat) -> str:
        """The value that pyxform adds to hold the number of entries; '' where there is none."""
        read = references(repeat.count, repeat.nodeset) if repeat.count is not None else ()
        added = f"{repeat.nodeset}_count"
        bind = self.form.binds.get(added)
        is_added = added in read and bind is not None and bind.calculate is not None
        return added if is_added and self.form.control(added) is None else ""

    def question(self, control: Control) -> Described:
        nodeset = control.nodeset
        bind = self.form.binds.get(nodeset) or Bind(nodeset)
        chooses = control.kind in _CHOOSING
        values = choice_values(self.form, nodeset) if chooses else None
        texts = choice_texts(self.form, nodeset) if values is not None else {}
        return Described(
            nodeset,
            "answer",
            asked=_asked(control, bind),
            type=control.kind if chooses else bind.type,
            control=control.kind,
            texts={
                **dict(self._texts("label", control.label)),
                **dict(self._texts("hint", control.hint)),
                **dict(self._texts("guidance", control.guidance or control.hint)),
                **dict(self._texts("constraint_message", bind.constraint_message)),
                **dict(self._texts("required_message", bind.required_message)),
                **dict(self._texts("warning_message", bind.warning_message)),
                **dict(self._texts("media", control.label)),
            },
            choices=None if values is None else {value: self._said(text) for value, text in texts.items()},
            raised=self._raised(nodeset, texts),
            expressions=dict(self._expressions(bind, control)),
            sensitivity=self.division.class_of(nodeset),
            reasons=frozenset(bind.columns.get("missing", "").split()),
            columns=dict(bind.columns),
            default=self.defaults.get(nodeset, ""),
            preload=_preload(bind),
            appearance=" ".join(control.appearance),
            attributes={**bind.attributes, **control.attributes},
        )

    def hidden(self, nodeset: str, kind: str) -> Described:
        bind = self.form.binds.get(nodeset) or Bind(nodeset)
        return Described(
            nodeset,
            "answer",
            asked="calculated" if bind.calculate is not None else "automatic",
            type=kind,
            expressions=dict(self._expressions(bind, None)),
            sensitivity=self.division.class_of(nodeset),
            columns=dict(bind.columns),
            default=self.defaults.get(nodeset, ""),
            preload=_preload(bind),
            attributes=dict(bind.attributes),
        )

    def _raised(self, nodeset: str, values: Mapping[str, object]) -> dict[str, str]:
        own = self.division.class_of(nodeset)
        found = {value: self.division.class_of(nodeset, value) for value in values}
        return {value: name for value, name in found.items() if name != own}

    # --- texts

    def _texts(self, part: str, text: Text | None) -> Iterator[tuple[tuple[str, str], str]]:
        for language, said in self._said(text, part).items():
            yield (part, language), said

    def _said(self, text: Text | None, part: str = "label") -> dict[str, str]:
        """A text in every language that has it; '' is the language of a text that is in no translation."""
        if text is None:
            return {}
        if text.itext is None:
            said = self._plain(text.parts) if part not in ("guidance", "media") else ""
            return {"": said} if said else {}
        found = {}
        for language in self.form.languages:
            value = self.form.itext.values.get(language, {}).get(text.itext)
            if value is None:
                continue
            if part == "media":
                said = " ".join(f"{kind}={address}" for kind, address in sorted(value.media.items()))
            else:
                said = self._plain(value.guidance if part == "guidance" else value.parts)
            if said not in ("", "-"):
                found[language] = said
        return found

    def _plain(self, parts: tuple[str | Expression, ...]) -> str:
        """A text on one line; where it quotes an answer stands its question."""
        return " ".join("".join(part if isinstance(part, str) else self._quoted(part) for part in parts).split())

    def _quoted(self, part: Expression) -> str:
        nodeset = nodeset_of(part.tree, "/")
        return f"${{{self.called(nodeset) if nodeset is not None else ' '.join(part.source.split())}}}"

    # --- expressions

    def _expressions(self, bind: Bind, control: Control | None) -> Iterator[tuple[str, tuple[Expression, ...]]]:
        for name in ("relevant", "constraint", "warning", "readonly", "calculate"):
            expression: Expression | None = getattr(bind, name)
            if expression is not None:
                yield name, (expression,)
        if bind.required is not None:
            has_reason = f"{bind.nodeset}__missing" in self.siblings
            tree = bind.required.tree
            if has_reason:
                found = without_reason(tree, f"{bind.nodeset.rpartition('/')[2]}__missing")
                tree = found if found is not None else parse("true()").tree
            yield "required", (Expression(str(tree), tree) if has_reason else bind.required,)
        if control is not None and (filters := _filters(control)):
            yield "choice_filter", filters


def _filters(control: Control) -> tuple[Expression, ...]:
    """The conditions a choice must meet to be offered; a way to choose that is no list, as it is written."""
    tree = control.itemset.nodeset.tree if control.itemset is not None else None
    if isinstance(tree, Call) and tree.name == "randomize" and tree.arguments:
        tree = tree.arguments[0]
    if tree is None:
        return ()
    if not isinstance(tree, Path) or not isinstance(tree.start, Call) or tree.start.name != "instance":
        return (Expression(str(tree), tree),)
    return tuple(Expression(str(each), each) for step in tree.steps for each in step.predicates)


def _asked(control: Control, bind: Bind) -> Asked:
    if bind.calculate is not None:
        return "calculated"
    shows = bind.readonly is not None and bind.readonly.source.replace(" ", "") == "true()"
    return "note" if control.kind == "input" and shows else "question"


def _preload(bind: Bind) -> str:
    return " ".join(part for part in (bind.preload, bind.preload_params) if part)


def _values(form: Form) -> Iterator[tuple[str, str]]:
    """What stands in a new record before anybody answers, by nodeset."""

    def walk(node: Node, nodeset: str) -> Iterator[tuple[str, str]]:
        below = [*node.elements()]
        for child in below:
            inner = f"{nodeset}/{child.qualified}"
            yield from walk(form.repeat_templates.get(inner, child), inner)
        if not below and node.value.strip():
            yield nodeset, node.value.strip()

    root = next(form.template.elements())
    yield from walk(root, f"/{root.qualified}")
