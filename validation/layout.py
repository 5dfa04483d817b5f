"""What tables a form makes: one for the root, one for every repeat, and what their columns are called.

Names follow the CSV export of ODK Central, so that who knows one knows the other: the root table has the id of the
form, a repeat's table `<form id>-<name of the repeat>`; a column is the path of the question below the root, resp.
below its repeat, joined by '-' (`person-geburtsdatum`). `KEY` is the instanceID, in a repeat
`<KEY of the parent>/<path>[n]`; `PARENT_KEY` is the KEY of the record or entry that holds it.

This module knows definitions only: neither pandas nor records. `intake.tables` fills the tables, `validation.schema`
judges them, reports take labels from here.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from validation.datatypes import canonical, dtype
from validation.form import Bind, Control, Form, Group, Repeat, Text
from validation.tree import Node
from validation.xpath.syntax import Call, Literal, Path

KEY, PARENT_KEY = "KEY", "PARENT_KEY"

ENVELOPE = ("_version", "_municipality", "_subject", "_received")
"""Columns of the envelope in a root table, beside the questions: form version (text), AGS, person id (both text, as the
envelope has them), and when the store took the record (UTC; NaT where it has not)."""


RESERVED = frozenset({KEY, PARENT_KEY, *ENVELOPE})
"""Names that no question's column may have."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, the nodeset it holds, the bind type (see validation.datatypes) and the pandas dtype."""

    name: str
    nodeset: str
    type: str
    dtype: str
    bind: Bind


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `nodeset` is that of the root element or the repeat; `parent` the name of the table above, or None.

    `columns` are the questions in the order of the form, without keys and envelope.
    """

    name: str
    nodeset: str
    parent: str | None
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)


def layout(form: Form) -> dict[str, Table]:
    """All tables of a form by name, parents before their repeats."""
    root = root_of(form)
    names = _table_names(form, root.qualified)
    columns: dict[str, list[Column]] = {nodeset: [] for nodeset in names}
    taken: dict[str, set[str]] = {nodeset: set(RESERVED) for nodeset in names}
    parents: dict[str, str | None] = {f"/{root.qualified}": None}

    def walk(node: Node, nodeset: str, table: str) -> None:
        for inner, child in children_of(form, node, nodeset):
            if inner in form.repeats:
                parents[inner] = table
                walk(child, inner, inner)
            elif any(True for _ in child.elements()):
                walk(child, inner, table)
            elif not is_meta(inner):
                bind = form.binds.get(inner) or Bind(inner)
                kind = canonical(bind.type) or "string"
                name = column_name(inner, table, taken[table])
                taken[table].add(name)
                columns[table].append(Column(name, inner, kind, dtype(kind), bind))

    walk(root, f"/{root.qualified}", f"/{root.qualified}")
    return {
        names[nodeset]: Table(names[nodeset], nodeset, names[parent] if parent else None, tuple(columns[nodeset]))
        for nodeset, parent in parents.items()
    }


def column_name(nodeset: str, table: str, taken: Container[str]) -> str:
    """The name of a question's column in the table of a nodeset; with a number where that name is taken.

    Two questions share a name only where one has a hyphen in its own name (`/data/a-b` and `/data/a/b`).
    """
    name = re.sub(r"\{[^}]*\}", "", nodeset.removeprefix(f"{table}/")).replace("/", "-")
    numbered = (f"{name}_{number}" for number in itertools.count(2))
    return name if name not in taken else next(other for other in numbered if other not in taken)


def unprefixed(nodeset: str) -> str:
    """A nodeset whose steps have no prefixes, as other systems name it ('/data/orx:meta' is '/data/meta')."""
    return "/".join(step.rpartition(":")[2] for step in nodeset.split("/"))


def root_of(form: Form) -> Node:
    """The root element of the primary instance as defined."""
    return form.template if form.template.kind == "element" else next(form.template.elements())


def children_of(form: Form, node: Node, nodeset: str) -> list[tuple[str, Node]]:
    """The children of a defining node as (nodeset, defining node), each name once, repeats in their place.

    A repeat that starts without an entry is not in the instance as defined; its template stands for it.
    """
    found: dict[str, Node] = {}
    for child in node.elements():
        inner = f"{nodeset}/{child.qualified}"
        found.setdefault(inner, form.repeat_templates.get(inner, child))
    for repeat in form.repeats:
        if repeat not in found and repeat.rpartition("/")[0] == nodeset:
            after = {f"{nodeset}/{name}" for name in form.followers.get(repeat, ())}
            place = next((at for at, inner in enumerate(found) if inner in after), len(found))
            pairs = list(found.items())
            pairs.insert(place, (repeat, form.repeat_templates[repeat]))
            found = dict(pairs)
    return list(found.items())


def is_meta(nodeset: str) -> bool:
    """Inside the meta block (the instanceID is KEY, the rest is bookkeeping), but for the name of the instance; or what
    a group or an entry says of an entity."""
    steps = unprefixed(nodeset).split("/")
    if len(steps) > 3 and steps[2] == "meta":
        return steps[-1] != "instanceName"
    return ["meta", "entity"] in (steps[-2:], steps[-3:-1])


def _table_names(form: Form, root: str) -> dict[str, str]:
    """{nodeset: table name}; a repeat's last name, or its whole path where two repeats share it."""
    short = [nodeset.rpartition("/")[2] for nodeset in form.repeats]
    names = {f"/{root}": form.id}
    for nodeset in form.repeats:
        name = nodeset.rpartition("/")[2]
        if short.count(name) > 1:
            name = nodeset.removeprefix(f"/{root}/").replace("/", "-")
        names[nodeset] = f"{form.id}-{name}"
    return names


