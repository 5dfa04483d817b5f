"""The node tree: instances, secondary instances and any other XML; the only door to lxml.

lxml parses and serialises; everything between works on these nodes, because an interview changes them at every
keystroke and needs per-node state (relevance, entry ids) that an lxml element cannot carry. Documents that declare
a DTD or entities are refused.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Literal, cast

from lxml import etree

from validation.errors import FormError, Place, Problem

Kind = Literal["document", "element", "text", "comment", "instruction", "attribute"]

XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""A character that no XML document can hold."""

_DECLARING = re.compile(r"""(?:\s|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE(?!\s+[^\s\[\]<>"']+\s*>)""", re.DOTALL)


class Node:
    """One node. Elements and documents have children; the other kinds hold their text in `content`.

    `name` is the local name ('' for documents, text and comments), `namespace` its URI or '', `prefix` as written.
    `attributes` maps 'name' or '{uri}name' to text, a new one comes by `set_attribute`. `namespaces` are the
    declarations written on this element.
    `relevant` False makes the node and all below it read as empty in expressions. `entry` is the stable id of a
    repeat entry; None means the node is none. Change `children` only through append, insert, remove and `value`.
    """

    __slots__ = (
        "_attribute_nodes",
        "_named",
        "attributes",
        "children",
        "content",
        "entry",
        "kind",
        "name",
        "namespace",
        "namespaces",
        "parent",
        "prefix",
        "relevant",
    )

    def __init__(self, kind: Kind, name: str = "", namespace: str = "", prefix: str = "", content: str = "") -> None:
        self.kind: Kind = kind
        self.name = name
        self.namespace = namespace
        self.prefix = prefix
        self.content = content
        self.parent: Node | None = None
        self.children: list[Node] = [] if kind in _INNER else _NO_CHILDREN
        self.attributes: dict[str, str] = _NO_ATTRIBUTES
        self.namespaces: dict[str, str] | None = None
        self.relevant = True
        self.entry: str | None = None
        self._attribute_nodes: dict[str, Node] | None = None
        self._named: dict[str, list[Node]] | None = None

    def __repr__(self) -> str:
        return f"<Node {self.kind} {self.positions()}>"

    @classmethod
    def document(cls, element: Node | None = None) -> Node:
        """A document node, holding `element` where one is given."""
        made = cls("document")
        if element is not None:
            made.append(element)
        return made

    @classmethod
    def element(cls, name: str, value: str = "", *, namespace: str = "", prefix: str = "") -> Node:
        """An element without parent; `value` becomes its text."""
        made = cls("element", name, namespace, prefix)
        if value:
            made.value = value
        return made

    @classmethod
    def text(cls, content: str) -> Node:
        """A text node without parent."""
        return cls("text", content=content)

    # --- reading

    @property
    def qualified(self) -> str:
        """The name as written: 'name' or 'prefix:name'."""
        return f"{self.prefix}:{self.name}" if self.prefix else self.name

    def elements(self) -> Iterator[Node]:
        """The element children in order."""
        return (child for child in self.children if child.kind == "element")

    def child(self, name: str) -> Node | None:
        """The first element child with this local name, or None."""
        for child in self.children:
            if child.name == name and child.kind == "element":
                return child
        return None

    def named(self, name: str) -> list[Node]:
        """The element children with this local name in order; looked up, not searched for, where there are many.

        The list may be the node's own: read it, never change it.
        """
        children = self.children
        if len(children) < MANY:
            return [child for child in children if child.name == name and child.kind == "element"]
        index = self._named
        if index is None:
            index = self._named = {}
            for child in children:
                if child.kind == "element":
                    index.setdefault(child.name, []).append(child)
        return index.get(name, _NO_CHILDREN)

    def descendants(self) -> Iterator[Node]:
        """Every node below this one in document order (attributes are not among them)."""
        stack = self.children[::-1]
        while stack:
            node = stack.pop()
            yield node
            if node.children:
                stack.extend(node.children[::-1])

    def string_value(self) -> str:
        """The text of the node as XPath 1.0 defines it (section 5); relevance is not looked at."""
        if self.kind == "attribute":
            return self.parent.attributes.get(self.content, "") if self.parent else ""
        if self.kind not in _INNER:
            return self.content
        children = self.children
        if not children:
            return ""
        if len(children) == 1 and children[0].kind == "text":
            return children[0].content
        return "".join(node.content for node in self.descendants() if node.kind == "text")

    @property
    def value(self) -> str:
        """The text of a leaf. Setting it replaces whatever the node held; '' leaves it without children."""
        return self.string_value()

    @value.setter
    def value(self, text: str) -> None:
        if self.kind not in _INNER:
            if self.kind == "attribute" and self.parent is not None:
                self.parent.attributes[self.content] = text
            else:
                self.content = text
            return
        for child in self.children:
            child.parent = None
        self.children = []
        self._named = None
        if text:
            self.append(Node.text(text))

    def is_relevant(self) -> bool:
        """False where this node or one above it is not relevant."""
        node: Node | None = self
        while node is not None:
            if not node.relevant:
                return False
            node = node.parent
        return True

    def root(self) -> Node:
        """The topmost node: the document, or the top of a part that hangs nowhere."""
        node = self
        while node.parent is not None:
            node = node.parent
        return node

    def path(self) -> str:
        """'/data/child[2]/name': positions only at repeat entries and where several siblings share the name."""
        return self._written(lambda node: node.qualified + node._position(only_if_needed=True))

    def nodeset(self) -> str:
        """'/data/child/name': the path without positions."""
        return self._written(lambda node: node.qualified)

    def positions(self) -> str:
        """'/*[1]/*[2]': the path by position only; text()[n], comment()[n], @name for other kinds; '/' the document."""
        steps: list[str] = []
        node: Node = self
        while node.parent is not None:
            if node.kind == "attribute":
                steps.append(f"@{node.qualified}")
            else:
                test = {"element": "*", "instruction": "processing-instruction()"}.get(node.kind, f"{node.kind}()")
                same = [child for child in node.parent.children if child.kind == node.kind]
                steps.append(f"{test}[{_index(same, node) + 1}]")
            node = node.parent
        if node.kind == "element":
            steps.append("*[1]")
        return "/" + "/".join(reversed(steps))

    def _written(self, label: Callable[[Node], str]) -> str:
        steps: list[str] = []
        node: Node | None = self
        while node is not None and node.kind != "document":
            if node.kind == "attribute":
                steps.append(f"@{node.qualified}")
            elif node.kind == "element":
                steps.append(label(node))
            node = node.parent
        return "/" + "/".join(reversed(steps))

    def _position(self, *, only_if_needed: bool) -> str:
        if self.parent is None:
            return ""
        same = [c for c in self.parent.children if c.name == self.name and c.namespace == self.namespace]
        if only_if_needed and len(same) < 2 and self.entry is None:
            return ""
        return f"[{_index(same, self) + 1}]"

    # --- attributes and namespaces

    def attribute_nodes(self) -> list[Node]:
        """The attributes as nodes, the same objects at every call while they exist."""
        if not self.attributes:
            return []
        known = self._attribute_nodes
        if known is None:
            known = self._attribute_nodes = {}
        nodes: list[Node] = []
        for key in self.attributes:
            node = known.get(key)
            if node is None:
                namespace, _, name = key[1:].rpartition("}") if key.startswith("{") else ("", "", key)
                node = Node("attribute", name, namespace, self.prefix_of(namespace), content=key)
                node.parent = self
                known[key] = node
            nodes.append(node)
        return nodes

    def namespaces_in_scope(self) -> dict[str, str]:
        """{prefix: URI} of every declaration that holds here, the default one under ''."""
        found: dict[str, str] = {}
        node: Node | None = self
        while node is not None:
            if node.namespaces:
                for prefix, uri in node.namespaces.items():
                    found.setdefault(prefix, uri)
            node = node.parent
        found["xml"] = XML_NAMESPACE
        return found

    def prefix_of(self, namespace: str) -> str:
        """A prefix that stands for a namespace here, or ''."""
        if not namespace:
            return ""
        scope = self.namespaces_in_scope()
        return next((prefix for prefix, uri in scope.items() if uri == namespace and prefix), "")

    # --- changing

    def append(self, node: Node) -> None:
        """Put a node last. A node that hangs elsewhere is taken from there."""
        self.insert(len(self.children), node)

    def insert(self, index: int, node: Node) -> None:
        """Put a node before the child at `index`. A node that hangs elsewhere is taken from there.

        ValueError where this node is of a kind that has no children.
        """
        if self.kind not in _INNER:
            raise ValueError(f"a node of kind {self.kind} has no children")
        if node.parent is not None:
            if node.parent is self and _index(self.children, node) < index:
                index -= 1
            node.parent.remove(node)
        node.parent = self
        self.children.insert(index, node)
        self._named = None

    def remove(self, node: Node) -> None:
        """Take a child away. ValueError where it is none."""
        del self.children[_index(self.children, node)]
        self._named = None
        node.parent = None

    def keep(self, children: list[Node]) -> None:
        """Keep only these of the children, in their order."""
        self.children = children
        self._named = None

    def copy(self) -> Node:
        """A deep copy without parent; relevance and entry ids are copied too."""
        made = self.shallow()
        pairs = [(self, made)]
        while pairs:
            source, target = pairs.pop()
            for child in source.children:
                twin = child.shallow()
                twin.parent = target
                target.children.append(twin)
                if child.children:
                    pairs.append((child, twin))
        return made

    def set_attribute(self, name: str, text: str) -> None:
        """Write an attribute, 'name' or '{uri}name'."""
        if self.attributes is _NO_ATTRIBUTES:
            self.attributes = {}
        self.attributes[name] = text

    def dissolve(self) -> None:
        """Let go of everything below, which is freed at once: nodes hold their parents, so without this they would
        wait for the next search for circular garbage. Who still holds one of them holds it without parent."""
        for node in list(self.descendants()):
            node.parent = None

    def shallow(self) -> Node:
        """The node alone: without what hangs below it and without parent."""
        twin = Node(self.kind, self.name, self.namespace, self.prefix, self.content)
        if self.attributes:
            twin.attributes = dict(self.attributes)
        twin.namespaces = dict(self.namespaces) if self.namespaces else None
        twin.relevant = self.relevant
        twin.entry = self.entry
        return twin


