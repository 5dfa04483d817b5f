"""The body of an XForm -> controls, groups, repeats and the actions written in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from validation.form import Action, Control, Group, Item, Itemset, Repeat, Text
from validation.reading import FORM_NAMESPACES, ITEMSETS, JAVAROSA, Reading, absolute, attributes_of, clark
from validation.tree import Node
from validation.xpath.parser import Expression, instances, parse
from validation.xpath.syntax import Call

CONTROLS = frozenset({"input", "select1", "select", "rank", "range", "upload", "trigger", "secret"})
CHOOSING = frozenset({"select1", "select", "rank"})
ACTIONS = frozenset({"setvalue", "setgeopoint", "recordaudio"})
EVENTS = frozenset({"odk-instance-first-load", "odk-instance-load", "odk-new-repeat", "xforms-value-changed"})

Element = Control | Group | Repeat
_COUNT = clark(JAVAROSA, "count")
_FIXED = clark(JAVAROSA, "noAddRemove")


@dataclass(slots=True)
class _Body:
    """Reads the body below one element; `actions` and `repeats` collect what is found on the way."""

    reading: Reading
    bind_ids: dict[str, str]
    actions: list[Action] = field(default_factory=list)
    repeats: dict[str, Repeat] = field(default_factory=dict)

    def children(self, parent: Node, context: str, repeat: str | None, skip: frozenset[str]) -> tuple[Element, ...]:
        found: list[Element] = []
        for node in parent.elements():
            if node.namespace not in FORM_NAMESPACES:
                self.reading.unsupported(f"<{node.qualified}>", context)
            elif node.name in skip:
                continue
            elif node.name in CONTROLS:
                control = self.control(node, context, repeat)
                if control is not None:
                    found.append(control)
            elif node.name == "group":
                found.append(self.group(node, context, repeat))
            elif node.name == "repeat":
                entry = self.repeat(node, context)
                if entry is not None:
                    found.append(entry)
            elif node.name in ACTIONS:
                self.action(node, context, None, repeat)
            else:
                self.reading.unsupported(f"<{node.qualified}>", context)
        return tuple(found)

    def reference(self, node: Node, context: str, *, must_exist: bool) -> str | None:
        written = node.attributes.get("ref") or node.attributes.get("nodeset")
        if written is None and "bind" in node.attributes:
            return _bound(self.reading, node, context, self.bind_ids)
        return self.reading.reference(written, context, must_exist=must_exist)

    def group(self, node: Node, context: str, repeat: str | None) -> Group:
        nodeset = None
        if {"ref", "nodeset", "bind"} & node.attributes.keys():
            nodeset = self.reference(node, context, must_exist=False)
        place = nodeset or context
        if "intent" in node.attributes:
            self.reading.warn("form.kept", place, "intent", what="intent")
        label, hint = self.label(node, "label", place), self.label(node, "hint", place)
        children = self.children(node, place, repeat, frozenset({"label", "hint"}))
        attributes = attributes_of(node, "ref", "nodeset", "bind", "appearance")
        return Group(nodeset, label, hint, _appearance(node), children, attributes)

    def repeat(self, node: Node, context: str) -> Repeat | None:
        nodeset = self.reference(node, context, must_exist=True)
        if nodeset is None:
            return None
        reading = self.reading
        label = self.label(node, "label", nodeset)
        above = node.parent
        if label is None and above is not None and above.name == "group" and "ref" in above.attributes:
            path = absolute(above.attributes["ref"], context)
            if path is not None and reading.known(path) == nodeset:
                label = self.label(above, "label", nodeset)
        children = self.children(node, nodeset, nodeset, frozenset({"label"}))
        count = reading.expression(node.attributes.get(_COUNT), nodeset, "jr:count")
        fixed = node.attributes.get(_FIXED, "").strip() in ("true()", "true", "1")
        attributes = attributes_of(node, "ref", "nodeset", "bind", "appearance", _COUNT, _FIXED)
        made = Repeat(nodeset, label, _appearance(node), children, count, fixed, attributes)
        if nodeset in self.repeats:
            reading.problem("form.two_repeats", nodeset, name=nodeset)
        self.repeats[nodeset] = made
        return made

    def control(self, node: Node, context: str, repeat: str | None) -> Control | None:
        # A question about nothing has nowhere to keep its answer: it is not asked, and the warning says so.
        nodeset = self.reference(node, context, must_exist=False)
        if nodeset is None:
            return None
        reading = self.reading
        items: list[Item] = []
        itemset: Itemset | None = None
        for child in node.elements():
            if child.namespace not in FORM_NAMESPACES:
                reading.unsupported(f"<{child.qualified}>", nodeset)
            elif child.name in ("label", "hint"):
                continue
            elif child.name == "item" and node.name in CHOOSING:
                items.append(self.item(child, nodeset))
            elif child.name == "itemset" and node.name in CHOOSING and itemset is None:
                itemset = self.itemset(child, nodeset)
            elif child.name == "tag" and node.name == "upload":
                reading.warn("form.kept", nodeset, "upload", what=f"<{child.qualified}>")
            elif child.name in ACTIONS:
                self.action(child, nodeset, nodeset, repeat)
            else:
                reading.unsupported(f"<{child.qualified}>", nodeset, node.name)
        if "query" in node.attributes and node.name == "input":
            itemset = self.query(node, nodeset)
        appearance = _appearance(node)
        self.refuse_foreign(node, nodeset, appearance)
        attributes = attributes_of(node, "ref", "nodeset", "bind", "appearance")
        label, hint = self.label(node, "label", nodeset), self.label(node, "hint", nodeset)
        return Control(
            kind="select1" if itemset is not None and node.name == "input" else node.name,
            nodeset=nodeset,
            label=label,
            hint=hint,
            guidance=Text(itext=hint.itext) if hint is not None and hint.itext is not None else None,
            appearance=appearance,
            items=tuple(items),
            itemset=itemset,
            attributes=attributes,
        )

    def refuse_foreign(self, node: Node, nodeset: str, appearance: tuple[str, ...]) -> None:
        """Constructs that would change what a question is, were they dropped."""
        if any(word.startswith("search(") for word in appearance):
            self.reading.unsupported("search()", nodeset, "appearance")
        if node.name == "range":
            for name in ("start", "end", "step"):
                try:
                    float(node.attributes.get(name, ""))
                except ValueError:
                    self.reading.problem("form.range", nodeset, name, name=name)

    def label(self, node: Node, name: str, nodeset: str) -> Text | None:
        child = next((item for item in node.elements() if item.name == name), None)
        if child is None:
            return None
        if child.attributes.get("ref"):
            return self.reading.text(child.attributes["ref"], nodeset, name) or Text()
        return Text(parts=self.reading.content(child, nodeset))

    def item(self, node: Node, nodeset: str) -> Item:
        value = node.child("value")
        if value is None:
            self.reading.problem("form.choice_without_value", nodeset)
        for child in node.elements():
            if child.name not in ("label", "value"):
                self.reading.unsupported(f"<{child.qualified}>", nodeset, "item")
        return Item(value.value.strip() if value is not None else "", self.label(node, "label", nodeset) or Text())

    def itemset(self, node: Node, nodeset: str) -> Itemset | None:
        reading = self.reading
        source = reading.expression(node.attributes.get("nodeset"), nodeset, "itemset")
        value, label = "", None
        for child in node.elements():
            if child.name == "value":
                value = (child.attributes.get("ref") or "").strip()
            elif child.name == "label":
                # Relative to an item, so what it names is no node of the primary instance.
                label = reading.expression(child.attributes.get("ref"), nodeset, "itemset label", check=False)
            else:
                reading.unsupported(f"<{child.qualified}>", nodeset, "itemset")
        if not value:
            reading.problem("form.choice_without_value", nodeset)
        if source is None:
            if not (node.attributes.get("nodeset") or "").strip():
                reading.problem("form.no_reference", nodeset, "itemset")
            return None
        seed: Expression | None = None
        tree = source.tree
        if isinstance(tree, Call) and tree.name == "randomize" and len(tree.arguments) > 1:
            seed = parse(str(tree.arguments[1]))
        return Itemset(source, value, label, seed)

    def query(self, node: Node, nodeset: str) -> Itemset | None:
        """The choices of a select_one_external: items of `itemsets.csv`, with the columns that pyxform gives it."""
        source = self.reading.expression(node.attributes["query"], nodeset, "query")
        if source is None:
            return None
        for name in instances(source):
            self.reading.queried.setdefault(name, ITEMSETS)
        return Itemset(source, "name", parse("label"))

    def action(self, node: Node, context: str, trigger: str | None, repeat: str | None) -> None:
        made = read_action(self.reading, node, context, trigger, repeat, self.bind_ids)
        if made is not None:
            self.actions.append(made)


def _appearance(node: Node) -> tuple[str, ...]:
    written = node.attributes.get("appearance", "").strip()
    if written.startswith(("search(", "ex:")):
        return (written,)
    words = written.split()
    if node.name in CHOOSING and "search" in words and "autocomplete" not in words:
        words.insert(0, "autocomplete")  # "search" is what it was called before
    return tuple(words)


def _bound(reading: Reading, node: Node, context: str, bind_ids: Mapping[str, str]) -> str | None:
    """The nodeset of the bind whose id an element names."""
    name = node.attributes["bind"]
    if name not in bind_ids:
        reading.problem("form.unknown_bind", context, "bind", name=name)
    return bind_ids.get(name)


def read_action(
    reading: Reading,
    node: Node,
    context: str,
    trigger: str | None,
    repeat: str | None,
    bind_ids: Mapping[str, str],
) -> Action | None:
    """A setvalue, setgeopoint or recordaudio element; None and Problems where it can never work."""
    events = tuple(
        (node.attributes.get("event") or node.attributes.get("{http://www.w3.org/2001/xml-events}event") or "").split()
    )
    known = tuple(event for event in events if event in EVENTS)
    if not known:
        reading.unsupported(f'{node.name} event="{" ".join(events)}"', context, "event")
        return None
    if "odk-new-repeat" in known and repeat is None:
        reading.problem("form.new_repeat_outside", context, "event", name=node.attributes.get("ref", ""))
        return None
    if "xforms-value-changed" in known and trigger is None:
        known = tuple(event for event in known if event != "xforms-value-changed")
        if not known:
            reading.problem("form.trigger_outside", context, "event", name=node.attributes.get("ref", ""))
            return None
    written = (node.attributes.get("ref") or "").strip()
    bound = not written and "bind" in node.attributes
    ref = _bound(reading, node, context, bind_ids) if bound else reading.reference(written, context)
    if ref is None:
        return None
    if node.name == "recordaudio":
        reading.warn("form.kept", ref, "event", what=f"<{node.qualified}>")
    target = reading.expression(written, context, "ref") if "[" in written else None
    value = reading.expression(node.attributes.get("value"), ref, node.name)
    literal = "" if node.attributes.get("value", "").strip() else node.string_value().strip()
    return Action(ref, known, value, literal, trigger, repeat, target, node.name)


def read_body(
    reading: Reading, body: Node, root: str, bind_ids: dict[str, str]
) -> tuple[tuple[Element, ...], list[Action], dict[str, Repeat]]:
    """The body's elements, the actions in it and its repeats by nodeset. `root` is the root element's nodeset."""
    reader = _Body(reading, bind_ids)
    return reader.children(body, root, None, frozenset()), reader.actions, reader.repeats