# --- what a reader sees


def question_label(form: Form, nodeset: str, language: str = "de") -> str:
    """The label of a question in a language, for tables and messages; the name of the node where it has none.

    Values that a label quotes from answers appear as '…', so a label never carries one.
    """
    control = form.control(nodeset)
    label = control.label if control else _section_label(form.body, nodeset)
    return text_of(form, label, language) or nodeset.rpartition("/")[2]


def choice_labels(form: Form, nodeset: str, language: str = "de") -> dict[str, str]:
    """{value: label} of all choices of a question, unfiltered; empty where there is no fixed list."""
    return {value: text_of(form, label, language) or value for value, label in _choices(form, nodeset)}


def choice_texts(form: Form, nodeset: str) -> dict[str, Text | None]:
    """{value: label in all languages} of all choices of a question, unfiltered; empty where there is no fixed list."""
    return dict(_choices(form, nodeset))


def offered_texts(form: Form, controls: Iterable[Control]) -> dict[str, Text | None]:
    """The same of controls that are known already: the form is not searched for them."""
    return {value: text for control in controls for value, text in _offered(form, control)}


def choice_values(form: Form, nodeset: str) -> frozenset[str] | None:
    """All values a question can take, whatever a choice filter says; None where it has no fixed list."""
    controls = [control for control in form.controls() if control.nodeset == nodeset]
    if not any(_is_fixed(form, control) for control in controls):
        return None
    return frozenset(value for value, _ in _choices(form, nodeset))


def takes_many(form: Form, nodeset: str) -> bool:
    """Whether a question holds several values, separated by spaces (select_multiple, rank)."""
    control = form.control(nodeset)
    return control is not None and control.kind in ("select", "rank")


def text_of(form: Form, text: Text | None, language: str = "de", *, exact: bool = False) -> str:
    """A label, hint or message in a language, on one line; '' where there is none.

    `exact` gives '' too where the text quotes an answer; else the quoted value appears as '…'.
    """
    if text is None:
        return ""
    parts = text.parts
    if text.itext is not None:
        values = form.itext.values.get(_language(form, language), {})
        parts = values[text.itext].parts if text.itext in values else ()
    if exact and not all(isinstance(part, str) for part in parts):
        return ""
    return " ".join("".join(part if isinstance(part, str) else "…" for part in parts).split())


def _language(form: Form, language: str) -> str:
    """The form's own name of a language ('Deutsch (de)' for 'de'); its default, then its first, where it has none."""
    for name in form.languages:
        if name == language or name.rpartition("(")[2].rstrip(") ") == language:
            return name
    return form.itext.default or (form.languages[0] if form.languages else "")


def _section_label(elements: tuple[Control | Group | Repeat, ...], nodeset: str) -> Text | None:
    for element in elements:
        if isinstance(element, Control):
            continue
        if element.nodeset == nodeset and element.label is not None:
            return element.label
        if (found := _section_label(element.children, nodeset)) is not None:
            return found
    return None


def _choices(form: Form, nodeset: str) -> Iterator[tuple[str, Text | None]]:
    for control in form.controls():
        if control.nodeset == nodeset:
            yield from _offered(form, control)


def _offered(form: Form, control: Control) -> Iterator[tuple[str, Text | None]]:
    for item in control.items:
        yield item.value, item.label
    if control.itemset is not None:
        for node in _items(form, control) or ():
            value = node.child(control.itemset.value)
            yield value.value if value else "", item_text(control, node)


def _is_fixed(form: Form, control: Control) -> bool:
    return bool(control.items) or _items(form, control) is not None


def _items(form: Form, control: Control) -> list[Node] | None:
    """The items of `instance('list')/root/item[…]` without the filter; None for any other way to choose."""
    tree = control.itemset.nodeset.tree if control.itemset else None
    if isinstance(tree, Call) and tree.name == "randomize":
        tree = tree.arguments[0]
    if not isinstance(tree, Path) or not isinstance(tree.start, Call) or tree.start.name != "instance":
        return None
    name = tree.start.arguments[0]
    if not isinstance(name, Literal) or name.value not in form.instances:
        return None
    top = form.instances[name.value]
    found = [top if top.kind == "document" else Node.document(top.copy())]
    for step in tree.steps:
        if step.axis != "child" or step.test.kind != "name":
            return None
        found = [child for node in found for child in node.elements() if step.test.name in ("*", child.name)]
    return found


def item_text(control: Control, node: Node) -> Text | None:
    """The label of an item of an itemset in all languages; None where it has none, or one that is computed."""
    label = control.itemset.label.tree if control.itemset and control.itemset.label else None
    translated = isinstance(label, Call)  # jr:itext(itextId)
    path = label.arguments[0] if isinstance(label, Call) and label.arguments else label
    if not isinstance(path, Path) or not path.steps:
        return None
    child = node.child(path.steps[-1].test.name)
    if child is None:
        return None
    return Text(itext=child.value) if translated else Text(parts=(child.value,))
