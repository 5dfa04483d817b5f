"""The core library of XPath 1.0 that is not about text or numbers (sections 4.1 and 4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validation.tree import XML_NAMESPACE, Node
from validation.xpath.axes import in_order
from validation.xpath.functions import Function
from validation.xpath.values import Value, nodes_of, text_of, to_boolean, to_string

if TYPE_CHECKING:
    from validation.xpath.evaluator import Context


def _last(context: Context) -> float:
    return float(context.size)


def _position(context: Context, *node: Value) -> float:
    """Without argument the place in the predicate's list; with a node (ODK) its place among siblings of its name."""
    if not node:
        return float(context.position)
    nodes = nodes_of(node[0])
    if not nodes:
        return float("nan")
    return float(place_among_siblings(nodes[0]))


def place_among_siblings(node: Node) -> int:
    """1-based place of an element among the siblings of its name; 1 for a node that hangs nowhere."""
    if node.parent is None:
        return 1
    count = 0
    for sibling in node.parent.children:
        if sibling.name == node.name and sibling.kind == node.kind and sibling.namespace == node.namespace:
            count += 1
        if sibling is node:
            break
    return max(count, 1)


def _count(_context: Context, nodes: Value) -> float:
    return float(len(nodes_of(nodes)))


def _id(context: Context, value: Value) -> list[Node]:
    texts = [text_of(node) for node in value] if isinstance(value, list) else [to_string(value)]
    wanted = {word for text in texts for word in text.split()}
    if not wanted:
        return []
    top = context.node.root()
    return in_order(node for node in top.descendants() if node.attributes.get("id") in wanted)


def _first(context: Context, value: tuple[Value, ...]) -> Node | None:
    if not value:
        return context.node
    nodes = nodes_of(value[0])
    return nodes[0] if nodes else None


def _local_name(context: Context, *value: Value) -> str:
    node = _first(context, value)
    return node.name if node is not None else ""


def _name(context: Context, *value: Value) -> str:
    node = _first(context, value)
    return node.qualified if node is not None else ""


def _namespace_uri(context: Context, *value: Value) -> str:
    node = _first(context, value)
    return node.namespace if node is not None else ""


def _boolean(_context: Context, value: Value) -> bool:
    return to_boolean(value)


def _not(_context: Context, value: Value) -> bool:
    return not to_boolean(value)


def _true(_context: Context) -> bool:
    return True


def _false(_context: Context) -> bool:
    return False


def _lang(context: Context, wanted: Value) -> bool:
    sought = to_string(wanted).lower()
    node: Node | None = context.node
    while node is not None:
        written = node.attributes.get(f"{{{XML_NAMESPACE}}}lang")
        if written is not None:
            return written.lower() == sought or written.lower().startswith(f"{sought}-")
        node = node.parent
    return False


FUNCTIONS = (
    Function("last", 0, 0, "number", "XPath 4.1", _last),
    Function("position", 0, 1, "number", "XPath 4.1, ODK fn:position", _position),
    Function("count", 1, 1, "number", "XPath 4.1", _count),
    Function("id", 1, 1, "nodes", "XPath 4.1", _id),
    Function("local-name", 0, 1, "string", "XPath 4.1", _local_name),
    Function("name", 0, 1, "string", "XPath 4.1", _name),
    Function("namespace-uri", 0, 1, "string", "XPath 4.1", _namespace_uri),
    Function("boolean", 1, 1, "boolean", "XPath 4.3", _boolean),
    Function("not", 1, 1, "boolean", "XPath 4.3", _not),
    Function("true", 0, 0, "boolean", "XPath 4.3", _true),
    Function("false", 0, 0, "boolean", "XPath 4.3", _false),
    Function("lang", 1, 1, "boolean", "XPath 4.3", _lang),
)
