"""From a node along an axis to the nodes that pass a test (XPath 1.0, sections 2.2 and 2.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from validation.tree import MANY, Node

NodeTest = Callable[[Node], bool]


def along(axis: str, node: Node) -> Iterable[Node]:
    """The nodes of an axis in its own order: forward axes in document order, reverse axes backwards."""
    return _AXES[axis](node)


REVERSE = frozenset({"ancestor", "ancestor-or-self", "preceding", "preceding-sibling"})
# From nodes in document order, none of which contains another, these give document order without sorting.
ORDERLY = frozenset({"child", "self", "attribute"})


def _child(node: Node) -> Iterable[Node]:
    return node.children


def _descendant(node: Node) -> Iterable[Node]:
    return node.descendants()


def _descendant_or_self(node: Node) -> Iterator[Node]:
    yield node
    yield from node.descendants()


def _parent(node: Node) -> Iterable[Node]:
    return (node.parent,) if node.parent is not None else ()


def _ancestor(node: Node) -> Iterator[Node]:
    above = node.parent
    while above is not None:
        yield above
        above = above.parent


def _ancestor_or_self(node: Node) -> Iterator[Node]:
    yield node
    yield from _ancestor(node)


def _siblings(node: Node) -> tuple[list[Node], int]:
    """The siblings with the node's own place among them; attributes and the document have none."""
    if node.parent is None or node.kind == "attribute":
        return [], 0
    siblings = node.parent.children
    return siblings, next(index for index, sibling in enumerate(siblings) if sibling is node)


def _following_sibling(node: Node) -> Iterable[Node]:
    siblings, index = _siblings(node)
    return siblings[index + 1 :]


def _preceding_sibling(node: Node) -> Iterable[Node]:
    siblings, index = _siblings(node)
    return siblings[:index][::-1]


def _following(node: Node) -> Iterator[Node]:
    if node.kind == "attribute" and node.parent is not None:
        node = node.parent
        yield from node.descendants()
    for above in _ancestor_or_self(node):
        for sibling in _following_sibling(above):
            yield from _descendant_or_self(sibling)


def _preceding(node: Node) -> Iterator[Node]:
    if node.kind == "attribute" and node.parent is not None:
        node = node.parent
    for above in _ancestor_or_self(node):
        for sibling in _preceding_sibling(above):
            yield from reversed(list(_descendant_or_self(sibling)))


def _attribute(node: Node) -> Iterable[Node]:
    return node.attribute_nodes()


def _namespace(_node: Node) -> Iterable[Node]:
    """Namespaces are no nodes in ODK's clients; the axis is known and empty."""
    return ()


def _self(node: Node) -> Iterable[Node]:
    return (node,)


_AXES: dict[str, Callable[[Node], Iterable[Node]]] = {
    "ancestor": _ancestor,
    "ancestor-or-self": _ancestor_or_self,
    "attribute": _attribute,
    "child": _child,
    "descendant": _descendant,
    "descendant-or-self": _descendant_or_self,
    "following": _following,
    "following-sibling": _following_sibling,
    "namespace": _namespace,
    "parent": _parent,
    "preceding": _preceding,
    "preceding-sibling": _preceding_sibling,
    "self": _self,
}


def in_order(nodes: Iterable[Node]) -> list[Node]:
    """The nodes once each, in document order; parts that hang in different trees keep the order of first sight."""
    unique = {id(node): node for node in nodes}
    if len(unique) < 2:
        return list(unique.values())
    found = _met(unique) if len(unique) > MANY else None
    if found is not None:
        return found
    places: dict[int, dict[int, int]] = {}
    trees: dict[int, int] = {}
    return sorted(unique.values(), key=lambda node: _place(node, places, trees))


def siblings(nodes: list[Node]) -> bool:
    """Whether all nodes hang in one node, so that none contains another."""
    above = nodes[0].parent if nodes else None
    return above is not None and all(node.parent is above for node in nodes)


def _met(unique: dict[int, Node]) -> list[Node] | None:
    """The nodes in the order in which a walk through their tree meets them; None where sorting is the shorter way:
    attributes among them, several trees, or few nodes in a large tree.
    """
    nodes = list(unique.values())
    if any(node.kind == "attribute" for node in nodes):
        return None
    above = nodes[0].parent
    if above is not None and siblings(nodes):
        return [node for node in above.children if id(node) in unique]
    top = nodes[0].root()
    found = [top] if id(top) in unique else []
    found.extend(node for node in islice(top.descendants(), _WALK * len(nodes)) if id(node) in unique)
    return found if len(found) == len(nodes) else None


_WALK = 10  # nodes met in the time that sorting takes for one


def _place(node: Node, places: dict[int, dict[int, int]], trees: dict[int, int]) -> tuple[int, ...]:
    steps: list[int] = []
    while node.parent is not None:
        above = node.parent
        if node.kind == "attribute":
            steps.append(-1_000_000 + list(above.attributes).index(node.content))
        else:
            known = places.get(id(above))
            if known is None:
                known = places[id(above)] = {id(child): index for index, child in enumerate(above.children)}
            steps.append(known[id(node)])
        node = above
    steps.append(trees.setdefault(id(node), len(trees)))
    return tuple(reversed(steps))