MANY = 16
"""From so many children on an index by name pays."""

_INNER = frozenset({"document", "element"})
# Shared and never written to: a large list of choices would otherwise spend most of its time and memory on them.
_NO_CHILDREN: list[Node] = []
_NO_ATTRIBUTES = cast("dict[str, str]", MappingProxyType({}))


def _index(nodes: list[Node], wanted: Node) -> int:
    for index, node in enumerate(nodes):
        if node is wanted:
            return index
    raise ValueError("not a child of this node")


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for circular garbage while a large tree is made: all of it stays, and looking costs half the time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            if not gc.get_freeze_count():  # what was made counts as old at once, or it would be looked at three times
                gc.freeze()
                gc.unfreeze()
            gc.enable()


@uncollected()
def parse(xml: str | bytes) -> Node:
    """The document node of an XML text. FormError `form.dtd`, `form.too_deep` or `form.not_xml` where it is refused.

    A document type that declares nothing and points nowhere (`<!DOCTYPE html>`) is harmless and let through.
    """
    tree = _parsed(xml)
    if _declares(tree):
        raise FormError([Problem("form.dtd")])
    return _read(tree)


def _parsed(xml: str | bytes) -> etree._ElementTree:
    try:
        data = xml.encode("utf-8") if isinstance(xml, str) else xml
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
            load_dtd=False,
            dtd_validation=False,
            encoding="utf-8" if isinstance(xml, str) else None,
        )
        return etree.ElementTree(etree.fromstring(data, parser))
    except etree.XMLSyntaxError as error:
        raise FormError([_problem(error)]) from None
    except (UnicodeEncodeError, ValueError, LookupError):
        raise FormError([Problem("form.not_xml", fields={"line": "1"})]) from None


