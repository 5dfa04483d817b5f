"""ODK's functions on nodes: where they are, other instances, repeats, shuffling."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from validation.tree import Node
from validation.xpath.functions import Function
from validation.xpath.functions.core import place_among_siblings
from validation.xpath.values import Refusal, Value, nodes_of, text_of, to_string

if TYPE_CHECKING:
    from validation.xpath.evaluator import Context

Thunk = Callable[[], Value]


def _current(context: Context) -> list[Node]:
    return [context.current if context.current is not None else context.node]


def _instance(context: Context, name: Value) -> list[Node]:
    return [_named(context, to_string(name))]


def _named(context: Context, name: str) -> Node:
    node = context.instances.get(name)
    if node is None:
        raise Refusal("unknown_instance", known=", ".join(sorted(context.instances)) or "–")
    return node


def _pulldata(context: Context, name: Value, column: Value, key_column: Value, key: Value) -> str:
    """The cell of a column in the first item of an instance whose key column holds the key; '' where there is none."""
    top = _named(context, to_string(name))
    wanted, sought, value = to_string(column), to_string(key_column), to_string(key)
    root = next(top.elements(), None)
    for item in root.elements() if root is not None else ():
        held = item.child(sought)
        if held is not None and text_of(held) == value:
            cell = item.child(wanted)
            return text_of(cell) if cell is not None else ""
    return ""


def _count_non_empty(_context: Context, nodes: Value) -> float:
    return float(sum(1 for node in nodes_of(nodes) if text_of(node)))


def _once(context: Context, value: Thunk) -> Value:
    """What the node already holds; where it holds nothing, the value."""
    return text_of(context.node) or value()


def _indexed_repeat(context: Context, target: Thunk, *pairs: Thunk) -> list[Node]:
    """The target inside the entries that (repeat, index) pairs choose, the outermost first; up to three."""
    found = nodes_of(target())
    for repeat, index in zip(pairs[::2], pairs[1::2], strict=True):
        entries = {id(node): node for node in nodes_of(repeat())}
        wanted = context.number(index())
        kept = [node for node in found if _entry_place(node, entries) == wanted]
        found = kept
    if len(found) > 1:
        found = _nearest(found, context.node)
    return found


def _entry_place(node: Node, entries: dict[int, Node]) -> int:
    above: Node | None = node
    while above is not None:
        if id(above) in entries:
            return place_among_siblings(above)
        above = above.parent
    return 0


def _nearest(nodes: list[Node], here: Node) -> list[Node]:
    """Those that share most of the way down with the context: a repeat left without index means the entry we are in."""
    around: dict[int, int] = {}
    lineage: list[Node] = []
    node: Node | None = here
    while node is not None:
        lineage.append(node)
        node = node.parent
    for depth, above in enumerate(reversed(lineage)):
        around[id(above)] = depth

    def shared(candidate: Node) -> int:
        above: Node | None = candidate
        while above is not None:
            if id(above) in around:
                return around[id(above)]
            above = above.parent
        return -1

    best = max(shared(candidate) for candidate in nodes)
    return [candidate for candidate in nodes if shared(candidate) == best]


_MODULUS = 2_147_483_647
_LONGEST = 2**63 - 1


def _randomize(context: Context, nodes: Value, *seed: Value) -> list[Node]:
    """The nodes shuffled: Fisher and Yates inside out, drawn by Park and Miller's generator, as ODK's clients do."""
    given = nodes_of(nodes)
    if seed:
        state = _seed(context, seed[0])
    elif context.random is None:
        raise Refusal("no_random")
    else:
        state = context.random.randrange(1, _MODULUS)
    shuffled: list[Node] = []
    for place, node in enumerate(given):
        state = state * 16807 % _MODULUS
        other = int((state - 1) / (_MODULUS - 1) * (place + 1))
        shuffled.append(node)
        shuffled[place], shuffled[other] = shuffled[other], node
    return shuffled


def _seed(context: Context, value: Value) -> int:
    number = context.number(value)
    text = "" if isinstance(value, float) else to_string(value)
    if math.isnan(number):
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        whole = int.from_bytes(digest[:8], "big", signed=True) if text else 0
    elif math.isinf(number):
        whole = _LONGEST if number > 0 else -_LONGEST - 1
    else:
        whole = math.trunc(number)
    state = abs(whole) % _MODULUS * (1 if whole > 0 else -1)
    return state + _MODULUS - 1 if state <= 0 else state


FUNCTIONS = (
    Function("current", 0, 0, "nodes", "XForms 1.1 7.10.2", _current),
    Function("instance", 1, 1, "nodes", "ODK fn:instance", _instance),
    Function("pulldata", 4, 4, "string", "ODK fn:pulldata", _pulldata),
    Function("count-non-empty", 1, 1, "number", "ODK fn:count-non-empty", _count_non_empty),
    Function("once", 1, 1, "any", "ODK fn:once", _once, lazy=True),
    Function("indexed-repeat", 3, 7, "nodes", "ODK fn:indexed-repeat", _indexed_repeat, lazy=True, step=2),
    Function("randomize", 1, 2, "nodes", "ODK fn:randomize", _randomize),
)
