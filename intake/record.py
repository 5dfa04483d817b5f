"""Instance XML to record and back: the border between XML and what is stored. Nothing is lost on the way.

What counts as the same: element and attribute names with their namespaces, texts in NFC, the order of elements. What
does not: prefixes, comments, processing instructions, blanks between elements. The keys are described in
`intake.submission`. A key step is a local name in the root's namespace, 'prefix:name' with a prefix of the form, or
'{uri}name'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from intake.submission import Record, normalised
from validation.errors import DataError
from validation.form import Form
from validation.tree import NOT_XML, Node, parse, serialize

_STEP = re.compile(r"/(@?(?:\{[^}]*\})?[^/{}]+)")
_NAME = re.compile(r"[^\W\d][\w.\-\u00b7]*")
_MIXED, _ORDER = "node()", "order()"


def record_from_xml(xml: str | bytes, form: Form) -> Record:
    """The record of an instance. What the form does not know is kept.

    FormError when it is not XML (or declares entities), DataError when it is an instance of another form.
    """
    root = next(parse(xml).elements(), None)
    if root is None:
        raise DataError("submission.no_root")
    expected = _root_name(form)
    given = root.attributes.get("id", form.id)
    if root.name != expected or given != form.id:
        raise DataError("submission.other_form", found=given if root.name == expected else root.name, expected=form.id)
    shape = _Shape(form, root.namespace)
    record = shape.read(root, f"/{root.name}")
    if root.namespace:
        record[f"/{root.name}/@xmlns"] = root.namespace
    return normalised(record)


def xml_from_record(record: Mapping[str, object], form: Form) -> str:
    """The instance a record stands for, without XML declaration; the inverse of `record_from_xml`.

    DataError for a key outside the form's root or one that is no name, for a text XML cannot hold, and for what is
    no record.
    """
    whole = normalised(record)
    name = _root_name(form)
    namespace = whole.pop(f"/{name}/@xmlns", "")
    shape = _Shape(form, namespace if isinstance(namespace, str) else "")
    for key in whole:
        if key != f"/{name}" and not key.startswith(f"/{name}/"):
            raise DataError("submission.outside", where=key, root=f"/{name}")
    [root] = shape.children(name, f"/{name}", whole)
    return serialize(Node.document(root))


def _root_name(form: Form) -> str:
    return next(form.template.elements()).name if form.template.kind == "document" else form.template.name


class _Shape:
    """What reading and writing must agree on: names, which nodesets are lists, and the order of children."""

    def __init__(self, form: Form, namespace: str) -> None:
        self.namespace = namespace
        self.prefixes = {uri: prefix for prefix, uri in form.namespaces.items() if prefix and uri and uri != namespace}
        self.uris = {prefix: uri for uri, prefix in self.prefixes.items()}
        self.repeats = frozenset(form.repeats)
        self.order: dict[str, dict[str, int]] = {}
        for nodeset in form.binds:
            self._note(nodeset)
        tops = (form.template, *form.repeat_templates.values())
        for node in (node for top in tops for node in top.descendants() if node.kind == "element"):
            self._note(node.nodeset())

    def _note(self, nodeset: str) -> None:
        parent, _, name = nodeset.rpartition("/")
        while parent and name not in (known := self.order.setdefault(parent, {})):
            known[name] = len(known)
            parent, _, name = parent.rpartition("/")

    def rank(self, key: str, name: str) -> tuple[int, str]:
        """Where a child stands below `key`: as in the form, unknown ones last and by name."""
        known = self.order.get(key, {})
        return known.get(name, len(known)), name

    # --- reading

    def step(self, namespace: str, name: str) -> str:
        if namespace == self.namespace:
            return name
        return f"{self.prefixes[namespace]}:{name}" if namespace in self.prefixes else f"{{{namespace}}}{name}"

    def attribute(self, clark: str) -> str:
        namespace, _, name = clark[1:].rpartition("}") if clark.startswith("{") else ("", "", clark)
        if not namespace:
            return name
        return f"{self.prefixes[namespace]}:{name}" if namespace in self.prefixes else clark

    def read(self, node: Node, key: str) -> Record:
        record: Record = {}
        children = list(node.elements())
        if children and any(child.content.strip() for child in node.children if child.kind == "text"):
            return {f"{key}/{_MIXED}": _freeze(node)}
        for clark, value in node.attributes.items():
            record[f"{key}/@{self.attribute(clark)}"] = value
        if not children:
            record[key] = "".join(child.content for child in node.children if child.kind == "text")
            return record
        steps = [self.step(child.namespace, child.name) for child in children]
        named: dict[str, list[Node]] = {}
        for step, child in zip(steps, children, strict=True):
            named.setdefault(step, []).append(child)
        for step, nodes in named.items():
            below = f"{key}/{step}"
            if len(nodes) > 1 or below in self.repeats:
                record[below] = [self.read(child, below) for child in nodes]
            else:
                record.update(self.read(nodes[0], below))
        if steps != sorted(steps, key=lambda step: self.rank(key, step)):
            names = sorted(named)
            record[f"{key}/{_ORDER}"] = " ".join(str(names.index(step)) for step in steps)
        return record

    # --- writing

    def write(self, node: Node, key: str, record: Record) -> None:
        """Fill an element from the entries of a record at and below its key."""
        below: dict[str, Record] = {}
        order, text = "", ""
        for name, value in record.items():
            step = "" if name == key else self._next_step(key, name)
            if isinstance(value, list) or (step and name != f"{key}/{step}"):
                below.setdefault(step, {})[name] = value
            elif not step:
                text = value
            elif step == _ORDER:
                order = value
            elif step.startswith("@"):
                node.set_attribute(self._clark(step[1:], name), _checked(value, name))
            else:
                below.setdefault(step, {})[name] = value
        if text and below:
            raise DataError("submission.not_a_record", where=key)
        if text:
            node.append(Node.text(_checked(text, key)))
        children = {step: self.children(step, f"{key}/{step}", entries) for step, entries in below.items()}
        for child in self._ordered(children, key, order):
            node.append(child)

    def _next_step(self, key: str, name: str) -> str:
        match = _STEP.match(name, len(key)) if name.startswith(f"{key}/") else None
        if match is None:
            raise DataError("submission.outside", where=name, root=key)
        return match[1]

    def children(self, step: str, key: str, record: Record) -> list[Node]:
        """The element or elements a step stands for: one an entry where the record has a list there."""
        entries = record.get(key)
        if not isinstance(entries, list):
            return [self._child(step, key, record)]
        if len(record) > 1:
            raise DataError("submission.not_a_record", where=key)
        return [self._child(step, key, entry) for entry in entries]

    def _child(self, step: str, key: str, record: Record) -> Node:
        mixed = record.get(f"{key}/{_MIXED}")
        if isinstance(mixed, str) and len(record) == 1:
            return _thaw(mixed)
        namespace, prefix, name = self._names(step, key)
        child = Node.element(name, namespace=namespace, prefix=prefix)
        self.write(child, key, record)
        return child

    def _names(self, step: str, where: str) -> tuple[str, str, str]:
        """Namespace, prefix and local name of a key step."""
        namespace, prefix, name = self.namespace, "", step
        if step.startswith("{"):
            namespace, _, name = step[1:].rpartition("}")
        elif ":" in step:
            prefix, _, name = step.partition(":")
            namespace = self.uris.get(prefix, "")
        if not _NAME.fullmatch(name) or (prefix and not namespace):
            raise DataError("submission.not_a_name", where=where)
        return namespace, prefix, name

    def _clark(self, step: str, where: str) -> str:
        if not step.startswith("{") and ":" not in step:
            namespace, name = "", step
        else:
            namespace, _, name = self._names(step, where)
        if not _NAME.fullmatch(name) or name == "xmlns":
            raise DataError("submission.not_a_name", where=where)
        return f"{{{namespace}}}{name}" if namespace else name

    def _ordered(self, children: Mapping[str, list[Node]], key: str, order: str) -> Iterator[Node]:
        """The children as the form orders them, or as they stood when that was another order."""
        names = sorted(children)
        queues = {name: iter(children[name]) for name in names}
        for position in order.split():
            if position.isascii() and position.isdigit() and int(position) < len(names):
                yield from islice(queues[names[int(position)]], 1)
        for name in sorted(names, key=lambda name: self.rank(key, name)):
            yield from queues[name]


def _checked(text: str, where: str) -> str:
    if NOT_XML.search(text):
        raise DataError("submission.not_text", where=where)
    return text


def _freeze(node: Node) -> str:
    """An element that mixes text and elements, as XML that depends on nothing above it and that NFC leaves intact."""
    whole = node.copy()
    for item in [whole, *whole.descendants()]:
        item.prefix, item.namespaces = "", None  # written anew where they are needed
        for child in [child for child in item.children if child.kind in ("comment", "instruction")]:
            item.remove(child)
    return serialize(whole).replace(">\u0338", ">&#824;")  # NFC would join these two to one character


def _thaw(xml: str) -> Node:
    element = next(parse(xml).elements())
    element.root().remove(element)
    return element