def _declares(tree: etree._ElementTree) -> bool:
    return tree.docinfo.internalDTD is not None and bool(_DECLARING.match(etree.tostring(tree, encoding="unicode")))


def _problem(error: etree.XMLSyntaxError) -> Problem:
    line = error.lineno or 1
    said = str(error)
    if "Excessive depth" in said:
        return Problem("form.too_deep", Place(row=line))
    if "ntity" in said and "defined" not in said:
        return Problem("form.dtd", Place(row=line))
    return Problem("form.not_xml", Place(row=line), {"line": str(line)})


def _read(tree: etree._ElementTree) -> Node:
    document = Node("document")
    top = tree.getroot()
    if next(top.iter(etree.Entity), None) is not None:
        raise FormError([Problem("form.dtd")])
    before = list(top.itersiblings(preceding=True))[::-1]
    for item in before:
        _hang(document, _other(item))
    _read_element(top, document)
    for item in top.itersiblings():
        _hang(document, _other(item))
    return document


def _read_element(top: etree._Element, parent: Node) -> None:
    """Read an element and all below it. What each declares is asked of the walk: `nsmap` costs a dict an element."""
    names: dict[str, tuple[str, str]] = {}
    prefixes: dict[str | None, str] = {None: ""}
    declared: dict[str, str] = {}
    node = parent
    walk: Iterator[tuple[str, Any]] = etree.iterwalk(top, events=("start", "end", "comment", "pi", "start-ns"))
    for event, item in walk:
        if event == "start":
            tag = item.tag
            known = names.get(tag)
            if known is None:
                known = names[tag] = _split(tag)
            prefix = item.prefix
            made = Node("element", known[1], known[0], prefixes.setdefault(prefix, prefix or ""))
            attributes = item.attrib
            if attributes:
                made.attributes = dict(attributes)
            if declared:
                made.namespaces, declared = declared, {}
            made.parent = node
            node.children.append(made)
            node = made
            text = item.text
        elif event == "end":
            text = item.tail if item is not top else None
            node = node.parent or parent
        elif event == "start-ns":
            declared[item[0] or ""] = item[1] or ""
            continue
        else:
            _hang(node, _other(item))
            text = item.tail
        if text:
            made = Node("text", "", "", "", text)
            made.parent = node
            node.children.append(made)


