"""ODK's expression language: one grammar, one typed tree, several readers.

from validation.xpath import evaluate
evaluate("count(/data/child)", "<data><child/></data>").number()
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from validation import tree
from validation.errors import Problem, XPathError
from validation.tree import Node
from validation.xpath.evaluator import Context, evaluate_tree
from validation.xpath.evaluator import Value as RawValue
from validation.xpath.parser import Expression, parse
from validation.xpath.syntax import calls_in
from validation.xpath.values import to_boolean, to_number, to_string

__all__ = ["Value", "evaluate"]


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression gave, readable as any type of XPath. `raw` is the value itself, `zone` the clock of dates."""

    raw: RawValue
    zone: tzinfo = UTC

    def boolean(self) -> bool:
        """Its truth: not zero, not NaN, not empty."""
        return to_boolean(self.raw)

    def number(self) -> float:
        """Its number, NaN where it is none; dates as days since 1970."""
        return to_number(self.raw, self.zone)

    def string(self) -> str:
        """Its text; of nodes that of the first, '' where there is none or it is not relevant."""
        return to_string(self.raw)

    def nodeset(self) -> list[str]:
        """The nodes as paths by position: ['/*[1]/*[2]', …]. XPathError where the value is no node-set."""
        return [node.positions() for node in self.nodes()]

    def nodes(self) -> list[Node]:
        """The nodes themselves. XPathError where the value is no node-set."""
        if not isinstance(self.raw, list):
            raise XPathError(Problem("xpath.nodes_expected", fields={"name": ""}))
        return self.raw


def evaluate(
    expression: str | Expression,
    document: str | bytes | Node | None = None,
    context: str | Node = "/",
    *,
    root: str | Node | None = None,
    language: str | None = None,
    now: datetime | None = None,
    tz: str | tzinfo | None = None,
) -> Value:
    """Evaluate one expression against a document.

    `context` and `root` are nodes or expressions that find one; absolute paths go out from `root`, the document where
    it is None. `<instance id>` elements of the document answer instance('id'), its `<itext>` answers jr:itext in
    `language` (the first translation where it is None). `now` None makes now() and today() an error; `tz` is the
    clock of dates (a name or a zone; that of `now`, else UTC). XPathError, or FormError where the document is none.
    """
    zone = _zone(tz, now)
    parsed = expression if isinstance(expression, Expression) else parse(expression)
    if document is None:
        top = Node.document(Node.element("root"))
    else:
        top = (document if isinstance(document, Node) else tree.parse(document)).root()
    base = Context(node=top, root=top, tz=zone)
    calls = calls_in(parsed.tree)
    where = Context(
        node=_find(context, base),
        root=_find(root, base) if root is not None else top,
        now=now.replace(tzinfo=zone) if now is not None and now.tzinfo is None else now,
        tz=zone,
        language=language,
        instances=_instances(top) if calls & {"instance", "pulldata"} else {},
        itext=_itext(top, language) if "jr:itext" in calls else None,
        random=random.SystemRandom(),
    )
    return Value(evaluate_tree(parsed, where), zone)


def _zone(tz: str | tzinfo | None, now: datetime | None) -> tzinfo:
    if isinstance(tz, str):
        try:
            return ZoneInfo(tz)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise XPathError(Problem("xpath.zone", fields={"zone": tz})) from None
    return tz or (now.tzinfo if now is not None and now.tzinfo is not None else UTC)


def _find(place: str | Node, base: Context) -> Node:
    if isinstance(place, Node):
        return place
    found = evaluate_tree(parse(place), base)
    if not isinstance(found, list) or not found:
        raise XPathError(Problem("xpath.no_context", fields={"path": place}), place)
    return found[0]


def _instances(top: Node) -> dict[str, Node]:
    return {
        node.attributes["id"]: node
        for node in top.descendants()
        if node.name == "instance" and node.kind == "element" and "id" in node.attributes
    }


def _itext(top: Node, language: str | None) -> Callable[[str], str | list[Node]] | None:
    translations = [node for node in top.descendants() if node.kind == "element" and node.name == "translation"]
    chosen = [node for node in translations if language in (None, node.attributes.get("lang"))]
    if not translations:
        return None

    def look_up(name: str) -> list[Node]:
        texts = (text for text in (chosen or translations)[0].elements() if text.attributes.get("id") == name)
        return [value for text in texts for value in text.elements() if "form" not in value.attributes][:1]

    return look_up