def _hang(parent: Node, child: Node) -> None:
    child.parent = parent
    parent.children.append(child)


def _split(tag: str) -> tuple[str, str]:
    """Namespace and local name of a Clark name."""
    namespace, _, name = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
    return namespace, name


def _other(item: etree._Element) -> Node:
    """A comment or an instruction."""
    if isinstance(item, etree._ProcessingInstruction):
        return Node("instruction", name=str(item.target), content=item.text or "")
    return Node("comment", content=item.text or "")


def serialize(node: Node, *, declaration: bool = False) -> str:
    """The XML text of a document or element: prefixes, declarations, attributes and mixed content as they were."""
    out: list[str] = ['<?xml version="1.0" encoding="UTF-8"?>\n'] if declaration else []
    work: list[tuple[Node, dict[str, str]] | str] = [(node, node.namespaces_in_scope())]
    while work:
        entry = work.pop()
        if isinstance(entry, str):
            out.append(entry)
            continue
        item, scope = entry
        if item.kind == "element":
            start, end, scope = _tags(item, scope, top=item is node)
            if item.children:
                out.append(start + ">")
                work.append(end)
                work.extend((child, scope) for child in reversed(item.children))
            else:
                out.append(start + "/>")
        elif item.kind == "document":
            work.extend((child, scope) for child in reversed(item.children))
        elif item.kind == "text":
            out.append(_escape(item.content))
        elif item.kind == "comment":
            out.append(f"<!--{item.content}-->")
        elif item.kind == "instruction":
            out.append(f"<?{item.name} {item.content}?>" if item.content else f"<?{item.name}?>")
    return "".join(out)


def _tags(item: Node, above: dict[str, str], *, top: bool) -> tuple[str, str, dict[str, str]]:
    """Start tag without its end, end tag, and the declarations that hold inside."""
    declared = dict(item.namespaces or {})
    if top:  # a part cut out of a document must carry what is declared above it
        declared = {prefix: uri for prefix, uri in above.items() if prefix != "xml" and uri}
    scope = {**above, **declared} if declared else above
    if scope.get(item.prefix, "") != item.namespace:
        declared[item.prefix] = item.namespace
        scope = {**scope, item.prefix: item.namespace}
    attributes: list[str] = []
    for key, value in item.attributes.items():
        namespace, _, name = key[1:].rpartition("}") if key.startswith("{") else ("", "", key)
        if namespace:
            used = next((p for p, uri in scope.items() if uri == namespace and p), "")
            if not used:
                used = next(f"ns{n}" for n in range(len(scope) + 1) if f"ns{n}" not in scope)
                declared[used] = namespace
                scope = {**scope, used: namespace}
            name = f"{used}:{name}"
        attributes.append(f' {name}="{_escape(value, attribute=True)}"')
    written = "".join(
        f' xmlns{":" if prefix else ""}{prefix}="{_escape(uri, attribute=True)}"' for prefix, uri in declared.items()
    )
    return f"<{item.qualified}{written}{''.join(attributes)}", f"</{item.qualified}>", scope


def _escape(text: str, *, attribute: bool = False) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    if attribute:
        text = text.replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
    return text
